// Which files are deployed together. Scopes come from `assay.yaml`, else from kustomizations and chart
// roots, else from the smallest directories that separate equal addresses. The plan is made from the text
// of all candidates under the base, also of those that are not audited now, so that auditing a parent or
// a child names scopes equally.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/diagnostic.hpp"
#include "engine/report.hpp"
#include "engine/value.hpp"

namespace assay {

// A scope as `assay.yaml` states it; patterns are gitignore's, relative to the base.
struct ScopeSetting {
  std::string name;
  std::vector<std::string> paths;
  std::string environment;
  std::vector<std::string> closed_world;
  Span span;
};

// One candidate: its name and the hashes of what it holds (parsers/candidate).
struct ScopedFile {
  std::string name;
  std::vector<std::uint64_t> addresses;
};

// A kustomization file, parsed.
struct Kustomization {
  std::string name;  // of the file
  Value root;        // no value: it could not be read
  bool audited = true;  // false: it only tells scopes apart, and nothing is said about it
};

struct ScopePlan {
  // Scope name of each file that was given, by file name.
  std::map<std::string, std::string, std::less<>> scope_of;
  // Scopes that hold equal addresses: each is an environment of its own.
  std::set<std::string> apart;
  // Patches and generator inputs of kustomizations: no manifests of their own.
  std::set<std::string, std::less<>> fragments;
  std::vector<NotAssessed> not_assessed;  // overlays that need rendering
};

ScopePlan plan_scopes(const std::vector<ScopedFile>& files, const std::vector<Kustomization>& kustomizations,
                      const std::vector<std::string>& chart_roots, const std::vector<ScopeSetting>& settings,
                      Diagnostics& diagnostics);

}  // namespace assay

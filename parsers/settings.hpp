// `assay.yaml`: what a repository says about its own audit. Read with the parser of everything else, so
// that a mistake in it gets the same caret as a mistake in a manifest.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/diagnostic.hpp"
#include "engine/report.hpp"
#include "parsers/document.hpp"
#include "parsers/scopes.hpp"
#include "parsers/walk.hpp"

namespace assay {

struct Settings {
  std::string name;                      // of the file as reports show it; empty: there is none
  std::string directory;                 // of the file, to open what it names; absolute
  std::string profile;                   // a name, or a path relative to the file
  std::map<std::string, Value> params;   // `name` or `rule/id.name`
  // Words as `--fail-on`, `--unknown`, `--incomplete`, `--if-empty` and `--min-coverage` take them; empty: not stated.
  struct Thresholds {
    std::string fail_on, unknown, incomplete, if_empty, min_coverage;
  } thresholds;
  std::string exclude;                   // patterns, one a line
  std::string exclude_base;              // what they are relative to: "" or a name that ends with `/`
  std::vector<ScopeSetting> scopes;      // paths relative to the base
  std::map<std::string, std::string> environment_of;  // scope -> environment
  std::vector<std::string> closed_world;              // resource types, for every scope
  std::vector<Waiver> waivers;
  ParsedFile file;                       // keeps the values
};

// The nearest assay.yaml from a path up to the base; empty: none.
std::string find_settings(const Base& base, const std::string& path);

// Mistakes are errors; who calls decides what follows from them.
Settings read_settings(const std::string& path, const Base& base, Sources& sources, Diagnostics& diagnostics);

}  // namespace assay

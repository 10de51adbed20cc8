// A session: the one way from paths to a report: walk, read, parse, scopes, graph, audit. What commands
// differ in is what they do with it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/rulebook.hpp"
#include "engine/graph.hpp"
#include "engine/report.hpp"
#include "parsers/document.hpp"
#include "parsers/settings.hpp"

namespace assay {

struct SessionOptions {
  std::vector<std::string> paths;     // files, directories, "-"; none: the current directory
  std::vector<std::string> context;   // seen by rules, not judged
  std::vector<std::string> rules;     // directories of the user's own rules
  std::string profile;                // name or file; empty: the settings', else `default`
  std::vector<std::string> only, skip, families;
  std::vector<std::pair<std::string, std::string>> params;  // name, value as YAML
  std::string as_of;                  // YYYY-MM-DD
  unsigned jobs = 1;
  ParseLimits limits;
};

// INVARIANT: the report points into everything else here.
struct Session {
  Sources sources;
  Rulebook rulebook;
  Settings settings;
  std::vector<ParsedFile> files;      // of inputs, and of parameters
  Graph graph;
  Report report;
  // Wrong usage or configuration: nothing was audited, the mistakes are in the report's diagnostics.
  bool misconfigured = false;
};

std::unique_ptr<Session> run_session(const SessionOptions& options);

// Today in UTC, or SOURCE_DATE_EPOCH's day. Empty: the variable holds no number.
std::string default_audit_date();

}  // namespace assay

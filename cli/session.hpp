// A session: the one way from paths to a graph (walk, read, parse, scopes), and on to a report (audit). What
// commands differ in is what they do with it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/rulebook.hpp"
#include "cli/terraform.hpp"
#include "engine/graph.hpp"
#include "engine/report.hpp"
#include "parsers/document.hpp"
#include "parsers/settings.hpp"
#include "parsers/waivers.hpp"

namespace assay {

struct SessionOptions {
  std::vector<std::string> paths;     // files, directories, "-"; none: the current directory
  std::vector<std::string> context;   // seen by rules, not judged
  std::vector<std::string> rules;     // directories of the user's own rules
  std::string profile;                // name or file; empty: the settings', else `default`
  std::vector<std::string> only, skip, families;
  std::vector<std::pair<std::string, std::string>> params;  // name, value as YAML
  std::string as_user;                // in whose name objects are created; empty: not known
  std::vector<std::string> as_groups;
  TerraformOptions terraform;
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
  std::vector<Waiver> inline_waivers;
  std::vector<RenderedFrom> rendered;
  std::unique_ptr<DiskTree> tree;     // of Terraform's files
  std::unique_ptr<terraform::Configurations> terraform;
  std::vector<std::unique_ptr<terraform::Shown>> shown;  // plans and states
  Graph graph;
  Report report;
  // Wrong usage or configuration: nothing was audited, the mistakes are in the report's diagnostics.
  bool misconfigured = false;
};

// Up to the frozen graph; nothing is judged.
std::unique_ptr<Session> load_session(const SessionOptions& options);
// The whole audit.
std::unique_ptr<Session> run_session(const SessionOptions& options);

// Today in UTC, or SOURCE_DATE_EPOCH's day. Empty: the variable holds no number.
std::string default_audit_date();

}  // namespace assay

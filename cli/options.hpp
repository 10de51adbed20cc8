// The command line: what each command was told. Everything that reads arguments is behind this page.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/session.hpp"
#include "engine/report.hpp"

namespace assay {

enum class When : std::uint8_t { never, automatic, always };

struct CheckOptions {
  SessionOptions session;
  std::string format = "terminal";
  std::vector<std::pair<std::string, std::string>> files;  // format name, path
  When colour = When::automatic;
  bool quiet = false, verbose = false;
  bool waived_in_sarif = false;
  // Empty: as assay.yaml says, else the default.
  std::string fail_on, unknown, incomplete, if_empty, min_coverage;
};

struct RulesOptions {
  std::string action = "list";  // list, test, new
  std::string format = "terminal";
  std::string profile = "all";
  std::vector<std::string> families, rules, names;
  bool own = false;             // only rules that are not built in: directories were named
};

struct ExplainOptions {
  std::string rule;
  std::vector<std::string> rules;
  When colour = When::automatic;
};

struct EvalOptions {
  std::string expression;
  std::string file;
};

struct ReachOptions {
  SessionOptions session;
  std::string format = "text";
  std::string from, to, port;
  std::optional<std::string> any_pod;  // a selector of pods that need not exist
  std::vector<std::string> compared;  // OLD and NEW, or none
  bool explain = false, exposure = false, ipv6 = false, mesh = false;
};

// Nothing: go on. Else the exit status: help was asked for (0), or the arguments are wrong (2, said on stderr).
using Stop = std::optional<int>;
Stop parse_check(const std::vector<std::string>& arguments, CheckOptions& options);
Stop parse_rules(const std::vector<std::string>& arguments, RulesOptions& options);
Stop parse_explain(const std::vector<std::string>& arguments, ExplainOptions& options);
Stop parse_reach(const std::vector<std::string>& arguments, ReachOptions& options);
Stop parse_eval(const std::vector<std::string>& arguments, EvalOptions& options);

// `text` in lines of at most 80 columns, all but the first indented by `indent`.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t first = 0);

}  // namespace assay

// The only file that includes CLI11.
#include "cli/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iostream>
#include <thread>

#include "engine/date.hpp"
#include "engine/text.hpp"
#include "reports/format.hpp"
#include "reports/reach.hpp"

namespace assay {

namespace {

constexpr std::size_t screen = 80;
constexpr std::size_t column = 26;  // where descriptions begin

// One command's arguments: CLI11 for the parse; help and complaints in our own words.
class CommandLine {
 public:
  CommandLine(std::string name, std::string usage, std::string about)
      : name_(std::move(name)), usage_(std::move(usage)), about_(std::move(about)) {
    app_.set_help_flag();
    app_.add_flag("--help,-h", help_, "show this help");
  }

  template <class T>
  CLI::Option* option(const std::string& names, T& target, const std::string& type, const std::string& description) {
    CLI::Option* option = app_.add_option(names, target, description)->type_name(type)->group(group_);
    option->allow_extra_args(false);
    if constexpr (std::is_same_v<T, std::string>) option->take_last();  // so that a script's options can be overruled
    return option;
  }
  CLI::Option* list(const std::string& names, std::vector<std::string>& target, const std::string& type, const std::string& description) {
    return option(names, target, type, description)->delimiter(',');
  }
  void flag(const std::string& names, bool& target, const std::string& description) {
    app_.add_flag(names, target, description)->group(group_);
  }
  CLI::Option* positional(const std::string& name, auto& target, const std::string& description) {
    return app_.add_option(name, target, description)->group("arguments");
  }
  void group(std::string name) { group_ = std::move(name); }
  void footer(std::string text) { footer_ = std::move(text); }

  Stop parse(std::vector<std::string> arguments) {
    try {
      std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
      app_.parse(arguments);
    } catch (const CLI::ExtrasError& error) {
      if (help_) return show();
      return complain(unexpected());
    } catch (const CLI::ParseError& error) {
      if (help_) return show();
      std::string text = error.what();
      if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
      std::replace(text.begin(), text.end(), '\n', ' ');
      return complain(inert(text));
    }
    if (help_) return show();
    return std::nullopt;
  }

  Stop complain(const std::string& text) const {
    std::cerr << "assay " << name_ << ": " << text << "; `assay " << name_ << " --help` tells more\n";
    return 2;
  }

  // A word out of a closed choice.
  Stop choose(const std::string& option, const std::string& word, const std::vector<std::string_view>& words) const {
    if (word.empty() || std::find(words.begin(), words.end(), word) != words.end()) return std::nullopt;
    std::string text = "`" + option + "` is one of";
    for (const std::string_view allowed : words) text += (allowed == words[0] ? " `" : ", `") + std::string(allowed) + "`";
    text += ", not `" + inert(word) + "`";
    if (const std::string_view near = nearest(word, words); !near.empty()) text += "; did you mean `" + std::string(near) + "`?";
    return complain(text);
  }

 private:
  std::string unexpected() const {
    const std::vector<std::string> extras = app_.remaining();
    const std::string extra = extras.empty() ? "" : extras[0];
    if (!extra.starts_with('-')) return "`" + inert(extra) + "` was not expected";
    std::vector<std::string> names;
    for (const CLI::Option* option : app_.get_options())
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    const std::vector<std::string_view> candidates(names.begin(), names.end());
    const std::string word = extra.substr(0, extra.find('='));
    std::string text = "there is no option `" + inert(word) + "`";
    if (const std::string_view near = nearest(word, candidates); !near.empty()) text += "; did you mean `" + std::string(near) + "`?";
    return text;
  }

  Stop show() const {
    std::cout << wrapped(about_, 0) << "\n\nusage: " << wrapped(usage_, 9, 7) << "\n";
    std::vector<std::string> groups;
    for (const CLI::Option* option : app_.get_options())
      if (std::find(groups.begin(), groups.end(), option->get_group()) == groups.end()) groups.push_back(option->get_group());
    // CLI11's own group (the help flag) goes last.
    std::stable_sort(groups.begin(), groups.end(), [](const std::string& a, const std::string& b) { return (a == "Options") < (b == "Options"); });
    for (const std::string& group : groups) {
      std::cout << "\n" << (group == "Options" ? "help" : group) << ":\n";
      for (const CLI::Option* option : app_.get_options())
        if (option->get_group() == group) describe(*option);
    }
    if (!footer_.empty()) std::cout << "\n" << footer_;
    return 0;
  }

  static void describe(const CLI::Option& option) {
    std::string left = "  ";
    if (option.get_positional()) {
      left += option.get_name(true);
    } else {
      const auto& lnames = option.get_lnames();
      for (const std::string& name : option.get_snames()) left += "-" + name + (lnames.empty() ? "" : ", ");
      for (std::size_t i = 0; i < lnames.size(); ++i) left += (i ? ", --" : "--") + lnames[i];
      if (!option.get_type_name().empty() && option.get_expected_max() > 0) left += " " + option.get_type_name();
    }
    std::cout << left;
    if (left.size() + 2 > column) std::cout << "\n" << std::string(column, ' ');
    else std::cout << std::string(column - left.size(), ' ');
    std::cout << wrapped(option.get_description(), column, column) << "\n";
  }

  CLI::App app_;
  std::string name_, usage_, about_, footer_;
  std::string group_ = "options";
  bool help_ = false;
};

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || rest != text.data() + text.size()) return std::nullopt;
  return value;
}

// 64M, 2G: bytes as people write them.
std::optional<std::uint64_t> bytes(std::string_view text) {
  unsigned shift = 0;
  if (text.ends_with('i')) text.remove_suffix(1);
  if (text.ends_with('K') || text.ends_with('k')) shift = 10;
  else if (text.ends_with('M')) shift = 20;
  else if (text.ends_with('G')) shift = 30;
  if (shift != 0) text.remove_suffix(1);
  const auto value = number(text);
  if (!value || *value > (std::uint64_t{1} << 32) >> shift) return std::nullopt;
  return *value << shift;
}

std::vector<std::string_view> format_names() {
  std::vector<std::string_view> names;
  for (const Format& format : formats) names.push_back(format.name);
  return names;
}

// `--var` and `--var-file` as they stand on the command line: true for files.
std::vector<std::pair<bool, std::string>> given_in_order(const std::vector<std::string>& arguments, const std::vector<std::string>& variables,
                                                         const std::vector<std::string>& files) {
  std::vector<std::pair<bool, std::string>> order;
  std::size_t variable = 0, file = 0;
  for (const std::string& argument : arguments) {
    if ((argument == "--var" || argument.starts_with("--var=")) && variable < variables.size()) order.emplace_back(false, variables[variable++]);
    if ((argument == "--var-file" || argument.starts_with("--var-file=")) && file < files.size()) order.emplace_back(true, files[file++]);
  }
  return order;
}

When when(const std::string& word) {
  return word == "always" ? When::always : word == "never" ? When::never : When::automatic;
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t indent, std::size_t first) {
  std::string out;
  std::size_t used = std::max(indent, first);
  bool fresh = true;
  while (!text.empty()) {
    const std::size_t space = text.find_first_of(" \n");
    const std::string_view word = text.substr(0, space);
    const bool line_break = space != std::string_view::npos && text[space] == '\n';
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    if (!word.empty()) {
      std::size_t width = display_width(word);
      if (!fresh && used + 1 + width > screen) {
        out += "\n" + std::string(indent, ' ');
        used = indent;
        fresh = true;
      }
      if (!fresh) out += ' ', ++width;
      out += word;
      used += width;
      fresh = false;
    }
    if (line_break) {
      out += "\n" + std::string(indent, ' ');
      used = indent;
      fresh = true;
    }
  }
  return out;
}

Stop parse_check(const std::vector<std::string>& arguments, CheckOptions& options) {
  CommandLine line("check", "assay check [PATH|-]... [OPTIONS]",
                   "Audits Kubernetes manifests and Terraform (configurations, plans, states): files, directories, or manifests on standard "
                   "input (`-`); without a path, the current directory. In a directory, whatever is neither is passed over; `.gitignore` is honoured.");
  SessionOptions& session = options.session;
  line.positional("PATH", session.paths, "what to audit; a file is audited alone");

  std::string sarif, html, json;
  line.group("output");
  line.option("--format", options.format, "FORMAT", "what goes to standard output: terminal (default), json, sarif, html");
  line.option("--json", json, "FILE", "write the report as JSON, too");
  line.option("--sarif", sarif, "FILE", "write it as SARIF 2.1.0, too");
  line.option("--html", html, "FILE", "write it as one HTML page, too");
  std::string colour;
  line.option("--color", colour, "WHEN", "auto (default), always, never; NO_COLOR is honoured");
  line.flag("--verbose,-v", options.verbose, "every place with its source line, the reasons of rules, what was waived");
  line.flag("--quiet,-q", options.quiet, "no report on the terminal, only the last line");

  line.group("rules");
  line.option("--profile", session.profile, "NAME|FILE", "which rules run, with which parameters: `default` is small and quiet, `all` is every rule");
  line.list("--only", session.only, "RULE,...", "these rules alone, whatever the profile says; ids of other tools are understood");
  line.list("--skip", session.skip, "RULE,...", "not these rules");
  line.list("--family", session.families, "FAMILY,...", "only rules of these families");
  std::vector<std::string> params;
  line.option("--param", params, "NAME=VALUE", "set a parameter of rules (RULE.NAME=VALUE: of one rule)");
  line.option("--rules", session.rules, "DIR", "rules of your own, besides those built in");
  line.option("--context", session.context, "DIR", "read these files as well, without judging them");
  line.option("--as", session.as_user, "USER", "in whose name admission policies see the objects created");
  line.option("--as-group", session.as_groups, "GROUP", "a group of that user");
  line.option("--as-of", session.as_of, "DATE", "the audit date, YYYY-MM-DD: decides every expiry (default: SOURCE_DATE_EPOCH, else today)");

  line.group("Terraform");
  std::vector<std::string> variables, variable_files;
  std::string instances;
  line.option("--var", variables, "NAME=VALUE", "a variable of the roots");
  line.option("--var-file", variable_files, "FILE", "variables of the roots, as in terraform.tfvars; the last word counts");
  line.flag("--env-vars", session.terraform.environment, "take variables from the environment (TF_VAR_NAME)");
  line.option("--workspace", session.terraform.workspace, "NAME", "what `terraform.workspace` is (default: not known)");

  line.group("thresholds");
  line.option("--fail-on", options.fail_on, "SEVERITY", "status 1 from this severity on: critical, high (default), medium, low, info, never");
  line.option("--unknown", options.unknown, "WHAT", "undecided pairs: ignore, warn (default), fail (status 1)");
  line.option("--incomplete", options.incomplete, "WHAT", "input that could not be read: fail (status 3, default), warn");
  line.option("--if-empty", options.if_empty, "WHAT", "nothing to audit: fail (status 3, default), pass");
  line.option("--min-coverage", options.min_coverage, "PERCENT", "status 3 when less could be decided (default 0)");

  line.group("limits");
  std::string jobs, depth, nodes, alias_nodes, size;
  line.option("--jobs,-j", jobs, "N", "worker threads (default: one a processor)");
  line.option("--max-depth", depth, "N", "nesting of a document (default 512)");
  line.option("--max-nodes", nodes, "N", "values in a file (default 20000000)");
  line.option("--max-alias-nodes", alias_nodes, "N", "values that aliases stand for (default 10000000)");
  line.option("--max-instances", instances, "N", "resource instances of a Terraform root (default 100000)");
  line.option("--max-bytes", size, "N", "size of a file, K, M and G understood (default 256M)");
  line.footer("exit status:\n"
              "  0  nothing at or above --fail-on\n"
              "  1  a finding at or above it that is not waived\n"
              "  2  wrong usage or configuration, or a report could not be written\n"
              "  3  the audit is incomplete, whatever it found\n");
  if (const Stop stop = line.parse(arguments)) return stop;

  if (const Stop stop = line.choose("--format", options.format, format_names())) return stop;
  if (const Stop stop = line.choose("--color", colour, {"auto", "always", "never"})) return stop;
  if (const Stop stop = line.choose("--fail-on", options.fail_on, {"critical", "high", "medium", "low", "info", "never"})) return stop;
  if (const Stop stop = line.choose("--unknown", options.unknown, {"ignore", "warn", "fail"})) return stop;
  if (const Stop stop = line.choose("--incomplete", options.incomplete, {"fail", "warn"})) return stop;
  if (const Stop stop = line.choose("--if-empty", options.if_empty, {"fail", "pass"})) return stop;
  static constexpr std::string_view families[] = {"availability", "isolation", "workload-hardening", "transport-security",
                                                  "encryption-at-rest", "data-placement", "backup", "identity", "secrets",
                                                  "observability", "supply-chain", "hygiene", "admission", "crd"};
  for (const std::string& family : session.families)
    if (const Stop stop = line.choose("--family", family, {std::begin(families), std::end(families)})) return stop;
  options.colour = when(colour);
  if (!json.empty()) options.files.emplace_back("json", json);
  if (!sarif.empty()) options.files.emplace_back("sarif", sarif);
  if (!html.empty()) options.files.emplace_back("html", html);
  for (std::size_t i = 0; i < options.files.size(); ++i)
    for (std::size_t j = i + 1; j < options.files.size(); ++j)
      if (options.files[i].second == options.files[j].second) return line.complain("two reports cannot both be written to `" + inert(options.files[i].second) + "`");
  if (!options.min_coverage.empty()) {
    double percent = -1;
    const std::string& text = options.min_coverage;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
    if (error != std::errc() || rest != text.data() + text.size() || !(percent >= 0 && percent <= 100))
      return line.complain("`--min-coverage` is a percentage from 0 to 100, not `" + inert(text) + "`");
  }
  for (const std::string& param : params) {
    const std::size_t equals = param.find('=');
    if (equals == 0 || equals == std::string::npos) return line.complain("`--param` is NAME=VALUE, not `" + inert(param) + "`");
    session.params.emplace_back(param.substr(0, equals), param.substr(equals + 1));
  }
  for (const auto& [file, text] : given_in_order(arguments, variables, variable_files)) {
    const std::size_t equals = text.find('=');
    if (!file && (equals == 0 || equals == std::string::npos)) return line.complain("`--var` is NAME=VALUE, not `" + inert(text) + "`");
    if (file) session.terraform.variables.push_back({true, text, ""});
    else session.terraform.variables.push_back({false, text.substr(0, equals), text.substr(equals + 1)});
  }
  if (session.as_of.empty()) {
    session.as_of = default_audit_date();
    if (session.as_of.empty()) return line.complain("the variable SOURCE_DATE_EPOCH is no number of seconds");
  } else if (!parse_date(session.as_of)) {
    return line.complain("`--as-of` is a date, YYYY-MM-DD, not `" + inert(session.as_of) + "`");
  }
  session.jobs = std::max(1u, std::thread::hardware_concurrency());
  const auto limit = [&](const char* option, const std::string& text, auto& target, std::uint64_t most) -> Stop {
    if (text.empty()) return std::nullopt;
    const auto value = number(text);
    if (!value || *value == 0 || *value > most) return line.complain("`" + std::string(option) + "` is a number from 1 to " + std::to_string(most) + ", not `" + inert(text) + "`");
    target = static_cast<std::remove_reference_t<decltype(target)>>(*value);
    return std::nullopt;
  };
  ParseLimits& limits = session.limits;
  if (const Stop stop = limit("--jobs", jobs, session.jobs, 1024)) return stop;
  if (const Stop stop = limit("--max-instances", instances, session.terraform.instances, 10'000'000)) return stop;
  if (const Stop stop = limit("--max-depth", depth, limits.depth, 10'000)) return stop;
  if (const Stop stop = limit("--max-nodes", nodes, limits.nodes, 4'000'000'000)) return stop;
  if (const Stop stop = limit("--max-alias-nodes", alias_nodes, limits.alias_expansion, 4'000'000'000)) return stop;
  if (!size.empty()) {
    const auto value = bytes(size);
    if (!value || *value == 0) return line.complain("`--max-bytes` is a size of at most 4G, such as 64M, not `" + inert(size) + "`");
    limits.bytes = std::min<std::uint64_t>(*value, 0xfffffff0u);  // positions have 32 bits
  }
  return std::nullopt;
}

Stop parse_rules(const std::vector<std::string>& arguments, RulesOptions& options) {
  CommandLine line("rules", "assay rules [list|test|new] [RULE|DIR]... [OPTIONS]",
                   "Lists the rules, runs the examples that they carry as tests, or writes the file of a new rule.");
  std::vector<std::string> words;
  line.positional("ACTION", words, "`list` (default), `test` or `new`; then rules or directories of rules, if not all are meant; for `new` its FAMILY/NAME");
  line.option("--format", options.format, "FORMAT", "terminal (default), markdown, json");
  line.option("--profile", options.profile, "NAME", "the rules of this profile (default: all)");
  line.list("--family", options.families, "FAMILY,...", "the rules of these families");
  line.option("--rules", options.rules, "DIR", "rules of your own, besides those built in; `new` writes there (default: rules)");
  if (const Stop stop = line.parse(arguments)) return stop;
  if (!words.empty()) {
    if (const Stop stop = line.choose("ACTION", words[0], {"list", "test", "new"})) return stop;
    options.action = words[0];
    words.erase(words.begin());
  }
  if (options.action == "new" && words.size() != 1) return line.complain("`rules new` takes one FAMILY/NAME");
  for (std::string& word : words) {
    // A directory stands for the rules in it.
    std::error_code error;
    if (options.action != "new" && std::filesystem::is_directory(word, error)) {
      options.rules.push_back(word);
      options.own = true;
    } else {
      options.names.push_back(std::move(word));
    }
  }
  return line.choose("--format", options.format, {"terminal", "markdown", "json"});
}

Stop parse_explain(const std::vector<std::string>& arguments, ExplainOptions& options) {
  CommandLine line("explain", "assay explain RULE [OPTIONS]",
                   "Tells what a rule asks for, why, how to meet it, and what it has to do with frameworks and other tools. "
                   "RULE is an id, or another tool's id (`CKV_K8S_20`, `trivy/KSV-0012`).");
  line.positional("RULE", options.rule, "the rule")->required();
  line.option("--rules", options.rules, "DIR", "rules of your own, besides those built in");
  std::string colour;
  line.option("--color", colour, "WHEN", "auto (default), always, never; NO_COLOR is honoured");
  if (const Stop stop = line.parse(arguments)) return stop;
  if (const Stop stop = line.choose("--color", colour, {"auto", "always", "never"})) return stop;
  options.colour = when(colour);
  return std::nullopt;
}

Stop parse_reach(const std::vector<std::string>& arguments, ReachOptions& options) {
  CommandLine line("reach", "assay reach [PATH]... [OPTIONS]",
                   "Computes who can talk to whom: network policies and their relatives, Services and what leads to them. "
                   "The list is in the notation of np-guard's netpol-analyzer; it says what policies allow where they are enforced, "
                   "and on what evidence that rests.");
  line.positional("PATH", options.session.paths, "manifests, as for `assay check`");
  line.group("what to show");
  line.option("--from", options.from, "END", "only from this end: NAMESPACE/NAME, NAMESPACE, an address or block, `outside`, `{ingress-controller}`");
  line.option("--to", options.to, "END", "only to this end");
  line.option("--port", options.port, "PORT", "only this port: 443, TCP 443, UDP 53, TCP 8000-8999");
  line.flag("--explain", options.explain, "the rules that allow a pair, or that would have to change; with --from and --to");
  line.flag("--exposure", options.exposure, "what pods that the inputs do not hold could reach, or be reached by: any pod, and those that policies speak of");
  std::string any_pod;
  CLI::Option* any = line.option("--any-pod", any_pod, "SELECTOR", "prove that no pod with such labels (`tier!=api`, `` for any), in any namespace or in --from, can ever reach --to; with --diff: that NEW opens nothing to any pod");
  line.option("--diff", options.compared, "OLD NEW", "what differs between two directories or git revisions")->expected(2);
  line.flag("--ipv6", options.ipv6, "addresses of IPv6, too");
  line.flag("--mesh", options.mesh, "policies of a service mesh (Istio), too");
  line.group("output");
  line.option("--format", options.format, "FORMAT", "text (default), json, dot, svg, html (a matrix)");
  line.group("input");
  line.option("--context", options.session.context, "DIR", "read these files as well");
  line.footer("exit status:\n"
              "  0  answered; with --any-pod: proved\n"
              "  1  with --any-pod: there is such a pod, or it could not be decided\n"
              "  2  wrong usage or configuration, or an end that the inputs do not have\n"
              "  3  some input could not be read, or holds no workload\n");
  if (const Stop stop = line.parse(arguments)) return stop;
  std::vector<std::string_view> names;
  for (const ReachFormat& format : reach_formats) names.push_back(format.name);
  if (const Stop stop = line.choose("--format", options.format, names)) return stop;
  if (any->count() != 0) options.any_pod = any_pod;
  if (options.any_pod && options.compared.empty() && options.to.empty()) return line.complain("`--any-pod` asks what can reach a workload: say `--to`");
  if (options.explain && (options.from.empty() || options.to.empty())) return line.complain("`--explain` is about a pair: say `--from` and `--to`");
  if (options.explain && !options.compared.empty()) return line.complain("`--explain` and `--diff` do not go together");
  if (options.explain && options.format != "text" && options.format != "json") return line.complain("`--explain` is written as text or json");
  options.session.as_of = default_audit_date();
  options.session.jobs = std::max(1u, std::thread::hardware_concurrency());
  return std::nullopt;
}

Stop parse_eval(const std::vector<std::string>& arguments, EvalOptions& options) {
  CommandLine line("eval", "assay eval EXPRESSION FILE",
                   "Evaluates an expression (CEL) on every object of a file; the object is called `object`. "
                   "For people who write rules.");
  line.positional("EXPRESSION", options.expression, "such as `object.spec.replicas > 1`")->required();
  line.positional("FILE", options.file, "YAML or JSON, or `-`; a Terraform file, plan or state")->required();
  return line.parse(arguments);
}

}  // namespace assay

// `assay rules`: the list of rules for people, documents and programs; their examples as tests; a new rule.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

#include "cli/commands.hpp"
#include "cli/examples.hpp"
#include "cli/options.hpp"
#include "cli/rulebook.hpp"
#include "cli/scaffold.hpp"
#include "engine/families.hpp"
#include "engine/select.hpp"
#include "engine/text.hpp"

namespace assay {

namespace {

using Rules = std::vector<const RuleDefinition*>;

void write_terminal_list(const Rules& rules) {
  std::string family;
  for (const RuleDefinition* rule : rules) {
    if (rule->info.family != family) {
      family = rule->info.family;
      const auto number = std::count_if(rules.begin(), rules.end(), [&](const RuleDefinition* r) { return r->info.family == family; });
      std::cout << (rule == rules[0] ? "" : "\n") << family << " (" << number << ")\n";
    }
    const std::string severity(name_of(rule->info.severity));
    std::cout << "  " << severity << std::string(10 - severity.size(), ' ') << rule->info.id << "\n"
              << std::string(12, ' ') << wrapped(inert(rule->info.title), 12, 12) << "\n";
  }
  std::cout << "\n" << rules.size() << (rules.size() == 1 ? " rule" : " rules") << "; `assay explain RULE` tells more of one\n";
}

std::string markdown(std::string_view text) {
  std::string out;
  for (const char c : inert(text)) {
    if (std::string_view("|<>\\").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

void write_markdown_list(const Rules& rules) {
  std::string family;
  for (const RuleDefinition* rule : rules) {
    if (rule->info.family != family) {
      family = rule->info.family;
      std::cout << "\n## " << family << "\n\n| rule | severity | what it finds | other tools |\n|---|---|---|---|\n";
    }
    std::string aliases;
    for (const std::string& alias : rule->info.aliases) aliases += (aliases.empty() ? "" : ", ") + markdown(alias);
    std::cout << "| `" << rule->info.id << "` | " << name_of(rule->info.severity) << " | " << markdown(rule->info.title) << " | " << aliases << " |\n";
  }
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size();) {
    const Decoded decoded = decode(text, i);
    const std::string_view piece = text.substr(i, decoded.size);
    i += decoded.size;
    if (!decoded.valid) {
      out += "\\ufffd";
    } else if (decoded.code_point < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(decoded.code_point));
      out += escape;
    } else {
      if (piece == "\"" || piece == "\\") out += '\\';
      out += piece;
    }
  }
  return out += '"';
}

std::string json_list(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) out += (out.size() > 1 ? ", " : "") + json_string(text);
  return out += "]";
}

void write_json_list(const Rules& rules) {
  std::cout << "[";
  for (const RuleDefinition* rule : rules) {
    const RuleInfo& info = rule->info;
    std::cout << (rule == rules[0] ? "\n" : ",\n") << "  {\"id\": " << json_string(info.id) << ", \"family\": " << json_string(info.family)
              << ", \"severity\": \"" << name_of(info.severity) << "\", \"title\": " << json_string(info.title)
              << ", \"since\": " << json_string(info.since) << ",\n   \"applies_to\": " << json_list(rule->applies_to)
              << ", \"aliases\": " << json_list(info.aliases) << ", \"related\": " << json_list(info.related) << ", \"controls\": {";
    for (std::size_t i = 0; i < info.controls.size(); ++i)
      std::cout << (i ? ", " : "") << json_string(info.controls[i].framework) << ": " << json_list(info.controls[i].ids);
    std::cout << "},\n   \"why\": " << json_string(info.why) << ", \"fix\": " << json_string(info.fix) << "}";
  }
  std::cout << (rules.empty() ? "]\n" : "\n]\n");
}

struct ListFormat {
  std::string_view name;
  void (*write)(const Rules&);
};
constexpr ListFormat list_formats[] = {{"terminal", write_terminal_list}, {"markdown", write_markdown_list}, {"json", write_json_list}};

int test(const Rulebook& book, Sources& sources, const Rules& rules) {
  ExampleTally tally;
  for (const RuleDefinition* rule : rules) {
    const ExampleTally one = run_examples(book, sources, *rule, std::cout);
    tally.rules += one.rules;
    tally.examples += one.examples;
    tally.failed += one.failed;
  }
  std::cout << tally.rules << " rules, " << tally.examples << " examples, " << tally.failed << " failed\n";
  return tally.failed ? found : fine;
}

// Writes the file; never over another.
int write_new(const RulesOptions& options) {
  const std::string& id = options.names[0];
  const auto complain = [](const std::string& text) {
    std::cerr << "assay rules new: " << text << "\n";
    return misused;
  };
  if (const std::string fault = rule_id_fault(id, {std::begin(rule_families), std::end(rule_families)}); !fault.empty()) return complain(fault);
  const std::string directory = options.rules.empty() ? "rules" : options.rules.back();
  const std::filesystem::path path = std::filesystem::path(directory) / (id + ".yaml");
  std::error_code error;
  if (std::filesystem::exists(path, error)) return complain("`" + inert(path.generic_string()) + "` is there already");
  std::filesystem::create_directories(path.parent_path(), error);
  std::ofstream out(path, std::ios::binary);
  out << rule_scaffold(id, ASSAY_VERSION);
  out.close();
  if (!out) return complain("`" + inert(path.generic_string()) + "` cannot be written");
  std::cout << "wrote " << inert(path.generic_string()) << "; `assay rules test " << id << " --rules " << inert(directory) << "` runs its examples\n";
  return fine;
}

}  // namespace

int rules_command(const Arguments& arguments) {
  RulesOptions options;
  if (const Stop stop = parse_rules(arguments, options)) return *stop;
  if (options.action == "new") return write_new(options);
  Sources sources;
  Diagnostics diagnostics;
  const Rulebook book = load_rulebook(sources, options.rules, diagnostics);
  Selection selection;
  selection.profile = options.profile;
  selection.families = options.families;
  selection.only = options.names;
  const std::vector<SelectedRule> selected = select(book.catalog, selection, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.all()) print(std::cerr, sources, diagnostic, Colour::off);
  if (diagnostics.errors()) return misused;
  Rules rules;
  for (const SelectedRule& one : selected)
    if ((!options.own || !one.rule->builtin) && (rules.empty() || rules.back() != one.rule)) rules.push_back(one.rule);
  if (options.action == "test") return test(book, sources, rules);
  std::stable_sort(rules.begin(), rules.end(), [](const RuleDefinition* a, const RuleDefinition* b) { return a->info.family < b->info.family; });
  for (const ListFormat& format : list_formats)
    if (format.name == options.format) format.write(rules);
  std::cout.flush();
  return std::cout ? fine : misused;
}

}  // namespace assay

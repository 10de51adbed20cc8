// `assay explain RULE`: the rule as its author and as its reader need it.
#include <iostream>
#include <map>

#include "cli/commands.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/rulebook.hpp"
#include "engine/reader.hpp"
#include "engine/waiver.hpp"

namespace assay {

namespace {

class Page {
 public:
  explicit Page(bool colour) : colour_(colour) {}

  void heading(std::string_view text) { std::cout << "\n" << (colour_ ? "\x1b[1m" : "") << text << (colour_ ? "\x1b[0m" : "") << "\n"; }
  // A list of words behind a name.
  void field(std::string_view name, const std::vector<std::string>& words) {
    if (words.empty()) return;
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + inert(word);
    std::cout << "  " << name << std::string(name.size() < 12 ? 12 - name.size() : 1, ' ') << wrapped(text, 14, 14) << "\n";
  }
  void prose(std::string_view name, std::string_view text) {
    if (text.empty()) return;
    heading(name);
    while (!text.empty()) {  // paragraphs
      const std::size_t end = text.find("\n\n");
      std::string paragraph(text.substr(0, end));
      for (char& c : paragraph)
        if (c == '\n') c = ' ';
      std::cout << "  " << wrapped(inert(paragraph), 2) << "\n";
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
      if (!text.empty()) std::cout << "\n";
    }
  }

 private:
  bool colour_;
};

void explain(const RuleDefinition& rule, Page& page) {
  const RuleInfo& info = rule.info;
  page.heading(info.id + ": " + inert(info.title));
  page.field("severity", {std::string(name_of(info.severity))});
  page.field("family", {info.family});
  page.field("applies to", rule.applies_to);
  if (!info.since.empty()) page.field("since", {info.since});
  for (const ParameterDefinition& parameter : rule.parameters) {
    std::string text = parameter.name + ": " + parameter.type;
    if (const std::string fallback = scalar_text(parameter.fallback); !fallback.empty()) text += " = " + fallback;
    if (!parameter.title.empty()) text += " (" + parameter.title + ")";
    page.field("parameter", {text});
  }
  page.prose("why", info.why);
  page.prose("how to mend it", info.fix);
  if (!rule.implied_by.empty() || !info.controls.empty() || !info.aliases.empty() || !info.related.empty()) page.heading("related");
  page.field("implied by", rule.implied_by);
  for (const RuleInfo::Control& control : info.controls) page.field(control.framework, control.ids);
  page.field("aliases", info.aliases);
  page.field("near", info.related);
  for (const Example& example : rule.examples) {
    switch (example.kind) {
      case Example::Kind::pass: page.heading("example that passes"); break;
      case Example::Kind::fail: page.heading("example that fails"); break;
      case Example::Kind::unknown: page.heading("example that cannot be decided"); break;
    }
    std::string_view text = example.text.as_string();
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      std::cout << "  " << inert(text.substr(0, end)) << "\n";
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
  }
  std::cout << "\n";
}

}  // namespace

int explain_command(const Arguments& arguments) {
  ExplainOptions options;
  if (const Stop stop = parse_explain(arguments, options)) return *stop;
  Sources sources;
  Diagnostics diagnostics;
  const Rulebook book = load_rulebook(sources, options.rules, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.all()) print(std::cerr, sources, diagnostic, Colour::off);

  // An id, an alias, or something near that another tool checks; at last the name without its family.
  std::vector<const RuleDefinition*> rules;
  for (const auto& [id, rule] : book.catalog.rules)
    if (options.rule != "*" && options.rule != "all" && names_rule(options.rule, rule.info, true)) rules.push_back(&rule);
  if (rules.empty())
    for (const auto& [id, rule] : book.catalog.rules)
      if (id.substr(id.find('/') + 1) == options.rule) rules.push_back(&rule);
  if (rules.empty()) {
    std::vector<std::string_view> candidates;
    for (const auto& [id, rule] : book.catalog.rules) {
      candidates.push_back(id);
      candidates.push_back(std::string_view(id).substr(id.find('/') + 1));
      for (const std::string& alias : rule.info.aliases) candidates.push_back(alias);
    }
    std::cerr << "assay explain: no rule is called `" << inert(options.rule) << "`";
    if (const std::string_view near = nearest(options.rule, candidates); !near.empty()) std::cerr << "; did you mean `" << near << "`?\n";
    else std::cerr << "; `assay rules list` shows them\n";
    return misused;
  }
  Page page(colours(options.colour));
  for (const RuleDefinition* rule : rules) explain(*rule, page);
  return diagnostics.errors() ? misused : fine;
}

}  // namespace assay

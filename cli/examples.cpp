#include "cli/examples.hpp"

#include <algorithm>

#include "cli/properties.hpp"
#include "engine/audit.hpp"
#include "parsers/candidate.hpp"
#include "parsers/kubernetes/adapter.hpp"
#include "parsers/terraform/adapter.hpp"
#include "parsers/yaml/yaml.hpp"

namespace assay {

namespace {

// `# expect` or `# expect: text` marks a line on which a finding must land.
struct Expectation {
  std::uint32_t line = 0;
  std::string text;  // part of the message; may be empty
  bool met = false;
};

// `# NAME: text` among the lines: what the example assumes of the audit.
//   closed-world: TYPE, TYPE      the inputs hold every object of these types
//   params: NAME=VALUE, …         parameters of the rule
std::vector<std::string> directive(const Source& source, std::string_view name) {
  std::vector<std::string> found;
  for (std::uint32_t line = 1; line <= source.line_count(); ++line) {
    std::string_view text = source.line(line);
    if (!text.starts_with("# ") || !text.substr(2).starts_with(name)) continue;
    text.remove_prefix(2 + name.size());
    if (!text.starts_with(": ")) continue;
    text.remove_prefix(2);
    while (!text.empty()) {
      const auto comma = std::min(text.find(", "), text.size());
      found.emplace_back(text.substr(0, comma));
      text.remove_prefix(std::min(comma + 2, text.size()));
    }
  }
  return found;
}

std::vector<Expectation> expectations(const Source& source) {
  std::vector<Expectation> all;
  for (std::uint32_t line = 1; line <= source.line_count(); ++line) {
    const std::string_view text = source.line(line);
    const auto at = text.find("# expect");
    if (at == text.npos) continue;
    std::string_view rest = text.substr(at + 8);
    if (rest.starts_with(':')) rest.remove_prefix(1);
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    all.push_back({line, std::string(rest), false});
  }
  return all;
}

// `# file: NAME` begins a further file of a configuration; nothing is expected in it.
std::pair<std::string, std::vector<std::pair<std::string, std::string>>> files(std::string_view text) {
  constexpr std::string_view sign = "# file: ";
  std::pair<std::string, std::vector<std::pair<std::string, std::string>>> found;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end);
    if (line.starts_with(sign)) found.second.emplace_back(line.substr(sign.size(), line.find_last_not_of("\r\n") + 1 - sign.size()), "");
    else (found.second.empty() ? found.first : found.second.back().second) += line;
  }
  return found;
}

struct Runner {
  const Rulebook& book;
  Sources& sources;
  const RuleDefinition& rule;
  std::ostream& out;

  bool run(const Example& example, const std::string& name) {
    auto [text, others] = files(example.text.as_string());
    const Source& source = sources.add(name, std::move(text));
    Diagnostics diagnostics;
    const bool manifest = judge(source.bytes(), false).ours;
    ParsedFile file;
    if (manifest) file = yaml::parse(source, {}, diagnostics);
    Graph graph;
    const ScopeId scope = graph.add_scope({0, ".", ".", directive(source, "closed-world")});
    // What is no manifest is a configuration.
    std::map<std::string, const Source*> configuration = {{"main.tf", &source}};
    for (auto& [file_name, file_text] : others) configuration.emplace(file_name, &sources.add(name + "/" + file_name, std::move(file_text)));
    terraform::MemoryTree tree(std::move(configuration));
    terraform::Configurations configurations(tree, sources, book.catalog.data, {});
    if (!manifest && configurations.load({{"."}, {}, {}}, diagnostics)) configurations.add(graph, [&](const std::string&) { return scope; });
    const auto clustered = kubernetes::cluster_scoped_types(file);
    const auto is_clustered = [&](std::string_view type) {
      return std::find(clustered.begin(), clustered.end(), type) != clustered.end();
    };
    for (auto& object : kubernetes::objects(file, is_clustered, graph.arena(), diagnostics))
      kubernetes::add(graph, scope, std::move(object), Evidence::declared);
    graph.order(sources);
    kubernetes::add_edges(graph);
    configurations.add_edges(graph);
    graph.freeze();
    std::vector<ParsedFile> parameters;
    Selection selection;
    selection.profile = "all";
    selection.only = {rule.info.id};
    for (const std::string& setting : directive(source, "params")) {
      const auto equals = std::min(setting.find('='), setting.size());
      const Source& text = sources.add(name + "#" + setting, setting.substr(std::min(equals + 1, setting.size())));
      parameters.push_back(yaml::parse(text, {}, diagnostics));
      if (!parameters.back().documents.empty())
        selection.parameters.emplace(setting.substr(0, equals), parameters.back().documents.front().root);
    }
    // Variants of the rule under aliases' parameters are not what the examples speak of.
    auto selected = select(book.catalog, selection, diagnostics);
    if (selected.size() > 1) selected.resize(1);
    AuditOptions options;
    options.as_of = "2026-11-21";
    Analyses analyses(graph);
    analyses.bind(selected, diagnostics);
    Report report = audit(book.catalog, selected, graph, sources, std::move(options));
    report.diagnostics.append(std::move(diagnostics));

    bool good = true;
    const auto complain = [&](const std::string& text, Span span) {
      good = false;
      Diagnostic diagnostic;
      diagnostic.message = text;
      diagnostic.span = span;
      if (!span) diagnostic.path = name;
      print(out, sources, diagnostic, Colour::off);
    };
    for (const Diagnostic& diagnostic : report.diagnostics.all()) {
      if (diagnostic.severity != DiagnosticSeverity::error) continue;
      good = false;
      print(out, sources, diagnostic, Colour::off);
    }
    auto expected = expectations(source);
    const Verdict wanted = example.kind == Example::Kind::unknown ? Verdict::unknown : Verdict::fail;
    if (example.kind == Example::Kind::pass) {
      for (const Finding& finding : report.findings) complain("unexpected: " + finding.message, finding.location);
      if (report.summary.pass == 0) complain("this example must pass, but the rule does not apply to anything in it", {});
      return good;
    }
    if (expected.empty()) complain("this example marks no line with `# expect`", {});
    for (const Finding& finding : report.findings) {
      const std::uint32_t line = finding.location ? source.position(finding.location.begin).line : 0;
      const auto match = std::find_if(expected.begin(), expected.end(), [&](const Expectation& e) {
        return !e.met && e.line == line && finding.verdict == wanted && finding.message.find(e.text) != std::string::npos;
      });
      if (match == expected.end())
        complain("unexpected " + std::string(name_of(finding.verdict)) + ": " + finding.message, finding.location);
      else
        match->met = true;
    }
    for (const Expectation& expectation : expected) {
      if (expectation.met) continue;
      const std::uint32_t begin = source.line_begin(expectation.line);
      complain("expected a finding here" + (expectation.text.empty() ? std::string() : ": " + expectation.text),
               {source.id(), begin, begin + static_cast<std::uint32_t>(source.line(expectation.line).size())});
    }
    return good;
  }
};

}  // namespace

ExampleTally run_examples(const Rulebook& book, Sources& sources, const RuleDefinition& rule, std::ostream& out) {
  ExampleTally tally;
  tally.rules = 1;
  bool passes = false, fails = false;
  int number = 0;
  for (const Example& example : rule.examples) {
    ++tally.examples;
    std::string_view kind = "pass";
    switch (example.kind) {
      case Example::Kind::pass: passes = true; break;
      case Example::Kind::fail: kind = "fail", fails = true; break;
      case Example::Kind::unknown: kind = "unknown"; break;
    }
    const std::string name = rule.info.id + ".yaml#" + std::string(kind) + "-" + std::to_string(++number);
    if (!Runner{book, sources, rule, out}.run(example, name)) ++tally.failed;
  }
  if (!passes || !fails) {
    out << rule.info.id << ": a rule has at least one example that passes and one that fails\n";
    ++tally.failed;
  }
  return tally;
}

}  // namespace assay

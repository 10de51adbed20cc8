#include "reports/digest.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <unordered_map>

namespace assay {

Place place(const Report& report, Span span, ColumnUnit unit) {
  if (!span || !report.sources) return {};
  const Source& source = report.sources->get(span.source);
  Place result{source.name(), source.position(span.begin, unit), source.position(std::max(span.begin, span.end), unit)};
  if (result.path.empty()) result.path = "-";
  return result;
}

Span location_of(const Report& report, const Finding& finding) {
  if (finding.location || finding.resource == no_resource || !report.graph) return finding.location;
  return report.graph->resource(finding.resource).header;
}

std::string address_of(const Report& report, const Finding& finding) {
  std::string address;
  if (finding.resource != no_resource && report.graph) address = report.graph->resource(finding.resource).address;
  if (!finding.subpath.empty()) address += "#" + finding.subpath;
  return address;
}

std::string_view scope_of(const Report& report, const Finding& finding) {
  if (finding.resource == no_resource || !report.graph) return {};
  return report.graph->scope(report.graph->resource(finding.resource).scope).name;
}

const Waiver* waiver_of(const Report& report, const Finding& finding) {
  if (!finding.waiver || *finding.waiver >= report.waivers.size()) return nullptr;
  return &report.waivers[*finding.waiver];
}

std::string_view path_of(const Report& report, const Diagnostic& diagnostic) {
  if (diagnostic.span && report.sources) return report.sources->get(diagnostic.span.source).name();
  return diagnostic.path;
}

std::vector<Diagnostic> remarks(const Report& report) {
  std::vector<Diagnostic> result;
  const auto add = [&](DiagnosticSeverity severity, const char* code, Span span, std::string message) -> Diagnostic& {
    Diagnostic& diagnostic = result.emplace_back();
    diagnostic.severity = severity;
    diagnostic.code = code;
    diagnostic.span = span;
    diagnostic.message = std::move(message);
    return diagnostic;
  };
  for (const NotAssessed& input : report.not_assessed) {
    const std::string remedy = input.remedy.empty() ? std::string() : ": " + input.remedy;
    add(DiagnosticSeverity::note, "not-assessed", {}, input.reason + remedy).path = input.path;
  }
  for (const Waiver& waiver : report.waivers) {
    const std::string name = "waiver of `" + waiver.rule + "` (" + waiver.origin + ")";
    if (waiver.expired)
      add(DiagnosticSeverity::warning, "waiver-expired", waiver.span, name + " ended on " + waiver.until);
    else if (waiver.used == 0)
      add(DiagnosticSeverity::note, "waiver-unused", waiver.span, name + " silences nothing: remove it");
  }
  return result;
}

std::vector<Group> groups(std::span<const Finding* const> findings) {
  const auto key = [](const auto& item) {
    return std::make_tuple(-static_cast<int>(item.severity), item.verdict == Verdict::fail ? 0 : 1,
                           std::string_view(item.rule ? std::string_view(item.rule->id) : std::string_view()));
  };
  std::vector<const Finding*> sorted(findings.begin(), findings.end());
  std::stable_sort(sorted.begin(), sorted.end(), [&](auto* a, auto* b) { return key(*a) < key(*b); });
  std::vector<Group> result;
  for (const Finding* finding : sorted) {
    if (result.empty() || key(result.back()) != key(*finding))
      result.push_back({finding->rule, finding->severity, finding->verdict, {}});
    result.back().findings.push_back(finding);
  }
  return result;
}

std::vector<Reason> reasons(const Group& group) {
  std::vector<Reason> result;
  std::unordered_map<std::string_view, std::size_t> index;
  for (const Finding* finding : group.findings) {
    const auto [found, added] = index.try_emplace(finding->message, result.size());
    if (added) result.push_back({finding->message, {}});
    result[found->second].findings.push_back(finding);
  }
  return result;
}

Counts count(const Report& report) {
  Counts counts;
  for (const Finding& finding : report.findings) {
    const auto severity = static_cast<std::size_t>(finding.severity);
    if (finding.waiver) {
      ++counts.waived;
    } else if (finding.verdict == Verdict::fail) {
      ++counts.fail;
      ++counts.fails[severity];
      ++counts.families[finding.rule ? finding.rule->family : std::string()][severity];
    } else {
      ++counts.unknown;
      ++counts.unknowns[severity];
    }
  }
  return counts;
}

std::vector<Examined> examined(const Report& report) {
  std::vector<Examined> result;
  std::unordered_map<const RuleInfo*, std::size_t> index;
  for (const Checked& checked : report.checked) {
    const auto [found, added] = index.try_emplace(checked.rule, result.size());
    if (added) result.push_back({checked.rule, {}});
    Examined& row = result[found->second];
    for (std::size_t verdict = 0; verdict < row.pairs.size(); ++verdict)
      row.pairs[verdict] += checked.by_verdict[verdict].size();
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const Examined& a, const Examined& b) { return a.rule->id < b.rule->id; });
  return result;
}

std::string percent(double share) {
  // Rounded down, so that 99.99 % never reads as complete.
  const auto tenths = static_cast<int>(std::floor(std::clamp(share, 0.0, 1.0) * 1000 + 1e-9));
  std::string text = std::to_string(tenths / 10);
  if (tenths % 10) text += "." + std::to_string(tenths % 10);
  return text + "%";
}

std::string count_of(std::size_t number, std::string_view singular, std::string_view plural) {
  std::string text = std::to_string(number) + " ";
  if (number == 1 || plural.empty())
    text += singular;
  else
    text += plural;
  if (number != 1 && plural.empty()) text += "s";
  return text;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += separator;
    text += part;
  }
  return text;
}

}  // namespace assay

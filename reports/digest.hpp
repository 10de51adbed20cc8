// What several writers ask of a report: where a span stands, a finding's full address, findings by rule,
// counts by severity and by family.
#pragma once

#include <array>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/report.hpp"

namespace assay {

// A span as people count it; the end is one past. No path: the span points nowhere.
struct Place {
  std::string_view path;
  Position begin, end;
  explicit operator bool() const { return !path.empty(); }
};
Place place(const Report& report, Span span, ColumnUnit unit = ColumnUnit::code_point);

// Where a finding is shown: its location, else its resource's header.
Span location_of(const Report& report, const Finding& finding);
// RESOURCE, or RESOURCE#subpath for one of several instances of a view.
std::string address_of(const Report& report, const Finding& finding);
std::string_view scope_of(const Report& report, const Finding& finding);
const Waiver* waiver_of(const Report& report, const Finding& finding);

// Where a diagnostic points: its span's source, else its path, else nothing.
std::string_view path_of(const Report& report, const Diagnostic& diagnostic);

// What readers of machine formats are told beside the diagnostics: inputs that were not assessed, waivers
// that ended or silence nothing.
std::vector<Diagnostic> remarks(const Report& report);

// Findings of one rule with one verdict and severity, in the report's order.
struct Group {
  const RuleInfo* rule = nullptr;
  Severity severity = Severity::medium;
  Verdict verdict = Verdict::fail;
  std::vector<const Finding*> findings;
};
// Most severe first, fails before unknowns, then by rule.
std::vector<Group> groups(std::span<const Finding* const> findings);

// Findings of a group that say the same, in order of the first: what is unknown is named by its message.
struct Reason {
  std::string_view message;
  std::vector<const Finding*> findings;
};
std::vector<Reason> reasons(const Group& group);

inline constexpr std::size_t severity_count = 5;
using BySeverity = std::array<std::size_t, severity_count>;  // indexed by Severity

// Fails that are not waived, in the two ways that a summary shows them, and what stands beside them.
struct Counts {
  BySeverity fails{}, unknowns{};
  std::map<std::string, BySeverity, std::less<>> families;  // fails only
  std::size_t fail = 0, unknown = 0, waived = 0;            // findings, not pairs
};
Counts count(const Report& report);

// Verdicts of one rule over all its scopes and parameter sets.
struct Examined {
  const RuleInfo* rule = nullptr;
  std::array<std::size_t, 4> pairs{};  // indexed by Verdict
};
std::vector<Examined> examined(const Report& report);  // by rule id

// "12.3%"; 100 only when it is.
std::string percent(double share);
// "1 finding", "2 findings".
std::string count_of(std::size_t number, std::string_view singular, std::string_view plural = {});
std::string join(const std::vector<std::string>& parts, std::string_view separator);

}  // namespace assay

// The words of the report's closed choices, in one place.
#include <algorithm>
#include <array>

#include "engine/graph.hpp"
#include "engine/premise.hpp"
#include "engine/report.hpp"

namespace assay {

namespace {
constexpr std::array<std::string_view, 5> evidences = {"documented", "declared", "planned", "observed", "attested"};
constexpr std::array<std::string_view, edge_kind_count> edge_kinds = {
    "owns", "selects", "routes-to", "scales", "protects", "governs", "mounts", "runs-as", "in-namespace", "in-subnet",
    "in-network", "in-region", "encrypts-with", "replicates-to", "backed-up-by", "logs-to", "references", "flows-to",
    "realizes", "grants"};
constexpr std::array<std::string_view, 3> premise_statuses = {"evidenced", "declared", "assumed"};
constexpr std::array<std::string_view, 5> severities = {"info", "low", "medium", "high", "critical"};
constexpr std::array<std::string_view, 4> verdicts = {"pass", "fail", "unknown", "not-applicable"};

template <class Enum, std::size_t N>
std::optional<Enum> lookup(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}
}  // namespace

std::string_view name_of(Evidence evidence) { return evidences[static_cast<std::size_t>(evidence)]; }
std::string_view name_of(EdgeKind kind) { return edge_kinds[static_cast<std::size_t>(kind)]; }
std::optional<EdgeKind> edge_kind(std::string_view name) { return lookup<EdgeKind>(edge_kinds, name); }
std::string_view name_of(PremiseStatus status) { return premise_statuses[static_cast<std::size_t>(status)]; }
std::string_view name_of(Severity severity) { return severities[static_cast<std::size_t>(severity)]; }
std::optional<Severity> severity(std::string_view name) { return lookup<Severity>(severities, name); }
std::string_view name_of(Verdict verdict) { return verdicts[static_cast<std::size_t>(verdict)]; }

}  // namespace assay

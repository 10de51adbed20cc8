// The audit: every selected rule on every resource that it applies to, in parallel, into one report.
#pragma once

#include <string>
#include <vector>

#include "engine/catalog.hpp"
#include "engine/graph.hpp"
#include "engine/report.hpp"
#include "engine/select.hpp"

namespace assay {

struct AuditOptions {
  std::string as_of;           // YYYY-MM-DD: the only clock
  unsigned jobs = 1;           // workers; the result does not depend on it
  std::vector<Waiver> waivers; // with spans; `expired` and `used` are filled here
  std::string profile;         // for the report
};

// `graph` is frozen. Mistakes in rules become diagnostics with carets; a rule that does not compile is an
// error and makes the audit incomplete.
Report audit(const Catalog& catalog, const std::vector<SelectedRule>& rules, const Graph& graph,
             const Sources& sources, AuditOptions options);

}  // namespace assay

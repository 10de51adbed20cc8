// Waivers: which findings an accepted exception silences.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/report.hpp"

namespace assay {

// Whether `pattern` names the rule: an id, an alias with or without its tool, `family/*`, `tool/*`, `*` or `all`.
bool names_rule(std::string_view pattern, const RuleInfo& rule, bool foreign);

// Marks findings that a waiver covers, counts each waiver's use, and flags the expired ones, which cover
// nothing. The first waiver that covers a finding gets it. `as_of` is YYYY-MM-DD; a waiver holds through
// the day of its `until`.
void apply_waivers(std::vector<Finding>& findings, std::vector<Waiver>& waivers, const Graph& graph,
                   const Sources& sources, const std::string& as_of);

}  // namespace assay

// What rules protect: the families of rule files. Rules that are no rule files (admission policies, definitions of
// custom resources) have families of their own.
#pragma once

#include <array>
#include <string_view>

namespace assay {

inline constexpr std::array<std::string_view, 12> rule_families = {
    "availability", "isolation", "workload-hardening", "transport-security", "encryption-at-rest", "data-placement",
    "backup", "identity", "secrets", "observability", "supply-chain", "hygiene"};

}  // namespace assay

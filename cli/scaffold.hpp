// `assay rules new FAMILY/NAME`: the file of a new rule, which passes its own test as it is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay {

// Empty: `id` may be a new rule's; else why not.
std::string rule_id_fault(std::string_view id, const std::vector<std::string_view>& families);
std::string rule_scaffold(std::string_view id, std::string_view version);

}  // namespace assay

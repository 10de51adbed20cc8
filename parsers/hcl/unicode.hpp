// What HCL asks of Unicode: which characters make a name, and the normal form of strings.
#pragma once

#include <string>
#include <string_view>

namespace assay::hcl {

bool starts_name(char32_t code_point);      // UAX #31 ID_Start
bool continues_name(char32_t code_point);   // ID_Continue or `-`
// Normalization form C; text that is not UTF-8 comes back as it is.
std::string normalized(std::string_view text);

}  // namespace assay::hcl

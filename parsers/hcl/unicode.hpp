// What HCL and its functions ask of Unicode: which characters make a name, the normal form of strings, letters'
// cases, and characters as people count them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace assay::hcl {

bool starts_name(char32_t code_point);      // UAX #31 ID_Start
bool continues_name(char32_t code_point);   // ID_Continue or `-`
// Normalization form C; text that is not UTF-8 comes back as it is.
std::string normalized(std::string_view text);

// Simple mappings of one code point.
char32_t to_upper(char32_t code_point);
char32_t to_lower(char32_t code_point);
char32_t to_title(char32_t code_point);
bool is_letter(char32_t code_point);
bool is_digit(char32_t code_point);  // decimal digits of any script
bool is_space(char32_t code_point);  // White_Space

// Bytes of the grapheme cluster (UAX #29) that begins at `at`, which is inside `text`.
std::size_t grapheme_size(std::string_view text, std::size_t at);
std::size_t count_graphemes(std::string_view text);

}  // namespace assay::hcl

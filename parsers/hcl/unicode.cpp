#include "parsers/hcl/unicode.hpp"

#include <algorithm>
#include <cstdlib>

#include <utf8proc.h>

namespace assay::hcl {

bool starts_name(char32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  // Other_ID_Start (Unicode, PropList.txt), which no category covers; Other_ID_Continue is below.
  if (c == 0x1885 || c == 0x1886 || c == 0x2118 || c == 0x212E || c == 0x309B || c == 0x309C) return true;
  if (c == 0x2E2F) return false;  // a letter by category, but pattern syntax
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_LU: case UTF8PROC_CATEGORY_LL: case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM: case UTF8PROC_CATEGORY_LO: case UTF8PROC_CATEGORY_NL:
      return true;
    default:  // the library's enumeration may grow
      return false;
  }
}

bool continues_name(char32_t c) {
  if (c < 0x80) return starts_name(c) || (c >= '0' && c <= '9') || c == '-';
  if (starts_name(c) || c == 0xB7 || c == 0x387 || (c >= 0x1369 && c <= 0x1371) || c == 0x19DA) return true;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_MN: case UTF8PROC_CATEGORY_MC: case UTF8PROC_CATEGORY_ND: case UTF8PROC_CATEGORY_PC:
      return true;
    default:
      return false;
  }
}

std::string normalized(std::string_view text) {
  if (std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
    return std::string(text);
  utf8proc_uint8_t* out = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 static_cast<utf8proc_ssize_t>(text.size()), &out,
                                 static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  std::string result = size < 0 ? std::string(text) : std::string(reinterpret_cast<char*>(out), static_cast<std::size_t>(size));
  std::free(out);
  return result;
}

char32_t to_upper(char32_t c) {
  if (c == 0xdf) return c;  // the library's capital sharp s is no simple mapping
  return static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(c)));
}
char32_t to_lower(char32_t c) { return static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c))); }
char32_t to_title(char32_t c) {
  if (c == 0xdf) return c;
  return static_cast<char32_t>(utf8proc_totitle(static_cast<utf8proc_int32_t>(c)));
}

bool is_letter(char32_t c) {
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}
bool is_digit(char32_t c) { return utf8proc_category(static_cast<utf8proc_int32_t>(c)) == UTF8PROC_CATEGORY_ND; }
bool is_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0d) || c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
         c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

std::size_t grapheme_size(std::string_view text, std::size_t at) {
  const auto next = [&](std::size_t from, utf8proc_int32_t& c) {
    const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + from,
                                       static_cast<utf8proc_ssize_t>(std::min<std::size_t>(text.size() - from, 4)), &c);
    if (size > 0) return static_cast<std::size_t>(size);
    c = 0xfffd;
    return std::size_t{1};
  };
  utf8proc_int32_t last = 0, c = 0, state = 0;
  std::size_t end = at + next(at, last);
  while (end < text.size()) {
    const std::size_t size = next(end, c);
    if (utf8proc_grapheme_break_stateful(last, c, &state)) break;
    last = c;
    end += size;
  }
  return end - at;
}

std::size_t count_graphemes(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); at += grapheme_size(text, at)) ++count;
  return count;
}

}  // namespace assay::hcl

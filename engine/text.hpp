// UTF-8 text of unknown origin: decoding, and making it inert for people's screens.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace assay {

// One code point, or an invalid byte.
struct Decoded {
  char32_t code_point = 0;
  std::uint32_t size = 1;  // bytes, at least 1
  bool valid = false;
};
// Strict UTF-8 (RFC 3629): no overlong forms, no surrogates. `at` is inside `text`.
Decoded decode(std::string_view text, std::size_t at);
void append_utf8(std::string& out, char32_t code_point);

// Control, format, bidirectional and other characters that change how text around them is shown.
bool unprintable(char32_t code_point);
// Cells on a terminal: 0, 1 or 2.
std::uint32_t cell_width(char32_t code_point);

}  // namespace assay

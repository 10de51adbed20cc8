#include "parsers/text.hpp"

#include <algorithm>

namespace assay {

namespace {

// Bytes that need no look: printable ASCII, tab and line breaks.
bool all_plain(const char* p) {
  unsigned char bad = 0;
  for (int i = 0; i < 64; ++i) {
    const auto c = static_cast<unsigned char>(p[i]);
    const bool control = (c < 0x20) & (c != '\t') & (c != '\n') & (c != '\r');
    bad |= static_cast<unsigned char>(control | (c >= 0x7f));
  }
  return bad == 0;
}

std::string hex(unsigned value, int digits) {
  std::string out;
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += "0123456789abcdef"[value >> shift & 15];
  return out;
}

// Length of the well-formed UTF-8 sequence at `i`, 0 where there is none. (Unicode 15, table 3-7.)
int utf8_length(std::string_view s, std::size_t i) {
  const auto at = [&](std::size_t k) { return k < s.size() ? static_cast<unsigned char>(s[k]) : 0u; };
  const auto tail = [&](std::size_t k) { return (at(k) & 0xc0) == 0x80; };
  const unsigned c = at(i);
  if (c < 0x80) return 1;
  if (c < 0xc2) return 0;
  if (c < 0xe0) return tail(i + 1) ? 2 : 0;
  if (c < 0xf0) {
    const unsigned low = c == 0xe0 ? 0xa0 : 0x80, high = c == 0xed ? 0x9f : 0xbf;
    return at(i + 1) >= low && at(i + 1) <= high && tail(i + 2) ? 3 : 0;
  }
  if (c < 0xf5) {
    const unsigned low = c == 0xf0 ? 0x90 : 0x80, high = c == 0xf4 ? 0x8f : 0xbf;
    return at(i + 1) >= low && at(i + 1) <= high && tail(i + 2) && tail(i + 3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

BadText find_bad_text(std::string_view s, std::size_t i, bool strict) {
  while (i < s.size()) {
    if (i + 64 <= s.size() && all_plain(s.data() + i)) {
      i += 64;
      continue;
    }
    const std::size_t stop = std::min(i + 64, s.size());
    while (i < stop) {
      const auto c = static_cast<unsigned char>(s[i]);
      if (c < 0x80) {
        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (strict && c == 0x7f)) {
          return {i, 1, "control-character",
                  c == 0 ? std::string("a NUL byte: this is a binary file or UTF-16 text; save it as UTF-8 text")
                         : "the control character U+" + hex(c, 4) + "; remove it, or write it as an escape in double quotes"};
        }
        ++i;
        continue;
      }
      const int length = utf8_length(s, i);
      if (length == 0)
        return {i, 1, "invalid-utf8", "the byte 0x" + hex(c, 2) + " is not UTF-8 here; save the file as UTF-8"};
      if (strict && c == 0xc2 && static_cast<unsigned char>(s[i + 1]) < 0xa0 && static_cast<unsigned char>(s[i + 1]) != 0x85) {
        return {i, 2, "control-character", "the control character U+" + hex(static_cast<unsigned char>(s[i + 1]), 4) +
                                               "; remove it, or write it as an escape in double quotes"};
      }
      if (strict && c == 0xef && static_cast<unsigned char>(s[i + 1]) == 0xbf && static_cast<unsigned char>(s[i + 2]) >= 0xbe)
        return {i, 3, "control-character", "a character that Unicode reserves; remove it"};
      i += static_cast<std::size_t>(length);
    }
  }
  return {};
}

BadText find_bad_encoding(std::string_view s) {
  const auto starts = [&](std::string_view mark) { return s.substr(0, mark.size()) == mark; };
  const char* encoding = nullptr;
  using namespace std::string_view_literals;
  if (starts("\xff\xfe\0\0"sv) || starts("\0\0\xfe\xff"sv)) encoding = "UTF-32";
  else if (starts("\xff\xfe"sv) || starts("\xfe\xff"sv)) encoding = "UTF-16";
  if (!encoding) return {};
  return {0, 2, "encoding", std::string("this file is encoded as ") + encoding + "; save it as UTF-8"};
}

}  // namespace assay

#include "parsers/yaml/content.hpp"

#include <cstring>

namespace assay::yaml {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_break(char c) { return c == '\n' || c == '\r'; }

std::size_t after_break(std::string_view s, std::size_t at, std::size_t limit) {
  return at + 1 < limit && s[at] == '\r' && s[at + 1] == '\n' ? at + 2 : at + 1;
}
std::size_t line_end(std::string_view s, std::size_t at, std::size_t limit) {
  const auto* newline = static_cast<const char*>(std::memchr(s.data() + at, '\n', limit - at));
  const std::size_t end = newline ? static_cast<std::size_t>(newline - s.data()) : limit;
  // A lone CR is a line break too; it is rare enough to look for it apart.
  const auto* cr = static_cast<const char*>(std::memchr(s.data() + at, '\r', end - at));
  return cr ? static_cast<std::size_t>(cr - s.data()) : end;
}

void append_utf8(std::string& out, std::uint32_t c) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | (c >> shift & 0x3f)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | c >> 6);
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | c >> 12);
    tail(6), tail(0);
  } else {
    out += static_cast<char>(0xf0 | c >> 18);
    tail(12), tail(6), tail(0);
  }
}

int hex_value(std::string_view s, std::size_t at, int digits, std::size_t end, std::uint32_t& value) {
  if (at + static_cast<std::size_t>(digits) > end) return 0;
  value = 0;
  for (int i = 0; i < digits; ++i) {
    const char c = s[at + static_cast<std::size_t>(i)];
    int digit;
    if (c >= '0' && c <= '9') digit = c - '0';
    else if (c >= 'a' && c <= 'f') digit = c - 'a' + 10;
    else if (c >= 'A' && c <= 'F') digit = c - 'A' + 10;
    else return 0;
    value = value << 4 | static_cast<std::uint32_t>(digit);
  }
  return digits;
}

// The text of the escape at `at` (a backslash) and its length; 0 where there is no such escape.
std::size_t decode_escape(std::string_view s, std::size_t at, std::size_t end, std::string& out) {
  if (at + 1 >= end) return 0;
  std::uint32_t code = 0;
  switch (s[at + 1]) {
    case '0': code = 0; break;
    case 'a': code = 7; break;
    case 'b': code = 8; break;
    case 't': case '\t': code = 9; break;
    case 'n': code = 10; break;
    case 'v': code = 11; break;
    case 'f': code = 12; break;
    case 'r': code = 13; break;
    case 'e': code = 27; break;
    case ' ': case '"': case '/': case '\\': code = static_cast<unsigned char>(s[at + 1]); break;
    case 'N': code = 0x85; break;
    case '_': code = 0xa0; break;
    case 'L': code = 0x2028; break;
    case 'P': code = 0x2029; break;
    case 'x': case 'u': case 'U': {
      const int digits = s[at + 1] == 'x' ? 2 : s[at + 1] == 'u' ? 4 : 8;
      if (!hex_value(s, at + 2, digits, end, code)) return 0;
      auto length = static_cast<std::size_t>(digits) + 2;
      // JSON writes what lies beyond U+FFFF as two halves.
      std::uint32_t low = 0;
      if (digits == 4 && code >= 0xd800 && code < 0xdc00 && at + 12 <= end && s[at + 6] == '\\' && s[at + 7] == 'u' &&
          hex_value(s, at + 8, 4, end, low) && low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        length = 12;
      }
      if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return 0;
      append_utf8(out, code);
      return length;
    }
    default: return 0;
  }
  append_utf8(out, code);
  return 2;
}

}  // namespace

void Content::piece(std::size_t source) {
  const auto at = static_cast<std::uint32_t>(text.size());
  const auto from = static_cast<std::uint32_t>(source);
  if (!pieces->empty()) {
    TextPiece& last = pieces->back();
    if (last.source + (at - last.content) == from) return;
    if (last.content == at) {
      last.source = from;
      return;
    }
  }
  pieces->push_back({at, from});
}

bool decode_flow(std::string_view s, std::size_t at, std::size_t end, Quote quote, Content& content,
                 std::size_t& error) {
  std::string escaped;
  std::size_t run = at;         // begin of what is copied next
  std::size_t solid = at;       // end of the last character that folding may not trim
  while (at < end) {
    const char c = s[at];
    if (is_break(c)) {
      // White space around a line break goes; one break is a space, n breaks are n-1.
      std::size_t text_end = at;
      while (text_end > solid && is_blank(s[text_end - 1])) --text_end;
      content.copied(s, run, text_end);
      std::size_t first_break = at, breaks = 0;
      while (at < end && (is_blank(s[at]) || is_break(s[at]))) {
        if (is_break(s[at])) {
          if (++breaks > 1) content.made("\n", at);
          at = after_break(s, at, end);
        } else {
          ++at;
        }
      }
      if (breaks == 1) content.made(" ", first_break);
      run = solid = at;
    } else if (quote == Quote::single && c == '\'') {
      content.copied(s, run, at + 1);  // '' stands for one quote
      at += 2;
      run = solid = at;
    } else if (quote == Quote::double_ && c == '\\') {
      content.copied(s, run, at);
      if (at + 1 < end && is_break(s[at + 1])) {
        // An escaped break is nothing; further empty lines are breaks.
        at = after_break(s, at + 1, end);
        while (at < end && (is_blank(s[at]) || is_break(s[at]))) {
          if (is_break(s[at])) {
            content.made("\n", at);
            at = after_break(s, at, end);
          } else {
            ++at;
          }
        }
      } else {
        escaped.clear();
        const std::size_t length = decode_escape(s, at, end, escaped);
        if (length == 0) {
          error = at;
          return false;
        }
        content.made(escaped, at);
        at += length;
      }
      run = solid = at;
    } else {
      ++at;
    }
  }
  content.copied(s, run, end);
  return true;
}

BlockHeader block_header(std::string_view s, std::size_t at, std::size_t limit) {
  BlockHeader h;
  h.folded = s[at] == '>';
  ++at;
  while (at < limit && (s[at] == '-' || s[at] == '+' || (s[at] >= '0' && s[at] <= '9'))) {
    if (s[at] == '-' || s[at] == '+') {
      if (h.chomp) return h;
      h.chomp = s[at];
    } else {
      if (h.indent || s[at] == '0') return h;
      h.indent = s[at] - '0';
    }
    ++at;
  }
  h.end = at;
  while (at < limit && is_blank(s[at])) ++at;
  if (at < limit && !is_break(s[at])) {
    if (s[at] != '#' || at == h.end) return h;
    at = line_end(s, at, limit);
  }
  h.body = at < limit ? after_break(s, at, limit) : limit;
  h.valid = true;
  return h;
}

BlockEnd decode_block(std::string_view s, const BlockHeader& header, std::size_t limit, int least, int exact,
                      Content& content) {
  BlockEnd result;
  result.last = header.end;
  std::size_t line = header.body;
  std::size_t leading_break = std::string_view::npos;  // place of the break after the last line with text
  std::vector<std::size_t> empty;                      // places of the breaks of empty lines since then
  bool indented_before = false;                        // that line began with white space
  bool any = false;
  int indent = exact;
  int deepest_empty = 0;
  while (line < limit) {
    std::size_t at = line;
    const std::size_t most = indent < 0 ? limit : std::min(limit, line + static_cast<std::size_t>(indent));
    while (at < most && s[at] == ' ') ++at;
    const int spaces = static_cast<int>(at - line);
    if (at < limit && is_break(s[at])) {  // empty
      deepest_empty = std::max(deepest_empty, spaces);
      empty.push_back(at);
      line = after_break(s, at, limit);
      continue;
    }
    if (at < limit && s[at] == '\t' && (indent < 0 || spaces < indent)) {
      result.valid = false;
      break;
    }
    if (at >= limit) {  // spaces up to the end
      line = limit;
      break;
    }
    if (indent < 0) {
      if (spaces < least) break;
      indent = spaces;
      if (deepest_empty > indent) result.valid = false;
    } else if (spaces < indent) {
      break;
    }
    if (spaces == 0 && limit - at >= 3 && (s[at] == '-' || s[at] == '.') && s[at + 1] == s[at] && s[at + 2] == s[at] &&
        (limit - at == 3 || is_blank(s[at + 3]) || is_break(s[at + 3])))
      break;
    const std::size_t end = line_end(s, at, limit);
    const bool indented = is_blank(s[at]);
    if (any) {
      if (!header.folded || indented || indented_before) {
        content.made("\n", leading_break);
      } else if (empty.empty()) {
        content.made(" ", leading_break);
      }
    }
    for (const std::size_t place : empty) content.made("\n", place);
    empty.clear();
    content.copied(s, at, end);
    any = true;
    indented_before = indented;
    if (!indented || s.substr(at, end - at).find_first_not_of(" \t") != std::string_view::npos) result.last = end;
    leading_break = end < limit ? end : std::string_view::npos;
    line = end < limit ? after_break(s, end, limit) : limit;
  }
  result.next = line;
  if (header.chomp != '-' && any && leading_break != std::string_view::npos) content.made("\n", leading_break);
  if (header.chomp == '+')
    for (const std::size_t place : empty) content.made("\n", place);
  return result;
}

}  // namespace assay::yaml

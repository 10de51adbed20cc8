#include "parsers/hcl/lex.hpp"

#include <algorithm>

#include "engine/text.hpp"
#include "parsers/hcl/unicode.hpp"

namespace assay::hcl {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }

bool plain_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || digit(c);
}

// The end of the name that begins at `at`, or `at`.
std::size_t name_end(std::string_view text, std::size_t at) {
  if (at >= text.size()) return at;
  std::size_t end = at;
  if (static_cast<unsigned char>(text[at]) < 0x80) {
    if (!starts_name(static_cast<unsigned char>(text[at]))) return at;
    ++end;
  } else {
    const Decoded first = decode(text, at);
    if (!first.valid || !starts_name(first.code_point)) return at;
    end += first.size;
  }
  while (end < text.size()) {
    if (plain_name(text[end])) {
      ++end;
      continue;
    }
    if (static_cast<unsigned char>(text[end]) < 0x80) break;
    const Decoded next = decode(text, end);
    if (!next.valid || !continues_name(next.code_point)) break;
    end += next.size;
  }
  return end;
}

// Digits, points and exponents in any order, but no point at the end: `1.2.3` is one (wrong) number,
// `1...` a number and an ellipsis.
std::size_t number_end(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  for (std::size_t next = end; next < text.size();) {
    if (digit(text[next])) {
      end = ++next;
    } else if (text[next] == '.') {
      ++next;
    } else if (text[next] == 'e' || text[next] == 'E') {
      std::size_t exponent = next + 1;
      if (exponent < text.size() && (text[exponent] == '+' || text[exponent] == '-')) ++exponent;
      if (exponent >= text.size() || !digit(text[exponent])) break;
      end = next = exponent + 1;
    } else {
      break;
    }
  }
  return end;
}

// The end of `<<NAME` or `<<-NAME` with its newline, or `at` when this is something else.
std::size_t heredoc_end(std::string_view text, std::size_t at) {
  std::size_t name = at + 2;
  if (name < text.size() && text[name] == '-') ++name;
  std::size_t end = name_end(text, name);
  if (end == name) return at;
  if (end < text.size() && text[end] == '\r') ++end;
  return end < text.size() && text[end] == '\n' ? end + 1 : at;
}

}  // namespace

Lexeme lex(std::string_view text, std::uint32_t from, bool skip_newlines, std::vector<TextRange>& comments) {
  std::size_t at = from;
  const auto next_is = [&](char c) { return at + 1 < text.size() && text[at + 1] == c; };
  const auto comment = [&](std::size_t end) {
    const TextRange range{static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end)};
    if (comments.empty() || comments.back().end <= range.begin) comments.push_back(range);
    at = end;
  };
  const auto token = [&](Token kind, std::size_t size) {
    return Lexeme{kind, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + size)};
  };
  const auto pair = [&](char second, Token both, Token one) { return next_is(second) ? token(both, 2) : token(one, 1); };

  if (at == 0 && text.starts_with("\xEF\xBB\xBF")) at = 3;
  for (; at < text.size();) {
    const char c = text[at];
    switch (c) {
      case ' ': case '\t':
        ++at;
        continue;
      case '\r':
        if (!next_is('\n')) return token(Token::bad, 1);
        if (!skip_newlines) return token(Token::newline, 2);
        at += 2;
        continue;
      case '\n':
        if (!skip_newlines) return token(Token::newline, 1);
        ++at;
        continue;
      case '/':
        if (next_is('*')) {
          const std::size_t end = text.find("*/", at + 2);
          if (end == std::string_view::npos) return token(Token::open_comment, text.size() - at);
          comment(end + 2);
          continue;
        }
        if (!next_is('/')) return token(Token::slash, 1);
        [[fallthrough]];
      case '#': {
        std::size_t end = std::min(text.find('\n', at), text.size());
        if (end > at && text[end - 1] == '\r') --end;
        comment(end);
        continue;
      }
      case '"': return token(Token::quote, 1);
      case '{': return token(Token::open_brace, 1);
      case '}': return token(Token::close_brace, 1);
      case '[': return token(Token::open_bracket, 1);
      case ']': return token(Token::close_bracket, 1);
      case '(': return token(Token::open_paren, 1);
      case ')': return token(Token::close_paren, 1);
      case ',': return token(Token::comma, 1);
      case '?': return token(Token::question, 1);
      case '+': return token(Token::plus, 1);
      case '-': return token(Token::minus, 1);
      case '*': return token(Token::star, 1);
      case '%': return token(Token::percent, 1);
      case '.': return text.substr(at, 3) == "..." ? token(Token::ellipsis, 3) : token(Token::dot, 1);
      case ':': return pair(':', Token::double_colon, Token::colon);
      case '=':
        if (next_is('>')) return token(Token::arrow, 2);
        return pair('=', Token::equal, Token::assign);
      case '!': return pair('=', Token::not_equal, Token::not_);
      case '>': return pair('=', Token::greater_equal, Token::greater);
      case '&': return pair('&', Token::and_, Token::bad);
      case '|': return pair('|', Token::or_, Token::bad);
      case '~': return pair('}', Token::close_trim, Token::bad);
      case '<':
        if (next_is('='))  return token(Token::less_equal, 2);
        if (next_is('<'))
          if (const std::size_t end = heredoc_end(text, at); end != at) return token(Token::heredoc, end - at);
        return token(Token::less, 1);
      default:
        break;
    }
    if (digit(c)) return token(Token::number, number_end(text, at) - at);
    if (const std::size_t end = name_end(text, at); end != at) return token(Token::name, end - at);
    return token(Token::bad, decode(text, at).size);
  }
  return token(Token::end, 0);
}

std::uint32_t space_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return 0;
  const char c = text[at];
  if (c == ' ' || (c >= '\t' && c <= '\r')) return 1;
  if (static_cast<unsigned char>(c) < 0x80) return 0;
  const Decoded next = decode(text, at);
  if (!next.valid) return 0;
  switch (next.code_point) {
    case 0x85: case 0xA0: case 0x1680: case 0x2028: case 0x2029: case 0x202F: case 0x205F: case 0x3000:
      return next.size;
    default:
      return next.code_point >= 0x2000 && next.code_point <= 0x200A ? next.size : 0;
  }
}

std::string_view trim_left(std::string_view text) {
  while (const std::uint32_t size = space_at(text, 0)) text.remove_prefix(size);
  return text;
}

std::string_view trim_right(std::string_view text) {
  while (!text.empty()) {
    std::size_t at = text.size() - 1;
    while (at > 0 && text.size() - at < 4 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
    if (at + space_at(text, at) != text.size()) break;
    text.remove_suffix(text.size() - at);
  }
  return text;
}

}  // namespace assay::hcl

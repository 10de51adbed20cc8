// Tokens of an expression, as byte ranges into its text, and the values of its literals.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cel/program.hpp"

namespace assay::cel {

enum class TokenKind : std::uint8_t {
  end,
  identifier,
  quoted_identifier,  // `a-b`
  integer,
  unsigned_integer,
  floating,
  string,
  bytes,
  keyword_true,
  keyword_false,
  keyword_null,
  keyword_in,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  logical_and,
  logical_or,
  left_bracket,
  right_bracket,
  left_brace,
  right_brace,
  left_parenthesis,
  right_parenthesis,
  dot,
  comma,
  minus,
  exclamation,
  question,
  colon,
  plus,
  star,
  slash,
  percent,
};

struct Token {
  TokenKind kind = TokenKind::end;
  TextRange range;
};

// All tokens, the last of kind `end`; stops at the first mistake, which is then in `issues`.
std::vector<Token> lex(std::string_view text, std::vector<Issue>& issues);

// Whether a word may not name a variable or function ("for", "package" …). It may name a field.
bool is_reserved(std::string_view word);

// The text that a string or bytes token (prefixes and quotes included) stands for. On a mistake an
// issue is added, whose range lies in the expression, and false is given.
bool unquote(std::string_view text, const Token& token, std::string& out, std::vector<Issue>& issues);

}  // namespace assay::cel

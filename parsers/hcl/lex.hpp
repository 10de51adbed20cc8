// Tokens of HCL outside of templates. The parser asks for one at a time, as only it knows where a
// template begins and whether a newline means anything.
#pragma once

#include <vector>

#include "parsers/document.hpp"

namespace assay::hcl {

enum class Token : std::uint8_t {
  end, newline, name, number, quote, heredoc,  // heredoc: `<<` or `<<-`
  open_brace, close_brace, open_bracket, close_bracket, open_paren, close_paren,
  comma, dot, ellipsis, colon, double_colon, question, assign, arrow, tilde,
  equal, not_equal, less, less_equal, greater, greater_equal, and_, or_, not_,
  plus, minus, star, slash, percent, bad,
};

struct Lexeme {
  Token token = Token::end;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// The token at or after `from`. Blanks and comments before it are passed over, newlines too where
// `skip_newlines`; comments are added to `comments` once, in order of place.
Lexeme lex(const Source& source, std::uint32_t from, bool skip_newlines, std::vector<Comment>& comments);

}  // namespace assay::hcl

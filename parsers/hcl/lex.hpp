// Tokens of HCL outside of templates. The parser asks for one at a time, as only it knows where a
// template begins and whether a newline means anything.
#pragma once

#include <string_view>
#include <vector>

#include "parsers/document.hpp"

namespace assay::hcl {

enum class Token : std::uint8_t {
  end, newline, name, number, quote, heredoc,  // heredoc: `<<NAME` or `<<-NAME` and the newline after it
  open_brace, close_brace, close_trim,         // close_trim: `~}`
  open_bracket, close_bracket, open_paren, close_paren,
  comma, dot, ellipsis, colon, double_colon, question, assign, arrow,
  equal, not_equal, less, less_equal, greater, greater_equal, and_, or_, not_,
  plus, minus, star, slash, percent,
  open_comment,  // `/*` without `*/`, up to the end of the text
  bad,           // a character that HCL has no use for
};

struct Lexeme {
  Token token = Token::end;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

struct TextRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// The token at or after `from`. Blanks and comments before it are passed over, newlines too where
// `skip_newlines`; comments are added to `comments` once, in order of place.
Lexeme lex(std::string_view text, std::uint32_t from, bool skip_newlines, std::vector<TextRange>& comments);

// Go's unicode.IsSpace, which trimming goes by: the bytes of the space at `at`, 0 if there is none.
std::uint32_t space_at(std::string_view text, std::size_t at);
std::string_view trim_left(std::string_view text);
std::string_view trim_right(std::string_view text);

}  // namespace assay::hcl

#include "parsers/hcl/lex.hpp"

#include "engine/text.hpp"
#include "parsers/hcl/unicode.hpp"

namespace assay::hcl {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }

struct Sign {
  std::string_view text;
  Token token;
};
// Longest first.
constexpr Sign signs[] = {
    {"...", Token::ellipsis}, {"<<-", Token::heredoc}, {"<<", Token::heredoc}, {"::", Token::double_colon},
    {"=>", Token::arrow}, {"==", Token::equal}, {"!=", Token::not_equal}, {"<=", Token::less_equal},
    {">=", Token::greater_equal}, {"&&", Token::and_}, {"||", Token::or_}, {"{", Token::open_brace},
    {"}", Token::close_brace}, {"[", Token::open_bracket}, {"]", Token::close_bracket}, {"(", Token::open_paren},
    {")", Token::close_paren}, {",", Token::comma}, {".", Token::dot}, {":", Token::colon}, {"?", Token::question},
    {"=", Token::assign}, {"~", Token::tilde}, {"<", Token::less}, {">", Token::greater}, {"!", Token::not_},
    {"+", Token::plus}, {"-", Token::minus}, {"*", Token::star}, {"/", Token::slash}, {"%", Token::percent},
    {"\"", Token::quote},
};

}  // namespace

Lexeme lex(const Source& source, std::uint32_t from, bool skip_newlines, std::vector<Comment>& comments) {
  const std::string_view text = source.bytes();
  std::size_t at = from;
  const auto comment = [&](std::size_t end) {
    const Span span{source.id(), static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end)};
    if (comments.empty() || comments.back().span.begin < span.begin) comments.push_back({span});
    at = end;
  };
  const auto token = [&](Token kind, std::size_t size) {
    return Lexeme{kind, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + size)};
  };
  if (at == 0 && text.starts_with("\xEF\xBB\xBF")) at = 3;
  while (at < text.size()) {
    const char c = text[at];
    if (c == ' ' || c == '\t') {
      ++at;
    } else if (c == '\n' || (c == '\r' && text.substr(at).starts_with("\r\n"))) {
      if (!skip_newlines) return token(Token::newline, c == '\n' ? 1 : 2);
      ++at;
    } else if (c == '#' || text.substr(at, 2) == "//") {
      std::size_t end = std::min(text.find('\n', at), text.size());
      if (end > at && text[end - 1] == '\r') --end;
      comment(end);
    } else if (text.substr(at, 2) == "/*") {
      const std::size_t end = text.find("*/", at + 2);
      if (end == std::string_view::npos) return token(Token::bad, text.size() - at);
      comment(end + 2);
    } else {
      break;
    }
  }
  if (at >= text.size()) return token(Token::end, 0);
  if (digit(text[at])) {
    std::size_t end = at;
    while (end < text.size() && digit(text[end])) ++end;
    if (end + 1 < text.size() && text[end] == '.' && digit(text[end + 1])) {
      ++end;
      while (end < text.size() && digit(text[end])) ++end;
    }
    if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
      std::size_t exponent = end + 1;
      if (exponent < text.size() && (text[exponent] == '+' || text[exponent] == '-')) ++exponent;
      if (exponent < text.size() && digit(text[exponent])) {
        while (exponent < text.size() && digit(text[exponent])) ++exponent;
        end = exponent;
      }
    }
    return token(Token::number, end - at);
  }
  Decoded first = decode(text, at);
  if (first.valid && starts_name(first.code_point)) {
    std::size_t end = at + first.size;
    while (end < text.size()) {
      const Decoded next = decode(text, end);
      if (!next.valid || !continues_name(next.code_point)) break;
      end += next.size;
    }
    return token(Token::name, end - at);
  }
  for (const Sign& sign : signs)
    if (text.substr(at, sign.text.size()) == sign.text) return token(sign.token, sign.text.size());
  return token(Token::bad, first.size);
}

}  // namespace assay::hcl

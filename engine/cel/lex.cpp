#include "engine/cel/lex.hpp"

#include <algorithm>
#include <array>

namespace assay::cel {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
std::uint32_t hex_value(char c) {
  if (is_digit(c)) return static_cast<std::uint32_t>(c - '0');
  return static_cast<std::uint32_t>((c | 0x20) - 'a') + 10;
}

struct Symbol {
  std::string_view text;
  TokenKind kind;
};
// Two-character symbols stand first: the longest match wins.
constexpr std::array<Symbol, 24> symbols{{
    {"==", TokenKind::equal},
    {"!=", TokenKind::not_equal},
    {"<=", TokenKind::less_equal},
    {">=", TokenKind::greater_equal},
    {"&&", TokenKind::logical_and},
    {"||", TokenKind::logical_or},
    {"<", TokenKind::less},
    {">", TokenKind::greater},
    {"[", TokenKind::left_bracket},
    {"]", TokenKind::right_bracket},
    {"{", TokenKind::left_brace},
    {"}", TokenKind::right_brace},
    {"(", TokenKind::left_parenthesis},
    {")", TokenKind::right_parenthesis},
    {".", TokenKind::dot},
    {",", TokenKind::comma},
    {"-", TokenKind::minus},
    {"!", TokenKind::exclamation},
    {"?", TokenKind::question},
    {":", TokenKind::colon},
    {"+", TokenKind::plus},
    {"*", TokenKind::star},
    {"/", TokenKind::slash},
    {"%", TokenKind::percent},
}};
constexpr std::array<Symbol, 4> keywords{{
    {"true", TokenKind::keyword_true},
    {"false", TokenKind::keyword_false},
    {"null", TokenKind::keyword_null},
    {"in", TokenKind::keyword_in},
}};

// Length of the well-formed UTF-8 sequence at `at`, or 0.
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xc0u) == 0x80u; };
  const unsigned lead = byte(at);
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return follows(at + 1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    if (!follows(at + 1) || !follows(at + 2)) return 0;
    if (lead == 0xe0 && byte(at + 1) < 0xa0) return 0;
    if (lead == 0xed && byte(at + 1) >= 0xa0) return 0;
    return 3;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    if (!follows(at + 1) || !follows(at + 2) || !follows(at + 3)) return 0;
    if (lead == 0xf0 && byte(at + 1) < 0x90) return 0;
    if (lead == 0xf4 && byte(at + 1) >= 0x90) return 0;
    return 4;
  }
  return 0;
}

void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xc0 | (point >> 6));
    put(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    put(0xe0 | (point >> 12));
    put(0x80 | ((point >> 6) & 0x3f));
    put(0x80 | (point & 0x3f));
  } else {
    put(0xf0 | (point >> 18));
    put(0x80 | ((point >> 12) & 0x3f));
    put(0x80 | ((point >> 6) & 0x3f));
    put(0x80 | (point & 0x3f));
  }
}

class Lexer {
 public:
  Lexer(std::string_view text, std::vector<Issue>& issues) : text_(text), issues_(issues) {}

  std::vector<Token> run() {
    std::vector<Token> tokens;
    while (skip_space(), at_ < text_.size() && !failed_) {
      const std::size_t begin = at_;
      const TokenKind kind = next();
      if (!failed_) tokens.push_back({kind, range(begin, at_)});
    }
    const auto end = static_cast<std::uint32_t>(text_.size());
    tokens.push_back({TokenKind::end, {end, end}});
    return tokens;
  }

 private:
  static TextRange range(std::size_t begin, std::size_t end) {
    return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
  }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool starts(std::string_view word) const { return text_.substr(at_, word.size()) == word; }
  TokenKind fail(std::size_t begin, std::size_t end, std::string message) {
    issues_.push_back({range(begin, std::max(end, begin)), std::move(message)});
    failed_ = true;
    return TokenKind::end;
  }

  void skip_space() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f') {
        ++at_;
      } else if (starts("//")) {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else {
        return;
      }
    }
  }

  TokenKind next() {
    const char c = peek();
    if (const std::size_t quote = string_prefix(); quote != no_string) return string(quote);
    if (is_letter(c)) return word();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
    if (c == '`') return quoted_identifier();
    for (const Symbol& symbol : symbols) {
      if (starts(symbol.text)) {
        at_ += symbol.text.size();
        return symbol.kind;
      }
    }
    if (c == '=') return fail(at_, at_ + 1, "`=` is no operator, compare with `==`");
    if (c == '&' || c == '|') {
      return fail(at_, at_ + 1, std::string("`") + c + "` is no operator, write `" + c + c + "`");
    }
    const std::size_t length = utf8_length(text_, at_);
    if (length == 0) return fail(at_, at_ + 1, "the text is not valid UTF-8, save it as UTF-8");
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      return fail(at_, at_ + 1, "control character outside a string, remove it");
    }
    return fail(at_, at_ + length, "unexpected character `" + std::string(text_.substr(at_, length)) + "`");
  }

  static constexpr std::size_t no_string = static_cast<std::size_t>(-1);
  // How many prefix letters stand before a quote here: r, b, br in either case.
  std::size_t string_prefix() const {
    std::size_t n = 0;
    if ((peek() | 0x20) == 'b') ++n;
    if ((peek(n) | 0x20) == 'r') ++n;
    return peek(n) == '"' || peek(n) == '\'' ? n : no_string;
  }

  TokenKind string(std::size_t prefix) {
    const std::size_t begin = at_;
    const TokenKind kind = (peek() | 0x20) == 'b' && prefix > 0 ? TokenKind::bytes : TokenKind::string;
    const bool raw = prefix > 0 && (peek(prefix - 1) | 0x20) == 'r';
    at_ += prefix;
    const char quote = peek();
    const bool triple = peek(1) == quote && peek(2) == quote;
    at_ += triple ? 3 : 1;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == quote && (!triple || (peek(1) == quote && peek(2) == quote))) {
        at_ += triple ? 3 : 1;
        return kind;
      }
      if (!triple && (c == '\n' || c == '\r')) break;
      if (c == '\\' && !raw) {
        // What the escape means is `unquote`'s; here it only keeps a quote from ending the string.
        ++at_;
        if (at_ >= text_.size()) break;
      }
      const std::size_t length = utf8_length(text_, at_);
      if (length == 0) return fail(at_, at_ + 1, "the text is not valid UTF-8, save it as UTF-8");
      at_ += length;
    }
    const std::string closing(triple ? 3 : 1, quote);
    return fail(begin, std::min(at_, text_.size()), "the string is not closed, end it with `" + closing + "`");
  }

  TokenKind word() {
    const std::size_t begin = at_;
    while (is_letter(peek()) || is_digit(peek())) ++at_;
    const std::string_view text = text_.substr(begin, at_ - begin);
    for (const Symbol& keyword : keywords) {
      if (keyword.text == text) return keyword.kind;
    }
    return TokenKind::identifier;
  }

  TokenKind number() {
    const std::size_t begin = at_;
    TokenKind kind = TokenKind::integer;
    if (peek() == '0' && peek(1) == 'x' && is_hex(peek(2))) {
      at_ += 2;
      while (is_hex(peek())) ++at_;
    } else {
      while (is_digit(peek())) ++at_;
      if (peek() == '.' && is_digit(peek(1))) {
        kind = TokenKind::floating;
        ++at_;
        while (is_digit(peek())) ++at_;
      }
      if ((peek() | 0x20) == 'e') {
        const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
        if (is_digit(peek(1 + sign))) {
          kind = TokenKind::floating;
          at_ += 1 + sign;
          while (is_digit(peek())) ++at_;
        }
      }
    }
    if (kind == TokenKind::integer && (peek() | 0x20) == 'u') {
      kind = TokenKind::unsigned_integer;
      ++at_;
    }
    if (is_letter(peek())) {
      const std::size_t odd = at_;
      while (is_letter(peek()) || is_digit(peek())) ++at_;
      return fail(begin, at_,
                  "`" + std::string(text_.substr(begin, at_ - begin)) + "` is no number, `" +
                      std::string(text_.substr(odd, at_ - odd)) + "` cannot follow one");
    }
    return kind;
  }

  TokenKind quoted_identifier() {
    const std::size_t begin = at_++;
    while (is_letter(peek()) || is_digit(peek()) || peek() == '.' || peek() == '-' || peek() == '/' || peek() == ' ')
      ++at_;
    if (peek() != '`') {
      return fail(
          begin, at_ + 1 <= text_.size() ? at_ + 1 : at_,
          "a name between backticks may hold letters, digits, `_`, `.`, `-`, `/` and spaces, and ends with a backtick");
    }
    ++at_;
    if (at_ - begin <= 2) return fail(begin, at_, "the name between the backticks is empty");
    return TokenKind::quoted_identifier;
  }

  std::string_view text_;
  std::vector<Issue>& issues_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

}  // namespace

std::vector<Token> lex(std::string_view text, std::vector<Issue>& issues) { return Lexer(text, issues).run(); }

bool is_reserved(std::string_view word) {
  // langdef.md, "RESERVED"; true, false, null and in are tokens of their own.
  static constexpr std::array<std::string_view, 21> words{
      "as",  "break", "const", "continue",  "else",    "false",  "for",  "function", "if",   "import", "in",
      "let", "loop",  "null",  "namespace", "package", "return", "true", "var",      "void", "while"};
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool unquote(std::string_view text, const Token& token, std::string& out, std::vector<Issue>& issues) {
  std::size_t at = token.range.begin;
  std::size_t end = token.range.end;
  const bool bytes = token.kind == TokenKind::bytes;
  bool raw = false;
  while (text[at] != '"' && text[at] != '\'') raw = (text[at++] | 0x20) == 'r';
  const char quote = text[at];
  const std::size_t quotes = end - at >= 6 && text[at + 1] == quote && text[at + 2] == quote ? 3 : 1;
  at += quotes;
  end -= quotes;

  const auto fail = [&](std::size_t begin, std::size_t stop, std::string message) {
    issues.push_back(
        {{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(std::min(stop, end))}, std::move(message)});
    return false;
  };
  out.clear();
  out.reserve(end - at);
  while (at < end) {
    const char c = text[at];
    if (c == '\r') {  // line ends inside a string are always "\n"
      out.push_back('\n');
      at += at + 1 < end && text[at + 1] == '\n' ? 2 : 1;
      continue;
    }
    if (c != '\\' || raw) {
      out.push_back(c);
      ++at;
      continue;
    }
    const std::size_t begin = at++;
    const char kind = text[at++];
    switch (kind) {
      case 'a':
        out.push_back('\a');
        continue;
      case 'b':
        out.push_back('\b');
        continue;
      case 'f':
        out.push_back('\f');
        continue;
      case 'n':
        out.push_back('\n');
        continue;
      case 'r':
        out.push_back('\r');
        continue;
      case 't':
        out.push_back('\t');
        continue;
      case 'v':
        out.push_back('\v');
        continue;
      case '\\':
      case '\'':
      case '"':
      case '`':
      case '?':
        out.push_back(kind);
        continue;
      case 'x':
      case 'X':
      case 'u':
      case 'U':
      case '0':
      case '1':
      case '2':
      case '3':
        break;
      default:
        return fail(begin, at,
                    "`\\" +
                        std::string(text.substr(begin + 1, std::max<std::size_t>(1, utf8_length(text, begin + 1)))) +
                        "` is no escape, write `\\\\` for a backslash or put `r` before the string");
    }
    const bool octal = kind >= '0' && kind <= '3';
    const std::size_t digits = octal ? 2 : (kind | 0x20) == 'x' ? 2 : kind == 'u' ? 4 : 8;
    if (bytes && (kind == 'u' || kind == 'U')) {
      return fail(begin, at,
                  std::string("`\\") + kind + "` names a code point and bytes have none, write `\\x` escapes");
    }
    std::uint32_t point = octal ? static_cast<std::uint32_t>(kind - '0') : 0;
    for (std::size_t i = 0; i < digits; ++i, ++at) {
      const bool valid = at < end && (octal ? text[at] >= '0' && text[at] <= '7' : is_hex(text[at]));
      if (!valid) {
        return fail(begin, at + 1,
                    std::string("`\\") + kind + "` needs " + std::to_string(digits) +
                        (octal ? " more octal digits" : " hexadecimal digits"));
      }
      point = octal ? point * 8 + static_cast<std::uint32_t>(text[at] - '0') : point << 4 | hex_value(text[at]);
    }
    if (bytes) {
      out.push_back(static_cast<char>(point));
      continue;
    }
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
      return fail(begin, at, "`" + std::string(text.substr(begin, at - begin)) + "` is no Unicode code point");
    }
    append_utf8(out, point);
  }
  return true;
}

}  // namespace assay::cel

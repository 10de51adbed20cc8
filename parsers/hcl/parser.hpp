// The native syntax's parser, whose parts lie in parse.cpp (bodies, recovery), expression.cpp and
// template.cpp. Only these include this file.
//
// After `fail` every token is the end of the text, so that whatever is being read unwinds by itself; the
// loop over a body's items then finds the next place where reading can go on.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/hcl/ast.hpp"
#include "parsers/hcl/lex.hpp"

namespace assay::hcl {

// Where the text that is read lies in its source. Without pieces, offsets run in step from `base`.
struct TextPlace {
  SourceId source = no_source;
  std::uint32_t base = 0;
  std::span<const TextPiece> pieces;
};

// Of expressions within expressions; two count for one level of brackets.
inline constexpr std::uint32_t max_level = 2 * max_depth;
inline constexpr std::size_t max_errors = 100;  // of one file; then the rest of it is not read

class Parser {
 public:
  Parser(std::string_view text, const TextPlace& place, File& file, Diagnostics& diagnostics)
      : text_(text), place_(place), file_(file), diagnostics_(diagnostics) {}

  Body whole_body();
  const Expression* whole_expression();
  const Expression* whole_template();
  void keep_comments();

 private:
  using Kind = Expression::Kind;

  // A level of nesting, a newline mode, an open bracket: undone at the end of the scope.
  struct Level {
    Parser& parser;
    explicit Level(Parser& parser) : parser(parser) { ++parser.level_; }
    ~Level() { --parser.level_; }
  };
  struct Newlines {
    Parser& parser;
    bool before;
    Newlines(Parser& parser, bool skip) : parser(parser), before(parser.skip_newlines_) { parser.newlines(skip); }
    ~Newlines() { parser.newlines(before); }
  };
  struct Bracket {
    Parser& parser;
    explicit Bracket(Parser& parser) : parser(parser) { ++parser.open_; }
    ~Bracket() { --parser.open_; }
  };
  // Children of one node, on a stack that all nodes share.
  struct Parts {
    Parser& parser;
    std::size_t mark;
    explicit Parts(Parser& parser) : parser(parser), mark(parser.parts_.size()) {}
    ~Parts() { parser.parts_.resize(mark); }
    void add(const Expression* part) { parser.parts_.push_back(part); }
    std::size_t size() const { return parser.parts_.size() - mark; }
    std::span<const Expression* const> all() const { return std::span(parser.parts_).subspan(mark); }
  };
  struct Piece;      // template.cpp
  struct PieceTree;  // template.cpp
  enum class Quoting : std::uint8_t { quoted, heredoc, bare };

  // Tokens.
  const Lexeme& peek();
  Lexeme take();
  bool next_is(Token token) { return peek().token == token; }
  bool next_is_word(std::string_view word) { return next_is(Token::name) && view(peek()) == word; }
  bool expect(Token token, std::string_view message);  // takes it, or fails
  void newlines(bool skip) { skip_newlines_ = skip; peeked_ = false; }
  std::string_view view(const Lexeme& lexeme) const { return text_.substr(lexeme.begin, lexeme.end - lexeme.begin); }

  // Places and errors.
  Span span(std::uint32_t begin, std::uint32_t end) const;
  Span span(const Lexeme& lexeme) const { return span(lexeme.begin, lexeme.end); }
  std::uint32_t place(std::uint32_t offset) const;
  void report(Span at, std::string message, const DiagnosticNote& note = {});
  const Expression* fail(Span at, std::string message);
  const Expression* fail_here(std::string_view wanted);

  // Nodes.
  template <class T>
  T* create(const T& value);
  template <class T>
  std::span<const T> keep(std::span<const T> items);
  std::string_view keep(std::string&& text);
  std::string_view literal(std::string_view text, Span place);  // in normal form, and valid
  Expression* make(Kind kind, Span span);
  Expression* compose(Kind kind, Span span, std::span<const Expression* const> parts);
  Expression* compose(Kind kind, Span span, std::initializer_list<const Expression*> parts) {
    return compose(kind, span, std::span(parts.begin(), parts.size()));
  }

  // Bodies.
  Body body(const Lexeme* open);
  void item();
  void attribute(const Lexeme& name, bool one_line);
  void block(const Lexeme& type);
  Label quoted_label();
  std::span<const Item> keep_items();
  void end_of_item(std::string_view what, bool comma_hint);
  void recover(std::uint32_t item_begin);
  bool looks_like_item(std::uint32_t at);

  // Expressions.
  const Expression* expression();
  const Expression* binary(int least);
  const Expression* operand();
  const Expression* term();
  const Expression* traversals(const Expression* base);
  const Expression* step(const Expression* base, const Lexeme& name);
  const Expression* legacy_index(const Expression* base, const Lexeme& number);
  const Expression* attribute_splat(const Expression* base, const Lexeme& dot);
  const Expression* bracketed(const Expression* base);
  const Expression* number(const Lexeme& lexeme);
  const Expression* call(const Lexeme& name);
  const Expression* tuple();
  const Expression* object();
  const Expression* object_key();
  const Expression* for_expression(const Lexeme& open, bool object);
  bool for_names(std::string_view& key, std::string_view& value);

  // Templates.
  const Expression* quoted();
  const Expression* heredoc();
  const Expression* finish_template(std::vector<Piece>& pieces, Span whole, bool heredoc);
  bool read_pieces(Quoting quoting, std::string_view marker, std::vector<Piece>& pieces);
  bool sequence(std::vector<Piece>& pieces, bool& trim_next);
  void directive(Piece& piece);
  std::string_view literal_piece(Quoting quoting, std::uint32_t begin, std::uint32_t end);
  std::string_view unescape(std::uint32_t begin, std::uint32_t end, bool templates);
  void flush(std::vector<Piece>& pieces);
  void meld(std::vector<Piece>& pieces);
  std::uint32_t marker_line(std::uint32_t from, std::string_view marker);

  std::string_view text_;
  TextPlace place_;
  File& file_;
  Diagnostics& diagnostics_;

  std::uint32_t at_ = 0;  // the end of the last token that was taken
  bool skip_newlines_ = false;
  bool peeked_ = false;
  Lexeme next_;
  std::vector<TextRange> comments_;

  bool failed_ = false;
  bool stopped_ = false;        // after `max_errors`
  bool unclosed_ = false;       // a block that nobody closed has been reported
  std::size_t errors_ = 0;
  std::uint32_t level_ = 0;
  std::int32_t open_ = 0;         // brackets, and where `fail` was called
  std::int32_t failed_open_ = 0;
  std::vector<std::string_view> markers_;  // of the heredocs around
  std::string_view failed_marker_;
  std::string_view lost_marker_;  // no line from here on is this one

  std::vector<const Expression*> parts_;
  std::vector<Item> items_;
  std::size_t body_mark_ = 0;
};

template <class T>
T* Parser::create(const T& value) {
  return new (file_.memory->allocate(sizeof(T), alignof(T))) T(value);
}

template <class T>
std::span<const T> Parser::keep(std::span<const T> items) {
  if (items.empty()) return {};
  T* out = static_cast<T*>(file_.memory->allocate(items.size() * sizeof(T), alignof(T)));
  std::uninitialized_copy(items.begin(), items.end(), out);
  return {out, items.size()};
}

}  // namespace assay::hcl

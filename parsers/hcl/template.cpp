// Templates: quoted strings, heredocs, and texts that are templates as a whole. A template is first read as
// pieces (literal text a line at a time, as trimming goes by lines), then as a tree of directives. That
// `~` trims no further than the line, and how `<<-` counts, is the reference implementation's behaviour
// (hclsyntax/parser_template.go).
#include <limits>

#include "engine/text.hpp"
#include "parsers/hcl/parser.hpp"

namespace assay::hcl {
namespace {

Span join(Span first, Span last) { return {first.source, first.begin, last.end}; }

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

struct Parser::Piece {
  enum class What : std::uint8_t { literal, value, if_, else_, endif, for_, endfor };
  What what = What::literal;
  Span span;
  std::string_view text;   // literal
  std::string_view key;    // for
  std::string_view name;   // for
  const Expression* value = nullptr;  // value; condition; collection
};

const Expression* Parser::whole_template() {
  std::vector<Piece> pieces;
  at_ = text_.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  const std::uint32_t begin = at_;
  read_pieces(Quoting::bare, {}, pieces);
  return finish_template(pieces, span(begin, static_cast<std::uint32_t>(text_.size())), false);
}

const Expression* Parser::quoted() {
  const Lexeme open = take();
  // Most strings have nothing in them that means anything.
  std::size_t end = open.end;
  bool plain = true;
  for (; end < text_.size() && plain; ++end) {
    const char c = text_[end];
    if (c == '"') break;
    plain = c != '\\' && c != '$' && c != '%' && c != '\n' && c != '\r' && static_cast<unsigned char>(c) < 0x80;
  }
  if (plain && end < text_.size()) {
    at_ = static_cast<std::uint32_t>(end + 1);
    peeked_ = false;
    Expression* node = make(Kind::text, span(open.begin, at_));
    node->text = text_.substr(open.end, end - open.end);
    return node;
  }
  std::vector<Piece> pieces;
  if (!read_pieces(Quoting::quoted, {}, pieces))
    return fail(span(open.begin, std::max(at_, open.end)), "this string is not closed: its `\"` is missing on this line; a text of several lines is written as a heredoc (`<<EOT`)");
  return finish_template(pieces, span(open.begin, at_), false);
}

const Expression* Parser::heredoc() {
  const Lexeme open = take();
  std::string_view marker = trim_right(view(open).substr(2));
  const bool indented = marker.starts_with('-');
  if (indented) marker.remove_prefix(1);
  std::vector<Piece> pieces;
  markers_.push_back(marker);
  const bool closed = read_pieces(Quoting::heredoc, marker, pieces);
  markers_.pop_back();
  if (!closed) {
    std::uint32_t end = open.end;
    while (end > open.begin && (text_[end - 1] == '\n' || text_[end - 1] == '\r')) --end;
    return fail(span(open.begin, end), "this heredoc is not closed: a line with only `" + std::string(marker) + "` must follow, and end with a newline");
  }
  if (indented) flush(pieces);
  return finish_template(pieces, span(open.begin, at_), true);
}

// Pieces up to the end of the template, which is taken. False: there is no end (`at_` is where the text
// or the line ends); after a failure it is true.
bool Parser::read_pieces(Quoting quoting, std::string_view marker, std::vector<Piece>& pieces) {
  using What = Piece::What;
  bool trim_next = false;   // the sequence before ended with `~}`
  bool line_begins = quoting == Quoting::heredoc;
  peeked_ = false;
  for (;;) {
    if (failed_) return true;
    const std::uint32_t begin = at_;
    if (line_begins) {
      std::size_t end = text_.find('\n', at_);
      if (end != std::string_view::npos) {
        if (end > at_ && text_[end - 1] == '\r') --end;
        if (trim_left(trim_right(text_.substr(at_, end - at_))) == marker) {
          at_ = static_cast<std::uint32_t>(end);
          return true;
        }
      }
    }
    line_begins = false;
    // Literal text.
    std::uint32_t end = begin;
    bool sequence_follows = false;
    for (; end < text_.size(); ++end) {
      const char c = text_[end];
      if (c == '$' || c == '%') {
        if (end + 1 >= text_.size()) continue;
        if (text_[end + 1] == '{') {
          sequence_follows = true;
          break;
        }
        if (text_[end + 1] == c && end + 2 < text_.size() && text_[end + 2] == '{') end += 2;
      } else if (quoting == Quoting::quoted) {
        if (c == '"' || c == '\n' || c == '\r') break;
        if (c == '\\' && end + 1 < text_.size() && text_[end + 1] != '\n' && text_[end + 1] != '\r') ++end;
      } else if (c == '\r' && !(end + 1 < text_.size() && text_[end + 1] == '\n')) {
        report(span(end, end + 1), "a carriage return without a newline cannot stand in a text: end the line with a newline, or write `\\r` in a quoted string");
      } else if (c == '\n') {
        ++end;
        line_begins = quoting == Quoting::heredoc;
        break;
      }
    }
    end = std::min(end, static_cast<std::uint32_t>(text_.size()));
    if (end != begin) {
      Piece piece;
      piece.span = span(begin, end);
      piece.text = literal_piece(quoting, begin, end);
      if (trim_next) piece.text = trim_left(piece.text);
      trim_next = false;
      pieces.push_back(piece);
      at_ = end;
    }
    if (sequence_follows) {
      // `${~` takes the blanks of the literal before it, be it the end of the line above.
      if (end + 2 < text_.size() && text_[end + 2] == '~' && !pieces.empty() && pieces.back().what == What::literal)
        pieces.back().text = trim_right(pieces.back().text);
      trim_next = false;
      if (!sequence(pieces, trim_next)) return true;
      continue;
    }
    if (end != begin && quoting != Quoting::quoted && text_[end - 1] == '\n') continue;
    if (quoting == Quoting::quoted && end < text_.size() && text_[end] == '"') {
      at_ = end + 1;
      return true;
    }
    return quoting == Quoting::bare;  // the text, or a quoted string's line, ends
  }
}

// `${…}` or `%{…}` at `at_`.
bool Parser::sequence(std::vector<Piece>& pieces, bool& trim_next) {
  const Level level(*this);
  const Bracket bracket(*this);
  const std::uint32_t begin = at_;
  const bool control = text_[at_] == '%';
  at_ += 2;
  if (at_ < text_.size() && text_[at_] == '~' && !(at_ + 1 < text_.size() && text_[at_ + 1] == '}')) ++at_;
  const Newlines mode(*this, true);
  Piece piece;
  piece.what = Piece::What::value;
  if (control) directive(piece);
  else piece.value = expression();
  if (failed_) return false;
  const Lexeme close = peek();
  if (close.token != Token::close_brace && close.token != Token::close_trim) {
    fail_here("a `}` must close what `" + std::string(text_.substr(begin, 2)) + "` opened; for the characters themselves write `" +
              std::string(1, text_[begin]) + std::string(text_.substr(begin, 2)) + "`");
    return false;
  }
  take();
  trim_next = close.token == Token::close_trim;
  piece.span = span(begin, at_);
  pieces.push_back(piece);
  return true;
}

void Parser::directive(Piece& piece) {
  using What = Piece::What;
  const Lexeme word = peek();
  const std::string_view name = word.token == Token::name ? view(word) : std::string_view();
  if (name == "if") {
    take();
    piece.what = What::if_;
    piece.value = expression();
  } else if (name == "else" || name == "endif" || name == "endfor") {
    take();
    piece.what = name == "else" ? What::else_ : name == "endif" ? What::endif : What::endfor;
  } else if (name == "for") {
    take();
    piece.what = What::for_;
    if (for_names(piece.key, piece.name)) piece.value = expression();
  } else {
    fail_here("after `%{` one of `if`, `else`, `endif`, `for`, `endfor` should; for the characters themselves write `%%{`");
  }
}

// ---- literal text ----

std::string_view Parser::literal_piece(Quoting quoting, std::uint32_t begin, std::uint32_t end) {
  if (quoting == Quoting::quoted) return unescape(begin, end, true);
  const std::string_view text = text_.substr(begin, end - begin);
  if (text.find("${") == std::string_view::npos && text.find("%{") == std::string_view::npos) return text;
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::string_view three = text.substr(at, 3);
    if (three == "$${" || three == "%%{") ++at;
    out += text[at];
    if (three == "$${" || three == "%%{") out += text[++at];
  }
  return keep(std::move(out));
}

std::string_view Parser::unescape(std::uint32_t begin, std::uint32_t end, bool templates) {
  const std::string_view text = text_.substr(begin, end - begin);
  if (text.find_first_of(templates ? "\\$%" : "\\") == std::string_view::npos) return text;
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const std::string_view three = text.substr(at, 3);
    if (templates && (three == "$${" || three == "%%{")) {
      out += three.substr(1);
      at += 2;
      continue;
    }
    if (c != '\\') {
      out += c;
      continue;
    }
    const auto wrong = [&](std::size_t size, const char* message) {
      report(span(begin + static_cast<std::uint32_t>(at), begin + static_cast<std::uint32_t>(std::min(at + size, text.size()))), message);
    };
    const char selector = at + 1 < text.size() ? text[at + 1] : '\0';
    std::size_t digits = 0;
    switch (selector) {
      case 'n': out += '\n'; break;
      case 'r': out += '\r'; break;
      case 't': out += '\t'; break;
      case '"': out += '"'; break;
      case '\\': out += '\\'; break;
      case 'u': digits = 4; break;
      case 'U': digits = 8; break;
      default: {
        const std::size_t size = at + 1 < text.size() ? decode(text, at + 1).size : 0;
        wrong(1 + size, "this is no escape: HCL knows `\\n`, `\\r`, `\\t`, `\\\"`, `\\\\`, `\\uXXXX` and `\\UXXXXXXXX`; a backslash itself is written `\\\\`");
        out += text.substr(at + 1, size);
        at += size > 1 ? size - 1 : 0;
      }
    }
    if (digits > 0) {
      char32_t code = 0;
      std::size_t seen = 0;
      for (; seen < digits && at + 2 + seen < text.size() && hex(text[at + 2 + seen]) >= 0; ++seen)
        code = code * 16 + static_cast<char32_t>(hex(text[at + 2 + seen]));
      if (seen < digits)
        wrong(2 + seen, digits == 4 ? "four hexadecimal digits must follow `\\u`" : "eight hexadecimal digits must follow `\\U`");
      else if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        wrong(2 + seen, "this is no character of Unicode: write a code point up to 10FFFF that is no surrogate");
      else
        append_utf8(out, code);
      at += seen;
    }
    ++at;
  }
  return keep(std::move(out));
}

// `<<-`: the least indentation of all lines is taken from each; lines of blanks only do not count.
void Parser::flush(std::vector<Piece>& pieces) {
  constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
  const auto indentation = [](std::string_view text) {
    std::size_t count = 0;
    while (const std::uint32_t size = space_at(text, 0)) {
      text.remove_prefix(size);
      ++count;
    }
    return count;
  };
  std::size_t least = unlimited;
  std::vector<Piece*> adjusted;
  bool line_begins = true;
  for (Piece& piece : pieces) {
    const bool is_literal = piece.what == Piece::What::literal;
    if (line_begins) {
      line_begins = false;
      std::size_t spaces = 0;
      if (is_literal && trim_left(piece.text).empty() && piece.text.ends_with('\n')) {
        spaces = unlimited;
      } else if (is_literal) {
        spaces = indentation(piece.text);
        adjusted.push_back(&piece);
      }
      least = std::min(least, spaces);
    }
    if (is_literal && piece.text.ends_with('\n')) line_begins = true;
  }
  if (least == unlimited) return;
  for (Piece* piece : adjusted) {
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < least; ++i) bytes += std::max<std::uint32_t>(space_at(piece->text, bytes), 1);
    bytes = std::min(bytes, piece->text.size());
    piece->text.remove_prefix(bytes);
    piece->span.begin = std::min(piece->span.begin + static_cast<std::uint32_t>(bytes), piece->span.end);
  }
}

// Neighbouring literals become one, in normal form.
void Parser::meld(std::vector<Piece>& pieces) {
  std::size_t out = 0;
  for (std::size_t at = 0; at < pieces.size();) {
    Piece piece = pieces[at++];
    if (piece.what == Piece::What::literal) {
      std::string joined;
      bool copied = false;
      for (; at < pieces.size() && pieces[at].what == Piece::What::literal; ++at) {
        const std::string_view next = pieces[at].text;
        if (!copied && piece.text.data() + piece.text.size() == next.data()) {
          piece.text = {piece.text.data(), piece.text.size() + next.size()};
        } else {
          if (!copied) joined = piece.text;
          copied = true;
          joined += next;
        }
        piece.span = join(piece.span, pieces[at].span);
      }
      piece.text = literal(copied ? keep(std::move(joined)) : piece.text, piece.span);
    }
    pieces[out++] = piece;
  }
  pieces.resize(out);
}

// ---- the tree ----

struct Parser::PieceTree {
  Parser& parser;
  const std::vector<Piece>& pieces;
  Span end;  // where the template ends
  std::size_t at = 0;

  using What = Piece::What;
  bool done() const { return at >= pieces.size(); }

  const Expression* text_node(std::string_view text, Span span) {
    Expression* node = parser.make(Kind::text, span);
    node->text = text;
    return node;
  }

  // A sequence of parts, the last of them from `last`, as one node.
  const Expression* block(Parts& parts, const Piece& last, Span empty) {
    if (parts.size() == 0) return text_node({}, empty);
    const auto all = parts.all();
    if (all.size() == 1 && last.what == What::literal) return all[0];
    return parser.compose(Kind::templated, join(all.front()->span, all.back()->span), all);
  }

  const Expression* wrong(const Piece& piece, std::string message) {
    parser.report(piece.span, std::move(message));
    return parser.make(Kind::bad, piece.span);
  }

  const Expression* one() {
    const Level level(parser);
    if (parser.level_ > max_level) {
      at = pieces.size();
      return parser.fail(end, "this template is nested too deeply: at most " + std::to_string(max_depth) + " levels are read");
    }
    const Piece& piece = pieces[at++];
    switch (piece.what) {
      case What::literal: return text_node(piece.text, piece.span);
      case What::value: return piece.value;
      case What::if_: return conditional(piece);
      case What::for_: return loop(piece);
      case What::else_: return wrong(piece, "this `else` belongs to no `if`");
      case What::endif: return wrong(piece, "this `endif` belongs to no `if`");
      case What::endfor: return wrong(piece, "this `endfor` belongs to no `for`");
    }
    return parser.make(Kind::bad, piece.span);
  }

  const Expression* conditional(const Piece& open) {
    const Expression* then = nullptr;
    Parts parts(parser);
    const Piece* last = &open;
    const auto point = [](Span span, std::uint32_t at) { return Span{span.source, at, at}; };
    for (;;) {
      if (done()) return wrong(open, "this `if` is not closed: `%{ endif }` is missing");
      const Piece& next = pieces[at];
      if (next.what == What::else_) {
        ++at;
        if (then) return wrong(next, "this `if` has an `else` already");
        then = block(parts, *last, point(open.span, open.span.end));
        parser.parts_.resize(parts.mark);
      } else if (next.what == What::endif) {
        ++at;
        const Expression* end_branch = block(parts, *last, point(next.span, then ? next.span.begin : open.span.end));
        const Expression* otherwise = then ? end_branch : text_node({}, point(next.span, next.span.begin));
        return parser.compose(Kind::template_if, join(open.span, next.span), {open.value, then ? then : end_branch, otherwise});
      } else if (next.what == What::endfor) {
        ++at;
        return wrong(next, "an `endif` is expected before this `endfor`");
      } else {
        last = &next;
        parts.add(one());
      }
    }
  }

  const Expression* loop(const Piece& open) {
    Parts parts(parser);
    const Piece* last = &open;
    for (;;) {
      if (done()) return wrong(open, "this `for` is not closed: `%{ endfor }` is missing");
      const Piece& next = pieces[at];
      if (next.what == What::endfor) {
        ++at;
        const Expression* body = block(parts, *last, {open.span.source, open.span.end, open.span.end});
        Expression* node = parser.compose(Kind::template_for, join(open.span, next.span), {open.value, body});
        node->text = open.key;
        node->text2 = open.name;
        return node;
      }
      if (next.what == What::else_ || next.what == What::endif) {
        ++at;
        return wrong(next, next.what == What::else_ ? "a `for` has no `else`" : "an `endfor` is expected before this `endif`");
      }
      last = &next;
      parts.add(one());
    }
  }
};

const Expression* Parser::finish_template(std::vector<Piece>& pieces, Span whole, bool heredoc) {
  if (failed_) return make(Kind::bad, whole);
  const bool wraps = pieces.size() == 1 && pieces[0].what == Piece::What::value;
  meld(pieces);
  if (wraps) return compose(Kind::wrapped, whole, {pieces[0].value});
  if (pieces.empty() || (pieces.size() == 1 && pieces[0].what == Piece::What::literal)) {
    Expression* node = make(Kind::text, whole);
    node->flag = heredoc;
    if (!pieces.empty()) node->text = pieces[0].text;
    return node;
  }
  PieceTree tree{*this, pieces, whole};
  Parts parts(*this);
  while (!tree.done()) parts.add(tree.one());
  Expression* node = compose(Kind::templated, whole, parts.all());
  node->flag = heredoc;
  return node;
}

// The end of the line that is `marker`, from `from` on; `from` when there is none.
std::uint32_t Parser::marker_line(std::uint32_t from, std::string_view marker) {
  if (marker == lost_marker_) return from;
  std::size_t at = from;
  while (at > 0 && text_[at - 1] != '\n') --at;
  while (at < text_.size()) {
    std::size_t end = text_.find('\n', at);
    if (end == std::string_view::npos) break;
    if (trim_left(trim_right(text_.substr(at, end - at))) == marker && end >= from)
      return static_cast<std::uint32_t>(end > at && text_[end - 1] == '\r' ? end - 1 : end);
    at = end + 1;
  }
  lost_marker_ = marker;
  return from;
}

}  // namespace assay::hcl

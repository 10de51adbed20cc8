#include "parsers/hcl/parse.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/text.hpp"
#include "parsers/hcl/parser.hpp"
#include "parsers/hcl/unicode.hpp"

namespace assay::hcl {
namespace {

constexpr const char* syntax = "hcl-syntax";

void prepare(File& file, const Source& source) {
  file.source = source.id();
  file.bytes = source.bytes();
  if (!file.memory)
    file.memory = std::make_unique<std::pmr::monotonic_buffer_resource>(source.bytes().size() * 4 + 1024);
}

}  // namespace

std::string_view name_of(Operator op) {
  switch (op) {
    case Operator::none: return "";
    case Operator::or_: return "||";
    case Operator::and_: return "&&";
    case Operator::equal: return "==";
    case Operator::not_equal: return "!=";
    case Operator::less: return "<";
    case Operator::less_equal: return "<=";
    case Operator::greater: return ">";
    case Operator::greater_equal: return ">=";
    case Operator::add: return "+";
    case Operator::subtract: return "-";
    case Operator::multiply: return "*";
    case Operator::divide: return "/";
    case Operator::modulo: return "%";
    case Operator::negate: return "-";
    case Operator::not_: return "!";
  }
  return "";
}

const Attribute* Body::find(std::string_view name) const {
  for (const Item& item : items)
    if (item.attribute && item.attribute->name == name) return item.attribute;
  return nullptr;
}

// ---- tokens ----

const Lexeme& Parser::peek() {
  if (failed_) {
    next_ = {Token::end, at_, at_};
    peeked_ = false;
  } else if (!peeked_) {
    next_ = lex(text_, at_, skip_newlines_, comments_);
    peeked_ = true;
  }
  return next_;
}

Lexeme Parser::take() {
  const Lexeme taken = peek();
  at_ = taken.end;
  peeked_ = false;
  return taken;
}

bool Parser::expect(Token token, std::string_view message) {
  if (!next_is(token)) {
    fail(span(peek()), std::string(message));
    return false;
  }
  take();
  return true;
}

void Parser::keep_comments() {
  file_.comments.reserve(comments_.size());
  for (const TextRange& range : comments_) file_.comments.push_back({span(range.begin, range.end)});
}

// ---- places and errors ----

std::uint32_t Parser::place(std::uint32_t offset) const {
  if (place_.pieces.empty()) return place_.base + offset;
  std::size_t low = 0, high = place_.pieces.size();
  while (high - low > 1) {
    const std::size_t middle = (low + high) / 2;
    (place_.pieces[middle].content <= offset ? low : high) = middle;
  }
  return place_.pieces[low].source + (offset - place_.pieces[low].content);
}

Span Parser::span(std::uint32_t begin, std::uint32_t end) const { return {place_.source, place(begin), place(end)}; }

void Parser::report(Span at, std::string message, const DiagnosticNote& note) {
  if (failed_ || stopped_) return;
  Diagnostic& diagnostic = diagnostics_.error(syntax, at, std::move(message));
  if (note.span) diagnostic.notes.push_back(note);
  if (++errors_ < max_errors) return;
  stopped_ = failed_ = true;
  diagnostics_.error(syntax, at, "this file has too many mistakes: the rest of it was not read; mend the first ones and audit again");
}

const Expression* Parser::fail(Span at, std::string message) {
  if (!failed_) {
    report(at, std::move(message));
    failed_ = true;
    failed_open_ = open_;
    failed_marker_ = markers_.empty() ? std::string_view() : markers_.front();
  }
  return make(Kind::bad, at);
}

// What stands here, and what should.
const Expression* Parser::fail_here(std::string_view wanted) {
  const Lexeme next = peek();
  std::string message;
  switch (next.token) {
    case Token::end: message = "the text ends here: "; break;
    case Token::newline: message = "the line ends here: "; break;
    case Token::open_comment: message = "this comment is not closed: end it with `*/`; "; break;
    case Token::bad: {
      const std::string_view text = view(next);
      if (text == "'") message = "single quotes are not HCL: write strings in double quotes; ";
      else if (text == "`") message = "backticks are not HCL: write a string of several lines as a heredoc (`<<EOT`); ";
      else if (text == ";") message = "semicolons are not HCL: separate arguments with newlines, items with commas; ";
      else if (text == "&") message = "`&` is no operator: write `&&` for \"and\"; ";
      else if (text == "|") message = "`|` is no operator: write `||` for \"or\"; ";
      else if (text == "“" || text == "”") message = "curly quotes are not HCL: write strings in straight double quotes; ";
      else if (text.size() == 1 && static_cast<unsigned char>(text[0]) >= 0x80) message = "this is not UTF-8: save the file as UTF-8; ";
      else message = "`" + std::string(text) + "` means nothing here; ";
      break;
    }
    default: message = "`" + std::string(view(next).substr(0, 40)) + "` cannot stand here: "; break;
  }
  message += wanted;
  if (wanted.ends_with(" should") && !message.ends_with("cannot stand here: " + std::string(wanted))) message += " stand here";
  return fail(span(next), std::move(message));
}

// ---- nodes ----

std::string_view Parser::keep(std::string&& text) {
  if (text.empty()) return {};
  char* out = static_cast<char*>(file_.memory->allocate(text.size(), 1));
  std::memcpy(out, text.data(), text.size());
  return {out, text.size()};
}

std::string_view Parser::literal(std::string_view text, Span place) {
  if (std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return text;
  std::string valid;
  bool wrong = false;
  for (std::size_t at = 0; at < text.size();) {
    const Decoded next = decode(text, at);
    wrong = wrong || !next.valid;
    valid += next.valid ? text.substr(at, next.size) : std::string_view("\xEF\xBF\xBD");
    at += next.size;
  }
  if (wrong) report(place, "this string is not UTF-8: save the file as UTF-8");
  return keep(normalized(valid));
}

Expression* Parser::make(Kind kind, Span span) {
  Expression node;
  node.kind = kind;
  node.span = span;
  return create(node);
}

Expression* Parser::compose(Kind kind, Span span, std::span<const Expression* const> parts) {
  std::uint32_t depth = 0;
  for (const Expression* part : parts) depth = std::max(depth, part->depth);
  if (depth >= max_depth) {
    fail(span, "this expression is nested too deeply: at most " + std::to_string(max_depth) + " levels are read; split it into locals");
    return make(Kind::bad, span);
  }
  Expression* node = make(kind, span);
  node->depth = depth + 1;
  node->parts = keep(parts);
  return node;
}

// ---- bodies ----

Body Parser::whole_body() {
  Body out = body(nullptr);
  out.span = span(0, static_cast<std::uint32_t>(text_.size()));
  return out;
}

// Items up to the closing brace (taken) or the end; `open` is a block's opening brace.
Body Parser::body(const Lexeme* open) {
  const std::size_t outer = std::exchange(body_mark_, items_.size());
  Body out;
  for (;;) {
    if (stopped_) break;
    const Lexeme next = peek();
    if (next.token == Token::newline) {
      take();
    } else if (next.token == Token::end) {
      if (open && !unclosed_)
        report(span(*open), "this block is not closed: its `}` is missing, or that of a block inside it");
      unclosed_ = true;
      break;
    } else if (next.token == Token::close_brace && open) {
      take();
      break;
    } else {
      item();
      if (failed_) recover(next.begin);
    }
  }
  out.items = keep_items();
  body_mark_ = outer;
  return out;
}

// The items since `body_mark_`, of equal attributes only the first.
std::span<const Item> Parser::keep_items() {
  const auto begin = items_.begin() + static_cast<std::ptrdiff_t>(body_mark_);
  std::vector<const Attribute*> attributes;
  for (auto item = begin; item != items_.end(); ++item)
    if (item->attribute) attributes.push_back(item->attribute);
  std::stable_sort(attributes.begin(), attributes.end(), [](const Attribute* a, const Attribute* b) { return a->name < b->name; });
  for (std::size_t first = 0, next = 1; next < attributes.size(); ++next) {
    if (attributes[first]->name != attributes[next]->name) {
      first = next;
      continue;
    }
    std::replace_if(begin, items_.end(), [&](const Item& item) { return item.attribute == attributes[next]; }, Item{});
    report(attributes[next]->name_span, "`" + std::string(attributes[next]->name) + "` is set twice in this block: remove one of the two",
           {attributes[first]->name_span, "first set here"});
  }
  items_.erase(std::remove_if(begin, items_.end(), [](const Item& item) { return !item.attribute && !item.block; }), items_.end());
  const auto out = keep(std::span<const Item>(items_).subspan(body_mark_));
  items_.resize(body_mark_);
  return out;
}

void Parser::item() {
  const Lexeme name = peek();
  if (name.token != Token::name) {
    if (name.token == Token::close_brace) {
      take();
      fail(span(name), "this `}` closes nothing: remove it, or add the block's opening line");
    } else if (name.token == Token::quote) {
      fail(span(name), "an argument's name is written without quotes: `name = value`");
    } else {
      fail_here("an argument (`name = value`) or a block (`type \"label\" {`) should");
    }
    return;
  }
  take();
  switch (peek().token) {
    case Token::assign: attribute(name, false); return;
    case Token::quote: case Token::open_brace: case Token::name: block(name); return;
    case Token::colon:
      fail(span(peek()), "an argument is set with `=`: write `" + std::string(view(name)) + " = …`");
      return;
    default:
      fail_here("after `" + std::string(view(name).substr(0, 80)) + "` an argument goes on with `=`, a block with labels and `{`");
  }
}

void Parser::attribute(const Lexeme& name, bool one_line) {
  take();  // `=`
  const Expression* value = expression();
  Attribute node;
  node.name = view(name);
  node.name_span = span(name);
  node.span = span(name.begin, at_);
  // What was read before a mistake is not what was meant.
  node.value = failed_ ? make(Kind::bad, value->span) : value;
  items_.push_back({create(node), nullptr});
  if (!one_line) end_of_item("an argument", true);
}

void Parser::end_of_item(std::string_view what, bool comma_hint) {
  if (failed_) return;
  if (next_is(Token::newline)) {
    take();
  } else if (next_is(Token::comma) && comma_hint) {
    fail(span(peek()), "arguments are separated by newlines, not by commas: remove the comma and begin a new line");
  } else if (!next_is(Token::end)) {
    fail_here("a newline must follow " + std::string(what));
  }
}

void Parser::block(const Lexeme& type) {
  const Level level(*this);
  if (level_ > max_level) {
    fail(span(type), "blocks are nested too deeply: at most " + std::to_string(max_depth) + " levels are read");
    return;
  }
  Block node;
  node.type = view(type);
  node.type_span = span(type);
  std::vector<Label> labels;
  while (!next_is(Token::open_brace)) {
    if (next_is(Token::quote)) {
      labels.push_back(quoted_label());
    } else if (next_is(Token::name)) {
      const Lexeme label = take();
      labels.push_back({view(label), span(label)});
    } else if (next_is(Token::assign)) {
      fail(span(peek()), "a block has no `=` before its `{`: remove it, or write a name alone before it for an argument");
    } else if (next_is(Token::newline)) {
      fail(span(peek()), "the `{` of a block must stand on the line of its type and labels");
    } else {
      fail_here("a label in quotes or the block's `{` should");
    }
    if (failed_) return;
  }
  const Lexeme open = take();
  node.labels = keep(std::span<const Label>(labels));
  node.header = span(type.begin, open.end);
  switch (peek().token) {
    case Token::newline: case Token::end: case Token::close_brace: {
      const std::int32_t outer = std::exchange(open_, 0);
      node.body = body(&open);
      open_ = outer;
      break;
    }
    default: {
      // One line, one argument.
      const Bracket bracket(*this);
      const std::size_t outer = std::exchange(body_mark_, items_.size());
      const Lexeme name = peek();
      if (name.token != Token::name) {
        fail_here("an argument or the block's `}` should");
      } else {
        take();
        if (next_is(Token::assign)) attribute(name, true);
        else fail(span(name.begin, peek().end), "a block on one line holds one argument (`name = value`): write the block on several lines for more");
      }
      if (!failed_ && !next_is(Token::close_brace))
        fail_here(next_is(Token::comma) ? "a block on one line holds one argument: write each on a line of its own"
                                        : "the `}` of a block on one line must follow its argument");
      node.body.items = keep_items();
      body_mark_ = outer;
      if (!failed_) take();
      break;
    }
  }
  node.body.span = span(open.begin, at_);
  node.span = span(type.begin, at_);
  items_.push_back({nullptr, create(node)});
  end_of_item("a block", false);
}

// A string without templates.
Label Parser::quoted_label() {
  const Lexeme open = take();
  std::size_t end = open.end;
  for (; end < text_.size() && text_[end] != '"' && text_[end] != '\n'; ++end) {
    if (text_[end] == '\\' && end + 1 < text_.size() && text_[end + 1] != '\n') {
      ++end;
    } else if ((text_[end] == '$' || text_[end] == '%') && end + 1 < text_.size() && text_[end + 1] == '{' &&
               !(end > open.end && text_[end - 1] == text_[end])) {
      report(span(static_cast<std::uint32_t>(end), static_cast<std::uint32_t>(end + 2)),
             "a label is not a template: write the text itself, or double the sign (`$${`)");
    }
  }
  if (end >= text_.size() || text_[end] != '"') {
    fail(span(open.begin, static_cast<std::uint32_t>(end)), "this label is not closed: its `\"` is missing on this line");
    return {};
  }
  at_ = static_cast<std::uint32_t>(end + 1);
  peeked_ = false;
  return {unescape(open.end, static_cast<std::uint32_t>(end), true), span(open.begin, at_)};
}

bool Parser::looks_like_item(std::uint32_t at) {
  std::vector<TextRange> unused;
  const Lexeme first = lex(text_, at, false, unused);
  if (first.token != Token::name) return false;
  const Lexeme second = lex(text_, first.end, false, unused);
  switch (second.token) {
    case Token::assign: case Token::open_brace: case Token::quote: case Token::name: return true;
    default: return false;
  }
}

// Goes to where the next item may begin: after the newline that ends this one, before the brace that
// closes its block, or, as brackets may be missing, before a line that looks like an item and is not
// indented further than this one.
void Parser::recover(std::uint32_t item_begin) {
  if (stopped_) return;
  failed_ = peeked_ = false;
  skip_newlines_ = false;
  std::int32_t depth = failed_open_;
  const auto line_begin = [&](std::uint32_t at) {
    while (at > 0 && text_[at - 1] != '\n') --at;
    return at;
  };
  const auto indentation = [&](std::uint32_t from) {
    std::uint32_t at = from;
    while (at < text_.size() && (text_[at] == ' ' || text_[at] == '\t')) ++at;
    return at - from;
  };
  const std::uint32_t indent = indentation(line_begin(item_begin));
  // The line on which reading failed may be an item itself.
  if (const std::uint32_t line = line_begin(at_); failed_marker_.empty() && line > item_begin && indentation(line) <= indent && looks_like_item(line)) {
    at_ = line;
    return;
  }
  if (!failed_marker_.empty()) at_ = marker_line(at_, failed_marker_);
  bool line_is_first = true;
  std::uint32_t line_indent = indent;
  for (;;) {
    const Lexeme next = take();
    switch (next.token) {
      case Token::end:
        return;
      case Token::newline:
        if (depth <= 0) return;
        line_is_first = false;
        line_indent = indentation(at_);
        if (line_indent <= indent && looks_like_item(at_)) return;
        break;
      case Token::open_brace: case Token::open_bracket: case Token::open_paren:
        ++depth;
        break;
      case Token::close_brace:
        if (depth <= 0 || (!line_is_first && line_indent < indent)) {
          at_ = next.begin;
          return;
        }
        --depth;
        break;
      case Token::close_bracket: case Token::close_paren: case Token::close_trim:
        if (depth > 0) --depth;
        break;
      case Token::quote: {
        std::uint32_t end = next.end;
        while (end < text_.size() && text_[end] != '"' && text_[end] != '\n')
          end += text_[end] == '\\' && end + 1 < text_.size() && text_[end + 1] != '\n' ? 2 : 1;
        at_ = end < text_.size() && text_[end] == '"' ? end + 1 : end;
        break;
      }
      case Token::heredoc: {
        std::string_view marker = trim_right(view(next).substr(2));
        if (marker.starts_with('-')) marker.remove_prefix(1);
        at_ = marker_line(next.end, marker);
        break;
      }
      default:
        break;
    }
  }
}

// ---- entries ----

File parse(const Source& source, Diagnostics& diagnostics) {
  File file;
  prepare(file, source);
  Parser parser(source.bytes(), {source.id(), 0, {}}, file, diagnostics);
  file.body = parser.whole_body();
  parser.keep_comments();
  return file;
}

File parse_expression(const Source& source, Diagnostics& diagnostics) {
  File file;
  prepare(file, source);
  Parser parser(source.bytes(), {source.id(), 0, {}}, file, diagnostics);
  file.expression = parser.whole_expression();
  parser.keep_comments();
  return file;
}

File parse_template(const Source& source, Diagnostics& diagnostics) {
  File file;
  prepare(file, source);
  Parser parser(source.bytes(), {source.id(), 0, {}}, file, diagnostics);
  file.expression = parser.whole_template();
  return file;
}

}  // namespace assay::hcl

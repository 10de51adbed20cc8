#include "parsers/yaml/common.hpp"

#include <array>
#include <cstring>

#include "parsers/yaml/resolve.hpp"

namespace assay::yaml {

namespace {

constexpr std::size_t longest_key = 1000;  // YAML's own limit is 1024 characters

enum Class : std::uint8_t {
  block_stop = 1,   // what may end a plain scalar in a block
  flow_stop = 2,    // the same in a flow collection
  no_start = 4,     // what cannot begin a plain scalar, or makes us decline
};
constexpr std::array<std::uint8_t, 256> classes = [] {
  std::array<std::uint8_t, 256> table{};
  const auto add = [&](std::string_view characters, std::uint8_t bits) {
    for (const char c : characters) table[static_cast<unsigned char>(c)] |= bits;
  };
  add("\n\r:#", block_stop | flow_stop);
  add(",[]{}", flow_stop);
  add(",[]{}#&*!|>'\"%@`\n\r\t ", no_start);
  return table;
}();
bool is(char c, std::uint8_t bits) { return classes[static_cast<unsigned char>(c)] & bits; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_indicator(char c) { return c == '-' || c == '?' || c == ':'; }
bool flow_indicator(char c, char next) { return c == '?' || c == ':' || (c == '-' && is(next, flow_stop)); }
std::uint32_t narrow(std::size_t offset) { return static_cast<std::uint32_t>(offset); }

}  // namespace

bool CommonReader::marker_at(std::size_t line, char c) const {
  return at(line) == c && at(line + 1) == c && at(line + 2) == c && (is_break_at(line + 3) || is_blank(bytes_[line + 3]));
}

// The next line with text that is no comment: where it and its text begin. False at the end.
bool CommonReader::next_line(std::size_t from, std::size_t& line, std::size_t& text) {
  for (;;) {
    line = text = from;
    while (at(text) == ' ') ++text;
    if (text >= bytes_.size()) return false;
    const char c = bytes_[text];
    if (c == '\n') {
      from = text + 1;
    } else if (c == '\r') {
      if (at(text + 1) != '\n') return decline();
      from = text + 2;
    } else if (c == '#') {
      const auto* newline = static_cast<const char*>(std::memchr(bytes_.data() + text, '\n', bytes_.size() - text));
      if (!newline) {
        line = text = bytes_.size();
        return false;
      }
      from = static_cast<std::size_t>(newline - bytes_.data()) + 1;
    } else if (c == '\t') {
      return decline();
    } else {
      return true;
    }
  }
}

// After a node: only white space and a comment may follow on its line.
bool CommonReader::finish_line(std::size_t from, std::size_t& next) {
  std::size_t i = from;
  while (at(i) == ' ') ++i;
  if (i < bytes_.size() && bytes_[i] == '#' && i > from) {
    const auto* newline = static_cast<const char*>(std::memchr(bytes_.data() + i, '\n', bytes_.size() - i));
    i = newline ? static_cast<std::size_t>(newline - bytes_.data()) : bytes_.size();
  }
  if (i >= bytes_.size()) {
    next = i;
    return true;
  }
  if (bytes_[i] == '\r') ++i;
  if (at(i) != '\n') return decline();
  next = i + 1;
  return true;
}

void CommonReader::open(bool map, std::int32_t indent, std::size_t begin) {
  levels_.push_back({indent, map});
  has_key_ = has_dash_ = false;
  if (map) builder_.begin_map(narrow(begin));
  else builder_.begin_list(narrow(begin));
}

void CommonReader::close() {
  if (awaiting()) put_null(place_);
  if (levels_.back().map) builder_.end_map();
  else builder_.end_list();
  levels_.pop_back();
  done();
}

void CommonReader::put_null(std::size_t place) {
  const std::uint32_t at = narrow(place);
  builder_.scalar(builder_.arena().null(builder_.span(at, at)), at, at);
  done();
}

void CommonReader::put_text(std::string_view content, bool plain, std::size_t begin, std::size_t end) {
  const Span span = builder_.span(narrow(begin), narrow(end));
  comments_->token(begin, end);
  builder_.scalar(plain ? resolve(content, span, builder_.arena()) : builder_.arena().string(content, span), span.begin,
                  span.end);
  done();
}

void CommonReader::put_key(std::string_view content, bool plain, std::size_t begin, std::size_t end) {
  comments_->token(begin, end);
  if (plain && is_merge(content)) builder_.merge_key(narrow(begin), narrow(end));
  else if (plain && !is_text(content))
    builder_.scalar(resolve(content, builder_.span(narrow(begin), narrow(end)), builder_.arena()), narrow(begin), narrow(end));
  else
    builder_.key(content, narrow(begin), narrow(end));
  has_key_ = true;
}

bool CommonReader::plain_starts(std::size_t i) const {
  if (i >= bytes_.size()) return false;
  const char c = bytes_[i];
  if (is(c, no_start)) return false;
  if (is_indicator(c)) return !is_break_at(i + 1) && !is_blank(bytes_[i + 1]);
  return bytes_.substr(i, 3) != "\xef\xbb\xbf";
}

// A plain scalar on one line of a block.
CommonReader::Plain CommonReader::plain(std::size_t from) const {
  std::size_t i = from;
  Plain result;
  for (;; ++i) {
    while (i < bytes_.size() && !is(bytes_[i], block_stop)) ++i;
    if (is_break_at(i)) {
      result.why = '\n';
      break;
    }
    if (bytes_[i] == ':') {
      if (is_break_at(i + 1) || is_blank(bytes_[i + 1])) {
        result.why = ':';
        break;
      }
    } else if (is_blank(bytes_[i - 1])) {
      result.why = '#';
      break;
    }
  }
  result.stop = result.end = i;
  while (is_blank(bytes_[result.end - 1])) --result.end;
  return result;
}

// From the opening quote to after the closing one.
bool CommonReader::quoted(std::size_t begin, std::size_t& end, bool& lines, bool& escapes) const {
  const char quote = bytes_[begin];
  lines = escapes = false;
  for (std::size_t i = begin + 1; i < bytes_.size(); ++i) {
    const char c = bytes_[i];
    if (c == quote) {
      if (quote == '\'' && at(i + 1) == '\'') {
        escapes = true;
        ++i;
        continue;
      }
      end = i + 1;
      return true;
    }
    if (c == '\\' && quote == '"') {
      escapes = true;
      if (at(i + 1) == '\n' || at(i + 1) == '\r') lines = true;
      ++i;
    } else if (c == '\n' || c == '\r') {
      lines = true;
    }
  }
  return false;
}

bool CommonReader::quoted_text(std::size_t begin, std::size_t end, bool plainly, std::string_view& content) {
  if (plainly) {
    content = bytes_.substr(begin + 1, end - begin - 2);
    return true;
  }
  content_.clear();
  std::size_t error = 0;
  if (!decode_flow(bytes_, begin + 1, end - 1, bytes_[begin] == '"' ? Quote::double_ : Quote::single, content_, error))
    return decline();
  content = content_.text.empty() ? std::string_view("", 0) : builder_.arena().copy(content_.text);
  return true;
}

// A plain scalar that may go on in deeper lines.
bool CommonReader::plain_value(std::size_t begin, const Plain& first, std::size_t& next) {
  std::size_t end = first.end;
  std::size_t stop = first.stop;
  char why = first.why;
  bool lines = false;
  while (why == '\n') {
    if (at(stop) == '\r' && at(stop + 1) != '\n') return decline();
    std::size_t line = 0, text = 0;
    // A comment line ends a scalar; what `next_line` skips must be empty lines only.
    std::size_t probe = stop;
    while (probe < bytes_.size() && (is_blank(bytes_[probe]) || is_break_at(probe))) ++probe;
    if (probe >= bytes_.size() || bytes_[probe] == '#') break;
    if (!next_line(bytes_[stop] == '\r' ? stop + 2 : stop + 1, line, text)) {
      if (declined_) return false;
      break;
    }
    if (static_cast<std::int32_t>(text - line) <= indent()) break;
    if (text == line && (marker_at(line, '-') || marker_at(line, '.'))) break;
    if (text == line && bytes_[text] == '%') return decline();
    const Plain more = plain(text);
    if (more.why == ':') return decline();
    end = more.end;
    stop = more.stop;
    why = more.why;
    lines = true;
  }
  if (!lines) {
    put_text(bytes_.substr(begin, end - begin), true, begin, end);
  } else {
    content_.clear();
    std::size_t error = 0;
    if (!decode_flow(bytes_, begin, end, Quote::none, content_, error)) return decline();
    put_text(builder_.arena().copy(content_.text), true, begin, end);
  }
  return finish_line(end, next);
}

bool CommonReader::block(std::size_t begin, std::size_t& next) {
  // At the root, or on a line below its key or dash: rare, and libfyaml has its own mind about the
  // indentation.
  if (levels_.empty() || bytes_.substr(place_, begin - place_).find('\n') != std::string_view::npos) return decline();
  const BlockHeader header = block_header(bytes_, begin, bytes_.size());
  if (!header.valid) return decline();
  content_.clear();
  const int parent = indent();
  const BlockEnd end =
      decode_block(bytes_, header, bytes_.size(), parent + 1, header.indent ? parent + header.indent : -1, content_);
  if (!end.valid) return decline();
  if (end.last == header.end) {  // empty, and a comment line that could be taken for its text
    std::size_t i = end.next;
    while (at(i) == ' ') ++i;
    if (at(i) == '#') return decline();
  }
  comments_->token(begin, header.end);
  comments_->gap(header.body);
  comments_->token(header.body, end.next);
  const Span span = builder_.span(narrow(begin), narrow(end.last));
  const std::string_view text = content_.text.empty() ? std::string_view("", 0) : builder_.arena().copy(content_.text);
  builder_.scalar(builder_.arena().string(text, span), span.begin, span.end);
  done();
  next = end.next;
  return true;
}

// White space between the tokens of a flow collection, lines included as long as they are indented.
bool CommonReader::flow_space(std::size_t& i) const {
  for (;;) {
    while (at(i) == ' ') ++i;
    if (i >= bytes_.size()) return false;
    if (bytes_[i] == '\r' && at(i + 1) == '\n') ++i;
    if (bytes_[i] != '\n') return bytes_[i] != '#' && bytes_[i] != '\t' && bytes_[i] != '\r';
    const std::size_t line = ++i;
    while (at(i) == ' ') ++i;
    if (is_break_at(i)) continue;
    // Lines not deeper than the parent, and all that could be a document marker, are the library's.
    if (static_cast<std::int32_t>(i - line) <= indent() || (i == line && (at(i) == '-' || at(i) == '.'))) return false;
  }
}

bool CommonReader::flow(std::size_t begin, std::size_t& end) {
  const std::uint32_t outside = builder_.depth();
  std::size_t i = begin;
  for (;;) {  // a node is due at `i`
    std::size_t colon = 0;
    if (builder_.depth() > outside && builder_.wants_key()) {
      std::string_view key;
      std::size_t key_end = 0;
      bool is_plain = false;
      if (bytes_[i] == '"' || bytes_[i] == '\'') {
        bool lines = false, escapes = false;
        if (!quoted(i, key_end, lines, escapes) || lines || key_end - i > longest_key) return decline();
        if (!quoted_text(i, key_end, !escapes, key)) return false;
      } else {
        if (!plain_starts(i) || flow_indicator(bytes_[i], at(i + 1))) return decline();
        is_plain = true;
        key_end = i;
        while (key_end < bytes_.size() && !(is(bytes_[key_end], flow_stop) &&
                                            !(bytes_[key_end] == ':' && !is_break_at(key_end + 1) &&
                                              !is_blank(bytes_[key_end + 1]) && !is(bytes_[key_end + 1], flow_stop))))
          ++key_end;
        if (at(key_end) != ':' || key_end - i > longest_key) return decline();
        while (is_blank(bytes_[key_end - 1])) --key_end;
        key = bytes_.substr(i, key_end - i);
      }
      colon = key_end;
      while (at(colon) == ' ') ++colon;
      if (at(colon) != ':') return decline();
      // Without a space after the colon only a quoted key is one.
      if (is_plain && !is_break_at(colon + 1) && at(colon + 1) != ' ') return decline();
      put_key(key, is_plain, i, key_end);
      i = colon + 1;
      if (!flow_space(i)) return decline();
    }
    const char c = bytes_[i];
    if (c == '[' || c == '{') {
      comments_->token(i, i + 1);
      if (c == '{') builder_.begin_map(narrow(i));
      else builder_.begin_list(narrow(i));
      if (builder_.failed()) return false;
      ++i;
      if (!flow_space(i)) return decline();
      if (bytes_[i] != (c == '{' ? '}' : ']')) continue;
    } else if (c == '"' || c == '\'') {
      std::size_t stop = 0;
      bool lines = false, escapes = false;
      std::string_view text;
      if (!quoted(i, stop, lines, escapes) || lines || !quoted_text(i, stop, !escapes, text)) return decline();
      put_text(text, false, i, stop);
      i = stop;
    } else if (colon && (c == ',' || c == '}')) {
      put_null(colon + 1);
    } else {
      if (!plain_starts(i) || flow_indicator(c, at(i + 1))) return decline();
      std::size_t stop = i;
      while (stop < bytes_.size() && !is(bytes_[stop], flow_stop)) ++stop;
      while (at(stop) == ':' && stop + 1 < bytes_.size() && !is_break_at(stop + 1) && !is_blank(bytes_[stop + 1]) &&
             !is(bytes_[stop + 1], flow_stop)) {
        ++stop;
        while (stop < bytes_.size() && !is(bytes_[stop], flow_stop)) ++stop;
      }
      if (at(stop) == ':' || at(stop) == '#' || at(stop) == '[' || at(stop) == '{') return decline();
      std::size_t text_end = stop;
      while (is_blank(bytes_[text_end - 1])) --text_end;
      put_text(bytes_.substr(i, text_end - i), true, i, text_end);
      i = stop;
    }
    // What follows a node, and the ends of collections.
    for (;;) {
      if (builder_.failed()) return false;
      if (builder_.depth() == outside) {
        end = i;
        return true;
      }
      if (!flow_space(i)) return decline();
      const char close = builder_.in_map() ? '}' : ']';
      if (bytes_[i] == ',') {
        ++i;
        if (!flow_space(i)) return decline();
        if (bytes_[i] != close) break;
      }
      if (bytes_[i] != close) return decline();
      comments_->token(i, i + 1);
      ++i;
      if (close == '}') builder_.end_map(narrow(i));
      else builder_.end_list(narrow(i));
    }
  }
}

// A node after a key, a dash, or at the root, that is no block collection.
bool CommonReader::value(std::size_t text, std::size_t& next) {
  const char c = bytes_[text];
  if (c == '"' || c == '\'') {
    std::size_t end = 0;
    bool lines = false, escapes = false;
    if (!quoted(text, end, lines, escapes)) return decline();
    if (lines) {  // each line must be deeper than the parent, without tabs in its indentation
      for (std::size_t i = text; i < end; ++i) {
        if (bytes_[i] == '\r' && bytes_[i + 1] != '\n') return decline();
        if (bytes_[i] != '\n') continue;
        std::size_t j = i + 1;
        while (bytes_[j] == ' ') ++j;
        if (bytes_[j] == '\t') return decline();
        if (!is_break_at(j) && static_cast<std::int32_t>(j - i - 1) <= indent()) return decline();
        if (j == i + 1 && (marker_at(j, '-') || marker_at(j, '.'))) return decline();
      }
    }
    std::string_view content;
    if (!quoted_text(text, end, !lines && !escapes, content)) return false;
    put_text(content, false, text, end);
    return finish_line(end, next);
  }
  if (c == '|' || c == '>') return block(text, next);
  if (c == '[' || c == '{') {
    std::size_t end = 0;
    if (!flow(text, end)) return false;
    done();
    return finish_line(end, next);
  }
  if (!plain_starts(text)) return decline();
  const Plain first = plain(text);
  if (first.why == ':') return decline();
  return plain_value(text, first, next);
}

// One line whose text is part of a block collection or the root, with all that goes on in further lines.
bool CommonReader::line(std::size_t line, std::size_t text, std::size_t& next) {
  for (;;) {
    const auto column = static_cast<std::int32_t>(text - line);
    const char c = bytes_[text];
    if (c == '-' && (is_break_at(text + 1) || is_blank(bytes_[text + 1]))) {
      const bool another = !levels_.empty() && !levels_.back().map && levels_.back().indent == column;
      if (!another) {
        if (!awaiting()) return decline();
        open(false, column, text);
        if (builder_.failed()) return false;
      }
      comments_->token(text, text + 1);
      has_dash_ = true;
      place_ = ++text;
      while (at(text) == ' ') ++text;
      if (is_break_at(text) || bytes_[text] == '#') return finish_line(place_, next);
      if (bytes_[text] == '\t') return decline();
      continue;
    }
    std::size_t key_end = 0, colon = 0;
    std::string_view key;
    bool is_plain = false;
    Plain first;
    if (c == '"' || c == '\'') {
      bool lines = false, escapes = false;
      if (!quoted(text, key_end, lines, escapes)) return decline();
      colon = key_end;
      while (at(colon) == ' ') ++colon;
      if (lines || at(colon) != ':') {
        if (!awaiting()) return decline();
        return value(text, next);
      }
      if (!quoted_text(text, key_end, !escapes, key)) return false;
    } else {
      if (!plain_starts(text)) {
        if (!awaiting()) return decline();
        return value(text, next);
      }
      first = plain(text);
      if (first.why != ':') {
        if (!awaiting()) return decline();
        return plain_value(text, first, next);
      }
      is_plain = true;
      key_end = first.end;
      colon = first.stop;
      key = bytes_.substr(text, key_end - text);
    }
    if (key_end - text > longest_key) return decline();
    if (!is_break_at(colon + 1) && bytes_[colon + 1] != ' ') return decline();
    const bool another = !levels_.empty() && levels_.back().map && levels_.back().indent == column;
    if (another) {
      if (has_key_) return decline();
    } else {
      if (!awaiting()) return decline();
      open(true, column, text);
      if (builder_.failed()) return false;
    }
    put_key(key, is_plain, text, key_end);
    place_ = text = colon + 1;
    while (at(text) == ' ') ++text;
    if (is_break_at(text) || bytes_[text] == '#') return finish_line(place_, next);
    if (bytes_[text] == '-' && (is_break_at(text + 1) || is_blank(bytes_[text + 1]))) return decline();
    return value(text, next);
  }
}

bool CommonReader::document(std::size_t from, std::size_t& end) {
  bool explicit_start = false;
  std::size_t line_begin = 0, text = 0, next = from;
  for (;;) {
    if (!next_line(next, line_begin, text)) {
      if (declined_) return false;
      end = bytes_.size();
      break;
    }
    const auto column = static_cast<std::int32_t>(text - line_begin);
    if (column == 0) {
      const char c = bytes_[text];
      if (c == '-' && marker_at(text, '-')) {
        if (explicit_start || has_root_ || !levels_.empty()) {
          end = text;
          break;
        }
        explicit_start = true;
        comments_->token(text, text + 3);
        if (!finish_line(text + 3, next)) return false;
        continue;
      }
      if (c == '.' && marker_at(text, '.')) {
        if (!has_root_ && levels_.empty()) return decline();
        if (!finish_line(text + 3, end)) return false;
        break;
      }
      if (c == '%') return decline();
    }
    // What this line is not part of ends before it.
    while (!levels_.empty()) {
      const Level top = levels_.back();
      const bool dash = bytes_[text] == '-' && (is_break_at(text + 1) || is_blank(bytes_[text + 1]));
      const bool inside = top.indent < column || (top.indent == column && (top.map || dash));
      if (inside) break;
      close();
      if (builder_.failed()) return false;
    }
    if (!levels_.empty() && levels_.back().indent == column) {
      // A key or a dash in the same column: what was announced before it is empty, but that a list may
      // stand in the column of its key.
      const bool dash = bytes_[text] == '-' && (is_break_at(text + 1) || is_blank(bytes_[text + 1]));
      if (levels_.back().map ? has_key_ && !dash : has_dash_) put_null(place_);
    } else if (!awaiting()) {
      return decline();
    }
    if (!line(line_begin, text, next)) return false;
    if (builder_.failed()) return false;
  }
  while (!levels_.empty()) {
    close();
    if (builder_.failed()) return false;
  }
  return explicit_start || has_root_;
}

CommonReader::Result CommonReader::read(std::size_t begin, CommentFinder& comments, std::size_t& end) {
  comments_ = &comments;
  levels_.clear();
  has_key_ = has_dash_ = has_root_ = declined_ = false;
  const bool any = document(begin, end);
  if (declined_) return Result::declined;
  if (builder_.failed()) return Result::read;
  comments.gap(end);
  return any ? Result::read : Result::nothing;
}

}  // namespace assay::yaml

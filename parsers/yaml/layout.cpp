#include "parsers/yaml/layout.hpp"

#include <cstring>

namespace assay::yaml {

namespace {

bool is_space_or_break(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

std::size_t document_end(std::string_view s, std::size_t from) {
  // Before any content, directives and the `---` that ends them belong to this document.
  bool begun = false;
  for (std::size_t line = from; line < s.size();) {
    const std::string_view rest = s.substr(line);
    const char c = rest[0];
    const bool marker = rest.size() >= 3 && (c == '-' || c == '.') && rest[1] == c && rest[2] == c &&
                        (rest.size() == 3 || is_space_or_break(rest[3]));
    const auto* newline = static_cast<const char*>(std::memchr(rest.data(), '\n', rest.size()));
    const std::size_t next = newline ? static_cast<std::size_t>(newline - s.data()) + 1 : s.size();
    if (marker && c == '-') {
      if (begun) return line;
      begun = true;
    } else if (marker) {
      return next;
    } else if (!begun && c != '%' && !is_blank(s, line, next)) {
      begun = true;
    }
    line = next;
  }
  return s.size();
}

bool is_blank(std::string_view s, std::size_t i, std::size_t to) {
  while (i < to) {
    if (is_space_or_break(s[i])) {
      ++i;
    } else if (s[i] == '#') {
      while (i < to && s[i] != '\n' && s[i] != '\r') ++i;
    } else {
      return false;
    }
  }
  return true;
}

void CommentFinder::start(std::size_t begin, std::size_t limit) {
  begin_ = begin;
  limit_ = limit;
  next_ = find(begin);
}

std::size_t CommentFinder::find(std::size_t from) const {
  if (from >= limit_) return limit_;
  const auto* found = static_cast<const char*>(std::memchr(bytes_.data() + from, '#', limit_ - from));
  return found ? static_cast<std::size_t>(found - bytes_.data()) : limit_;
}

void CommentFinder::collect(std::size_t to) {
  while (next_ < to) {
    if (next_ > begin_ && !is_space_or_break(bytes_[next_ - 1])) {
      next_ = find(next_ + 1);
      continue;
    }
    std::size_t end = next_;
    while (end < limit_ && bytes_[end] != '\n' && bytes_[end] != '\r') ++end;
    comments_.push_back({Span{source_, static_cast<std::uint32_t>(next_), static_cast<std::uint32_t>(end)}});
    next_ = find(end);
  }
}

}  // namespace assay::yaml

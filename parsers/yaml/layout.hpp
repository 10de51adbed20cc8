// What can be told of a YAML stream without parsing it: where documents begin and end, and comments.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "parsers/document.hpp"

namespace assay::yaml {

// The end of the document that begins at `from`: where the next `---` stands, or after a `...` line.
std::size_t document_end(std::string_view bytes, std::size_t from);

// Nothing but white space and comments?
bool is_blank(std::string_view bytes, std::size_t from, std::size_t to);

// Collects comments while a reader passes over tokens: what stands between two tokens and begins with a
// `#` at a line's start or after white space.
class CommentFinder {
 public:
  CommentFinder(std::string_view bytes, SourceId source, std::vector<Comment>& comments)
      : bytes_(bytes), source_(source), comments_(comments) {}
  void start(std::size_t begin, std::size_t limit);
  // A token stands at [begin, end): comments before it are found, a `#` inside it is none.
  void token(std::size_t begin, std::size_t end) {
    if (next_ < begin) collect(begin);
    if (next_ < end) next_ = find(end);
  }
  // Comments up to `end`.
  void gap(std::size_t end) {
    if (next_ < end) collect(end);
  }

 private:
  std::size_t find(std::size_t from) const;
  void collect(std::size_t to);

  std::string_view bytes_;
  SourceId source_;
  std::vector<Comment>& comments_;
  std::size_t begin_ = 0;
  std::size_t next_ = 0;  // the next `#`, or `limit_`
  std::size_t limit_ = 0;
};

}  // namespace assay::yaml

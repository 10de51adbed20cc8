// The content of a scalar from its bytes: line folding, escapes, block indentation and chomping (YAML 1.2.2
// chapters 6.5, 7.3 and 8.1), and where each piece of it came from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/document.hpp"

namespace assay::yaml {

// Collects content, and with `pieces` where it came from.
struct Content {
  std::string text;
  std::vector<TextPiece>* pieces = nullptr;

  void clear() { text.clear(); }
  void copied(std::string_view bytes, std::size_t begin, std::size_t end) {
    if (begin >= end) return;
    if (pieces) piece(begin);
    text.append(bytes.substr(begin, end - begin));
  }
  // Text that does not stand so in the source: it came from what begins at `source`.
  void made(std::string_view content, std::size_t source) {
    if (pieces) piece(source);
    text.append(content);
  }

 private:
  void piece(std::size_t source);
};

enum class Quote : std::uint8_t { none, single, double_ };

// The bytes [begin, end) stand between the quotes. False: an escape that YAML does not have, at `error`.
bool decode_flow(std::string_view bytes, std::size_t begin, std::size_t end, Quote quote, Content& content,
                 std::size_t& error);

// A block scalar whose header (`|` or `>`) stands at `header`.
struct BlockHeader {
  bool folded = false;
  char chomp = 0;        // '-', '+' or 0
  int indent = 0;        // the indentation indicator, 0 without
  std::size_t body = 0;  // begin of the line after the header
  std::size_t end = 0;   // after the last indicator
  bool valid = false;
};
BlockHeader block_header(std::string_view bytes, std::size_t header, std::size_t limit);

// `least` is the least indentation that content may have, `exact` that which it has (-1: that of its first
// line with text). Gives the begin of the line that ends the scalar; `last` is the end of the last line with
// text, or of the header.
struct BlockEnd {
  std::size_t next = 0;
  std::size_t last = 0;
  bool valid = true;  // false: an empty line before the text is deeper than it, or a tab is in the indentation
};
BlockEnd decode_block(std::string_view bytes, const BlockHeader& header, std::size_t limit, int least, int exact,
                      Content& content);

}  // namespace assay::yaml

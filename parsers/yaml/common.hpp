// The quick reader: the YAML that manifests are written in (block maps and lists, scalars of all five
// styles, flow collections; no anchors, tags, directives or explicit keys). It judges nothing: where it
// meets anything else, or anything doubtful, it declines, and the library reads the document from its
// begin. So whatever it accepts must mean what the library says it means; tests hold that.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "parsers/builder.hpp"
#include "parsers/yaml/content.hpp"
#include "parsers/yaml/layout.hpp"

namespace assay::yaml {

class CommonReader {
 public:
  CommonReader(std::string_view bytes, Builder& builder) : bytes_(bytes), builder_(builder) {}

  enum class Result : std::uint8_t { read, nothing, declined };
  // Reads the document that begins at `begin`. `end` is where the next one begins, unless declined or the
  // builder failed.
  Result read(std::size_t begin, CommentFinder& comments, std::size_t& end);

 private:
  struct Level {
    std::int32_t indent;
    bool map;
  };
  struct Plain {
    std::size_t end = 0;  // of the text, white space trimmed
    std::size_t stop = 0;
    char why = 0;  // ':' a key, '#' a comment, '\n' the line's end
  };

  bool decline() {
    declined_ = true;
    return false;
  }
  char at(std::size_t i) const { return i < bytes_.size() ? bytes_[i] : '\0'; }
  bool is_break_at(std::size_t i) const { return i >= bytes_.size() || bytes_[i] == '\n' || bytes_[i] == '\r'; }
  bool marker_at(std::size_t line, char c) const;
  bool next_line(std::size_t from, std::size_t& line, std::size_t& text);
  bool finish_line(std::size_t from, std::size_t& next);
  std::int32_t indent() const { return levels_.empty() ? -1 : levels_.back().indent; }
  bool awaiting() const { return levels_.empty() ? !has_root_ : levels_.back().map ? has_key_ : has_dash_; }
  void open(bool map, std::int32_t indent, std::size_t begin);
  void close();
  void put_null(std::size_t place);
  void put_text(std::string_view content, bool plain, std::size_t begin, std::size_t end);
  void put_key(std::string_view content, bool plain, std::size_t begin, std::size_t end);
  void done() { has_key_ = has_dash_ = false, has_root_ = true; }

  bool document(std::size_t line, std::size_t& end);
  bool line(std::size_t line, std::size_t text, std::size_t& next);
  bool value(std::size_t text, std::size_t& next);
  Plain plain(std::size_t from) const;
  bool plain_starts(std::size_t at) const;
  bool plain_value(std::size_t begin, const Plain& first, std::size_t& next);
  bool quoted(std::size_t begin, std::size_t& end, bool& lines, bool& escapes) const;
  bool quoted_text(std::size_t begin, std::size_t end, bool plainly, std::string_view& content);
  bool block(std::size_t begin, std::size_t& next);
  bool flow(std::size_t begin, std::size_t& end);
  bool flow_space(std::size_t& at) const;

  std::string_view bytes_;
  Builder& builder_;
  CommentFinder* comments_ = nullptr;
  std::vector<Level> levels_;
  std::size_t place_ = 0;  // after the indicator that awaits a node
  bool has_key_ = false, has_dash_ = false, has_root_ = false;
  bool declined_ = false;
  Content content_;
};

}  // namespace assay::yaml

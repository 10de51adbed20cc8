// Builds values from a stream of nodes: what every reader of a document format drives. It knows nothing
// of syntax; it holds keys to be distinct, shares what aliases name, expands merge keys, and keeps the
// limits. After `failed()` the document is lost and a diagnostic says why: the reader stops.
//
// INVARIANT: texts given to it (keys, anchor names) outlive the file's arena: views into the source, or
// the arena's own copies.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "parsers/document.hpp"

namespace assay {

class Builder {
 public:
  Builder(const Source& source, ParsedFile& file, const ParseLimits& limits, Diagnostics& diagnostics);

  // A map with equal keys is no error: it becomes a set (which no syntax has) of maps with distinct keys,
  // in order.
  void keep_duplicates() { keep_duplicates_ = true; }

  void begin_document();
  // Forgets what was built and reported since `begin_document`, for another reader to begin anew.
  void rewind();
  // The root: no value when there was no node, or after a failure.
  Value end_document();

  // Is the next node the key of a map?
  bool wants_key() const { return in_map_ && !top_.has_key; }
  bool in_map() const { return in_map_; }
  bool at_root() const { return frames_.empty(); }
  std::uint32_t depth() const { return static_cast<std::uint32_t>(frames_.size()); }

  // The anchor of the next node.
  void anchor(std::string_view name) { pending_anchor_ = name; has_anchor_ = true; }
  bool has_anchor() const { return has_anchor_; }

  void key(std::string_view text, std::uint32_t begin, std::uint32_t end);
  void merge_key(std::uint32_t begin, std::uint32_t end);
  // A scalar where any node may stand; where a key is wanted, its JSON text becomes the key.
  void scalar(Value value, std::uint32_t begin, std::uint32_t end);
  void alias(std::string_view name, std::uint32_t begin, std::uint32_t end);
  void begin_map(std::uint32_t begin);
  void begin_list(std::uint32_t begin);
  void end_map(std::uint32_t end);
  void end_list(std::uint32_t end);
  // As above, the collection ends where its last child does.
  void end_map() { end_map(top_.last_end); }
  void end_list() { end_list(top_.last_end); }
  // Where the last child of the open collection ends (its begin when it has none).
  std::uint32_t last_end() const { return top_.last_end; }

  void fail(std::string code, std::uint32_t begin, std::uint32_t end, std::string message);
  void too_deep(std::uint32_t begin);
  // Gives the document up without a word: its reader reports why.
  void abandon() { failed_ = true; }
  bool failed() const { return failed_; }

  const ParseLimits& limits() const { return limits_; }
  Arena& arena() { return file_.arena; }
  Span span(std::uint32_t begin, std::uint32_t end) const { return {source_.id(), begin, end}; }
  Diagnostics& diagnostics() { return pending_; }

 private:
  struct Frame {
    bool map = false;
    bool has_key = false;
    bool drop = false;   // the key could not be read: so goes its value
    bool merge = false;  // the key was a merge key
    std::int32_t anchor = -1;
    std::uint32_t begin = 0;
    std::uint32_t last_end = 0;
    std::uint32_t base = 0;        // first own place in `items_` or `entries_`
    std::uint32_t merge_base = 0;  // first own place in `merges_`
    std::uint32_t key_end = 0;
    std::uint64_t weight = 0;  // `weight_` when it was opened
    Entry key;
  };
  struct Anchor {
    Value value;  // none while the node is still open
    std::uint64_t weight = 0;
  };

  bool count(std::uint32_t begin, std::uint32_t end);
  std::int32_t take_anchor();
  void open(bool map, std::uint32_t begin);
  Frame close();
  void place(Value value, std::uint32_t begin, std::uint32_t end);
  void key_of(Value value, std::uint32_t begin, std::uint32_t end);
  void drop_key(std::uint32_t begin, std::uint32_t end, std::string message);
  Value split_map(const Frame& frame, std::uint32_t end);
  void check_keys(std::uint32_t base, std::uint32_t begin, std::uint32_t end);
  Diagnostic& report(std::string code, Span span, std::string message);
  void report_duplicate(const Entry& first, const Entry& second);
  void expand_merges(const Frame& frame);
  void merge_one(const Frame& frame, Value map);
  // The place among entries from `base` that holds `key`, or inserts `place`.
  void index_clear(std::size_t size);
  std::uint32_t index_find_or_add(std::string_view key, std::uint32_t place);

  const Source& source_;
  ParsedFile& file_;
  const ParseLimits& limits_;
  Diagnostics& diagnostics_;
  Diagnostics pending_;  // of the document being read

  std::vector<Frame> frames_;  // the open collections but the innermost, which is `top_`
  Frame top_;
  bool in_map_ = false;
  bool keep_duplicates_ = false;
  bool failed_ = false;
  bool has_root_ = false;
  Value root_;

  std::vector<Value> items_;
  std::vector<Entry> entries_;
  std::vector<Value> merges_;
  std::vector<std::uint32_t> index_;

  std::string_view pending_anchor_;
  bool has_anchor_ = false;
  std::vector<Anchor> anchors_;
  std::unordered_map<std::string_view, std::int32_t> anchor_names_;
  std::uint64_t nodes_ = 0;    // of the file
  std::uint64_t aliased_ = 0;  // nodes that aliases stood for, of the file
  std::uint64_t nodes_before_ = 0, aliased_before_ = 0;
  std::uint64_t weight_ = 0;   // nodes of this document, aliases counted as if copied
};

}  // namespace assay

// The reader on libyaml's events, one document at a time. libyaml is what kubectl's reader was ported from,
// so that what it refuses, kubectl refuses. (libfyaml 0.7.12, which is quicker and knows YAML 1.2 better, was
// tried first: it crashes on hostile input, reads beyond its text, takes quadratic time for empty lines and
// refuses empty items of lists that stand in the column of their key.)
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "engine/source.hpp"
#include "parsers/builder.hpp"
#include "parsers/yaml/layout.hpp"

namespace assay::yaml {

class LibraryReader {
 public:
  explicit LibraryReader(const Source& source);

  // Reads the bytes [begin, end), which hold one document, into `builder`, between its `begin_document`
  // and `end_document`. Failures go to the builder. False: there was no document.
  bool read(std::uint32_t begin, std::uint32_t end, Builder& builder, CommentFinder& comments);

 private:
  const Source& source_;
};

// --- texts that are no sources: what configuration languages decode and encode ---

struct Event {
  enum class Kind : std::uint8_t { scalar, alias, begin_map, end_map, begin_list, end_list, begin_document };
  Kind kind = Kind::scalar;
  std::string_view anchor;  // also the alias' name
  std::string_view tag;
  std::string_view value;
  bool quoted = false;      // single or double quotes
};
// Calls `each` with the events of a text until it gives false. The texts live as long as the call. False: the
// text is no YAML, and `error` says why and where.
bool read_events(std::string_view text, const std::function<bool(const Event&)>& each, std::string& error);

// A document written by events, as libyaml writes it (block style, two spaces, lines of 80).
class Writer {
 public:
  Writer();
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  enum class Style : std::uint8_t { plain, double_quoted, literal };
  void scalar(std::string_view text, Style style);
  void begin_list();
  void end_list();
  void begin_map();
  void end_map();
  // The text; empty after a failure.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace assay::yaml

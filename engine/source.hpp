// Sources: bytes with a name, and where things stand in them.
//
// A node stores a byte span; lines and columns are computed only when something is printed.
// `Sources` owns the bytes of one audit. Adding is thread-safe; a `Source` never moves or changes
// once added, so views into its bytes stay valid for the life of the `Sources`.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

using SourceId = std::uint32_t;
inline constexpr SourceId no_source = 0xffffffffu;

// Half-open byte range [begin, end) of one source. A span without a source points nowhere.
struct Span {
  SourceId source = no_source;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  explicit operator bool() const { return source != no_source; }
  friend bool operator==(const Span&, const Span&) = default;
  friend auto operator<=>(const Span&, const Span&) = default;
};

// A place as people and viewers count it. Both are 1-based.
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  friend bool operator==(const Position&, const Position&) = default;
};

enum class ColumnUnit : std::uint8_t {
  code_point,  // terminal, JSON
  utf16,       // SARIF (3.14.17 columnKind "utf16CodeUnits")
};

class Source {
 public:
  Source(SourceId id, std::string name, std::string bytes);

  SourceId id() const { return id_; }
  const std::string& name() const { return name_; }  // relative path as reports show it, "-" is standard input
  std::string_view bytes() const { return bytes_; }

  // Offsets past the end count as the end. A CRLF pair ends one line.
  Position position(std::uint32_t offset, ColumnUnit unit = ColumnUnit::code_point) const;
  std::uint32_t line_count() const;
  // Text of a 1-based line without its line break; empty when out of range.
  std::string_view line(std::uint32_t number) const;
  std::uint32_t line_begin(std::uint32_t number) const;

 private:
  const std::vector<std::uint32_t>& line_starts() const;

  SourceId id_;
  std::string name_;
  std::string bytes_;
  mutable std::once_flag indexed_;
  mutable std::vector<std::uint32_t> line_starts_;
};

class Sources {
 public:
  // Bytes beyond 4 GiB cannot be addressed by a span: they are refused with std::length_error.
  const Source& add(std::string name, std::string bytes);
  const Source& get(SourceId id) const;
  std::string_view text(Span span) const;
  std::size_t size() const;

 private:
  mutable std::mutex mutex_;
  std::deque<Source> sources_;
};

}  // namespace assay

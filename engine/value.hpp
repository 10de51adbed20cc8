// Values: what every input becomes. A `Value` is a pointer-sized, immutable handle to a node in an
// arena; copying it copies nothing. A node knows its kind, its span, and, when it was computed, the
// values it came from. Parsers build values with `Arena`; everybody else only reads them.
//
// INVARIANT: nodes, and the bytes their strings view, live as long as their arena (and, for views
// into a source, as long as the `Sources`). An arena is filled by one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/source.hpp"

namespace assay {

struct Resource;  // engine/graph.hpp

enum class Kind : std::uint8_t {
  null,
  boolean,
  int64,
  uint64,     // only beyond int64
  float64,
  number,     // exact decimal, kept as its text (HCL; integers beyond 64 bits)
  string,
  bytes,
  timestamp,
  duration,
  list,
  set,        // a list whose order means nothing (HCL)
  map,        // keys are strings, in the order of the input, each once
  resource,
  unknown,    // a value that the input does not determine; carries a name and a type
};
std::string_view name_of(Kind kind);  // "null", "bool", "int", "uint", "double", "number", "string", …

// Seconds and nanoseconds since the epoch, or of a length; nanoseconds have the sign of seconds.
struct TimeParts {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;
  friend bool operator==(const TimeParts&, const TimeParts&) = default;
  friend auto operator<=>(const TimeParts&, const TimeParts&) = default;
};

class Value;

// An unknown: what would have to be known ("var.encrypted") and its type where that is known ("bool").
struct Unknown {
  std::string_view name;
  std::string_view type;    // empty: not known
  std::string_view reason;  // why it is not known, for people; may be empty
};

struct Entry;   // one key of a map
struct Origin;  // one thing a computed value came from

namespace detail {
struct Node;
}

class Value {
 public:
  Value() = default;  // no value at all: what `find` gives for an absent key; not the same as null
  explicit operator bool() const { return node_ != nullptr; }

  // Kind of a present value.
  Kind kind() const;
  bool is(Kind kind) const { return node_ && this->kind() == kind; }
  bool is_null() const { return is(Kind::null); }
  bool is_string() const { return is(Kind::string); }
  bool is_list() const { return is(Kind::list) || is(Kind::set); }
  bool is_map() const { return is(Kind::map); }
  bool is_unknown() const { return is(Kind::unknown); }

  // Each accessor asks for its own kind; on any other kind, or no value, it gives the empty answer
  // (false, 0, "", no items), so that a wrong type in the input can never crash a reader.
  bool as_bool() const;
  std::int64_t as_int() const;
  std::uint64_t as_uint() const;
  double as_double() const;
  std::string_view as_string() const;  // string, bytes, number (its digits)
  TimeParts as_time() const;           // timestamp, duration
  const Resource* as_resource() const;
  Unknown as_unknown() const;
  std::span<const Value> items() const;    // list, set
  std::span<const Entry> entries() const;  // map
  std::size_t size() const;                // items or entries
  // Of a list whose items are told apart by fields of theirs: the names of these.
  std::span<const std::string_view> keys() const;

  // Map lookup: the value under `key`, or no value. Logarithmic for large maps.
  Value find(std::string_view key) const;
  const Entry* find_entry(std::string_view key) const;
  // Nested lookup: at({"spec", "template", "spec"}).
  Value at(std::initializer_list<std::string_view> path) const;

  // Where it stands. A computed value has no span of its own: see `origins` and `located`.
  Span span() const;
  Span header() const;  // of a map that is a block: its type and labels; else no span
  bool sensitive() const;
  // It, or something in it, is unknown; is sensitive.
  bool has_unknown() const;
  bool has_sensitive() const;
  bool computed() const;
  std::span<const Origin> origins() const;  // empty unless computed

  // Identity, not equality: the same node.
  friend bool operator==(Value, Value) = default;
  const void* id() const { return node_; }

 private:
  friend class Arena;
  explicit Value(const detail::Node* node) : node_(node) {}
  const detail::Node* node_ = nullptr;
};

struct Entry {
  const char* key_data = nullptr;
  std::uint32_t key_size = 0;
  std::uint32_t key_begin = 0;  // byte offset of the key in the source of `value` or its map
  Value value;

  std::string_view key() const { return {key_data, key_size}; }
};

// One step of where a computed value came from.
struct Origin {
  Value value;              // the value used, or, when `absent` is set, the parent that lacks it
  std::string_view absent;  // name of the missing field, else empty
  std::string_view note;    // what happened here ("set", "passed", "default of the API server"), may be empty
  Span use;                 // the expression that used it, where one did
};

// Where a finding about `value` lands: its own span, else the first origin that has one, deepest first.
// A missing field lands on its parent. No span: nothing in the input stands behind it.
struct Location {
  Span span;
  std::string_view absent;  // set when a missing field decided
};
Location located(Value value);

// Structural equality, as JSON would see it: numbers by value, maps without order, spans ignored.
bool equal(Value left, Value right);

// Keeps nodes and the strings they own. One per document; one per worker for computed values.
class Arena {
 public:
  Arena();
  ~Arena();
  Arena(Arena&&) noexcept;
  Arena& operator=(Arena&&) noexcept;

  Value null(Span span);
  Value boolean(bool value, Span span);
  Value integer(std::int64_t value, Span span);
  Value unsigned_integer(std::uint64_t value, Span span);
  Value floating(double value, Span span);
  // `text` must outlive the arena (a view into a source, or the result of `copy`).
  Value number(std::string_view text, Span span);
  Value string(std::string_view text, Span span);
  Value bytes(std::string_view bytes, Span span);
  Value timestamp(TimeParts time, Span span);
  Value duration(TimeParts length, Span span);
  Value list(std::span<const Value> items, Span span, bool set = false);  // copies the handles
  Value keyed_list(std::span<const Value> items, std::span<const std::string_view> keys, Span span);  // copies the keys
  // Copies the entries; keys must be distinct. `header`: so many of the first bytes name the block that it is.
  Value map(std::span<const Entry> entries, Span span, std::uint32_t header = 0);
  Value resource(const Resource* resource);
  Value unknown(const Unknown& unknown, Span span);  // copies the texts

  // A value equal to `value` that was computed from `origins` (copied).
  Value computed(Value value, std::span<const Origin> origins);
  Value sensitive(Value value);
  // The same value standing at `span`: for what was made out of nothing that stands anywhere.
  Value placed(Value value, Span span);

  std::string_view copy(std::string_view text);
  std::size_t bytes_used() const;
  // About this much will be needed: the next block is that large.
  void reserve(std::size_t bytes);

 private:
  void* allocate(std::size_t size, std::size_t alignment);
  detail::Node* node(Kind kind, Span span);

  struct Blocks;
  std::unique_ptr<Blocks> blocks_;
  char* next_ = nullptr;
  char* limit_ = nullptr;
};

// `value` without the map entries that are null, at any depth: what Kubernetes and Terraform make of
// them. Shares everything that did not change.
Value without_nulls(Value value, Arena& arena);

}  // namespace assay

// How a value lies in memory: for value.cpp, and for the evaluator, which reads a value in one go rather
// than by its accessors.
#pragma once

#include "engine/value.hpp"

namespace assay::detail {

enum Flag : std::uint8_t {
  sensitive_flag = 1,
  computed_flag = 2,
  indexed_flag = 4,
  has_unknown_flag = 8,    // the node or something in it is unknown
  has_sensitive_flag = 16, // the same for sensitive
  keyed_flag = 32,
};
inline constexpr std::uint8_t inherited_flags = has_unknown_flag | has_sensitive_flag;

// 32 bytes. What does not fit (origins of computed values, the key index of large maps, the keys of lists) stands
// before or behind the node in the arena and is announced by a flag.
struct Node {
  Kind kind;
  std::uint8_t flags;
  std::int32_t nanos;  // timestamp, duration
  SourceId source;
  std::uint32_t begin, end;
  union {
    bool boolean;
    std::int64_t int64;
    std::uint64_t uint64;
    double float64;
    struct { const char* data; std::uint32_t size; } text;
    struct { const Value* data; std::uint32_t size; } items;
    struct { const Entry* data; std::uint32_t size; } entries;
    const Resource* resource;
    const Unknown* unknown;
  };
};

// Behind the items of a keyed list.
struct ListKeys {
  const std::string_view* data;
  std::size_t size;
};

inline const Node* node_of(Value value) { return static_cast<const Node*>(value.id()); }

}  // namespace assay::detail

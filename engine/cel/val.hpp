// Val: a value while an expression runs. Wraps an input `Value` without copying it and adds what CEL
// has beyond it: optional, error, type, struct (a view) and opaque (ip, quantity …).
//
// A Val is 32 bytes, trivially copyable, and owns nothing: strings, lists and maps live in the input's
// arena, in the program's constants, or in the frame's scratch memory, which the frame's owner resets.
// `source` is the input value behind it, so that whatever an expression yields still knows where it stands.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include "engine/value.hpp"

namespace assay::cel {

struct Type;       // engine/cel/type.hpp
class StructBase;  // a lazily read record: a view instance, a resource
class OpaqueBase;
class Program;     // engine/cel/program.hpp
struct ErrorInfo;
struct UnknownSet;
struct Val;

enum class ValKind : std::uint8_t {
  null, boolean, int64, uint64, float64, string, bytes, timestamp, duration,
  list, map, type, optional, structure, opaque, error, unknown,
};

// A list or map built by an expression (not read from the input).
struct ListData {
  const Val* items;
  std::size_t size;
};
struct MapEntry;
struct MapData {  // in insertion order; `index` is a hash table over keys, built by the evaluator
  const MapEntry* entries;
  std::size_t size;
  const std::uint32_t* buckets;  // null for small maps: linear search
  std::size_t bucket_count;
};

struct Val {
  ValKind kind = ValKind::null;
  bool wrapped = false;   // list, map: the content is `source`'s, not `list_data`/`map_data`
  // opaque: which; optional: 1 when it holds a value; timestamp: its zone; list: 1 when its order means nothing, 2 when
  // `source.keys()` tell its items apart
  std::uint16_t tag = 0;
  std::int32_t nanos = 0; // timestamp, duration
  Value source;           // the input value behind this, if any
  struct Text { const char* data; std::size_t size; };
  union {
    bool boolean;
    std::int64_t int64 = 0;  // int, and seconds of timestamp and duration
    std::uint64_t uint64;
    double float64;
    Text text;               // string, bytes
    const ListData* list_data;
    const MapData* map_data;
    const Type* type;
    const Val* held;         // optional that holds a value
    StructBase* structure;
    const OpaqueBase* opaque;
    const ErrorInfo* error;
    const UnknownSet* unknown;
  };

  Val() {}
  std::string_view string() const { return {text.data, text.size}; }
  bool is(ValKind k) const { return kind == k; }
  bool is_error() const { return kind == ValKind::error; }
  bool is_unknown() const { return kind == ValKind::unknown; }
  bool is_true() const { return kind == ValKind::boolean && boolean; }
  bool is_false() const { return kind == ValKind::boolean && !boolean; }
};
static_assert(std::is_trivially_copyable_v<Val> && sizeof(Val) == 32);

struct MapEntry {
  Val key, value;
};

// Constructors that need no memory.
Val val_null();
Val val_bool(bool value);
Val val_int(std::int64_t value);
Val val_uint(std::uint64_t value);
Val val_double(double value);
Val val_string(std::string_view text);  // not copied
Val val_bytes(std::string_view bytes);  // not copied
Val val_timestamp(TimeParts time);
// The zone that a timestamp was written in, minutes east of UTC: nothing but its text depends on it.
Val in_zone(Val timestamp, std::int32_t minutes);
std::int32_t zone_of(const Val& timestamp);
Val val_duration(TimeParts length);
Val val_type(const Type* type);
Val val_none();                         // optional.none()
// The input value as an expression sees it. Sets become lists; exact numbers become int, uint or double,
// the nearest that holds them; an absent Value becomes null.
Val val_of(Value value);
void read(Val& out, Value value);  // the same, in place

// Why evaluation failed, in words, and where in the expression.
struct ErrorInfo {
  std::string_view message;
  std::uint32_t expression_offset = 0;
  const Program* program = nullptr;  // whose text the offset is in; null: not known
};
// The unknowns that an undecided result depends on. A Val of kind `unknown` without a set stands for its
// `source` alone (see `unknown_values` in operations.hpp).
struct UnknownSet {
  std::span<const Value> values;      // of Kind::unknown; may be empty when only a reason is known
  std::string_view reason;
};

}  // namespace assay::cel

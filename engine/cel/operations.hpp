// What the operators of CEL do to values, shared by the evaluator, the tracer, the constant folder and
// the standard library. Operands are neither errors nor unknowns unless a function says so; results may be.
#pragma once

#include <new>
#include <span>
#include <string>
#include <string_view>

#include "engine/cel/program.hpp"
#include "engine/cel/struct.hpp"

namespace assay::cel {

// Makes a value where it is to stand, without copying it there.
template <class Make>
inline void set(Val& out, Make&& make) { ::new (static_cast<void*>(&out)) Val(make()); }

// The unknowns behind a Val of kind `unknown`; `storage` backs the answer when it is a single value.
std::span<const Value> unknown_values(const Val& unknown, Value& storage);
// "var.encrypted" or the reason: what would have to be known, for messages.
std::string unknown_text(const Val& unknown);

Val no_such_overload(Frame& frame);
Val no_such_overload(Frame& frame, std::string_view function, std::span<const Val> args);
Val no_such_key(Frame& frame, const Val& key);
Val no_such_field(Frame& frame, std::string_view field);
Val index_out_of_bounds(Frame& frame, std::int64_t index);

// Of several operands: the union of the unknowns, else the first error, else null.
bool failed_operand(Frame& frame, std::span<const Val> args, Val& out);

Val add(Frame& frame, const Val& left, const Val& right);
// left + right where the items of `left` are a set or have keys: what `left` lacks is appended, an item with a known
// key replaces the old one.
Val united(Frame& frame, const Val& left, const Val& right);
Val subtract(Frame& frame, const Val& left, const Val& right);
Val multiply(Frame& frame, const Val& left, const Val& right);
Val divide(Frame& frame, const Val& left, const Val& right);
Val modulo(Frame& frame, const Val& left, const Val& right);
Val negate(Frame& frame, const Val& operand);

enum class Order : std::uint8_t { less, less_equal, greater, greater_equal };
Val compare(Frame& frame, Order order, const Val& left, const Val& right);
Val contains(Frame& frame, const Val& element, const Val& container);  // `element in container`
Val index(Frame& frame, const Val& container, const Val& key);          // container[key]
Val optional_index(Frame& frame, const Val& container, const Val& key); // container[?key]

// Where a structure keeps a field, as far as known when the expression was planned.
struct FieldPlace {
  const StructType* type = nullptr;  // null: not known
  std::uint32_t index = 0;
};
// e.f, has(e.f) and e.?f.
Val select(Frame& frame, const Val& operand, std::string_view field, FieldPlace place = {});
Val has(Frame& frame, const Val& operand, std::string_view field, FieldPlace place = {});
Val optional_select(Frame& frame, const Val& operand, std::string_view field, FieldPlace place = {});
// What e.?f and e[?k] hold, without the optional around it: false when there is nothing (or `out` is set
// to the unknown or error that there is).
bool find_field(Frame& frame, const Val& operand, std::string_view field, FieldPlace place, Val& out);
// o.f where o is an optional that holds `held`: a field of what can have none is an error, not an absent one.
bool find_field_of_held(Frame& frame, const Val& held, std::string_view field, FieldPlace place, Val& out);
bool find_index(Frame& frame, const Val& container, const Val& key, Val& out);

// Whether a key may stand in a map: bool, int, uint, string.
bool is_key(const Val& key);
std::size_t hash_key(const Val& key);
bool same_key(const Val& left, const Val& right);

// The i-th key and value of a map in its order.
MapEntry entry_at(const Val& map, std::size_t index);

const Type* runtime_type(const Val& value);          // what type() gives; parameters are left out
std::string_view runtime_name(const Type* type);     // "int", "google.protobuf.Timestamp", "net.IP"
bool same_runtime_type(const Type* left, const Type* right);
// Whether a value may be passed where `type` is asked for; of a list or map the first element is looked at.
bool fits(const Val& value, const Type* type);

Val make_map_indexed(Frame& frame, const MapEntry* entries, std::size_t size);  // `entries` in scratch, not copied
// `items` already in scratch.
Val wrap_list(Frame& frame, const Val* items, std::size_t size);

Val out_of_memory(Frame& frame);  // needs no memory
Val out_of_cost(Frame& frame);
Val too_deep(Frame& frame);

}  // namespace assay::cel

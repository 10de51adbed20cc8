// What the function libraries share: short spellings for their tables, code points, comparison, the
// run-time cost of a call, and opaque values.
//
// Costs are those of cel-go's run-time cost tracker with the sizes that the Kubernetes API server adds
// (cel-go interpreter/runtimecost.go and ext/*, apiserver pkg/cel/library/cost.go): a cost function gives
// the whole cost of the call.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/cel/environment.hpp"
#include "engine/cel/program.hpp"
#include "engine/cel/struct.hpp"
#include "engine/cel/type.hpp"
#include "engine/cel/val.hpp"

namespace assay::cel::library {

using Args = std::span<const Val>;

// The types of a table, under the names that CEL gives them.
struct Types {
  explicit Types(Environment& environment);
  TypeTable& table;
  const Type *dyn, *boolean, *int64, *uint64, *float64, *string, *bytes, *timestamp, *duration;
  const Type* list(const Type* element) const { return table.list(element); }
};

Overload global(std::string id, std::vector<const Type*> parameters, const Type* result, Implementation implementation,
                CostFunction cost = nullptr);
Overload member(std::string id, std::vector<const Type*> parameters, const Type* result, Implementation implementation,
                CostFunction cost = nullptr);
void define(Environment& environment, std::string name, std::string documentation, std::vector<Overload> overloads);

// --- Text. Positions in CEL count code points; bytes that are not UTF-8 count one each.
std::size_t rune_offset(std::string_view text, std::size_t runes);  // byte offset of a code point; size() at the end
std::string quoted(std::string_view text);  // as Go's strconv.Quote writes it
std::string shortest_fixed(double value);   // fewest digits that read back, without an exponent
std::string type_name(const Val& value);    // "int", "google.protobuf.Duration", "map" …

// --- Undecided elements. Arguments are decided, what they hold need not be.
inline bool undecided(const Val& value) { return value.is_error() || value.is_unknown(); }
Val memory_error(Frame& frame);
Val no_such_overload(Frame& frame);
// The items of a list, materialised once; `stopped` is set to what undecided item there is (unknowns merged).
struct Items {
  std::span<const Val> values;
  Val stopped;
  bool complete = true;
};
Items items_of(Frame& frame, const Val& list);
Val list_of(Frame& frame, const std::vector<std::string>& texts);
// A list over items that already live in scratch memory.
Val list_in_place(Frame& frame, const Val* items, std::size_t size);
// Room for a text whose size is known; null when the memory limit is reached.
inline char* text_room(Frame& frame, std::size_t size) { return static_cast<char*>(frame.scratch->allocate(size ? size : 1, 1)); }

// --- Order, as CEL's `<` has it: numbers across their types, the rest within its own.
enum class Order : std::uint8_t { less, equal, greater, unordered, incomparable };  // unordered: NaN
Order compare(const Val& left, const Val& right);
bool comparable(ValKind kind);

// --- Cost
std::uint64_t size_cost(const Val& value);  // cel-go's size: code points, bytes, elements; 1 for a scalar
std::uint64_t scaled(std::uint64_t size, double factor);  // rounded up
std::uint64_t text_cost(Args args, const Val& result);    // a traversal of the first argument
std::uint64_t two_text_cost(Args args, const Val& result);  // … and building a result of its size
std::uint64_t traversal_cost(Args args, const Val& result); // of everything the first argument holds

// --- Opaque values live in the frame's scratch memory and are recognised by their tag.
enum class Tag : std::uint16_t { none, ip, cidr, quantity, semver, url, format, authorizer, path_check, group_check, resource_check, decision };

template <class T>
Val opaque(Frame& frame, const T& value) {
  static_assert(std::is_trivially_destructible_v<T> && std::is_base_of_v<OpaqueBase, T>);
  void* memory = frame.scratch->allocate(sizeof(T), alignof(T));
  if (!memory) return memory_error(frame);
  Val result;
  result.kind = ValKind::opaque;
  result.tag = static_cast<std::uint16_t>(T::tag);
  result.opaque = new (memory) T(value);
  return result;
}
// Null where the value is something else.
template <class T>
const T* as(const Val& value) {
  if (value.kind != ValKind::opaque || value.tag != static_cast<std::uint16_t>(T::tag)) return nullptr;
  return static_cast<const T*>(value.opaque);
}
template <class T>
const T* as(const OpaqueBase& value) {
  return value.type() == T::static_type() ? static_cast<const T*>(&value) : nullptr;
}

}  // namespace assay::cel::library

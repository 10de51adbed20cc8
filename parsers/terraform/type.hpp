// Terraform's types (those of github.com/zclconf/go-cty). A type is interned: two types are the same exactly
// when their pointers are, and a pointer is good for the life of the process. Safe for any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace assay::terraform {

struct Type;

// One attribute of an object type.
struct Member {
  std::string_view name;  // lives as long as the process
  const Type* type = nullptr;
  bool optional = false;  // only in type constraints: no value has such a type
};

struct Type {
  enum class Kind : std::uint8_t {
    any,  // not known: of an unknown, of a null that nobody has converted; in a constraint, whatever comes
    boolean, number, string,
    list, set, map,  // of `element`
    tuple,           // items
    object,          // members, by name
  };
  Kind kind = Kind::any;
  bool has_any = false;       // `any` stands somewhere inside
  bool has_optional = false;  // an optional attribute stands somewhere inside
  std::uint16_t depth = 1;
  std::uint32_t weight = 1;  // of the whole tree, items and members counted as often as they stand in it
  const Type* element = nullptr;
  std::vector<const Type*> items;
  std::vector<Member> members;

  bool is(Kind other) const { return kind == other; }
  bool primitive() const { return kind == Kind::boolean || kind == Kind::number || kind == Kind::string; }
  bool collection() const { return kind == Kind::list || kind == Kind::set || kind == Kind::map; }
  bool sequence() const { return kind == Kind::list || kind == Kind::set || kind == Kind::tuple; }
  const Member* member(std::string_view name) const;  // null when there is none, or this is no object
};

const Type* any_type();
const Type* bool_type();
const Type* number_type();
const Type* string_type();
const Type* list_type(const Type* element);
const Type* set_type(const Type* element);
const Type* map_type(const Type* element);
const Type* tuple_type(std::span<const Type* const> items);
// Members in any order, each name once; names are copied.
const Type* object_type(std::vector<Member> members);
// The same without optional attributes: the type that a value has.
const Type* without_optional(const Type* type);

// As people write it: `list(string)`, `object({a = number, b = optional(bool)})`, `tuple([string])`, `any`.
std::string name_of(const Type* type);
// In a word or two, for messages: "list of string", "object", "tuple".
std::string friendly_name(const Type* type);

// The least general type that values of all `types` convert to, or null when there is none. Unsafe
// conversions may fail on the value (a string as a number); expressions allow them.
enum class Safety : std::uint8_t { safe, unsafe };
const Type* unify(std::span<const Type* const> types, Safety safety = Safety::unsafe);
// Some value of `from` has a conversion to `to`.
bool convertible(const Type* from, const Type* to, Safety safety = Safety::unsafe);

// Beyond these a value is refused: they keep walks over values and types bounded.
inline constexpr std::uint16_t max_type_depth = 200;
inline constexpr std::uint32_t max_type_weight = 4'000'000;

}  // namespace assay::terraform

// Types of expressions. Types are interned in a `TypeTable`: equal types are the same pointer. A table
// may be used by several threads at once.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace assay::cel {

enum class TypeKind : std::uint8_t {
  dyn,
  null,
  boolean,
  int64,
  uint64,
  float64,
  string,
  bytes,
  timestamp,
  duration,
  list,       // parameters: element
  map,        // parameters: key, value
  type,       // parameters: the type named
  optional,   // parameters: value
  wrapper,    // google.protobuf.BoolValue …: parameters: the primitive; assignable from null
  structure,  // a record with named fields, known to the environment by name: views, resources
  opaque,     // named, perhaps with parameters: net.IP, kubernetes.Quantity
  variable,   // a type parameter of a function: A, B
  error,
};

struct Type {
  TypeKind kind = TypeKind::dyn;
  std::string name;  // structure, opaque, variable; runtime name of the others
  std::vector<const Type*> parameters;
  // Set when interned.
  bool generic = false;    // holds a type parameter somewhere
  std::uint32_t size = 1;  // nodes, written out; a type of more than `type_size_limit` becomes dyn
};
inline constexpr std::uint32_t type_size_limit = 256;

// Types without type parameters are the same pointer in every table: the primitives, list(dyn),
// map(dyn, dyn), optional(dyn), type(dyn), the wrappers.
const Type* primitive_type(TypeKind kind);
// What a type's name means in an expression: "int", "list", "null_type", "google.protobuf.Timestamp" …
// A list is list(dyn), a map is map(dyn, dyn): also what `type([1])` gives. Null when it names none: "dyn" is no
// value.
const Type* type_named(std::string_view name);

class TypeTable {
 public:
  const Type* primitive(TypeKind kind) const { return primitive_type(kind); }  // everything without parameters or name
  const Type* dyn() const { return primitive(TypeKind::dyn); }
  const Type* list(const Type* element);
  const Type* map(const Type* key, const Type* value);
  const Type* optional(const Type* value);
  const Type* type(const Type* named);
  const Type* wrapper(const Type* primitive);
  const Type* structure(std::string_view name);
  const Type* opaque(std::string_view name, std::vector<const Type*> parameters = {});
  const Type* variable(std::string_view name);
  const Type* find_opaque(std::string_view name);  // null when none of that name was made

  // `list<string>`, `map<string, int>`, `optional<bool>`, `any`/`dyn`, an opaque type's name, and any
  // other identifier as a structure's name. Null when the text is no type.
  const Type* parse(std::string_view text);

 private:
  const Type* intern(Type type);
  std::mutex mutex_;
  std::deque<Type> types_;
  std::map<std::string, const Type*, std::less<>> by_key_;
};

// As CEL writes it: `list(string)`, `optional_type(int)`, `google.protobuf.Timestamp`, a view's name.
std::string to_string(const Type* type);

}  // namespace assay::cel

// Types of expressions. Types are interned in a `TypeTable`: equal types are the same pointer.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace assay::cel {

enum class TypeKind : std::uint8_t {
  dyn, null, boolean, int64, uint64, float64, string, bytes, timestamp, duration,
  list,      // parameters: element
  map,       // parameters: key, value
  type,      // parameters: the type named
  optional,  // parameters: value
  wrapper,   // google.protobuf.BoolValue …: parameters: the primitive; assignable from null
  structure, // a record with named fields, known to the environment by name: views, resources
  opaque,    // named, perhaps with parameters: net.IP, kubernetes.Quantity
  variable,  // a type parameter of a function: A, B
  error,
};

struct Type {
  TypeKind kind = TypeKind::dyn;
  std::string name;                      // structure, opaque, variable; runtime name of the others
  std::vector<const Type*> parameters;
};

class TypeTable {
 public:
  TypeTable();
  const Type* primitive(TypeKind kind) const;  // everything without parameters or name
  const Type* dyn() const { return primitive(TypeKind::dyn); }
  const Type* list(const Type* element);
  const Type* map(const Type* key, const Type* value);
  const Type* optional(const Type* value);
  const Type* type(const Type* named);
  const Type* wrapper(const Type* primitive);
  const Type* structure(std::string_view name);
  const Type* opaque(std::string_view name, std::vector<const Type*> parameters = {});
  const Type* variable(std::string_view name);

  // `list<string>`, `map<string, int>`, `optional<bool>`, `any`/`dyn`, and any other identifier as a
  // structure's name. Null when the text is no type.
  const Type* parse(std::string_view text);

 private:
  const Type* intern(Type type);
  std::deque<Type> types_;
  std::map<std::string, const Type*, std::less<>> by_text_;
  std::vector<const Type*> primitives_;
};

// As CEL writes it: `list(string)`, `optional_type(int)`, `google.protobuf.Timestamp`, a view's name.
std::string to_string(const Type* type);

}  // namespace assay::cel

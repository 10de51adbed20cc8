#include "engine/cel/operations.hpp"
#include "engine/cel/struct.hpp"
#include "engine/cel/type.hpp"

namespace assay::cel {

namespace {

// In the order of ValKind, up to `optional`.
constexpr TypeKind type_kinds[] = {
    TypeKind::null, TypeKind::boolean, TypeKind::int64, TypeKind::uint64, TypeKind::float64, TypeKind::string, TypeKind::bytes,
    TypeKind::timestamp, TypeKind::duration, TypeKind::list, TypeKind::map, TypeKind::type, TypeKind::optional};

// What a value is from the outside: `wrapper` types hold primitives.
TypeKind runtime_kind(const Type* type) {
  if (type->kind == TypeKind::wrapper && !type->parameters.empty()) return type->parameters[0]->kind;
  return type->kind;
}

}  // namespace

const Type* runtime_type(const Val& value) {
  switch (value.kind) {
    case ValKind::null:
    case ValKind::boolean:
    case ValKind::int64:
    case ValKind::uint64:
    case ValKind::float64:
    case ValKind::string:
    case ValKind::bytes:
    case ValKind::timestamp:
    case ValKind::duration:
    case ValKind::list:
    case ValKind::map:
    case ValKind::type:
    case ValKind::optional: return primitive_type(type_kinds[static_cast<std::size_t>(value.kind)]);
    case ValKind::structure: return value.structure->type().type;
    case ValKind::opaque: return value.opaque->type();
    case ValKind::error:
    case ValKind::unknown: break;
  }
  return primitive_type(TypeKind::error);
}

std::string_view runtime_name(const Type* type) {
  if (type->kind == TypeKind::wrapper && !type->parameters.empty()) return runtime_name(type->parameters[0]);
  return type->name;
}

bool same_runtime_type(const Type* left, const Type* right) {
  if (left == right) return true;
  if (!left || !right || runtime_kind(left) != runtime_kind(right)) return false;
  const TypeKind kind = runtime_kind(left);
  return (kind != TypeKind::structure && kind != TypeKind::opaque) || left->name == right->name;
}

bool fits(const Val& value, const Type* type) {
  switch (type->kind) {
    case TypeKind::dyn:
    case TypeKind::variable: return true;
    case TypeKind::null: return value.is(ValKind::null);
    case TypeKind::boolean: return value.is(ValKind::boolean);
    case TypeKind::int64: return value.is(ValKind::int64);
    case TypeKind::uint64: return value.is(ValKind::uint64);
    case TypeKind::float64: return value.is(ValKind::float64);
    case TypeKind::string: return value.is(ValKind::string);
    case TypeKind::bytes: return value.is(ValKind::bytes);
    case TypeKind::timestamp: return value.is(ValKind::timestamp);
    case TypeKind::duration: return value.is(ValKind::duration);
    case TypeKind::type: return value.is(ValKind::type);
    case TypeKind::optional: return value.is(ValKind::optional);
    case TypeKind::wrapper: return value.is(ValKind::null) || type->parameters.empty() || fits(value, type->parameters[0]);
    case TypeKind::structure:
      return (value.is(ValKind::structure) && value.structure->type().name == type->name) ||
             (value.is(ValKind::opaque) && value.opaque->type()->name == type->name);
    case TypeKind::opaque: return value.is(ValKind::opaque) && value.opaque->type()->name == type->name;
    case TypeKind::error: return false;
    case TypeKind::list: {
      if (!value.is(ValKind::list)) return false;
      if (type->parameters.empty() || size_of(value) == 0) return true;
      const Val first = item_at(value, 0);
      return first.is_unknown() || fits(first, type->parameters[0]);
    }
    case TypeKind::map: {
      if (!value.is(ValKind::map)) return false;
      if (type->parameters.size() < 2 || size_of(value) == 0) return true;
      const MapEntry first = entry_at(value, 0);
      return fits(first.key, type->parameters[0]) && (first.value.is_unknown() || fits(first.value, type->parameters[1]));
    }
  }
  return false;
}

}  // namespace assay::cel

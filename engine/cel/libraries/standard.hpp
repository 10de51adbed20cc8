// The parts of cel-spec's standard definitions, each in a file of its own, and the short spellings that
// their tables use. `add_standard` adds them all.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "engine/cel/environment.hpp"
#include "engine/cel/operations.hpp"

namespace assay::cel::standard {

void add_operators(Environment&);
void add_conversions(Environment&);
void add_texts(Environment&);   // size, contains, startsWith, endsWith, matches
void add_times(Environment&, Dialect);  // getFullYear …

using Args = std::span<const Val>;

struct Types {
  explicit Types(Environment& environment)
      : table(environment.types()), dyn(of(TypeKind::dyn)), null(of(TypeKind::null)), boolean(of(TypeKind::boolean)),
        int64(of(TypeKind::int64)), uint64(of(TypeKind::uint64)), float64(of(TypeKind::float64)), string(of(TypeKind::string)),
        bytes(of(TypeKind::bytes)), timestamp(of(TypeKind::timestamp)), duration(of(TypeKind::duration)),
        a(table.variable("A")), b(table.variable("B")), list_a(table.list(a)), map_ab(table.map(a, b)) {}
  static const Type* of(TypeKind kind) { return primitive_type(kind); }
  TypeTable& table;
  const Type *dyn, *null, *boolean, *int64, *uint64, *float64, *string, *bytes, *timestamp, *duration;
  const Type *a, *b, *list_a, *map_ab;
};

// Everything in the standard library depends on its arguments alone.
inline Overload overload(std::string id, std::vector<const Type*> parameters, const Type* result, Implementation implementation) {
  Overload made;
  made.id = std::move(id);
  made.parameters = std::move(parameters);
  made.result = result;
  made.implementation = implementation;
  made.pure = true;
  return made;
}
inline Overload member(std::string id, std::vector<const Type*> parameters, const Type* result, Implementation implementation) {
  Overload made = overload(std::move(id), std::move(parameters), result, implementation);
  made.member = true;
  return made;
}
inline void define(Environment& environment, std::string name, std::string documentation, std::vector<Overload> overloads) {
  Function function;
  function.name = std::move(name);
  function.documentation = std::move(documentation);
  function.overloads = std::move(overloads);
  environment.add_function(std::move(function));
}

}  // namespace assay::cel::standard

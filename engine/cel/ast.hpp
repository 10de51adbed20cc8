// The syntax tree of an expression, after macros are expanded. Nodes live in the `Ast` that owns them
// and carry byte offsets into the expression's text.
//
// `check` (or `resolve`, for a tree that is to run unchecked) rewrites names in place, so that a planner
// never searches containers: a qualified name `a.b.c` that is a variable, constant or type becomes one
// `Ident` of the full name; a namespaced call `math.abs(x)` loses its target and has the full function
// name; a message has its full name. An `Ident` is then, in this order: a local of the comprehensions
// around it (or `@indexN` of a `cel.@block`); a variable of the environment; a type's name, then
// `Expr::type` is type(T) and the value is T (`Environment::type_named`). With a leading dot ".x" it is
// never a local.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/cel/type.hpp"

namespace assay::cel {

struct TextRange {
  std::uint32_t begin = 0, end = 0;
};

struct Expr;

struct Constant {
  // null, bool, int, uint, double, string, bytes
  std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, std::vector<std::uint8_t>> value;
};
struct Ident {
  std::string name;  // a leading dot is kept: ".x" names the root container's x
};
struct Select {
  Expr* operand = nullptr;
  std::string field;
  bool test_only = false;  // has(e.f)
  bool optional = false;   // e.?f
};
struct Call {
  std::string function;    // operators have CEL's names: "_&&_", "_?_:_", "_[_]", "_[?_]", "@in", "!_", "-_"
  Expr* target = nullptr;  // receiver of a member call
  std::vector<Expr*> args;
};
struct CreateList {
  std::vector<Expr*> elements;
  std::vector<std::uint32_t> optional_indices;  // [?a, b]
};
struct CreateStruct {
  std::string message_name;  // empty: a map
  struct Item {
    Expr* key = nullptr;  // map; for a message the field's name stands in `field`
    std::string field;
    Expr* value = nullptr;
    bool optional = false;
    TextRange range;
  };
  std::vector<Item> items;
};
// cel-spec: the fold that macros expand into. `variable2` is set by two-variable comprehensions.
struct Comprehension {
  Expr* range = nullptr;
  std::string variable, variable2, accumulator;
  Expr *initial = nullptr, *condition = nullptr, *step = nullptr, *result = nullptr;
};

// Which macro a comprehension came from, so that `find` can be judged per element and filters and maps
// can run without building intermediate lists.
enum class Macro : std::uint8_t {
  none,
  all,
  exists,
  exists_one,
  map,
  map_filter,
  filter,
  transform_list,
  transform_map,
  transform_map_entry,
  bind,
  opt_map,
  opt_flat_map
};
// bind, opt_map, opt_flat_map: a comprehension of these is a let: the range is the empty list, the condition
// is false, `initial` is bound to `accumulator`, `result` is the body. `optMap` of a plain name is a
// conditional call with a let inside.
// `cel.@block([e0, e1, …], e)` is a call: inside, the names `@index0`, `@index1` … stand for e0, e1, each
// evaluated at most once, when first read.
struct MacroCall {
  Macro macro = Macro::none;
  Expr* predicate = nullptr;  // filter, map with three arguments, all, exists
  Expr* transform = nullptr;  // map, transform*
};

struct Expr {
  std::uint32_t id = 0;
  TextRange range;       // the whole expression
  std::uint32_t at = 0;  // where an error about it points: the operator, the selected field
  std::variant<Constant, Ident, Select, Call, CreateList, CreateStruct, Comprehension> node;
  MacroCall macro;
  // Set by the checker.
  const Type* type = nullptr;
};

struct Ast {
  std::deque<Expr> nodes;
  Expr* root = nullptr;
  std::string text;
};

}  // namespace assay::cel

// Optional values: values that may be missing. `a.?b` and `a[?k]` give them; programs read them without
// building them wherever they are unwrapped at once.
#include "engine/cel/libraries/standard.hpp"

namespace assay::cel {

namespace {

using standard::Args;
using standard::define;
using standard::member;
using standard::overload;

bool is_zero(const Val& value) {
  switch (value.kind) {
    case ValKind::null: return true;
    case ValKind::boolean: return !value.boolean;
    case ValKind::int64:
    case ValKind::uint64: return value.uint64 == 0;
    case ValKind::float64: return value.float64 == 0;
    case ValKind::string:
    case ValKind::bytes: return value.text.size == 0;
    case ValKind::timestamp:
    case ValKind::duration: return value.int64 == 0 && value.nanos == 0;
    case ValKind::list:
    case ValKind::map: return size_of(value) == 0;
    case ValKind::optional: return !value.tag || is_zero(*value.held);
    case ValKind::type:
    case ValKind::structure:
    case ValKind::opaque:
    case ValKind::error:
    case ValKind::unknown: break;
  }
  return false;
}

Val some(Frame& frame, Args args) { return make_some(frame, args[0]); }
Val some_unless_zero(Frame& frame, Args args) { return is_zero(args[0]) ? val_none() : make_some(frame, args[0]); }
Val none(Frame&, Args) { return val_none(); }
Val has_value(Frame&, Args args) { return val_bool(args[0].tag != 0); }
Val value(Frame& frame, Args args) { return args[0].tag ? *args[0].held : make_error(frame, "optional.none() dereference"); }
Val or_else(Frame&, Args args) { return args[0].tag ? args[0] : args[1]; }
Val or_value(Frame&, Args args) { return args[0].tag ? *args[0].held : args[1]; }
Val at(Frame& frame, Args args) { return optional_index(frame, args[0], args[1]); }

Val unwrap(Frame& frame, Args args) {
  const std::size_t size = size_of(args[0]);
  frame.cost += size;
  Val* const items = frame.scratch->array<Val>(size + 1);
  if (!items) return out_of_memory(frame);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const Val item = item_at(args[0], i);
    if (item.is_unknown()) return item;
    if (!item.is(ValKind::optional)) return no_such_overload(frame, "unwrap", {&item, 1});
    if (item.tag) items[kept++] = *item.held;
  }
  return wrap_list(frame, items, kept);
}

Val first(Frame& frame, Args args) { return size_of(args[0]) ? make_some(frame, item_at(args[0], 0)) : val_none(); }
Val last(Frame& frame, Args args) {
  const std::size_t size = size_of(args[0]);
  return size ? make_some(frame, item_at(args[0], size - 1)) : val_none();
}

}  // namespace

void add_optionals(Environment& environment) {
  const standard::Types t(environment);
  const Type* const optional_a = t.table.optional(t.a);
  const Type* const optional_b = t.table.optional(t.b);
  define(environment, "optional.of", "an optional that holds a value", {overload("optional_of", {t.a}, optional_a, some)});
  define(environment, "optional.ofNonZeroValue", "an optional that holds a value unless that is its type's zero or empty",
         {overload("optional_ofNonZeroValue", {t.a}, optional_a, some_unless_zero)});
  define(environment, "optional.none", "an optional that holds nothing", {overload("optional_none", {}, optional_a, none)});
  define(environment, "optional.unwrap", "what the optionals of a list hold", {overload("optional_unwrap", {t.table.list(optional_a)}, t.list_a, unwrap)});
  define(environment, "unwrapOpt", "what the optionals of a list hold", {member("optional_unwrapOpt", {t.table.list(optional_a)}, t.list_a, unwrap)});
  define(environment, "hasValue", "whether an optional holds a value", {member("optional_hasValue", {optional_a}, t.boolean, has_value)});
  define(environment, "value", "what an optional holds; an error where it holds nothing", {member("optional_value", {optional_a}, t.a, value)});
  define(environment, "or", "the optional itself, or the other where it holds nothing", {member("optional_or_optional", {optional_a, optional_a}, optional_a, or_else)});
  define(environment, "orValue", "what an optional holds, or the value given where it holds nothing",
         {member("optional_orValue_value", {optional_a, t.a}, t.a, or_value)});
  define(environment, "_[?_]", "the element at an index or under a key, if there is one",
         {overload("list_optindex_optional_int", {t.list_a, t.int64}, optional_a, at),
          overload("optional_list_optindex_optional_int", {t.table.optional(t.list_a), t.int64}, optional_a, at),
          overload("map_optindex_optional_value", {t.map_ab, t.a}, optional_b, at),
          overload("optional_map_optindex_optional_value", {t.table.optional(t.map_ab), t.a}, optional_b, at)});
  define(environment, "_[_]", "",
         {overload("optional_list_index_int", {t.table.optional(t.list_a), t.int64}, optional_a, at),
          overload("optional_map_index_value", {t.table.optional(t.map_ab), t.a}, optional_b, at)});
  define(environment, "first", "the first element of a list, if there is one", {member("list_first", {t.list_a}, optional_a, first)});
  define(environment, "last", "the last element of a list, if there is one", {member("list_last", {t.list_a}, optional_a, last)});
}

// cel.bind is a macro; cel.@block is planned, not called.
void add_bindings(Environment& environment) {
  const standard::Types t(environment);
  define(environment, "cel.@block", "a result that shares parts", {overload("cel_block_list", {t.table.list(t.dyn), t.a}, t.a, nullptr)});
}

namespace {


Val inserted(Frame& frame, const Val& map, std::span<const MapEntry> further) {
  const std::size_t size = size_of(map);
  frame.cost += size + further.size();
  auto* const entries = frame.scratch->array<MapEntry>(size + further.size() + 1);
  if (!entries) return out_of_memory(frame);
  for (std::size_t i = 0; i < size; ++i) entries[i] = entry_at(map, i);
  std::size_t filled = size;
  for (const MapEntry& entry : further) {
    Val there;
    if (map_find(map, entry.key, there)) return make_error(frame, "insert failed: key " + plain_text(entry.key) + " already exists");
    entries[filled++] = entry;
  }
  return make_map_indexed(frame, entries, filled);
}

Val insert_entries(Frame& frame, Args args) {
  const std::size_t size = size_of(args[1]);
  auto* const further = frame.scratch->array<MapEntry>(size + 1);
  if (!further) return out_of_memory(frame);
  for (std::size_t i = 0; i < size; ++i) further[i] = entry_at(args[1], i);
  return inserted(frame, args[0], {further, size});
}
Val insert_entry(Frame& frame, Args args) {
  if (!is_key(args[1])) return no_such_overload(frame, "cel.@mapInsert", args);
  const MapEntry entry{args[1], args[2]};
  return inserted(frame, args[0], {&entry, 1});
}

}  // namespace

// Two-variable comprehensions are macros; their expansions insert into maps.
void add_comprehensions(Environment& environment) {
  const standard::Types t(environment);
  define(environment, "cel.@mapInsert", "a map with further entries",
         {overload("@mapInsert_map_map", {t.map_ab, t.map_ab}, t.map_ab, insert_entries),
          overload("@mapInsert_map_key_value", {t.map_ab, t.a, t.b}, t.map_ab, insert_entry)});
}

}  // namespace assay::cel

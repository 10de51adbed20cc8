// ephemeralasnull issensitive nonsensitive sensitive tobool tolist tomap tonumber toset tostring type
#include "parsers/terraform/function.hpp"

namespace assay::terraform {

namespace {

Typed converted(Call& c, const Type* type) {
  std::string why;
  const Typed result = convert(c.args[0], type, c.arena, why);
  if (!result) return c.fail(c.args[0].value.has_sensitive() ? "the value cannot be converted to a " + name_of(type) : why, 0);
  return result;
}
Typed tobool_(Call& c) { return converted(c, bool_type()); }
Typed tonumber_(Call& c) { return converted(c, number_type()); }
Typed tostring_(Call& c) { return converted(c, string_type()); }
Typed tolist_(Call& c) { return converted(c, list_type(any_type())); }
Typed toset_(Call& c) { return converted(c, set_type(any_type())); }
Typed tomap_(Call& c) { return converted(c, map_type(any_type())); }

Typed sensitive_(Call& c) { return {c.arena.sensitive(c.args[0].value), c.args[0].type}; }

// The flag goes, the place stays: only the value's own, not that of its items.
Value bare(Value value, Arena& arena) {
  if (!value.sensitive()) return value;
  switch (value.kind()) {
    case Kind::null: return arena.null(value.span());
    case Kind::boolean: return arena.boolean(value.as_bool(), value.span());
    case Kind::int64: return arena.integer(value.as_int(), value.span());
    case Kind::uint64: return arena.unsigned_integer(value.as_uint(), value.span());
    case Kind::float64: return arena.floating(value.as_double(), value.span());
    case Kind::number: return arena.number(value.as_string(), value.span());
    case Kind::string: return arena.string(value.as_string(), value.span());
    case Kind::bytes: return arena.bytes(value.as_string(), value.span());
    case Kind::list: case Kind::set: return arena.list(value.items(), value.span(), value.is(Kind::set));
    case Kind::map: return arena.map(value.entries(), value.span());
    case Kind::unknown: return arena.unknown(value.as_unknown(), value.span());
    case Kind::timestamp: case Kind::duration: case Kind::resource: break;
  }
  return value;
}
Typed nonsensitive_(Call& c) { return {bare(c.args[0].value, c.arena), c.args[0].type}; }

Typed issensitive_(Call& c) {
  if (c.args[0].unknown()) return c.unknown_argument(bool_type());
  return c.boolean(c.args[0].value.sensitive());
}

// Nothing is ephemeral here: such values are unknown when they come from resources, else plain.
Typed ephemeralasnull_(Call& c) { return c.args[0]; }

// The console's function, as text.
Typed type_(Call& c) { return c.string(name_of(c.args[0].type)); }

constexpr Function functions[] = {
    {"ephemeralasnull", "value:a0?!", "a", ephemeralasnull_},
    {"issensitive", "value:a0?!", "b", issensitive_},
    {"nonsensitive", "value:a0?!", "a", nonsensitive_},
    {"sensitive", "value:a0?!", "a", sensitive_},
    {"tobool", "v:a0?!", "b", tobool_},
    {"tolist", "v:a0?!", "La", tolist_},
    {"tomap", "v:a0?!", "ma", tomap_},
    {"tonumber", "v:a0?!", "n", tonumber_},
    {"toset", "v:a0?!", "Sa", toset_},
    {"tostring", "v:a0?!", "s", tostring_},
    {"type", "value:a0?", "s", type_},
};

}  // namespace

std::span<const Function> conversion_functions() { return functions; }

}  // namespace assay::terraform

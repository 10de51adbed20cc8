#include "parsers/kubernetes/admission/draft.hpp"

#include <algorithm>

#include "engine/cel/libraries/quantity.hpp"
#include "engine/reader.hpp"

namespace assay::kubernetes::admission {

namespace {

constexpr std::size_t most_nodes = 1'000'000;
constexpr int most_depth = 200;  // a schema (apiextensions' JSONSchemaProps) may nest itself

bool zero_leaf(Value value) {
  switch (value.kind()) {
    case Kind::null: return true;
    case Kind::boolean: return !value.as_bool();
    case Kind::int64: return value.as_int() == 0;
    case Kind::float64: return value.as_double() == 0;
    case Kind::string: return value.as_string().empty();
    case Kind::uint64: case Kind::number: case Kind::bytes: case Kind::timestamp: case Kind::duration: case Kind::list:
    case Kind::set: case Kind::map: case Kind::resource: case Kind::unknown: return false;
  }
  return false;
}

// The form that the API server gives an amount; in a list of resources it forgets how it was written.
std::string canonical(std::string_view text, bool in_map) {
  const auto quantity = Quantity::parse(text);
  if (!quantity) return std::string(text);
  if (!in_map) return quantity->text();
  Quantity::Parts parts = quantity->parts();
  parts.kept = {};
  return Quantity::from(parts).text();
}

}  // namespace

Draft* Draft::get(std::string_view name) const {
  for (const auto& [key, value] : fields)
    if (key == name) return value;
  return nullptr;
}

std::string_view Draft::text(std::string_view name) const {
  const Draft* field = get(name);
  return field && field->shape == Shape::leaf ? field->leaf.as_string() : std::string_view();
}

bool lacks(const Draft* map, std::string_view name) {
  const Draft* value = map->get(name);
  if (!value) return true;
  const FieldType* field = map->type ? map->type->find(name) : nullptr;
  if (field && field->pointer) return false;
  switch (value->shape) {
    case Draft::Shape::leaf: return zero_leaf(value->leaf);
    case Draft::Shape::list: return value->items.empty();
    case Draft::Shape::map: return value->fields.empty();
  }
  return false;
}

Draft* Drafts::add(Draft::Shape shape) {
  if (drafts_.size() >= most_nodes) failed_ = true;
  Draft& draft = drafts_.emplace_back();
  draft.shape = shape;
  return &draft;
}

Draft* Drafts::leaf(Value value) {
  Draft* draft = add(Draft::Shape::leaf);
  draft->leaf = value;
  return draft;
}
Draft* Drafts::text(std::string_view text) { return leaf(arena_.string(arena_.copy(text), {})); }
Draft* Drafts::integer(std::int64_t value) { return leaf(arena_.integer(value, {})); }
Draft* Drafts::boolean(bool value) { return leaf(arena_.boolean(value, {})); }
Draft* Drafts::unknown(std::string_view name, std::string_view reason) { return leaf(arena_.unknown({name, {}, reason}, {})); }
Draft* Drafts::map(const ObjectType* type) {
  Draft* draft = add(Draft::Shape::map);
  draft->type = type;
  return draft;
}
Draft* Drafts::list() { return add(Draft::Shape::list); }

Draft* Drafts::copy(const Draft* other) {
  Draft* draft = add(other->shape);
  draft->type = other->type;
  draft->kind = other->kind;
  draft->leaf = other->leaf;
  for (const auto& [name, value] : other->fields) set(draft, name, copy(value));
  for (const Draft* item : other->items) append(draft, copy(item));
  return draft;
}

Draft* Drafts::set(Draft* map, std::string_view name, Draft* value) {
  value->parent = map;
  value->key = name;
  map->changed = true;
  for (auto& [key, old] : map->fields) {
    if (key != name) continue;
    // What replaces a value of the input came from it.
    if (!value->from && old->from && value->shape == Draft::Shape::leaf) value->from = old->from;
    old = value;
    return value;
  }
  map->fields.emplace_back(name, value);
  return value;
}

void Drafts::erase(Draft* map, std::string_view name) {
  if (std::erase_if(map->fields, [&](const auto& field) { return field.first == name; })) map->changed = true;
}

void Drafts::append(Draft* list, Draft* item) {
  item->parent = list;
  list->changed = true;
  list->items.push_back(item);
}

Draft* Drafts::map_at(Draft* map, std::string_view name) {
  if (Draft* found = map->get(name); found && found->is_map()) return found;
  const FieldType* field = map->type ? map->type->find(name) : nullptr;
  Draft* made = this->map(field && field->shape == FieldType::Shape::plain ? field->type : nullptr);
  return set(map, name, made);
}

Draft* Drafts::list_at(Draft* map, std::string_view name) {
  if (Draft* found = map->get(name); found && found->shape == Draft::Shape::list) return found;
  return set(map, name, list());
}

// --- reading ---

Draft* Drafts::read_plain(Value value, FieldKind kind, bool in_map) {
  Draft* draft = leaf(value);
  draft->kind = kind;
  draft->from = value;
  if (kind != FieldKind::quantity) return draft;
  const std::string written = scalar_text(value);
  const std::string text = canonical(written, in_map);
  if (!value.is_string() || text != written) draft->leaf = arena_.string(arena_.copy(text), {});
  return draft;
}

Draft* Drafts::read_structure(Value value, const ObjectType* type, int depth) {
  if (!value.is_map() || !type || depth > most_depth) return read_plain(value, FieldKind::any, false);
  Draft* draft = map(type);
  draft->from = value;
  for (const Entry& entry : value.entries()) {
    const FieldType* field = type->find(entry.key());
    if (!field || !entry.value || entry.value.is_null() || failed_) {
      draft->changed = true;
      continue;
    }
    Draft* child = read_field(entry.value, *field, depth + 1);
    child->parent = draft;
    child->key = field->name;
    draft->fields.emplace_back(field->name, child);
  }
  return draft;
}

Draft* Drafts::read_field(Value value, const FieldType& field, int depth) {
  using Shape = FieldType::Shape;
  const auto element = [&](Value item) {
    if (field.kind == FieldKind::structure) return read_structure(item, field.type, depth);
    return read_plain(item, field.kind, field.shape != Shape::plain);
  };
  switch (field.shape) {
    case Shape::plain: return element(value);
    case Shape::list: {
      if (!value.is_list()) break;
      Draft* draft = list();
      draft->from = value;
      draft->kind = field.kind;
      for (const Value item : value.items()) {
        Draft* child = element(item);
        child->parent = draft;
        draft->items.push_back(child);
        if (failed_) break;
      }
      return draft;
    }
    case Shape::map: {
      if (!value.is_map()) break;
      Draft* draft = map();
      draft->from = value;
      draft->kind = field.kind;
      for (const Entry& entry : value.entries()) {
        Draft* child = element(entry.value);
        child->parent = draft;
        child->key = entry.key();
        draft->fields.emplace_back(entry.key(), child);
        if (failed_) break;
      }
      return draft;
    }
    case Shape::list_map: case Shape::map_list: break;
  }
  return read_plain(value, FieldKind::any, false);
}

Draft* Drafts::read(Value value, const ObjectType* type) {
  Draft* draft = read_structure(value, type, 0);
  return failed_ ? nullptr : draft;
}

// --- writing ---

Value Drafts::made(Value value, const Draft* draft) {
  if (draft->from) {
    const Origin origin{draft->from, {}, {}};
    return arena_.computed(value, {&origin, 1});
  }
  // The deepest parent that stands in the input, and the first name that is lacking there.
  std::string_view absent;
  const Draft* at = draft;
  while (at && !at->from) {
    if (!at->key.empty()) absent = at->key;
    at = at->parent;
  }
  if (!at) return value;
  const Origin origin{at->from, absent, "set by the API server"};
  return arena_.computed(value, {&origin, 1});
}

// What an empty field of the type becomes.
bool Drafts::dropped(const FieldType& field, const Draft* draft) {
  if (field.pointer || field.always) return false;
  switch (draft->shape) {
    case Draft::Shape::leaf: return field.kind != FieldKind::any && zero_leaf(draft->leaf);
    case Draft::Shape::list: return draft->items.empty();
    case Draft::Shape::map: return field.shape == FieldType::Shape::map && draft->fields.empty();
  }
  return false;
}

Value Drafts::zero(const FieldType& field, Draft* parent, int depth) {
  if (field.pointer || field.shape != FieldType::Shape::plain) return arena_.null({});
  switch (field.kind) {
    case FieldKind::string: return arena_.string("", {});
    case FieldKind::boolean: return arena_.boolean(false, {});
    case FieldKind::integer: case FieldKind::int_or_string: return arena_.integer(0, {});
    case FieldKind::floating: return arena_.floating(0, {});
    case FieldKind::quantity: return arena_.string("0", {});
    case FieldKind::duration: return arena_.string("0s", {});
    case FieldKind::bytes: case FieldKind::time: case FieldKind::microtime: case FieldKind::any: return arena_.null({});
    case FieldKind::structure: {
      if (depth > most_depth || !field.type) return arena_.map({}, {});
      Draft* draft = map(field.type);
      draft->parent = parent;
      draft->key = field.name;
      return finished(draft, depth + 1);
    }
  }
  return arena_.null({});
}

std::vector<std::pair<std::string_view, Value>> Drafts::fields_of(Draft* draft, int depth, bool& changed) {
  std::vector<std::pair<std::string_view, Value>> result;
  for (const auto& [name, child] : draft->fields) {
    const FieldType* field = draft->type ? draft->type->find(name) : nullptr;
    if (field && dropped(*field, child)) {
      changed = true;
      continue;
    }
    const Value value = finished(child, depth + 1);
    // A struct that is left out when it is empty (`omitzero`).
    if (field && !field->pointer && !field->always && field->kind == FieldKind::structure &&
        field->shape == FieldType::Shape::plain && value.is_map() && value.size() == 0) {
      changed = true;
      continue;
    }
    if (value != child->from) changed = true;
    result.emplace_back(name, value);
  }
  if (!draft->type) return result;
  for (const FieldType& field : draft->type->fields) {
    if (!field.always || draft->get(field.name)) continue;
    Value value = zero(field, draft, depth);
    if (!value.computed()) {
      Draft place;
      place.parent = draft;
      place.key = field.name;
      value = made(value, &place);
    }
    result.emplace_back(field.name, value);
    changed = true;
  }
  return result;
}

Value Drafts::finished(Draft* draft, int depth) {
  switch (draft->shape) {
    case Draft::Shape::leaf:
      return draft->leaf == draft->from ? draft->leaf : made(draft->leaf, draft);
    case Draft::Shape::list: {
      bool changed = draft->changed || !draft->from;
      std::vector<Value> items;
      for (Draft* item : draft->items) {
        items.push_back(finished(item, depth + 1));
        if (items.back() != item->from) changed = true;
      }
      if (!changed) return draft->from;
      return made(arena_.list(items, {}), draft);
    }
    case Draft::Shape::map: {
      bool changed = draft->changed || !draft->from;
      std::vector<Entry> entries;
      for (const auto& [name, value] : fields_of(draft, depth, changed))
        entries.push_back({name.data(), static_cast<std::uint32_t>(name.size()), 0, value});
      if (!changed) return draft->from;
      return made(arena_.map(entries, {}), draft);
    }
  }
  return {};
}

Value Drafts::finish(Draft* root) { return finished(root, 0); }

}  // namespace assay::kubernetes::admission

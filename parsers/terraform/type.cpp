#include "parsers/terraform/type.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

namespace assay::terraform {

namespace {

using K = Type::Kind;

// All types of the process. A type's key is its kind and the addresses of its parts, as parts are interned.
class Interner {
 public:
  const Type* get(std::string key, Type&& made) {
    const std::lock_guard lock(mutex_);
    auto [place, fresh] = types_.try_emplace(std::move(key));
    if (fresh) place->second = std::make_unique<Type>(std::move(made));
    return place->second.get();
  }
  std::string_view name(std::string_view text) {
    const std::lock_guard lock(mutex_);
    if (const auto found = names_.find(text); found != names_.end()) return *found;
    texts_.emplace_back(text);
    return *names_.insert(texts_.back()).first;
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::unique_ptr<Type>> types_;
  std::deque<std::string> texts_;
  std::unordered_set<std::string_view> names_;
};

Interner& interner() {
  static Interner* const one = new Interner;  // outlives every static that may hold a type
  return *one;
}

void add_address(std::string& key, const void* address) {
  key.append(reinterpret_cast<const char*>(&address), sizeof address);
}

void contain(Type& type, const Type* part) {
  type.has_any = type.has_any || part->has_any;
  type.has_optional = type.has_optional || part->has_optional;
  type.depth = std::max<std::uint16_t>(type.depth, static_cast<std::uint16_t>(std::min(part->depth + 1, 60000)));
  type.weight = static_cast<std::uint32_t>(std::min<std::uint64_t>(std::uint64_t{type.weight} + part->weight, 0xfffffff0u));
}

const Type* simple(K kind) {
  Type made;
  made.kind = kind;
  made.has_any = kind == K::any;
  return interner().get(std::string(1, static_cast<char>(kind)), std::move(made));
}

const Type* collection(K kind, const Type* element) {
  Type made;
  made.kind = kind;
  made.element = element;
  contain(made, element);
  std::string key(1, static_cast<char>(kind));
  add_address(key, element);
  return interner().get(std::move(key), std::move(made));
}

}  // namespace

const Member* Type::member(std::string_view name) const {
  const auto found = std::lower_bound(members.begin(), members.end(), name,
                                      [](const Member& m, std::string_view n) { return m.name < n; });
  return found != members.end() && found->name == name ? &*found : nullptr;
}

const Type* any_type() {
  static const Type* const type = simple(K::any);
  return type;
}
const Type* bool_type() {
  static const Type* const type = simple(K::boolean);
  return type;
}
const Type* number_type() {
  static const Type* const type = simple(K::number);
  return type;
}
const Type* string_type() {
  static const Type* const type = simple(K::string);
  return type;
}
const Type* list_type(const Type* element) { return collection(K::list, element); }
const Type* set_type(const Type* element) { return collection(K::set, element); }
const Type* map_type(const Type* element) { return collection(K::map, element); }

const Type* tuple_type(std::span<const Type* const> items) {
  Type made;
  made.kind = K::tuple;
  made.items.assign(items.begin(), items.end());
  std::string key(1, static_cast<char>(K::tuple));
  for (const Type* item : items) {
    contain(made, item);
    add_address(key, item);
  }
  return interner().get(std::move(key), std::move(made));
}

const Type* object_type(std::vector<Member> members) {
  std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) { return a.name < b.name; });
  Type made;
  made.kind = K::object;
  std::string key(1, static_cast<char>(K::object));
  for (Member& member : members) {
    member.name = interner().name(member.name);
    contain(made, member.type);
    made.has_optional = made.has_optional || member.optional;
    add_address(key, member.name.data());
    key += static_cast<char>(member.name.empty());  // no name has no address of its own
    add_address(key, member.type);
    key += static_cast<char>(member.optional);
  }
  made.members = std::move(members);
  return interner().get(std::move(key), std::move(made));
}

const Type* without_optional(const Type* type) {
  if (!type->has_optional) return type;
  switch (type->kind) {
    case K::list: case K::set: case K::map: return collection(type->kind, without_optional(type->element));
    case K::tuple: {
      std::vector<const Type*> items;
      for (const Type* item : type->items) items.push_back(without_optional(item));
      return tuple_type(items);
    }
    case K::object: {
      std::vector<Member> members = type->members;
      for (Member& member : members) {
        member.optional = false;
        member.type = without_optional(member.type);
      }
      return object_type(std::move(members));
    }
    case K::any: case K::boolean: case K::number: case K::string: break;
  }
  return type;
}

namespace {

constexpr std::size_t longest_name = 10'000;

void write_name(const Type* type, std::string& out) {
  if (out.size() > longest_name) return;
  switch (type->kind) {
    case K::any: out += "any"; return;
    case K::boolean: out += "bool"; return;
    case K::number: out += "number"; return;
    case K::string: out += "string"; return;
    case K::list: case K::set: case K::map:
      out += type->kind == K::list ? "list(" : type->kind == K::set ? "set(" : "map(";
      write_name(type->element, out);
      out += ')';
      return;
    case K::tuple:
      out += "tuple([";
      for (std::size_t i = 0; i < type->items.size(); ++i) {
        if (i > 0) out += ", ";
        write_name(type->items[i], out);
      }
      out += "])";
      return;
    case K::object:
      out += "object({";
      for (std::size_t i = 0; i < type->members.size(); ++i) {
        const Member& member = type->members[i];
        if (i > 0) out += ", ";
        out += member.name;
        out += member.optional ? " = optional(" : " = ";
        write_name(member.type, out);
        if (member.optional) out += ')';
      }
      out += "})";
      return;
  }
}

}  // namespace

std::string name_of(const Type* type) {
  std::string out;
  write_name(type, out);
  if (out.size() > longest_name) {
    out.resize(longest_name);
    out += "…";
  }
  return out;
}

std::string friendly_name(const Type* type) {
  switch (type->kind) {
    case K::any: return "dynamic";
    case K::boolean: return "bool";
    case K::number: return "number";
    case K::string: return "string";
    case K::list: return "list of " + friendly_name(type->element);
    case K::set: return "set of " + friendly_name(type->element);
    case K::map: return "map of " + friendly_name(type->element);
    case K::tuple: return "tuple";
    case K::object: return "object";
  }
  return {};
}

// --- conversion and unification of types: go-cty's convert package, conversion.go, unify.go, compare_types.go ---

bool convertible(const Type* from, const Type* to, Safety safety) {
  const bool unsafe = safety == Safety::unsafe;
  if (to->is(K::any)) return true;
  if (from == to) return true;
  if (from->is(K::any)) return unsafe;
  if (from->primitive() && to->primitive()) {
    if (to->is(K::string)) return true;
    return unsafe && from->is(K::string);
  }
  const auto all = [&](const auto& parts, const Type* element) {
    return std::all_of(parts.begin(), parts.end(), [&](const Type* part) { return convertible(part, element, safety); });
  };
  if (to->is(K::object) && from->is(K::object)) {
    for (const Member& member : to->members) {
      const Member* given = from->member(member.name);
      if (!given && !member.optional) return false;
      if (given && !convertible(given->type, member.type, safety)) return false;
    }
    return true;
  }
  if (to->is(K::tuple) && from->is(K::tuple)) {
    if (from->items.size() != to->items.size()) return false;
    for (std::size_t i = 0; i < from->items.size(); ++i)
      if (!convertible(from->items[i], to->items[i], safety)) return false;
    return true;
  }
  if (to->is(K::list) && (from->is(K::list) || from->is(K::set))) return convertible(from->element, to->element, safety);
  if (to->is(K::set) && (from->is(K::list) || from->is(K::set)))
    return (unsafe || from->is(K::set)) && convertible(from->element, to->element, safety);
  if (to->is(K::map) && from->is(K::map)) return convertible(from->element, to->element, safety);
  if ((to->is(K::list) || to->is(K::set)) && from->is(K::tuple)) {
    const Type* element = to->element;
    if (from->items.empty()) return true;
    if (element->is(K::any)) {
      element = unify(from->items, safety);
      if (!element) return false;
      if (element->is(K::any)) return all(from->items, element) && std::all_of(from->items.begin(), from->items.end(), [](const Type* t) { return t->is(K::any); });
    }
    return all(from->items, element);
  }
  if (to->is(K::map) && from->is(K::object)) {
    std::vector<const Type*> types;
    for (const Member& member : from->members) types.push_back(member.type);
    if (types.empty()) return true;
    const Type* element = to->element;
    if (element->is(K::any)) {
      element = unify(types, safety);
      if (!element) return false;
    }
    return all(types, element);
  }
  if (to->is(K::object) && from->is(K::map)) {
    if (!unsafe) return false;
    for (const Member& member : to->members)
      if (!member.optional && !convertible(from->element, member.type, safety)) return false;
    return true;
  }
  return false;
}

namespace {

// Which of two types is the better result: negative when `a` is.
int compare(const Type* a, const Type* b) {
  if (a == b) return 0;
  if (a->is(K::any) || b->is(K::any)) return a->is(K::any) ? 1 : -1;
  if (a->primitive() && b->primitive()) return a->is(K::string) ? -1 : b->is(K::string) ? 1 : 0;
  if (a->kind == b->kind && a->collection()) return compare(a->element, b->element);
  if (a->is(K::list) && b->is(K::tuple)) return -1;
  if (a->is(K::tuple) && b->is(K::list)) return 1;
  if (a->is(K::map) && b->is(K::object)) return -1;
  if (a->is(K::object) && b->is(K::map)) return 1;
  if (b->is(K::set) && (a->is(K::tuple) || a->is(K::list))) return -1;
  if (a->is(K::set) && (b->is(K::tuple) || b->is(K::list))) return 1;
  bool a_wins = false, b_wins = false;
  const auto note = [&](int order) { (order < 0 ? a_wins : b_wins) |= order != 0; };
  if (a->is(K::object) && b->is(K::object)) {
    if (a->members.size() != b->members.size()) return 0;
    for (std::size_t i = 0; i < a->members.size(); ++i) {
      if (a->members[i].name != b->members[i].name) return 0;
      note(compare(a->members[i].type, b->members[i].type));
    }
  } else if (a->is(K::tuple) && b->is(K::tuple)) {
    if (a->items.size() != b->items.size()) return 0;
    for (std::size_t i = 0; i < a->items.size(); ++i) note(compare(a->items[i], b->items[i]));
  }
  return a_wins == b_wins ? 0 : a_wins ? -1 : 1;
}

// Preferred types first: a topological order of `compare`, stable (Kahn).
std::vector<std::size_t> preferences(const std::vector<const Type*>& types) {
  const std::size_t n = types.size();
  std::vector<std::vector<std::size_t>> edges(n);
  std::vector<std::size_t> in(n);
  for (std::size_t i = 0; i + 1 < n; ++i)
    for (std::size_t j = i + 1; j < n; ++j) {
      const int order = compare(types[i], types[j]);
      if (order < 0) edges[i].push_back(j), ++in[j];
      else if (order > 0) edges[j].push_back(i), ++in[i];
    }
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < n; ++i)
    if (in[i] == 0) result.push_back(i);
  for (std::size_t at = 0; at < result.size(); ++at)
    for (const std::size_t j : edges[result[at]])
      if (--in[j] == 0) result.push_back(j);
  return result;
}

bool all_convertible(const std::vector<const Type*>& types, const Type* to, Safety safety) {
  return std::all_of(types.begin(), types.end(), [&](const Type* t) { return t == to || convertible(t, to, safety); });
}

const Type* members_as_map(const std::vector<const Type*>& types, Safety safety) {
  std::vector<const Type*> parts;
  for (const Type* type : types)
    for (const Member& member : type->members) parts.push_back(member.type);
  const Type* element = unify(parts, safety);
  if (!element) return nullptr;
  const Type* map = map_type(element);
  return all_convertible(types, map, safety) ? map : nullptr;
}

const Type* items_as_list(const std::vector<const Type*>& types, Safety safety) {
  std::vector<const Type*> parts;
  for (const Type* type : types) parts.insert(parts.end(), type->items.begin(), type->items.end());
  const Type* element = unify(parts, safety);
  if (!element) return nullptr;
  const Type* list = list_type(element);
  return all_convertible(types, list, safety) ? list : nullptr;
}

const Type* unify_objects(const std::vector<const Type*>& types, Safety safety) {
  const auto& first = types[0]->members;
  for (const Type* type : types) {
    const auto same_name = [](const Member& a, const Member& b) { return a.name == b.name; };
    if (!std::equal(first.begin(), first.end(), type->members.begin(), type->members.end(), same_name))
      return members_as_map(types, safety);
  }
  std::vector<Member> members;
  for (std::size_t i = 0; i < first.size(); ++i) {
    std::vector<const Type*> across;
    for (const Type* type : types) across.push_back(type->members[i].type);
    const Type* member = unify(across, safety);
    if (!member) return nullptr;
    members.push_back({first[i].name, member, false});
  }
  const Type* object = object_type(std::move(members));
  return all_convertible(types, object, safety) ? object : members_as_map(types, safety);
}

const Type* unify_tuples(const std::vector<const Type*>& types, Safety safety) {
  for (const Type* type : types)
    if (type->items.size() != types[0]->items.size()) return items_as_list(types, safety);
  std::vector<const Type*> items;
  for (std::size_t i = 0; i < types[0]->items.size(); ++i) {
    std::vector<const Type*> across;
    for (const Type* type : types) across.push_back(type->items[i]);
    const Type* item = unify(across, safety);
    if (!item) return nullptr;
    items.push_back(item);
  }
  const Type* tuple = tuple_type(items);
  return all_convertible(types, tuple, safety) ? tuple : items_as_list(types, safety);
}

// `types` with all of `kind` replaced by what `fold` makes of those together.
template <class Fold>
const Type* fold_kind(std::vector<const Type*> types, K kind, K wanted, Safety safety, Fold fold) {
  std::vector<const Type*> those;
  for (const Type* type : types)
    if (type->is(kind)) those.push_back(type);
  const Type* folded = fold(those, safety);
  if (!folded || !folded->is(wanted)) return nullptr;
  for (const Type*& type : types)
    if (type->is(kind)) type = folded;
  const Type* result = unify(types, safety);
  return result && result->is(wanted) ? result : nullptr;
}

}  // namespace

const Type* unify(std::span<const Type* const> given, Safety safety) {
  if (given.empty()) return nullptr;
  // Long lists mostly hold few types.
  std::vector<const Type*> types;
  std::unordered_set<const Type*> seen;
  for (const Type* type : given)
    if (seen.insert(type).second) types.push_back(type);
  if (types.size() == 1 && !types[0]->is(K::any)) return types[0];

  std::size_t counts[9] = {};
  for (const Type* type : types) ++counts[static_cast<std::size_t>(type->kind)];
  const auto count = [&](K kind) { return counts[static_cast<std::size_t>(kind)]; };
  const std::size_t any = count(K::any), n = types.size();
  const auto only = [&](K kind) { return count(kind) > 0 && count(kind) + any == n; };
  const auto elements = [&]() -> const Type* {
    if (any > 0) return any_type();
    std::vector<const Type*> parts;
    for (const Type* type : types) parts.push_back(type->element);
    const Type* element = unify(parts, safety);
    if (!element) return nullptr;
    const Type* result = collection(types[0]->kind, element);
    return all_convertible(types, result, safety) ? result : nullptr;
  };
  if (only(K::map)) return elements();
  if (count(K::map) > 0 && count(K::map) + count(K::object) + any == n) {
    if (const Type* map = fold_kind(types, K::object, K::map, safety, members_as_map)) return map;
  } else if (only(K::list)) {
    return elements();
  } else if (count(K::list) > 0 && count(K::list) + count(K::tuple) + any == n) {
    if (const Type* list = fold_kind(types, K::tuple, K::list, safety, items_as_list)) return list;
  } else if (only(K::set)) {
    return elements();
  } else if (only(K::object)) {
    return any > 0 ? any_type() : unify_objects(types, safety);
  } else if (only(K::tuple)) {
    return any > 0 ? any_type() : unify_tuples(types, safety);
  } else if (count(K::object) > 0 && count(K::tuple) > 0) {
    return nullptr;
  }
  if (n > 2000) return nullptr;  // the order below is quadratic
  for (const std::size_t wanted : preferences(types))
    if (all_convertible(types, types[wanted], safety)) return types[wanted];
  return nullptr;
}

}  // namespace assay::terraform

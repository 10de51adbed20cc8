// alltrue anytrue chunklist coalesce coalescelist compact concat contains distinct element flatten index keys
// length list lookup map matchkeys merge one range reverse slice sort transpose values zipmap
#include <algorithm>
#include <map>
#include <unordered_map>

#include "parsers/hcl/unicode.hpp"
#include "parsers/terraform/function.hpp"
#include "parsers/terraform/number.hpp"

namespace assay::terraform {

using K = Type::Kind;

namespace {

const Type* element_type(Typed list, std::size_t i) { return list.type->is(K::tuple) ? list.type->items[i] : list.type->element; }
Typed element_at(Typed list, std::size_t i) { return {list.value.items()[i], element_type(list, i)}; }

// The result is as sensitive as the containers it was taken from.
Typed secret_if(Call& c, Typed result, bool sensitive) {
  if (result && sensitive) result.value = c.arena.sensitive(result.value);
  return result;
}
Typed secret_as(Call& c, Typed result) {
  bool sensitive = false;
  for (const Typed& arg : c.args) sensitive = sensitive || arg.value.sensitive();
  return secret_if(c, result, sensitive);
}

Typed length_(Call& c) {
  const Typed v = c.args[0];
  switch (v.type->kind) {
    case K::any: return c.unknown_argument(number_type());
    case K::tuple: return secret_as(c, c.integer(static_cast<std::int64_t>(v.type->items.size())));
    case K::object: return secret_as(c, c.integer(static_cast<std::int64_t>(v.type->members.size())));
    case K::string:
      if (v.unknown()) return secret_as(c, c.unknown_argument(number_type()));
      return secret_as(c, c.integer(static_cast<std::int64_t>(hcl::count_graphemes(v.value.as_string()))));
    case K::list: case K::map: case K::set:
      if (v.unknown()) return secret_as(c, c.unknown_argument(number_type()));
      if (v.type->is(K::set) && v.value.has_unknown() && v.value.size() > 1) return secret_as(c, c.unknown_argument(number_type()));
      return secret_as(c, c.integer(static_cast<std::int64_t>(v.value.size())));
    case K::boolean: case K::number: break;
  }
  return c.fail("a string, list, set, map, tuple or object is required, this is a " + friendly_name(v.type), 0);
}

Typed alltrue_(Call& c) {
  for (const Value item : c.args[0].value.items()) {
    if (item.is_unknown()) return c.unknown_argument(bool_type());
    if (item.is_null() || !item.as_bool()) return c.boolean(false);
  }
  return c.boolean(true);
}
Typed anytrue_(Call& c) {
  for (const Value item : c.args[0].value.items())
    if (item.as_bool()) return c.boolean(true);
  return c.args[0].value.has_unknown() ? c.unknown_argument(bool_type()) : c.boolean(false);
}

Typed chunklist_(Call& c) {
  std::int64_t size = 0;
  if (!c.integer(1, size)) return {};
  if (size < 0) return c.fail("the size must not be negative", 1);
  const Typed list = c.args[0];
  std::vector<Value> chunks;
  const auto items = list.value.items();
  const std::size_t step = size == 0 ? std::max<std::size_t>(items.size(), 1) : static_cast<std::size_t>(std::min<std::int64_t>(size, 1 << 30));
  for (std::size_t i = 0; i < items.size(); i += step) chunks.push_back(c.arena.list(items.subspan(i, std::min(step, items.size() - i)), {}));
  return secret_as(c, c.list(chunks, list.type));
}

Typed coalesce_(Call& c) {
  if (c.args.empty()) return c.fail("at least one argument is required");
  std::vector<const Type*> types;
  for (const Typed& arg : c.args) types.push_back(arg.type);
  const Type* type = unify(types);
  if (!type) return c.fail("the arguments must have one type");
  for (std::size_t i = 0; i < c.args.size(); ++i) {
    std::string why;
    const Typed arg = convert(c.args[i], type, c.arena, why);
    if (!arg) return c.fail(why, static_cast<int>(i));
    if (arg.unknown()) return {c.args[i].value, type};
    if (arg.null() || (type->is(K::string) && arg.value.as_string().empty())) continue;
    return arg;
  }
  return c.fail("every argument is null or empty");
}

Typed coalescelist_(Call& c) {
  if (c.args.empty()) return c.fail("at least one argument is required");
  for (std::size_t i = 0; i < c.args.size(); ++i) {
    const Typed arg = c.args[i];
    if (arg.unknown()) continue;
    if (!arg.type->is(K::list) && !arg.type->is(K::tuple)) return c.fail("a list or tuple is required, this is a " + friendly_name(arg.type), static_cast<int>(i));
  }
  for (const Typed& arg : c.args) {
    if (arg.unknown()) return c.unknown_argument(any_type());
    if (!arg.null() && arg.value.size() > 0) return arg;
  }
  return c.fail("every argument is null or empty");
}

Typed compact_(Call& c) {
  if (c.args[0].value.has_unknown()) return c.unknown_argument(c.returns);
  std::vector<Value> items;
  for (const Value item : c.args[0].value.items())
    if (!item.is_null() && !item.as_string().empty()) items.push_back(item);
  return c.list(items, string_type());
}

Typed concat_(Call& c) {
  if (c.args.empty()) return c.fail("at least one argument is required");
  bool sensitive = false, lists = true;
  std::size_t total = 0;
  std::vector<const Type*> types;
  for (std::size_t i = 0; i < c.args.size(); ++i) {
    const Typed arg = c.args[i];
    if (!arg.type->is(K::list) && !arg.type->is(K::tuple))
      return c.fail("a list or tuple is required, this is a " + friendly_name(arg.type) + (arg.type->is(K::set) ? ": convert it with `tolist`" : ""), static_cast<int>(i));
    sensitive = sensitive || arg.value.sensitive();
    lists = lists && arg.type->is(K::list);
    types.push_back(arg.type);
    total += arg.value.size();
  }
  if (total > max_items) return c.fail("the result has more than 1000000 elements");
  const Type* common = lists ? unify(types) : nullptr;
  if (common && !common->is(K::list)) common = nullptr;
  std::vector<Value> items;
  std::vector<const Type*> item_types;
  items.reserve(total);
  for (std::size_t i = 0; i < c.args.size(); ++i) {
    Typed arg = c.args[i];
    std::string why;
    if (common) arg = convert(arg, common, c.arena, why);
    if (!arg) return c.fail(why, static_cast<int>(i));
    for (std::size_t k = 0; k < arg.value.size(); ++k) {
      const Typed item = common ? element_at(arg, k) : item_of(arg, k, c.arena);
      items.push_back(item.value);
      if (!common) item_types.push_back(item.type);
    }
  }
  if (common) return secret_if(c, c.list(items, common->element), sensitive);
  return secret_if(c, {c.arena.list(items, {}), tuple_type(item_types)}, sensitive);
}

Typed contains_(Call& c) {
  const Typed list = c.args[0];
  if (!list.type->sequence()) return c.fail("a list, tuple or set is required, this is a " + friendly_name(list.type), 0);
  bool unknown = false;
  for (std::size_t i = 0; i < list.value.size(); ++i) {
    const Truth truth = equals(c.args[1], element_at(list, i));
    if (truth == Truth::yes) return c.boolean(true);
    unknown = unknown || truth == Truth::unknown;
  }
  return unknown ? c.unknown_argument(bool_type()) : c.boolean(false);
}

// What finds equal values quickly: few lists are long, but some are.
struct Seen {
  std::unordered_multimap<std::string, std::size_t> by_text;

  // The place of an equal value among those added, or -1.
  std::ptrdiff_t find(const std::vector<Value>& values, Value value, const Type* type) {
    std::string key;
    to_json(value, key);
    const auto [from, to] = by_text.equal_range(key);
    for (auto at = from; at != to; ++at)
      if (equals({values[at->second], type}, {value, type}) == Truth::yes) return static_cast<std::ptrdiff_t>(at->second);
    return -1;
  }
  void add(Value value, std::size_t place) {
    std::string key;
    to_json(value, key);
    by_text.emplace(std::move(key), place);
  }
};

Typed distinct_(Call& c) {
  const Typed list = c.args[0];
  if (list.value.has_unknown()) return c.unknown_argument(list.type);
  std::vector<Value> items;
  Seen seen;
  for (const Value item : list.value.items()) {
    if (seen.find(items, item, list.type->element) >= 0) continue;
    seen.add(item, items.size());
    items.push_back(item);
  }
  return c.list(items, list.type->element);
}

Typed element_(Call& c) {
  const Typed list = c.args[0];
  if (!list.type->is(K::list) && !list.type->is(K::tuple)) return c.fail("a list or tuple is required, this is a " + friendly_name(list.type), 0);
  std::int64_t index = 0;
  if (!c.integer(1, index)) return {};
  const auto size = static_cast<std::int64_t>(list.value.size());
  if (size == 0) return c.fail("the list is empty: it has no element", 0);
  index %= size;
  if (index < 0) index += size;
  return item_of(list, static_cast<std::size_t>(index), c.arena);
}

struct Flattening {
  Call& c;
  std::vector<Value> items;
  std::vector<const Type*> types;
  bool known = true, sensitive = false;

  void add(Typed list) {
    sensitive = sensitive || list.value.sensitive();
    if (list.type->is(K::set) && list.value.has_unknown() && list.value.size() > 1) known = false;
    for (std::size_t i = 0; i < list.value.size() && items.size() <= max_items; ++i) {
      const Typed item = list.value.sensitive() ? element_at(list, i) : item_of(list, i, c.arena);
      if (item.unknown() && (item.type->is(K::any) || item.type->sequence())) {
        known = false;
        sensitive = sensitive || item.value.sensitive();
      } else if (!item.null() && item.type->sequence()) {
        add(item);
      } else {
        items.push_back(item.value);
        types.push_back(item.type);
      }
    }
  }
};

Typed flatten_(Call& c) {
  if (!c.args[0].type->sequence()) return c.fail("a list, set or tuple is required, this is a " + friendly_name(c.args[0].type), 0);
  Flattening flat{c, {}, {}};
  flat.add(c.args[0]);
  if (flat.items.size() > max_items) return c.fail("the result has more than 1000000 elements");
  if (!flat.known) return secret_if(c, c.unknown_argument(any_type()), flat.sensitive);
  return secret_if(c, {c.arena.list(flat.items, {}), tuple_type(flat.types)}, flat.sensitive);
}

Typed index_(Call& c) {
  const Typed list = c.args[0];
  if (!list.type->is(K::list) && !list.type->is(K::tuple)) return c.fail("a list or tuple is required, this is a " + friendly_name(list.type), 0);
  for (std::size_t i = 0; i < list.value.size(); ++i) {
    const Truth truth = equals(element_at(list, i), c.args[1]);
    if (truth == Truth::unknown) return c.unknown_argument(number_type());
    if (truth == Truth::yes) return c.integer(static_cast<std::int64_t>(i));
  }
  return c.fail(list.value.size() == 0 ? "the list is empty" : "no element of the list equals the value");
}

Typed keys_(Call& c) {
  const Typed map = c.args[0];
  if (!map.type->is(K::map) && !map.type->is(K::object)) return c.fail("a map or object is required, this is a " + friendly_name(map.type), 0);
  const bool object = map.type->is(K::object);
  std::vector<Value> keys;
  if (map.unknown() && !object) return secret_as(c, c.unknown_argument(list_type(string_type())));
  if (map.unknown()) {
    for (const Member& member : map.type->members) keys.push_back(c.arena.string(member.name, {}));
  } else {
    std::vector<Entry> entries(map.value.entries().begin(), map.value.entries().end());
    sort_entries(entries);
    for (const Entry& entry : entries) {
      Span span = entry.value.span() ? entry.value.span() : map.value.span();
      if (span) span = {span.source, entry.key_begin, entry.key_begin + entry.key_size};
      keys.push_back(c.arena.string(entry.key(), entry.key_begin == 0 ? Span{} : span));
    }
  }
  if (!object) return secret_as(c, c.list(keys, string_type()));
  const std::vector<const Type*> types(keys.size(), string_type());
  return secret_as(c, {c.arena.list(keys, {}), tuple_type(types)});
}

Typed values_(Call& c) {
  const Typed map = c.args[0];
  if (!map.type->is(K::map) && !map.type->is(K::object)) return c.fail("a map or object is required, this is a " + friendly_name(map.type), 0);
  std::vector<Entry> entries(map.value.entries().begin(), map.value.entries().end());
  sort_entries(entries);
  std::vector<Value> items;
  std::vector<const Type*> types;
  for (const Entry& entry : entries) {
    const Typed item = map.value.sensitive() ? Typed{entry.value, map.type->is(K::map) ? map.type->element : map.type->member(entry.key())->type}
                                             : member_of(map, entry.key(), c.arena);
    items.push_back(item.value);
    types.push_back(item.type);
  }
  if (map.type->is(K::map)) return secret_as(c, c.list(items, map.type->element));
  return secret_as(c, {c.arena.list(items, {}), tuple_type(types)});
}

// `list` and `map` are gone from the language; they say what to write instead.
Typed list_(Call& c) { return c.fail("`list` is gone: write `tolist([…])`"); }
Typed map_(Call& c) { return c.fail("`map` is gone: write `tomap({…})`"); }

Typed lookup_(Call& c) {
  if (c.args.size() > 3) return c.fail("`lookup` takes two or three arguments", 3);
  const Typed map = c.args[0];
  if (!map.type->is(K::map) && !map.type->is(K::object)) return c.fail("a map or object is required, this is a " + friendly_name(map.type), 0);
  std::string why;
  const std::string_view key = c.text(1);
  const bool sensitive = map.value.sensitive() || c.args[1].value.sensitive();
  Typed fallback = c.args.size() == 3 ? c.args[2] : Typed{};
  if (fallback && map.type->is(K::map)) {
    fallback = convert(fallback, map.type->element, c.arena, why);
    if (!fallback) return c.fail("the default must have the type of the map's elements: " + why, 2);
  }
  if (const Typed found = member_of(map, key, c.arena)) return secret_if(c, found, sensitive);
  if (fallback) return secret_if(c, fallback, sensitive);
  return c.fail(sensitive ? "there is no such element" : "there is no element `" + std::string(key) + "`: give a default as third argument", 1);
}

Typed matchkeys_(Call& c) {
  const Type* types[] = {c.args[1].type, c.args[2].type};
  const Type* common = unify(types);
  if (!common || !common->is(K::list)) return c.fail("the keys and what is searched for must have one type", 2);
  const Typed values = c.args[0];
  if (values.value.size() != c.args[1].value.size()) return c.fail("there must be as many keys as values", 1);
  if (c.args[2].value.size() == 0) return c.list({}, values.type->element);
  std::string why;
  const Typed keys = convert(c.args[1], common, c.arena, why), wanted = convert(c.args[2], common, c.arena, why);
  if (!keys || !wanted) return c.fail(why);
  if (values.value.has_unknown() || keys.value.has_unknown() || wanted.value.has_unknown()) return c.unknown_argument(values.type);
  std::vector<Value> searched(wanted.value.items().begin(), wanted.value.items().end()), items;
  Seen seen;
  for (std::size_t i = 0; i < searched.size(); ++i) seen.add(searched[i], i);
  for (std::size_t i = 0; i < keys.value.size(); ++i)
    if (seen.find(searched, keys.value.items()[i], common->element) >= 0) items.push_back(values.value.items()[i]);
  return c.list(items, values.type->element);
}

Typed merge_(Call& c) {
  bool matching = true, sensitive = false, first = true;
  const Type* type = nullptr;
  std::map<std::string_view, std::pair<Entry, const Type*>> merged;
  for (std::size_t i = 0; i < c.args.size(); ++i) {
    const Typed arg = c.args[i];
    if (arg.type->is(K::any) && arg.null()) {
      matching = false;
      continue;
    }
    if (!arg.type->is(K::map) && !arg.type->is(K::object)) return c.fail("a map or object is required, this is a " + friendly_name(arg.type), static_cast<int>(i));
    if (first) type = arg.type;
    first = false;
    matching = matching && arg.type == type;
    sensitive = sensitive || arg.value.sensitive();
    for (const Entry& entry : arg.value.entries()) {
      const Typed item = member_of({arg.value, arg.type}, entry.key(), c.arena);
      Entry kept = entry;
      // A key's place is that of its value: without one it has none.
      if (item.value.computed() || !item.value.span()) kept.key_begin = 0;
      kept.value = item.value;
      merged[entry.key()] = {kept, item.type};
    }
  }
  if (merged.size() > max_items) return c.fail("the result has more than 1000000 elements");
  std::vector<Entry> entries;
  std::vector<Member> members;
  for (auto& [key, item] : merged) {
    entries.push_back(item.first);
    members.push_back({key, item.second, false});
  }
  // Of one map alone the map itself remains.
  if (c.args.size() == 1 && !c.args[0].null() && c.args[0].type == type) return c.args[0];
  const Value value = c.arena.map(entries, {});
  if (matching && type && !(type->is(K::object) && entries.size() != type->members.size())) return secret_if(c, {value, type}, sensitive);
  return secret_if(c, {value, object_type(std::move(members))}, sensitive);
}

Typed one_(Call& c) {
  const Typed list = c.args[0];
  if (!list.type->sequence() || (list.type->is(K::tuple) && list.type->items.size() > 1))
    return c.fail("a list, set or tuple with at most one element is required", 0);
  if (list.type->is(K::set) && list.value.has_unknown() && list.value.size() > 1) return c.unknown_argument(list.type->element);
  if (list.value.size() > 1) return c.fail("the list has " + std::to_string(list.value.size()) + " elements: at most one is allowed", 0);
  if (list.value.size() == 0) return c.null(list.type->is(K::tuple) ? any_type() : list.type->element);
  return item_of(list, 0, c.arena);
}

Typed range_(Call& c) {
  if (c.args.empty() || c.args.size() > 3) return c.fail("one, two or three numbers are required");
  const Value zero = c.arena.integer(0, {});
  const Value start = c.args.size() == 1 ? zero : c.args[0].value;
  const Value end = c.args.size() == 1 ? c.args[0].value : c.args[1].value;
  const bool falling = compare_numbers(end, start) < 0;
  const Value step = c.args.size() == 3 ? c.args[2].value : c.arena.integer(falling ? -1 : 1, {});
  if (sign(step) == 0) return c.fail("the step must not be zero", 2);
  const bool down = sign(step) < 0;
  if (down && compare_numbers(end, start) > 0) return c.fail("the end must not be greater than the start when the step is negative", 1);
  if (!down && compare_numbers(end, start) < 0) return c.fail("the end must not be less than the start when the step is positive", 1);
  std::vector<Value> items;
  Value at = start;
  while (down ? compare_numbers(at, end) > 0 : compare_numbers(at, end) < 0) {
    if (items.size() >= 1024) return c.fail("more than 1024 numbers result: narrow the range or widen the step");
    items.push_back(at);
    std::string why;
    at = calculate(hcl::Operator::add, at, step, {}, c.arena, why);
    if (!at) return c.fail(why);
  }
  return c.list(items, number_type());
}

Typed reverse_(Call& c) {
  const Typed list = c.args[0];
  if (!list.type->sequence()) return c.fail("a list, tuple or set is required, this is a " + friendly_name(list.type), 0);
  std::vector<Value> items(list.value.items().begin(), list.value.items().end());
  std::reverse(items.begin(), items.end());
  if (!list.type->is(K::tuple)) return secret_as(c, c.list(items, list.type->element));
  std::vector<const Type*> types = list.type->items;
  std::reverse(types.begin(), types.end());
  return secret_as(c, {c.arena.list(items, {}), tuple_type(types)});
}

Typed slice_(Call& c) {
  const Typed list = c.args[0];
  if (list.type->is(K::set)) return c.fail("a set has no order: make it a list with `tolist`", 0);
  if (!list.type->is(K::list) && !list.type->is(K::tuple)) return c.fail("a list or tuple is required, this is a " + friendly_name(list.type), 0);
  std::int64_t from = 0, to = 0;
  if (!c.integer(1, from) || !c.integer(2, to)) return {};
  const auto size = static_cast<std::int64_t>(list.value.size());
  if (from < 0 || from > size) return c.fail("the start must lie between 0 and " + std::to_string(size), 1);
  if (to < 0 || to > size) return c.fail("the end must lie between 0 and " + std::to_string(size), 2);
  if (from > to) return c.fail("the start must not be greater than the end", 1);
  const auto items = list.value.items().subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from));
  if (list.type->is(K::list)) return secret_as(c, c.list(items, list.type->element));
  const std::span<const Type* const> types(list.type->items);
  return secret_as(c, {c.arena.list(items, {}), tuple_type(types.subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)))});
}

Typed sort_(Call& c) {
  if (c.args[0].value.has_unknown()) return c.unknown_argument(c.returns);
  std::vector<Value> items(c.args[0].value.items().begin(), c.args[0].value.items().end());
  for (std::size_t i = 0; i < items.size(); ++i)
    if (items[i].is_null()) return c.fail("element " + std::to_string(i) + " is null", 0);
  std::stable_sort(items.begin(), items.end(), [](Value a, Value b) { return a.as_string() < b.as_string(); });
  return c.list(items, string_type());
}

Typed transpose_(Call& c) {
  if (c.args[0].value.has_unknown()) return c.unknown_argument(c.returns);
  std::map<std::string_view, std::vector<std::string_view>> turned;
  for (const Entry& entry : c.args[0].value.entries()) {
    if (entry.value.is_null()) return c.fail("the list `" + std::string(entry.key()) + "` is null", 0);
    for (const Value item : entry.value.items()) {
      if (item.is_null()) return c.fail("the list `" + std::string(entry.key()) + "` has a null in it", 0);
      turned[item.as_string()].push_back(entry.key());
    }
  }
  std::vector<Entry> entries;
  for (auto& [key, names] : turned) {
    std::sort(names.begin(), names.end());
    std::vector<Value> items;
    for (const std::string_view name : names) items.push_back(c.arena.string(name, {}));
    entries.push_back(entry_of(key, c.arena.list(items, {})));
  }
  return {c.arena.map(entries, {}), map_type(list_type(string_type()))};
}

Typed zipmap_(Call& c) {
  const Typed keys = c.args[0], values = c.args[1];
  if (!values.type->is(K::list) && !values.type->is(K::tuple)) return c.fail("a list or tuple is required, this is a " + friendly_name(values.type), 1);
  bool sensitive = keys.value.sensitive() || values.value.sensitive();
  if (keys.value.has_unknown()) return secret_if(c, c.unknown_argument(values.type->is(K::list) ? map_type(values.type->element) : any_type()), sensitive);
  if (keys.value.size() != values.value.size())
    return c.fail("there are " + std::to_string(keys.value.size()) + " keys for " + std::to_string(values.value.size()) + " values", 0);
  std::map<std::string_view, Typed> zipped;
  for (std::size_t i = 0; i < keys.value.size(); ++i) {
    const Value key = keys.value.items()[i];
    if (key.is_null()) return c.fail("key " + std::to_string(i) + " is null", 0);
    sensitive = sensitive || key.sensitive();
    zipped[key.as_string()] = values.value.sensitive() ? element_at(values, i) : item_of(values, i, c.arena);
  }
  std::vector<Entry> entries;
  std::vector<Member> members;
  for (const auto& [key, value] : zipped) {
    entries.push_back(entry_of(key, value.value));
    members.push_back({key, value.type, false});
  }
  const Value map = c.arena.map(entries, {});
  if (values.type->is(K::list)) return secret_if(c, {map, map_type(values.type->element)}, sensitive);
  return secret_if(c, {map, object_type(std::move(members))}, sensitive);
}

constexpr Function functions[] = {
    {"alltrue", "list:Lb", "b", alltrue_},
    {"anytrue", "list:Lb", "b", anytrue_},
    {"chunklist", "list:La! size:n!", "a", chunklist_},
    {"coalesce", "vals:a0?...", "a", coalesce_},
    {"coalescelist", "vals:a0?...", "a", coalescelist_},
    {"compact", "list:Ls", "Ls", compact_},
    {"concat", "seqs:a!...", "a", concat_},
    {"contains", "list:a value:a", "b", contains_},
    {"distinct", "list:La", "a", distinct_},
    {"element", "list:a! index:n", "a", element_},
    {"flatten", "list:a!", "a", flatten_},
    {"index", "list:a value:a", "n", index_},
    {"keys", "inputMap:a?!", "a", keys_},
    {"length", "value:a?!", "n", length_},
    {"list", "vals:a0?...", "a", list_},
    {"lookup", "inputMap:a! key:s! default:a0?!...", "a", lookup_},
    {"map", "vals:a0?...", "a", map_},
    {"matchkeys", "values:La keys:La searchset:La", "a", matchkeys_},
    {"merge", "maps:a0!...", "a", merge_},
    {"one", "list:a", "a", one_},
    {"range", "params:n...", "Ln", range_},
    {"reverse", "list:a!", "a", reverse_},
    {"slice", "list:a! start_index:n end_index:n", "a", slice_},
    {"sort", "list:Ls", "Ls", sort_},
    {"transpose", "values:mLs", "mLs", transpose_},
    {"values", "mapping:a!", "a", values_},
    {"zipmap", "keys:Ls! values:a!", "a", zipmap_},
};

}  // namespace

std::span<const Function> collection_functions() { return functions; }

}  // namespace assay::terraform

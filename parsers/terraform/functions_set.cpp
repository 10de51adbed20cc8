// setintersection setproduct setsubtract setunion
#include <algorithm>

#include "parsers/terraform/function.hpp"

namespace assay::terraform {

using K = Type::Kind;

namespace {

// All arguments as sets of one type. False: failed.
bool alike(Call& c, std::vector<Typed>& sets, const Type*& type) {
  std::vector<const Type*> elements;
  for (const Typed& arg : c.args) {
    if (arg.value.size() == 0 && arg.type->element->is(K::any)) continue;
    elements.push_back(arg.type->element);
  }
  type = set_type(any_type());
  if (!elements.empty()) {
    const Type* element = unify(elements);
    if (!element) {
      c.fail("the sets' elements have no common type");
      return false;
    }
    type = set_type(element);
  }
  for (std::size_t i = 0; i < c.args.size(); ++i) {
    std::string why;
    const Typed set = convert(c.args[i], type, c.arena, why);
    if (!set) {
      c.fail(why, static_cast<int>(i));
      return false;
    }
    sets.push_back(set);
  }
  return true;
}

// Elements of `left` that are (or are not) in `right`; neither holds unknowns. Both are in one order, but
// only a plain order finds quickly; others are compared.
std::vector<Value> chosen(Typed left, Typed right, bool present) {
  const Type* element = left.type->element;
  std::vector<Value> items;
  for (const Value item : left.value.items()) {
    const auto others = right.value.items();
    bool found = false;
    if (element->is(K::string)) {
      const auto at = std::lower_bound(others.begin(), others.end(), item, [](Value a, Value b) {
        if (a.is_null() || b.is_null()) return !a.is_null() && b.is_null();
        return a.as_string() < b.as_string();
      });
      found = at != others.end() && equals({*at, element}, {item, element}) == Truth::yes;
    } else {
      found = std::any_of(others.begin(), others.end(), [&](Value other) { return equals({other, element}, {item, element}) == Truth::yes; });
    }
    if (found == present) items.push_back(item);
  }
  return items;
}

Typed fold(Call& c, bool present) {
  std::vector<Typed> sets;
  const Type* type = nullptr;
  if (!alike(c, sets, type)) return {};
  if (c.any_unknown()) return c.unknown_argument(type);
  std::size_t work = 1;
  for (const Typed& set : sets) work *= std::max<std::size_t>(set.value.size(), 1);
  if (!type->element->is(K::string) && work > 50'000'000) return c.fail("the sets are too large to be compared");
  Typed result = sets[0];
  for (std::size_t i = 1; i < sets.size(); ++i) result = {c.arena.list(chosen(result, sets[i], present), {}, true), type};
  return {result.value, type};
}
Typed setintersection_(Call& c) { return fold(c, true); }
Typed setsubtract_(Call& c) { return fold(c, false); }

Typed setunion_(Call& c) {
  std::vector<Typed> sets;
  const Type* type = nullptr;
  if (!alike(c, sets, type)) return {};
  std::vector<Value> items;
  for (const Typed& set : sets) items.insert(items.end(), set.value.items().begin(), set.value.items().end());
  if (items.size() > max_items) return c.fail("the result has more than 1000000 elements");
  if (sets.size() == 1) return sets[0];
  return set_of(std::move(items), type->element, {}, c.arena);
}

Typed setproduct_(Call& c) {
  if (c.args.size() < 2) return c.fail("at least two sets or lists are required");
  bool lists = true, unknown = false, sensitive = false;
  std::vector<const Type*> elements;
  std::size_t total = 1;
  for (std::size_t i = 0; i < c.args.size(); ++i) {
    const Typed arg = c.args[i];
    sensitive = sensitive || arg.value.sensitive();
    const Type* element = nullptr;
    if (arg.type->is(K::any) && arg.unknown()) return c.unknown_argument(any_type());
    if (arg.type->is(K::tuple)) element = arg.type->items.empty() ? any_type() : unify(arg.type->items);
    else if (arg.type->is(K::list) || arg.type->is(K::set)) element = arg.type->element;
    else return c.fail("a set or list is required, this is a " + friendly_name(arg.type), static_cast<int>(i));
    if (!element) return c.fail("all elements must have one type", static_cast<int>(i));
    elements.push_back(element);
    lists = lists && !arg.type->is(K::set);
    unknown = unknown || arg.unknown() || (arg.type->is(K::set) && arg.value.has_unknown() && arg.value.size() > 1);
    total = arg.value.size() == 0 ? 0 : total > max_items / arg.value.size() ? max_items + 1 : total * arg.value.size();
  }
  const Type* tuple = tuple_type(elements);
  const Type* type = lists ? list_type(tuple) : set_type(tuple);
  Typed result;
  if (unknown) {
    result = c.unknown_argument(type);
  } else {
    if (total * c.args.size() > max_items) return c.fail("the product has more than 1000000 elements");
    std::vector<std::vector<Value>> columns;
    for (std::size_t i = 0; i < c.args.size(); ++i) {
      columns.emplace_back();
      for (std::size_t k = 0; k < c.args[i].value.size(); ++k) {
        std::string why;
        const Typed arg = c.args[i];
        const Type* from = arg.type->is(K::tuple) ? arg.type->items[k] : arg.type->element;
        const Typed item = convert({arg.value.items()[k], from}, elements[i], c.arena, why);
        if (!item) return c.fail(why, static_cast<int>(i));
        columns.back().push_back(item.value);
      }
    }
    std::vector<Value> items;
    std::vector<std::size_t> at(columns.size());
    for (std::size_t n = 0; n < total; ++n) {
      std::vector<Value> row;
      for (std::size_t i = 0; i < columns.size(); ++i) row.push_back(columns[i][at[i]]);
      items.push_back(c.arena.list(row, {}));
      for (std::size_t i = columns.size(); i-- > 0;) {
        if (++at[i] < columns[i].size()) break;
        at[i] = 0;
      }
    }
    result = lists ? Typed{c.arena.list(items, {}), type} : set_of(std::move(items), tuple, {}, c.arena);
  }
  if (sensitive) result.value = c.arena.sensitive(result.value);
  return result;
}

constexpr Function functions[] = {
    {"setintersection", "first_set:Sa other_sets:Sa...", "a", setintersection_},
    {"setproduct", "sets:a?!...", "a", setproduct_},
    {"setsubtract", "a:Sa b:Sa", "a", setsubtract_},
    {"setunion", "first_set:Sa other_sets:Sa...", "a", setunion_},
};

}  // namespace

std::span<const Function> set_functions() { return functions; }

}  // namespace assay::terraform

#include <map>

#include "parsers/hcl/unicode.hpp"
#include "parsers/terraform/evaluator.hpp"

namespace assay::terraform {

using hcl::Expression;
using EK = Expression::Kind;
using K = Type::Kind;

namespace {

enum class Verdict : std::uint8_t { take, skip, unknown, failed };

// One loop: `for` in its three forms. The body is called with the names bound.
struct Loop {
  Evaluator& evaluator;
  const Expression& expression;
  const Expression* condition = nullptr;
  bool sensitive = false;
  std::vector<Typed> unknowns;  // conditions and keys that were not known

  Verdict included() {
    if (!condition) return Verdict::take;
    const Typed given = evaluator.evaluate(*condition);
    if (!given) return Verdict::failed;
    if (given.null()) {
      evaluator.fail("terraform-value", condition->span, "the `if` clause is null: it must be true or false");
      return Verdict::failed;
    }
    sensitive = sensitive || given.value.sensitive();
    std::string why;
    const Typed yes = convert(given, bool_type(), evaluator.arena, why);
    if (!yes) {
      evaluator.fail("terraform-type", condition->span, "the `if` clause must be true or false: " + why);
      return Verdict::failed;
    }
    if (yes.unknown()) {
      unknowns.push_back(yes);
      return Verdict::unknown;
    }
    return yes.value.as_bool() ? Verdict::take : Verdict::skip;
  }

  // False: failed. `body` gives false to stop.
  template <class Body>
  bool run(Typed collection, Body body) {
    Arena& arena = evaluator.arena;
    const Binding* const outer = evaluator.bindings;
    const bool mapping = collection.value.is_map();
    const bool set = collection.type->is(K::set);
    Binding key{expression.text, {}, outer};
    Binding value{expression.text2, {}, expression.text.empty() ? outer : &key};
    bool good = true;
    const auto one = [&](Typed k, Typed v) {
      if (!evaluator.step(expression.span)) return false;
      key.value = k;
      value.value = v;
      evaluator.bindings = &value;
      const Verdict verdict = included();
      if (verdict == Verdict::failed) good = false;
      if (verdict == Verdict::take && !body()) good = false;
      evaluator.bindings = outer;
      return !evaluator.budget.reported;
    };
    if (mapping) {
      std::vector<Entry> entries(collection.value.entries().begin(), collection.value.entries().end());
      sort_entries(entries);
      const Span map_span = collection.value.span();
      for (const Entry& entry : entries) {
        Span place = entry.value.span() ? entry.value.span() : map_span;
        if (place) place = {place.source, entry.key_begin, entry.key_begin + entry.key_size};
        Value name = arena.string(entry.key(), entry.key_begin == 0 ? Span{} : place);
        name = placed(name, collection.value.computed() && !place ? collection.value : Value(), arena);
        if (!one({name, string_type()}, member_of(collection, entry.key(), arena))) return false;
      }
    } else {
      for (std::size_t i = 0; i < collection.value.size(); ++i) {
        const Typed item = item_of(collection, i, arena);
        const Typed place = set ? item : Typed{arena.integer(static_cast<std::int64_t>(i), {}), number_type()};
        if (!one(place, item)) return false;
      }
    }
    return good;
  }
};

// The collection of a loop. No value: failed, or `result` is what the loop as a whole is.
Typed collection_of(Evaluator& evaluator, const Expression& expression, const Type* type, Typed& result) {
  const Expression& from = *expression.parts[0];
  const Typed collection = evaluator.evaluate(from);
  if (!collection) return {};
  if (collection.null()) return evaluator.fail("terraform-value", from.span, "the value is null: there is nothing to iterate over");
  if (!collection.type->is(K::any) && collection.type->primitive())
    return evaluator.fail("terraform-type", from.span, "a " + friendly_name(collection.type) + " cannot be iterated over: it must be a list, set, map or object");
  if (collection.unknown()) {
    result = evaluator.unknown(type, expression, {&collection, 1});
    return {};
  }
  return collection;
}

}  // namespace

Typed Evaluator::for_tuple(const Expression& expression) {
  Typed result;
  const Typed collection = collection_of(*this, expression, any_type(), result);
  if (!collection) return result;
  Loop loop{*this, expression, expression.parts.size() > 2 ? expression.parts[2] : nullptr, collection.value.sensitive(), {}};
  std::vector<Value> items;
  std::vector<const Type*> types;
  const bool good = loop.run(collection, [&] {
    const Typed value = evaluate(*expression.parts[1]);
    if (!value) return false;
    items.push_back(value.value);
    types.push_back(value.type);
    return true;
  });
  if (!good) return {};
  if (!loop.unknowns.empty()) result = unknown(any_type(), expression, loop.unknowns);
  else result = {arena.list(items, expression.span), tuple_type(types)};
  if (loop.sensitive) result.value = arena.sensitive(result.value);
  return result;
}

Typed Evaluator::for_object(const Expression& expression) {
  Typed result;
  const Typed collection = collection_of(*this, expression, any_type(), result);
  if (!collection) return result;
  Loop loop{*this, expression, expression.parts.size() > 3 ? expression.parts[3] : nullptr, collection.value.sensitive(), {}};
  struct Group {
    Entry entry;
    std::vector<Value> items;
    std::vector<const Type*> types;
  };
  std::map<std::string_view, Group> groups;  // by key, which the arena or a source holds
  const Expression& key_expression = *expression.parts[1];
  const bool good = loop.run(collection, [&] {
    const Typed given = evaluate(key_expression);
    if (!given) return false;
    if (given.null()) {
      fail("terraform-value", key_expression.span, "the key is null: it must be a string");
      return false;
    }
    loop.sensitive = loop.sensitive || given.value.sensitive();
    if (given.unknown()) {
      loop.unknowns.push_back(given);
      return true;
    }
    std::string why;
    const Typed key = convert(given, string_type(), arena, why);
    if (!key) {
      fail("terraform-type", key_expression.span, "the key must be a string: " + why);
      return false;
    }
    const Typed value = evaluate(*expression.parts[2]);
    if (!value) return false;
    const std::string_view text = key.value.as_string();
    auto [place, fresh] = groups.try_emplace(text);
    Group& group = place->second;
    if (!fresh && !expression.flag) {
      fail("terraform-value", key_expression.span,
           "the key `" + (loop.sensitive ? std::string("(not shown)") : std::string(text)) + "` comes twice: make keys distinct, or group the values with `...` after the value");
      return false;
    }
    if (fresh) {
      const Span span = key.value.span();
      group.entry = {text.data(), static_cast<std::uint32_t>(text.size()), span.source == expression.span.source ? span.begin : key_expression.span.begin, {}};
    }
    group.items.push_back(value.value);
    group.types.push_back(value.type);
    return true;
  });
  if (!good) return {};
  if (!loop.unknowns.empty()) {
    result = unknown(any_type(), expression, loop.unknowns);
  } else {
    std::vector<Entry> entries;
    std::vector<Member> members;
    for (auto& [key, group] : groups) {
      Typed value{group.items[0], group.types[0]};
      if (expression.flag) value = {arena.list(group.items, expression.parts[2]->span), tuple_type(group.types)};
      group.entry.value = value.value;
      entries.push_back(group.entry);
      members.push_back({key, value.type, false});
    }
    result = {arena.map(entries, expression.span), object_type(std::move(members))};
  }
  if (loop.sensitive) result.value = arena.sensitive(result.value);
  return result;
}

Typed Evaluator::template_for(const Expression& expression) {
  Typed result;
  const Typed collection = collection_of(*this, expression, string_type(), result);
  if (!collection) return result;
  Loop loop{*this, expression, nullptr, collection.value.sensitive(), {}};
  std::vector<Typed> operands = {collection};
  std::string text;
  const bool good = loop.run(collection, [&] {
    const Typed value = evaluate(*expression.parts[1]);
    if (!value) return false;
    if (value.unknown()) {
      loop.unknowns.push_back(value);
      return true;
    }
    if (value.null()) {
      fail("terraform-value", expression.parts[1]->span, "the value is null and cannot stand in a string");
      return false;
    }
    std::string why;
    const Typed string = convert(value, string_type(), arena, why);
    if (!string) {
      fail("terraform-type", expression.parts[1]->span, "the value cannot stand in a string: " + why);
      return false;
    }
    loop.sensitive = loop.sensitive || string.value.sensitive();
    if (text.size() + string.value.as_string().size() > max_text) {
      fail("terraform-limit", expression.span, "the text is longer than 16 MiB");
      budget.reported = true;  // the rest would be longer still
      return false;
    }
    text += string.value.as_string();
    if (operands.size() < 8 && value.value.computed()) operands.push_back(value);
    return true;
  });
  if (!good) return {};
  if (!loop.unknowns.empty()) result = unknown(string_type(), expression, loop.unknowns);
  else result = derived({arena.string(arena.copy(hcl::normalized(text)), {}), string_type()}, expression, operands);
  if (loop.sensitive) result.value = arena.sensitive(result.value);
  return result;
}

Typed Evaluator::splat(const Expression& expression) {
  const Typed given = evaluate(*expression.parts[0]);
  if (!given) return {};
  const Expression& each = *expression.parts[1];
  const bool upgraded = !given.type->sequence();  // one value counts as a list of one, null as none
  if (given.null()) {
    if (!upgraded) return fail("terraform-value", expression.parts[0]->span, "the value is null: `[*]` needs a list");
    Typed none{arena.list({}, expression.span), tuple_type({})};
    if (given.value.sensitive()) none.value = arena.sensitive(none.value);
    return none;
  }
  if (given.type->is(K::any) || (upgraded && given.unknown())) return unknown(any_type(), expression, {&given, 1});
  const Typed outer_item = item;
  const auto each_of = [&](Typed one) {
    item = one;
    const Typed result = evaluate(each);
    item = outer_item;
    return result;
  };
  // Of a list that has no elements to see it by. Null: failed.
  const auto element_type = [&](const Type* element) -> const Type* {
    const Typed one = each_of(unknown_of(element, {}, {}, {}, arena));
    return one ? one.type : nullptr;
  };
  if (given.unknown()) {
    const Type* type = any_type();
    if (!given.type->is(K::tuple)) {
      const Type* element = element_type(given.type->element);
      if (!element) return {};
      type = list_type(element);
    }
    return unknown(type, expression, {&given, 1});
  }
  std::vector<Value> items;
  std::vector<const Type*> types;
  const std::size_t size = upgraded ? 1 : given.value.size();
  for (std::size_t i = 0; i < size; ++i) {
    const Typed one = each_of(upgraded ? given : item_of(given, i, arena));
    if (!one) return {};
    items.push_back(one.value);
    types.push_back(one.type);
  }
  Typed result;
  if (given.type->is(K::list) || given.type->is(K::set)) {
    const Type* element = types.empty() ? element_type(given.type->element) : types[0];
    if (!element) return {};
    for (const Type* type : types)
      if (type != element)
        return fail("terraform-type", each.span, "the elements have different types, so that they make no list: use a `for` expression");
    result = {arena.list(items, expression.span), list_type(element)};
  } else {
    result = {arena.list(items, expression.span), tuple_type(types)};
  }
  if (given.value.sensitive()) result.value = arena.sensitive(result.value);
  return result;
}

}  // namespace assay::terraform

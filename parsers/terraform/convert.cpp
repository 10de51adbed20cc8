// Conversion between types, as github.com/zclconf/go-cty's convert package does it.
#include <algorithm>

#include "parsers/terraform/number.hpp"
#include "parsers/terraform/typed.hpp"

namespace assay::terraform {

using K = Type::Kind;

namespace {

// What an unknown of `from` becomes when it is converted to `to`: `any` inside `to` is what `from` says.
const Type* filled(const Type* from, const Type* to) {
  if (from->is(K::any) || !to->has_any) return to;
  if (to->is(K::any)) return from;
  const auto across = [](const Type* type) -> const Type* {
    std::vector<const Type*> parts;
    if (type->is(K::tuple)) parts = type->items;
    for (const Member& member : type->members) parts.push_back(member.type);
    const Type* together = unify(parts);
    return together ? together : any_type();
  };
  switch (to->kind) {
    case K::map:
      if (from->is(K::map)) return map_type(filled(from->element, to->element));
      return from->is(K::object) ? map_type(filled(across(from), to->element)) : to;
    case K::list: case K::set: {
      if (!from->sequence()) return to;
      const Type* element = filled(from->is(K::tuple) ? across(from) : from->element, to->element);
      return to->is(K::list) ? list_type(element) : set_type(element);
    }
    case K::tuple: {
      if (!from->is(K::tuple) || from->items.size() != to->items.size()) return to;
      std::vector<const Type*> items;
      for (std::size_t i = 0; i < to->items.size(); ++i) items.push_back(filled(from->items[i], to->items[i]));
      return tuple_type(items);
    }
    case K::object: {
      std::vector<Member> members = to->members;
      for (Member& member : members) {
        member.optional = false;
        if (from->is(K::map)) member.type = filled(from->element, member.type);
        else if (const Member* given = from->member(member.name)) member.type = filled(given->type, member.type);
      }
      return object_type(std::move(members));
    }
    case K::any: case K::boolean: case K::number: case K::string: break;
  }
  return to;
}

std::string mismatch(const Type* from, const Type* to) {
  if (from->is(K::object) && to->is(K::object)) {
    std::string missing;
    for (const Member& member : to->members)
      if (!member.optional && !from->member(member.name)) missing += (missing.empty() ? "`" : ", `") + std::string(member.name) + "`";
    if (!missing.empty()) return "it lacks the required attribute " + missing;
    for (const Member& member : to->members)
      if (const Member* given = from->member(member.name); given && !convertible(given->type, member.type))
        return "attribute `" + std::string(member.name) + "`: " + mismatch(given->type, member.type);
  }
  if (from->is(K::tuple) && to->collection() && !to->is(K::map) && !to->element->is(K::any))
    for (std::size_t i = 0; i < from->items.size(); ++i)
      if (!convertible(from->items[i], to->element)) return "element " + std::to_string(i) + ": " + mismatch(from->items[i], to->element);
  if (from->is(K::object) && to->is(K::map) && !to->element->is(K::any))
    for (const Member& member : from->members)
      if (!convertible(member.type, to->element)) return "element `" + std::string(member.name) + "`: " + mismatch(member.type, to->element);
  const bool apart = (from->is(K::tuple) && (to->is(K::list) || to->is(K::set))) || (from->is(K::object) && to->is(K::map));
  if (apart && to->element->is(K::any)) return "all elements of a " + std::string(to->is(K::map) ? "map" : to->is(K::set) ? "set" : "list") + " must have one type";
  return "a " + friendly_name(to) + " is required, this is a " + friendly_name(from);
}

struct Conversion {
  Arena& arena;
  std::string& why;
  std::size_t left_over = 2'000'000;

  Typed fail(std::string text) {
    why = std::move(text);
    return {};
  }
  Typed within(std::string place, Typed result) {
    if (!result) why = place + ": " + why;
    return result;
  }

  Typed primitive(Typed in, const Type* to) {
    const Value value = in.value;
    if (to->is(K::string)) {
      if (in.type->is(K::boolean)) return {placed(arena.string(value.as_bool() ? "true" : "false", value.span()), value, arena), to};
      return {placed(arena.string(arena.copy(number_text(value)), value.span()), value, arena), to};
    }
    const std::string_view text = value.as_string();
    if (to->is(K::number)) {
      const Value number = parse_number(text, value.span(), arena);
      if (!number) return fail("a number is required");
      return {placed(number, value, arena), to};
    }
    const bool yes = text == "true" || text == "1", no = text == "false" || text == "0";
    if (!yes && !no) return fail("a bool is required: write true or false, without capitals");
    return {placed(arena.boolean(yes, value.span()), value, arena), to};
  }

  // Elements that were converted one by one may still differ where the wanted element type holds `any`.
  bool unify_elements(std::vector<Typed>& elements) {
    std::vector<const Type*> types;
    bool differ = false;
    for (const Typed& element : elements) {
      types.push_back(element.type);
      differ = differ || element.type != types[0];
    }
    if (!differ) return true;
    const Type* common = unify(types);
    if (!common) {
      why = "all elements must have one type";
      return false;
    }
    const Type* settled = any_type();
    for (Typed& element : elements) {
      element = convert(element, common);
      if (!element) return false;
      if (settled->is(K::any)) settled = element.type;
    }
    // What has no type yet, nulls and unknowns, takes that of the others.
    for (Typed& element : elements) {
      if (element.type->is(K::any)) element = convert(element, settled);
      if (element && element.type == settled) continue;
      why = "all elements must have one type";
      return false;
    }
    return true;
  }

  Typed sequence(Typed in, const Type* to) {
    const Type* wanted = to->element;
    const bool set = to->is(K::set);
    // A set with unknown items has no known length.
    if (in.type->is(K::set) && !set && in.value.has_unknown()) {
      for (const Value item : in.value.items())
        if (item.has_unknown() && in.value.size() > 1)
          return {placed(unknown_of(list_type(in.type->element), item.as_unknown().name, item.as_unknown().reason, in.value.span(), arena).value, in.value, arena),
                  list_type(in.type->element)};
    }
    if (in.value.size() == 0) {
      const Type* element = without_optional(wanted);
      if (wanted->is(K::any) && in.type->collection()) element = in.type->element;
      if (set == in.type->is(K::set)) return {in.value, set ? set_type(element) : list_type(element)};
      return {placed(arena.list({}, in.value.span(), set), in.value, arena), set ? set_type(element) : list_type(element)};
    }
    if (wanted->is(K::any)) wanted = in.type->is(K::tuple) ? unify(in.type->items) : in.type->element;
    std::vector<Typed> elements;
    bool changed = false;
    for (std::size_t i = 0; i < in.value.size(); ++i) {
      const Value item = in.value.items()[i];
      const Type* type = in.type->is(K::tuple) ? in.type->items[i] : in.type->element;
      Typed element = within("element " + std::to_string(i), convert({item, type}, wanted));
      if (!element) return {};
      elements.push_back(element);
    }
    if (!unify_elements(elements)) return {};
    const Type* element = elements[0].type;
    std::vector<Value> items;
    for (std::size_t i = 0; i < elements.size(); ++i) {
      items.push_back(elements[i].value);
      changed = changed || items[i] != in.value.items()[i];
    }
    if (set) {
      if (!changed && in.type->is(K::set)) return {in.value, set_type(element)};
      return set_of(std::move(items), element, in.value, arena);
    }
    if (!changed && !in.type->is(K::set)) return {in.value, list_type(element)};
    return {placed(arena.list(items, in.value.span()), in.value, arena), list_type(element)};
  }

  Typed mapping(Typed in, const Type* to) {
    const Type* wanted = to->element;
    if (in.value.size() == 0) {
      const Type* element = without_optional(wanted);
      if (wanted->is(K::any) && in.type->is(K::map)) element = in.type->element;
      return {in.value, map_type(element)};
    }
    if (wanted->is(K::any) && in.type->is(K::object)) {
      std::vector<const Type*> types;
      for (const Member& member : in.type->members) types.push_back(member.type);
      wanted = unify(types);
    }
    std::vector<Typed> elements;
    for (const Entry& entry : in.value.entries()) {
      const Member* member = in.type->member(entry.key());
      const Type* type = in.type->is(K::map) ? in.type->element : member ? member->type : any_type();
      Typed element = within("element `" + std::string(entry.key()) + "`", convert({entry.value, type}, wanted));
      if (!element) return {};
      elements.push_back(element);
    }
    if (!unify_elements(elements)) return {};
    std::vector<Entry> entries(in.value.entries().begin(), in.value.entries().end());
    bool changed = false;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      changed = changed || entries[i].value != elements[i].value;
      entries[i].value = elements[i].value;
    }
    return {changed ? placed(arena.map(entries, in.value.span()), in.value, arena) : in.value, map_type(elements[0].type)};
  }

  Typed object(Typed in, const Type* to) {
    std::vector<Entry> entries;
    std::vector<Member> members;
    for (const Member& member : to->members) {
      const Entry* given = in.value.find_entry(member.name);
      if (!given) {
        if (!member.optional) return fail("it lacks the required attribute `" + std::string(member.name) + "`");
        const Type* type = without_optional(member.type);
        entries.push_back(entry_of(member.name, arena.null({})));
        members.push_back({member.name, type, false});
        continue;
      }
      const Member* from = in.type->member(member.name);
      const Type* type = in.type->is(K::map) ? in.type->element : from ? from->type : any_type();
      if (!convertible(type, member.type)) return fail("attribute `" + std::string(member.name) + "`: " + mismatch(type, member.type));
      Typed one = within("attribute `" + std::string(member.name) + "`", convert({given->value, type}, member.type));
      if (!one) return {};
      Entry entry = *given;
      entry.value = one.value;
      entries.push_back(entry);
      members.push_back({member.name, one.type, false});
    }
    bool changed = entries.size() != in.value.size();
    for (std::size_t i = 0; i < entries.size() && !changed; ++i)
      changed = entries[i].value != in.value.entries()[i].value || entries[i].key() != in.value.entries()[i].key();
    return {changed ? placed(arena.map(entries, in.value.span()), in.value, arena) : in.value, object_type(std::move(members))};
  }

  Typed tuple(Typed in, const Type* to) {
    std::vector<Value> items;
    std::vector<const Type*> types;
    bool changed = false;
    for (std::size_t i = 0; i < to->items.size(); ++i) {
      const Typed one = within("element " + std::to_string(i), convert({in.value.items()[i], in.type->items[i]}, to->items[i]));
      if (!one) return {};
      changed = changed || one.value != in.value.items()[i];
      items.push_back(one.value);
      types.push_back(one.type);
    }
    return {changed ? placed(arena.list(items, in.value.span()), in.value, arena) : in.value, tuple_type(types)};
  }

  // Recursion follows the type, whose depth is bounded.
  Typed convert(Typed in, const Type* to) {
    if (left_over == 0) return fail("the value is too large: it has more than 2000000 parts");
    --left_over;
    if (in.type == to || to->is(K::any)) return in;
    if (in.value.is_null()) return {in.value, filled(in.type, without_optional(to))};
    if (in.value.is_unknown()) {
      const Type* type = filled(in.type, without_optional(to));
      if (type == in.type) return in;
      const Unknown what = in.value.as_unknown();
      return {placed(unknown_of(type, what.name, what.reason, in.value.span(), arena).value, in.value, arena), type};
    }
    if (in.type->primitive() && to->primitive()) return primitive(in, to);
    switch (to->kind) {
      case K::list: case K::set: return sequence(in, to);
      case K::map: return mapping(in, to);
      case K::object: return object(in, to);
      case K::tuple: return tuple(in, to);
      case K::any: case K::boolean: case K::number: case K::string: break;
    }
    return fail(mismatch(in.type, to));
  }
};

}  // namespace

Typed convert(Typed value, const Type* type, Arena& arena, std::string& why) {
  if (!value || value.type == type || type->is(K::any)) return value;
  if (!convertible(value.type, type)) {
    why = mismatch(value.type, type);
    return {};
  }
  return Conversion{arena, why}.convert(value, type);
}

}  // namespace assay::terraform

#include "parsers/terraform/constraint.hpp"

#include <algorithm>

#include "parsers/terraform/evaluate.hpp"

namespace assay::terraform {

using hcl::Expression;
using EK = Expression::Kind;
using K = Type::Kind;

namespace {

const Expression& inner(const Expression& expression) {
  const Expression* at = &expression;
  while (at->kind == EK::parentheses || at->kind == EK::wrapped) at = at->parts[0];
  return *at;
}

struct Part {
  const Type* type = any_type();
  std::unique_ptr<Defaults> defaults;
};

// Recursion follows the expression, whose depth its parser bounds.
struct Reader {
  Arena& arena;
  Diagnostics& diagnostics;

  Part wrong(Span span, std::string message) {
    diagnostics.error("terraform-type", span, std::move(message));
    return {};
  }

  Part keyword(const Expression& expression, std::string_view word) {
    if (word == "bool") return {bool_type(), nullptr};
    if (word == "number") return {number_type(), nullptr};
    if (word == "string") return {string_type(), nullptr};
    if (word == "any") return {any_type(), nullptr};
    // Before Terraform 0.12 these were types on their own.
    if (word == "list") return {list_type(any_type()), nullptr};
    if (word == "map") return {map_type(any_type()), nullptr};
    if (word == "set" || word == "object" || word == "tuple")
      return wrong(expression.span, "`" + std::string(word) + "` needs the types of what it holds: `" +
                                        (word == "set" ? "set(string)" : word == "object" ? "object({name = string})" : "tuple([string])") + "`");
    return wrong(expression.span, "there is no type `" + std::string(word) + "`: types are `string`, `number`, `bool`, `any`, `list(…)`, `set(…)`, `map(…)`, `object({…})` and `tuple([…])`");
  }

  Part read(const Expression& given) {
    const Expression& expression = inner(given);
    if (expression.kind == EK::variable || expression.kind == EK::text) return keyword(expression, expression.text);
    if (expression.kind == EK::templated && expression.parts.size() == 1 && expression.parts[0]->kind == EK::text)
      return keyword(expression, expression.parts[0]->text);
    if (expression.kind == EK::bad) return {};
    if (expression.kind != EK::call) return wrong(expression.span, "this is no type: write for example `string` or `list(string)`");
    const std::string_view name = expression.text;
    if (name == "optional") return wrong(expression.span, "`optional` stands only around the type of an object's attribute");
    const bool collection = name == "list" || name == "set" || name == "map";
    if (!collection && name != "object" && name != "tuple") return wrong(expression.span, "there is no type `" + std::string(name) + "(…)`");
    if (expression.parts.size() != 1) return wrong(expression.span, "`" + std::string(name) + "` takes one argument");
    const Expression& argument = inner(*expression.parts[0]);
    if (collection) {
      Part element = read(argument);
      Part part;
      part.type = name == "list" ? list_type(element.type) : name == "set" ? set_type(element.type) : map_type(element.type);
      if (element.defaults) {
        part.defaults = std::make_unique<Defaults>();
        part.defaults->type = part.type;
        part.defaults->children.emplace_back("", std::move(element.defaults));
      }
      return part;
    }
    if (name == "tuple") return tuple(argument);
    return object(argument);
  }

  Part tuple(const Expression& argument) {
    if (argument.kind != EK::tuple) return wrong(argument.span, "`tuple` takes a list of types: `tuple([string, number])`");
    std::vector<const Type*> items;
    auto defaults = std::make_unique<Defaults>();
    for (const Expression* one : argument.parts) {
      Part part = read(*one);
      if (part.defaults) defaults->children.emplace_back(arena.copy(std::to_string(items.size())), std::move(part.defaults));
      items.push_back(part.type);
    }
    Part result{tuple_type(items), nullptr};
    defaults->type = result.type;
    if (!defaults->children.empty()) result.defaults = std::move(defaults);
    return result;
  }

  Part object(const Expression& argument) {
    if (argument.kind != EK::object) return wrong(argument.span, "`object` takes attributes and their types: `object({name = string})`");
    std::vector<Member> members;
    auto defaults = std::make_unique<Defaults>();
    for (std::size_t i = 0; i + 1 < argument.parts.size(); i += 2) {
      const Expression& key = inner(*argument.parts[i]);
      const std::string_view name = key.text;
      if (key.kind != EK::text && key.kind != EK::variable) {
        wrong(key.span, "an attribute's name must be written plainly");
        continue;
      }
      if (std::any_of(members.begin(), members.end(), [&](const Member& m) { return m.name == name; })) {
        wrong(key.span, "the attribute `" + std::string(name) + "` comes twice");
        continue;
      }
      const Expression* type = &inner(*argument.parts[i + 1]);
      const Expression* fallback = nullptr;
      Member member{name, nullptr, false};
      if (type->kind == EK::call && type->text == "optional") {
        if (type->parts.empty() || type->parts.size() > 2) {
          wrong(type->span, "`optional` takes a type, and a default if there is one");
          continue;
        }
        member.optional = true;
        if (type->parts.size() == 2) fallback = type->parts[1];
        type = type->parts[0];
      }
      Part part = read(*type);
      member.type = part.type;
      if (fallback && !constant(*fallback)) {
        wrong(fallback->span, "the default must be constant: no names and no functions");
      } else if (fallback) {
        EmptyScope scope;
        std::string why;
        Typed value = evaluate(*fallback, scope, arena, diagnostics);
        if (value) {
          value = convert(value, part.type, arena, why);
          if (value) defaults->values.emplace_back(arena.copy(name), value);
          else wrong(fallback->span, "the default does not fit the attribute's type: " + why);
        }
      }
      if (part.defaults) defaults->children.emplace_back(arena.copy(name), std::move(part.defaults));
      members.push_back(member);
    }
    Part result{object_type(std::move(members)), nullptr};
    defaults->type = result.type;
    if (!defaults->values.empty() || !defaults->children.empty()) result.defaults = std::move(defaults);
    return result;
  }
};

const Defaults* child_of(const Defaults& defaults, std::string_view name) {
  for (const auto& [key, child] : defaults.children)
    if (key == name) return child.get();
  return nullptr;
}

struct Filling {
  Arena& arena;

  Typed fill(const Defaults& defaults, Typed in) {
    if (!in.known() || in.null()) return in;
    if (in.type->sequence()) return sequence(defaults, in);
    if (in.type->is(K::object) || in.type->is(K::map)) return mapping(defaults, in);
    return in;
  }

  // The parts with one type, when they have one.
  static const Type* unified(std::vector<Typed>& parts, Arena& arena) {
    std::vector<const Type*> types;
    for (const Typed& part : parts) types.push_back(part.type);
    const Type* type = unify(types);
    if (!type) return nullptr;
    std::vector<Typed> converted;
    for (const Typed& part : parts) {
      std::string why;
      converted.push_back(convert(part, type, arena, why));
      if (!converted.back()) return nullptr;
    }
    parts = std::move(converted);
    return type;
  }

  Typed sequence(const Defaults& defaults, Typed in) {
    std::vector<Typed> parts;
    for (std::size_t i = 0; i < in.value.size(); ++i) {
      Typed item{in.value.items()[i], in.type->is(K::tuple) ? in.type->items[i] : in.type->element};
      const Defaults* child = defaults.type->is(K::tuple) ? child_of(defaults, std::to_string(i)) : child_of(defaults, "");
      parts.push_back(child ? fill(*child, item) : item);
    }
    if (parts.empty()) return in;
    const Type* element = in.type->is(K::tuple) ? nullptr : unified(parts, arena);
    std::vector<Value> items;
    std::vector<const Type*> types;
    for (const Typed& part : parts) {
      items.push_back(part.value);
      types.push_back(part.type);
    }
    if (in.type->is(K::set) && element) return set_of(std::move(items), element, in.value, arena);
    const Value list = placed(arena.list(items, in.value.span()), in.value, arena);
    return {list, element ? list_type(element) : tuple_type(types)};
  }

  Typed mapping(const Defaults& defaults, Typed in) {
    const bool is_object = defaults.type->is(K::object);
    std::vector<Entry> entries(in.value.entries().begin(), in.value.entries().end());
    std::vector<Typed> parts;
    for (const Entry& entry : entries) {
      const Member* member = in.type->member(entry.key());
      const Typed item{entry.value, in.type->is(K::map) ? in.type->element : member ? member->type : any_type()};
      const Defaults* child = child_of(defaults, is_object ? entry.key() : "");
      parts.push_back(child ? fill(*child, item) : item);
    }
    for (const auto& [name, fallback] : defaults.values) {
      const Defaults* child = child_of(defaults, name);
      const Typed value = child ? fill(*child, fallback) : fallback;
      const auto found = std::find_if(entries.begin(), entries.end(), [&, n = name](const Entry& e) { return e.key() == n; });
      if (found == entries.end()) {
        entries.push_back(entry_of(name, value.value));
        parts.push_back(value);
      } else if (found->value.is_null()) {
        parts[static_cast<std::size_t>(found - entries.begin())] = value;
      }
    }
    const Type* element = in.type->is(K::map) && !parts.empty() ? unified(parts, arena) : nullptr;
    std::vector<Member> members;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      entries[i].value = parts[i].value;
      members.push_back({entries[i].key(), parts[i].type, false});
    }
    sort_entries(entries);
    const Value map = placed(arena.map(entries, in.value.span()), in.value, arena);
    return {map, element ? map_type(element) : object_type(std::move(members))};
  }
};

}  // namespace

Constraint read_constraint(const Expression& expression, Arena& arena, Diagnostics& diagnostics) {
  Part part = Reader{arena, diagnostics}.read(expression);
  return {part.type, std::shared_ptr<const Defaults>(std::move(part.defaults))};
}

Typed apply(const Constraint& constraint, Typed value, Arena& arena, std::string& why) {
  if (!value) return value;
  if (constraint.defaults) value = Filling{arena}.fill(*constraint.defaults, value);
  return convert(value, constraint.type, arena, why);
}

}  // namespace assay::terraform

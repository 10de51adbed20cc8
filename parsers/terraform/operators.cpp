#include <charconv>

#include "parsers/terraform/evaluator.hpp"
#include "parsers/terraform/number.hpp"

namespace assay::terraform {

using hcl::Expression;
using hcl::Operator;
using K = Type::Kind;

Typed Evaluator::logical(const Expression& expression) {
  const bool deciding = expression.op == Operator::or_;  // this value on one side decides
  Diagnostics* const outer = diagnostics;
  Diagnostics errors[2];
  Typed sides[2];
  bool wrong_type = false;
  for (std::size_t i = 0; i < 2; ++i) {
    diagnostics = &errors[i];
    const Typed given = evaluate(*expression.parts[i]);
    diagnostics = outer;
    if (!given) continue;
    std::string why;
    sides[i] = convert(given, bool_type(), arena, why);
    if (!sides[i]) {
      fail("terraform-type", expression.parts[i]->span, "`" + std::string(name_of(expression.op)) + "` needs true or false: " + why);
      wrong_type = true;
    }
  }
  if (wrong_type) {
    for (auto& side : errors) outer->append(std::move(side));
    return {};
  }
  // OpenTofu takes a null for false where that decides `&&`; for `||` it stays a mistake.
  for (const Typed& side : sides)
    if (side && side.known() && (side.null() ? !deciding : side.value.as_bool() == deciding)) {
      Typed result{arena.boolean(deciding, {}), bool_type()};
      // Only what decided is where it came from, but a secret on either side stays one.
      result = derived(result, expression, {&side, 1});
      const bool sensitive = (sides[0] && sides[0].value.sensitive()) || (sides[1] && sides[1].value.sensitive());
      if (sensitive) result.value = arena.sensitive(result.value);
      return result;
    }
  for (auto& side : errors) outer->append(std::move(side));
  if (!sides[0] || !sides[1]) return {};
  for (std::size_t i = 0; i < 2; ++i)
    if (sides[i].null()) return fail("terraform-value", expression.parts[i]->span, "the operand is null: it must be true or false");
  if (sides[0].unknown() || sides[1].unknown()) return unknown(bool_type(), expression, sides);
  return derived({arena.boolean(!deciding, {}), bool_type()}, expression, sides);
}

Typed Evaluator::binary(const Expression& expression) {
  Typed sides[2] = {evaluate(*expression.parts[0]), evaluate(*expression.parts[1])};
  if (!sides[0] || !sides[1]) return {};
  const Operator op = expression.op;
  if (op == Operator::equal || op == Operator::not_equal) {
    const Truth truth = equals(sides[0], sides[1]);
    if (truth == Truth::unknown) return unknown(bool_type(), expression, sides);
    return derived({arena.boolean((truth == Truth::yes) == (op == Operator::equal), {}), bool_type()}, expression, sides);
  }
  const bool ordering = op == Operator::less || op == Operator::less_equal || op == Operator::greater || op == Operator::greater_equal;
  const Type* type = ordering ? bool_type() : number_type();
  for (std::size_t i = 0; i < 2; ++i) {
    std::string why;
    const Typed number = convert(sides[i], number_type(), arena, why);
    if (!number) return fail("terraform-type", expression.parts[i]->span, "`" + std::string(name_of(op)) + "` needs a number: " + why);
    sides[i] = number;
  }
  for (std::size_t i = 0; i < 2; ++i)
    if (sides[i].null()) return fail("terraform-value", expression.parts[i]->span, "the operand is null: it must be a number");
  if (sides[0].unknown() || sides[1].unknown()) return unknown(type, expression, sides);
  if (ordering) {
    const int order = compare_numbers(sides[0].value, sides[1].value);
    const bool holds = op == Operator::less ? order < 0 : op == Operator::less_equal ? order <= 0 : op == Operator::greater ? order > 0 : order >= 0;
    return derived({arena.boolean(holds, {}), bool_type()}, expression, sides);
  }
  std::string why;
  const Value result = calculate(op, sides[0].value, sides[1].value, {}, arena, why);
  if (!result) return fail("terraform-value", expression.span, "this cannot be computed: " + why);
  return derived({result, type}, expression, sides);
}

Typed Evaluator::unary(const Expression& expression) {
  Typed operand = evaluate(*expression.parts[0]);
  if (!operand) return {};
  const bool negation = expression.op == Operator::not_;
  const Type* type = negation ? bool_type() : number_type();
  std::string why;
  operand = convert(operand, type, arena, why);
  if (!operand) return fail("terraform-type", expression.parts[0]->span, std::string(negation ? "`!` needs true or false: " : "`-` needs a number: ") + why);
  if (operand.null()) return fail("terraform-value", expression.parts[0]->span, "the operand is null");
  if (operand.unknown()) return unknown(type, expression, {&operand, 1});
  const Value result = negation ? arena.boolean(!operand.value.as_bool(), {}) : negate(operand.value, {}, arena);
  return derived({result, type}, expression, {&operand, 1});
}

namespace {

// An unknown that is a part of an unknown: addressed as such.
Typed part_of(Typed whole, const Type* type, std::string_view step, Arena& arena) {
  const Unknown what = whole.value.as_unknown();
  // Only what is an address can be extended; the text of an expression stays what it is.
  const bool address = !what.name.empty() && what.name.find_first_of(" ()+-*/%!?,{}\"&|=<>") == std::string_view::npos;
  const std::string name = address ? std::string(what.name) + std::string(step) : std::string(what.name);
  return {placed(unknown_of(type, name, what.reason, whole.value.span(), arena).value, whole.value, arena), type};
}

}  // namespace

Typed Evaluator::attribute(Typed object, std::string_view name, Span span) {
  if (!object) return {};
  const Type* type = object.type;
  const std::string quoted = "`" + std::string(name) + "`";
  if (object.null()) return fail("terraform-value", span, "the value is null and has no attribute " + quoted);
  if (type->is(K::any)) return part_of(object, any_type(), "." + std::string(name), arena);
  if (type->is(K::object) || type->is(K::map)) {
    const Member* member = type->member(name);
    if (type->is(K::object) && !member) {
      std::vector<std::string_view> names;
      for (const Member& one : type->members) names.push_back(one.name);
      const std::string_view near = nearest(name, names);
      return fail("terraform-value", span, "the object has no attribute " + quoted +
                                               (near.empty() ? "" : ": did you mean `" + std::string(near) + "`?"));
    }
    if (object.unknown()) return part_of(object, member ? member->type : type->element, "." + std::string(name), arena);
    const Typed found = member_of(object, name, arena);
    if (!found) {
      std::vector<std::string_view> names;
      for (const Entry& entry : object.value.entries()) names.push_back(entry.key());
      const std::string_view near = nearest(name, names);
      return fail("terraform-value", span, "the map has no element " + quoted +
                                               (near.empty() ? "" : ": did you mean `" + std::string(near) + "`?"));
    }
    return found;
  }
  if ((type->is(K::list) || type->is(K::set)) && type->element->is(K::object))
    return fail("terraform-value", span, "this is a " + friendly_name(type) + ", which has no attributes: take one element, or all with `[*]." +
                                             std::string(name) + "`");
  return fail("terraform-value", span, "this is a " + friendly_name(type) + ", which has no attribute " + quoted);
}

Typed Evaluator::index(Typed collection, Typed key, Span span) {
  if (!collection || !key) return {};
  const Type* type = collection.type;
  if (collection.null()) return fail("terraform-value", span, "the value is null and has no elements");
  if (key.null()) return fail("terraform-value", span, "the index is null");
  const auto keep_secret = [&](Typed result) {
    if (result && (key.value.sensitive() || collection.value.sensitive())) result.value = arena.sensitive(result.value);
    return result;
  };
  const auto unknown_element = [&](const Type* element) {
    std::string step;
    if (key.known() && key.type->is(K::string)) to_json(key.value, step), step = "[" + step + "]";
    else if (key.known() && key.type->primitive()) step = "[" + number_text(key.value) + "]";
    if (collection.unknown() && !step.empty()) return keep_secret(part_of(collection, element, step, arena));
    const Unknown what = (collection.unknown() ? collection : key).value.as_unknown();
    const std::string name = source_text(span);
    const std::string reason = what.reason.starts_with("`") || what.name.empty()
                                   ? std::string(what.reason)
                                   : "`" + std::string(what.name) + "` is not known" + (what.reason.empty() ? "" : ": ") + std::string(what.reason);
    return keep_secret(unknown_of(element, name.empty() ? what.name : name, reason, span, arena));
  };
  if (type->is(K::any)) return unknown_element(any_type());
  std::string why;
  if (type->is(K::list) || type->is(K::tuple)) {
    if (key.type->is(K::any) && key.unknown()) return unknown_element(any_type());
    const Typed number = convert(key, number_type(), arena, why);
    if (!number) return fail("terraform-value", span, "the index of a " + std::string(type->is(K::list) ? "list" : "tuple") + " must be a number: " + why);
    if (number.unknown()) return unknown_element(type->is(K::list) ? type->element : any_type());
    const auto at = whole(number.value);
    const std::size_t size = type->is(K::tuple) ? type->items.size() : collection.unknown() ? max_items : collection.value.size();
    if (!is_whole(number.value)) return fail("terraform-value", span, "the index must be a whole number");
    if (!at || *at < 0 || static_cast<std::size_t>(*at) >= size) {
      return fail("terraform-value", span, "the index `" + number_text(number.value) + "` is out of range: there " +
                                               (size == 0 ? "are no elements" : size == 1 ? "is one element" : "are " + std::to_string(size) + " elements"));
    }
    const auto place = static_cast<std::size_t>(*at);
    if (collection.unknown()) return unknown_element(type->is(K::list) ? type->element : type->items[place]);
    return keep_secret(item_of(collection, place, arena));
  }
  if (type->is(K::map) || type->is(K::object)) {
    const bool object = type->is(K::object);
    if (key.type->is(K::any) && key.unknown()) return unknown_element(object ? any_type() : type->element);
    const Typed text = convert(key, string_type(), arena, why);
    if (!text) return fail("terraform-value", span, "the key must be a string: " + why);
    if (text.unknown()) return unknown_element(object ? any_type() : type->element);
    const std::string_view name = text.value.as_string();
    if (collection.unknown()) {
      if (!object) return unknown_element(type->element);
      return unknown_element(any_type());
    }
    const Typed found = member_of(collection, name, arena);
    // A secret name of an attribute does not make the attribute one.
    if (found) return object ? found : keep_secret(found);
    if (collection.value.sensitive() || text.value.sensitive()) return fail("terraform-value", span, "there is no such element");
    std::vector<std::string_view> names;
    for (const Entry& entry : collection.value.entries()) names.push_back(entry.key());
    const std::string_view near = nearest(name, names);
    return fail("terraform-value", span, "there is no element `" + std::string(name) + "`" +
                                             (near.empty() ? "" : ": did you mean `" + std::string(near) + "`?"));
  }
  if (type->is(K::set)) return fail("terraform-value", span, "the elements of a set have no index: iterate over it, or make it a list with `tolist`");
  return fail("terraform-value", span, "this is a " + friendly_name(type) + ", which has no elements");
}

}  // namespace assay::terraform

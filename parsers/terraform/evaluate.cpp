#include "parsers/terraform/evaluate.hpp"

#include <algorithm>
#include <charconv>

#include "parsers/hcl/unicode.hpp"
#include "parsers/terraform/evaluator.hpp"
#include "parsers/terraform/number.hpp"

namespace assay::terraform {

using hcl::Expression;
using EK = Expression::Kind;
using K = Type::Kind;

namespace {

constexpr std::size_t most_origins = 8;

bool inside(Span inner, Span outer) {
  return inner.source == outer.source && inner.begin >= outer.begin && inner.end <= outer.end;
}

bool ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

const Expression& unwrapped(const Expression& expression) {
  const Expression* at = &expression;
  while (at->kind == EK::parentheses) at = at->parts[0];
  return *at;
}

// A literal index or key as a step.
bool literal_step(const Expression& key, Step& step) {
  if (key.kind == EK::text) {
    step.kind = Step::Kind::key;
    step.name = key.text;
    return true;
  }
  if (key.kind != EK::number) return false;
  step.kind = Step::Kind::index;
  const auto [end, error] = std::from_chars(key.text.data(), key.text.data() + key.text.size(), step.index);
  return error == std::errc() && end == key.text.data() + key.text.size();
}

}  // namespace

bool read_reference(const Expression& expression, Reference& reference, std::vector<Step>& steps) {
  steps.clear();
  const Expression* at = &expression;
  for (;;) {
    Step step;
    step.span = at->span;
    if (at->kind == EK::attribute) {
      step.name = at->text;
    } else if (at->kind == EK::index) {
      if (!literal_step(*at->parts[1], step)) return false;
    } else {
      break;
    }
    steps.push_back(step);
    at = at->parts[0];
  }
  if (at->kind != EK::variable) return false;
  std::reverse(steps.begin(), steps.end());
  reference = {at->text, at->span, steps, expression.span};
  return true;
}

Value first_unknown(Value value) {
  while (value && value.has_unknown() && !value.is_unknown()) {
    Value next;
    for (const Value item : value.items())
      if (!next && item.has_unknown()) next = item;
    for (const Entry& entry : value.entries())
      if (!next && entry.value.has_unknown()) next = entry.value;
    value = next;
  }
  return value && value.is_unknown() ? value : Value();
}

// --- what all need ---

Typed Evaluator::fail(std::string code, Span span, std::string message) {
  diagnostics->error(std::move(code), span, std::move(message));
  return {};
}

bool Evaluator::step(Span span) {
  if (budget.steps > 0) {
    --budget.steps;
    return true;
  }
  if (!budget.reported) fail("terraform-limit", span, "the expression takes more than 5000000 steps: make its collections smaller");
  budget.reported = true;
  return false;
}

std::string Evaluator::source_text(Span span) const {
  Sources* sources = scope.sources();
  if (!sources || !span) return {};
  std::string_view text = sources->text(span);
  std::string out;
  for (const char c : text.substr(0, 200)) {
    if (c == '\n' || c == '\t' || c == '\r' || c == ' ') {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else {
      out += c;
    }
  }
  if (text.size() <= 200 && out.size() <= 80) return out;
  std::size_t end = std::min<std::size_t>(out.size(), 77);
  while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xc0) == 0x80) --end;
  return out.substr(0, end) + "…";
}

Typed Evaluator::derived(Typed result, const Expression& expression, std::span<const Typed> operands) {
  if (!result) return result;
  bool sensitive = false;
  std::vector<Origin> origins;
  for (const Typed& operand : operands) {
    if (!operand) continue;
    sensitive = sensitive || operand.value.has_sensitive();
    const bool elsewhere = operand.value.computed() || (operand.value.span() && !inside(operand.value.span(), expression.span));
    if (elsewhere && origins.size() < most_origins) origins.push_back({operand.value, {}, {}, {}});
  }
  if (!result.value.span() && !result.value.computed())
    result.value = origins.empty() ? arena.placed(result.value, expression.span) : arena.computed(result.value, origins);
  if (sensitive) result.value = arena.sensitive(result.value);
  return result;
}

Typed Evaluator::unknown(const Type* type, const Expression& expression, std::span<const Typed> operands) {
  std::string name = source_text(expression.span), reason;
  for (const Typed& operand : operands) {
    const Value found = first_unknown(operand.value);
    if (!found) continue;
    const Unknown what = found.as_unknown();
    if (name.empty()) name = what.name;
    // The deepest cause is what people must look at.
    if (what.reason.starts_with("`") || what.name.empty()) reason = what.reason;
    else reason = "`" + std::string(what.name) + "` is not known" + (what.reason.empty() ? "" : ": ") + std::string(what.reason);
    break;
  }
  return derived(unknown_of(type, name, reason, {}, arena), expression, operands);
}

const Type* Evaluator::failed_type(const Expression& expression) {
  const Expression& at = unwrapped(expression);
  if (at.kind == EK::templated || at.kind == EK::template_for || at.kind == EK::template_if) return string_type();
  if (at.kind == EK::unary) return at.op == hcl::Operator::not_ ? bool_type() : number_type();
  if (at.kind != EK::binary) return any_type();
  switch (at.op) {
    case hcl::Operator::add: case hcl::Operator::subtract: case hcl::Operator::multiply: case hcl::Operator::divide:
    case hcl::Operator::modulo: case hcl::Operator::negate: return number_type();
    default: return bool_type();
  }
}

// --- names ---

Typed Evaluator::reference(const Expression& expression) {
  // Literal steps from here down to a root name, else to whatever stands there.
  std::vector<const Expression*> chain;
  const Expression* base = &expression;
  std::vector<Step> steps;
  for (; base->kind == EK::attribute || base->kind == EK::index; base = base->parts[0]) {
    Step step;
    step.span = base->span;
    if (base->kind == EK::attribute) step.name = base->text;
    else if (!literal_step(*base->parts[1], step)) break;
    chain.push_back(base);
    steps.push_back(step);
  }
  std::reverse(chain.begin(), chain.end());
  std::reverse(steps.begin(), steps.end());

  Typed value;
  std::size_t done = 0;
  bool named = false;
  if (base->kind == EK::variable) {
    const Binding* binding = bindings;
    while (binding && binding->name != base->text) binding = binding->outer;
    if (binding) {
      value = binding->value;
    } else if (closed) {
      return fail("terraform-reference", base->span, "`" + std::string(base->text) + "` is not among the template's variables: add it to them");
    } else {
      const Resolved resolved = scope.resolve({base->text, base->span, steps, expression.span}, *diagnostics);
      value = resolved.value;
      done = std::min(resolved.steps, steps.size());
      named = true;
    }
  } else if (base->kind == EK::index) {
    const Typed collection = evaluate(*base->parts[0]);
    const Typed key = evaluate(*base->parts[1]);
    value = index(collection, key, base->span);
  } else {
    value = evaluate(*base);
  }
  for (; done < steps.size() && value; ++done) {
    const Step& one = steps[done];
    if (one.kind == Step::Kind::attribute) value = attribute(value, one.name, chain[done]->name_span ? chain[done]->name_span : one.span);
    else if (one.kind == Step::Kind::key) value = index(value, {arena.string(one.name, chain[done]->parts[1]->span), string_type()}, one.span);
    else value = index(value, {arena.integer(one.index, chain[done]->parts[1]->span), number_type()}, one.span);
  }
  if (!value || !named) return value;
  if (value.value.span() || value.value.computed()) value.value = used(value.value, expression.span, arena);
  else value.value = arena.placed(value.value, expression.span);
  return value;
}

// --- constructors ---

Typed Evaluator::tuple(const Expression& expression) {
  std::vector<Value> items;
  std::vector<const Type*> types;
  bool failed = false;
  items.reserve(expression.parts.size());
  types.reserve(expression.parts.size());
  for (const Expression* part : expression.parts) {
    const Typed item = evaluate(*part);
    failed = failed || !item;
    if (failed) continue;
    items.push_back(item.value);
    types.push_back(item.type);
  }
  if (failed) return {};
  return {arena.list(items, expression.span), tuple_type(types)};
}

Typed Evaluator::object(const Expression& expression) {
  std::vector<Entry> entries;
  std::vector<Member> members;
  std::vector<Typed> unknown_keys;
  bool failed = false, sensitive = false;
  for (std::size_t i = 0; i + 1 < expression.parts.size(); i += 2) {
    const Expression& key_expression = *expression.parts[i];
    Typed key = evaluate(key_expression);
    const Typed value = evaluate(*expression.parts[i + 1]);
    if (!key) {
      failed = true;
      continue;
    }
    if (key.null()) {
      fail("terraform-value", key_expression.span, "a key is null: it must be a string");
      failed = true;
      continue;
    }
    sensitive = sensitive || key.value.sensitive();
    std::string why;
    key = convert(key, string_type(), arena, why);
    if (!key) {
      fail("terraform-value", key_expression.span, "this is no key: " + why);
      failed = true;
      continue;
    }
    if (!value) {
      failed = true;
      continue;
    }
    if (key.unknown()) {
      unknown_keys.push_back(key);
      continue;
    }
    const std::string_view text = key.value.as_string();
    entries.push_back({text.data(), static_cast<std::uint32_t>(text.size()), key_expression.span.begin, value.value});
    members.push_back({text, value.type, false});
  }
  if (failed) return {};
  if (!unknown_keys.empty()) return unknown(any_type(), expression, unknown_keys);
  // Of equal keys the last counts.
  std::vector<std::size_t> order(entries.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return entries[a].key() < entries[b].key(); });
  std::vector<Entry> sorted;
  std::vector<Member> kept;
  for (const std::size_t i : order) {
    if (!sorted.empty() && sorted.back().key() == entries[i].key()) {
      sorted.back() = entries[i];
      kept.back() = members[i];
    } else {
      sorted.push_back(entries[i]);
      kept.push_back(members[i]);
    }
  }
  Value value = arena.map(sorted, expression.span);
  if (sensitive) value = arena.sensitive(value);
  return {value, object_type(std::move(kept))};
}

Typed Evaluator::templated(const Expression& expression) {
  std::vector<Typed> operands;
  std::string text;
  bool failed = false, known = true;
  for (const Expression* part : expression.parts) {
    if (part->kind == EK::text) {
      if (known) text += part->text;
      continue;
    }
    Typed value = evaluate(*part);
    if (!value) {
      failed = true;
      continue;
    }
    operands.push_back(value);
    if (value.unknown()) {
      known = false;
      continue;
    }
    if (value.null()) {
      fail("terraform-value", part->span, "the value is null and cannot stand in a string: give it a default with `coalesce` or a condition");
      failed = true;
      continue;
    }
    std::string why;
    const Typed string = convert(value, string_type(), arena, why);
    if (!string) {
      fail("terraform-value", part->span, "the value cannot stand in a string: " + why);
      failed = true;
      continue;
    }
    if (text.size() + string.value.as_string().size() > max_text) {
      fail("terraform-limit", expression.span, "the text is longer than 16 MiB");
      return {};
    }
    if (known) text += string.value.as_string();
  }
  if (failed) return {};
  if (!known) return unknown(string_type(), expression, operands);
  // A template without any value in it is a literal: nothing to copy when it is one piece.
  if (operands.empty() && expression.parts.size() == 1) return {arena.string(expression.parts[0]->text, expression.span), string_type()};
  if (!ascii(text)) text = hcl::normalized(text);
  return derived({arena.string(arena.copy(text), {}), string_type()}, expression, operands);
}

Typed Evaluator::conditional(const Expression& expression) {
  const bool directive = expression.kind == EK::template_if;
  Diagnostics* const outer = diagnostics;
  Diagnostics branch_errors[2];
  Typed branches[2];
  for (int i = 0; i < 2; ++i) {
    diagnostics = &branch_errors[i];
    branches[i] = evaluate(*expression.parts[static_cast<std::size_t>(i) + 1]);
  }
  diagnostics = outer;

  const Type* types[2];
  for (int i = 0; i < 2; ++i) types[i] = branches[i] ? branches[i].type : failed_type(*expression.parts[static_cast<std::size_t>(i) + 1]);
  const auto untyped_null = [&](int i) { return branches[i] && branches[i].null() && types[i]->is(K::any); };
  const Type* type = any_type();
  if (directive) type = string_type();
  else if (untyped_null(0)) type = types[1];
  else if (untyped_null(1)) type = types[0];
  else if (!types[0]->is(K::any) && !types[1]->is(K::any)) type = unify(types);
  if (!type)
    return fail("terraform-type", expression.span,
                "the two results have no common type: one is a " + friendly_name(types[0]) + " (`" + name_of(types[0]) + "`), the other a " +
                    friendly_name(types[1]) + " (`" + name_of(types[1]) + "`); convert one of them");

  const Typed given = evaluate(*expression.parts[0]);
  if (!given) return {};
  if (given.null()) return fail("terraform-value", expression.parts[0]->span, "the condition is null: it must be true or false");
  std::string why;
  const Typed condition = convert(given, bool_type(), arena, why);
  if (!condition) return fail("terraform-type", expression.parts[0]->span, "the condition must be true or false: " + why);
  if (condition.unknown()) {
    // What cannot be evaluated may be the branch that is not taken.
    const Typed operands[] = {condition};
    if (untyped_null(0) && untyped_null(1)) return branches[0];
    Typed result = unknown(type, expression, operands);
    if ((branches[0] && branches[0].value.sensitive()) || (branches[1] && branches[1].value.sensitive())) result.value = arena.sensitive(result.value);
    return result;
  }
  const int taken = condition.value.as_bool() ? 0 : 1;
  outer->append(std::move(branch_errors[taken]));
  if (!branches[taken]) return {};
  Typed result = type->is(K::any) ? branches[taken] : convert(branches[taken], type, arena, why);
  if (!result) return fail("terraform-type", expression.parts[static_cast<std::size_t>(taken) + 1]->span, "the results of a condition must have one type: " + why);
  // What decided belongs to the story, unless it stands right here.
  if (condition.value.computed()) {
    const Origin origins[] = {{result.value, {}, {}, {}}, {condition.value, {}, "decides which value it is", expression.parts[0]->span}};
    result.value = arena.computed(result.value, origins);
  }
  const bool sensitive = condition.value.sensitive() || branches[0].value.sensitive() || branches[1].value.sensitive();
  if (sensitive) result.value = arena.sensitive(result.value);
  return result;
}

Typed Evaluator::evaluate(const Expression& expression) {
  if (!step(expression.span)) return {};
  Typed result;
  switch (expression.kind) {
    case EK::null: return {arena.null(expression.span), any_type()};
    case EK::boolean: return {arena.boolean(expression.flag, expression.span), bool_type()};
    case EK::number: {
      std::int64_t small = 0;
      const auto [end, error] = std::from_chars(expression.text.data(), expression.text.data() + expression.text.size(), small);
      if (error == std::errc() && end == expression.text.data() + expression.text.size()) return {arena.integer(small, expression.span), number_type()};
      return {arena.number(expression.text, expression.span), number_type()};
    }
    case EK::text: return {arena.string(expression.text, expression.span), string_type()};
    case EK::templated: return templated(expression);
    case EK::wrapped: case EK::parentheses: return evaluate(*expression.parts[0]);
    case EK::variable: case EK::attribute: case EK::index: result = reference(expression); break;
    case EK::splat: result = splat(expression); break;
    case EK::item: return item;
    case EK::tuple: result = tuple(expression); break;
    case EK::object: result = object(expression); break;
    case EK::call: result = call(expression); break;
    case EK::conditional: case EK::template_if: return conditional(expression);
    case EK::binary:
      return expression.op == hcl::Operator::and_ || expression.op == hcl::Operator::or_ ? logical(expression) : binary(expression);
    case EK::unary: return unary(expression);
    case EK::for_tuple: result = for_tuple(expression); break;
    case EK::for_object: result = for_object(expression); break;
    case EK::template_for: return template_for(expression);
    case EK::bad: return {};
  }
  if (result && (result.type->depth > max_type_depth || result.type->weight > max_type_weight))
    return fail("terraform-limit", expression.span,
                result.type->depth > max_type_depth ? "the value is nested deeper than 200 levels" : "the value's type has more than 4000000 parts");
  return result;
}

Typed evaluate(const Expression& expression, Scope& scope, Arena& arena, Diagnostics& diagnostics) {
  Budget budget;
  Evaluator evaluator{scope, arena, &diagnostics, budget};
  return evaluator.evaluate(expression);
}

Resolved EmptyScope::resolve(const Reference& reference, Diagnostics& diagnostics) {
  diagnostics.error("terraform-reference", reference.span,
                    "`" + std::string(reference.root) + "` cannot be used here: only constants are allowed");
  return {};
}

// --- what an expression mentions ---

namespace {

struct Mentions {
  std::vector<Mention> found;
  std::vector<std::string_view> bound;

  void walk(const Expression& expression) {
    const Expression* base = &expression;
    std::vector<Step> steps;
    while (base->kind == EK::attribute || base->kind == EK::index) {
      Step step;
      step.span = base->span;
      if (base->kind == EK::attribute) {
        step.name = base->text;
        steps.push_back(step);
      } else if (literal_step(*base->parts[1], step)) {
        steps.push_back(step);
      } else {
        steps.clear();
        walk(*base->parts[1]);
      }
      base = base->parts[0];
    }
    if (base->kind == EK::variable) {
      if (std::find(bound.begin(), bound.end(), base->text) != bound.end()) return;
      std::reverse(steps.begin(), steps.end());
      Mention mention;
      mention.steps = std::move(steps);
      const Span span = mention.steps.empty() ? base->span : mention.steps.back().span;
      mention.reference = {base->text, base->span, {}, span};
      found.push_back(std::move(mention));
      return;
    }
    if (base != &expression) return walk(*base);
    const bool loop = base->kind == EK::for_tuple || base->kind == EK::for_object || base->kind == EK::template_for;
    const std::size_t before = bound.size();
    for (std::size_t i = 0; i < base->parts.size(); ++i) {
      if (loop && i == 1) {
        bound.push_back(base->text);
        bound.push_back(base->text2);
      }
      walk(*base->parts[i]);
    }
    bound.resize(before);
  }
};

}  // namespace

std::vector<Mention> mentions(const Expression& expression) {
  Mentions walker;
  walker.walk(expression);
  for (Mention& mention : walker.found) mention.reference.steps = mention.steps;
  return std::move(walker.found);
}

bool constant(const Expression& expression) {
  switch (expression.kind) {
    case EK::variable: case EK::attribute: case EK::index: case EK::splat: case EK::item: case EK::call:
    case EK::for_tuple: case EK::for_object: case EK::template_for: case EK::bad: return false;
    default: break;
  }
  return std::all_of(expression.parts.begin(), expression.parts.end(), [](const Expression* part) { return constant(*part); });
}

}  // namespace assay::terraform

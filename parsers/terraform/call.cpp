#include <algorithm>
#include <array>
#include <map>

#include "parsers/hcl/parse.hpp"
#include "parsers/hcl/unicode.hpp"
#include "parsers/terraform/evaluator.hpp"
#include "parsers/terraform/function.hpp"
#include "parsers/terraform/number.hpp"

namespace assay::terraform {

using hcl::Expression;
using EK = Expression::Kind;
using K = Type::Kind;

// --- the table ---

namespace {

const Type* read_letters(std::string_view letters, std::size_t& at) {
  const char letter = at < letters.size() ? letters[at++] : 'a';
  switch (letter) {
    case 's': return string_type();
    case 'n': return number_type();
    case 'b': return bool_type();
    case 'L': return list_type(read_letters(letters, at));
    case 'S': return set_type(read_letters(letters, at));
    case 'm': return map_type(read_letters(letters, at));
    default: return any_type();
  }
}

Prepared prepare(const Function& function) {
  Prepared prepared;
  prepared.function = &function;
  std::size_t at = 0;
  prepared.result = read_letters(function.result, at);
  std::string_view rest = function.signature;
  while (!rest.empty()) {
    const auto space = rest.find(' ');
    std::string_view word = rest.substr(0, space);
    rest = space == std::string_view::npos ? std::string_view() : rest.substr(space + 1);
    if (word.ends_with("...")) {
      prepared.variadic = true;
      word.remove_suffix(3);
    }
    const auto colon = word.find(':');
    Parameter parameter;
    parameter.name = word.substr(0, colon);
    word.remove_prefix(colon + 1);
    at = 0;
    parameter.type = read_letters(word, at);
    for (const char flag : word.substr(at)) {
      if (flag == '0') parameter.null = true;
      if (flag == '?') parameter.unknown = true;
      if (flag == '!') parameter.sensitive = true;
    }
    prepared.parameters.push_back(parameter);
  }
  return prepared;
}

// Functions that get expressions rather than values.
constexpr std::array<std::string_view, 4> special = {"can", "templatefile", "templatestring", "try"};

const std::map<std::string_view, Prepared>& table() {
  static const auto* const all = [] {
    auto* made = new std::map<std::string_view, Prepared>;
    for (const auto functions : {number_functions(), string_functions(), format_functions(), collection_functions(), set_functions(),
                                 conversion_functions(), encoding_functions(), hash_functions(), time_functions(), network_functions(),
                                 file_functions(), provider_functions()})
      for (const Function& function : functions) made->emplace(function.name, prepare(function));
    return made;
  }();
  return *all;
}

bool is_special(std::string_view name) { return std::find(special.begin(), special.end(), name) != special.end(); }

std::string_view without_core(std::string_view name) {
  return name.starts_with("core::") ? name.substr(6) : name;
}

}  // namespace

const Prepared* find_function(std::string_view name) {
  const auto found = table().find(without_core(name));
  return found == table().end() ? nullptr : &found->second;
}

std::vector<std::string_view> function_names() {
  std::vector<std::string_view> names(special.begin(), special.end());
  for (const auto& [name, prepared] : table()) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

// --- what functions use ---

Typed Call::string(std::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return view(plain ? arena.copy(text) : arena.copy(hcl::normalized(text)));
}

bool Call::integer(std::size_t i, std::int64_t& out) {
  const auto number = whole(args[i].value);
  if (!number) {
    fail(is_whole(args[i].value) ? "the number is out of range" : "a whole number is required", static_cast<int>(i));
    return false;
  }
  out = *number;
  return true;
}

Typed Call::strings(const std::vector<std::string>& texts) {
  std::vector<Value> items;
  for (const std::string& text : texts) items.push_back(string(text).value);
  return list(items, string_type());
}

Typed Call::tuple(std::span<const Typed> items) {
  std::vector<Value> values;
  std::vector<const Type*> types;
  for (const Typed& item : items) {
    values.push_back(item.value);
    types.push_back(item.type);
  }
  return {arena.list(values, {}), tuple_type(types)};
}

Typed Call::object(std::vector<std::pair<std::string_view, Typed>> given) {
  std::stable_sort(given.begin(), given.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Entry> entries;
  std::vector<Member> members;
  for (const auto& [name, value] : given) {
    if (!entries.empty() && entries.back().key() == name) {
      entries.back().value = value.value;
      members.back().type = value.type;
      continue;
    }
    entries.push_back(entry_of(arena.copy(name), value.value));
    members.push_back({entries.back().key(), value.type, false});
  }
  return {arena.map(entries, {}), object_type(std::move(members))};
}

bool Call::any_unknown() const {
  return std::any_of(args.begin(), args.end(), [](const Typed& arg) { return arg.value.has_unknown(); });
}

Typed Call::unknown_argument(const Type* type) {
  for (const Typed& arg : args)
    if (const Value found = first_unknown(arg.value)) {
      const Unknown what = found.as_unknown();
      return unknown_of(type, what.name, what.reason, {}, arena);
    }
  return unknown(type, {});
}

// --- calling ---

Typed call_function(const Prepared& prepared, Call& call) {
  const auto& parameters = prepared.parameters;
  const std::size_t needed = parameters.size() - (prepared.variadic ? 1 : 0);
  if (call.args.size() < needed)
    return call.fail("`" + std::string(call.name) + "` needs " + (prepared.variadic ? "at least " : "") + std::to_string(needed) +
                     (needed == 1 ? " argument" : " arguments") + ": `" + std::string(parameters[call.args.size()].name) + "` is missing");
  if (!prepared.variadic && call.args.size() > parameters.size())
    return call.fail("`" + std::string(call.name) + "` takes " + std::to_string(parameters.size()) + (parameters.size() == 1 ? " argument" : " arguments"),
                     static_cast<int>(parameters.size()));
  bool unknown = false, untyped = false, sensitive = false;
  for (std::size_t i = 0; i < call.args.size(); ++i) {
    const Parameter& parameter = parameters[std::min(i, parameters.size() - 1)];
    Typed& arg = call.args[i];
    std::string why;
    arg = convert(arg, parameter.type, call.arena, why);
    if (!arg) return call.fail("`" + std::string(parameter.name) + "`: " + why, static_cast<int>(i));
    if (arg.null() && !parameter.null) return call.fail("`" + std::string(parameter.name) + "` is null: it must have a value", static_cast<int>(i));
    if (arg.unknown() && !parameter.unknown) {
      unknown = true;
      untyped = untyped || arg.type->is(K::any);
    }
    if (!parameter.sensitive) sensitive = sensitive || arg.value.has_sensitive();
  }
  call.returns = prepared.result;
  Typed result = unknown ? call.unknown_argument(prepared.result) : prepared.function->implementation(call);
  if (result && sensitive) result.value = call.arena.sensitive(result.value);
  return result;
}

Typed Evaluator::call(const Expression& expression) {
  const std::string_view name = without_core(expression.text);
  const Span name_span = expression.name_span ? expression.name_span : expression.span;
  if (name == "try" || name == "can") return attempt(expression);
  const bool special_name = is_special(name);
  const Prepared* prepared = special_name ? nullptr : find_function(name);

  // Arguments.
  std::vector<Typed> args;
  std::vector<const Expression*> from;
  bool failed = false;
  for (std::size_t i = 0; i < expression.parts.size(); ++i) {
    const Expression& part = *expression.parts[i];
    const Typed arg = evaluate(part);
    if (!arg) {
      failed = true;
      continue;
    }
    if (!expression.flag || i + 1 < expression.parts.size()) {
      args.push_back(arg);
      from.push_back(&part);
      continue;
    }
    if (arg.null()) return fail("terraform-value", part.span, "the argument before `...` is null: it must be a list");
    if (!arg.type->is(K::any) && !arg.type->sequence())
      return fail("terraform-type", part.span, "the argument before `...` must be a list, tuple or set, this is a " + friendly_name(arg.type));
    if (arg.unknown()) return failed ? Typed{} : unknown(any_type(), expression, {&arg, 1});
    for (std::size_t k = 0; k < arg.value.size(); ++k) {
      args.push_back(item_of(arg, k, arena));
      from.push_back(&part);
    }
  }
  if (!prepared && !special_name) {
    if (expression.text.starts_with("provider::")) {
      if (failed) return {};
      const std::string reason = "provider functions are not computed";
      return derived(unknown_of(any_type(), source_text(expression.span), reason, {}, arena), expression, args);
    }
    const auto names = function_names();
    const std::string_view near = nearest(name, names);
    return fail("terraform-function", name_span, "there is no function `" + std::string(expression.text) + "`" +
                                                     (near.empty() ? "" : ": did you mean `" + std::string(near) + "`?"));
  }
  if (failed) return {};
  if (special_name) {
    if (args.size() != 2) return fail("terraform-function", name_span, "`" + std::string(name) + "` takes two arguments");
    return rendered(expression, args[0], args[1]);
  }
  // Functions look at all that they are given, and cost more than an operator.
  std::size_t cost = 8;
  for (const Typed& arg : args) cost += arg.value.size() / 128 + arg.value.as_string().size() / 4096;
  budget.steps -= std::min(budget.steps, cost);
  if (!step(expression.span)) return {};
  Call call{name, args, scope, arena, expression.span, nullptr, *diagnostics, {}, -1};
  const std::vector<Typed> given = args;  // as they were before their conversion: what the result came from
  Typed result = call_function(*prepared, call);
  if (!result) {
    Span span = expression.span;
    if (call.wrong >= 0 && static_cast<std::size_t>(call.wrong) < from.size()) span = from[static_cast<std::size_t>(call.wrong)]->span;
    return fail("terraform-function", span, "in `" + std::string(expression.text) + "`: " + call.error);
  }
  if (result.unknown() && !result.value.span() && !result.value.computed()) {
    // Named for the call, but for the deepest cause.
    const Unknown what = result.value.as_unknown();
    std::string reason(what.reason);
    if (!what.name.empty() && !reason.starts_with("`"))
      reason = "`" + std::string(what.name) + "` is not known" + (reason.empty() ? "" : ": ") + reason;
    const std::string text = source_text(expression.span);
    Typed named = unknown_of(result.type, text.empty() ? what.name : text, reason, {}, arena);
    if (result.value.sensitive()) named.value = arena.sensitive(named.value);
    result = named;
  }
  // Sensitivity is the function's business: a place that would add it is left out.
  if (!result.value.span() && !result.value.computed()) {
    const bool sensitive = result.value.sensitive();
    const Typed with_origins = derived(result, expression, given);
    if (with_origins.value.sensitive() == sensitive) result = with_origins;
    else result.value = arena.placed(result.value, expression.span);
  }
  return result;
}

Typed Evaluator::attempt(const Expression& expression) {
  const bool can = without_core(expression.text) == "can";
  if (expression.parts.empty() || (can && expression.parts.size() != 1))
    return fail("terraform-function", expression.span, can ? "`can` takes one argument" : "`try` needs at least one argument");
  Diagnostics* const outer = diagnostics;
  std::string first_error;
  Span first_span;
  for (const Expression* part : expression.parts) {
    Diagnostics errors;
    diagnostics = &errors;
    const Typed value = evaluate(*part);
    diagnostics = outer;
    if (budget.reported) {
      outer->append(std::move(errors));
      return {};
    }
    if (value) {
      if (value.value.has_unknown()) {
        if (value.unknown() && !can) return {value.value, any_type()};
        return unknown(can ? bool_type() : any_type(), expression, {&value, 1});
      }
      if (!can) return value;
      return derived({arena.boolean(true, {}), bool_type()}, expression, {});
    }
    if (first_error.empty() && !errors.empty()) {
      first_error = errors.all()[0].message;
      first_span = errors.all()[0].span;
    }
  }
  if (can) return {arena.boolean(false, expression.span), bool_type()};
  return fail("terraform-function", first_span ? first_span : expression.span,
              "no argument of `try` could be evaluated" + (first_error.empty() ? "" : "; the first: " + first_error));
}

namespace {

// A copy that views no text of a template's tree, which goes when the template is done. No value: too large.
Value detached(Value value, Arena& arena, std::size_t& parts) {
  if (++parts > max_items) return {};
  Value copy = value;
  switch (value.kind()) {
    case Kind::string: copy = arena.string(arena.copy(value.as_string()), {}); break;
    case Kind::number: copy = arena.number(arena.copy(value.as_string()), {}); break;
    case Kind::list: case Kind::set: {
      std::vector<Value> items;
      for (const Value item : value.items()) {
        items.push_back(detached(item, arena, parts));
        if (!items.back()) return {};
      }
      copy = arena.list(items, {}, value.is(Kind::set));
      break;
    }
    case Kind::map: {
      std::vector<Entry> entries;
      for (const Entry& entry : value.entries()) {
        entries.push_back(entry_of(arena.copy(entry.key()), detached(entry.value, arena, parts)));
        if (!entries.back().value) return {};
      }
      copy = arena.map(entries, {});
      break;
    }
    case Kind::null: case Kind::boolean: case Kind::int64: case Kind::uint64: case Kind::float64: case Kind::bytes:
    case Kind::timestamp: case Kind::duration: case Kind::resource: case Kind::unknown:
      copy = arena.placed(value, {});
      break;
  }
  return value.sensitive() ? arena.sensitive(copy) : copy;
}

}  // namespace

Typed Evaluator::rendered(const Expression& expression, Typed source, Typed variables) {
  const bool file = without_core(expression.text) == "templatefile";
  const Typed operands[] = {source, variables};
  std::string why;
  source = convert(source, string_type(), arena, why);
  if (!source) return fail("terraform-function", expression.parts[0]->span, "`" + std::string(expression.text) + "` needs a string: " + why);
  if (source.null()) return fail("terraform-function", expression.parts[0]->span, "the argument is null");
  if (source.unknown() || variables.unknown()) return unknown(any_type(), expression, operands);
  if (!variables.null() && !variables.type->is(K::map) && !variables.type->is(K::object))
    return fail("terraform-function", expression.parts.back()->span, "a template's variables must be a map or an object, this is a " + friendly_name(variables.type));
  if (variables.null()) return fail("terraform-function", expression.parts.back()->span, "the template's variables are null: write `{}` for none");
  for (const Entry& entry : variables.value.entries()) {
    const std::string_view name = entry.key();
    const bool good = !name.empty() && (std::isalpha(static_cast<unsigned char>(name[0])) || name[0] == '_') &&
                      std::all_of(name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-'; });
    if (!good) return fail("terraform-function", expression.parts.back()->span, "`" + std::string(name) + "` is no name for a template's variable: letters, digits and `_` make one");
  }
  Sources* sources = scope.sources();
  if (!sources) return unknown_of(string_type(), source_text(expression.span), "templates are not read here", expression.span, arena);
  if (budget.calls >= 20) return fail("terraform-limit", expression.span, "templates are nested deeper than 20 levels");

  const Source* text = nullptr;
  if (file) {
    Files* files = scope.files();
    if (!files) return unknown_of(string_type(), source_text(expression.span), "files are not read here", expression.span, arena);
    const Files::Content content = files->read(source.value.as_string());
    if (!content.source) return fail("terraform-function", expression.parts[0]->span, "in `templatefile`: " + content.error);
    text = content.source;
  } else {
    text = &sources->add("template", std::string(source.value.as_string()));
  }
  // The tree lives only as long as it is evaluated; values must not view its texts.
  Diagnostics errors;
  const hcl::File parsed = hcl::parse_template(*text, errors);
  if (errors.errors() > 0 || !parsed.expression) {
    for (Diagnostic& one : std::vector<Diagnostic>(errors.all())) {
      if (!file) one.span = expression.parts[0]->span;
      diagnostics->add(std::move(one));
    }
    return {};
  }
  std::vector<Binding> names;
  names.reserve(variables.value.size());
  for (const Entry& entry : variables.value.entries())
    names.push_back({entry.key(), member_of(variables, entry.key(), arena), names.empty() ? nullptr : &names.back()});
  Evaluator inner{scope, arena, diagnostics, budget, names.empty() ? nullptr : &names.back(), true, {}};
  Diagnostics inside;
  inner.diagnostics = &inside;
  ++budget.calls;
  Typed result = inner.evaluate(*parsed.expression);
  --budget.calls;
  for (Diagnostic& one : std::vector<Diagnostic>(inside.all())) {
    if (!file) one.span = expression.parts[0]->span;
    diagnostics->add(std::move(one));
  }
  if (!result) return {};
  std::size_t parts = 0;
  result.value = detached(result.value, arena, parts);
  if (!result.value) return fail("terraform-limit", expression.span, "the template's result has more than 1000000 parts");
  result = derived(result, expression, operands);
  if (source.value.has_sensitive()) result.value = arena.sensitive(result.value);
  return result;
}

}  // namespace assay::terraform

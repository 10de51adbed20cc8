#include <algorithm>
#include <array>

#include "engine/cel/literals.hpp"
#include "engine/cel/macros.hpp"
#include "engine/cel/program.hpp"
#include "engine/cel/times.hpp"
#include "engine/cel/unify.hpp"
#include "engine/cel/wellknown.hpp"
#include "engine/diagnostic.hpp"
#include "engine/regex.hpp"

namespace assay::cel {
namespace {

struct OperatorName {
  std::string_view function, shown;
};
constexpr std::array<OperatorName, 19> operator_names{{
    {"_?_:_", "? :"}, {"_&&_", "&&"}, {"_||_", "||"}, {"!_", "!"},     {"-_", "-"},       {"_+_", "+"}, {"_-_", "-"},
    {"_*_", "*"},     {"_/_", "/"},   {"_%_", "%"},   {"_==_", "=="},  {"_!=_", "!="},    {"_<_", "<"}, {"_<=_", "<="},
    {"_>_", ">"},     {"_>=_", ">="}, {"@in", "in"},  {"_[_]", "[ ]"}, {"_[?_]", "[? ]"},
}};
std::string_view shown_operator(std::string_view function) {
  for (const OperatorName& name : operator_names) {
    if (name.function == function) return name.shown;
  }
  return {};
}

std::string quote(std::string_view text) { return "`" + std::string(text) + "`"; }

// Assigns types (strict), or only resolves names (lenient: nothing is an issue, everything is dyn). Walks
// the tree by recursion, whose depth is bounded by the parser and, where functions were expanded, by `visit`.
class Checker {
 public:
  Checker(Ast& ast, const Environment& environment, std::vector<Issue>* issues)
      : ast_(ast), environment_(environment), issues_(issues), types_(environment.types()), unify_(types_) {}

  void run(const Type* expected) {
    visit(ast_.root);
    if (issues_ && expected && !unify_.assignable(ast_.root->type, expected)) {
      report(ast_.root->range,
             "the expression must give " + shown(expected) + ", this gives " + shown(ast_.root->type));
    }
    for (Expr& expr : ast_.nodes) expr.type = expr.type ? final_type(expr) : types_.dyn();
  }

 private:
  const Type* primitive(TypeKind kind) const { return types_.primitive(kind); }
  bool lenient() const { return !issues_; }
  const Type* final_type(const Expr& expr) const {
    if (!lenient()) return unify_.substitute(expr.type, true);
    const bool names_type = std::holds_alternative<Ident>(expr.node) && expr.type->kind == TypeKind::type;
    return names_type ? expr.type : types_.dyn();
  }

  // Reporting.

  void report(TextRange range, std::string message) {
    if (issues_) issues_->push_back({range, std::move(message)});
  }
  std::string shown(const Type* type) const { return quote(to_string(unify_.substitute(type, true))); }
  std::string shown(const std::vector<const Type*>& types, std::size_t from = 0) const {
    std::string out;
    for (std::size_t i = from; i < types.size(); ++i) {
      if (!out.empty()) out += ", ";
      out += to_string(unify_.substitute(types[i], true));
    }
    return quote("(" + out + ")");
  }
  TextRange at(const Expr* expr, std::size_t length) const {
    // A macro's nodes and quoted fields are shorter or longer in the text than their names.
    const std::uint32_t end = std::min<std::uint32_t>(expr->at + static_cast<std::uint32_t>(length), expr->range.end);
    return {expr->at, std::max(end, expr->at)};
  }
  TextRange name_range(const Expr* expr, std::string_view name) const {
    const bool quoted = expr->at < ast_.text.size() && ast_.text[expr->at] == '`';
    const std::string_view shown = shown_operator(name);
    if (!shown.empty()) return at(expr, name == "_?_:_" || name == "_[_]" || name == "_[?_]" ? 1 : shown.size());
    return at(expr, name.size() + (quoted ? 2 : 0));
  }
  static std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates) {
    const std::string_view near = nearest(word, candidates);
    return near.empty() ? "" : ", did you mean " + quote(near) + "?";
  }

  // Scopes.

  struct Local {
    std::string name;
    const Type* type;
  };
  const Local* local(std::string_view name) const {
    for (auto it = locals_.rbegin(); it != locals_.rend(); ++it) {
      if (it->name == name) return &*it;
    }
    return nullptr;
  }

  // A variable, constant or type of the environment, or an enumerator.
  bool resolve_global(Expr* expr, std::string_view name, bool shadowed) {
    for (const std::string& candidate : environment_.candidates(name)) {
      const Variable* variable = environment_.variable(candidate);
      const Type* type = variable ? variable->type : nullptr;
      if (!type) {
        if (const Type* named = named_type(candidate)) type = types_.type(named);
      }
      if (!type && candidate == "google.protobuf.NullValue.NULL_VALUE") {  // the one enumerator of ours
        Constant zero;
        zero.value = std::int64_t{0};
        expr->node = std::move(zero);
        expr->type = primitive(TypeKind::int64);
        return true;
      }
      if (!type) continue;
      // A local of the same name must not capture it.
      expr->node = Ident{shadowed ? "." + candidate : candidate};
      expr->type = type;
      return true;
    }
    return false;
  }
  const Type* named_type(std::string_view name) const {
    if (const Type* type = environment_.type_named(name)) return type;
    const WellKnown* message = well_known(name);
    return message ? message->type : nullptr;
  }

  // The parts of a.b.c; empty when it is no plain chain of names.
  static std::vector<std::string_view> qualifiers(const Expr* expr) {
    std::vector<std::string_view> parts;
    while (const Select* select = std::get_if<Select>(&expr->node)) {
      if (select->test_only || select->optional) return {};
      parts.push_back(select->field);
      expr = select->operand;
    }
    const Ident* ident = std::get_if<Ident>(&expr->node);
    if (!ident) return {};
    parts.push_back(ident->name);
    std::reverse(parts.begin(), parts.end());
    return parts;
  }
  static std::string joined(const std::vector<std::string_view>& parts) {
    std::string out;
    for (const std::string_view part : parts) {
      if (!out.empty()) out += '.';
      out += part;
    }
    return out;
  }
  static std::string_view without_dot(std::string_view name) { return name.starts_with('.') ? name.substr(1) : name; }

  // Nodes.

  void visit(Expr* expr) {
    if (depth_ >= depth_limit) {
      if (!too_deep_)
        report(expr->range, "nested too deeply once macros and functions are expanded, split the expression");
      too_deep_ = true;
    } else {
      ++depth_;
      std::visit([&](auto& node) { check(expr, node); }, expr->node);
      --depth_;
    }
    if (!expr->type) expr->type = primitive(TypeKind::error);
  }

  void check(Expr* expr, Constant& constant) {
    static constexpr std::array kinds{TypeKind::null,    TypeKind::boolean, TypeKind::int64, TypeKind::uint64,
                                      TypeKind::float64, TypeKind::string,  TypeKind::bytes};
    expr->type = primitive(kinds[constant.value.index()]);
  }

  void check(Expr* expr, Ident& ident) {
    const Local* shadow = local(without_dot(ident.name));
    if (shadow && !ident.name.starts_with('.')) {
      expr->type = shadow->type;
      return;
    }
    const std::string name = ident.name;
    if (resolve_global(expr, name, shadow != nullptr)) return;
    if (!lenient()) undeclared_variable(expr, name);
    expr->type = primitive(TypeKind::error);
  }

  void undeclared_variable(const Expr* expr, std::string_view name) {
    std::string message = "undeclared reference to " + quote(name);
    for (const std::string_view variable : environment_.variable_names()) {
      const Type* type = environment_.variable(variable)->type;
      const StructType* record =
          type && type->kind == TypeKind::structure ? environment_.structure(type->name) : nullptr;
      if (record && record->index(name)) {
        report(expr->range, message + ", did you mean " + quote(std::string(variable) + "." + std::string(name)) + "?");
        return;
      }
    }
    std::vector<std::string_view> candidates = environment_.variable_names();
    std::erase_if(candidates, [](std::string_view known) { return known.starts_with('@'); });  // nobody can write these
    for (const Local& known : locals_) {
      if (known.name.find_first_of("@#") == std::string::npos) candidates.push_back(known.name);
    }
    if (std::string hint = did_you_mean(name, candidates); !hint.empty()) {
      message += hint;
    } else if (environment_.function(name)) {
      message += "; it is a function, call it: " + quote(std::string(name) + "(…)");
    }
    report(expr->range, std::move(message));
  }

  void check(Expr* expr, Select& select) {
    if (const std::vector<std::string_view> parts = qualifiers(expr); !parts.empty()) {
      const Local* shadow = local(without_dot(parts.front()));
      if (!shadow || parts.front().starts_with('.')) {
        const std::string name = joined(parts);
        // Replaces the node, `select` included.
        if (resolve_global(expr, name, shadow != nullptr)) return;
      }
    }
    visit(select.operand);
    const Type* operand = unify_.substitute(select.operand->type, false);
    const bool was_optional = operand->kind == TypeKind::optional;
    if (was_optional) operand = operand->parameters[0];
    const Type* field = field_type(expr, operand, select.field);
    if (was_optional || select.optional) field = types_.optional(field);
    expr->type = select.test_only ? primitive(TypeKind::boolean) : unify_.substitute(field, false);
  }

  const Type* field_type(Expr* expr, const Type* operand, std::string_view field) {
    switch (operand->kind) {
      case TypeKind::map:
        return operand->parameters[1];
      case TypeKind::structure: {
        const StructType* record = environment_.structure(operand->name);
        if (!record) return types_.dyn();
        if (const auto index = record->index(field)) return record->fields[*index].type;
        std::vector<std::string_view> names;
        for (const Field& known : record->fields) names.push_back(known.name);
        report(name_range(expr, field), shown(operand) + " has no field " + quote(field) + did_you_mean(field, names));
        return primitive(TypeKind::error);
      }
      case TypeKind::variable:
        // Whatever it turns out to be, it cannot be held to a type found later.
        unify_.assignable(types_.dyn(), operand);
        return types_.dyn();
      case TypeKind::dyn:
      case TypeKind::error:
        return types_.dyn();
      case TypeKind::null:
      case TypeKind::boolean:
      case TypeKind::int64:
      case TypeKind::uint64:
      case TypeKind::float64:
      case TypeKind::string:
      case TypeKind::bytes:
      case TypeKind::timestamp:
      case TypeKind::duration:
      case TypeKind::list:
      case TypeKind::type:
      case TypeKind::optional:
      case TypeKind::wrapper:
      case TypeKind::opaque:
        break;
    }
    report(name_range(expr, field),
           "a value of type " + shown(operand) + " has no fields, " +
               (operand->kind == TypeKind::list
                    ? "take an element first, as in `x[0]` or `x.map(e, e." + std::string(field) + ")`"
                    : "only maps and records have"));
    return types_.dyn();
  }

  void check(Expr* expr, Call& call) {
    // What is formatted may be of any types.
    const bool formats = call.function == "format";
    if (formats) ++formatting_;
    check_call(expr, call);
    if (formats) --formatting_;
  }

  void check_call(Expr* expr, Call& call) {
    if (call.function == "cel.@block" && !call.target && call.args.size() == 2) return check_block(expr, call);
    // `a.b(c)` may be the function a.b of a name space, or b called on a.
    const std::vector<std::string_view> parts = call.target ? qualifiers(call.target) : std::vector<std::string_view>();
    const std::string full = parts.empty() ? call.function : joined(parts) + "." + call.function;
    const Function* function = find_function(full);
    const bool member = call.target && (parts.empty() || !function);
    if (member) function = find_function(call.function);
    if (!function && !lenient()) {
      // The arguments are passed over: of a macro misspelt, they name variables that do not exist.
      if (member && !names_space(parts)) {
        visit(call.target);
        return undeclared_function(expr, call.function, true);
      }
      return undeclared_function(expr, full, false);
    }
    for (Expr* arg : call.args) visit(arg);
    if (member) {
      visit(call.target);
    } else if (function) {
      call.target = nullptr;
      call.function = function->name;
    }
    if (function) resolve_overload(expr, call, *function);
  }

  const Function* find_function(std::string_view name) const {
    for (const std::string& candidate : environment_.candidates(name)) {
      if (const Function* function = environment_.function(candidate)) return function;
    }
    return nullptr;
  }
  // Whether a chain of names can only be meant as the namespace of functions.
  bool names_space(const std::vector<std::string_view>& parts) const {
    if (parts.empty() || local(parts.front())) return false;
    for (const std::string& candidate : environment_.candidates(parts.front())) {
      if (environment_.variable(candidate) || named_type(candidate)) return false;
    }
    const std::string prefix = joined(parts) + ".";
    for (const Function* function : environment_.functions()) {
      if (function->name.starts_with(prefix)) return true;
    }
    return false;
  }

  void undeclared_function(const Expr* expr, std::string_view name, bool member) {
    std::string message = "undeclared function " + quote(name);
    const std::size_t dot = name.rfind('.');
    const std::string_view last = dot == std::string_view::npos ? name : name.substr(dot + 1);
    // Macros in a name space belong to a library that the environment may not have.
    const bool spaced = name.starts_with("cel.") || name.starts_with("math.");
    if (const std::string_view usage = macro_usage(last); !usage.empty() && (!spaced || environment_.function("cel.@block"))) {
      message = "wrong use of " + quote(last) + ", write " + quote(usage);
    } else {
      // Within a name space only the last part is compared, or all of it would look alike.
      const std::string space(dot == std::string_view::npos ? std::string_view() : name.substr(0, dot));
      std::vector<std::string_view> candidates = macro_names(space, member);
      for (const Function* function : environment_.functions()) {
        std::string_view known = function->name;
        if (known.find('@') != std::string_view::npos || !shown_operator(known).empty()) continue;
        if (!space.empty()) {
          if (!known.starts_with(space + ".")) continue;
          known.remove_prefix(space.size() + 1);
        }
        const bool fits = std::any_of(function->overloads.begin(), function->overloads.end(),
                                      [&](const Overload& overload) { return overload.member == member; });
        if (fits) candidates.push_back(known);
      }
      const std::string_view near = nearest(last, candidates);
      if (!near.empty())
        message += ", did you mean " + quote(space.empty() ? std::string(near) : space + "." + std::string(near)) + "?";
    }
    report(at(expr, last.size()), std::move(message));
  }

  void resolve_overload(Expr* expr, Call& call, const Function& function) {
    if (lenient()) return;
    std::vector<const Type*> arguments;
    if (call.target) arguments.push_back(call.target->type);
    for (const Expr* arg : call.args) arguments.push_back(arg->type);
    if (function.name == "_&&_" || function.name == "_||_") return check_logic(expr, call);

    const Type* result = nullptr;
    for (const Overload& overload : function.overloads) {
      if (overload.member != (call.target != nullptr) || overload.parameters.size() != arguments.size()) continue;
      std::vector<std::pair<const Type*, const Type*>> renamed;
      std::vector<const Type*> parameters;
      parameters.reserve(arguments.size());
      for (const Type* parameter : overload.parameters) parameters.push_back(unify_.instantiate(parameter, renamed));
      const Type* own_result = unify_.instantiate(overload.result, renamed);
      if (!unify_.assignable(arguments, parameters)) continue;
      own_result = unify_.substitute(own_result, false);
      // Several overloads may fit dyn arguments; then so is the result, unless they agree.
      if (!result) {
        result = own_result;
      } else if (result != own_result) {
        result = types_.dyn();
      }
    }
    if (!result) {
      expr->type = primitive(TypeKind::error);
      return no_overload(expr, call, function, arguments);
    }
    expr->type = result;
    if (environment_.options.literals) check_literal(call, function);
    if (!function.refine) return;
    std::string error;
    const Type* refined = function.refine(*expr, error);
    if (!error.empty()) report(call.args.empty() ? expr->range : call.args[0]->range, std::move(error));
    if (refined) expr->type = refined;
  }

  // A literal that can only fail when it is evaluated.
  void check_literal(const Call& call, const Function& function) {
    const Constant* constant = call.args.empty() ? nullptr : std::get_if<Constant>(&call.args.back()->node);
    const std::string* text = constant ? std::get_if<std::string>(&constant->value) : nullptr;
    if (!text) return;
    const TextRange range = call.args.back()->range;
    if (function.name == "duration" && !parse_duration(*text)) {
      report(range, quote(*text) + " is no duration, write one as `1h30m` or `1.5s`");
    } else if (function.name == "timestamp" && !parse_timestamp(*text)) {
      report(range, quote(*text) + " is no timestamp, write one as `2024-02-29T12:00:00Z`");
    } else if (function.name == "matches") {
      std::string error;
      if (!Regex::compile(*text, error)) report(range, quote(*text) + " is no regular expression of RE2: " + error);
    }
  }

  void check_logic(Expr* expr, const Call& call) {
    expr->type = primitive(TypeKind::boolean);
    for (const Expr* arg : call.args) {
      if (unify_.assignable(arg->type, expr->type)) continue;
      const bool from_macro = arg->range.begin == expr->range.begin && arg->range.end == expr->range.end;
      report(arg->range, (from_macro ? "expected" : quote(shown_operator(call.function)) + " takes") +
                             " `bool`, this is " + shown(arg->type));
    }
  }

  void no_overload(const Expr* expr, const Call& call, const Function& function,
                   const std::vector<const Type*>& arguments) {
    const std::string_view op = shown_operator(function.name);
    if (function.name == "_?_:_" && arguments.size() == 3) {
      if (!unify_.assignable(arguments[0], primitive(TypeKind::boolean))) {
        return report(call.args[0]->range, "the condition must be `bool`, this is " + shown(arguments[0]));
      }
      return report(call.args[2]->range, "both results of `? :` must have one type, these are " + shown(arguments[1]) +
                                             " and " + shown(arguments[2]) + "; convert one, or wrap both in `dyn(…)`");
    }
    const TextRange range = name_range(expr, function.name);
    if (!op.empty()) {
      if (arguments.size() == 1) return report(range, quote(op) + " does not take " + shown(arguments[0]));
      if (function.name == "@in") {
        return report(
            range, shown(arguments[0]) + " cannot be in " + shown(arguments[1]) +
                       (arguments[1]->kind == TypeKind::string ? ", write `.contains(…)` for a part of a string" : ""));
      }
      if (function.name == "_[_]" || function.name == "_[?_]") {
        return report(range, shown(arguments[0]) + " cannot be indexed by " + shown(arguments[1]));
      }
      return report(range, quote(op) + " does not take " + shown(arguments[0]) + " and " + shown(arguments[1]) +
                               ", convert one of them");
    }
    const bool other_style =
        std::none_of(function.overloads.begin(), function.overloads.end(),
                     [&](const Overload& overload) { return overload.member == (call.target != nullptr); });
    if (other_style) {
      return report(range,
                    call.target
                        ? quote(function.name) + " is not called on a value, write " + quote(function.name + "(…)")
                        : quote(function.name) + " is called on a value, write " + quote("x." + function.name + "(…)"));
    }
    std::string wanted;
    std::size_t listed = 0;
    for (const Overload& overload : function.overloads) {
      if (overload.member != (call.target != nullptr)) continue;
      if (overload.member && !could_be(arguments[0], overload.parameters[0])) continue;
      if (++listed > 4) {
        wanted += " …";
        break;
      }
      wanted += (wanted.empty() ? "" : " or ") + shown(overload.parameters, overload.member ? 1 : 0);
    }
    const std::string given = call.target ? "on " + shown(arguments[0]) + " does not take " + shown(arguments, 1)
                                          : "does not take " + shown(arguments);
    if (call.target && wanted.empty()) {
      std::string receivers;
      for (const Overload& overload : function.overloads) {
        if (!overload.member || receivers.find(shown(overload.parameters[0])) != std::string::npos) continue;
        receivers += (receivers.empty() ? "" : " or ") + shown(overload.parameters[0]);
      }
      return report(range, quote(function.name) + " is called on " + receivers + ", not on " + shown(arguments[0]));
    }
    report(range, quote(function.name) + " " + given + (wanted.empty() ? "" : ", it takes " + wanted));
  }
  bool could_be(const Type* argument, const Type* parameter) {
    std::vector<std::pair<const Type*, const Type*>> renamed;
    return unify_.assignable(argument, unify_.instantiate(parameter, renamed));
  }

  void check_block(Expr* expr, Call& call) {
    const std::size_t scope = locals_.size();
    visit_block_elements(call.args[0]);
    visit(call.args[1]);
    locals_.resize(scope);
    expr->type = call.args[1]->type;
  }
  // Each element sees those before it.
  void visit_block_elements(Expr* list) {
    CreateList& made = std::get<CreateList>(list->node);
    for (std::size_t i = 0; i < made.elements.size(); ++i) {
      visit(made.elements[i]);
      locals_.push_back({"@index" + std::to_string(i), lenient() ? types_.dyn() : made.elements[i]->type});
    }
    list->type = primitive(TypeKind::list);
  }

  void check(Expr* expr, CreateList& list) {
    const Type* element = nullptr;
    std::size_t next_optional = 0;
    for (std::size_t i = 0; i < list.elements.size(); ++i) {
      Expr* value = list.elements[i];
      visit(value);
      const bool optional = next_optional < list.optional_indices.size() && list.optional_indices[next_optional] == i;
      if (optional) ++next_optional;
      element = join(element, optional ? unwrap_optional(value) : value->type, value);
    }
    expr->type = types_.list(element ? element : unify_.fresh());
  }

  void check_map(Expr* expr, CreateStruct& made) {
    const Type* key = nullptr;
    const Type* value = nullptr;
    for (CreateStruct::Item& item : made.items) {
      visit(item.key);
      key = join(key, item.key->type, item.key);
      visit(item.value);
      value = join(value, item.optional ? unwrap_optional(item.value) : item.value->type, item.value);
    }
    if (!key) {
      key = unify_.fresh();
      value = unify_.fresh();
    }
    expr->type = types_.map(key, value);
  }

  const Type* join(const Type* previous, const Type* current, const Expr* expr) {
    if (!previous) return current;
    if (unify_.assignable(previous, current)) return unify_.most_general(previous, current);
    if (!environment_.options.homogeneous || formatting_ > 0) return types_.dyn();
    report(expr->range, "expected " + shown(previous) + " as before, this is " + shown(current) +
                            "; wrap the elements in `dyn(…)` to mix types");
    return primitive(TypeKind::error);
  }

  // The type inside the optional that stands behind a `?`.
  const Type* unwrap_optional(const Expr* value) {
    const Type* type = unify_.substitute(value->type, false);
    if (type->kind == TypeKind::optional) return type->parameters[0];
    if (type->kind != TypeKind::dyn && type->kind != TypeKind::error) {
      report(value->range,
             "behind `?` stands an optional, this is " + shown(type) + "; wrap it in `optional.of(…)` or drop the `?`");
    }
    return type;
  }

  void check(Expr* expr, CreateStruct& made) {
    if (made.message_name.empty()) return check_map(expr, made);
    const WellKnown* message = nullptr;
    bool is_type = false;
    for (const std::string& candidate : environment_.candidates(made.message_name)) {
      message = well_known(candidate);
      is_type = environment_.type_named(candidate) != nullptr;
      if (message) made.message_name = candidate;
      if (message || is_type) break;
    }
    if (!message) {
      report(at(expr, made.message_name.size()),
             is_type ? quote(made.message_name) +
                           " cannot be made by an expression, only messages of `google.protobuf` and maps can"
                     : "undeclared message type " + quote(made.message_name) +
                           ", write a map with quoted keys: " + quote("{\"key\": value}"));
    }
    expr->type = message ? message->type : primitive(TypeKind::error);
    for (CreateStruct::Item& item : made.items) {
      visit(item.value);
      if (!message) continue;
      const auto field = std::find_if(message->fields.begin(), message->fields.end(),
                                      [&](const Field& f) { return f.name == item.field; });
      if (field == message->fields.end()) {
        std::vector<std::string_view> names;
        for (const Field& known : message->fields) names.push_back(known.name);
        report(item.range,
               quote(made.message_name) + " has no field " + quote(item.field) + did_you_mean(item.field, names));
        continue;
      }
      const Type* value = item.optional ? unwrap_optional(item.value) : item.value->type;
      if (!unify_.assignable(field->type, value)) {
        report(item.value->range,
               "the field " + quote(item.field) + " takes " + shown(field->type) + ", this is " + shown(value));
      }
    }
  }

  void check(Expr* expr, Comprehension& fold) {
    visit(fold.range);
    visit(fold.initial);
    const Type* range = unify_.substitute(fold.range->type, false);
    const Type* accumulator = lenient() ? types_.dyn() : fold.initial->type;
    const Type* first = types_.dyn();
    const Type* second = types_.dyn();
    switch (range->kind) {
      case TypeKind::list:
        first = range->parameters[0];
        if (!fold.variable2.empty()) {
          second = first;
          first = primitive(TypeKind::int64);
        }
        break;
      case TypeKind::map:
        first = range->parameters[0];
        second = range->parameters[1];
        break;
      case TypeKind::variable:
        unify_.assignable(types_.dyn(), range);
        break;
      case TypeKind::dyn:
      case TypeKind::error:
        break;
      case TypeKind::null:
      case TypeKind::boolean:
      case TypeKind::int64:
      case TypeKind::uint64:
      case TypeKind::float64:
      case TypeKind::string:
      case TypeKind::bytes:
      case TypeKind::timestamp:
      case TypeKind::duration:
      case TypeKind::type:
      case TypeKind::optional:
      case TypeKind::wrapper:
      case TypeKind::structure:
      case TypeKind::opaque:
        report(fold.range->range,
               "only a list or a map has elements to go through, this is " + shown(range) +
                   (range->kind == TypeKind::optional ? "; give it a default with `.orValue(…)`" : ""));
        first = second = primitive(TypeKind::error);
        break;
    }
    if (lenient()) first = second = types_.dyn();
    const std::size_t scope = locals_.size();
    locals_.push_back({fold.accumulator, accumulator});
    locals_.push_back({fold.variable, first});
    if (!fold.variable2.empty()) locals_.push_back({fold.variable2, second});
    visit(fold.condition);
    visit(fold.step);
    if (!lenient()) {
      require(fold.condition, primitive(TypeKind::boolean));
      require(fold.step, accumulator);
    }
    locals_.resize(scope + 1);
    visit(fold.result);
    locals_.resize(scope);
    expr->type = lenient() ? types_.dyn() : unify_.substitute(fold.result->type, false);
  }
  void require(const Expr* expr, const Type* type) {
    if (unify_.assignable(expr->type, type)) return;
    report(expr->range, "expected " + shown(type) + ", this is " + shown(expr->type));
  }

  Ast& ast_;
  const Environment& environment_;
  std::vector<Issue>* issues_;
  TypeTable& types_;
  Unifier unify_;
  std::vector<Local> locals_;
  // The parser's limit, each level of which a macro can make five; helper functions may go beyond.
  static constexpr int depth_limit = 1500;
  int depth_ = 0;
  bool too_deep_ = false;
  int formatting_ = 0;  // calls of `format` around the node
};

}  // namespace

bool check(Ast& ast, const Environment& environment, std::vector<Issue>& issues, const Type* expected) {
  const std::size_t before = issues.size();
  Checker(ast, environment, &issues).run(expected);
  if (issues.size() == before && environment.options.homogeneous) check_literals(ast, issues);
  return issues.size() == before;
}

void resolve(Ast& ast, const Environment& environment) { Checker(ast, environment, nullptr).run(nullptr); }

}  // namespace assay::cel

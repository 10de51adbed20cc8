#include "engine/cel/macros.hpp"

#include <array>

namespace assay::cel {
namespace {

constexpr std::string_view accumulator = "@result";
constexpr std::string_view unused = "#unused";
constexpr std::string_view let_target = "#target";

using Args = std::vector<Expr*>;

// Shorthands for nodes of an expansion.
struct Maker {
  MacroContext& context;

  template <class Node>
  Expr* add(Node node) {
    return context.build.add(std::move(node), context.range, context.at);
  }
  Expr* ident(std::string_view name) { return add(Ident{std::string(name)}); }
  Expr* result() { return ident(accumulator); }
  Expr* boolean(bool value) {
    Constant constant;
    constant.value = value;
    return add(std::move(constant));
  }
  Expr* integer(std::int64_t value) {
    Constant constant;
    constant.value = value;
    return add(std::move(constant));
  }
  Expr* call(std::string_view function, Args args) {
    return add(Call{std::string(function), nullptr, std::move(args)});
  }
  Expr* method(std::string_view function, Expr* target) { return add(Call{std::string(function), target, {}}); }
  Expr* list(std::vector<Expr*> elements) { return add(CreateList{std::move(elements), {}}); }
  Expr* map() { return add(CreateStruct{}); }
  Expr* let(std::string_view name, Expr* value, Expr* body, Macro macro) {
    Expr* made = add(
        Comprehension{list({}), std::string(unused), "", std::string(name), value, boolean(false), ident(name), body});
    made->macro = {macro, nullptr, body};
    return made;
  }
  Expr* fail(const Expr* where, std::string message) {
    context.issues.push_back({where ? where->range : context.range, std::move(message)});
    return nullptr;
  }
  std::string called() const { return "`" + std::string(context.function) + "`"; }
};

const std::string* simple_name(const Expr* expr) {
  const Ident* ident = std::get_if<Ident>(&expr->node);
  return ident && ident->name.find('.') == std::string::npos ? &ident->name : nullptr;
}

// The name of a loop or let variable, or null with an issue.
const std::string* variable_name(Maker& make, const Expr* expr) {
  const std::string* name = simple_name(expr);
  if (!name) make.fail(expr, "the variable of " + make.called() + " must be a simple name");
  return name;
}

Expr* has(Maker& make, Expr*, Args& args) {
  Select* select = std::get_if<Select>(&args[0]->node);
  if (!select || select->test_only || select->optional) {
    return make.fail(args[0], "`has` takes a field selection, as in `has(a.b)`");
  }
  Expr* made = make.add(Select{select->operand, select->field, true, false});
  made->at = args[0]->at;
  return made;
}

// What the folds share: the variables in front and the expressions behind.
struct Fold {
  std::string variable, variable2;
  std::vector<Expr*> rest;
};
bool fold(Maker& make, const Args& args, std::size_t variables, Fold& out) {
  const std::string* name = variable_name(make, args[0]);
  if (!name) return false;
  out.variable = *name;
  if (variables == 2) {
    const std::string* second = variable_name(make, args[1]);
    if (!second) return false;
    if (*second == *name) {
      make.fail(args[1], "both variables of " + make.called() + " are called `" + *name + "`, rename one");
      return false;
    }
    out.variable2 = *second;
  }
  out.rest.assign(args.begin() + static_cast<std::ptrdiff_t>(variables), args.end());
  return true;
}
Expr* comprehension(Maker& make, Expr* target, const Fold& fold, Expr* initial, Expr* condition, Expr* step,
                    Expr* result, MacroCall macro) {
  Expr* made = make.add(
      Comprehension{target, fold.variable, fold.variable2, std::string(accumulator), initial, condition, step, result});
  made->macro = macro;
  return made;
}

template <std::size_t variables>
Expr* all(Maker& make, Expr* target, Args& args) {
  Fold f;
  if (!fold(make, args, variables, f)) return nullptr;
  return comprehension(make, target, f, make.boolean(true), make.call("@not_strictly_false", {make.result()}),
                       make.call("_&&_", {make.result(), f.rest[0]}), make.result(), {Macro::all, f.rest[0], nullptr});
}

template <std::size_t variables>
Expr* exists(Maker& make, Expr* target, Args& args) {
  Fold f;
  if (!fold(make, args, variables, f)) return nullptr;
  return comprehension(
      make, target, f, make.boolean(false), make.call("@not_strictly_false", {make.call("!_", {make.result()})}),
      make.call("_||_", {make.result(), f.rest[0]}), make.result(), {Macro::exists, f.rest[0], nullptr});
}

template <std::size_t variables>
Expr* exists_one(Maker& make, Expr* target, Args& args) {
  Fold f;
  if (!fold(make, args, variables, f)) return nullptr;
  Expr* count = make.call("_+_", {make.result(), make.integer(1)});
  return comprehension(make, target, f, make.integer(0), make.boolean(true),
                       make.call("_?_:_", {f.rest[0], count, make.result()}),
                       make.call("_==_", {make.result(), make.integer(1)}), {Macro::exists_one, f.rest[0], nullptr});
}

// map and transformList: append; a predicate keeps elements out.
template <std::size_t variables, Macro plain, Macro filtered>
Expr* map(Maker& make, Expr* target, Args& args) {
  Fold f;
  if (!fold(make, args, variables, f)) return nullptr;
  Expr* predicate = f.rest.size() == 2 ? f.rest[0] : nullptr;
  Expr* transform = f.rest.back();
  Expr* step = make.call("_+_", {make.result(), make.list({transform})});
  if (predicate) step = make.call("_?_:_", {predicate, step, make.result()});
  return comprehension(make, target, f, make.list({}), make.boolean(true), step, make.result(),
                       {predicate ? filtered : plain, predicate, transform});
}

Expr* filter(Maker& make, Expr* target, Args& args) {
  Fold f;
  if (!fold(make, args, 1, f)) return nullptr;
  Expr* step = make.call("_+_", {make.result(), make.list({make.ident(f.variable)})});
  step = make.call("_?_:_", {f.rest[0], step, make.result()});
  return comprehension(make, target, f, make.list({}), make.boolean(true), step, make.result(),
                       {Macro::filter, f.rest[0], nullptr});
}

// transformMap inserts the transform under the key, transformMapEntry the entries of the map it gives.
template <Macro kind>
Expr* transform_map(Maker& make, Expr* target, Args& args) {
  Fold f;
  if (!fold(make, args, 2, f)) return nullptr;
  Expr* predicate = f.rest.size() == 2 ? f.rest[0] : nullptr;
  Expr* transform = f.rest.back();
  Expr* step = kind == Macro::transform_map
                   ? make.call("cel.@mapInsert", {make.result(), make.ident(f.variable), transform})
                   : make.call("cel.@mapInsert", {make.result(), transform});
  if (predicate) step = make.call("_?_:_", {predicate, step, make.result()});
  return comprehension(make, target, f, make.map(), make.boolean(true), step, make.result(),
                       {kind, predicate, transform});
}

// target.hasValue() ? optional.of(let x = target.value() in transform) : optional.none()
template <Macro kind>
Expr* opt_map(Maker& make, Expr* target, Args& args) {
  const std::string* name = variable_name(make, args[0]);
  if (!name) return nullptr;
  const Ident* ident = std::get_if<Ident>(&target->node);
  const auto held = [&] { return make.ident(ident ? std::string_view(ident->name) : let_target); };
  Expr* value = make.let(*name, make.method("value", held()), args[1], Macro::bind);
  if (kind == Macro::opt_map) value = make.call("optional.of", {value});
  Expr* made =
      make.call("_?_:_", {make.method("hasValue", ident ? target : held()), value, make.call("optional.none", {})});
  if (!ident) made = make.let(let_target, target, made, kind);
  made->macro = {kind, nullptr, args[1]};
  return made;
}

Expr* bind(Maker& make, Expr*, Args& args) {
  const std::string* name = variable_name(make, args[0]);
  return name ? make.let(*name, args[1], args[2], Macro::bind) : nullptr;
}

// let list = target in list.@sortByAssociatedKeys(list.map(x, key))
Expr* sort_by(Maker& make, Expr* target, Args& args) {
  constexpr std::string_view list = "@__sortBy_input__";
  Expr* keys = map<1, Macro::map, Macro::map_filter>(make, make.ident(list), args);
  if (!keys) return nullptr;
  return make.let(list, target, make.add(Call{"@sortByAssociatedKeys", make.ident(list), {keys}}), Macro::bind);
}

// Whether a literal argument can never be a number; anything that is not a literal is for the checker.
bool never_numeric(const Expr* expr) {
  if (const Constant* constant = std::get_if<Constant>(&expr->node)) {
    return !std::holds_alternative<std::int64_t>(constant->value) &&
           !std::holds_alternative<std::uint64_t>(constant->value) && !std::holds_alternative<double>(constant->value);
  }
  return std::holds_alternative<CreateList>(expr->node) || std::holds_alternative<CreateStruct>(expr->node);
}

Expr* extreme(Maker& make, Args& args, std::string_view function) {
  if (args.empty()) return make.fail(nullptr, make.called() + " needs at least one argument");
  if (args.size() == 1) {
    const CreateList* list = std::get_if<CreateList>(&args[0]->node);
    if (list && list->elements.empty()) return make.fail(args[0], make.called() + " of an empty list has no value");
    for (const Expr* element : list ? list->elements : Args{}) {
      if (never_numeric(element)) return make.fail(element, make.called() + " takes numbers");
    }
    if (!list && never_numeric(args[0]))
      return make.fail(args[0], make.called() + " takes numbers or a list of numbers");
    return make.call(function, {args[0]});
  }
  for (const Expr* arg : args) {
    if (never_numeric(arg)) return make.fail(arg, make.called() + " takes numbers");
  }
  return args.size() == 2 ? make.call(function, args) : make.call(function, {make.list(args)});
}
Expr* greatest(Maker& make, Expr*, Args& args) { return extreme(make, args, "math.@max"); }
Expr* least(Maker& make, Expr*, Args& args) { return extreme(make, args, "math.@min"); }

// The test-only macros of the conformance suite's block_ext.
Expr* block(Maker& make, Expr*, Args& args) {
  if (!std::holds_alternative<CreateList>(args[0]->node))
    return make.fail(args[0], "`cel.block` takes a list literal first");
  return make.call("cel.@block", args);
}
bool number_of(Maker& make, const Expr* expr, std::string& out) {
  const Constant* constant = std::get_if<Constant>(&expr->node);
  const std::int64_t* value = constant ? std::get_if<std::int64_t>(&constant->value) : nullptr;
  if (!value || *value < 0) {
    make.fail(expr, make.called() + " takes whole numbers");
    return false;
  }
  out += std::to_string(*value);
  return true;
}
Expr* index(Maker& make, Expr*, Args& args) {
  std::string name = "@index";
  return number_of(make, args[0], name) ? make.ident(name) : nullptr;
}
Expr* numbered(Maker& make, const Args& args, std::string name) {
  if (!number_of(make, args[0], name)) return nullptr;
  name += ':';
  return number_of(make, args[1], name) ? make.ident(name) : nullptr;
}
Expr* iteration_variable(Maker& make, Expr*, Args& args) { return numbered(make, args, "@it:"); }
Expr* accumulator_variable(Maker& make, Expr*, Args& args) { return numbered(make, args, "@ac:"); }

constexpr int any_number = -1;
struct MacroEntry {
  std::string_view space;  // "cel" in cel.bind(…); empty with `member`: any receiver
  std::string_view name;
  bool member;
  int arguments;
  Expr* (*expand)(Maker&, Expr* target, Args& args);
  std::string_view usage = {};
  bool test_only = false;
};
constexpr std::array macros{
    MacroEntry{"", "has", false, 1, has, "has(a.b)"},
    MacroEntry{"", "all", true, 2, all<1>, "list.all(x, condition)"},
    MacroEntry{"", "all", true, 3, all<2>},
    MacroEntry{"", "exists", true, 2, exists<1>, "list.exists(x, condition)"},
    MacroEntry{"", "exists", true, 3, exists<2>},
    MacroEntry{"", "exists_one", true, 2, exists_one<1>, "list.exists_one(x, condition)"},
    MacroEntry{"", "exists_one", true, 3, exists_one<2>},
    MacroEntry{"", "existsOne", true, 2, exists_one<1>, "list.existsOne(x, condition)"},
    MacroEntry{"", "existsOne", true, 3, exists_one<2>},
    MacroEntry{"", "map", true, 2, map<1, Macro::map, Macro::map_filter>, "list.map(x, value)"},
    MacroEntry{"", "map", true, 3, map<1, Macro::map, Macro::map_filter>},
    MacroEntry{"", "filter", true, 2, filter, "list.filter(x, condition)"},
    MacroEntry{"", "transformList", true, 3, map<2, Macro::transform_list, Macro::transform_list>,
               "list.transformList(i, x, value)"},
    MacroEntry{"", "transformList", true, 4, map<2, Macro::transform_list, Macro::transform_list>},
    MacroEntry{"", "transformMap", true, 3, transform_map<Macro::transform_map>, "map.transformMap(k, v, value)"},
    MacroEntry{"", "transformMap", true, 4, transform_map<Macro::transform_map>},
    MacroEntry{"", "transformMapEntry", true, 3, transform_map<Macro::transform_map_entry>,
               "map.transformMapEntry(k, v, {key: value})"},
    MacroEntry{"", "transformMapEntry", true, 4, transform_map<Macro::transform_map_entry>},
    MacroEntry{"", "optMap", true, 2, opt_map<Macro::opt_map>, "optional.optMap(x, value)"},
    MacroEntry{"", "optFlatMap", true, 2, opt_map<Macro::opt_flat_map>, "optional.optFlatMap(x, optional)"},
    MacroEntry{"", "sortBy", true, 2, sort_by, "list.sortBy(x, key)"},
    MacroEntry{"cel", "bind", true, 3, bind, "cel.bind(x, value, result)"},
    MacroEntry{"math", "greatest", true, any_number, greatest, "math.greatest(a, b)"},
    MacroEntry{"math", "least", true, any_number, least, "math.least(a, b)"},
    MacroEntry{"cel", "block", true, 2, block, {}, true},
    MacroEntry{"cel", "index", true, 1, index, {}, true},
    MacroEntry{"cel", "iterVar", true, 2, iteration_variable, {}, true},
    MacroEntry{"cel", "accuVar", true, 2, accumulator_variable, {}, true},
};

}  // namespace

Expr* expand(MacroContext& context, Expr* target, std::vector<Expr*>& args, const ParseLimits& limits) {
  for (const MacroEntry& macro : macros) {
    if (macro.name != context.function || macro.member != (target != nullptr) || (macro.test_only && !limits.test_macros))
      continue;
    if (macro.arguments != any_number && static_cast<std::size_t>(macro.arguments) != args.size()) continue;
    if (!macro.space.empty()) {
      const std::string* space = simple_name(target);
      if (!space || *space != macro.space || (!limits.bindings && !macro.test_only)) continue;
    }
    Maker make{context};
    return macro.expand(make, target, args);
  }
  return nullptr;
}

std::string_view macro_usage(std::string_view name) {
  for (const MacroEntry& macro : macros) {
    if (macro.name == name && !macro.usage.empty()) return macro.usage;
  }
  return {};
}

std::vector<std::string_view> macro_names(std::string_view space, bool member) {
  std::vector<std::string_view> names;
  for (const MacroEntry& macro : macros) {
    if (macro.space == space && !macro.usage.empty() && macro.member == (member || !space.empty()))
      names.push_back(macro.name);
  }
  return names;
}

}  // namespace assay::cel

#include "tests/celrun/reference.hpp"

#include <optional>
#include <random>

#include "tests/celrun/support.hpp"

namespace reference {

using assay::cel::Call;
using assay::cel::Comprehension;
using assay::cel::Constant;
using assay::cel::CreateList;
using assay::cel::CreateStruct;
using assay::cel::Expr;
using assay::cel::Ident;
using assay::cel::Macro;
using assay::cel::Select;

Data make(Data::Kind kind) { Data d; d.kind = kind; return d; }
Data of_bool(bool b) { Data d = make(Data::boolean); d.b = b; return d; }
Data of_int(std::int64_t i) { Data d = make(Data::integer); d.i = i; return d; }
Data of_text(std::string s) { Data d = make(Data::text); d.s = std::move(s); return d; }
Data of_list(std::vector<Data> items) { Data d = make(Data::list); d.items = std::move(items); return d; }
Data of_unknown(std::string name) { Data d = make(Data::unknown); d.unknowns.insert(std::move(name)); return d; }
Data failure() { return make(Data::error); }
Data some(Data held) { Data d = make(Data::some); d.items.push_back(std::move(held)); return d; }

// Unknowns together, else an error, else nothing.
std::optional<Data> failed(const std::vector<Data>& all) {
  Data unknown = make(Data::unknown);
  bool has_unknown = false, has_error = false;
  for (const Data& d : all) {
    if (d.kind == Data::unknown) { has_unknown = true; unknown.unknowns.insert(d.unknowns.begin(), d.unknowns.end()); }
    if (d.kind == Data::error) has_error = true;
  }
  if (has_unknown) return unknown;
  if (has_error) return failure();
  return {};
}

Data equal(const Data& a, const Data& b) {
  if (a.failed() || b.failed()) return *failed({a, b});
  if (a.kind != b.kind) return of_bool(false);
  std::vector<Data> parts;
  switch (a.kind) {
    case Data::null: case Data::none: return of_bool(true);
    case Data::boolean: return of_bool(a.b == b.b);
    case Data::integer: return of_bool(a.i == b.i);
    case Data::text: return of_bool(a.s == b.s);
    case Data::list: case Data::some:
      if (a.items.size() != b.items.size()) return of_bool(false);
      for (std::size_t i = 0; i < a.items.size(); ++i) parts.push_back(equal(a.items[i], b.items[i]));
      break;
    case Data::map:
      if (a.entries.size() != b.entries.size()) return of_bool(false);
      for (const auto& [key, value] : a.entries) {
        bool found = false;
        for (const auto& [other_key, other] : b.entries) {
          if (!equal(key, other_key).b) continue;
          found = true;
          parts.push_back(equal(value, other));
          break;
        }
        if (!found) return of_bool(false);
      }
      break;
    case Data::unknown: case Data::error: break;
  }
  for (const Data& part : parts) if (part.kind == Data::boolean && !part.b) return part;
  if (const auto f = failed(parts)) return *f;
  return of_bool(true);
}

std::string show(const Data& d) {
  std::string out;
  switch (d.kind) {
    case Data::null: return "null";
    case Data::boolean: return d.b ? "true" : "false";
    case Data::integer: return std::to_string(d.i);
    case Data::text: return "\"" + d.s + "\"";
    case Data::list:
      for (const Data& item : d.items) out += (out.empty() ? "" : ", ") + show(item);
      return "[" + out + "]";
    case Data::map:
      for (const auto& [key, value] : d.entries) out += (out.empty() ? "" : ", ") + show(key) + ": " + show(value);
      return "{" + out + "}";
    case Data::none: return "optional.none()";
    case Data::some: return "optional.of(" + show(d.items[0]) + ")";
    case Data::unknown:
      for (const std::string& name : d.unknowns) out += (out.empty() ? "" : ", ") + name;
      return "unknown(" + out + ")";
    case Data::error: return "error";
  }
  return {};
}

namespace {

std::optional<Data> lookup(const Data& map, const Data& key) {
  for (const auto& [k, v] : map.entries) if (equal(k, key).b && k.kind == key.kind) return v;
  return {};
}

// What there is under a field or index: nothing, or a value, which may be a failure.
std::optional<Data> field(const Data& base, const std::string& name) {
  if (base.failed()) return base;
  if (base.kind == Data::map) return lookup(base, of_text(name));
  if (base.kind == Data::some) return field(base.items[0], name);
  return {};
}
std::optional<Data> element(const Data& base, const Data& key) {
  if (const auto f = failed({base, key})) return f;
  if (base.kind == Data::none) return {};
  if (base.kind == Data::some) return element(base.items[0], key);
  if (base.kind == Data::list) {
    if (key.kind != Data::integer) return failure();
    if (key.i < 0 || key.i >= static_cast<std::int64_t>(base.items.size())) return {};
    return base.items[static_cast<std::size_t>(key.i)];
  }
  if (base.kind == Data::map) {
    if (key.kind != Data::integer && key.kind != Data::text && key.kind != Data::boolean) return failure();
    return lookup(base, key);
  }
  return failure();
}
Data wrap(const std::optional<Data>& found) {
  if (!found) return make(Data::none);
  return found->failed() ? *found : some(*found);
}

Data logical(const Data& a, const Data& b, bool decides) {
  for (const Data* side : {&a, &b}) if (side->kind == Data::boolean && side->b == decides) return *side;
  std::vector<Data> sides;
  for (const Data* side : {&a, &b}) sides.push_back(side->kind == Data::boolean || side->failed() ? *side : failure());
  if (const auto f = failed(sides)) return *f;
  return of_bool(!decides);
}

Data call(const Call& call, const Scope& scope) {
  const std::string& f = call.function;
  std::vector<Data> args;
  if (call.target) args.push_back(evaluate(call.target, scope));
  if (f == "_?_:_") {
    const Data condition = evaluate(call.args[0], scope);
    if (condition.failed()) return condition;
    if (condition.kind != Data::boolean) return failure();
    return evaluate(call.args[condition.b ? 1 : 2], scope);
  }
  // Nothing is sought in nothing.
  if (f == "_[?_]" && evaluate(call.args[0], scope).kind == Data::none) return make(Data::none);
  for (const Expr* arg : call.args) args.push_back(evaluate(arg, scope));
  if (f == "_&&_") return logical(args[0], args[1], false);
  if (f == "_||_") return logical(args[0], args[1], true);
  if (f == "orValue" || f == "or") {
    if (args[0].failed()) return args[0];
    if (args[0].kind == Data::none) return args[1].failed() || f == "orValue" || args[1].kind == Data::some || args[1].kind == Data::none ? args[1] : failure();
    if (args[0].kind != Data::some) return failure();
    return f == "orValue" ? args[0].items[0] : args[0];
  }
  if (const auto bad = failed(args)) return *bad;
  if (f == "_==_") return equal(args[0], args[1]);
  if (f == "_!=_") { Data same = equal(args[0], args[1]); if (!same.failed()) same.b = !same.b; return same; }
  if (f == "!_") return args[0].kind == Data::boolean ? of_bool(!args[0].b) : failure();
  if (f == "-_") return args[0].kind == Data::integer ? of_int(-args[0].i) : failure();
  if (f == "size") {
    if (args[0].kind == Data::text) return of_int(static_cast<std::int64_t>(args[0].s.size()));
    if (args[0].kind == Data::list) return of_int(static_cast<std::int64_t>(args[0].items.size()));
    if (args[0].kind == Data::map) return of_int(static_cast<std::int64_t>(args[0].entries.size()));
    return failure();
  }
  if (f == "hasValue") return args[0].kind == Data::some || args[0].kind == Data::none ? of_bool(args[0].kind == Data::some) : failure();
  if (f == "value") return args[0].kind == Data::some ? args[0].items[0] : failure();
  if (f == "optional.none") return make(Data::none);
  if (f == "optional.of") return some(args[0]);
  if (f == "startsWith" || f == "contains") {
    if (args[0].kind != Data::text || args[1].kind != Data::text) return failure();
    return of_bool(f == "contains" ? args[0].s.find(args[1].s) != std::string::npos : args[0].s.starts_with(args[1].s));
  }
  if (f == "@in") {
    if (args[1].kind == Data::map) return of_bool(lookup(args[1], args[0]).has_value());
    if (args[1].kind != Data::list) return failure();
    std::vector<Data> unsure;
    for (const Data& item : args[1].items) {
      const Data same = equal(args[0], item);
      if (same.kind == Data::boolean && same.b) return same;
      unsure.push_back(same);
    }
    if (const auto bad = failed(unsure)) return *bad;
    return of_bool(false);
  }
  if (f == "_[_]") {
    const auto found = element(args[0], args[1]);
    if (args[0].kind == Data::some || args[0].kind == Data::none) return wrap(found);
    return found ? *found : failure();
  }
  if (f == "_[?_]") return wrap(element(args[0], args[1]));
  const Data &a = args[0], &b = args[1];
  const bool ints = a.kind == Data::integer && b.kind == Data::integer, texts = a.kind == Data::text && b.kind == Data::text;
  if (f == "_+_") {
    if (ints) { std::int64_t sum; return __builtin_add_overflow(a.i, b.i, &sum) ? failure() : of_int(sum); }
    if (texts) return of_text(a.s + b.s);
    if (a.kind == Data::list && b.kind == Data::list) {
      Data joined = a;
      joined.items.insert(joined.items.end(), b.items.begin(), b.items.end());
      return joined;
    }
    return failure();
  }
  if (f == "_-_") { std::int64_t r; return !ints || __builtin_sub_overflow(a.i, b.i, &r) ? failure() : of_int(r); }
  if (f == "_*_") { std::int64_t r; return !ints || __builtin_mul_overflow(a.i, b.i, &r) ? failure() : of_int(r); }
  if (f == "_/_") return !ints || b.i == 0 || b.i == -1 ? (ints && b.i == -1 ? of_int(-a.i) : failure()) : of_int(a.i / b.i);
  if (f == "_%_") return !ints || b.i == 0 ? failure() : of_int(b.i == -1 ? 0 : a.i % b.i);
  const bool bools = a.kind == Data::boolean && b.kind == Data::boolean;
  if (f == "_<_") return ints ? of_bool(a.i < b.i) : texts ? of_bool(a.s < b.s) : bools ? of_bool(a.b < b.b) : failure();
  if (f == "_<=_") return ints ? of_bool(a.i <= b.i) : texts ? of_bool(a.s <= b.s) : bools ? of_bool(a.b <= b.b) : failure();
  if (f == "_>_") return ints ? of_bool(a.i > b.i) : texts ? of_bool(a.s > b.s) : bools ? of_bool(a.b > b.b) : failure();
  if (f == "_>=_") return ints ? of_bool(a.i >= b.i) : texts ? of_bool(a.s >= b.s) : bools ? of_bool(a.b >= b.b) : failure();
  return failure();
}

// By what each macro means, not by its expansion: failures of all elements together, unless one decides.
Data comprehension(const Expr* expr, const Comprehension& c, const Scope& scope) {
  const Macro macro = expr->macro.macro;
  if (macro == Macro::bind || macro == Macro::opt_map || macro == Macro::opt_flat_map) {
    Scope inner = scope;
    inner[c.accumulator] = evaluate(c.initial, scope);
    return evaluate(c.result, inner);
  }
  const Data range = evaluate(c.range, scope);
  if (range.failed()) return range;
  std::vector<std::pair<Data, Data>> pairs;
  if (range.kind == Data::list) {
    for (std::size_t i = 0; i < range.items.size(); ++i) pairs.emplace_back(of_int(static_cast<std::int64_t>(i)), range.items[i]);
  } else if (range.kind == Data::map) {
    pairs = range.entries;
  } else {
    return failure();
  }
  std::vector<Data> bad, out;
  Data map = make(Data::map);
  std::int64_t count = 0;
  for (const auto& [key, value] : pairs) {
    Scope inner = scope;
    if (c.variable2.empty()) {
      inner[c.variable] = range.kind == Data::list ? value : key;
    } else {
      inner[c.variable] = key;
      inner[c.variable2] = value;
    }
    Data keep = of_bool(true);
    if (expr->macro.predicate) keep = evaluate(expr->macro.predicate, inner);
    if (!keep.failed() && keep.kind != Data::boolean) keep = failure();
    if (keep.failed()) { bad.push_back(keep); continue; }
    if (macro == Macro::exists && keep.b) return keep;
    if (macro == Macro::all && !keep.b) return keep;
    if (!keep.b) continue;
    ++count;
    Data made = expr->macro.transform ? evaluate(expr->macro.transform, inner) : macro == Macro::filter ? inner[c.variable] : Data();
    // A filter passes unknown elements on as they are: only its predicate has to be known.
    if (made.failed() && macro != Macro::filter) { bad.push_back(made); continue; }
    if (macro == Macro::transform_map) map.entries.emplace_back(key, made);
    else out.push_back(made);
  }
  if (const auto f = failed(bad)) return *f;
  switch (macro) {
    case Macro::exists: return of_bool(false);
    case Macro::all: return of_bool(true);
    case Macro::exists_one: return of_bool(count == 1);
    case Macro::transform_map: return map;
    default: return of_list(out);
  }
}

}  // namespace

Data evaluate(const Expr* expr, const Scope& scope) {
  if (const auto* constant = std::get_if<Constant>(&expr->node)) {
    if (const auto* b = std::get_if<bool>(&constant->value)) return of_bool(*b);
    if (const auto* i = std::get_if<std::int64_t>(&constant->value)) return of_int(*i);
    if (const auto* s = std::get_if<std::string>(&constant->value)) return of_text(*s);
    return Data();
  }
  if (const auto* ident = std::get_if<Ident>(&expr->node)) {
    const auto found = scope.find(ident->name);
    return found == scope.end() ? failure() : found->second;
  }
  if (const auto* select = std::get_if<Select>(&expr->node)) {
    const Data base = evaluate(select->operand, scope);
    if (base.failed()) return base;
    if (base.kind == Data::some && !select->optional && !select->test_only) {
      // a.?b.c: what is there must have fields.
      const Data::Kind held = base.items[0].kind;
      if (held != Data::map && held != Data::some && held != Data::none && !base.items[0].failed()) return failure();
    }
    const auto found = field(base, select->field);
    if (select->test_only) return found && found->failed() ? *found : of_bool(found.has_value());
    if (select->optional || base.kind == Data::some || base.kind == Data::none) return wrap(found);
    return found ? *found : failure();
  }
  if (const auto* c = std::get_if<Call>(&expr->node)) {
    // optional.of(x) before names are resolved: a member call on an identifier.
    if (c->target) {
      const auto* space = std::get_if<Ident>(&c->target->node);
      if (space && space->name == "optional") {
        Call plain = *c;
        plain.target = nullptr;
        plain.function = "optional." + c->function;
        return call(plain, scope);
      }
    }
    return call(*c, scope);
  }
  if (const auto* made = std::get_if<CreateList>(&expr->node)) {
    std::vector<Data> items;
    for (std::size_t i = 0; i < made->elements.size(); ++i) {
      Data item = evaluate(made->elements[i], scope);
      const bool optional = std::find(made->optional_indices.begin(), made->optional_indices.end(), i) != made->optional_indices.end();
      if (optional && !item.failed()) {
        if (item.kind == Data::none) continue;
        item = item.kind == Data::some ? item.items[0] : failure();
      }
      items.push_back(item);
    }
    if (const auto f = failed(items)) return *f;
    return of_list(items);
  }
  if (const auto* made = std::get_if<CreateStruct>(&expr->node)) {
    Data map = make(Data::map);
    std::vector<Data> bad;
    for (const CreateStruct::Item& item : made->items) {
      const Data key = evaluate(item.key, scope), value = evaluate(item.value, scope);
      bad.push_back(key);
      bad.push_back(value);
      if (key.failed() || value.failed()) continue;
      if (key.kind != Data::text && key.kind != Data::integer && key.kind != Data::boolean) bad.push_back(failure());
      else if (lookup(map, key)) bad.push_back(failure());
      else map.entries.emplace_back(key, value);
    }
    if (const auto f = failed(bad)) return *f;
    return map;
  }
  return comprehension(expr, std::get<Comprehension>(expr->node), scope);
}

}  // namespace reference

using namespace celrun;
using reference::Data;
using reference::Expr;
using reference::Call;
using reference::Comprehension;
using reference::CreateList;
using reference::Macro;

namespace {

// Random expressions: mostly well-typed, at times of the wrong type, so that errors happen too.
struct Generator {
  std::mt19937 random;
  std::vector<std::pair<std::string, char>> variables;  // i(nt) b(ool) s(tring) l(ist of ints) t(exts) m(ap) d(yn) o(ptional)
  int names = 0;

  int below(int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); }
  std::string pick(std::initializer_list<const char*> texts) { return texts.begin()[below(static_cast<int>(texts.size()))]; }
  std::string fresh() { return "v" + std::to_string(names++ % 3); }

  std::string variable(char type) {
    std::vector<std::string> fitting;
    for (const auto& [name, t] : variables) if (t == type) fitting.push_back(name);
    if (fitting.empty()) return leaf(type);
    return fitting[static_cast<std::size_t>(below(static_cast<int>(fitting.size())))];
  }
  std::string leaf(char type) {
    switch (type) {
      case 'i': return pick({"0", "1", "2", "3", "-1", "x.n", "x.deep.n", "x.missing", "x.who", "9223372036854775807"});
      case 'b': return pick({"true", "false", "x.yes", "x.no", "has(x.n)", "has(x.missing)", "has(x.deep.n)", "has(x.who)", "x.who", "has(x.deep.missing)"});
      case 's': return pick({"''", "'a'", "'b'", "x.name", "x.deep.name", "x.nothing"});
      case 'l': return pick({"[]", "[1, 2]", "x.list", "x.deep.list", "[3, 1, 2]", "x.unsure", "x.?missing.orValue([])"});
      case 't': return pick({"['a']", "x.texts", "['a', 'b', 'c']"});
      case 'm': return pick({"{}", "x.map", "{'a': 1}", "{'a': 1, 'b': 2}", "x.deep.map"});
      case 'o': return pick({"optional.none()", "x.?n", "x.?missing", "x.?who", "x.?deep.?n", "x.?deep.n", "x.?missing.?n", "x.deep.?list[?1]", "x.map[?'a']"});
      default: return pick({"null", "x", "1", "'a'", "true", "[1]"});
    }
  }
  std::string loop(char type, const std::string& range, char element, const std::string& macro, char body, int depth) {
    (void)type;
    const std::string name = fresh();
    variables.emplace_back(name, element);
    std::string text = "(" + range + ")." + macro + "(" + name + ", " + make(body, depth - 1) + ")";
    variables.pop_back();
    return text;
  }
  std::pair<std::string, char> range(int depth) {
    switch (below(4)) {
      case 0: return {make('t', depth - 1), 's'};
      case 1: return {make('m', depth - 1), 's'};
      default: return {make('l', depth - 1), 'i'};
    }
  }
  std::string make(char type, int depth) {
    if (below(60) == 0) type = "ibsltmdo"[below(8)];  // the wrong type now and then
    if (depth <= 0) return below(2) ? variable(type) : leaf(type);
    if (below(8) == 0) return variable(type);
    if (below(12) == 0) return "(" + make('b', depth - 1) + " ? " + make(type, depth - 1) + " : " + make(type, depth - 1) + ")";
    if (below(20) == 0) {
      const std::string name = fresh(), value = make('i', depth - 1);
      variables.emplace_back(name, 'i');
      std::string text = "cel.bind(" + name + ", " + value + ", " + make(type, depth - 1) + ")";
      variables.pop_back();
      return text;
    }
    if (below(16) == 0) return make('o', depth - 1) + ".orValue(" + make(type, depth - 1) + ")";
    switch (type) {
      case 'i':
        switch (below(6)) {
          case 0: return "size(" + make("ltms"[below(4)], depth - 1) + ")";
          case 1: return make('l', depth - 1) + "[" + make('i', depth - 1) + "]";
          case 2: return make('m', depth - 1) + "[" + make('s', depth - 1) + "]";
          case 3: return make('m', depth - 1) + "." + pick({"a", "b", "c"});
          default: return "(" + make('i', depth - 1) + pick({" + ", " - ", " * ", " / ", " % "}) + make('i', depth - 1) + ")";
        }
      case 'b':
        switch (below(12)) {
          case 0: return "!(" + make('b', depth - 1) + ")";
          case 1: case 2: return "(" + make('b', depth - 1) + " && " + make('b', depth - 1) + ")";
          case 3: case 4: return "(" + make('b', depth - 1) + " || " + make('b', depth - 1) + ")";
          case 5: return "(" + make('i', depth - 1) + pick({" == ", " != ", " < ", " <= ", " > ", " >= "}) + make('i', depth - 1) + ")";
          case 6: { const char t = "silmt"[below(5)]; return "(" + make(t, depth - 1) + pick({" == ", " != "}) + make(t, depth - 1) + ")"; }
          case 7: return "(" + make('i', depth - 1) + " in " + make("lt"[below(2)], depth - 1) + ")";
          case 8: return "(" + make('s', depth - 1) + " in " + make("mt"[below(2)], depth - 1) + ")";
          case 9: return make('o', depth - 1) + ".hasValue()";
          case 10: return make('s', depth - 1) + pick({".startsWith(", ".contains("}) + make('s', depth - 1) + ")";
          default: {
            const auto [text, element] = range(depth);
            return loop(type, text, element, pick({"all", "exists", "exists_one"}), 'b', depth);
          }
        }
      case 's': return below(2) ? "(" + make('s', depth - 1) + " + " + make('s', depth - 1) + ")" : make('t', depth - 1) + "[" + make('i', depth - 1) + "]";
      case 'l': {
        if (below(3) == 0) return below(2) ? "[" + make('i', depth - 1) + ", " + make('i', depth - 1) + "]" : "[?" + make('o', depth - 1) + ", " + make('i', depth - 1) + "]";
        if (below(4) == 0) return "(" + make('l', depth - 1) + " + " + make('l', depth - 1) + ")";
        const auto [text, element] = range(depth);
        if (element == 'i' && below(2)) return loop(type, text, element, "filter", 'b', depth);
        if (below(3) == 0) {
          const std::string name = fresh();
          variables.emplace_back(name, element);
          std::string made = "(" + text + ").map(" + name + ", " + make('b', depth - 1) + ", " + make('i', depth - 1) + ")";
          variables.pop_back();
          return made;
        }
        return loop(type, text, element, "map", 'i', depth);
      }
      case 't': return below(2) ? loop(type, make('t', depth - 1), 's', below(2) ? "filter" : "map", below(2) ? 'b' : 's', depth) : "[" + make('s', depth - 1) + "]";
      case 'm': return below(3) ? "{'a': " + make('i', depth - 1) + ", " + make('s', depth - 1) + ": " + make('i', depth - 1) + "}"
                                : "(" + make('m', depth - 1) + ").transformMap(k, v, " + make('i', depth - 1) + ")";
      case 'o': return below(2) ? "optional.of(" + make('i', depth - 1) + ")" : make('l', depth - 1) + "[?" + make('i', depth - 1) + "]";
      default: return make("ibslt"[below(5)], depth - 1);
    }
  }
};

// Input as data: both evaluators get it, and tests of traces change its leaves.
Data random_input(Generator& g, int depth = 0) {
  Data in;
  in.kind = Data::map;
  const auto put = [&](const char* key, Data value) { in.entries.emplace_back(reference::of_text(key), std::move(value)); };
  const auto ints = [&] {
    std::vector<Data> items;
    for (int n = g.below(4); n > 0; --n) items.push_back(reference::of_int(g.below(4)));
    return reference::of_list(items);
  };
  put("n", reference::of_int(g.below(5) - 1));
  if (g.below(5)) put("yes", reference::of_bool(g.below(4) != 0));
  put("no", reference::of_bool(g.below(4) == 0));
  put("name", reference::of_text(g.pick({"a", "b", "ab", ""})));
  put("who", reference::of_unknown("who"));
  put("nothing", Data());
  put("list", ints());
  Data unsure = ints();
  unsure.items.push_back(reference::of_unknown("item"));
  if (g.below(2)) unsure.items.push_back(reference::of_int(2));
  put("unsure", unsure);
  put("texts", reference::of_list({reference::of_text("a"), reference::of_text(g.pick({"a", "b"}))}));
  Data map;
  map.kind = Data::map;
  map.entries.emplace_back(reference::of_text("a"), reference::of_int(g.below(3)));
  if (g.below(2)) map.entries.emplace_back(reference::of_text("b"), reference::of_int(g.below(3)));
  put("map", map);
  if (depth == 0 && g.below(6)) put("deep", random_input(g, 1));
  return in;
}

Value build(Bench& bench, const Data& data, std::vector<std::pair<Value, const Data*>>* leaves = nullptr) {
  Value value;
  switch (data.kind) {
    case Data::null: value = bench.arena.null({}); break;
    case Data::boolean: value = bench.boolean(data.b); break;
    case Data::integer: value = bench.num(data.i); break;
    case Data::text: value = bench.str(data.s); break;
    case Data::list: {
      std::vector<Value> items;
      for (const Data& item : data.items) items.push_back(build(bench, item, leaves));
      return bench.list(items);
    }
    case Data::map: {
      std::vector<std::pair<std::string, Value>> entries;
      for (const auto& [key, item] : data.entries) entries.emplace_back(key.s, build(bench, item, leaves));
      return bench.map(entries);
    }
    case Data::unknown: value = bench.unknown(*data.unknowns.begin()); break;
    default: break;
  }
  if (leaves) leaves->emplace_back(value, &data);
  return value;
}

// The result in the reference's own writing.
Data read_back(const Val& val) {
  switch (val.kind) {
    case ValKind::null: return Data();
    case ValKind::boolean: return reference::of_bool(val.boolean);
    case ValKind::int64: return reference::of_int(val.int64);
    case ValKind::string: return reference::of_text(std::string(val.string()));
    case ValKind::list: {
      std::vector<Data> items;
      for (std::size_t i = 0; i < size_of(val); ++i) items.push_back(read_back(item_at(val, i)));
      return reference::of_list(items);
    }
    case ValKind::map: {
      Data map;
      map.kind = Data::map;
      each_entry(val, [&](const Val& key, const Val& value) {
        map.entries.emplace_back(read_back(key), read_back(value));
        return true;
      });
      return map;
    }
    case ValKind::optional: {
      Data d;
      d.kind = val.tag ? Data::some : Data::none;
      if (val.tag) d.items.push_back(read_back(*val.held));
      return d;
    }
    case ValKind::unknown: {
      Data d;
      d.kind = Data::unknown;
      Value storage;
      if (!val.unknown) d.unknowns.insert(std::string(val.source.as_unknown().name));
      else for (const Value v : val.unknown->values) d.unknowns.insert(std::string(v.as_unknown().name));
      (void)storage;
      return d;
    }
    default: return reference::failure();
  }
}

bool inside(Value value, Value container) {
  if (value == container) return true;
  for (const Value item : container.items()) if (inside(value, item)) return true;
  for (const Entry& entry : container.entries()) if (inside(value, entry.value)) return true;
  return false;
}

}  // namespace

namespace {
#ifdef __SANITIZE_ADDRESS__
constexpr int rounds = 150;  // the sanitizers take their time
#else
constexpr int rounds = 1500;
#endif
}  // namespace

TEST_CASE("random expressions: the evaluator agrees with the reference, and traces suffice", "[celrun]") {
  Generator g{std::mt19937(20261121)};
  int compared = 0, failures = 0, unknowns = 0, errors = 0, traced = 0, mutated = 0;
  for (int round = 0; round < rounds && failures < 10; ++round) {
    Bench b;
    Data in = random_input(g);
    std::vector<std::pair<Value, const Data*>> leaves;
    const Value root = build(b, in, &leaves);
    b.variable("x", val_of(root));
    const reference::Scope scope = {{"x", in}};
    for (int k = 0; k < 80 && failures < 10; ++k) {
      g.variables.clear();
      const std::string text = g.make("biblmto"[g.below(7)], 1 + g.below(4));
      std::vector<Issue> issues;
      auto ast = parse(text, issues);
      if (!ast) { FAIL(text); continue; }
      const Data expected = reference::evaluate(ast->root, scope);
      std::unique_ptr<Program> program;
      if (g.below(2) && check(*ast, b.environment, issues)) {
        program = plan(std::move(ast), b.environment, issues);
      } else {
        issues.clear();
        ast = parse(text, issues);
        resolve(*ast, b.environment);
        program = plan(std::move(ast), b.environment, issues);
      }
      if (!program) { ++failures; UNSCOPED_INFO(text); CHECK(program); continue; }
      b.scratch.release({});
      Frame frame = b.frame();
      const Data actual = read_back(evaluate(*program, frame));
      ++compared;
      unknowns += expected.kind == Data::unknown;
      errors += expected.kind == Data::error;
      if (show(actual) != show(expected)) {
        ++failures;
        CAPTURE(text, show(in));
        CHECK(show(actual) == show(expected));
        continue;
      }
      // Whatever does not stand among the decisive values may change without changing the result.
      if (k % 8 || expected.failed() || round % 2) continue;
      std::vector<Decisive> decisive;
      Frame again = b.frame();
      CHECK(show(read_back(evaluate_traced(*program, again, decisive))) == show(expected));
      ++traced;
      for (int m = 0; m < 4; ++m) {
        const auto& [leaf, data] = leaves[static_cast<std::size_t>(g.below(static_cast<int>(leaves.size())))];
        bool covered = false;
        for (const Decisive& d : decisive) covered = covered || (d.absent.empty() && inside(leaf, d.value));
        if (covered || data->failed()) continue;
        Data* const changed = const_cast<Data*>(data);
        const Data before = *changed;
        switch (g.below(4)) {
          case 0: *changed = reference::of_int(g.below(9)); break;
          case 1: *changed = reference::of_bool(g.below(2)); break;
          case 2: *changed = reference::of_text("z"); break;
          default: *changed = Data(); break;
        }
        Arena fresh;
        Bench other;
        other.slots.push_back(val_of(build(other, in)));
        Frame f = other.frame();
        const Data after = read_back(evaluate(*program, f));
        ++mutated;
        // A result that holds the whole input holds the change too.
        if (show(after) != show(expected) && expected.kind != Data::map && expected.kind != Data::list && expected.kind != Data::some) {
          ++failures;
          CAPTURE(text, show(before), show(in), show(after));
          std::string why;
          for (const Decisive& d : decisive) why += to_text(val_of(d.value)) + (d.absent.empty() ? "" : " lacks " + std::string(d.absent)) + "; ";
          CAPTURE(why);
          CHECK(show(after) == show(expected));
        }
        *changed = before;
      }
    }
  }
  WARN(compared << " expressions, " << unknowns << " unknown, " << errors << " errors, " << traced << " traced, " << mutated << " changed inputs");
  CHECK(failures == 0);
  CHECK(compared >= rounds * 75);
}

namespace {

// What `find` is to yield, told once more and slowly.
struct Expected {
  std::vector<std::pair<Data, bool>> yields;  // with whether it is certain
  std::vector<Data> failures;                 // of parts that fail as a whole
};

void expect(const Expr* expr, const reference::Scope& scope, bool keys, Expected& out) {
  using namespace reference;
  const auto take = [&](const Data& list) {
    if (list.failed()) out.failures.push_back(list);
    else if (list.kind == Data::list) for (const Data& item : list.items) out.yields.emplace_back(item, !item.failed());
    else if (keys && list.kind == Data::map) for (const auto& [key, value] : list.entries) out.yields.emplace_back(key, true);
    else out.failures.push_back(failure());
  };
  if (const auto* c = std::get_if<Comprehension>(&expr->node)) {
    const Macro macro = expr->macro.macro;
    if (macro == Macro::bind) {
      reference::Scope inner = scope;
      inner[c->accumulator] = evaluate(c->initial, scope);
      return expect(c->result, inner, keys, out);
    }
    if (macro == Macro::filter || macro == Macro::map || macro == Macro::map_filter) {
      Expected range;
      expect(c->range, scope, true, range);
      out.failures.insert(out.failures.end(), range.failures.begin(), range.failures.end());
      for (auto& [value, certain] : range.yields) {
        reference::Scope inner = scope;
        inner[c->variable] = value;
        if (expr->macro.predicate) {
          const Data keep = evaluate(expr->macro.predicate, inner);
          if (keep.kind == Data::boolean && !keep.b) continue;
          if (keep.kind != Data::boolean) certain = false;
        }
        if (macro != Macro::filter) {
          const Data made = evaluate(expr->macro.transform, inner);
          if (made.failed()) certain = false;
          else value = made;
        }
        out.yields.emplace_back(value, certain);
      }
      return;
    }
  }
  if (const auto* c = std::get_if<Call>(&expr->node)) {
    if (c->function == "_+_") {
      expect(c->args[0], scope, false, out);
      return expect(c->args[1], scope, false, out);
    }
    if (c->function == "_?_:_") {
      const Data condition = evaluate(c->args[0], scope);
      if (condition.kind == Data::boolean) return expect(c->args[condition.b ? 1 : 2], scope, keys, out);
      out.failures.push_back(condition.failed() ? condition : failure());
      return;
    }
    if (c->function == "orValue") {
      const Data optional = evaluate(c->target, scope);
      if (optional.kind == Data::none) return expect(c->args[0], scope, keys, out);
      return take(optional.kind == Data::some ? optional.items[0] : optional.failed() ? optional : failure());
    }
  }
  if (const auto* list = std::get_if<CreateList>(&expr->node)) {
    for (std::size_t i = 0; i < list->elements.size(); ++i) {
      Data item = evaluate(list->elements[i], scope);
      const bool optional = std::find(list->optional_indices.begin(), list->optional_indices.end(), i) != list->optional_indices.end();
      if (optional && !item.failed()) {
        if (item.kind == Data::none) continue;
        item = item.kind == Data::some ? item.items[0] : failure();
      }
      out.yields.emplace_back(item, !item.failed());
    }
    return;
  }
  take(evaluate(expr, scope));
}

}  // namespace

TEST_CASE("random finds: yields agree with the reference", "[celrun]") {
  Generator g{std::mt19937(4711)};
  int compared = 0, undecided = 0, failed = 0, wrong = 0;
  for (int round = 0; round < 400 && wrong < 5; ++round) {
    Bench b;
    const Data in = random_input(g);
    b.variable("x", val_of(build(b, in)));
    const reference::Scope scope = {{"x", in}};
    for (int k = 0; k < 60 && wrong < 5; ++k) {
      g.variables.clear();
      const std::string text = g.make("lllt"[g.below(4)], 1 + g.below(4));
      std::vector<Issue> issues;
      auto ast = parse(text, issues);
      Expected expected;
      expect(ast->root, scope, false, expected);
      resolve(*ast, b.environment);
      const auto program = plan(std::move(ast), b.environment, issues);
      REQUIRE(program);
      b.scratch.release({});
      Frame frame = b.frame();
      FindResult result;
      find(*program, frame, result);
      std::string want, have;
      for (const auto& [value, certain] : expected.yields) {
        want += show(value) + (certain ? " " : "? ");
        undecided += !certain;
      }
      for (const Yield& y : result.yields) have += show(read_back(y.value)) + (y.certain ? " " : "? ");
      const bool unknown = std::any_of(expected.failures.begin(), expected.failures.end(), [](const Data& d) { return d.kind == Data::unknown; });
      if (!expected.failures.empty()) want += unknown ? "unknown" : "error";
      if (result.failed) have += result.failed->is_unknown() ? "unknown" : "error";
      failed += result.failed.has_value();
      ++compared;
      wrong += want != have;
      CAPTURE(text, show(in));
      if (want != have) CHECK(have == want);
      // Without undecided elements or failures, `find` yields what the list holds.
      if (!result.failed && std::all_of(result.yields.begin(), result.yields.end(), [](const Yield& y) { return y.certain; })) {
        Frame again = b.frame();
        const Val list = evaluate(*program, again);
        if (list.is(ValKind::list) && size_of(list) != result.yields.size()) CHECK(show(read_back(list)) == want);
      }
      for (std::size_t i = 0; i < result.yields.size() && i < 2; ++i) {
        Frame traced = b.frame();
        trace_yield(*program, traced, i);
      }
    }
  }
  WARN(compared << " finds, " << undecided << " undecided yields, " << failed << " failed");
  CHECK(wrong == 0);
}

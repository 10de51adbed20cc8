// No function, called directly with any arguments of its types, crashes, hangs, or answers outside its result
// type; and what is undecided inside a list stays undecided.
#include <catch2/catch.hpp>
#include <limits>
#include <map>
#include <random>

#include "engine/cel/operations.hpp"
#include "tests/cellib/evaluation.hpp"

namespace {

using namespace assay;
using namespace assay::cel;
using namespace assay::test;

class Arguments {
 public:
  Arguments(Frame& frame, std::mt19937& random) : frame_(frame), random_(random) {}

  // Null kind with `found` false: nothing of that type can be made.
  Val of(const Type* type, bool& found, int depth = 0) {
    switch (type->kind) {
      case TypeKind::dyn:
      case TypeKind::variable: return anything(depth);
      case TypeKind::null: return val_null();
      case TypeKind::boolean: return val_bool(below(2) == 0);
      case TypeKind::int64: return val_int(integer());
      case TypeKind::uint64: return val_uint(static_cast<std::uint64_t>(integer()));
      case TypeKind::float64: return val_double(number());
      case TypeKind::string: return make_string(frame_, text());
      case TypeKind::bytes: return val_bytes(frame_.scratch->copy(text()));
      case TypeKind::timestamp: return val_timestamp({below(2) ? 1'700'000'000 : -62'135'596'800, below(1'000'000'000)});
      case TypeKind::duration: return val_duration({integer() % 9'000'000'000, below(2) ? 0 : 5});
      case TypeKind::list: {
        std::vector<Val> items;
        for (int i = below(4); i > 0; --i) items.push_back(of(type->parameters[0], found, depth + 1));
        if (below(12) == 0) items.push_back(make_unknown(frame_, "not known"));
        return make_list(frame_, items);
      }
      case TypeKind::map: {
        std::vector<MapEntry> entries;
        for (int i = below(3); i > 0; --i) entries.push_back({val_int(i), of(type->parameters[1], found, depth + 1)});
        return make_map(frame_, entries);
      }
      case TypeKind::optional: return below(2) ? val_none() : make_some(frame_, of(type->parameters[0], found, depth + 1));
      case TypeKind::type: return val_type(type);
      case TypeKind::wrapper: return val_null();
      case TypeKind::opaque: {
        const auto& known = opaques_[type->name];
        if (!known.empty()) return known[static_cast<std::size_t>(below(static_cast<int>(known.size())))];
        found = false;
        return val_null();
      }
      case TypeKind::structure:
      case TypeKind::error: found = false;
    }
    return val_null();
  }
  void keep(const Val& value) {
    auto& known = opaques_[value.opaque->type()->name];
    if (known.size() < 40) known.push_back(value);
  }

 private:
  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  std::int64_t integer() {
    static const std::int64_t extremes[] = {0, 1, -1, 2, 3, 63, 64, 1000, -1000, std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()};
    return extremes[below(std::size(extremes))];
  }
  double number() {
    static const double extremes[] = {0.0, -0.0, 1.5, -2.5, 1e300, -1e300, 5e-324, NAN, INFINITY, -INFINITY};
    return extremes[below(std::size(extremes))];
  }
  std::string text() {
    static const char* const parts[] = {"", "a", "é", "日本", "😀", "\xff", "\xe2\x82", "1.2.3.4", "::1", "/24", "%s", "%.3f", "%d", "%", "1Gi", "500m", "1e9",
                                        "http://h:8", "/p?a=b&c", "1.2.3", "-rc.1", "YWJj", "(", "a*", "[a-z]+", "\n", " ", "uuid", "dns1123Label", "default"};
    std::string out;
    for (int i = below(4); i > 0; --i) out += parts[below(std::size(parts))];
    return out;
  }
  Val anything(int depth) {
    bool found = true;
    const Val made = of(depth > 2 ? primitive_type(TypeKind::int64) : any_type(), found, depth + 1);
    return found ? made : val_null();
  }
  const Type* any_type() {
    static TypeTable types;
    const Type* const dyn = types.dyn();
    const Type* all[] = {types.primitive(TypeKind::null), types.primitive(TypeKind::boolean), types.primitive(TypeKind::int64),
                         types.primitive(TypeKind::uint64), types.primitive(TypeKind::float64), types.primitive(TypeKind::string),
                         types.primitive(TypeKind::bytes), types.primitive(TypeKind::timestamp), types.primitive(TypeKind::duration),
                         types.list(dyn), types.map(dyn, dyn), types.optional(dyn), types.opaque("net.IP"), types.opaque("kubernetes.Quantity")};
    return all[below(std::size(all))];
  }

  Frame& frame_;
  std::mt19937& random_;
  std::map<std::string, std::vector<Val>> opaques_;
};

}  // namespace

TEST_CASE("no function minds any argument", "[cellib]") {
  std::mt19937 random(99);
  Scratch scratch;
  Frame frame;
  frame.scratch = &scratch;
  Arguments arguments(frame, random);
  std::size_t called = 0;
  for (int round = 0; round < 300; ++round) {
    for (const Function* function : everything().functions()) {
      for (const Overload& overload : function->overloads) {
        if (!overload.implementation) continue;
        std::vector<Val> args;
        bool found = true;
        for (const Type* parameter : overload.parameters) args.push_back(arguments.of(parameter, found));
        // Only what the evaluator would let through.
        for (std::size_t i = 0; i < args.size() && found; ++i) found = fits(args[i], overload.parameters[i]);
        if (!found) continue;
        const Val result = overload.implementation(frame, args);
        ++called;
        if (overload.cost && !result.is_error()) CHECK(overload.cost(args, result) < (std::uint64_t{1} << 60));
        INFO(overload.id << " gives " << to_text(result));
        const bool answered = result.is_error() || result.is_unknown() || fits(result, overload.result);
        if (!answered) CHECK(answered);
        if (result.is(ValKind::opaque)) arguments.keep(result);
        if (result.is(ValKind::optional) && result.tag && result.held->is(ValKind::opaque)) arguments.keep(*result.held);
      }
    }
    if (scratch.used() > (40u << 20)) break;
  }
  CHECK(called > 10'000);
}

TEST_CASE("memory ends in an error", "[cellib]") {
  for (const char* expression : {
           "lists.range(1000000000000)",
           "lists.range(100000).map(x, 'aaaaaaaaaa').join('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb').replace('', 'ccccccccccccccccccccc')",
           "cel.bind(a, 'xxxxxxxxxxxxxxxx'.replace('x', 'xxxxxxxxxxxxxxxx'), cel.bind(b, a.replace('x', a), cel.bind(c, b.replace('x', a), c.replace('x', c))))",
           "'%.999999999f'.format([1.0])",
       }) {
    INFO(expression);
    CHECK(evaluated(everything(), expression).text.starts_with("error"));
  }
  // Lists that share their parts grow by repetition alone: 2^40 elements, never built.
  std::string expression = "a39.flatten(100)";
  for (int i = 39; i > 0; --i) expression = "cel.bind(a" + std::to_string(i) + ", [a" + std::to_string(i - 1) + ", a" + std::to_string(i - 1) + "], " + expression + ")";
  CHECK(evaluated(everything(), "cel.bind(a0, [1, 2], " + expression + ")").text.starts_with("error"));
  expression = "'%s'.format([a39])";
  for (int i = 39; i > 0; --i) expression = "cel.bind(a" + std::to_string(i) + ", [a" + std::to_string(i - 1) + ", a" + std::to_string(i - 1) + "], " + expression + ")";
  CHECK(evaluated(everything(), "cel.bind(a0, [1, 2], " + expression + ")").text.starts_with("error"));
}

TEST_CASE("what is unknown in a list leaves open only what hangs on it", "[cellib]") {
  Environment environment = everything();
  // A list literal with an unknown is unknown itself; a list of the input may hold one.
  for (const char* name : {"u", "one_u", "two_u", "u_one", "u_text"}) environment.add_variable(name, environment.types().dyn());
  Arena arena;
  const Value u = arena.unknown({"var.x", "int", "not given"}, Span{});
  const Value one = arena.integer(1, Span{}), two = arena.integer(2, Span{}), text = arena.string("x", Span{});
  const auto list = [&](Value a, Value b) { return val_of(arena.list(std::vector<Value>{a, b}, Span{})); };
  const Val slots[] = {val_of(u), list(one, u), list(two, u), list(u, one), list(u, text)};
  const std::pair<const char*, const char*> cases[] = {
      {"sets.contains(one_u, [1])", "true"},       {"sets.contains(one_u, [2])", "unknown"},
      {"sets.contains([1], two_u)", "false"},      {"sets.intersects(one_u, [1])", "true"},
      {"sets.intersects(one_u, [2])", "unknown"},  {"sets.equivalent([1], two_u)", "false"},
      {"sets.equivalent([1], one_u)", "unknown"},  {"one_u.sum()", "unknown"},
      {"u_one.sort()", "unknown"},                 {"one_u.indexOf(1)", "0"},
      {"u_one.indexOf(1)", "unknown"},             {"u_one.lastIndexOf(1)", "1"},
      {"u_text.join()", "unknown"},                {"'%s %s'.format(u_one)", "unknown"},
      {"'%s %d'.format(u_text)", "error \"error during formatting: decimal clause can only be used on integers, was given string\""},
      {"dyn([[1], one_u]).flatten().slice(0, 2)", "[1, 1]"}, {"math.greatest(one_u)", "unknown"},
      {"quantity(u).isInteger()", "unknown"},      {"one_u.slice(0, 1)", "[1]"},
      {"one_u.isSorted()", "unknown"},             {"one_u.distinct()", "unknown"},
  };
  for (const auto& [expression, expected] : cases) {
    INFO(expression);
    CHECK(evaluated(environment, expression, slots).text == expected);
  }
}

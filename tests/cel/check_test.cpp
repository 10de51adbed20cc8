#include <catch2/catch.hpp>

#include "tests/support/cel_dump.hpp"

using namespace assay::cel;
using assay::test::dump;

namespace {

// Two records, variables of every shape, all libraries but Kubernetes'.
struct World {
  std::shared_ptr<TypeTable> types = std::make_shared<TypeTable>();
  StructType container{"Container",
                       types->structure("Container"),
                       {{"name", types->parse("string")}, {"privileged", types->parse("bool")}}};
  StructType workload{"Workload",
                      types->structure("Workload"),
                      {{"name", types->parse("string")},
                       {"replicas", types->parse("int")},
                       {"containers", types->parse("list<Container>")},
                       {"labels", types->parse("map<string, string>")},
                       {"grace", types->parse("duration")},
                       {"raw", types->parse("any")}}};
  Environment environment{types};

  World() {
    add_standard(environment);
    add_optionals(environment);
    add_strings(environment);
    add_math(environment);
    add_lists(environment);
    add_sets(environment);
    add_encoders(environment);
    add_bindings(environment);
    add_comprehensions(environment);
    environment.add_struct(&container);
    environment.add_struct(&workload);
    environment.add_variable("self", workload.type);
    environment.add_variable("object", types->dyn());
    environment.add_variable("count", types->parse("int"));
    environment.add_variable("ratio", types->parse("double"));
    environment.add_variable("text", types->parse("string"));
    environment.add_variable("words", types->parse("list<string>"));
    environment.add_variable("maybe", types->parse("optional<int>"));
    environment.add_variable(
        "boxed", types->parse("google.protobuf.Int64Value") ? types->wrapper(types->parse("int")) : nullptr);
    environment.add_variable("a.b.c", types->parse("int"));
    environment.add_variable("space.inner", types->parse("string"));
    Function targets;
    targets.name = "targets";
    targets.overloads = {
        {"workload_targets_string", true, {workload.type, types->parse("string")}, types->parse("list<dyn>")}};
    targets.refine = [this](const Expr& call, std::string& error) -> const Type* {
      const auto* name = std::get_if<Constant>(&std::get<Call>(call.node).args[0]->node);
      if (!name) return nullptr;
      if (std::get<std::string>(name->value) == "selects") return types->list(workload.type);
      error = "no edge is called `" + std::get<std::string>(name->value) + "`";
      return nullptr;
    };
    environment.add_function(std::move(targets));
  }
};

std::string checked(const World& world, std::string_view text, const Type* expected = nullptr) {
  std::vector<Issue> issues;
  const auto ast = parse(text, issues);
  if (!ast) return dump(text, issues);
  if (!check(*ast, world.environment, issues, expected)) return dump(text, issues);
  for (const Expr& expr : ast->nodes) CHECK((expr.type && !expr.type->generic));
  return to_string(ast->root->type);
}

struct Row {
  std::string_view input, output;
};

}  // namespace

TEST_CASE("the checker infers types", "[cel]") {
  const World world;
  static const Row rows[] = {
      {"1 + 2", "int"},
      {"[1, 2].map(x, string(x))", "list(string)"},
      {"[1, 'a']", "list(dyn)"},
      {"[1, null]", "list(dyn)"},
      {"[boxed, null]", "list(wrapper(int))"},
      {"[1, boxed]", "list(wrapper(int))"},
      {"[]", "list(dyn)"},
      {"[[], [1]]", "list(list(int))"},
      {"{}", "map(dyn, dyn)"},
      {"{'a': 1, 'b': 2}", "map(string, int)"},
      {"{'a': 1, 'b': 'c'}", "map(string, dyn)"},
      {"self.containers", "list(Container)"},
      {"self.containers.map(c, c.name)", "list(string)"},
      {"self.containers.filter(c, !c.privileged)", "list(Container)"},
      {"self.containers[0].privileged", "bool"},
      {"self.labels.app", "string"},
      {"self.?labels.?app", "optional_type(string)"},
      {"self.?labels.app.orValue('')", "string"},
      {"self.labels[?'app']", "optional_type(string)"},
      {"has(self.labels.app)", "bool"},
      {"self.raw.anything.at[0].all", "dyn"},
      {"object.a.b", "dyn"},
      {"object.a > 1", "bool"},
      {"object + 1", "int"},
      {"object.a + object.b", "dyn"},
      {"count < ratio", "bool"},
      {"count == 1", "bool"},
      {"true ? 1 : 2", "int"},
      {"true ? dyn(1) : 2", "dyn"},
      {"maybe.optMap(x, [x])", "optional_type(list(int))"},
      {"optional.of(1).or(optional.none())", "optional_type(int)"},
      {"[?maybe, 1]", "list(int)"},
      {"{?'a': maybe}", "map(string, int)"},
      {"type(1) == int", "bool"},
      {"type(1)", "type(int)"},
      {"int", "type(int)"},
      {"google.protobuf.Timestamp", "type(google.protobuf.Timestamp)"},
      {"timestamp('2024-01-01T00:00:00Z') - timestamp('2023-01-01T00:00:00Z')", "google.protobuf.Duration"},
      {"self.grace > duration('30s')", "bool"},
      {"a.b.c", "int"},
      {"cel.bind(x, words, x + x)", "list(string)"},
      {"words.exists(w, w.startsWith('a'))", "bool"},
      {"self.labels.exists(k, v, k == v)", "bool"},
      {"words.transformMap(i, w, w)", "map(int, string)"},
      {"self.labels.transformMapEntry(k, v, {v: k})", "map(string, string)"},
      {"math.greatest(1, 2)", "int"},
      {"google.protobuf.Int32Value{value: 1}", "wrapper(int)"},
      {"google.protobuf.Struct{fields: {'a': 1}}", "map(string, dyn)"},
      {"google.protobuf.Value{number_value: 1.0}", "dyn"},
      {"self.targets('selects')", "list(Workload)"},
      {"self.targets('selects').map(t, t.replicas)", "list(int)"},
      {"self.targets(text)", "list(dyn)"},
      {"[1].exists(self, self > 0)", "bool"},
      {"[0].map(count, .count)", "list(int)"},
  };
  for (const Row& row : rows) {
    INFO(row.input);
    CHECK(checked(world, row.input) == row.output);
  }
  Environment contained = world.environment;
  contained.set_container("space.deep");
  std::vector<Issue> issues;
  const auto ast = parse("inner + .text", issues);
  REQUIRE(check(*ast, contained, issues));
  CHECK(dump(ast->root) == "_+_(space.inner, text)");
}

TEST_CASE("expressions that cannot be well-typed are refused with a place and a remedy", "[cel]") {
  const World world;
  static const Row rows[] = {
      {"contaners", "contaners\n^~~~~~~~~ undeclared reference to `contaners`"},
      {"containers", "containers\n^~~~~~~~~~ undeclared reference to `containers`, did you mean `self.containers`?"},
      {"slef.name", "slef.name\n^~~~ undeclared reference to `slef`, did you mean `self`?"},
      {"self.contaners",
       "self.contaners\n     ^~~~~~~~~ `Workload` has no field `contaners`, did you mean `containers`?"},
      {"self.containers.name",
       "self.containers.name\n                ^~~~ a value of type `list(Container)` has no fields, take an element "
       "first, as in `x[0]` or `x.map(e, e.name)`"},
      {"self.containers.map(c, c.nam)",
       "self.containers.map(c, c.nam)\n                         ^~~ `Container` has no field `nam`, did you mean "
       "`name`?"},
      {"count.x", "count.x\n      ^ a value of type `int` has no fields, only maps and records have"},
      {"count + text", "count + text\n      ^ `+` does not take `int` and `string`, convert one of them"},
      {"1 == 'a'", "1 == 'a'\n  ^~ `==` does not take `int` and `string`, convert one of them"},
      {"-text", "-text\n^ `-` does not take `string`"},
      {"!count", "!count\n^ `!` does not take `int`"},
      {"count && true", "count && true\n^~~~~ `&&` takes `bool`, this is `int`"},
      {"count ? 1 : 2", "count ? 1 : 2\n^~~~~ the condition must be `bool`, this is `int`"},
      {"true ? 1 : 'a'",
       "true ? 1 : 'a'\n           ^~~ both results of `? :` must have one type, these are `int` and `string`; convert "
       "one, or wrap both in `dyn(…)`"},
      {"1 in 'abc'", "1 in 'abc'\n  ^~ `int` cannot be in `string`, write `.contains(…)` for a part of a string"},
      {"words['a']", "words['a']\n     ^ `list(string)` cannot be indexed by `string`"},
      {"text.startWith('a')",
       "text.startWith('a')\n     ^~~~~~~~~ undeclared function `startWith`, did you mean `startsWith`?"},
      {"text.startsWith(1)",
       "text.startsWith(1)\n     ^~~~~~~~~~ `startsWith` on `string` does not take `(int)`, it takes `(string)`"},
      {"count.startsWith('a')",
       "count.startsWith('a')\n      ^~~~~~~~~~ `startsWith` is called on `string`, not on `int`"},
      {"startsWith(text, 'a')",
       "startsWith(text, 'a')\n^~~~~~~~~~ `startsWith` is called on a value, write `x.startsWith(…)`"},
      {"text.int()", "text.int()\n     ^~~ `int` is not called on a value, write `int(…)`"},
      {"math.gratest(1)",
       "math.gratest(1)\n     ^~~~~~~ undeclared function `math.gratest`, did you mean `math.greatest`?"},
      {"words.exist(w, w)", "words.exist(w, w)\n      ^~~~~ undeclared function `exist`, did you mean `exists`?"},
      {"math.rond(1.0)", "math.rond(1.0)\n     ^~~~ undeclared function `math.rond`, did you mean `math.round`?"},
      {"words.all(w)", "words.all(w)\n      ^~~ wrong use of `all`, write `list.all(x, condition)`"},
      {"words.filter(w, 1)", "words.filter(w, 1)\n                ^ the condition must be `bool`, this is `int`"},
      {"words.all(w, w)", "words.all(w, w)\n             ^ `&&` takes `bool`, this is `string`"},
      {"count.map(x, x)", "count.map(x, x)\n^~~~~ only a list or a map has elements to go through, this is `int`"},
      {"maybe.map(x, x)",
       "maybe.map(x, x)\n^~~~~ only a list or a map has elements to go through, this is `optional_type(int)`; give it "
       "a default with `.orValue(…)`"},
      {"[?count]",
       "[?count]\n  ^~~~~ behind `?` stands an optional, this is `int`; wrap it in `optional.of(…)` or drop the `?`"},
      {"Workload{name: 'a'}",
       "Workload{name: 'a'}\n^~~~~~~~ `Workload` cannot be made by an expression, only messages of `google.protobuf` "
       "and maps can"},
      {"Nothing{name: 'a'}",
       "Nothing{name: 'a'}\n^~~~~~~ undeclared message type `Nothing`, write a map with quoted keys: `{\"key\": "
       "value}`"},
      {"google.protobuf.Int32Value{valu: 1}",
       "google.protobuf.Int32Value{valu: 1}\n                           ^~~~ `google.protobuf.Int32Value` has no field "
       "`valu`, did you mean `value`?"},
      {"google.protobuf.Int32Value{value: 'a'}",
       "google.protobuf.Int32Value{value: 'a'}\n                                  ^~~ the field `value` takes `int`, "
       "this is `string`"},
      {"self.targets('selcts')", "self.targets('selcts')\n             ^~~~~~~~ no edge is called `selcts`"},
  };
  for (const Row& row : rows) {
    INFO(row.input);
    CHECK(checked(world, row.input) == row.output);
  }
  CHECK(checked(world, "count", world.types->parse("bool")) ==
        "count\n^~~~~ the expression must give `bool`, this gives `int`");
  CHECK(checked(world, "object", world.types->parse("bool")) == "dyn");
}

TEST_CASE("names are resolved in place, also without a check", "[cel]") {
  const World world;
  static const Row rows[] = {
      {"a.b.c + 1", "_+_(a.b.c, 1)"},
      {"math.abs(count)", "math.abs(count)"},
      {"[1].map(a, a.b.c)", "fold([1], a, @result = [], while true, _+_(@result, [a.b.c]), @result)"},
      {"[1].map(count, .count)", "fold([1], count, @result = [], while true, _+_(@result, [.count]), @result)"},
      {"unknown.thing + 'a'", "_+_(unknown.thing, \"a\")"},
  };
  for (const Row& row : rows) {
    INFO(row.input);
    std::vector<Issue> issues;
    const auto ast = parse(row.input, issues);
    REQUIRE(ast);
    resolve(*ast, world.environment);
    CHECK(dump(ast->root) == row.output);
    CHECK(ast->root->type == world.types->dyn());
  }
  std::vector<Issue> issues;
  const auto qualified = parse("a.b.c", issues);
  resolve(*qualified, world.environment);
  CHECK(std::holds_alternative<Ident>(qualified->root->node));
  const auto local = parse("[1].map(a, a.b.c)", issues);
  resolve(*local, world.environment);
  CHECK(std::holds_alternative<Select>(local->root->macro.transform->node));
}

TEST_CASE("types that double with every step stay small", "[cel]") {
  const World world;
  std::string text = "[]";
  for (int i = 0; i < 60; ++i) text = "cel.bind(x, " + text + ", {'a': [x], 'b': [[x]]})";
  CHECK(checked(world, text).size() < 10'000);
  text = "x0";
  for (int i = 60; i-- > 0;) {
    const std::string x = "x" + std::to_string(i), y = "x" + std::to_string(i + 1);
    text = "cel.bind(" + y + ", {" + x + ": " + x + "}, " + (i == 59 ? y + " == " + y : text) + ")";
  }
  CHECK_FALSE(checked(world, "cel.bind(x0, [], " + text + ")").empty());
}

TEST_CASE("types are read from text and written", "[cel]") {
  TypeTable types;
  static const Row rows[] = {
      {"string", "string"},
      {"any", "dyn"},
      {"list<string>", "list(string)"},
      {"map<string, list<int>>", "map(string, list(int))"},
      {"optional<bool>", "optional_type(bool)"},
      {"list( double )", "list(double)"},
      {"timestamp", "google.protobuf.Timestamp"},
      {"Container", "Container"},
      {"list", "list(dyn)"},
      {"type", "type"},
  };
  for (const Row& row : rows) {
    INFO(row.input);
    const Type* type = types.parse(row.input);
    REQUIRE(type);
    CHECK(to_string(type) == row.output);
    CHECK(types.parse(to_string(type)) == type);
  }
  for (const std::string_view wrong :
       {"", "list<", "list<>", "list<string", "map<string>", "string<int>", "1a", "a b", "list<string>>"}) {
    INFO(wrong);
    CHECK(types.parse(wrong) == nullptr);
  }
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "list<";
  CHECK(types.parse(deep) == nullptr);
  const Type* address = types.opaque("net.IP");
  CHECK(types.parse("net.IP") == address);
  TypeTable other;
  CHECK(other.list(other.dyn()) == types.list(types.dyn()));
}

// What no console shows: unknowns, where values came from, limits, hostile input.
#include <catch2/catch.hpp>

#include <deque>
#include <fstream>
#include <map>
#include <random>

#include "parsers/hcl/parse.hpp"
#include "parsers/terraform/constraint.hpp"
#include "parsers/terraform/evaluate.hpp"

using namespace assay;
using namespace assay::terraform;

namespace {

// Names are evaluated on demand from their own texts, each in a source of its own, like locals and variables.
class Names final : public EmptyScope {
 public:
  std::map<std::string, std::string, std::less<>> texts;  // "var.x" -> expression; "?TYPE": unknown
  Sources bytes;
  Arena arena;
  Diagnostics diagnostics;
  int depth = 0;

  Resolved resolve(const Reference& reference, Diagnostics& errors) override {
    if (reference.steps.empty()) return EmptyScope::resolve(reference, errors);
    const std::string name = std::string(reference.root) + "." + std::string(reference.steps[0].name);
    const auto found = texts.find(name);
    if (found == texts.end() || depth > 50) {
      errors.error("terraform-reference", reference.span, "there is no `" + name + "`");
      return {};
    }
    if (found->second[0] == '?') {
      const Type* type = found->second == "?string" ? string_type() : found->second == "?number" ? number_type()
                         : found->second == "?bool" ? bool_type() : found->second == "?list" ? list_type(string_type()) : any_type();
      return {unknown_of(type, name, "it has no value", {}, arena), 1};
    }
    if (const auto known = values_.find(name); known != values_.end()) return {known->second, 1};
    ++depth;
    const Typed value = run(found->second, name);
    --depth;
    values_[name] = value;
    return {value, 1};
  }
  Sources* sources() override { return &bytes; }

  Typed run(const std::string& text, const std::string& where = "main") {
    files_.push_back(hcl::parse_expression(bytes.add(where, text), diagnostics));
    return evaluate(*files_.back().expression, *this, arena, diagnostics);
  }
  std::string at(Span span) const { return span ? bytes.get(span.source).name() + ": " + std::string(bytes.text(span)) : "nowhere"; }
  // "var.x: 5 <- local.y: var.x <- main: local.y": where it was written, and what used it.
  std::string way(Value value) const {
    std::string text = at(located(value).span);
    std::vector<std::string> uses;
    while (value && !value.span() && !value.origins().empty()) {
      if (value.origins()[0].use) uses.push_back(at(value.origins()[0].use));
      value = value.origins()[0].value;
    }
    for (auto use = uses.rbegin(); use != uses.rend(); ++use) text += " <- " + *use;
    return text;
  }

 private:
  std::deque<hcl::File> files_;
  std::map<std::string, Typed> values_;
};

std::string text_of(Typed value) {
  if (!value) return "error";
  std::string out;
  to_json(value.value, out);
  if (value.unknown()) out = "unknown";
  return name_of(value.type) + " " + out + (value.value.sensitive() ? " sensitive" : "");
}

}  // namespace

TEST_CASE("a value knows the way that it took", "[terraform]") {
  Names names;
  names.texts = {{"var.port", "5432"}, {"local.db", "{port = var.port, name = \"main\"}"}, {"local.list", "[1, var.port]"},
                 {"var.tags", "{team = \"a\"}"}, {"local.tags", "var.tags"}, {"var.prod", "true"}, {"local.alias", "local.db.port"}};
  const std::pair<const char*, const char*> cases[] = {
      {"7", "main: 7"},
      {"\"x\"", "main: \"x\""},
      {"var.port", "var.port: 5432 <- main: var.port"},
      {"local.db.port", "var.port: 5432 <- local.db: var.port <- main: local.db.port"},
      {"local.db[\"port\"]", "var.port: 5432 <- local.db: var.port <- main: local.db[\"port\"]"},
      {"local.db.name", "local.db: \"main\" <- main: local.db.name"},
      {"local.alias", "var.port: 5432 <- local.db: var.port <- local.alias: local.db.port <- main: local.alias"},
      {"local.list[1]", "var.port: 5432 <- local.list: var.port <- main: local.list[1]"},
      {"local.tags.team", "var.tags: \"a\" <- local.tags: var.tags <- main: local.tags.team"},
      {"local.tags[\"team\"]", "var.tags: \"a\" <- local.tags: var.tags <- main: local.tags[\"team\"]"},
      {"var.port + 1", "var.port: 5432 <- main: var.port"},
      {"60 * 60", "main: 60 * 60"},
      {"\"${var.port}/tcp\"", "var.port: 5432 <- main: var.port"},
      {"upper(local.db.name)", "local.db: \"main\" <- main: local.db.name"},
      {"upper(\"x\")", "main: upper(\"x\")"},
      {"var.prod ? 7 : 0", "main: 7"},
      {"var.prod ? var.port : 0", "var.port: 5432 <- main: var.port"},
      {"[for x in local.list: x][1]", "var.port: 5432 <- local.list: var.port <- main: local.list"},
      {"merge(var.tags, {b = 1}).team", "var.tags: \"a\" <- main: var.tags"},
      {"merge(var.tags, {b = 1}).b", "main: 1"},
      {"lookup(var.tags, \"team\", \"none\")", "var.tags: \"a\" <- main: var.tags"},
      {"lookup(var.tags, \"x\", \"none\")", "main: \"none\""},
      {"coalesce(null, local.db.name)", "local.db: \"main\" <- main: local.db.name"},
      {"try(local.db.nothing, local.db.port)", "var.port: 5432 <- local.db: var.port <- main: local.db.port"},
      {"concat([1], local.list)[2]", "var.port: 5432 <- local.list: var.port <- main: local.list"},
      {"element(local.list, 1)", "var.port: 5432 <- local.list: var.port <- main: local.list"},
      {"tostring(var.port)", "var.port: 5432 <- main: var.port"},
      {"tolist(local.list)[1]", "var.port: 5432 <- local.list: var.port <- main: local.list"},
      {"values(var.tags)[0]", "var.tags: \"a\" <- main: var.tags"},
      {"jsondecode(\"[1, 22]\")[1]", "main: 22"},
  };
  for (const auto& [text, way] : cases) {
    CAPTURE(text);
    const Typed value = names.run(text);
    CHECK(names.way(value.value) == way);
  }
  CHECK(names.diagnostics.empty());
}

TEST_CASE("unknowns flow, and say what they depend on", "[terraform]") {
  Names names;
  names.texts = {{"var.s", "?string"}, {"var.n", "?number"}, {"var.b", "?bool"}, {"var.l", "?list"}, {"var.a", "?any"}, {"local.o", "{k = var.s, v = 1}"}};
  const std::pair<const char*, const char*> cases[] = {
      {"var.s", "string unknown"}, {"var.n + 1", "number unknown"}, {"var.n > 1", "bool unknown"}, {"!var.b", "bool unknown"},
      {"var.b && false", "bool false"}, {"false && var.b", "bool false"}, {"var.b || true", "bool true"}, {"var.b && true", "bool unknown"},
      {"var.s == \"x\"", "bool unknown"}, {"var.s == null", "bool unknown"}, {"var.s == 1", "bool false"}, {"var.a == 1", "bool unknown"},
      {"[var.s] == [\"x\"]", "bool unknown"}, {"[var.s, 1] == [\"x\", 2]", "bool false"}, {"[var.s] == []", "bool false"},
      {"\"a${var.s}\"", "string unknown"}, {"upper(var.s)", "string unknown"}, {"length(var.l)", "number unknown"},
      {"length([var.s])", "number 1"}, {"var.l[0]", "string unknown"}, {"var.a.b.c", "any unknown"}, {"var.l[*]", "list(string) unknown"},
      {"[for x in var.l: x]", "any unknown"}, {"{for x in [var.s]: x => 1}", "any unknown"}, {"[for x in [var.s]: 1 if x == \"a\"]", "any unknown"},
      {"[for x in [var.s]: 1]", "tuple([number]) [1]"}, {"{(var.s) = 1}", "any unknown"}, {"{a = var.s}", "object({a = string}) {\"a\":null}"},
      {"{a = var.s}.a", "string unknown"}, {"local.o.v", "number 1"}, {"var.b ? 1 : 2", "number unknown"}, {"var.b ? 1 : \"a\"", "string unknown"},
      {"true ? var.n : 1", "number unknown"}, {"try(var.s, \"x\")", "any unknown"}, {"can(var.s)", "bool unknown"}, {"try(local.o.v, 0)", "number 1"},
      {"try(local.o.z, 0)", "number 0"}, {"coalesce(var.s, \"x\")", "string unknown"}, {"coalesce(\"x\", var.s)", "string \"x\""},
      {"merge(local.o, {b = 2}).b", "number 2"}, {"keys(local.o)", "tuple([string, string]) [\"k\",\"v\"]"}, {"lookup(local.o, \"v\", 0)", "number 1"},
      {"contains([1, var.n], 1)", "bool true"}, {"contains([1, var.n], 2)", "bool unknown"}, {"anytrue([var.b, true])", "bool true"},
      {"jsonencode(local.o)", "string unknown"}, {"toset([var.s, \"a\"])", "set(string) [\"a\",null]"}, {"length(toset([var.s, \"a\"]))", "number unknown"},
      {"concat([1], [var.n])[0]", "number 1"}, {"format(\"%s\", var.s)", "string unknown"}, {"provider::aws::arn_parse(\"x\")", "any unknown"},
      {"timestamp()", "string unknown"}, {"tonumber(var.s)", "number unknown"}, {"tolist(var.a)", "list(any) unknown"}, {"max(1, var.n)", "number unknown"},
      {"\"%{ if var.b }a%{ endif }\"", "string unknown"}, {"[1, 2][var.n]", "any unknown"}, {"tolist([1, 2])[var.n]", "number unknown"},
      {"sensitive(var.s)", "string unknown sensitive"}, {"var.n / 0", "number unknown"}, {"f(var.s)", "error"}, {"upper(var.l)", "error"},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    CHECK(text_of(names.run(text)) == expected);
  }
  CHECK(names.run("var.s").value.as_unknown().name == "var.s");
  CHECK(names.run("var.a.b[0].c").value.as_unknown().name == "var.a.b[0].c");
  const Unknown derived = names.run("upper(\"${var.s}-x\")").value.as_unknown();
  CHECK(derived.name == "upper(\"${var.s}-x\")");
  CHECK(derived.type == "string");
  CHECK(derived.reason == "`var.s` is not known: it has no value");
}

TEST_CASE("nothing that a configuration says takes unbounded time, memory or stack", "[terraform]") {
  Names names;
  std::string doubling = "\"xxxxxxxxxxxxxxxx\"";
  names.texts["local.s0"] = doubling;
  for (int i = 1; i <= 40; ++i) names.texts["local.s" + std::to_string(i)] = "\"${local.s" + std::to_string(i - 1) + "}\"";
  names.texts["local.big"] = "join(\"\", [for i in range(1024): format(\"%1000d\", i)])";
  names.texts["local.l"] = "[for i in range(1024): i]";
  names.texts["local.ll"] = "[for i in local.l: local.l]";
  for (const char* text : {
           "range(1e12)", "format(\"%999999999d\", 1)", "format(\"%.999999999f\", 1)", "setproduct(local.l, local.l, local.l)",
           "[for a in local.l: [for b in local.l: [for c in local.l: 1]]]", "join(\"\", [for i in range(1000): local.big])",
           "\"%{ for i in range(1000) }${local.big}%{ endfor }\"", "concat([for i in range(1000): local.ll]...)[0]",
           "flatten([for i in range(1000): local.ll])", "indent(1000000, \"\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\")",
           "replace(local.big, \"\", local.big)", "parseint(\"1${local.big}\", 10)", "jsondecode(\"${join(\"\", [for i in range(1000): \"[\"])}\")",
           "regex(\"${join(\"\", [for i in range(1000): \"(a*)*\"])}{1000}{1000}\", \"b\")", "yamldecode(\"a: &a [x,x]\\nb: &b [*a,*a]\\nc: &c [*b,*b]\\nd: [*c,*e]\")",
           "base64gunzip(\"H4sI\")", "substr(\"a\", 0, 0.5)", "cidrhost(\"10.0.0.0/8\", 1e40)", "pow(10, 1000) - pow(10, 1000)", "1e5000", "formatdate(\"'\", \"2020-01-01T00:00:00Z\")",
       }) {
    CAPTURE(text);
    Names fresh;
    fresh.texts = names.texts;
    CHECK_FALSE(fresh.run(text));
    CHECK_FALSE(fresh.diagnostics.empty());
  }
  // Values that share their parts have a tree far larger than themselves.
  Names shared;
  shared.texts["local.v0"] = "[1]";
  for (int i = 1; i <= 45; ++i) shared.texts["local.v" + std::to_string(i)] = "[for x in [local.v" + std::to_string(i - 1) + "]: x]";
  CHECK(shared.run("local.v45"));
  Typed deep = shared.run("tolist([1])");
  for (int i = 0; i < 60; ++i) {
    const Value items[] = {deep.value, deep.value};
    deep = {shared.arena.list(items, {}), list_type(deep.type)};
  }
  std::string out, why;
  CHECK_FALSE(to_json(deep.value, out));
  CHECK(equals(deep, deep) == Truth::yes);
  const Type* texts = list_type(string_type());
  for (int i = 0; i < 60; ++i) texts = list_type(texts);
  CHECK_FALSE(convert({deep.value, list_type(deep.type->element)}, texts, shared.arena, why));
}

TEST_CASE("mistakes are named where they are, with what may be meant", "[terraform]") {
  const std::pair<const char*, const char*> cases[] = {
      {"lenght([1])", "lenght: there is no function `lenght`: did you mean `length`?"},
      {"{port = 1}.prot", "prot: the object has no attribute `prot`: did you mean `port`?"},
      {"[1, 2][5]", "[1, 2][5]: the index `5` is out of range: there are 2 elements"},
      {"upper([])", "[]: in `upper`: `str`: a string is required, this is a tuple"},
      {"upper()", "upper(): in `upper`: `upper` needs 1 argument: `str` is missing"},
      {"\"a${null}\"", "null: the value is null and cannot stand in a string: give it a default with `coalesce` or a condition"},
      {"true ? [1] : {}", "true ? [1] : {}: the two results have no common type: one is a tuple (`tuple([number])`), the other a object (`object({})`); convert one of them"},
      {"{for x in [\"a\", \"a\"]: x => 1}", "x: the key `a` comes twice: make keys distinct, or group the values with `...` after the value"},
      {"1 + \"x\"", "\"x\": `+` needs a number: a number is required"},
      {"nowhere.x", "nowhere.x: there is no `nowhere.x`"},
  };
  for (const auto& [text, message] : cases) {
    CAPTURE(text);
    Names names;
    CHECK_FALSE(names.run(text));
    REQUIRE(names.diagnostics.all().size() == 1);
    const Diagnostic& one = names.diagnostics.all()[0];
    CHECK(std::string(names.bytes.text(one.span)) + ": " + one.message == message);
  }
}

TEST_CASE("what an expression mentions", "[terraform]") {
  Sources sources;
  Diagnostics diagnostics;
  const hcl::File file = hcl::parse_expression(
      sources.add("x", "merge(var.a.b, {for k, v in local.m[0].n: k => v.z + aws_x.y[count.index].id}, \"${module.m.out}\")"), diagnostics);
  std::string all;
  for (const Mention& mention : mentions(*file.expression)) {
    all += std::string(mention.reference.root);
    for (const Step& step : mention.reference.steps) all += step.kind == Step::Kind::index ? "[" + std::to_string(step.index) + "]" : "." + std::string(step.name);
    all += " ";
  }
  CHECK(all == "var.a.b local.m[0].n count.index aws_x.y module.m.out ");
}

TEST_CASE("mutilated expressions are values or mistakes that say why", "[terraform]") {
  std::ifstream file(std::string(ASSAY_SOURCE_DIR) + "/tests/terraform/expressions.txt");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);)
    if (!line.empty() && line[0] != '#') lines.push_back(line);
  REQUIRE(lines.size() > 1000);
  std::mt19937 random(20261121);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  const std::string pieces[] = {"null", "var.s", "var.n", "var.a", "sensitive(", ")", "[", "]", "{", "}", "...", "[*]", ".a", "-1", "1e300", "\"", "${", "%{ for x in ", "\\", "\xff", "*", "0", "[for x in ", ": x]", "tolist(", "toset("};
  std::size_t values = 0, mistakes = 0;
  for (std::size_t i = 0; i < 6000; ++i) {
    std::string text = lines[i % lines.size()];
    for (std::size_t n = 1 + below(3); n > 0 && !text.empty(); --n) {
      const std::size_t at = below(text.size());
      switch (below(4)) {
        case 0: text.erase(at, 1 + below(4)); break;
        case 1: text.insert(at, pieces[below(std::size(pieces))]); break;
        case 2: text.replace(at, 1, pieces[below(std::size(pieces))]); break;
        default: {  // a part of another one
          const std::string& other = lines[below(lines.size())];
          text.replace(at, below(8), other.substr(below(other.size()), 1 + below(12)));
        }
      }
    }
    CAPTURE(text);
    Names names;
    names.texts = {{"var.s", "?string"}, {"var.n", "?number"}, {"var.a", "?any"}};
    const Typed value = names.run(text);
    ++(value ? values : mistakes);
    if (!value) CHECK(names.diagnostics.errors() > 0);
    if (!value || names.diagnostics.errors() > 0) continue;
    // The type says what the value is.
    std::string why;
    CHECK(value.type->has_optional == false);
    CHECK(convert(value, value.type, names.arena, why));
    std::string json;
    to_json(value.value, json);
    if (value.type->is(Type::Kind::object) && value.known() && !value.null()) CHECK(value.value.size() == value.type->members.size());
    if (value.type->is(Type::Kind::tuple) && value.known() && !value.null()) CHECK(value.value.size() == value.type->items.size());
  }
  CHECK(values > 500);
  CHECK(mistakes > 500);
}

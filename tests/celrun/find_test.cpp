#include <random>

#include "tests/celrun/support.hpp"

using namespace celrun;

namespace {

// "a!, b?" : texts of the yields; `?` marks the undecided.
std::string yields(Bench& b, const std::string& text) {
  const auto program = b.compile(text);
  Frame frame = b.frame();
  FindResult result;
  find(*program, frame, result);
  std::string out;
  for (const Yield& y : result.yields) out += (out.empty() ? "" : ", ") + to_text(y.value) + (y.certain ? "" : "?");
  if (result.failed) out += (out.empty() ? "" : " ") + ("failed: " + to_text(*result.failed));
  return out;
}

std::string reasons(Bench& b, const std::string& text, std::size_t index) {
  const auto program = b.compile(text);
  b.kept.push_back(b.compile("1"));
  Frame frame = b.frame();
  std::string out;
  for (const Decisive& d : trace_yield(*program, frame, index))
    out += (out.empty() ? "" : "; ") + to_text(val_of(d.value)) + (d.absent.empty() ? "" : " lacks " + std::string(d.absent));
  return out;
}

std::string decisive(Bench& b, const std::string& text) {
  const auto program = b.compile(text);
  Frame frame = b.frame();
  std::vector<Decisive> found;
  const Val traced = evaluate_traced(*program, frame, found);
  Frame again = b.frame();
  CHECK(to_text(evaluate(*program, again)) == to_text(traced));
  std::string out;
  for (const Decisive& d : found)
    out += (out.empty() ? "" : "; ") + to_text(val_of(d.value)) + (d.absent.empty() ? "" : " lacks " + std::string(d.absent));
  return out;
}

struct Pods : Bench {
  Pods() {
    variable("x", val_of(map({{"list", list({num(1), num(2), num(3)})},
                              {"nested", list({list({num(1), num(2)}), list({num(3)})})},
                              {"unsure", list({map({{"n", num(1)}, {"on", unknown("u")}}), map({{"n", num(2)}, {"on", boolean(true)}}),
                                               map({{"n", num(3)}}), map({{"n", num(4)}, {"on", boolean(false)}})})},
                              {"who", unknown("who")},
                              {"yes", boolean(true)},
                              {"no", boolean(false)},
                              {"name", str("api")},
                              {"deep", map({{"er", map({{"n", num(7)}})}})}})));
  }
};

}  // namespace

TEST_CASE("find judges element by element", "[celrun]") {
  Pods b;
  const struct { const char* expression; const char* expected; } cases[] = {
      {"x.list", "1, 2, 3"},
      {"x.list.filter(e, e > 1)", "2, 3"},
      {"x.list.filter(e, e > 1).map(e, e * 10)", "20, 30"},
      {"x.list.map(e, e > 1, e * 10)", "20, 30"},
      {"x.list.filter(e, e == 2 || x.who)", "1?, 2, 3?"},
      {"x.list.filter(e, e / 0 == 1)", "1?, 2?, 3?"},
      {"x.unsure.filter(c, c.on).map(c, c.n)", "1?, 2, 3?"},
      {"x.unsure.filter(c, c.?on.orValue(false)).map(c, c.n)", "1?, 2"},
      {"x.unsure.filter(c, c.on).filter(c, c.n > 1).map(c, c.n)", "2, 3?"},
      {"x.unsure.map(c, c.on)", "{\"n\": 1, \"on\": unknown(u)}?, true, {\"n\": 3}?, false"},
      {"x.list.filter(e, e > 2) + x.list.filter(e, e < 2)", "3, 1"},
      {"x.list.filter(e, e > 2) + x.missing", "3 failed: error: no such key: missing"},
      {"x.yes ? x.list : []", "1, 2, 3"},
      {"x.who ? x.list : []", "failed: unknown(who)"},
      {"x.who.filter(e, true)", "failed: unknown(who)"},
      {"x.missing", "failed: error: no such key: missing"},
      {"x.?missing.orValue([]).filter(e, true)", ""},
      {"x.?list.orValue([]).filter(e, e == 1)", "1"},
      {"x.nested.flatten()", "1, 2, 3"},
      {"x.nested.filter(l, l[0] > 1).flatten().map(e, e + 1)", "4"},
      {"x.nested.map(l, l.filter(e, e != 1)).flatten()", "2, 3"},
      {"[x.name, x.who, 'z']", "\"api\", unknown(who)?, \"z\""},
      {"[x].filter(o, o.yes).map(o, o.name)", "\"api\""},
      {"cel.bind(limit, 2, x.list.filter(e, e > limit))", "3"},
      {"x.list.transformList(i, v, i > 0, v)", "2, 3"},
      {"x.unsure.transformList(i, c, c.on, i)", "0?, 1, 2?"},
      {"x.name", "failed: error: a list is needed here, not string"},
      {"x.deep.filter(k, true)", "\"er\""},
      {"x.list.filter(e, e)", "1?, 2?, 3?"},
      {"x.list.map(e, x.list.filter(f, f > e)).flatten()", "2, 3, 3"},
  };
  for (const auto& c : cases) {
    INFO(c.expression);
    CHECK(yields(b, c.expression) == c.expected);
  }
}

TEST_CASE("decisive values are the smallest set that decided", "[celrun]") {
  Pods b;
  const struct { const char* expression; const char* expected; } cases[] = {
      {"x.name == 'api'", "\"api\""},
      {"x.yes && x.no", "false"},
      {"x.yes && x.deep.er.n == 7", "true; 7"},
      {"x.no || x.yes", "true"},
      {"x.no || x.deep.er.n == 8", "false; 7"},
      {"x.deep.er.n == 8 && x.no && x.name == 'b'", "7"},
      {"x.yes ? x.deep.er.n : x.name", "true; 7"},
      {"has(x.deep.none)", "{\"er\": {\"n\": 7}} lacks none"},
      {"has(x.deep.er.n)", "7"},
      {"x.?deep.?a.?b.orValue(true)", "{\"er\": {\"n\": 7}} lacks a"},
      {"x.?deep.?er.?n.orValue(0)", "7"},
      {"x.deep.a.b", "{\"er\": {\"n\": 7}} lacks a"},
      {"x.list.exists(e, e >= 2)", "2"},
      {"x.list.exists(e, e > 9)", "1; 2; 3"},
      {"x.list.all(e, e < 2)", "2"},
      {"x.list.all(e, e < 9)", "1; 2; 3"},
      {"x.unsure.exists(c, c.n == 2 && c.on)", "2; true"},
      {"x.unsure.exists(c, !has(c.on))", "{\"n\": 3} lacks on"},
      {"size(x.list) == 3", "[1, 2, 3]"},
      {"size(x.list.filter(e, e > 2)) == 1", "3"},
      {"x.list.filter(e, e > 1).exists(e, e == 3)", "3"},
      {"x.list[1] == 2", "2"},
      {"1 + 1 == 2", ""},
      {"x.who == 1 && x.yes", "unknown(who)"},
      {"!(x.name in ['a', 'b'])", "\"api\""},
      {"[].exists(e, true)", ""},
      {"x.unsure.filter(c, c.n > 9).size() == 0", "1; 2; 3; 4"},
      {"cel.bind(n, x.deep.er.n, n > 1 && n < 10)", "7"},
  };
  for (const auto& c : cases) {
    INFO(c.expression);
    CHECK(decisive(b, c.expression) == c.expected);
  }
  CHECK(reasons(b, "x.unsure.filter(c, !c.?on.orValue(true))", 1) == "false");
  CHECK(reasons(b, "x.unsure.filter(c, c.?on.orValue(true))", 2) == "{\"n\": 3} lacks on");
  CHECK(reasons(b, "x.list.filter(e, e > 1)", 1) == "3");
  CHECK(reasons(b, "x.list", 1) == "2");
}

namespace {

// A record whose fields are expressions, as views are.
struct Record final : StructBase {
  StructType& shape;
  const std::vector<std::unique_ptr<Program>>& programs;
  Value behind;
  Record(StructType& s, const std::vector<std::unique_ptr<Program>>& p, Value v) : shape(s), programs(p), behind(v) {}
  const StructType& type() const override { return shape; }
  Val get(std::uint32_t field, Frame& frame) override {
    const Val object = val_of(behind);
    const std::span<const Val> outer = frame.slots;
    frame.slots = {&object, 1};
    const Val result = evaluate(*programs[field], frame);
    frame.slots = outer;
    return result;
  }
  bool has(std::uint32_t field, Frame& frame) override { return !get(field, frame).is_error(); }
  Value value() const override { return behind; }
  const void* identity() const override { return behind.id(); }
};

}  // namespace

TEST_CASE("a record's field hands on what decided it", "[celrun]") {
  Bench inner;
  inner.variable("object", val_null());
  const auto types = std::make_shared<TypeTable>();
  StructType shape;
  shape.name = "Store";
  shape.type = types->structure("Store");
  shape.fields = {{"encrypted", types->primitive(TypeKind::boolean)}, {"name", types->primitive(TypeKind::string)}, {"keys", types->list(types->dyn())}};
  std::vector<std::unique_ptr<Program>> programs;
  for (const char* const text : {"object.?settings.?encrypted.orValue(false) || object.kind == 'safe'", "object.name", "object.keys"})
    programs.push_back(inner.compile(text));

  Bench b;
  b.environment.add_struct(&shape);
  const Value plain = b.map({{"settings", b.map({})}, {"kind", b.str("plain")}, {"name", b.str("db")}, {"keys", b.list({b.num(1), b.num(2)})}});
  const Value safe = b.map({{"kind", b.str("safe")}, {"name", b.str("vault")}, {"keys", b.list({})}});
  Record first(shape, programs, plain), second(shape, programs, safe);
  Val one, two;
  one.kind = two.kind = ValKind::structure;
  one.source = plain;
  two.source = safe;
  one.structure = &first;
  two.structure = &second;
  b.variable("self", one, shape.type);
  b.variable("other", two, shape.type);

  CHECK(b.text("self.encrypted") == "false");
  CHECK(b.text("self.name + other.name") == "\"dbvault\"");
  CHECK(b.text("self == self && self != other") == "true");
  CHECK(b.text("[self, other].filter(s, s.encrypted).map(s, s.name)") == "[\"vault\"]");
  CHECK(b.text("dyn(self).nothing") == "error: no such key: nothing");
  CHECK(b.run("[self, other].filter(s, s.encrypted)[0]").source == safe);
  CHECK(decisive(b, "!self.encrypted") == "{} lacks encrypted; \"plain\"");
  CHECK(decisive(b, "other.encrypted && self.name == 'db'") == "\"safe\"; \"db\"");
  CHECK(decisive(b, "self.name == 'x' && self.encrypted") == "\"db\"");
  CHECK(decisive(b, "self.keys.exists(k, k == 2)") == "2");
  CHECK(reasons(b, "[self, other].filter(s, !s.encrypted)", 0) == "{} lacks encrypted; \"plain\"");
}

TEST_CASE("a record that reads itself ends with an error", "[celrun]") {
  Bench inner;
  StructType shape;
  shape.name = "Loop";
  shape.type = inner.types->structure("Loop");
  shape.fields = {{"again", inner.types->dyn()}};
  std::vector<std::unique_ptr<Program>> programs;
  struct Loop final : StructBase {
    StructType* shape;
    std::vector<std::unique_ptr<Program>>* programs;
    const StructType& type() const override { return *shape; }
    Val get(std::uint32_t, Frame& frame) override { return evaluate(*programs->front(), frame); }
    bool has(std::uint32_t, Frame&) override { return true; }
    Value value() const override { return {}; }
    const void* identity() const override { return this; }
  } loop;
  loop.shape = &shape;
  loop.programs = &programs;
  Val self;
  self.kind = ValKind::structure;
  self.structure = &loop;
  inner.environment.add_struct(&shape);
  inner.variable("self", self, shape.type);
  programs.push_back(inner.compile("self.again"));
  Frame frame = inner.frame();
  CHECK(to_text(evaluate(*programs[0], frame)) == "error: nested too deeply");
}

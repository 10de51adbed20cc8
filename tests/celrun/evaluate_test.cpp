#include "tests/celrun/support.hpp"

using namespace celrun;

TEST_CASE("expressions give CEL's values", "[celrun]") {
  Bench b;
  b.variable("pod", val_of(b.map({{"name", b.str("api")},
                                  {"replicas", b.num(3)},
                                  {"labels", b.map({{"app", b.str("x")}, {"tier", b.str("web")}})},
                                  {"ports", b.list({b.num(80), b.num(443)})},
                                  {"none", b.arena.null({})},
                                  {"who", b.unknown("var.who")}})));
  const struct { const char* expression; const char* result; } cases[] = {
      {"1 + 2 * 3", "7"},
      {"pod.name + '!'", "\"api!\""},
      {"pod.replicas >= 3 && pod.name == 'api'", "true"},
      {"pod.labels.tier in ['web', 'db']", "true"},
      {"'app' in pod.labels", "true"},
      {"pod.ports[1]", "443"},
      {"pod.ports.exists(p, p == 443)", "true"},
      {"pod.ports.all(p, p > 80)", "false"},
      {"pod.ports.exists_one(p, p > 80)", "true"},
      {"pod.ports.filter(p, p > 80)", "[443]"},
      {"pod.ports.map(p, p * 2)", "[160, 886]"},
      {"pod.ports.map(p, p > 80, p * 2)", "[886]"},
      {"pod.labels.map(k, k + pod.labels[k])", "[\"appx\", \"tierweb\"]"},
      {"pod.labels.transformMap(k, v, k + v)", "{\"app\": \"appx\", \"tier\": \"tierweb\"}"},
      {"pod.ports.transformList(i, v, i + v)", "[80, 444]"},
      {"has(pod.name) && !has(pod.nothing)", "true"},
      {"pod.nothing", "error: no such key: nothing"},
      {"pod.?labels.?app.orValue('none')", "\"x\""},
      {"pod.?nothing.?app.orValue('none')", "\"none\""},
      {"pod.?nothing.app.orValue('none')", "\"none\""},
      {"pod.?name", "optional.of(\"api\")"},
      {"pod.?nothing.hasValue()", "false"},
      {"pod.?ports[?0].value()", "80"},
      {"pod.ports[?7].or(optional.of(1)).value()", "1"},
      {"pod.?labels.optMap(l, l.app).orValue('')", "\"x\""},
      {"pod.none == null", "true"},
      {"size(pod.ports.filter(p, p > 1))", "2"},
      {"pod.who == 1", "unknown(var.who)"},
      {"has(pod.who)", "unknown(var.who)"},
      {"pod.?who.orValue(1)", "unknown(var.who)"},
      {"pod.who.x.y || true", "true"},
      {"pod.who || pod.nothing", "unknown(var.who)"},
      {"pod.nothing || pod.who", "unknown(var.who)"},
      {"false && pod.who", "false"},
      {"pod.ports.exists(p, p == pod.who || p == 443)", "true"},
      {"pod.who ? 1 : 2", "unknown(var.who)"},
      {"pod.nothing ? 1 : 2", "error: no such key: nothing"},
      {"1 / 0", "error: division by zero"},
      {"1 / 0 == 1 || true", "true"},
      {"9223372036854775807 + 1", "error: integer overflow"},
      {"[1, 2u, 3.0] == [1.0, 2, 3u]", "true"},
      {"{1: 'a'}[dyn(1u)]", "\"a\""},
      {"{'a': 1, ?'b': optional.none()}", "{\"a\": 1}"},
      {"[1, ?optional.of(2), ?optional.none()]", "[1, 2]"},
      {"{'a': 1, 'a': 2}", "error: duplicate key in a map: a"},
      {"[1][1]", "error: index out of bounds: 1"},
      {"dyn(1) < 2.5", "true"},
      {"type(1) == int && type([1]) == list && type({}) == map && type(type(1)) == type", "true"},
      {"type(null) == null_type", "true"},
      {"'hello'.matches('^h.*o$')", "true"},
      {"size('hé')", "2"},
      {"cel.bind(x, 3, x * x)", "9"},
      {"string(1.5) + string(1e6) + string(2u)", "\"1.51e+062\""},
      {"timestamp('2009-02-13T23:31:30Z').getHours('Asia/Kathmandu')", "5"},
      {"duration('90m') + duration('30m') == duration('2h')", "true"},
      {"timestamp('2009-02-13T23:31:30Z') - duration('30s')", "timestamp(\"2009-02-13T23:31:00Z\")"},
      {"[[1, 2], [3]].map(l, l.map(x, x + 1))", "[[2, 3], [4]]"},
      {"[1, 2, 3].map(x, [4, 5].filter(y, y > x + 2))", "[[4, 5], [5], []]"},
      {"pod.name in ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'a', 'api']", "true"},
      {"pod.name in ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'a', 'apis']", "false"},
      {"pod.replicas in ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'a', 'apis']", "false"},
      {"pod.who in ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'a', 'apis']", "unknown(var.who)"},
      {"optional.ofNonZeroValue('')", "optional.none()"},
  };
  for (const auto& c : cases) {
    INFO(c.expression);
    CHECK(b.text(c.expression) == c.result);
  }
}

TEST_CASE("values read from the input know where they stand", "[celrun]") {
  Bench b;
  const Value first = b.str("a"), second = b.num(2);
  const Value list = b.list({first, second});
  const Value root = b.map({{"list", list}});
  b.variable("x", val_of(root));
  CHECK(b.run("x").source == root);
  CHECK(b.run("x.list").source == list);
  CHECK(b.run("x.list[1]").source == second);
  CHECK(b.run("true ? x.list[0] : x.list[1]").source == first);
  CHECK(b.run("x.?list.orValue([])").source == list);
  CHECK(b.run("x.list.filter(e, e == 2)[0]").source == second);
  CHECK_FALSE(b.run("x.list[1] + 1").source);
  CHECK_FALSE(b.run("'a'").source);
}

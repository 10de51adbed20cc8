#include <catch2/catch.hpp>
#include <random>

#include "engine/cel/lex.hpp"
#include "tests/support/cel_dump.hpp"

using namespace assay::cel;
using assay::test::dump;

namespace {

std::string parsed(std::string_view text, const ParseLimits& limits = {}) {
  std::vector<Issue> issues;
  const auto ast = parse(text, issues, limits);
  CHECK((ast == nullptr) == !issues.empty());
  return ast ? dump(ast->root) : dump(text, issues);
}

struct Row {
  std::string_view input, output;
};

}  // namespace

TEST_CASE("expressions parse to the trees that the language definition gives", "[cel]") {
  static const Row rows[] = {
      // Literals
      {"17", "17"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"0xFF", "255"},
      {"-0x10", "-16"},
      {"18446744073709551615u", "18446744073709551615u"},
      {"0xFFU", "255u"},
      {"1.5e3", "1500.0"},
      {".5", "0.5"},
      {"-2e-2", "-0.02"},
      {"1e-400", "0.0"},
      {"'a' ", "\"a\""},
      {R"("""a"b
c""")",
       R"("a\x22b\x0ac")"},
      {"'''\r\n'''", R"("\x0a")"},
      {R"(r'\n')", R"("\x5cn")"},
      {R"('\x41\u00e9\U0001F431\101\`\?')", R"("A\xc3\xa9\xf0\x9f\x90\xb1A`?")"},
      {R"(b'\xff\377é')", R"(b"\xff\xff\xc3\xa9")"},
      {R"(bR'\xff')", R"(b"\x5cxff")"},
      {"null", "null"},
      {"[true, false]", "[true, false]"},
      {"[1, 2,]", "[1, 2]"},
      {"{1: 'a', 'b': 2u,}", "{1: \"a\", \"b\": 2u}"},
      {"a // the rest is silence\n + 1", "_+_(a, 1)"},
      // Precedence, association
      {"a + b * c - d", "_-_(_+_(a, _*_(b, c)), d)"},
      {"a < b == c", "_==_(_<_(a, b), c)"},
      {"a ? b : c ? d : e", "_?_:_(a, b, _?_:_(c, d, e))"},
      {"a || b && c", "_||_(a, _&&_(b, c))"},
      {"a && b && c && d", "_&&_(_&&_(a, b), _&&_(c, d))"},
      {"!a.b", "!_(a.b)"},
      {"!!a", "a"},
      {"---a", "-_(a)"},
      {"--1", "1"},
      {"-1 - -1", "_-_(-1, -1)"},
      {"a - 1", "_-_(a, 1)"},
      {"a-1", "_-_(a, 1)"},
      {"1 in [1]", "@in(1, [1])"},
      {"-a.b(c)[d]", "-_(_[_](a.b(c), d))"},
      {"(a + b) * c", "_*_(_+_(a, b), c)"},
      // Names and fields
      {".a.b", ".a.b"},
      {"a.`b-c/d.e f`", "a.`b-c/d.e f`"},
      {"a.for.package", "a.for.package"},
      {".f(x)", ".f(x)"},
      {"a.b.c{d: 1, `e-f`: 2, ?g: h}", "a.b.c{d: 1, e-f: 2, ?g: h}"},
      {".a{}", ".a{}"},
      // Optionals
      {"a.?b[?c].d", "_[?_](a.?b, c).d"},
      {"[?a, b, ?c]", "[?a, b, ?c]"},
      {"{?'a': b}", "{?\"a\": b}"},
      // Macros
      {"has(a.b)", "has(a.b)"},
      {"l.all(x, p)", "fold(l, x, @result = true, while @not_strictly_false(@result), _&&_(@result, p), @result)"},
      {"l.exists(i, x, p)",
       "fold(l, i, x, @result = false, while @not_strictly_false(!_(@result)), _||_(@result, p), @result)"},
      {"l.exists_one(x, p)",
       "fold(l, x, @result = 0, while true, _?_:_(p, _+_(@result, 1), @result), _==_(@result, 1))"},
      {"l.map(x, f)", "fold(l, x, @result = [], while true, _+_(@result, [f]), @result)"},
      {"l.map(x, p, f)", "fold(l, x, @result = [], while true, _?_:_(p, _+_(@result, [f]), @result), @result)"},
      {"l.filter(x, p)", "fold(l, x, @result = [], while true, _?_:_(p, _+_(@result, [x]), @result), @result)"},
      {"m.transformList(k, v, f)", "fold(m, k, v, @result = [], while true, _+_(@result, [f]), @result)"},
      {"m.transformMap(k, v, p, f)",
       "fold(m, k, v, @result = {}, while true, _?_:_(p, cel.@mapInsert(@result, k, f), @result), @result)"},
      {"m.transformMapEntry(k, v, f)", "fold(m, k, v, @result = {}, while true, cel.@mapInsert(@result, f), @result)"},
      {"cel.bind(x, a, b)", "fold([], #unused, x = a, while false, x, b)"},
      {"o.optMap(x, f)",
       "_?_:_(o.hasValue(), optional.of(fold([], #unused, x = o.value(), while false, x, f)), optional.none())"},
      {"a.b.optFlatMap(x, f)",
       "fold([], #unused, #target = a.b, while false, #target, "
       "_?_:_(#target.hasValue(), fold([], #unused, x = #target.value(), while false, x, f), optional.none()))"},
      {"math.greatest(a, b, 3)", "math.@max([a, b, 3])"},
      {"math.least([1, 2])", "math.@min([1, 2])"},
      {"math.least(a)", "math.@min(a)"},
      // No macros: another number of arguments, another receiver
      {"l.all(x)", "l.all(x)"},
      {"has(a, b)", "has(a, b)"},
      {"a.has(b)", "a.has(b)"},
      {"other.greatest(a)", "other.greatest(a)"},
      {"cel.index(0)", "cel.index(0)"},
  };
  for (const Row& row : rows) {
    INFO(row.input);
    CHECK(parsed(row.input) == row.output);
  }
  ParseLimits with_test_macros;
  with_test_macros.test_macros = true;
  CHECK(parsed("cel.block([1], cel.index(0) + cel.iterVar(0, 1) + cel.accuVar(2, 3))", with_test_macros) ==
        "cel.@block([1], _+_(_+_(@index0, @it:0:1), @ac:2:3))");
}

TEST_CASE("mistakes in expressions are told with a place and a remedy", "[cel]") {
  static const Row rows[] = {
      {"", "\n^ the expression is empty, write one"},
      {"1 +", "1 +\n   ^ the expression ends here, expected a value"},
      {"1 + * 2", "1 + * 2\n    ^ unexpected `*`, expected a value"},
      {"a b", "a b\n  ^ unexpected `b`, expected an operator or the end of the expression"},
      {"a and b", "a and b\n  ^~~ `and` is no operator, write `&&`"},
      {"not a", "not a\n^~~ `not` is no operator, write `!`"},
      {"a = b", "a = b\n  ^ `=` is no operator, compare with `==`"},
      {"a & b", "a & b\n  ^ `&` is no operator, write `&&`"},
      {"f(a", "f(a\n   ^ the expression ends here, expected `,` or `)`"},
      {"(a", "(a\n  ^ the expression ends here, expected `)`"},
      {"[a", "[a\n  ^ the expression ends here, expected `,` or `]`"},
      {"{a}", "{a}\n  ^ unexpected `}`, expected `:` behind the key"},
      {"a ? b", "a ? b\n     ^ the expression ends here, expected `:` of the conditional"},
      {"a.", "a.\n  ^ the expression ends here, expected a field's name"},
      {"a.in", "a.in\n  ^~ unexpected `in`, expected a field's name; write a reserved word between backticks"},
      {"`a`", "`a`\n^~~ a name between backticks may only stand for a field, behind a `.`"},
      {"a.`b",
       "a.`b\n  ^~ a name between backticks may hold letters, digits, `_`, `.`, `-`, `/` and spaces, and ends with a "
       "backtick"},
      {"for", "for\n^~~ `for` is a reserved word, choose another name"},
      {"'abc", "'abc\n^~~~ the string is not closed, end it with `'`"},
      {"\"\"\"abc\"", "\"\"\"abc\"\n^~~~~~~ the string is not closed, end it with `\"\"\"`"},
      {R"('a\qb')", "'a\\qb'\n  ^~ `\\q` is no escape, write `\\\\` for a backslash or put `r` before the string"},
      {R"('\ud800')", "'\\ud800'\n ^~~~~~ `\\ud800` is no Unicode code point"},
      {R"('\x4')", "'\\x4'\n ^~~ `\\x` needs 2 hexadecimal digits"},
      {R"('\18')", "'\\18'\n ^~~ `\\1` needs 2 more octal digits"},
      {R"(b'\u0041')", "b'\\u0041'\n  ^~ `\\u` names a code point and bytes have none, write `\\x` escapes"},
      {"9223372036854775808",
       "9223372036854775808\n^~~~~~~~~~~~~~~~~~~ `9223372036854775808` is beyond the range of an int, write "
       "`9223372036854775808u` for a uint"},
      {"18446744073709551616u",
       "18446744073709551616u\n^~~~~~~~~~~~~~~~~~~~~ `18446744073709551616` is beyond the range of a uint"},
      {"1e999", "1e999\n^~~~~ `1e999` is beyond the range of a double"},
      {"12ab", "12ab\n^~~~ `12ab` is no number, `ab` cannot follow one"},
      {"a\x01", "a\x01\n ^ control character outside a string, remove it"},
      {"a é", "a é\n  ^~ unexpected character `é`"},
      {"a \xff", "a \xff\n  ^ the text is not valid UTF-8, save it as UTF-8"},
      {"!-a", "!-a\n ^ unexpected `-`, expected a value, put parentheses around the inner operator"},
      {"l.map(1, x)", "l.map(1, x)\n      ^ the variable of `map` must be a simple name"},
      {"l.all(a.b, x)", "l.all(a.b, x)\n      ^~~ the variable of `all` must be a simple name"},
      {"m.all(x, x, y)", "m.all(x, x, y)\n         ^ both variables of `all` are called `x`, rename one"},
      {"has(a)", "has(a)\n    ^ `has` takes a field selection, as in `has(a.b)`"},
      {"has(a[0])", "has(a[0])\n    ^~~~ `has` takes a field selection, as in `has(a.b)`"},
      {"math.greatest()", "math.greatest()\n^~~~~~~~~~~~~~~ `greatest` needs at least one argument"},
      {"math.least('a', 1)", "math.least('a', 1)\n           ^~~ `least` takes numbers"},
      {"a.b().c{}",
       "a.b().c{}\n       ^ unexpected `{`, expected an operator; only a type's plain name may stand before `{`"},
  };
  for (const Row& row : rows) {
    INFO(row.input);
    CHECK(parsed(row.input) == row.output);
  }
}

TEST_CASE("depth and size of expressions are bounded", "[cel]") {
  const auto repeated = [](std::string_view begin, std::string_view part, std::size_t times, std::string_view end) {
    std::string text(begin);
    for (std::size_t i = 0; i < times; ++i) text += part;
    return text + std::string(end);
  };
  const auto message = [](const std::string& text, const ParseLimits& limits = {}) {
    std::vector<Issue> issues;
    const auto ast = parse(text, issues, limits);
    return ast ? std::string() : issues.at(0).message;
  };
  const std::string deep = "nested more than 250 deep, split the expression";
  // Each of these is as deep as it is long.
  CHECK(message(repeated("", "(", 249, "1") + std::string(249, ')')).empty());
  CHECK(message(repeated("", "(", 90'000, "1")) == deep);
  CHECK(message(repeated("", "[", 90'000, "1")) == deep);
  CHECK(message(repeated("", "{1:", 30'000, "1")) == deep);
  CHECK(message(repeated("", "f(", 45'000, "1")) == deep);
  CHECK(message(repeated("", "a[", 45'000, "1")) == deep);
  CHECK(message(repeated("", "a?b:", 24'000, "1")) == deep);
  CHECK(message(repeated("1", "+1", 249, "")).empty());
  CHECK(message(repeated("1", "+1", 45'000, "")) == deep);
  CHECK(message(repeated("a", ".b", 45'000, "")) == deep);
  CHECK(message(repeated("a", "[0]", 30'000, "")) == deep);
  CHECK(message(repeated("a", ".f()", 24'000, "")) == deep);
  CHECK(message(repeated("", "l.map(x,", 12'000, "1")) == deep);
  // These are not.
  CHECK(message(repeated("a", "||a", 33'000, "")).empty());
  CHECK(message(repeated("a", "&&a", 33'000, "")).empty());
  CHECK(message(repeated("", "!", 90'000, "a")).empty());
  CHECK(message(repeated("", "-", 90'000, "1")).empty());
  CHECK(message(repeated("[1", ",1", 45'000, "]")).empty());
  // The limit counts characters, not bytes.
  CHECK(message(repeated("'", "é", 99'000, "'")).empty());
  CHECK(message(repeated("'", "e", 100'000, "'")) ==
        "the expression has 100002 characters, more than the limit of 100000; split it");
  ParseLimits small;
  small.depth = 3;
  CHECK(message("1+1+1", small).empty());
  CHECK(message("1+1+1+1", small) == "nested more than 3 deep, split the expression");
}

TEST_CASE("nodes know where they stand", "[cel]") {
  std::vector<Issue> issues;
  const std::string text = "  a.b(1 + 2).all(x, x.`c-d` > 0)  ";
  const auto ast = parse(text, issues);
  REQUIRE(ast);
  const auto shown = [&](const Expr* expr) {
    return text.substr(expr->range.begin, expr->range.end - expr->range.begin);
  };
  CHECK(shown(ast->root) == "a.b(1 + 2).all(x, x.`c-d` > 0)");
  CHECK(ast->root->at == text.find("all"));
  CHECK(ast->root->macro.macro == Macro::all);
  CHECK(shown(ast->root->macro.predicate) == "x.`c-d` > 0");
  CHECK(text[ast->root->macro.predicate->at] == '>');
  const auto& fold = std::get<Comprehension>(ast->root->node);
  CHECK(shown(fold.range) == "a.b(1 + 2)");
  CHECK(fold.range->at == text.find("b("));
  CHECK(shown(std::get<Call>(fold.range->node).args[0]) == "1 + 2");
}

namespace {

// Random expressions: their tree as `dump` writes it, their text with all parentheses, and with only
// those that the grammar needs, by a table of binding strengths that is not the parser's.
struct Sample {
  std::string tree, full, lean;
  int strength;  // 0 conditional, 1 ||, 2 &&, 3 relation, 4 sum, 5 product, 6 unary, 7 member
};

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  Sample expression(int depth) {
    static const std::vector<std::tuple<std::string, std::string, int>> binary = {
        {"<", "_<_", 3}, {">=", "_>=_", 3}, {"==", "_==_", 3}, {"in", "@in", 3},
        {"+", "_+_", 4}, {"-", "_-_", 4},   {"*", "_*_", 5},   {"%", "_%_", 5}};
    if (depth == 0) return leaf();
    switch (pick(8)) {
      case 0:
        return leaf();
      case 1: {
        const Sample a = expression(depth - 1), b = expression(depth - 1), c = expression(depth - 1);
        return {"_?_:_(" + a.tree + ", " + b.tree + ", " + c.tree + ")",
                "(" + a.full + ")?(" + b.full + "):(" + c.full + ")",
                within(a, 1) + " ? " + within(b, 1) + " : " + within(c, 0), 0};
      }
      case 2:
      case 3:
      case 4: {
        const auto& [symbol, function, strength] = binary[pick(binary.size())];
        const Sample a = expression(depth - 1), b = expression(depth - 1);
        return {function + "(" + a.tree + ", " + b.tree + ")", "(" + a.full + ") " + symbol + " (" + b.full + ")",
                within(a, strength) + " " + symbol + " " + within(b, strength + 1), strength};
      }
      case 5: {  // a single && or ||: chains are balanced
        const bool is_or = pick(2) == 0;
        const Sample a = expression(depth - 1), b = expression(depth - 1);
        const std::string symbol = is_or ? "||" : "&&";
        return {"_" + symbol + "_(" + a.tree + ", " + b.tree + ")", "(" + a.full + ")" + symbol + "(" + b.full + ")",
                within(a, is_or ? 2 : 3) + symbol + within(b, is_or ? 2 : 3), is_or ? 1 : 2};
      }
      case 6: {
        const bool minus = pick(2) == 0;
        const Sample a = expression(depth - 1);
        // A sign before a literal or another sign would be something else.
        const std::string inner =
            a.strength == 7 && !std::isdigit(static_cast<unsigned char>(a.lean.front())) ? a.lean : "(" + a.lean + ")";
        if (a.strength == 7 && std::isdigit(static_cast<unsigned char>(a.lean.front()))) {
          return {"!_(" + a.tree + ")", "!(" + a.full + ")", "!" + inner, 6};
        }
        return {std::string(minus ? "-_(" : "!_(") + a.tree + ")", std::string(minus ? "-" : "!") + "(" + a.full + ")",
                std::string(minus ? "-" : "!") + inner, 6};
      }
      default: {
        const Sample a = expression(depth - 1), b = expression(depth - 1);
        switch (pick(3)) {
          case 0:
            return {a.tree + ".f", "(" + a.full + ").f", within(a, 7) + ".f", 7};
          case 1:
            return {"_[_](" + a.tree + ", " + b.tree + ")", "(" + a.full + ")[" + b.full + "]",
                    within(a, 7) + "[" + b.lean + "]", 7};
          default:
            return {a.tree + ".g(" + b.tree + ")", "(" + a.full + ").g(" + b.full + ")",
                    within(a, 7) + ".g(" + b.lean + ")", 7};
        }
      }
    }
  }

 private:
  std::size_t pick(std::size_t count) { return random_() % count; }
  Sample leaf() {
    static const std::vector<std::string> names = {"a", "b", "x", "1", "2u", "true", "\"s\"", "[]"};
    const std::string& name = names[pick(names.size())];
    return {name, name, name, 7};
  }
  static std::string within(const Sample& sample, int strength) {
    return sample.strength >= strength ? sample.lean : "(" + sample.lean + ")";
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("parentheses that the grammar does not need change nothing", "[cel]") {
  Generator generator(1);
  for (int i = 0; i < 4000; ++i) {
    const Sample sample = generator.expression(i % 6);
    INFO(sample.lean << "\n" << sample.full);
    REQUIRE(parsed(sample.full) == sample.tree);
    REQUIRE(parsed(sample.lean) == sample.tree);
  }
}

TEST_CASE("no text upsets the parser, and every issue lies in the text", "[cel]") {
  static const std::vector<std::string> parts = {
      "a",   ".",   "?", "[", "]",  "(",  ")", "{",        "}",    ",",         ":",   "'",     "\"",
      "\\",  "b",   "r", "1", "0x", "e",  "u", "+",        "-",    "!",         "&&",  "||",    "in",
      "has", "map", "x", "`", "//", "\n", " ", "\xc3\xa9", "\xff", "cel.bind(", "'''", "all(x,"};
  std::mt19937 random(2);
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (std::size_t n = random() % 12; n > 0; --n) text += parts[random() % parts.size()];
    std::vector<Issue> issues;
    const auto ast = parse(text, issues);
    INFO(text);
    REQUIRE((ast == nullptr) == !issues.empty());
    for (const Issue& issue : issues) {
      REQUIRE(issue.range.begin <= issue.range.end);
      REQUIRE(issue.range.end <= text.size());
      REQUIRE_FALSE(issue.message.empty());
    }
    if (!ast) continue;
    for (const Expr& expr : ast->nodes) {
      REQUIRE(expr.range.begin <= expr.at);
      REQUIRE(expr.at <= expr.range.end);
      REQUIRE(expr.range.end <= text.size());
    }
  }
}

// The JSON syntax: the same bodies, once somebody says which properties are blocks.
#include <sstream>

#include <catch2/catch.hpp>

#include "parsers/hcl/json.hpp"
#include "parsers/hcl/parse.hpp"
#include "tests/hcl/dump.hpp"

using namespace assay;

namespace {

struct Reading {
  Sources sources;
  Diagnostics diagnostics;
  const Source& source;
  hcl::File file;

  explicit Reading(std::string bytes) : source(sources.add("x.tf.json", std::move(bytes))), file(hcl::parse_json(source, {}, diagnostics)) {}
  hcl::Body body(std::initializer_list<hcl::BlockType> blocks, hcl::Strings strings = hcl::Strings::templates) { return body(file.body, blocks, strings); }
  hcl::Body body(const hcl::Body& of, std::initializer_list<hcl::BlockType> blocks, hcl::Strings strings = hcl::Strings::templates) {
    return hcl::read_body(file, of, std::span(blocks.begin(), blocks.size()), strings, diagnostics);
  }
  std::string errors() {
    std::ostringstream out;
    diagnostics.sort(sources);
    for (const Diagnostic& diagnostic : diagnostics.all()) print(out, sources, diagnostic, Colour::off);
    return out.str();
  }
};

}  // namespace

TEST_CASE("blocks, labels and attributes by schema", "[hcl]") {
  Reading read(R"({
  "//": "a comment",
  "resource": {"aws_x": {"a": {"n": 1}, "b": [{"n": 2}, {"n": 3}], "gone": null}},
  "resource": [{"aws_y": {"c": {"n": 4}}}, {"aws_x": {"d": {"n": 5}}}],
  "other": {"x": {"y": 1}}
})");
  const hcl::Body body = read.body({{"resource", 2}});
  std::string seen;
  for (const hcl::Item& item : body.items) {
    if (item.attribute) {
      seen += std::string(item.attribute->name) + " = " + hcl::test::dump(*item.attribute->value, false) + "\n";
      continue;
    }
    REQUIRE(item.block->labels.size() == 2);
    const hcl::Body inner = read.body(item.block->body, {});
    seen += std::string(item.block->labels[0].text) + "." + std::string(item.block->labels[1].text) + " " + hcl::test::dump(inner, false);
    CHECK(read.sources.text(item.block->labels[0].span) == "\"" + std::string(item.block->labels[0].text) + "\"");
  }
  CHECK(seen == R"(aws_x.a (= n number 1)
aws_x.b (= n number 2)
aws_x.b (= n number 3)
aws_y.c (= n number 4)
aws_x.d (= n number 5)
other = (object text "x" (object text "y" number 1))
)");
  CHECK(read.errors().empty());
}

TEST_CASE("strings are templates or literal, with the places of the source", "[hcl]") {
  Reading read(R"({"a": "é\n\u00e9${var.x}", "b": "$${no} plain", "c": "${x}", "d": {"k-${y}": 1.50, "n": -2}, "e": 12345678901234567890123})");
  const hcl::Body body = read.body({});
  CHECK(hcl::test::dump(body, false) ==
        "(= a (template text \"\\xc3\\xa9\\x0a\\xc3\\xa9\" (get variable var x)))\n"
        "(= b text \"${no} plain\")\n(= c (wrap variable x))\n"
        "(= d (object (template text \"k-\" variable y) number 1.5 text \"n\" number -2))\n"
        "(= e number 12345678901234567890123)\n");
  const hcl::Expression* reference = body.find("a")->value->parts[1];
  CHECK(read.sources.text(reference->span) == "var.x");
  CHECK(read.sources.text(body.find("d")->value->parts[0]->parts[1]->span) == "y");
  const hcl::Body literal = read.body({}, hcl::Strings::literal);
  CHECK(hcl::test::dump(*literal.find("c")->value, false) == "text \"${x}\"");
  CHECK(hcl::test::dump(*literal.find("b")->value, false) == "text \"$${no} plain\"");
  CHECK(read.errors().empty());
}

TEST_CASE("references and types in strings", "[hcl]") {
  Reading read(R"j({"type": "list(object({a=\"x\"}))", "provider": "aws.west", "wrong": "list(", "number": 1})j");
  const hcl::Body body = read.body({}, hcl::Strings::literal);
  const auto inside = [&](const char* name) { return hcl::expression_in(read.file, read.source, *body.find(name)->value, read.diagnostics); };
  CHECK(hcl::test::dump(*inside("type"), false) == "(call list (call object (object text \"a\" text \"x\")))");
  CHECK(read.sources.text(inside("type")->parts[0]->span) == R"j(object({a=\"x\"}))j");
  CHECK(hcl::test::dump(*inside("provider"), false) == "(get variable aws west)");
  CHECK(read.diagnostics.empty());
  CHECK(inside("wrong")->kind == hcl::Expression::Kind::bad);
  CHECK(inside("number")->kind == hcl::Expression::Kind::bad);
  CHECK(read.diagnostics.errors() == 2);
}

TEST_CASE("mistakes in JSON are shown", "[hcl]") {
  const auto errors = [](const char* text, std::initializer_list<hcl::BlockType> blocks = {}) {
    Reading read(text);
    const hcl::Body body = read.body(blocks);
    for (const hcl::Item& item : body.items)
      if (item.block) read.body(item.block->body, {});
    return read.errors();
  };
  CHECK(errors(R"({"a": 1, "a": 2})") == R"(x.tf.json:1:10: error: `a` is set twice in this block: remove one of the two [hcl-syntax]
   1 | {"a": 1, "a": 2}
     |          ^~~
x.tf.json:1:2: note: first set here
   1 | {"a": 1, "a": 2}
     |  ^~~
)");
  CHECK_THAT(errors(R"({"o": {"k": 1, "k": 2}})"), Catch::Contains("1:16: error: `k` stands twice in this object"));
  CHECK_THAT(errors(R"({"a": "x ${"})"), Catch::Contains("error: the text ends here: a value should stand here"));
  CHECK_THAT(errors(R"({"b": 1})", {{"b", 0}}), Catch::Contains("`b` is a block: write an object, or a list of objects, not a int"));
  CHECK_THAT(errors(R"({"b": {}})", {{"b", 1}}), Catch::Contains("a label of `b` is missing"));
  CHECK_THAT(errors(R"({"b": [1]})", {{"b", 0}}), Catch::Contains("an object is required here"));
  CHECK_THAT(errors("1"), Catch::Contains("a configuration in JSON is one object"));
  CHECK_THAT(errors(""), Catch::Contains("a configuration in JSON is one object"));
  CHECK_THAT(errors("{} {}"), Catch::Contains("a configuration in JSON is one object"));
  CHECK_THAT(errors("{"), Catch::Contains("this is not JSON"));
  std::string deep = R"({"a": )";
  for (int i = 0; i < 450; ++i) deep += "[";
  deep += "1";
  for (int i = 0; i < 450; ++i) deep += "]";
  CHECK_THAT(errors((deep + "}").c_str()), Catch::Contains("nested too deeply"));
}

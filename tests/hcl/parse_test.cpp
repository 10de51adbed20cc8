// What a reader of the syntax is promised beyond the trees: comments with their places, whole error texts, reading on
// after a mistake, bounds.
#include <sstream>

#include <catch2/catch.hpp>

#include "parsers/hcl/number.hpp"
#include "parsers/hcl/parse.hpp"
#include "tests/hcl/dump.hpp"

using namespace assay;

namespace {

struct Reading {
  Sources sources;
  Diagnostics diagnostics;
  hcl::File file;

  explicit Reading(std::string bytes) {
    file = hcl::parse(sources.add("x.tf", std::move(bytes)), diagnostics);
    diagnostics.sort(sources);
  }
  std::string tree() const { return hcl::test::dump(file.body, false); }
  std::string errors() const {
    std::ostringstream out;
    for (const Diagnostic& diagnostic : diagnostics.all()) print(out, sources, diagnostic, Colour::off);
    return out.str();
  }
};

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("comments keep their places", "[hcl]") {
  const Reading read("a = 1 # assay:skip x\n// two\nb = [ # three\n  1, /* four\n */ 2]\nc = \"# no ${x /* five */}\"\nd = <<E\n# no\nE\n# six");
  std::vector<std::string> comments;
  for (const Comment& comment : read.file.comments) comments.emplace_back(read.sources.text(comment.span));
  CHECK(comments == std::vector<std::string>{"# assay:skip x", "// two", "# three", "/* four\n */", "/* five */", "# six"});
  CHECK(read.errors().empty());
}

TEST_CASE("reading goes on after a mistake, and each is shown once", "[hcl]") {
  const Reading read(R"(resource "a" "b" {
  list = [1 2,
    3]
  good = 1
  text = "open
  after = 2
  map = {
    x = 1 2
    y = 3
  }
  then = 3
  call = f(
  next = 4
  heredoc = <<E
${ ] }
fake = 1
E
  last = 5
}
'single' = 1
x == 1
ok = true
)");
  CHECK(read.tree() == R"(({} resource "a" "b"
(= list bad)
(= good number 1)
(= text bad)
(= after number 2)
(= map bad)
(= then number 3)
(= call bad)
(= next number 4)
(= heredoc bad)
(= last number 5)
)
(= ok true)
)");
  CHECK(read.diagnostics.errors() == 7);
}

TEST_CASE("error texts", "[hcl]") {
  const auto first = [](const char* text) {
    const Reading read(text);
    return read.diagnostics.empty() ? std::string() : read.diagnostics.all()[0].message;
  };
  CHECK(first("a = 'x'\n") == "single quotes are not HCL: write strings in double quotes; a value should stand here");
  CHECK(first("a = \"x\nb = 1\n") == "this string is not closed: its `\"` is missing on this line; a text of several lines is written as a heredoc (`<<EOT`)");
  CHECK(first("a = <<EOT\nx\n") == "this heredoc is not closed: a line with only `EOT` must follow, and end with a newline");
  CHECK(first("a \"b\"\n{\n}\n") == "the `{` of a block must stand on the line of its type and labels");
  CHECK(first("a {\n  b = 1\n") == "this block is not closed: its `}` is missing, or that of a block inside it");
  CHECK(first("}\n") == "this `}` closes nothing: remove it, or add the block's opening line");
  CHECK(first("a = 1, b = 2\n") == "arguments are separated by newlines, not by commas: remove the comma and begin a new line");
  CHECK(first("a = \"\\q\"\n") == "this is no escape: HCL knows `\\n`, `\\r`, `\\t`, `\\\"`, `\\\\`, `\\uXXXX` and `\\UXXXXXXXX`; a backslash itself is written `\\\\`");
  CHECK(first("a = { b.c = 1 }\n") == "this key is ambiguous: write `(…)` around it for its value, or quotes for the text");
  CHECK(first("a = [for x in y : k => v]\n") == "a `for` that builds a list has no key: remove it with its `=>`, or write `{` for an object");
  CHECK(first("a = x.0.1\n") == "two indexes in a row are not read in this form: write `[0][1]`");
  CHECK(first("a = \"%{ if x }\"\n") == "this `if` is not closed: `%{ endif }` is missing");
  CHECK(first("a = /* x\n") == "this comment is not closed: end it with `*/`; a value should stand here");
  const Reading twice("a = 1\nb = 2\na = 3\n");
  CHECK(twice.tree() == "(= a number 1)\n(= b number 2)\n");
  CHECK(twice.errors() == R"(x.tf:3:1: error: `a` is set twice in this block: remove one of the two [hcl-syntax]
   3 | a = 3
     | ^
x.tf:1:1: note: first set here
   1 | a = 1
     | ^
)");
}

TEST_CASE("no text is too deep, too long or too wrong", "[hcl]") {
  for (const char* opening : {"(", "[", "{ a = ", "\"${", "f(", "!", "-", "a[", "x ? ", "x ? y : ", "<<E\n${", "[for a in ", "{for a in b : c => ", "\"%{if ", "1 + (", "a[*][", "a.b["}) {
    for (const std::size_t times : {100u, 1000u, 100000u}) {
      const Reading read("a = " + repeat(opening, times) + "\nb = 1\n");
      INFO(opening << " " << times);
      CHECK(read.diagnostics.errors() >= 1);
      CHECK(read.diagnostics.all().size() <= 101);
    }
  }
  for (const char* step : {".b", "[0]", "[*]", ".*", " + 1", " && x", ".0"}) {
    const Reading read("a = x" + repeat(step, 100000) + "\nb = 1\n");
    INFO(step);
    CHECK(read.diagnostics.errors() >= 1);
    CHECK(read.file.body.find("b") != nullptr);
  }
  for (const char* line : {"a {\n", "a = <<E\n", "a = \"${\n", "}\n", "a = [\n", "\"", "a = %{\n", "/*", "a = {\n", "${", "a b c d\n", "a\n", "\\", "\xff", "a = \"\xff\"\n"}) {
    const Reading read(repeat(line, 100000));
    INFO(line);
    CHECK(read.diagnostics.errors() >= 1);
    CHECK(read.diagnostics.all().size() <= 102);
  }
  // The deepest that is read.
  CHECK(Reading("a = " + repeat("(", 399) + "1" + repeat(")", 399) + "\n").diagnostics.empty());
  CHECK(Reading("a = 1" + repeat(" + 1", 399) + "\n").diagnostics.empty());
}

TEST_CASE("large files are read in time that grows with their size", "[hcl]") {
  std::string attributes, blocks, heredoc = "a = <<-E\n";
  for (int i = 0; i < 60000; ++i) attributes += "key_" + std::to_string(i) + " = \"value ${var.x[" + std::to_string(i) + "]}\"\n";
  for (int i = 0; i < 20000; ++i) blocks += "resource \"a\" \"b" + std::to_string(i) + "\" {\n  x = {\n    y = [1, 2]\n  }\n}\n";
  for (int i = 0; i < 100000; ++i) heredoc += "    text " + std::to_string(i) + "\n";
  const Reading one(attributes), two(blocks), three(heredoc + "E\n");
  CHECK(one.diagnostics.empty());
  CHECK(one.file.body.items.size() == 60000);
  CHECK(two.file.body.items.size() == 20000);
  REQUIRE(three.file.body.items.size() == 1);
  CHECK(three.file.body.items[0].attribute->value->text.substr(0, 14) == "text 0\ntext 1\n");
  CHECK(Reading("a = <<E\n" + repeat("x\n", 2000000)).diagnostics.errors() == 1);
}

TEST_CASE("expressions and templates on their own", "[hcl]") {
  Sources sources;
  Diagnostics diagnostics;
  const auto expression = [&](const char* text) { return hcl::test::dump(*hcl::parse_expression(sources.add("a", text), diagnostics).expression, false); };
  const auto whole = [&](const char* text) { return hcl::test::dump(*hcl::parse_template(sources.add("b", text), diagnostics).expression, false); };
  CHECK(expression("[1,\n 2]\n+ x") == "(+ (tuple number 1 number 2) variable x)");
  CHECK(whole("a ${x}\n%{ if y ~}\n  b\n%{ endif }$") ==
        "(template text \"a \" variable x text \"\\x0a\" (tif variable y text \"  b\\x0a\" text \"\") text \"$\")");
  CHECK(whole("${x}") == "(wrap variable x)");
  CHECK(whole("") == "text \"\"");
  CHECK(diagnostics.empty());
  expression("a b");
  expression("");
  whole("${");
  CHECK(diagnostics.errors() == 3);
}

TEST_CASE("numbers are exact and canonical", "[hcl]") {
  const auto text = [](std::string_view digits) { return hcl::read_number(digits).text; };
  CHECK(text("007") == "7");
  CHECK(text("1.50") == "1.5");
  CHECK(text("100000000000000000000") == "100000000000000000000");
  CHECK(text("0.1") == "0.1");
  CHECK(text("1e3") == "1000");
  CHECK(text("2.5E-3") == "0.0025");
  CHECK(text("340282366920938463463374607431768211456.0625") == "340282366920938463463374607431768211456.0625");
  CHECK_FALSE(hcl::read_number("1e99999999999").error.empty());
  CHECK_FALSE(hcl::read_number("1.2.3").error.empty());
}

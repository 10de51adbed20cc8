#include <catch2/catch.hpp>

#include "parsers/yaml/yaml.hpp"

using namespace assay;

namespace {

struct Parsed {
  Sources sources;
  const Source& source;
  Diagnostics diagnostics;
  ParsedFile file;
  explicit Parsed(std::string text, const ParseLimits& limits = {})
      : source(sources.add("test.yaml", std::move(text))), file(yaml::parse(source, limits, diagnostics)) {}
  Value root(std::size_t i = 0) const { return i < file.documents.size() ? file.documents[i].root : Value(); }
  std::string text(Value value) const { return std::string(sources.text(value.span())); }
  std::string code(std::size_t i = 0) const {
    return i < diagnostics.all().size() ? diagnostics.all()[i].code : std::string("none");
  }
};

}  // namespace

TEST_CASE("scalars resolve as kubectl reads them", "[yaml]") {
  const auto kind = [](const std::string& text) {
    const Parsed p("v: " + text + "\n");
    REQUIRE(p.diagnostics.empty());
    return std::string(name_of(p.root().find("v").kind()));
  };
  for (const char* text : {"y", "Y", "yes", "On", "TRUE", "n", "NO", "off", "False"}) CHECK(kind(text) == "bool");
  for (const char* text : {"", "~", "null", "Null", "NULL"}) CHECK(kind(text) == "null");
  for (const char* text : {"'yes'", "\"1\"", "yEs", "nul", "2001-01-01", "1e400", "1:1", "+b_c", "0x", "<<", "1.2.3"})
    CHECK(kind(text) == "string");
  for (const char* text : {"1e3", "1.", ".5", "+.inf", ".NaN", "08", "685_230.15", "1e-400"}) CHECK(kind(text) == "double");
  for (const char* text : {"0", "-0", "+1", "0x_1F", "0b1_0", "0o17", "017", "1_000", "-0b101", "9223372036854775807"})
    CHECK(kind(text) == "int");
  CHECK(kind("18446744073709551615") == "uint");
  CHECK(kind("18446744073709551616") == "number");
  CHECK(kind("-9223372036854775809") == "number");
  CHECK(Parsed("v: 0o17").root().find("v").as_int() == 15);
  CHECK(Parsed("v: -0x10").root().find("v").as_int() == -16);
}

TEST_CASE("a broken document leaves the others", "[yaml]") {
  const Parsed p("a: 1\n---\nb: [1\n---\nc: 3\n");
  REQUIRE(p.file.documents.size() == 2);
  CHECK(p.root(1).find("c").as_int() == 3);
  CHECK(p.file.documents[1].ordinal == 2);
  CHECK(p.code() == "yaml-syntax");
  CHECK(p.diagnostics.incomplete());
}

TEST_CASE("duplicate keys show both places", "[yaml]") {
  const Parsed p("a: 1\nb: 2\n'a': 3\n");
  REQUIRE(p.code() == "duplicate-key");
  CHECK(p.diagnostics.all()[0].span.begin == 10);
  REQUIRE(p.diagnostics.all()[0].notes.size() == 1);
  CHECK(p.diagnostics.all()[0].notes[0].span.begin == 0);
  CHECK(p.root().size() == 2);
  CHECK(p.root().find("a").as_int() == 3);
}

TEST_CASE("aliases share, merge keys merge", "[yaml]") {
  const Parsed p("base: &b {x: 1, y: 2}\nd: &d {z: 4}\nm:\n  <<: [*b, *d]\n  x: 9\ncopy: *b\n");
  REQUIRE(p.diagnostics.empty());
  CHECK(p.root().find("copy") == p.root().find("base"));
  const Value m = p.root().find("m");
  REQUIRE(m.size() == 3);
  CHECK(m.find("x").as_int() == 9);
  CHECK(m.find("true") == p.root().find("base").find("true"));  // the key `y`, as kubectl has it
  CHECK(m.find("z").as_int() == 4);
}

#include <catch2/catch.hpp>

#include <functional>
#include <random>

#include <nlohmann/json.hpp>

#include "parsers/json/json.hpp"
#include "parsers/yaml/yaml.hpp"

using namespace assay;

namespace {

struct Parsed {
  Sources sources;
  const Source& source;
  Diagnostics diagnostics;
  ParsedFile file;
  explicit Parsed(std::string text, const ParseLimits& limits = {})
      : source(sources.add("test.json", std::move(text))), file(json::parse(source, limits, diagnostics)) {}
  Value root(std::size_t i = 0) const { return i < file.documents.size() ? file.documents[i].root : Value(); }
  std::string text(Value value) const { return std::string(sources.text(value.span())); }
  std::string code(std::size_t i = 0) const {
    return i < diagnostics.all().size() ? diagnostics.all()[i].code : std::string("none");
  }
};

using Json = nlohmann::json;

bool same(Value value, const Json& other) {
  switch (other.type()) {
    case Json::value_t::null: return value.is_null();
    case Json::value_t::boolean: return value.is(Kind::boolean) && value.as_bool() == other.get<bool>();
    case Json::value_t::number_integer: return value.is(Kind::int64) && value.as_int() == other.get<std::int64_t>();
    case Json::value_t::number_unsigned:
      return value.is(Kind::uint64) ? value.as_uint() == other.get<std::uint64_t>()
                                    : value.is(Kind::int64) && static_cast<std::uint64_t>(value.as_int()) == other.get<std::uint64_t>();
    case Json::value_t::number_float: return value.is(Kind::float64) && value.as_double() == other.get<double>();
    case Json::value_t::string: return value.is_string() && value.as_string() == other.get_ref<const std::string&>();
    case Json::value_t::array: {
      if (!value.is_list() || value.size() != other.size()) return false;
      for (std::size_t i = 0; i < other.size(); ++i)
        if (!same(value.items()[i], other[i])) return false;
      return true;
    }
    case Json::value_t::object: {
      if (!value.is_map() || value.size() != other.size()) return false;
      for (const auto& [key, item] : other.items())
        if (!value.find(key) || !same(value.find(key), item)) return false;
      return true;
    }
    case Json::value_t::binary:
    case Json::value_t::discarded: break;
  }
  return false;
}

struct Generator {
  std::mt19937 random;
  unsigned below(unsigned n) { return static_cast<unsigned>(random() % n); }
  std::string string() {
    static const std::string pieces[] = {"a", "yes", "null", "~", " ", ": ", "#", " #", "\n", "\t", "\"", "'", "\\", "é", "\u2028",
                                         "😀", "-", "- ", "[", "{", "}", "1", "0x1", "1e5", ".", "<<", "&", "*", "!", "|", ">", "%", "@",
                                         "\x01", "\x7f", "\r", "\r\n", "---", "...", "\n---\n", ",", "?"};
    std::string out;
    for (unsigned n = below(5); n > 0; --n) out += pieces[below(std::size(pieces))];
    return out;
  }
  Json value(int depth) {
    switch (below(depth > 0 ? 9 : 7)) {
      case 0: return nullptr;
      case 1: return below(2) == 0;
      case 2: return static_cast<std::int64_t>(random()) - (1ll << 31);
      case 3: return (static_cast<std::uint64_t>(random()) << 32) | random();
      case 4: return std::ldexp(static_cast<double>(random()), static_cast<int>(below(100)) - 50);
      case 5:
      case 6: return string();
      case 7: {
        Json out = Json::array();
        for (unsigned n = below(5); n > 0; --n) out.push_back(value(depth - 1));
        return out;
      }
      default: {
        Json out = Json::object();
        for (unsigned n = below(12); n > 0; --n) out[string()] = value(depth - 1);
        return out;
      }
    }
  }
};

}  // namespace

TEST_CASE("spans are exact", "[json]") {
  const Parsed p(R"( {"a": [1, {"b" : "x\n"} ], "c":{}, "e": [ ]})");
  REQUIRE(p.diagnostics.empty());
  CHECK(p.text(p.root()) == R"({"a": [1, {"b" : "x\n"} ], "c":{}, "e": [ ]})");
  CHECK(p.text(p.root().find("a")) == R"([1, {"b" : "x\n"} ])");
  CHECK(p.text(p.root().find("a").items()[1]) == R"({"b" : "x\n"})");
  CHECK(p.text(p.root().find("a").items()[1].find("b")) == R"("x\n")");
  CHECK(p.text(p.root().find("c")) == "{}");
  CHECK(p.text(p.root().find("e")) == "[ ]");
  CHECK(p.root().find_entry("c")->key_begin == 28);
}

TEST_CASE("numbers keep their value", "[json]") {
  const Parsed p("[9223372036854775807, 9223372036854775808, 18446744073709551616, -9223372036854775809, 1e999, -0, 1.5, 0.1e1]");
  REQUIRE(p.diagnostics.empty());
  const auto items = p.root().items();
  CHECK(items[0].as_int() == INT64_MAX);
  CHECK(items[1].as_uint() == 9223372036854775808ull);
  CHECK((items[2].is(Kind::number) && items[2].as_string() == "18446744073709551616"));
  CHECK((items[3].is(Kind::number) && items[3].as_string() == "-9223372036854775809"));
  CHECK((items[4].is(Kind::number) && items[4].as_string() == "1e999"));
  CHECK(items[5].is(Kind::int64));
  CHECK(items[6].as_double() == 1.5);
  CHECK(items[7].as_double() == 1);
}

TEST_CASE("what is no JSON is an error with a place", "[json]") {
  struct Case { std::string text, code; unsigned begin; };
  using namespace std::string_literals;
  const Case cases[] = {
      {"{\"a\": 1,}", "json-syntax", 8},       {"[1,]", "json-syntax", 3},   {"[1 2]", "json-syntax", 3},
      {"{\"a\" 1}", "json-syntax", 5},         {"{a: 1}", "json-syntax", 1}, {"{\"a\": \"b", "json-syntax", 6},
      {"[01]", "json-syntax", 1},              {"[1.]", "json-syntax", 3},   {"[-]", "json-syntax", 2},
      {"[1e]", "json-syntax", 3},              {"nul", "json-syntax", 0},    {"[\"\\x\"]", "json-syntax", 2},
      {"[\"\\u12g4\"]", "json-syntax", 2},     {"[\"a\nb\"]", "json-syntax", 3}, {"{} x", "json-syntax", 3},
      {"{\"a\": 1, \"a\": 2}", "duplicate-key", 9}, {"[\"\xff\"]", "invalid-utf8", 2}, {"[\"\xc3\"]", "invalid-utf8", 2},
      {"[\0]"s, "control-character", 1},       {"\xff\xfe[\0]\0"s, "encoding", 0}, {"{", "json-syntax", 1},
      {"[\"\\ud800\"]", "lone-surrogate", 2},  {"]", "json-syntax", 0}, {"{\"a\": 1]", "json-syntax", 7},
      {"[\"\x01\"]", "control-character", 2},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    const Parsed p(c.text);
    REQUIRE(p.diagnostics.all().size() == 1);
    CHECK(p.code() == c.code);
    CHECK(p.diagnostics.all()[0].span.begin == c.begin);
  }
}

TEST_CASE("limits are errors that name their flag", "[json]") {
  CHECK(Parsed(std::string(20000, '[')).code() == "limit-depth");
  CHECK(Parsed(std::string(512, '[') + std::string(512, ']')).diagnostics.empty());
  CHECK(Parsed(std::string(513, '[') + std::string(513, ']')).code() == "limit-depth");
  std::string maps;
  for (int i = 0; i < 20000; ++i) maps += "{\"a\":";
  CHECK(Parsed(maps).code() == "limit-depth");
  ParseLimits limits;
  limits.nodes = 10;
  const Parsed nodes("[1,2,3,4,5,6,7,8,9,10]", limits);
  CHECK(nodes.code() == "limit-nodes");
  CHECK(nodes.diagnostics.all()[0].message.find("--max-nodes") != std::string::npos);
  limits.bytes = 3;
  CHECK(Parsed("[1,2]", limits).code() == "limit-bytes");
}

TEST_CASE("a document a line; a broken one leaves the others", "[json]") {
  const Parsed p("{\"a\":1}\n{\"a\":}\n{\"a\":3}\n");
  REQUIRE(p.file.documents.size() == 2);
  CHECK(p.file.documents[1].ordinal == 2);
  CHECK(p.code() == "json-syntax");
  const Parsed q("{\"a\":1}\n{\"a\":\"\x01\"}\n{\"a\":3}\n");
  CHECK(q.file.documents.size() == 2);
  CHECK(q.code() == "control-character");
  CHECK(q.diagnostics.all().size() == 1);
  CHECK(Parsed("{} {}[]").file.documents.size() == 3);
  CHECK(Parsed(" \n").file.documents.empty());
  CHECK(Parsed("").diagnostics.empty());
}

TEST_CASE("random values come back the same from JSON and from YAML", "[json]") {
  Generator generate{std::mt19937(7)};
  for (int i = 0; i < 4000; ++i) {
    const Json value = generate.value(4);
    const std::string text = value.dump(i % 3 == 0 ? 2 : -1, ' ', i % 2 == 0);
    INFO(text);
    const Parsed p(text);
    REQUIRE(p.diagnostics.empty());
    REQUIRE(p.file.documents.size() == 1);
    REQUIRE(same(p.root(), value));
    // JSON is YAML, but for control characters that JSON leaves bare (DEL).
    if (text.find('\x7f') != std::string::npos) continue;
    Diagnostics diagnostics;
    const ParsedFile yaml = yaml::parse(p.source, {}, diagnostics);
    INFO((diagnostics.empty() ? "" : diagnostics.all()[0].message));
    REQUIRE(diagnostics.empty());
    REQUIRE(yaml.documents.size() == 1);
    REQUIRE(equal(yaml.documents[0].root, p.root()));
  }
}

TEST_CASE("every prefix of a value ends in a diagnostic", "[json]") {
  const std::string text = R"({"kind": "Pod", "x": [1.5e3, true, null, "aé\u00e9\"", {"": -1}]})";
  for (std::size_t n = 1; n < text.size(); ++n) {
    const Parsed p(text.substr(0, n));
    INFO(text.substr(0, n));
    CHECK(p.diagnostics.incomplete());
    CHECK(p.file.documents.empty());
  }
}

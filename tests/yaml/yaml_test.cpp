#include <catch2/catch.hpp>

#include "parsers/yaml/readers.hpp"
#include "parsers/yaml/yaml.hpp"
#include "tests/yaml/describe.hpp"

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

TEST_CASE("spans of every kind of node are exact", "[yaml]") {
  const std::string text =
      "# head\n"
      "plain: some text  # c1\n"
      "'quoted' : \"a # b\"\n"
      "lines: one\n  two\n\n"
      "block: |  # c2\n  text # no comment\n\n  more\n\n# c3\n"
      "list:\n- a\n-\n- {x: [1, 'b']}\n"
      "nested:\n  deep:\n    key: v\n"
      "empty:\n"
      "last: ~";
  const Parsed p(text);
  REQUIRE(p.diagnostics.empty());
  const Value root = p.root();
  CHECK(p.text(root) == text.substr(7));
  CHECK(p.text(root.find("plain")) == "some text");
  CHECK(p.text(root.find("quoted")) == "\"a # b\"");
  CHECK(root.find_entry("quoted")->key_begin == text.find("'quoted'"));
  CHECK(p.text(root.find("lines")) == "one\n  two");
  CHECK(root.find("lines").as_string() == "one two");
  CHECK(p.text(root.find("block")) == "|  # c2\n  text # no comment\n\n  more");
  CHECK(root.find("block").as_string() == "text # no comment\n\nmore\n");
  CHECK(p.text(root.find("list")) == "- a\n-\n- {x: [1, 'b']}");
  CHECK(p.text(root.find("list").items()[2]) == "{x: [1, 'b']}");
  CHECK(p.text(root.find("list").items()[2].find("x")) == "[1, 'b']");
  CHECK(root.find("list").items()[1].span().begin == text.find("-\n- {") + 1);
  CHECK(p.text(root.find("nested")) == "deep:\n    key: v");
  CHECK(p.text(root.find("nested").find("deep")) == "key: v");
  CHECK(root.find("empty").is_null());
  CHECK(root.find("empty").span().begin == text.find("\nlast"));
  CHECK(p.text(root.find("last")) == "~");
  std::vector<std::string> comments;
  for (const Comment& comment : p.file.documents[0].comments) comments.emplace_back(p.sources.text(comment.span));
  CHECK(comments == std::vector<std::string>{"# head", "# c1", "# c2", "# c3"});
  CHECK(p.file.has_nulls);
}

TEST_CASE("comments belong to the document that they stand in", "[yaml]") {
  const Parsed p("# one\na: 1 # two\n---\n# three\nb: 2\n...\n# four\n");
  REQUIRE(p.file.documents.size() == 2);
  CHECK(p.file.documents[0].comments.size() == 2);
  REQUIRE(p.file.documents[1].comments.size() == 2);
  CHECK(p.sources.text(p.file.documents[1].comments[1].span) == "# four");
}

TEST_CASE("what holds nothing is no document and no error", "[yaml]") {
  for (const char* text : {"", "\n", " ", "# only a comment", "\xef\xbb\xbf", "\xef\xbb\xbf# c\n", "\r\n\r\n"}) {
    const Parsed p(text);
    CHECK(p.file.documents.empty());
    CHECK(p.diagnostics.empty());
  }
  const Parsed p("---\n---\na: 1\n");
  REQUIRE(p.file.documents.size() == 2);
  CHECK_FALSE(p.root(0));
  CHECK(p.root(1).find("a").as_int() == 1);
}

TEST_CASE("marks and line ends of Windows", "[yaml]") {
  const Parsed p("\xef\xbb\xbf" "a: 1\r\nb: |\r\n  x\r\n  y\r\nc: 'p\r\n  q'\r\n");
  REQUIRE(p.diagnostics.empty());
  CHECK(p.root().find_entry("a")->key_begin == 3);
  CHECK(p.root().find("b").as_string() == "x\ny\n");
  CHECK(p.root().find("c").as_string() == "p q");
}

TEST_CASE("bad input has its diagnostic, with a place", "[yaml]") {
  using namespace std::string_literals;
  struct Case { std::string text, code; unsigned begin; };
  const Case cases[] = {
      {"a: 1\nb: \0\n"s, "control-character", 8},
      {"\0\0\0"s, "control-character", 0},
      {"a: \x1b[31m\n", "control-character", 3},
      {"a: \x7f\n", "control-character", 3},
      {"a: \xc2\x85\n---\nb: \xc2\x84\n", "control-character", 13},
      {"a: \xff\n", "invalid-utf8", 3},
      {"a: \xc0\xaf\n", "invalid-utf8", 3},
      {"a: \xed\xa0\x80\n", "invalid-utf8", 3},
      {"a: \xf4\x90\x80\x80\n", "invalid-utf8", 3},
      {"a: \xe2\x82", "invalid-utf8", 3},
      {"\xff\xfe" "a\0:\0"s, "encoding", 0},
      {"\xfe\xff\0a"s, "encoding", 0},
      {"a:\n\tb: 1\n", "yaml-syntax", 3},
      {"a: 1\n b: 2\n", "yaml-syntax", 7},
      {"a: [1\n", "yaml-syntax", 0},
      {"a: \"x\n", "yaml-syntax", 0},
      {"a: b: c\n", "yaml-syntax", 0},
      {"a: 1\na: 2\n", "duplicate-key", 5},
      {"a: 1\n\"\\x61\": 2\n", "duplicate-key", 5},
      {"1: a\n0x1: b\n", "duplicate-key", 5},
      {"a: *b\n", "undefined-alias", 3},
      {"a: &a [*a]\n", "recursive-alias", 7},
      {"? [a]\n: b\n", "key-kind", 2},
      {"<<: 1\na: 2\n", "merge-value", 4},
      {"a: !!int x\n", "yaml-tag", 9},
      {"a: !!binary '*'\n", "yaml-tag", 12},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    const Parsed p(c.text);
    REQUIRE(p.diagnostics.errors() == 1);
    CHECK(p.code() == c.code);
    CHECK(p.diagnostics.incomplete());
    if (c.begin) CHECK(p.diagnostics.all()[0].span.begin == c.begin);
  }
}

TEST_CASE("limits", "[yaml]") {
  const auto repeat = [](std::string_view text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += text;
    return out;
  };
  for (const char* unit : {"[", "[a, ", "{a: ", "- ", "? ", "{\"a\":", "[\n"}) {
    // From the quick reader, and from the library, to which anchors go.
    for (const char* before : {"", "a: &a 1\nb: &b\n  "}) {
      INFO(before << unit);
      CHECK(Parsed(before + repeat(unit, 20000)).code() == "limit-depth");
    }
  }
  std::string steps;
  for (int i = 0; i < 600; ++i) steps += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  CHECK(Parsed(steps).code() == "limit-depth");

  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) bomb += "*a" + std::to_string(i - 1) + (j < 9 ? ", " : "]\n");
  }
  const Parsed exploded(bomb);
  CHECK(exploded.code() == "limit-alias-nodes");
  CHECK(exploded.diagnostics.all()[0].message.find("--max-alias-nodes") != std::string::npos);

  ParseLimits limits;
  limits.nodes = 5;
  CHECK(Parsed("[1, 2, 3, 4]", limits).diagnostics.empty());
  CHECK(Parsed("[1, 2, 3, 4, 5]", limits).code() == "limit-nodes");
  CHECK(Parsed("a: &a [1, 2, 3, 4, 5]", limits).code() == "limit-nodes");
  limits.bytes = 4;
  CHECK(Parsed("a: 12", limits).code() == "limit-bytes");
  limits = {};
  limits.depth = 2;
  CHECK(Parsed("a:\n  b:\n    c: 1\n", limits).code() == "limit-depth");
  CHECK(Parsed("a:\n  b: 1\n", limits).diagnostics.empty());
  CHECK(Parsed("a: &x |\n" + repeat("\n", 300000) + "  x\n").root().find("a").as_string().size() == 300'002);

  std::string keys;
  for (int i = 0; i < 1000; ++i) keys += "a: 1\n";
  const Parsed many(keys);
  CHECK(many.diagnostics.all().size() < 110);
  CHECK(many.file.documents.empty());
  CHECK(Parsed(repeat("---\n[\n", 1000)).diagnostics.all().size() == 101);
}

TEST_CASE("a manifest cut at any byte is read or refused", "[yaml]") {
  const std::string text =
      "apiVersion: v1\nkind: Pod\nmetadata: {name: 'a', labels: {\"b\": c}}\nspec:\n  containers:\n  - name: \"x\\ty\"\n"
      "    args: [--a, -b]\n    env: &e\n    - name: A\n      value: |\n        text\n    envFrom: *e\n---\nkind: é\n";
  for (std::size_t n = 0; n <= text.size(); ++n) {
    INFO(text.substr(0, n));
    const Parsed p(text.substr(0, n));
    for (const Diagnostic& d : p.diagnostics.all()) CHECK(d.span.end <= n);
    CHECK((!p.file.documents.empty() || !p.diagnostics.empty() || n == 0));
    // The same with the rest replaced by rubbish.
    const Parsed q(text.substr(0, n) + "\x01");
    CHECK(q.diagnostics.incomplete());
  }
}

namespace {

// Every piece of the map must lead to the same characters, but for those that folding and escapes make.
void check_map(const Parsed& p, Value value) {
  if (value.is_string() && value.span()) {
    const std::string_view content = value.as_string();
    const std::string_view bytes = p.source.bytes();
    const auto map = yaml::text_map(p.source, value);
    if (content.empty()) return;
    REQUIRE_FALSE(map.empty());
    REQUIRE(map[0].content == 0);
    for (std::size_t i = 0; i < map.size(); ++i) {
      const std::size_t end = i + 1 < map.size() ? map[i + 1].content : content.size();
      REQUIRE(map[i].content < end);
      for (std::size_t c = map[i].content; c < end; ++c) {
        const std::size_t at = map[i].source + (c - map[i].content);
        REQUIRE(at < bytes.size());
        const char there = bytes[at];
        const bool escape = bytes.substr(at < 9 ? 0 : at - 9, 10).find('\\') != std::string_view::npos;
        const bool same = there == content[c] || escape || there == '\n' || there == '\r';
        if (!same) REQUIRE(std::string(1, there) == std::string(1, content[c]));
      }
    }
  }
  for (const Value item : value.items()) check_map(p, item);
  for (const Entry& entry : value.entries()) check_map(p, entry.value);
}

}  // namespace

TEST_CASE("the content of any scalar leads back to its bytes", "[yaml]") {
  const std::string text =
      "a: plain\nb: two\n  lines\n\n  more\nc: \"esc\\tape \\u00e9 \\\n   joined\"\nd: 'it''s'\ne: |\n  lit\n    eral\n\n  x\n"
      "f: >-\n  fol\n  ded\n\n    deeper\n  end\ng: |2\n    two\n   one\nh:\n  - |4+\n        deep\n\n";
  const Parsed p(text);
  REQUIRE(p.diagnostics.empty());
  check_map(p, p.root());
  const auto offset = [&](const char* key, std::string_view word) {
    const Value value = p.root().find(key);
    const auto at = static_cast<std::uint32_t>(value.as_string().find(word));
    const auto map = yaml::text_map(p.source, value);
    std::size_t i = map.size() - 1;
    while (map[i].content > at) --i;
    return map[i].source + (at - map[i].content);
  };
  CHECK(offset("a", "lain") == text.find("lain"));
  CHECK(offset("b", "lines") == text.find("lines"));
  CHECK(offset("b", "more") == text.find("more"));
  CHECK(offset("c", "ape") == text.find("ape"));
  CHECK(offset("c", "\u00e9") == text.find("\\u00e9"));
  CHECK(offset("c", "joined") == text.find("joined"));
  CHECK(offset("d", "s") == text.find("'s'") + 1);
  CHECK(offset("e", "eral") == text.find("eral"));
  CHECK(offset("f", "ded") == text.find("ded"));
  CHECK(offset("f", "deeper") == text.find("deeper"));
  CHECK(offset("g", "one") == text.find("one\nh"));
  const auto files = test::yaml_files(std::filesystem::path(ASSAY_SHARED_DIR) / "corpora");
  for (const auto& path : files) {
    if (std::filesystem::file_size(path) > 200'000) continue;
    INFO(path);
    const Parsed file(test::read_file(path));
    for (const Document& document : file.file.documents) check_map(file, document.root);
  }
}

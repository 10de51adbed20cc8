// Sources, values and diagnostics: the ground that everything stands on.
#include <catch2/catch.hpp>
#include <random>
#include <sstream>

#include "engine/diagnostic.hpp"
#include "engine/text.hpp"
#include "engine/value.hpp"

using namespace assay;

TEST_CASE("positions agree with counting by hand", "[engine]") {
  // Every offset of random texts against a slow count.
  std::mt19937 random(1);
  const std::vector<std::string> alphabet = {"a", "\n", "\r\n", "\r", "\t", "é", "漢", "😀"};
  for (int round = 0; round < 300; ++round) {
    std::string text;
    const int pieces = static_cast<int>(random() % 20);
    for (int i = 0; i < pieces; ++i) text += alphabet[random() % alphabet.size()];
    Sources sources;
    const Source& source = sources.add("x", text);
    std::uint32_t line = 1, column = 1, utf16 = 1;
    for (std::size_t at = 0; at < text.size();) {
      CHECK(source.position(static_cast<std::uint32_t>(at)) == Position{line, column});
      CHECK(source.position(static_cast<std::uint32_t>(at), ColumnUnit::utf16) == Position{line, utf16});
      const Decoded decoded = decode(text, at);
      REQUIRE(decoded.valid);
      const bool crlf = decoded.code_point == '\r' && at + 1 < text.size() && text[at + 1] == '\n';
      at += decoded.size;
      if (decoded.code_point == '\n' || (decoded.code_point == '\r' && !crlf)) {
        ++line, column = utf16 = 1;
      } else {
        ++column, utf16 += decoded.code_point > 0xFFFF ? 2 : 1;
      }
    }
  }
}

TEST_CASE("the printer's caret stands under the value", "[engine]") {
  Sources sources;
  const Source& source = sources.add("dir/a.yaml", "a: 1\r\n\tk\u00e9y: \"w\u00ebrt\" # x\r\n");
  const std::size_t begin = source.bytes().find('"');
  Diagnostic diagnostic;
  diagnostic.code = "some-code";
  diagnostic.span = {source.id(), static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(begin + 7)};
  diagnostic.message = "not a number; write one";
  std::ostringstream out;
  print(out, sources, diagnostic, Colour::off);
  CHECK(out.str() ==
        "dir/a.yaml:2:7: error: not a number; write one [some-code]\n"
        "   2 |     k\u00e9y: \"w\u00ebrt\" # x\n"
        "     |          ^~~~~~\n");
}

TEST_CASE("hostile text is inert", "[engine]") {
  CHECK(inert("a\x1b[31mb") == "a\\x1b[31mb");
  CHECK(inert("\xff\xc3") == "\\xff\\xc3");
  CHECK(inert("\u202Eabc") == "\\u{202e}abc");
  CHECK(inert("line\nbreak") == "line\\nbreak");
}

TEST_CASE("an excerpt of a very long line is cut around the caret", "[engine]") {
  Sources sources;
  const Source& source = sources.add("long", std::string(5'000'000, 'x') + "HERE" + std::string(5'000'000, 'y'));
  const Excerpt shown = excerpt(sources, {source.id(), 5'000'000, 5'000'004}, 60);
  CHECK(display_width(shown.text) <= 60);
  CHECK(shown.text.substr(shown.caret, shown.caret_width) == "HERE");
}

TEST_CASE("large maps find what a linear search finds", "[engine]") {
  Arena arena;
  for (int size : {0, 1, 23, 24, 25, 1000}) {
    std::vector<Entry> entries;
    for (int i = 0; i < size; ++i) {
      const std::string_view key = arena.copy("key" + std::to_string(i * 7919 % 10007));
      entries.push_back({key.data(), static_cast<std::uint32_t>(key.size()), 0, arena.integer(i, {})});
    }
    const Value map = arena.map(entries, {});
    for (int i = 0; i < size; ++i) CHECK(map.find(entries[static_cast<std::size_t>(i)].key()).as_int() == i);
    CHECK(!map.find("key"));
    CHECK(!map.find(""));
  }
}

TEST_CASE("a computed value lands where it came from", "[engine]") {
  Arena arena;
  const Value parent = arena.map({}, {0, 10, 20});
  const Origin absent{parent, "runAsNonRoot", "default"};
  const Value computed = arena.computed(arena.boolean(false, {}), std::span(&absent, 1));
  CHECK(computed.computed());
  CHECK(!computed.as_bool());
  CHECK(located(computed).span == Span{0, 10, 20});
  CHECK(located(computed).absent == "runAsNonRoot");
  const Value secret = arena.sensitive(arena.string("x", {0, 1, 2}));
  const Origin from{secret, {}, {}};
  CHECK(arena.computed(arena.integer(1, {}), std::span(&from, 1)).sensitive());
}

TEST_CASE("null entries disappear and the rest is shared", "[engine]") {
  Arena arena;
  const auto entry = [&](std::string_view key, Value value) {
    return Entry{key.data(), static_cast<std::uint32_t>(key.size()), 0, value};
  };
  const std::vector<Entry> inner = {entry("x", arena.null({})), entry("y", arena.integer(1, {}))};
  const std::vector<Entry> clean = {entry("z", arena.integer(2, {}))};
  const Value kept = arena.map(clean, {});
  const std::vector<Entry> outer = {entry("a", arena.map(inner, {0, 1, 2})), entry("b", kept)};
  const Value filtered = without_nulls(arena.map(outer, {0, 0, 9}), arena);
  CHECK(filtered.find("a").size() == 1);
  CHECK(filtered.find("a").span() == Span{0, 1, 2});
  CHECK(filtered.find("b") == kept);
  CHECK(without_nulls(kept, arena) == kept);
}

// The short version of tests/fuzz/hcl_fuzz.cpp: damaged texts of the grammar, the same as JSON, and noise.
#include <catch2/catch.hpp>

#include "tests/hcl/generate.hpp"
#include "tests/hcl/invariants.hpp"

using namespace assay::hcl::test;

TEST_CASE("whatever the text is, the tree holds together and evaluation ends", "[hcl]") {
  const auto check = [](const std::string& text) {
    check_text(text, [&](const char* what) { FAIL_CHECK(what << " in\n" << text); });
  };
  for (std::uint64_t seed = 100000; seed < 102500; ++seed) check(Generator(seed).file(seed % 3 != 0));
  Generator random(7);
  static constexpr std::string_view pieces[] = {"{", "}", "[", "]", "\"a\"", "\"b\"", "\"foo\"", ":", ",", "1", "-0.5e3", "null", "true", "\"${x", "\"${f(1)}\"", "\"\\u00e9%{if a}\"",
                                                "\"", "\\", "\"list(\"", "\"//\"", " ", "\n", "{\"a\":{\"b\":[{\"x\":1}]}}", "{\"foo\": {\"l\": {\"m\": {}}}}"};
  for (int i = 0; i < 3000; ++i) {
    std::string text = random.below(2) == 0 ? "{\"a\":" : "";
    for (std::uint32_t n = random.below(25); n > 0; --n) text += pieces[random.below(std::size(pieces))];
    if (random.below(2) == 0) text += "}";
    check(text);
  }
  for (int i = 0; i < 1500; ++i) {
    std::string text;
    for (std::uint32_t n = random.below(60); n > 0; --n) text += static_cast<char>(random.below(3) == 0 ? random.below(256) : "a=\"${}%[]()\n<E.*?:,#/~\\-1"[random.below(26)]);
    check(text);
  }
}

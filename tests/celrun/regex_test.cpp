#include <catch2/catch.hpp>

#include "engine/regex.hpp"

using assay::Regex;

TEST_CASE("regular expressions search, match wholly, and say what is wrong", "[celrun]") {
  std::string error;
  const auto word = Regex::compile("b(?P<rest>c*)", error);
  REQUIRE(word);
  CHECK(word->found_in("abccd"));
  CHECK_FALSE(word->matches_all("abccd"));
  CHECK(word->matches_all("bcc"));
  std::vector<std::string_view> groups;
  REQUIRE(word->match("abccbd", 0, groups));
  CHECK(groups[0] == "bcc");
  CHECK(groups[1] == "cc");
  REQUIRE(word->match("abccbd", 4, groups));
  CHECK(groups[0] == "b");
  CHECK_FALSE(word->match("abccbd", 7, groups));
  CHECK(word->named_groups() == std::vector<std::pair<std::string, int>>{{"rest", 1}});

  CHECK_FALSE(Regex::compile("a(", error));
  CHECK(error == "error parsing regexp: missing closing ): `a(`");
  CHECK_FALSE(Regex::compile("(?=a)", error));           // RE2 has no look-ahead
  CHECK_FALSE(Regex::compile("((a{1000}){1000}){1000}", error));
  CHECK_FALSE(Regex::compile(std::string(100'000, 'a'), error));
}

TEST_CASE("the cache of computed patterns is bounded and right", "[celrun]") {
  std::string error;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 300; ++i) {
      const auto pattern = Regex::cached("^x" + std::to_string(i) + "$", error);
      REQUIRE(pattern);
      REQUIRE(pattern->found_in("x" + std::to_string(i)));
      REQUIRE_FALSE(pattern->found_in("x" + std::to_string(i + 1)));
    }
  }
  CHECK(Regex::cached("^same$", error) == Regex::cached("^same$", error));
}

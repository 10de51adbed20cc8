#include "parsers/ignore.hpp"

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

using namespace assay;
namespace fs = std::filesystem;

TEST_CASE("patterns follow gitignore's rules", "[walk]") {
  const auto ignored = [](std::string_view text, std::string_view path, bool directory = false) {
    return IgnoreFile("", text).match(path, directory) == Ignored::yes;
  };
  CHECK(ignored("*.yaml", "a/b/c.yaml"));
  CHECK(ignored("/a", "a"));
  CHECK_FALSE(ignored("/a", "b/a"));
  CHECK(ignored("a/b", "a/b"));
  CHECK_FALSE(ignored("a/b", "c/a/b"));
  CHECK(ignored("build/", "build", true));
  CHECK_FALSE(ignored("build/", "build", false));
  CHECK(ignored("**/x/*.json", "p/q/x/y.json"));
  CHECK(ignored("a/**/b", "a/b"));
  CHECK(ignored("a/**/b", "a/x/y/b"));
  CHECK(ignored("a/**", "a/x/y"));
  CHECK_FALSE(ignored("a/**", "a"));
  CHECK_FALSE(ignored("*.yaml\n!keep.yaml", "keep.yaml"));
  CHECK(ignored("[[:digit:]a-c]?", "7x"));
  CHECK(ignored("a\\*", "a*"));
  CHECK_FALSE(ignored("# a", "# a"));
  CHECK(ignored("\\# a", "# a"));
  CHECK_FALSE(ignored(std::string(300, '*') + "b", std::string(300, 'a')));
}

// Random patterns on random trees, against git itself.
TEST_CASE("ignoring agrees with git check-ignore", "[walk]") {
  if (std::system("git --version >/dev/null 2>&1") != 0) return;
  const fs::path root = fs::temp_directory_path() / ("assay-ignore-" + std::to_string(std::random_device{}()));
  fs::create_directories(root);
  REQUIRE(std::system(("git -C '" + root.string() + "' init -q").c_str()) == 0);
  std::mt19937 random(7);
  const auto pick = [&](std::size_t n) { return random() % n; };
  const char* const pieces[] = {"a", "b", "ab", "*", "?", "**", "a*", "*b", "[ab]", "[!a]", "[a-", "\\a", "a**", "**b"};
  std::vector<std::string> paths;
  for (const char* const one : {"a", "b", "ab", "ba", "aab"}) {
    paths.push_back(one);
    for (const char* const two : {"a", "b", "ab"}) {
      paths.push_back(std::string(one) + "/" + two);
      for (const char* const three : {"a", "bb", "ab"}) paths.push_back(std::string(one) + "/" + two + "/" + three);
    }
  }
  for (const std::string& path : paths) fs::create_directories(root / path);
  for (int round = 0; round < 60; ++round) {
    std::string text;
    for (std::size_t lines = 1 + pick(3); lines > 0; --lines) {
      if (pick(5) == 0) text += '!';
      if (pick(4) == 0) text += '/';
      for (std::size_t n = 1 + pick(3); n > 0; --n) {
        text += pieces[pick(std::size(pieces))];
        if (n > 1) text += '/';
      }
      if (pick(4) == 0) text += '/';
      text += '\n';
    }
    std::ofstream(root / ".gitignore") << text;
    std::string list;
    for (const std::string& path : paths) list += path + "\n";
    std::ofstream(root / ".git/list") << list;
    // --verbose --non-matching gives the deciding pattern of every path, its parents' included.
    REQUIRE(std::system(("cd '" + root.string() + "' && git check-ignore --no-index --stdin < .git/list > .git/out; true").c_str()) == 0);
    std::vector<std::string> expected;
    std::ifstream in(root / ".git/out");
    for (std::string line; std::getline(in, line);) expected.push_back(line);
    const IgnoreFile file("", text);
    std::vector<std::string> actual;
    for (const std::string& path : paths) {
      bool out = false;
      for (std::size_t slash = path.find('/');; slash = path.find('/', slash + 1)) {
        if (file.match(path.substr(0, slash), true) == Ignored::yes) {
          out = true;
          break;
        }
        if (slash == std::string::npos) break;
      }
      if (out) actual.push_back(path);
    }
    INFO(text);
    CHECK(actual == expected);
  }
  fs::remove_all(root);
}

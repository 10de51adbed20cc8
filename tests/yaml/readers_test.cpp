// The quick reader against the library: what it accepts, the library must read to the same values, spans
// and comments.
#include <catch2/catch.hpp>

#include <iostream>
#include <random>

#include "parsers/yaml/readers.hpp"
#include "tests/yaml/describe.hpp"

using namespace assay;

namespace {

struct Tally {
  std::uint64_t texts = 0, quick = 0, library = 0;
};

std::string disagreement(const std::string& text, Tally& tally) {
  Sources sources;
  const Source& source = sources.add("text.yaml", text);
  Diagnostics both, library;
  yaml::ReadCounts counts;
  const ParsedFile a = yaml::parse_with(yaml::Readers::both, source, {}, both, &counts);
  const ParsedFile b = yaml::parse_with(yaml::Readers::library_only, source, {}, library);
  ++tally.texts;
  tally.quick += counts.quick;
  tally.library += counts.library;
  const std::string left = test::describe(a), right = test::describe(b);
  if (left == right && both.errors() == library.errors()) return "";
  const auto from = std::mismatch(left.begin(), left.begin() + std::min(left.size(), right.size()), right.begin()).first -
                    left.begin();
  const auto start = from < 100 ? 0 : from - 100;
  std::string out = "both:\n" + left.substr(start, 300) + "\nlibrary:\n" + right.substr(start, 300) + "\n";
  for (const Diagnostic& d : both.all()) out += "both: " + d.message + " at " + std::to_string(d.span.begin) + "\n";
  for (const Diagnostic& d : library.all()) out += "library: " + d.message + " at " + std::to_string(d.span.begin) + "\n";
  return out;
}

const char* const pieces[] = {
    "a", "b", "key", "1", "true", "~", "a b", ":", ": ", ":\n", "- ", "-\n", "\n", "\n ", "\n  ", "\n    ", "\n\n", " ", "  ",
    "#", " # c", "\n# c\n", "\n  # c\n", "'", "\"", "'it''s'", "\"x\\ty\"", "\"x\\\n  y\"", "{", "}", "[", "]", ",", ", ", "{}",
    "[]", "{a: b}", "[1, 2]", "|", "|\n  ", ">-\n  ", "|2-\n", "|+\n ", ">\n", "&a ", "*a", "!t ", "<<", "? ", "?", "\t", "\r\n",
    "---\n", "--- ", "\n---\n", "...\n", "\n...\n", "%YAML 1.2\n", "@", "`", "%", "é", "-", "--", "=", ".", "k: v\n", "k:\n",
    "- k: v\n", "  k: v\n", "  - v\n", "    - v\n", "  w: ", "x: |\n    t\n    u\n", "y: >\n  f\n  g\n\n  h\n", "z: a\n  b\n", "\"q\": ",
};

}  // namespace

TEST_CASE("both readers agree on all corpora", "[yaml]") {
  const auto files = test::yaml_files(std::filesystem::path(ASSAY_SHARED_DIR) / "corpora");
  if (files.empty()) {
    WARN("no corpora: skipped");
    return;
  }
  Tally tally;
  for (const auto& path : files) {
    INFO(path);
    const std::string text = test::read_file(path);
    CHECK(disagreement(text, tally) == "");
    // With the line ends of Windows everything means the same.
    std::string windows;
    for (const char c : text) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
    CHECK(disagreement(windows, tally) == "");
  }
  CHECK(tally.library * 20 < tally.quick);  // the quick reader reads nearly all of it
}

TEST_CASE("both readers agree on the public test suite's texts", "[yaml]") {
  // The suite's own files, and the texts in them as they stand.
  const auto files = test::yaml_files(std::filesystem::path(ASSAY_SHARED_DIR) / "yaml-test-suite" / "src");
  Tally tally;
  for (const auto& path : files) {
    const std::string text = test::read_file(path);
    INFO(path << "\n" << text);
    CHECK(disagreement(text, tally) == "");
    Sources sources;
    Diagnostics diagnostics;
    const ParsedFile file = yaml::parse(sources.add("suite", text), {}, diagnostics);
    for (const Value item : file.documents.at(0).root.items()) {
      for (const char* field : {"yaml", "dump", "emit"}) {
        const std::string inner(item.find(field).as_string());
        INFO(field << ":\n" << inner);
        CHECK(disagreement(inner, tally) == "");
      }
    }
  }
}

TEST_CASE("both readers agree on random texts", "[yaml]") {
  std::mt19937 random(20);
  Tally tally;
  for (int i = 0; i < 60000; ++i) {
    std::string text;
    for (unsigned n = 1 + random() % 12; n > 0; --n) text += pieces[random() % std::size(pieces)];
    INFO("text: <<" << (text.size() < 300 ? text : text.substr(text.size() - 300)) << ">>");
    CHECK(disagreement(text, tally) == "");
  }
  std::cout << "readers: " << tally.texts << " random texts, " << tally.quick << " documents read by the quick reader, "
            << tally.library << " by the library\n";
}

TEST_CASE("both readers agree on damaged manifests", "[yaml]") {
  const auto files = test::yaml_files(std::filesystem::path(ASSAY_SHARED_DIR) / "corpora" / "online-boutique");
  std::mt19937 random(21);
  Tally tally;
  for (const auto& path : files) {
    const std::string whole = test::read_file(path).substr(0, 3000);
    for (int i = 0; i < 60; ++i) {
      std::string text = whole;
      for (unsigned n = 1 + random() % 3; n > 0; --n) {
        const std::size_t at = random() % text.size();
        switch (random() % 4) {
          case 0: text.erase(at, 1 + random() % 8); break;
          case 1: text.insert(at, pieces[random() % std::size(pieces)]); break;
          case 2: text.insert(at, text.substr(random() % text.size(), random() % 40)); break;
          default: text.resize(at + 1);
        }
        if (text.empty()) text = "a";
      }
      INFO("text: <<" << (text.size() < 300 ? text : text.substr(text.size() - 300)) << ">>");
      CHECK(disagreement(text, tally) == "");
    }
  }
}

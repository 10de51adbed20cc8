// The trees and spans of hashicorp/hcl (recorded by tests/live/hcl) against ours: of written texts in full, of
// generated and damaged ones by their hash.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

#include "engine/text.hpp"
#include "parsers/hcl/parse.hpp"
#include "tests/hcl/dump.hpp"
#include "tests/hcl/generate.hpp"

using namespace assay;

namespace {

constexpr std::uint64_t generated = 5000;

std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Every third text is damaged.
std::string text_of(std::uint64_t seed) { return hcl::test::Generator(seed).file(seed % 3 == 2); }

// The reference takes some bytes that are not UTF-8 for parts of names, and loses a trim mark after a lone sign and
// one blank: slips of its scanner that we do not follow.
bool comparable(const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const Decoded next = decode(text, at);
    if (!next.valid) return false;
    at += next.size;
  }
  for (const char* sequence : {" ${~", "\t${~", " %{~", "\t%{~"})
    for (std::size_t at = text.find(sequence); at != std::string::npos; at = text.find(sequence, at + 1))
      if (at > 0 && (text[at - 1] == '$' || text[at - 1] == '%')) return false;
  return true;
}

std::string reading(const std::string& text, bool hashed) {
  Sources sources;
  Diagnostics diagnostics;
  const hcl::File file = hcl::parse(sources.add("text.tf", text), diagnostics);
  if (diagnostics.errors() > 0) return "error";
  const std::string tree = hcl::test::dump(file.body);
  if (!hashed) return "ok\n" + tree;
  std::uint64_t hash = 0xcbf29ce484222325ull;
  for (const char c : tree) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "ok %016llx", static_cast<unsigned long long>(hash));
  return buffer;
}

}  // namespace

TEST_CASE("written texts have the reference's trees and spans", "[hcl]") {
  std::size_t seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(ASSAY_SOURCE_DIR "/tests/hcl/texts")) {
    if (entry.path().extension() != ".tf") continue;
    ++seen;
    INFO(entry.path());
    std::filesystem::path tree = entry.path();
    CHECK(reading(contents(entry.path().string()), false) == contents(tree.replace_extension(".tree").string()));
  }
  CHECK(seen >= 5);
}

TEST_CASE("generated texts have the reference's trees and spans, and its errors", "[hcl]") {
  std::ifstream golden(ASSAY_SOURCE_DIR "/tests/hcl/generated.txt");
  std::string expected;
  std::size_t compared = 0, errors = 0;
  for (std::uint64_t seed = 0; seed < generated; ++seed) {
    REQUIRE(std::getline(golden, expected));
    const std::string text = text_of(seed);
    const std::string actual = reading(text, true);
    if (!comparable(text)) continue;
    ++compared;
    errors += expected == "error";
    if (actual != expected) FAIL_CHECK("seed " << seed << ": " << actual << " instead of " << expected << " for\n" << text);
  }
  CHECK(compared > generated * 9 / 10);
  CHECK(errors > generated / 5);
}

TEST_CASE("texts for the recorder", "[.][hcl-texts]") {
  const char* path = std::getenv("ASSAY_HCL_TEXTS");
  REQUIRE(path != nullptr);
  std::ofstream out(path, std::ios::binary);
  for (std::uint64_t seed = 0; seed < generated; ++seed) {
    const std::string text = text_of(seed);
    out << text.size() << "\n" << text << "\n";
  }
}

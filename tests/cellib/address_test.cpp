// Addresses against a reader that goes bit by bit, and against the written form of random ones.
#include <bitset>
#include <catch2/catch.hpp>
#include <random>
#include <vector>

#include "engine/cel/libraries/address.hpp"

namespace {

using namespace assay::cel::library;
using Bits = std::bitset<128>;

Bits bits_of(const Address& address) {
  Bits bits;
  for (int i = 0; i < address.bits(); ++i)
    bits[static_cast<std::size_t>(i)] = address.bytes[static_cast<std::size_t>(i / 8)] >> (7 - i % 8) & 1;
  return bits;
}

Address random_address(std::mt19937& random) {
  Address address;
  address.size = random() % 2 ? 4 : 16;
  for (std::size_t i = 0; i < address.size; ++i) address.bytes[i] = random() % 3 ? 0 : static_cast<std::uint8_t>(random());
  return address;
}

// Every way to write the eight groups: digits in full or not, one run of zeros left out or not.
std::vector<std::string> spellings(const Address& address) {
  std::vector<std::string> result;
  const auto group = [&](int i, bool full) {
    char buffer[8];
    std::snprintf(buffer, sizeof buffer, full ? "%04X" : "%x", address.bytes[static_cast<std::size_t>(2 * i)] << 8 | address.bytes[static_cast<std::size_t>(2 * i + 1)]);
    return std::string(buffer);
  };
  for (const bool full : {false, true}) {
    for (int begin = 0; begin <= 8; ++begin) {
      for (int end = begin; end <= 8; ++end) {
        bool zeros = true;
        for (int i = begin; i < end; ++i) zeros = zeros && group(i, false) == "0";
        if (!zeros || (begin == end && begin > 0)) continue;
        std::string text;
        for (int i = 0; i < 8; ++i) {
          if (begin < end && i == begin) text += "::";
          if (i >= begin && i < end) continue;
          if (!text.empty() && !text.ends_with(':')) text += ':';
          text += group(i, full);
        }
        result.push_back(text);
      }
    }
  }
  return result;
}

}  // namespace

TEST_CASE("addresses are read back however they are written", "[cellib]") {
  std::mt19937 random(7);
  std::string error;
  for (int round = 0; round < 500; ++round) {
    const Address address = random_address(random);
    INFO(address.text());
    REQUIRE(parse_address(address.text(), error) == address);
    if (address.is_v4()) continue;
    for (const std::string& spelling : spellings(address)) {
      INFO(spelling);
      REQUIRE(parse_address(spelling, error) == address);
    }
  }
}

TEST_CASE("prefixes contain what agrees with them bit by bit", "[cellib]") {
  std::mt19937 random(11);
  for (int round = 0; round < 20000; ++round) {
    const Address a = random_address(random), b = random_address(random);
    const Prefix p{a, static_cast<int>(random() % static_cast<unsigned>(a.bits() + 1))};
    const Prefix q{b, static_cast<int>(random() % static_cast<unsigned>(b.bits() + 1))};
    bool agrees = a.size == b.size;
    for (int i = 0; i < p.bits && agrees; ++i) agrees = bits_of(a)[static_cast<std::size_t>(i)] == bits_of(b)[static_cast<std::size_t>(i)];
    REQUIRE(p.contains(b) == agrees);
    REQUIRE(p.contains(q) == (agrees && p.bits <= q.bits));
    const Bits masked = bits_of(p.masked().address);
    for (int i = 0; i < a.bits(); ++i)
      REQUIRE(masked[static_cast<std::size_t>(i)] == (i < p.bits && bits_of(a)[static_cast<std::size_t>(i)]));
  }
}

TEST_CASE("what is no address is refused, with Go's words", "[cellib]") {
  const std::pair<const char*, const char*> cases[] = {
      {"", "ParseAddr(\"\"): unable to parse IP"},
      {"1.2.3", "ParseAddr(\"1.2.3\"): IPv4 address too short"},
      {"01.2.3.4", "ParseAddr(\"01.2.3.4\"): IPv4 field has octet with leading zero"},
      {"1.2.3.x", "ParseAddr(\"1.2.3.x\"): unexpected character (at \"x\")"},
      {"1::2::3", "ParseAddr(\"1::2::3\"): multiple :: in address (at \":3\")"},
      {"12345::", "ParseAddr(\"12345::\"): each group must have 4 or less digits (at \"12345::\")"},
  };
  for (const auto& [text, expected] : cases) {
    std::string error;
    CHECK_FALSE(parse_address(text, error));
    CHECK(error == expected);
  }
}

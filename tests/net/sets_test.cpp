// Sets of ports and addresses against bitmaps.
#include <bitset>
#include <catch2/catch.hpp>
#include <random>

#include "engine/net/addresses.hpp"
#include "engine/net/ports.hpp"

using namespace assay::net;

namespace {

using Bits = std::bitset<64>;

// Windows of 64 points, also at both ends of the line and across the carry from the low half to the high one.
template <typename Point, typename At>
void agree(At at, unsigned seed) {
  std::mt19937 random(seed);
  const auto make = [&](Bits& bits) {
    IntervalSet<Point> set;
    for (auto count = random() % 6; count > 0; --count) {
      const unsigned first = static_cast<unsigned>(random() % 64), last = std::min(63u, first + static_cast<unsigned>(random() % 12));
      set = set | IntervalSet<Point>(at(first), at(last));
      for (unsigned i = first; i <= last; ++i) bits.set(i);
    }
    return set;
  };
  const auto same = [&](const IntervalSet<Point>& set, const Bits& bits) {
    IntervalSet<Point> rebuilt;
    for (unsigned i = 0; i < 64; ++i) {
      if (set.contains(at(i)) != bits[i]) return false;
      if (bits[i]) rebuilt = rebuilt | IntervalSet<Point>(at(i), at(i));
    }
    return rebuilt == set;  // canonical
  };
  for (int round = 0; round < 500; ++round) {
    Bits left_bits, right_bits;
    const auto left = make(left_bits), right = make(right_bits);
    REQUIRE(same(left, left_bits));
    REQUIRE(same(left | right, left_bits | right_bits));
    REQUIRE(same(left & right, left_bits & right_bits));
    REQUIRE(same(left - right, left_bits & ~right_bits));
  }
}

}  // namespace

TEST_CASE("sets agree with bitmaps", "[net]") {
  agree<std::uint16_t>([](unsigned i) { return static_cast<std::uint16_t>(i); }, 1);
  agree<std::uint16_t>([](unsigned i) { return static_cast<std::uint16_t>(65535 - 63 + i); }, 2);
  agree<Address>([](unsigned i) { return Address{Family::ipv4, 0, i}; }, 3);
  agree<Address>([](unsigned i) { return Address{Family::ipv4, 0, 0xffffffffu - 63 + i}; }, 4);
  agree<Address>([](unsigned i) { return Address{Family::ipv6, i < 32 ? 6u : 7u, std::uint64_t{i} - 32}; }, 5);
  agree<Address>([](unsigned i) { return Address{Family::ipv6, ~std::uint64_t{0}, ~std::uint64_t{0} - 63 + i}; }, 6);
}

TEST_CASE("the notation of ports", "[net]") {
  const PortSet web = PortSet::of(Protocol::udp, 53, 53) | PortSet::of(Protocol::tcp, 443, 443) | PortSet::of(Protocol::tcp, 80, 80);
  CHECK(web.text() == "TCP 80,443,UDP 53");
  CHECK((web | PortSet::of(Protocol::tcp, 81, 90) | PortSet::of(Protocol::sctp)).text() == "SCTP 1-65535,TCP 80-90,443,UDP 53");
  CHECK(PortSet::all().text() == "All Connections");
  CHECK(((PortSet::all() - web) | web).text() == "All Connections");
  CHECK((web - PortSet::all()).text() == "No Connections");
  CHECK(PortSet::of(Protocol::tcp, 0, 0).empty());
}

TEST_CASE("blocks of addresses", "[net]") {
  const auto range = [](std::string_view text) {
    const auto block = parse_block(text);
    return block ? format_range(*block) : "none";
  };
  CHECK(range("0.0.0.0/0") == "0.0.0.0-255.255.255.255");
  CHECK(range("10.1.2.3/8") == "10.0.0.0-10.255.255.255");
  CHECK(range("10.1.2.3/32") == "10.1.2.3-10.1.2.3");
  CHECK(range("::/0") == "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
  CHECK(range("fd00::/64") == "fd00::-fd00::ffff:ffff:ffff:ffff");
  CHECK(range("fd00::/63") == "fd00::-fd00::1:ffff:ffff:ffff:ffff");
  CHECK(range("fd00::1/127") == "fd00::-fd00::1");
  for (const char* bad : {"", "/", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0/8", "::/129", "10.0.0.0/8/8",
                          "10.0.0.0/99999999999999", " 10.0.0.0/8", "010.0.0.0/8"}) {
    CHECK(range(bad) == "none");
  }
  CHECK((all_addresses(Family::ipv4) | all_addresses(Family::ipv6)).intervals().size() == 2);
}

// IPv4 and IPv6 addresses, blocks in CIDR notation, and sets of them as merged ranges.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/net/intervals.hpp"

namespace assay::net {

enum class Family : std::uint8_t { ipv4, ipv6 };

// A number of 128 bits, of which IPv4 uses the lowest 32. Every IPv4 address is before every IPv6 address.
struct Address {
  Family family = Family::ipv4;
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  auto operator<=>(const Address&) const = default;
};

// The last address of IPv4 has no neighbour in IPv6: sets of both never merge across.
Address next(const Address& address);
Address previous(const Address& address);

using AddressSet = IntervalSet<Address>;

std::optional<Address> parse_address(std::string_view text);
// `10.0.0.0/8`, `fd00::/8`; bits past the prefix are ignored. Nothing when it is no block.
std::optional<Interval<Address>> parse_block(std::string_view text);
AddressSet all_addresses(Family family);

std::string format_address(const Address& address);
std::string format_range(const Interval<Address>& range);  // `10.0.0.0-10.255.255.255`

}  // namespace assay::net

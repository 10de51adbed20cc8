// IP addresses and prefixes as text and bits, with the strictness and the words of Go's net/netip: no
// leading zeros in IPv4, RFC 5952 when written.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace assay::cel::library {

struct Address {
  std::array<std::uint8_t, 16> bytes{};  // IPv4: the first four
  std::uint8_t size = 4;                 // 4 or 16
  bool zone = false;                     // "fe80::1%eth0"; the zone itself is not kept

  int bits() const { return size * 8; }
  bool is_v4() const { return size == 4; }
  bool is_v4_mapped() const;  // ::ffff:a.b.c.d
  bool is_unspecified() const;
  bool is_loopback() const;
  bool is_multicast() const;
  bool is_link_local_multicast() const;
  bool is_link_local_unicast() const;
  bool is_global_unicast() const;
  Address masked(int prefix_bits) const;  // the rest zero
  std::string text() const;
  friend bool operator==(const Address&, const Address&) = default;
};

struct Prefix {
  Address address;
  int bits = 0;

  Prefix masked() const { return {address.masked(bits), bits}; }
  bool contains(const Address& other) const;
  bool contains(const Prefix& other) const;  // every address of it
  std::string text() const;
  friend bool operator==(const Prefix&, const Prefix&) = default;
};

// Empty where the text is none; then `error` says why, in net/netip's words.
std::optional<Address> parse_address(std::string_view text, std::string& error);
std::optional<Prefix> parse_prefix(std::string_view text, std::string& error);

}  // namespace assay::cel::library

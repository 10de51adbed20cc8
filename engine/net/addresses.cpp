#include "engine/net/addresses.hpp"

#include <arpa/inet.h>

#include <charconv>

namespace assay::net {
namespace {

constexpr std::uint64_t ones = ~std::uint64_t{0};

// The bits of a number of 64 that lie past its first `prefix`.
std::uint64_t past(unsigned prefix) { return prefix >= 64 ? 0 : ones >> prefix; }

}  // namespace

Address next(const Address& address) {
  return {address.family, address.high + (address.low == ones ? 1 : 0), address.low + 1};
}

Address previous(const Address& address) {
  return {address.family, address.high - (address.low == 0 ? 1 : 0), address.low - 1};
}

std::optional<Address> parse_address(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string copy(text);
  unsigned char bytes[16] = {};
  Address result;
  if (inet_pton(AF_INET, copy.c_str(), bytes) == 1) {
    for (int i = 0; i < 4; ++i) result.low = result.low << 8 | bytes[i];
    return result;
  }
  if (inet_pton(AF_INET6, copy.c_str(), bytes) != 1) return std::nullopt;
  result.family = Family::ipv6;
  for (int i = 0; i < 8; ++i) result.high = result.high << 8 | bytes[i];
  for (int i = 8; i < 16; ++i) result.low = result.low << 8 | bytes[i];
  return result;
}

std::optional<Interval<Address>> parse_block(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::optional<Address> address = parse_address(text.substr(0, slash));
  const std::string_view digits = text.substr(slash + 1);
  unsigned prefix = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
  if (!address || read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return std::nullopt;
  if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
  if (prefix > (address->family == Family::ipv4 ? 32u : 128u)) return std::nullopt;
  if (address->family == Family::ipv4) {
    const std::uint64_t host = past(prefix + 32);
    return Interval<Address>{{Family::ipv4, 0, address->low & ~host}, {Family::ipv4, 0, address->low | host}};
  }
  const std::uint64_t high = past(prefix);
  const std::uint64_t low = prefix <= 64 ? ones : past(prefix - 64);
  return Interval<Address>{{Family::ipv6, address->high & ~high, address->low & ~low},
                           {Family::ipv6, address->high | high, address->low | low}};
}

AddressSet all_addresses(Family family) {
  const bool ipv4 = family == Family::ipv4;
  return {{family, 0, 0}, {family, ipv4 ? 0 : ones, ipv4 ? 0xffffffff : ones}};
}

std::string format_address(const Address& address) {
  unsigned char bytes[16] = {};
  char text[INET6_ADDRSTRLEN] = {};
  if (address.family == Family::ipv4) {
    for (int i = 0; i < 4; ++i) bytes[i] = static_cast<unsigned char>(address.low >> (24 - 8 * i));
    inet_ntop(AF_INET, bytes, text, sizeof text);
  } else {
    for (int i = 0; i < 8; ++i) bytes[i] = static_cast<unsigned char>(address.high >> (56 - 8 * i));
    for (int i = 0; i < 8; ++i) bytes[8 + i] = static_cast<unsigned char>(address.low >> (56 - 8 * i));
    inet_ntop(AF_INET6, bytes, text, sizeof text);
  }
  return text;
}

std::string format_range(const Interval<Address>& range) { return format_address(range.first) + '-' + format_address(range.last); }

}  // namespace assay::net

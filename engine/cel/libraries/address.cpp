#include "engine/cel/libraries/address.hpp"

#include <algorithm>
#include <cstdio>

#include "engine/cel/libraries/support.hpp"

namespace assay::cel::library {

namespace {

struct Failure {
  std::string message;
  std::string_view at;
};

// Reads a.b.c.d into four bytes; false with the reason otherwise.
bool parse_v4(std::string_view text, std::uint8_t* out, Failure& failure) {
  const auto fail = [&](const char* message, std::string_view at = {}) {
    failure = {message, at};
    return false;
  };
  int value = 0, field = 0, digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c >= '0' && c <= '9') {
      if (digits == 1 && value == 0) return fail("IPv4 field has octet with leading zero");
      value = value * 10 + (c - '0');
      ++digits;
      if (value > 255) return fail("IPv4 field has value >255");
    } else if (c == '.') {
      if (i == 0 || i + 1 == text.size() || text[i - 1] == '.') return fail("IPv4 field must have at least one digit", text.substr(i));
      if (field == 3) return fail("IPv4 address too long");
      out[field++] = static_cast<std::uint8_t>(value);
      value = digits = 0;
    } else {
      return fail("unexpected character", text.substr(i));
    }
  }
  if (field < 3) return fail("IPv4 address too short");
  out[3] = static_cast<std::uint8_t>(value);
  return true;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool parse_v6(std::string_view text, Address& address, Failure& failure) {
  const auto fail = [&](const char* message, std::string_view at = {}) {
    failure = {message, at};
    return false;
  };
  address.size = 16;
  if (const std::size_t percent = text.find('%'); percent != std::string_view::npos) {
    if (percent + 1 == text.size()) return fail("zone must be a non-empty string");
    address.zone = true;
    text = text.substr(0, percent);
  }
  std::uint8_t* const bytes = address.bytes.data();
  int ellipsis = -1, i = 0;
  if (text.starts_with("::")) {
    ellipsis = 0;
    text.remove_prefix(2);
    if (text.empty()) return true;
  }
  while (i < 16) {
    std::size_t size = 0;
    std::uint32_t group = 0;
    for (; size < text.size() && hex_digit(text[size]) >= 0; ++size) {
      group = group << 4 | static_cast<std::uint32_t>(hex_digit(text[size]));
      if (size > 3) return fail("each group must have 4 or less digits", text);
    }
    if (size == 0) return fail("each colon-separated field must have at least one digit", text);
    if (size < text.size() && text[size] == '.') {
      if (ellipsis < 0 && i != 12) return fail("embedded IPv4 address must replace the final 2 fields of the address", text);
      if (i + 4 > 16) return fail("too many hex fields to fit an embedded IPv4 at the end of the address", text);
      if (!parse_v4(text, bytes + i, failure)) return false;
      text = {};
      i += 4;
      break;
    }
    bytes[i] = static_cast<std::uint8_t>(group >> 8);
    bytes[i + 1] = static_cast<std::uint8_t>(group);
    i += 2;
    text.remove_prefix(size);
    if (text.empty()) break;
    if (text[0] != ':') return fail("unexpected character, want colon", text);
    if (text.size() == 1) return fail("colon must be followed by more characters", text);
    text.remove_prefix(1);
    if (text[0] == ':') {
      if (ellipsis >= 0) return fail("multiple :: in address", text);
      ellipsis = i;
      text.remove_prefix(1);
      if (text.empty()) break;
    }
  }
  if (!text.empty()) return fail("trailing garbage after address", text);
  if (i < 16) {
    if (ellipsis < 0) return fail("address string too short");
    std::copy_backward(bytes + ellipsis, bytes + i, bytes + 16);
    std::fill(bytes + ellipsis, bytes + ellipsis + 16 - i, 0);
  } else if (ellipsis >= 0) {
    return fail("the :: must expand to at least one field of zeros");
  }
  return true;
}

// The IPv4 address within an IPv4-mapped one.
Address unmapped(const Address& address) {
  if (!address.is_v4_mapped()) return address;
  Address v4;
  std::copy(address.bytes.begin() + 12, address.bytes.end(), v4.bytes.begin());
  return v4;
}

}  // namespace

std::optional<Address> parse_address(std::string_view text, std::string& error) {
  Address address;
  Failure failure{"unable to parse IP", {}};
  bool parsed = false;
  for (const char c : text) {
    if (c == '.') {
      parsed = parse_v4(text, address.bytes.data(), failure);
    } else if (c == ':') {
      parsed = parse_v6(text, address, failure);
    } else if (c == '%') {
      failure.message = "missing IPv6 address";
    } else {
      continue;
    }
    break;
  }
  if (parsed) return address;
  error = "ParseAddr(" + quoted(text) + "): " + failure.message;
  if (!failure.at.empty()) error += " (at " + quoted(failure.at) + ")";
  return std::nullopt;
}

std::optional<Prefix> parse_prefix(std::string_view text, std::string& error) {
  const auto fail = [&](const std::string& message) {
    error = "netip.ParsePrefix(" + quoted(text) + "): " + message;
    return std::nullopt;
  };
  const std::size_t slash = text.rfind('/');
  if (slash == std::string_view::npos) return fail("no '/'");
  std::string inner;
  const std::optional<Address> address = parse_address(text.substr(0, slash), inner);
  if (!address) return fail(inner);
  if (address->zone) return fail("IPv6 zones cannot be present in a prefix");
  const std::string_view digits = text.substr(slash + 1);
  const bool well_formed = !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos &&
                           (digits.size() == 1 || digits[0] != '0') && digits.size() <= 18;
  if (!well_formed) return fail("bad bits after slash: " + quoted(digits));
  const long long bits = std::stoll(std::string(digits));
  if (bits > address->bits()) return fail("prefix length out of range");
  return Prefix{*address, static_cast<int>(bits)};
}

bool Address::is_v4_mapped() const {
  return size == 16 && std::all_of(bytes.begin(), bytes.begin() + 10, [](std::uint8_t b) { return b == 0; }) &&
         bytes[10] == 0xFF && bytes[11] == 0xFF;
}
bool Address::is_unspecified() const {
  return std::all_of(bytes.begin(), bytes.begin() + size, [](std::uint8_t b) { return b == 0; }) && !zone;
}
bool Address::is_loopback() const {
  const Address a = unmapped(*this);
  if (a.is_v4()) return a.bytes[0] == 127;
  return std::all_of(bytes.begin(), bytes.end() - 1, [](std::uint8_t b) { return b == 0; }) && bytes[15] == 1;
}
bool Address::is_multicast() const {
  const Address a = unmapped(*this);
  return a.is_v4() ? (a.bytes[0] & 0xF0) == 0xE0 : a.bytes[0] == 0xFF;
}
bool Address::is_link_local_multicast() const {
  const Address a = unmapped(*this);
  if (a.is_v4()) return a.bytes[0] == 224 && a.bytes[1] == 0 && a.bytes[2] == 0;
  return a.bytes[0] == 0xFF && (a.bytes[1] & 0x0F) == 0x02;
}
bool Address::is_link_local_unicast() const {
  const Address a = unmapped(*this);
  if (a.is_v4()) return a.bytes[0] == 169 && a.bytes[1] == 254;
  return a.bytes[0] == 0xFE && (a.bytes[1] & 0xC0) == 0x80;
}
bool Address::is_global_unicast() const {
  const Address a = unmapped(*this);
  const bool broadcast = a.is_v4() && std::all_of(a.bytes.begin(), a.bytes.begin() + 4, [](std::uint8_t b) { return b == 255; });
  return !broadcast && !a.is_unspecified() && !is_loopback() && !is_multicast() && !is_link_local_unicast();
}

Address Address::masked(int prefix_bits) const {
  Address result = *this;
  result.zone = false;
  for (int i = 0; i < size; ++i) {
    const int kept = std::clamp(prefix_bits - i * 8, 0, 8);
    result.bytes[static_cast<std::size_t>(i)] &= static_cast<std::uint8_t>(0xFF00 >> kept);
  }
  return result;
}

std::string Address::text() const {
  char buffer[32];
  if (is_v4()) {
    std::snprintf(buffer, sizeof buffer, "%u.%u.%u.%u", bytes[0], bytes[1], bytes[2], bytes[3]);
    return buffer;
  }
  if (is_v4_mapped()) return "::ffff:" + unmapped(*this).text();
  const auto group = [&](int i) { return static_cast<unsigned>(bytes[static_cast<std::size_t>(2 * i)]) << 8 | bytes[static_cast<std::size_t>(2 * i + 1)]; };
  // The longest run of at least two zero groups, the first of equals.
  int best = -1, best_size = 1;
  for (int i = 0; i < 8; ++i) {
    int end = i;
    while (end < 8 && group(end) == 0) ++end;
    if (end - i > best_size) best = i, best_size = end - i;
  }
  std::string out;
  for (int i = 0; i < 8; ++i) {
    if (i == best) {
      out += "::";
      i += best_size - 1;
      continue;
    }
    if (i > 0 && !out.ends_with(':')) out += ':';
    std::snprintf(buffer, sizeof buffer, "%x", group(i));
    out += buffer;
  }
  return out;
}

bool Prefix::contains(const Address& other) const {
  return other.size == address.size && !other.zone && other.masked(bits) == address.masked(bits);
}
bool Prefix::contains(const Prefix& other) const {
  return other.address.size == address.size && bits <= other.bits && other.address.masked(bits) == address.masked(bits);
}
std::string Prefix::text() const { return address.text() + "/" + std::to_string(bits); }

}  // namespace assay::cel::library

// cidrcontains cidrhost cidrnetmask cidrsubnet cidrsubnets
#include <cstdio>
#include <optional>

#include "parsers/terraform/function.hpp"
#include "parsers/terraform/number.hpp"

namespace assay::terraform {

namespace {

using Bits = unsigned __int128;

struct Address {
  Bits bits = 0;
  int size = 32;  // 32 or 128
};
struct Prefix {
  Address address;
  int length = 0;
};

Bits mask(int length, int size) {
  if (length <= 0) return 0;
  const Bits all = size == 128 ? ~Bits{0} : Bits{0xffffffffu};
  return length >= size ? all : all & ~((Bits{1} << (size - length)) - 1);
}

// Dotted numbers; leading zeros are allowed, as old configurations have them.
std::optional<Bits> read_dotted(std::string_view text) {
  Bits bits = 0;
  for (int part = 0; part < 4; ++part) {
    unsigned value = 0;
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
      value = value * 10 + static_cast<unsigned>(text[digits++] - '0');
      if (value > 255) return std::nullopt;
    }
    if (digits == 0) return std::nullopt;
    bits = bits << 8 | value;
    text.remove_prefix(digits);
    if (part < 3) {
      if (!text.starts_with('.')) return std::nullopt;
      text.remove_prefix(1);
    }
  }
  return text.empty() ? std::optional(bits) : std::nullopt;
}

std::optional<Address> read_address(std::string_view text) {
  if (text.find(':') == std::string_view::npos) {
    const auto bits = read_dotted(text);
    return bits ? std::optional(Address{*bits, 32}) : std::nullopt;
  }
  std::uint16_t groups[8] = {};
  int count = 0, gap = -1;
  if (text.starts_with("::")) {
    gap = 0;
    text.remove_prefix(2);
  }
  while (!text.empty()) {
    if (count == 8) return std::nullopt;
    unsigned value = 0;
    std::size_t digits = 0;
    while (digits < text.size() && std::isxdigit(static_cast<unsigned char>(text[digits]))) {
      const char c = text[digits++];
      value = value * 16 + static_cast<unsigned>(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
      if (value > 0xffff || digits > 4) return std::nullopt;
    }
    if (digits < text.size() && text[digits] == '.') {
      const auto dotted = read_dotted(text);
      if (!dotted || count > 6) return std::nullopt;
      groups[count++] = static_cast<std::uint16_t>(*dotted >> 16);
      groups[count++] = static_cast<std::uint16_t>(*dotted & 0xffff);
      text = {};
      break;
    }
    if (digits == 0) return std::nullopt;
    groups[count++] = static_cast<std::uint16_t>(value);
    text.remove_prefix(digits);
    if (text.empty()) break;
    if (!text.starts_with(':') || text.size() == 1) return std::nullopt;
    text.remove_prefix(1);
    if (text.starts_with(':')) {
      if (gap >= 0) return std::nullopt;
      gap = count;
      text.remove_prefix(1);
    }
  }
  if (gap < 0 ? count != 8 : count == 8) return std::nullopt;
  Bits bits = 0;
  for (int i = 0; i < 8; ++i) {
    int from = i;
    if (gap >= 0 && i >= gap) from = i - (8 - count);
    bits = bits << 16 | (gap >= 0 && i >= gap && from < gap ? 0 : groups[from]);
  }
  return Address{bits, 128};
}

std::string text_of(Address address) {
  char buffer[64];
  const bool mapped = address.size == 128 && address.bits >> 32 == 0xffff;
  if (address.size == 32 || mapped) {
    const auto v = static_cast<std::uint32_t>(address.bits);
    std::snprintf(buffer, sizeof buffer, "%u.%u.%u.%u", v >> 24, v >> 16 & 255, v >> 8 & 255, v & 255);
    return buffer;
  }
  unsigned groups[8];
  for (int i = 0; i < 8; ++i) groups[i] = static_cast<unsigned>(address.bits >> (112 - 16 * i)) & 0xffff;
  int best = -1, best_size = 1;
  for (int i = 0; i < 8;) {
    int end = i;
    while (end < 8 && groups[end] == 0) ++end;
    if (end - i > best_size) best = i, best_size = end - i;
    i = end > i ? end : i + 1;
  }
  std::string out;
  for (int i = 0; i < 8; ++i) {
    if (i == best) {
      out += "::";
      i += best_size - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    std::snprintf(buffer, sizeof buffer, "%x", groups[i]);
    out += buffer;
  }
  return out;
}
std::string text_of(const Prefix& prefix) { return text_of(prefix.address) + "/" + std::to_string(prefix.length); }

std::optional<Prefix> read_prefix(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = read_address(text.substr(0, slash));
  const std::string_view digits = text.substr(slash + 1);
  if (!address || digits.empty() || digits.size() > 3) return std::nullopt;
  int length = 0;
  for (const char d : digits) {
    if (d < '0' || d > '9') return std::nullopt;
    length = length * 10 + (d - '0');
  }
  if (length > address->size) return std::nullopt;
  return Prefix{{address->bits & mask(length, address->size), address->size}, length};
}

std::optional<Prefix> prefix_argument(Call& c, std::size_t i) {
  const auto prefix = read_prefix(c.text(i));
  if (!prefix) c.fail("this is no range of addresses like `10.0.0.0/16`", static_cast<int>(i));
  return prefix;
}

// A whole number of any size as sign and 128 bits.
bool wide(Call& c, std::size_t i, bool& negative, Bits& out) {
  const Value number = c.args[i].value;
  if (!is_whole(number)) {
    c.fail("a whole number is required", static_cast<int>(i));
    return false;
  }
  std::string text = exact_text(number);
  negative = text.starts_with('-');
  if (negative) text.erase(0, 1);
  if (text.size() > 38) {
    c.fail("the number is out of range", static_cast<int>(i));
    return false;
  }
  out = 0;
  for (const char d : text) out = out * 10 + static_cast<unsigned>(d - '0');
  return true;
}

Typed cidrhost_(Call& c) {
  const auto prefix = prefix_argument(c, 0);
  bool negative = false;
  Bits number = 0;
  if (!prefix || !wide(c, 1, negative, number)) return {};
  const Bits most = ~mask(prefix->length, prefix->address.size) & mask(prefix->address.size, prefix->address.size);
  if (negative ? number - 1 > most : number > most)
    return c.fail("a prefix of " + std::to_string(prefix->length) + " bits has no host numbered " + number_text(c.args[1].value), 1);
  const Bits host = negative ? most - (number - 1) : number;
  return c.string(text_of(Address{prefix->address.bits | host, prefix->address.size}));
}

Typed cidrnetmask_(Call& c) {
  const auto prefix = prefix_argument(c, 0);
  if (!prefix) return {};
  if (prefix->address.size != 32) return c.fail("IPv6 has no netmasks", 0);
  return c.string(text_of(Address{mask(prefix->length, 32), 32}));
}

Typed cidrsubnet_(Call& c) {
  const auto prefix = prefix_argument(c, 0);
  std::int64_t bits = 0;
  bool negative = false;
  Bits number = 0;
  if (!prefix || !c.integer(1, bits) || !wide(c, 2, negative, number)) return {};
  const int size = prefix->address.size;
  if (bits < 0) return c.fail("the prefix cannot become shorter", 1);
  if (bits > size - prefix->length) return c.fail("a prefix of " + std::to_string(prefix->length) + " bits cannot be extended by " + std::to_string(bits), 1);
  const Bits most = bits >= 64 ? Bits{~std::uint64_t{0}} : (Bits{1} << bits) - 1;
  if (negative || number > most) return c.fail("an extension of " + std::to_string(bits) + " bits has no network numbered " + number_text(c.args[2].value), 2);
  const int length = prefix->length + static_cast<int>(bits);
  const Bits shifted = length == 0 ? 0 : number << (size - length);
  return c.string(text_of(Prefix{{prefix->address.bits | shifted, size}, length}));
}

Typed cidrsubnets_(Call& c) {
  const auto prefix = prefix_argument(c, 0);
  if (!prefix) return {};
  const int size = prefix->address.size;
  const Bits all = mask(size, size);
  const Bits last_of_all = prefix->address.bits | (all & ~mask(prefix->length, size));
  std::vector<std::string> texts;
  Bits next = prefix->address.bits;  // where free space begins
  bool full = false;
  for (std::size_t i = 1; i < c.args.size(); ++i) {
    std::int64_t bits = 0;
    if (!c.integer(i, bits)) return {};
    if (bits < 1) return c.fail("the prefix must be extended by at least one bit", static_cast<int>(i));
    if (bits > 32) return c.fail("the prefix cannot be extended by more than 32 bits", static_cast<int>(i));
    const int length = prefix->length + static_cast<int>(bits);
    if (length > size) return c.fail("a prefix of " + std::to_string(prefix->length) + " bits cannot be extended by " + std::to_string(bits), static_cast<int>(i));
    const Bits block = ~mask(length, size) & all;  // its size less one
    const Bits begin = (next + block) & ~block & all;
    if (full || begin < next || begin > last_of_all || begin + block > last_of_all)
      return c.fail("there is no room left for a prefix of " + std::to_string(length) + " bits", static_cast<int>(i));
    texts.push_back(text_of(Prefix{{begin, size}, length}));
    full = begin + block >= last_of_all;
    next = full ? begin : begin + block + 1;
  }
  return c.strings(texts);
}

Typed cidrcontains_(Call& c) {
  const auto outer = prefix_argument(c, 0);
  if (!outer) return {};
  Address first;
  Address last;
  if (const auto address = read_address(c.text(1))) {
    first = last = *address;
  } else {
    const auto inner = read_prefix(c.text(1));
    if (!inner) return c.fail("this is no address and no range", 1);
    first = inner->address;
    last = {first.bits | (~mask(inner->length, first.size) & mask(first.size, first.size)), first.size};
  }
  if (first.size != outer->address.size) return c.fail("one is IPv4, the other IPv6", 1);
  const Bits m = mask(outer->length, first.size);
  return c.boolean((first.bits & m) == outer->address.bits && (last.bits & m) == outer->address.bits);
}

constexpr Function functions[] = {
    {"cidrcontains", "containing_prefix:s contained_ip_or_prefix:s", "b", cidrcontains_},
    {"cidrhost", "prefix:s hostnum:n", "s", cidrhost_},
    {"cidrnetmask", "prefix:s", "s", cidrnetmask_},
    {"cidrsubnet", "prefix:s newbits:n netnum:n", "s", cidrsubnet_},
    {"cidrsubnets", "prefix:s newbits:n...", "Ls", cidrsubnets_},
};

}  // namespace

std::span<const Function> network_functions() { return functions; }

}  // namespace assay::terraform

// net.IP and net.CIDR: cel-spec's network_ext and the API server's ip and cidr libraries, which have the same
// functions and differ in the words of their errors. Facts from google/cel-go ext/network.go and
// k8s.io/apiserver pkg/cel/library/{ip,cidr}.go.
#include "engine/cel/libraries/network.hpp"

namespace assay::cel {

using namespace library;

namespace library {

const Type* IpValue::static_type() {
  static const Type type{TypeKind::opaque, "net.IP", {}};
  return &type;
}
const Type* CidrValue::static_type() {
  static const Type type{TypeKind::opaque, "net.CIDR", {}};
  return &type;
}

bool IpValue::equals(const OpaqueBase& other) const {
  const auto* ip = as<IpValue>(other);
  return ip && ip->address == address;
}
bool CidrValue::equals(const OpaqueBase& other) const {
  const auto* cidr = as<CidrValue>(other);
  return cidr && cidr->prefix == prefix;
}

}  // namespace library

namespace {

template <Dialect dialect>
std::optional<Address> ip_of(std::string_view text, std::string& error) {
  const bool current = dialect == Dialect::current;
  std::string why;
  const std::optional<Address> address = parse_address(text, why);
  if (!address) {
    error = current ? "IP Address '" + std::string(text) + "' parse error during conversion from string: " + why
                    : "IP Address " + quoted(text) + " parse error during conversion from string: " + why;
    return std::nullopt;
  }
  if (address->zone) {
    error = current ? "IP Address with zone value is not allowed: '" + std::string(text) + "'"
                    : "IP address " + quoted(text) + " with zone value is not allowed";
    return std::nullopt;
  }
  // cel-spec allows the mapped form in hexadecimal groups and then sees the IPv4 address in it.
  if (address->is_v4_mapped()) {
    if (current && text.find('.') == std::string_view::npos) {
      Address v4;
      for (std::size_t i = 0; i < 4; ++i) v4.bytes[i] = address->bytes[12 + i];
      return v4;
    }
    error = current ? "IPv4-mapped IPv6 address is not allowed: '" + std::string(text) + "'"
                    : "IPv4-mapped IPv6 address " + quoted(text) + " is not allowed";
    return std::nullopt;
  }
  return address;
}

template <Dialect dialect>
std::optional<Prefix> cidr_of(std::string_view text, std::string& error) {
  static constexpr std::string_view kPrefix = "network address parse error during conversion from string: ";
  const bool current = dialect == Dialect::current;
  std::string why;
  const std::optional<Prefix> prefix = parse_prefix(text, why);
  if (!prefix) {
    if (current && text.find('%') != std::string_view::npos) {
      error = "CIDR with zone value is not allowed: '" + std::string(text) + "'";
    } else {
      // The API server's text says it twice.
      error = std::string(kPrefix) + (current ? "" : std::string(kPrefix)) + why;
    }
    return std::nullopt;
  }
  if (prefix->address.is_v4_mapped()) {
    error = current ? "IPv4-mapped IPv6 address is not allowed: '" + std::string(text) + "'"
                    : std::string(kPrefix) + "IPv4-mapped IPv6 address " + quoted(text) + " is not allowed";
    return std::nullopt;
  }
  return prefix;
}

const Address& address(const Val& value) { return as<IpValue>(value)->address; }
const Prefix& prefix(const Val& value) { return as<CidrValue>(value)->prefix; }

template <Dialect dialect>
Val to_ip(Frame& frame, Args args) {
  std::string error;
  const auto ip = ip_of<dialect>(args[0].string(), error);
  return ip ? opaque(frame, IpValue(*ip)) : make_error(frame, error);
}
template <Dialect dialect>
Val to_cidr(Frame& frame, Args args) {
  std::string error;
  const auto cidr = cidr_of<dialect>(args[0].string(), error);
  return cidr ? opaque(frame, CidrValue(*cidr)) : make_error(frame, error);
}
template <Dialect dialect>
Val is_ip(Frame&, Args args) {
  std::string error;
  return val_bool(ip_of<dialect>(args[0].string(), error).has_value());
}
template <Dialect dialect>
Val is_cidr(Frame&, Args args) {
  std::string error;
  return val_bool(cidr_of<dialect>(args[0].string(), error).has_value());
}
template <Dialect dialect>
Val is_canonical(Frame& frame, Args args) {
  std::string error;
  const auto ip = ip_of<dialect>(args[0].string(), error);
  return ip ? val_bool(ip->text() == args[0].string()) : make_error(frame, error);
}

Val family(Frame&, Args args) { return val_int(address(args[0]).is_v4() ? 4 : 6); }
template <bool (Address::*test)() const>
Val ip_is(Frame&, Args args) {
  return val_bool((address(args[0]).*test)());
}
Val ip_text(Frame& frame, Args args) { return make_string(frame, address(args[0]).text()); }

Val contains_ip(Frame&, Args args) { return val_bool(prefix(args[0]).contains(address(args[1]))); }
template <Dialect dialect>
Val contains_ip_text(Frame& frame, Args args) {
  std::string error;
  const auto ip = ip_of<dialect>(args[1].string(), error);
  if (ip) return val_bool(prefix(args[0]).contains(*ip));
  return dialect == Dialect::current ? make_error(frame, error) : no_such_overload(frame);  // the API server loses the reason
}
Val contains_cidr(Frame&, Args args) { return val_bool(prefix(args[0]).contains(prefix(args[1]))); }
template <Dialect dialect>
Val contains_cidr_text(Frame& frame, Args args) {
  std::string error;
  const auto cidr = cidr_of<dialect>(args[1].string(), error);
  return cidr ? val_bool(prefix(args[0]).contains(*cidr)) : make_error(frame, error);
}
Val cidr_ip(Frame& frame, Args args) { return opaque(frame, IpValue(prefix(args[0]).address)); }
Val masked(Frame& frame, Args args) { return opaque(frame, CidrValue(prefix(args[0]).masked())); }
Val is_mask(Frame&, Args args) { return val_bool(prefix(args[0]).masked() == prefix(args[0])); }
Val prefix_length(Frame&, Args args) { return val_int(prefix(args[0]).bits); }
Val cidr_text(Frame& frame, Args args) { return make_string(frame, prefix(args[0]).text()); }

// ---------------------------------------------------------------- cost

std::uint64_t cidr_size(const Val& cidr) {
  if (!cidr.is(ValKind::opaque)) return 1;
  return static_cast<std::uint64_t>((prefix(cidr).bits + 7) / 8);
}
std::uint64_t contains_ip_cost(Args args, const Val&) { return scaled(2 * cidr_size(args[0]), 0.1); }
std::uint64_t contains_ip_text_cost(Args args, const Val&) {
  return scaled(2 * cidr_size(args[0]), 0.1) + scaled(size_cost(args[1]), 0.1);
}
std::uint64_t contains_cidr_cost(Args args, const Val&) {
  return scaled(2 * cidr_size(args[0]), 0.1) + scaled(cidr_size(args[0]), 0.1) + 1;
}
std::uint64_t contains_cidr_text_cost(Args args, const Val& result) {
  return contains_cidr_cost(args, result) + scaled(size_cost(args[1]), 0.1);
}

template <Dialect dialect>
void add(Environment& environment) {
  const Types t(environment);
  const Type* ip = t.table.opaque("net.IP");
  const Type* cidr = t.table.opaque("net.CIDR");
  environment.add_type("net.IP", ip);
  environment.add_type("net.CIDR", cidr);

  define(environment, "ip", "an IP address from text; the address of a CIDR as written",
         {global("string_to_ip", {t.string}, ip, to_ip<dialect>, text_cost), member("cidr_ip", {cidr}, ip, cidr_ip)});
  define(environment, "isIP", "whether text is an IP address", {global("is_ip", {t.string}, t.boolean, is_ip<dialect>, text_cost)});
  define(environment, "ip.isCanonical", "whether text is an IP address in its canonical form (RFC 5952)",
         {global("ip_is_canonical", {t.string}, t.boolean, is_canonical<dialect>, two_text_cost)});
  define(environment, "family", "4 or 6", {member("ip_family", {ip}, t.int64, family)});
  define(environment, "isUnspecified", "whether the address is 0.0.0.0 or ::",
         {member("ip_is_unspecified", {ip}, t.boolean, ip_is<&Address::is_unspecified>)});
  define(environment, "isLoopback", "whether the address is in 127.0.0.0/8 or is ::1",
         {member("ip_is_loopback", {ip}, t.boolean, ip_is<&Address::is_loopback>)});
  define(environment, "isLinkLocalMulticast", "whether the address is in 224.0.0.0/24 or ff02::/16",
         {member("ip_is_link_local_multicast", {ip}, t.boolean, ip_is<&Address::is_link_local_multicast>)});
  define(environment, "isLinkLocalUnicast", "whether the address is in 169.254.0.0/16 or fe80::/10",
         {member("ip_is_link_local_unicast", {ip}, t.boolean, ip_is<&Address::is_link_local_unicast>)});
  define(environment, "isGlobalUnicast", "whether the address is unicast beyond its link (private ranges too)",
         {member("ip_is_global_unicast", {ip}, t.boolean, ip_is<&Address::is_global_unicast>)});

  define(environment, "cidr", "a network prefix from text", {global("string_to_cidr", {t.string}, cidr, to_cidr<dialect>, text_cost)});
  define(environment, "isCIDR", "whether text is a network prefix", {global("is_cidr", {t.string}, t.boolean, is_cidr<dialect>, text_cost)});
  define(environment, "containsIP", "whether the prefix has the address",
         {member("cidr_contains_ip_string", {cidr, t.string}, t.boolean, contains_ip_text<dialect>, contains_ip_text_cost),
          member("cidr_contains_ip_ip", {cidr, ip}, t.boolean, contains_ip, contains_ip_cost)});
  define(environment, "containsCIDR", "whether the prefix has every address of the other",
         {member("cidr_contains_cidr_string", {cidr, t.string}, t.boolean, contains_cidr_text<dialect>, contains_cidr_text_cost),
          member("cidr_contains_cidr", {cidr, cidr}, t.boolean, contains_cidr, contains_cidr_cost)});
  define(environment, "masked", "the prefix with its host bits zero", {member("cidr_masked", {cidr}, cidr, masked)});
  define(environment, "prefixLength", "the number of network bits", {member("cidr_prefix_length", {cidr}, t.int64, prefix_length)});
  if (dialect == Dialect::current)
    define(environment, "isMask", "whether the prefix's host bits are zero", {member("cidr_is_mask", {cidr}, t.boolean, is_mask)});
  define(environment, "string", "the value as text", {global("ip_to_string", {ip}, t.string, ip_text), global("cidr_to_string", {cidr}, t.string, cidr_text)});
}

}  // namespace

void add_network_ext(Environment& environment, Dialect dialect) {
  switch (dialect) {
    case Dialect::current: return add<Dialect::current>(environment);
    case Dialect::api_server: return add<Dialect::api_server>(environment);
  }
}

}  // namespace assay::cel

// Values of the types net.IP and net.CIDR.
#pragma once

#include "engine/cel/libraries/address.hpp"
#include "engine/cel/libraries/support.hpp"

namespace assay::cel::library {

struct IpValue final : OpaqueBase {
  static constexpr Tag tag = Tag::ip;
  static const Type* static_type();
  Address address;

  explicit IpValue(const Address& a) : address(a) {}
  const Type* type() const override { return static_type(); }
  bool equals(const OpaqueBase& other) const override;
  std::string text() const override { return "ip(" + quoted(address.text()) + ")"; }
};

struct CidrValue final : OpaqueBase {
  static constexpr Tag tag = Tag::cidr;
  static const Type* static_type();
  Prefix prefix;

  explicit CidrValue(const Prefix& p) : prefix(p) {}
  const Type* type() const override { return static_type(); }
  bool equals(const OpaqueBase& other) const override;
  std::string text() const override { return "cidr(" + quoted(prefix.text()) + ")"; }
};

}  // namespace assay::cel::library

// What may pass between two peers: for every protocol a set of ports, 1 to 65535.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "engine/net/intervals.hpp"

namespace assay::net {

// In the order in which they are written.
enum class Protocol : std::uint8_t { sctp, tcp, udp };
constexpr std::size_t protocol_count = 3;

class PortSet {
 public:
  static PortSet all();
  // Ports outside 1 to 65535 do not exist and are left out.
  static PortSet of(Protocol protocol, std::uint16_t first, std::uint16_t last);
  static PortSet of(Protocol protocol) { return of(protocol, 1, 65535); }

  bool empty() const;
  bool contains(Protocol protocol, std::uint16_t port) const { return ports(protocol).contains(port); }
  const IntervalSet<std::uint16_t>& ports(Protocol protocol) const { return ports_[static_cast<std::size_t>(protocol)]; }

  PortSet operator|(const PortSet& other) const;
  PortSet operator&(const PortSet& other) const;
  PortSet operator-(const PortSet& other) const;
  bool operator==(const PortSet&) const = default;

  // `TCP 80,443,UDP 53`, `All Connections`, `No Connections`: the notation of np-guard's netpol-analyzer.
  std::string text() const;

 private:
  std::array<IntervalSet<std::uint16_t>, protocol_count> ports_;
};

}  // namespace assay::net

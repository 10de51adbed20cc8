#include "engine/net/ports.hpp"

#include <algorithm>

namespace assay::net {

PortSet PortSet::of(Protocol protocol, std::uint16_t first, std::uint16_t last) {
  PortSet result;
  result.ports_[static_cast<std::size_t>(protocol)] = {std::max<std::uint16_t>(first, 1), last};
  return result;
}

PortSet PortSet::all() { return of(Protocol::sctp) | of(Protocol::tcp) | of(Protocol::udp); }

bool PortSet::empty() const {
  return std::all_of(ports_.begin(), ports_.end(), [](const auto& ports) { return ports.empty(); });
}

PortSet PortSet::operator|(const PortSet& other) const {
  PortSet result;
  for (std::size_t i = 0; i < protocol_count; ++i) result.ports_[i] = ports_[i] | other.ports_[i];
  return result;
}

PortSet PortSet::operator&(const PortSet& other) const {
  PortSet result;
  for (std::size_t i = 0; i < protocol_count; ++i) result.ports_[i] = ports_[i] & other.ports_[i];
  return result;
}

PortSet PortSet::operator-(const PortSet& other) const {
  PortSet result;
  for (std::size_t i = 0; i < protocol_count; ++i) result.ports_[i] = ports_[i] - other.ports_[i];
  return result;
}

std::string PortSet::text() const {
  if (empty()) return "No Connections";
  if (*this == all()) return "All Connections";
  static constexpr std::array<const char*, protocol_count> names = {"SCTP", "TCP", "UDP"};
  std::string result;
  for (std::size_t i = 0; i < protocol_count; ++i) {
    bool first = true;
    for (const auto& interval : ports_[i].intervals()) {
      if (!result.empty()) result += ',';
      if (first) result += std::string(names[i]) + ' ';
      first = false;
      result += std::to_string(interval.first);
      if (interval.first < interval.last) result += '-' + std::to_string(interval.last);
    }
  }
  return result;
}

}  // namespace assay::net

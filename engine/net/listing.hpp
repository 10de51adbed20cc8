// All that may pass in a network, as a list of connections, and what changed between two such lists.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/net/connectivity.hpp"

namespace assay::net {

// One end of a connection: a peer, or a range of addresses outside.
struct End {
  PeerId peer = no_peer;
  Interval<Address> range{};  // when there is no peer
  bool outside() const { return peer == no_peer; }
};

struct Listed {
  End from, to;
  NetworkId network = 0;
  Connection connection;  // not empty
};

struct ListingOptions {
  bool ipv6 = false;
};

// Every pair of peers and of peers and ranges between which something may pass, a peer's traffic to itself left
// out; in the order of the model's peers, ranges after them.
std::vector<Listed> listing(const Connectivity& connectivity, const ListingOptions& options);

// `prod/api[Deployment]`, `10.0.0.0-10.0.0.255[External]`.
std::string name_of(const Connectivity& connectivity, const End& end);

// What a change of the input does to one pair.
struct Changed {
  enum class Kind : std::uint8_t { added, removed, changed };
  std::string from, to, network;
  Kind kind = Kind::changed;
  Connection before, after;
  bool outside = false;      // one end is outside
  bool from_known = true;    // the end exists in both
  bool to_known = true;
};

// What differs, by names of peers; ranges are split where either side splits them and merged where nothing differs.
// In order of names.
std::vector<Changed> difference(const Connectivity& before, const Connectivity& after, const ListingOptions& options);

// What the outside may reach of a peer, or the peer of the outside, forwarded connections included.
struct ExposureChange {
  std::string peer;
  Direction direction = Direction::ingress;
  PortSet before, after;  // over all addresses; `unknown` counts as may
};
std::vector<ExposureChange> exposure_changes(const Connectivity& before, const Connectivity& after, const ListingOptions& options);

}  // namespace assay::net

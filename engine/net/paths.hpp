// Ways from one peer to another over several connections: a load balancer forwards to a node, the node to a workload,
// and the workload may open a connection of its own to a store.
#pragma once

#include <vector>

#include "engine/net/connectivity.hpp"

namespace assay::net {

struct Hop {
  PeerId from = no_peer;             // no_peer: anywhere outside
  PeerId to = no_peer;
  PortSet ports;                     // at `to`
  bool maybe = false;                // whether it passes is not known
  const Forward* forward = nullptr;  // what sends it on; none: `from` opens the connection itself
};

struct PathOptions {
  bool through_workloads = true;  // a workload that was reached may open connections of its own
  bool maybe = false;             // ways of which it is not known whether they pass count too
};

// The shortest way, empty when there is none. From `no_peer` it begins at what is announced to the outside.
std::vector<Hop> shortest_path(const Connectivity& net, PeerId from, PeerId to, const PathOptions& options = {});

}  // namespace assay::net

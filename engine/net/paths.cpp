#include "engine/net/paths.hpp"

#include <algorithm>
#include <queue>
#include <unordered_map>

namespace assay::net {
namespace {

struct Search {
  const Connectivity& net;
  const PathOptions& options;
  std::unordered_map<PeerId, std::vector<const Forward*>> forwards{};
  std::vector<Hop> hops{};                 // in the order in which they were found
  std::vector<std::size_t> before{};       // the hop that a hop came after, itself for the first
  std::vector<PortSet> arrived{};          // by peer: the ports on which it was reached
  std::queue<std::size_t> open{};

  explicit Search(const Connectivity& net, const PathOptions& options) : net(net), options(options), arrived(net.peers().size()) {
    for (const Forward& forward : net.model().forwards) forwards[forward.from].push_back(&forward);
  }

  void add(Hop hop, std::size_t after) {
    if (hop.to >= arrived.size() || (hop.ports - arrived[hop.to]).empty()) return;
    arrived[hop.to] = arrived[hop.to] | hop.ports;
    before.push_back(after == static_cast<std::size_t>(-1) ? hops.size() : after);
    open.push(hops.size());
    hops.push_back(std::move(hop));
  }

  // A connection that a peer opens itself.
  void connect(PeerId from, PeerId to, std::size_t after) {
    for (const NetworkId network : net.shared_networks(from, to)) {
      const Connection& connection = net.between(from, to, network);
      if (!connection.allowed.empty())
        add({from, to, connection.allowed, false, nullptr}, after);
      else if (options.maybe && !connection.unknown.empty())
        add({from, to, connection.unknown, true, nullptr}, after);
    }
  }

  void send_on(PeerId from, const PortSet& ports, bool outside, std::size_t after) {
    const auto found = forwards.find(from);
    if (found == forwards.end()) return;
    for (const Forward* forward : found->second) {
      if (outside && !forward->from_outside) continue;
      if (!forward->listen.empty() && (forward->listen & ports).empty()) continue;
      const Connection through = net.forwarded(*forward);
      if (!through.allowed.empty())
        add({from, forward->to, through.allowed, false, forward}, after);
      else if (options.maybe && !through.unknown.empty())
        add({from, forward->to, through.unknown, true, forward}, after);
    }
  }
};

bool forwards_only(PeerKind kind) { return kind == PeerKind::entry || kind == PeerKind::node; }

}  // namespace

std::vector<Hop> shortest_path(const Connectivity& net, PeerId from, PeerId to, const PathOptions& options) {
  Search search(net, options);
  const auto none = static_cast<std::size_t>(-1);
  const PeerId count = static_cast<PeerId>(net.peers().size());
  if (from == no_peer) {
    for (const Forward& forward : net.model().forwards)
      if (forward.from_outside && (options.maybe || !forward.maybe))
        search.add({no_peer, forward.from, forward.listen.empty() ? PortSet::all() : forward.listen, forward.maybe, nullptr}, none);
  } else {
    for (PeerId id = 0; id < count; ++id)
      if (id != from) search.connect(from, id, none);
    search.send_on(from, PortSet::all(), false, none);
  }
  while (!search.open.empty()) {
    const std::size_t at = search.open.front();
    search.open.pop();
    const Hop hop = search.hops[at];
    if (hop.to == to) {
      std::vector<Hop> path;
      for (std::size_t step = at;; step = search.before[step]) {
        path.push_back(search.hops[step]);
        if (search.before[step] == step) break;
      }
      std::reverse(path.begin(), path.end());
      return path;
    }
    search.send_on(hop.to, hop.ports, false, at);
    if (forwards_only(net.kind(hop.to)) || net.kind(hop.to) == PeerKind::range || !options.through_workloads) continue;
    for (PeerId id = 0; id < count; ++id)
      if (id != hop.to) search.connect(hop.to, id, at);
  }
  return {};
}

}  // namespace assay::net

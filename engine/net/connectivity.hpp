// Answers about a `Model`: what may pass between two peers, and which rules decided. By sets: peers fall into classes
// that no policy tells apart, and a pair of classes is computed once, when it is first asked for.
#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "engine/net/model.hpp"

namespace assay::net {

using ClassId = std::uint32_t;

// What may pass in one direction. Ports in neither set are closed for certain.
struct Connection {
  PortSet allowed;
  PortSet unknown;  // disjoint from `allowed`
  bool empty() const { return allowed.empty() && unknown.empty(); }
  bool operator==(const Connection&) const = default;
};

// One reason of an answer: the ports that one rule, or one default, decided at one end.
struct Step {
  Direction direction = Direction::ingress;
  std::uint32_t stage = 0, tier = 0;
  const Policy* policy = nullptr;  // none: no policy had anything to say, so that the ports are open; or, where the
                                   // verdict is unknown, what policies say need not hold (the workload's own node)
  const Rule* rule = nullptr;      // none: no rule of the tier matched, and `policy` closes what is left
  Verdict verdict = Verdict::allow;
  bool maybe = false;
  PortSet ports;
};

struct Explanation {
  Connection connection;
  std::vector<Step> steps;  // egress before ingress, in the order in which they were asked
};

// A range of addresses outside and what may pass between it and a peer.
struct RangeConnection {
  Interval<Address> range;
  Connection connection;
};

class Connectivity {
 public:
  explicit Connectivity(Model model);
  ~Connectivity();
  Connectivity(Connectivity&&) noexcept;
  Connectivity& operator=(Connectivity&&) noexcept;

  const Model& model() const;
  std::span<const Peer> peers() const;
  const Peer& peer(PeerId id) const { return peers()[id]; }
  PeerKind kind(PeerId id) const { return model().atoms[peer(id).atom].kind; }

  // Networks that both are attached to, ascending. `between` is asked for one of them.
  std::vector<NetworkId> shared_networks(PeerId from, PeerId to) const;
  // What may pass from one peer to another one, or between two instances of one workload. From an `entry` only what
  // it forwards passes.
  const Connection& between(PeerId from, PeerId to, NetworkId network = 0) const;
  // What one forward lets pass: its ports, as far as policies admit what it looks like.
  Connection forwarded(const Forward& forward) const;
  Explanation explain(PeerId from, PeerId to, NetworkId network = 0) const;

  // What may pass between a peer and the outside, as maximal ranges of equal answers, ascending, empty ones left out.
  std::vector<RangeConnection> to_outside(PeerId from, Family family) const;
  std::vector<RangeConnection> from_outside(PeerId to, Family family) const;
  Explanation explain_outside(PeerId peer, Direction direction, const Address& address) const;

  // Peers of one class have equal answers, forwarding aside.
  std::size_t class_count() const;
  ClassId class_of(PeerId peer) const;
  const Connection& between_classes(ClassId from, ClassId to, NetworkId network = 0) const;
  // Between atoms that need be no peers, on the network that `from` has for what is not on its own.
  const Connection& between_atoms(AtomId from, AtomId to) const;

  // Whether any policy of a stage that closes has the peer as a subject: `first` for certain, `second` perhaps.
  std::pair<bool, bool> isolated(PeerId peer, Direction direction, std::uint32_t stage = 0) const;

  // Exchanges policies: those at `indices` of the model make place for `policies`, whose atoms are the same. Everything
  // else stays as it was computed.
  void replace(std::span<const std::size_t> indices, std::vector<Policy> policies);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace assay::net

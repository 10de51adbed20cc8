// The neutral model of a network: peers, and the policies that stand between them.
//
// A packet from one peer to another must pass every *stage*, once at its source (egress) and once at its destination
// (ingress): a cluster's policies are one stage, a service mesh another, an instance's security group and its subnet's
// access list two more. A stage asks its *tiers* in turn; within a tier the policies that have the peer as a subject
// are asked by their order, and their rules as they stand: the first rule that matches the packet decides. Of policies
// of equal order any may decide: where they differ, the answer is unknown. `pass` goes on to the next tier. When no rule
// of a tier matches, the tier denies if a policy that `closes` has the peer as a subject, else the next tier is asked;
// after the last tier the stage allows.
//
// Routes are policies as well: a subnet's route table closes, and lets pass to where a route leads.
//
// What the input does not settle is said with `maybe` and `unknown`, never guessed: an answer then tells what is
// allowed for certain from what may be.
//
// Parsers fill a `Model` (atoms, peers, policies); engine/net/connectivity answers questions about it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "engine/graph.hpp"
#include "engine/net/addresses.hpp"
#include "engine/net/ports.hpp"

namespace assay::net {

using PeerId = std::uint32_t;
using AtomId = std::uint32_t;
using NetworkId = std::uint32_t;
using AtomSet = IntervalSet<AtomId>;
inline constexpr PeerId no_peer = 0xffffffffu;

enum class Direction : std::uint8_t { egress, ingress };
enum class Verdict : std::uint8_t { allow, deny, pass, unknown };
std::string_view name_of(Direction direction);
std::string_view name_of(Verdict verdict);

enum class PeerKind : std::uint8_t {
  workload,       // pods, machines, instances
  range,          // addresses outside
  entry,          // what brings requests in from outside: an ingress controller, a gateway, a load balancer
  node,           // the machine that a workload runs on, its agent included
  control_plane,  // the server of the cluster's interface
  hypothetical,   // what the input does not have, but could: "any workload with this label"
};
std::string_view name_of(PeerKind kind);

// A port that a peer gives a name, so that rules may name it.
struct OwnPort {
  std::string_view name;
  Protocol protocol = Protocol::tcp;
  std::uint16_t number = 0;
  bool operator==(const OwnPort&) const = default;
};

// Peers that no policy can tell apart. Rules speak of sets of atoms; atoms are numbered by the parser, which does well
// to number those together that are selected together.
struct Atom {
  PeerKind kind = PeerKind::workload;
  std::vector<NetworkId> networks = {0};  // of the peers, ascending
  std::vector<OwnPort> ports;
  Interval<Address> range{};              // of PeerKind::range
  // Whether policies hold for it as a subject is not known, of all of them alike.
  bool maybe_governed = false;
  // What it may look like instead to the policies of others: a workload in its node's network looks like the node.
  std::optional<AtomId> alias;
};

struct Peer {
  std::string name;                    // `prod/api[Deployment]`, `{ingress-controller}`
  const Resource* resource = nullptr;  // none: the input has no object for it
  AtomId atom = 0;
};

// A network that peers are attached to. Peers that share none cannot talk.
struct Network {
  std::string name;                    // empty: the network that every peer is on unless it says otherwise
  const Resource* resource = nullptr;
  bool policies = true;                // whether policies hold on it that do not name a network
};

// A port by its name, looked up among the destination's own ports.
struct NamedPort {
  std::optional<Protocol> protocol;  // none: whichever the destination gives it
  std::string_view name;
};

struct PortMatch {
  PortSet numbers = PortSet::all();
  std::vector<NamedPort> names;  // besides the numbers
};

struct Rule {
  Verdict verdict = Verdict::allow;
  bool maybe = false;   // whether it holds at all is not known
  AtomSet peers;        // the other side of the packet
  AtomSet maybe_peers;  // what may be the other side
  PortMatch ports;      // at the destination
  Value reason;         // the value in the input that says so: a rule of a policy
};

// Rules that stand together in one object, for one direction of its subjects' traffic.
struct Policy {
  Direction direction = Direction::ingress;
  std::uint32_t stage = 0, tier = 0;
  double order = 0;        // within the tier
  std::optional<NetworkId> network;  // the only one on which it holds
  AtomSet subjects;
  AtomSet maybe_subjects;  // what may be a subject
  std::vector<Rule> rules;
  bool closes = true;      // what no rule of the tier matches is denied
  const Resource* resource = nullptr;
  Value reason;            // what makes the subjects subjects: a selector
  std::string note;        // what to say where no object of the input stands behind it
};

// From which peer traffic is sent on to another, and where it came in: a load balancer's listener, a gateway's route.
struct Forward {
  PeerId from = no_peer;
  PeerId to = no_peer;
  AtomSet sources;            // what its packets may look like to the policies at `to`: any of these passing is enough
  PortSet listen;             // at `from`; empty: not known
  PortSet ports;              // at `to`
  bool from_outside = false;  // the outside can reach `from` there
  bool maybe = false;         // whether it is so is not known
  std::vector<const Resource*> through;  // the objects that make it so, from the outside in
  Value reason;
};

struct Stage {
  std::string name;                // "network policies"
  std::vector<std::string> tiers;  // "admin policies" …
  // A workload and its own node always reach each other. Of a PeerKind::node it is not said whose node it is.
  bool own_node_passes = true;
  // Replies are asked about too, as packets to some port from 1024 on: access lists that keep no connections in mind.
  bool stateless = false;
};

struct Model {
  std::vector<Stage> stages;
  std::vector<Network> networks = {{}};
  std::vector<Atom> atoms;
  std::vector<Peer> peers;
  std::deque<Policy> policies;     // their addresses stay
  std::vector<Forward> forwards;
};

}  // namespace assay::net

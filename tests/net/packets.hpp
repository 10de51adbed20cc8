// The slow, obvious reading of network policies that answers are held against: one packet at a time, every policy by
// the letter of its specification. It shares no code with what it checks, and has structures of its own.
//
// What a specification leaves open, or the input does not say, is settled by a `World`; a packet's fate is known when
// it is the same in every world.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace assay::net::test {

using Map = std::map<std::string, std::string>;

struct Expression {
  std::string key, op;
  std::vector<std::string> values;
};
struct Select {
  Map labels;
  std::vector<Expression> expressions;
  bool everything() const { return labels.empty() && expressions.empty(); }
};
struct Bits {  // an address: 32 bits of IPv4 or 128 of IPv6
  bool six = false;
  unsigned __int128 value = 0;
};
struct Cidr {
  std::string text;
  Bits base;
  int prefix = 0;
};
struct Block {
  Cidr cidr;
  std::vector<Cidr> except;
};
struct Port {  // of a rule
  std::string protocol;  // empty: not written
  int first = 0, last = 0;  // 0: not written
  std::string name;
};
struct Peer {  // of a rule: a NetworkPolicy's or an admin policy's
  std::optional<Select> pods, spaces;
  std::optional<Block> block;
  std::optional<Select> nodes;
  std::vector<Cidr> networks;
  bool domains = false;
};
struct Rule {
  std::string action;  // admin policies: Allow, Deny, Pass
  std::optional<std::vector<Peer>> peers;
  std::optional<std::vector<Port>> ports;
};
struct NetworkPolicy {
  std::string ns;
  std::optional<Select> pods;
  std::optional<std::vector<std::string>> types;
  std::optional<std::vector<Rule>> ingress, egress;
  bool refused = false;  // the API server would not take it
};
struct AdminPolicy {
  bool baseline = false;
  int priority = 0;
  bool cluster = false;  // written as a ClusterNetworkPolicy
  Select spaces;
  std::optional<Select> pods;
  std::vector<Rule> ingress, egress;
};
struct PodPort {
  std::string name, protocol;
  int number = 0;
};
struct Pod {
  std::string ns, name;
  Map labels;
  std::vector<PodPort> ports;
  bool host_network = false;
};
struct Space {
  std::string name;
  Map labels;     // with the name, as the API server adds it
  bool written = true;
};
struct Cluster {
  std::vector<Space> spaces;
  std::vector<Pod> pods;
  std::vector<NetworkPolicy> policies;
  std::vector<AdminPolicy> admin;

  const Space& space(const std::string& name) const {
    return *std::find_if(spaces.begin(), spaces.end(), [&](const Space& space) { return space.name == name; });
  }
};

// One end of a packet: a pod, or an address outside.
struct End {
  const Pod* pod = nullptr;
  Bits address;  // of what is no pod
};
struct Packet {
  End source, destination;
  std::string protocol;
  int port = 0;
};

// What neither the specifications nor the input settle.
struct World {
  enum class Host { as_pod, other_node, own_node } host = Host::as_pod;  // how pods in their node's network are seen
  Bits source_address, destination_address;  // of pods and nodes
  bool node_labels = false;                  // whether nodes have the labels that a rule asks for
  bool domain = false;                       // whether outside addresses are a named host's
  bool reversed_egress = false, reversed_ingress = false;  // which of two policies of one priority is first
  int refused_egress = 0, refused_ingress = 0;             // a refused policy: 0 absent, 1 allows nothing, 2 everything
};

inline bool selects(const Select& select, const Map& labels) {
  for (const auto& [key, value] : select.labels) {
    const auto found = labels.find(key);
    if (found == labels.end() || found->second != value) return false;
  }
  for (const Expression& expression : select.expressions) {
    const auto found = labels.find(expression.key);
    const bool there = found != labels.end();
    const bool listed = there && std::find(expression.values.begin(), expression.values.end(), found->second) != expression.values.end();
    if (expression.op == "In" && !listed) return false;
    if (expression.op == "NotIn" && listed) return false;
    if (expression.op == "Exists" && !there) return false;
    if (expression.op == "DoesNotExist" && there) return false;
  }
  return true;
}

inline bool in_block(const Cidr& cidr, const Bits& address) {
  if (cidr.base.six != address.six) return false;
  const int width = address.six ? 128 : 32;
  if (cidr.prefix == 0) return true;
  return (cidr.base.value >> (width - cidr.prefix)) == (address.value >> (width - cidr.prefix));
}

class Oracle {
 public:
  Oracle(const Cluster& cluster, const World& world) : cluster_(cluster), world_(world) {}

  bool passes(const Packet& packet) const {
    if (packet.source.pod && !leaves(packet)) return false;
    return !packet.destination.pod || arrives(packet);
  }

 private:
  const Cluster& cluster_;
  const World& world_;

  bool leaves(const Packet& packet) const { return direction(packet, true); }
  bool arrives(const Packet& packet) const { return direction(packet, false); }

  bool as_node(const End& end) const { return end.pod && end.pod->host_network && world_.host != World::Host::as_pod; }

  bool direction(const Packet& packet, bool egress) const {
    const End& subject = egress ? packet.source : packet.destination;
    const End& other = egress ? packet.destination : packet.source;
    if (as_node(subject)) return true;                                          // policies do not reach it
    if (as_node(other) && world_.host == World::Host::own_node) return true;    // a pod and its node
    std::string fate = admin(packet, egress, false);
    if (fate == "Allow") return true;
    if (fate == "Deny") return false;
    fate = by_network_policies(packet, egress);
    if (fate == "Allow") return true;
    if (fate == "Deny") return false;
    fate = admin(packet, egress, true);
    return fate != "Deny";
  }

  std::string by_network_policies(const Packet& packet, bool egress) const {
    const Pod& subject = egress ? *packet.source.pod : *packet.destination.pod;
    bool isolated = false;
    for (const NetworkPolicy& policy : cluster_.policies) {
      if (policy.ns != subject.ns) continue;
      if (policy.pods && !selects(*policy.pods, subject.labels)) continue;
      bool is_ingress = true, is_egress = policy.egress && !policy.egress->empty();
      if (policy.types && !policy.types->empty()) {
        is_ingress = std::count(policy.types->begin(), policy.types->end(), "Ingress") > 0;
        is_egress = std::count(policy.types->begin(), policy.types->end(), "Egress") > 0;
      }
      if (egress ? !is_egress : !is_ingress) continue;
      if (policy.refused) {
        const int choice = egress ? world_.refused_egress : world_.refused_ingress;
        if (choice == 2) return "Allow";
        isolated = isolated || choice == 1;
        continue;
      }
      isolated = true;
      const auto& rules = egress ? policy.egress : policy.ingress;
      if (!rules) continue;
      for (const Rule& rule : *rules) {
        bool peer = !rule.peers || rule.peers->empty();
        if (rule.peers)
          for (const Peer& one : *rule.peers) peer = peer || peer_of_network_policy(policy, one, packet, egress);
        bool port = !rule.ports || rule.ports->empty();
        if (rule.ports)
          for (const Port& one : *rule.ports) port = port || is_port(one, packet, one.protocol.empty() ? "TCP" : one.protocol);
        if (peer && port) return "Allow";
      }
    }
    return isolated ? "Deny" : "";
  }

  bool peer_of_network_policy(const NetworkPolicy& policy, const Peer& peer, const Packet& packet, bool egress) const {
    const End& other = egress ? packet.destination : packet.source;
    if (peer.block) {
      if (other.pod && !as_node(other)) return false;  // blocks are about what is outside the pod network
      const Bits address = other.pod ? (egress ? world_.destination_address : world_.source_address) : other.address;
      if (!in_block(peer.block->cidr, address)) return false;
      return std::none_of(peer.block->except.begin(), peer.block->except.end(), [&](const Cidr& hole) { return in_block(hole, address); });
    }
    if (!other.pod || as_node(other)) return false;
    if (peer.pods && !selects(*peer.pods, other.pod->labels)) return false;
    if (peer.spaces) return selects(*peer.spaces, cluster_.space(other.pod->ns).labels);
    return other.pod->ns == policy.ns;
  }

  bool is_port(const Port& port, const Packet& packet, const std::string& protocol) const {
    if (!port.name.empty()) {
      if (!packet.destination.pod) return false;
      for (const PodPort& own : packet.destination.pod->ports) {
        const std::string of = own.protocol.empty() ? "TCP" : own.protocol;
        if (own.name == port.name && own.number == packet.port && of == packet.protocol && (protocol.empty() || protocol == of)) return true;
      }
      return false;
    }
    if (packet.protocol != protocol) return false;
    if (port.first == 0) return true;
    return packet.port >= port.first && packet.port <= (port.last == 0 ? port.first : port.last);
  }

  std::string admin(const Packet& packet, bool egress, bool baseline) const {
    const Pod& subject = egress ? *packet.source.pod : *packet.destination.pod;
    if (subject.host_network) return "";  // never a subject of these
    std::vector<const AdminPolicy*> sorted;
    for (const AdminPolicy& policy : cluster_.admin)
      if (policy.baseline == baseline) sorted.push_back(&policy);
    if (egress ? world_.reversed_egress : world_.reversed_ingress) std::reverse(sorted.begin(), sorted.end());
    std::stable_sort(sorted.begin(), sorted.end(), [](const AdminPolicy* a, const AdminPolicy* b) { return a->priority < b->priority; });
    for (const AdminPolicy* policy : sorted) {
      if (!selects(policy->spaces, cluster_.space(subject.ns).labels)) continue;
      if (policy->pods && !selects(*policy->pods, subject.labels)) continue;
      for (const Rule& rule : egress ? policy->egress : policy->ingress) {
        bool peer = false;
        for (const Peer& one : *rule.peers) peer = peer || peer_of_admin(one, packet, egress);
        bool port = !rule.ports;
        if (rule.ports)
          for (const Port& one : *rule.ports) port = port || is_port(one, packet, one.name.empty() && one.protocol.empty() ? "TCP" : one.protocol);
        if (peer && port) return rule.action;
      }
    }
    return "";
  }

  bool peer_of_admin(const Peer& peer, const Packet& packet, bool egress) const {
    const End& other = egress ? packet.destination : packet.source;
    if (peer.spaces)
      return other.pod && !other.pod->host_network && selects(*peer.spaces, cluster_.space(other.pod->ns).labels) &&
             (!peer.pods || selects(*peer.pods, other.pod->labels));
    if (peer.nodes) return as_node(other) && (peer.nodes->everything() || world_.node_labels);
    if (peer.domains) return !other.pod && world_.domain;
    const Bits address = other.pod ? (egress ? world_.destination_address : world_.source_address) : other.address;
    return std::any_of(peer.networks.begin(), peer.networks.end(), [&](const Cidr& cidr) { return in_block(cidr, address); });
  }
};

}  // namespace assay::net::test

// Answers about random clusters with policies of Calico and Cilium beside Kubernetes' own, against a reading of one packet
// at a time.
#pragma GCC optimize("O2")
#include <catch2/catch.hpp>
#include <cstdlib>

#include "parsers/kubernetes/connectivity.hpp"
#include "tests/kubernetes/cluster.hpp"
#include "tests/net/random_cluster.hpp"

using namespace assay;
using namespace assay::net::test;

namespace {

// A rule of either plugin: whom it is about, and which ports.
struct PluginRule {
  std::string action;                // Allow, Deny, Pass
  std::optional<Select> pods, spaces;
  std::optional<Cidr> block;
  std::string entity;                // all, world, cluster
  bool nobody_named = false;         // no peer is written
  std::optional<std::vector<Port>> ports;
};
struct PluginPolicy {
  std::string ns;                    // empty: of the whole cluster
  std::string name, tier;
  double order = 0;
  Select pods;
  std::vector<PluginRule> ingress, egress, ingress_deny, egress_deny;
};
enum class Plugin { cilium, calico };

struct PluginCluster {
  Plugin plugin;
  Cluster base;
  std::vector<PluginPolicy> policies;
};

class PluginOracle {
 public:
  explicit PluginOracle(const PluginCluster& cluster) : cluster_(cluster) {}

  bool passes(const Packet& packet) const {
    if (packet.source.pod && !end(packet, true)) return false;
    return !packet.destination.pod || end(packet, false);
  }

 private:
  const PluginCluster& cluster_;

  bool end(const Packet& packet, bool egress) const { return cluster_.plugin == Plugin::cilium ? cilium(packet, egress) : calico(packet, egress); }

  // What Kubernetes' own policies say: Allow, Deny, or nothing.
  std::string own(const Packet& packet, bool egress, bool& isolated) const {
    Cluster alone = cluster_.base;
    const World world;
    // A cluster in which only this end's policies count: the packet passes when they let it.
    const Pod& subject = egress ? *packet.source.pod : *packet.destination.pod;
    isolated = false;
    for (const NetworkPolicy& policy : alone.policies) {
      if (policy.ns != subject.ns || (policy.pods && !selects(*policy.pods, subject.labels))) continue;
      bool in = true, out = policy.egress && !policy.egress->empty();
      if (policy.types && !policy.types->empty()) {
        in = std::count(policy.types->begin(), policy.types->end(), "Ingress") > 0;
        out = std::count(policy.types->begin(), policy.types->end(), "Egress") > 0;
      }
      isolated = isolated || (egress ? out : in);
    }
    if (!isolated) return "";
    alone.policies.clear();
    for (const NetworkPolicy& policy : cluster_.base.policies) {
      bool in = true, out = policy.egress && !policy.egress->empty();
      if (policy.types && !policy.types->empty()) {
        in = std::count(policy.types->begin(), policy.types->end(), "Ingress") > 0;
        out = std::count(policy.types->begin(), policy.types->end(), "Egress") > 0;
      }
      if (!(egress ? out : in)) continue;
      NetworkPolicy one = policy;
      one.types = std::vector<std::string>{egress ? "Egress" : "Ingress"};
      alone.policies.push_back(std::move(one));
    }
    return Oracle(alone, world).passes(packet) ? "Allow" : "";
  }

  bool port(const std::optional<std::vector<Port>>& ports, const Packet& packet, bool any_protocol) const {
    if (!ports) return true;
    for (const Port& one : *ports) {
      const std::string protocol = one.protocol.empty() && !any_protocol ? "TCP" : one.protocol;
      if (!protocol.empty() && protocol != packet.protocol) continue;
      if (packet.port >= one.first && packet.port <= (one.last ? one.last : one.first)) return true;
    }
    return false;
  }

  bool cilium_rule(const PluginPolicy& policy, const PluginRule& rule, const Packet& packet, bool egress) const {
    const End& other = egress ? packet.destination : packet.source;
    bool peer = rule.nobody_named && rule.ports.has_value();
    if (rule.entity == "all") peer = true;
    if (rule.entity == "world") peer = !other.pod;
    if (rule.entity == "cluster") peer = other.pod != nullptr;
    if (rule.block) peer = !other.pod && in_block(*rule.block, other.address);
    if (rule.pods && other.pod) {
      peer = selects(*rule.pods, other.pod->labels);
      if (rule.spaces) peer = peer && selects(*rule.spaces, cluster_.base.space(other.pod->ns).labels);
      else if (!policy.ns.empty()) peer = peer && other.pod->ns == policy.ns;
    }
    return peer && port(rule.ports, packet, true);
  }

  bool cilium(const Packet& packet, bool egress) const {
    const Pod& subject = egress ? *packet.source.pod : *packet.destination.pod;
    bool isolated = false, allowed = false;
    for (const PluginPolicy& policy : cluster_.policies) {
      if ((!policy.ns.empty() && policy.ns != subject.ns) || !selects(policy.pods, subject.labels)) continue;
      const auto& allow = egress ? policy.egress : policy.ingress;
      const auto& deny = egress ? policy.egress_deny : policy.ingress_deny;
      isolated = isolated || !allow.empty() || !deny.empty();
      for (const PluginRule& rule : deny)
        if (cilium_rule(policy, rule, packet, egress)) return false;
      for (const PluginRule& rule : allow) allowed = allowed || cilium_rule(policy, rule, packet, egress);
    }
    bool own_isolated = false;
    const bool own_allows = own(packet, egress, own_isolated) == "Allow";
    return allowed || own_allows || !(isolated || own_isolated);
  }

  bool calico(const Packet& packet, bool egress) const {
    const Pod& subject = egress ? *packet.source.pod : *packet.destination.pod;
    const End& other = egress ? packet.destination : packet.source;
    std::vector<const PluginPolicy*> sorted;
    for (const PluginPolicy& policy : cluster_.policies) sorted.push_back(&policy);
    std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->order != b->order ? a->order < b->order : a->name < b->name; });
    for (const std::string tier : {"first", "default"}) {
      bool selected = false, passed = false;
      bool own_isolated = false, own_asked = tier != "default";
      const std::string own_says = tier == "default" ? own(packet, egress, own_isolated) : "";
      const auto ask_own = [&] {
        own_asked = true;
        selected = selected || own_isolated;
        return own_says == "Allow";
      };
      for (const PluginPolicy* policy : sorted) {
        if (policy->tier != tier || (!policy->ns.empty() && policy->ns != subject.ns) || !selects(policy->pods, subject.labels)) continue;
        if (!own_asked && policy->order > 1000 && ask_own()) return true;
        selected = true;
        for (const PluginRule& rule : egress ? policy->egress : policy->ingress) {
          bool peer = rule.nobody_named;
          if (rule.block) peer = !other.pod ? in_block(*rule.block, other.address) : rule.block->prefix == 0 && !rule.block->base.six;
          if (rule.pods && other.pod) {
            peer = selects(*rule.pods, other.pod->labels);
            if (rule.spaces) peer = peer && selects(*rule.spaces, cluster_.base.space(other.pod->ns).labels);
            else if (!policy->ns.empty()) peer = peer && other.pod->ns == policy->ns;
          }
          if (!peer || !port(rule.ports, packet, false)) continue;
          if (rule.action == "Allow") return true;
          if (rule.action == "Deny") return false;
          passed = true;
          break;
        }
        if (passed) break;
      }
      if (!passed && !own_asked && ask_own()) return true;
      if (!passed && selected) return false;
    }
    return true;
  }
};

const std::string keys[] = {"app", "tier"}, values[] = {"a", "b"}, blocks[] = {"0.0.0.0/0", "203.0.113.0/24", "8.0.0.0/8"};

struct PluginGenerator {
  Generator base;
  Plugin plugin;

  unsigned below(unsigned limit) { return base.below(limit); }
  template <typename List>
  auto& pick(List& list) {
    return base.pick(list);
  }
  Select select() {
    Select made;
    if (below(3) > 0) made.labels[pick(keys)] = pick(values);
    if (below(4) == 0) made.expressions.push_back({pick(keys), below(2) == 0 ? "Exists" : "DoesNotExist", {}});
    if (below(4) == 0) made.expressions.push_back({pick(keys), below(2) == 0 ? "In" : "NotIn", {pick(values)}});
    return made;
  }
  PluginRule rule() {
    PluginRule made;
    static const std::string actions[] = {"Allow", "Allow", "Deny", "Pass"}, entities[] = {"all", "world", "cluster"};
    made.action = pick(actions);
    switch (below(plugin == Plugin::cilium ? 5 : 4)) {
      case 0: made.nobody_named = true; break;
      case 1: made.block = Generator::cidr(pick(blocks)); break;
      case 2: made.pods = select(); break;
      case 3:
        made.pods = select();
        made.spaces.emplace();
        made.spaces->labels["kubernetes.io/metadata.name"] = "n" + std::to_string(below(3));
        break;
      default: made.entity = pick(entities);
    }
    if (below(2) == 0) {
      made.ports.emplace();
      for (unsigned count = 1 + below(2); count > 0; --count) {
        Port one{pick(Generator::protocols), pick(Generator::ports), 0, ""};
        if (below(2) == 0) one.last = one.first + static_cast<int>(below(300));
        if (plugin == Plugin::calico && !made.ports->empty()) one.protocol = made.ports->front().protocol;
        made.ports->push_back(std::move(one));
      }
    }
    return made;
  }
  PluginCluster cluster() {
    PluginCluster made{plugin, base.cluster(), {}};
    for (unsigned count = 1 + below(3); count > 0; --count) {
      PluginPolicy policy;
      policy.name = "p" + std::to_string(count);
      if (below(2) == 0) policy.ns = pick(made.base.spaces).name;
      policy.pods = below(2) == 0 ? Select() : select();
      policy.tier = below(2) == 0 ? "first" : "default";
      static const double orders[] = {10, 10, 500, 2000, 1e15};
      policy.order = pick(orders);
      for (auto* list : {&policy.ingress, &policy.egress, &policy.ingress_deny, &policy.egress_deny})
        if (plugin == Plugin::cilium ? below(2) == 0 : list == &policy.ingress || list == &policy.egress)
          for (unsigned rules = below(3); rules > 0; --rules) list->push_back(rule());
      made.policies.push_back(std::move(policy));
    }
    return made;
  }
};

// --- manifests -------------------------------------------------------------------------------------------

std::string calico_selector(const Select& select) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : " && ") + part; };
  for (const auto& [key, value] : select.labels) add((key == "kubernetes.io/metadata.name" ? "projectcalico.org/name" : key) + " == '" + value + "'");
  for (const Expression& one : select.expressions) {
    if (one.op == "Exists") add("has(" + one.key + ")");
    if (one.op == "DoesNotExist") add("!has(" + one.key + ")");
    if (one.op == "In") add(one.key + " in {'" + one.values[0] + "'}");
    if (one.op == "NotIn") add(one.key + " not in {'" + one.values[0] + "'}");
  }
  return text.empty() ? "all()" : text;
}

std::string cilium_selector(const Select& select, const std::optional<Select>& spaces) {
  std::string text = "{matchLabels: {";
  for (const auto& [key, value] : select.labels) text += "k8s:" + key + ": " + value + ", ";
  if (spaces) text += "k8s:io.kubernetes.pod.namespace: " + spaces->labels.begin()->second;
  text += "}, matchExpressions: [";
  for (const Expression& one : select.expressions)
    text += "{key: " + one.key + ", operator: " + one.op + (one.values.empty() ? "" : ", values: [" + one.values[0] + "]") + "}, ";
  return text + "]}";
}

std::string cilium_rules(const std::vector<PluginRule>& rules, const std::string& side) {
  std::string text = "[";
  for (const PluginRule& rule : rules) {
    text += "{";
    if (!rule.entity.empty()) text += side + "Entities: [" + rule.entity + "], ";
    if (rule.block) text += side + "CIDR: [" + rule.block->text + "], ";
    if (rule.pods) text += side + "Endpoints: [" + cilium_selector(*rule.pods, rule.spaces) + "], ";
    if (rule.ports) {
      text += "toPorts: [{ports: [";
      for (const Port& port : *rule.ports)
        text += "{port: \"" + std::to_string(port.first) + "\", protocol: " + port.protocol + (port.last ? ", endPort: " + std::to_string(port.last) : "") + "}, ";
      text += "]}]";
    }
    text += "}, ";
  }
  return text + "]";
}

std::string calico_rules(const std::vector<PluginRule>& rules, bool egress) {
  std::string text = "[";
  for (const PluginRule& rule : rules) {
    std::string peer, ports;
    if (rule.block) peer = "nets: [" + rule.block->text + "], ";
    if (rule.pods) peer += "selector: \"" + calico_selector(*rule.pods) + "\", ";
    if (rule.spaces) peer += "namespaceSelector: \"" + calico_selector(*rule.spaces) + "\", ";
    if (rule.ports) {
      ports = "ports: [";
      for (const Port& port : *rule.ports) ports += port.last ? "\"" + std::to_string(port.first) + ":" + std::to_string(port.last) + "\", " : std::to_string(port.first) + ", ";
      ports += "]";
    }
    text += "{action: " + rule.action;
    if (rule.ports) text += ", protocol: " + rule.ports->front().protocol;
    text += egress ? ", destination: {" + peer + ports + "}}, " : ", source: {" + peer + "}, destination: {" + ports + "}}, ";
  }
  return text + "]";
}

std::string manifest(const PluginCluster& cluster) {
  std::string text = Writer().manifest(cluster.base);
  if (cluster.plugin == Plugin::calico) text += "{apiVersion: projectcalico.org/v3, kind: Tier, metadata: {name: first}, spec: {order: 5}}\n---\n";
  for (const PluginPolicy& policy : cluster.policies) {
    const std::string metadata = "metadata: {name: " + policy.name + (policy.ns.empty() ? "" : ", namespace: " + policy.ns) + "}";
    if (cluster.plugin == Plugin::cilium) {
      text += std::string("{apiVersion: cilium.io/v2, kind: ") + (policy.ns.empty() ? "CiliumClusterwideNetworkPolicy, " : "CiliumNetworkPolicy, ") + metadata +
              ", spec: {endpointSelector: " + cilium_selector(policy.pods, std::nullopt);
      const auto add = [&](const char* name, const std::vector<PluginRule>& rules, const char* side) {
        if (!rules.empty()) text += std::string(", ") + name + ": " + cilium_rules(rules, side);
      };
      add("ingress", policy.ingress, "from");
      add("egress", policy.egress, "to");
      add("ingressDeny", policy.ingress_deny, "from");
      add("egressDeny", policy.egress_deny, "to");
    } else {
      text += std::string("{apiVersion: projectcalico.org/v3, kind: ") + (policy.ns.empty() ? "GlobalNetworkPolicy, " : "NetworkPolicy, ") + metadata + ", spec: {tier: " + policy.tier;
      if (policy.order < 1e15) text += ", order: " + std::to_string(static_cast<int>(policy.order));
      text += ", selector: \"" + calico_selector(policy.pods) + "\", types: [Ingress, Egress], ingress: " + calico_rules(policy.ingress, false) + ", egress: " + calico_rules(policy.egress, true);
    }
    text += "}}\n---\n";
  }
  return text;
}

void agree_on(unsigned clusters, Plugin plugin) {
  if (const char* more = std::getenv("ASSAY_CLUSTERS")) clusters = static_cast<unsigned>(std::stoul(more));
  std::uint64_t packets = 0;
  for (unsigned seed = 0; seed < clusters; ++seed) {
    PluginGenerator generator{Generator(seed * 2 + (plugin == Plugin::calico), false, false), plugin};
    const PluginCluster cluster = generator.cluster();
    const std::string text = manifest(cluster);
    const kubernetes::test::Cluster read(text);
    Diagnostics diagnostics;
    const auto answers = kubernetes::connectivity(read.graph, 0, {}, diagnostics);
    INFO(text);
    REQUIRE(diagnostics.empty());
    const auto check = [&](const Packet& packet, const net::Connection& connection) {
      const net::Protocol protocol = packet.protocol == "TCP" ? net::Protocol::tcp : packet.protocol == "UDP" ? net::Protocol::udp : net::Protocol::sctp;
      const bool said = connection.allowed.contains(protocol, static_cast<std::uint16_t>(packet.port)), wanted = PluginOracle(cluster).passes(packet);
      ++packets;
      if (said == wanted && connection.unknown.empty()) return;
      FAIL((packet.source.pod ? packet.source.pod->name : "outside") << " -> " << (packet.destination.pod ? packet.destination.pod->name : "outside") << " " << packet.protocol << " "
                                                                       << packet.port << ": said " << said << ", is " << wanted << "; " << connection.allowed.text() << " ? " << connection.unknown.text());
    };
    const auto sample = [&](Packet packet, const net::Connection& connection) {
      for (int samples = 0; samples < 4; ++samples) {
        packet.protocol = generator.pick(Generator::protocols);
        packet.port = generator.base.some_port();
        check(packet, connection);
      }
    };
    const Bits outside = Generator::bits(generator.below(2) == 0 ? "8.8.8.8" : "203.0.113.7");
    for (const Pod& pod : cluster.base.pods) {
      const net::PeerId from = answers.peer_named(pod.ns + "/" + pod.name);
      for (const Pod& other : cluster.base.pods)
        if (&other != &pod) sample({{&pod, {}}, {&other, {}}, {}, 0}, answers.net.between(from, answers.peer_named(other.ns + "/" + other.name)));
      const net::Address address{net::Family::ipv4, 0, static_cast<std::uint64_t>(outside.value)};
      sample({{&pod, {}}, {nullptr, outside}, {}, 0}, answers.net.explain_outside(from, net::Direction::egress, address).connection);
      sample({{nullptr, outside}, {&pod, {}}, {}, 0}, answers.net.explain_outside(from, net::Direction::ingress, address).connection);
    }
  }
  WARN(clusters << " clusters, " << packets << " packets");
}

}  // namespace

TEST_CASE("Cilium's policies agree with packets", "[net-plugins]") { agree_on(6'000, Plugin::cilium); }
TEST_CASE("Calico's policies agree with packets", "[net-plugins]") { agree_on(6'000, Plugin::calico); }

// Random small clusters with policies of every feature, and their manifests.
#pragma once

#include <random>
#include <sstream>

#include "tests/net/packets.hpp"

namespace assay::net::test {

class Generator {
 public:
  // `admin`: AdminNetworkPolicies and their relatives too. `doubt`: what leaves answers open too.
  Generator(unsigned seed, bool admin, bool doubt) : random_(seed), admin_(admin), doubt_(doubt) {}

  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
  template <typename List>
  auto& pick(List& list) {
    return list[below(static_cast<unsigned>(std::size(list)))];
  }

  Cluster cluster() {
    Cluster made;
    const unsigned spaces = 1 + below(3);
    for (unsigned i = 0; i < spaces; ++i) {
      Space space{"n" + std::to_string(i), labels(2), true};
      space.written = below(5) > 0;
      if (!space.written) space.labels.clear();
      space.labels["kubernetes.io/metadata.name"] = space.name;
      made.spaces.push_back(std::move(space));
    }
    const unsigned pods = 2 + below(3);
    for (unsigned i = 0; i < pods; ++i) {
      Pod pod{pick(made.spaces).name, "p" + std::to_string(i), labels(3), {}, doubt_ && below(6) == 0};
      for (unsigned count = below(4); count > 0; --count) pod.ports.push_back({pick(names), pick(protocols_or_none), pick(ports)});
      // A name stands once in a container.
      std::sort(pod.ports.begin(), pod.ports.end(), [](const PodPort& a, const PodPort& b) { return a.name < b.name; });
      pod.ports.erase(std::unique(pod.ports.begin(), pod.ports.end(), [](const PodPort& a, const PodPort& b) { return a.name == b.name; }), pod.ports.end());
      made.pods.push_back(std::move(pod));
    }
    for (unsigned count = below(admin_ ? 3 : 5); count > 0; --count) made.policies.push_back(policy(made));
    if (doubt_ && below(4) == 0 && !made.policies.empty()) pick(made.policies).refused = true;
    if (admin_) {
      std::map<int, int> used;
      for (unsigned count = below(4); count > 0; --count) {
        AdminPolicy one = admin(false);
        one.priority = static_cast<int>(below(doubt_ ? 4 : 1000));
        one.cluster = below(4) == 0;
        if (used[one.priority]++ >= (doubt_ ? 2 : 1)) continue;
        made.admin.push_back(std::move(one));
      }
      if (below(2) == 0) {
        AdminPolicy one = admin(true);
        one.baseline = true;
        made.admin.push_back(std::move(one));
      }
    }
    return made;
  }

  // Ports at which something may change, and others.
  int some_port() { return pick(ports) + static_cast<int>(below(3)) - 1; }

  inline static const int ports[] = {53, 80, 81, 443, 8080, 9000};
  inline static const std::string protocols[] = {"TCP", "UDP", "SCTP"};
  inline static const std::string protocols_or_none[] = {"", "TCP", "TCP", "UDP", "SCTP"};
  inline static const std::string names[] = {"http", "web", "dns", "x"};

  static Cidr cidr(const std::string& text) {
    Cidr made;
    made.text = text;
    const auto slash = text.find('/');
    made.prefix = std::stoi(text.substr(slash + 1));
    made.base = bits(text.substr(0, slash));
    return made;
  }

  static Bits bits(const std::string& text) {
    Bits made;
    if (text.find(':') == std::string::npos) {
      std::istringstream in(text);
      std::string part;
      while (std::getline(in, part, '.')) made.value = made.value << 8 | static_cast<unsigned>(std::stoi(part));
      return made;
    }
    // `h:h::h`: the groups before `::`, then those after it at the end.
    made.six = true;
    const auto gap = text.find("::");
    const auto groups = [](const std::string& piece) {
      std::vector<unsigned> result;
      std::istringstream in(piece);
      std::string part;
      while (std::getline(in, part, ':')) result.push_back(static_cast<unsigned>(std::stoul(part, nullptr, 16)));
      return result;
    };
    const auto before = groups(text.substr(0, gap)), after = gap == std::string::npos ? std::vector<unsigned>() : groups(text.substr(gap + 2));
    for (std::size_t i = 0; i < 8; ++i) {
      unsigned group = 0;
      if (i < before.size()) group = before[i];
      if (i + after.size() >= 8) group = after[i + after.size() - 8];
      made.value = made.value << 16 | group;
    }
    return made;
  }

 private:
  std::mt19937 random_;
  bool admin_, doubt_;

  Map labels(unsigned most) {
    Map made;
    for (unsigned count = below(most + 1); count > 0; --count) made[pick(keys)] = pick(values);
    return made;
  }

  Select select(bool names_too) {
    Select made;
    for (unsigned count = below(2); count > 0; --count) made.labels[pick(keys)] = pick(values);
    if (names_too && below(3) == 0) made.labels["kubernetes.io/metadata.name"] = "n" + std::to_string(below(3));
    for (unsigned count = below(4) == 0 ? 1 + below(2) : 0; count > 0; --count) {
      Expression expression{pick(keys), pick(operators), {}};
      if (expression.op == "In" || expression.op == "NotIn")
        for (unsigned more = 1 + below(2); more > 0; --more) expression.values.push_back(pick(values));
      made.expressions.push_back(std::move(expression));
    }
    return made;
  }

  Port port(bool named) {
    Port made;
    made.protocol = pick(protocols_or_none);
    switch (below(named ? 5 : 4)) {
      case 0:
        if (named) break;  // NetworkPolicy: every port of the protocol
        [[fallthrough]];
      case 1:
      case 2:
        made.first = pick(ports);
        break;
      case 3:
        made.first = pick(ports);
        made.last = std::min(65535, made.first + static_cast<int>(below(400)));
        break;
      default:
        made.name = pick(names);
    }
    return made;
  }

  std::optional<std::vector<Port>> port_list() {
    if (below(3) == 0) return std::nullopt;
    std::vector<Port> list;
    for (unsigned count = below(3); count > 0; --count) list.push_back(port(true));
    return list;
  }

  Block block() {
    Block made{cidr(pick(blocks)), {}};
    for (const std::string& text : blocks) {
      const Cidr hole = cidr(text);
      if (hole.base.six == made.cidr.base.six && hole.prefix > made.cidr.prefix && in_block(made.cidr, hole.base) && below(3) == 0) made.except.push_back(hole);
    }
    return made;
  }

  std::optional<std::vector<Rule>> rules() {
    if (below(4) == 0) return std::nullopt;
    std::vector<Rule> list;
    for (unsigned count = below(3); count > 0; --count) {
      Rule rule;
      if (below(5) > 0) {
        rule.peers.emplace();
        for (unsigned more = below(3); more > 0; --more) {
          Peer peer;
          const unsigned kind = below(4);
          if (kind == 0) peer.block = block();
          if (kind == 1 || kind == 3) peer.pods = select(false);
          if (kind == 2 || kind == 3) peer.spaces = select(true);
          rule.peers->push_back(std::move(peer));
        }
      }
      rule.ports = port_list();
      list.push_back(std::move(rule));
    }
    return list;
  }

  NetworkPolicy policy(const Cluster& cluster) {
    NetworkPolicy made;
    made.ns = cluster.spaces[below(static_cast<unsigned>(cluster.spaces.size()))].name;
    if (below(8) > 0) made.pods = below(3) == 0 ? Select() : select(false);
    switch (below(6)) {
      case 0:
        made.types.emplace();
        break;
      case 1:
        made.types = {"Ingress"};
        break;
      case 2:
        made.types = {"Egress"};
        break;
      case 3:
        made.types = {"Egress", "Ingress"};
        break;
      default:
        break;
    }
    made.ingress = rules();
    made.egress = rules();
    return made;
  }

  AdminPolicy admin(bool baseline) {
    AdminPolicy made;
    made.spaces = below(2) == 0 ? Select() : select(true);
    if (below(2) == 0) made.pods = select(false);
    for (const bool egress : {false, true}) {
      std::vector<Rule>& list = egress ? made.egress : made.ingress;
      for (unsigned count = below(4); count > 0; --count) {
        Rule rule;
        rule.action = pick(actions);
        rule.peers.emplace();
        bool unnamed = false;
        for (unsigned more = 1 + below(2); more > 0; --more) {
          Peer peer;
          const unsigned kind = below(egress ? (baseline ? 7 : 8) : 4);
          if (kind < 4 || (kind > 5 && !doubt_)) {
            peer.spaces = below(3) == 0 ? Select() : select(true);
            if (kind % 2 == 1) peer.pods = select(false);
          } else if (kind < 6) {
            // Blocks that pods cannot be in, or all are; others leave answers open.
            unnamed = true;
            for (unsigned blocks_left = 1 + below(2); blocks_left > 0; --blocks_left)
              peer.networks.push_back(cidr(doubt_ ? pick(blocks) : pick(public_blocks)));
          } else if (kind == 6) {
            unnamed = true;
            peer.nodes = below(2) == 0 ? Select() : select(false);
          } else {
            unnamed = true;
            peer.domains = true;
          }
          rule.peers->push_back(std::move(peer));
        }
        if (below(2) == 0) {
          rule.ports.emplace();
          for (unsigned more = 1 + below(2); more > 0; --more) {
            Port one = port(!unnamed);
            if (one.first == 0 && one.name.empty()) one.first = 80;
            if (one.last == one.first) one.last = 0;
            if (!one.name.empty()) one.protocol.clear();
            rule.ports->push_back(std::move(one));
          }
        }
        list.push_back(std::move(rule));
      }
    }
    return made;
  }

  inline static const std::string keys[] = {"app", "tier", "env"};
  inline static const std::string values[] = {"a", "b", ""};
  inline static const std::string operators[] = {"In", "NotIn", "Exists", "DoesNotExist"};
  inline static const std::string actions[] = {"Allow", "Deny", "Pass"};
  inline static const std::string blocks[] = {"0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3/32", "203.0.113.0/24",
                                              "::/0",      "fd00::/8",   "fd00:1::/32", "192.168.0.0/16"};
  inline static const std::string public_blocks[] = {"0.0.0.0/0", "203.0.113.0/24", "8.0.0.0/8", "::/0"};
};

// --- manifests -------------------------------------------------------------------------------------------

class Writer {
 public:
  std::string manifest(const Cluster& cluster) {
    for (const Space& space : cluster.spaces) {
      if (!space.written) continue;
      Map labels = space.labels;
      labels.erase("kubernetes.io/metadata.name");
      out_ << "{apiVersion: v1, kind: Namespace, metadata: {name: " << space.name << ", labels: " << text(labels) << "}}\n---\n";
    }
    for (const Pod& pod : cluster.pods) {
      out_ << "{apiVersion: v1, kind: Pod, metadata: {name: " << pod.name << ", namespace: " << pod.ns << ", labels: " << text(pod.labels) << "}, spec: {";
      if (pod.host_network) out_ << "hostNetwork: true, ";
      out_ << "containers: [{name: c, ports: [";
      for (const PodPort& port : pod.ports) {
        out_ << "{name: " << port.name << ", containerPort: " << port.number;
        if (!port.protocol.empty()) out_ << ", protocol: " << port.protocol;
        out_ << "}, ";
      }
      out_ << "]}]}}\n---\n";
    }
    int number = 0;
    for (const NetworkPolicy& policy : cluster.policies) network_policy(policy, ++number);
    for (const AdminPolicy& policy : cluster.admin) admin_policy(policy, ++number);
    return out_.str();
  }

 private:
  std::ostringstream out_;

  static std::string text(const Map& labels) {
    std::string result = "{";
    for (const auto& [key, value] : labels) result += key + ": \"" + value + "\", ";
    return result + "}";
  }

  static std::string text(const Select& select) {
    std::string result = "{";
    if (!select.labels.empty()) result += "matchLabels: " + text(select.labels) + ", ";
    if (!select.expressions.empty()) {
      result += "matchExpressions: [";
      for (const Expression& expression : select.expressions) {
        result += "{key: " + expression.key + ", operator: " + expression.op;
        if (!expression.values.empty()) {
          result += ", values: [";
          for (const std::string& value : expression.values) result += "\"" + value + "\", ";
          result += "]";
        }
        result += "}, ";
      }
      result += "]";
    }
    return result + "}";
  }

  void network_policy(const NetworkPolicy& policy, int number) {
    out_ << "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: np" << number << ", namespace: " << policy.ns << "}, spec: {";
    if (policy.pods) out_ << "podSelector: " << text(*policy.pods) << ", ";
    if (policy.types) {
      out_ << "policyTypes: [";
      for (const std::string& type : *policy.types) out_ << type << ", ";
      out_ << "], ";
    }
    for (const bool egress : {false, true}) {
      const auto& list = egress ? policy.egress : policy.ingress;
      if (!list) continue;
      out_ << (egress ? "egress: [" : "ingress: [");
      for (const Rule& rule : *list) {
        out_ << "{";
        if (rule.peers) {
          out_ << (egress ? "to: [" : "from: [");
          for (const Peer& peer : *rule.peers) {
            out_ << "{";
            if (peer.pods) out_ << "podSelector: " << text(*peer.pods) << ", ";
            if (peer.spaces) out_ << "namespaceSelector: " << text(*peer.spaces) << ", ";
            if (peer.block) {
              out_ << "ipBlock: {cidr: \"" << peer.block->cidr.text << "\", except: [";
              for (const Cidr& hole : peer.block->except) out_ << "\"" << hole.text << "\", ";
              out_ << "]}";
            }
            out_ << "}, ";
          }
          out_ << "], ";
        }
        if (rule.ports) {
          out_ << "ports: [";
          for (const Port& port : *rule.ports) {
            out_ << "{";
            if (!port.protocol.empty()) out_ << "protocol: " << port.protocol << ", ";
            if (!port.name.empty()) out_ << "port: " << port.name;
            if (port.first) out_ << "port: " << port.first << ", ";
            if (port.last) out_ << "endPort: " << port.last;
            out_ << "}, ";
          }
          out_ << "]";
        }
        out_ << "}, ";
      }
      // A rule that the API server does not take: it names no peer.
      if (policy.refused && !egress) out_ << "{from: [{}]}";
      out_ << "], ";
    }
    if (policy.refused && !policy.ingress) out_ << "ingress: [{from: [{}]}]";
    out_ << "}}\n---\n";
  }

  void admin_policy(const AdminPolicy& policy, int number) {
    const bool cluster = policy.cluster;
    out_ << "{apiVersion: policy.networking.k8s.io/" << (cluster ? "v1alpha2, kind: ClusterNetworkPolicy" : policy.baseline ? "v1alpha1, kind: BaselineAdminNetworkPolicy" : "v1alpha1, kind: AdminNetworkPolicy");
    out_ << ", metadata: {name: " << (policy.baseline && !cluster ? "default" : "ap" + std::to_string(number)) << "}, spec: {";
    if (cluster) out_ << "tier: " << (policy.baseline ? "Baseline, " : "Admin, ");
    if (!policy.baseline || cluster) out_ << "priority: " << policy.priority << ", ";
    out_ << "subject: " << pods(policy.spaces, policy.pods);
    for (const bool egress : {false, true}) {
      out_ << (egress ? ", egress: [" : ", ingress: [");
      for (const Rule& rule : egress ? policy.egress : policy.ingress) {
        out_ << "{action: " << (cluster && rule.action == "Allow" ? "Accept" : policy.baseline && !cluster && rule.action == "Pass" ? "Allow" : rule.action);
        out_ << (egress ? ", to: [" : ", from: [");
        for (const Peer& peer : *rule.peers) {
          if (peer.spaces) {
            out_ << pods(*peer.spaces, peer.pods);
          } else if (peer.nodes) {
            out_ << "{nodes: " << text(*peer.nodes) << "}";
          } else if (peer.domains) {
            out_ << "{domainNames: [example.com]}";
          } else {
            out_ << "{networks: [";
            for (const Cidr& one : peer.networks) out_ << "\"" << one.text << "\", ";
            out_ << "]}";
          }
          out_ << ", ";
        }
        out_ << "]";
        if (rule.ports) {
          out_ << (cluster ? ", protocols: [" : ", ports: [");
          for (const Port& port : *rule.ports) out_ << (cluster ? cluster_port(port) : admin_port(port)) << ", ";
          out_ << "]";
        }
        out_ << "}, ";
      }
      out_ << "]";
    }
    out_ << "}}\n---\n";
  }

  static std::string pods(const Select& spaces, const std::optional<Select>& pods) {
    return pods ? "{pods: {namespaceSelector: " + text(spaces) + ", podSelector: " + text(*pods) + "}}" : "{namespaces: " + text(spaces) + "}";
  }

  static std::string admin_port(const Port& port) {
    if (!port.name.empty()) return "{namedPort: " + port.name + "}";
    const std::string protocol = port.protocol.empty() ? "" : "protocol: " + port.protocol + ", ";
    if (port.last) return "{portRange: {" + protocol + "start: " + std::to_string(port.first) + ", end: " + std::to_string(port.last) + "}}";
    return "{portNumber: {" + protocol + "port: " + std::to_string(port.first) + "}}";
  }

  static std::string cluster_port(const Port& port) {
    if (!port.name.empty()) return "{destinationNamedPort: " + port.name + "}";
    const std::string protocol = port.protocol == "UDP" ? "udp" : port.protocol == "SCTP" ? "sctp" : "tcp";
    const std::string number = port.last ? "range: {start: " + std::to_string(port.first) + ", end: " + std::to_string(port.last) + "}" : "number: " + std::to_string(port.first);
    return "{" + protocol + ": {destinationPort: {" + number + "}}}";
  }
};

}  // namespace assay::net::test

// AdminNetworkPolicy and BaselineAdminNetworkPolicy (policy.networking.k8s.io/v1alpha1) and their successor
// ClusterNetworkPolicy (v1alpha2): the types of kubernetes-sigs/network-policy-api and their validation.
//
// Rules are ordered, policies by priority, and nothing is denied that no rule denies. An Admin policy's `Pass` leaves a
// packet to NetworkPolicies and, where none selects the pod, to the baseline. Pods in their node's network are neither
// subjects nor peers by labels. `networks` looks at pods' addresses too: "cluster-internal traffic will be checked
// against the rule as well".
#include "parsers/kubernetes/connectivity_builder.hpp"

namespace assay::kubernetes {
namespace {

using net::Direction;
using net::PortSet;
using net::Verdict;

constexpr std::string_view invalid = "admin-network-policy-invalid";

enum class Form : std::uint8_t { admin, baseline, cluster };

struct Reader : PolicyReader {
  Form form = Form::admin;

  // The one field of a map of which exactly one must be set; no value: refused.
  const Entry* only(Value value, Value parent, std::initializer_list<std::string_view> fields, std::string_view what) {
    const Entry* found = nullptr;
    std::string names;
    for (const std::string_view field : fields) {
      names += (names.empty() ? "`" : ", `") + std::string(field) + "`";
      const Entry* entry = value.find_entry(field);
      if (!entry || entry->value.is_null()) continue;
      if (found) {
        refuse(entry->value, value, std::string(what) + " has exactly one of " + names);
        return nullptr;
      }
      found = entry;
    }
    if (!found) refuse(value, parent, std::string(what) + " needs one of " + names);
    return found;
  }

  std::optional<Selected> pods(Value value, Value parent) {
    const Value spaces = written(value, "namespaceSelector"), labels = written(value, "podSelector");
    if (!value.is_map() || (!spaces && form != Form::cluster) || !labels) {
      refuse(value, parent, "`pods` needs a `namespaceSelector` and a `podSelector`");
      return std::nullopt;
    }
    const bool valid = selector(spaces, value);
    if (!selector(labels, value) || !valid) return std::nullopt;
    return without_nodes(builder.pods_by(Selector::of_label_selector(spaces), Selector::of_label_selector(labels)));
  }

  std::optional<Selected> namespaces(Value value, Value parent) {
    if (!selector(value, parent)) return std::nullopt;
    return without_nodes(builder.pods_by(Selector::of_label_selector(value), Selector()));
  }

  Selected without_nodes(const Selected& selected) const {
    return {selected.sure - builder.host_network, selected.maybe - builder.host_network};
  }

  Selected networks(Value value, Value parent) {
    if (!value.is_list() || value.size() == 0) {
      refuse(value, parent, "`networks` is a list of blocks");
      return {};
    }
    net::AddressSet set;
    for (const Value block : value.items()) {
      const auto read = read_block(block, {}, place(block, value), code, builder.diagnostics);
      if (!read) good = false;
      if (read) set = set | *read;
    }
    return builder.addresses_of_all(set);
  }

  Selected peer(Value value, Value rule, bool egress, bool& unnamed) {
    const Entry* field = egress ? only(value, rule, {"namespaces", "pods", "nodes", "networks", "domainNames"}, "a peer")
                                : only(value, rule, {"namespaces", "pods"}, "a peer");
    if (!field) return {};
    const std::string_view name = field->key();
    if (name == "namespaces") return namespaces(field->value, value).value_or(Selected());
    if (name == "pods") return pods(field->value, value).value_or(Selected());
    unnamed = true;
    if (name == "networks") return networks(field->value, value);
    if (name == "nodes") {
      if (!selector(field->value, value)) return {};
      const net::AtomSet nodes(builder.node, builder.node);
      return Selector::of_label_selector(field->value).empty() ? Selected{nodes, {}} : Selected{{}, nodes};
    }
    // Names of hosts: which addresses they have is not known.
    if (form == Form::baseline) refuse(field->value, value, "a baseline policy takes no `domainNames`");
    return {{}, builder.ranges(net::Family::ipv4) | builder.ranges(net::Family::ipv6)};
  }

  void range(Value value, Value parent, net::Protocol of, net::PortMatch& match, bool may_be_one) {
    const auto first = port(value.find("start"), place(value, parent)), last = port(value.find("end"), place(value, parent));
    if (!first || !last) return;
    if (*last < *first || (*last == *first && !may_be_one)) return refuse(value, parent, "a range's `start` is below its `end`");
    match.numbers = match.numbers | PortSet::of(of, *first, *last);
  }

  // v1alpha1: {portNumber: {protocol, port}} | {portRange: {protocol, start, end}} | {namedPort}
  void port_of_admin(Value value, Value rule, net::PortMatch& match) {
    const Entry* field = only(value, rule, {"portNumber", "portRange", "namedPort"}, "a port");
    if (!field) return;
    if (field->key() == "namedPort") {
      if (!field->value.is_string()) return refuse(field->value, value, "`namedPort` is a name");
      match.names.push_back({std::nullopt, field->value.as_string()});
      return;
    }
    const auto of = protocol(field->value.find("protocol"), field->value);
    if (!of) return;
    if (field->key() == "portRange") return range(field->value, value, *of, match, true);
    if (const auto number = port(field->value.find("port"), place(field->value, value)))
      match.numbers = match.numbers | PortSet::of(*of, *number, *number);
  }

  // v1alpha2: {tcp: {destinationPort: {number} | {range}}} | {udp} | {sctp} | {destinationNamedPort}
  void port_of_cluster(Value value, Value rule, net::PortMatch& match) {
    const Entry* field = only(value, rule, {"tcp", "udp", "sctp", "destinationNamedPort"}, "a protocol");
    if (!field) return;
    if (field->key() == "destinationNamedPort") {
      if (!field->value.is_string()) return refuse(field->value, value, "`destinationNamedPort` is a name");
      match.names.push_back({std::nullopt, field->value.as_string()});
      return;
    }
    const net::Protocol of = field->key() == "tcp" ? net::Protocol::tcp : field->key() == "udp" ? net::Protocol::udp : net::Protocol::sctp;
    const Value destination = written(field->value, "destinationPort");
    if (!destination) {
      match.numbers = match.numbers | PortSet::of(of);
      return;
    }
    const Entry* which = only(destination, field->value, {"number", "range"}, "a port");
    if (!which) return;
    if (which->key() == "range") return range(which->value, destination, of, match, false);
    if (const auto number = port(which->value, destination)) match.numbers = match.numbers | PortSet::of(of, *number, *number);
  }

  void rule(Value value, Value parent, bool egress, std::vector<net::Rule>& rules) {
    if (!value.is_map()) return refuse(value, parent, "a rule is a map");
    net::Rule rule;
    rule.reason = value;
    const std::string_view action = value.find("action").as_string();
    if (action == (form == Form::cluster ? "Accept" : "Allow"))
      rule.verdict = Verdict::allow;
    else if (action == "Deny")
      rule.verdict = Verdict::deny;
    else if (action == "Pass" && form != Form::baseline)
      rule.verdict = Verdict::pass;
    else
      refuse(value.find("action"), value, form == Form::cluster    ? "an action is `Accept`, `Deny` or `Pass`"
                                          : form == Form::baseline ? "a baseline policy's action is `Allow` or `Deny`"
                                                                   : "an action is `Allow`, `Deny` or `Pass`");
    const std::string_view side = egress ? "to" : "from";
    const Value peers = value.find(side);
    if (!peers.is_list() || peers.size() == 0) return refuse(peers, value, "a rule needs peers in `" + std::string(side) + "`");
    Selected selected;
    bool unnamed = false;
    for (const Value one : peers.items()) selected = selected | peer(one, value, egress, unnamed);
    rule.peers = std::move(selected.sure);
    rule.maybe_peers = std::move(selected.maybe);
    const std::string_view list = form == Form::cluster ? "protocols" : "ports";
    if (const Value ports = written(value, list)) {
      rule.ports.numbers = {};
      if (!ports.is_list() || ports.size() == 0) return refuse(ports, value, "`" + std::string(list) + "` is a list with at least one item");
      for (const Value one : ports.items()) form == Form::cluster ? port_of_cluster(one, value, rule.ports) : port_of_admin(one, value, rule.ports);
      if (unnamed && !rule.ports.names.empty()) refuse(ports, value, "addresses, nodes and hosts give their ports no names");
    }
    rules.push_back(std::move(rule));
  }

  void read() {
    const Value spec = policy.value.find("spec");
    std::uint32_t tier = form == Form::baseline ? builder.baseline_tier : builder.admin_tier;
    bool tiered = true, ranked = true;
    double order = 0;
    if (form == Form::baseline && policy.name != "default")
      refuse(policy.value.at({"metadata", "name"}), policy.value, "the only BaselineAdminNetworkPolicy is named `default`");
    if (form == Form::cluster) {
      const std::string_view name = spec.find("tier").as_string();
      tiered = name == "Admin" || name == "Baseline";
      if (!tiered) refuse(spec.find("tier"), spec, "a tier is `Admin` or `Baseline`");
      if (name == "Baseline") tier = builder.baseline_tier;
    }
    if (form != Form::baseline) {
      const Value priority = spec.find("priority");
      ranked = priority.is(Kind::int64) && priority.as_int() >= 0 && priority.as_int() <= 1000;
      if (!ranked) refuse(priority, spec, "a priority is a number from 0 to 1000");
      order = static_cast<double>(priority.as_int());
    }
    const Value subject = spec.find("subject");
    std::optional<Selected> subjects;
    if (const Entry* field = only(subject, spec, {"namespaces", "pods"}, "a subject"))
      subjects = field->key() == "pods" ? pods(field->value, subject) : namespaces(field->value, subject);
    std::vector<net::Rule> rules[2];
    for (const Direction direction : {Direction::egress, Direction::ingress}) {
      const bool egress = direction == Direction::egress;
      const Value list = spec.find(egress ? "egress" : "ingress");
      if (is_list(list, spec, egress ? "egress" : "ingress"))
        for (const Value one : list.items()) rule(one, list, egress, rules[static_cast<std::size_t>(direction)]);
    }
    for (const Direction direction : {Direction::egress, Direction::ingress}) {
      const auto side = static_cast<std::size_t>(direction);
      const Value list = spec.find(direction == Direction::egress ? "egress" : "ingress");
      if (!list || list.is_null() || (list.is_list() && list.size() == 0)) continue;
      net::Policy made = PolicyReader::made(direction, tier, place(subject, spec));
      made.order = order;
      made.closes = false;
      if (good) {
        made.subjects = subjects->sure;
        made.maybe_subjects = subjects->maybe;
        made.rules = std::move(rules[side]);
        builder.model.policies.push_back(std::move(made));
        continue;
      }
      made.maybe_subjects = subjects ? subjects->sure | subjects->maybe : builder.all_pods();
      net::Rule unknown;
      unknown.verdict = Verdict::unknown;
      unknown.maybe = true;
      unknown.peers = builder.everybody();
      unknown.reason = policy.value;
      made.rules.push_back(std::move(unknown));
      // Without a tier or a priority it may come before any other.
      if (!tiered) made.tier = builder.admin_tier;
      made.order = ranked ? order : -1;
      builder.model.policies.push_back(std::move(made));
    }
  }
};

}  // namespace

bool add_admin_policy(NetBuilder& builder, const Resource& policy) {
  constexpr std::string_view group = "k8s:policy.networking.k8s.io/";
  if (!policy.type.starts_with(group)) return false;
  const std::string_view kind = std::string_view(policy.type).substr(group.size());
  Reader reader{{builder, policy, invalid}};
  if (kind == "BaselineAdminNetworkPolicy")
    reader.form = Form::baseline;
  else if (kind == "ClusterNetworkPolicy")
    reader.form = Form::cluster;
  else if (kind != "AdminNetworkPolicy")
    return false;
  reader.read();
  return true;
}

void add_admin_policies(NetBuilder& builder) {
  for (const Resource& policy : builder.graph.resources())
    if (policy.scope == builder.scope) add_admin_policy(builder, policy);
}

}  // namespace assay::kubernetes

// CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy (cilium.io/v2; docs.cilium.io, "Layer 3 Examples", "Layer 4",
// "Deny Policies", "Policy Enforcement Modes").
//
// Rules allow, together with those of NetworkPolicies; what a `Deny` section matches is denied whatever allows it. A pod
// is isolated in a direction when some policy that selects it has rules for it, unless `enableDefaultDeny` says no. A rule
// without peers and without ports matches nothing. Selectors of a namespaced policy stay in its namespace unless they name
// one. Blocks are about what is outside the cluster. What hangs on names of hosts, on requests, on identities of nodes or
// on services may match or not.
#include <algorithm>

#include "parsers/kubernetes/connectivity_builder.hpp"

namespace assay::kubernetes {
namespace {

using net::AtomId;
using net::AtomSet;
using net::Direction;
using net::PortSet;
using net::Verdict;

constexpr std::string_view invalid = "cilium-policy-invalid";
constexpr std::string_view namespace_key = "io.kubernetes.pod.namespace", namespace_label = "io.cilium.k8s.namespace.labels.";

struct Reader : PolicyReader {
  AtomSet one(AtomId id) const { return AtomSet(id, id); }
  AtomSet outside() const { return builder.ranges(net::Family::ipv4) | builder.ranges(net::Family::ipv6); }

  // Whether a pod is as one requirement wants it.
  Match wanted(const Requirement& written, const PodAtom& pod) const {
    Requirement requirement = written;
    for (const std::string_view source : {"k8s:", "any:"})
      if (requirement.key.starts_with(source)) requirement.key.remove_prefix(source.size());
    if (requirement.key.starts_with("reserved:") || requirement.key.starts_with("io.cilium.k8s.policy.")) return Match::maybe;
    if (requirement.key.starts_with("k8s.")) requirement.key.remove_prefix(4);
    const NamespaceInfo& space = builder.namespaces[pod.ns];
    if (requirement.key == namespace_key) {
      requirement.key = "kubernetes.io/metadata.name";
      Labels name;
      name.name_space = space.name;
      return matches(requirement, name) ? Match::yes : Match::no;
    }
    if (requirement.key.starts_with(namespace_label)) {
      requirement.key.remove_prefix(namespace_label.size());
      return matches(requirement, space.labels) ? Match::yes : Match::no;
    }
    return matches(requirement, pod.labels) ? Match::yes : Match::no;
  }

  Selected endpoints(Value written) {
    const Selector selected = Selector::of_label_selector(written);
    if (!selected.valid()) {
      refuse(written, policy.value, "this selector is none");
      return {};
    }
    bool anywhere = policy.ns.empty();
    for (const Requirement& requirement : selected.requirements())
      anywhere = anywhere || requirement.key.find(namespace_key) != std::string_view::npos || requirement.key.find(namespace_label) != std::string_view::npos;
    AtomSet::Intervals sure, maybe;
    for (AtomId id = 0; id < builder.pods.size(); ++id) {
      const PodAtom& pod = builder.pods[id];
      if (pod.host_network || (!anywhere && builder.namespaces[pod.ns].name != policy.ns)) continue;
      Match match = Match::yes;
      for (const Requirement& requirement : selected.requirements()) match = std::min(match, wanted(requirement, pod));
      if (match == Match::yes) sure.push_back({id, id});
      if (match == Match::maybe) maybe.push_back({id, id});
    }
    Selected result{AtomSet::of(std::move(sure)), AtomSet::of(std::move(maybe))};
    const AtomSet entry = one(builder.entry_pod);
    if (anywhere) (selected.empty() ? result.sure : result.maybe) = (selected.empty() ? result.sure : result.maybe) | entry;
    return result;
  }

  Selected entity(Value value) {
    const std::string_view name = value.as_string();
    const AtomSet hosts = AtomSet(builder.node, builder.node) | builder.host_network, balancer = one(builder.entry_addresses);
    if (name == "all") return {builder.everybody(), {}};
    if (name == "world") return {outside() | balancer, {}};
    if (name == "world-ipv4") return {builder.ranges(net::Family::ipv4) | balancer, {}};
    if (name == "world-ipv6") return {builder.ranges(net::Family::ipv6), {}};
    if (name == "cluster") return {builder.all_pods() | hosts, one(builder.control_plane)};
    if (name == "host" || name == "remote-node") return {{}, hosts};
    if (name == "kube-apiserver") return {one(builder.control_plane), {}};
    if (name == "ingress") return {{}, one(builder.entry_pod)};
    if (name == "none" || name == "init" || name == "health" || name == "unmanaged") return {};
    refuse(value, policy.value, "`" + std::string(name) + "` is no entity");
    return {};
  }

  Selected blocks(Value list, bool sets) {
    net::AddressSet all;
    for (const Value item : list.items()) {
      const Value cidr = sets ? item.find("cidr") : item;
      if (sets && !cidr) return {{}, outside()};  // a group of blocks that is kept elsewhere
      net::AddressSet set;
      if (const auto address = net::parse_address(cidr.as_string())) {
        set = net::AddressSet(*address, *address);
      } else if (const auto read = read_block(cidr, sets ? item.find("except") : Value(), place(item, list), code, builder.diagnostics)) {
        set = *read;
      } else {
        good = false;
      }
      all = all | set;
    }
    return {builder.addresses(all).sure & (outside() | one(builder.entry_addresses)), {}};
  }

  // The peers of a rule; false: it names none, so that everybody is meant where ports are named.
  bool peers(Value rule, std::string_view side, Selected& result) {
    bool named = false;
    const auto is = [&](const Entry& entry, std::string_view what) { return entry.key().substr(side.size()) == what; };
    for (const Entry& entry : rule.entries()) {
      if (!entry.key().starts_with(side) || entry.key() == "toPorts" || entry.value.is_null()) continue;
      named = true;
      if (is(entry, "Endpoints"))
        for (const Value item : entry.value.items()) result = result | endpoints(item);
      else if (is(entry, "Entities"))
        for (const Value item : entry.value.items()) result = result | entity(item);
      else if (is(entry, "CIDR"))
        result = result | blocks(entry.value, false);
      else if (is(entry, "CIDRSet"))
        result = result | blocks(entry.value, true);
      else if (is(entry, "FQDNs") || is(entry, "Groups"))
        result = result | Selected{{}, outside()};
      else if (is(entry, "Services"))
        result = result | Selected{{}, builder.all_pods() | outside()};
      else if (is(entry, "Nodes"))
        result = result | Selected{{}, one(builder.node) | builder.host_network};
      else
        result = result | Selected{{}, builder.everybody()};
    }
    return named;
  }

  void ports(Value list, net::Rule& rule) {
    rule.ports.numbers = {};
    for (const Value item : list.items()) {
      if (item.find("rules")) rule.maybe = true;  // the requests decide
      if (item.find("ports").size() == 0) rule.ports.numbers = PortSet::all();
      for (const Value port : item.find("ports").items()) {
        std::vector<std::optional<net::Protocol>> of = {net::Protocol::tcp, net::Protocol::udp, net::Protocol::sctp};
        const Value written = port.find("protocol");
        if (written.is_string() && written.as_string() != "ANY") {
          const auto named = protocol(written, port);
          if (!named) continue;
          of = {named};
        }
        const Value number = port.find("port");
        const std::string_view text = number.as_string();
        std::int64_t first = number.as_int();
        if (number.is_string() && !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos && text.size() < 7) first = std::stol(std::string(text));
        else if (number.is_string()) {
          for (const auto& named : of) rule.ports.names.push_back({named, text});
          continue;
        }
        const std::int64_t last = port.find("endPort").is(Kind::int64) && port.find("endPort").as_int() > 0 ? port.find("endPort").as_int() : first;
        if (first < 0 || first > 65535 || last < first || last > 65535) {
          refuse(number, port, "a port is a number up to 65535, or a name");
          continue;
        }
        for (const auto& named : of)
          rule.ports.numbers = rule.ports.numbers | (first == 0 ? PortSet::of(*named) : PortSet::of(*named, static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(last)));
      }
    }
  }

  void section(Value spec, const Selected& subjects, Direction direction, bool deny) {
    const bool egress = direction == Direction::egress;
    const Value list = spec.find(egress ? (deny ? "egressDeny" : "egress") : (deny ? "ingressDeny" : "ingress"));
    if (!list || list.is_null() || !is_list(list, spec, "rules")) return;
    net::Policy made = PolicyReader::made(direction, builder.network_tier, place(spec.find("endpointSelector"), spec));
    made.order = deny ? -1 : builder.network_policy_order;
    made.subjects = subjects.sure;
    made.maybe_subjects = subjects.maybe;
    const Value closes = spec.at({"enableDefaultDeny", egress ? "egress" : "ingress"});
    made.closes = list.size() > 0 && !(closes.is(Kind::boolean) && !closes.as_bool());
    for (const Value item : list.items()) {
      net::Rule rule;
      rule.verdict = deny ? Verdict::deny : Verdict::allow;
      rule.reason = item;
      Selected selected;
      const bool named = peers(item, egress ? "to" : "from", selected);
      const Value to_ports = item.find("toPorts");
      if (!named && to_ports.size() == 0) {
        if (item.find("icmps") || item.size() == 0) continue;  // nothing, or nothing of ours
        rule.maybe = true;
      }
      rule.peers = named ? std::move(selected.sure) : builder.everybody();
      rule.maybe_peers = std::move(selected.maybe);
      if (to_ports.size() > 0) ports(to_ports, rule);
      if (item.find("authentication")) rule.maybe = true;
      made.rules.push_back(std::move(rule));
    }
    builder.model.policies.push_back(std::move(made));
  }

  void read() {
    std::vector<Value> specs;
    if (policy.value.find("spec").is_map()) specs.push_back(policy.value.find("spec"));
    for (const Value spec : policy.value.find("specs").items()) specs.push_back(spec);
    for (const Value spec : specs) {
      if (spec.find("nodeSelector")) continue;  // for nodes, not pods
      const Value written = spec.find("endpointSelector");
      const std::size_t before = builder.model.policies.size();
      good = true;
      const Selected subjects = endpoints(written);
      for (const Direction direction : {Direction::egress, Direction::ingress})
        for (const bool deny : {false, true}) section(spec, subjects, direction, deny);
      if (good) continue;
      // Whatever was meant may be allowed or denied.
      while (builder.model.policies.size() > before) builder.model.policies.pop_back();
      for (const Direction direction : {Direction::egress, Direction::ingress}) {
        if (!spec.find(direction == Direction::egress ? "egress" : "ingress") && !spec.find(direction == Direction::egress ? "egressDeny" : "ingressDeny")) continue;
        net::Policy made = PolicyReader::made(direction, builder.network_tier, spec);
        made.order = -2;
        made.maybe_subjects = subjects.empty() ? builder.all_pods() : subjects.sure | subjects.maybe;
        net::Rule rule;
        rule.verdict = Verdict::unknown;
        rule.maybe = true;
        rule.peers = builder.everybody();
        rule.reason = policy.value;
        made.rules.push_back(std::move(rule));
        builder.model.policies.push_back(std::move(made));
      }
    }
  }
};

}  // namespace

void add_cilium_policies(NetBuilder& builder) {
  for (const std::string_view kind : {"CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"})
    for (const Resource* policy : builder.objects("k8s:cilium.io/" + std::string(kind))) Reader{{builder, *policy, invalid}}.read();
}

}  // namespace assay::kubernetes

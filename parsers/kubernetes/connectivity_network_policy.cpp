// NetworkPolicy (networking.k8s.io/v1): API reference, the concept page "Network Policies", and the defaults and
// validation of kubernetes' pkg/apis/networking.
//
// A policy selects pods of its namespace. A pod that some policy selects for a direction is isolated in it: only what
// some rule of such a policy allows passes. An absent or empty `from`/`to` is everybody, an absent or empty `ports`
// every port, an empty list of rules nobody. MultiNetworkPolicies (k8s.cni.cncf.io) say the same of attachments.
#include "parsers/kubernetes/connectivity_builder.hpp"

namespace assay::kubernetes {
namespace {

using net::Direction;
using net::PortSet;

constexpr std::string_view invalid = "network-policy-invalid";

struct Reader : PolicyReader {
  std::vector<net::NetworkId> networks = {};  // of a MultiNetworkPolicy: the attachments on which it holds

  void port(Value entry, net::PortMatch& match) {
    if (!entry.is_map()) return refuse(entry, {}, "a port is a map with `protocol`, `port` and `endPort`");
    const auto named = protocol(entry.find("protocol"), entry);
    if (!named) return;
    const Value number = written(entry, "port"), end = written(entry, "endPort");
    if (!number) {
      if (end) return refuse(end, entry, "`endPort` needs a `port`");
      match.numbers = match.numbers | PortSet::of(*named);
      return;
    }
    if (number.is_string()) {
      const std::string_view name = number.as_string();
      if (end) return refuse(end, entry, "`endPort` cannot stand beside a named port");
      const bool digits = name.find_first_not_of("0123456789") == std::string_view::npos;
      if (!is_port_name(name))
        return refuse(number, entry, "`" + std::string(name) + "` cannot be a port's name" + (digits ? ": write the number without quotes" : ""));
      match.names.push_back({*named, name});
      return;
    }
    const auto first = PolicyReader::port(number, entry);
    const auto last = end ? PolicyReader::port(end, entry) : first;
    if (!first || !last) return;
    if (*last < *first) return refuse(end, entry, "`endPort` is smaller than `port`");
    match.numbers = match.numbers | PortSet::of(*named, *first, *last);
  }

  Selected peer(Value entry, Value rule) {
    if (!entry.is_map()) {
      refuse(entry, rule, "a peer is a map");
      return {};
    }
    const Value pods = written(entry, "podSelector"), spaces = written(entry, "namespaceSelector"), block = written(entry, "ipBlock");
    if (!pods && !spaces && !block) {
      refuse(entry, rule, "a peer needs a `podSelector`, a `namespaceSelector` or an `ipBlock`");
      return {};
    }
    if (block) {
      if (pods || spaces) {
        refuse(block, entry, "an `ipBlock` cannot stand beside a selector in one peer: make it a peer of its own");
        return {};
      }
      if (!block.is_map()) {
        refuse(block, entry, "an `ipBlock` is a map with `cidr` and `except`");
        return {};
      }
      const auto set = read_block(block.find("cidr"), block.find("except"), block, code, builder.diagnostics);
      if (!set) good = false;
      if (!set) return {};
      // On an attachment pods have addresses that anybody may have given them.
      return networks.empty() ? builder.addresses(*set) : builder.addresses(*set) | Selected{{}, builder.all_pods()};
    }
    const bool valid = selector(pods, entry);
    if (!selector(spaces, entry) || !valid) return {};
    const Selector of_pods = Selector::of_label_selector(pods);
    if (spaces) return builder.pods_by(Selector::of_label_selector(spaces), of_pods);
    return builder.pods_in(builder.namespace_index(policy.ns), of_pods);
  }

  net::Rule rule(Value entry, std::string_view side) {
    net::Rule rule;
    rule.reason = entry;
    if (!entry.is_map() && !entry.is_null()) {
      refuse(entry, {}, "a rule is a map with `" + std::string(side) + "` and `ports`");
      return rule;
    }
    const Value peers = entry.find(side), ports = entry.find("ports");
    if (is_list(peers, entry, side) && peers.size() > 0) {
      Selected selected;
      for (const Value one : peers.items()) selected = selected | peer(one, entry);
      rule.peers = std::move(selected.sure);
      rule.maybe_peers = std::move(selected.maybe);
    } else {
      rule.peers = builder.everybody();
    }
    if (is_list(ports, entry, "ports") && ports.size() > 0) {
      rule.ports.numbers = {};
      for (const Value one : ports.items()) port(one, rule.ports);
    }
    return rule;
  }

  void read() {
    const Value spec = policy.value.find("spec");
    if (spec && !spec.is_null() && !spec.is_map()) refuse(spec, {}, "`spec` is a map");
    const Value subject = spec.find("podSelector"), types = spec.find("policyTypes");
    const bool selects = selector(subject, spec);
    bool directions[2] = {false, true};  // egress, ingress
    bool typed = is_list(types, spec, "policyTypes");
    if (typed && types.size() > 0) {
      directions[1] = false;
      for (const Value type : types.items()) {
        if (type.as_string() == "Ingress") {
          directions[1] = true;
        } else if (type.as_string() == "Egress") {
          directions[0] = true;
        } else {
          refuse(type, types, "`" + std::string(type.as_string()) + "` is no policy type: use `Ingress` or `Egress`");
          typed = false;
        }
      }
      if (types.size() > 2) refuse(types, spec, "more than two `policyTypes`");
    } else {
      directions[0] = spec.find("egress").size() > 0;
    }
    std::vector<net::Rule> rules[2];
    if (is_list(spec.find("egress"), spec, "egress"))
      for (const Value entry : spec.find("egress").items()) rules[0].push_back(rule(entry, "to"));
    if (is_list(spec.find("ingress"), spec, "ingress"))
      for (const Value entry : spec.find("ingress").items()) rules[1].push_back(rule(entry, "from"));
    if (!typed) directions[0] = directions[1] = true;

    const std::uint32_t ns = builder.namespace_index(policy.ns);
    Selected subjects = selects ? builder.pods_in(ns, Selector::of_label_selector(subject)) : Selected{{}, builder.namespaces[ns].atoms};
    for (const Direction direction : {Direction::egress, Direction::ingress}) {
      const auto side = static_cast<std::size_t>(direction);
      if (!directions[side]) continue;
      net::Policy made = PolicyReader::made(direction, builder.network_tier, place(subject, spec));
      made.order = builder.network_policy_order;
      if (good) {
        made.subjects = subjects.sure;
        made.maybe_subjects = subjects.maybe;
        made.rules = std::move(rules[side]);
      } else {
        // Whatever was meant may be allowed, and everything else closed.
        made.maybe_subjects = subjects.sure | subjects.maybe;
        net::Rule rule;
        rule.maybe = true;
        rule.peers = builder.everybody();
        rule.reason = policy.value;
        made.rules.push_back(std::move(rule));
      }
      if (networks.empty()) builder.model.policies.push_back(std::move(made));
      for (const net::NetworkId network : networks) {
        net::Policy one = made;
        one.network = network;
        builder.model.policies.push_back(std::move(one));
      }
    }
  }
};

}  // namespace

void add_network_policy(NetBuilder& builder, const Resource& policy) { Reader{{builder, policy, invalid}}.read(); }

void add_network_policies(NetBuilder& builder) {
  for (const Resource* policy : builder.objects("k8s:networking.k8s.io/NetworkPolicy")) add_network_policy(builder, *policy);
}

void add_multi_network_policies(NetBuilder& builder) {
  for (const Resource* policy : builder.objects("k8s:k8s.cni.cncf.io/MultiNetworkPolicy")) {
    Reader reader{{builder, *policy, "multi-network-policy-invalid"}};
    const Value names = policy->value.at({"metadata", "annotations", "k8s.v1.cni.cncf.io/policy-for"});
    for (const std::string& name : named_attachments(names.as_string(), policy->ns))
      if (const auto found = builder.attachments.find(name); found != builder.attachments.end()) reader.networks.push_back(found->second);
    if (!reader.networks.empty()) reader.read();
  }
}

}  // namespace assay::kubernetes

// Calico's NetworkPolicy and GlobalNetworkPolicy (projectcalico.org/v3, as resources crd.projectcalico.org/v1; docs.tigera.io,
// "Network policy", "Tiered policy").
//
// Tiers are asked by their order, policies in a tier by theirs (none: last; then by name); a rule's action decides,
// `Pass` goes on to the next tier, `Log` to the next rule. What no rule of a tier matches is denied when a policy of the
// tier selects the pod, unless the tier's `defaultAction` is `Pass`. NetworkPolicies stand in the tier `default`
// with order 1000, admin policies before and the baseline behind it. Blocks look at pods' addresses too.
#include <algorithm>
#include <limits>

#include "parsers/kubernetes/calico_selector.hpp"
#include "parsers/kubernetes/connectivity_builder.hpp"

namespace assay::kubernetes {
namespace {

using net::AtomId;
using net::AtomSet;
using net::Direction;
using net::PortSet;
using net::Protocol;
using net::Verdict;

constexpr std::string_view invalid = "calico-policy-invalid";
constexpr std::string_view groups[] = {"k8s:projectcalico.org/", "k8s:crd.projectcalico.org/"};
constexpr double last = 1e15;

std::vector<const Resource*> objects(const NetBuilder& builder, std::string_view kind) {
  std::vector<const Resource*> result;
  for (const std::string_view group : groups)
    for (const Resource* one : builder.objects(std::string(group) + std::string(kind))) result.push_back(one);
  return result;
}

double order_of(Value value) {
  if (value.is(Kind::int64)) return static_cast<double>(value.as_int());
  if (value.is(Kind::float64)) return value.as_double();
  return last;
}

struct Reader : PolicyReader {
  bool global = false;

  std::optional<std::string_view> pod_label(const PodAtom& pod, std::string_view key) const {
    if (key == "projectcalico.org/namespace") return builder.namespaces[pod.ns].name;
    if (key == "projectcalico.org/orchestrator") return "k8s";
    return text(pod.labels.map, key);
  }
  std::optional<std::string_view> space_label(const NamespaceInfo& space, std::string_view key) const {
    if (key == "projectcalico.org/name" || key == "kubernetes.io/metadata.name") return space.name;
    return text(space.labels.map, key);
  }
  static std::optional<std::string_view> text(Value labels, std::string_view key) {
    const Value value = labels.find(key);
    return value.is_string() ? std::optional(value.as_string()) : std::nullopt;
  }

  bool judged(Value selector, const LabelOf& label) {
    const auto matched = calico_matches(selector.as_string(), label);
    if (!matched && good) refuse(selector, policy.value, "`" + std::string(selector.as_string()) + "` is no selector of Calico's");
    return matched.value_or(false);
  }

  // Pods by labels, and by namespace where one is written; else those of the policy's own namespace, or all.
  Selected pods(Value selector, Value spaces, bool subjects) {
    AtomSet::Intervals found;
    for (AtomId id = 0; id < builder.pods.size(); ++id) {
      const PodAtom& pod = builder.pods[id];
      if (pod.host_network) continue;
      const NamespaceInfo& space = builder.namespaces[pod.ns];
      if (spaces.is_string()) {
        if (!judged(spaces, [&](std::string_view key) { return space_label(space, key); })) continue;
      } else if (!global && space.name != policy.ns) {
        continue;
      }
      if (selector.is_string() && !judged(selector, [&](std::string_view key) { return pod_label(pod, key); })) continue;
      found.push_back({id, id});
    }
    Selected result{AtomSet::of(std::move(found)), {}};
    if (!subjects && (global || spaces.is_string())) result.maybe = AtomSet(builder.entry_pod, builder.entry_pod);
    return result;
  }

  // Sets of blocks that carry labels, where the selector means them.
  Selected sets(Value selector, Value spaces) {
    Selected result;
    const bool only_global = spaces.as_string() == "global()";
    for (const std::string_view kind : {"GlobalNetworkSet", "NetworkSet"}) {
      for (const Resource* set : objects(builder, kind)) {
        if (kind == "GlobalNetworkSet" ? (!global || (spaces.is_string() && !only_global)) && !only_global : only_global || (!global && !spaces.is_string() && set->ns != policy.ns))
          continue;
        if (kind == "NetworkSet" && spaces.is_string()) {
          const std::uint32_t ns = builder.namespace_index(set->ns);
          if (!judged(spaces, [&](std::string_view key) { return space_label(builder.namespaces[ns], key); })) continue;
        }
        if (!judged(selector, [&](std::string_view key) { return text(set->value.at({"metadata", "labels"}), key); })) continue;
        result = result | blocks(set->value.at({"spec", "nets"}));
      }
    }
    return result;
  }

  Selected blocks(Value list) {
    net::AddressSet set;
    for (const Value item : list.items()) {
      if (const auto address = net::parse_address(item.as_string())) {
        set = set | net::AddressSet(*address, *address);
      } else if (const auto read = read_block(item, {}, place(item, list), code, builder.diagnostics)) {
        set = set | *read;
      } else {
        good = false;
      }
    }
    return builder.addresses_of_all(set);
  }

  // One side of a rule: who it is.
  Selected side(Value side) {
    Selected result{builder.everybody(), {}};
    const auto narrow = [&](const Selected& by) {
      const AtomSet sure = result.sure & by.sure;
      result = {sure, ((result.sure | result.maybe) & (by.sure | by.maybe)) - sure};
    };
    const auto without = [&](const Selected& by) { narrow({builder.everybody() - by.sure - by.maybe, by.maybe}); };
    const Value selector = written(side, "selector"), spaces = written(side, "namespaceSelector");
    if (selector || spaces) narrow(pods(selector, spaces, false) | (selector ? sets(selector, spaces) : Selected()));
    if (const Value nets = written(side, "nets"); nets.size() > 0) narrow(blocks(nets));
    if (const Value nets = written(side, "notNets"); nets.size() > 0) without(blocks(nets));
    if (const Value unwanted = written(side, "notSelector")) without(pods(unwanted, spaces, false) | sets(unwanted, spaces));
    // Accounts, Services and names of hosts: not looked at.
    for (const std::string_view more : {"serviceAccounts", "services", "domains"})
      if (written(side, more)) narrow({{}, builder.everybody()});
    return result;
  }

  void port(Value value, const std::vector<Protocol>& of, PortSet& numbers, std::vector<net::NamedPort>* names) {
    const std::string_view text = value.as_string();
    std::int64_t first = value.as_int(), end = first;
    if (value.is_string()) {
      const auto number = [](std::string_view digits) -> std::int64_t {
        return digits.empty() || digits.size() > 5 || digits.find_first_not_of("0123456789") != std::string_view::npos ? -1 : std::stol(std::string(digits));
      };
      const auto colon = text.find(':');
      first = number(text.substr(0, colon));
      end = colon == std::string_view::npos ? first : number(text.substr(colon + 1));
      if (first < 0 && colon == std::string_view::npos && is_port_name(text)) {
        if (names)
          for (const Protocol protocol : of) names->push_back({protocol, text});
        return;
      }
    }
    if (first < 0 || first > 65535 || end < first || end > 65535) return refuse(value, policy.value, "a port is a number, a range like `1:5`, or a name");
    for (const Protocol protocol : of) numbers = numbers | PortSet::of(protocol, static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(end));
  }

  // The protocols that a value names; nothing of ours: empty.
  static std::vector<Protocol> protocols(Value value) {
    const std::string_view name = value.as_string();
    const std::int64_t number = value.as_int();
    if (name == "TCP" || name == "tcp" || number == 6) return {Protocol::tcp};
    if (name == "UDP" || name == "udp" || number == 17) return {Protocol::udp};
    if (name == "SCTP" || name == "sctp" || number == 132) return {Protocol::sctp};
    return {};
  }

  void rules(Value list, Direction direction, net::Policy& made) {
    for (const Value item : list.items()) {
      net::Rule rule;
      rule.reason = item;
      const std::string_view action = item.find("action").as_string();
      if (action == "Log") continue;
      if (action == "Allow") rule.verdict = Verdict::allow;
      else if (action == "Deny") rule.verdict = Verdict::deny;
      else if (action == "Pass") rule.verdict = Verdict::pass;
      else {
        refuse(item.find("action"), item, "an action is `Allow`, `Deny`, `Pass` or `Log`");
        continue;
      }
      std::vector<Protocol> of = {Protocol::sctp, Protocol::tcp, Protocol::udp};
      if (const Value named = written(item, "protocol")) of = protocols(named);
      if (const Value unwanted = written(item, "notProtocol"))
        for (const Protocol one : protocols(unwanted)) std::erase(of, one);
      if (of.empty()) continue;  // ICMP and others
      const bool out = direction == Direction::egress;
      const Value source = written(item, "source"), destination = written(item, "destination");
      const Value other = out ? destination : source, own = out ? source : destination;
      const Selected peers = side(other);
      rule.peers = peers.sure;
      rule.maybe_peers = peers.maybe;
      // The subject's own side may narrow the rule further; its ports are the destination's when packets come in.
      for (const std::string_view narrower : {"selector", "namespaceSelector", "nets", "notNets", "notSelector", "serviceAccounts"})
        if (written(own, narrower)) rule.maybe = true;
      if (written(source, "ports") || written(source, "notPorts") || written(item, "http") || written(item, "ipVersion")) rule.maybe = true;
      PortSet numbers;
      for (const Protocol one : of) numbers = numbers | PortSet::of(one);
      if (const Value ports = written(destination, "ports"); ports.size() > 0) {
        numbers = {};
        for (const Value one : ports.items()) port(one, of, numbers, &rule.ports.names);
      }
      for (const Value one : written(destination, "notPorts").items()) {
        PortSet removed;
        std::vector<net::NamedPort> named;
        port(one, of, removed, &named);
        if (!named.empty()) rule.maybe = true;
        numbers = numbers - removed;
      }
      rule.ports.numbers = numbers;
      made.rules.push_back(std::move(rule));
    }
  }

  void read(double order) {
    const Value spec = policy.value.find("spec");
    for (const std::string_view of_hosts : {"doNotTrack", "preDNAT"})
      if (spec.find(of_hosts).as_bool()) return;
    const std::string_view tier_name = spec.find("tier").is_string() ? spec.find("tier").as_string() : std::string_view("default");
    const auto tier = builder.calico_tiers.find(tier_name);
    const Value selector = written(spec, "selector"), spaces = global ? written(spec, "namespaceSelector") : Value();
    Selected subjects = pods(selector, spaces, true);
    const Value ingress = spec.find("ingress"), egress = spec.find("egress"), types = spec.find("types");
    bool directions[2] = {egress.size() > 0, ingress.size() > 0 || egress.size() == 0};
    if (types.size() > 0) {
      directions[0] = directions[1] = false;
      for (const Value type : types.items()) {
        if (type.as_string() == "Ingress") directions[1] = true;
        else if (type.as_string() == "Egress") directions[0] = true;
        else refuse(type, types, "a type is `Ingress` or `Egress`");
      }
    }
    std::vector<net::Policy> all;
    for (const Direction direction : {Direction::egress, Direction::ingress}) {
      net::Policy made = PolicyReader::made(direction, tier == builder.calico_tiers.end() ? builder.network_tier : tier->second.tier, place(selector, spec));
      made.order = order;
      made.closes = tier == builder.calico_tiers.end() || tier->second.closes;
      rules(direction == Direction::egress ? egress : ingress, direction, made);
      if (directions[static_cast<std::size_t>(direction)]) all.push_back(std::move(made));
    }
    if (tier == builder.calico_tiers.end()) refuse(spec.find("tier"), spec, "there is no tier `" + std::string(tier_name) + "` among the inputs");
    const bool by_account = written(spec, "serviceAccountSelector") || written(spec, "performanceHints");
    for (net::Policy& made : all) {
      if (good) {
        (written(spec, "serviceAccountSelector") && by_account ? made.maybe_subjects : made.subjects) = subjects.sure;
      } else {
        made.maybe_subjects = subjects.empty() ? builder.all_pods() : subjects.sure;
        made.order = -std::numeric_limits<double>::max();
        made.rules.clear();
        net::Rule rule;
        rule.verdict = Verdict::unknown;
        rule.maybe = true;
        rule.peers = builder.everybody();
        rule.reason = policy.value;
        made.rules.push_back(std::move(rule));
      }
      builder.model.policies.push_back(std::move(made));
    }
  }
};

}  // namespace

void plan_tiers(NetBuilder& builder) {
  net::Stage stage;
  stage.name = "network policies";
  struct Planned {
    double order;
    std::string name;
    bool closes;
    std::uint32_t* kubernetes;
  };
  std::vector<Planned> planned = {{1000, "admin policies", false, &builder.admin_tier},
                                  {1e6, "network policies", true, &builder.network_tier},
                                  {1e7, "baseline", false, &builder.baseline_tier}};
  for (const Resource* tier : objects(builder, "Tier")) {
    const Value spec = tier->value.find("spec");
    if (tier->name == "default" || tier->name == "adminnetworkpolicy" || tier->name == "baselineadminnetworkpolicy") continue;
    planned.push_back({order_of(spec.find("order")), tier->name, spec.find("defaultAction").as_string() != "Pass", nullptr});
  }
  std::stable_sort(planned.begin(), planned.end(), [](const Planned& a, const Planned& b) { return a.order < b.order; });
  for (Planned& one : planned) {
    const auto number = static_cast<std::uint32_t>(stage.tiers.size());
    if (one.kubernetes) *one.kubernetes = number;
    else builder.calico_tiers[one.name] = {number, one.closes};
    stage.tiers.push_back(one.kubernetes ? one.name : "tier " + one.name);
  }
  builder.calico_tiers["default"] = {builder.network_tier, true};
  if (!objects(builder, "NetworkPolicy").empty() || !objects(builder, "GlobalNetworkPolicy").empty()) builder.network_policy_order = 1000;
  builder.model.stages.push_back(std::move(stage));
}

void add_calico_policies(NetBuilder& builder) {
  std::vector<std::pair<double, const Resource*>> all;
  for (const std::string_view kind : {"NetworkPolicy", "GlobalNetworkPolicy"})
    for (const Resource* policy : objects(builder, kind)) all.emplace_back(order_of(policy->value.at({"spec", "order"})), policy);
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : a.second->name < b.second->name;
  });
  // Policies of one order are asked by name: each gets a place of its own just behind.
  double before = 0;
  int ties = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    ties = i > 0 && all[i].first == before ? ties + 1 : 0;
    before = all[i].first;
    Reader reader{{builder, *all[i].second, invalid}};
    reader.global = all[i].second->type.ends_with("/GlobalNetworkPolicy");
    reader.read(all[i].first + ties * (all[i].first == last ? 1.0 : 1e-6));
  }
}

}  // namespace assay::kubernetes

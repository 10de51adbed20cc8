// NetworkPolicy (networking.k8s.io/v1): API reference, the concept page "Network Policies", and the defaults and
// validation of kubernetes' pkg/apis/networking.
//
// A policy selects pods of its namespace. A pod that some policy selects for a direction is isolated in it: only what
// some rule of such a policy allows passes. An absent or empty `from`/`to` is everybody, an absent or empty `ports`
// every port, an empty list of rules nobody.
#include "parsers/kubernetes/connectivity_builder.hpp"

namespace assay::kubernetes {
namespace {

using net::AtomSet;
using net::Direction;
using net::PortSet;
using net::Protocol;

constexpr std::string_view code = "network-policy-invalid";
constexpr std::uint32_t stage = 0, tier = 1;

struct Reader {
  NetBuilder& builder;
  const Resource& policy;
  bool good = true;

  void refuse(Value value, Value parent, std::string message) {
    good = false;
    const Value at = place(value, parent);
    builder.diagnostics.warning(std::string(code), at.span() ? at.span() : policy.header,
                                std::move(message) + ": the API server refuses the object, its effect is unknown");
  }

  bool is_list(Value value, Value parent, std::string_view name) {
    if (!value || value.is_null() || value.is_list()) return true;
    refuse(value, parent, "`" + std::string(name) + "` is a list");
    return false;
  }

  void port(Value entry, net::PortMatch& match) {
    if (!entry.is_map()) return refuse(entry, {}, "a port is a map with `protocol`, `port` and `endPort`");
    Protocol protocol = Protocol::tcp;
    if (const Value written = entry.find("protocol"); written && !written.is_null()) {
      if (written.as_string() == "UDP")
        protocol = Protocol::udp;
      else if (written.as_string() == "SCTP")
        protocol = Protocol::sctp;
      else if (written.as_string() != "TCP")
        return refuse(written, entry, "`" + std::string(written.as_string()) + "` is no protocol: use `TCP`, `UDP` or `SCTP`");
    }
    const Value number = entry.find("port"), end = entry.find("endPort");
    const bool has_end = end && !end.is_null();
    if (!number || number.is_null()) {
      if (has_end) return refuse(end, entry, "`endPort` needs a `port`");
      match.numbers = match.numbers | PortSet::of(protocol);
      return;
    }
    if (number.is_string()) {
      if (has_end) return refuse(end, entry, "`endPort` cannot stand beside a named port");
      if (!is_port_name(number.as_string()))
        return refuse(number, entry, "`" + std::string(number.as_string()) + "` cannot be a port's name" +
                                         (is_digits(number.as_string()) ? ": write the number without quotes" : ""));
      match.names.push_back({protocol, number.as_string()});
      return;
    }
    const auto in_range = [](Value value) { return value.is(Kind::int64) && value.as_int() >= 1 && value.as_int() <= 65535; };
    if (!in_range(number)) return refuse(number, entry, "a port is a number from 1 to 65535, or a name");
    if (has_end && !in_range(end)) return refuse(end, entry, "`endPort` is a number from 1 to 65535");
    const auto first = static_cast<std::uint16_t>(number.as_int());
    const auto last = has_end ? static_cast<std::uint16_t>(end.as_int()) : first;
    if (last < first) return refuse(end, entry, "`endPort` is smaller than `port`");
    match.numbers = match.numbers | PortSet::of(protocol, first, last);
  }

  static bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  }

  // IANA_SVC_NAME: at most 15 of a-z, 0-9 and -, at least one letter, no - at the ends or twice.
  static bool is_port_name(std::string_view text) {
    if (text.empty() || text.size() > 15 || text.front() == '-' || text.back() == '-') return false;
    bool letter = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      letter = letter || (c >= 'a' && c <= 'z');
      if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) return false;
      if (c == '-' && text[i - 1] == '-') return false;
    }
    return letter;
  }

  Selected peer(Value entry, Value rule) {
    if (!entry.is_map()) {
      refuse(entry, rule, "a peer is a map");
      return {};
    }
    const auto written = [&](std::string_view name) {
      const Value value = entry.find(name);
      return value && !value.is_null() ? value : Value();
    };
    const Value pods = written("podSelector"), spaces = written("namespaceSelector"), block = written("ipBlock");
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
      return set ? builder.addresses(*set) : Selected();
    }
    if (!check_selector(pods, entry, code, builder.diagnostics) || !check_selector(spaces, entry, code, builder.diagnostics)) {
      good = false;
      return {};
    }
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
    const Value selector = spec.find("podSelector"), types = spec.find("policyTypes");
    const bool selects = check_selector(selector, spec, code, builder.diagnostics);
    if (!selects) good = false;
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
    Selected subjects = selects ? builder.pods_in(ns, Selector::of_label_selector(selector)) : Selected{{}, builder.namespaces[ns].atoms};
    for (const Direction direction : {Direction::egress, Direction::ingress}) {
      const auto side = static_cast<std::size_t>(direction);
      if (!directions[side]) continue;
      net::Policy made;
      made.direction = direction;
      made.stage = stage;
      made.tier = tier;
      made.resource = &policy;
      made.reason = selector ? selector : spec ? spec : policy.value;
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
      builder.model.policies.push_back(std::move(made));
    }
  }
};

}  // namespace

void add_network_policies(NetBuilder& builder) {
  for (const Resource* policy : builder.objects("k8s:networking.k8s.io/NetworkPolicy")) Reader{builder, *policy}.read();
}

}  // namespace assay::kubernetes

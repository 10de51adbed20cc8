// Istio's AuthorizationPolicy, PeerAuthentication and Sidecar as a stage of their own, asked for with the mesh only.
//
// A proxy beside a pod takes TCP and nothing else. It denies what a DENY policy matches; where some ALLOW policy selects
// the pod it allows only what one of those matches (istio.io, "Authorization Policy", "Implicit enablement"). Namespaces
// and principals are known of peers with mutual TLS only, that is of pods with a proxy. What hangs on the request (methods,
// paths, hosts, tokens, conditions), on an external authorizer or on a waypoint may match or not. A PeerAuthentication that
// is STRICT denies plaintext; the most specific one counts (pod, namespace, mesh), and without one both are taken.
#include <algorithm>

#include "parsers/kubernetes/adapter.hpp"
#include "parsers/kubernetes/connectivity_builder.hpp"

namespace assay::kubernetes {
namespace {

using net::AtomId;
using net::AtomSet;
using net::Direction;
using net::PortSet;
using net::Protocol;
using net::Verdict;

constexpr std::uint32_t capture_tier = 0, custom_tier = 1, deny_tier = 2, allow_tier = 3;
constexpr std::string_view root_namespace = "istio-system";  // meshConfig.rootNamespace's default

AtomSet one(AtomId id) { return AtomSet(id, id); }

// `a`, `a*`, `*a`, `*`.
bool like(std::string_view pattern, std::string_view text) {
  if (pattern == "*") return !text.empty();
  if (pattern.ends_with('*')) return text.starts_with(pattern.substr(0, pattern.size() - 1));
  if (pattern.starts_with('*')) return text.ends_with(pattern.substr(1));
  return pattern == text;
}

bool listed(Value list, std::string_view text) {
  return std::any_of(list.items().begin(), list.items().end(), [&](Value pattern) { return like(pattern.as_string(), text); });
}

struct Mesh {
  NetBuilder& builder;
  std::uint32_t stage;
  AtomSet meshed{}, outside_mesh{};

  template <typename Is>
  AtomSet pods_that(Is is) const {
    AtomSet::Intervals intervals;
    for (AtomId id = 0; id < builder.pods.size(); ++id)
      if (is(builder.pods[id])) intervals.push_back({id, id});
    return AtomSet::of(std::move(intervals));
  }

  // Pods of the policy's namespace, of every namespace where it stands in the root one, that the labels select.
  AtomSet selected(const Resource& policy, Value labels, bool root_with_labels) const {
    const Selector selector = Selector::of_map(labels);
    const bool everywhere = policy.ns == root_namespace && (selector.empty() || root_with_labels);
    return pods_that([&](const PodAtom& pod) {
             return (everywhere || builder.namespaces[pod.ns].name == policy.ns) && selector.matches(pod.labels);
           }) & meshed;
  }

  net::Policy policy(const Resource* resource, Direction direction, std::uint32_t tier, AtomSet subjects, Value reason) const {
    net::Policy made;
    made.direction = direction;
    made.stage = stage;
    made.tier = tier;
    made.subjects = std::move(subjects);
    made.resource = resource;
    made.reason = reason;
    made.closes = false;
    return made;
  }

  // --- AuthorizationPolicy -----------------------------------------------------------------------------

  // Who a source may be; `maybe` where the request decides.
  Selected source(Value source) const {
    Selected result{builder.everybody(), {}};
    const auto narrow = [&](const Selected& by) {
      result = {result.sure & by.sure, ((result.sure | result.maybe) & (by.sure | by.maybe)) - (result.sure & by.sure)};
    };
    const auto without = [&](const Selected& by) {
      narrow({builder.everybody() - by.sure - by.maybe, by.maybe});
    };
    const auto identified = [&](Value patterns, auto name) {
      return Selected{pods_that([&](const PodAtom& pod) { return pod.meshed && listed(patterns, name(pod)); }), {}};
    };
    const auto space = [&](const PodAtom& pod) { return std::string(builder.namespaces[pod.ns].name); };
    const auto principal = [&](const PodAtom& pod) {
      return "cluster.local/ns/" + builder.namespaces[pod.ns].name + "/sa/" + std::string(pod.service_account.empty() ? "default" : pod.service_account);
    };
    const auto account = [&](const PodAtom& pod) {
      return builder.namespaces[pod.ns].name + "/" + std::string(pod.service_account.empty() ? "default" : pod.service_account);
    };
    const auto blocks = [&](Value list) {
      net::AddressSet set;
      for (const Value item : list.items()) {
        if (const auto block = net::parse_block(item.as_string())) set = set | net::AddressSet(block->first, block->last);
        else if (const auto address = net::parse_address(item.as_string())) set = set | net::AddressSet(*address, *address);
      }
      return builder.addresses_of_all(set);
    };
    for (const Entry& entry : source.entries()) {
      const std::string_view name = entry.key();
      if (name == "namespaces") narrow(identified(entry.value, space));
      else if (name == "notNamespaces") without(identified(entry.value, space));
      else if (name == "principals") narrow(identified(entry.value, principal));
      else if (name == "notPrincipals") without(identified(entry.value, principal));
      else if (name == "serviceAccounts") narrow(identified(entry.value, account));
      else if (name == "notServiceAccounts") without(identified(entry.value, account));
      else if (name == "ipBlocks") narrow(blocks(entry.value));
      else if (name == "notIpBlocks") without(blocks(entry.value));
      else narrow({{}, builder.everybody()});  // of the request: its token, its forwarded address
    }
    return result;
  }

  // Ports that an operation names, TCP; false: the request decides the rest.
  bool operation(Value operation, PortSet& ports) const {
    bool sure = true;
    for (const Entry& entry : operation.entries()) {
      const bool wanted = entry.key() == "ports", unwanted = entry.key() == "notPorts";
      if (!wanted && !unwanted) {
        sure = false;
        continue;
      }
      PortSet named;
      for (const Value item : entry.value.items()) {
        std::uint32_t number = 0;
        for (const char c : item.as_string()) number = c >= '0' && c <= '9' && number < 100000 ? number * 10 + static_cast<std::uint32_t>(c - '0') : 100000;
        if (item.is(Kind::int64)) number = static_cast<std::uint32_t>(std::clamp<std::int64_t>(item.as_int(), 0, 100000));
        if (number >= 1 && number <= 65535) named = named | PortSet::of(Protocol::tcp, static_cast<std::uint16_t>(number), static_cast<std::uint16_t>(number));
        else sure = false;
      }
      ports = wanted ? ports & named : ports - named;
    }
    return sure;
  }

  void authorization(const Resource& resource) {
    const Value spec = resource.value.find("spec");
    const std::string_view action = spec.find("action").as_string();
    if (action == "AUDIT") return;
    const bool attached = spec.find("targetRef").is_map() || spec.find("targetRefs").size() > 0;
    AtomSet subjects = attached ? selected(resource, {}, true) : selected(resource, spec.at({"selector", "matchLabels"}), true);
    if (subjects.empty()) return;
    const bool allow = action.empty() || action == "ALLOW", deny = action == "DENY";
    net::Policy made = policy(&resource, Direction::ingress, allow ? allow_tier : deny ? deny_tier : custom_tier, {}, place(spec.find("selector"), spec));
    // What is attached to a gateway, a waypoint or a Service reaches pods only through it.
    (attached ? made.maybe_subjects : made.subjects) = std::move(subjects);
    made.closes = allow;
    for (const Value rule : spec.find("rules").items()) {
      net::Rule base;
      base.verdict = allow ? Verdict::allow : deny ? Verdict::deny : Verdict::unknown;
      base.reason = rule;
      base.maybe = rule.find("when").size() > 0;
      Selected from{builder.everybody(), {}};
      if (rule.find("from").size() > 0) {
        from = {};
        for (const Value item : rule.find("from").items()) from = from | source(item.find("source"));
      }
      base.peers = from.sure;
      base.maybe_peers = from.maybe;
      if (rule.find("to").size() == 0) {
        base.ports.numbers = PortSet::of(Protocol::tcp);
        made.rules.push_back(base);
      }
      for (const Value item : rule.find("to").items()) {
        net::Rule one = base;
        one.ports.numbers = PortSet::of(Protocol::tcp);
        if (!operation(item.find("operation"), one.ports.numbers)) one.maybe = true;
        made.rules.push_back(std::move(one));
      }
    }
    builder.model.policies.push_back(std::move(made));
  }

  // --- PeerAuthentication ------------------------------------------------------------------------------

  struct Mode {
    int rank = -1;  // 0 mesh, 1 namespace, 2 pods
    std::string_view mode;
    Value ports;
    const Resource* resource = nullptr;
    Value reason;
  };

  void authentications() {
    std::vector<Mode> modes(builder.pods.size()), ports(builder.pods.size());
    for (const Resource* resource : builder.objects("k8s:security.istio.io/PeerAuthentication")) {
      const Value spec = resource->value.find("spec"), labels = spec.at({"selector", "matchLabels"});
      const int rank = labels.size() > 0 ? 2 : resource->ns == root_namespace ? 0 : 1;
      const Value mode = spec.at({"mtls", "mode"});
      const AtomSet subjects = selected(*resource, labels, false);
      for (const auto& interval : subjects.intervals()) {
        for (AtomId id = interval.first; id <= interval.last; ++id) {
          if (mode.is_string() && mode.as_string() != "UNSET" && rank > modes[id].rank) modes[id] = {rank, mode.as_string(), {}, resource, mode};
          if (rank == 2 && spec.find("portLevelMtls").size() > 0) ports[id] = {rank, {}, spec.find("portLevelMtls"), resource, spec.find("portLevelMtls")};
        }
      }
    }
    for (AtomId id = 0; id < builder.pods.size(); ++id) {
      if (!builder.pods[id].meshed) continue;
      builder.mesh_modes[id] = modes[id].mode;
      net::Policy made = policy(modes[id].resource ? modes[id].resource : ports[id].resource, Direction::ingress, capture_tier, one(id),
                                modes[id].resource ? modes[id].reason : ports[id].reason);
      PortSet strict = modes[id].mode == "STRICT" ? PortSet::of(Protocol::tcp) : PortSet();
      for (const Entry& entry : ports[id].ports.entries()) {
        std::uint32_t number = 0;
        for (const char c : entry.key()) number = c >= '0' && c <= '9' && number < 100000 ? number * 10 + static_cast<std::uint32_t>(c - '0') : 100000;
        if (number < 1 || number > 65535) continue;
        const PortSet port = PortSet::of(Protocol::tcp, static_cast<std::uint16_t>(number), static_cast<std::uint16_t>(number));
        const std::string_view mode = entry.value.find("mode").as_string();
        if (mode == "STRICT") strict = strict | port;
        else if (mode != "UNSET") strict = strict - port;
      }
      if (strict.empty()) continue;
      net::Rule rule;
      rule.verdict = Verdict::deny;
      rule.peers = outside_mesh;
      rule.ports.numbers = strict;
      rule.reason = made.reason;
      made.rules.push_back(std::move(rule));
      made.order = 1;
      builder.model.policies.push_back(std::move(made));
    }
  }

  // --- Sidecar -----------------------------------------------------------------------------------------

  void sidecar(const Resource& resource) {
    const Value spec = resource.value.find("spec");
    if (spec.at({"outboundTrafficPolicy", "mode"}).as_string() != "REGISTRY_ONLY") return;  // everything else passes through
    net::Policy made = policy(&resource, Direction::egress, allow_tier, selected(resource, spec.at({"workloadSelector", "labels"}), false),
                              spec.at({"outboundTrafficPolicy", "mode"}));
    made.closes = true;
    const bool entries = !builder.objects("k8s:networking.istio.io/ServiceEntry").empty();
    net::Rule udp;
    udp.peers = builder.everybody();
    udp.ports.numbers = PortSet::all() - PortSet::of(Protocol::tcp);
    udp.reason = made.reason;
    made.rules.push_back(udp);
    bool any = spec.find("egress").size() == 0;
    for (const Value egress : spec.find("egress").items()) {
      for (const Value host : egress.find("hosts").items()) {
        const std::string_view text = host.as_string();
        const auto slash = text.find('/');
        if (slash == std::string_view::npos) continue;
        const std::string_view space = text.substr(0, slash) == "." ? std::string_view(resource.ns) : text.substr(0, slash);
        net::Rule rule;
        rule.reason = host;
        rule.peers = pods_that([&](const PodAtom& pod) { return space == "*" || builder.namespaces[pod.ns].name == space; });
        // Of a namespace's hosts only those with a Service are in the registry, and outside ones by their names.
        rule.maybe = text.substr(slash + 1) != "*";
        if (entries) rule.maybe_peers = builder.ranges(net::Family::ipv4) | builder.ranges(net::Family::ipv6);
        made.rules.push_back(std::move(rule));
      }
    }
    if (any) {
      net::Rule rule;
      rule.peers = builder.all_pods();
      rule.reason = made.reason;
      if (entries) rule.maybe_peers = builder.ranges(net::Family::ipv4) | builder.ranges(net::Family::ipv6);
      made.rules.push_back(std::move(rule));
    }
    builder.model.policies.push_back(std::move(made));
  }

  void all() {
    meshed = pods_that([](const PodAtom& pod) { return pod.meshed; });
    builder.mesh_modes.assign(builder.pods.size(), {});
    outside_mesh = builder.everybody() - meshed;
    if (meshed.empty()) return;
    // What the proxy never sees.
    net::Policy capture = policy(nullptr, Direction::ingress, capture_tier, meshed, {});
    capture.note = "the mesh's proxies take TCP only";
    net::Rule rule;
    rule.peers = builder.everybody();
    rule.ports.numbers = PortSet::all() - PortSet::of(Protocol::tcp);
    capture.rules.push_back(std::move(rule));
    builder.model.policies.push_back(std::move(capture));
    authentications();
    for (const Resource* resource : builder.objects("k8s:security.istio.io/AuthorizationPolicy")) authorization(*resource);
    for (const Resource* resource : builder.objects("k8s:networking.istio.io/Sidecar")) sidecar(*resource);
    builder.premise("pods are in the mesh where their namespace or their own labels say so, and outgoing traffic passes unless a Sidecar says `REGISTRY_ONLY`");
  }
};

}  // namespace

bool in_mesh(Value namespace_labels, const Workload& workload) {
  if (workload.spec.find("hostNetwork").as_bool()) return false;
  for (const std::string_view list : {"containers", "initContainers"})
    for (const Value container : workload.spec.find(list).items())
      if (container.find("name").as_string() == "istio-proxy") return true;
  const auto on_pod = [&](std::string_view key) {
    const Value label = workload.metadata.find("labels").find(key), annotation = workload.metadata.find("annotations").find(key);
    return label.is_string() ? label.as_string() : annotation.as_string();
  };
  if (on_pod("istio.io/dataplane-mode") == "none") return false;
  if (on_pod("istio.io/dataplane-mode") == "ambient" || namespace_labels.find("istio.io/dataplane-mode").as_string() == "ambient") return true;
  const std::string_view inject = on_pod("sidecar.istio.io/inject");
  if (inject == "false") return false;
  const std::string_view space = namespace_labels.find("istio-injection").as_string();
  if (space == "disabled") return false;
  return inject == "true" || space == "enabled" || !namespace_labels.find("istio.io/rev").as_string().empty() || !on_pod("istio.io/rev").empty();
}

void add_mesh(NetBuilder& builder) {
  if (!builder.options.mesh) return;
  net::Stage stage;
  stage.name = "mesh";
  stage.tiers = {"capture", "custom", "deny", "allow"};
  stage.own_node_passes = false;
  builder.model.stages.push_back(std::move(stage));
  Mesh{builder, static_cast<std::uint32_t>(builder.model.stages.size() - 1)}.all();
}

}  // namespace assay::kubernetes

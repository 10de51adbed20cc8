// Services (core/v1): which pods stand behind a port, and whether the port is announced beyond the cluster.
//
// A Service forwards to its `targetPort` (absent: the same number) of the pods that its selector selects; one without
// a selector to what its EndpointSlices name. Sources: the API reference of Service, the concept pages "Service" and
// "Using Source IP", and the documents of the cloud controllers for the annotations.
#include <algorithm>

#include "parsers/kubernetes/adapter.hpp"
#include "parsers/kubernetes/connectivity_builder.hpp"

namespace assay::kubernetes {
namespace {

using net::AtomSet;
using net::PortSet;
using net::Protocol;

std::optional<Protocol> protocol_of(Value value) {
  const std::string_view name = value.as_string();
  if (name.empty() || name == "TCP") return Protocol::tcp;
  if (name == "UDP") return Protocol::udp;
  if (name == "SCTP") return Protocol::sctp;
  return std::nullopt;
}

std::optional<std::uint16_t> port_number(Value value) {
  if (!value.is(Kind::int64) || value.as_int() < 1 || value.as_int() > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(value.as_int());
}

PortSet one(Protocol protocol, std::uint16_t number) { return PortSet::of(protocol, number, number); }

// What `targetPort` is at a pod.
PortSet target_ports(const net::Atom& pod, Protocol protocol, Value target, std::optional<std::uint16_t> port) {
  if (!target || target.is_null()) return port ? one(protocol, *port) : PortSet();
  if (const auto number = port_number(target)) return one(protocol, *number);
  PortSet result;
  if (target.is_string())
    for (const net::OwnPort& own : pod.ports)
      if (own.name == target.as_string() && own.protocol == protocol) result = result | one(protocol, own.number);
  return result;
}

bool is_one_of(std::string_view value, std::initializer_list<std::string_view> values) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

Announced announced(const Resource& service, std::string_view type) {
  const Value spec = service.value.find("spec");
  if (spec.find("externalIPs").size() > 0) return Announced::yes;
  if (type == "NodePort") return Announced::perhaps;  // whoever reaches a node
  if (type != "LoadBalancer") return Announced::no;
  const Value annotations = service.value.at({"metadata", "annotations"});
  const auto says = [&](std::string_view key) { return annotations.find(key).as_string(); };
  constexpr std::string_view aws = "service.beta.kubernetes.io/aws-load-balancer-";
  const std::string_view scheme = says(std::string(aws) + "scheme"), internal = says(std::string(aws) + "internal");
  if (scheme == "internal" || (!internal.empty() && internal != "false") ||
      is_one_of(says("service.beta.kubernetes.io/azure-load-balancer-internal"), {"true"}) ||
      is_one_of(says("networking.gke.io/load-balancer-type"), {"Internal"}) ||
      is_one_of(says("cloud.google.com/load-balancer-type"), {"Internal", "internal"}) ||
      is_one_of(says("service.beta.kubernetes.io/openstack-internal-load-balancer"), {"true"}))
    return Announced::inside_network;
  // The AWS load balancer controller's own kinds are internal unless they say otherwise; the in-tree ones are not.
  if (scheme.empty() && is_one_of(says(std::string(aws) + "type"), {"external", "nlb-ip"})) return Announced::inside_network;
  return Announced::yes;
}

// What packets of a load balancer look like when they arrive at the pod: their senders' addresses where the balancer
// sends to the pods themselves or only to nodes that hold one, else those of the node that they came in at.
AtomSet balanced_sources(NetBuilder& builder, const Resource& service) {
  const Value spec = service.value.find("spec"), annotations = service.value.at({"metadata", "annotations"});
  const std::string_view target = annotations.find("service.beta.kubernetes.io/aws-load-balancer-nlb-target-type").as_string();
  const bool direct = target == "ip" || annotations.find("service.beta.kubernetes.io/aws-load-balancer-type").as_string() == "nlb-ip";
  if (!direct && spec.find("externalTrafficPolicy").as_string() != "Local") return AtomSet(builder.node, builder.node);
  const Value allowed = spec.find("loadBalancerSourceRanges");
  if (allowed.size() == 0) return builder.ranges(net::Family::ipv4) | builder.ranges(net::Family::ipv6);
  net::AddressSet set;
  for (const Value block : allowed.items())
    if (const auto range = net::parse_block(block.as_string())) set = set | net::AddressSet(range->first, range->last);
  return builder.addresses(set).sure & (builder.ranges(net::Family::ipv4) | builder.ranges(net::Family::ipv6));
}

// The workloads behind a Service without a selector, as EndpointSlices name their pods.
std::vector<net::PeerId> named_pods(NetBuilder& builder, const Resource& service) {
  std::vector<net::PeerId> result;
  for (const ResourceId id : builder.graph.of_type("k8s:discovery.k8s.io/EndpointSlice")) {
    const Resource& slice = builder.graph.resource(id);
    if (slice.scope != builder.scope || slice.ns != service.ns) continue;
    if (slice.value.at({"metadata", "labels", "kubernetes.io/service-name"}).as_string() != service.name) continue;
    for (const Value endpoint : slice.value.find("endpoints").items()) {
      const Value target = endpoint.find("targetRef");
      if (target.find("kind").as_string() != "Pod") continue;
      for (const ResourceId pod : builder.graph.at(builder.scope, address_of("k8s:Pod", service.ns, target.find("name").as_string())))
        if (builder.by_resource[pod] != net::no_peer) result.push_back(builder.by_resource[pod]);
    }
  }
  return result;
}

}  // namespace

std::vector<ServicePort> add_services(NetBuilder& builder) {
  std::vector<ServicePort> result;
  // Peers by atom: what a selector selects.
  std::unordered_map<net::AtomId, std::vector<net::PeerId>> peers;
  for (net::PeerId id = 0; id < builder.entry_peer; ++id)
    if (builder.model.atoms[builder.model.peers[id].atom].kind == net::PeerKind::workload) peers[builder.model.peers[id].atom].push_back(id);

  for (const Resource* service : builder.objects("k8s:Service")) {
    const Value spec = service->value.find("spec"), written = spec.find("selector");
    const std::string_view type = spec.find("type").as_string();
    if (type == "ExternalName") continue;
    std::vector<std::pair<net::PeerId, bool>> behind;  // and whether for certain
    if (written.size() > 0) {
      const Selected selected = builder.pods_in(builder.namespace_index(service->ns), Selector::of_map(written));
      for (const bool sure : {true, false})
        for (const auto& interval : (sure ? selected.sure : selected.maybe).intervals())
          for (net::AtomId atom = interval.first; atom <= interval.last; ++atom)
            for (const net::PeerId peer : peers[atom]) behind.emplace_back(peer, sure);
    } else {
      for (const net::PeerId peer : named_pods(builder, *service)) behind.emplace_back(peer, true);
    }
    std::sort(behind.begin(), behind.end());
    const Announced beyond = announced(*service, type);
    const bool has_node_port = type == "NodePort" || type == "LoadBalancer";
    const AtomSet sources = beyond == Announced::no ? AtomSet() : balanced_sources(builder, *service);
    for (const Value entry : spec.find("ports").items()) {
      const auto protocol = protocol_of(entry.find("protocol"));
      const auto port = port_number(entry.find("port"));
      if (!protocol || !port) continue;
      ServicePort made;
      made.service = service;
      made.reason = entry;
      made.name = entry.find("name").as_string();
      made.listen = one(*protocol, *port);
      made.announced = beyond;
      if (const auto node_port = port_number(entry.find("nodePort")); node_port && has_node_port) made.node_ports = one(*protocol, *node_port);
      for (const auto& [peer, sure] : behind) {
        const net::Atom& atom = builder.model.atoms[builder.model.peers[peer].atom];
        const PortSet ports = target_ports(atom, *protocol, entry.find("targetPort"), port);
        if (ports.empty()) continue;
        if (sure) made.targets.emplace_back(peer, ports);
        if (beyond == Announced::no) continue;
        net::Forward forward;
        forward.from = builder.balancer_peer;
        forward.to = peer;
        forward.sources = sources;
        forward.listen = made.listen;
        forward.ports = ports;
        forward.from_outside = beyond == Announced::yes;
        forward.maybe = !sure || beyond == Announced::perhaps;
        forward.through = {service};
        forward.reason = entry;
        builder.model.forwards.push_back(std::move(forward));
      }
      result.push_back(std::move(made));
    }
  }
  return result;
}

}  // namespace assay::kubernetes

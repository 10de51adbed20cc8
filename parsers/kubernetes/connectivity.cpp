#include "parsers/kubernetes/connectivity.hpp"

#include "parsers/kubernetes/connectivity_builder.hpp"

namespace assay::kubernetes {

Premise Enforcement::premise() const {
  switch (status) {
    case Status::evidenced:
      return {text, PremiseStatus::evidenced};
    case Status::declared:
      return {text, PremiseStatus::declared};
    case Status::refuted:
    case Status::assumed:
      return {text, PremiseStatus::assumed};
  }
  return {};
}

net::PeerId ClusterConnectivity::peer_of(const Resource& workload) const {
  return workload.id < by_resource.size() ? by_resource[workload.id] : net::no_peer;
}

net::PeerId ClusterConnectivity::peer_named(std::string_view name) const {
  net::PeerId found = net::no_peer;
  const auto peers = net.peers();
  for (net::PeerId id = 0; id < peers.size(); ++id) {
    const std::string_view full = peers[id].name;
    if (full == name) return id;
    if (full.substr(0, full.find('[')) != name) continue;
    if (found != net::no_peer) return net::no_peer;
    found = id;
  }
  return found;
}

ClusterConnectivity connectivity(const Graph& graph, ScopeId scope, const ConnectivityOptions& options,
                                 Diagnostics& diagnostics) {
  Arena arena;
  NetBuilder builder(graph, scope, options, arena, diagnostics);
  add_admin_policies(builder);
  add_network_policies(builder);
  add_multi_network_policies(builder);
  std::vector<ServicePort> services = add_services(builder);
  add_entries(builder, services);
  return {scope,
          net::Connectivity(std::move(builder.model)),
          enforcement_of(graph, scope, options),
          std::move(services),
          std::move(builder.premises),
          std::move(arena),
          std::move(builder.by_resource)};
}

}  // namespace assay::kubernetes

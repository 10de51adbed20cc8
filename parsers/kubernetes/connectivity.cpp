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

net::Connection ClusterConnectivity::to_name_servers(net::PeerId from) const {
  const net::PortSet names = net::PortSet::of(net::Protocol::udp, 53, 53) | net::PortSet::of(net::Protocol::tcp, 53, 53);
  const net::Connection& all = net.between_atoms(net.peer(from).atom, builder->name_servers);
  return {all.allowed & names, all.unknown & names};
}

Transport ClusterConnectivity::transport(net::PeerId from, net::PeerId to) const {
  if (!builder || !builder->options.mesh) return Transport::unknown;
  const auto meshed = [&](net::PeerId id) {
    const net::AtomId atom = net.peer(id).atom;
    return atom < builder->pods.size() && builder->pods[atom].meshed;
  };
  if (!meshed(from) || !meshed(to)) return Transport::plaintext;
  return builder->mesh_modes[net.peer(to).atom] == "DISABLE" ? Transport::plaintext : Transport::mutual_tls;
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
  auto builder = std::make_shared<NetBuilder>(graph, scope, options);
  add_admin_policies(*builder);
  add_network_policies(*builder);
  add_multi_network_policies(*builder);
  add_calico_policies(*builder);
  add_cilium_policies(*builder);
  add_mesh(*builder);
  std::vector<ServicePort> services = add_services(*builder);
  add_entries(*builder, services);
  diagnostics.append(std::move(builder->diagnostics));
  builder->diagnostics = {};
  // What selectors and blocks are read against stays, for policies that change.
  net::Model model = std::move(builder->model);
  builder->model = {};
  builder->model.stages = model.stages;
  builder->model.networks = model.networks;
  builder->model.atoms = model.atoms;
  return {scope,
          net::Connectivity(std::move(model)),
          enforcement_of(graph, scope, options),
          std::move(services),
          builder->premises,
          std::move(builder->by_resource),
          builder};
}

bool update(ClusterConnectivity& answers, const Resource& was, const Resource& now, Diagnostics& diagnostics) {
  NetBuilder& builder = *answers.builder;
  if (was.type != now.type || !builder.knows_blocks(now.value)) return false;
  builder.model.policies.clear();
  if (now.type == "k8s:networking.k8s.io/NetworkPolicy") {
    if (builder.namespace_index(now.ns) >= builder.namespaces.size()) return false;
    add_network_policy(builder, now);
  } else if (!add_admin_policy(builder, now)) {
    return false;
  }
  diagnostics.append(std::move(builder.diagnostics));
  builder.diagnostics = {};
  std::vector<std::size_t> indices;
  const auto& policies = answers.net.model().policies;
  for (std::size_t i = 0; i < policies.size(); ++i)
    if (policies[i].resource == &was) indices.push_back(i);
  std::vector<net::Policy> made(std::make_move_iterator(builder.model.policies.begin()), std::make_move_iterator(builder.model.policies.end()));
  answers.net.replace(indices, std::move(made));
  return true;
}

}  // namespace assay::kubernetes

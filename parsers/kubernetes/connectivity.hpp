// Who can talk to whom in a cluster: NetworkPolicies and their relatives, Services and what leads to them, as a neutral
// model (engine/net). One file a family: connectivity_network_policy, connectivity_services …
//
// Peers are top-level workloads (a Pod's owner), named as np-guard's netpol-analyzer names them: `NAMESPACE/NAME[KIND]`;
// `{ingress-controller}` stands for what Ingress, Route and Gateway objects let in, `{load-balancer}` for what Services of
// that type do. What an object says that is not
// understood, or that the API server would refuse, is a diagnostic, and its effect unknown.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/diagnostic.hpp"
#include "engine/graph.hpp"
#include "engine/net/connectivity.hpp"

namespace assay::kubernetes {

class NetBuilder;  // parsers/kubernetes/connectivity_builder.hpp

struct ConnectivityOptions {
  bool mesh = false;  // Istio's policies too
  bool exposure = false;  // stand-ins for pods that policies speak of and the inputs do not hold
  std::string enforcement_declared_by;  // who says that the network plugin enforces policies; empty: nobody
};

// Whether the network plugin enforces policies: a premise of every verdict about isolation.
struct Enforcement {
  enum class Status : std::uint8_t { evidenced, declared, refuted, assumed };
  Status status = Status::assumed;
  std::string text;                    // "the network plugin enforces NetworkPolicy: Calico is among the inputs"
  const Resource* resource = nullptr;  // what says so
  Value reason;
  Premise premise() const;             // refuted has none of its own: policies have no effect
};

// Whether something is announced to what is outside the cluster.
enum class Announced : std::uint8_t { no, inside_network, perhaps, yes };

// One port of a Service and what stands behind it.
struct ServicePort {
  const Resource* service = nullptr;
  Value reason;                // the entry of `ports`
  std::string name;
  net::PortSet listen;         // at the Service
  net::PortSet node_ports;     // at every node; empty where none is, or none is written
  std::vector<std::pair<net::PeerId, net::PortSet>> targets;  // workloads and their ports
  Announced announced = Announced::no;
};

// How bytes travel between two workloads of a mesh.
enum class Transport : std::uint8_t {
  mutual_tls,
  plaintext,
  unknown,  // no mesh was asked for
};

struct ClusterConnectivity {
  ScopeId scope = 0;
  net::Connectivity net;
  Enforcement enforcement;
  std::vector<ServicePort> services;
  std::vector<Premise> premises;  // what the answers rest on besides enforcement

  // What a workload may send to the cluster's name servers, of port 53 only: without UDP 53 no name resolves. The
  // kubelet's probes need no such question: a pod's own node always reaches it.
  net::Connection to_name_servers(net::PeerId from) const;
  // What a mesh makes of a connection: mutual TLS between proxies unless the destination switched it off.
  Transport transport(net::PeerId from, net::PeerId to) const;

  // The peer of a workload, or of the one that owns it; net::no_peer when it is none.
  net::PeerId peer_of(const Resource& workload) const;
  net::PeerId peer_named(std::string_view name) const;  // `prod/api[Deployment]`, `prod/api` when that is one only

  std::vector<net::PeerId> by_resource;  // ResourceId -> peer
  // INVARIANT: values that were computed on the way live here.
  std::shared_ptr<NetBuilder> builder;
};

// One scope of a frozen graph. The graph must outlive the answer.
ClusterConnectivity connectivity(const Graph& graph, ScopeId scope, const ConnectivityOptions& options,
                                 Diagnostics& diagnostics);

// The answers after a NetworkPolicy, or an admin one, has changed: `was` is of the graph, `now` may be of another. Only
// what hangs on the policy is computed again. False: it cannot be told without looking at everything (a block that no
// policy named before, a namespace that nothing was in, another kind), and the answers are as they were.
bool update(ClusterConnectivity& answers, const Resource& was, const Resource& now, Diagnostics& diagnostics);

}  // namespace assay::kubernetes

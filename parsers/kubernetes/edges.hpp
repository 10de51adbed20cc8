// How Kubernetes objects relate: one function a kind, in tables; `Linker` looks targets up and adds the edges.
//
//   owns          owner -> owned (ownerReferences)
//   in-namespace  object -> its Namespace, where that is among the inputs
//   selects       Service, Istio Gateway, PodMonitor -> workload; ServiceMonitor -> Service; Prometheus -> monitors
//   routes-to     Ingress, route, VirtualService -> Service; Gateway -> route or VirtualService: the traffic's way
//   scales        HorizontalPodAutoscaler, VerticalPodAutoscaler, ScaledObject -> target
//   protects      PodDisruptionBudget -> workload
//   governs       NetworkPolicy and its relatives, mesh policies -> workload; admission policy binding -> policy
//   mounts        workload -> ConfigMap, Secret, PersistentVolumeClaim, SecretProviderClass of its volumes
//   runs-as       workload -> ServiceAccount (`default` where none is named)
//   grants        RoleBinding, ClusterRoleBinding -> ServiceAccount that it gives rights to
//   backed-up-by  what holds data -> Schedule, ScheduledBackup, VolumeSnapshot
//   references    everything else that is named: binding -> role, route -> parent Gateway, workload -> ConfigMap and
//                 Secret of its environment, pull secrets, classes, certificates, issuers, webhook -> Service …
//
// `reason` is the scalar that names the target, or the selector. A target that is not there gives a dangling edge.
#pragma once

#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/graph.hpp"
#include "parsers/kubernetes/label_index.hpp"
#include "parsers/kubernetes/workload.hpp"

namespace assay::kubernetes {

class Linker {
 public:
  explicit Linker(Graph& graph);
  Graph& graph;

  void link(const Resource& from, ResourceId to, EdgeKind kind, Value reason);
  // The resource with this type and name, or a dangling edge. `ns` is empty for cluster-scoped kinds. True if found.
  bool refer(const Resource& from, EdgeKind kind, std::string_view type, std::string_view ns, std::string_view name,
             Value reason, bool optional = false);
  bool refer(const Resource& from, EdgeKind kind, std::string_view type, std::string_view ns, Value name,
             bool optional = false);
  // Only if it is there: for what is no mistake to leave out of the inputs.
  bool refer_if_present(const Resource& from, EdgeKind kind, std::string_view type, std::string_view ns,
                        std::string_view name, Value reason);
  // An edge that arrives at `to` from the named resource: nothing if that is not there.
  bool arrive(const Resource& to, EdgeKind kind, std::string_view type, std::string_view ns, std::string_view name,
              Value reason);

  // Ids of workloads whose pods the selector matches, in one namespace or in the whole scope.
  std::vector<ResourceId> pods(ScopeId scope, std::string_view ns, const Selector& selector) const;
  std::vector<ResourceId> pods(ScopeId scope, const Selector& selector) const;
  // Ids of resources of a type whose own labels the selector matches.
  std::vector<ResourceId> labelled(std::string_view type, ScopeId scope, std::string_view ns, const Selector& selector);
  // Every namespace that the scope's objects use.
  const std::vector<std::string>& namespaces(ScopeId scope) const;
  // Names of namespaces whose Namespace object has such labels. Without an object only the name is known.
  std::vector<std::string> namespaces(ScopeId scope, const Selector& selector);
  // Service hosts as Istio writes them: `api`, `api.ns.svc`, `api.ns.svc.cluster.local` -> {ns, name}; else empty.
  static std::pair<std::string_view, std::string_view> service_of_host(std::string_view host, std::string_view ns);
  // Istio's ServiceEntries that declare a host.
  const std::vector<ResourceId>& service_entries(ScopeId scope, std::string_view host);
  // A text that nobody wrote, which stands for the absent `field` of `parent`.
  Value absent(std::string_view text, Value parent, std::string_view field);

 private:
  static constexpr std::uint32_t no_group = 0xffffffffu;
  std::uint32_t group(ScopeId scope, std::string_view ns) const;
  std::span<const ResourceId> at(ScopeId scope, std::string_view type, std::string_view ns,
                                 std::string_view name) const;

  std::map<std::pair<ScopeId, std::string>, std::uint32_t, std::less<>> groups_;  // (scope, namespace) -> group
  std::map<ScopeId, std::vector<std::string>> namespaces_;
  LabelIndex pods_;
  std::map<std::string, LabelIndex, std::less<>> labelled_;  // by type, made on first use
  std::map<std::pair<ScopeId, std::string_view>, std::vector<ResourceId>> service_entries_;
  bool service_entries_made_ = false;
};

struct EdgeFunction {
  std::string_view type;  // "k8s:Service"
  void (*function)(Linker&, const Resource&);
};

// The tables of the parts. A type may stand in several.
std::span<const EdgeFunction> core_edges();      // storage, identity, scaling, policies
std::span<const EdgeFunction> network_edges();   // Services, Ingress, Gateway API, Istio, OpenShift, NetworkPolicy
std::span<const EdgeFunction> operator_edges();  // custom resources of operators

// What every pod spec names.
void pod_edges(Linker& linker, const Resource& from, const Workload& workload);

}  // namespace assay::kubernetes

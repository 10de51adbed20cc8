// How the neutral model of a cluster is built: atoms of pods by namespace and labels, of addresses by the blocks that
// policies name, and what selectors and blocks select of them. The families of policies use it to say their rules.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "parsers/kubernetes/connectivity.hpp"
#include "parsers/kubernetes/label_index.hpp"
#include "parsers/kubernetes/workload.hpp"

namespace assay::kubernetes {

// Of pods that are alike: the same namespace, labels, ports and network.
struct PodAtom {
  std::uint32_t ns = 0;  // index into NetBuilder::namespaces
  Labels labels;
  bool settled = true;  // no controller adds labels that the input does not say
  bool host_network = false;
  // With a mesh: whether a proxy stands beside the pods, and who they are to it.
  bool meshed = false;
  std::string_view service_account;
};

struct NamespaceInfo {
  std::string name;
  const Resource* resource = nullptr;  // none: the inputs only name it
  Labels labels;
  net::AtomSet atoms;
};

// What a selector selects: for certain, and what it may select besides.
struct Selected {
  net::AtomSet sure, maybe;
  bool empty() const { return sure.empty() && maybe.empty(); }
};
Selected operator|(const Selected& left, const Selected& right);

enum class Match : std::uint8_t { no, maybe, yes };

class NetBuilder {
 public:
  NetBuilder(const Graph& graph, ScopeId scope, const ConnectivityOptions& options);

  const Graph& graph;
  const ScopeId scope;
  const ConnectivityOptions options;
  Arena arena;
  Diagnostics diagnostics;
  net::Model model;
  std::vector<NamespaceInfo> namespaces;  // by name
  std::vector<PodAtom> pods;              // by atom
  std::vector<net::PeerId> by_resource;   // by ResourceId
  std::vector<Premise> premises;

  // A namespace's primary network: the cluster's own where the number is 0.
  struct PrimaryNetwork {
    net::NetworkId id = 0;
    bool of_namespace = false;  // its own, not one that several share
  };
  std::vector<PrimaryNetwork> primary;                          // by namespace
  std::map<std::string, net::NetworkId, std::less<>> attachments;  // `NAMESPACE/NAME` -> network

  // The tiers of the first stage. Calico's own stand between and around those of Kubernetes, by its order.
  std::uint32_t admin_tier = 0, network_tier = 1, baseline_tier = 2;
  struct CalicoTier {
    std::uint32_t tier = 0;
    bool closes = true;
  };
  std::map<std::string, CalicoTier, std::less<>> calico_tiers;
  double network_policy_order = 0;  // of NetworkPolicies among the others of their tier

  std::vector<std::string_view> mesh_modes;  // by atom: `STRICT`, `PERMISSIVE`, `DISABLE`, empty where nothing says

  // Atoms of what is no pod of the input.
  net::AtomId entry_pod = 0;        // an ingress controller that runs in the cluster, but not in the inputs
  net::AtomId entry_addresses = 0;  // a load balancer in front of the cluster's network, its addresses not known
  net::AtomId router = 0;           // OpenShift's router, whose labels are known
  net::AtomId name_servers = 0;     // the cluster's DNS: its pods, else ones as every installer makes them
  net::AtomId node = 0;
  net::AtomId control_plane = 0;
  net::PeerId entry_peer = net::no_peer, balancer_peer = net::no_peer;

  // Objects of a type in this scope.
  std::vector<const Resource*> objects(std::string_view type) const;
  std::uint32_t namespace_index(std::string_view name) const;  // of a namespace that some object of the scope is in

  net::AtomSet everybody() const;  // every atom
  net::AtomSet all_pods() const;   // of the input or not: everything that has an address of the pod network
  net::AtomSet ranges(net::Family family) const;  // all outside
  Selected pods_in(std::uint32_t ns, const Selector& selector);
  // Pods by namespace and labels; both selectors are valid.
  Selected pods_by(const Selector& spaces, const Selector& selector);
  // Ranges outside, and what may have an address in them, pods excepted.
  Selected addresses(const net::AddressSet& set);
  // The same for policies that look at pods' addresses too. Which pods have is not known: any private one.
  Selected addresses_of_all(const net::AddressSet& set);
  net::AtomSet host_network;  // pods that use their node's network
  bool admits_private_addresses = false;  // some policy names a block in which a load balancer may have its addresses
  std::vector<std::uint32_t> namespaces_by(const Selector& selector);

  // Pods that the input does not have. Where it does not have their namespace either, that has these labels.
  // INVARIANT: names and texts live as long as the graph or the arena.
  using LabelList = std::vector<std::pair<std::string_view, std::string_view>>;
  net::AtomId add_hypothetical(std::string_view ns, const LabelList& ns_labels, const LabelList& labels);


  // Whether the ends of every block that an object names are ends of ranges already.
  bool knows_blocks(Value value) const;
  void premise(std::string text, PremiseStatus status = PremiseStatus::assumed);

 private:
  Value labels_of(const LabelList& labels);
  std::vector<net::NetworkId> networks_of(std::uint32_t ns, const Resource& resource, const Workload& workload);
  void collect_namespaces();
  void collect_pods();
  void collect_others();
  const Selected& remember(std::string key, const std::vector<std::uint32_t>& spaces, const Selector& selector);
  Match match(const Selector& selector, const PodAtom& pod) const;

  LabelIndex pod_index_, namespace_index_;
  std::unordered_map<std::string, Selected> selected_;
  std::unordered_map<std::string, std::vector<std::uint32_t>> selected_spaces_;
  std::map<std::string, std::uint32_t, std::less<>> namespace_numbers_;
  std::vector<net::AtomId> ranges_[2];  // by family, ascending
};

// What readers of policies share: refusing what the API server refuses, at its place.
struct PolicyReader {
  NetBuilder& builder;
  const Resource& policy;
  std::string_view code;  // of its diagnostics
  bool good = true;

  void refuse(Value value, Value parent, std::string message);
  // Absent or a list; else refused.
  bool is_list(Value value, Value parent, std::string_view name);
  bool selector(Value value, Value parent);  // absent or valid; else refused
  // A field that is there and not null.
  static Value written(Value parent, std::string_view name);
  std::optional<net::Protocol> protocol(Value value, Value parent);  // absent: TCP
  std::optional<std::uint16_t> port(Value value, Value parent);
  net::Policy made(net::Direction direction, std::uint32_t tier, Value reason) const;
};
bool is_port_name(std::string_view text);  // IANA_SVC_NAME

// What the API server says about a selector, as a diagnostic at the value that it refuses. False: refused.
bool check_selector(Value selector, Value at, std::string_view code, Diagnostics& diagnostics);
// A block as ipBlock.cidr and its like write it, less `except`.
std::optional<net::AddressSet> read_block(Value cidr, Value except, Value at, std::string_view code, Diagnostics& diagnostics);
// The value, or the object that lacks it: where a diagnostic points.
Value place(Value value, Value parent);

// `a, ns/b@eth1` or a list in JSON -> `NAMESPACE/NAME` each.
std::vector<std::string> named_attachments(std::string_view written, std::string_view ns);

// The families.
void add_networks(NetBuilder& builder);  // before pods are collected
void add_representatives(NetBuilder& builder);  // after that
void add_multi_network_policies(NetBuilder& builder);
void plan_tiers(NetBuilder& builder);  // before any policy
void add_calico_policies(NetBuilder& builder);
void add_cilium_policies(NetBuilder& builder);
void add_mesh(NetBuilder& builder);
bool in_mesh(Value namespace_labels, const Workload& workload);
void add_network_policies(NetBuilder& builder);
void add_network_policy(NetBuilder& builder, const Resource& policy);
void add_admin_policies(NetBuilder& builder);  // and baseline ones, and ClusterNetworkPolicies
bool add_admin_policy(NetBuilder& builder, const Resource& policy);  // false: it is none
std::vector<ServicePort> add_services(NetBuilder& builder);
void add_entries(NetBuilder& builder, const std::vector<ServicePort>& services);
Enforcement enforcement_of(const Graph& graph, ScopeId scope, const ConnectivityOptions& options);

}  // namespace assay::kubernetes

// Whether the cluster's network plugin enforces policies: by its own objects, by the configuration of the cluster that
// installs it, else by what was declared, else assumed.
//
// Sources: the concept page "Network Policies" (a plugin must support them), the EKS user guide ("Limit Pod traffic with
// Kubernetes network policies": off unless `enableNetworkPolicy` is set), flannel's README (no policies), Cilium's
// `enable-policy: never`.
#include <algorithm>

#include "parsers/kubernetes/connectivity_builder.hpp"

namespace assay::kubernetes {
namespace {

using Status = Enforcement::Status;

struct Plugin {
  std::string_view daemon_set, name;
};
constexpr Plugin enforcing[] = {
    {"antrea-agent", "Antrea"},         {"calico-node", "Calico"},       {"canal", "Canal"},
    {"cilium", "Cilium"},               {"kube-network-policies", "kube-network-policies"}, {"kube-router", "kube-router"},
    {"ovnkube-node", "OVN-Kubernetes"}, {"ovs-cni", "Kube-OVN"},         {"kube-ovn-cni", "Kube-OVN"},
    {"romana-agent", "Romana"},         {"weave-net", "Weave Net"},      {"azure-npm", "Azure NPM"},
};

// `"enableNetworkPolicy": "true"` in a text of JSON or YAML.
bool switched_on(std::string_view text) {
  constexpr std::string_view key = "enableNetworkPolicy";
  const auto at = text.find(key);
  if (at == std::string_view::npos) return false;
  const auto word = text.find_first_not_of("\"': \t", at + key.size());
  return word != std::string_view::npos && text.substr(word).starts_with("true");
}

Enforcement found(Status status, std::string text, const Resource& resource, Value reason) {
  return {status, std::move(text), &resource, place(reason, resource.value)};
}

std::optional<Enforcement> of_daemon_set(const Resource& resource) {
  const Value spec = resource.value.at({"spec", "template", "spec"});
  for (const Plugin& plugin : enforcing)
    if (resource.name == plugin.daemon_set)
      return found(Status::evidenced, "the network plugin enforces network policies: " + std::string(plugin.name) + " is among the inputs", resource,
                   resource.value.at({"metadata", "name"}));
  if (resource.name == "aws-node") {
    for (const Value container : spec.find("containers").items())
      for (const Value argument : container.find("args").items())
        if (argument.as_string() == "--enable-network-policy=true")
          return found(Status::evidenced, "the network plugin enforces network policies: the AWS VPC plugin is told to", resource, argument);
    return found(Status::refuted, "the AWS VPC plugin ignores network policies unless it is told to enforce them", resource,
                 resource.value.at({"metadata", "name"}));
  }
  if (resource.name.starts_with("kube-flannel"))
    return found(Status::refuted, "Flannel does not enforce network policies", resource, resource.value.at({"metadata", "name"}));
  return std::nullopt;
}

std::optional<Enforcement> of_eksctl(const Resource& resource) {
  if (resource.value.at({"autoModeConfig", "enabled"}).as_bool())
    return found(Status::evidenced, "the network plugin enforces network policies: EKS Auto Mode supports them", resource,
                 resource.value.find("autoModeConfig"));
  const Value addons = resource.value.find("addons");
  for (const Value addon : addons.items()) {
    if (addon.find("name").as_string() != "vpc-cni") continue;
    const Value values = addon.find("configurationValues");
    if (switched_on(values.as_string()))
      return found(Status::evidenced, "the network plugin enforces network policies: the add-on `vpc-cni` is told to", resource, values);
    return found(Status::refuted, "the add-on `vpc-cni` ignores network policies unless `enableNetworkPolicy` is set", resource, addon);
  }
  return found(Status::refuted, "the cluster's default network plugin, the AWS VPC plugin, ignores network policies", resource, addons);
}

}  // namespace

Enforcement enforcement_of(const Graph& graph, ScopeId scope, const ConnectivityOptions& options) {
  std::vector<Enforcement> evidence;
  for (const Resource& resource : graph.resources()) {
    if (resource.scope != scope) continue;
    std::optional<Enforcement> says;
    if (resource.type == "k8s:apps/DaemonSet") {
      says = of_daemon_set(resource);
    } else if (resource.type == "k8s:eksctl.io/ClusterConfig") {
      says = of_eksctl(resource);
    } else if (resource.type == "k8s:operator.tigera.io/Installation") {
      says = found(Status::evidenced, "the network plugin enforces network policies: Calico's Installation is among the inputs", resource,
                   resource.value.find("kind"));
    } else if (resource.type == "k8s:operator.openshift.io/Network") {
      const Value type = resource.value.at({"spec", "defaultNetwork", "type"});
      if (type.as_string() == "OVNKubernetes" || type.as_string() == "OpenShiftSDN" || !type)
        says = found(Status::evidenced, "the network plugin enforces network policies: OpenShift's default network does", resource, type);
    } else if (resource.type == "k8s:ConfigMap" && resource.name == "cilium-config") {
      const Value mode = resource.value.at({"data", "enable-policy"});
      if (mode.as_string() == "never") {
        // Cilium is there and told not to: nothing else counts.
        return found(Status::refuted, "Cilium is told never to enforce network policies", resource, mode);
      }
    }
    if (says) evidence.push_back(std::move(*says));
  }
  // Another plugin beside one that does not enforce may do it in its stead (Canal, Calico on EKS).
  for (const Status status : {Status::evidenced, Status::refuted})
    for (const Enforcement& one : evidence)
      if (one.status == status) return one;
  if (!options.enforcement_declared_by.empty())
    return {Status::declared, "the network plugin enforces network policies, as " + options.enforcement_declared_by + " declares", nullptr, {}};
  return {Status::assumed, "the network plugin enforces network policies", nullptr, {}};
}

}  // namespace assay::kubernetes

#include "parsers/kubernetes/kinds.hpp"

#include <algorithm>
#include <functional>
#include <unordered_map>

#include "parsers/kubernetes/adapter.hpp"

namespace assay::kubernetes {
namespace {

struct Group {
  const char* name;
  const char* namespaced;  // kinds, separated by blanks
  const char* cluster;
};

// What the API server of Kubernetes 1.36 serves, and what older ones did (kinds that were removed since
// still appear in manifests). Source: `kubectl api-resources`, the API reference of 1.36 and the
// deprecation guide.
constexpr Group builtin[] = {
    {"",
     "Binding ConfigMap Endpoints Event LimitRange PersistentVolumeClaim Pod PodTemplate "
     "ReplicationController ResourceQuota Secret Service ServiceAccount",
     "ComponentStatus Namespace Node PersistentVolume"},
    {"apps", "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet", ""},
    {"admissionregistration.k8s.io", "",
     "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration "
     "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration"},
    {"apiextensions.k8s.io", "", "CustomResourceDefinition"},
    {"apiregistration.k8s.io", "", "APIService"},
    {"authentication.k8s.io", "TokenRequest", "SelfSubjectReview TokenReview"},
    {"authorization.k8s.io", "LocalSubjectAccessReview",
     "SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview"},
    {"autoscaling", "HorizontalPodAutoscaler Scale", ""},
    {"batch", "CronJob Job", ""},
    {"certificates.k8s.io", "PodCertificateRequest", "CertificateSigningRequest ClusterTrustBundle"},
    {"coordination.k8s.io", "Lease LeaseCandidate", ""},
    {"discovery.k8s.io", "EndpointSlice", ""},
    {"events.k8s.io", "Event", ""},
    {"flowcontrol.apiserver.k8s.io", "", "FlowSchema PriorityLevelConfiguration"},
    {"internal.apiserver.k8s.io", "", "StorageVersion"},
    {"metrics.k8s.io", "PodMetrics", "NodeMetrics"},
    {"networking.k8s.io", "Ingress NetworkPolicy", "ClusterCIDR IPAddress IngressClass ServiceCIDR"},
    {"node.k8s.io", "", "RuntimeClass"},
    {"policy", "Eviction PodDisruptionBudget", "PodSecurityPolicy"},
    {"rbac.authorization.k8s.io", "Role RoleBinding", "ClusterRole ClusterRoleBinding"},
    {"resource.k8s.io", "PodSchedulingContext ResourceClaim ResourceClaimParameters ResourceClaimTemplate",
     "DeviceClass DeviceTaintRule ResourceClass ResourcePoolStatusRequest ResourceSlice"},
    {"scheduling.k8s.io", "PodGroup Workload", "PriorityClass"},
    {"storage.k8s.io", "CSIStorageCapacity", "CSIDriver CSINode StorageClass VolumeAttachment VolumeAttributesClass"},
    {"storagemigration.k8s.io", "", "StorageVersionMigration"},
};

// Custom resources that are cluster-scoped; their namespaced siblings need no entry, since namespaced is
// what an unknown kind is. `*` stands for every kind of the group that is not listed as namespaced.
constexpr Group custom[] = {
    {"argoproj.io", "", "ClusterAnalysisTemplate ClusterWorkflowTemplate"},
    {"apiextensions.crossplane.io", "", "*"},
    {"capsule.clastix.io", "", "Tenant CapsuleConfiguration"},
    {"cert-manager.io", "Certificate CertificateRequest Issuer", "ClusterIssuer"},
    {"cilium.io", "",
     "CiliumBGPAdvertisement CiliumBGPClusterConfig CiliumBGPNodeConfig CiliumBGPPeerConfig "
     "CiliumBGPPeeringPolicy CiliumCIDRGroup CiliumClusterwideEnvoyConfig CiliumClusterwideNetworkPolicy "
     "CiliumEgressGatewayPolicy CiliumExternalWorkload CiliumIdentity CiliumL2AnnouncementPolicy "
     "CiliumLoadBalancerIPPool CiliumNode CiliumPodIPPool"},
    {"cloud.google.com", "BackendConfig", "ComputeClass"},
    {"config.openshift.io", "", "*"},
    {"constraints.gatekeeper.sh", "", "*"},
    {"crd.k8s.amazonaws.com", "", "ENIConfig"},
    {"crd.projectcalico.org", "NetworkPolicy NetworkSet StagedNetworkPolicy StagedKubernetesNetworkPolicy", "*"},
    {"eksctl.io", "", "ClusterConfig"},
    {"elbv2.k8s.aws", "TargetGroupBinding", "IngressClassParams"},
    {"external-secrets.io", "ExternalSecret PushSecret SecretStore",
     "ClusterExternalSecret ClusterPushSecret ClusterSecretStore"},
    {"gateway.networking.k8s.io", "", "GatewayClass"},
    {"imageregistry.operator.openshift.io", "", "*"},
    {"k8s.ovn.org", "EgressFirewall EgressQoS EgressService NetworkQoS UserDefinedNetwork", "*"},
    {"karpenter.azure.com", "", "*"},
    {"karpenter.k8s.aws", "", "*"},
    {"karpenter.sh", "", "*"},
    {"keda.sh", "ScaledJob ScaledObject TriggerAuthentication", "ClusterTriggerAuthentication"},
    {"kueue.x-k8s.io", "LocalQueue Workload", "AdmissionCheck ClusterQueue Cohort ResourceFlavor Topology"},
    {"kyverno.io", "CleanupPolicy Policy PolicyException UpdateRequest",
     "ClusterCleanupPolicy ClusterPolicy GlobalContextEntry"},
    {"policies.kyverno.io", "PolicyException NamespacedValidatingPolicy", "*"},
    {"machineconfiguration.openshift.io", "", "*"},
    {"mutations.gatekeeper.sh", "", "*"},
    {"nfd.k8s-sigs.io", "NodeFeature", "NodeFeatureRule"},
    {"nvidia.com", "", "ClusterPolicy NVIDIADriver"},
    {"oauth.openshift.io", "", "*"},
    {"operator.openshift.io", "IngressController", "*"},
    {"operator.tigera.io", "", "*"},
    {"pkg.crossplane.io", "", "*"},
    {"policy.cert-manager.io", "", "CertificateRequestPolicy"},
    {"policy.networking.k8s.io", "", "AdminNetworkPolicy BaselineAdminNetworkPolicy ClusterNetworkPolicy"},
    {"postgresql.cnpg.io", "", "ClusterImageCatalog"},
    {"project.openshift.io", "", "Project ProjectRequest"},
    {"projectcalico.org", "NetworkPolicy NetworkSet StagedNetworkPolicy StagedKubernetesNetworkPolicy", "*"},
    {"scheduling.volcano.sh", "PodGroup", "Queue"},
    {"security.openshift.io", "", "SecurityContextConstraints"},
    {"snapshot.storage.k8s.io", "VolumeSnapshot", "VolumeSnapshotClass VolumeSnapshotContent"},
    {"groupsnapshot.storage.k8s.io", "VolumeGroupSnapshot", "VolumeGroupSnapshotClass VolumeGroupSnapshotContent"},
    {"tekton.dev", "", "ClusterTask ClusterTriggerBinding ClusterInterceptor"},
    {"templates.gatekeeper.sh", "", "ConstraintTemplate"},
    {"trust.cert-manager.io", "", "Bundle"},
    {"user.openshift.io", "", "*"},
    {"wgpolicyk8s.io", "PolicyReport", "ClusterPolicyReport"},
    {"instancetype.kubevirt.io", "", "VirtualMachineClusterInstancetype VirtualMachineClusterPreference"},
    {"network.openshift.io", "EgressNetworkPolicy", "ClusterNetwork HostSubnet NetNamespace"},
    {"authorization.openshift.io", "Role RoleBinding RoleBindingRestriction", "ClusterRole ClusterRoleBinding"},
    {"quota.openshift.io", "AppliedClusterResourceQuota", "ClusterResourceQuota"},
    // Configuration of the cluster's own components, kept in files rather than in the API.
    {"apiserver.config.k8s.io", "", "*"},
    {"audit.k8s.io", "", "*"},
    {"kind.x-k8s.io", "", "*"},
    {"kubeadm.k8s.io", "", "*"},
    {"kubelet.config.k8s.io", "", "*"},
    {"kubeproxy.config.k8s.io", "", "*"},
    {"kubescheduler.config.k8s.io", "", "*"},
    {"pod-security.admission.config.k8s.io", "", "*"},
};

// Kinds that moved to another group and kept their meaning: their old apiVersion's group, kind, today's group.
struct Moved {
  const char* group;
  const char* kind;
  const char* today;
};
constexpr Moved moved[] = {
    {"extensions", "DaemonSet", "apps"},
    {"extensions", "Deployment", "apps"},
    {"extensions", "ReplicaSet", "apps"},
    {"extensions", "Ingress", "networking.k8s.io"},
    {"extensions", "NetworkPolicy", "networking.k8s.io"},
    {"extensions", "PodSecurityPolicy", "policy"},
    {"", "DeploymentConfig", "apps.openshift.io"},
    {"", "BuildConfig", "build.openshift.io"},
    {"", "ImageStream", "image.openshift.io"},
    {"", "Route", "route.openshift.io"},
    {"", "SecurityContextConstraints", "security.openshift.io"},
    {"", "Template", "template.openshift.io"},
    {"authorization.openshift.io", "ClusterRole", "rbac.authorization.k8s.io"},
    {"authorization.openshift.io", "ClusterRoleBinding", "rbac.authorization.k8s.io"},
    {"authorization.openshift.io", "Role", "rbac.authorization.k8s.io"},
    {"authorization.openshift.io", "RoleBinding", "rbac.authorization.k8s.io"},
    {"traefik.containo.us", "", "traefik.io"},
};

struct Known {
  KindScope scope = KindScope::unknown;
  bool builtin = false;
};

struct Hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
// "GROUP/KIND", or "KIND" for the core group.
using Table = std::unordered_map<std::string, Known, Hash, std::equal_to<>>;

void enter(Table& table, std::string_view group, std::string_view kinds, Known known) {
  while (!kinds.empty()) {
    const auto blank = std::min(kinds.find(' '), kinds.size());
    const std::string_view kind = kinds.substr(0, blank);
    kinds.remove_prefix(std::min(blank + 1, kinds.size()));
    if (!kind.empty()) table.emplace((group.empty() ? "" : std::string(group) + "/") + std::string(kind), known);
  }
}

const Table& table() {
  static const Table result = [] {
    Table made;
    for (const Group& group : builtin) {
      enter(made, group.name, group.namespaced, {KindScope::namespaced, true});
      enter(made, group.name, group.cluster, {KindScope::cluster, true});
    }
    for (const Group& group : custom) {
      enter(made, group.name, group.namespaced, {KindScope::namespaced, false});
      enter(made, group.name, group.cluster, {KindScope::cluster, false});
    }
    enter(made, "kustomize.config.k8s.io", "Kustomization Component", {KindScope::client, false});
    enter(made, "", "Config", {KindScope::client, false});  // kubectl's own
    return made;
  }();
  return result;
}

}  // namespace

std::string_view group_of(std::string_view api_version) {
  const auto slash = api_version.find('/');
  return slash == std::string_view::npos ? std::string_view() : api_version.substr(0, slash);
}

std::string type_of(std::string_view api_version, std::string_view kind) {
  std::string_view group = group_of(api_version);
  for (const Moved& move : moved) {
    const std::string_view moved_kind = move.kind;
    if (group == move.group && (moved_kind.empty() || moved_kind == kind)) {
      group = move.today;
      break;
    }
  }
  std::string type = "k8s:";
  if (!group.empty()) type.append(group).append("/");
  type.append(kind);
  return type;
}

KindScope scope_of(std::string_view type) {
  if (type.starts_with("k8s:")) type.remove_prefix(4);
  const auto found = table().find(type);
  if (found != table().end()) return found->second.scope;
  const auto slash = type.find('/');
  if (slash != std::string_view::npos) {
    const std::string any = std::string(type.substr(0, slash + 1)) + "*";
    const auto whole_group = table().find(any);
    if (whole_group != table().end()) return whole_group->second.scope;
    if (type.starts_with("skaffold/")) return KindScope::client;
  }
  return KindScope::unknown;
}

std::vector<std::string> types_named(std::string_view kind) {
  std::vector<std::string> types;
  for (const Group& group : builtin) {
    const std::string kinds = " " + std::string(group.namespaced) + " " + group.cluster + " ";
    if (kinds.find(" " + std::string(kind) + " ") == std::string::npos) continue;
    types.push_back("k8s:" + std::string(group.name) + (*group.name ? "/" : "") + std::string(kind));
  }
  if (types.empty()) types.push_back("k8s:" + std::string(kind));
  return types;
}

bool is_builtin(std::string_view type) {
  if (type.starts_with("k8s:")) type.remove_prefix(4);
  const auto found = table().find(type);
  return found != table().end() && found->second.builtin;
}

}  // namespace assay::kubernetes

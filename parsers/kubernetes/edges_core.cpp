// Edges of pod specs, storage, identity, scaling, disruption budgets and admission.
#include <string>

#include "parsers/kubernetes/adapter.hpp"
#include "parsers/kubernetes/edges.hpp"
#include "parsers/kubernetes/kinds.hpp"

namespace assay::kubernetes {
namespace {

constexpr std::string_view config_map = "k8s:ConfigMap", secret = "k8s:Secret",
                           storage_class = "k8s:storage.k8s.io/StorageClass";

bool optional(Value reference) { return reference.find("optional").as_bool(); }

void environment_edges(Linker& linker, const Resource& from, Value container) {
  for (const Value source : container.find("envFrom").items()) {
    const Value map = source.find("configMapRef"), secrets = source.find("secretRef");
    linker.refer(from, EdgeKind::references, config_map, from.ns, map.find("name"), optional(map));
    linker.refer(from, EdgeKind::references, secret, from.ns, secrets.find("name"), optional(secrets));
  }
  for (const Value variable : container.find("env").items()) {
    const Value source = variable.find("valueFrom");
    const Value map = source.find("configMapKeyRef"), secrets = source.find("secretKeyRef");
    linker.refer(from, EdgeKind::references, config_map, from.ns, map.find("name"), optional(map));
    linker.refer(from, EdgeKind::references, secret, from.ns, secrets.find("name"), optional(secrets));
  }
}

void projected_edges(Linker& linker, const Resource& from, Value projected) {
  for (const Value source : projected.find("sources").items()) {
    const Value map = source.find("configMap"), secrets = source.find("secret"),
                bundle = source.find("clusterTrustBundle");
    linker.refer(from, EdgeKind::mounts, config_map, from.ns, map.find("name"), optional(map));
    linker.refer(from, EdgeKind::mounts, secret, from.ns, secrets.find("name"), optional(secrets));
    linker.refer(from, EdgeKind::mounts, "k8s:certificates.k8s.io/ClusterTrustBundle", "", bundle.find("name"),
                 optional(bundle));
  }
}

void claim_template_edges(Linker& linker, const Resource& from, Value claim_spec) {
  linker.refer(from, EdgeKind::references, storage_class, "", claim_spec.find("storageClassName"));
  linker.refer(from, EdgeKind::references, "k8s:storage.k8s.io/VolumeAttributesClass", "",
               claim_spec.find("volumeAttributesClassName"));
}

void volume_edges(Linker& linker, const Resource& from, Value volume) {
  const Value map = volume.find("configMap"), secrets = volume.find("secret");
  linker.refer(from, EdgeKind::mounts, config_map, from.ns, map.find("name"), optional(map));
  linker.refer(from, EdgeKind::mounts, secret, from.ns, secrets.find("secretName"), optional(secrets));
  linker.refer(from, EdgeKind::mounts, "k8s:PersistentVolumeClaim", from.ns,
               volume.at({"persistentVolumeClaim", "claimName"}));
  projected_edges(linker, from, volume.find("projected"));
  claim_template_edges(linker, from, volume.at({"ephemeral", "volumeClaimTemplate", "spec"}));
  linker.refer(from, EdgeKind::references, secret, from.ns, volume.at({"azureFile", "secretName"}));
  const Value csi = volume.find("csi");
  linker.refer(from, EdgeKind::references, secret, from.ns, csi.at({"nodePublishSecretRef", "name"}));
  if (csi.find("driver").as_string() == "secrets-store.csi.k8s.io")
    linker.refer(from, EdgeKind::mounts, "k8s:secrets-store.csi.x-k8s.io/SecretProviderClass", from.ns,
                 csi.at({"volumeAttributes", "secretProviderClass"}));
  // cephfs, flexVolume, iscsi, rbd, scaleIO, storageos
  for (const Entry& entry : volume.entries())
    linker.refer(from, EdgeKind::references, secret, from.ns, entry.value.at({"secretRef", "name"}));
}

void claim_edges(Linker& linker, const Resource& from) {
  const Value spec = from.value.find("spec");
  claim_template_edges(linker, from, spec);
  linker.refer(from, EdgeKind::references, storage_class, "",
               from.value.at({"metadata", "annotations", "volume.beta.kubernetes.io/storage-class"}));
  linker.refer(from, EdgeKind::references, "k8s:PersistentVolume", "", spec.find("volumeName"));
  for (const Value source : {spec.find("dataSource"), spec.find("dataSourceRef")}) {
    const Value kind = source.find("kind");
    if (!kind.is_string()) continue;
    const Value ns = source.find("namespace");
    linker.refer(from, EdgeKind::references,
                 type_of(std::string(source.find("apiGroup").as_string()) + "/", kind.as_string()),
                 ns.is_string() ? ns.as_string() : std::string_view(from.ns), source.find("name"));
  }
}

void volume_object_edges(Linker& linker, const Resource& from) {
  const Value spec = from.value.find("spec"), claim = spec.find("claimRef");
  linker.refer(from, EdgeKind::references, storage_class, "", spec.find("storageClassName"));
  linker.refer(from, EdgeKind::references, "k8s:PersistentVolumeClaim", claim.find("namespace").as_string(),
               claim.find("name"));
}

void stateful_set_edges(Linker& linker, const Resource& from) {
  const Value spec = from.value.find("spec");
  for (const Value claim : spec.find("volumeClaimTemplates").items())
    claim_template_edges(linker, from, claim.find("spec"));
  linker.refer(from, EdgeKind::references, "k8s:Service", from.ns, spec.find("serviceName"));
}

void snapshot_edges(Linker& linker, const Resource& from) {
  const Value spec = from.value.find("spec"), source = spec.find("source");
  linker.refer(from, EdgeKind::references, "k8s:PersistentVolumeClaim", from.ns,
               source.find("persistentVolumeClaimName"));
  linker.refer(from, EdgeKind::references, "k8s:snapshot.storage.k8s.io/VolumeSnapshotContent", "",
               source.find("volumeSnapshotContentName"));
  linker.refer(from, EdgeKind::references, "k8s:snapshot.storage.k8s.io/VolumeSnapshotClass", "",
               spec.find("volumeSnapshotClassName"));
  // The snapshot is a copy of the claim, however good a backup it makes.
  const Value claim = source.find("persistentVolumeClaimName");
  linker.arrive(from, EdgeKind::backed_up_by, "k8s:PersistentVolumeClaim", from.ns, claim.as_string(), claim);
}

// --- identity ----------------------------------------------------------------------------------------

void service_account_edges(Linker& linker, const Resource& from) {
  for (const std::string_view field : {"secrets", "imagePullSecrets"})
    for (const Value item : from.value.find(field).items())
      linker.refer(from, EdgeKind::references, secret, from.ns, item.find("name"));
}

void secret_edges(Linker& linker, const Resource& from) {
  linker.refer(from, EdgeKind::references, "k8s:ServiceAccount", from.ns,
               from.value.at({"metadata", "annotations", "kubernetes.io/service-account.name"}));
}

constexpr std::string_view service_account = "k8s:ServiceAccount";

// Groups and users that stand for service accounts grant to them too.
void grant_edges(Linker& linker, const Resource& from, Value subject) {
  const std::string_view kind = subject.find("kind").as_string();
  const Value name_value = subject.find("name"), ns = subject.find("namespace");
  std::string_view name = name_value.as_string();
  if (kind == "ServiceAccount") {
    linker.refer(from, EdgeKind::grants, service_account, ns.is_string() ? ns.as_string() : std::string_view(from.ns),
                 name_value);
    return;
  }
  if (kind == "User") {
    constexpr std::string_view prefix = "system:serviceaccount:";
    if (!name.starts_with(prefix)) return;
    name.remove_prefix(prefix.size());
    const auto colon = name.find(':');
    if (colon == std::string_view::npos) return;
    linker.refer(from, EdgeKind::grants, service_account, name.substr(0, colon), name.substr(colon + 1), name_value);
    return;
  }
  if (kind != "Group") return;
  constexpr std::string_view all = "system:serviceaccounts";
  if (name != "system:authenticated" && !name.starts_with(all)) return;
  std::string_view only;
  if (name.starts_with("system:serviceaccounts:")) only = name.substr(all.size() + 1);
  if (only.empty() && name != all && name != "system:authenticated") return;
  for (const std::string& space : linker.namespaces(from.scope))
    if (only.empty() || only == space)
      for (const ResourceId id : linker.labelled(service_account, from.scope, space, Selector()))
        linker.link(from, id, EdgeKind::grants, name_value);
}

void binding_edges(Linker& linker, const Resource& from) {
  const Value role = from.value.find("roleRef");
  const bool cluster = role.find("kind").as_string() == "ClusterRole";
  if (cluster || role.find("kind").as_string() == "Role")
    linker.refer(from, EdgeKind::references,
                 cluster ? "k8s:rbac.authorization.k8s.io/ClusterRole" : "k8s:rbac.authorization.k8s.io/Role",
                 cluster ? std::string_view() : std::string_view(from.ns), role.find("name"));
  for (const Value subject : from.value.find("subjects").items()) grant_edges(linker, from, subject);
}

void cluster_role_edges(Linker& linker, const Resource& from) {
  for (const Value item : from.value.at({"aggregationRule", "clusterRoleSelectors"}).items()) {
    const Selector selector = Selector::of_label_selector(item);
    for (const ResourceId id : linker.labelled(from.type, from.scope, "", selector))
      if (id != from.id) linker.link(from, id, EdgeKind::references, item);
  }
}

// --- scaling, disruption, admission ------------------------------------------------------------------

void scale_edges(Linker& linker, const Resource& from, Value target, std::string_view default_version,
                 std::string_view default_kind) {
  const Value kind = target.find("kind"), version = target.find("apiVersion");
  const std::string_view kind_name = kind.is_string() ? kind.as_string() : default_kind;
  std::string_view version_name = version.is_string() ? version.as_string() : default_version;
  // Without apiVersion the API server takes the core group, which has no such kind; people mean the one that has it.
  if (version_name.empty() && (kind_name == "Deployment" || kind_name == "StatefulSet" || kind_name == "ReplicaSet" ||
                               kind_name == "DaemonSet"))
    version_name = "apps/v1";
  if (!kind_name.empty())
    linker.refer(from, EdgeKind::scales, type_of(version_name, kind_name), from.ns, target.find("name"));
}

void autoscaler_edges(Linker& linker, const Resource& from) {
  const Value spec = from.value.find("spec");
  scale_edges(linker, from, spec.find("scaleTargetRef"), "", "");
  for (const Value metric : spec.find("metrics").items()) {
    const Value object = metric.at({"object", "describedObject"});
    if (object.find("kind").is_string())
      linker.refer(from, EdgeKind::references,
                   type_of(object.find("apiVersion").as_string(), object.find("kind").as_string()), from.ns,
                   object.find("name"));
  }
}

void vertical_autoscaler_edges(Linker& linker, const Resource& from) {
  scale_edges(linker, from, from.value.at({"spec", "targetRef"}), "", "");
}

void scaled_object_edges(Linker& linker, const Resource& from) {
  const Value spec = from.value.find("spec");
  scale_edges(linker, from, spec.find("scaleTargetRef"), "apps/v1", "Deployment");
  for (const Value trigger : spec.find("triggers").items()) {
    const Value authentication = trigger.find("authenticationRef");
    const bool cluster = authentication.find("kind").as_string() == "ClusterTriggerAuthentication";
    linker.refer(from, EdgeKind::references,
                 cluster ? "k8s:keda.sh/ClusterTriggerAuthentication" : "k8s:keda.sh/TriggerAuthentication",
                 cluster ? std::string_view() : std::string_view(from.ns), authentication.find("name"));
  }
}

void trigger_authentication_edges(Linker& linker, const Resource& from) {
  for (const Value target : from.value.at({"spec", "secretTargetRef"}).items())
    linker.refer(from, EdgeKind::references, secret, from.ns, target.find("name"));
}

void disruption_budget_edges(Linker& linker, const Resource& from) {
  const Value written = from.value.at({"spec", "selector"});
  if (!written.is_map()) return;  // a null selector matches no pods
  const Selector selector = Selector::of_label_selector(written);
  if (selector.empty() && from.api_version == "policy/v1beta1") return;  // there an empty one matches none
  for (const ResourceId id : linker.pods(from.scope, from.ns, selector))
    linker.link(from, id, EdgeKind::protects, written);
}

void webhook_edges(Linker& linker, const Resource& from) {
  for (const Value webhook : from.value.find("webhooks").items()) {
    const Value service = webhook.at({"clientConfig", "service"});
    linker.refer(from, EdgeKind::references, "k8s:Service", service.find("namespace").as_string(),
                 service.find("name"));
  }
}

void crd_edges(Linker& linker, const Resource& from) {
  const Value service = from.value.at({"spec", "conversion", "webhook", "clientConfig", "service"});
  linker.refer(from, EdgeKind::references, "k8s:Service", service.find("namespace").as_string(), service.find("name"));
}

void api_service_edges(Linker& linker, const Resource& from) {
  const Value service = from.value.at({"spec", "service"});
  linker.refer(from, EdgeKind::references, "k8s:Service", service.find("namespace").as_string(), service.find("name"));
}

void policy_binding_edges(Linker& linker, const Resource& from) {
  const bool mutating = from.type.find("/Mutating") != std::string::npos;
  const std::string_view policy_type = mutating ? "k8s:admissionregistration.k8s.io/MutatingAdmissionPolicy"
                                                : "k8s:admissionregistration.k8s.io/ValidatingAdmissionPolicy";
  const Value spec = from.value.find("spec"), policy = spec.find("policyName"), param = spec.find("paramRef");
  linker.refer(from, EdgeKind::governs, policy_type, "", policy);
  // What kind the parameters have is said by the policy.
  const auto policies = linker.graph.at(from.scope, address_of(policy_type, "", policy.as_string()));
  if (policies.empty() || !param.find("name").is_string()) return;
  const Value kind = linker.graph.resource(policies[0]).value.at({"spec", "paramKind"});
  if (!kind.find("kind").is_string()) return;
  const std::string type = type_of(kind.find("apiVersion").as_string(), kind.find("kind").as_string());
  linker.refer(from, EdgeKind::references, type, param.find("namespace").as_string(), param.find("name"),
               param.find("parameterNotFoundAction").as_string() == "Allow");
}

constexpr EdgeFunction table[] = {
    {"k8s:PersistentVolume", volume_object_edges},
    {"k8s:PersistentVolumeClaim", claim_edges},
    {"k8s:Secret", secret_edges},
    {"k8s:ServiceAccount", service_account_edges},
    {"k8s:admissionregistration.k8s.io/MutatingAdmissionPolicyBinding", policy_binding_edges},
    {"k8s:admissionregistration.k8s.io/MutatingWebhookConfiguration", webhook_edges},
    {"k8s:admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding", policy_binding_edges},
    {"k8s:admissionregistration.k8s.io/ValidatingWebhookConfiguration", webhook_edges},
    {"k8s:apiextensions.k8s.io/CustomResourceDefinition", crd_edges},
    {"k8s:apiregistration.k8s.io/APIService", api_service_edges},
    {"k8s:apps.kruise.io/StatefulSet", stateful_set_edges},
    {"k8s:apps/StatefulSet", stateful_set_edges},
    {"k8s:autoscaling.k8s.io/VerticalPodAutoscaler", vertical_autoscaler_edges},
    {"k8s:autoscaling/HorizontalPodAutoscaler", autoscaler_edges},
    {"k8s:keda.sh/ScaledObject", scaled_object_edges},
    {"k8s:keda.sh/TriggerAuthentication", trigger_authentication_edges},
    {"k8s:policy/PodDisruptionBudget", disruption_budget_edges},
    {"k8s:rbac.authorization.k8s.io/ClusterRole", cluster_role_edges},
    {"k8s:rbac.authorization.k8s.io/ClusterRoleBinding", binding_edges},
    {"k8s:rbac.authorization.k8s.io/RoleBinding", binding_edges},
    {"k8s:snapshot.storage.k8s.io/VolumeSnapshot", snapshot_edges},
};

}  // namespace

std::span<const EdgeFunction> core_edges() { return table; }

void pod_edges(Linker& linker, const Resource& from, const Workload& workload) {
  const Value spec = workload.spec;
  if (!spec.is_map()) return;
  for (const std::string_view containers : {"initContainers", "containers", "ephemeralContainers"})
    for (const Value container : spec.find(containers).items()) environment_edges(linker, from, container);
  for (const Value volume : spec.find("volumes").items()) volume_edges(linker, from, volume);
  for (const Value pull : spec.find("imagePullSecrets").items())
    linker.refer(from, EdgeKind::references, secret, from.ns, pull.find("name"));

  Value account = spec.find("serviceAccountName");
  if (account.as_string().empty()) account = spec.find("serviceAccount");  // its deprecated alias
  if (account.as_string().empty()) account = linker.absent("default", spec, "serviceAccountName");
  linker.refer(from, EdgeKind::runs_as, service_account, from.ns, account);

  linker.refer(from, EdgeKind::references, "k8s:scheduling.k8s.io/PriorityClass", "", spec.find("priorityClassName"));
  linker.refer(from, EdgeKind::references, "k8s:node.k8s.io/RuntimeClass", "", spec.find("runtimeClassName"));
  for (const Value claim : spec.find("resourceClaims").items()) {
    linker.refer(from, EdgeKind::references, "k8s:resource.k8s.io/ResourceClaim", from.ns,
                 claim.find("resourceClaimName"));
    linker.refer(from, EdgeKind::references, "k8s:resource.k8s.io/ResourceClaimTemplate", from.ns,
                 claim.find("resourceClaimTemplateName"));
  }
  const Value node = spec.find("nodeName");
  linker.refer_if_present(from, EdgeKind::references, "k8s:Node", "", node.as_string(), node);
}

}  // namespace assay::kubernetes

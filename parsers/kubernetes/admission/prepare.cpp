// PrepareForCreate of pkg/registry's strategies, and what the storage of Services allocates.
#include <algorithm>
#include <array>

#include "engine/cel/libraries/quantity.hpp"
#include "parsers/kubernetes/admission/defaults.hpp"

namespace assay::kubernetes::admission {

namespace {

constexpr std::string_view made_up = "the API server makes it up";

constexpr std::array<std::string_view, 19> counted = {
    "apps.v1.DaemonSet", "apps.v1.Deployment", "apps.v1.ReplicaSet", "apps.v1.StatefulSet", "batch.v1.CronJob", "batch.v1.Job",
    "core.v1.Pod", "core.v1.PodTemplate", "core.v1.ReplicationController", "discovery.v1.EndpointSlice",
    "flowcontrol.v1.FlowSchema", "flowcontrol.v1.PriorityLevelConfiguration", "networking.v1.Ingress", "networking.v1.IngressClass",
    "networking.v1.NetworkPolicy", "policy.v1.PodDisruptionBudget", "scheduling.v1.PriorityClass",
    "admissionregistration.v1.MutatingWebhookConfiguration", "admissionregistration.v1.ValidatingWebhookConfiguration",
};
// Kinds whose status nobody but controllers may set.
constexpr std::array<std::string_view, 15> no_status = {
    "apps.v1.DaemonSet", "apps.v1.Deployment", "apps.v1.ReplicaSet", "apps.v1.StatefulSet", "batch.v1.CronJob", "batch.v1.Job",
    "core.v1.ReplicationController", "core.v1.Service", "core.v1.PersistentVolumeClaim", "core.v1.ResourceQuota", "networking.v1.Ingress",
    "policy.v1.PodDisruptionBudget", "autoscaling.v1.HorizontalPodAutoscaler", "autoscaling.v2.HorizontalPodAutoscaler",
    "certificates.v1.CertificateSigningRequest",
};
template <class List>
bool in(const List& list, std::string_view name) { return std::find(list.begin(), list.end(), name) != list.end(); }

using Amounts = std::vector<std::pair<std::string_view, Quantity>>;
void add(Amounts& amounts, std::string_view name, const Quantity& more) {
  for (auto& [known, amount] : amounts) {
    if (known != name) continue;
    if (auto sum = Quantity::add(amount, more)) amount = *sum;
    return;
  }
  amounts.emplace_back(name, more);
}

// qos.ComputePodQOS.
std::string_view quality_of_service(const Draft* spec) {
  Amounts requests, limits;
  bool guaranteed = true;
  const auto sum = [&](const Draft* list, Amounts& into) {
    int found = 0;
    for (const auto& [name, value] : list && list->is_map() ? list->fields : std::vector<std::pair<std::string_view, Draft*>>()) {
      if (name != "cpu" && name != "memory") continue;
      const auto amount = Quantity::parse(value->leaf.as_string());
      if (!amount || amount->sign() <= 0) continue;
      ++found;
      add(into, name, *amount);
    }
    return found;
  };
  const Draft* whole = spec ? spec->get("resources") : nullptr;
  if (whole) {
    sum(whole->get("requests"), requests);
    if (sum(whole->get("limits"), limits) != 2 && whole->get("limits")) guaranteed = false;
  } else if (spec) {
    for (const std::string_view list : {"containers", "initContainers"}) {
      const Draft* containers = spec->get(list);
      if (!containers) continue;
      for (const Draft* one : containers->items) {
        const Draft* resources = one->get("resources");
        sum(resources ? resources->get("requests") : nullptr, requests);
        if (sum(resources ? resources->get("limits") : nullptr, limits) != 2) guaranteed = false;
      }
    }
  }
  if (requests.empty() && limits.empty()) return "BestEffort";
  if (!guaranteed || requests.size() != limits.size()) return "Burstable";
  for (const auto& [name, amount] : requests) {
    const auto limit = std::find_if(limits.begin(), limits.end(), [&, &wanted = name](const auto& l) { return l.first == wanted; });
    if (limit == limits.end() || !(limit->second == amount)) return "Burstable";
  }
  return "Guaranteed";
}

void pod(Drafts& drafts, Draft* object) {
  Draft* status = drafts.set(object, "status", drafts.map());
  drafts.set(status, "phase", drafts.text("Pending"));
  const Draft* spec = object->get("spec");
  const Draft* gates = spec ? spec->get("schedulingGates") : nullptr;
  if (gates && !gates->items.empty()) {
    Draft* condition = drafts.map();
    drafts.append(drafts.set(status, "conditions", drafts.list()), condition);
    drafts.set(condition, "type", drafts.text("PodScheduled"));
    drafts.set(condition, "status", drafts.text("False"));
    drafts.set(condition, "lastProbeTime", drafts.leaf(drafts.arena().null({})));
    drafts.set(condition, "lastTransitionTime", drafts.leaf(drafts.arena().null({})));
    drafts.set(condition, "reason", drafts.text("SchedulingGated"));
    drafts.set(condition, "message", drafts.text("Scheduling is blocked due to non-empty scheduling gates"));
  }
  drafts.set(status, "qosClass", drafts.text(quality_of_service(spec)));
}

void job(Drafts& drafts, Draft* object) {
  Draft* spec = drafts.map_at(object, "spec");
  if (const Draft* manual = spec->get("manualSelector"); manual && manual->leaf.as_bool()) return;
  Draft* metadata = object->get("metadata");
  Draft* labels = drafts.map_at(drafts.map_at(drafts.map_at(spec, "template"), "metadata"), "labels");
  const auto uid = [&] { return drafts.unknown("metadata.uid", made_up); };
  for (const std::string_view label : {"job-name", "batch.kubernetes.io/job-name"}) {
    if (labels->get(label)) continue;
    const Draft* name = metadata ? metadata->get("name") : nullptr;
    drafts.set(labels, label, name ? drafts.copy(name) : drafts.text(""));
  }
  for (const std::string_view label : {"controller-uid", "batch.kubernetes.io/controller-uid"})
    if (!labels->get(label)) drafts.set(labels, label, uid());
  Draft* selected = drafts.map_at(drafts.map_at(spec, "selector"), "matchLabels");
  if (!selected->get("batch.kubernetes.io/controller-uid")) drafts.set(selected, "batch.kubernetes.io/controller-uid", uid());
}

void service(Drafts& drafts, Draft* object) {
  Draft* spec = drafts.map_at(object, "spec");
  const std::string_view type = spec->text("type");
  if (type == "ExternalName") return;
  const bool headless = spec->text("clusterIP") == "None";
  if (!spec->get("ipFamilyPolicy")) {
    const bool dual = headless && lacks(spec, "selector");
    drafts.set(spec, "ipFamilyPolicy", drafts.text(dual ? "RequireDualStack" : "SingleStack"));
  }
  constexpr std::string_view reason = "it depends on the cluster's network";
  if (lacks(spec, "ipFamilies")) drafts.set(spec, "ipFamilies", drafts.unknown("spec.ipFamilies", reason));
  if (lacks(spec, "clusterIP")) {
    drafts.set(spec, "clusterIP", drafts.unknown("spec.clusterIP", reason));
    if (lacks(spec, "clusterIPs")) drafts.set(spec, "clusterIPs", drafts.unknown("spec.clusterIPs", reason));
  } else if (lacks(spec, "clusterIPs")) {
    drafts.append(drafts.set(spec, "clusterIPs", drafts.list()), drafts.copy(spec->get("clusterIP")));
  }
  const Draft* allocates = spec->get("allocateLoadBalancerNodePorts");
  const bool ports = type == "NodePort" || (type == "LoadBalancer" && (!allocates || allocates->leaf.as_bool()));
  const Draft* all = spec->get("ports");
  if (!ports || !all) return;
  for (Draft* port : all->items)
    if (port->is_map() && lacks(port, "nodePort")) drafts.set(port, "nodePort", drafts.unknown("spec.ports.nodePort", reason));
  if (type == "LoadBalancer" && spec->text("externalTrafficPolicy") == "Local" && lacks(spec, "healthCheckNodePort"))
    drafts.set(spec, "healthCheckNodePort", drafts.unknown("spec.healthCheckNodePort", reason));
}

void name_space(Drafts& drafts, Draft* object) {
  Draft* finalizers = drafts.list_at(drafts.map_at(object, "spec"), "finalizers");
  const bool there = std::any_of(finalizers->items.begin(), finalizers->items.end(), [](const Draft* f) { return f->leaf.as_string() == "kubernetes"; });
  if (!there) drafts.append(finalizers, drafts.text("kubernetes"));
  drafts.set(drafts.set(object, "status", drafts.map()), "phase", drafts.text("Active"));
}

// dataSource and dataSourceRef say the same where one of them is set.
void claim(Drafts& drafts, Draft* object) {
  Draft* spec = object->get("spec");
  if (!spec || !spec->is_map()) return;
  const Draft *source = spec->get("dataSource"), *reference = spec->get("dataSourceRef");
  if (source && !reference) drafts.set(spec, "dataSourceRef", drafts.copy(source));
  if (reference && !source && reference->text("namespace").empty()) {
    const std::string_view kind = reference->text("kind");
    const std::string_view group = reference->text("apiGroup");
    if ((kind == "PersistentVolumeClaim" && group.empty()) || (kind == "VolumeSnapshot" && group == "snapshot.storage.k8s.io"))
      drafts.set(spec, "dataSource", drafts.copy(reference));
  }
}

void volume(Drafts& drafts, Draft* object) {
  Draft* status = drafts.set(object, "status", drafts.map());
  drafts.set(status, "phase", drafts.text("Pending"));
  drafts.set(status, "lastPhaseTransitionTime", drafts.unknown("status.lastPhaseTransitionTime", made_up));
}

// Conversion keeps the old name of the service account's field in step.
void mirror_service_account(Drafts& drafts, Draft* draft, int depth) {
  if (depth > 200) return;
  if (draft->is_map() && draft->type && draft->type->name == "core.v1.PodSpec") {
    if (const Draft* name = draft->get("serviceAccountName"); name && !lacks(draft, "serviceAccountName"))
      drafts.set(draft, "serviceAccount", drafts.copy(name));
    return;
  }
  for (std::size_t i = 0; i < draft->fields.size(); ++i) mirror_service_account(drafts, draft->fields[i].second, depth + 1);
  for (std::size_t i = 0; i < draft->items.size(); ++i) mirror_service_account(drafts, draft->items[i], depth + 1);
}

}  // namespace

void prepare_for_create(Drafts& drafts, Draft* object) {
  if (!object->type) return;
  const std::string_view type = object->type->name;
  if (in(counted, type)) drafts.set(drafts.map_at(object, "metadata"), "generation", drafts.integer(1));
  if (in(no_status, type)) {
    drafts.erase(object, "status");
  }
  if (type == "core.v1.Pod") pod(drafts, object);
  if (type == "batch.v1.Job") job(drafts, object);
  if (type == "core.v1.Service") service(drafts, object);
  if (type == "core.v1.Namespace") name_space(drafts, object);
  if (type == "core.v1.PersistentVolumeClaim") claim(drafts, object);
  if (type == "core.v1.PersistentVolume") volume(drafts, object);
  mirror_service_account(drafts, object, 0);
}

}  // namespace assay::kubernetes::admission

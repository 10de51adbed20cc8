#include "parsers/kubernetes/workload.hpp"

#include <algorithm>
#include <array>

namespace assay::kubernetes {
namespace {

// Where a kind keeps its things: paths of keys, separated by dots; "" is the object itself, "-" nowhere.
struct Form {
  std::string_view type;
  Controller controller;
  std::string_view pod_template;
  std::string_view replicas;
  std::string_view selector;
  int default_replicas = 1;
};

// Sorted by type.
constexpr std::array forms = {
    Form{"k8s:Pod", Controller::pod, "", "-", "-"},
    Form{"k8s:ReplicationController", Controller::deployment, "spec.template", "spec.replicas", "spec.selector"},
    Form{"k8s:apps.kruise.io/CloneSet", Controller::deployment, "spec.template", "spec.replicas", "spec.selector"},
    Form{"k8s:apps.kruise.io/DaemonSet", Controller::daemon_set, "spec.template", "-", "spec.selector", 0},
    Form{"k8s:apps.kruise.io/StatefulSet", Controller::stateful_set, "spec.template", "spec.replicas", "spec.selector"},
    Form{"k8s:apps.openshift.io/DeploymentConfig", Controller::deployment, "spec.template", "spec.replicas",
         "spec.selector"},
    Form{"k8s:apps/DaemonSet", Controller::daemon_set, "spec.template", "-", "spec.selector", 0},
    Form{"k8s:apps/Deployment", Controller::deployment, "spec.template", "spec.replicas", "spec.selector"},
    Form{"k8s:apps/ReplicaSet", Controller::deployment, "spec.template", "spec.replicas", "spec.selector"},
    Form{"k8s:apps/StatefulSet", Controller::stateful_set, "spec.template", "spec.replicas", "spec.selector"},
    Form{"k8s:argoproj.io/Rollout", Controller::deployment, "spec.template", "spec.replicas", "spec.selector"},
    Form{"k8s:batch/CronJob", Controller::cron_job, "spec.jobTemplate.spec.template",
         "spec.jobTemplate.spec.parallelism", "spec.jobTemplate.spec.selector"},
    Form{"k8s:batch/Job", Controller::job, "spec.template", "spec.parallelism", "spec.selector"},
    Form{"k8s:core.strimzi.io/StrimziPodSet", Controller::stateful_set, "spec.pods.0", "-", "spec.selector", 0},
    Form{"k8s:keda.sh/ScaledJob", Controller::job, "spec.jobTargetRef.template", "spec.jobTargetRef.parallelism", "-"},
    Form{"k8s:kubevirt.io/VirtualMachine", Controller::deployment, "spec.template", "-", "-"},
    Form{"k8s:kubevirt.io/VirtualMachineInstance", Controller::pod, "", "-", "-"},
    Form{"k8s:serving.knative.dev/Service", Controller::deployment, "spec.template", "-", "-", 0},
};

constexpr bool sorted() {
  for (std::size_t i = 1; i < forms.size(); ++i)
    if (!(forms[i - 1].type < forms[i].type)) return false;
  return true;
}
static_assert(sorted());

const Form* form_of(std::string_view type) {
  const auto found = std::lower_bound(forms.begin(), forms.end(), type,
                                      [](const Form& form, std::string_view wanted) { return form.type < wanted; });
  return found != forms.end() && found->type == type ? &*found : nullptr;
}

Value follow(Value value, std::string_view path) {
  if (path == "-") return {};
  while (!path.empty()) {
    const auto dot = std::min(path.find('.'), path.size());
    const std::string_view key = path.substr(0, dot);
    path.remove_prefix(std::min(dot + 1, path.size()));
    if (key == "0")
      value = value.size() > 0 && value.is_list() ? value.items()[0] : Value();
    else
      value = value.find(key);
  }
  return value;
}

}  // namespace

bool is_workload(std::string_view type) { return form_of(type) != nullptr; }

std::optional<Workload> workload(std::string_view type, Value object) {
  const Form* form = form_of(type);
  if (!form) return std::nullopt;
  Workload result;
  result.controller = form->controller;
  result.template_ = follow(object, form->pod_template);
  result.metadata = result.template_.find("metadata");
  result.spec = result.template_.find("spec");
  result.replicas = follow(object, form->replicas);
  result.selector = follow(object, form->selector);
  result.default_replicas = form->default_replicas;
  return result;
}

Labels pod_labels(const Workload& workload, std::string_view name) {
  Labels labels{workload.metadata.find("labels"), {}, {}, {}};
  switch (workload.controller) {
    case Controller::stateful_set:
      labels.stateful_set = name;
      break;
    case Controller::job:
      labels.job = name;
      break;
    case Controller::pod:
    case Controller::deployment:
    case Controller::daemon_set:
    case Controller::cron_job:
      break;
  }
  return labels;
}

}  // namespace assay::kubernetes

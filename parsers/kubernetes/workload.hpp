// Where the pods of a workload are described: one accessor for every kind that makes pods.
#pragma once

#include <optional>
#include <string_view>

#include "engine/graph.hpp"
#include "parsers/kubernetes/selector.hpp"

namespace assay::kubernetes {

// What kind of controller stands behind the pods, as far as analyses care.
enum class Controller : std::uint8_t {
  pod,           // the pod itself
  deployment,    // interchangeable pods: Deployment, ReplicaSet, ReplicationController, DeploymentConfig, Rollout …
  stateful_set,  // numbered pods with own volumes
  daemon_set,    // one pod a node
  job,           // runs to its end
  cron_job,
};

struct Workload {
  Controller controller = Controller::pod;
  Value metadata;   // of the pods (labels, annotations): the template's, a Pod's own
  Value spec;       // the pods' spec
  Value replicas;   // as written; no value where it is absent or means nothing (Pod, DaemonSet)
  Value selector;   // the controller's own selector, as written
  Value template_;  // the pod template as a whole (of a Pod: the object)
  // What `replicas` means when it is absent: 1, and 0 where the number is not the workload's own to say.
  int default_replicas = 1;
};

// Nothing for types that make no pods. Fields that are missing or of a wrong type are no values.
std::optional<Workload> workload(std::string_view type, Value object);
bool is_workload(std::string_view type);

// Labels of a workload's pods, those that its controller adds included. `name` must outlive the result.
Labels pod_labels(const Workload& workload, std::string_view name);

}  // namespace assay::kubernetes

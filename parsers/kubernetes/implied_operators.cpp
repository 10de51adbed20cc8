// What the Prometheus operator, CloudNativePG and the RabbitMQ cluster operator create. Names and labels are those
// of the versions in implied.hpp: prometheus-operator pkg/prometheus, pkg/alertmanager, pkg/thanos; cloudnative-pg
// pkg/specs; rabbitmq cluster-operator internal/resource.
#include <algorithm>

#include "parsers/kubernetes/implied.hpp"

namespace assay::kubernetes {
namespace {

// A wrong number in a manifest must not become that many pods.
std::int64_t bounded(Value count, std::int64_t fallback) {
  return count.is(Kind::int64) ? std::clamp<std::int64_t>(count.as_int(), 0, 64) : fallback;
}

Value or_default(Value value, Value fallback) { return value ? value : fallback; }

void secret(Implier& implier, const Resource& creator, std::string name, std::string_view by) {
  implier.create(creator,
                 {"v1",
                  "Secret",
                  std::move(name),
                  creator.ns,
                  {},
                  {},
                  {{"data", implier.unknown("data", "map<string, bytes>", "filled by its operator")}}},
                 by);
}

void service(Implier& implier, const Resource& creator, std::string name, Value labels, Value selector,
             std::string_view port_name, std::int64_t port, bool headless, std::string_view by) {
  const Value ports = implier.list({implier.map({{"name", implier.text(port_name)},
                                                 {"port", implier.number(port)},
                                                 {"protocol", implier.text("TCP")},
                                                 {"targetPort", implier.number(port)}})});
  implier.create(creator,
                 {"v1",
                  "Service",
                  std::move(name),
                  creator.ns,
                  labels,
                  {},
                  {{"spec", implier.map({{"type", implier.text("ClusterIP")},
                                         {"clusterIP", headless ? implier.text("None") : Value()},
                                         {"ports", ports},
                                         {"selector", selector}})}}},
                 by);
}

// --- Prometheus operator -----------------------------------------------------------------------------

struct Monitoring {
  std::string_view application;  // app.kubernetes.io/name
  std::string_view prefix;       // of the StatefulSet
  std::string_view name_label;   // holds the object's name
  std::string_view governing_service;
  std::string_view service_label;  // "true" on the governing Service
  std::string_view port_name;
  std::int64_t port;
};

void monitoring(Implier& implier, const Resource& creator, const Monitoring& form) {
  const Value spec = creator.value.find("spec"), name = implier.text(creator.name);
  // podMetadata's labels come first: the operator's own win over them.
  const Value own = implier.map({{"app.kubernetes.io/name", implier.text(form.application)},
                                 {"app.kubernetes.io/managed-by", implier.text("prometheus-operator")},
                                 {"app.kubernetes.io/instance", name},
                                 {form.name_label, name},
                                 {"operator.prometheus.io/name", form.application == "prometheus" ? name : Value()}});
  const Value version = spec.find("version");
  const Value labels =
      implier.merged({spec.at({"podMetadata", "labels"}), own,
                      implier.map({{"app.kubernetes.io/version", version.is_string() ? version : Value()},
                                   {"operator.prometheus.io/shard",
                                    form.application.starts_with("prometheus") ? implier.text("0") : Value()}})});
  // The ports of its own container, and those of the sidecars: a reloader always, Thanos' where it is asked for.
  std::vector<ImpliedPort> ports;
  if (!spec.find("listenLocal").as_bool()) {
    const Value port_name = spec.find("portName");
    ports.push_back({std::string(port_name.is_string() ? port_name.as_string() : form.port_name), form.port});
    if (form.application == "alertmanager") ports.insert(ports.end(), {{"mesh-tcp", 9094}, {"mesh-udp", 9094, "UDP"}});
    if (form.application == "thanos-ruler") ports.push_back({"grpc", 10901});
  }
  std::vector<Value> containers = {
      implier.container(form.application, ports, spec.find("image"), spec.find("resources")),
      implier.container("config-reloader", {{"reloader-web", 8080}})};
  if (spec.find("thanos").is_map())
    containers.push_back(
        implier.container("thanos-sidecar", {{"http", 10902}, {"grpc", 10901}}, spec.at({"thanos", "image"})));
  // Containers of the same name are merged with the operator's own; others are added.
  for (const Value extra : spec.find("containers").items())
    if (extra.find("name").as_string() != form.application) containers.push_back(extra);
  const Value pod_spec = implier.map({{"serviceAccountName", spec.find("serviceAccountName")},
                                      {"securityContext", spec.find("securityContext")},
                                      {"affinity", spec.find("affinity")},
                                      {"nodeSelector", spec.find("nodeSelector")},
                                      {"tolerations", spec.find("tolerations")},
                                      {"topologySpreadConstraints", spec.find("topologySpreadConstraints")},
                                      {"priorityClassName", spec.find("priorityClassName")},
                                      {"imagePullSecrets", spec.find("imagePullSecrets")},
                                      {"containers", implier.list(containers)},
                                      {"volumes", spec.find("volumes")}});
  const std::string_view governing =
      spec.find("serviceName").is_string() ? spec.find("serviceName").as_string() : form.governing_service;
  implier.create(creator,
                 {"apps/v1",
                  "StatefulSet",
                  std::string(form.prefix) + creator.name,
                  creator.ns,
                  own,
                  {},
                  {{"spec", implier.map({{"replicas", or_default(spec.find("replicas"), implier.number(1))},
                                         {"serviceName", implier.text(governing)},
                                         {"podManagementPolicy", implier.text("Parallel")},
                                         {"selector", implier.map({{"matchLabels", own}})},
                                         {"template", implier.map({{"metadata", implier.map({{"labels", labels}})},
                                                                   {"spec", pod_spec}})}})}}},
                 assumed::prometheus);
  if (governing == form.governing_service)
    service(implier, creator, std::string(governing), implier.map({{form.service_label, implier.text("true")}}),
            implier.map({{"app.kubernetes.io/name", implier.text(form.application)}}), form.port_name, form.port, true,
            assumed::prometheus);
}

void prometheus(Implier& implier, const Resource& creator) {
  monitoring(implier, creator,
             {"prometheus", "prometheus-", "prometheus", "prometheus-operated", "operated-prometheus", "web", 9090});
}
void prometheus_agent(Implier& implier, const Resource& creator) {
  if (creator.value.at({"spec", "mode"}).as_string() == "DaemonSet") return;
  monitoring(implier, creator,
             {"prometheus-agent", "prom-agent-", "operator.prometheus.io/name", "prometheus-agent-operated",
              "operated-prometheus-agent", "web", 9090});
}
void alertmanager(Implier& implier, const Resource& creator) {
  monitoring(
      implier, creator,
      {"alertmanager", "alertmanager-", "alertmanager", "alertmanager-operated", "operated-alertmanager", "web", 9093});
}
void thanos_ruler(Implier& implier, const Resource& creator) {
  monitoring(implier, creator,
             {"thanos-ruler", "thanos-ruler-", "thanos-ruler", "thanos-ruler-operated", "operated-thanos-ruler", "web",
              10902});
}

// --- CloudNativePG -----------------------------------------------------------------------------------

void disruption_budget(Implier& implier, const Resource& creator, std::string name, Value selector,
                       std::int64_t minimum, std::string_view by) {
  implier.create(creator,
                 {"policy/v1",
                  "PodDisruptionBudget",
                  std::move(name),
                  creator.ns,
                  {},
                  {},
                  {{"spec", implier.map({{"minAvailable", implier.number(minimum)},
                                         {"selector", implier.map({{"matchLabels", selector}})}})}}},
                 by);
}

void postgres_pods(Implier& implier, const Resource& creator, std::int64_t instances) {
  const Value spec = creator.value.find("spec");
  const Value cluster = implier.text(creator.name);
  const Value affinity = spec.find("affinity");
  for (std::int64_t i = 1; i <= instances; ++i) {
    const std::string name = creator.name + "-" + std::to_string(i);
    const Value role = implier.text(i == 1 ? "primary" : "replica");
    const Value labels = implier.map({{"cnpg.io/cluster", cluster},
                                      {"cnpg.io/instanceName", implier.text(name)},
                                      {"cnpg.io/instanceRole", role},
                                      {"cnpg.io/podRole", implier.text("instance")},
                                      {"role", role}});
    const Value container = implier.container("postgres", {{"postgresql", 5432}, {"metrics", 9187}, {"status", 8000}},
                                              spec.find("imageName"), spec.find("resources"));
    const Value pod_spec = implier.map({{"serviceAccountName", cluster},
                                        {"priorityClassName", spec.find("priorityClassName")},
                                        {"nodeSelector", affinity.find("nodeSelector")},
                                        {"tolerations", affinity.find("tolerations")},
                                        {"topologySpreadConstraints", spec.find("topologySpreadConstraints")},
                                        {"imagePullSecrets", spec.find("imagePullSecrets")},
                                        {"containers", implier.list({container})}});
    implier.create(creator, {"v1", "Pod", name, creator.ns, labels, {}, {{"spec", pod_spec}}}, assumed::cloudnative_pg);
  }
}

void postgres(Implier& implier, const Resource& creator) {
  const Value spec = creator.value.find("spec"), cluster = implier.text(creator.name);
  const std::int64_t instances = bounded(spec.find("instances"), 1);
  const auto by = assumed::cloudnative_pg;
  implier.create(creator, {"v1", "ServiceAccount", creator.name, creator.ns, {}, {}, {}}, by);
  postgres_pods(implier, creator, instances);

  const Value primary = implier.map({{"cnpg.io/cluster", cluster}, {"cnpg.io/instanceRole", implier.text("primary")}});
  const Value replica = implier.map({{"cnpg.io/cluster", cluster}, {"cnpg.io/instanceRole", implier.text("replica")}});
  const Value any = implier.map({{"cnpg.io/cluster", cluster}, {"cnpg.io/podRole", implier.text("instance")}});
  const Value own = implier.map({{"cnpg.io/cluster", cluster}});
  bool read_only = true, read = true;
  for (const Value disabled : spec.at({"managed", "services", "disabledDefaultServices"}).items()) {
    read_only = read_only && disabled.as_string() != "ro";
    read = read && disabled.as_string() != "r";
  }
  service(implier, creator, creator.name + "-rw", own, primary, "postgres", 5432, false, by);
  if (read_only) service(implier, creator, creator.name + "-ro", own, replica, "postgres", 5432, false, by);
  if (read) service(implier, creator, creator.name + "-r", own, any, "postgres", 5432, false, by);

  const Value enabled = spec.find("enablePDB");
  if (!enabled || enabled.as_bool()) {
    if (instances >= 3) disruption_budget(implier, creator, creator.name, replica, instances - 2, by);
    disruption_budget(implier, creator, creator.name + "-primary", primary, 1, by);
  }

  if (!spec.at({"certificates", "serverCASecret"})) secret(implier, creator, creator.name + "-ca", by);
  if (!spec.at({"certificates", "serverTLSSecret"})) secret(implier, creator, creator.name + "-server", by);
  if (!spec.at({"certificates", "replicationTLSSecret"})) secret(implier, creator, creator.name + "-replication", by);
  const Value bootstrap = spec.find("bootstrap");
  const bool recovery = bootstrap.find("recovery") || bootstrap.find("pg_basebackup");
  if (!recovery && !bootstrap.at({"initdb", "secret"})) secret(implier, creator, creator.name + "-app", by);
  if (spec.find("enableSuperuserAccess").as_bool() && !spec.find("superuserSecret"))
    secret(implier, creator, creator.name + "-superuser", by);
}

void postgres_pooler(Implier& implier, const Resource& creator) {
  const Value spec = creator.value.find("spec");
  const Value own = implier.map({{"cnpg.io/poolerName", implier.text(creator.name)}});
  const Value written = spec.find("template");
  const Value labels = implier.merged({written.at({"metadata", "labels"}), own});
  const Value default_spec = implier.map(
      {{"serviceAccountName", implier.text(creator.name)},
       {"containers", implier.list({implier.container("pgbouncer", {{"pgbouncer", 5432}, {"metrics", 9127}})})}});
  const Value pod_spec = written.find("spec").is_map() ? written.find("spec") : default_spec;
  implier.create(creator, {"v1", "ServiceAccount", creator.name, creator.ns, {}, {}, {}}, assumed::cloudnative_pg);
  implier.create(creator,
                 {"apps/v1",
                  "Deployment",
                  creator.name,
                  creator.ns,
                  own,
                  {},
                  {{"spec", implier.map({{"replicas", or_default(spec.find("instances"), implier.number(1))},
                                         {"selector", implier.map({{"matchLabels", own}})},
                                         {"template", implier.map({{"metadata", implier.map({{"labels", labels}})},
                                                                   {"spec", pod_spec}})}})}}},
                 assumed::cloudnative_pg);
  service(implier, creator, creator.name, own, own, "pgbouncer", 5432, false, assumed::cloudnative_pg);
}

// --- RabbitMQ ----------------------------------------------------------------------------------------

void rabbitmq(Implier& implier, const Resource& creator) {
  const Value spec = creator.value.find("spec"), name = implier.text(creator.name);
  const auto by = assumed::rabbitmq;
  const Value selector = implier.map({{"app.kubernetes.io/name", name}});
  const Value own = implier.map({{"app.kubernetes.io/name", name},
                                 {"app.kubernetes.io/component", implier.text("rabbitmq")},
                                 {"app.kubernetes.io/part-of", implier.text("rabbitmq")}});
  const Value labels = implier.merged({creator.value.at({"metadata", "labels"}), own});
  const std::string server = creator.name + "-server";
  const Value container = implier.container(
      "rabbitmq", {{"epmd", 4369}, {"amqp", 5672}, {"amqps", 5671}, {"management", 15672}, {"prometheus", 15692}},
      spec.find("image"), spec.find("resources"));
  const Value pod_spec = implier.map({{"serviceAccountName", implier.text(server)},
                                      {"affinity", spec.find("affinity")},
                                      {"tolerations", spec.find("tolerations")},
                                      {"imagePullSecrets", spec.find("imagePullSecrets")},
                                      {"terminationGracePeriodSeconds",
                                       or_default(spec.find("terminationGracePeriodSeconds"), implier.number(604800))},
                                      {"containers", implier.list({container})}});
  implier.create(creator, {"v1", "ServiceAccount", server, creator.ns, labels, {}, {}}, by);
  implier.create(creator,
                 {"apps/v1",
                  "StatefulSet",
                  server,
                  creator.ns,
                  labels,
                  {},
                  {{"spec", implier.map({{"replicas", or_default(spec.find("replicas"), implier.number(1))},
                                         {"serviceName", implier.text(creator.name + "-nodes")},
                                         {"selector", implier.map({{"matchLabels", selector}})},
                                         {"template", implier.map({{"metadata", implier.map({{"labels", labels}})},
                                                                   {"spec", pod_spec}})}})}}},
                 by);
  service(implier, creator, creator.name, labels, selector, "amqp", 5672, false, by);
  service(implier, creator, creator.name + "-nodes", labels, selector, "epmd", 4369, true, by);
  secret(implier, creator, creator.name + "-default-user", by);
  secret(implier, creator, creator.name + "-erlang-cookie", by);
  for (const std::string_view suffix : {"-server-conf", "-plugins-conf"})
    implier.create(creator,
                   {"v1",
                    "ConfigMap",
                    creator.name + std::string(suffix),
                    creator.ns,
                    {},
                    {},
                    {{"data", implier.unknown("data", "map<string, string>", "filled by its operator")}}},
                   by);
}

constexpr ImpliedFunction table[] = {
    {"k8s:monitoring.coreos.com/Alertmanager", alertmanager},
    {"k8s:monitoring.coreos.com/Prometheus", prometheus},
    {"k8s:monitoring.coreos.com/PrometheusAgent", prometheus_agent},
    {"k8s:monitoring.coreos.com/ThanosRuler", thanos_ruler},
    {"k8s:postgresql.cnpg.io/Cluster", postgres},
    {"k8s:postgresql.cnpg.io/Pooler", postgres_pooler},
    {"k8s:rabbitmq.com/RabbitmqCluster", rabbitmq},
};

}  // namespace

std::span<const ImpliedFunction> implied_by_operators() { return table; }

}  // namespace assay::kubernetes

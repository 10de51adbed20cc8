// What Strimzi's cluster, topic and user operators create. Names as in "List of Kafka cluster resources" of its
// deployment guide; labels and network policies as in its model package (KafkaCluster, ZookeeperCluster, Labels).
#include <algorithm>
#include <array>

#include "parsers/kubernetes/adapter.hpp"
#include "parsers/kubernetes/implied.hpp"

namespace assay::kubernetes {
namespace {

std::int64_t bounded(Value count, std::int64_t fallback) {
  return count.is(Kind::int64) ? std::clamp<std::int64_t>(count.as_int(), 0, 64) : fallback;
}

// One component of a Strimzi custom resource: what its pods are called and labelled.
struct Component {
  const Resource& creator;
  std::string cluster;           // the custom resource's name
  std::string name;              // strimzi.io/name: my-cluster-kafka
  std::string_view kind;         // strimzi.io/kind: Kafka
  std::string_view type;         // strimzi.io/component-type: kafka
  std::string_view application;  // app.kubernetes.io/name
  std::string_view by;
};

Value selector_labels(Implier& implier, const Component& component) {
  return implier.map({{"strimzi.io/cluster", implier.text(component.cluster)},
                      {"strimzi.io/kind", implier.text(component.kind)},
                      {"strimzi.io/name", implier.text(component.name)}});
}

Value pod_labels(Implier& implier, const Component& component, Value own_template) {
  const Value own = implier.map({{"strimzi.io/cluster", implier.text(component.cluster)},
                                 {"strimzi.io/kind", implier.text(component.kind)},
                                 {"strimzi.io/name", implier.text(component.name)},
                                 {"strimzi.io/component-type", implier.text(component.type)},
                                 {"app.kubernetes.io/name", implier.text(component.application)},
                                 {"app.kubernetes.io/instance", implier.text(component.cluster)},
                                 {"app.kubernetes.io/part-of", implier.text("strimzi-" + component.cluster)},
                                 {"app.kubernetes.io/managed-by", implier.text("strimzi-cluster-operator")}});
  return implier.merged(
      {component.creator.value.at({"metadata", "labels"}), own_template.at({"pod", "metadata", "labels"}), own});
}

Value pod_spec(Implier& implier, std::string_view account, std::string_view container, Value own, Value own_template,
               std::vector<ImpliedPort> ports) {
  if (own.find("metricsConfig")) ports.push_back({"tcp-prometheus", 9404});
  const Value pod = own_template.find("pod");
  return implier.map(
      {{"serviceAccountName", implier.text(account)},
       {"affinity", pod.find("affinity")},
       {"tolerations", pod.find("tolerations")},
       {"topologySpreadConstraints", pod.find("topologySpreadConstraints")},
       {"priorityClassName", pod.find("priorityClassName")},
       {"securityContext", pod.find("securityContext")},
       {"imagePullSecrets", pod.find("imagePullSecrets")},
       {"terminationGracePeriodSeconds", pod.find("terminationGracePeriodSeconds")},
       {"volumes", pod.find("volumes")},
       {"containers", implier.list({implier.container(container, ports, own.find("image"), own.find("resources"))})}});
}

void secret(Implier& implier, const Resource& creator, const std::string& name, std::string_view by) {
  implier.create(creator,
                 {"v1",
                  "Secret",
                  name,
                  creator.ns,
                  {},
                  {},
                  {{"data", implier.unknown("data", "map<string, bytes>", "filled by its operator")}}},
                 by);
}

void account(Implier& implier, const Resource& creator, const std::string& name, std::string_view by) {
  implier.create(creator, {"v1", "ServiceAccount", name, creator.ns, {}, {}, {}}, by);
}

void service(Implier& implier, const Resource& creator, const std::string& name, Value selector,
             const std::vector<ImpliedPort>& ports, bool headless, std::string_view type, std::string_view by) {
  std::vector<Value> list;
  for (const ImpliedPort& port : ports)
    list.push_back(implier.map({{"name", implier.text(port.name)},
                                {"port", implier.number(port.number)},
                                {"protocol", implier.text("TCP")},
                                {"targetPort", implier.number(port.number)}}));
  implier.create(creator,
                 {"v1",
                  "Service",
                  name,
                  creator.ns,
                  selector,
                  {},
                  {{"spec", implier.map({{"type", implier.text(type)},
                                         {"clusterIP", headless ? implier.text("None") : Value()},
                                         {"ports", implier.list(list)},
                                         {"selector", selector}})}}},
                 by);
}

void disruption_budget(Implier& implier, const Component& component, Value own_template) {
  const Value maximum = own_template.at({"podDisruptionBudget", "maxUnavailable"});
  implier.create(
      component.creator,
      {"policy/v1",
       "PodDisruptionBudget",
       component.name,
       component.creator.ns,
       {},
       {},
       {{"spec", implier.map({{"maxUnavailable", maximum ? maximum : implier.number(1)},
                              {"selector", implier.map({{"matchLabels", selector_labels(implier, component)}})}})}}},
      component.by);
}

// A peer with such a strimzi.io/name in the own namespace.
Value peer(Implier& implier, const std::string& name) {
  return implier.map(
      {{"podSelector", implier.map({{"matchLabels", implier.map({{"strimzi.io/name", implier.text(name)}})}})}});
}
Value operator_peer(Implier& implier) {
  const Value labels = implier.map({{"strimzi.io/kind", implier.text("cluster-operator")}});
  return implier.map({{"podSelector", implier.map({{"matchLabels", labels}})}, {"namespaceSelector", implier.map({})}});
}
// Without peers the port is open to all.
Value ingress_rule(Implier& implier, std::int64_t port, Value peers) {
  const Value ports = implier.list({implier.map({{"protocol", implier.text("TCP")}, {"port", implier.number(port)}})});
  return implier.map({{"from", peers}, {"ports", ports}});
}

void network_policy(Implier& implier, const Component& component, const std::string& name,
                    std::span<const Value> rules) {
  implier.create(
      component.creator,
      {"networking.k8s.io/v1",
       "NetworkPolicy",
       name,
       component.creator.ns,
       {},
       {},
       {{"spec", implier.map({{"podSelector", implier.map({{"matchLabels", selector_labels(implier, component)}})},
                              {"policyTypes", implier.list({implier.text("Ingress")})},
                              {"ingress", implier.list(rules)}})}}},
      component.by);
}

// Pods as StrimziPodSet holds them: one entry a pod. They differ in name only.
void pod_set(Implier& implier, const Component& component, const std::string& name, std::int64_t first,
             std::int64_t count, Value labels, Value spec) {
  std::vector<Value> pods;
  for (std::int64_t i = first; i < first + count; ++i) {
    const Value pod_name = implier.text(name + "-" + std::to_string(i));
    const Value named = implier.merged({labels, implier.map({{"strimzi.io/pod-name", pod_name},
                                                             {"strimzi.io/controller", implier.text("strimzipodset")},
                                                             {"strimzi.io/controller-name", implier.text(name)}})});
    pods.push_back(implier.map({{"apiVersion", implier.text("v1")},
                                {"kind", implier.text("Pod")},
                                {"metadata", implier.map({{"name", pod_name}, {"labels", named}})},
                                {"spec", spec}}));
  }
  implier.create(
      component.creator,
      {"core.strimzi.io/v1beta2",
       "StrimziPodSet",
       name,
       component.creator.ns,
       labels,
       {},
       {{"spec", implier.map({{"selector", implier.map({{"matchLabels", selector_labels(implier, component)}})},
                              {"pods", implier.list(pods)}})}}},
      component.by);
}

void deployment(Implier& implier, const Component& component, std::string_view container, Value own,
                std::int64_t replicas, std::vector<ImpliedPort> ports) {
  const Value own_template = own.find("template");
  const Value labels = pod_labels(implier, component, own_template);
  const Value selector = implier.map({{"matchLabels", selector_labels(implier, component)}});
  const Value spec = pod_spec(implier, component.name, container, own, own_template, std::move(ports));
  account(implier, component.creator, component.name, component.by);
  implier.create(
      component.creator,
      {"apps/v1",
       "Deployment",
       component.name,
       component.creator.ns,
       labels,
       {},
       {{"spec",
         implier.map({{"replicas", implier.number(replicas)},
                      {"selector", selector},
                      {"template", implier.map({{"metadata", implier.map({{"labels", labels}})}, {"spec", spec}})}})}}},
      component.by);
}

// --- Kafka -------------------------------------------------------------------------------------------

std::vector<ImpliedPort> broker_ports(Value kafka) {
  std::vector<ImpliedPort> ports = {{"tcp-ctrlplane", 9090}, {"tcp-replication", 9091}, {"tcp-kafkaagent", 8443}};
  for (const Value listener : kafka.find("listeners").items())
    if (listener.find("port").is(Kind::int64))
      ports.push_back({"tcp-" + std::string(listener.find("name").as_string()), listener.find("port").as_int()});
  return ports;
}

void kafka_brokers(Implier& implier, const Component& component, Value kafka) {
  const Resource& creator = component.creator;
  const std::string& cluster = component.cluster;
  const Value selector = selector_labels(implier, component);
  const auto by = component.by;

  std::vector<ImpliedPort> bootstrap = {{"tcp-replication", 9091}},
                           brokers = {{"tcp-ctrlplane", 9090}, {"tcp-replication", 9091}, {"tcp-kafkaagent", 8443}};
  std::vector<Value> rules;
  const Value own_peer = peer(implier, component.name), by_operator = operator_peer(implier);
  rules.push_back(ingress_rule(implier, 9090, implier.list({own_peer})));
  rules.push_back(ingress_rule(
      implier, 9091,
      implier.list({by_operator, own_peer, peer(implier, cluster + "-entity-operator"),
                    peer(implier, cluster + "-kafka-exporter"), peer(implier, cluster + "-cruise-control")})));
  rules.push_back(ingress_rule(implier, 8443, implier.list({by_operator})));
  for (const Value listener : kafka.find("listeners").items()) {
    const Value port = listener.find("port"), type = listener.find("type");
    const std::string name(listener.find("name").as_string());
    if (!port.is(Kind::int64) || name.empty()) continue;
    rules.push_back(ingress_rule(implier, port.as_int(), listener.find("networkPolicyPeers")));
    if (type.as_string() == "internal") {
      bootstrap.push_back({"tcp-" + name, port.as_int()});
      brokers.push_back({"tcp-" + name, port.as_int()});
      continue;
    }
    // Listeners from outside have a bootstrap Service of their own (9094 `external` keeps its old name).
    const std::string_view service_type = type.as_string() == "loadbalancer" ? "LoadBalancer"
                                          : type.as_string() == "nodeport"   ? "NodePort"
                                                                             : "ClusterIP";
    const bool old = name == "external" && port.as_int() == 9094;
    service(implier, creator, cluster + "-kafka-" + (old ? "external" : name) + "-bootstrap", selector,
            {{"tcp-" + name, port.as_int()}}, false, service_type, by);
  }
  if (kafka.find("metricsConfig")) rules.push_back(ingress_rule(implier, 9404, Value()));
  if (kafka.find("jmxOptions")) rules.push_back(ingress_rule(implier, 9999, Value()));
  service(implier, creator, cluster + "-kafka-bootstrap", selector, bootstrap, false, "ClusterIP", by);
  service(implier, creator, cluster + "-kafka-brokers", selector, brokers, true, "ClusterIP", by);
  network_policy(implier, component, cluster + "-network-policy-kafka", rules);
  disruption_budget(implier, component, kafka.find("template"));
  account(implier, creator, cluster + "-kafka", by);
}

void zookeeper_nodes(Implier& implier, const Component& component, Value zookeeper) {
  const Value selector = selector_labels(implier, component), own_template = zookeeper.find("template");
  const Value own_peer = peer(implier, component.name), by_operator = operator_peer(implier);
  const std::string& cluster = component.cluster;
  const auto by = component.by;
  account(implier, component.creator, component.name, by);
  pod_set(implier, component, component.name, 0, bounded(zookeeper.find("replicas"), 1),
          pod_labels(implier, component, own_template),
          pod_spec(implier, component.name, "zookeeper", zookeeper, own_template,
                   {{"tcp-clients", 2181}, {"tcp-clustering", 2888}, {"tcp-election", 3888}}));
  service(implier, component.creator, component.name + "-client", selector, {{"tcp-clients", 2181}}, false, "ClusterIP",
          by);
  service(implier, component.creator, component.name + "-nodes", selector,
          {{"tcp-clients", 2181}, {"tcp-clustering", 2888}, {"tcp-election", 3888}}, true, "ClusterIP", by);
  std::vector<Value> rules = {
      ingress_rule(implier, 2888, implier.list({own_peer})), ingress_rule(implier, 3888, implier.list({own_peer})),
      ingress_rule(
          implier, 2181,
          implier.list({peer(implier, cluster + "-kafka"), own_peer, by_operator,
                        peer(implier, cluster + "-entity-operator"), peer(implier, cluster + "-cruise-control")}))};
  if (zookeeper.find("metricsConfig")) rules.push_back(ingress_rule(implier, 9404, Value()));
  network_policy(implier, component, cluster + "-network-policy-zookeeper", rules);
  disruption_budget(implier, component, own_template);
  secret(implier, component.creator, component.name + "-nodes", by);
}

void kafka(Implier& implier, const Resource& creator) {
  const Value spec = creator.value.find("spec"), kafka = spec.find("kafka"), zookeeper = spec.find("zookeeper");
  const std::string& cluster = creator.name;
  const auto by = zookeeper ? assumed::strimzi_zookeeper : assumed::strimzi;
  for (const std::string_view suffix :
       {"-cluster-ca", "-cluster-ca-cert", "-clients-ca", "-clients-ca-cert", "-cluster-operator-certs"})
    secret(implier, creator, cluster + std::string(suffix), by);

  const Component brokers{creator, cluster, cluster + "-kafka", "Kafka", "kafka", "kafka", by};
  kafka_brokers(implier, brokers, kafka);
  // Without node pools the brokers are one set; KafkaNodePool objects bring sets of their own.
  const bool pools =
      creator.value.at({"metadata", "annotations", "strimzi.io/node-pools"}).as_string() == "enabled" || !zookeeper;
  if (!pools && kafka.find("replicas")) {
    const Value own_template = kafka.find("template");
    pod_set(implier, brokers, brokers.name, 0, bounded(kafka.find("replicas"), 1),
            implier.merged({pod_labels(implier, brokers, own_template),
                            implier.map({{"strimzi.io/pool-name", implier.text("kafka")},
                                         {"strimzi.io/broker-role", implier.text("true")},
                                         {"strimzi.io/controller-role", implier.text("false")}})}),
            pod_spec(implier, cluster + "-kafka", "kafka", kafka, own_template, broker_ports(kafka)));
    secret(implier, creator, cluster + "-kafka-brokers", by);
  }
  if (zookeeper.is_map())
    zookeeper_nodes(implier, {creator, cluster, cluster + "-zookeeper", "Kafka", "zookeeper", "zookeeper", by},
                    zookeeper);

  const Value entity = spec.find("entityOperator");
  if (entity.find("topicOperator") || entity.find("userOperator")) {
    const Component component{creator,           cluster, cluster + "-entity-operator", "Kafka", "entity-operator",
                              "entity-operator", by};
    deployment(implier, component, entity.find("topicOperator") ? "topic-operator" : "user-operator", entity, 1,
               {{"healthcheck", 8080}});
    const std::array rules = {ingress_rule(implier, 8081, Value())};
    network_policy(implier, component, cluster + "-network-policy-entity-operator", rules);
    if (entity.find("topicOperator")) secret(implier, creator, cluster + "-entity-topic-operator-certs", by);
    if (entity.find("userOperator")) secret(implier, creator, cluster + "-entity-user-operator-certs", by);
  }
  if (const Value control = spec.find("cruiseControl")) {
    const Component component{creator,          cluster, cluster + "-cruise-control", "Kafka", "cruise-control",
                              "cruise-control", by};
    deployment(implier, component, "cruise-control", control, 1, {{"rest-api", 9090}});
    service(implier, creator, component.name, selector_labels(implier, component), {{"rest-api", 9090}}, false,
            "ClusterIP", by);
    const std::array rules = {ingress_rule(implier, 9090, implier.list({operator_peer(implier)}))};
    network_policy(implier, component, cluster + "-network-policy-cruise-control", rules);
  }
  if (const Value exporter = spec.find("kafkaExporter"))
    deployment(implier,
               {creator, cluster, cluster + "-kafka-exporter", "Kafka", "kafka-exporter", "kafka-exporter", by},
               "kafka-exporter", exporter, 1, {{"tcp-prometheus", 9404}});
}

// A pool's pods belong to the cluster that its label names; its own template wins over the cluster's.
void kafka_node_pool(Implier& implier, const Resource& creator) {
  const std::string cluster(creator.value.at({"metadata", "labels", "strimzi.io/cluster"}).as_string());
  if (cluster.empty()) return;
  const Value spec = creator.value.find("spec"), own_template = spec.find("template");
  bool broker = false, controller = false;
  for (const Value role : spec.find("roles").items()) {
    broker = broker || role.as_string() == "broker";
    controller = controller || role.as_string() == "controller";
  }
  const Component component{creator, cluster, cluster + "-kafka", "Kafka", "kafka", "kafka", assumed::strimzi};
  const Value labels =
      implier.merged({pod_labels(implier, component, own_template),
                      implier.map({{"strimzi.io/pool-name", implier.text(creator.name)},
                                   {"strimzi.io/broker-role", implier.text(broker ? "true" : "false")},
                                   {"strimzi.io/controller-role", implier.text(controller ? "true" : "false")}})});
  pod_set(implier, component, cluster + "-" + creator.name, 0, bounded(spec.find("replicas"), 1), labels,
          // Which listeners the brokers have is said by the cluster, which may be elsewhere.
          pod_spec(implier, cluster + "-kafka", "kafka", spec, own_template,
                   broker_ports(implier.find(creator.scope, "k8s:kafka.strimzi.io/Kafka", creator.ns, cluster)
                                    .at({"spec", "kafka"}))));
}

void kafka_user(Implier& implier, const Resource& creator) {
  const Value written = creator.value.at({"spec", "authentication", "type"});
  if (written.as_string() == "tls-external" || !written) return;
  const Value renamed = creator.value.at({"spec", "template", "secret", "metadata", "name"});
  secret(implier, creator, renamed.is_string() ? std::string(renamed.as_string()) : creator.name, assumed::strimzi);
}

// Connect and MirrorMaker 2 run as a pod set with a REST Service and a budget.
void connect_cluster(Implier& implier, const Resource& creator, std::string_view suffix, std::string_view kind) {
  const Value spec = creator.value.find("spec"), own_template = spec.find("template");
  const std::string name = creator.name + "-" + std::string(suffix);
  const Component component{creator, creator.name, name, kind, suffix, suffix, assumed::strimzi};
  account(implier, creator, name, component.by);
  pod_set(implier, component, name, 0, bounded(spec.find("replicas"), 3), pod_labels(implier, component, own_template),
          pod_spec(implier, name, name, spec, own_template, {{"rest-api", 8083}}));
  service(implier, creator, name + "-api", selector_labels(implier, component), {{"rest-api", 8083}}, false,
          "ClusterIP", component.by);
  disruption_budget(implier, component, own_template);
}
void kafka_connect(Implier& implier, const Resource& creator) {
  connect_cluster(implier, creator, "connect", "KafkaConnect");
}
void kafka_mirror_maker(Implier& implier, const Resource& creator) {
  connect_cluster(implier, creator, "mirrormaker2", "KafkaMirrorMaker2");
}
void kafka_bridge(Implier& implier, const Resource& creator) {
  const Value spec = creator.value.find("spec");
  const Component component{creator,        creator.name,   creator.name + "-bridge", "KafkaBridge",
                            "kafka-bridge", "kafka-bridge", assumed::strimzi};
  deployment(implier, component, component.name, spec, bounded(spec.find("replicas"), 1), {{"rest-api", 8080}});
  service(implier, creator, creator.name + "-bridge-service", selector_labels(implier, component), {{"rest-api", 8080}},
          false, "ClusterIP", component.by);
  disruption_budget(implier, component, spec.find("template"));
}

constexpr ImpliedFunction table[] = {
    {"k8s:kafka.strimzi.io/Kafka", kafka},
    {"k8s:kafka.strimzi.io/KafkaBridge", kafka_bridge},
    {"k8s:kafka.strimzi.io/KafkaConnect", kafka_connect},
    {"k8s:kafka.strimzi.io/KafkaMirrorMaker2", kafka_mirror_maker},
    {"k8s:kafka.strimzi.io/KafkaNodePool", kafka_node_pool},
    {"k8s:kafka.strimzi.io/KafkaUser", kafka_user},
};

}  // namespace

std::span<const ImpliedFunction> implied_by_strimzi() { return table; }

}  // namespace assay::kubernetes

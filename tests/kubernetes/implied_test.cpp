#include <catch2/catch.hpp>

#include "tests/kubernetes/cluster.hpp"

using namespace assay;
using namespace assay::kubernetes::test;

namespace {

Lines implied(const Cluster& cluster) {
  Lines result;
  for (const Resource& resource : cluster.graph.resources())
    if (resource.implied) result.push_back(resource.address);
  return result;
}

const Resource* find(const Cluster& cluster, const std::string& address) {
  const auto ids = cluster.graph.at(0, address);
  return ids.empty() ? nullptr : &cluster.graph.resource(ids[0]);
}

}  // namespace

TEST_CASE("Secrets and accounts that tools create", "[kubernetes]") {
  struct Case {
    const char* manifest;
    Lines expected;
  };
  const Case cases[] = {
      {"{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: e, namespace: p}, spec: {target: {name: t}}}", {"k8s:Secret/p/t"}},
      {"{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: e, namespace: p}}", {"k8s:Secret/p/e"}},
      {"{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: e, namespace: p}, spec: {target: {creationPolicy: Merge}}}", {}},
      {"{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: e, namespace: p}}", {"k8s:Secret/p/e"}},
      {"{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: c, namespace: p}, spec: {secretName: s}}", {"k8s:Secret/p/s"}},
      {"{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: c, namespace: p, annotations: {cert-manager.io/cluster-issuer: i}}, spec: {tls: [{secretName: s}]}}", {"k8s:Secret/p/s"}},
      {"{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: c, namespace: p}, spec: {tls: [{secretName: s}]}}", {}},
      {"{apiVersion: secrets-store.csi.x-k8s.io/v1, kind: SecretProviderClass, metadata: {name: c, namespace: p}, spec: {secretObjects: [{secretName: s, type: Opaque}]}}", {"k8s:Secret/p/s"}},
      {"{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: p}, spec: {priorityClassName: system-node-critical, volumes: [{projected: {sources: [{configMap: {name: kube-root-ca.crt}}]}}]}}",
       {"k8s:ConfigMap/p/kube-root-ca.crt", "k8s:ServiceAccount/p/default", "k8s:scheduling.k8s.io/PriorityClass/system-node-critical"}},
      {"{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: b}, roleRef: {kind: ClusterRole, name: cluster-admin}}", {"k8s:rbac.authorization.k8s.io/ClusterRole/cluster-admin"}},
      {"{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: b}, roleRef: {kind: ClusterRole, name: own}}", {}},
  };
  for (const Case& c : cases) {
    INFO(c.manifest);
    const Cluster cluster(c.manifest, true);
    CHECK(implied(cluster) == c.expected);
  }
}

TEST_CASE("an implied object knows where it comes from", "[kubernetes]") {
  const Cluster cluster("{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: sealed, namespace: p}}", true);
  const Resource* secret = find(cluster, "k8s:Secret/p/sealed");
  REQUIRE(secret);
  CHECK(secret->implied);
  CHECK(secret->value.find("data").is_unknown());
  CHECK(cluster.sources.text(secret->header) == "sealed");
  CHECK(cluster.sources.text(located(secret->value).span) == "sealed");
  REQUIRE(secret->premises.size() == 1);
  CHECK(secret->premises[0].status == PremiseStatus::assumed);
  CHECK(secret->premises[0].text == "Sealed Secrets 0.32 creates it for `k8s:bitnami.com/SealedSecret/p/sealed`");
  CHECK(cluster.edges({EdgeKind::owns}) == Lines{"k8s:bitnami.com/SealedSecret/p/sealed owns k8s:Secret/p/sealed"});
}

TEST_CASE("what the inputs hold is not implied again", "[kubernetes]") {
  const Cluster cluster(R"(
{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: s, namespace: p}}
---
{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: p}}
)", true);
  CHECK(implied(cluster).empty());
}

TEST_CASE("a closed world has what it has", "[kubernetes]") {
  Cluster cluster;
  cluster.add_file("a.yaml", "{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: s, namespace: p}}");
  const ScopeId scope = cluster.graph.add_scope({0, ".", "", {"k8s:Secret"}});
  for (auto& object : kubernetes::objects(cluster.files[0], nullptr, cluster.arena, cluster.diagnostics))
    kubernetes::add(cluster.graph, scope, std::move(object), Evidence::observed);
  kubernetes::add_implied(cluster.graph);
  CHECK(cluster.graph.resources().size() == 1);
}

TEST_CASE("eksctl's service accounts", "[kubernetes]") {
  const Cluster cluster(R"(
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: c}
iam:
  serviceAccounts:
  - metadata: {name: a, namespace: kube-system, annotations: {x: z}}
  - metadata: {name: role-only, namespace: kube-system}
    roleOnly: true
  podIdentityAssociations:
  - {namespace: p, serviceAccountName: b, createServiceAccount: true}
  - {namespace: p, serviceAccountName: exists}
)", true);
  CHECK(implied(cluster) == Lines{"k8s:ServiceAccount/kube-system/a", "k8s:ServiceAccount/p/b"});
  const Value annotations = find(cluster, "k8s:ServiceAccount/kube-system/a")->value.at({"metadata", "annotations"});
  CHECK(annotations.find("x").as_string() == "z");
  CHECK(annotations.find("eks.amazonaws.com/role-arn").is_unknown());
  CHECK(cluster.edges({EdgeKind::owns}).size() == 2);
}

TEST_CASE("Strimzi's objects", "[kubernetes]") {
  const Cluster cluster(R"(
apiVersion: kafka.strimzi.io/v1beta2
kind: Kafka
metadata: {name: k, namespace: p}
spec:
  kafka:
    replicas: 3
    listeners:
    - {name: plain, port: 9092, type: internal, tls: false}
    - {name: outside, port: 9094, type: loadbalancer, tls: true}
    template: {pod: {metadata: {labels: {team: data}}}}
  zookeeper: {replicas: 3}
  entityOperator: {topicOperator: {}}
---
{apiVersion: kafka.strimzi.io/v1beta2, kind: KafkaUser, metadata: {name: u, namespace: p, labels: {strimzi.io/cluster: k}}, spec: {authentication: {type: tls}}}
---
{apiVersion: v1, kind: Service, metadata: {name: metrics, namespace: p}, spec: {selector: {strimzi.io/cluster: k, strimzi.io/kind: Kafka, team: data}}}
)", true);
  for (const char* address :
       {"k8s:Secret/p/k-cluster-ca-cert", "k8s:Secret/p/u", "k8s:Service/p/k-kafka-bootstrap", "k8s:Service/p/k-kafka-brokers",
        "k8s:Service/p/k-kafka-outside-bootstrap", "k8s:Service/p/k-zookeeper-client", "k8s:apps/Deployment/p/k-entity-operator",
        "k8s:networking.k8s.io/NetworkPolicy/p/k-network-policy-kafka", "k8s:policy/PodDisruptionBudget/p/k-zookeeper"}) {
    INFO(address);
    CHECK(find(cluster, address));
  }
  const Resource* brokers = find(cluster, "k8s:core.strimzi.io/StrimziPodSet/p/k-kafka");
  REQUIRE(brokers);
  CHECK(brokers->value.at({"spec", "pods"}).size() == 3);
  const Lines edges = cluster.edges({EdgeKind::protects, EdgeKind::selects});
  const auto holds = [&](const char* line) { return std::find(edges.begin(), edges.end(), line) != edges.end(); };
  CHECK(holds("k8s:Service/p/metrics selects k8s:core.strimzi.io/StrimziPodSet/p/k-kafka"));
  CHECK(holds("k8s:policy/PodDisruptionBudget/p/k-kafka protects k8s:core.strimzi.io/StrimziPodSet/p/k-kafka"));
  CHECK(find(cluster, "k8s:Service/p/k-kafka-outside-bootstrap")->value.at({"spec", "type"}).as_string() == "LoadBalancer");
  CHECK(cluster.edges({EdgeKind::runs_as, EdgeKind::mounts}).size() == 3);
}

TEST_CASE("Strimzi's node pools", "[kubernetes]") {
  const Cluster cluster(R"(
{apiVersion: kafka.strimzi.io/v1, kind: Kafka, metadata: {name: k, namespace: p}, spec: {kafka: {listeners: [{name: tls, port: 9093, type: internal, tls: true}]}}}
---
{apiVersion: kafka.strimzi.io/v1, kind: KafkaNodePool, metadata: {name: brokers, namespace: p, labels: {strimzi.io/cluster: k}}, spec: {replicas: 5, roles: [broker]}}
)", true);
  REQUIRE(find(cluster, "k8s:core.strimzi.io/StrimziPodSet/p/k-brokers"));
  CHECK_FALSE(find(cluster, "k8s:core.strimzi.io/StrimziPodSet/p/k-kafka"));
  CHECK(cluster.edges({EdgeKind::protects}) ==
        Lines{"k8s:policy/PodDisruptionBudget/p/k-kafka protects k8s:core.strimzi.io/StrimziPodSet/p/k-brokers"});
}

TEST_CASE("CloudNativePG's objects", "[kubernetes]") {
  const Cluster cluster(R"(
{apiVersion: postgresql.cnpg.io/v1, kind: Cluster, metadata: {name: db, namespace: p}, spec: {instances: 3, enableSuperuserAccess: true}}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: n1, namespace: p}, spec: {podSelector: {matchLabels: {cnpg.io/cluster: db}}}}
)", true);
  CHECK(cluster.edges({EdgeKind::selects, EdgeKind::protects, EdgeKind::governs}) ==
        Lines{"k8s:Service/p/db-r selects k8s:Pod/p/db-1", "k8s:Service/p/db-r selects k8s:Pod/p/db-2",
              "k8s:Service/p/db-r selects k8s:Pod/p/db-3", "k8s:Service/p/db-ro selects k8s:Pod/p/db-2",
              "k8s:Service/p/db-ro selects k8s:Pod/p/db-3", "k8s:Service/p/db-rw selects k8s:Pod/p/db-1",
              "k8s:networking.k8s.io/NetworkPolicy/p/n1 governs k8s:Pod/p/db-1",
              "k8s:networking.k8s.io/NetworkPolicy/p/n1 governs k8s:Pod/p/db-2",
              "k8s:networking.k8s.io/NetworkPolicy/p/n1 governs k8s:Pod/p/db-3",
              "k8s:policy/PodDisruptionBudget/p/db protects k8s:Pod/p/db-2",
              "k8s:policy/PodDisruptionBudget/p/db protects k8s:Pod/p/db-3",
              "k8s:policy/PodDisruptionBudget/p/db-primary protects k8s:Pod/p/db-1"});
  for (const char* name : {"db-app", "db-superuser", "db-ca", "db-server", "db-replication"})
    CHECK(find(cluster, std::string("k8s:Secret/p/") + name));
}

TEST_CASE("the Prometheus operator's and RabbitMQ's objects", "[kubernetes]") {
  const Cluster cluster(R"(
{apiVersion: monitoring.coreos.com/v1, kind: Prometheus, metadata: {name: k8s, namespace: p}, spec: {replicas: 2, podMetadata: {labels: {a: b}}}}
---
{apiVersion: v1, kind: Service, metadata: {name: s, namespace: p}, spec: {selector: {app.kubernetes.io/name: prometheus, prometheus: k8s, a: b}}}
---
{apiVersion: rabbitmq.com/v1beta1, kind: RabbitmqCluster, metadata: {name: mq, namespace: p}, spec: {replicas: 3}}
)", true);
  CHECK(cluster.edges({EdgeKind::selects}) == Lines{"k8s:Service/p/mq selects k8s:apps/StatefulSet/p/mq-server",
                                                    "k8s:Service/p/mq-nodes selects k8s:apps/StatefulSet/p/mq-server",
                                                    "k8s:Service/p/prometheus-operated selects k8s:apps/StatefulSet/p/prometheus-k8s",
                                                    "k8s:Service/p/s selects k8s:apps/StatefulSet/p/prometheus-k8s"});
  // The replicas are the custom resource's own value, so that a finding lands there.
  CHECK(cluster.text(find(cluster, "k8s:apps/StatefulSet/p/prometheus-k8s")->value.at({"spec", "replicas"})) == "2");
}

TEST_CASE("absurd numbers make no absurd number of objects", "[kubernetes]") {
  const Cluster cluster(R"(
{apiVersion: postgresql.cnpg.io/v1, kind: Cluster, metadata: {name: db}, spec: {instances: 2000000000}}
---
{apiVersion: kafka.strimzi.io/v1, kind: KafkaNodePool, metadata: {name: b, labels: {strimzi.io/cluster: k}}, spec: {replicas: -5}}
)", true);
  CHECK(cluster.graph.resources().size() < 100);
}

// Wrong types anywhere: any subtree of a manifest becomes any other kind of value. Nothing may crash, and every
// object stays one.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "tests/kubernetes/cluster.hpp"

using namespace assay;
using namespace assay::kubernetes::test;

namespace {

// One of every kind that edges or implied objects know, with the fields that they read.
const char* const seeds = R"(
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: a, namespace: p, ownerReferences: [{apiVersion: v1, kind: Node, name: x}]}, spec: {serviceName: s, replicas: 2, selector: {matchLabels: {a: b}}, volumeClaimTemplates: [{spec: {storageClassName: c}}], template: {metadata: {labels: {a: b}}, spec: {serviceAccountName: sa, priorityClassName: system-node-critical, containers: [{env: [{valueFrom: {secretKeyRef: {name: x, optional: true}}}], envFrom: [{configMapRef: {name: x}}]}], volumes: [{configMap: {name: kube-root-ca.crt}}, {projected: {sources: [{secret: {name: s}}]}}, {csi: {driver: secrets-store.csi.k8s.io, volumeAttributes: {secretProviderClass: x}}}], resourceClaims: [{resourceClaimName: r}]}}}}
---
{apiVersion: v1, kind: Service, metadata: {name: s, namespace: p, labels: {a: b}}, spec: {selector: {a: b}}}
---
{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: s, namespace: p}, spec: {selector: {matchLabels: {a: b}, matchExpressions: [{key: a, operator: In, values: [b]}]}}}
---
{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: s, namespace: p, annotations: {cert-manager.io/issuer: i}}, spec: {ingressClassName: x, tls: [{secretName: s}], rules: [{http: {paths: [{backend: {service: {name: s, port: {name: x}}, resource: {apiGroup: g, kind: K, name: k}}}]}}]}}
---
{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: s, namespace: p}, spec: {parentRefs: [{name: g, group: x, kind: Gateway, namespace: q}], rules: [{filters: [{requestMirror: {backendRef: {name: s}}, extensionRef: {group: g, kind: K, name: k}}], backendRefs: [{name: s}]}]}}
---
{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: g, namespace: q, annotations: {cert-manager.io/issuer: i}}, spec: {gatewayClassName: c, listeners: [{tls: {certificateRefs: [{name: c}]}}]}}
---
{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: v, namespace: p}, spec: {gateways: [g, q/g], http: [{route: [{destination: {host: s}}], mirror: {host: s.p.svc}, delegate: {name: x}}]}}
---
{apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: v, namespace: p}, spec: {hosts: [s]}}
---
{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: g, namespace: q}, spec: {selector: {a: b}, servers: [{tls: {credentialName: x}}]}}
---
{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: g, namespace: p}, spec: {selector: {matchLabels: {a: b}}, targetRefs: [{kind: Service, group: '', name: s}]}}
---
{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: g, namespace: p}, spec: {endpointSelector: {matchLabels: {'k8s:a': b}}}, specs: [{endpointSelector: {}}]}
---
{apiVersion: policy.networking.k8s.io/v1alpha1, kind: AdminNetworkPolicy, metadata: {name: g}, spec: {subject: {pods: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: p}}, podSelector: {}}}}}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: g}, roleRef: {kind: ClusterRole, name: view}, subjects: [{kind: ServiceAccount, name: a, namespace: p}, {kind: User, name: 'system:serviceaccount:p:a'}, {kind: Group, name: 'system:serviceaccounts:p'}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: g}, aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}}
---
{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: h, namespace: p}, spec: {scaleTargetRef: {kind: StatefulSet, apiVersion: apps/v1, name: a}, metrics: [{object: {describedObject: {kind: Service, apiVersion: v1, name: s}}}]}}
---
{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {name: h, namespace: p}, spec: {scaleTargetRef: {name: a}, triggers: [{authenticationRef: {name: x, kind: y}}]}}
---
{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicyBinding, metadata: {name: b}, spec: {policyName: pol, paramRef: {name: m, namespace: p}}}
---
{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicy, metadata: {name: pol}, spec: {paramKind: {apiVersion: v1, kind: ConfigMap}}}
---
{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: x}, spec: {group: example.org, scope: Cluster, names: {kind: Widget}, conversion: {webhook: {clientConfig: {service: {name: s, namespace: p}}}}}}
---
{apiVersion: kafka.strimzi.io/v1beta2, kind: Kafka, metadata: {name: k, namespace: p, labels: {a: b}}, spec: {kafka: {replicas: 3, metricsConfig: {valueFrom: {configMapKeyRef: {name: x}}}, storage: {volumes: [{class: c}]}, listeners: [{name: plain, port: 9092, type: internal, networkPolicyPeers: [{}]}, {name: o, port: 9094, type: nodeport}], template: {pod: {metadata: {labels: {a: b}}}}}, zookeeper: {replicas: 3}, entityOperator: {topicOperator: {}, userOperator: {}}, cruiseControl: {}, kafkaExporter: {}}}
---
{apiVersion: kafka.strimzi.io/v1beta2, kind: KafkaNodePool, metadata: {name: n1, namespace: p, labels: {strimzi.io/cluster: k}}, spec: {replicas: 2, roles: [broker], storage: {class: x}}}
---
{apiVersion: kafka.strimzi.io/v1beta2, kind: KafkaConnect, metadata: {name: n1, namespace: p}, spec: {replicas: 2}}
---
{apiVersion: postgresql.cnpg.io/v1, kind: Cluster, metadata: {name: c, namespace: p}, spec: {instances: 3, storage: {storageClass: x}, managed: {services: {disabledDefaultServices: [ro]}}, backup: {barmanObjectStore: {s3Credentials: {accessKeyId: {name: x}}}}, bootstrap: {initdb: {secret: {name: x}}}, plugins: [{parameters: {barmanObjectName: o}}]}}
---
{apiVersion: postgresql.cnpg.io/v1, kind: Pooler, metadata: {name: pool, namespace: p}, spec: {cluster: {name: c}, instances: 1, template: {metadata: {labels: {a: b}}, spec: {containers: []}}}}
---
{apiVersion: postgresql.cnpg.io/v1, kind: ScheduledBackup, metadata: {name: pool, namespace: p}, spec: {cluster: {name: c}}}
---
{apiVersion: rabbitmq.com/v1beta1, kind: RabbitmqCluster, metadata: {name: mq, namespace: p, labels: {a: b}}, spec: {replicas: 3, persistence: {storageClassName: x}, tls: {secretName: x}}}
---
{apiVersion: velero.io/v1, kind: Schedule, metadata: {name: mq, namespace: p}, spec: {template: {includedNamespaces: ['*'], excludedResources: [x], labelSelector: {}, orLabelSelectors: [{matchLabels: {a: b}}], storageLocation: x}}}
---
{apiVersion: monitoring.coreos.com/v1, kind: Prometheus, metadata: {name: k, namespace: p}, spec: {replicas: 2, podMetadata: {labels: {a: b}}, serviceMonitorSelector: {}, serviceMonitorNamespaceSelector: {}, alerting: {alertmanagers: [{name: s, namespace: p}]}, secrets: [x], containers: [{name: x}], storage: {volumeClaimTemplate: {spec: {storageClassName: x}}}}}
---
{apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, metadata: {name: k, namespace: p}, spec: {selector: {matchLabels: {a: b}}, namespaceSelector: {any: true, matchNames: [p]}}}
---
{apiVersion: eksctl.io/v1alpha5, kind: ClusterConfig, metadata: {name: c}, iam: {serviceAccounts: [{metadata: {name: x, namespace: p, labels: {a: b}, annotations: {a: b}}}], podIdentityAssociations: [{namespace: p, serviceAccountName: x, createServiceAccount: true}]}}
---
{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: c, namespace: p}, spec: {secretName: x, issuerRef: {name: i, kind: Issuer, group: cert-manager.io}}}
---
{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}]}
)";

class Mutator {
 public:
  Mutator(unsigned seed, Arena& arena) : random_(seed), arena_(arena) {}

  Value mutate(Value root) {
    std::size_t nodes = count(root);
    target_ = 1 + random_() % nodes;  // never the root itself
    seen_ = 0;
    return copy(root);
  }

 private:
  static std::size_t count(Value value) {
    std::size_t result = 1;
    for (const Value item : value.items()) result += count(item);
    for (const Entry& entry : value.entries()) result += count(entry.value);
    return result;
  }
  Value any() {
    const Span nowhere;
    const Value one[] = {arena_.string("x", nowhere)};
    const Entry entry[] = {{"name", 4, 0, arena_.string("x", nowhere)}};
    const Entry odd[] = {{"", 0, 0, arena_.list(one, nowhere)}};
    switch (random_() % 14) {
      case 0: return arena_.null(nowhere);
      case 1: return arena_.boolean(true, nowhere);
      case 2: return arena_.integer(-1, nowhere);
      case 3: return arena_.integer(INT64_MAX, nowhere);
      case 4: return arena_.unsigned_integer(UINT64_MAX, nowhere);
      case 5: return arena_.floating(1e300, nowhere);
      case 6: return arena_.number("123456789012345678901234567890", nowhere);
      case 7: return arena_.string("", nowhere);
      case 8: return arena_.string("a/b.c:d", nowhere);
      case 9: return arena_.list({}, nowhere);
      case 10: return arena_.list(one, nowhere);
      case 11: return arena_.map(entry, nowhere);
      case 12: return arena_.map(odd, nowhere);
      default: return arena_.unknown({"var.x", "", ""}, nowhere);
    }
  }
  Value copy(Value value) {
    if (seen_++ == target_) return any();
    if (value.is_list()) {
      std::vector<Value> items;
      for (const Value item : value.items()) items.push_back(copy(item));
      return arena_.list(items, value.span());
    }
    if (value.is_map()) {
      std::vector<Entry> entries;
      for (Entry entry : value.entries()) {
        entry.value = copy(entry.value);
        entries.push_back(entry);
      }
      return arena_.map(entries, value.span());
    }
    return value;
  }

  std::mt19937 random_;
  Arena& arena_;
  std::size_t target_ = 0, seen_ = 0;
};

}  // namespace

TEST_CASE("wrong types anywhere never crash", "[kubernetes]") {
  Cluster seed;
  seed.add_file("seeds.yaml", seeds);
  REQUIRE(seed.diagnostics.errors() == 0);
  const auto& documents = seed.files[0].documents;
  REQUIRE(documents.size() == 32);
  std::size_t resources = 0, edges = 0;
  for (unsigned round = 0; round < 3000; ++round) {
    Cluster cluster;
    ParsedFile file;
    file.source = cluster.sources.add("seeds.yaml", seeds).id();
    file.has_nulls = true;
    for (std::size_t i = 0; i < documents.size(); ++i) {
      Document document = documents[i];
      // A few of the documents at a time, so that most relations still hold.
      if ((i + round) % 4 == 0) document.root = Mutator(round * 64 + static_cast<unsigned>(i), file.arena).mutate(document.root);
      file.documents.push_back(document);
    }
    cluster.files.push_back(std::move(file));
    cluster.build(true);
    resources += cluster.graph.resources().size();
    edges += cluster.graph.edges().size();
  }
  CHECK(resources > 3000u * 60);
  CHECK(edges > 3000u * 100);
}

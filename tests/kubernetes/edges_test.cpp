#include <catch2/catch.hpp>

#include "tests/kubernetes/cluster.hpp"

using namespace assay;
using namespace assay::kubernetes::test;

namespace {

struct Case {
  const char* title;
  const char* manifest;
  std::initializer_list<EdgeKind> kinds;
  Lines expected;  // sorted
};

void check(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    INFO(c.title);
    const Cluster cluster{c.manifest};
    CHECK(cluster.diagnostics.errors() == 0);
    CHECK(cluster.edges(c.kinds) == c.expected);
  }
}

}  // namespace

TEST_CASE("what a pod names", "[kubernetes]") {
  check({{"environment, volumes, pull secrets, classes", R"(
apiVersion: batch/v1
kind: CronJob
metadata: {name: a, namespace: p}
spec:
  jobTemplate:
    spec:
      template:
        spec:
          serviceAccountName: sa
          priorityClassName: high
          runtimeClassName: gvisor
          imagePullSecrets: [{name: pull}]
          initContainers:
          - envFrom: [{configMapRef: {name: m1}}, {secretRef: {name: s1, optional: true}}]
          containers:
          - env:
            - {name: A, valueFrom: {configMapKeyRef: {name: m2, key: k, optional: true}}}
            - {name: B, valueFrom: {secretKeyRef: {name: s2, key: k}}}
            - {name: C, value: plain}
          volumes:
          - {name: v1, configMap: {name: m3}}
          - {name: v2, secret: {secretName: s3, optional: true}}
          - {name: v3, persistentVolumeClaim: {claimName: c1}}
          - {name: v4, projected: {sources: [{configMap: {name: m4}}, {secret: {name: s4}}, {serviceAccountToken: {path: t}}]}}
          - {name: v5, csi: {driver: secrets-store.csi.k8s.io, volumeAttributes: {secretProviderClass: spc}, nodePublishSecretRef: {name: s5}}}
          - {name: v6, ephemeral: {volumeClaimTemplate: {spec: {storageClassName: fast}}}}
          - {name: v7, cephfs: {secretRef: {name: s6}}}
          - {name: v8, azureFile: {secretName: s7}}
)",
          {},
          {"k8s:batch/CronJob/p/a mounts absent k8s:ConfigMap p/m3",
           "k8s:batch/CronJob/p/a mounts absent k8s:ConfigMap p/m4",
           "k8s:batch/CronJob/p/a mounts absent k8s:PersistentVolumeClaim p/c1",
           "k8s:batch/CronJob/p/a mounts absent k8s:Secret p/s3 (optional)",
           "k8s:batch/CronJob/p/a mounts absent k8s:Secret p/s4",
           "k8s:batch/CronJob/p/a mounts absent k8s:secrets-store.csi.x-k8s.io/SecretProviderClass p/spc",
           "k8s:batch/CronJob/p/a references absent k8s:ConfigMap p/m1",
           "k8s:batch/CronJob/p/a references absent k8s:ConfigMap p/m2 (optional)",
           "k8s:batch/CronJob/p/a references absent k8s:Secret p/pull",
           "k8s:batch/CronJob/p/a references absent k8s:Secret p/s1 (optional)",
           "k8s:batch/CronJob/p/a references absent k8s:Secret p/s2",
           "k8s:batch/CronJob/p/a references absent k8s:Secret p/s5",
           "k8s:batch/CronJob/p/a references absent k8s:Secret p/s6",
           "k8s:batch/CronJob/p/a references absent k8s:Secret p/s7",
           "k8s:batch/CronJob/p/a references absent k8s:node.k8s.io/RuntimeClass gvisor",
           "k8s:batch/CronJob/p/a references absent k8s:scheduling.k8s.io/PriorityClass high",
           "k8s:batch/CronJob/p/a references absent k8s:storage.k8s.io/StorageClass fast",
           "k8s:batch/CronJob/p/a runs-as absent k8s:ServiceAccount p/sa"}},
         {"found in its own namespace only, through every way", R"(
{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: p}, spec: {containers: [{envFrom: [{configMapRef: {name: m}}]}], serviceAccount: sa}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: m, namespace: p}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: sa, namespace: q}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: p}}
)",
          {},
          {"k8s:ConfigMap/p/m in-namespace k8s:Namespace/p", "k8s:Pod/p/a in-namespace k8s:Namespace/p",
           "k8s:Pod/p/a references k8s:ConfigMap/p/m", "k8s:Pod/p/a runs-as absent k8s:ServiceAccount p/sa"}}});
}

TEST_CASE("where an edge points", "[kubernetes]") {
  const Cluster cluster(R"(
{apiVersion: v1, kind: Pod, metadata: {name: a, labels: {app: x}}, spec: {containers: [{envFrom: [{configMapRef: {name: conf}}]}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: b}, spec: {selector: {app: x}}}
)");
  for (const Edge& edge : cluster.graph.edges()) {
    if (edge.kind == EdgeKind::references) CHECK(cluster.text(edge.reason) == "conf");
    if (edge.kind == EdgeKind::selects) CHECK(cluster.text(edge.reason) == "{app: x}");
    if (edge.kind == EdgeKind::runs_as) {
      CHECK(edge.reason.as_string() == "default");
      CHECK(located(edge.reason).absent == "serviceAccountName");
      CHECK(cluster.sources.text(located(edge.reason).span).starts_with("{containers"));
    }
  }
}

TEST_CASE("selectors of Services, budgets and policies", "[kubernetes]") {
  const std::string pods = R"(
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: p}, spec: {template: {metadata: {labels: {app: web, tier: front}}}}}
---
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db, namespace: p}, spec: {template: {metadata: {labels: {app: db}}}}}
---
{apiVersion: batch/v1, kind: Job, metadata: {name: run, namespace: p}, spec: {template: {metadata: {}}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: q, labels: {app: web}}}
---
)";
  struct Selection {
    const char* object;
    EdgeKind kind;
    std::vector<std::string> selected;
  };
  const std::string web = "k8s:apps/Deployment/p/web", db = "k8s:apps/StatefulSet/p/db", run = "k8s:batch/Job/p/run";
  const Selection selections[] = {
      {"{apiVersion: v1, kind: Service, metadata: {name: s, namespace: p}, spec: {selector: {app: web}}}", EdgeKind::selects, {web}},
      {"{apiVersion: v1, kind: Service, metadata: {name: s, namespace: p}, spec: {selector: {app: web, tier: back}}}", EdgeKind::selects, {}},
      {"{apiVersion: v1, kind: Service, metadata: {name: s, namespace: p}, spec: {selector: {}}}", EdgeKind::selects, {}},
      {"{apiVersion: v1, kind: Service, metadata: {name: s, namespace: p}, spec: {selector: {app: 1}}}", EdgeKind::selects, {}},
      {"{apiVersion: v1, kind: Service, metadata: {name: s, namespace: p}, spec: {selector: {statefulset.kubernetes.io/pod-name: db-0}}}", EdgeKind::selects, {db}},
      {"{apiVersion: v1, kind: Service, metadata: {name: s, namespace: p}, spec: {selector: {statefulset.kubernetes.io/pod-name: web-0}}}", EdgeKind::selects, {}},
      {"{apiVersion: v1, kind: Service, metadata: {name: s, namespace: p}, spec: {selector: {job-name: run}}}", EdgeKind::selects, {run}},
      {"{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {selector: {app: web}}}", EdgeKind::selects, {}},
      {"{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: s, namespace: p}, spec: {selector: {}}}", EdgeKind::protects, {web, db, run}},
      {"{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: s, namespace: p}, spec: {}}", EdgeKind::protects, {}},
      {"{apiVersion: policy/v1beta1, kind: PodDisruptionBudget, metadata: {name: s, namespace: p}, spec: {selector: {}}}", EdgeKind::protects, {}},
      {"{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: s, namespace: p}, spec: {selector: {matchExpressions: [{key: app, operator: In, values: [db, web]}]}}}", EdgeKind::protects, {web, db}},
      {"{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: s, namespace: p}, spec: {selector: {matchExpressions: [{key: app, operator: NotIn, values: [db]}]}}}", EdgeKind::protects, {web, run}},
      {"{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: s, namespace: p}, spec: {selector: {matchExpressions: [{key: app, operator: Exists}]}}}", EdgeKind::protects, {web, db}},
      {"{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: s, namespace: p}, spec: {selector: {matchExpressions: [{key: tier, operator: DoesNotExist}]}}}", EdgeKind::protects, {db, run}},
      {"{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: s, namespace: p}, spec: {selector: {matchExpressions: [{key: app, operator: Sometimes}]}}}", EdgeKind::protects, {}},
      {"{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: s, namespace: p}, spec: {selector: {matchExpressions: [{key: app, operator: In, values: []}]}}}", EdgeKind::protects, {}},
      {"{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: s, namespace: p}, spec: {podSelector: {}}}", EdgeKind::governs, {web, db, run}},
      {"{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: s, namespace: p}, spec: {}}", EdgeKind::governs, {web, db, run}},
      {"{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: s, namespace: p}, spec: {podSelector: {matchLabels: {app: db}}}}", EdgeKind::governs, {db}},
      {"{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: s, namespace: p}, spec: {endpointSelector: {matchLabels: {'k8s:app': db}}}}", EdgeKind::governs, {db}},
      {"{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {name: s, namespace: p}, spec: {selector: {matchLabels: {app: db}}}}", EdgeKind::governs, {db}},
  };
  for (const Selection& selection : selections) {
    INFO(selection.object);
    const Cluster cluster(pods + selection.object);
    Lines expected;
    const Resource* selecting = nullptr;
    for (const Resource& resource : cluster.graph.resources())
      if (resource.name == "s") selecting = &resource;
    REQUIRE(selecting);
    for (const std::string& address : selection.selected)
      expected.push_back(selecting->address + " " + std::string(name_of(selection.kind)) + " " + address);
    std::sort(expected.begin(), expected.end());
    CHECK(cluster.edges({selection.kind}) == expected);
  }
}

TEST_CASE("the way of traffic", "[kubernetes]") {
  check({{"Ingress, old and new, and what is no Service", R"(
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: a, namespace: p, annotations: {kubernetes.io/ingress.class: alb}}
spec:
  ingressClassName: nginx
  defaultBackend: {service: {name: fallback, port: {number: 80}}}
  tls: [{secretName: cert}]
  rules:
  - http:
      paths:
      - {path: /, backend: {service: {name: web, port: {number: 80}}}}
      - {path: /r, backend: {service: {name: redirect, port: {name: use-annotation}}}}
      - {path: /b, backend: {resource: {apiGroup: k8s.example.org, kind: Bucket, name: b}}}
---
apiVersion: extensions/v1beta1
kind: Ingress
metadata: {name: old, namespace: p}
spec: {rules: [{http: {paths: [{backend: {serviceName: web, servicePort: 80}}]}}]}
---
{apiVersion: v1, kind: Service, metadata: {name: web, namespace: p}}
)",
          {},
          {"k8s:networking.k8s.io/Ingress/p/a references absent k8s:Secret p/cert",
           "k8s:networking.k8s.io/Ingress/p/a references absent k8s:networking.k8s.io/IngressClass nginx",
           "k8s:networking.k8s.io/Ingress/p/a routes-to absent k8s:Service p/fallback",
           "k8s:networking.k8s.io/Ingress/p/a routes-to absent k8s:k8s.example.org/Bucket p/b",
           "k8s:networking.k8s.io/Ingress/p/a routes-to k8s:Service/p/web",
           "k8s:networking.k8s.io/Ingress/p/old routes-to k8s:Service/p/web"}},
         {"Gateway API", R"(
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: g, namespace: infra}
spec: {gatewayClassName: gc, listeners: [{tls: {certificateRefs: [{name: cert}, {name: other, namespace: q}]}}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: p}
spec:
  parentRefs: [{name: g, namespace: infra}, {name: missing}]
  rules:
  - filters: [{type: RequestMirror, requestMirror: {backendRef: {name: shadow}}}]
    backendRefs: [{name: web, port: 80}, {name: api, namespace: q}]
---
{apiVersion: v1, kind: Service, metadata: {name: web, namespace: p}}
)",
          {},
          {"k8s:gateway.networking.k8s.io/Gateway/infra/g references absent k8s:Secret infra/cert",
           "k8s:gateway.networking.k8s.io/Gateway/infra/g references absent k8s:Secret q/other",
           "k8s:gateway.networking.k8s.io/Gateway/infra/g references absent k8s:gateway.networking.k8s.io/GatewayClass gc",
           "k8s:gateway.networking.k8s.io/Gateway/infra/g routes-to k8s:gateway.networking.k8s.io/HTTPRoute/p/r",
           "k8s:gateway.networking.k8s.io/HTTPRoute/p/r references absent k8s:gateway.networking.k8s.io/Gateway p/missing",
           "k8s:gateway.networking.k8s.io/HTTPRoute/p/r references k8s:gateway.networking.k8s.io/Gateway/infra/g",
           "k8s:gateway.networking.k8s.io/HTTPRoute/p/r routes-to absent k8s:Service p/shadow",
           "k8s:gateway.networking.k8s.io/HTTPRoute/p/r routes-to absent k8s:Service q/api",
           "k8s:gateway.networking.k8s.io/HTTPRoute/p/r routes-to k8s:Service/p/web"}},
         {"Istio", R"(
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata: {name: v, namespace: p}
spec:
  gateways: [mesh, gw, infra/gw]
  http:
  - route:
    - destination: {host: web, subset: v2}
    - destination: {host: api.q.svc.cluster.local}
    - destination: {host: api.q.svc}
    - destination: {host: api.example.org}
    - destination: {host: declared.example.org}
    mirror: {host: shadow}
---
{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: d, namespace: p}, spec: {host: web.p.svc.cluster.local}}
---
{apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: e, namespace: p}, spec: {hosts: [declared.example.org]}}
---
{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: gw, namespace: infra}, spec: {selector: {istio: gate}, servers: [{tls: {credentialName: cert}}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: gate, namespace: istio-system, labels: {istio: gate}}}
---
{apiVersion: v1, kind: Service, metadata: {name: web, namespace: p}}
---
{apiVersion: v1, kind: Service, metadata: {name: api, namespace: q}}
)",
          {EdgeKind::routes_to, EdgeKind::references, EdgeKind::selects},
          {"k8s:networking.istio.io/DestinationRule/p/d references k8s:Service/p/web",
           "k8s:networking.istio.io/Gateway/infra/gw references absent k8s:Secret istio-system/cert",
           "k8s:networking.istio.io/Gateway/infra/gw routes-to k8s:networking.istio.io/VirtualService/p/v",
           "k8s:networking.istio.io/Gateway/infra/gw selects k8s:Pod/istio-system/gate",
           "k8s:networking.istio.io/VirtualService/p/v references absent k8s:networking.istio.io/Gateway p/gw",
           "k8s:networking.istio.io/VirtualService/p/v references k8s:networking.istio.io/Gateway/infra/gw",
           "k8s:networking.istio.io/VirtualService/p/v routes-to absent k8s:Service p/shadow",
           "k8s:networking.istio.io/VirtualService/p/v routes-to k8s:Service/p/web",
           "k8s:networking.istio.io/VirtualService/p/v routes-to k8s:Service/q/api",
           "k8s:networking.istio.io/VirtualService/p/v routes-to k8s:networking.istio.io/ServiceEntry/p/e"}},
         {"OpenShift", R"(
{apiVersion: route.openshift.io/v1, kind: Route, metadata: {name: r, namespace: p}, spec: {to: {kind: Service, name: web}, alternateBackends: [{name: old}]}}
)",
          {},
          {"k8s:route.openshift.io/Route/p/r routes-to absent k8s:Service p/old",
           "k8s:route.openshift.io/Route/p/r routes-to absent k8s:Service p/web"}}});
}

TEST_CASE("scaling, owning, granting, binding", "[kubernetes]") {
  check({{"autoscalers", R"(
{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: h}, spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}}
---
{apiVersion: autoscaling/v1, kind: HorizontalPodAutoscaler, metadata: {name: old}, spec: {scaleTargetRef: {apiVersion: extensions/v1beta1, kind: Deployment, name: web}}}
---
{apiVersion: autoscaling.k8s.io/v1, kind: VerticalPodAutoscaler, metadata: {name: v}, spec: {targetRef: {apiVersion: apps/v1, kind: StatefulSet, name: db}}}
---
{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {name: s}, spec: {scaleTargetRef: {name: web}, triggers: [{authenticationRef: {name: t}}]}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}}
)",
          {EdgeKind::scales, EdgeKind::references},
          {"k8s:autoscaling.k8s.io/VerticalPodAutoscaler/default/v scales absent k8s:apps/StatefulSet default/db",
           "k8s:autoscaling/HorizontalPodAutoscaler/default/h scales k8s:apps/Deployment/default/web",
           "k8s:autoscaling/HorizontalPodAutoscaler/default/old scales k8s:apps/Deployment/default/web",
           "k8s:keda.sh/ScaledObject/default/s references absent k8s:keda.sh/TriggerAuthentication default/t",
           "k8s:keda.sh/ScaledObject/default/s scales k8s:apps/Deployment/default/web"}},
         {"owners", R"(
{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: r, namespace: p, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: d}]}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, namespace: p, ownerReferences: [{apiVersion: v1, kind: Node, name: n1}]}}
---
{apiVersion: v1, kind: Node, metadata: {name: n1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: o, namespace: p, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: gone}]}}
)",
          {EdgeKind::owns, EdgeKind::references},
          {"k8s:Node/n1 owns k8s:apps/Deployment/p/d",
           "k8s:Pod/p/o references absent k8s:apps/Deployment p/gone (optional)",
           "k8s:apps/Deployment/p/d owns k8s:apps/ReplicaSet/p/r"}},
         {"grants", R"(
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: b}
roleRef: {kind: ClusterRole, name: cluster-admin}
subjects:
- {kind: ServiceAccount, name: a, namespace: p}
- {kind: ServiceAccount, name: gone, namespace: p}
- {kind: User, name: 'system:serviceaccount:p:u'}
- {kind: User, name: jane}
- {kind: Group, name: 'system:serviceaccounts:q'}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: r, namespace: p}, roleRef: {kind: Role, name: x}, subjects: [{kind: ServiceAccount, name: a}]}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: a, namespace: p}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: u, namespace: p}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: z, namespace: q}}
)",
          {},
          {"k8s:rbac.authorization.k8s.io/ClusterRoleBinding/b grants absent k8s:ServiceAccount p/gone",
           "k8s:rbac.authorization.k8s.io/ClusterRoleBinding/b grants k8s:ServiceAccount/p/a",
           "k8s:rbac.authorization.k8s.io/ClusterRoleBinding/b grants k8s:ServiceAccount/p/u",
           "k8s:rbac.authorization.k8s.io/ClusterRoleBinding/b grants k8s:ServiceAccount/q/z",
           "k8s:rbac.authorization.k8s.io/ClusterRoleBinding/b references absent k8s:rbac.authorization.k8s.io/ClusterRole cluster-admin",
           "k8s:rbac.authorization.k8s.io/RoleBinding/p/r grants k8s:ServiceAccount/p/a",
           "k8s:rbac.authorization.k8s.io/RoleBinding/p/r references absent k8s:rbac.authorization.k8s.io/Role p/x"}},
         {"admission", R"(
{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicy, metadata: {name: pol}, spec: {paramKind: {apiVersion: v1, kind: ConfigMap}}}
---
{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicyBinding, metadata: {name: b}, spec: {policyName: pol, paramRef: {name: m, namespace: p}}}
---
{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: w}, webhooks: [{clientConfig: {service: {name: s, namespace: p}}}]}
)",
          {},
          {"k8s:admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding/b governs k8s:admissionregistration.k8s.io/ValidatingAdmissionPolicy/pol",
           "k8s:admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding/b references absent k8s:ConfigMap p/m",
           "k8s:admissionregistration.k8s.io/ValidatingWebhookConfiguration/w references absent k8s:Service p/s"}},
         {"storage", R"(
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c, namespace: p}, spec: {storageClassName: fast, volumeName: pv}}
---
{apiVersion: v1, kind: PersistentVolume, metadata: {name: pv}, spec: {storageClassName: fast, claimRef: {name: c, namespace: p}}}
---
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: s, namespace: p}, spec: {serviceName: head, volumeClaimTemplates: [{spec: {storageClassName: fast}}]}}
---
{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: fast}}
)",
          {},
          {"k8s:PersistentVolume/pv references k8s:PersistentVolumeClaim/p/c",
           "k8s:PersistentVolume/pv references k8s:storage.k8s.io/StorageClass/fast",
           "k8s:PersistentVolumeClaim/p/c references k8s:PersistentVolume/pv",
           "k8s:PersistentVolumeClaim/p/c references k8s:storage.k8s.io/StorageClass/fast",
           "k8s:apps/StatefulSet/p/s references absent k8s:Service p/head",
           "k8s:apps/StatefulSet/p/s references k8s:storage.k8s.io/StorageClass/fast"}}});
}

TEST_CASE("custom resources of operators", "[kubernetes]") {
  check({{"cert-manager and External Secrets", R"(
{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: c, namespace: p}, spec: {secretName: s, issuerRef: {name: i, kind: ClusterIssuer}}}
---
{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: e, namespace: p}, spec: {secretStoreRef: {name: st, kind: ClusterSecretStore}}}
)",
          {},
          {"k8s:cert-manager.io/Certificate/p/c references absent k8s:Secret p/s",
           "k8s:cert-manager.io/Certificate/p/c references absent k8s:cert-manager.io/ClusterIssuer i",
           "k8s:external-secrets.io/ExternalSecret/p/e references absent k8s:external-secrets.io/ClusterSecretStore st"}},
         {"Strimzi, CloudNativePG", R"(
{apiVersion: kafka.strimzi.io/v1beta2, kind: KafkaTopic, metadata: {name: t, namespace: p, labels: {strimzi.io/cluster: k}}}
---
{apiVersion: kafka.strimzi.io/v1beta2, kind: Kafka, metadata: {name: k, namespace: p}, spec: {kafka: {storage: {class: gp3}, metricsConfig: {valueFrom: {configMapKeyRef: {name: m}}}}}}
---
{apiVersion: postgresql.cnpg.io/v1, kind: Cluster, metadata: {name: c, namespace: p}}
---
{apiVersion: postgresql.cnpg.io/v1, kind: ScheduledBackup, metadata: {name: b, namespace: p}, spec: {cluster: {name: c}}}
)",
          {},
          {"k8s:kafka.strimzi.io/Kafka/p/k references absent k8s:ConfigMap p/m",
           "k8s:kafka.strimzi.io/Kafka/p/k references absent k8s:storage.k8s.io/StorageClass gp3",
           "k8s:kafka.strimzi.io/KafkaTopic/p/t references k8s:kafka.strimzi.io/Kafka/p/k",
           "k8s:postgresql.cnpg.io/Cluster/p/c backed-up-by k8s:postgresql.cnpg.io/ScheduledBackup/p/b",
           "k8s:postgresql.cnpg.io/ScheduledBackup/p/b references k8s:postgresql.cnpg.io/Cluster/p/c"}},
         {"Velero takes namespaces, resources and labels", R"(
{apiVersion: velero.io/v1, kind: Schedule, metadata: {name: all, namespace: velero}, spec: {template: {excludedNamespaces: [q]}}}
---
{apiVersion: velero.io/v1, kind: Schedule, metadata: {name: some, namespace: velero}, spec: {template: {includedNamespaces: [p, q], includedResources: [persistentvolumeclaims], labelSelector: {matchLabels: {a: b}}}}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c, namespace: p}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: d, namespace: q, labels: {a: b}}}
---
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: s, namespace: p, labels: {a: b}}}
)",
          {EdgeKind::backed_up_by},
          {"k8s:PersistentVolumeClaim/p/c backed-up-by k8s:velero.io/Schedule/velero/all",
           "k8s:PersistentVolumeClaim/q/d backed-up-by k8s:velero.io/Schedule/velero/some",
           "k8s:apps/StatefulSet/p/s backed-up-by k8s:velero.io/Schedule/velero/all"}},
         {"the Prometheus operator's selectors", R"(
{apiVersion: monitoring.coreos.com/v1, kind: Prometheus, metadata: {name: k, namespace: m}, spec: {serviceMonitorSelector: {}, serviceMonitorNamespaceSelector: {matchLabels: {watched: 'yes'}}, ruleSelector: {}}}
---
{apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, metadata: {name: a, namespace: p}, spec: {selector: {matchLabels: {app: x}}}}
---
{apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, metadata: {name: b, namespace: q}, spec: {namespaceSelector: {matchNames: [p]}, selector: {matchLabels: {app: x}}}}
---
{apiVersion: monitoring.coreos.com/v1, kind: PrometheusRule, metadata: {name: r, namespace: m}}
---
{apiVersion: v1, kind: Service, metadata: {name: s, namespace: p, labels: {app: x}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: p, labels: {watched: 'yes'}}}
)",
          {EdgeKind::selects},
          {"k8s:monitoring.coreos.com/Prometheus/m/k selects k8s:monitoring.coreos.com/PrometheusRule/m/r",
           "k8s:monitoring.coreos.com/Prometheus/m/k selects k8s:monitoring.coreos.com/ServiceMonitor/p/a",
           "k8s:monitoring.coreos.com/ServiceMonitor/p/a selects k8s:Service/p/s",
           "k8s:monitoring.coreos.com/ServiceMonitor/q/b selects k8s:Service/p/s"}}});
}

TEST_CASE("policies of the mesh", "[kubernetes]") {
  const std::string pods = R"(
{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: p, labels: {app: a}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: gate, namespace: istio-system, labels: {app: gate}}}
---
)";
  const auto governed = [&](const std::string& policy) {
    Lines names;
    const Cluster cluster(pods + policy);
    for (const std::string& line : cluster.edges({EdgeKind::governs})) names.push_back(line.substr(line.rfind('/') + 1));
    return names;
  };
  const std::string peer = "{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {name: x, namespace: ";
  const std::string authorization = "{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: x, namespace: ";
  CHECK(governed(peer + "p}}") == Lines{"a"});
  CHECK(governed(peer + "istio-system}}") == Lines{"gate", "a"});
  CHECK(governed(peer + "istio-system}, spec: {selector: {matchLabels: {app: a}}}}") == Lines{});
  CHECK(governed(authorization + "istio-system}, spec: {selector: {matchLabels: {app: a}}}}") == Lines{"a"});
  CHECK(governed(authorization + "p}, spec: {targetRefs: [{kind: Service, group: '', name: s}]}}") == Lines{"s"});  // dangling
}

TEST_CASE("edges never cross scopes", "[kubernetes]") {
  Cluster cluster;
  cluster.add_file("a.yaml", "{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {selector: {a: b}}}");
  cluster.add_file("b.yaml", "{apiVersion: v1, kind: Pod, metadata: {name: p, labels: {a: b}}, spec: {serviceAccountName: x}}");
  cluster.add_file("c.yaml", "{apiVersion: v1, kind: ServiceAccount, metadata: {name: x}}");
  for (ParsedFile& file : cluster.files) {
    const ScopeId scope = cluster.graph.add_scope({0, std::to_string(file.source), "", {}});
    for (auto& object : kubernetes::objects(file, nullptr, cluster.arena, cluster.diagnostics))
      kubernetes::add(cluster.graph, scope, std::move(object), Evidence::declared);
  }
  cluster.graph.order(cluster.sources);
  kubernetes::add_edges(cluster.graph);
  cluster.graph.freeze();
  CHECK(cluster.edges() == Lines{"k8s:Pod/default/p runs-as absent k8s:ServiceAccount default/x"});
}

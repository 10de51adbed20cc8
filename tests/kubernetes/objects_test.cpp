#include <catch2/catch.hpp>

#include "parsers/kubernetes/kinds.hpp"
#include "tests/kubernetes/cluster.hpp"

using namespace assay;
using namespace assay::kubernetes;
using namespace assay::kubernetes::test;

namespace {
struct Case {
  const char* manifest;
  const char* address;
  const char* type;
};
}  // namespace

TEST_CASE("addresses of objects", "[kubernetes]") {
  const Case cases[] = {
      {"{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: ns}}", "k8s:Pod/ns/a", "k8s:Pod"},
      {"{apiVersion: v1, kind: Pod, metadata: {name: a}}", "k8s:Pod/default/a", "k8s:Pod"},
      {"{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: ''}}", "k8s:Pod/default/a", "k8s:Pod"},
      {"{apiVersion: v1, kind: Pod, metadata: {generateName: a-}}", "k8s:Pod/default/a-*", "k8s:Pod"},
      {"{apiVersion: v1, kind: Pod}", "k8s:Pod/default/~0", "k8s:Pod"},
      {"{apiVersion: v1, kind: Pod, metadata: [1, 2]}", "k8s:Pod/default/~0", "k8s:Pod"},
      {"{apiVersion: v1, kind: Namespace, metadata: {name: a, namespace: ns}}", "k8s:Namespace/a", "k8s:Namespace"},
      {"{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}}", "k8s:apps/Deployment/default/a", "k8s:apps/Deployment"},
      {"{apiVersion: extensions/v1beta1, kind: Deployment, metadata: {name: a}}", "k8s:apps/Deployment/default/a", "k8s:apps/Deployment"},
      {"{apiVersion: apps/v1beta2, kind: Deployment, metadata: {name: a}}", "k8s:apps/Deployment/default/a", "k8s:apps/Deployment"},
      {"{apiVersion: extensions/v1beta1, kind: Ingress, metadata: {name: a}}", "k8s:networking.k8s.io/Ingress/default/a", "k8s:networking.k8s.io/Ingress"},
      {"{apiVersion: extensions/v1beta1, kind: PodSecurityPolicy, metadata: {name: a}}", "k8s:policy/PodSecurityPolicy/a", "k8s:policy/PodSecurityPolicy"},
      {"{apiVersion: v1, kind: DeploymentConfig, metadata: {name: a}}", "k8s:apps.openshift.io/DeploymentConfig/default/a", "k8s:apps.openshift.io/DeploymentConfig"},
      {"{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: 'system:a'}}", "k8s:rbac.authorization.k8s.io/ClusterRole/system:a", "k8s:rbac.authorization.k8s.io/ClusterRole"},
      {"{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: a}}", "k8s:gateway.networking.k8s.io/GatewayClass/a", "k8s:gateway.networking.k8s.io/GatewayClass"},
      {"{apiVersion: cert-manager.io/v1, kind: Issuer, metadata: {name: a}}", "k8s:cert-manager.io/Issuer/default/a", "k8s:cert-manager.io/Issuer"},
      {"{apiVersion: constraints.gatekeeper.sh/v1beta1, kind: MustHaveLabel, metadata: {name: a}}", "k8s:constraints.gatekeeper.sh/MustHaveLabel/a", "k8s:constraints.gatekeeper.sh/MustHaveLabel"},
      {"{apiVersion: eksctl.io/v1alpha5, kind: ClusterConfig, metadata: {name: a}}", "k8s:eksctl.io/ClusterConfig/a", "k8s:eksctl.io/ClusterConfig"},
      {"{apiVersion: example.org/v1, kind: Widget, metadata: {name: a}}", "k8s:example.org/Widget/default/a", "k8s:example.org/Widget"},
      {"{apiVersion: example.org/v1, kind: AllowList, metadata: {name: a}, spec: {items: []}, items: []}", "k8s:example.org/AllowList/default/a", "k8s:example.org/AllowList"},
  };
  for (const Case& c : cases) {
    INFO(c.manifest);
    const Cluster cluster{c.manifest};
    REQUIRE(cluster.graph.resources().size() == 1);
    CHECK(cluster.graph.resource(0).address == c.address);
    CHECK(cluster.graph.resource(0).type == c.type);
    CHECK(cluster.graph.resource(0).header);
  }
}

TEST_CASE("the header is the name, else the kind", "[kubernetes]") {
  const Cluster named("apiVersion: v1\nkind: Pod\nmetadata:\n  name: abc\n");
  CHECK(named.sources.text(named.graph.resource(0).header) == "abc");
  const Cluster nameless("apiVersion: v1\nkind: Pod\n");
  CHECK(nameless.sources.text(nameless.graph.resource(0).header) == "Pod");
}

TEST_CASE("lists are flattened", "[kubernetes]") {
  const Cluster cluster(R"(
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Pod, metadata: {name: a}}
- apiVersion: apps/v1
  kind: DeploymentList
  items:
  - metadata: {name: b}
  - {kind: StatefulSet, apiVersion: apps/v1, metadata: {name: c}}
- {apiVersion: v1, kind: PodList, items: null}
- {apiVersion: v1, kind: PodList}
- 7
- {a: b}
- apiVersion: v1
  kind: Pod
---
apiVersion: v1
kind: Pod
)");
  CHECK(cluster.addresses() == Lines{"k8s:Pod/default/a", "k8s:Pod/default/~3", "k8s:Pod/default/~4",
                                     "k8s:apps/Deployment/default/b", "k8s:apps/StatefulSet/default/c"});
  CHECK(cluster.diagnostics.all().size() == 2);
}

TEST_CASE("lists of lists are bounded", "[kubernetes]") {
  std::string manifest;
  for (int i = 0; i < 40; ++i) manifest += "{apiVersion: v1, kind: List, items: [";
  manifest += "{apiVersion: v1, kind: Pod}";
  for (int i = 0; i < 40; ++i) manifest += "]}";
  const Cluster cluster(manifest);
  CHECK(cluster.graph.resources().empty());
  REQUIRE(cluster.diagnostics.all().size() == 1);
  CHECK(cluster.diagnostics.all()[0].code == "limit-lists");
}

TEST_CASE("a CRD says that its kind is cluster-scoped", "[kubernetes]") {
  const Cluster cluster(R"(
apiVersion: example.org/v1
kind: Widget
metadata: {name: a, namespace: ns}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec: {group: example.org, scope: Cluster, names: {kind: Widget, plural: widgets}}
)");
  CHECK(cluster.addresses() == Lines{"k8s:apiextensions.k8s.io/CustomResourceDefinition/widgets.example.org",
                                     "k8s:example.org/Widget/a"});
}

TEST_CASE("built-in kinds lose their nulls, custom resources keep them", "[kubernetes]") {
  const Cluster cluster(R"(
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: null}, data: {x: null, y: z}}
---
{apiVersion: example.org/v1, kind: Widget, metadata: {name: a}, spec: null}
)");
  REQUIRE(cluster.graph.resources().size() == 2);
  const Value map = cluster.graph.resource(0).value, widget = cluster.graph.resource(1).value;
  CHECK_FALSE(map.at({"metadata", "labels"}));
  CHECK(map.find("data").size() == 1);
  CHECK(widget.find("spec").is_null());
}

TEST_CASE("files of client programs are no objects", "[kubernetes]") {
  const Cluster cluster(R"(
{apiVersion: kustomize.config.k8s.io/v1beta1, kind: Kustomization}
---
{apiVersion: v1, kind: Config, users: []}
---
{apiVersion: skaffold/v4beta6, kind: Config}
---
{kind: Pod}
---
{apiVersion: 1, kind: Pod}
---
just text
)");
  CHECK(cluster.graph.resources().empty());
}

TEST_CASE("the API server's kinds are known", "[kubernetes]") {
  CHECK(scope_of("k8s:Pod") == KindScope::namespaced);
  CHECK(scope_of("k8s:Node") == KindScope::cluster);
  CHECK(scope_of("k8s:storage.k8s.io/StorageClass") == KindScope::cluster);
  CHECK(scope_of("k8s:example.org/Widget") == KindScope::unknown);
  CHECK(is_builtin("k8s:Pod"));
  CHECK_FALSE(is_builtin("k8s:cert-manager.io/ClusterIssuer"));
}

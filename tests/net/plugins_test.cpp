// Policies of Calico and Cilium, where they say the same as Kubernetes' and where they say more.
#include <catch2/catch.hpp>

#include "parsers/kubernetes/calico_selector.hpp"
#include "parsers/kubernetes/connectivity.hpp"
#include "tests/kubernetes/cluster.hpp"

using namespace assay;
using namespace assay::kubernetes;
using assay::kubernetes::test::Cluster;

namespace {

const std::string pods = R"(
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: a}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: ops, labels: {team: b}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, spec: {containers: [{name: c}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db}}, spec: {containers: [{name: c, ports: [{name: sql, containerPort: 5432}]}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: tool, namespace: ops, labels: {app: tool}}, spec: {containers: [{name: c}]}}
---
)";

struct Answers {
  Cluster cluster;
  Diagnostics diagnostics;
  ClusterConnectivity made;

  explicit Answers(const std::string& policies) : cluster(pods + policies), made(connectivity(cluster.graph, 0, {}, diagnostics)) {}

  static std::string text(const net::Connection& connection) {
    return connection.allowed.text() + (connection.unknown.empty() ? "" : " ? " + connection.unknown.text());
  }
  std::string between(const std::string& from, const std::string& to) { return text(made.net.between(made.peer_named(from), made.peer_named(to))); }
  std::string out(const std::string& from, const std::string& address) {
    return text(made.net.explain_outside(made.peer_named(from), net::Direction::egress, *net::parse_address(address)).connection);
  }
};

const std::string none = "No Connections", all = "All Connections";

}  // namespace

TEST_CASE("Cilium's policies", "[net]") {
  Answers answers(R"(
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: db}}
  ingress:
    - fromEndpoints: [{matchLabels: {k8s:app: web}}]
      toPorts: [{ports: [{port: sql, protocol: TCP}]}]
    - fromEndpoints: [{matchLabels: {app: tool, k8s:io.kubernetes.pod.namespace: ops}}]
      toPorts: [{ports: [{port: "9090", protocol: TCP}], rules: {http: [{method: GET}]}}]
  ingressDeny:
    - fromEndpoints: [{matchLabels: {k8s:io.cilium.k8s.namespace.labels.team: b}}]
      toPorts: [{ports: [{port: "9090", endPort: 9100, protocol: TCP}]}]
  egress:
    - toCIDRSet: [{cidr: 0.0.0.0/0, except: [10.0.0.0/8]}]
    - toFQDNs: [{matchName: example.com}]
)");
  CHECK(answers.between("shop/web", "shop/db") == "TCP 5432");
  CHECK(answers.between("ops/tool", "shop/db") == none);  // what a Deny section matches stays denied
  CHECK(answers.between("shop/db", "shop/web") == none);   // blocks are about the outside
  CHECK(answers.out("shop/db", "8.8.8.8") == all);
  CHECK(answers.out("shop/db", "10.1.1.1") == none + " ? " + all);
  CHECK(answers.out("shop/web", "10.1.1.1") == all);
}

TEST_CASE("an empty rule of Cilium's allows nothing", "[net]") {
  Answers answers("{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: none, namespace: shop}, spec: {endpointSelector: {}, ingress: [{}]}}\n");
  CHECK(answers.between("ops/tool", "shop/db") == none);
  CHECK(answers.between("shop/db", "ops/tool") == all);
}

TEST_CASE("an entity that is none is refused", "[net]") {
  Answers answers("{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: x, namespace: shop}, spec: {endpointSelector: {matchLabels: {app: db}}, ingress: [{fromEntities: [wrold]}]}}\n");
  CHECK(answers.between("shop/web", "shop/db") == none + " ? " + all);
  CHECK(answers.between("shop/db", "shop/web") == all);
  REQUIRE(answers.diagnostics.all().size() == 1);
  CHECK(answers.cluster.sources.text(answers.diagnostics.all()[0].span) == "wrold");
}

TEST_CASE("Calico's policies by tier and order", "[net]") {
  Answers answers(R"(
{apiVersion: projectcalico.org/v3, kind: Tier, metadata: {name: security}, spec: {order: 100}}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: security.guard}
spec:
  tier: security
  order: 10
  selector: app in {"db", "cache"}
  types: [Ingress]
  ingress:
    - {action: Deny, protocol: TCP, source: {namespaceSelector: team == "b"}, destination: {ports: ["1:6000"]}}
    - {action: Pass}
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: default.db, namespace: shop}
spec:
  order: 500
  selector: app == 'db'
  ingress:
    - {action: Allow, protocol: TCP, source: {selector: has(app)}, destination: {ports: [sql, "9000:9010"]}}
    - {action: Allow, source: {selector: '!has(app)', namespaceSelector: all()}}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: db, namespace: shop}, spec: {podSelector: {matchLabels: {app: db}}, ingress: [{from: [{namespaceSelector: {}}], ports: [{port: 5000, endPort: 7000}]}]}}
)");
  CHECK(answers.between("shop/web", "shop/db") == "TCP 5000-7000,9000-9010");
  CHECK(answers.between("ops/tool", "shop/db") == "TCP 6001-7000");
  CHECK(answers.between("shop/db", "ops/tool") == all);
}

TEST_CASE("what Calico's policies say that is not understood makes answers unknown", "[net]") {
  Answers answers(R"(
apiVersion: crd.projectcalico.org/v1
kind: NetworkPolicy
metadata: {name: x, namespace: shop}
spec: {selector: "app = 'db'", ingress: [{action: Allow}]}
)");
  CHECK(answers.between("ops/tool", "shop/db") == none + " ? " + all);
  CHECK(answers.diagnostics.all().size() == 1);
}

TEST_CASE("Calico's selectors", "[net]") {
  const auto label = [](std::string_view key) -> std::optional<std::string_view> {
    if (key == "app") return "web";
    if (key == "k8s-app") return "";
    return std::nullopt;
  };
  const auto judged = [&](std::string_view text) {
    const auto result = calico_matches(text, label);
    return result ? (*result ? "yes" : "no") : "refused";
  };
  for (const char* yes : {"", "all()", "app == 'web'", "app==\"web\" && has(app)", "has(k8s-app)", "!has(tier)", "tier != 'x'", "app in {'a', 'web'}", "app not in { \"a\" }",
                          "tier not in {'a'}", "app contains 'e'", "app starts with 'w'", "app ends with 'b'", "(app == 'x' || has(app)) && !(has(tier))", "!!has(app)"})
    CHECK(std::string(yes) + ": " + judged(yes) == std::string(yes) + ": yes");
  for (const char* no : {"app == 'x'", "has(tier)", "tier == ''", "tier in {'a'}", "app in {}", "global()", "!all()", "app == 'x' || tier == 'web'"})
    CHECK(std::string(no) + ": " + judged(no) == std::string(no) + ": no");
  for (const char* bad : {"app", "app =", "app = 'x'", "app == x", "app == 'x", "has(", "(all()", "all() &&", "app in 'x'", "app innards {'x'}", "all() all()", "&&"})
    CHECK(std::string(bad) + ": " + judged(bad) == std::string(bad) + ": refused");
  CHECK(judged(std::string(100000, '(')) == std::string("refused"));
  CHECK(judged(std::string(100000, '!') + "all()") == std::string("refused"));
}

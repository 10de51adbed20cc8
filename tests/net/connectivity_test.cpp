// Answers about small clusters, as people read them.
#include <catch2/catch.hpp>

#include "parsers/kubernetes/connectivity.hpp"
#include "tests/kubernetes/cluster.hpp"

using namespace assay;
using namespace assay::kubernetes;
using assay::kubernetes::test::Cluster;
using assay::kubernetes::test::Lines;

namespace {

// "a -> b: TCP 80", with what is unknown after " ? "; every pair of workloads and the IPv4 outside, sorted.
Lines answers(const Cluster& cluster, const ConnectivityOptions& options = {}) {
  Diagnostics diagnostics;
  const ClusterConnectivity made = connectivity(cluster.graph, 0, options, diagnostics);
  Lines lines;
  const auto line = [&](const std::string& from, const std::string& to, const net::Connection& connection) {
    if (connection.empty()) return;
    std::string text = from + " -> " + to + ": " + connection.allowed.text();
    if (!connection.unknown.empty()) text += " ? " + connection.unknown.text();
    lines.push_back(std::move(text));
  };
  const auto workloads = [&](net::PeerId id) { return made.net.kind(id) == net::PeerKind::workload; };
  for (net::PeerId from = 0; from < made.net.peers().size(); ++from) {
    for (net::PeerId to = 0; to < made.net.peers().size(); ++to)
      if (from != to && workloads(to) && (workloads(from) || made.net.kind(from) == net::PeerKind::entry))
        for (const net::NetworkId network : made.net.shared_networks(from, to))
          line(made.net.peer(from).name, made.net.peer(to).name, made.net.between(from, to, network));
    if (!workloads(from)) continue;
    for (const auto& range : made.net.to_outside(from, net::Family::ipv4))
      line(made.net.peer(from).name, net::format_range(range.range), range.connection);
    for (const auto& range : made.net.from_outside(from, net::Family::ipv4))
      line(net::format_range(range.range), made.net.peer(from).name, range.connection);
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

const std::string pods = R"(
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c}]}}}}
---
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db, namespace: shop}, spec: {template: {metadata: {labels: {app: db}}, spec: {containers: [{name: c, ports: [{name: sql, containerPort: 5432}]}]}}}}
---
)";

}  // namespace

TEST_CASE("what no policy selects is open", "[net]") {
  CHECK(answers(Cluster(pods)) == Lines{"0.0.0.0-255.255.255.255 -> shop/db[StatefulSet]: All Connections",
                                        "0.0.0.0-255.255.255.255 -> shop/web[Deployment]: All Connections",
                                        "shop/db[StatefulSet] -> 0.0.0.0-255.255.255.255: All Connections",
                                        "shop/db[StatefulSet] -> shop/web[Deployment]: All Connections",
                                        "shop/web[Deployment] -> 0.0.0.0-255.255.255.255: All Connections",
                                        "shop/web[Deployment] -> shop/db[StatefulSet]: All Connections"});
}

TEST_CASE("a policy lets a named port in and addresses out", "[net]") {
  const Cluster cluster(pods + R"(
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress, Egress]
  ingress:
    - from: [{podSelector: {matchLabels: {app: web}}}]
      ports: [{port: sql}]
  egress:
    - to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]
      ports: [{protocol: UDP, port: 50, endPort: 60}]
)");
  CHECK(answers(cluster) == Lines{"0.0.0.0-255.255.255.255 -> shop/web[Deployment]: All Connections",
                                  "shop/db[StatefulSet] -> 10.0.0.0-10.0.255.255: UDP 50-60",
                                  "shop/db[StatefulSet] -> 10.2.0.0-10.255.255.255: UDP 50-60",
                                  "shop/web[Deployment] -> 0.0.0.0-255.255.255.255: All Connections",
                                  "shop/web[Deployment] -> shop/db[StatefulSet]: TCP 5432"});
}

TEST_CASE("a policy that the API server refuses makes its pairs unknown", "[net]") {
  const Cluster cluster(pods + R"(
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
    - from: [{ipBlock: {cidr: 10.0.0.0/33}}]
)");
  CHECK(answers(cluster) == Lines{"0.0.0.0-255.255.255.255 -> shop/db[StatefulSet]: No Connections ? All Connections",
                                  "0.0.0.0-255.255.255.255 -> shop/web[Deployment]: All Connections",
                                  "shop/db[StatefulSet] -> 0.0.0.0-255.255.255.255: All Connections",
                                  "shop/db[StatefulSet] -> shop/web[Deployment]: All Connections",
                                  "shop/web[Deployment] -> 0.0.0.0-255.255.255.255: All Connections",
                                  "shop/web[Deployment] -> shop/db[StatefulSet]: No Connections ? All Connections"});
}

TEST_CASE("an ingress controller reaches what an Ingress names", "[net]") {
  const std::string web = pods + R"(
{apiVersion: v1, kind: Service, metadata: {name: db, namespace: shop}, spec: {selector: {app: db}, ports: [{name: sql, port: 80, targetPort: sql}]}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: in, namespace: shop}
spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: db, port: {number: 80}}}}]}}]}
---
)";
  const auto of_controller = [](const Lines& lines) {
    Lines result;
    for (const std::string& line : lines)
      if (line.starts_with("{")) result.push_back(line);
    return result;
  };
  CHECK(of_controller(answers(Cluster(web))) == Lines{"{ingress-controller} -> shop/db[StatefulSet]: TCP 5432"});
  // A policy that admits other namespaces by label may or may not admit the controller's.
  const std::string closed = web + R"(
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec: {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kind: system}}}]}]}
)";
  CHECK(of_controller(answers(Cluster(closed))) == Lines{"{ingress-controller} -> shop/db[StatefulSet]: No Connections ? TCP 5432"});
}

TEST_CASE("networks beside the cluster's own", "[net]") {
  const auto pod = [](const std::string& ns, const std::string& name, const std::string& more = "") {
    return "{apiVersion: v1, kind: Pod, metadata: {name: " + name + ", namespace: " + ns + ", labels: {app: " + name + "}" + more +
           "}, spec: {containers: [{name: c}]}}\n---\n";
  };
  const Cluster cluster(R"(
{apiVersion: v1, kind: Namespace, metadata: {name: green, labels: {k8s.ovn.org/primary-user-defined-network: ""}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: east, labels: {k8s.ovn.org/primary-user-defined-network: "", side: a}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: west, labels: {k8s.ovn.org/primary-user-defined-network: "", side: a}}}
---
{apiVersion: k8s.ovn.org/v1, kind: UserDefinedNetwork, metadata: {name: own, namespace: green}, spec: {topology: Layer2, layer2: {role: Primary}}}
---
{apiVersion: k8s.ovn.org/v1, kind: ClusterUserDefinedNetwork, metadata: {name: sides}, spec: {namespaceSelector: {matchLabels: {side: a}}, network: {topology: Layer3, layer3: {role: Primary}}}}
---
{apiVersion: k8s.cni.cncf.io/v1, kind: NetworkAttachmentDefinition, metadata: {name: storage, namespace: green}, spec: {config: '{"cniVersion": "0.3.1", "name": "san", "type": "ovn-k8s-cni-overlay"}'}}
---
{apiVersion: kubevirt.io/v1, kind: VirtualMachine, metadata: {name: vm, namespace: green}, spec: {template: {metadata: {labels: {app: vm}}, spec: {networks: [{name: default, pod: {}}, {name: s, multus: {networkName: storage}}]}}}}
---
)" + pod("green", "a", ", annotations: {k8s.v1.cni.cncf.io/networks: storage@net1}") + pod("east", "b") + pod("west", "c") + pod("plain", "d") +
                        R"({apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: none, namespace: green}, spec: {podSelector: {}, policyTypes: [Ingress]}}
)");
  Lines between;
  for (const std::string& line : answers(cluster))
    if (line.find("255.255") == std::string::npos) between.push_back(line);
  CHECK(between == Lines{"east/b[Pod] -> west/c[Pod]: All Connections", "green[udn]/a[Pod] -> green[udn]/vm[VirtualMachine]: All Connections",
                         "green[udn]/vm[VirtualMachine] -> green[udn]/a[Pod]: All Connections", "west/c[Pod] -> east/b[Pod]: All Connections"});
}

TEST_CASE("a mesh knows who calls, and refuses plaintext", "[net]") {
  const std::string mesh = R"(
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {istio-injection: enabled}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, spec: {serviceAccountName: web, containers: [{name: c}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: job, namespace: shop, labels: {app: job}}, spec: {containers: [{name: c}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: api, namespace: shop, labels: {app: api}}, spec: {serviceAccountName: api, containers: [{name: c}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: old, namespace: legacy, labels: {app: old}}, spec: {containers: [{name: c}]}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: api, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  rules:
    - from: [{source: {principals: ["cluster.local/ns/shop/sa/web"]}}]
      to: [{operation: {ports: ["8080"]}}]
    - from: [{source: {namespaces: [shop]}}]
      to: [{operation: {ports: ["9090"], methods: [GET]}}]
---
{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {name: default, namespace: shop}, spec: {mtls: {mode: STRICT}}}
)";
  const Cluster cluster(mesh);
  const auto to_api = [&](const ConnectivityOptions& options) {
    Lines result;
    for (const std::string& line : answers(cluster, options))
      if (line.find("-> shop/api[Pod]") != std::string::npos && line[0] != '0') result.push_back(line);
    return result;
  };
  const std::string all = ": All Connections";
  CHECK(to_api({}) == Lines{"legacy/old[Pod] -> shop/api[Pod]" + all, "shop/job[Pod] -> shop/api[Pod]" + all, "shop/web[Pod] -> shop/api[Pod]" + all});
  // UDP and SCTP pass beside the proxies.
  CHECK(to_api({.mesh = true}) == Lines{"legacy/old[Pod] -> shop/api[Pod]: SCTP 1-65535,UDP 1-65535",
                                        "shop/job[Pod] -> shop/api[Pod]: SCTP 1-65535,UDP 1-65535 ? TCP 9090",
                                        "shop/web[Pod] -> shop/api[Pod]: SCTP 1-65535,TCP 8080,UDP 1-65535 ? TCP 9090"});
  Diagnostics diagnostics;
  const auto made = connectivity(cluster.graph, 0, {.mesh = true}, diagnostics);
  CHECK(made.transport(made.peer_named("shop/web"), made.peer_named("shop/api")) == Transport::mutual_tls);
  CHECK(made.transport(made.peer_named("legacy/old"), made.peer_named("shop/api")) == Transport::plaintext);
}

TEST_CASE("a changed policy is answered anew without the rest", "[net]") {
  const auto policy = [](const std::string& port, const std::string& peer) {
    return "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: db, namespace: shop}, spec: {podSelector: {matchLabels: {app: db}}, ingress: [{from: [" +
           peer + "], ports: [{port: " + port + "}]}]}}\n";
  };
  const Cluster cluster(pods + policy("sql", "{podSelector: {matchLabels: {app: web}}}"));
  Diagnostics diagnostics;
  auto made = connectivity(cluster.graph, 0, {}, diagnostics);
  const net::PeerId web = made.peer_named("shop/web"), db = made.peer_named("shop/db");
  CHECK(made.net.between(web, db).allowed.text() == "TCP 5432");
  const Resource& was = cluster.graph.resource(cluster.graph.of_type("k8s:networking.k8s.io/NetworkPolicy")[0]);
  const Cluster other(policy("81", "{podSelector: {matchLabels: {app: web}}}")), outside(policy("81", "{ipBlock: {cidr: 10.0.0.0/8}}"));
  REQUIRE(update(made, was, other.graph.resource(0), diagnostics));
  CHECK(made.net.between(web, db).allowed.text() == "TCP 81");
  // A block that no policy named before would need other ranges.
  CHECK_FALSE(update(made, other.graph.resource(0), outside.graph.resource(0), diagnostics));
  CHECK(made.net.between(web, db).allowed.text() == "TCP 81");
}

TEST_CASE("a policy may cut a workload off from names", "[net]") {
  const auto names = [](const std::string& egress) {
    const Cluster cluster(pods + "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: web, namespace: shop}, spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: " +
                          egress + "}}\n");
    Diagnostics diagnostics;
    const auto made = connectivity(cluster.graph, 0, {}, diagnostics);
    CHECK(made.to_name_servers(made.peer_named("shop/db")).allowed.text() == "TCP 53,UDP 53");
    return made.to_name_servers(made.peer_named("shop/web")).allowed.text();
  };
  CHECK(names("[]") == "No Connections");
  CHECK(names("[{to: [{podSelector: {}}]}]") == "No Connections");
  CHECK(names("[{ports: [{protocol: UDP, port: 53}]}]") == "UDP 53");
  CHECK(names("[{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, podSelector: {matchLabels: {k8s-app: kube-dns}}}]}]") == "TCP 53,UDP 53");
}

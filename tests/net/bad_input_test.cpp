// What the API server would refuse: a diagnostic at the value, and answers that say that they are not known. And nothing
// that a manifest can say brings the analysis down.
#include <catch2/catch.hpp>
#include <random>

#include "parsers/kubernetes/connectivity.hpp"
#include "tests/kubernetes/cluster.hpp"

using namespace assay;
using namespace assay::kubernetes;
using assay::kubernetes::test::Cluster;

namespace {

const std::string pods = R"(
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, spec: {containers: [{name: c}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db}}, spec: {containers: [{name: c}]}}
---
)";

struct Bad {
  std::string spec;    // of a NetworkPolicy that selects `db`
  std::string caret;   // the text under it
  std::string says;    // a part of the message
};

}  // namespace

TEST_CASE("refused policies are said and make answers unknown", "[net]") {
  const std::vector<Bad> all = {
      {"ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/33}}]}]", "10.0.0.0/33", "no block of addresses"},
      {"ingress: [{from: [{ipBlock: {cidr: 10.0.0.0}}]}]", "10.0.0.0", "no block of addresses"},
      {"ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}}]}]", "11.0.0.0/16", "not a part of"},
      {"ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}]}]", "10.0.0.0/8", "not a part of"},
      {"ingress: [{from: [{ipBlock: {except: [10.0.0.0/8]}}]}]", "{except: [10.0.0.0/8]}", "needs a `cidr`"},
      {"ingress: [{from: [{}]}]", "{}", "a peer needs"},
      {"ingress: [{from: [{podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}]}]", "{cidr: 10.0.0.0/8}", "beside a selector"},
      {"ingress: [{from: {podSelector: {}}}]", "{podSelector: {}}", "is a list"},
      {"ingress: [{ports: [{port: 70000}]}]", "70000", "1 to 65535"},
      {"ingress: [{ports: [{port: 0}]}]", "0", "1 to 65535"},
      {"ingress: [{ports: [{port: \"80\"}]}]", "\"80\"", "without quotes"},
      {"ingress: [{ports: [{port: http, endPort: 90}]}]", "90", "named port"},
      {"ingress: [{ports: [{endPort: 90}]}]", "90", "needs a `port`"},
      {"ingress: [{ports: [{port: 90, endPort: 80}]}]", "80", "smaller than"},
      {"ingress: [{ports: [{port: 90, protocol: tcp}]}]", "tcp", "no protocol"},
      {"ingress: [{ports: [{port: Not_A_Name}]}]", "Not_A_Name", "cannot be a port's name"},
      {"ingress: [{from: [{podSelector: {matchLabel: {a: b}}}]}]", "{a: b}", "no field `matchLabel`"},
      {"ingress: [{from: [{podSelector: {matchExpressions: [{key: a, operator: Is}]}}]}]", "Is", "no operator"},
      {"ingress: [{from: [{podSelector: {matchExpressions: [{key: a, operator: In}]}}]}]", "{key: a, operator: In}", "needs `values`"},
      {"ingress: [{from: [{podSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}}]}]", "[b]", "takes no `values`"},
      {"ingress: [{from: [{namespaceSelector: {matchLabels: {a: 1}}}]}]", "1", "quote it"},
      {"ingress: [{from: [{namespaceSelector: {matchLabels: {a: \"b c\"}}}]}]", "\"b c\"", "cannot be a label's value"},
      {"ingress: [{from: [{namespaceSelector: {matchLabels: {\"a b\": c}}}]}]", "c", "cannot be a label's key"},
      {"policyTypes: [Inbound]", "Inbound", "no policy type"},
      {"ingress: here", "here", "is a list"},
  };
  for (const Bad& bad : all) {
    INFO(bad.spec);
    const Cluster cluster(pods + "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: db, namespace: shop}, spec: {podSelector: {matchLabels: {app: db}}, " +
                          bad.spec + "}}\n");
    Diagnostics diagnostics;
    const auto answers = connectivity(cluster.graph, 0, {}, diagnostics);
    REQUIRE(diagnostics.all().size() == 1);
    CHECK(cluster.sources.text(diagnostics.all()[0].span) == bad.caret);
    CHECK(diagnostics.all()[0].message.find(bad.says) != std::string::npos);
    CHECK(diagnostics.all()[0].code == "network-policy-invalid");
    const net::PeerId web = answers.peer_named("shop/web"), db = answers.peer_named("shop/db");
    CHECK(answers.net.between(web, db).allowed.empty());
    CHECK(answers.net.between(web, db).unknown == net::PortSet::all());
  }
}

TEST_CASE("a selector that is refused leaves open which pods are meant", "[net]") {
  const Cluster cluster(pods + "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: db, namespace: shop}, spec: {podSelector: {matchExpressions: [{key: a, operator: Is}]}}}\n");
  Diagnostics diagnostics;
  const auto answers = connectivity(cluster.graph, 0, {}, diagnostics);
  CHECK(answers.net.between(answers.peer_named("shop/web"), answers.peer_named("shop/db")).unknown == net::PortSet::all());
  CHECK(answers.net.between(answers.peer_named("shop/db"), answers.peer_named("shop/web")).unknown == net::PortSet::all());
}

TEST_CASE("whatever stands in a policy, the analysis ends", "[net]") {
  const char* kinds[] = {"networking.k8s.io/v1, kind: NetworkPolicy", "policy.networking.k8s.io/v1alpha1, kind: AdminNetworkPolicy",
                         "policy.networking.k8s.io/v1alpha1, kind: BaselineAdminNetworkPolicy", "policy.networking.k8s.io/v1alpha2, kind: ClusterNetworkPolicy",
                         "cilium.io/v2, kind: CiliumNetworkPolicy", "cilium.io/v2, kind: CiliumClusterwideNetworkPolicy", "projectcalico.org/v3, kind: GlobalNetworkPolicy",
                         "projectcalico.org/v3, kind: NetworkPolicy", "projectcalico.org/v3, kind: GlobalNetworkSet", "projectcalico.org/v3, kind: Tier",
                         "security.istio.io/v1, kind: AuthorizationPolicy", "security.istio.io/v1, kind: PeerAuthentication", "networking.istio.io/v1, kind: Sidecar",
                         "networking.istio.io/v1, kind: VirtualService", "v1, kind: Service", "v1, kind: Pod", "apps/v1, kind: Deployment", "v1, kind: Namespace",
                         "networking.k8s.io/v1, kind: Ingress", "gateway.networking.k8s.io/v1, kind: HTTPRoute", "route.openshift.io/v1, kind: Route",
                         "k8s.ovn.org/v1, kind: UserDefinedNetwork", "k8s.ovn.org/v1, kind: ClusterUserDefinedNetwork", "k8s.cni.cncf.io/v1, kind: NetworkAttachmentDefinition",
                         "k8s.cni.cncf.io/v1beta1, kind: MultiNetworkPolicy", "kubevirt.io/v1, kind: VirtualMachine", "eksctl.io/v1alpha5, kind: ClusterConfig",
                         "discovery.k8s.io/v1, kind: EndpointSlice", "traefik.io/v1alpha1, kind: IngressRoute", "projectcontour.io/v1, kind: HTTPProxy"};
  const char* fields[] = {"spec", "specs", "podSelector", "namespaceSelector", "matchLabels", "matchExpressions", "key", "operator", "values", "ingress", "egress", "from", "to", "ports",
                          "port", "endPort", "protocol", "ipBlock", "cidr", "except", "policyTypes", "subject", "namespaces", "pods", "priority", "action", "portNumber", "portRange",
                          "namedPort", "start", "end", "networks", "nodes", "domainNames", "tier", "protocols", "tcp", "destinationPort", "range", "number", "endpointSelector", "fromEndpoints",
                          "fromEntities", "toPorts", "fromCIDR", "toCIDRSet", "toFQDNs", "ingressDeny", "egressDeny", "enableDefaultDeny", "selector", "order", "types", "source", "destination",
                          "nets", "notNets", "notSelector", "notPorts", "rules", "when", "principals", "operation", "methods", "mtls", "mode", "portLevelMtls", "hosts", "outboundTrafficPolicy",
                          "workloadSelector", "template", "metadata", "labels", "annotations", "containers", "containerPort", "name", "hostNetwork", "type", "targetPort", "nodePort",
                          "http", "paths", "backend", "service", "parentRefs", "backendRefs", "topology", "layer2", "role", "network", "config", "multus", "networkName", "addons", "routes",
                          "services", "k8s.v1.cni.cncf.io/networks", "k8s.v1.cni.cncf.io/policy-for", "gateways", "route", "host", "targetRef", "defaultBackend", "action"};
  const char* scalars[] = {"null", "true", "0", "-1", "80", "65536", "99999999999999999999", "1.5", "\"\"", "\"80\"", "http", "TCP", "UDP", "Allow", "Deny", "Pass", "In", "Exists", "Ingress",
                           "Egress", "10.0.0.0/8", "10.0.0.0/99", "::/0", "\"app == 'web'\"", "\"((((\"", "\"1:70000\"", "Layer2", "Primary", "shop", "app", "web", "STRICT", "REGISTRY_ONLY",
                           "LoadBalancer", "all", "world", "\"*\"", "\"[{\"", "'{\"name\": \"'", "default", "Admin", "\"shop/*\""};
  std::mt19937 random(7);
  const auto pick = [&](const auto& list) { return std::string(list[random() % std::size(list)]); };
  const std::function<std::string(int)> value = [&](int depth) -> std::string {
    const unsigned kind = depth == 0 ? 0 : static_cast<unsigned>(random() % 10);
    if (kind < 3) return pick(scalars);
    std::string text;
    if (kind < 6) {
      for (unsigned count = static_cast<unsigned>(random() % 3); count > 0; --count) text += value(depth - 1) + ", ";
      return "[" + text + "]";
    }
    std::vector<std::string> keys;
    for (unsigned count = static_cast<unsigned>(random() % 5); count > 0; --count) keys.push_back(pick(fields));
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    for (const std::string& key : keys) text += key + ": " + value(depth - 1) + ", ";
    return "{" + text + "}";
  };
  for (int round = 0; round < 1500; ++round) {
    std::string manifest = pods;
    for (int objects = 0; objects < 6; ++objects)
      manifest += "{apiVersion: " + pick(kinds) + ", metadata: {name: o" + std::to_string(objects) + ", namespace: shop, labels: {app: web}}, spec: " + value(6) + "}\n---\n";
    const Cluster cluster(manifest);
    Diagnostics diagnostics;
    ConnectivityOptions options;
    options.mesh = random() % 2 == 0;
    options.exposure = random() % 2 == 0;
    const auto answers = connectivity(cluster.graph, 0, options, diagnostics);
    const auto count = static_cast<net::PeerId>(answers.net.peers().size());
    for (net::PeerId from = 0; from < count; ++from)
      for (net::PeerId to = 0; to < count; ++to)
        for (const net::NetworkId network : answers.net.shared_networks(from, to)) {
          const auto& connection = answers.net.between(from, to, network);
          REQUIRE((connection.allowed & connection.unknown).empty());
        }
    for (const Diagnostic& diagnostic : diagnostics.all()) REQUIRE_FALSE(diagnostic.message.empty());
  }
}

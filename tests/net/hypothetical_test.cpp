// Formulas over pods that need not exist, held against connectivity by sets: on the pods of random clusters the two
// must agree; a witness is put into the cluster as a pod of its own and must connect there; where a claim was proved,
// random pods that fit it must not.
#include <catch2/catch.hpp>

#include "parsers/kubernetes/connectivity.hpp"
#include "parsers/kubernetes/hypothetical.hpp"
#include "tests/kubernetes/cluster.hpp"
#include "tests/net/random_cluster.hpp"

using namespace assay;
using namespace assay::net::test;
using kubernetes::Possibility;

namespace {

const Resource& pod_named(const Graph& graph, const std::string& ns, const std::string& name) {
  for (const Resource& resource : graph.resources())
    if (resource.ns == ns && resource.name == name) return resource;
  FAIL("no pod " << ns << "/" << name);
  return graph.resources()[0];
}

net::Connection between(const Graph& graph, const std::string& from, const std::string& to) {
  Diagnostics diagnostics;
  const auto answers = kubernetes::connectivity(graph, 0, {}, diagnostics);
  return answers.net.between(answers.peer_named(from), answers.peer_named(to));
}

std::string labels_text(const std::map<std::string, std::string>& labels) {
  std::string text = "{";
  for (const auto& [key, value] : labels) text += key + ": \"" + value + "\", ";
  return text + "}";
}

// The manifest of a pod, and of its namespace where the cluster does not have it.
std::string manifest_of(const kubernetes::WitnessPod& pod, const Cluster& cluster) {
  std::string text;
  if (std::none_of(cluster.spaces.begin(), cluster.spaces.end(), [&](const Space& space) { return space.name == pod.ns && space.written; })) {
    auto labels = pod.namespace_labels;
    labels.erase("kubernetes.io/metadata.name");
    text += "{apiVersion: v1, kind: Namespace, metadata: {name: " + pod.ns + ", labels: " + labels_text(labels) + "}}\n---\n";
  }
  return text + "{apiVersion: v1, kind: Pod, metadata: {name: witness, namespace: " + pod.ns + ", labels: " + labels_text(pod.labels) +
         "}, spec: {containers: [{name: c}]}}\n---\n";
}

bool all_written(const Cluster& cluster) {
  return std::all_of(cluster.spaces.begin(), cluster.spaces.end(), [](const Space& space) { return space.written; });
}

}  // namespace

TEST_CASE("the formula of a connection agrees with the sets", "[net]") {
  unsigned allowed = 0, denied = 0;
  for (unsigned seed = 0; seed < 120; ++seed) {
    Generator generator(seed + 90'000, false, false);
    const Cluster cluster = generator.cluster();
    if (!all_written(cluster)) continue;
    const std::string manifest = Writer().manifest(cluster);
    const kubernetes::test::Cluster read(manifest);
    Diagnostics diagnostics;
    const auto answers = kubernetes::connectivity(read.graph, 0, {}, diagnostics);
    for (std::size_t i = 0; i < cluster.pods.size(); ++i)
      for (std::size_t j = 0; j < cluster.pods.size(); ++j) {
        if (i == j) continue;
        const Pod &from = cluster.pods[i], &to = cluster.pods[j];
        auto formula = kubernetes::connection_formula(read.graph, 0, pod_named(read.graph, from.ns, from.name), pod_named(read.graph, to.ns, to.name));
        const net::Connection& connection =
            answers.net.between(answers.peer_named(from.ns + "/" + from.name + "[Pod]"), answers.peer_named(to.ns + "/" + to.name + "[Pod]"));
        for (int sample = 0; sample < 2; ++sample) {
          const auto protocol = static_cast<net::Protocol>(generator.below(3));
          const int port = generator.some_port();
          std::vector<proof::Term> asked = formula.setting;
          proof::Terms& terms = formula.terms;
          asked.push_back(terms.equal(terms.variable("port", proof::Sort::integer), terms.number(port)));
          asked.push_back(terms.equal(terms.variable("protocol", proof::Sort::integer), terms.number(static_cast<int>(protocol))));
          asked.push_back(formula.allowed);
          const bool said = connection.allowed.contains(protocol, static_cast<std::uint16_t>(port));
          INFO(manifest << from.name << " to " << to.name << " port " << port << " protocol " << static_cast<int>(protocol));
          REQUIRE(proof::solve(terms, asked).answer == (said ? proof::Answer::satisfiable : proof::Answer::unsatisfiable));
          ++(said ? allowed : denied);
        }
      }
  }
  CHECK(allowed > 200);
  CHECK(denied > 200);
}

TEST_CASE("a witness connects, and what was proved to reach nothing does not", "[net]") {
  unsigned proved = 0, refuted = 0;
  for (unsigned seed = 0; seed < 250; ++seed) {
    Generator generator(seed + 70'000, false, false);
    const Cluster cluster = generator.cluster();
    if (!all_written(cluster)) continue;
    const std::string manifest = Writer().manifest(cluster);
    const kubernetes::test::Cluster read(manifest);
    const Pod& target = cluster.pods[0];
    const std::string name = target.ns + "/" + target.name + "[Pod]";
    const auto port = static_cast<std::uint16_t>(Generator::ports[generator.below(6)]);
    const net::PortSet ports = net::PortSet::of(net::Protocol::tcp, port, port);
    const auto without = kubernetes::parse_selector("app!=a");
    REQUIRE(without);
    const Possibility found = kubernetes::can_reach(read.graph, 0, {*without, {}}, pod_named(read.graph, target.ns, target.name), ports);
    INFO(manifest << "to " << name << " on " << port << ": " << found.reason);
    if (found.outcome == proof::Outcome::refuted) {
      ++refuted;
      const std::string extended = manifest + manifest_of(found.from, cluster);
      INFO(extended);
      const kubernetes::test::Cluster with(extended);
      if (const auto app = found.from.labels.find("app"); app != found.from.labels.end()) REQUIRE(app->second != "a");
      REQUIRE(between(with.graph, found.from.ns + "/witness[Pod]", name).allowed.contains(net::Protocol::tcp, port));
      continue;
    }
    REQUIRE(found.outcome == proof::Outcome::proved);
    ++proved;
    for (int tries = 0; tries < 12; ++tries) {
      kubernetes::WitnessPod pod;
      pod.ns = generator.below(3) == 0 ? "elsewhere" : generator.pick(cluster.spaces).name;
      // The keys and values that the policies speak of, and one more.
      static const std::string values[] = {"", "a", "b", "z"};
      for (const char* key : {"app", "tier", "env"})
        for (auto* labels : {&pod.labels, &pod.namespace_labels})
          if (generator.below(2)) (*labels)[key] = values[generator.below(4)];
      if (pod.labels.contains("app") && pod.labels["app"] == "a") continue;
      const kubernetes::test::Cluster with(manifest + manifest_of(pod, cluster));
      REQUIRE_FALSE(between(with.graph, pod.ns + "/witness[Pod]", name).allowed.contains(net::Protocol::tcp, port));
    }
  }
  CHECK(proved > 20);
  CHECK(refuted > 20);
}

TEST_CASE("a set of policies contains itself, and what was taken away is found", "[net]") {
  unsigned same = 0, more = 0;
  for (unsigned seed = 0; seed < 120; ++seed) {
    Generator generator(seed + 50'000, false, false);
    Cluster cluster = generator.cluster();
    if (!all_written(cluster) || cluster.policies.empty()) continue;
    const kubernetes::test::Cluster before(Writer().manifest(cluster));
    const Possibility itself = kubernetes::opens(before.graph, 0, before.graph, 0);
    REQUIRE(itself.outcome == proof::Outcome::proved);
    Cluster fewer = cluster;
    fewer.policies.pop_back();
    const kubernetes::test::Cluster after(Writer().manifest(fewer));
    const Possibility opened = kubernetes::opens(before.graph, 0, after.graph, 0);
    INFO(Writer().manifest(cluster) << opened.reason);
    REQUIRE(opened.outcome != proof::Outcome::unknown);
    ++(opened.outcome == proof::Outcome::proved ? same : more);
    if (opened.outcome != proof::Outcome::refuted || !opened.from.address.empty() || !opened.to.address.empty()) continue;
    // The witness connects with the later policies and not with the earlier.
    const auto connects = [&](const Cluster& policies) {
      std::string text = Writer().manifest(policies) + manifest_of(opened.from, policies);
      std::string target = manifest_of(opened.to, policies);
      // The same namespace need not be written twice.
      if (opened.to.ns == opened.from.ns) target = target.substr(target.find("{apiVersion: v1, kind: Pod"));
      target.replace(target.find("name: witness"), 13, "name: target");
      const kubernetes::test::Cluster with(text + target);
      return between(with.graph, opened.from.ns + "/witness[Pod]", opened.to.ns + "/target[Pod]").allowed.contains(opened.protocol, opened.port);
    };
    // Ports with a name are the witness's own to declare, which the manifests here leave out.
    bool named = false;
    for (const NetworkPolicy& policy : cluster.policies)
      for (const auto* rules : {&policy.ingress, &policy.egress})
        if (*rules)
          for (const Rule& rule : **rules)
            if (rule.ports)
              for (const Port& one : *rule.ports) named = named || !one.name.empty();
    if (named) continue;
    REQUIRE(connects(fewer));
    REQUIRE_FALSE(connects(cluster));
  }
  CHECK(more > 20);
  CHECK(same + more > 30);
}

TEST_CASE("selectors on the command line", "[net]") {
  const auto read = kubernetes::parse_selector("tier=api, !legacy,env!=prod,app in (a,b),x notin (c),there");
  REQUIRE(read);
  REQUIRE(read->size() == 6);
  CHECK((*read)[0].values == std::vector<std::string_view>{"api"});
  CHECK((*read)[1].op == kubernetes::Requirement::Operator::does_not_exist);
  CHECK((*read)[2].op == kubernetes::Requirement::Operator::not_in);
  CHECK((*read)[3].values.size() == 2);
  CHECK((*read)[4].op == kubernetes::Requirement::Operator::not_in);
  CHECK((*read)[5].op == kubernetes::Requirement::Operator::exists);
  CHECK(kubernetes::parse_selector("")->empty());
  for (const char* wrong : {"a b", "=x", "a in b", "a=<x>", "in (a)"}) CHECK_FALSE(kubernetes::parse_selector(wrong));
}

// How fast connectivity is computed once manifests are parsed: `connectivity DIRECTORY` for a directory's connection
// list, without one for a large cluster (100,000 pods in 500 namespaces, 2,000 policies) and a policy of it that changes.
#include <sys/resource.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "parsers/kubernetes/connectivity.hpp"
#include "tests/kubernetes/cluster.hpp"

using namespace assay;

namespace {

// Of the processor, so that other programs do not count.
double milliseconds(std::clock_t from) { return 1000.0 * static_cast<double>(std::clock() - from) / CLOCKS_PER_SEC; }

long peak_kilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

// Every line that `list` would print, as sizes: what the optimiser cannot leave out.
std::size_t connection_list(const kubernetes::ClusterConnectivity& answers) {
  std::size_t lines = 0;
  const net::PeerId count = static_cast<net::PeerId>(answers.net.peers().size());
  const auto workload = [&](net::PeerId id) { return answers.net.kind(id) == net::PeerKind::workload; };
  for (net::PeerId from = 0; from < count; ++from) {
    for (net::PeerId to = 0; to < count; ++to) {
      if (from == to || !workload(to) || !(workload(from) || answers.net.kind(from) == net::PeerKind::entry)) continue;
      for (const net::NetworkId network : answers.net.shared_networks(from, to))
        if (const auto& connection = answers.net.between(from, to, network); !connection.empty()) lines += connection.allowed.text().empty() ? 0 : 1;
    }
    if (workload(from)) lines += answers.net.to_outside(from, net::Family::ipv4).size() + answers.net.from_outside(from, net::Family::ipv4).size();
  }
  return lines;
}

std::string large(unsigned spaces, unsigned pods_each, unsigned policies_each) {
  std::ostringstream out;
  for (unsigned space = 0; space < spaces; ++space) {
    const std::string ns = "team-" + std::to_string(space);
    out << "{apiVersion: v1, kind: Namespace, metadata: {name: " << ns << ", labels: {team: \"" << space << "\", env: " << (space % 3 ? "prod" : "test") << "}}}\n---\n";
    for (unsigned pod = 0; pod < pods_each; ++pod)
      out << "{apiVersion: v1, kind: Pod, metadata: {name: p" << pod << ", namespace: " << ns << ", labels: {app: a" << pod % 10 << ", tier: "
          << (pod % 10 < 3 ? "web" : "data") << ", pod-template-hash: h" << pod % 20 << "}}, spec: {containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}}\n---\n";
    for (unsigned policy = 0; policy < policies_each; ++policy) {
      out << "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: np" << policy << ", namespace: " << ns << "}, spec: {";
      if (policy == 0) out << "podSelector: {}, policyTypes: [Ingress, Egress], egress: [{to: [{namespaceSelector: {}}], ports: [{protocol: UDP, port: 53}]}]";
      if (policy == 1) out << "podSelector: {matchLabels: {tier: web}}, ingress: [{from: [{namespaceSelector: {matchLabels: {env: prod}}}], ports: [{port: 443}]}]";
      if (policy == 2) out << "podSelector: {matchLabels: {tier: data}}, ingress: [{from: [{podSelector: {matchLabels: {tier: web}}}], ports: [{port: http}]}]";
      if (policy == 3) out << "podSelector: {matchLabels: {app: a1}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10." << space % 256 << ".0.0/16}}, {namespaceSelector: {matchLabels: {team: \"" << (space + 1) % spaces << "\"}}, podSelector: {matchLabels: {app: a5}}}]}]";
      out << "}}\n---\n";
    }
  }
  return out.str();
}

}  // namespace

int main(int count, char** arguments) {
  kubernetes::test::Cluster cluster;
  if (count > 1) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(arguments[1])) {
      if (entry.path().extension() != ".yaml") continue;
      std::ostringstream text;
      text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      cluster.add_file(entry.path().string(), text.str());
    }
    cluster.build();
    double best = 1e9;
    std::size_t lines = 0;
    for (int round = 0; round < 5; ++round) {
      const auto from = std::clock();
      Diagnostics diagnostics;
      lines = connection_list(kubernetes::connectivity(cluster.graph, 0, {}, diagnostics));
      best = std::min(best, milliseconds(from));
    }
    std::cout << "connection list: " << best << " ms, " << lines << " connections\n";
    return 0;
  }
  const auto from_pods = [&](unsigned spaces, unsigned pods) {
    kubernetes::test::Cluster made;
    made.add_file("a.yaml", large(spaces, pods, 4));
    made.build();
    const long before = peak_kilobytes();
    auto from = std::clock();
    Diagnostics diagnostics;
    auto answers = kubernetes::connectivity(made.graph, 0, {}, diagnostics);
    const double built = milliseconds(from);
    // Every pair of classes, which answers every pair of pods.
    const auto all = [&] {
      std::uint64_t open = 0;
      for (net::ClassId to = 0; to < answers.net.class_count(); ++to)
        for (net::ClassId source = 0; source < answers.net.class_count(); ++source) open += !answers.net.between_classes(source, to).empty();
      return open;
    };
    from = std::clock();
    const std::uint64_t open = all();
    const double answered = milliseconds(from);
    std::cout << spaces * pods << " pods in " << spaces << " namespaces, " << spaces * 4 << " policies: model " << built << " ms, all " << answers.net.class_count() << " x "
              << answers.net.class_count() << " classes answered " << answered << " ms (" << open << " open), " << (peak_kilobytes() - before) / 1024 << " MB more\n";
    // One policy, changed.
    const Resource& was = made.graph.resource(made.graph.of_type("k8s:networking.k8s.io/NetworkPolicy")[2]);
    kubernetes::test::Cluster other;
    other.add_file("b.yaml", "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: " + was.name + ", namespace: " + was.ns +
                                 "}, spec: {podSelector: {matchLabels: {tier: data}}, ingress: [{from: [{podSelector: {matchLabels: {app: a2}}}], ports: [{port: 81}]}]}}\n");
    other.build();
    from = std::clock();
    const bool updated = kubernetes::update(answers, was, other.graph.resource(0), diagnostics);
    const net::PeerId peer = 3;
    std::size_t reached = 0;
    for (net::PeerId id = 0; id < answers.net.peers().size(); ++id) reached += answers.net.between(id, peer).allowed.empty() ? 0 : 1;
    std::cout << "  one policy changed: " << (updated ? "" : "NOT ") << "re-answered for one workload in " << milliseconds(from) << " ms (" << reached << " sources)\n";
  };
  from_pods(50, 200);
  from_pods(500, 200);
}

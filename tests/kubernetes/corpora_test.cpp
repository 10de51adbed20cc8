// Real manifests: every reference resolves, or stands in a reviewed list of what the inputs leave out.
#include <catch2/catch.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/kubernetes/cluster.hpp"

using namespace assay;
using namespace assay::kubernetes::test;

namespace {

const std::filesystem::path corpora = std::filesystem::path(ASSAY_SHARED_DIR) / "corpora";

bool load(Cluster& cluster, const std::string& directory) {
  if (!std::filesystem::exists(corpora / directory)) {
    WARN("skipped: no " << (corpora / directory).string());
    return false;
  }
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(corpora / directory))
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) {
    std::ostringstream bytes;
    bytes << std::ifstream(path, std::ios::binary).rdbuf();
    cluster.add_file(std::filesystem::relative(path, corpora).string(), bytes.str());
  }
  cluster.build(true);
  return true;
}

Lines dangling(const Cluster& cluster) {
  Lines result;
  for (const std::string& line : cluster.edges())
    if (line.find(" absent ") != std::string::npos) result.push_back(line);
  return result;
}

}  // namespace

TEST_CASE("online-boutique: what is absent was reviewed", "[kubernetes]") {
  struct Corpus {
    const char* directory;
    Lines absent;
  };
  const Corpus list[] = {
      {"online-boutique/kubernetes-manifests", {}},
      // Installing Istio brings its class.
      {"online-boutique/release", {"k8s:gateway.networking.k8s.io/Gateway/default/istio-gateway references absent "
                                   "k8s:gateway.networking.k8s.io/GatewayClass istio"}}};
  for (const Corpus& corpus : list) {
    Cluster cluster;
    if (!load(cluster, corpus.directory)) return;
    INFO(corpus.directory);
    CHECK(cluster.diagnostics.errors() == 0);
    CHECK(dangling(cluster) == corpus.absent);
    for (const Resource& resource : cluster.graph.resources()) {
      INFO(resource.address);
      if (resource.type == "k8s:Service") CHECK(cluster.graph.targets(resource.id, EdgeKind::selects).size() == 1);
      if (resource.type == "k8s:apps/Deployment") CHECK(cluster.graph.targets(resource.id, EdgeKind::runs_as).size() == 1);
    }
  }
}

TEST_CASE("kube-prometheus: what is absent was reviewed", "[kubernetes]") {
  Cluster cluster;
  if (!load(cluster, "kube-prometheus")) return;
  CHECK(cluster.diagnostics.errors() == 0);
  CHECK(dangling(cluster) == Lines{});
  // Whatever selects pods selects some, those that only the operator creates included.
  for (const Resource& resource : cluster.graph.resources()) {
    INFO(resource.address);
    if (resource.type == "k8s:Service") CHECK(cluster.graph.targets(resource.id, EdgeKind::selects).size() >= 1);
    if (resource.type == "k8s:policy/PodDisruptionBudget")
      CHECK(cluster.graph.targets(resource.id, EdgeKind::protects).size() == 1);
    if (resource.type == "k8s:networking.k8s.io/NetworkPolicy")
      CHECK(cluster.graph.targets(resource.id, EdgeKind::governs).size() == 1);
  }
}

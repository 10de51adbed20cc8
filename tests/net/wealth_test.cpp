// The wealth platform: why its load balancer cannot reach the API as documented, and that it can when hardened.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "parsers/kubernetes/connectivity.hpp"
#include "tests/kubernetes/cluster.hpp"

using namespace assay;
using namespace assay::kubernetes;
using assay::kubernetes::test::Cluster;

namespace {

struct Platform {
  Cluster cluster;
  Diagnostics diagnostics;
  ClusterConnectivity answers;

  explicit Platform(const std::string& variant) : cluster(), answers((load(variant), connectivity(cluster.graph, 0, {}, diagnostics))) {}

  void load(const std::string& variant) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(std::string(ASSAY_SOURCE_DIR) + "/fixtures/systems/wealth/" + variant + "/k8s"))
      if (entry.path().extension() == ".yaml") paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths) {
      std::ostringstream text;
      text << std::ifstream(path, std::ios::binary).rdbuf();
      cluster.add_file(path.filename().string(), text.str());
    }
    cluster.build(true);
  }
  net::PeerId controller() const { return answers.peer_named("{ingress-controller}"); }
  net::PeerId api() const { return answers.peer_named("production/wealth-api"); }
};

}  // namespace

TEST_CASE("as documented the load balancer does not reach the API", "[net]") {
  const Platform platform("as-documented");
  CHECK(platform.diagnostics.empty());
  const net::Explanation why = platform.answers.net.explain(platform.controller(), platform.api());
  CHECK(why.connection.empty());
  // The policy that closes, and nothing that opens 8000.
  bool closed = false;
  for (const net::Step& step : why.steps) {
    if (step.direction != net::Direction::ingress || !step.ports.contains(net::Protocol::tcp, 8000)) continue;
    CHECK(step.verdict == net::Verdict::deny);
    REQUIRE(step.policy);
    CHECK(step.policy->resource->address == "k8s:networking.k8s.io/NetworkPolicy/production/wealth-api");
    closed = true;
  }
  CHECK(closed);
  // And what the policy says has no effect in this cluster.
  CHECK(platform.answers.enforcement.status == Enforcement::Status::refuted);
  CHECK(platform.cluster.text(platform.answers.enforcement.reason).find("vpc-cni") != std::string::npos);
}

TEST_CASE("hardened it does, and the API reaches its stores and names", "[net]") {
  const Platform platform("hardened");
  CHECK(platform.diagnostics.empty());
  CHECK(platform.answers.net.between(platform.controller(), platform.api()).allowed.text() == "TCP 8443");
  CHECK(platform.answers.enforcement.status == Enforcement::Status::evidenced);
  CHECK(platform.answers.to_name_servers(platform.api()).allowed.text() == "TCP 53,UDP 53");
  std::vector<std::string> out;
  for (const auto& range : platform.answers.net.to_outside(platform.api(), net::Family::ipv4))
    out.push_back(net::format_range(range.range) + ": " + range.connection.allowed.text());
  CHECK(out == std::vector<std::string>{"10.20.64.0-10.20.67.255: TCP 5432", "10.20.68.0-10.20.71.255: TCP 6379", "203.0.113.0-203.0.113.15: TCP 443"});
  // That the balancer's addresses lie in the blocks that the policy names is a premise.
  REQUIRE(platform.answers.premises.size() == 1);
  CHECK(platform.answers.premises[0].text.find("private blocks") != std::string::npos);
}

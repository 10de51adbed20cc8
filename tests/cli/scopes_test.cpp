// What is deployed together, and that findings do not depend on which part of a repository is audited.
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <set>

#include "tests/cli/run.hpp"

using namespace assay::test;
using nlohmann::json;
using Words = std::vector<std::string>;

namespace {

// Every finding but for its place in the whole: rule, address, verdict, message, line, fingerprint.
std::multiset<std::string> findings(const json& report, const std::string& below, bool fingerprints) {
  std::multiset<std::string> all;
  for (const json& finding : report["findings"]) {
    const std::string path = finding["location"].is_null() ? "" : finding["location"]["path"].get<std::string>();
    const std::string scope = finding["resource"]["scope"];
    if (!below.empty() && !path.starts_with(below + "/") && scope != below) continue;
    std::string one = finding["rule"].get<std::string>() + " " + finding["resource"]["address"].get<std::string>() + " " +
                      finding["verdict"].get<std::string>() + " " + finding["message"].get<std::string>();
    if (!finding["location"].is_null()) one += " " + finding["location"]["line"].dump();
    if (fingerprints) one += " " + finding["fingerprint"].get<std::string>() + " " + path;
    all.insert(one);
  }
  return all;
}

}  // namespace

TEST_CASE("a corpus that holds every object twice gives each directory's findings", "[cli]") {
  const std::string corpus = std::string(ASSAY_SHARED_DIR) + "/corpora/online-boutique";
  if (!std::filesystem::exists(corpus)) {
    WARN("no corpora: skipped");
    return;
  }
  for (const bool git : {false, true}) {
    Workspace w;
    w.shell("cp -r '" + corpus + "' repo");
    if (git) w.shell("git -C repo init -q");
    const auto audit = [&](const std::string& path) {
      const Run run = w.run({"check", path, "--format", "json", "--as-of", "2026-11-21", "--profile", "all"});
      INFO(run.err);
      CHECK(run.status <= 1);
      return run.json();
    };
    const json whole = audit("repo");
    std::size_t sum = 0;
    for (const std::string part : {"kubernetes-manifests", "release"}) {
      const json alone = audit("repo/" + part);
      const auto expected = findings(alone, "", git);
      CHECK(expected.size() > 50);
      CHECK(findings(whole, part, git) == expected);
      sum += expected.size();
    }
    CHECK(whole["findings"].size() == sum);
    for (const json& diagnostic : whole["diagnostics"]) CHECK(diagnostic["code"] != "duplicate-address");
    if (!git) continue;
    // One file of it, too: same paths, same fingerprints for what the file alone decides.
    const json file = audit("repo/kubernetes-manifests/adservice.yaml");
    std::set<std::string> known;
    for (const json& finding : whole["findings"]) known.insert(finding["fingerprint"].get<std::string>());
    std::size_t met = 0;
    for (const json& finding : file["findings"]) {
      CHECK(finding["location"]["path"] == "kubernetes-manifests/adservice.yaml");
      CHECK(finding["resource"]["scope"] == "kubernetes-manifests");
      met += known.count(finding["fingerprint"].get<std::string>());
    }
    CHECK(met > 10);
  }
}

TEST_CASE("auditing a child names scopes and paths as auditing the parent does", "[cli]") {
  Workspace w;
  w.file("repo/prod/a.yaml", pod("a"));
  w.file("repo/test/a.yaml", pod("a"));
  w.file("repo/infra/k.yaml", pod("k"));
  w.file("repo/web/kustomization.yaml", "resources: [w.yaml]\n");
  w.file("repo/web/w.yaml", pod("w"));
  w.shell("cd repo && git init -q");
  const auto whole = findings(w.check({"repo"}).json(), "", true);
  CHECK(whole.size() == 4);
  std::multiset<std::string> parts;
  for (const char* part : {"repo/prod", "repo/test/a.yaml", "repo/infra", "repo/web"}) parts.merge(findings(w.check({part}).json(), "", true));
  CHECK(parts == whole);
}

TEST_CASE("two objects with one address in one scope are both judged, with a warning at both places", "[cli]") {
  Workspace w;
  w.file("a.yaml", pod("same"));
  w.file("b.yaml", pod("same"));
  const Run run = w.check();
  CHECK(run.status == 1);
  CHECK(run.json()["findings"].size() == 2);
  CHECK(codes(run.json()) == Words{"duplicate-address"});
  CHECK(run.err.find("b.yaml:4:9: warning: ") != std::string::npos);
  CHECK(run.err.find("a.yaml:4:9: note: ") != std::string::npos);
  CHECK(run.json()["incomplete"] == false);
}

TEST_CASE("stated scopes separate, and are checked", "[cli]") {
  Workspace w;
  w.file("all/one.yaml", pod("same"));
  w.file("all/two.yaml", pod("same"));
  w.file("assay.yaml", "scopes:\n- {name: one, paths: [all/one.yaml]}\n- {name: two, paths: ['all/t*']}\n");
  const json report = w.check().json();
  CHECK(codes(report).empty());
  std::set<std::string> scopes;
  for (const json& finding : report["findings"]) scopes.insert(finding["resource"]["scope"].get<std::string>());
  CHECK(scopes == std::set<std::string>{"one", "two"});
  w.file("assay.yaml", "scopes:\n- {name: one, paths: [nowhere]}\n");
  CHECK(codes(w.check().json()) == Words{"duplicate-address", "settings"});
}

// Kyverno's ValidatingPolicy through the whole program.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "tests/cli/run.hpp"

namespace {

using assay::test::Run;
using assay::test::Workspace;

constexpr std::string_view policy = R"(apiVersion: policies.kyverno.io/v1alpha1
kind: ValidatingPolicy
metadata: {name: no-latest}
spec:
  validationActions: [Deny]
  matchConstraints:
    resourceRules:
    - {apiGroups: [''], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [pods]}
  variables:
  - name: containers
    expression: object.spec.containers
  validations:
  - expression: variables.containers.all(c, !c.image.endsWith(':latest'))
    messageExpression: "'latest in ' + object.metadata.name"
)";
constexpr std::string_view objects = R"(apiVersion: v1
kind: Pod
metadata: {name: bare}
spec:
  containers:
  - name: a
    image: example.com/a:latest
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
      - name: a
        image: example.com/a:latest
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec:
  schedule: 0 0 * * *
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
          - name: a
            image: example.com/a:1.0
)";

nlohmann::json findings(const Run& run) {
  nlohmann::json all = nlohmann::json::array();
  const auto report = nlohmann::json::parse(run.out);
  for (const auto& finding : report.at("findings"))
    if (finding.at("rule") == "admission/kyverno/no-latest") all.push_back(finding);
  return all;
}

Run check(const Workspace& w) { return w.run({"check", "--format", "json", "--as-of", "2026-11-21", "--family", "admission"}); }

}  // namespace

TEST_CASE("Kyverno's policies about pods judge their controllers too", "[admission]") {
  Workspace w;
  w.file("policy.yaml", policy);
  w.file("objects.yaml", objects);
  const Run run = check(w);
  INFO(run.out << run.err);
  const auto all = findings(run);
  REQUIRE(all.size() == 2);
  CHECK(all[0].at("location").at("line") == 7);
  CHECK(all[0].at("message").get<std::string>().find("latest in bare") != std::string::npos);
  CHECK(all[1].at("location").at("line") == 19);
  CHECK(all[1].at("message").get<std::string>().find("latest in api") != std::string::npos);
  const auto report = nlohmann::json::parse(run.out);
  CHECK(report.at("checked").at(0).at("pass") == nlohmann::json::array({"k8s:batch/CronJob/default/nightly"}));
}

TEST_CASE("what is Kyverno's own makes its policy unknown and says so", "[admission]") {
  Workspace w;
  std::string own(policy);
  own.replace(own.find("object.spec.containers"), 22, "resource.Get('v1', 'configmaps', 'a', 'b').data.x");
  w.file("policy.yaml", own);
  w.file("objects.yaml", objects);
  const Run run = check(w);
  INFO(run.out << run.err);
  const auto all = findings(run);
  REQUIRE(all.size() == 3);
  for (const auto& finding : all) CHECK(finding.at("verdict") == "unknown");
  const auto report = nlohmann::json::parse(run.out);
  REQUIRE(report.at("diagnostics").size() == 1);
  CHECK(report.at("diagnostics").at(0).at("line") == 11);
  CHECK(report.at("diagnostics").at(0).at("message").get<std::string>().find("`resource`") != std::string::npos);
}

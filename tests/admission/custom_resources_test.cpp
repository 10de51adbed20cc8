// Custom resources and their definitions through the whole program: findings stand at the right line.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "tests/cli/run.hpp"

namespace {

using assay::test::Run;
using assay::test::Workspace;

constexpr std::string_view definition = R"(apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: shops.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: shops, singular: shop, kind: Shop, listKind: ShopList}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [replicas]
            properties:
              replicas: {type: integer, minimum: 1}
              max: {type: integer, default: 3}
              items:
                type: array
                items:
                  type: object
                  properties: {name: {type: string}, size: {type: integer}}
                  x-kubernetes-validations:
                  - {rule: self.size < 10, messageExpression: '"item " + self.name + " is too large"'}
            x-kubernetes-validations:
            - rule: >-
                self.replicas
                <= self.max
              message: more replicas than allowed
)";

struct Expected {
  int line;
  std::string message, severity, verdict;
};

std::vector<Expected> findings(const Run& run) {
  std::vector<Expected> all;
  const auto report = nlohmann::json::parse(run.out);
  for (const auto& finding : report.at("findings"))
    if (finding.at("rule") == "crd/shops.example.com")
      all.push_back({finding.at("location").at("line"), finding.at("message"), finding.at("severity"), finding.at("verdict")});
  std::sort(all.begin(), all.end(), [](const Expected& a, const Expected& b) { return a.line < b.line; });
  return all;
}

}  // namespace

TEST_CASE("a custom resource is judged where it breaks its definition", "[admission]") {
  Workspace w;
  w.file("crds/shop.yaml", definition);
  w.file("shops.yaml", R"(apiVersion: example.com/v1
kind: Shop
metadata: {name: one}
spec:
  replicas: 5
  extra: 1
  items:
  - name: a
    size: 3
  - name: b
    size: 30
---
apiVersion: example.com/v1
kind: Shop
metadata: {name: two}
spec:
  max: 9
---
apiVersion: example.com/v1
kind: Shop
metadata: {name: three}
spec: {replicas: 3}
---
apiVersion: example.com/v2
kind: Shop
metadata: {name: four}
)");
  const Run run = w.run({"check", "--format", "json", "--as-of", "2026-11-21", "--family", "crd"});
  INFO(run.out << run.err);
  CHECK(run.status == 1);
  const auto all = findings(run);
  REQUIRE(all.size() == 5);
  CHECK((all[0].line == 5 && all[0].message == "spec: Invalid value: more replicas than allowed" && all[0].severity == "high"));
  CHECK((all[1].line == 6 && all[1].message.starts_with("unknown field `spec.extra`") && all[1].severity == "low"));
  CHECK((all[2].line == 11 && all[2].message == "spec.items[1]: Invalid value: item b is too large"));
  CHECK((all[3].line == 16 && all[3].message == "spec.replicas: Required value"));
  CHECK((all[4].line == 24 && all[4].message.find("serves no such version") != std::string::npos));
  const auto report = nlohmann::json::parse(run.out);
  CHECK(report.at("checked").at(0).at("pass") == nlohmann::json::array({"k8s:example.com/Shop/default/three"}));
  CHECK(report.at("diagnostics").empty());
}

TEST_CASE("a wrong expression in a definition gets a caret in its file", "[admission]") {
  Workspace w;
  std::string wrong(definition);
  const auto at = wrong.find("<= self.max");
  wrong.replace(at, 11, "<= self.mux");
  w.file("shop.yaml", wrong);
  w.file("one.yaml", "apiVersion: example.com/v1\nkind: Shop\nmetadata: {name: one}\nspec: {replicas: 5}\n");
  const Run run = w.run({"check", "--format", "json", "--as-of", "2026-11-21", "--family", "crd"});
  INFO(run.out << run.err);
  CHECK(run.status == 3);
  const auto report = nlohmann::json::parse(run.out);
  REQUIRE(report.at("diagnostics").size() == 1);
  const auto& diagnostic = report.at("diagnostics").at(0);
  CHECK(diagnostic.at("code") == "crd-expression");
  CHECK(diagnostic.at("path") == "shop.yaml");
  CHECK(diagnostic.at("line") == 32);
  CHECK(diagnostic.at("column") == 25);
  CHECK(diagnostic.at("message").get<std::string>().find("max") != std::string::npos);
  const auto all = findings(run);
  REQUIRE(all.size() == 1);
  CHECK(all[0].verdict == "unknown");
}

TEST_CASE("admission policies see custom resources with their defaults", "[admission]") {
  Workspace w;
  w.file("shop.yaml", definition);
  w.file("policy.yaml", R"(apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: most}
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [example.com], apiVersions: [v1], operations: [CREATE], resources: [shops]}
  validations:
  - {expression: object.spec.max > 3 && !has(object.spec.extra), message: more than three}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: most}
spec: {policyName: most, validationActions: [Deny]}
)");
  w.file("one.yaml", R"(apiVersion: example.com/v1
kind: Shop
metadata: {name: one}
spec:
  replicas: 1
---
apiVersion: example.com/v1
kind: Shop
metadata: {name: two}
spec:
  replicas: 1
  max: 5
  extra: 1
)");
  const Run run = w.run({"check", "--format", "json", "--as-of", "2026-11-21", "--family", "admission"});
  INFO(run.out << run.err);
  const auto report = nlohmann::json::parse(run.out);
  REQUIRE(report.at("findings").size() == 1);
  const auto& finding = report.at("findings").at(0);
  CHECK(finding.at("rule") == "admission/most");
  CHECK(finding.at("location").at("line") == 4);  // `spec`, which lacks what was defaulted
}

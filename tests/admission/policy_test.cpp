// Admission policies through the program: where findings land, what is unknown in an open world, what is refused.
#include <catch2/catch.hpp>

#include "tests/cli/run.hpp"

using namespace assay::test;
using nlohmann::json;

namespace {

constexpr std::string_view policy = R"yaml(apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: limits.example.com}
spec:
  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConstraints:
    resourceRules:
    - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}
@constraints
  variables:
  - name: most
    expression: int(params.data.most)
  validations:
  - expression: object.spec.replicas <= variables.most
    messageExpression: "'at most ' + string(variables.most) + ', not ' + string(object.spec.replicas)"
  - expression: |
      object.spec.template.spec.containers.all(c,
        c.imagePullPolicy == 'Always')
    message: always pull
)yaml";
constexpr std::string_view binding = R"(---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: limits}
spec:
  policyName: limits.example.com
  validationActions: [@action]
  paramRef: {name: most, namespace: policies, parameterNotFoundAction: Deny}
)";
constexpr std::string_view parameter = R"(---
apiVersion: v1
kind: ConfigMap
metadata: {name: most, namespace: policies}
data:
  most: "3"
)";
constexpr std::string_view deployment = R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 5
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: registry.example.com/web:1.2
)";

std::string with(std::string_view text, std::string_view marker, std::string_view replacement) {
  std::string result(text);
  for (std::size_t at; (at = result.find(marker)) != std::string::npos;) result.replace(at, marker.size(), replacement);
  return result;
}
std::string plain() { return with(policy, "@constraints\n", ""); }
std::string bound(std::string_view action = "Deny") { return with(binding, "@action", action); }

json check(const Workspace& work, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {"check", ".", "--only", "admission/*", "--format", "json", "--as-of", "2026-11-21"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return work.run(arguments).json();
}

// "line:column verdict severity: message" of each finding.
std::vector<std::string> findings(const json& report) {
  std::vector<std::string> lines;
  for (const json& one : report["findings"])
    lines.push_back(std::to_string(one["location"]["line"].get<int>()) + ":" + std::to_string(one["location"]["column"].get<int>()) + " " +
                    one["verdict"].get<std::string>() + " " + one["severity"].get<std::string>() + ": " + one["message"].get<std::string>());
  return lines;
}
using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("what the API server would deny, at the right line", "[admission]") {
  Workspace work;
  work.file("policy.yaml", plain() + bound() + std::string(parameter));
  work.file("web.yaml", deployment);
  const json report = check(work);
  CHECK(findings(report) == Lines{
      "5:13 fail high: denied by admission policy `limits.example.com` (binding `limits`, parameter `policies/most`): at most 3, not 5",
      "11:9 fail high: denied by admission policy `limits.example.com` (binding `limits`, parameter `policies/most`): always pull"});
  CHECK(report["findings"][0]["rule"] == "admission/limits.example.com");
  CHECK(report["findings"][0]["location"]["path"] == "web.yaml");
  // The parameter that decided is in the trace; the default that decided is an absent field.
  CHECK(report["findings"][0]["trace"][0]["path"] == "policy.yaml");
  CHECK(report["findings"][1]["trace"][0]["note"] == "absent: `imagePullPolicy`");
  CHECK(report["summary"]["fail"] == 1);
  REQUIRE(report["checked"].size() == 1);
  CHECK(report["checked"][0]["family"] == "admission");
}

TEST_CASE("policies in a directory of rules", "[admission]") {
  Workspace work;
  work.file("rules/policy.yaml", plain() + bound("Warn") + std::string(parameter));
  work.file("web.yaml", deployment);
  const json report = work.run({"check", "web.yaml", "--rules", "rules", "--only", "admission/limits.example.com", "--format", "json"}).json();
  CHECK(findings(report) == Lines{
      "5:13 fail low: admission policy `limits.example.com` (binding `limits`, parameter `policies/most`) warns: at most 3, not 5",
      "11:9 fail low: admission policy `limits.example.com` (binding `limits`, parameter `policies/most`) warns: always pull"});
  CHECK(report["findings"][0]["trace"].empty());  // a finding never points into a rule
  CHECK(work.run({"rules", "list", "--rules", "rules"}).out.find("admission/limits.example.com") != std::string::npos);
  CHECK(work.run({"explain", "admission/limits.example.com", "--rules", "rules"}).out.find("always pull") != std::string::npos);
}

TEST_CASE("what the inputs do not say is unknown", "[admission]") {
  Workspace work;
  work.file("web.yaml", deployment);
  SECTION("the parameter") {
    // Were it missing, nothing would be evaluated …
    work.file("policy.yaml", plain() + with(bound(), "Action: Deny", "Action: Allow"));
    const json report = check(work);
    REQUIRE(report["summary"]["unknown"] == 1);
    // … or everything denied: so what denies whatever the parameter says is certain.
    work.file("policy.yaml", plain() + bound());
    CHECK(check(work)["summary"]["fail"] == 1);
    CHECK(check(work)["findings"].size() == 2);
    CHECK(report["findings"].back()["message"].get<std::string>().find("`most`, is not among the inputs") != std::string::npos);
  }
  SECTION("the labels of the namespace") {
    work.file("policy.yaml", with(policy, "@constraints\n", "    namespaceSelector: {matchLabels: {env: prod}}\n") + bound() + std::string(parameter));
    CHECK(check(work)["summary"]["unknown"] == 1);
    work.file("namespace.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {env: prod}}\n");
    CHECK(check(work)["summary"]["fail"] == 1);
    work.file("namespace.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {env: dev}}\n");
    CHECK(check(work)["summary"]["not-applicable"] == 1);
  }
  SECTION("its name is known") {
    const auto named = [](std::string_view name) { return "    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: " + std::string(name) + "}}\n"; };
    work.file("policy.yaml", with(policy, "@constraints\n", named("shop")) + bound() + std::string(parameter));
    CHECK(check(work)["summary"]["fail"] == 1);
    work.file("policy.yaml", with(policy, "@constraints\n", named("other")) + bound() + std::string(parameter));
    CHECK(check(work)["summary"]["not-applicable"] == 1);
  }
  SECTION("who asks") {
    work.file("policy.yaml", with(with(plain(), "object.spec.replicas <= variables.most", "request.userInfo.username == 'ci' && 'makers' in request.userInfo.groups"),
                                  "int(params.data.most)", "1 + 2") + bound() + std::string(parameter));
    const auto first = [&](std::vector<std::string> more) { return check(work, std::move(more))["findings"][0]["verdict"]; };
    CHECK(check(work)["summary"]["fail"] == 1);  // of the second validation; the first is unknown
    CHECK(check(work)["findings"].size() == 2);
    CHECK(check(work, {"--as", "ci", "--as-group", "makers"})["findings"].size() == 1);
    CHECK(check(work, {"--as", "joe"})["findings"].size() == 2);
    CHECK(first({"--as", "joe"}) == "fail");
  }
}

TEST_CASE("a policy without binding enforces nothing", "[admission]") {
  Workspace work;
  work.file("policy.yaml", plain());
  work.file("web.yaml", deployment);
  const json report = check(work);
  CHECK(report["findings"].empty());
  CHECK(report["summary"]["not-applicable"] == 1);
  CHECK(codes(report) == Lines{"admission-policy"});
  CHECK(report["incomplete"] == false);
}

TEST_CASE("what the API server refuses is said at its place", "[admission]") {
  struct Mistake {
    std::string from, to;
    int line, column;
    std::string message;
  };
  const auto mistakes = std::vector<Mistake>{
      {"object.spec.replicas <= variables.most", "object.spec.replicas <= variables.mots", 13, 51, "`kubernetes.variables` has no field `mots`, did you mean `most`"},
      {"object.spec.replicas <= variables.most", "object.spec.paused", 13, 17, "a validation must give `bool`, this gives `dyn`"},
      {"        c.imagePullPolicy == 'Always')", "        cel.bind(x, c, true))", 17, 13, "undeclared function `cel.bind`"},
      {"    message: always pull", "    message: \"\\n\"", 18, 14, "`message` must not be blank"},
      {"operations: [CREATE]", "operations: [READ]", 8, 59, "`READ` is no operation"},
      {"  paramKind: {apiVersion: v1, kind: ConfigMap}\n", "", 10, 21, "undeclared reference to `params`"},
      {"    resourceRules:\n    - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}\n", "    resourceRules: []\n", 7, 5,
       "`matchConstraints` need at least one of `resourceRules`"},
  };
  for (const Mistake& mistake : mistakes) {
    INFO(mistake.to);
    Workspace work;
    work.file("policy.yaml", with(plain(), mistake.from, mistake.to) + bound() + std::string(parameter));
    work.file("web.yaml", deployment);
    const json report = check(work);
    CHECK(report["incomplete"] == true);
    CHECK(report["findings"].empty());
    bool found = false;
    std::string all;
    for (const json& one : report["diagnostics"]) {
      all += std::to_string(one["line"].get<int>()) + ":" + std::to_string(one["column"].get<int>()) + " " + one["message"].get<std::string>() + "\n";
      found = found || (one["severity"] == "error" && one["line"] == mistake.line && one["column"] == mistake.column &&
                        one["message"].get<std::string>().find(mistake.message) != std::string::npos);
    }
    INFO(all);
    CHECK(found);
  }
}

TEST_CASE("types of built-in kinds are warnings", "[admission]") {
  Workspace work;
  work.file("policy.yaml", with(plain(), "object.spec.replicas <= variables.most", "object.spec.replica <= 3 && oldObject == null") + bound() + std::string(parameter));
  work.file("web.yaml", deployment);
  const json report = check(work);
  CHECK(report["incomplete"] == false);
  REQUIRE(report["diagnostics"].size() == 1);
  CHECK(report["diagnostics"][0]["severity"] == "warning");
  CHECK(report["diagnostics"][0]["message"].get<std::string>().find("for a Deployment: ") == 0);
  CHECK(report["diagnostics"][0]["message"].get<std::string>().find("did you mean `replicas`") != std::string::npos);
}

TEST_CASE("a policy's findings are waived like any other", "[admission]") {
  Workspace work;
  work.file("policy.yaml", plain() + bound() + std::string(parameter));
  work.file("web.yaml", "# assay:skip admission/limits.example.com reason=\"until the move\"\n" + std::string(deployment));
  const json report = check(work);
  CHECK(report["summary"]["waived"] == 1);
  CHECK(report["summary"]["fail"] == 0);
}

TEST_CASE("policies and objects of wrong types end in a report", "[admission]") {
  Workspace work;
  work.file("all.yaml", R"yaml(apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: [1]}
spec: 
  matchConstraints: {resourceRules: [null, 3, {apiGroups: 3, operations: [1]}], namespaceSelector: 3, objectSelector: {matchExpressions: [{key: 3}]}}
  matchConditions: [3, null, {name: 3, expression: [1]}]
  variables: [3, {name: a b, expression: ""}, {name: x, expression: "variables.x + 1"}, {name: x, expression: "variables.x + 1"}]
  validations: [3, {expression: 3}, {expression: "variables.x > 1", messageExpression: 3, reason: Foo}]
  auditAnnotations: 3
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: loop}
spec: 
  matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: ["*"], resources: ["*"]}]}
  variables: [{name: x, expression: "1"}, {name: x, expression: "variables.x + 1"}]
  validations: [{expression: "variables.x > 1"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: loop}
spec: {policyName: loop, validationActions: [Deny]}
---
apiVersion: v1
kind: ConfigMap
metadata: 3
data: [1]
---
apiVersion: v1
kind: Pod
metadata: {name: p, labels: 3, annotations: [1]}
spec: {containers: 3, volumes: {a: 1}, tolerations: [3, null]}
---
apiVersion: v1
kind: Pod
metadata: {name: q}
spec: 3
---
apiVersion: v1
kind: Service
metadata: {name: q}
spec: {ports: [3, {port: a}], type: 3}
---
apiVersion: v1
kind: Namespace
metadata: {name: q, labels: 5}
spec: {finalizers: 3}
---
apiVersion: batch/v1
kind: Job
metadata: {name: q}
spec: {template: 3, manualSelector: x}
)yaml");
  const Run run = work.run({"check", ".", "--only", "admission/*", "--format", "json", "--as-of", "2026-11-21"});
  CHECK(run.status == 3);
  const json report = run.json();
  CHECK(report["incomplete"] == true);
  CHECK(report["summary"]["fail"] == 0);
  // A variable that reads itself under its own name.
  CHECK(report["summary"]["unknown"] == 5);
}

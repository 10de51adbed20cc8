// A report made by hand, with everything in it that a writer must get right: several verdicts and
// severities, waivers, an absent field, a trace through two files, hostile names, tabs, wide characters,
// CRLF, a line too long for any screen, diagnostics with and without a place.
#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <stdexcept>
#include <string>
#include <string_view>

#include "engine/report.hpp"

namespace sample {

using namespace assay;

inline constexpr std::string_view api =
    "apiVersion: apps/v1\n"
    "kind: Deployment\n"
    "metadata:\n"
    "  name: api\n"
    "  namespace: prod\n"
    "spec:\n"
    "  replicas: 5\n"
    "  template:\n"
    "    spec:\n"
    "      containers:\n"
    "        - name: web\n"
    "          image: registry.example/web:latest\n"
    "          securityContext:\n"
    "            privileged: true\n";

// CRLF, tabs, characters of two, three and four bytes, a combining one, and wide ones.
inline constexpr std::string_view cafe =
    "\xEF\xBB\xBF# caf\xC3\xA9\r\n"
    "kind: Service\r\n"
    "note:\t\"\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E\xF0\x9F\x9A\x80 e\xCC\x81\"\t# port: 80\r\n";

// A name that tries to be markup, an escape sequence, a right-to-left override and a link.
inline constexpr std::string_view evil_name =
    "<script>alert(1)</script>\x1b[31m\xE2\x80\xAE[x](http://evil.example)&\"'`";

struct Sample {
  Sources sources;
  Graph graph;
  std::deque<RuleInfo> rules;
  Report report;

  Sample() = default;
  Sample(const Sample&) = delete;

  Span at(SourceId source, std::string_view text, std::size_t nth = 0) const {
    const std::string_view bytes = sources.get(source).bytes();
    std::size_t found = bytes.find(text);
    while (nth-- && found != bytes.npos) found = bytes.find(text, found + 1);
    if (found == bytes.npos) throw std::logic_error("no such text in the sample: " + std::string(text));
    return {source, static_cast<std::uint32_t>(found), static_cast<std::uint32_t>(found + text.size())};
  }

  RuleInfo& rule(std::string id, std::string title, Severity severity) {
    RuleInfo& rule = rules.emplace_back();
    rule.family = id.substr(0, id.find('/'));
    rule.id = std::move(id);
    rule.title = std::move(title);
    rule.severity = severity;
    rule.since = "0.1";
    return rule;
  }

  ResourceId resource(std::string address, std::string type, ScopeId scope, Span header) {
    Resource resource;
    resource.address = std::move(address);
    resource.type = std::move(type);
    resource.scope = scope;
    resource.header = header;
    return graph.add(std::move(resource)).id;
  }
};

inline std::string fingerprint(unsigned number) {
  std::string text(32, '0');
  for (std::size_t i = text.size(); number; number /= 16) text[--i] = "0123456789abcdef"[number % 16];
  return text;
}

// No finding at all, and nothing else to say.
inline void make_clean(Sample& sample) {
  Report& report = sample.report;
  report.sources = &sample.sources;
  report.graph = &sample.graph;
  report.version = "0.1.0";
  report.rules_digest = "sha256:0123";
  report.as_of = "2026-11-21";
  report.profile = "default";
  const ScopeId scope = sample.graph.add_scope({.name = "k8s", .environment = "", .closed_world = {}});
  const SourceId source = sample.sources.add("k8s/api.yaml", std::string(api)).id();
  sample.resource("k8s:apps/Deployment/prod/api", "k8s:apps/Deployment", scope, sample.at(source, "api", 1));
  const RuleInfo& rule = sample.rule("availability/replicas", "too few replicas", Severity::medium);
  report.rules = {&rule};
  report.checked.push_back({&rule, scope, {}, {}});
  report.checked.back().by_verdict[0] = {0};
  report.summary = {.resources = 1, .judged = 1, .rules = 1, .pass = 1, .coverage = 1.0};
  report.files = 1;
}

inline void make(Sample& sample) {
  Report& report = sample.report;
  report.sources = &sample.sources;
  report.graph = &sample.graph;
  report.version = "0.1.0";
  report.rules_digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  report.as_of = "2026-11-21";
  report.profile = "default";
  report.incomplete = true;

  const ScopeId scope = sample.graph.add_scope({.name = "k8s", .environment = "", .closed_world = {}});
  const SourceId a = sample.sources.add("k8s/api.yaml", std::string(api)).id();
  const SourceId c = sample.sources.add("k8s/caf\xC3\xA9 #1 100%.yaml", std::string(cafe)).id();
  std::string evil = "metadata:\n  name: \"" + std::string(evil_name) + "\"\nlong: " + std::string(400, 'x') +
                     "NEEDLE" + std::string(9000, 'y') + "\n";
  const SourceId e = sample.sources.add("k8s/evil.yaml", std::move(evil)).id();

  sample.resource("k8s:apps/Deployment/prod/api", "k8s:apps/Deployment", scope, sample.at(a, "api", 1));
  sample.resource("k8s:Service/default/caf\xC3\xA9", "k8s:Service", scope, sample.at(c, "kind"));
  sample.resource("k8s:ConfigMap/default/" + std::string(evil_name), "k8s:ConfigMap", scope, sample.at(e, evil_name));
  sample.resource("k8s:example.com/Widget/default/w", "k8s:example.com/Widget", scope, {});
  sample.graph.order(sample.sources);
  sample.graph.freeze();
  const auto id = [&](std::string_view address) { return sample.graph.at(scope, address).front(); };
  const ResourceId deployment = id("k8s:apps/Deployment/prod/api"), service = id("k8s:Service/default/caf\xC3\xA9"),
                   configmap = id("k8s:ConfigMap/default/" + std::string(evil_name)),
                   widget = id("k8s:example.com/Widget/default/w");

  RuleInfo& privileged = sample.rule("workload-hardening/no-privileged", "container is privileged", Severity::critical);
  privileged.why =
      "A privileged container has every capability and every device of its node: whoever takes the container over has "
      "the node.";
  privileged.fix =
      "remove `privileged: true`, and add the one capability that the container needs under "
      "`securityContext.capabilities.add`";
  privileged.aliases = {"checkov/CKV_K8S_16", "trivy/KSV-0017"};
  privileged.controls = {{"nsa-cisa", {"pod-security"}}, {"pci-dss-4.0.1", {"2.2.6", "2.2.4"}}};
  RuleInfo& nonroot = sample.rule("workload-hardening/non-root", "container may run as root", Severity::high);
  nonroot.why = "A process that runs as root inside the container is root for every mistake of the runtime.";
  nonroot.fix = "set `runAsNonRoot: true`";
  nonroot.controls = {{"nsa-cisa", {"non-root", "pod-security"}}};
  RuleInfo& plain = sample.rule("transport-security/plain-http", "plain HTTP is offered", Severity::medium);
  plain.why = "Whoever is on the way reads along.";
  plain.fix = "offer TLS only";
  RuleInfo& tag = sample.rule("supply-chain/image-tag", "image has a moving tag", Severity::low);
  RuleInfo& secret = sample.rule("secrets/exists", "referenced Secret is not among the inputs", Severity::low);
  RuleInfo& name = sample.rule("hygiene/name", "name is hard to read", Severity::info);

  report.waivers.push_back({.rule = "supply-chain/*",
                            .resource = "",
                            .path = "",
                            .container = "",
                            .field = "",
                            .owner = "ann@example.com",
                            .reason = "built <b>nightly</b>",
                            .approver = "bob",
                            .until = "2027-01-31",
                            .span = sample.at(a, "latest"),
                            .origin = "inline",
                            .expired = false,
                            .used = 1});
  report.waivers.push_back({.rule = "hygiene/name",
                            .resource = "k8s:Service/default/old",
                            .path = "",
                            .container = "",
                            .field = "",
                            .owner = "",
                            .reason = "legacy",
                            .approver = "",
                            .until = "2025-01-01",
                            .span = {},
                            .origin = "assay.yaml",
                            .expired = true,
                            .used = 0});
  report.waivers.push_back({.rule = "checkov/CKV_K8S_1",
                            .resource = "",
                            .path = "",
                            .container = "",
                            .field = "",
                            .owner = "",
                            .reason = "elsewhere",
                            .approver = "",
                            .until = "",
                            .span = {},
                            .origin = "inline (checkov)",
                            .expired = false,
                            .used = 0});

  const auto find = [&](const RuleInfo& rule, Verdict verdict, ResourceId resource, Span span,
                        std::string message) -> Finding& {
    Finding& finding = report.findings.emplace_back();
    finding.rule = &rule;
    finding.severity = rule.severity;
    finding.verdict = verdict;
    finding.resource = resource;
    finding.location = span;
    finding.message = std::move(message);
    finding.fingerprint = fingerprint(static_cast<unsigned>(report.findings.size()));
    return finding;
  };

  {
    Finding& f =
        find(privileged, Verdict::fail, deployment, sample.at(a, "privileged: true"), "container `web` is privileged");
    f.trace = {{sample.at(a, "web"), "the container"}, {sample.at(c, "port: 80"), "reached [from](here) outside"}};
    f.premises = {{"the network plugin enforces policies", PremiseStatus::assumed},
                  {"k8s/api.yaml says so", PremiseStatus::evidenced}};
    f.witness = R"({"pod": "web-0", "node": 3})";
    f.fix = Fix{"remove the line", {{sample.at(a, "            privileged: true\n"), ""}}};
  }
  {
    // A field that is absent lands on its parent, a block of several lines.
    Finding& f =
        find(nonroot, Verdict::fail, deployment, sample.at(a, "securityContext:\n            privileged: true"),
             "container `web` may run as root");
    f.trace = {{sample.at(a, "securityContext:\n            privileged: true"), "absent: `runAsNonRoot`"}};
    f.subpath = "containers/web";
  }
  find(nonroot, Verdict::unknown, widget, {}, "the template of `w` is not among the inputs");
  find(plain, Verdict::fail, service, sample.at(c, "port: 80"),
       "port 80 offers plain HTTP beside \xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E");
  find(tag, Verdict::fail, deployment, sample.at(a, "latest"), "image `registry.example/web:latest` has a moving tag")
      .waiver = 0;
  find(secret, Verdict::unknown, configmap, sample.at(e, "NEEDLE"), "Secret `prod/keys` is not among the inputs");
  find(name, Verdict::fail, configmap, sample.at(e, evil_name), "name `" + std::string(evil_name) + "` is hard to read")
      .similar = 2;

  report.rules = {&name, &secret, &tag, &plain, &privileged, &nonroot};
  const auto check = [&](const RuleInfo& rule, std::vector<ResourceId> pass, std::vector<ResourceId> fail,
                         std::vector<ResourceId> unknown, std::vector<ResourceId> none) {
    report.checked.push_back(
        {&rule, scope, rule.aliases, {std::move(pass), std::move(fail), std::move(unknown), std::move(none)}});
  };
  check(name, {service, deployment}, {configmap}, {}, {});
  check(secret, {deployment}, {}, {configmap}, {});
  check(tag, {}, {deployment}, {}, {});
  check(plain, {}, {service}, {}, {});
  check(privileged, {}, {deployment}, {}, {});
  check(nonroot, {}, {deployment}, {widget}, {configmap});
  report.summary = {.resources = 4,
                    .judged = 4,
                    .rules = 6,
                    .pass = 3,
                    .fail = 4,
                    .unknown = 2,
                    .not_applicable = 1,
                    .waived = 1,
                    .coverage = 0.8};

  report.proofs.push_back({"availability/survives-zone-loss",
                           "k8s:apps/Deployment/prod/api",
                           Verdict::pass,
                           {{"three zones", PremiseStatus::declared}},
                           std::string(64, 'a')});
  report.unjudged_types = {"k8s:acme.io/Gadget", "k8s:acme.io/Gizmo"};
  report.not_assessed = {
      {"charts/shop/templates/deploy.yaml", "a Helm template", "helm template charts/shop | assay check -"},
      {"overlays/<b>prod</b>/kustomization.yaml", "an overlay that needs rendering", ""}};
  report.other_files = 12;
  report.files = 3;
  Diagnostic& duplicate = report.diagnostics.error("duplicate-key", sample.at(a, "replicas"),
                                                   "key `replicas` appears twice: keep one of them");
  duplicate.notes.push_back({sample.at(a, "kind"), "first here"});
  report.diagnostics.warning("unknown-version", sample.at(c, "kind"),
                             "apiVersion `v9` is not known, so `kind` is read as it is written");
  report.diagnostics.add({.severity = DiagnosticSeverity::error,
                          .code = "unreadable-file",
                          .span = {},
                          .path = "k8s/locked\x1b[2J.yaml",
                          .message = "permission denied: make it readable",
                          .notes = {},
                          .incomplete = true});
  report.diagnostics.note("nothing", {}, "a note about the run as a whole");
}

// Many findings of few rules, for tests of size and grouping.
inline void make_many(Sample& sample, std::size_t number) {
  make_clean(sample);
  Report& report = sample.report;
  std::string text;
  const std::size_t files = 40;
  std::vector<SourceId> ids;
  for (std::size_t file = 0; file < files; ++file) {
    text.clear();
    for (std::size_t line = 0; line < 200; ++line)
      text += "        key" + std::to_string(line) + ": value of " + std::to_string(file) + "\n";
    ids.push_back(
        sample.sources
            .add("manifests/team-" + std::to_string(file % 7) + "/service-" + std::to_string(file) + ".yaml", text)
            .id());
  }
  constexpr std::array families = {"availability",       "isolation", "workload-hardening",
                                   "transport-security", "backup",    "identity"};
  for (std::size_t i = 0; i < 30; ++i) {
    RuleInfo& rule =
        sample.rule(std::string(families[i % families.size()]) + "/rule-" + std::to_string(i),
                    "property number " + std::to_string(i) + " does not hold", static_cast<Severity>(4 - i % 5));
    rule.why =
        "Because what this rule protects would be lost, and somebody would have to explain why nobody had looked.";
    rule.fix = "set `key" + std::to_string(i) + "` to a value that is safe";
    rule.aliases = {"checkov/CKV_X_" + std::to_string(i)};
    report.rules.push_back(&rule);
  }
  for (std::size_t i = 0; i < 60; ++i)
    sample.resource("k8s:apps/Deployment/team-" + std::to_string(i % 7) + "/service-" + std::to_string(i),
                    "k8s:apps/Deployment", 0, sample.at(ids[i % files], "key0"));
  sample.graph.order(sample.sources);
  sample.graph.freeze();
  for (std::size_t i = 0; i < number; ++i) {
    Finding finding;
    finding.rule = report.rules[1 + i * 30 / number];
    finding.severity = finding.rule->severity;
    finding.verdict = i % 11 == 3 ? Verdict::unknown : Verdict::fail;
    finding.resource = static_cast<ResourceId>(1 + i % 60);
    finding.location = sample.at(ids[i % files], "key" + std::to_string(i % 200) + ": value");
    finding.message = "container `c" + std::to_string(i) + "` lacks `key" + std::to_string(i % 200) + "`";
    finding.trace = {{finding.location, "absent: `key" + std::to_string(i % 200) + "`"}};
    finding.fingerprint = fingerprint(static_cast<unsigned>(i * 2654435761u));
    report.findings.push_back(std::move(finding));
  }
  std::stable_sort(report.findings.begin(), report.findings.end(),
                   [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
  // One pair a finding: enough for writers, which never ask that pairs be distinct.
  for (std::size_t rule = 1; rule < report.rules.size(); ++rule) {
    report.checked.push_back({report.rules[rule], 0, {}, {}});
    for (const Finding& finding : report.findings)
      if (finding.rule == report.rules[rule])
        report.checked.back().by_verdict[static_cast<std::size_t>(finding.verdict)].push_back(finding.resource);
    report.summary.fail += report.checked.back().by_verdict[1].size();
    report.summary.unknown += report.checked.back().by_verdict[2].size();
  }
  report.summary.resources = 61;
  report.summary.judged = 61;
  report.summary.rules = report.rules.size();
  report.summary.coverage = double(report.summary.pass + report.summary.fail) /
                            double(report.summary.pass + report.summary.fail + report.summary.unknown);
  report.files = files + 1;
}

}  // namespace sample

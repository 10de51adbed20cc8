// Waivers, inline and stated: each case says on what a waiver stands and which pods stay failing.
#include <catch2/catch.hpp>

#include "tests/cli/run.hpp"

using namespace assay::test;
using nlohmann::json;
using Words = std::vector<std::string>;

namespace {

// Messages of findings that are not waived, by container.
Words open_findings(const json& report) {
  Words open;
  for (const json& finding : report["findings"])
    if (finding["waiver"].is_null()) open.push_back(finding["resource"]["address"].get<std::string>().substr(8) + " " + finding["message"].get<std::string>());
  std::sort(open.begin(), open.end());
  return open;
}

// Two privileged containers; the markers are replaced by comments.
constexpr std::string_view two = R"(@above
apiVersion: v1
kind: Pod
metadata: @header
  name: two
spec: @spec
  @own-line-in-spec
  containers:
  @above-first
  - name: first @first
    @inside-first
    image: a @image
    @above-context
    securityContext: @context
      @above-privileged
      privileged: true @privileged
  - name: second
    image: b
    securityContext: {privileged: true}
@after
)";

std::string with(std::string_view marker, std::string_view comment) {
  std::string out;
  for (std::string_view rest = two; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    std::string line(rest.substr(0, end));
    rest.remove_prefix(end + 1);
    if (const std::size_t at = line.find('@'); at != std::string::npos) {
      if (line.substr(at) == marker) line.replace(at, std::string::npos, comment);
      else line.erase(at);
    }
    out += line + "\n";
  }
  return out;
}

}  // namespace

TEST_CASE("an inline waiver covers what it stands on", "[cli]") {
  const std::string first = "default/two container `first` is privileged", second = "default/two container `second` is privileged";
  struct Case {
    const char* marker;
    Words open;
  };
  const Case cases[] = {
      {"@above", {}},
      {"@header", {}},
      {"@spec", {}},
      {"@own-line-in-spec", {}},
      {"@above-first", {second}},
      {"@first", {second}},
      {"@inside-first", {second}},
      {"@image", {first, second}},
      {"@above-context", {second}},
      {"@context", {second}},
      {"@above-privileged", {second}},
      {"@privileged", {second}},
      {"@after", {first, second}},
      {"@none", {first, second}},
  };
  for (const Case& c : cases) {
    Workspace w;
    w.file("a.yaml", with(c.marker, "# assay:skip hygiene/privileged reason=\"for now\" owner=ops"));
    const Run run = w.check();
    INFO(c.marker << "\n" << w.read("a.yaml") << run.err);
    CHECK(open_findings(run.json()) == c.open);
    CHECK(run.status == (c.open.empty() ? 0 : 1));
  }
}

TEST_CASE("an inline waiver needs a rule, a reason and a real date, and ends with its day", "[cli]") {
  struct Case {
    const char* comment;
    bool waives;
    Words codes;
  };
  const Case cases[] = {
      {"# assay:skip hygiene/privileged reason=\"x\"", true, {}},
      {"# assay:skip hygiene/privileged needs the device", true, {}},
      {"#assay:skip CKV_TEST_1 reason=x", true, {}},
      {"# assay:skip checkov/CKV_TEST_1 reason=x", true, {}},
      {"# assay:skip hygiene/* reason=x", true, {}},
      {"# assay:skip all reason=x until=2026-11-21", true, {}},
      {"# assay:skip all reason=x until=2026-11-20", false, {"waiver-expired"}},
      {"# assay:skip all reason=x until=tomorrow", false, {"waiver"}},
      {"# assay:skip hygiene/privileged", false, {"waiver"}},
      {"# assay:skip", false, {"waiver"}},
      {"# assay:skip CKV_TEST_2 reason=x", false, {"waiver-unused"}},
      {"# assay:skip hygiene/priviledged reason=x", false, {"unknown-rule"}},
      {"# assay:skipping hygiene/privileged reason=x", false, {}},
  };
  for (const Case& c : cases) {
    Workspace w;
    w.file("a.yaml", std::string(c.comment) + "\n" + pod("a"));
    const Run run = w.check();
    INFO(c.comment << "\n" << run.err);
    CHECK(run.status == (c.waives ? 0 : 1));
    CHECK(codes(run.json()) == c.codes);
  }
}

TEST_CASE("other tools' inline forms are read as waivers without an owner", "[cli]") {
  const auto annotated = [](std::string_view annotation) {
    return "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations:\n    " + std::string(annotation) +
           "\nspec:\n  containers:\n  - name: app\n    image: a\n    securityContext:\n      privileged: true\n";
  };
  struct Case {
    std::string text;
    bool waives;
  };
  const Case cases[] = {
      {"#checkov:skip=CKV_TEST_1:reason\n" + pod("a"), true},
      {pod("a") + "    # checkov:skip=CKV_TEST_1: anywhere in the resource\n    tty: true\n", true},
      {"#checkov:skip=CKV_TEST_2:near\n" + pod("a"), true},
      {"#checkov:skip=CKV_OTHER:reason\n" + pod("a"), false},
      {"#trivy:ignore:KSV-9999\n" + pod("a"), true},
      {"# trivy:ignore:AVD-KSV-9999\n" + pod("a"), true},
      {"# trivy:ignore:KSV9999\n" + pod("a"), true},
      {"# trivy:ignore:KSV-0001 trivy:ignore:KSV-9999\n" + pod("a"), true},
      {"# trivy:ignore:KSV-9999:exp:2026-01-01\n" + pod("a"), false},
      {"# trivy:ignore:KSV-0001\n" + pod("a"), false},
      {annotated("checkov.io/skip1: CKV_TEST_1=reason"), true},
      {annotated("ignore-check.kube-linter.io/test-privileged: \"reason\""), true},
      {annotated("kube-linter.io/ignore-all: reason"), true},
      {annotated("kube-score/ignore: other, test-privileged"), true},
      {annotated("kube-score/ignore: other"), false},
      {annotated("polaris.fairwinds.com/testPrivileged-exempt: \"true\""), true},
      {annotated("polaris.fairwinds.com/exempt: \"true\""), true},
      {annotated("polaris.fairwinds.com/exempt: \"false\""), false},
  };
  for (const Case& c : cases) {
    Workspace w;
    w.file("a.yaml", c.text);
    const Run run = w.check();
    INFO(c.text << run.err);
    CHECK(run.status == (c.waives ? 0 : 1));
    if (!c.waives) continue;
    const json waiver = run.json()["findings"][0]["waiver"];
    CHECK((waiver["owner"].is_null() || waiver["owner"] == ""));
  }
}

TEST_CASE("waivers of assay.yaml name resources, paths, containers and fields", "[cli]") {
  struct Case {
    const char* waiver;
    std::size_t open;
  };
  const Case cases[] = {
      {"rule: hygiene/privileged", 3},
      {"rule: '*', resource: 'k8s:Pod/default/two'", 1},
      {"rule: all, resource: Pod/default/two", 1},
      {"rule: all, resource: Pod/*/t*", 1},
      {"rule: all, resource: two", 3},
      {"rule: all, container: first", 2},
      {"rule: all, container: app", 2},
      {"rule: all, container: firs", 3},
      {"rule: all, path: k8s/one.yaml", 2},
      {"rule: all, path: 'k8s/*'", 0},
      {"rule: all, path: one.yaml", 3},
      {"rule: all, field: securityContext.privileged", 0},
      {"rule: all, field: 'spec.containers[second]'", 2},
      {"rule: all, field: spec", 0},
      {"rule: all, field: privileg", 3},
      {"rule: all, field: image", 3},
      {"rule: all, container: first, resource: Pod/default/one", 3},
      {"rule: all, until: 2026-11-20", 3},
  };
  for (const Case& c : cases) {
    Workspace w;
    w.file("k8s/one.yaml", pod("one"));
    w.file("k8s/two.yaml", with("@none", ""));
    w.file("assay.yaml", std::string("waivers:\n- {reason: r, ") + c.waiver + "}\n");
    const Run run = w.check({"."});
    INFO(c.waiver << run.err);
    if (std::string_view(c.waiver) == "rule: hygiene/privileged") CHECK(open_findings(run.json()).empty());
    else CHECK(open_findings(run.json()).size() == c.open);
  }
  Workspace w;
  w.file("one.yaml", pod("one"));
  w.file("assay.yaml", "waivers:\n- {rule: all}\n");
  CHECK(w.check().status == 2);
  w.file("assay.yaml", "waivers:\n- {rule: all, reason: r, until: soon}\n");
  CHECK(w.check().status == 2);
}

TEST_CASE("waived pairs count apart, unused and expired waivers are listed", "[cli]") {
  Workspace w;
  w.file("a.yaml", "# assay:skip all reason=x\n" + pod("a") + "---\n# assay:skip all reason=x until=2020-01-01\n" + pod("b") +
                       "---\n# assay:skip all reason=x\n" + pod("c", false));
  const Run run = w.check();
  CHECK(run.status == 1);
  CHECK(run.json()["summary"]["waived"] == 1);
  CHECK(run.json()["summary"]["fail"] == 1);
  CHECK(run.last_line() == "assay: 1 finding (1 at or above high), 1 waived; the audit is complete");
  const std::string text = w.check({"--format", "terminal"}).out;
  CHECK(text.find("expired") != std::string::npos);
  CHECK(text.find("unused") != std::string::npos);
}

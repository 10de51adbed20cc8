// `assay check` as people and pipelines meet it: exit statuses, what is audited, what is written where.
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/cli/run.hpp"

using namespace assay::test;
using nlohmann::json;
using Words = std::vector<std::string>;

namespace {
std::size_t fails(const json& report) { return report["summary"]["fail"]; }
}  // namespace

TEST_CASE("the exit status says what came of an audit", "[cli]") {
  Workspace w;
  w.file("bad.yaml", pod("bad"));
  w.file("good/good.yaml", pod("good", false));
  w.file("broken/broken.yaml", "apiVersion: v1\nkind: Pod\nmetadata: [\n");
  struct Case {
    Words arguments;
    int status;
  };
  const Case cases[] = {
      {{"good"}, 0},
      {{"bad.yaml"}, 1},
      {{"bad.yaml", "--fail-on", "high"}, 1},
      {{"bad.yaml", "--fail-on", "critical"}, 0},
      {{"bad.yaml", "--fail-on", "never"}, 0},
      {{"bad.yaml", "broken"}, 3},
      {{"broken"}, 3},
      {{"broken", "--incomplete", "warn"}, 0},
      {{"bad.yaml", "broken", "--incomplete", "warn"}, 1},
      {{"."}, 3},
      {{}, 3},
      {{"nowhere.yaml"}, 3},
      {{"good", "--nonsense"}, 2},
      {{"good", "--fail-on", "hihg"}, 2},
      {{"good", "--format", "pdf"}, 2},
      {{"good", "--only", "no/such-rule"}, 2},
      {{"good", "--profile", "no-such-profile"}, 2},
      {{"good", "--param", "nonsense"}, 2},
      {{"good", "--param", "nonsense=1"}, 2},
      {{"good", "--as-of", "yesterday"}, 2},
      {{"good", "--as-of", "2026-02-30"}, 2},
      {{"good", "--rules", "nowhere"}, 2},
      {{"good", "--min-coverage", "100"}, 0},
      {{"good", "--min-coverage", "101"}, 2},
      {{"good", "--jobs", "0"}, 2},
      {{"good", "--json", "/nowhere/at/all.json"}, 2},
      {{"good", "--json", "x", "--html", "x"}, 2},
      {{"good", "--json", "/dev/full"}, 2},
  };
  for (const Case& c : cases) {
    const Run run = w.check(c.arguments);
    INFO((c.arguments.empty() ? std::string() : c.arguments.back()));
    INFO(run.err);
    CHECK(run.status == c.status);
    CHECK_FALSE(run.err.empty());
  }
}

TEST_CASE("slips on the command line get a suggestion", "[cli]") {
  Workspace w;
  w.file("a.yaml", pod("a"));
  CHECK(w.run({"chekc"}).err.find("`check`") != std::string::npos);
  CHECK(w.run({"check", "--fromat", "json"}).err.find("`--format`") != std::string::npos);
  CHECK(w.check({"--fail-on", "hihg"}).err.find("did you mean `high`") != std::string::npos);
  CHECK(w.check({"--only", "hygiene/priviledged"}).err.find("`hygiene/privileged`") != std::string::npos);
  CHECK(w.run({}).status == 2);
  CHECK(w.run({"--version"}).out.starts_with("assay 0."));
}

TEST_CASE("help fits a screen of 80 columns", "[cli]") {
  Workspace w;
  for (const Words& words : {Words{"--help"}, {"check", "--help"}, {"rules", "--help"}, {"explain", "--help"}, {"eval", "-h"}, {"help", "check"}}) {
    const Run run = w.run(words);
    INFO(run.out);
    CHECK(run.status == 0);
    std::istringstream lines(run.out);
    for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 80);
  }
}

TEST_CASE("the last line on standard error states findings and completeness apart", "[cli]") {
  Workspace w;
  w.file("a.yaml", pod("a"));
  CHECK(w.check().last_line() == "assay: 1 finding (1 at or above high); the audit is complete");
  CHECK(w.check({"--fail-on", "never"}).last_line() == "assay: 1 finding; the audit is complete");
  w.file("b.yaml", "apiVersion: v1\nkind: Pod\n  x: [\n");
  const Run run = w.check({"--sarif", "out.sarif", "--html", "out.html"});
  CHECK(run.last_line().starts_with("assay: 1 finding (1 at or above high); the audit is incomplete ("));
  CHECK(run.last_line().ends_with("; written: out.sarif, out.html"));
  CHECK(run.json()["incomplete"] == true);
  CHECK(json::parse(w.read("out.sarif"))["version"] == "2.1.0");
  CHECK(w.read("out.html").find("<html") != std::string::npos);
}

TEST_CASE("reports are written whole or not at all", "[cli]") {
  Workspace w;
  w.file("a.yaml", pod("a"));
  w.file("keep.json", "old");
  w.file("real.json", "old");
  w.shell("ln -s real.json link.json && mkdir dir.json");
  CHECK(w.check({"a.yaml", "--json", "keep.json"}).status == 1);
  CHECK(w.read("keep.json") == w.check({"a.yaml"}).out);
  CHECK(w.check({"a.yaml", "--json", "link.json"}).status == 1);
  CHECK(std::filesystem::is_symlink(w.path("link.json")));
  CHECK(w.read("real.json") == w.read("keep.json"));
  CHECK(w.check({"a.yaml", "--json", "dir.json"}).status == 2);
  CHECK(w.check({"a.yaml", "--json", "/dev/null"}).status == 1);
  w.shell("test -z \"$(ls | grep assay-)\"");  // nothing left lying about
}

TEST_CASE("standard input is audited like a file", "[cli]") {
  Workspace w;
  const Run run = w.check({"-"}, pod("a") + "---\n" + pod("b"));
  CHECK(run.status == 1);
  CHECK(fails(run.json()) == 2);
  CHECK(run.json()["findings"][0]["location"]["path"] == "-");
  CHECK(w.check({"-"}, "").status == 3);
  CHECK(w.check({"-"}, R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": []}})").status == 0);
}

TEST_CASE("what helm rendered points back to its template", "[cli]") {
  Workspace w;
  const json report = w.check({"-"}, "---\n# Source: web/templates/pod.yaml\n" + pod("a")).json();
  REQUIRE(report["findings"].size() == 1);
  bool traced = false;
  for (const json& step : report["findings"][0]["trace"]) traced |= step["note"] == "rendered from `web/templates/pod.yaml`";
  CHECK(traced);
}

TEST_CASE("other kinds of files do not make an audit red", "[cli]") {
  Workspace w;
  w.file("k8s/a.yaml", pod("a", false));
  w.file("docker-compose.yaml", "services:\n  web:\n    image: nginx\n    privileged: true\n");
  w.file(".github/workflows/ci.yaml", "on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: \"echo ${{ x }}\"}]}}\n");
  w.file("package.json", "{\"name\": \"x\"}");
  w.file("broken.json", "{\"name\": ");
  w.file("tsconfig.json", "{ // comment\n }");
  w.file("binary.yaml", std::string("\0\1\2\3", 4));
  w.file("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n");
  w.file("charts/web/values.yaml", "replicas: 1\n");
  w.file("charts/web/templates/d.yaml", "apiVersion: v1\nkind: Pod\n{{- if .Values.x }}\nmetadata: [\n{{ end }}\n");
  w.file("overlay/kustomization.yaml", "resources: [../k8s]\npatches: [{path: patch.yaml}]\n");
  w.file("overlay/patch.yaml", pod("a"));
  const Run run = w.check();
  INFO(run.err);
  CHECK(run.status == 0);
  const json report = run.json();
  CHECK(report["summary"]["resources"] == 1);
  CHECK(report["incomplete"] == false);
  const std::string text = w.check({"--format", "terminal"}).out;
  CHECK(text.find("helm template charts/web | assay check -") != std::string::npos);
  CHECK(text.find("kubectl kustomize overlay | assay check -") != std::string::npos);
}

TEST_CASE("nothing to audit is not a clean audit", "[cli]") {
  Workspace w;
  w.file("values.yaml", "a: 1\n");
  const Run run = w.check();
  CHECK(run.status == 3);
  CHECK(codes(run.json()) == Words{"nothing-to-audit"});
  CHECK(w.check({"--if-empty", "pass"}).status == 0);
  CHECK(codes(w.check({"values.yaml"}).json()) == Words{"not-ours"});
  CHECK(w.check({"values.yaml", "--if-empty", "pass"}).status == 3);
}

TEST_CASE("settings are found upwards, and mistakes in them have a caret", "[cli]") {
  Workspace w;
  w.file("repo/k8s/a.yaml", pod("a"));
  w.file("repo/assay.yaml", "thresholds: {fail_on: critical}\nexclude: [\"skipped/\"]\n");
  w.file("repo/skipped/b.yaml", pod("b"));
  w.shell("cd repo && git init -q");
  CHECK(w.check({"repo"}).status == 0);
  CHECK(fails(w.check({"repo"}).json()) == 1);
  CHECK(w.check({"repo/k8s"}).status == 0);
  CHECK(w.check({"repo/k8s", "--fail-on", "high"}).status == 1);
  w.file("repo/assay.yaml", "treshholds: {fail_on: critical}\n");
  const Run slip = w.check({"repo"});
  CHECK(slip.status == 2);
  CHECK(slip.err.find("assay.yaml:1:1: error: ") != std::string::npos);
  CHECK(slip.err.find("did you mean `thresholds`") != std::string::npos);
  CHECK(slip.err.find("^~~~") != std::string::npos);
  w.file("repo/assay.yaml", "a: [\n");
  CHECK(w.check({"repo"}).status == 2);
  w.file("repo/assay.yaml", "promises: []\n");
  const Run later = w.check({"repo"});
  CHECK(later.status == 1);
  CHECK(codes(later.json()) == Words{"settings"});
  w.file("other/c.yaml", pod("c"));
  CHECK(w.check({"repo", "other"}).status == 2);
}

TEST_CASE("context is seen, not judged", "[cli]") {
  Workspace w;
  w.file("a.yaml", pod("a"));
  w.file("around/b.yaml", pod("b"));
  const json report = w.check({"a.yaml", "--context", "around"}).json();
  CHECK(fails(report) == 1);
  CHECK(report["summary"]["resources"] == 1);
}

TEST_CASE("the same output whatever the number of workers", "[cli]") {
  const std::string corpora = std::string(ASSAY_SHARED_DIR) + "/corpora";
  if (!std::filesystem::exists(corpora)) {
    WARN("no corpora: skipped");
    return;
  }
  Workspace w;
  const Words common = {"check", corpora, "--format", "json", "--as-of", "2026-11-21", "--profile", "all"};
  const auto with = [&](const char* jobs) {
    Words arguments = common;
    arguments.insert(arguments.end(), {"--jobs", jobs});
    return w.run(arguments);
  };
  const Run one = with("1");
  INFO(one.err);
  CHECK(one.status <= 1);
  CHECK(one.out == with("2").out);
  CHECK(one.out == with("7").out);
}

TEST_CASE("eval, rules and explain answer", "[cli]") {
  Workspace w;
  w.file("a.yaml", pod("a"));
  const Run eval = w.run({"eval", "object.metadata.name", "a.yaml"});
  CHECK(eval.status == 0);
  CHECK(eval.out == "k8s:Pod/default/a: \"a\"  (string)\n");
  CHECK(w.run({"eval", "size(object.metadata.name) > 0", "a.yaml"}).out == "k8s:Pod/default/a: true  (bool)\n");
  CHECK(w.run({"eval", "object..", "a.yaml"}).status == 2);
  CHECK(w.run({"rules", "list"}).status == 0);
  CHECK(w.run({"rules", "new", "hygiene/fresh", "--rules", w.path("mine")}).status == 0);
  const Run fresh = w.run({"rules", "test", w.path("mine")});
  CHECK(fresh.status == 0);
  CHECK(fresh.out == "1 rules, 2 examples, 0 failed\n");
  CHECK(w.run({"rules", "new", "hygiene/fresh", "--rules", w.path("mine")}).status == 2);   // there already
  CHECK(w.run({"rules", "new", "hygene/other", "--rules", w.path("mine")}).err.find("`hygiene`") != std::string::npos);
  CHECK(w.run({"rules", "new", "../escape", "--rules", w.path("mine")}).status == 2);
  CHECK(json::parse(w.run({"rules", "list", "--format", "json"}).out).size() > 10);
  CHECK(w.run({"explain", "no-such-rule"}).status == 2);
  const Run explained = w.run({"explain", "CKV_TEST_1", "--rules", w.path("../rules")});
  CHECK(explained.status == 0);
  CHECK(explained.out.find("hygiene/privileged") != std::string::npos);
  CHECK(w.run({"rules", "test", "hygiene/privileged", "--rules", w.path("../rules")}).status == 0);
}

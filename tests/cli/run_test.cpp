#include "tests/cli/run.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <sstream>

namespace assay::test {

namespace fs = std::filesystem;

namespace {
std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string shell_word(std::string_view word) {
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

constexpr std::string_view rule = R"(title: container is privileged
severity: high
since: 0.1
applies_to: k8s:Pod
find: object.spec.containers.filter(c, c.?securityContext.?privileged.orValue(false) == true)
message: container `{name}` is privileged
why: It may do on the node what it likes.
fix: Leave `privileged` out.
controls: {}
aliases: [checkov/CKV_TEST_1, trivy/KSV-9999, kube-linter/test-privileged, kube-score/test-privileged, polaris/testPrivileged]
related: [checkov/CKV_TEST_2]
examples:
  pass:
  - |
    apiVersion: v1
    kind: Pod
    metadata: {name: a}
    spec: {containers: [{name: a, image: a}]}
  fail:
  - |
    apiVersion: v1
    kind: Pod
    metadata: {name: a}
    spec:
      containers:
      - name: a
        image: a
        securityContext: {privileged: true} # expect
)";
}  // namespace

std::string Run::last_line() const {
  std::string text = err;
  while (text.ends_with('\n')) text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

Workspace::Workspace() {
  root_ = (fs::temp_directory_path() / ("assay-cli-" + std::to_string(std::random_device{}()) + std::to_string(::getpid()))).string();
  fs::create_directories(root_ + "/in");
  fs::create_directories(root_ + "/rules/hygiene");
  std::ofstream(root_ + "/rules/hygiene/privileged.yaml") << rule;
}

Workspace::~Workspace() {
  std::error_code ignored;
  fs::remove_all(root_, ignored);
}

std::string Workspace::path(std::string_view name) const {
  return root_ + "/in" + (name.empty() ? "" : "/") + std::string(name);
}

void Workspace::file(std::string_view name, std::string_view text) const {
  const fs::path at = path(name);
  fs::create_directories(at.parent_path());
  std::ofstream(at, std::ios::binary) << text;
}

std::string Workspace::read(std::string_view name) const { return slurp(path(name)); }

void Workspace::shell(const std::string& command) const {
  const std::string line = "cd " + shell_word(path()) + " && { " + command + "; } >/dev/null 2>&1";
  REQUIRE(std::system(line.c_str()) == 0);
}

Run Workspace::run(const std::vector<std::string>& arguments, std::string_view input) const {
  std::ofstream(root_ + "/stdin", std::ios::binary) << input;
  std::string line = "cd " + shell_word(path()) + " && ulimit -c 0 && exec " + shell_word(ASSAY_PROGRAM);
  for (const std::string& argument : arguments) line += " " + shell_word(argument);
  line += " <" + shell_word(root_ + "/stdin") + " >" + shell_word(root_ + "/out") + " 2>" + shell_word(root_ + "/err");
  const int status = std::system(line.c_str());
  Run run;
  run.status = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  run.out = slurp(root_ + "/out");
  run.err = slurp(root_ + "/err");
  return run;
}

Run Workspace::check(std::vector<std::string> arguments, std::string_view input) const {
  std::vector<std::string> all = {"check", "--rules", root_ + "/rules", "--profile", "all", "--only", "hygiene/privileged",
                                  "--as-of", "2026-11-21", "--format", "json"};
  for (std::string& argument : arguments) all.push_back(std::move(argument));
  return run(all, input);
}

std::string pod(std::string_view name, bool privileged, std::string_view ns) {
  std::string text = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: " + std::string(name) + "\n";
  if (!ns.empty()) text += "  namespace: " + std::string(ns) + "\n";
  text += "spec:\n  containers:\n  - name: app\n    image: registry.example/app:1\n";
  if (privileged) text += "    securityContext:\n      privileged: true\n";
  return text;
}

std::vector<std::string> codes(const nlohmann::json& report) {
  std::set<std::string> codes;
  for (const auto& diagnostic : report.at("diagnostics")) codes.insert(diagnostic.at("code").get<std::string>());
  return {codes.begin(), codes.end()};
}

}  // namespace assay::test

// `assay reach` as a person runs it: on the wealth platform, on a change in git, and the matrix of fifty workloads
// in a real browser.
#include <catch2/catch.hpp>

#include <filesystem>
#include <map>
#include <set>

#include "tests/cli/run.hpp"

using assay::test::Run;
using assay::test::Workspace;
using nlohmann::json;

namespace {

const std::string systems = std::string(ASSAY_SOURCE_DIR) + "/fixtures/systems/wealth/";

json find(const json& list, const std::string& from, const std::string& to) {
  for (const json& row : list)
    if (row["src"] == from && row["dst"] == to) return row;
  return nullptr;
}

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

const char* const two_workloads = R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: x, ports: [{containerPort: 80}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec: {containers: [{name: c, image: x, ports: [{containerPort: 8080}]}]}
)";

const char* const policy = R"(apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api, namespace: shop}
spec:
  podSelector: {matchLabels: {app: api}}
  ingress:
    - from: [{podSelector: {matchLabels: {app: web}}}]
      ports: [{port: 8080}]
)";

// Fifty workloads in five namespaces, of three tiers.
std::string fifty() {
  static const char* const namespaces[] = {"shop", "payments", "data", "edge", "ops"};
  static const char* const tiers[] = {"web", "api", "db"};
  std::string text;
  for (int i = 0; i < 50; ++i) {
    const std::string app = std::string(tiers[i % 3]) + "-" + std::to_string(i);
    text += "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " + app + ", namespace: " + namespaces[i % 5] +
            "}\nspec:\n  selector: {matchLabels: {app: " + app + "}}\n  template:\n    metadata: {labels: {app: " + app + ", tier: " + tiers[i % 3] +
            "}}\n    spec: {containers: [{name: c, image: x, ports: [{containerPort: 8080}]}]}\n---\n";
  }
  for (const char* ns : namespaces)
    text += std::string("apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: db, namespace: ") + ns +
            "}\nspec:\n  podSelector: {matchLabels: {tier: db}}\n  policyTypes: [Ingress, Egress]\n  ingress:\n"
            "    - from: [{podSelector: {matchLabels: {tier: api}}}]\n      ports: [{port: 5432}]\n---\n";
  return text;
}

}  // namespace

TEST_CASE("the wealth platform: why the load balancer cannot reach the API, and the repair", "[reach]") {
  Workspace space;
  const Run documented = space.run({"reach", systems + "as-documented", "--format", "json"});
  REQUIRE(documented.status == 0);
  const std::string api = "production/wealth-api[Deployment]";
  // Nothing from outside is admitted for certain, and the API does not reach its database.
  for (const json& row : documented.json())
    if (row["dst"] == api) CHECK(row["conn"] == "No Connections");
  CHECK(find(documented.json(), api, "0.0.0.0-255.255.255.255[External]")["conn"] == "TCP 53,443,UDP 53");

  const Run why = space.run({"reach", systems + "as-documented", "--from", "{load-balancer}", "--to", "production/wealth-api", "--explain"});
  REQUIRE(why.status == 0);
  CHECK(says(why.out, "NetworkPolicy/production/wealth-api` selects this workload, and no rule lets this in: add a rule"));
  CHECK(says(why.out, "fixtures/systems/wealth/as-documented/k8s/security.yaml:9:5"));
  CHECK(says(why.out, "by `Service/production/wealth-api`"));

  const Run hardened = space.run({"reach", systems + "hardened", "--format", "json"});
  REQUIRE(hardened.status == 0);
  CHECK(find(hardened.json(), "{ingress-controller}", api)["conn"] == "TCP 8443");
  CHECK(find(hardened.json(), api, "10.20.64.0-10.20.67.255[External]")["conn"] == "TCP 5432");

  const Run change = space.run({"reach", "--diff", systems + "as-documented", systems + "hardened", "--format", "json"});
  REQUIRE(change.status == 0);
  const json differs = change.json();
  bool repaired = false;
  for (const json& row : differs["connections"])
    repaired = repaired || (row["src"] == "{ingress-controller}" && row["dst"] == api && row["after"] == "TCP 8443");
  CHECK(repaired);
  CHECK_FALSE(differs["exposure"].empty());
}

TEST_CASE("ends, ports, and what does not exist", "[reach]") {
  Workspace space;
  space.file("w.yaml", two_workloads);
  space.file("p.yaml", policy);
  const Run all = space.run({"reach", "--format", "json"});
  REQUIRE(all.status == 0);
  CHECK(find(all.json(), "shop/web[Deployment]", "shop/api[Deployment]")["conn"] == "TCP 8080");
  CHECK(find(all.json(), "shop/api[Deployment]", "shop/web[Deployment]")["conn"] == "All Connections");
  CHECK(find(all.json(), "0.0.0.0-255.255.255.255[External]", "shop/api[Deployment]").is_null());

  const Run one = space.run({"reach", "--from", "shop/web", "--to", "shop/api", "--format", "json"});
  CHECK(one.json().size() == 1);
  CHECK(space.run({"reach", "--from", "shop/web", "--to", "shop/api", "--port", "UDP 53", "--format", "json"}).json().empty());
  const Run block = space.run({"reach", "--from", "shop/web", "--to", "10.0.0.0/8", "--format", "json"});
  REQUIRE(block.json().size() == 1);
  CHECK(block.json()[0]["dst"] == "10.0.0.0-10.255.255.255[External]");

  const Run wrong = space.run({"reach", "--from", "wep"});
  CHECK(wrong.status == 2);
  CHECK(says(wrong.err, "did you mean `shop/web`?"));
  CHECK(space.run({"reach", "--port", "70000"}).status == 2);
  CHECK(space.run({"reach", "--explain"}).status == 2);
  const Run empty = Workspace().run({"reach"});
  CHECK(empty.status == 3);

  const Run why = space.run({"reach", "--from", "shop/web", "--to", "shop/api", "--explain", "--format", "json"});
  REQUIRE(why.status == 0);
  const json told = why.json();
  bool allowed = false;
  for (const json& step : told[0]["steps"])
    if (step["verdict"] == "allowed" && step["direction"] == "ingress") {
      allowed = true;
      CHECK(step["path"] == "p.yaml");
      CHECK(step["line"] == 7);
      CHECK(step["conn"] == "TCP 8080");
    }
  CHECK(allowed);
}

TEST_CASE("pods that the inputs do not hold", "[reach]") {
  Workspace space;
  space.file("w.yaml", two_workloads);
  space.file("p.yaml", policy);
  const Run exposure = space.run({"reach", "--exposure", "--format", "json"});
  REQUIRE(exposure.status == 0);
  const json list = exposure.json();
  CHECK(find(list, "shop/[pod with app=web]", "shop/api[Deployment]")["conn"] == "TCP 8080");
  CHECK(find(list, "[any namespace]/[any pod]", "shop/web[Deployment]")["conn"] == "All Connections");
  CHECK(find(list, "[any namespace]/[any pod]", "shop/api[Deployment]").is_null());
  CHECK(find(list, "shop/[pod with app=web]", "shop/web[Deployment]").is_null());  // said of any pod

  const Run proved = space.run({"reach", "--to", "shop/api", "--any-pod", "app!=web"});
  CHECK(proved.status == 0);
  CHECK(says(proved.out, "proved: no pod with `app!=web` in any namespace can ever reach shop/api[Deployment]"));
  const Run refuted = space.run({"reach", "--to", "shop/api", "--any-pod", "", "--port", "TCP 8080"});
  CHECK(refuted.status == 1);
  CHECK(says(refuted.out, "refuted: a pod in namespace `shop` with labels app=web"));
  CHECK(space.run({"reach", "--to", "shop/api", "--any-pod", "a b"}).status == 2);

  // A namespace may be new; a pod that cannot be proves nothing.
  CHECK(space.run({"reach", "--to", "shop/api", "--any-pod", "", "--from", "elsewhere"}).status == 0);
  const Run nothing = space.run({"reach", "--to", "shop/api", "--any-pod", "app=web,!app"});
  CHECK(nothing.status == 1);
  CHECK(says(nothing.out, "says nothing"));
  // Where nobody enforces policies nothing is proved.
  const Run refused = space.run({"reach", systems + "as-documented", "--to", "production/wealth-api", "--any-pod", "app=stranger"});
  CHECK(refused.status == 1);
  CHECK(says(refused.out, "refuted: policies keep nobody from production/wealth-api[Deployment]"));

  // A second set of policies that also admits a job.
  Workspace wider;
  wider.file("old/w.yaml", two_workloads);
  wider.file("old/p.yaml", policy);
  wider.file("new/w.yaml", two_workloads);
  std::string both = policy;
  both.replace(both.find("from: ["), 7, "from: [{podSelector: {matchLabels: {app: job}}}, ");
  wider.file("new/p.yaml", both);
  const Run more = wider.run({"reach", "--diff", "old", "new", "--any-pod", ""});
  INFO(more.out << more.err);
  CHECK(more.status == 1);
  CHECK(says(more.out, "app=job"));
  CHECK(says(more.out, "NEW allows more"));
  const Run less = wider.run({"reach", "--diff", "new", "old", "--any-pod", ""});
  CHECK(less.status == 0);
  CHECK(says(less.out, "NEW allows less"));
  CHECK(says(wider.run({"reach", "--diff", "old", "old", "--any-pod", ""}).out, "the two are equivalent"));
}

TEST_CASE("a change in git opens a database to the outside", "[reach]") {
  Workspace space;
  space.file("k8s/w.yaml", two_workloads);
  space.file("k8s/p.yaml", policy);
  space.shell("git init -q . && git add -A && git -c user.name=t -c user.email=t@t commit -qm one && git rm -q k8s/p.yaml && git -c user.name=t -c user.email=t@t commit -qm two");
  const Run change = space.run({"reach", "--diff", "HEAD~1", "HEAD", "--format", "json"});
  INFO(change.err);
  REQUIRE(change.status == 0);
  const json result = change.json();
  bool opened = false, widened = false;
  for (const json& row : result["connections"]) {
    opened = opened || (row["change"] == "added" && row["src"] == "0.0.0.0-255.255.255.255[External]" && row["dst"] == "shop/api[Deployment]");
    widened = widened || (row["change"] == "changed" && row["src"] == "shop/web[Deployment]" && row["before"] == "TCP 8080");
  }
  CHECK(opened);
  CHECK(widened);
  REQUIRE(result["exposure"].size() == 1);
  CHECK(result["exposure"][0]["workload"] == "shop/api[Deployment]");
  // The work tree against the revision before, seen from a directory below the root.
  const Run below = space.run({"reach", "k8s", "--diff", "HEAD~1", "k8s", "--format", "json"});
  REQUIRE(below.status == 0);
  CHECK(below.json()["connections"] == result["connections"]);
  const Run none = space.run({"reach", "--diff", "nowhere", "HEAD"});
  CHECK(none.status == 2);
  CHECK(says(none.err, "`nowhere` is no directory and no revision"));
}

TEST_CASE("names of the input do nothing in a page or a picture", "[reach]") {
  Workspace space;
  space.file("w.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: '\"><script>alert(1)</script>', namespace: 'a\"]; x'}\nspec: {containers: [{name: c, image: x}]}\n");
  for (const char* format : {"html", "svg"}) {
    const Run run = space.run({"reach", "--format", format});
    CHECK_FALSE(says(run.out, "<script>alert"));
  }
  CHECK(says(space.run({"reach", "--format", "dot"}).out, "\\\"><script>"));
}

TEST_CASE("the matrix of fifty workloads in a browser", "[reach]") {
  Workspace space;
  space.file("w.yaml", fifty());
  const Run list = space.run({"reach", "--format", "json"});
  REQUIRE(list.status == 0);
  std::map<std::pair<std::string, std::string>, bool> pairs;  // whether every port
  const auto end = [](const std::string& name) { return name.ends_with("[External]") ? std::string("outside the cluster") : name; };
  for (const json& row : list.json()) {
    bool& every = pairs[{end(row["src"]), end(row["dst"])}];
    every = every || row["conn"] == "All Connections";
  }
  const Run page = space.run({"reach", "--format", "html"});
  space.file("page.html", page.out);
  if (!std::filesystem::exists("/usr/bin/chromium")) {
    WARN("skipped: no chromium");
    return;
  }
  space.shell("timeout 100 /usr/bin/chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update "
              "--disable-sync --disable-dev-shm-usage --user-data-dir=profile --virtual-time-budget=5000 --window-size=1600,1200 --dump-dom \"file://$PWD/page.html\" > dom.html 2> err.txt");
  const std::string dom = space.read("dom.html");
  REQUIRE(says(dom, "class=\"js\""));  // its script ran under its policy
  // Read the table as the browser has it: a cell's row and column say whom it is about.
  std::vector<std::string> columns;
  std::set<std::string> seen;
  std::size_t filled = 0;
  const auto tags = [](const std::string& text, const std::string& start) {  // what follows `start`, up to `>`
    std::vector<std::pair<std::size_t, std::string>> all;
    for (std::size_t at = text.find(start); at != text.npos; at = text.find(start, at + 1))
      all.emplace_back(at, text.substr(at + start.size(), text.find('>', at) - at - start.size()));
    return all;
  };
  const auto title = [](const std::string& attributes) {
    const std::size_t begin = attributes.find("title=\"") + 7;
    return attributes.substr(begin, attributes.find('"', begin) - begin);
  };
  for (const auto& [at, attributes] : tags(dom, "<th scope=\"col\"")) {
    if (says(attributes, "title=")) columns.push_back(title(attributes));
  }
  REQUIRE(columns.size() == 51);
  for (const auto& [at, attributes] : tags(dom, "<th scope=\"row\"")) {
    const std::string from = title(attributes), cells = dom.substr(at, dom.find("</tr>", at) - at);
    seen.insert(from);
    std::size_t column = 0;
    for (const auto& [place, cell] : tags(cells, "<td")) {
      const auto found = pairs.find({from, columns[column++]});
      const bool all = says(cell, "class=\"all"), some = says(cell, "class=\"some");
      INFO(from << " to " << columns[column - 1] << cell);
      REQUIRE((all || some) == (found != pairs.end()));
      if (found != pairs.end()) REQUIRE(all == found->second);
      filled += all || some;
    }
    CHECK(column == 51);
  }
  CHECK(seen.size() == 51);
  CHECK(filled == pairs.size());
}

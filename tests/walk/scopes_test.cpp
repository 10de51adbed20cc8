#include "parsers/scopes.hpp"

#include <catch2/catch.hpp>

using namespace assay;

namespace {
using Scopes = std::map<std::string, std::string, std::less<>>;
ScopePlan plan(const std::vector<ScopedFile>& files, const std::vector<Kustomization>& kustomizations = {},
               const std::vector<std::string>& charts = {}, const std::vector<ScopeSetting>& settings = {}) {
  Diagnostics diagnostics;
  return plan_scopes(files, kustomizations, charts, settings, diagnostics);
}

// Kustomizations as values, without a parser.
struct Maker {
  Arena arena;
  std::vector<Entry> fields;
  Value text(std::string_view t) { return arena.string(t, {}); }
  void list(std::string_view key, std::vector<Value> items) {
    fields.push_back({key.data(), static_cast<std::uint32_t>(key.size()), 0, arena.list(items, {})});
  }
  Value done() { return arena.map(std::exchange(fields, {}), {}); }
};
}  // namespace

TEST_CASE("without equal addresses everything is one scope", "[walk]") {
  const ScopePlan p = plan({{"a/x.yaml", {1}}, {"b/y.yaml", {2}}, {"z.yaml", {3}}});
  CHECK(p.scope_of == Scopes{{"a/x.yaml", "."}, {"b/y.yaml", "."}, {"z.yaml", "."}});
  CHECK(p.apart.empty());
}

TEST_CASE("directories that hold equal addresses are scopes, the others stay together", "[walk]") {
  const ScopePlan p = plan({{"a/x.yaml", {1, 5}}, {"b/deep/y.yaml", {1}}, {"c/z.yaml", {3}}, {"r.yaml", {4}}});
  CHECK(p.scope_of == Scopes{{"a/x.yaml", "a"}, {"b/deep/y.yaml", "b"}, {"c/z.yaml", "."}, {"r.yaml", "."}});
  CHECK(p.apart == std::set<std::string>{"a", "b"});
}

TEST_CASE("the smallest directories separate", "[walk]") {
  const ScopePlan p = plan({{"t/a/x.yaml", {1}}, {"t/b/x.yaml", {1}}, {"t/n.yaml", {2}}, {"u.yaml", {3}}});
  CHECK(p.scope_of == Scopes{{"t/a/x.yaml", "t/a"}, {"t/b/x.yaml", "t/b"}, {"t/n.yaml", "."}, {"u.yaml", "."}});
}

TEST_CASE("equal addresses in one directory stay in one scope", "[walk]") {
  const ScopePlan p = plan({{"a/x.yaml", {1}}, {"a/y.yaml", {1}}});
  CHECK(p.scope_of.at("a/x.yaml") == ".");
  CHECK(p.scope_of.at("a/y.yaml") == ".");
}

TEST_CASE("kustomizations and charts are scopes; an only includer takes its base along", "[walk]") {
  Maker make;
  make.list("resources", {make.text("../base"), make.text("extra.yaml"), make.text("https://example.org/x.yaml")});
  make.list("patchesStrategicMerge", {make.text("patch.yaml")});
  const Value prod = make.done();
  make.list("resources", {make.text("x.yaml")});
  const Value base = make.done();
  const std::vector<ScopedFile> files = {{"base/x.yaml", {1}},       {"prod/extra.yaml", {2}}, {"prod/patch.yaml", {1}},
                                         {"chart/crds/c.yaml", {3}}, {"other/o.yaml", {4}}};
  const ScopePlan p = plan(files, {{"prod/kustomization.yaml", prod}, {"base/kustomization.yaml", base}}, {"chart"});
  CHECK(p.scope_of.at("base/x.yaml") == "prod");
  CHECK(p.scope_of.at("prod/extra.yaml") == "prod");
  CHECK(p.scope_of.at("chart/crds/c.yaml") == "chart");
  CHECK(p.scope_of.at("other/o.yaml") == ".");
  CHECK(p.fragments.count("prod/patch.yaml"));
  CHECK(p.not_assessed.size() == 3);  // remote, rendering, patch

  make.list("resources", {make.text("../base")});
  const ScopePlan two = plan(files, {{"prod/kustomization.yaml", prod}, {"base/kustomization.yaml", base},
                                     {"staging/kustomization.yaml", make.done()}}, {"chart"});
  CHECK(two.scope_of.at("base/x.yaml") == "base");
}

TEST_CASE("kustomizations that include each other end", "[walk]") {
  Maker make;
  make.list("resources", {make.text("../b")});
  const Value a = make.done();
  make.list("resources", {make.text("../a")});
  const Value b = make.done();
  const ScopePlan p = plan({{"a/x.yaml", {1}}, {"b/x.yaml", {2}}}, {{"a/kustomization.yaml", a}, {"b/kustomization.yaml", b}});
  CHECK(p.scope_of.size() == 2);
}

TEST_CASE("stated scopes come first", "[walk]") {
  const ScopePlan p = plan({{"k8s/prod/x.yaml", {1}}, {"k8s/test/x.yaml", {1}}, {"o.yaml", {2}}}, {}, {},
                           {{"production", {"k8s/prod"}, "", {}, {}}, {"test", {"k8s/te*/**"}, "", {}, {}}});
  CHECK(p.scope_of == Scopes{{"k8s/prod/x.yaml", "production"}, {"k8s/test/x.yaml", "test"}, {"o.yaml", "."}});
}

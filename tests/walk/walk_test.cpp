#include "parsers/walk.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <random>

using namespace assay;
namespace fs = std::filesystem;

namespace {
struct Tree {
  fs::path root = fs::temp_directory_path() / ("assay-walk-" + std::to_string(std::random_device{}()));
  Tree() { fs::create_directories(root); }
  ~Tree() {
    std::error_code ignore;
    fs::remove_all(root, ignore);
  }
  void file(const std::string& name, std::string_view text = "") {
    fs::create_directories((root / name).parent_path());
    std::ofstream(root / name) << text;
  }
};

struct Result {
  Walk walk;
  Diagnostics diagnostics;
  std::vector<std::string> names;
};
Result run(const Tree& tree, std::vector<std::string> below = {""}, std::string exclude = "") {
  Result result;
  for (std::string& path : below) path = (tree.root / path).string();
  WalkOptions options;
  options.base = find_base(below);
  options.exclude = std::move(exclude);
  result.walk = walk(below, options, result.diagnostics);
  for (const FoundFile& file : result.walk.files) result.names.push_back(file.name);
  return result;
}
using Names = std::vector<std::string>;
}  // namespace

TEST_CASE("a walk finds YAML and JSON, sorted, hidden directories included", "[walk]") {
  Tree tree;
  for (const char* name : {"b.yaml", "a/c.yml", "a/d.JSON", ".hidden/e.yaml", ".git/config.yaml", ".hg/x.yaml", "go.mod"}) tree.file(name);
  CHECK(run(tree).names == Names{".hidden/e.yaml", "a/c.yml", "a/d.JSON", "b.yaml"});
}

TEST_CASE("ignore files of every level count, also above the audited directory", "[walk]") {
  Tree tree;
  tree.file(".git/info/exclude", "never.yaml\n");
  tree.file(".gitignore", "build/\n*.tmp.yaml\n/only-root.yaml\n");
  tree.file("k8s/.gitignore", "!keep.tmp.yaml\nlocal.yaml\n");
  for (const char* name : {"build/x.yaml", "a.tmp.yaml", "only-root.yaml", "k8s/only-root.yaml", "k8s/keep.tmp.yaml", "k8s/b.tmp.yaml",
                           "k8s/local.yaml", "k8s/never.yaml", "k8s/z.yaml", "k8s/skipped/y.yaml"})
    tree.file(name);
  CHECK(run(tree, {""}, "skipped/\n").names == Names{"k8s/keep.tmp.yaml", "k8s/only-root.yaml", "k8s/z.yaml"});
  CHECK(run(tree, {"k8s"}).names == Names{"k8s/keep.tmp.yaml", "k8s/only-root.yaml", "k8s/skipped/y.yaml", "k8s/z.yaml"});
  // What is named is wanted.
  CHECK(run(tree, {"build"}).names == Names{"build/x.yaml"});
  CHECK(run(tree, {"a.tmp.yaml", "a.tmp.yaml"}).names == Names{"a.tmp.yaml"});
}

TEST_CASE("charts' templates are not assessed, once a chart", "[walk]") {
  Tree tree;
  for (const char* name : {"web/Chart.yaml", "web/values.yaml", "web/templates/d.yaml", "web/crds/c.yaml", "web/charts/sub/Chart.yaml",
                           "web/charts/sub/templates/e.yaml", "templates/plain.yaml"})
    tree.file(name);
  const Result whole = run(tree);
  CHECK(whole.names == Names{"templates/plain.yaml", "web/Chart.yaml", "web/charts/sub/Chart.yaml", "web/crds/c.yaml", "web/values.yaml"});
  REQUIRE(whole.walk.not_assessed.size() == 1);
  CHECK(whole.walk.not_assessed[0].path == "web/templates");
  CHECK(whole.walk.not_assessed[0].remedy == "helm template web | assay check -");
  CHECK(whole.walk.charts == Names{"web", "web/charts/sub"});
  const Result one = run(tree, {"web/templates/d.yaml"});
  CHECK(one.names.empty());
  CHECK(one.walk.not_assessed.size() == 1);
}

TEST_CASE("symbolic links neither loop, nor repeat, nor lead outside", "[walk]") {
  Tree tree, other;
  other.file("secret.yaml");
  tree.file("a/x.yaml");
  tree.file("b/y.yaml");
  fs::create_directory_symlink("..", tree.root / "a/up");
  fs::create_symlink("x.yaml", tree.root / "a/same.yaml");
  fs::create_symlink("circle.yaml", tree.root / "a/circle.yaml");
  fs::create_symlink("nowhere.yaml", tree.root / "a/gone.yaml");
  fs::create_symlink(other.root / "secret.yaml", tree.root / "a/out.yaml");
  fs::create_directory_symlink(other.root, tree.root / "a/outside");
  const Result result = run(tree);
  CHECK(result.names == Names{"a/x.yaml", "b/y.yaml"});
  CHECK(result.walk.not_assessed.size() == 2);
  std::vector<std::string> codes;
  for (const Diagnostic& d : result.diagnostics.all()) codes.push_back(d.path + " " + d.code);
  std::sort(codes.begin(), codes.end());
  CHECK(codes == Names{"a/circle.yaml unreadable-file", "a/gone.yaml unreadable-file", "a/up symlink-loop"});
  CHECK(result.diagnostics.incomplete());
}

TEST_CASE("pipes are not opened, bytes that are no UTF-8 are escaped in names", "[walk]") {
  Tree tree;
  REQUIRE(::mkfifo((tree.root / "pipe.yaml").c_str(), 0600) == 0);
  tree.file("\xFFx.yaml");
  CHECK(run(tree).names == Names{"\\xffx.yaml"});
}

TEST_CASE("what does not exist is said", "[walk]") {
  Tree tree;
  const Result result = run(tree, {"nope.yaml"});
  REQUIRE(result.diagnostics.all().size() == 1);
  CHECK(result.diagnostics.all()[0].message.find("check the spelling") != std::string::npos);
}

TEST_CASE("reading stops at the limit", "[walk]") {
  Tree tree;
  tree.file("x.yaml", "0123456789");
  const FoundFile file{"x.yaml", (tree.root / "x.yaml").string()};
  CHECK(read_file(file, 10).bytes == "0123456789");
  CHECK_FALSE(read_file(file, 10).cut);
  CHECK(read_file(file, 4).bytes == "0123");
  CHECK(read_file(file, 4).cut);
  CHECK_FALSE(read_file({"no", (tree.root / "no").string()}, 4).failure.empty());
}

TEST_CASE("words are quoted for a shell", "[walk]") {
  CHECK(shell_quoted("a/b.yaml") == "a/b.yaml");
  CHECK(shell_quoted("a b'c") == "'a b'\\''c'");
  CHECK(shell_quoted("-rf") == "./'-rf'");
}

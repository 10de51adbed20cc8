// Input that is broken or hostile: never a crash, never silence, and the rest is audited all the same.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "tests/cli/run.hpp"

using namespace assay::test;
using nlohmann::json;
using Words = std::vector<std::string>;

namespace {

std::string head(std::string_view name) { return "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + std::string(name) + "\n"; }

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

std::string alias_bomb() {
  std::string text = head("bomb") + "data:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string previous = "*a" + std::to_string(i - 1);
    text += "  a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + previous;
    for (int k = 1; k < 10; ++k) text += ", " + previous;
    text += "]\n";
  }
  return text;
}

struct Bad {
  const char* name;
  std::string text;
};

}  // namespace

TEST_CASE("what cannot be read is said with its place, and the rest is audited", "[cli]") {
  const Bad bad[] = {
      {"truncated.yaml", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: \"a"},
      {"tabs.yaml", "apiVersion: v1\nkind: Pod\nmetadata:\n\tname: a\n"},
      {"nul.yaml", head("a") + std::string("data:\n  a: b\0c\n", 15)},
      {"control.yaml", head("a") + "data:\n  a: b\x01\n"},
      {"utf8.yaml", head("a") + "data:\n  a: \xff\xfe\n"},
      {"utf16.yaml", std::string("\xff\xfe" "a\0p\0i\0V\0e\0r\0s\0i\0o\0n\0:\0 \0v\0001\0\n\0k\0i\0n\0d\0:\0 \0P\0o\0d\0\n\0", 52)},
      {"duplicate.yaml", head("a") + "data: {}\ndata: {}\n"},
      {"deep.yaml", head("a") + "data: " + std::string(20'000, '[') + std::string(20'000, ']') + "\n"},
      {"unclosed.yaml", head("a") + "data: " + std::string(20'000, '{')},
      {"bomb.yaml", alias_bomb()},
      {"alias.yaml", head("a") + "data:\n  a: *nowhere\n"},
      {"truncated.json", R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": )"},
      {"duplicate.json", R"({"apiVersion": "v1", "kind": "Pod", "kind": "Pod"})"},
      {"deep.json", R"({"apiVersion": "v1", "kind": "Pod", "x": )" + std::string(20'000, '[') + std::string(20'000, ']') + "}"},
      {"trailing.json", R"({"apiVersion": "v1", "kind": "Pod"} x)"},
      {"merge.yaml", head("a") + "data:\n  <<: 1\n  <<: [*a]\n"},
      {"tag.yaml", head("a") + "data: !<tag:x\n"},
  };
  for (const Bad& one : bad) {
    Workspace w;
    w.file("good.yaml", pod("seen"));
    w.file(one.name, one.text);
    const Run run = w.check();
    INFO(one.name << "\n" << run.err.substr(0, 2000));
    CHECK(run.status == 3);
    const json report = run.json();
    CHECK(report["incomplete"] == true);
    CHECK(report["summary"]["fail"] == 1);
    bool placed = false;
    for (const json& diagnostic : report["diagnostics"])
      placed |= diagnostic["path"] == one.name && diagnostic["severity"] == "error" && !diagnostic["message"].get<std::string>().empty();
    CHECK(placed);
    // Other formats stay whole.
    CHECK(w.check({"--format", "terminal"}).status == 3);
    CHECK(w.check({"--format", "html"}).status == 3);
    CHECK(json::accept(w.check({"--format", "sarif"}).out));
  }
}

TEST_CASE("one broken document leaves the others of its file", "[cli]") {
  Workspace w;
  w.file("a.yaml", pod("a") + "---\napiVersion: v1\nkind: Pod\nmetadata: [\n---\n" + pod("b"));
  const Run run = w.check();
  CHECK(run.status == 3);
  CHECK(run.json()["summary"]["fail"] == 2);
}

TEST_CASE("readable oddities are resources like others", "[cli]") {
  Workspace w;
  w.file("unknown.yaml", "apiVersion: example.org/v9\nkind: Strange\nmetadata:\n  name: a\n");
  w.file("types.yaml", "apiVersion: v1\nkind: Pod\nmetadata: 3\nspec:\n  containers: {a: b}\n");
  w.file("nameless.yaml", "apiVersion: v1\nkind: Pod\nspec: {containers: []}\n");
  w.file("null.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: n}\nspec:\n");
  w.file("comment.yaml", "# only a comment\n");
  w.file("empty.yaml", "");
  const Run run = w.check({"--unknown", "warn"});
  INFO(run.err);
  CHECK(run.status == 0);
  CHECK(run.json()["summary"]["resources"] == 4);
}

TEST_CASE("limits have a flag, and an error that names it", "[cli]") {
  Workspace w;
  w.file("a.yaml", head("a") + "data:\n  a: {b: {c: {d: 1}}}\n" + repeated("# more\n", 100));
  struct Case {
    const char *flag, *low;
  };
  for (const Case c : {Case{"--max-depth", "3"}, {"--max-nodes", "4"}, {"--max-bytes", "100"}}) {
    const Run run = w.check({c.flag, c.low});
    INFO(c.flag << "\n" << run.err);
    CHECK(run.status == 3);
    CHECK(run.out.find(c.flag) != std::string::npos);
  }
  CHECK(w.check().status == 0);
  w.file("a.yaml", head("a") + "data:\n  a: &a [x, x, x]\n  b: [*a, *a, *a]\n");
  const Run aliases = w.check({"--max-alias-nodes", "4"});
  CHECK(aliases.status == 3);
  CHECK(aliases.out.find("--max-alias-nodes") != std::string::npos);
}

TEST_CASE("a large file is read, or said to be too large", "[cli]") {
  Workspace w;
  {
    std::ofstream out(w.path("large.yaml"), std::ios::binary);
    out << pod("large") << "---\n" << head("data") << "data:\n  a: |\n";
    const std::string line = "    " + std::string(1019, 'x') + "\n";
    for (int i = 0; i < 200 * 1024; ++i) out << line;
  }
  const Run run = w.check();
  INFO(run.err);
  CHECK(run.status == 1);
  CHECK(run.json()["summary"]["resources"] == 2);
  w.file("good.yaml", pod("good"));
  const Run limited = w.check({"--max-bytes", "1M"});
  CHECK(limited.status == 3);
  CHECK(limited.json()["summary"]["fail"] == 1);
  CHECK(codes(limited.json()) == Words{"limit-bytes"});
}

TEST_CASE("a sparse file of zeros is no manifest, named or with a header it is an error", "[cli]") {
  Workspace w;
  w.file("good.yaml", pod("good", false));
  w.shell("truncate -s 200M zeros.yaml");
  CHECK(w.check().status == 0);
  CHECK(w.check({"zeros.yaml"}).status == 3);
  w.shell("printf 'apiVersion: v1\\nkind: Pod\\n' > header.yaml && truncate -s 200M header.yaml");
  CHECK(w.check().status == 3);
}

TEST_CASE("what cannot be opened is said", "[cli]") {
  Workspace w;
  w.file("good.yaml", pod("good", false));
  w.shell("ln -s nowhere dangling.yaml");
  const Run run = w.check();
  CHECK(run.status == 3);
  CHECK(codes(run.json()) == Words{"unreadable-file"});
  w.shell("rm dangling.yaml && mkdir directory.yaml && ln -s self.yaml self.yaml");
  CHECK(codes(w.check().json()) == Words{"unreadable-file"});
  w.shell("rm self.yaml && mkdir -p a/b && ln -s .. a/b/up");
  const Run loop = w.check();
  CHECK(loop.status == 0);
  CHECK(codes(loop.json()) == Words{"symlink-loop"});
  w.shell("rm a/b/up && mkfifo pipe.yaml");
  CHECK(w.check().status == 0);
  if (::geteuid() != 0) {
    w.shell("cp good.yaml closed.yaml && chmod 000 closed.yaml && mkdir shut && chmod 000 shut");
    const Run closed = w.check();
    CHECK(closed.status == 3);
    CHECK(closed.json()["diagnostics"].size() == 2);
    w.shell("chmod 700 shut");
  }
  CHECK(w.check({"directory.yaml"}).status == 3);  // empty
}

TEST_CASE("hostile names and texts are inert in every format", "[cli]") {
  Workspace w;
  const std::string escape = "\x1b]0;owned\x07\x1b[31m";
  w.file("<script>alert(1)</script>.yaml",
         "apiVersion: v1\nkind: Pod\nmetadata:\n  name: \"<script>alert(2)</script>\\e[31m\\u202e\"\nspec:\n  containers:\n"
         "  - name: \"</script><script>alert(3)</script>\\e]0;x\\a\"\n    image: \"`$(reboot)`\"\n    securityContext: {privileged: true}\n");
  w.file(escape + ".yaml", pod("a"));
  w.file("new\nline.yaml", pod("b"));
  w.file("\xff\xfe.yaml", pod("c"));
  w.file("::error file=x::y.yaml", pod("d"));
  for (const char* format : {"terminal", "json", "sarif", "html"}) {
    const Run run = w.check({"--format", format});
    INFO(format << run.err);
    CHECK(run.status == 1);
    CHECK(run.out.find('\x1b') == std::string::npos);
    CHECK(run.out.find('\x07') == std::string::npos);
    CHECK(run.err.find('\x1b') == std::string::npos);
    if (std::string_view(format) == "html") CHECK(run.out.find("<script>alert") == std::string::npos);
  }
  CHECK(w.check().json()["summary"]["fail"] == 5);
}

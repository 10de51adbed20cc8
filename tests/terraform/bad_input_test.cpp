// Configurations that are broken, hostile or too large, through the whole of a session: each gives a diagnostic
// that says what is wrong, ends soon, and the rest is audited: the volume in good.tf is there and judged.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include <catch2/catch.hpp>

#include "cli/session.hpp"

using namespace assay;
namespace fs = std::filesystem;

namespace {

struct Tree {
  fs::path outside, root;

  Tree() {
    std::string pattern = (fs::temp_directory_path() / "assay-bad-input.XXXXXX").string();
    outside = ::mkdtemp(pattern.data());
    root = outside / "repository";
    fs::create_directories(root / ".git");
    write("infra/good.tf", "resource \"aws_ebs_volume\" \"good\" {\n  availability_zone = \"eu-central-1a\"\n  encrypted = true\n}\n");
  }
  Tree(const Tree&) = delete;
  ~Tree() {
    std::error_code ignored;
    fs::remove_all(outside, ignored);
  }
  void write(const std::string& name, std::string_view text) const {
    fs::create_directories((root / name).parent_path());
    std::ofstream(root / name, std::ios::binary) << text;
  }
};

struct Outcome {
  std::string diagnostics;
  std::string addresses;
  double seconds = 0;
};

Outcome audited(const Tree& tree) {
  SessionOptions options;
  options.paths = {(tree.root / "infra").string()};
  options.as_of = "2026-11-21";
  options.profile = "all";
  const auto begin = std::chrono::steady_clock::now();
  const auto session = run_session(options);
  Outcome out;
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  CHECK_FALSE(session->misconfigured);
  std::ostringstream text;
  for (const Diagnostic& diagnostic : session->report.diagnostics.all()) print(text, session->sources, diagnostic, Colour::off);
  for (const NotAssessed& one : session->report.not_assessed) text << "not assessed: " << one.path << ": " << one.reason << "\n";
  out.diagnostics = text.str();
  for (const Resource& resource : session->graph.resources()) out.addresses += resource.address + "\n";
  // What is printed is inert.
  CHECK(std::all_of(out.diagnostics.begin(), out.diagnostics.end(), [](char c) { return c == '\n' || static_cast<unsigned char>(c) >= 0x20; }));
  return out;
}

struct Case {
  const char* name;
  std::function<void(const Tree&)> make;
  std::vector<std::string> said;  // parts of the diagnostics
  std::string also;               // a further address that must be there
};

std::string repeat(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("broken and hostile configurations", "[terraform]") {
  const auto file = [](const char* name, std::string text) {
    return [name, text = std::move(text)](const Tree& tree) { tree.write(name, text); };
  };
  const std::string volume = "resource \"aws_ebs_volume\" \"bad\" {\n  availability_zone = \"a\"\n  encrypted = ";
  const std::vector<Case> cases = {
      {"nothing wrong", [](const Tree&) {}, {}, ""},
      {"a cycle of locals, named in full", file("infra/x.tf", "locals {\n  a = local.b\n  b = local.c\n  c = local.a\n}\n"), {"local.a", "local.b", "local.c"}, ""},
      {"a cycle over a variable's default is no cycle", file("infra/x.tf", "variable \"a\" { default = \"x\" }\nlocals { b = var.a }\n"), {}, ""},
      {"a resource that refers to itself", file("infra/x.tf", volume + "aws_ebs_volume.bad.encrypted\n}\n"), {"aws_ebs_volume.bad"}, "aws_ebs_volume.bad"},
      {"a missing module", file("infra/x.tf", "module \"m\" { source = \"./nowhere\" }\n" + volume + "module.m.x\n}\n"), {"nowhere"}, "aws_ebs_volume.bad"},
      {"a module from a registry", file("infra/x.tf", "module \"m\" {\n  source = \"terraform-aws-modules/vpc/aws\"\n  version = \"~> 5.0\"\n}\n"), {"terraform-aws-modules/vpc/aws"}, ""},
      {"a module that calls itself", file("infra/x.tf", "module \"m\" { source = \"./\" }\n"), {"`infra` calls `infra`"}, ""},
      {"modules that call each other",
       [](const Tree& tree) {
         tree.write("infra/x.tf", "module \"a\" { source = \"./a\" }\n");
         tree.write("infra/a/x.tf", "module \"b\" { source = \"../b\" }\n");
         tree.write("infra/b/x.tf", "module \"a\" { source = \"../a\" }\n");
       },
       {"infra/a", "infra/b"},
       ""},
      {"modules that double thirty times",
       [](const Tree& tree) {
         tree.write("infra/x.tf", "module \"m\" { source = \"./m0\" }\n");
         for (int i = 0; i < 30; ++i) {
           const std::string next = i < 29 ? "module \"a\" { source = \"../m" + std::to_string(i + 1) + "\" }\nmodule \"b\" { source = \"../m" + std::to_string(i + 1) + "\" }\n" : "locals { a = 1 }\n";
           tree.write("infra/m" + std::to_string(i) + "/x.tf", next);
         }
       },
       {"module"},
       ""},
      {"wrong types", file("infra/x.tf", "variable \"n\" {\n  type = number\n  default = \"x\"\n}\nlocals { a = [] + 1 }\n" + volume + "var.n\n}\n"), {"number"}, "aws_ebs_volume.bad"},
      {"`for_each` over a list", file("infra/x.tf", "resource \"aws_ebs_volume\" \"bad\" {\n  for_each = [\"a\", \"b\"]\n}\n"), {"for_each"}, ""},
      {"`count` that is no number", file("infra/x.tf", "resource \"aws_ebs_volume\" \"bad\" {\n  count = \"many\"\n}\n"), {"count"}, ""},
      {"a negative `count`", file("infra/x.tf", "resource \"aws_ebs_volume\" \"bad\" {\n  count = -1\n}\n"), {"count"}, ""},
      {"an unterminated heredoc", file("infra/x.tf", volume + "true\n}\nlocals {\n  a = <<EOT\n  text\n}\n"), {"this heredoc is not closed"}, "aws_ebs_volume.bad"},
      {"an unclosed block", file("infra/x.tf", volume + "true\n"), {"this block is not closed"}, "aws_ebs_volume.bad"},
      {"an unknown function", file("infra/x.tf", volume + "nonsense(1)\n}\n"), {"nonsense"}, "aws_ebs_volume.bad"},
      {"`for_each` over 200,000 keys", file("infra/x.tf", "locals { r = range(500) }\nresource \"aws_ebs_volume\" \"bad\" {\n  for_each = toset([for p in setproduct(local.r, local.r) : join(\"-\", p)])\n  size = 1\n}\n"), {"--max-instances"}, ""},
      {"`count` in the millions", file("infra/x.tf", "resource \"aws_ebs_volume\" \"bad\" {\n  count = 50000000\n}\n"), {"--max-instances"}, ""},
      {"a text that doubles sixty times", [](const Tree& tree) {
         std::string text = "locals {\n  a0 = \"xx\"\n";
         for (int i = 1; i < 60; ++i) text += "  a" + std::to_string(i) + " = \"${local.a" + std::to_string(i - 1) + "}${local.a" + std::to_string(i - 1) + "}\"\n";
         tree.write("infra/x.tf", text + "}\n");
       }, {"infra/x.tf"}, ""},
      {"a list that doubles sixty times", [](const Tree& tree) {
         std::string text = "locals {\n  a0 = [1]\n";
         for (int i = 1; i < 60; ++i) text += "  a" + std::to_string(i) + " = concat(local.a" + std::to_string(i - 1) + ", local.a" + std::to_string(i - 1) + ")\n";
         tree.write("infra/x.tf", text + "}\n");
       }, {"infra/x.tf"}, ""},
      {"a nest that doubles sixty times", [](const Tree& tree) {
         std::string text = "locals {\n  a0 = [1]\n";
         for (int i = 1; i < 60; ++i) text += "  a" + std::to_string(i) + " = [local.a" + std::to_string(i - 1) + ", local.a" + std::to_string(i - 1) + "]\n";
         tree.write("infra/x.tf", text + "}\nresource \"aws_ebs_volume\" \"bad\" {\n  tags = { a = jsonencode(local.a59) }\n}\n");
       }, {"infra/x.tf"}, ""},
      {"a product of large sets", file("infra/x.tf", "locals {\n  r = range(1000)\n  a = setproduct(local.r, local.r, local.r)\n}\n"), {"infra/x.tf"}, ""},
      {"a range without end", file("infra/x.tf", "locals { a = range(1e9) }\n"), {"infra/x.tf"}, ""},
      {"a long chain of locals", [](const Tree& tree) {
         std::string text = "locals {\n  a0 = true\n";
         for (int i = 1; i < 20000; ++i) text += "  a" + std::to_string(i) + " = local.a" + std::to_string(i - 1) + "\n";
         tree.write("infra/x.tf", text + "}\nresource \"aws_ebs_volume\" \"bad\" {\n  encrypted = local.a19999\n}\n");
       }, {}, "aws_ebs_volume.bad"},
      {"`file` outside of the root", file("infra/x.tf", volume + "file(\"../../../../../../../etc/passwd\") == \"\"\n}\nlocals { b = file(\"/etc/passwd\") }\n"), {"/etc/passwd"}, "aws_ebs_volume.bad"},
      {"a link that leads outside",
       [](const Tree& tree) {
         fs::create_directories(tree.outside / "elsewhere");
         std::ofstream(tree.outside / "elsewhere/secret.tf") << "resource \"aws_ebs_volume\" \"secret\" {}\n";
         fs::create_directory_symlink("../../elsewhere", tree.root / "infra/linked");
         tree.write("infra/x.tf", "module \"m\" { source = \"./linked\" }\nlocals { a = file(\"linked/secret.tf\") }\n");
       },
       {"linked"},
       ""},
      {"links in a circle",
       [](const Tree& tree) {
         fs::create_directory_symlink("loop", tree.root / "infra/loop");
         fs::create_directory_symlink("..", tree.root / "infra/up");
         tree.write("infra/x.tf", "module \"m\" { source = \"./loop\" }\nlocals { a = fileset(\"up\", \"**\") }\n");
       },
       {"loop"},
       ""},
      {"a pipe instead of a file",
       [](const Tree& tree) {
         REQUIRE(::mkfifo((tree.root / "infra/pipe.tf").c_str(), 0600) == 0);
         REQUIRE(::mkfifo((tree.root / "infra/terraform.tfvars").c_str(), 0600) == 0);
         fs::create_directories(tree.root / "infra/folder.tf");
         tree.write("infra/x.tf", "locals { a = file(\"pipe.tf\") }\n");
       },
       {},
       ""},
      {"modules.json that leads outside",
       [](const Tree& tree) {
         std::ofstream(tree.outside / "secret.tf") << "resource \"aws_ebs_volume\" \"secret\" {}\n";
         tree.write("infra/.terraform/modules/modules.json", R"({"Modules":[{"Key":"m","Source":"x/y/z","Dir":"../.."},{"Key":"n","Dir":"/etc"},{"Key":1},[]]})");
         tree.write("infra/x.tf", "module \"m\" { source = \"x/y/z\" }\nmodule \"n\" { source = \"x/y/z\" }\n");
       },
       {"x/y/z"},
       ""},
      {"names that are no names", file("infra/x.tf", "resource \"aws_ebs_volume\" \"bad\\u001b[31m\\u202e\" {}\nresource \"../../etc\" \"a b\" {}\nresource \"\" \"\" {}\nresource \"x\" {}\nmodule \"a.b[0]\" { source = \"./\" }\nvariable \"count\" {}\nresource \"aws_ebs_volume\" \"" + repeat("long", 20000) + "\" {}\n"), {"infra/x.tf"}, ""},
      {"bytes that are no text", file("infra/x.tf", std::string("a = \"\0\xff\xfe\"\nlocals { b = 1 }\n\x80\x81", 40)), {"UTF-8"}, ""},
      {"another encoding", file("infra/x.tf", std::string("\xff\xfel\0o\0c\0a\0l\0s\0", 14)), {"infra/x.tf"}, ""},
      {"JSON that is none", file("infra/x.tf.json", "{\"resource\": {\"aws_ebs_volume\": {\"bad\": "), {"x.tf.json", "not JSON"}, ""},
      {"JSON of the wrong shape", file("infra/x.tf.json", "{\"resource\": [1, {\"aws_ebs_volume\": \"x\"}], \"variable\": 5, \"locals\": [[]], \"module\": {\"m\": {\"source\": {}}}}"), {"an object is required here"}, ""},
      {"variables' files that are none", [](const Tree& tree) {
         tree.write("infra/terraform.tfvars", "a = \nb {\n");
         tree.write("infra/terraform.tfvars.json", "[1");
         tree.write("infra/x.auto.tfvars", "undeclared = 1\n");
         tree.write("infra/x.tf", "variable \"a\" { default = 1 }\n");
       }, {"terraform.tfvars", "terraform.tfvars.json"}, ""},
      {"the same resource twice", [](const Tree& tree) {
         tree.write("infra/x.tf", "resource \"aws_ebs_volume\" \"good\" {}\nvariable \"a\" {}\nvariable \"a\" {}\noutput \"o\" { value = 1 }\noutput \"o\" { value = 2 }\nlocals { l = 1 }\nlocals { l = 2 }\n");
       }, {"aws_ebs_volume.good"}, ""},
      {"undeclared names", file("infra/x.tf", volume + "var.nowhere\n}\nlocals { a = [local.nope, data.x.y.z, aws_x.y.z, module.q.r, each.key, count.index, self.x, path.nowhere] }\n"), {"nowhere"}, "aws_ebs_volume.bad"},
      {"deep nesting", file("infra/x.tf", "locals {\n  a = " + repeat("[", 5000) + repeat("]", 5000) + "\n}\n" + volume + "true\n}\n"), {"nested too deeply"}, "aws_ebs_volume.bad"},
      {"dynamic blocks within dynamic blocks", [](const Tree& tree) {
         std::string open, close;
         for (int i = 0; i < 60; ++i) {
           open += "dynamic \"b\" {\nfor_each = [1, 2, 3]\ncontent {\n";
           close += "}\n}\n";
         }
         tree.write("infra/x.tf", "resource \"aws_ebs_volume\" \"bad\" {\n" + open + "x = 1\n" + close + "}\n");
       }, {"infra/x.tf"}, ""},
      {"a regular expression that is none", file("infra/x.tf", "locals {\n  a = regex(\"(\", \"x\")\n  b = regex(\"(a*)*b\", \"" + repeat("a", 50000) + "\")\n}\n"), {"regex"}, ""},
  };
  for (const Case& one : cases) {
    SECTION(one.name) {
      const Tree tree;
      one.make(tree);
      const Outcome outcome = audited(tree);
      INFO(outcome.diagnostics.substr(0, 3000));
      CHECK(outcome.seconds < 60);
      CHECK(outcome.addresses.find("aws_ebs_volume.good\n") != std::string::npos);
      CHECK(outcome.addresses.find("secret") == std::string::npos);
      CHECK(outcome.diagnostics.find("root:") == std::string::npos);
      for (const std::string& part : one.said) {
        INFO("said: " << part);
        CHECK(outcome.diagnostics.find(part) != std::string::npos);
      }
      if (!one.also.empty()) CHECK(outcome.addresses.find(one.also + "\n") != std::string::npos);
    }
  }
}

TEST_CASE("a file of ten megabytes", "[terraform]") {
  const Tree tree;
  std::string text = "locals {\n";
  for (int i = 0; text.size() < 10'000'000; ++i) text += "  key_" + std::to_string(i) + " = { name = \"value-" + std::to_string(i) + "\", list = [1, 2, 3], text = \"a ${upper(\"b\")} c\" }\n";
  tree.write("infra/x.tf", text + "}\nresource \"aws_ebs_volume\" \"bad\" {\n  encrypted = local.key_7.name == \"value-7\"\n}\n");
  const Outcome outcome = audited(tree);
  INFO(outcome.diagnostics.substr(0, 3000));
  CHECK(outcome.addresses.find("aws_ebs_volume.bad\n") != std::string::npos);
  CHECK(outcome.seconds < 120);
}

// Findings on configurations: where they land, the way they tell, what waives them, and that no order or
// instance changes their fingerprints.
#include <catch2/catch.hpp>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include "cli/session.hpp"

using namespace assay;

namespace {

constexpr const char* rule = R"(
title: data is not encrypted
severity: high
since: 0.1
applies_to: [a_store, b_store]
require: object.?encrypted.orValue(false)
message: not encrypted
why: because
fix: encrypt
aliases: [checkov/CKV_TEST_1, trivy/TEST-0001]
)";
constexpr const char* blocks_rule = R"(
title: port is open
severity: high
since: 0.1
applies_to: [a_store]
find: object.?ingress.orValue([]).filter(i, '0.0.0.0/0' in i.?cidrs.orValue([]))
message: open
why: because
fix: close
)";

class Audit {
 public:
  using Files = std::map<std::string, std::string>;
  explicit Audit(const Files& files) {
    static int number = 0;
    root_ = std::filesystem::temp_directory_path() / ("assay-findings-" + std::to_string(::getpid()) + "-" + std::to_string(++number));
    write("rules/hygiene/encrypted.yaml", rule);
    write("rules/hygiene/open.yaml", blocks_rule);
    for (const auto& [name, text] : files) write("in/" + name, text);
    SessionOptions options;
    options.paths = {(root_ / "in").string()};
    options.rules = {(root_ / "rules").string()};
    options.only = {"hygiene/encrypted", "hygiene/open"};
    options.as_of = "2026-11-21";
    session = run_session(options);
  }
  ~Audit() { std::filesystem::remove_all(root_); }

  std::string place(Span span) const {
    if (!span) return "nowhere";
    const Source& source = session->sources.get(span.source);
    return source.name() + ":" + std::to_string(source.position(span.begin).line);
  }
  // `ADDRESS VERDICT PLACE < PLACE < …`
  std::vector<std::string> findings() const {
    std::vector<std::string> out;
    for (const Finding& finding : session->report.findings) {
      std::string text = session->graph.resource(finding.resource).address + " " + std::string(name_of(finding.verdict)) + " " + place(finding.location);
      for (const TraceStep& step : finding.trace) text += " < " + place(step.span);
      if (finding.waiver) text += " (waived)";
      out.push_back(text);
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  std::map<std::string, std::string> fingerprints() const {
    std::map<std::string, std::string> out;
    for (const Finding& finding : session->report.findings)
      out[session->graph.resource(finding.resource).address + " " + finding.rule->id + " " + place(finding.location)] = finding.fingerprint;
    return out;
  }
  std::unique_ptr<Session> session;

 private:
  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text;
  }
  std::filesystem::path root_;
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a finding stands where a person would change it, and tells the way", "[terraform]") {
  const std::map<std::string, std::string> files = {
      {"main.tf", "variable \"encrypted\" {\n  default = false\n}\nmodule \"db\" {\n  source = \"./db\"\n  on = var.encrypted\n}\n"
                  "resource \"a_store\" \"literal\" {\n  encrypted = false\n}\nresource \"a_store\" \"absent\" {\n  name = \"x\"\n}\n"
                  "locals {\n  on = 1 > 2\n}\nresource \"a_store\" \"computed\" {\n  encrypted = local.on\n}\n"},
      {"db/main.tf", "variable \"on\" {}\nlocals { on = var.on }\nresource \"b_store\" \"x\" {\n  encrypted = local.on\n}\n"}};
  CHECK(Audit(files).findings() == Lines{"a_store.absent fail main.tf:11 < main.tf:11", "a_store.computed fail main.tf:15 < main.tf:18",
                                         "a_store.literal fail main.tf:9",
                                         "module.db.b_store.x fail main.tf:2 < db/main.tf:4 < db/main.tf:2 < main.tf:6 < main.tf:4"});
  auto with = files;
  with["terraform.tfvars"] = "\n\nencrypted = false\n";
  CHECK(Audit(with).findings().back() == "module.db.b_store.x fail terraform.tfvars:3 < db/main.tf:4 < db/main.tf:2 < main.tf:6 < main.tf:4");
  with["terraform.tfvars"] = "encrypted = true\n";
  CHECK(Audit(with).findings().size() == 3);
}

TEST_CASE("what is not known is unknown: where it is used, and what would have to be known", "[terraform]") {
  const Audit audit(Audit::Files{{"main.tf", "variable \"on\" { type = bool }\nresource \"a_store\" \"x\" {\n  encrypted = var.on\n}\nresource \"a_store\" \"y\" {\n  encrypted = b_store.z.enabled\n}\n"
                                 "resource \"b_store\" \"z\" {\n  encrypted = true\n}\n"}});
  CHECK(audit.findings() == Lines{"a_store.x unknown main.tf:3", "a_store.y unknown main.tf:6"});
  CHECK(audit.session->report.findings[0].message.find("`var.on` is not known") != std::string::npos);
  CHECK(audit.session->report.findings[1].message.find("`b_store.z.enabled` is not known") != std::string::npos);
}

TEST_CASE("inline waivers: on a resource, an argument, a nested block, a module call; other tools'", "[terraform]") {
  const Audit audit(Audit::Files{{"main.tf",
                      "# assay:skip hygiene/encrypted reason=\"above\"\nresource \"a_store\" \"above\" {\n  encrypted = false\n}\n"
                      "resource \"a_store\" \"inside\" {\n  // assay:skip hygiene/encrypted reason=\"inside\"\n  name = \"x\"\n}\n"
                      "resource \"a_store\" \"line\" {\n  encrypted = var.off # assay:skip hygiene/encrypted reason=\"line\"\n}\n"
                      "resource \"a_store\" \"other\" {\n  name = \"y\" # assay:skip hygiene/encrypted reason=\"not this line\"\n  encrypted = false\n}\n"
                      "resource \"a_store\" \"checkov\" {\n  #checkov:skip=CKV_TEST_1:because\n  name = \"z\"\n}\n"
                      "#trivy:ignore:AVD-TEST-0001\nresource \"a_store\" \"trivy\" {\n  name = \"z\"\n}\n"
                      "/* assay:skip hygiene/encrypted reason=\"the whole module\" */\nmodule \"m\" {\n  source = \"./m\"\n}\n"
                      "module \"n\" {\n  source = \"./m\"\n}\n"
                      "variable \"off\" { default = false }\n"},
                     {"m/main.tf", "resource \"b_store\" \"x\" {\n  encrypted = false\n}\n"}});
  Lines open;
  for (const std::string& one : audit.findings())
    if (!one.ends_with("(waived)")) open.push_back(one.substr(0, one.find(' ')));
  CHECK(open == Lines{"a_store.other", "module.n.b_store.x"});
  CHECK(audit.session->report.findings.size() == 8);
}

TEST_CASE("fingerprints do not depend on the order of blocks, files or dynamic elements", "[terraform]") {
  const std::string store = "resource \"a_store\" \"s\" {\n  dynamic \"ingress\" {\n    for_each = local.open\n    content {\n      port = ingress.value\n      cidrs = [\"0.0.0.0/0\"]\n    }\n  }\n}\n";
  const std::string other = "resource \"b_store\" \"o\" {\n  for_each = toset(local.open)\n}\n";
  const Audit first(Audit::Files{{"main.tf", "locals { open = [\"22\", \"3389\"] }\n" + store + other}});
  const Audit second(Audit::Files{{"a.tf", other}, {"b.tf", store}, {"z.tf", "locals { open = [\"3389\", \"22\"] }\n"}});
  const auto sorted = [](const Audit& audit) {
    Lines out;
    for (const Finding& finding : audit.session->report.findings) out.push_back(finding.fingerprint);
    std::sort(out.begin(), out.end());
    return out;
  };
  CHECK(sorted(first).size() == 4);  // the two elements stand on one line and say the same: said once
  CHECK(sorted(first) == sorted(second));
}

TEST_CASE("secrets are never shown", "[terraform]") {
  const Audit audit(Audit::Files{{"main.tf", "variable \"on\" {\n  sensitive = true\n  type = bool\n}\nresource \"a_store\" \"x\" {\n  encrypted = var.on\n}\n"}, {"terraform.tfvars", "on = false\n"}});
  REQUIRE(audit.findings() == Lines{"a_store.x fail terraform.tfvars:1 < main.tf:6"});
  const Report& report = audit.session->report;
  REQUIRE(!report.redacted.empty());
  const Span shown = report.findings[0].location;
  CHECK(excerpt(audit.session->sources, shown, 0, report.redacted).text == "on = (redacted)");
}

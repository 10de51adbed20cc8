// An alias promises the named check's verdict: held against what Checkov said of the rules' own examples, as
// tests/live/checkov-terraform recorded it. Where the two differ the difference is named here, with its reason.
#include <catch2/catch.hpp>
#include <algorithm>
#include <array>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "cli/rulebook.hpp"
#include "engine/audit.hpp"
#include "engine/hash.hpp"
#include "parsers/terraform/adapter.hpp"

using namespace assay;

namespace {

// check, type of the resource (`*`: any), our verdict, theirs, why
struct Difference {
  std::string_view check, type, ours, theirs, why;
};
constexpr Difference differences[] = {
    {"*", "*", "unknown", "*", "a variable without a value, or a word that we do not know, is neither a pass nor a fail"},
    {"CKV_AWS_133", "aws_db_instance", "fail", "pass", "the provider makes instances without backups where nothing is said; Checkov takes the API's default of one day"},
    {"CKV_AWS_16", "aws_db_instance", "pass", "fail", "a replica takes the setting of its source"},
    {"CKV_AWS_157", "aws_db_instance", "pass", "fail", "a replica takes the setting of its source"},
    {"CKV_AWS_293", "aws_db_instance", "pass", "fail", "a replica takes the setting of its source"},
    {"CKV_AWS_3", "aws_ebs_volume", "pass", "fail", "the account encrypts every volume by default, which stands beside it"},
    {"CKV_AWS_21", "aws_s3_bucket", "pass", "fail", "the versioning names the bucket by its name rather than by a reference"},
    {"CKV_AWS_24", "aws_vpc_security_group_ingress_rule", "fail", "pass", "a rule for every protocol has no ports and reaches all"},
    {"CKV_AWS_25", "aws_vpc_security_group_ingress_rule", "fail", "pass", "a rule for every protocol has no ports and reaches all"},
    {"CKV_AWS_260", "aws_vpc_security_group_ingress_rule", "fail", "pass", "a rule for every protocol has no ports and reaches all"},
    {"CKV_AWS_277", "aws_vpc_security_group_ingress_rule", "fail", "pass", "a rule for every protocol has no ports and reaches all"},
    {"CKV_AWS_81", "aws_msk_cluster", "pass", "fail", "MSK encrypts at rest and in transit where nothing is said"},
};

struct Recorded {
  std::set<std::string> passed, failed;
};

std::set<std::string> words(const std::string& text) {
  std::set<std::string> found;
  std::istringstream in(text);
  for (std::string word; std::getline(in, word, ',');) found.insert(word);
  return found;
}

std::map<std::pair<std::string, std::string>, Recorded> recorded() {
  std::map<std::pair<std::string, std::string>, Recorded> found;
  std::ifstream in(std::string(ASSAY_SOURCE_DIR) + "/tests/rules/checkov.tsv");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('#')) continue;
    std::array<std::string, 4> parts;
    std::istringstream columns(line);
    for (std::string& part : parts) std::getline(columns, part, '\t');
    found[{parts[0], parts[1]}] = {words(parts[2]), words(parts[3])};
  }
  return found;
}

// check, address -> our worst verdict, of all rules that answer for the check.
std::map<std::pair<std::string, std::string>, std::string> verdicts(const Rulebook& book, Sources& sources, std::string_view text) {
  Diagnostics diagnostics;
  terraform::MemoryTree tree({{"main.tf", &sources.add("main.tf", std::string(text))}});
  terraform::Configurations configurations(tree, sources, book.catalog.data, {});
  Graph graph;
  const ScopeId scope = graph.add_scope({0, ".", ".", {}});
  configurations.load({{"."}, {}, {}}, diagnostics);
  configurations.add(graph, [&](const std::string&) { return scope; });
  graph.order(sources);
  configurations.add_edges(graph);
  graph.freeze();
  Selection all;
  all.profile = "all";
  AuditOptions options;
  options.as_of = "2026-11-21";
  const auto selected = select(book.catalog, all, diagnostics);
  const Report report = audit(book.catalog, selected, graph, sources, std::move(options));
  // Worst first, so that the first one found stays.
  constexpr std::pair<Verdict, std::string_view> order[] = {
      {Verdict::fail, "fail"}, {Verdict::unknown, "unknown"}, {Verdict::pass, "pass"}, {Verdict::not_applicable, "pass"}};
  std::map<std::pair<std::string, std::string>, std::string> found;
  for (const auto& [verdict, name] : order)
    for (const Checked& checked : report.checked)
      for (const std::string& alias : checked.aliases)
        if (alias.starts_with("checkov/CKV"))
          for (const ResourceId id : checked.by_verdict[static_cast<std::size_t>(verdict)])
            found.try_emplace({alias.substr(8), graph.resource(id).address}, name);
  return found;
}

}  // namespace

TEST_CASE("aliases of Checkov give Checkov's verdicts", "[rules]") {
  Sources sources;
  Diagnostics diagnostics;
  const Rulebook book = load_rulebook(sources, {}, diagnostics);
  const auto golden = recorded();
  REQUIRE(golden.size() > 200);
  std::set<std::string> seen;
  std::set<const Difference*> used;
  std::size_t same = 0, different = 0, unrecorded = 0;
  for (const auto& [id, rule] : book.catalog.rules) {
    for (const Example& example : rule.examples) {
      const std::string_view text = example.text.as_string();
      if (!text.starts_with("resource ") && text.find("\nresource ") == text.npos) continue;
      if (text.find("# file: ") != text.npos) continue;
      const std::string digest = sha256_hex(text).substr(0, 12);
      if (!seen.insert(digest).second) continue;
      const auto ours = verdicts(book, sources, text);
      std::set<std::string> addresses;
      for (const auto& [key, verdict] : ours) addresses.insert(key.second);
      for (const std::string& address : addresses) {
        const auto found = golden.find({digest, address});
        if (found == golden.end()) {
          ++unrecorded;
          continue;
        }
        const auto compare = [&](const std::string& check, std::string_view theirs) {
          const auto own = ours.find({check, address});
          if (own == ours.end() || own->second == theirs) {
            same += own != ours.end();
            return;
          }
          const auto named = std::find_if(std::begin(differences), std::end(differences), [&](const Difference& d) {
            return (d.check == "*" || d.check == check) && (d.type == "*" || address.substr(0, address.find('.')) == d.type) &&
                   d.ours == own->second && (d.theirs == "*" || d.theirs == theirs);
          });
          INFO(id << ": " << address << ", " << check << ": we say " << own->second << ", Checkov " << theirs << "\n" << text);
          CHECK(named != std::end(differences));
          if (named != std::end(differences)) used.insert(&*named);
          ++different;
        };
        for (const std::string& check : found->second.passed) compare(check, "pass");
        for (const std::string& check : found->second.failed) compare(check, "fail");
      }
    }
  }
  std::cout << same << " verdicts as Checkov's, " << different << " named differences, " << unrecorded
            << " resources not recorded (tests/live/checkov-terraform/record)\n";
  CHECK(same > 1000);
  CHECK(unrecorded * 20 < golden.size());
  for (const Difference& difference : differences) {
    INFO("no example shows the difference on " << difference.check << " any more: " << difference.why);
    CHECK(used.contains(&difference));
  }
}

// Our verdicts against those of a real API server: every case of pairs/, its objects created (or replaced) by a
// dry run, and the recorded answers beside it.
#include <catch2/catch.hpp>
#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "parsers/json/json.hpp"
#include "parsers/kubernetes/adapter.hpp"
#include "parsers/kubernetes/admission/rule.hpp"
#include "parsers/yaml/yaml.hpp"

namespace fs = std::filesystem;
using namespace assay;
namespace k8s = assay::kubernetes;
namespace admission = assay::kubernetes::admission;

namespace {

std::string read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

const fs::path root = fs::path(ASSAY_SOURCE_DIR);
const std::string& schema_text() {
  static const std::string text = read(root / "rules/data/kubernetes-schema.txt");
  return text;
}
const std::string& defaults_text() {
  static const std::string text = read(root / "rules/data/kubernetes-type-defaults.txt");
  return text;
}

// One denial, as the server words it.
struct Denial {
  std::string policy, binding, message, reason;
  bool message_known = true;  // it does not hold what the server makes up: uids, addresses, generated names
};

struct Told {
  std::vector<Denial> denials;
  std::set<std::string> warnings;
  std::map<std::string, std::string> annotations;  // POLICY/KEY
  std::vector<std::string> unknowns;
};

// One case in its cluster.
class Case {
 public:
  Case(Value cluster_documents, Value test, const Sources& sources) : sources_(sources), admission_(schema_text(), defaults_text()) {
    Scope scope{0, ".", "", {"*"}};
    const ScopeId id = graph_.add_scope(scope);
    std::vector<Value> all(cluster_documents.items().begin(), cluster_documents.items().end());
    for (const Value given : test.find("given").items()) all.push_back(given);
    for (const char* name : {"default", "kube-system", "kube-public", "kube-node-lease"}) {
      const Entry names[] = {{"name", 4, 0, arena_.string(name, {})}};
      const Entry entries[] = {{"apiVersion", 10, 0, arena_.string("v1", {})}, {"kind", 4, 0, arena_.string("Namespace", {})},
                               {"metadata", 8, 0, arena_.map(names, {})}};
      all.push_back(arena_.map(entries, {}));
    }
    for (const Value one : all) {
      ParsedFile file;
      file.documents.push_back({one, one.span(), 0, {}});
      for (std::string& type : k8s::cluster_scoped_types(file)) clustered_.insert(std::move(type));
    }
    for (const Value one : all)
      for (k8s::Object& object : objects(one)) k8s::add(graph_, id, std::move(object), Evidence::declared);
    graph_.order(sources);
    graph_.freeze();
    admission::add_graph(admission_, graph_, [&](Value scalar) {
      std::vector<std::pair<std::uint32_t, std::uint32_t>> pieces;
      if (scalar.span())
        for (const TextPiece piece : yaml::text_map(sources_.get(scalar.span().source), scalar)) pieces.emplace_back(piece.content, piece.source);
      return pieces;
    }, diagnostics);
    admission_.request.dry_run = true;
    admission_.request.user = "tester";
    admission_.request.groups = {"system:masters"};
    if (const Value as = test.find("as")) {
      admission_.request.user = as.find("user").as_string();
      admission_.request.uid = as.find("uid").as_string();
      admission_.request.groups.clear();
      for (const Value group : as.find("groups").items()) admission_.request.groups.emplace_back(group.as_string());
      for (const Entry& entry : as.find("extra").entries()) {
        admission_.request.extra.emplace_back(entry.key(), std::vector<std::string>());
        for (const Value value : entry.value.items()) admission_.request.extra.back().second.emplace_back(value.as_string());
      }
    }
  }

  // Policies and bindings that would have been refused.
  std::set<std::string> refused() const {
    std::set<std::string> names;
    for (const auto& policy : admission_.policies)
      if (!policy.compiled->policy.valid) names.insert(policy.compiled->policy.name);
    for (const auto& binding : admission_.bindings)
      if (!binding.binding.valid) names.insert(binding.binding.name);
    return names;
  }

  Told ask(Value object, Value old) {
    Told told;
    std::vector<k8s::Object> made = objects(object);
    if (made.size() != 1) return told;
    Resource resource;
    resource.id = --next_;
    resource.address = made[0].address;
    resource.type = made[0].type;
    resource.api_version = made[0].api_version;
    resource.name = made[0].name;
    resource.ns = made[0].ns;
    resource.value = made[0].value;
    resource.header = made[0].header;
    Value replaced;
    if (old) {
      std::vector<k8s::Object> before = objects(old);
      if (before.size() == 1) replaced = before[0].value;
    }
    std::map<std::string, std::vector<std::string>> annotations;
    for (const auto& policy : admission_.policies) {
      std::vector<Premise> premises;
      for (const admission::Ruling& ruling : rule_on(admission_, policy, graph_, resource, {replaced}, arena_, premises)) {
        const std::string name = policy.compiled->policy.name;
        if (ruling.matched == admission::Answer::maybe) told.unknowns.push_back(name + ": " + ruling.why);
        for (const auto& [key, value] : ruling.annotations) {
          auto& values = annotations[name + "/" + key];
          if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
        }
        for (const admission::Decision& decision : ruling.decisions) {
          if (decision.outcome == admission::Outcome::admit) continue;
          if (decision.outcome == admission::Outcome::unknown) {
            told.unknowns.push_back(name + ": " + decision.message);
            continue;
          }
          if (ruling.binding->deny || decision.always)
            told.denials.push_back({name, ruling.binding->name, decision.message, std::string(decision.reason), decision.message_known});
          if (ruling.binding->warn && !decision.always)
            told.warnings.insert("Validation failed for ValidatingAdmissionPolicy '" + name + "' with binding '" + ruling.binding->name + "': " + decision.message);
        }
      }
    }
    for (const auto& [key, values] : annotations)
      for (const std::string& value : values) told.annotations[key] += (told.annotations[key].empty() ? "" : ", ") + value;
    return told;
  }

  Diagnostics diagnostics;

 private:
  std::vector<k8s::Object> objects(Value value) {
    ParsedFile file;
    file.has_nulls = true;
    file.documents.push_back({value, value.span(), 0, {}});
    return k8s::objects(file, [&](std::string_view type) { return clustered_.contains(type); }, arena_, unsaid_);
  }

  const Sources& sources_;
  Arena arena_;
  Diagnostics unsaid_;
  std::set<std::string, std::less<>> clustered_;
  Graph graph_;
  admission::Admission admission_;
  static inline ResourceId next_ = 0xfffffff0u;
};

std::string shown(const Told& told) {
  std::string text;
  for (const Denial& denial : told.denials) text += "\n  denied by " + denial.policy + " / " + denial.binding + ": " + denial.message + " [" + denial.reason + "]";
  for (const std::string& warning : told.warnings) text += "\n  warned: " + warning;
  for (const std::string& unknown : told.unknowns) text += "\n  unknown: " + unknown;
  for (const auto& [key, value] : told.annotations) text += "\n  audit: " + key + " = " + value;
  return text.empty() ? "\n  allowed" : text;
}

// Empty where we say the same.
std::string difference(const Told& told, Value answer) {
  if (!told.unknowns.empty()) return "we do not know";
  const std::string_view verdict = answer.find("verdict").as_string();
  if (verdict == "rejected") return {};  // by something else than a policy
  if (verdict == "allowed" && !told.denials.empty()) return "it is allowed";
  if (verdict == "denied") {
    const auto text = [&](const char* key) { return answer.find(key).as_string(); };
    const bool same = std::any_of(told.denials.begin(), told.denials.end(), [&](const Denial& d) {
      return d.policy == text("policy") && (text("binding").empty() || d.binding == text("binding")) && (!d.message_known || d.message == text("message")) && d.reason == text("reason");
    });
    if (!same) return "it is denied by " + std::string(text("policy")) + " / " + std::string(text("binding")) + ": " + std::string(text("message")) +
                      " [" + std::string(text("reason")) + "]";
  }
  std::set<std::string> warnings;
  for (const Value warning : answer.find("warnings").items())
    if (warning.as_string().starts_with("Validation failed for ValidatingAdmissionPolicy")) warnings.emplace(warning.as_string());
  if (warnings != told.warnings) return "its warnings differ";
  std::map<std::string, std::string> annotations;
  for (const Entry& entry : answer.find("audit").entries())
    if (entry.key().find(".k8s.io/") == std::string_view::npos) annotations.emplace(entry.key(), entry.value.as_string());
  if (annotations != told.annotations) {
    std::string text = "its audit annotations differ:";
    for (const auto& [key, value] : annotations) text += "\n    " + key + " = " + value;
    return text;
  }
  return {};
}

}  // namespace

TEST_CASE("verdicts agree with those that a real API server gave", "[admission]") {
  const fs::path directory = root / "tests/admission/pairs";
  if (!fs::exists(directory)) {
    WARN("no recorded answers");
    return;
  }
  Sources sources;
  Diagnostics diagnostics;
  std::deque<ParsedFile> files;
  const auto parse = [&](const fs::path& path) -> ParsedFile& {
    const Source& source = sources.add(path.filename().string(), read(path));
    files.push_back(path.extension() == ".json" ? json::parse(source, {}, diagnostics) : yaml::parse(source, {}, diagnostics));
    return files.back();
  };
  Arena arena;
  std::vector<Value> documents;
  for (const Document& document : parse(root / "tests/admission/cluster.yaml").documents)
    if (document.root) documents.push_back(document.root);
  const Value cluster = arena.list(documents, {});

  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(directory))
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::size_t pairs = 0, wrong = 0;
  for (const fs::path& path : paths) {
    const fs::path answers_path = directory / (path.stem().string() + ".answers.json");
    if (!fs::exists(answers_path)) continue;
    std::map<std::string_view, Value> answers;
    const ParsedFile& recorded = parse(answers_path);
    REQUIRE(recorded.documents.size() == 1);
    for (const Value one : recorded.documents[0].root.items()) answers.emplace(one.find("case").as_string(), one);
    for (const Document& document : parse(path).documents) {
      const Value test = document.root;
      const auto found = answers.find(test.find("case").as_string());
      if (!test || found == answers.end()) continue;
      Case one(cluster, test, sources);
      const std::string where = path.stem().string() + ": " + std::string(test.find("case").as_string());
      std::set<std::string> refused;
      for (const Value refusal : found->second.find("refused").items()) refused.emplace(refusal.find("name").as_string());
      if (refused != one.refused()) {
        ++wrong;
        std::cerr << where << ": refused differ: the server";
        for (const auto& name : refused) std::cerr << " " << name;
        std::cerr << ", we";
        for (const auto& name : one.refused()) std::cerr << " " << name;
        std::cerr << "\n";
        for (const Diagnostic& diagnostic : one.diagnostics.all()) print(std::cerr, sources, diagnostic, Colour::off);
        for (const Value refusal : found->second.find("refused").items()) std::cerr << "  " << refusal.find("message").as_string() << "\n";
      }
      const auto compare = [&](const char* list, bool update) {
        const Value objects = test.find(list), told = found->second.find(list);
        for (std::size_t i = 0; i < objects.size() && i < told.size(); ++i) {
          ++pairs;
          const Value object = update ? objects.items()[i].find("to") : objects.items()[i];
          const Told ours = one.ask(object, update ? objects.items()[i].find("from") : Value());
          const std::string text = difference(ours, told.items()[i]);
          if (text.empty()) continue;
          ++wrong;
          std::cerr << where << ", " << (update ? "update " : "object ") << i << ": " << text << "\n we say:" << shown(ours) << "\n";
        }
      };
      compare("objects", false);
      compare("updates", true);
    }
  }
  std::cerr << pairs << " pairs, " << wrong << " differ\n";
  CHECK(wrong == 0);
}

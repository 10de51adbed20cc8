// Custom resource definitions held to what a real API server answered: tests/admission/crds, recorded by
// tests/live/admission.
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "parsers/json/json.hpp"
#include "parsers/kubernetes/crd/definition.hpp"
#include "parsers/yaml/yaml.hpp"

namespace {

using namespace assay;
using namespace assay::kubernetes;

std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The order in which Go goes through a map is nobody's promise: errors are compared as sets. The server writes one
// alone, or several as [a, b, c].
bool same_errors(std::string_view said, const std::vector<std::string>& ours) {
  std::set<std::string> each(ours.begin(), ours.end());
  std::size_t size = 0;
  for (const std::string& one : each) {
    if (said.find(one) == std::string_view::npos) return false;
    size += one.size() + 2;
  }
  if (each.empty()) return false;
  return said.size() == size - 2;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += "\n    " + text;
  return all;
}

// `strict` decoding answers before anything else is looked at.
void compare(const crd::Definition& definition, Value object, Value old, Value answer, const std::string& where) {
  Arena arena;
  crd::Answer verdict = definition.check(object, old, arena);
  std::vector<std::string> unknown, faults;
  for (const crd::Fault& fault : verdict.faults)
    if (!fault.undecided) (fault.kind == crd::FaultKind::unknown_field ? unknown : faults).push_back(fault.text());
  // The recorder replaces what looks like a UID.
  for (std::string& text : faults)
    text = std::regex_replace(text, std::regex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "UID");
  const bool strict = answer.find("strict").as_bool();
  const std::string_view expected = answer.find("verdict").as_string();
  std::string_view message = answer.find("message").as_string();
  INFO(where << "\n  expected: " << expected << " " << message << "\n  found:" << joined(unknown) << joined(faults));
  if (strict && !unknown.empty()) {
    const std::string_view head = "strict decoding error: ";
    const auto at = message.find(head);
    CHECK(at != std::string_view::npos);
    if (at != std::string_view::npos) CHECK(same_errors(message.substr(at + head.size()), unknown));
    return;
  }
  CHECK((expected == "allowed") == faults.empty());
  if (expected == "allowed" || faults.empty()) return;
  const auto at = message.find(" is invalid: ");
  if (at == std::string_view::npos) return;  // refused before it was validated
  message.remove_prefix(at + 13);
  if (message.starts_with('[') && message.ends_with(']')) message = message.substr(1, message.size() - 2);
  CHECK(same_errors(message, faults));
}

}  // namespace

TEST_CASE("custom resources get the API server's verdicts and messages", "[admission]") {
  const std::filesystem::path directory = std::filesystem::path(ASSAY_SOURCE_DIR) / "tests/admission/crds";
  std::vector<std::filesystem::path> paths;
  for (const auto& file : std::filesystem::directory_iterator(directory))
    if (file.path().extension() == ".yaml") paths.push_back(file.path());
  std::sort(paths.begin(), paths.end());
  REQUIRE(!paths.empty());
  Sources sources;
  const crd::Language language;
  std::size_t definitions = 0, pairs = 0;
  for (const auto& path : paths) {
    Diagnostics reading;
    std::filesystem::path answers_path = path;
    answers_path.replace_extension(".answers.json");
    const ParsedFile cases = yaml::parse(sources.add(path.filename().string(), read_text(path)), {}, reading);
    const ParsedFile answers = json::parse(sources.add(answers_path.filename().string(), read_text(answers_path)), {}, reading);
    REQUIRE(reading.empty());
    REQUIRE(!answers.documents.empty());
    for (const Document& document : cases.documents) {
      const Value test = document.root;
      if (!test) continue;
      Value answer;
      for (const Value one : answers.documents[0].root.items())
        if (equal(one.find("case"), test.find("case"))) answer = one;
      REQUIRE(answer);
      const std::string where = path.stem().string() + ": " + std::string(test.find("case").as_string());
      std::vector<std::unique_ptr<crd::Definition>> known;
      for (const Value given : test.find("given").items()) {
        if (given.find("kind").as_string() != "CustomResourceDefinition") continue;
        Diagnostics diagnostics;
        known.push_back(std::make_unique<crd::Definition>(given, language, TextMap(), diagnostics));
        ++definitions;
        bool refused = false;
        std::string why;
        for (const Value one : answer.find("refused").items()) {
          if (!equal(one.find("name"), given.at({"metadata", "name"}))) continue;
          refused = true;
          why = one.find("message").as_string();
        }
        std::string ours;
        for (const Diagnostic& diagnostic : diagnostics.all()) ours += "\n    " + diagnostic.message;
        INFO(where << "\n  the API server: " << why << "\n  found:" << ours);
        // What a rule would cost at most is not estimated here.
        const bool by_cost = why.find("cost exceeds budget") != std::string::npos || why.find("cost total") != std::string::npos;
        if (!by_cost) CHECK(known.back()->valid() == !refused);
      }
      const auto definition_of = [&](Value object) -> const crd::Definition* {
        for (const auto& one : known)
          if (one->type() == "k8s:" + std::string(object.find("apiVersion").as_string().substr(0, object.find("apiVersion").as_string().find('/'))) + "/" + std::string(object.find("kind").as_string()))
            return one.get();
        return nullptr;
      };
      const bool strict = test.find("unknownFields").as_string() != "Ignore" && test.find("unknownFields").as_string() != "Warn";
      const auto each = [&](std::string_view key) {
        const auto objects = test.find(key).items();
        const auto said = answer.find(key).items();
        REQUIRE(objects.size() == said.size());
        for (std::size_t i = 0; i < objects.size(); ++i) {
          const bool update = key == "updates";
          const Value object = update ? objects[i].find("to") : objects[i];
          const crd::Definition* const definition = definition_of(object);
          if (!definition) continue;
          Arena arena;
          std::vector<Entry> entries(said[i].entries().begin(), said[i].entries().end());
          entries.push_back({"strict", 6, 0, arena.boolean(strict, {})});
          compare(*definition, object, update ? objects[i].find("from") : Value(), arena.map(entries, {}), where + " [" + std::to_string(i) + "]");
          ++pairs;
        }
      };
      each("objects");
      each("updates");
    }
  }
  WARN(definitions << " definitions, " << pairs << " objects");
}

// The public YAML test suite (github.com/yaml/yaml-test-suite), every case: what must be read is read to
// the values its `json` gives, what must be refused is refused. What differs stands in `skipped` with the
// reason; a line there that has become wrong fails the test.
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

#include "parsers/yaml/yaml.hpp"

using namespace assay;
using Json = nlohmann::ordered_json;

namespace {

struct Skip {
  const char* name;
  const char* reason;
};
constexpr const char* collection_key = "a collection as a key is an error here: values have text keys, as in JSON";
constexpr const char* refused = "libyaml 0.2.5 refuses it, as kubectl does";
constexpr const char* taken = "libyaml 0.2.5 accepts it, as kubectl does";
constexpr const char* otherwise = "libyaml 0.2.5 reads it by YAML 1.1";
constexpr Skip skipped[] = {
    // What we mean to do otherwise.
    {"4FJ6", collection_key},
    {"6BFJ", collection_key},
    {"6PBE", collection_key},
    {"9MMW", collection_key},
    {"KK5P", collection_key},
    {"LX3P", collection_key},
    {"M2N8/0", collection_key},
    {"M2N8/1", collection_key},
    {"M5DY", collection_key},
    {"Q9WF", collection_key},
    {"RZP5", collection_key},
    {"SBG9", collection_key},
    {"V9D5", collection_key},
    {"X38W", collection_key},
    {"XW4D", collection_key},
    {"2JQS", "two empty keys are duplicate keys here"},
    {"565N", "`!!binary` gives the bytes, the suite expects their base64 text"},
    {"C4HZ", "the key `y` is the boolean of YAML 1.1, as in kubectl"},
    {"JEF9/2", "blanks after the last line break of a file are no text here, nor in kubectl"},
    {"L24T/1", "a file's last line gets no line break that it does not have, as in kubectl"},
    // What libyaml, whose YAML is 1.1, does otherwise where the quick reader leaves it the document.
    {"2LFX", refused},
    {"2SXE", refused},
    {"4ABK", refused},
    {"4MUZ/0", refused},
    {"4MUZ/1", refused},
    {"4MUZ/2", refused},
    {"58MP", refused},
    {"5MUD", refused},
    {"5T43", refused},
    {"6BCT", refused},
    {"6CA3", refused},
    {"6LVF", refused},
    {"6M2F", refused},
    {"8XYN", refused},
    {"96NN/0", refused},
    {"96NN/1", refused},
    {"9SA2", refused},
    {"A2M4", refused},
    {"BEC7", refused},
    {"CFD4", refused},
    {"DBG4", refused},
    {"DK3J", refused},
    {"DK95/0", refused},
    {"DK95/3", refused},
    {"DK95/4", refused},
    {"FP8R", refused},
    {"FRK4", refused},
    {"HM87/0", refused},
    {"HWV9", refused},
    {"K3WX", refused},
    {"M7A3", refused},
    {"MUS6/5", refused},
    {"MUS6/6", refused},
    {"NHX8", refused},
    {"NJ66", refused},
    {"NKF9", refused},
    {"Q5MG", refused},
    {"QT73", refused},
    {"R4YG", refused},
    {"S3PD", refused},
    {"SM9W/1", refused},
    {"UKK6/0", refused},
    {"UT92", refused},
    {"VJP3/1", refused},
    {"W4TN", refused},
    {"W5VH", refused},
    {"Y79Y/1", refused},
    {"Y79Y/10", refused},
    {"ZYU8/0", refused},
    {"ZYU8/1", refused},
    {"ZYU8/2", refused},
    {"ZYU8/3", refused},
    {"9C9N", taken},
    {"9JBA", taken},
    {"CVW2", taken},
    {"DK95/1", taken},
    {"G5U8", taken},
    {"MUS6/0", taken},
    {"QB6E", taken},
    {"S98Z", taken},
    {"SU5Z", taken},
    {"X4QW", taken},
    {"Y79Y/3", taken},
    {"YJV2", taken},
    {"652Z", otherwise},
    {"HM87/1", otherwise},
    {"Y2GN", otherwise},
};

struct Case {
  std::string name, yaml, json;
  bool has_json = false, fail = false;
};

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) text.replace(at, from.size(), to);
}

// The suite writes what cannot be seen with visible signs.
std::string plain(std::string text) {
  replace_all(text, "␣", " ");
  while (text.find("—»") != std::string::npos) replace_all(text, "—»", "»");
  replace_all(text, "»", "\t");
  replace_all(text, "⇔", "\xef\xbb\xbf");
  replace_all(text, "←", "\r");
  replace_all(text, "↵", "");
  if (text.ends_with("∎\n")) text.resize(text.size() - std::string_view("∎\n").size());
  return text;
}

std::vector<Case> load(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<Case> cases;
  for (const auto& path : files) {
    const YAML::Node list = YAML::LoadFile(path.string());
    Case previous;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const YAML::Node node = list[i];
      Case c = previous;  // what a later case leaves out is as in the one before
      c.name = path.stem().string() + (list.size() > 1 ? "/" + std::to_string(i) : "");
      if (node["yaml"]) c.yaml = plain(node["yaml"].as<std::string>());
      c.fail = node["fail"] && node["fail"].as<bool>();
      if (node["json"] && !node["json"].IsNull()) {
        c.json = node["json"].as<std::string>();
        c.has_json = true;
      } else if (node["tree"] || node["json"]) {
        c.has_json = false;
      }
      previous = c;
      cases.push_back(c);
    }
  }
  return cases;
}

std::vector<Json> documents(const std::string& text) {
  std::vector<Json> out;
  std::istringstream in(text);
  while (in >> std::ws && !in.eof()) {
    Json json;
    in >> json;
    out.push_back(std::move(json));
  }
  return out;
}

Json to_json(Value value) {
  if (!value) return nullptr;
  switch (value.kind()) {
    case Kind::null: return nullptr;
    case Kind::boolean: return value.as_bool();
    case Kind::int64: return value.as_int();
    case Kind::uint64: return value.as_uint();
    case Kind::float64: return value.as_double();
    case Kind::number:
    case Kind::string:
    case Kind::bytes: return std::string(value.as_string());
    case Kind::list: {
      Json list = Json::array();
      for (const Value item : value.items()) list.push_back(to_json(item));
      return list;
    }
    case Kind::map: {
      Json map = Json::object();
      for (const Entry& entry : value.entries()) map[std::string(entry.key())] = to_json(entry.value);
      return map;
    }
    default: return "?";
  }
}

bool spans_hold(Value value, Span within) {
  if (!value) return true;
  const Span span = value.span();
  if (span.begin > span.end || span.end > within.end) return false;
  for (const Value item : value.items())
    if (!spans_hold(item, within)) return false;
  for (const Entry& entry : value.entries())
    if (entry.key_begin >= within.end + 1 || !spans_hold(entry.value, within)) return false;
  return true;
}

// Empty: as the suite says.
std::string difference(const Case& c) {
  Sources sources;
  const Source& source = sources.add("case.yaml", c.yaml);
  Diagnostics diagnostics;
  const ParsedFile file = yaml::parse(source, {}, diagnostics);
  const Span whole{source.id(), 0, static_cast<std::uint32_t>(c.yaml.size())};
  for (const Document& document : file.documents)
    if (!spans_hold(document.root, whole)) return "a span outside of the source";
  if (c.fail) return diagnostics.incomplete() ? "" : "accepted";
  if (diagnostics.incomplete()) return "rejected: " + diagnostics.all()[0].code + ": " + diagnostics.all()[0].message;
  if (!c.has_json) return "";
  const std::vector<Json> wanted = documents(c.json);
  if (wanted.size() != file.documents.size())
    return "documents: " + std::to_string(file.documents.size()) + " instead of " + std::to_string(wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const Json got = to_json(file.documents[i].root);
    if (nlohmann::json(got) != nlohmann::json(wanted[i])) return "value: " + got.dump(-1, ' ', false, Json::error_handler_t::replace) + " instead of " + wanted[i].dump();
  }
  return "";
}

}  // namespace

TEST_CASE("yaml-test-suite") {
  const std::filesystem::path directory = std::filesystem::path(ASSAY_SHARED_DIR) / "yaml-test-suite" / "src";
  if (!std::filesystem::exists(directory)) {
    WARN("no test suite at " << directory << ": skipped");
    return;
  }
  const std::vector<Case> cases = load(directory);
  std::map<std::string, std::string> reasons;
  for (const Skip& skip : skipped) reasons[skip.name] = skip.reason;
  int accepted = 0, rejected = 0, compared = 0, left = 0;
  for (const Case& c : cases) {
    INFO(c.name << "\n" << c.yaml);
    const std::string different = difference(c);
    const auto reason = reasons.find(c.name);
    if (reason != reasons.end()) {
      ++left;
      std::cout << "  skipped " << c.name << ": " << reason->second << "\n";
      if (different.empty()) FAIL_CHECK("passes, so its line in the skip list must go");
      reasons.erase(reason);
      continue;
    }
    (c.fail ? rejected : accepted) += 1;
    if (!c.fail && c.has_json) ++compared;
    if (!different.empty()) FAIL_CHECK(c.name << ": " << different);
  }
  for (const auto& [name, reason] : reasons) FAIL_CHECK("no such case: " << name);
  std::cout << cases.size() << " cases: " << accepted << " accepted (" << compared << " equal in value), " << rejected
            << " rejected, " << left << " skipped\n";
  CHECK(cases.size() == 406);
}

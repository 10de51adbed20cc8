#include "reports/sarif.hpp"  // for its JSON reader
#include "tests/reports/support.hpp"

using namespace assay;
using Json = sarif::Json;

namespace {

void check_sums(const Json& json) {
  const Json& summary = json["summary"];
  std::map<std::string, std::size_t> pairs;
  for (const Json& checked : json["checked"])
    for (const char* verdict : {"pass", "fail", "unknown", "not-applicable"}) pairs[verdict] += checked[verdict].size();
  CHECK(summary["pass"] == pairs["pass"]);
  CHECK(summary["fail"].get<std::size_t>() + summary["waived"].get<std::size_t>() == pairs["fail"]);
  CHECK(summary["unknown"] == pairs["unknown"]);
  CHECK(summary["not-applicable"] == pairs["not-applicable"]);
}

}  // namespace

TEST_CASE("the JSON report keeps its contract", "[reports]") {
  sample::Sample one, clean, many;
  sample::make(one);
  sample::make_clean(clean);
  sample::make_many(many, 3000);
  for (const Report* report : {&one.report, &clean.report, &many.report}) {
    const std::string text = sample::written("json", *report);
    CHECK(text == sample::written("json", *report));
    sample::validated(text, "reports/report.schema.json");
    check_sums(Json::parse(text));
    // ASCII: nothing in it can act on a terminal, and it survives every transport.
    CHECK(std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
  }
}

TEST_CASE("the JSON report reads as reviewed", "[reports]") {
  sample::Sample sample;
  sample::make(sample);
  const std::string text = sample::written("json", sample.report);
  sample::check_golden("sample.json", text);

  const Json json = Json::parse(text);
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  CHECK(keys == std::vector<std::string>{"schema", "tool", "as_of", "incomplete", "summary", "findings", "checked",
                                         "proofs", "diagnostics"});
  keys.clear();
  for (const auto& [key, value] : json["findings"][0].items()) keys.push_back(key);
  CHECK(keys == std::vector<std::string>{"rule", "aliases", "family", "severity", "verdict", "resource", "location",
                                         "message", "trace", "premises", "witness", "fix", "fingerprint", "waiver"});
}

TEST_CASE("JSON holds names exactly, and survives what is not UTF-8", "[reports]") {
  sample::Sample sample;
  sample::make(sample);
  const Json json = Json::parse(sample::written("json", sample.report));
  CHECK(json["findings"][6]["resource"]["address"] == "k8s:ConfigMap/default/" + std::string(sample::evil_name));
  CHECK(json["findings"][3]["location"]["path"] == "k8s/caf\xC3\xA9 #1 100%.yaml");
  CHECK(json["findings"][3]["location"]["column"] == 19);  // code points

  sample.report.findings[0].message = "a\xFF\xC3(b";
  sample.report.findings[0].witness = "{not json";
  const Json broken = Json::parse(sample::written("json", sample.report));
  CHECK(broken["findings"][0]["message"] == "a\xEF\xBF\xBD\xEF\xBF\xBD(b");
  CHECK(broken["findings"][0]["witness"] == "{not json");
}

#include "reports/sarif.hpp"  // first: it needs nothing that comes before it

#include "tests/reports/support.hpp"

using namespace assay;
using sarif::Json;

namespace {

constexpr const char* schema = "tests/data/sarif-2.1.0.schema.json";

bool relative_uri(const std::string& uri) {  // a relative reference (RFC 3986, section 4.2), percent-encoded
  if (uri.empty() || uri.starts_with("/")) return false;
  for (std::size_t i = 0; i < uri.size(); ++i) {
    const char c = uri[i];
    if (c == '%') {
      if (i + 2 >= uri.size() || !std::isxdigit(static_cast<unsigned char>(uri[i + 1])) ||
          !std::isxdigit(static_cast<unsigned char>(uri[i + 2])))
        return false;
    } else if (!std::isalnum(static_cast<unsigned char>(c)) &&
               std::string_view("-._~/").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

void check_location(const Json& location) {
  CHECK(relative_uri(location["physicalLocation"]["artifactLocation"]["uri"]));
  const Json& region = location["physicalLocation"]["region"];
  for (const char* key : {"startLine", "startColumn", "endLine", "endColumn"}) CHECK(region[key].get<int>() >= 1);
  CHECK(region["endLine"] >= region["startLine"]);
  if (region["endLine"] == region["startLine"]) CHECK(region["endColumn"] >= region["startColumn"]);
}

// What GitHub's code scanning asks for and what it reads ("SARIF support for code scanning").
void check_github(const Json& log) {
  CHECK(log["version"] == "2.1.0");
  CHECK(log["$schema"].get<std::string>().starts_with("https://"));
  REQUIRE(log["runs"].is_array());
  CHECK(log["runs"].size() <= 20);
  std::set<std::string> categories;
  for (const Json& run : log["runs"]) {
    REQUIRE(run["results"].is_array());
    CHECK(run["results"].size() <= 25000);
    CHECK(run["columnKind"] == "utf16CodeUnits");
    const std::string id = run["automationDetails"]["id"];
    CHECK(id.find('/') != id.npos);
    CHECK(categories.insert(id.substr(0, id.rfind('/'))).second);  // one run a tool and category in a file
    const Json& driver = run["tool"]["driver"];
    CHECK(!driver["name"].get<std::string>().empty());
    std::set<std::string> ids;
    for (const Json& rule : driver["rules"]) {
      CHECK(ids.insert(rule["id"]).second);
      for (const char* key : {"shortDescription", "fullDescription"}) {
        CHECK(!rule[key]["text"].get<std::string>().empty());
        CHECK(rule[key]["text"].get<std::string>().size() <= 1024);
      }
      CHECK(!rule["help"]["text"].get<std::string>().empty());
      CHECK(!rule["help"]["markdown"].get<std::string>().empty());
      const Json& properties = rule["properties"];
      const std::vector<std::string> tags = properties["tags"];
      CHECK(tags.size() <= 10);
      CHECK(std::set<std::string>{"low", "medium", "high", "very-high"}.contains(properties["precision"]));
      CHECK(std::set<std::string>{"error", "warning", "recommendation"}.contains(properties["problem.severity"]));
      const bool security = std::find(tags.begin(), tags.end(), "security") != tags.end();
      CHECK(security == properties.contains("security-severity"));
      if (security) {
        REQUIRE(properties["security-severity"].is_string());
        const double score = std::stod(properties["security-severity"].get<std::string>());
        CHECK((score > 0 && score <= 10));
      }
    }
    for (const Json& result : run["results"]) {
      const std::size_t index = result["ruleIndex"];
      REQUIRE(index < driver["rules"].size());
      CHECK(driver["rules"][index]["id"] == result["ruleId"]);
      CHECK((result["kind"] == "fail") == (result["level"] != "none"));
      CHECK(!result["message"]["text"].get<std::string>().empty());
      REQUIRE(result["locations"].size() == 1);
      check_location(result["locations"][0]);
      const std::size_t related = result.value("relatedLocations", Json::array()).size();
      CHECK(related <= 1000);
      for (std::size_t i = 0; i < related; ++i) {
        CHECK(result["relatedLocations"][i]["id"] == i + 1);
        check_location(result["relatedLocations"][i]);
      }
      if (related) CHECK(result["message"]["text"].get<std::string>().find("](1)") != std::string::npos);
      CHECK(!result["partialFingerprints"]["primaryLocationLineHash"].get<std::string>().empty());
    }
    for (const Json& invocation : run["invocations"]) {
      CHECK(invocation["executionSuccessful"].is_boolean());
      for (const Json& notification : invocation.value("toolExecutionNotifications", Json::array()))
        CHECK(driver["notifications"][notification["descriptor"]["index"].get<std::size_t>()]["id"] ==
              notification["descriptor"]["id"]);
    }
  }
}

Json sarif_of(const Report& report, const WriteOptions& options = {}) {
  const std::string text = sample::written("sarif", report, options);
  CHECK(sample::validated(text, schema) < 10'000'000);
  const Json json = Json::parse(text);
  check_github(json);
  return json;
}

}  // namespace

TEST_CASE("SARIF is valid and what GitHub reads", "[reports]") {
  sample::Sample one;
  sample::make(one);
  const Json log = sarif_of(one.report);
  sample::check_golden("sample.sarif", sample::written("sarif", one.report));
  const Json& run = log["runs"][0];
  const Json& results = run["results"];
  REQUIRE(results.size() == 6);  // the waived one is left out: GitHub would show it as open
  CHECK_FALSE(run["invocations"][0]["executionSuccessful"]);

  CHECK(run["tool"]["driver"]["rules"][results[0]["ruleIndex"].get<int>()]["properties"]["security-severity"] == "9.5");
  CHECK(results[0]["level"] == "error");
  CHECK(results[0]["relatedLocations"][1]["physicalLocation"]["artifactLocation"]["uri"] ==
        "k8s/caf%C3%A9%20%231%20100%25.yaml");
  CHECK(results[0]["message"]["text"] ==
        "container `web` is privileged ([the container](1), [reached \\[from\\](here) outside](2))");
  CHECK(results[0]["codeFlows"][0]["threadFlows"][0]["locations"].size() == 3);
  CHECK(results[0]["fixes"][0]["artifactChanges"][0]["replacements"][0]["deletedRegion"]["endLine"] == 15);

  // A block that lacks a field is shown by its first line: a pull request rarely changes all of it.
  CHECK(results[1]["locations"][0]["physicalLocation"]["region"] ==
        Json{{"startLine", 13}, {"startColumn", 11}, {"endLine", 13}, {"endColumn", 27}});
  CHECK(results[2]["kind"] == "open");
  CHECK(results[2]["level"] == "none");
  // The rocket is two UTF-16 units, one code point.
  CHECK(results[3]["locations"][0]["physicalLocation"]["region"]["startColumn"] == 20);
  // A name cannot make a link.
  CHECK(results[5]["message"]["text"].get<std::string>().find("\\[x\\](http") != std::string::npos);

  CHECK(run["taxonomies"][0]["name"] == "nsa-cisa");
  const Json& target = run["tool"]["driver"]["rules"][4]["relationships"][0]["target"];
  const Json& component = run["taxonomies"][target["toolComponent"]["index"].get<int>()];
  CHECK(component["name"] == target["toolComponent"]["name"]);
  CHECK(component["taxa"][target["index"].get<int>()]["id"] == target["id"]);
  for (const Json& result : results) CHECK(sample::inert_text(result["message"]["text"].get<std::string>()));
}

TEST_CASE("waived findings and passes are in SARIF when asked for", "[reports]") {
  sample::Sample one;
  sample::make(one);
  WriteOptions options;
  options.waived = true;
  const Json log = sarif_of(one.report, options);
  const Json& results = log["runs"][0]["results"];
  REQUIRE(results.size() == 7);
  for (const Json& result : results)
    CHECK(result["suppressions"].size() == (result["ruleId"] == "supply-chain/image-tag" ? 1 : 0));
  CHECK(results[4]["suppressions"][0]["kind"] == "inSource");

  options.passes = true;
  const std::string text = sample::written("sarif", one.report, options);
  sample::validated(text, schema);
  std::size_t passes = 0;
  const Json with_passes = Json::parse(text);
  for (const Json& result : with_passes["runs"][0]["results"]) passes += result["kind"] == "pass";
  CHECK(passes == one.report.summary.pass);
}

TEST_CASE("a clean audit has results in SARIF: none", "[reports]") {
  sample::Sample clean;
  sample::make_clean(clean);
  const Json log = sarif_of(clean.report);
  CHECK(log["runs"][0]["results"] == Json::array());
  CHECK(log["runs"][0]["invocations"][0]["executionSuccessful"]);
}

TEST_CASE("SARIF keeps the most severe findings when there are too many", "[reports]") {
  sample::Sample many;
  sample::make_many(many, 26000);
  const std::string text = sample::written("sarif", many.report);
  CHECK(sample::validated(text, schema) < 10'000'000);
  const Json log = Json::parse(text);
  const Json& run = log["runs"][0];
  CHECK(run["results"].size() == 25000);
  std::map<std::string, std::size_t> left, all;
  for (const Json& result : run["results"]) ++left[result["properties"]["severity"]];
  for (const Finding& finding : many.report.findings) ++all[std::string(name_of(finding.severity))];
  for (const char* severity : {"critical", "high", "medium", "low"}) CHECK(left[severity] == all[severity]);
  CHECK(all["info"] - left["info"] == 1000);
  CHECK(run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].get<std::string>().starts_with(
      "1000 of 26000 findings"));

  sample::Sample some;
  sample::make_many(some, 6000);
  const Json shown = Json::parse(sample::written("sarif", some.report));
  CHECK(shown["runs"][0]["results"].size() == 6000);
  CHECK(shown["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["level"] == "note");
}

TEST_CASE("the SARIF builder cannot be made to write nonsense", "[reports]") {
  CHECK(sarif::Uri("").text() == "-");
  CHECK(sarif::Uri("./a/b.yaml").text() == "a/b.yaml");
  CHECK(sarif::Uri("a:b c\xC3\xA9%\x1b").text() == "a%3Ab%20c%C3%A9%25%1B");
  CHECK(sarif::Uri("/etc/x").text() == "file:///etc/x");
  CHECK(sarif::Region(0, 0, 0, 0).json() ==
        Json{{"startLine", 1}, {"startColumn", 1}, {"endLine", 1}, {"endColumn", 1}});
  CHECK(sarif::Region(7, 9, 7, 3).json()["endColumn"] == 9);
  CHECK(sarif::Message("").json()["text"] == "(no message)");
  CHECK(sarif::Message("a[0]").json()["text"] == "a[0]");
  CHECK(sarif::Message("[a](b)").json()["text"] == "\\[a\\](b)");
  CHECK(sarif::SecuritySeverity(9.5).text() == "9.5");
  CHECK(sarif::SecuritySeverity(0).text() == "0.1");
  CHECK(sarif::SecuritySeverity(99).text() == "10.0");
  CHECK(sarif::Outcome::open().level() == sarif::Level::none);

  CHECK(sarif::Uri("../x").text() == "../x");

  sarif::Run run("tool", "");
  const sarif::RuleRef rule = run.add_rule({.id = "a/b"});
  sarif::Result result(rule, sarif::Outcome::fail(sarif::Level::warning), "bytes that are no text: \xFF");
  result.location = sarif::Location("src/a.c", sarif::Region(3));
  result.fixes.push_back({"nothing to change", {}});
  run.add(std::move(result));
  sarif::Log log;
  log.add(std::move(run));
  std::ostringstream out;
  log.write(out);
  sample::validated(out.str(), schema);
  CHECK_FALSE(Json::parse(out.str())["runs"][0]["results"][0].contains("fixes"));
}

TEST_CASE("the example in the SARIF header holds", "[reports]") {
  sarif::Run run("mytool", "1.0");
  const sarif::RuleRef rule = run.add_rule({.id = "style/tab", .summary = "a tab", .level = sarif::Level::note});
  sarif::Result result(rule, sarif::Outcome::fail(sarif::Level::warning), "found a tab");
  result.location = sarif::Location("src/main.c", sarif::Region(3, 1, 3, 2));
  run.add(std::move(result));
  sarif::Log log;
  log.add(std::move(run));
  std::ostringstream out;
  log.write(out);
  sample::validated(out.str(), schema);
  CHECK(Json::parse(out.str())["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["endColumn"] ==
        2);
}

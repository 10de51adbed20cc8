// The HTML report in a real browser, held against the JSON report: every number that the page shows carries
// the place in the JSON, or the filter over its findings, that it must equal.
#include "reports/sarif.hpp"  // for its JSON reader
#include "tests/reports/support.hpp"

using namespace assay;
using Json = sarif::Json;

namespace {

struct Element {
  std::string tag;
  std::map<std::string, std::string> attributes;
  std::string text;  // up to the next tag

  std::string operator[](const std::string& name) const {
    const auto found = attributes.find(name);
    return found == attributes.end() ? "" : found->second;
  }
  bool has(const std::string& name) const { return attributes.contains(name); }
};

// The start tags of serialised HTML: attributes are quoted and escaped there.
std::vector<Element> elements(const std::string& html) {
  std::vector<Element> all;
  std::size_t at = 0;
  while ((at = html.find('<', at)) != html.npos) {
    if (++at == html.size() || !std::isalpha(static_cast<unsigned char>(html[at]))) continue;
    Element element;
    while (std::isalnum(static_cast<unsigned char>(html[at]))) element.tag += html[at++];
    while (at < html.size() && html[at] != '>') {
      if (html[at] == ' ') {
        ++at;
        continue;
      }
      std::string name, value;
      while (at < html.size() && html[at] != '=' && html[at] != ' ' && html[at] != '>') name += html[at++];
      if (html.compare(at, 2, "=\"") == 0) {
        const std::size_t end = html.find('"', at + 2);
        value = html.substr(at + 2, end - at - 2);
        at = end + 1;
      } else if (html[at] == '=') {
        ++at;
        while (at < html.size() && html[at] != ' ' && html[at] != '>') value += html[at++];
      }
      element.attributes[name] = value;
    }
    const std::size_t text = at + 1;
    if (element.tag == "script" || element.tag == "style") at = html.find("</", at);
    element.text = html.substr(text, html.find('<', text) - text);
    all.push_back(std::move(element));
  }
  return all;
}

bool matches(const Json& finding, const std::string& filter) {
  std::istringstream terms(filter);
  for (std::string term; terms >> term;) {
    const std::string key = term.substr(0, term.find('=')), value = term.substr(term.find('=') + 1);
    if (key == "waived" ? (finding["waiver"].is_null() ? "no" : "yes") != value : finding[key] != value) return false;
  }
  return true;
}

constexpr const char* browser = "/usr/bin/chromium";

std::string dumped(const std::filesystem::path& page, const std::string& fragment = {}) {
  sample::Scratch profile;
  return sample::run(
             "timeout 120 " + std::string(browser) +
             " --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
             " --disable-component-update --disable-sync --disable-dev-shm-usage --user-data-dir='" +
             profile.path.string() + "' --virtual-time-budget=10000 --dump-dom 'file://" + page.string() + fragment +
             "' 2>/dev/null")
      .output;
}

// Compares all numbers; gives how many there were.
std::size_t check_numbers(const std::vector<Element>& page, const Json& json) {
  std::size_t numbers = 0;
  for (const Element& element : page) {
    if (element.has("data-json")) {
      INFO(element["data-json"]);
      CHECK(element.text == json[Json::json_pointer(element["data-json"])].dump());
      ++numbers;
    } else if (element.has("data-findings")) {
      INFO(element["data-findings"]);
      const auto expected = std::count_if(json["findings"].begin(), json["findings"].end(),
                                          [&](const Json& f) { return matches(f, element["data-findings"]); });
      CHECK(element.text == std::to_string(expected));
      ++numbers;
    } else if (element.has("data-checked")) {
      const std::string key = element["data-checked"];
      const std::string rule = key.substr(0, key.find(' ')), verdict = key.substr(key.find(' ') + 1);
      INFO(key);
      std::size_t expected = 0;
      for (const Json& checked : json["checked"])
        if (checked["rule"] == rule) expected += checked[verdict].size();
      CHECK(element.text == std::to_string(expected));
      ++numbers;
    }
  }
  return numbers;
}

std::size_t count_class(const std::vector<Element>& page, const std::string& name, bool visible_only = false) {
  return static_cast<std::size_t>(std::count_if(page.begin(), page.end(), [&](const Element& e) {
    return e["class"] == name && !(visible_only && e.has("hidden"));
  }));
}

}  // namespace

TEST_CASE("the HTML report stands alone and is inert", "[reports]") {
  sample::Sample sample;
  sample::make(sample);
  const std::string html = sample::written("html", sample.report);
  CHECK(sample::inert_text(html));
  CHECK(html.find("<script>alert") == html.npos);
  std::size_t scripts = 0;
  for (const Element& element : elements(html)) {
    scripts += element.tag == "script";
    CHECK_FALSE(element.has("src"));
    CHECK_FALSE(element.has("style"));
    for (const auto& [name, value] : element.attributes) CHECK_FALSE(name.starts_with("on"));
    if (element.has("href")) {
      const bool inside = element["href"].starts_with("#") || element["href"] == "data:,";
      CHECK(inside);
    }
  }
  CHECK(scripts == 1);
  CHECK(html.find("@import") == html.npos);
  CHECK(html.find("url(") == html.npos);
  // Without the script everything is there, and nothing is hidden.
  const std::vector<Element> page = elements(html);
  CHECK(count_class(page, "f") == sample.report.findings.size());
  CHECK(count_class(page, "f", true) == sample.report.findings.size());
  check_numbers(page, Json::parse(sample::written("json", sample.report)));
}

TEST_CASE("the HTML report shows the JSON report's numbers in a browser", "[reports]") {
  if (!std::filesystem::exists(browser)) {
    WARN("skipped: no " << browser);
    return;
  }
  sample::Sample one, clean, many;
  sample::make(one);
  sample::make_clean(clean);
  sample::make_many(many, 3000);
  for (const Report* report : {&one.report, &clean.report, &many.report}) {
    sample::Scratch scratch;
    const std::filesystem::path file = scratch.path / "report.html";
    const std::string html = sample::written("html", *report);
    CHECK(html.size() < 4'000'000);
    sample::write(file, html);
    const Json json = Json::parse(sample::written("json", *report));
    const std::vector<Element> page = elements(dumped(file));
    REQUIRE(page.size() > 20);
    CHECK(check_numbers(page, json) > 12);
    CHECK(count_class(page, "f") == json["findings"].size());
    CHECK(count_class(page, "unassessed") == report->not_assessed.size());
    CHECK(std::count_if(page.begin(), page.end(), [](const Element& e) { return e["class"].starts_with("f d "); }) ==
          static_cast<std::ptrdiff_t>(report->diagnostics.all().size()));
    CHECK(std::count_if(page.begin(), page.end(), [](const Element& e) { return e.tag == "script"; }) == 1);
    if (json["findings"].empty()) continue;

    // The script ran, and says so.
    const auto shown = [](const std::vector<Element>& elements) {
      for (const Element& element : elements)
        if (element["id"] == "shown") return element.text;
      return std::string();
    };
    const std::string total = std::to_string(json["findings"].size());
    CHECK(shown(page) == total + " of " + total + " shown");
    const std::vector<Element> filtered = elements(dumped(file, "#severity=critical,high&state=fail"));
    const auto expected =
        static_cast<std::size_t>(std::count_if(json["findings"].begin(), json["findings"].end(), [](const Json& f) {
          return matches(f, "verdict=fail waived=no") && (f["severity"] == "high" || f["severity"] == "critical");
        }));
    CHECK(shown(filtered) == std::to_string(expected) + " of " + total + " shown");
    CHECK(count_class(filtered, "f", true) == expected);
    const std::vector<Element> searched = elements(dumped(file, "#q=no+such+words+anywhere"));
    CHECK(count_class(searched, "f", true) == 0);
  }
}

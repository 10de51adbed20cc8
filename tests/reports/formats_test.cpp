#include "tests/reports/support.hpp"

using namespace assay;

TEST_CASE("every format is in the table once, and a report gives the same bytes each time", "[reports]") {
  sample::Sample one, again;
  sample::make(one);
  sample::make(again);
  std::set<std::string_view> names;
  for (const Format& format : formats) {
    CHECK(names.insert(format.name).second);
    CHECK(find_format(format.name) == &format);
    const std::string text = sample::written(format.name, one.report);
    CHECK(text == sample::written(format.name, again.report));
    CHECK(text.ends_with('\n'));
  }
  CHECK(find_format("yaml") == nullptr);
}

TEST_CASE("no writer stumbles over a report without anything in it", "[reports]") {
  Sources sources;
  Graph graph;
  Report report;
  report.sources = &sources;
  report.graph = &graph;
  report.version = "0";
  for (const Format& format : formats) CHECK_FALSE(sample::written(format.name, report).empty());
}

TEST_CASE("a file whose name is no UTF-8 is written by every format", "[reports]") {
  sample::Sample sample;
  sample::make_clean(sample);
  const SourceId source = sample.sources.add("k8s/\xFF\x1b\n.yaml", "kind: Pod\n").id();
  sample.report.diagnostics.error("yaml-syntax", {source, 0, 4}, "no");
  CHECK(sample::written("terminal", sample.report).find("k8s/\\xff\\x1b\\n.yaml:1:1: error: no") != std::string::npos);
  CHECK(sample::written("html", sample.report).find("k8s/\\xff\\x1b\\n.yaml:1:1") != std::string::npos);
  CHECK(sample::written("sarif", sample.report).find("\"k8s/%FF%1B%0A.yaml\"") != std::string::npos);
  CHECK(sample::written("json", sample.report).find("\"k8s/\\ufffd\\u001b\\n.yaml\"") != std::string::npos);
}

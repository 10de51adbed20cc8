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

// docs/views.md is what the program's own views say. ASSAY_BLESS=1 rewrites it.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "cli/views.hpp"

TEST_CASE("the page of views is up to date", "[cli]") {
  assay::Sources sources;
  assay::Diagnostics diagnostics;
  const assay::Rulebook book = assay::load_rulebook(sources, {}, diagnostics);
  const std::string path = std::string(ASSAY_SOURCE_DIR) + "/docs/views.md";
  const std::string expected = assay::view_reference_markdown(book, sources);
  if (std::getenv("ASSAY_BLESS")) std::ofstream(path) << expected;
  std::ostringstream found;
  found << std::ifstream(path).rdbuf();
  const bool same = found.str() == expected;
  INFO("rewrite docs/views.md with ASSAY_BLESS=1");
  CHECK(same);
}

TEST_CASE("every view and field says what it is", "[cli]") {
  assay::Sources sources;
  assay::Diagnostics diagnostics;
  const assay::Rulebook book = assay::load_rulebook(sources, {}, diagnostics);
  for (const auto& [name, view] : book.catalog.views) {
    INFO(name);
    CHECK_FALSE(view.title.empty());
    CHECK_FALSE(view.fields.empty());
  }
}

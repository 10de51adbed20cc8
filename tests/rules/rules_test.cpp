// Every rule's examples; rules without examples fail.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>
#include <sstream>

#include "cli/examples.hpp"

using namespace assay;

TEST_CASE("the rules load without a mistake and their examples hold", "[rules]") {
  Sources sources;
  Diagnostics diagnostics;
  const Rulebook book = load_rulebook(sources, {}, diagnostics);
  std::ostringstream mistakes;
  for (const Diagnostic& diagnostic : diagnostics.all()) print(mistakes, sources, diagnostic, Colour::off);
  CHECK(mistakes.str() == "");
  const char* only = std::getenv("ASSAY_RULE");  // one rule while it is being written
  ExampleTally tally;
  for (const auto& [id, rule] : book.catalog.rules) {
    if (only && id.find(only) == std::string::npos) continue;
    std::ostringstream out;
    const ExampleTally one = run_examples(book, sources, rule, out);
    tally.rules += one.rules;
    tally.examples += one.examples;
    tally.failed += one.failed;
    INFO(id << "\n" << out.str());
    CHECK(one.failed == 0);
  }
  std::cout << tally.rules << " rules, " << tally.examples << " examples, " << tally.failed << " failed\n";
}

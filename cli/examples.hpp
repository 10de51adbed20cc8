// Rules' own examples, run as tests: each is audited alone, with only its rule.
#pragma once

#include <ostream>
#include <string>

#include "cli/rulebook.hpp"

namespace assay {

struct ExampleTally {
  std::size_t rules = 0, examples = 0, failed = 0;
};

// Runs the examples of one rule; they become sources beside the rules'. What differs from what they say is
// printed with carets.
ExampleTally run_examples(const Rulebook& book, Sources& sources, const RuleDefinition& rule, std::ostream& out);

}  // namespace assay

// Which rules run, and with which parameters.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/catalog.hpp"

namespace assay {

struct Selection {
  std::string profile = "default";              // a profile's name, or `all`
  std::optional<ProfileDefinition> own_profile; // given as a file: replaces `profile`
  std::vector<std::string> only;                // from all rules, whatever the profile says
  std::vector<std::string> skip;
  std::vector<std::string> families;
  std::map<std::string, Value> parameters;      // `name` or `rule/id.name` -> value; for every rule that has it
};

struct SelectedRule {
  const RuleDefinition* rule = nullptr;
  std::map<std::string, Value> parameters;  // complete: every declared parameter
  std::vector<std::string> aliases;         // that hold under these parameters
  std::shared_ptr<const NativeRule> property;  // what judges a rule with `prove:`; bound to a graph after `select`
};

// In order of rule id, then parameters. Names that match nothing are errors with a suggestion. A rule whose
// aliases carry parameters runs once per distinct set under `all` and `only ALIAS`.
std::vector<SelectedRule> select(const Catalog& catalog, const Selection& selection, Diagnostics& diagnostics);

}  // namespace assay

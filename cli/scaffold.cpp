#include "cli/scaffold.hpp"

#include <algorithm>

#include "engine/diagnostic.hpp"

namespace assay {

namespace {

bool is_name(std::string_view text) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !text.empty() && text.size() <= 100 && text.front() != '-' && text.back() != '-' && std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace

std::string rule_id_fault(std::string_view id, const std::vector<std::string_view>& families) {
  const auto slash = id.find('/');
  const std::string_view family = id.substr(0, slash);
  if (slash == id.npos || !is_name(id.substr(slash + 1)) || !is_name(family))
    return "a rule is called FAMILY/NAME, in lower case letters, digits and dashes, not `" + inert(id) + "`";
  if (std::find(families.begin(), families.end(), family) != families.end()) return {};
  std::string text = "there is no family `" + inert(family) + "`";
  if (const std::string_view near = nearest(family, families); !near.empty()) return text + "; did you mean `" + std::string(near) + "`?";
  text += "; the families are";
  for (const std::string_view one : families) text += " " + std::string(one);
  return text;
}

std::string rule_scaffold(std::string_view id, std::string_view version) {
  return "# " + std::string(id) + ": a rule's id is its path below the rules directory. Every key is explained in docs/rules.md, every\n"
         "# view's fields in docs/views.md, every function in docs/functions.md. `assay rules test` runs the examples below.\n"
         "title: workload does not say who owns it      # what is wrong, in lower case, without a full stop\n"
         "severity: medium                              # critical high medium low info: impact times evidence\n"
         "since: \"" + std::string(version) + "\"\n"
         "applies_to: Workload                          # a view, a resource type such as k8s:apps/Deployment, or a list of them\n"
         "when: \"!self.owned\"                           # where it is false the rule says nothing\n"
         "params:\n"
         "  label: {type: string, default: owner, title: the label that says it}\n"
         "# `require` is a condition that must hold. `find` yields the values that offend, and is better where they lie deep:\n"
         "#   find: self.containers.filter(c, c.image.endsWith(\":latest\"))\n"
         "require: params.label in object.?metadata.?labels.orValue({})\n"
         "message: \"`{resource.name}` has no label `{params.label}`\"\n"
         "why: Whoever is woken at night looks for the owner first.\n"
         "fix: Add the label, with the name of the team.\n"
         "examples:\n"
         "  pass:\n"
         "  - |\n"
         "    apiVersion: apps/v1\n"
         "    kind: Deployment\n"
         "    metadata: {name: api, labels: {owner: payments}}\n"
         "    spec:\n"
         "      template:\n"
         "        spec: {containers: [{name: api, image: \"example.com/api:1.0\"}]}\n"
         "  fail:                                       # `# expect` marks each line on which a finding must land\n"
         "  - |\n"
         "    apiVersion: apps/v1\n"
         "    kind: Deployment\n"
         "    metadata: {name: api} # expect: has no label\n"
         "    spec:\n"
         "      template:\n"
         "        spec: {containers: [{name: api, image: \"example.com/api:1.0\"}]}\n";
}

}  // namespace assay

#include "parsers/kubernetes/selector.hpp"

#include <algorithm>
#include <array>

namespace assay::kubernetes {
namespace {

using Operator = Requirement::Operator;

struct OperatorName {
  std::string_view name;
  Operator op;
};
constexpr std::array<OperatorName, 4> operators = {{{"In", Operator::in},
                                                    {"NotIn", Operator::not_in},
                                                    {"Exists", Operator::exists},
                                                    {"DoesNotExist", Operator::does_not_exist}}};

constexpr std::string_view pod_name_label = "statefulset.kubernetes.io/pod-name";
constexpr std::string_view pod_index_label = "apps.kubernetes.io/pod-index";
constexpr std::string_view job_label = "batch.kubernetes.io/job-name", old_job_label = "job-name";
constexpr std::string_view namespace_label = "kubernetes.io/metadata.name";

bool is_ordinal(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
         (text.size() == 1 || text[0] != '0');
}

// Whether one value of a label is as the requirement wants it.
bool accepts(const Requirement& requirement, std::string_view value) {
  const bool listed =
      std::find(requirement.values.begin(), requirement.values.end(), value) != requirement.values.end();
  switch (requirement.op) {
    case Operator::in:
      return listed;
    case Operator::not_in:
      return !listed;
    case Operator::exists:
      return true;
    case Operator::does_not_exist:
      return false;
  }
  return false;
}

// A label that differs from pod to pod: some pod is as the requirement wants it.
// `belongs` says which values pods can have; there is always a pod that none of the finitely many values names.
template <typename Belongs>
bool accepts_some(const Requirement& requirement, Belongs belongs) {
  switch (requirement.op) {
    case Operator::in:
      return std::any_of(requirement.values.begin(), requirement.values.end(), belongs);
    case Operator::not_in:
      return true;
    case Operator::exists:
      return true;
    case Operator::does_not_exist:
      return false;
  }
  return false;
}

bool matches_one(const Requirement& requirement, const Labels& labels) {
  if (const Entry* entry = labels.map.find_entry(requirement.key)) {
    if (entry->value.is_string()) return accepts(requirement, entry->value.as_string());
    // A label that is no string: the API server refuses the object, so nothing is known to match.
    return false;
  }
  if (!labels.stateful_set.empty()) {
    if (requirement.key == pod_name_label)
      return accepts_some(requirement, [&](std::string_view value) {
        return value.size() > labels.stateful_set.size() + 1 && value.starts_with(labels.stateful_set) &&
               value[labels.stateful_set.size()] == '-' && is_ordinal(value.substr(labels.stateful_set.size() + 1));
      });
    if (requirement.key == pod_index_label) return accepts_some(requirement, is_ordinal);
  }
  if (!labels.job.empty() && (requirement.key == job_label || requirement.key == old_job_label))
    return accepts(requirement, labels.job);
  if (!labels.name_space.empty() && requirement.key == namespace_label) return accepts(requirement, labels.name_space);
  // The label is not there.
  return requirement.op == Operator::not_in || requirement.op == Operator::does_not_exist;
}

}  // namespace

bool matches(const Requirement& requirement, const Labels& labels) { return matches_one(requirement, labels); }

bool is_added_label(std::string_view key) {
  return key == pod_name_label || key == pod_index_label || key == job_label || key == old_job_label ||
         key == namespace_label;
}

void Selector::add_map(Value map) {
  if (!map || map.is_null()) return;
  if (!map.is_map()) valid_ = false;
  for (const Entry& entry : map.entries()) {
    if (!entry.value.is_string()) {
      valid_ = false;
      continue;
    }
    requirements_.push_back({entry.key(), Operator::in, {entry.value.as_string()}});
  }
}

void Selector::add_expressions(Value expressions) {
  if (!expressions || expressions.is_null()) return;
  if (!expressions.is_list()) valid_ = false;
  for (const Value expression : expressions.items()) {
    const Value key = expression.find("key"), values = expression.find("values");
    const std::string_view name = expression.find("operator").as_string();
    const auto op = std::find_if(operators.begin(), operators.end(), [&](const auto& o) { return o.name == name; });
    Requirement requirement{key.as_string(), Operator::in, {}};
    bool good = key.is_string() && !key.as_string().empty() && op != operators.end();
    for (const Value value : values.items()) {
      good = good && value.is_string();
      requirement.values.push_back(value.as_string());
    }
    if (op != operators.end()) requirement.op = op->op;
    const bool takes_values = requirement.op == Operator::in || requirement.op == Operator::not_in;
    good = good && takes_values == !requirement.values.empty();
    if (good)
      requirements_.push_back(std::move(requirement));
    else
      valid_ = false;
  }
}

Selector Selector::of_map(Value map) {
  Selector selector;
  selector.add_map(map);
  return selector;
}

Selector Selector::of_label_selector(Value value) {
  Selector selector;
  if (!value || value.is_null()) return selector;
  if (!value.is_map()) selector.valid_ = false;
  selector.add_map(value.find("matchLabels"));
  selector.add_expressions(value.find("matchExpressions"));
  return selector;
}

bool Selector::matches(const Labels& labels) const {
  return valid_ && std::all_of(requirements_.begin(), requirements_.end(),
                               [&](const Requirement& requirement) { return matches_one(requirement, labels); });
}

}  // namespace assay::kubernetes

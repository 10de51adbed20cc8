// Label selectors, compiled once and matched against many label maps: Service selectors, `matchLabels` and
// `matchExpressions` as in Kubernetes' LabelSelector (apimachinery, labels.Requirement.Matches).
//
// INVARIANT: keys and values view into the selector's own values; it must not outlive their arena.
#pragma once

#include <string_view>
#include <vector>

#include "engine/value.hpp"

namespace assay::kubernetes {

// The labels that a set of pods carries. A workload's template says most of them; its controller adds some
// whose value differs from pod to pod, so that "matches" means: some pod of the set matches.
struct Labels {
  Value map;
  // Of a StatefulSet its name: pods carry statefulset.kubernetes.io/pod-name NAME-0, NAME-1 …
  std::string_view stateful_set;
  // Of a Job its name: pods carry job-name and batch.kubernetes.io/job-name.
  std::string_view job;
  // Of a Namespace its name: the API server adds kubernetes.io/metadata.name.
  std::string_view name_space;
};

// Labels that a controller or the API server adds, so that they need not be in `Labels::map`.
bool is_added_label(std::string_view key);

struct Requirement {
  enum class Operator : std::uint8_t { in, not_in, exists, does_not_exist };
  std::string_view key;
  Operator op = Operator::in;
  std::vector<std::string_view> values;
};

// Whether some pod with these labels is as one requirement wants it.
bool matches(const Requirement& requirement, const Labels& labels);

class Selector {
 public:
  // A map of labels, all of which must be there: Service `spec.selector`, `matchLabels`.
  static Selector of_map(Value map);
  // {matchLabels, matchExpressions}. An absent one is like an empty one: callers who tell them apart look first.
  static Selector of_label_selector(Value selector);

  // What the API server would refuse (a wrong type, an unknown operator) makes a selector that matches nothing.
  bool valid() const { return valid_; }
  bool empty() const { return requirements_.empty(); }  // selects everything
  bool matches(const Labels& labels) const;
  bool matches(Value labels) const { return matches(Labels{labels, {}, {}, {}}); }
  const std::vector<Requirement>& requirements() const { return requirements_; }

 private:
  void add_map(Value map);
  void add_expressions(Value expressions);
  std::vector<Requirement> requirements_;
  bool valid_ = true;
};

}  // namespace assay::kubernetes

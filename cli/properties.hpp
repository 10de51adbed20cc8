// Rules with `prove:` meet the analyses that judge them.
#pragma once

#include <memory>
#include <vector>

#include "engine/graph.hpp"
#include "engine/select.hpp"

namespace assay {

// What the analyses of one graph keep; must outlive the audit.
class Analyses {
 public:
  explicit Analyses(const Graph& graph);
  ~Analyses();
  // A property that nobody knows is an error with a suggestion; its rule then judges nothing.
  // INVARIANT: `rules` stays where it is while they judge.
  void bind(std::vector<SelectedRule>& rules, Diagnostics& diagnostics);
  // What the analyses could not understand, once the audit is over.
  Diagnostics take_diagnostics();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace assay

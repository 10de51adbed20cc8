// Rules whose verdict no expression gives. Some are no rule files of ours: an admission policy, the schema of a
// custom resource; who reads them puts a `RuleDefinition` into the catalog whose `native` answers. Others are rule
// files with `prove:`: the analysis that it names judges what `applies_to` and `when` picked. Selection, waivers,
// reports and everything else treat them like any other rule.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/cel/program.hpp"
#include "engine/graph.hpp"
#include "engine/report.hpp"

namespace assay {

// What offends in one resource, or cannot be decided. Values of the resource decide where the caret lands;
// computed ones stand for what they came from (`Origin`).
struct NativeFinding {
  Verdict verdict = Verdict::fail;     // fail or unknown
  std::optional<Severity> severity;    // none: the rule's
  std::string message;
  std::string why;                     // of an unknown: what would have to be known
  Value subject;                       // what it is about; no value: the resource
  std::vector<cel::Decisive> decisive; // in order of importance
  std::string identity;                // beside rule, address and path: what tells it apart; never an index
  std::vector<Premise> premises;
  std::vector<TraceStep> steps;        // the way, after the place that the finding is shown at
  std::string witness;                 // JSON text: the counterexample; empty: none
};

struct NativeJudgement {
  Verdict verdict = Verdict::not_applicable;
  std::vector<NativeFinding> findings;
};

// INVARIANT: the values in a judgement live as long as the rule, the graph, or the arena that is handed in.
class NativeRule {
 public:
  virtual ~NativeRule() = default;
  // False: the rule says nothing of such a resource, they are no pair.
  virtual bool pairs_with(const Graph& graph, const Resource& resource) const = 0;
  // Called by several threads at once.
  virtual NativeJudgement judge(const Graph& graph, const Resource& resource, Arena& arena) const = 0;
};

}  // namespace assay

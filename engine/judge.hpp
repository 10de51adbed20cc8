// One rule on one resource: the verdict, and a finding for everything that offends or cannot be decided.
#pragma once

#include <optional>
#include <vector>

#include "engine/library.hpp"
#include "engine/report.hpp"
#include "engine/subject.hpp"

namespace assay {

// A finding before it is compared with the others of its resource.
struct Judged {
  Finding finding;
  Span subject;          // the whole value that offends, for `implied_by`; empty: the resource
  std::string identity;  // what the fingerprint is made of
  std::vector<Span> redacted;
  const std::vector<std::string>* implied_by = nullptr;
};

struct Judgement {
  Verdict verdict = Verdict::not_applicable;
  std::vector<Judged> findings;
};

Judgement judge(Worker& worker, const CompiledRule& rule, const Resource& resource);
// Of a rule with a judge of its own. Nothing: they are no pair.
std::optional<Judgement> judge_native(Worker& worker, const RuleDefinition& rule, const Resource& resource);

}  // namespace assay

// The solver: asks Z3 whether terms can hold together. `solver.cpp` is the only file that knows Z3.
// Every question is bounded by resources rather than by the clock (Z3's `rlimit`), so that an answer is
// the same on every machine; running out of them gives `unknown`. A model is evaluated on the unfolded
// terms before it is believed. One context a thread, made when the first question comes.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "engine/proof/term.hpp"

namespace assay::proof {

enum class Answer : std::uint8_t { satisfiable, unsatisfiable, unknown };

struct Budget {
  std::uint32_t resources = 20'000'000;  // some seconds at most
};

struct Solution {
  Answer answer = Answer::unknown;
  Assignment model;    // of every variable of the question, when satisfiable
  std::string reason;  // when unknown
};

// Can all of `assertions` hold?
Solution solve(Terms& terms, std::span<const Term> assertions, const Budget& budget = {});

// A solution of `assertions` with the smallest `cost` (an integer term, at least 0): satisfiable with a
// model that no other undercuts; unknown where the smallest could not be shown.
Solution minimise(Terms& terms, std::span<const Term> assertions, Term cost, const Budget& budget = {});

// What became of a universal claim: "in every state of the setting, the violation does not happen".
enum class Outcome : std::uint8_t {
  proved,      // setting possible, violation not
  refuted,     // `witness` is a state of the setting with the violation
  impossible,  // nothing satisfies the setting: the claim says nothing
  unknown,
};
struct Proven {
  Outcome outcome = Outcome::unknown;
  Assignment witness;
  std::string reason;
};
Proven prove(Terms& terms, std::span<const Term> setting, Term violation, const Budget& budget = {});

}  // namespace assay::proof

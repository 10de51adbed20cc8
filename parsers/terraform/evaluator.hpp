// The evaluator's state, for the files that make it up: evaluate.cpp (what an expression is), operators.cpp
// (what operators, indices and attributes do), loops.cpp (for, splat, template directives), call.cpp (calls).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parsers/terraform/evaluate.hpp"

namespace assay::terraform {

// A name that an expression binds: `for`, `templatefile`'s variables.
struct Binding {
  std::string_view name;
  Typed value;
  const Binding* outer = nullptr;
};

// What one call of `evaluate` may do in all.
struct Budget {
  std::size_t steps = 5'000'000;
  int calls = 0;  // nested templates (`templatestring`, `templatefile`)
  bool reported = false;
};

struct Evaluator {
  Scope& scope;
  Arena& arena;
  Diagnostics* diagnostics;
  Budget& budget;
  const Binding* bindings = nullptr;
  bool closed = false;  // only `bindings` have names (templates)
  Typed item;           // of the innermost splat

  Typed evaluate(const hcl::Expression& expression);

  // --- evaluate.cpp
  Typed reference(const hcl::Expression& expression);
  Typed tuple(const hcl::Expression& expression);
  Typed object(const hcl::Expression& expression);
  Typed templated(const hcl::Expression& expression);
  Typed conditional(const hcl::Expression& expression);

  // --- operators.cpp
  Typed binary(const hcl::Expression& expression);
  Typed logical(const hcl::Expression& expression);
  Typed unary(const hcl::Expression& expression);
  Typed attribute(Typed object, std::string_view name, Span span);
  Typed index(Typed collection, Typed key, Span span);

  // --- loops.cpp
  Typed splat(const hcl::Expression& expression);
  Typed for_tuple(const hcl::Expression& expression);
  Typed for_object(const hcl::Expression& expression);
  Typed template_for(const hcl::Expression& expression);

  // --- call.cpp
  Typed call(const hcl::Expression& expression);
  Typed attempt(const hcl::Expression& expression);  // try, can
  // A template whose text is known only now; its variables are the entries of `variables`.
  Typed rendered(const hcl::Expression& expression, Typed source, Typed variables);

  // --- what all need
  Typed fail(std::string code, Span span, std::string message);
  bool step(Span span);  // false: the budget is spent, which has been reported
  // A result that was computed by `expression` from `operands`: its place, and its sensitivity.
  Typed derived(Typed result, const hcl::Expression& expression, std::span<const Typed> operands);
  // The unknown that results from operands of which one is (or holds something) unknown.
  Typed unknown(const Type* type, const hcl::Expression& expression, std::span<const Typed> operands);
  // The type that a failed expression would have had, as far as its syntax tells.
  static const Type* failed_type(const hcl::Expression& expression);
  std::string source_text(Span span) const;
};

// The first unknown in a value, or no value.
Value first_unknown(Value value);

}  // namespace assay::terraform

// Evaluates HCL expressions with Terraform's semantics: types and conversions as cty has them, unknowns and
// sensitivity flow, numbers are exact, and every value keeps the places it came through. Errors are
// diagnostics at the expression; evaluation of other expressions goes on. Nothing in an expression can make
// it take unbounded time, memory or stack: a limit is an error that names it.
//
// INVARIANT: values view the texts of the expressions they came from: the files' ASTs and the sources live
// as long as the arena is used.
#pragma once

#include "engine/diagnostic.hpp"
#include "parsers/hcl/ast.hpp"
#include "parsers/terraform/scope.hpp"
#include "parsers/terraform/typed.hpp"

namespace assay::terraform {

// No value: failed, and a diagnostic says why.
Typed evaluate(const hcl::Expression& expression, Scope& scope, Arena& arena, Diagnostics& diagnostics);

// A static reference as `moved`, `depends_on`, `ignore_changes` and `for_each`'s users write it. The steps
// live in `steps`. False: the expression is something else.
bool read_reference(const hcl::Expression& expression, Reference& reference, std::vector<Step>& steps);

// The root names that an expression refers to, with their literal steps, in source order; names that the
// expression binds itself (`for`) are left out. For dependencies that must be known before evaluation.
struct Mention {
  Reference reference;  // its steps view `steps`
  std::vector<Step> steps;
};
std::vector<Mention> mentions(const hcl::Expression& expression);

// True when it needs no scope: literals, operators and templates of such, without calls.
bool constant(const hcl::Expression& expression);

// The built-in functions' names, sorted: for suggestions and documentation.
std::vector<std::string_view> function_names();

}  // namespace assay::terraform

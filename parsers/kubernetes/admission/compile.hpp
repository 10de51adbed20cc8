// A policy whose expressions have become programs, in the environment in which the API server compiles them
// (k8s.io/apiserver pkg/admission/plugin/cel/compile.go): no library more, `object` and `params` of any type,
// `params` only where the policy has a paramKind, no `authorizer` in message expressions. What it would
// refuse is a diagnostic with a caret in the policy's own file.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "engine/cel/environment.hpp"
#include "engine/cel/program.hpp"
#include "parsers/kubernetes/admission/policy.hpp"

namespace assay::kubernetes::admission {

// Slots of the variables that every expression may read.
enum Variable : std::uint32_t {
  var_object, var_old_object, var_namespace, var_request, var_params, var_authorizer, var_request_authorizer, var_variables,
  variable_count,
};

// How the content of a string value lies in its source: pairs of (content offset, byte offset).
using TextMap = std::function<std::vector<std::pair<std::uint32_t, std::uint32_t>>(Value scalar)>;

// Where the bytes [begin, end) of an expression's text stand in its file.
Span expression_span(const TextMap& text_map, Value text, cel::TextRange range);

struct CompiledPolicy {
  Policy policy;
  // In the order of the policy's own lists, variables in that of `variables_type`; null where there is none, or
  // where it does not compile.
  std::vector<std::unique_ptr<cel::Program>> conditions, variables, validations, messages, annotations;
  // What `variables` is: a field each, of the type that its expression gives.
  cel::StructType variables_type;
};

// Types for a second look at a policy: of `object` and `params`, and the structures they are made of.
struct TypedEnvironment {
  const cel::Type *object = nullptr, *params = nullptr;  // null: of any type
  std::vector<const cel::StructType*> structures;
};
struct TypeIssue {
  Value expression;
  cel::TextRange range;
  std::string message;
};

class PolicyCompiler {
 public:
  PolicyCompiler();
  ~PolicyCompiler();
  // `policy.valid` becomes false when an expression is refused. The compiler must outlive what it compiled.
  std::unique_ptr<CompiledPolicy> compile(Policy policy, const TextMap& text_map, Diagnostics& diagnostics) const;
  // What does not fit where `object` and `params` have these types, in validations and their messages.
  std::vector<TypeIssue> issues(const Policy& policy, const TypedEnvironment& typed) const;
  cel::TypeTable& types() const;

 private:
  struct Base;
  std::unique_ptr<Base> base_;
};

}  // namespace assay::kubernetes::admission

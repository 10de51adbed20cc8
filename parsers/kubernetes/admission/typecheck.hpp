// What the API server warns of: a policy's expressions checked once more, with `object` and `params` of the types
// of the built-in kinds that the policy names (k8s.io/apiserver pkg/admission/plugin/policy/validating/typechecking.go).
// It never changes what the policy decides.
#pragma once

#include <memory>

#include "parsers/kubernetes/admission/compile.hpp"
#include "parsers/kubernetes/admission/schema.hpp"

namespace assay::kubernetes::admission {

class TypeChecker {
 public:
  explicit TypeChecker(const Schema& schema);
  ~TypeChecker();
  // Warnings with carets in the policy's file.
  void check(const Policy& policy, const PolicyCompiler& compiler, const TextMap& text_map, Diagnostics& diagnostics);

 private:
  struct Types;
  const Schema& schema_;
  std::unique_ptr<Types> types_;
};

}  // namespace assay::kubernetes::admission

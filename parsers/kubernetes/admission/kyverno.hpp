// Kyverno's ValidatingPolicy and NamespacedValidatingPolicy (policies.kyverno.io v1alpha1, v1beta1, v1), which are
// written in the same language: read as admission policies that are their own binding, with the rules that Kyverno
// makes of a policy about pods for the controllers of pods. What of Kyverno's own they use (its functions for other
// resources, images, HTTP and global context, its exceptions) is said to be unknown.
//
// Facts from github.com/kyverno/kyverno pkg/cel (autogen, compiler) of 2026.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/diagnostic.hpp"
#include "engine/value.hpp"
#include "parsers/kubernetes/admission/policy.hpp"

namespace assay::kubernetes::admission {

bool is_kyverno_policy(std::string_view type);
bool is_kyverno_exception(std::string_view type);

struct KyvernoPolicy {
  std::vector<Policy> policies;  // the policy itself, then what is made of it for controllers; none: not about Kubernetes
  Binding binding;
};
// `ns` is the namespace of a NamespacedValidatingPolicy, else empty. What is made lives in `arena`.
KyvernoPolicy read_kyverno_policy(Value object, std::string_view name, std::string_view ns, Span header, const Schema& schema,
                                  Arena& arena, Diagnostics& diagnostics);

// The names of the policies that an exception exempts from.
std::vector<std::string> excepted_policies(Value exception);

}  // namespace assay::kubernetes::admission

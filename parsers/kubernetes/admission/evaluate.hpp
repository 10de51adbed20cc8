// One policy on one object, with one parameter: what the API server would decide, step by step as in k8s.io/apiserver
// pkg/admission/plugin/policy/validating/validator.go, with its cost limits and its texts.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "engine/cel/libraries/authorizer.hpp"
#include "parsers/kubernetes/admission/compile.hpp"
#include "parsers/kubernetes/admission/match.hpp"

namespace assay::kubernetes::admission {

// No value is null; an unknown value makes unknown what depends on it.
struct Input {
  Value object, old_object, namespace_object, params, request;
  cel::AuthorizerHost* authorizer = nullptr;
  cel::AccessRequest request_resource;  // what `authorizer.requestResource` asks about
};

enum class Outcome : std::uint8_t {
  admit,
  deny,     // a validation is false
  error,    // something could not be evaluated and failurePolicy is Fail: denied too
  unknown,  // it depends on what the inputs do not say, or on more than our own limits allow
};

constexpr std::size_t no_validation = static_cast<std::size_t>(-1);

struct Decision {
  Outcome outcome = Outcome::admit;
  std::size_t validation = no_validation;  // index into the policy's validations; none: the policy as a whole
  bool always = false;                     // denies whatever the binding's actions are
  std::string message;                     // what the API server would say; of an unknown: what is not known
  bool message_known = true;               // false: it holds what the server makes up, and this stands for it
  std::string_view reason = "Invalid";     // the status' reason
  std::vector<cel::Decisive> decisive;
};

struct Evaluated {
  Answer matched = Answer::yes;  // by the match conditions
  std::string why;               // of a maybe
  std::vector<Decision> decisions;
  std::vector<std::pair<std::string, std::string>> annotations;  // key, value
  std::uint64_t cost = 0;        // of the validations and their variables
  std::shared_ptr<const void> memory;  // what `decisive` may point into
};

Evaluated evaluate(const CompiledPolicy& policy, const Input& input);

}  // namespace assay::kubernetes::admission

// ValidatingAdmissionPolicy and ValidatingAdmissionPolicyBinding (admissionregistration.k8s.io v1, v1beta1 and
// v1alpha1, which have the same fields) as they were read. What the API server would refuse is a diagnostic
// at its place; expressions are only carried along, compile.hpp compiles them.
//
// INVARIANT: texts and values view into the document that the policy came from.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/diagnostic.hpp"
#include "engine/value.hpp"

namespace assay::kubernetes::admission {

class Schema;

// One of `resourceRules` and `excludeResourceRules`.
struct ResourceRule {
  std::vector<std::string_view> operations, groups, versions, resources, names;
  std::string_view scope = "*";
};

// `matchConstraints` of a policy, `matchResources` of a binding.
struct MatchResources {
  std::vector<ResourceRule> rules, exclude;
  Value namespace_selector, object_selector;  // no value: everything
  bool equivalent = true;                     // matchPolicy: Equivalent, else Exact
};

struct NamedExpression {
  std::string_view name;
  Value expression;
};

struct Validation {
  Value expression, message_expression;
  std::string_view message;
  std::string_view reason;  // empty: Invalid
};

struct ParamKind {
  std::string_view api_version, kind;
};

struct Policy {
  std::string name;
  Value object;  // the policy itself
  Span header;
  MatchResources constraints;
  std::vector<NamedExpression> conditions, variables, audit_annotations;
  std::vector<Validation> validations;
  std::optional<ParamKind> param_kind;
  bool fail = true;    // failurePolicy: Fail, else Ignore
  bool valid = true;   // the API server would take it, as far as its fields go
  bool kyverno = false;     // Kyverno's: some functions more (kyverno.hpp)
  std::string unsupported;  // why its verdicts are unknown; empty: they are not
};

struct ParamRef {
  std::string_view name, ns;
  Value selector;
  bool deny_when_missing = false;  // parameterNotFoundAction: Deny, else Allow
};

struct Binding {
  std::string name;
  Value object;
  Span header;
  std::string_view policy;
  std::optional<ParamRef> param_ref;
  std::optional<MatchResources> match;
  bool deny = false, warn = false, audit = false;
  bool valid = true;
};

bool is_policy(std::string_view type);   // "k8s:admissionregistration.k8s.io/ValidatingAdmissionPolicy"
bool is_binding(std::string_view type);

// The object may be incomplete: what is missing is reported. `name` is its metadata.name, `header` where to
// point when nothing better stands.
Policy read_policy(Value object, std::string name, Span header, const Schema& schema, Diagnostics& diagnostics);
Binding read_binding(Value object, std::string name, Span header, const Schema& schema, Diagnostics& diagnostics);

// What stands in an object and in no field of its kind: the API server drops it, with a warning.
void report_unknown_fields(Value object, std::string_view api_version, std::string_view kind, const Schema& schema,
                           Diagnostics& diagnostics);

}  // namespace assay::kubernetes::admission

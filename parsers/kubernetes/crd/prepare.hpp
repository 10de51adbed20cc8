// A custom resource as the API server has it once it was decoded: unknown fields pruned, nulls that may not be
// dropped, defaults filled in.
//
// Held to k8s.io/apiextensions-apiserver v0.36 pkg/apiserver/schema/{pruning,defaulting}.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/value.hpp"
#include "parsers/kubernetes/crd/schema.hpp"

namespace assay::kubernetes::crd {

// A field that the schema does not know.
struct UnknownField {
  std::string path;       // spec.foo[0].bar
  Value value;
  std::string_view name;  // the last step of `path`
  Value parent;
};

struct Prepared {
  Value value;  // shares what did not change; what did has its original as origin
  std::vector<UnknownField> unknown;
  bool too_large = false;  // aliases stand for more than is looked at
};

Prepared prepare(Value object, const Schema& root, bool drop_status, Arena& arena);

// The value in the input behind a prepared one; `absent` names the field that a default stands for, its parent being
// the answer.
Value original(Value prepared, std::string_view& absent);

// A copy of `value` whose every node has the origin `from`.
Value derived(Value value, const Origin& from, Arena& arena);

}  // namespace assay::kubernetes::crd

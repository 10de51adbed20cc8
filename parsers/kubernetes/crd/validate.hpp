// A prepared custom resource held to its schema, in the API server's order of checks and in its words.
//
// Held to k8s.io/kube-openapi pkg/validation/validate (the version that Kubernetes 1.36 uses) and
// k8s.io/apiextensions-apiserver v0.36 pkg/apiserver/{validation,schema/listtype,schema/objectmeta}.
#pragma once

#include <vector>

#include "parsers/kubernetes/crd/fault.hpp"
#include "parsers/kubernetes/crd/schema.hpp"

namespace assay::kubernetes::crd {

// Types, bounds, patterns, formats, required fields, allOf, anyOf, oneOf, not. False: too large to be looked at whole.
bool validate_schema(Value object, const Schema& root, std::vector<Fault>& faults);
// Embedded resources have an apiVersion and a kind and sound metadata.
void validate_embedded(Value object, const Schema& root, std::vector<Fault>& faults);
// Lists of type set and map hold nothing twice.
void validate_lists(Value object, const Schema& root, std::vector<Fault>& faults);
// The resource's own metadata.
void validate_metadata(Value object, bool namespaced, std::vector<Fault>& faults);

// A format that counts for a schema's type; empty where the API server ignores it.
std::string_view effective_format(const Schema& schema);
// A value as field.Error shows it: numbers and booleans bare, strings quoted, everything else as JSON.
std::string shown(Value value);

}  // namespace assay::kubernetes::crd

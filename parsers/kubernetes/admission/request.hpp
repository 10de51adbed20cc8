// What a policy reads beside the object: `request`, `namespaceObject`, and what kinds the cluster serves.
#pragma once

#include <utility>

#include "parsers/kubernetes/admission/object.hpp"

namespace assay::kubernetes::admission {

struct RequestOptions;  // rule.hpp

constexpr std::string_view custom_resource_definition = "k8s:apiextensions.k8s.io/CustomResourceDefinition";

// Whether a kind is namespaced, and whether that is known: it is built in, or its definition is among the inputs.
std::pair<bool, bool> scope_of_kind(const World& world, std::string_view api_version, std::string_view kind);

// Without the object: that is the caller's to set.
Attributes attributes_of(const World& world, const Resource& resource, const Served& served);

// Null for what is in no namespace; of a namespace that is not among the inputs only the name is known.
Value namespace_object(const World& world, const Attributes& request, Arena& arena);

// An AdmissionRequest as CEL sees it.
Value request_value(const Attributes& request, const Endpoint& matched, const RequestOptions& options, Arena& arena);

}  // namespace assay::kubernetes::admission

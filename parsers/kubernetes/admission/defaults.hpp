// What the API server does to an object of a built-in kind before policies see it. Internal to object.cpp.
#pragma once

#include <string_view>
#include <vector>

#include "engine/premise.hpp"
#include "parsers/kubernetes/admission/draft.hpp"
#include "parsers/kubernetes/admission/object.hpp"

namespace assay::kubernetes::admission {

// Decoding: defaults of the object's version (pkg/apis/*/v1/defaults.go), and what conversion to the server's own
// version and back changes.
void apply_defaults(Drafts& drafts, Draft* object);

// Mutating admission plug-ins that are on by default (plugin/pkg/admission).
void apply_plugins(Drafts& drafts, Draft* object, const World& world, std::string_view ns, std::vector<Premise>& premises);

// PrepareForCreate of the kind's strategy (pkg/registry) and what its storage allocates.
void prepare_for_create(Drafts& drafts, Draft* object);

// Sets requests to limits where those alone are stated, of one container.
void requests_from_limits(Drafts& drafts, Draft* container);

// Whether a map has no labels, so that those of the pod template are taken.
std::string base64(std::string_view bytes);

}  // namespace assay::kubernetes::admission

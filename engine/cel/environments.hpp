// The two sets of functions that expressions are compiled with.
#pragma once

#include <memory>

#include "engine/cel/environment.hpp"

namespace assay::cel {

// Rules, views and promises: every library.
Environment everything(std::shared_ptr<TypeTable> types);

// Admission policies and CRD validations: what the API server 1.36 has, no more (no math, encoders or
// bindings), in its own dialect where it has one. Variables such as `object` are the caller's to add.
Environment admission(std::shared_ptr<TypeTable> types);

}  // namespace assay::cel

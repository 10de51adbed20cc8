// What expressions see of a prepared value: properties under escaped names, nulls of objects left out, strings with
// formats as durations, timestamps and bytes, lists of type set and map that compare without order.
#pragma once

#include "engine/value.hpp"
#include "parsers/kubernetes/crd/schema.hpp"

namespace assay::kubernetes::crd {

// Shares what looks the same; what does not has the prepared value as its origin. `resource`: a whole resource.
Value cel_value(Value prepared, const Schema& schema, bool resource, Arena& arena);

}  // namespace assay::kubernetes::crd

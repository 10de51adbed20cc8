// Values as the API server writes them into its messages: Go's %v and %q, and encoding/json.
#pragma once

#include <string>
#include <string_view>

#include "engine/value.hpp"

namespace assay::kubernetes::crd {

std::string go_double(double value);             // %v of a float64: 1.5, 1e+21
std::string go_quoted(std::string_view text);    // %q
std::string json_text(Value value);              // encoding/json of a decoded object: keys sorted, <>& escaped
// A whole number written as 1.0 or 1e3 counts as one once it was sent as JSON.
bool whole(Value value, std::int64_t& number);

}  // namespace assay::kubernetes::crd

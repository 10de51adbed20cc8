// JSON with spans, exact to the byte for every value, in one validating pass of our own. Duplicate keys are
// errors that show both places.
#pragma once

#include "parsers/document.hpp"

namespace assay::json {

// One document a file; newline-delimited documents are accepted as several.
ParsedFile parse(const Source& source, const ParseLimits& limits, Diagnostics& diagnostics);

}  // namespace assay::json

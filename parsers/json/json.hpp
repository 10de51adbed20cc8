// JSON with spans, on simdjson's on-demand tokens. Duplicate keys are errors that show both places.
#pragma once

#include "parsers/document.hpp"

namespace assay::json {

// One document a file; newline-delimited documents are accepted as several.
ParsedFile parse(const Source& source, const ParseLimits& limits, Diagnostics& diagnostics);

}  // namespace assay::json

// JSON with spans, exact to the byte for every value, in one validating pass of our own. Duplicate keys are
// errors that show both places.
#pragma once

#include "parsers/document.hpp"

namespace assay::json {

// What a key that an object has twice is: an error, or allowed (see `Builder::keep_duplicates`).
enum class EqualKeys : std::uint8_t { error, kept };

// One document a file; newline-delimited documents are accepted as several.
ParsedFile parse(const Source& source, const ParseLimits& limits, Diagnostics& diagnostics, EqualKeys equal_keys = EqualKeys::error);

}  // namespace assay::json

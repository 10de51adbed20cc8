// Which readers `parse` may use. Tests read everything twice, and hold the quick one to the library.
#pragma once

#include "parsers/yaml/yaml.hpp"

namespace assay::yaml {

enum class Readers : std::uint8_t {
  both,          // the quick reader, and the library for what that declines
  library_only,
};
struct ReadCounts {
  std::uint64_t quick = 0, library = 0;  // documents
};
ParsedFile parse_with(Readers readers, const Source& source, const ParseLimits& limits, Diagnostics& diagnostics,
                      ReadCounts* counts = nullptr);

}  // namespace assay::yaml

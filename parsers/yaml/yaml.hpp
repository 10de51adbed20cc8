// YAML as Kubernetes and people write it: libfyaml's events become values with spans. Scalars resolve
// as sigs.k8s.io/yaml does (YAML 1.1 booleans included); quoted scalars are always strings.
#pragma once

#include <vector>

#include "parsers/document.hpp"

namespace assay::yaml {

// Never fails as a whole: what cannot be read is a diagnostic, a broken document leaves the others intact.
ParsedFile parse(const Source& source, const ParseLimits& limits, Diagnostics& diagnostics);

// Where the content of a string scalar of `source` lies (plain, quoted with escapes, folded, block).
std::vector<TextPiece> text_map(const Source& source, Value scalar);

}  // namespace assay::yaml

// Inline waivers: `# assay:skip RULE until=2027-01-31 reason="…" owner=…` in a comment, and the forms of
// other tools, in comments and in annotations. A waiver stands on a resource (its header, or a comment at
// its top level), on a container, or on a field; its `target` says which bytes that is.
#pragma once

#include <vector>

#include "engine/diagnostic.hpp"
#include "engine/report.hpp"
#include "parsers/document.hpp"
#include "parsers/hcl/ast.hpp"

namespace assay {

// In order of place. Mistakes are warnings, and waive nothing.
std::vector<Waiver> inline_waivers(const ParsedFile& file, const Sources& sources, Diagnostics& diagnostics);

// The same in HCL, where comments begin with `#` or `//` or stand between `/*` and `*/`. A waiver on the call of a
// module covers everything in it.
std::vector<Waiver> inline_waivers(const hcl::File& file, const Sources& sources, Diagnostics& diagnostics);

// `# Source: chart/templates/x.yaml`, as helm writes it: where the object below came from.
struct RenderedFrom {
  Span comment;
  std::string_view template_name;
  Span object;
};
std::vector<RenderedFrom> rendered_from(const ParsedFile& file, const Sources& sources);

}  // namespace assay

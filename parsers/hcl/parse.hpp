// HCL2's native syntax (github.com/hashicorp/hcl, hclsyntax/spec.md), complete. What cannot be read is a
// diagnostic; reading goes on at the next line or after the block, so that one file gives all its errors.
#pragma once

#include "parsers/hcl/ast.hpp"

namespace assay::hcl {

// A configuration file: `File::body`.
File parse(const Source& source, Diagnostics& diagnostics);

// A source that is one expression, or one template without quotes (as `templatefile` takes it):
// `File::expression`, never null.
File parse_expression(const Source& source, Diagnostics& diagnostics);
File parse_template(const Source& source, Diagnostics& diagnostics);

// A text that is read as an expression where a reference or a type is asked for: JSON's strings
// ("type": "list(string)"), quoted references of old configurations. Nodes go to `file`, spans into the
// string. Gives a `bad` expression, and says so, for anything but a `text` that can be read.
const Expression* expression_in(File& file, const Source& source, const Expression& text, Diagnostics& diagnostics);

}  // namespace assay::hcl

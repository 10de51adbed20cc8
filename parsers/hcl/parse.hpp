// HCL2's native syntax (github.com/hashicorp/hcl, hclsyntax/spec.md), complete. What cannot be read is a
// diagnostic; reading goes on at the next line or after the block, so that one file gives all its errors.
#pragma once

#include "parsers/hcl/ast.hpp"

namespace assay::hcl {

File parse(const Source& source, Diagnostics& diagnostics);

}  // namespace assay::hcl

// HCL2's JSON syntax (github.com/hashicorp/hcl, json/spec.md). A JSON object does not say which of its
// properties are blocks: whoever knows the block types says so, one body at a time, and gets the same bodies
// as from the native syntax.
#pragma once

#include "parsers/hcl/ast.hpp"

namespace assay::hcl {

// A `.tf.json` or `.tfvars.json` file: `File::body` holds `json`, to be read with `read_body`.
File parse_json(const Source& source, const ParseLimits& limits, Diagnostics& diagnostics);

struct BlockType {
  std::string_view type;
  std::uint8_t labels = 0;
};

// How strings of attributes are read: as templates, or as they stand (`description`, a variable's
// `default`, tfvars: whatever is read before there is anything to evaluate with).
enum class Strings : std::uint8_t { templates, literal };

// The items of a body. A native body is returned as it is: its syntax has decided. In a JSON body the
// properties that `blocks` names are blocks (each with a body to be read in turn; a list gives several, a
// null none), all others attributes; `//` is a comment. Nodes go to `file`.
Body read_body(File& file, const Body& body, std::span<const BlockType> blocks, Strings strings, Diagnostics& diagnostics);

// A value of a JSON file as an expression: objects, tuples, strings as `strings` says.
const Expression* read_expression(File& file, Value value, Strings strings, Diagnostics& diagnostics);

}  // namespace assay::hcl

// The conformance suite's messages (cel.expr.Value, cel.expr.Type, cel.expr.Decl in text format) as CEL
// values, types and declarations.
#pragma once

#include <optional>
#include <string>

#include "engine/cel/environment.hpp"
#include "engine/cel/program.hpp"
#include "tests/support/textproto.hpp"

namespace assay::test {

// cel.expr.Value. Empty with `error` when it is none of ours. Lists, maps and texts live in the frame.
std::optional<cel::Val> read_cel_value(cel::Frame& frame, const Textproto& message, std::string& error);
// cel.expr.Type; null with `error` when it is none of ours.
const cel::Type* read_cel_type(cel::TypeTable& types, const Textproto& message, std::string& error);
// A `type_env` entry: a variable or a function without implementation.
bool declare(cel::Environment& environment, const Textproto& declaration, std::string& error);

// Same kind and same content: 1 is not 1u, NaN is NaN, maps have no order.
bool identical(const cel::Val& left, const cel::Val& right);

// The value as a document would hold it; empty when no document can (keys that are no strings, types).
std::optional<Value> to_input(Arena& arena, const cel::Val& value);

}  // namespace assay::test

// Messages of google.protobuf that every implementation of CEL knows, as expressions make them:
// `google.protobuf.Int32Value{value: 1}`. None of them exists at run time: each evaluates to the CEL value
// that it stands for (langdef.md, "Dynamic Values"; JSON conversions as protobuf's JSON mapping).
//
//   BoolValue BytesValue DoubleValue FloatValue Int32Value Int64Value StringValue UInt32Value UInt64Value
//     -> the primitive in `value`, its zero when not set or null; FloatValue rounds to float; the 32-bit ones are
//        errors when out of range.
//   Value -> the field that is set; null when none is. ListValue -> a list. Struct -> a map of string keys.
//     Numbers inside become doubles (beyond 2^53 strings), bytes base64 strings, times their RFC 3339
//     strings, durations "1.5s".
//   Timestamp, Duration -> themselves. Any -> the message it holds, when that is one of these; else an error.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cel/struct.hpp"
#include "engine/cel/val.hpp"

namespace assay::cel {

struct WellKnown {
  std::string_view name;  // "google.protobuf.Int32Value"
  const Type* type;       // of the expression that makes one
  std::vector<Field> fields;
  // `values` holds one entry per field, null where the field is not set; none is an error or unknown.
  Val (*make)(Frame& frame, std::span<const Val* const> values);
};

// By full name, or null.
const WellKnown* well_known(std::string_view name);

}  // namespace assay::cel

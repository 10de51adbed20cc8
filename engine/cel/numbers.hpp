// Numbers as CEL reads, writes and compares them: int, uint and double form one number line, whatever
// their kinds (cel-spec, "Numbers"); overflow is an error, never a wrap.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/cel/val.hpp"

namespace assay::cel {

inline bool numeric(ValKind kind) {
  return kind == ValKind::int64 || kind == ValKind::uint64 || kind == ValKind::float64;
}
// Exact comparison of two numbers of any kinds; unordered with NaN.
std::partial_ordering compare_numbers(const Val& left, const Val& right);

// The integer that equals `value`, if there is one.
std::optional<std::int64_t> exact_int(double value);
std::optional<std::uint64_t> exact_uint(double value);
// Truncation toward zero, as int(double) and uint(double) do; empty when out of range.
std::optional<std::int64_t> truncate_to_int(double value);
std::optional<std::uint64_t> truncate_to_uint(double value);

// The whole text must be the number.
std::optional<std::int64_t> parse_int(std::string_view text);
std::optional<std::uint64_t> parse_uint(std::string_view text);
std::optional<double> parse_double(std::string_view text);  // also "NaN", "Inf", "-Infinity"

// Shortest text that reads back as the same number, as Go's 'g' format: "1", "0.5", "1e+06", "NaN", "+Inf".
std::string format_double(double value);

// UTF-8: invalid bytes count as one code point each.
std::size_t count_code_points(std::string_view text);
bool valid_utf8(std::string_view text);

}  // namespace assay::cel

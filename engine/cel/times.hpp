// Timestamps and durations as CEL reads, writes and adds them, and the civil calendar behind them.
// Timestamps lie in the years 1 to 9999, durations in what 64 bits of nanoseconds hold (about 292
// years either way), as in cel-go.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/value.hpp"

namespace assay::cel {

inline constexpr std::int64_t first_second = -62135596800;  // 0001-01-01T00:00:00Z
inline constexpr std::int64_t last_second = 253402300799;   // 9999-12-31T23:59:59Z

// RFC 3339: "2009-02-13T23:31:30.5Z", "…+01:00". Empty when malformed or out of range.
// `zone`, if given: the offset from UTC, in minutes, that the text is written in.
std::optional<TimeParts> parse_timestamp(std::string_view text, std::int32_t* zone = nullptr);
std::string format_timestamp(TimeParts time, std::int32_t zone = 0);
// Go's form: "1h30m", "-1.5s", "300ms"; units h m s ms us µs ns.
std::optional<TimeParts> parse_duration(std::string_view text);
std::string format_duration(TimeParts length);  // in seconds: "5400s", "0.3s"

bool timestamp_in_range(TimeParts time);
std::optional<std::int64_t> to_nanoseconds(TimeParts length);
TimeParts from_nanoseconds(std::int64_t nanoseconds);
// Sums within range, else empty.
std::optional<TimeParts> add_to_timestamp(TimeParts time, TimeParts length, bool subtract);
std::optional<TimeParts> add_durations(TimeParts left, TimeParts right, bool subtract);
std::optional<TimeParts> between(TimeParts left, TimeParts right);  // left - right

// Days since 1970-01-01 of a date in the proleptic Gregorian calendar, and back.
std::int64_t days_from_civil(std::int64_t year, int month, int day);
struct Civil {
  std::int64_t year = 1970;
  int month = 1, day = 1;               // 1-based
  int day_of_week = 4, day_of_year = 0; // Sunday is 0; 0-based
  int hours = 0, minutes = 0, seconds = 0;
};
Civil civil(std::int64_t seconds);

// Seconds to add to UTC in a zone at an instant. `zone` is an IANA name ("Europe/Zurich", "UTC") or an
// offset ("+01:00", "-02:30", "02:00"). Empty when there is no such zone. Zones are a table in this
// program, so that results do not depend on the machine.
std::optional<std::int32_t> utc_offset(std::string_view zone, std::int64_t seconds);

}  // namespace assay::cel

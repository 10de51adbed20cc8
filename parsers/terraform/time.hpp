// Timestamps and durations as Terraform's functions read and write them: RFC 3339, Go's durations.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace assay::terraform {

struct Timestamp {
  std::int64_t seconds = 0;  // since the epoch, UTC
  std::int32_t nanos = 0;
  int offset = 0;            // minutes east of UTC: how it was written
};
// Empty: `why` says what is wrong.
std::optional<Timestamp> read_timestamp(std::string_view text, std::string& why);
std::string write_timestamp(const Timestamp& time);  // without fractions of a second

struct CivilTime {
  int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0;
  int weekday = 0;  // 0 is Sunday
};
CivilTime civil(const Timestamp& time);  // as the clock shows it at its offset

// `1h30m`, `-2.5s`, `300ms`: nanoseconds.
std::optional<std::int64_t> read_duration(std::string_view text);

}  // namespace assay::terraform

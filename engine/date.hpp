// Calendar dates (proleptic Gregorian, UTC) without a clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace assay {

// Days since 1970-01-01 of `YYYY-MM-DD`; nothing when it is no such date.
std::optional<std::int64_t> parse_date(std::string_view text);
std::string format_date(std::int64_t days);

}  // namespace assay

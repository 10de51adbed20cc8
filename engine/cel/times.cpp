#include "engine/cel/times.hpp"

#include <cstdlib>

namespace assay::cel {

namespace {

constexpr std::int64_t nanos_per_second = 1'000'000'000;

bool digit(char c) { return c >= '0' && c <= '9'; }

// Exactly `count` digits at `at`, moving past them; -1 otherwise.
int take_digits(std::string_view text, std::size_t& at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!digit(text[at + i])) return -1;
    value = value * 10 + (text[at + i] - '0');
  }
  at += count;
  return value;
}
bool take(std::string_view text, std::size_t& at, char c) {
  if (at >= text.size() || text[at] != c) return false;
  ++at;
  return true;
}
int days_in_month(std::int64_t year, int month) {
  static constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return days[month - 1] + (month == 2 && leap);
}

// Carries nanoseconds so that they lie in [0, 1s).
TimeParts carry(std::int64_t seconds, std::int64_t nanos) {
  while (nanos < 0) { nanos += nanos_per_second; --seconds; }
  while (nanos >= nanos_per_second) { nanos -= nanos_per_second; ++seconds; }
  return {seconds, static_cast<std::int32_t>(nanos)};
}

std::string fraction(std::int32_t nanos) {
  std::string digits = std::to_string(nanos);
  digits.insert(0, 9 - digits.size(), '0');
  while (digits.ends_with('0')) digits.pop_back();
  return "." + digits;
}

}  // namespace

// The algorithms of Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
std::int64_t days_from_civil(std::int64_t year, int month, int day) {
  year -= month <= 2;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

Civil civil(std::int64_t seconds) {
  std::int64_t days = seconds / 86400;
  std::int64_t rest = seconds % 86400;
  if (rest < 0) { rest += 86400; --days; }
  Civil result;
  result.hours = static_cast<int>(rest / 3600);
  result.minutes = static_cast<int>(rest / 60 % 60);
  result.seconds = static_cast<int>(rest % 60);
  result.day_of_week = static_cast<int>(((days + 4) % 7 + 7) % 7);
  const std::int64_t z = days + 719468;
  const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const std::int64_t doe = z - era * 146097;
  const std::int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const std::int64_t mp = (5 * doy + 2) / 153;
  result.day = static_cast<int>(doy - (153 * mp + 2) / 5 + 1);
  result.month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
  result.year = yoe + era * 400 + (result.month <= 2);
  result.day_of_year = static_cast<int>(days - days_from_civil(result.year, 1, 1));
  return result;
}

bool timestamp_in_range(TimeParts time) {
  return time.seconds >= first_second && time.seconds <= last_second && time.nanos >= 0 && time.nanos < nanos_per_second;
}

std::optional<TimeParts> parse_timestamp(std::string_view text, std::int32_t* zone) {
  std::size_t at = 0;
  const int year = take_digits(text, at, 4);
  if (year < 1 || !take(text, at, '-')) return {};
  const int month = take_digits(text, at, 2);
  if (month < 1 || month > 12 || !take(text, at, '-')) return {};
  const int day = take_digits(text, at, 2);
  if (day < 1 || day > days_in_month(year, month)) return {};
  if (!take(text, at, 'T') && !take(text, at, 't')) return {};
  const int hours = take_digits(text, at, 2);
  if (hours < 0 || hours > 23 || !take(text, at, ':')) return {};
  const int minutes = take_digits(text, at, 2);
  if (minutes < 0 || minutes > 59 || !take(text, at, ':')) return {};
  const int seconds = take_digits(text, at, 2);
  if (seconds < 0 || seconds > 59) return {};
  std::int64_t nanos = 0;
  if (take(text, at, '.') || take(text, at, ',')) {
    const std::size_t begin = at;
    std::int64_t unit = nanos_per_second / 10;
    for (; at < text.size() && digit(text[at]); ++at, unit /= 10) nanos += unit * (text[at] - '0');
    if (at == begin) return {};
  }
  std::int64_t offset = 0;
  if (!take(text, at, 'Z') && !take(text, at, 'z')) {
    const bool west = take(text, at, '-');
    if (!west && !take(text, at, '+')) return {};
    const int h = take_digits(text, at, 2);
    if (h < 0 || h > 23 || !take(text, at, ':')) return {};
    const int m = take_digits(text, at, 2);
    if (m < 0 || m > 59) return {};
    offset = (h * 60 + m) * 60 * (west ? -1 : 1);
  }
  if (at != text.size()) return {};
  const TimeParts time{days_from_civil(year, month, day) * 86400 + hours * 3600 + minutes * 60 + seconds - offset,
                       static_cast<std::int32_t>(nanos)};
  if (!timestamp_in_range(time)) return {};
  if (zone) *zone = static_cast<std::int32_t>(offset / 60);
  return time;
}

std::string format_timestamp(TimeParts time, std::int32_t zone) {
  const Civil date = civil(time.seconds + zone * 60);
  std::string text;
  const auto put = [&](std::int64_t value, std::size_t width) {
    const std::string digits = std::to_string(value);
    if (digits.size() < width) text.append(width - digits.size(), '0');
    text += digits;
  };
  put(date.year, 4); text += '-';
  put(date.month, 2); text += '-';
  put(date.day, 2); text += 'T';
  put(date.hours, 2); text += ':';
  put(date.minutes, 2); text += ':';
  put(date.seconds, 2);
  if (time.nanos) text += fraction(time.nanos);
  if (zone == 0) return text += 'Z';
  text += zone < 0 ? '-' : '+';
  put(std::abs(zone) / 60, 2); text += ':';
  put(std::abs(zone) % 60, 2);
  return text;
}

std::optional<std::int64_t> to_nanoseconds(TimeParts length) {
  std::int64_t result;
  if (__builtin_mul_overflow(length.seconds, nanos_per_second, &result)) return {};
  if (__builtin_add_overflow(result, length.nanos, &result)) return {};
  return result;
}
TimeParts from_nanoseconds(std::int64_t nanoseconds) {
  return {nanoseconds / nanos_per_second, static_cast<std::int32_t>(nanoseconds % nanos_per_second)};
}

// Go's time.ParseDuration.
std::optional<TimeParts> parse_duration(std::string_view text) {
  std::size_t at = 0;
  const bool negative = take(text, at, '-');
  if (!negative) take(text, at, '+');
  if (text.substr(at) == "0") return TimeParts{};
  if (at == text.size()) return {};
  __int128 total = 0;
  while (at < text.size()) {
    __int128 whole = 0;
    std::size_t digits = 0;
    for (; at < text.size() && digit(text[at]); ++at, ++digits) {
      whole = whole * 10 + (text[at] - '0');
      if (whole > (static_cast<__int128>(1) << 64)) return {};
    }
    __int128 part = 0, scale = 1;
    if (take(text, at, '.')) {
      for (; at < text.size() && digit(text[at]); ++at, ++digits) {
        if (scale >= static_cast<__int128>(nanos_per_second) * nanos_per_second) continue;
        part = part * 10 + (text[at] - '0');
        scale *= 10;
      }
    }
    if (digits == 0) return {};
    const std::string_view rest = text.substr(at);
    __int128 unit = 0;
    std::size_t length = 0;
    static constexpr struct { std::string_view name; std::int64_t nanos; } units[] = {
        {"ns", 1}, {"us", 1000}, {"µs", 1000}, {"μs", 1000}, {"ms", 1'000'000},
        {"s", nanos_per_second}, {"m", 60 * nanos_per_second}, {"h", 3600 * nanos_per_second}};
    for (const auto& [name, nanos] : units) {
      if (!rest.starts_with(name)) continue;
      unit = nanos;
      length = name.size();
      break;
    }
    if (!unit) return {};
    at += length;
    total += whole * unit + part * unit / scale;
    if (total > (static_cast<__int128>(1) << 63)) return {};
  }
  if (negative) total = -total;
  if (total >= (static_cast<__int128>(1) << 63)) return {};
  return from_nanoseconds(static_cast<std::int64_t>(total));
}

std::string format_duration(TimeParts length) {
  const bool negative = length.seconds < 0 || length.nanos < 0;
  std::string text = negative ? "-" : "";
  const std::string whole = std::to_string(length.seconds);
  text += whole.starts_with('-') ? whole.substr(1) : whole;
  if (length.nanos) text += fraction(std::abs(length.nanos));
  return text + "s";
}

std::optional<TimeParts> add_to_timestamp(TimeParts time, TimeParts length, bool subtract) {
  const auto nanoseconds = to_nanoseconds(length);
  if (!nanoseconds) return {};
  const TimeParts parts = from_nanoseconds(*nanoseconds);
  const TimeParts result = subtract ? carry(time.seconds - parts.seconds, std::int64_t{time.nanos} - parts.nanos)
                                    : carry(time.seconds + parts.seconds, std::int64_t{time.nanos} + parts.nanos);
  if (!timestamp_in_range(result)) return {};
  return result;
}
std::optional<TimeParts> add_durations(TimeParts left, TimeParts right, bool subtract) {
  const auto a = to_nanoseconds(left), b = to_nanoseconds(right);
  std::int64_t sum;
  if (!a || !b || (subtract ? __builtin_sub_overflow(*a, *b, &sum) : __builtin_add_overflow(*a, *b, &sum))) return {};
  return from_nanoseconds(sum);
}
std::optional<TimeParts> between(TimeParts left, TimeParts right) {
  const __int128 nanoseconds = static_cast<__int128>(left.seconds - right.seconds) * nanos_per_second + left.nanos - right.nanos;
  if (nanoseconds >= (static_cast<__int128>(1) << 63) || nanoseconds < -(static_cast<__int128>(1) << 63)) return {};
  return from_nanoseconds(static_cast<std::int64_t>(nanoseconds));
}

}  // namespace assay::cel

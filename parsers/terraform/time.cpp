#include "parsers/terraform/time.hpp"

#include <array>
#include <cstdio>
#include <limits>

namespace assay::terraform {

namespace {

// Days since the epoch, of the proleptic Gregorian calendar (H. Hinnant, chrono-compatible low-level date
// algorithms).
std::int64_t days_from(int year, int month, int day) {
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const auto of_era = static_cast<std::int64_t>(y - era * 400);
  const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int days_in(int year, int month) {
  static constexpr std::array<int, 12> days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : days[static_cast<std::size_t>(month) - 1];
}

struct Reader {
  std::string_view text;
  std::string& why;

  bool digits(std::size_t count, int from, int to, const char* what, int& out) {
    out = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (i >= text.size() || text[i] < '0' || text[i] > '9') {
        why = std::string("the ") + what + " must have " + std::to_string(count) + " digits";
        return false;
      }
      out = out * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    if (out >= from && out <= to) return true;
    why = std::string("the ") + what + " must lie between " + std::to_string(from) + " and " + std::to_string(to);
    return false;
  }
  bool sign(char wanted) {
    if (text.starts_with(wanted)) {
      text.remove_prefix(1);
      return true;
    }
    why = std::string("a `") + wanted + "` is missing";
    return false;
  }
};

}  // namespace

std::optional<Timestamp> read_timestamp(std::string_view text, std::string& why) {
  Reader r{text, why};
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  const bool good = r.digits(4, 0, 9999, "year", year) && r.sign('-') && r.digits(2, 1, 12, "month", month) && r.sign('-') &&
                    r.digits(2, 1, 31, "day", day) && r.sign('T') && r.digits(2, 0, 23, "hour", hour) && r.sign(':') &&
                    r.digits(2, 0, 59, "minute", minute) && r.sign(':') && r.digits(2, 0, 59, "second", second);
  if (!good) {
    why = "this is no timestamp like `2024-12-31T23:59:59Z`: " + why;
    return std::nullopt;
  }
  Timestamp time;
  if (r.text.starts_with('.')) {
    std::size_t i = 1;
    std::int32_t scale = 100'000'000;
    for (; i < r.text.size() && r.text[i] >= '0' && r.text[i] <= '9'; ++i, scale /= 10) time.nanos += (r.text[i] - '0') * scale;
    if (i == 1) {
      why = "this is no timestamp like `2024-12-31T23:59:59Z`: the point has no digits after it";
      return std::nullopt;
    }
    r.text.remove_prefix(i);
  }
  if (day > days_in(year, month)) {
    why = "this is no timestamp: the month has no day " + std::to_string(day);
    return std::nullopt;
  }
  if (r.text == "Z") {
    r.text = {};
  } else {
    int hours = 0, minutes = 0;
    const bool minus = r.text.starts_with('-');
    if (!minus && !r.text.starts_with('+')) {
      why = "this is no timestamp: an offset like `Z` or `+02:00` must end it";
      return std::nullopt;
    }
    r.text.remove_prefix(1);
    if (!r.digits(2, 0, 24, "offset's hour", hours) || !r.sign(':') || !r.digits(2, 0, 60, "offset's minute", minutes) || !r.text.empty()) {
      why = "this is no timestamp: an offset like `Z` or `+02:00` must end it";
      return std::nullopt;
    }
    time.offset = (minus ? -1 : 1) * (hours * 60 + minutes);
  }
  time.seconds = days_from(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - time.offset * 60;
  return time;
}

CivilTime civil(const Timestamp& time) {
  const std::int64_t local = time.seconds + time.offset * 60;
  std::int64_t days = local / 86400, rest = local % 86400;
  if (rest < 0) rest += 86400, --days;
  const std::int64_t z = days + 719468;
  const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const std::int64_t of_era = z - era * 146097;
  const std::int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t mp = (5 * of_year + 2) / 153;
  CivilTime c;
  c.day = static_cast<int>(of_year - (153 * mp + 2) / 5 + 1);
  c.month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
  c.year = static_cast<int>(year_of_era + era * 400 + (c.month <= 2));
  c.hour = static_cast<int>(rest / 3600);
  c.minute = static_cast<int>(rest / 60 % 60);
  c.second = static_cast<int>(rest % 60);
  c.weekday = static_cast<int>(((days + 4) % 7 + 7) % 7);
  return c;
}

std::string write_timestamp(const Timestamp& time) {
  const CivilTime c = civil(time);
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute, c.second);
  std::string out = buffer;
  if (time.offset == 0) return out + "Z";
  const int minutes = time.offset < 0 ? -time.offset : time.offset;
  std::snprintf(buffer, sizeof buffer, "%c%02d:%02d", time.offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
  return out + buffer;
}

std::optional<std::int64_t> read_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  __int128 total = 0;
  while (!text.empty()) {
    std::size_t i = 0;
    __int128 number = 0, fraction = 0, scale = 1;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') {
      number = number * 10 + (text[i++] - '0');
      if (number > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
    }
    bool any = i > 0;
    if (i < text.size() && text[i] == '.') {
      const std::size_t begin = ++i;
      for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i)
        if (scale < 1'000'000'000'000'000'000) fraction = fraction * 10 + (text[i] - '0'), scale *= 10;
      any = any || i > begin;
    }
    if (!any) return std::nullopt;
    std::size_t end = i;
    while (end < text.size() && text[end] != '.' && (text[end] < '0' || text[end] > '9')) ++end;
    const std::string_view unit = text.substr(i, end - i);
    __int128 size = 0;
    if (unit == "ns") size = 1;
    else if (unit == "us" || unit == "\xc2\xb5s" || unit == "\xce\xbcs") size = 1'000;
    else if (unit == "ms") size = 1'000'000;
    else if (unit == "s") size = 1'000'000'000;
    else if (unit == "m") size = 60'000'000'000;
    else if (unit == "h") size = 3'600'000'000'000;
    else return std::nullopt;
    total += number * size + fraction * size / scale;
    if (total > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
    text.remove_prefix(end);
  }
  return static_cast<std::int64_t>(negative ? -total : total);
}

}  // namespace assay::terraform

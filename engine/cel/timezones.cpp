// Time zones from a table of our own, so that a rule's result does not depend on the machine it runs on.
// The table is IANA's tz database 2025b (public domain), made by timezones.py: from 1970 on; before that
// a zone has the offset it had at the end of 1969.
#include <cstdlib>
#include <unordered_map>

#include "engine/cel/numbers.hpp"
#include "engine/cel/times.hpp"

namespace assay::cel {

namespace {

constexpr std::int64_t unit = 30;  // seconds: the table counts in half minutes

struct Zone {
  std::string_view names, transitions, rule;
};
constexpr Zone zones[] = {
#include "engine/cel/timezones.inc"
};

std::string_view word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return taken;
}
std::int64_t number(std::string_view text, int base = 10) {
  std::int64_t value = 0;
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  for (const char c : text) value = value * base + (c >= 'a' ? c - 'a' + 10 : c - '0');
  return negative ? -value : value;
}

const Zone* find_zone(std::string_view name) {
  static const auto by_name = [] {
    std::unordered_map<std::string_view, const Zone*> made;
    for (const Zone& zone : zones)
      for (std::string_view names = zone.names; !names.empty();) made.emplace(word(names), &zone);
    return made;
  }();
  const auto found = by_name.find(name);
  return found == by_name.end() ? nullptr : found->second;
}

// Local seconds since 1970 of a POSIX change rule in a year: M3.2.0/2, J60, 59.
std::int64_t change(std::string_view text, std::int64_t year) {
  const std::size_t slash = text.find('/');
  std::string_view day = text.substr(0, slash);
  std::int64_t time = 7200;
  if (slash != std::string_view::npos) {
    std::string_view clock = text.substr(slash + 1);
    const bool negative = clock.starts_with('-');
    if (negative) clock.remove_prefix(1);
    time = 0;
    for (std::int64_t scale = 3600; !clock.empty() && scale; scale /= 60) {
      const std::size_t colon = std::min(clock.find(':'), clock.size());
      time += number(clock.substr(0, colon)) * scale;
      clock.remove_prefix(std::min(colon + 1, clock.size()));
    }
    if (negative) time = -time;
  }
  std::int64_t days = 0;
  if (day.starts_with('M')) {
    day.remove_prefix(1);
    const std::size_t dot = day.find('.'), dot2 = day.find('.', dot + 1);
    const int month = static_cast<int>(number(day.substr(0, dot)));
    const std::int64_t week = number(day.substr(dot + 1, dot2 - dot - 1)), weekday = number(day.substr(dot2 + 1));
    const std::int64_t first = days_from_civil(year, month, 1);
    const std::int64_t next_month = month == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, month + 1, 1);
    const std::int64_t first_weekday = ((first + 4) % 7 + 7) % 7;
    days = first + (weekday - first_weekday + 7) % 7 + 7 * (week - 1);
    while (days >= next_month) days -= 7;
  } else if (day.starts_with('J')) {
    const std::int64_t n = number(day.substr(1));
    const bool leap = days_from_civil(year, 3, 1) - days_from_civil(year, 2, 28) == 2;
    days = days_from_civil(year, 1, 1) + n - 1 + (leap && n >= 60);
  } else {
    days = days_from_civil(year, 1, 1) + number(day);
  }
  return days * 86400 + time;
}

std::int64_t by_rule(std::string_view rule, std::int64_t seconds) {
  const std::int64_t standard = number(word(rule)) * unit;
  if (rule.empty()) return standard;
  const std::int64_t summer = number(word(rule)) * unit;
  const std::string_view begin_text = word(rule), end_text = word(rule);
  const std::int64_t year = civil(seconds + standard).year;
  const std::int64_t begin = change(begin_text, year) - standard, end = change(end_text, year) - summer;
  const bool in_summer = begin < end ? seconds >= begin && seconds < end : seconds >= begin || seconds < end;
  return in_summer ? summer : standard;
}

// "+01:00", "-02:30", "02:00"; like cel-go, any numbers of hours and minutes.
std::optional<std::int32_t> fixed_offset(std::string_view text) {
  const bool west = text.starts_with('-');
  if (west || text.starts_with('+')) text.remove_prefix(1);
  const std::size_t colon = text.find(':');
  const std::string_view first = text.substr(0, colon), second = text.substr(colon + 1);
  const auto digits = [](std::string_view part) {
    return !part.empty() && part.size() <= 4 && part.find_first_not_of("0123456789") == std::string_view::npos;
  };
  if (!digits(first) || !digits(second)) return {};
  const std::int64_t hours = number(first), minutes = number(second);
  return static_cast<std::int32_t>((hours * 60 + minutes) * (west ? -60 : 60));
}

}  // namespace

std::optional<std::int32_t> utc_offset(std::string_view zone, std::int64_t seconds) {
  if (zone.empty()) return 0;
  if (zone.find(':') != std::string_view::npos) return fixed_offset(zone);
  const Zone* const found = find_zone(zone);
  if (!found) return {};
  std::string_view transitions = found->transitions;
  std::int64_t offset = number(word(transitions)) * unit, at = 0;
  while (!transitions.empty()) {
    at += number(word(transitions), 36) * unit;
    if (seconds < at) return static_cast<std::int32_t>(offset);
    offset = number(word(transitions)) * unit;
  }
  // Behind the last transition that is written out.
  return static_cast<std::int32_t>(seconds >= 0 ? by_rule(found->rule, seconds) : offset);
}

}  // namespace assay::cel

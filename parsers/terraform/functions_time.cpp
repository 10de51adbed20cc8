// formatdate plantimestamp timeadd timecmp timestamp
#include <array>

#include "parsers/terraform/function.hpp"
#include "parsers/terraform/time.hpp"

namespace assay::terraform {

namespace {

std::optional<Timestamp> time_argument(Call& c, std::size_t i) {
  std::string why;
  const auto time = read_timestamp(c.text(i), why);
  if (!time) c.fail(why, static_cast<int>(i));
  return time;
}

std::string padded(int number, std::size_t width) {
  std::string text = std::to_string(number);
  while (text.size() < width) text.insert(text.begin(), '0');
  return text;
}

std::string offset_text(int minutes, bool colon) {
  const int size = minutes < 0 ? -minutes : minutes;
  return std::string(minutes < 0 ? "-" : "+") + padded(size / 60, 2) + (colon ? ":" : "") + padded(size % 60, 2);
}

constexpr std::array<std::string_view, 12> months = {"January", "February", "March", "April", "May", "June", "July",
                                                     "August", "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> weekdays = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

// One verb, a letter repeated: empty when there is no such.
std::string verb_text(char verb, std::size_t count, const Timestamp& time, const CivilTime& t) {
  const auto plain = [&](int number) { return count == 1 ? std::to_string(number) : count == 2 ? padded(number, 2) : std::string(); };
  const auto named = [&](std::string_view name, std::size_t whole) {
    return count == whole ? std::string(name) : count == 3 ? std::string(name.substr(0, 3)) : std::string();
  };
  switch (verb) {
    case 'Y': return count == 4 ? padded(t.year, 4) : count == 2 ? padded(t.year % 100, 2) : "";
    case 'M': return count > 2 ? named(months[static_cast<std::size_t>(t.month) - 1], 4) : plain(t.month);
    case 'D': return plain(t.day);
    case 'E': return named(weekdays[static_cast<std::size_t>(t.weekday)], 4);
    case 'h': return plain(t.hour);
    case 'H': return plain(t.hour % 12 == 0 ? 12 : t.hour % 12);
    case 'A': return count == 2 ? (t.hour < 12 ? "AM" : "PM") : "";
    case 'a': return count == 2 ? (t.hour < 12 ? "am" : "pm") : "";
    case 'm': return plain(t.minute);
    case 's': return plain(t.second);
    case 'Z':
      if (count == 1) return time.offset == 0 ? "Z" : offset_text(time.offset, true);
      if (count == 3) return time.offset == 0 ? "UTC" : offset_text(time.offset, false);
      if (count == 4) return offset_text(time.offset, false);
      return count == 5 ? offset_text(time.offset, true) : "";
    default: return {};
  }
}

Typed formatdate_(Call& c) {
  const auto time = time_argument(c, 1);
  if (!time) return {};
  const CivilTime t = civil(*time);
  const std::string_view format = c.text(0);
  std::string out;
  for (std::size_t i = 0; i < format.size();) {
    const char first = format[i];
    if (first == '\'') {
      if (format.substr(i).starts_with("''")) {
        out += '\'';
        i += 2;
        continue;
      }
      std::size_t at = i + 1;
      bool closed = false;
      for (; at < format.size() && !closed; ++at) {
        if (format[at] != '\'') {
          out += format[at];
        } else if (at + 1 < format.size() && format[at + 1] == '\'') {
          out += '\'';
          ++at;
        } else {
          closed = true;
        }
      }
      if (!closed) return c.fail("a `'` is not closed", 0);
      i = at;
      continue;
    }
    if (!((first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z'))) {
      out += first;
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < format.size() && format[end] == first) ++end;
    const std::string text = verb_text(first, end - i, *time, t);
    if (text.empty()) return c.fail("`" + std::string(format.substr(i, end - i)) + "` is no verb of a date: quote other text with `'`", 0);
    out += text;
    i = end;
  }
  return c.string(out);
}

Typed timeadd_(Call& c) {
  auto time = time_argument(c, 0);
  if (!time) return {};
  const auto duration = read_duration(c.text(1));
  if (!duration) return c.fail("this is no duration like `1h30m`", 1);
  const std::int64_t nanos = time->nanos + *duration % 1'000'000'000;
  time->seconds += *duration / 1'000'000'000;
  if (nanos < 0) time->seconds -= 1;
  if (nanos >= 1'000'000'000) time->seconds += 1;
  return c.string(write_timestamp(*time));
}

Typed timecmp_(Call& c) {
  const auto a = time_argument(c, 0);
  if (!a) return {};
  const auto b = time_argument(c, 1);
  if (!b) return {};
  if (a->seconds != b->seconds) return c.integer(a->seconds < b->seconds ? -1 : 1);
  return c.integer(a->nanos < b->nanos ? -1 : a->nanos > b->nanos);
}

// An audit reads no clock.
Typed timestamp_(Call& c) { return c.unknown(string_type(), "it is the time of the run"); }

constexpr Function functions[] = {
    {"formatdate", "format:s time:s", "s", formatdate_},
    {"plantimestamp", "", "s", timestamp_},
    {"timeadd", "timestamp:s duration:s", "s", timeadd_},
    {"timecmp", "timestamp_a:s timestamp_b:s", "n", timecmp_},
    {"timestamp", "", "s", timestamp_},
};

}  // namespace

std::span<const Function> time_functions() { return functions; }

}  // namespace assay::terraform

// Parts of timestamps, in UTC or a named time zone, and of durations.
#include "engine/cel/libraries/standard.hpp"
#include "engine/cel/times.hpp"

namespace assay::cel::standard {

namespace {

using Part = std::int64_t (*)(const Civil& date, std::int32_t nanos);

template <Part part>
Val of_timestamp(Frame& frame, Args args) {
  std::int64_t seconds = args[0].int64;
  if (args.size() == 2) {
    const auto offset = utc_offset(args[1].string(), seconds);
    if (!offset) return make_error(frame, "unknown time zone " + std::string(args[1].string().substr(0, 80)));
    seconds += *offset;
  }
  return val_int(part(civil(seconds), args[0].nanos));
}

std::int64_t year(const Civil& date, std::int32_t) { return date.year; }
std::int64_t month(const Civil& date, std::int32_t) { return date.month - 1; }
std::int64_t date_of_month(const Civil& date, std::int32_t) { return date.day; }
std::int64_t day_of_month(const Civil& date, std::int32_t) { return date.day - 1; }
std::int64_t day_of_week(const Civil& date, std::int32_t) { return date.day_of_week; }
std::int64_t day_of_year(const Civil& date, std::int32_t) { return date.day_of_year; }
std::int64_t hours(const Civil& date, std::int32_t) { return date.hours; }
std::int64_t minutes(const Civil& date, std::int32_t) { return date.minutes; }
std::int64_t seconds(const Civil& date, std::int32_t) { return date.seconds; }
std::int64_t milliseconds(const Civil&, std::int32_t nanos) { return nanos / 1'000'000; }

template <std::int64_t unit>
Val whole_units(Frame&, Args args) { return val_int(args[0].int64 / unit); }
// The API server's: like the larger units.
Val all_milliseconds(Frame&, Args args) { return val_int(args[0].int64 * 1000 + args[0].nanos / 1'000'000); }
// cel-spec: the milliseconds part alone, unlike the larger units.
Val duration_milliseconds(Frame&, Args args) { return val_int(args[0].nanos / 1'000'000); }

template <Part part>
void define_part(Environment& environment, const Types& t, const char* name, const char* id, const char* words,
                 std::vector<Overload> further = {}) {
  further.push_back(member(std::string("timestamp_to_") + id, {t.timestamp}, t.int64, of_timestamp<part>));
  // cel-spec's one exception in naming.
  const char* zoned = std::string_view(id) == "seconds" ? "_tz" : "_with_tz";
  further.push_back(member(std::string("timestamp_to_") + id + zoned, {t.timestamp, t.string}, t.int64, of_timestamp<part>));
  define(environment, name, words, std::move(further));
}

}  // namespace

void add_times(Environment& environment, Dialect dialect) {
  const Types t(environment);
  define_part<year>(environment, t, "getFullYear", "year", "the year of a timestamp, in UTC or the time zone named");
  define_part<month>(environment, t, "getMonth", "month", "the month of a timestamp, from 0");
  define_part<date_of_month>(environment, t, "getDate", "day_of_month_1_based", "the day of the month of a timestamp, from 1");
  define_part<day_of_month>(environment, t, "getDayOfMonth", "day_of_month", "the day of the month of a timestamp, from 0");
  define_part<day_of_week>(environment, t, "getDayOfWeek", "day_of_week", "the day of the week of a timestamp, Sunday is 0");
  define_part<day_of_year>(environment, t, "getDayOfYear", "day_of_year", "the day of the year of a timestamp, from 0");
  define_part<hours>(environment, t, "getHours", "hours", "the hour of a timestamp; whole hours of a duration",
                     {member("duration_to_hours", {t.duration}, t.int64, whole_units<3600>)});
  define_part<minutes>(environment, t, "getMinutes", "minutes", "the minute of a timestamp; whole minutes of a duration",
                       {member("duration_to_minutes", {t.duration}, t.int64, whole_units<60>)});
  define_part<seconds>(environment, t, "getSeconds", "seconds", "the second of a timestamp; whole seconds of a duration",
                       {member("duration_to_seconds", {t.duration}, t.int64, whole_units<1>)});
  define_part<milliseconds>(environment, t, "getMilliseconds", "milliseconds", "the milliseconds within the second",
                            {member("duration_to_milliseconds", {t.duration}, t.int64, dialect == Dialect::api_server ? all_milliseconds : duration_milliseconds)});
}

}  // namespace assay::cel::standard

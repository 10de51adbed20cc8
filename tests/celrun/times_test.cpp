#include <catch2/catch.hpp>

#include "engine/cel/times.hpp"

using namespace assay::cel;

TEST_CASE("timestamps and durations read and write", "[celrun]") {
  CHECK(format_timestamp(*parse_timestamp("2009-02-13T23:31:30Z")) == "2009-02-13T23:31:30Z");
  CHECK(format_timestamp(*parse_timestamp("2009-02-14T00:31:30.500+01:00")) == "2009-02-13T23:31:30.5Z");
  CHECK_FALSE(parse_timestamp("2009-02-29T00:00:00Z"));
  CHECK_FALSE(parse_timestamp("0000-01-01T00:00:00Z"));
  CHECK_FALSE(parse_timestamp("2009-02-13 23:31:30Z"));
  CHECK(format_duration(*parse_duration("1h30m")) == "5400s");
  CHECK(format_duration(*parse_duration("-1.5s")) == "-1.5s");
  CHECK(format_duration(*parse_duration("-9223372036854775808ns")) == "-9223372036.854775808s");
  CHECK_FALSE(parse_duration("9223372036854775808ns"));
  CHECK_FALSE(parse_duration("1"));
  CHECK_FALSE(parse_duration(""));
  for (std::int64_t day = -800000; day < 2000000; day += 37) {
    const Civil date = civil(day * 86400 + 3661);
    REQUIRE(days_from_civil(date.year, date.month, date.day) == day);
    REQUIRE(date.hours == 1);
  }
}

TEST_CASE("time zones at known instants", "[celrun]") {
  // Offsets as GNU date and Python's zoneinfo give them.
  const struct { const char* zone; std::int64_t at; int offset; } cases[] = {
      {"Europe/Zurich", 1234567890, 3600},  {"Europe/Zurich", 1247000000, 7200},
      {"Europe/Zurich", 4086000000, 7200},  {"Europe/Zurich", 4102000000, 3600},
      {"Australia/Sydney", 1234567890, 39600}, {"Australia/Sydney", 4086000000, 36000},
      {"America/St_Johns", 1234567890, -12600}, {"US/Central", 1234567890, -21600},
      {"Asia/Kathmandu", 1234567890, 20700}, {"UTC", 0, 0}, {"+01:00", 0, 3600}, {"-02:30", 0, -9000}, {"02:00", 0, 7200}};
  for (const auto& c : cases) {
    INFO(c.zone << " " << c.at);
    CHECK(utc_offset(c.zone, c.at) == c.offset);
  }
  CHECK_FALSE(utc_offset("Mars/Olympus", 0));
  // Hours of one digit are an offset too, as in cel-go, which reads them with strconv.Atoi.
  CHECK(utc_offset("+1:00", 0) == 3600);
}

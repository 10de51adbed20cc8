// Conversions between types: bool(), int(), string(), timestamp() …, type() and dyn().
#include "engine/cel/libraries/standard.hpp"
#include "engine/cel/numbers.hpp"
#include "engine/cel/times.hpp"

namespace assay::cel::standard {

namespace {

Val same(Frame&, Args args) { return args[0]; }

Val range_error(Frame& frame, std::string_view type) { return make_error(frame, std::string(type) + " out of range"); }
Val syntax_error(Frame& frame, std::string_view type, std::string_view text) {
  return make_error(frame, "type conversion error from 'string' to '" + std::string(type) + "': `" + std::string(text.substr(0, 80)) + "`");
}

Val bool_of(Frame& frame, Args args) {
  const std::string_view text = args[0].string();
  for (const std::string_view word : {"true", "True", "TRUE", "t", "T", "1"}) if (text == word) return val_bool(true);
  for (const std::string_view word : {"false", "False", "FALSE", "f", "F", "0"}) if (text == word) return val_bool(false);
  return syntax_error(frame, "bool", text);
}

Val bytes_of(Frame&, Args args) { return val_bytes(args[0].string()); }

Val double_of_int(Frame&, Args args) { return val_double(static_cast<double>(args[0].int64)); }
Val double_of_uint(Frame&, Args args) { return val_double(static_cast<double>(args[0].uint64)); }
Val double_of_text(Frame& frame, Args args) {
  const auto value = parse_double(args[0].string());
  return value ? val_double(*value) : syntax_error(frame, "double", args[0].string());
}

Val int_of_uint(Frame& frame, Args args) {
  return args[0].uint64 > INT64_MAX ? range_error(frame, "integer") : val_int(static_cast<std::int64_t>(args[0].uint64));
}
Val int_of_double(Frame& frame, Args args) {
  const auto value = truncate_to_int(args[0].float64);
  return value ? val_int(*value) : range_error(frame, "integer");
}
Val int_of_text(Frame& frame, Args args) {
  const auto value = parse_int(args[0].string());
  return value ? val_int(*value) : syntax_error(frame, "int", args[0].string());
}
Val int_of_timestamp(Frame&, Args args) { return val_int(args[0].int64); }
Val int_of_duration(Frame& frame, Args args) {
  const auto nanoseconds = to_nanoseconds({args[0].int64, args[0].nanos});
  return nanoseconds ? val_int(*nanoseconds) : range_error(frame, "integer");
}

Val uint_of_int(Frame& frame, Args args) {
  return args[0].int64 < 0 ? range_error(frame, "unsigned integer") : val_uint(static_cast<std::uint64_t>(args[0].int64));
}
Val uint_of_double(Frame& frame, Args args) {
  const auto value = truncate_to_uint(args[0].float64);
  return value ? val_uint(*value) : range_error(frame, "unsigned integer");
}
Val uint_of_text(Frame& frame, Args args) {
  const auto value = parse_uint(args[0].string());
  return value ? val_uint(*value) : syntax_error(frame, "uint", args[0].string());
}

Val text_of_bool(Frame&, Args args) { return val_string(args[0].boolean ? "true" : "false"); }
Val text_of_int(Frame& frame, Args args) { return make_string(frame, std::to_string(args[0].int64)); }
Val text_of_uint(Frame& frame, Args args) { return make_string(frame, std::to_string(args[0].uint64)); }
Val text_of_double(Frame& frame, Args args) { return make_string(frame, format_double(args[0].float64)); }
Val text_of_bytes(Frame& frame, Args args) {
  return valid_utf8(args[0].string()) ? val_string(args[0].string()) : make_error(frame, "invalid UTF-8 in bytes");
}
Val text_of_timestamp(Frame& frame, Args args) { return make_string(frame, format_timestamp({args[0].int64, args[0].nanos}, zone_of(args[0]))); }
Val text_of_duration(Frame& frame, Args args) { return make_string(frame, format_duration({args[0].int64, args[0].nanos})); }

Val timestamp_of_text(Frame& frame, Args args) {
  std::int32_t zone = 0;
  const auto time = parse_timestamp(args[0].string(), &zone);
  return time ? in_zone(val_timestamp(*time), zone) : syntax_error(frame, "google.protobuf.Timestamp", args[0].string());
}
Val timestamp_of_int(Frame& frame, Args args) {
  const TimeParts time{args[0].int64, 0};
  return timestamp_in_range(time) ? val_timestamp(time) : range_error(frame, "timestamp");
}
Val duration_of_text(Frame& frame, Args args) {
  const auto length = parse_duration(args[0].string());
  return length ? val_duration(*length) : syntax_error(frame, "google.protobuf.Duration", args[0].string());
}
// Declared for the checker, as in cel-go, where it always fails too: an int has no unit.
Val duration_of_int(Frame& frame, Args) { return make_error(frame, "type conversion error from `int` to `google.protobuf.Duration`, write the unit: `duration(\"5s\")`"); }

Val type_of(Frame&, Args args) { return val_type(runtime_type(args[0])); }

}  // namespace

void add_conversions(Environment& environment) {
  const Types t(environment);
  define(environment, "bool", "a bool of a bool or of \"true\" and \"false\"",
         {overload("bool_to_bool", {t.boolean}, t.boolean, same), overload("string_to_bool", {t.string}, t.boolean, bool_of)});
  define(environment, "bytes", "the UTF-8 bytes of a string",
         {overload("bytes_to_bytes", {t.bytes}, t.bytes, same), overload("string_to_bytes", {t.string}, t.bytes, bytes_of)});
  define(environment, "double", "a double of a number or its text",
         {overload("double_to_double", {t.float64}, t.float64, same), overload("int64_to_double", {t.int64}, t.float64, double_of_int),
          overload("uint64_to_double", {t.uint64}, t.float64, double_of_uint), overload("string_to_double", {t.string}, t.float64, double_of_text)});
  define(environment, "duration", "a duration of text such as \"1h30m\"",
         {overload("duration_to_duration", {t.duration}, t.duration, same), overload("string_to_duration", {t.string}, t.duration, duration_of_text),
          overload("int64_to_duration", {t.int64}, t.duration, duration_of_int)});
  define(environment, "dyn", "the value itself, its type left open", {overload("to_dyn", {t.a}, t.dyn, same)});
  define(environment, "int", "an int of a number (toward zero), its text, or a timestamp's seconds",
         {overload("int64_to_int64", {t.int64}, t.int64, same), overload("uint64_to_int64", {t.uint64}, t.int64, int_of_uint),
          overload("double_to_int64", {t.float64}, t.int64, int_of_double), overload("string_to_int64", {t.string}, t.int64, int_of_text),
          overload("timestamp_to_int64", {t.timestamp}, t.int64, int_of_timestamp), overload("duration_to_int64", {t.duration}, t.int64, int_of_duration)});
  define(environment, "string", "the text of a value",
         {overload("string_to_string", {t.string}, t.string, same), overload("bool_to_string", {t.boolean}, t.string, text_of_bool),
          overload("int64_to_string", {t.int64}, t.string, text_of_int), overload("uint64_to_string", {t.uint64}, t.string, text_of_uint),
          overload("double_to_string", {t.float64}, t.string, text_of_double), overload("bytes_to_string", {t.bytes}, t.string, text_of_bytes),
          overload("timestamp_to_string", {t.timestamp}, t.string, text_of_timestamp),
          overload("duration_to_string", {t.duration}, t.string, text_of_duration)});
  define(environment, "timestamp", "a timestamp of RFC 3339 text or of seconds since 1970",
         {overload("timestamp_to_timestamp", {t.timestamp}, t.timestamp, same), overload("string_to_timestamp", {t.string}, t.timestamp, timestamp_of_text),
          overload("int64_to_timestamp", {t.int64}, t.timestamp, timestamp_of_int)});
  define(environment, "type", "the type of a value", {overload("type", {t.a}, t.table.type(t.a), type_of)});
  define(environment, "uint", "a uint of a number (toward zero) or its text",
         {overload("uint64_to_uint64", {t.uint64}, t.uint64, same), overload("int64_to_uint64", {t.int64}, t.uint64, uint_of_int),
          overload("double_to_uint64", {t.float64}, t.uint64, uint_of_double), overload("string_to_uint64", {t.string}, t.uint64, uint_of_text)});
}

}  // namespace assay::cel::standard

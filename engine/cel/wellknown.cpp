#include "engine/cel/wellknown.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/cel/operations.hpp"
#include "engine/cel/times.hpp"

namespace assay::cel {
namespace {

using Values = std::span<const Val* const>;

constexpr std::int64_t exact_in_double = std::int64_t{1} << 53;

bool is_set(const Val* value) { return value && !value->is(ValKind::null); }

std::string base64(std::string_view bytes) {
  static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j) out += i + j <= bytes.size() ? digits[group >> (18 - 6 * j) & 63] : '=';
  }
  return out;
}

// What a value becomes inside a Struct, Value or ListValue: what JSON can say.
Val json(Frame& frame, const Val& value, int depth) {
  if (depth > 100) return too_deep(frame);
  switch (value.kind) {
    case ValKind::null:
    case ValKind::boolean:
    case ValKind::float64:
    case ValKind::string:
    case ValKind::error:
    case ValKind::unknown:
      return value;
    case ValKind::int64:
      if (value.int64 > exact_in_double || value.int64 < -exact_in_double)
        return make_string(frame, std::to_string(value.int64));
      return val_double(static_cast<double>(value.int64));
    case ValKind::uint64:
      if (value.uint64 > static_cast<std::uint64_t>(exact_in_double))
        return make_string(frame, std::to_string(value.uint64));
      return val_double(static_cast<double>(value.uint64));
    case ValKind::bytes:
      return make_string(frame, base64(value.string()));
    case ValKind::timestamp:
      return make_string(frame, format_timestamp({value.int64, value.nanos}));
    case ValKind::duration:
      return make_string(frame, format_duration({value.int64, value.nanos}));
    case ValKind::list: {
      const std::size_t size = size_of(value);
      Val* items = frame.scratch->array<Val>(size);
      if (size > 0 && !items) return out_of_memory(frame);
      for (std::size_t i = 0; i < size; ++i) {
        items[i] = json(frame, item_at(value, i), depth + 1);
        if (items[i].is_error()) return items[i];
      }
      return wrap_list(frame, items, size);
    }
    case ValKind::map: {
      const std::size_t size = size_of(value);
      MapEntry* entries = frame.scratch->array<MapEntry>(size);
      if (size > 0 && !entries) return out_of_memory(frame);
      for (std::size_t i = 0; i < size; ++i) {
        entries[i] = entry_at(value, i);
        if (!entries[i].key.is(ValKind::string))
          return make_error(frame, "a map inside a google.protobuf.Struct must have strings as keys");
        entries[i].value = json(frame, entries[i].value, depth + 1);
        if (entries[i].value.is_error()) return entries[i].value;
      }
      return make_map_indexed(frame, entries, size);
    }
    case ValKind::optional:
    case ValKind::type:
    case ValKind::structure:
    case ValKind::opaque:
      break;
  }
  return make_error(frame, "JSON has no value of this type");
}

Val wrong_type(Frame& frame, std::string_view message) {
  return make_error(frame, "a field of " + std::string(message) + " has a value of the wrong type");
}

template <ValKind kind>
Val primitive(Frame& frame, Values values, Val zero, std::string_view message) {
  if (!is_set(values[0])) return zero;
  return values[0]->is(kind) ? *values[0] : wrong_type(frame, message);
}
Val make_bool(Frame& frame, Values values) {
  return primitive<ValKind::boolean>(frame, values, val_bool(false), "google.protobuf.BoolValue");
}
Val make_bytes(Frame& frame, Values values) {
  return primitive<ValKind::bytes>(frame, values, val_bytes(""), "google.protobuf.BytesValue");
}
Val make_string_value(Frame& frame, Values values) {
  return primitive<ValKind::string>(frame, values, val_string(""), "google.protobuf.StringValue");
}
Val make_double(Frame& frame, Values values) {
  return primitive<ValKind::float64>(frame, values, val_double(0), "google.protobuf.DoubleValue");
}
Val make_float(Frame& frame, Values values) {
  Val made = primitive<ValKind::float64>(frame, values, val_double(0), "google.protobuf.FloatValue");
  if (made.is(ValKind::float64)) {
    // Beyond float's range the nearest is infinity; the conversion itself would be undefined.
    constexpr double largest = std::numeric_limits<float>::max();
    const double value = made.float64;
    made =
        val_double(std::abs(value) > largest && std::isfinite(value) ? std::copysign(HUGE_VAL, value)
                                                                     : static_cast<double>(static_cast<float>(value)));
  }
  return made;
}
Val make_int64(Frame& frame, Values values) {
  return primitive<ValKind::int64>(frame, values, val_int(0), "google.protobuf.Int64Value");
}
Val make_uint64(Frame& frame, Values values) {
  return primitive<ValKind::uint64>(frame, values, val_uint(0), "google.protobuf.UInt64Value");
}
Val make_int32(Frame& frame, Values values) {
  const Val made = primitive<ValKind::int64>(frame, values, val_int(0), "google.protobuf.Int32Value");
  if (made.is(ValKind::int64) && (made.int64 > INT32_MAX || made.int64 < INT32_MIN))
    return make_error(frame, "range error: beyond the range of an int32");
  return made;
}
Val make_uint32(Frame& frame, Values values) {
  const Val made = primitive<ValKind::uint64>(frame, values, val_uint(0), "google.protobuf.UInt32Value");
  if (made.is(ValKind::uint64) && made.uint64 > UINT32_MAX)
    return make_error(frame, "range error: beyond the range of a uint32");
  return made;
}

Val make_struct(Frame& frame, Values values) {
  if (!is_set(values[0])) return make_map(frame, {});
  if (!values[0]->is(ValKind::map)) return wrong_type(frame, "google.protobuf.Struct");
  return json(frame, *values[0], 0);
}
Val make_list_value(Frame& frame, Values values) {
  if (!is_set(values[0])) return make_list(frame, {});
  if (!values[0]->is(ValKind::list)) return wrong_type(frame, "google.protobuf.ListValue");
  return json(frame, *values[0], 0);
}
// null_value, number_value, string_value, bool_value, struct_value, list_value: a oneof, the last one set counts.
Val make_value(Frame& frame, Values values) {
  static constexpr ValKind kinds[] = {ValKind::null,    ValKind::float64, ValKind::string,
                                      ValKind::boolean, ValKind::map,     ValKind::list};
  for (std::size_t i = values.size(); i-- > 0;) {
    if (!is_set(values[i])) continue;
    if (i == 0) return val_null();  // the enum's only value
    return values[i]->is(kinds[i]) ? json(frame, *values[i], 0) : wrong_type(frame, "google.protobuf.Value");
  }
  return val_null();
}

bool read_time(Values values, TimeParts& out) {
  if (is_set(values[0]) && !values[0]->is(ValKind::int64)) return false;
  if (is_set(values[1]) && !values[1]->is(ValKind::int64)) return false;
  out.seconds = is_set(values[0]) ? values[0]->int64 : 0;
  const std::int64_t nanos = is_set(values[1]) ? values[1]->int64 : 0;
  if (nanos <= -1'000'000'000 || nanos >= 1'000'000'000) return false;
  out.nanos = static_cast<std::int32_t>(nanos);
  return true;
}
Val make_timestamp(Frame& frame, Values values) {
  TimeParts time;
  if (!read_time(values, time) || time.nanos < 0 || !timestamp_in_range(time))
    return make_error(frame, "range error: no google.protobuf.Timestamp");
  return val_timestamp(time);
}
Val make_duration(Frame& frame, Values values) {
  TimeParts length;
  const bool mixed = !read_time(values, length) || (length.seconds > 0 && length.nanos < 0) ||
                     (length.seconds < 0 && length.nanos > 0);
  if (mixed || !to_nanoseconds(length)) return make_error(frame, "range error: no google.protobuf.Duration");
  return val_duration(length);
}

// Any carries another message in protobuf's wire format. Those that are CEL values are read; fields other
// than theirs are passed over.
struct Wire {
  std::string_view rest;
  bool failed = false;

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (rest.empty()) break;
      const auto byte = static_cast<unsigned char>(rest.front());
      rest.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (!(byte & 0x80)) return value;
    }
    failed = true;
    return 0;
  }
  std::uint64_t fixed(std::size_t size) {
    if (rest.size() < size) {
      failed = true;
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest[i])) << (8 * i);
    rest.remove_prefix(size);
    return value;
  }
  std::string_view block() {
    const std::uint64_t size = varint();
    if (failed || size > rest.size()) {
      failed = true;
      return {};
    }
    const std::string_view block = rest.substr(0, size);
    rest.remove_prefix(size);
    return block;
  }
};

// A scalar field of one of the messages below, as its type says.
Val read_field(Wire& wire, std::uint64_t wire_type, TypeKind kind) {
  switch (wire_type) {
    case 0: {
      const std::uint64_t value = wire.varint();
      if (kind == TypeKind::boolean) return val_bool(value != 0);
      if (kind == TypeKind::uint64) return val_uint(value);
      return val_int(static_cast<std::int64_t>(value));
    }
    case 1: {
      const std::uint64_t bits = wire.fixed(8);
      double value;
      static_assert(sizeof value == sizeof bits);
      std::copy_n(reinterpret_cast<const char*>(&bits), sizeof bits, reinterpret_cast<char*>(&value));
      return val_double(value);
    }
    case 2: {
      const std::string_view block = wire.block();
      return kind == TypeKind::bytes ? val_bytes(block) : val_string(block);
    }
    case 5: {
      const auto bits = static_cast<std::uint32_t>(wire.fixed(4));
      float value;
      std::copy_n(reinterpret_cast<const char*>(&bits), sizeof bits, reinterpret_cast<char*>(&value));
      return val_double(value);
    }
    default:
      break;
  }
  wire.failed = true;
  return val_null();
}

Val make_any(Frame& frame, Values values) {
  const bool typed = is_set(values[0]) && values[0]->is(ValKind::string);
  const std::string_view url = typed ? values[0]->string() : std::string_view();
  const std::string_view bytes =
      is_set(values[1]) && values[1]->is(ValKind::bytes) ? values[1]->string() : std::string_view();
  const std::size_t slash = url.rfind('/');
  const WellKnown* message = slash == std::string_view::npos ? nullptr : well_known(url.substr(slash + 1));
  // Not an Any inside an Any: their depth would be bounded by nothing.
  const bool readable = message && message->make != make_any &&
                        std::all_of(message->fields.begin(), message->fields.end(), [](const Field& field) {
                          return field.type->kind != TypeKind::list && field.type->kind != TypeKind::map &&
                                 field.type->kind != TypeKind::dyn;
                        });
  if (!readable)
    return make_error(frame, "unsupported type conversion: google.protobuf.Any of `" + std::string(url) + "`");
  std::vector<Val> held(message->fields.size());
  std::vector<const Val*> fields(message->fields.size(), nullptr);
  Wire wire{bytes};
  while (!wire.rest.empty() && !wire.failed) {
    const std::uint64_t tag = wire.varint();
    const std::size_t number = static_cast<std::size_t>(tag >> 3);
    const bool known = number >= 1 && number <= held.size();
    const Val value = read_field(wire, tag & 7, known ? message->fields[number - 1].type->kind : TypeKind::bytes);
    if (!known) continue;
    held[number - 1] = value;
    fields[number - 1] = &held[number - 1];
  }
  if (wire.failed)
    return make_error(frame, "unsupported type conversion: the bytes of a google.protobuf.Any are no `" +
                                 std::string(message->name) + "`");
  return message->make(frame, fields);
}

std::vector<WellKnown> table() {
  TypeTable types;  // gives the pointers that all tables share
  const auto of = [](TypeKind kind) { return primitive_type(kind); };
  const auto wrapper = [&](TypeKind kind) { return types.wrapper(of(kind)); };
  const auto value = [&](TypeKind kind) { return std::vector<Field>{{"value", of(kind)}}; };
  const Type* dyn = of(TypeKind::dyn);
  const Type* object = types.map(of(TypeKind::string), dyn);
  const Type* list = types.list(dyn);
  const Type* integer = of(TypeKind::int64);
  const std::vector<Field> time{{"seconds", integer}, {"nanos", integer}};
  return {
      {"google.protobuf.BoolValue", wrapper(TypeKind::boolean), value(TypeKind::boolean), make_bool},
      {"google.protobuf.BytesValue", wrapper(TypeKind::bytes), value(TypeKind::bytes), make_bytes},
      {"google.protobuf.DoubleValue", wrapper(TypeKind::float64), value(TypeKind::float64), make_double},
      {"google.protobuf.FloatValue", wrapper(TypeKind::float64), value(TypeKind::float64), make_float},
      {"google.protobuf.Int32Value", wrapper(TypeKind::int64), value(TypeKind::int64), make_int32},
      {"google.protobuf.Int64Value", wrapper(TypeKind::int64), value(TypeKind::int64), make_int64},
      {"google.protobuf.StringValue", wrapper(TypeKind::string), value(TypeKind::string), make_string_value},
      {"google.protobuf.UInt32Value", wrapper(TypeKind::uint64), value(TypeKind::uint64), make_uint32},
      {"google.protobuf.UInt64Value", wrapper(TypeKind::uint64), value(TypeKind::uint64), make_uint64},
      {"google.protobuf.Struct", object, {{"fields", object}}, make_struct},
      {"google.protobuf.ListValue", list, {{"values", list}}, make_list_value},
      {"google.protobuf.Value",
       dyn,
       {{"null_value", dyn},
        {"number_value", of(TypeKind::float64)},
        {"string_value", of(TypeKind::string)},
        {"bool_value", of(TypeKind::boolean)},
        {"struct_value", object},
        {"list_value", list}},
       make_value},
      {"google.protobuf.Timestamp", of(TypeKind::timestamp), time, make_timestamp},
      {"google.protobuf.Duration", of(TypeKind::duration), time, make_duration},
      {"google.protobuf.Any", dyn, {{"type_url", of(TypeKind::string)}, {"value", of(TypeKind::bytes)}}, make_any},
  };
}

}  // namespace

const WellKnown* well_known(std::string_view name) {
  if (!name.starts_with("google.protobuf.")) return nullptr;
  static const std::vector<WellKnown> messages = table();
  for (const WellKnown& message : messages) {
    if (message.name == name) return &message;
  }
  return nullptr;
}

}  // namespace assay::cel

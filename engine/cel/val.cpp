#include "engine/cel/val.hpp"

#include <charconv>
#include <cmath>

#include "engine/cel/numbers.hpp"
#include "engine/graph.hpp"

namespace assay::cel {

Val val_null() { return {}; }
Val val_bool(bool value) {
  Val result;
  result.kind = ValKind::boolean;
  result.boolean = value;
  return result;
}
Val val_int(std::int64_t value) {
  Val result;
  result.kind = ValKind::int64;
  result.int64 = value;
  return result;
}
Val val_uint(std::uint64_t value) {
  Val result;
  result.kind = ValKind::uint64;
  result.uint64 = value;
  return result;
}
Val val_double(double value) {
  Val result;
  result.kind = ValKind::float64;
  result.float64 = value;
  return result;
}
Val val_string(std::string_view text) {
  Val result;
  result.kind = ValKind::string;
  result.text = {text.data(), text.size()};
  return result;
}
Val val_bytes(std::string_view bytes) {
  Val result = val_string(bytes);
  result.kind = ValKind::bytes;
  return result;
}
Val val_timestamp(TimeParts time) {
  Val result = val_int(time.seconds);
  result.kind = ValKind::timestamp;
  result.nanos = time.nanos;
  return result;
}
Val val_duration(TimeParts length) {
  Val result = val_timestamp(length);
  result.kind = ValKind::duration;
  return result;
}
Val val_type(const Type* type) {
  Val result;
  result.kind = ValKind::type;
  result.type = type;
  return result;
}
Val val_none() {
  Val result;
  result.kind = ValKind::optional;
  result.held = nullptr;
  return result;
}

namespace {

// An exact decimal as the nearest of CEL's numbers.
Val nearest_number(std::string_view text) {
  if (const auto value = parse_int(text)) return val_int(*value);
  if (const auto value = parse_uint(text)) return val_uint(*value);
  if (const auto value = parse_double(text)) {
    if (const auto whole = exact_int(*value); whole && std::fabs(*value) < 9007199254740992.0) return val_int(*whole);
    return val_double(*value);
  }
  return val_double(text.starts_with('-') ? -HUGE_VAL : HUGE_VAL);
}

}  // namespace

Val val_of(Value value) {
  Val result;
  if (!value) return result;
  result.source = value;
  switch (value.kind()) {
    case Kind::null: break;
    case Kind::boolean:
      result.kind = ValKind::boolean;
      result.boolean = value.as_bool();
      break;
    case Kind::int64:
      result.kind = ValKind::int64;
      result.int64 = value.as_int();
      break;
    case Kind::uint64:
      result.kind = ValKind::uint64;
      result.uint64 = value.as_uint();
      break;
    case Kind::float64:
      result.kind = ValKind::float64;
      result.float64 = value.as_double();
      break;
    case Kind::number:
      result = nearest_number(value.as_string());
      result.source = value;
      break;
    case Kind::string:
    case Kind::bytes: {
      const std::string_view text = value.as_string();
      result.kind = value.kind() == Kind::string ? ValKind::string : ValKind::bytes;
      result.text = {text.data(), text.size()};
      break;
    }
    case Kind::timestamp:
    case Kind::duration: {
      const TimeParts time = value.as_time();
      result.kind = value.kind() == Kind::timestamp ? ValKind::timestamp : ValKind::duration;
      result.int64 = time.seconds;
      result.nanos = time.nanos;
      break;
    }
    case Kind::list:
    case Kind::set:
      result.kind = ValKind::list;
      result.wrapped = true;
      break;
    case Kind::map:
      result.kind = ValKind::map;
      result.wrapped = true;
      break;
    case Kind::resource: return val_of(value.as_resource()->value);
    case Kind::unknown:
      result.kind = ValKind::unknown;
      result.unknown = nullptr;
      break;
  }
  return result;
}

}  // namespace assay::cel

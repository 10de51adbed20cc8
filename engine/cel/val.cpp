#include "engine/cel/val.hpp"

#include <cmath>
#include <new>

#include "engine/cel/numbers.hpp"
#include "engine/graph.hpp"
#include "engine/value_node.hpp"

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
Val in_zone(Val timestamp, std::int32_t minutes) {
  timestamp.tag = static_cast<std::uint16_t>(static_cast<std::int16_t>(minutes));
  return timestamp;
}
std::int32_t zone_of(const Val& timestamp) { return static_cast<std::int16_t>(timestamp.tag); }

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

// A Val is written field by field and often read at once: in place, since copying it whole right after that
// stalls the processor (its wide loads cannot be served from the narrow stores).
void read(Val& out, Value value) {
  const auto head = [&](ValKind kind, bool wrapped = false) {
    out.kind = kind;
    out.wrapped = wrapped;
    out.tag = 0;
    out.nanos = 0;
  };
  out.source = value;
  const detail::Node* const node = detail::node_of(value);
  if (!node) {
    head(ValKind::null);
    out.int64 = 0;
    return;
  }
  switch (node->kind) {
    case Kind::null:
      head(ValKind::null);
      out.int64 = 0;
      break;
    case Kind::boolean:
      head(ValKind::boolean);
      out.uint64 = node->boolean;
      break;
    case Kind::int64:
      head(ValKind::int64);
      out.int64 = node->int64;
      break;
    case Kind::uint64:
      head(ValKind::uint64);
      out.uint64 = node->uint64;
      break;
    case Kind::float64:
      head(ValKind::float64);
      out.float64 = node->float64;
      break;
    case Kind::number:
      ::new (static_cast<void*>(&out)) Val(nearest_number({node->text.data, node->text.size}));
      out.source = value;
      break;
    case Kind::string:
      head(ValKind::string);
      out.text.data = node->text.data;
      out.text.size = node->text.size;
      break;
    case Kind::bytes:
      head(ValKind::bytes);
      out.text.data = node->text.data;
      out.text.size = node->text.size;
      break;
    case Kind::timestamp:
    case Kind::duration:
      head(node->kind == Kind::timestamp ? ValKind::timestamp : ValKind::duration);
      out.int64 = node->int64;
      out.nanos = node->nanos;
      break;
    case Kind::list:
    case Kind::set:
      head(ValKind::list, true);
      if (node->kind == Kind::set) out.tag = 1;
      else if (node->flags & detail::keyed_flag) out.tag = 2;
      break;
    case Kind::map:
      head(ValKind::map, true);
      break;
    case Kind::resource:
      if (const Value body = node->resource->value; !body.is(Kind::resource)) return read(out, body);
      head(ValKind::null);
      out.int64 = 0;
      break;
    case Kind::unknown:
      head(ValKind::unknown);
      out.unknown = nullptr;
      break;
  }
}

Val val_of(Value value) {
  Val result;
  read(result, value);
  return result;
}

}  // namespace assay::cel

#include "engine/cel/operations.hpp"

#include <cmath>
#include <cstring>

#include "engine/cel/numbers.hpp"
#include "engine/cel/times.hpp"

namespace assay::cel {

namespace {

constexpr std::size_t longest_in_message = 120;

std::string short_text(const Val& value) {
  std::string text = value.is(ValKind::string) ? std::string(value.string().substr(0, longest_in_message)) : to_text(value);
  if (text.size() > longest_in_message) text.resize(longest_in_message);
  return text;
}

Val integer_overflow(Frame& frame) { return make_error(frame, "integer overflow"); }
Val unsigned_overflow(Frame& frame) { return make_error(frame, "unsigned integer overflow"); }
Val out_of_range(Frame& frame, std::string_view what) { return make_error(frame, std::string(what) + " out of range"); }

bool time_like(const Val& value) { return value.is(ValKind::timestamp) || value.is(ValKind::duration); }
TimeParts parts(const Val& value) { return {value.int64, value.nanos}; }

// Characters cost a tenth each, as in cel-go.
void charge_text(Frame& frame, std::size_t size) { frame.cost += size / 10; }

}  // namespace

Val no_such_overload(Frame& frame) { return make_error(frame, "no such overload"); }
Val no_such_overload(Frame& frame, std::string_view function, std::span<const Val> args) {
  std::string text = "no such overload: `" + std::string(function) + "` of ";
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (i) text += ", ";
    text += runtime_name(runtime_type(args[i]));
  }
  if (args.empty()) text += "nothing";
  return make_error(frame, text);
}
Val no_such_key(Frame& frame, const Val& key) { return make_error(frame, "no such key: " + short_text(key)); }
Val no_such_field(Frame& frame, std::string_view field) {
  return make_error(frame, "no such key: " + std::string(field.substr(0, longest_in_message)));
}
Val index_out_of_bounds(Frame& frame, std::int64_t index) {
  return make_error(frame, "index out of bounds: " + std::to_string(index));
}

Val add(Frame& frame, const Val& left, const Val& right) {
  if (left.kind == right.kind) {
    switch (left.kind) {
      case ValKind::int64: {
        std::int64_t sum;
        return __builtin_add_overflow(left.int64, right.int64, &sum) ? integer_overflow(frame) : val_int(sum);
      }
      case ValKind::uint64: {
        std::uint64_t sum;
        return __builtin_add_overflow(left.uint64, right.uint64, &sum) ? unsigned_overflow(frame) : val_uint(sum);
      }
      case ValKind::float64: return val_double(left.float64 + right.float64);
      case ValKind::string:
      case ValKind::bytes: {
        const std::size_t size = left.text.size + right.text.size;
        charge_text(frame, size);
        char* const data = static_cast<char*>(frame.scratch->allocate(size + 1, 1));
        if (!data) return out_of_memory(frame);
        if (left.text.size) std::memcpy(data, left.text.data, left.text.size);
        if (right.text.size) std::memcpy(data + left.text.size, right.text.data, right.text.size);
        return left.is(ValKind::string) ? val_string({data, size}) : val_bytes({data, size});
      }
      case ValKind::list: {
        if (left.tag) return united(frame, left, right);
        const std::size_t a = size_of(left), b = size_of(right);
        frame.cost += a + b;
        Val* const items = frame.scratch->array<Val>(a + b + 1);
        if (!items) return out_of_memory(frame);
        for (std::size_t i = 0; i < a; ++i) items[i] = item_at(left, i);
        for (std::size_t i = 0; i < b; ++i) items[a + i] = item_at(right, i);
        return wrap_list(frame, items, a + b);
      }
      case ValKind::duration: {
        const auto sum = add_durations(parts(left), parts(right), false);
        return sum ? val_duration(*sum) : out_of_range(frame, "duration");
      }
      default: break;
    }
  }
  if (time_like(left) && time_like(right) && left.kind != right.kind) {
    const bool time_first = left.is(ValKind::timestamp);
    const auto sum = add_to_timestamp(parts(time_first ? left : right), parts(time_first ? right : left), false);
    return sum ? in_zone(val_timestamp(*sum), zone_of(time_first ? left : right)) : out_of_range(frame, "timestamp");
  }
  const Val args[] = {left, right};
  return no_such_overload(frame, "+", args);
}

Val subtract(Frame& frame, const Val& left, const Val& right) {
  if (left.kind == right.kind) {
    if (left.is(ValKind::int64)) {
      std::int64_t result;
      return __builtin_sub_overflow(left.int64, right.int64, &result) ? integer_overflow(frame) : val_int(result);
    }
    if (left.is(ValKind::uint64)) {
      std::uint64_t result;
      return __builtin_sub_overflow(left.uint64, right.uint64, &result) ? unsigned_overflow(frame) : val_uint(result);
    }
    if (left.is(ValKind::float64)) return val_double(left.float64 - right.float64);
    if (time_like(left)) {
      const auto length = left.is(ValKind::timestamp) ? between(parts(left), parts(right)) : add_durations(parts(left), parts(right), true);
      return length ? val_duration(*length) : out_of_range(frame, "duration");
    }
  }
  if (left.is(ValKind::timestamp) && right.is(ValKind::duration)) {
    const auto time = add_to_timestamp(parts(left), parts(right), true);
    return time ? in_zone(val_timestamp(*time), zone_of(left)) : out_of_range(frame, "timestamp");
  }
  const Val args[] = {left, right};
  return no_such_overload(frame, "-", args);
}

Val multiply(Frame& frame, const Val& left, const Val& right) {
  if (left.kind == right.kind) {
    if (left.is(ValKind::int64)) {
      std::int64_t result;
      return __builtin_mul_overflow(left.int64, right.int64, &result) ? integer_overflow(frame) : val_int(result);
    }
    if (left.is(ValKind::uint64)) {
      std::uint64_t result;
      return __builtin_mul_overflow(left.uint64, right.uint64, &result) ? unsigned_overflow(frame) : val_uint(result);
    }
    if (left.is(ValKind::float64)) return val_double(left.float64 * right.float64);
  }
  const Val args[] = {left, right};
  return no_such_overload(frame, "*", args);
}

Val divide(Frame& frame, const Val& left, const Val& right) {
  if (left.kind == right.kind) {
    if (left.is(ValKind::int64)) {
      if (right.int64 == 0) return make_error(frame, "division by zero");
      if (left.int64 == INT64_MIN && right.int64 == -1) return integer_overflow(frame);
      return val_int(left.int64 / right.int64);
    }
    if (left.is(ValKind::uint64)) {
      if (right.uint64 == 0) return make_error(frame, "division by zero");
      return val_uint(left.uint64 / right.uint64);
    }
    if (left.is(ValKind::float64)) return val_double(left.float64 / right.float64);
  }
  const Val args[] = {left, right};
  return no_such_overload(frame, "/", args);
}

Val modulo(Frame& frame, const Val& left, const Val& right) {
  if (left.kind == right.kind) {
    if (left.is(ValKind::int64)) {
      if (right.int64 == 0) return make_error(frame, "modulus by zero");
      if (left.int64 == INT64_MIN && right.int64 == -1) return integer_overflow(frame);
      return val_int(left.int64 % right.int64);
    }
    if (left.is(ValKind::uint64)) {
      if (right.uint64 == 0) return make_error(frame, "modulus by zero");
      return val_uint(left.uint64 % right.uint64);
    }
  }
  const Val args[] = {left, right};
  return no_such_overload(frame, "%", args);
}

Val negate(Frame& frame, const Val& operand) {
  if (operand.is(ValKind::int64)) return operand.int64 == INT64_MIN ? integer_overflow(frame) : val_int(-operand.int64);
  if (operand.is(ValKind::float64)) return val_double(-operand.float64);
  return no_such_overload(frame, "-", {&operand, 1});
}

namespace {

bool holds(Order order, std::partial_ordering result) {
  switch (order) {
    case Order::less: return result < 0;
    case Order::less_equal: return result <= 0;
    case Order::greater: return result > 0;
    case Order::greater_equal: return result >= 0;
  }
  return false;
}
std::string_view text_of(Order order) {
  switch (order) {
    case Order::less: return "<";
    case Order::less_equal: return "<=";
    case Order::greater: return ">";
    case Order::greater_equal: return ">=";
  }
  return {};
}

}  // namespace

Val compare(Frame& frame, Order order, const Val& left, const Val& right) {
  if (numeric(left.kind) && numeric(right.kind)) return val_bool(holds(order, compare_numbers(left, right)));
  if (left.kind == right.kind) {
    switch (left.kind) {
      case ValKind::boolean: return val_bool(holds(order, static_cast<int>(left.boolean) <=> static_cast<int>(right.boolean)));
      case ValKind::string:
      case ValKind::bytes:
        charge_text(frame, std::min(left.text.size, right.text.size));
        return val_bool(holds(order, left.string() <=> right.string()));
      case ValKind::timestamp:
      case ValKind::duration: return val_bool(holds(order, parts(left) <=> parts(right)));
      default: break;
    }
  }
  const Val args[] = {left, right};
  return no_such_overload(frame, text_of(order), args);
}

Val contains(Frame& frame, const Val& element, const Val& container) {
  if (container.is(ValKind::map)) {
    if (!is_key(element) && !element.is(ValKind::float64)) return val_bool(false);
    Val found;
    return val_bool(map_find(container, element, found));
  }
  if (!container.is(ValKind::list)) {
    const Val args[] = {element, container};
    return no_such_overload(frame, "in", args);
  }
  const std::size_t size = size_of(container);
  frame.cost += size;
  Val undecided;
  bool is_undecided = false;
  for (std::size_t i = 0; i < size; ++i) {
    const Val item = item_at(container, i);
    if (item.is(ValKind::string) && element.is(ValKind::string)) {
      if (item.string() == element.string()) return val_bool(true);
      continue;
    }
    const Val same = equal(frame, element, item);
    if (same.is_true()) return same;
    if (same.is_false()) continue;
    undecided = is_undecided ? merge_unknowns(frame, undecided, same) : same;
    is_undecided = true;
  }
  return is_undecided ? undecided : val_bool(false);
}

namespace {

// A list's index from any number that is whole.
bool whole_index(const Val& key, std::int64_t& out) {
  switch (key.kind) {
    case ValKind::int64: out = key.int64; return true;
    case ValKind::uint64: out = key.uint64 > INT64_MAX ? INT64_MAX : static_cast<std::int64_t>(key.uint64); return true;
    case ValKind::float64: {
      const auto whole = exact_int(key.float64);
      if (whole) out = *whole;
      return whole.has_value();
    }
    default: return false;
  }
}

}  // namespace

Val index(Frame& frame, const Val& container, const Val& key) {
  Val out;
  if (container.is(ValKind::optional)) return optional_index(frame, container, key);
  if (find_index(frame, container, key, out)) return out;
  if (out.is_error() || out.is_unknown()) return out;
  std::int64_t at = 0;
  if (container.is(ValKind::list) && whole_index(key, at)) return index_out_of_bounds(frame, at);
  return no_such_key(frame, key);
}

bool find_index(Frame& frame, const Val& container, const Val& key, Val& out) {
  const auto fail = [&](std::string_view what) {
    const Val args[] = {container, key};
    out = what.empty() ? no_such_overload(frame, "[]", args) : make_error(frame, what);
    return true;
  };
  switch (container.kind) {
    case ValKind::unknown:
    case ValKind::error: out = container; return true;
    case ValKind::map:
      if (key.is_unknown() || key.is_error()) { out = key; return true; }
      if (!is_key(key) && !key.is(ValKind::float64)) return fail("unsupported key type: " + std::string(runtime_name(runtime_type(key))));
      return map_find(container, key, out);
    case ValKind::list: {
      std::int64_t at = 0;
      if (!whole_index(key, at)) return fail("unsupported index type: " + std::string(runtime_name(runtime_type(key))));
      if (at < 0 || static_cast<std::size_t>(at) >= size_of(container)) return false;
      set(out, [&] { return item_at(container, static_cast<std::size_t>(at)); });
      return true;
    }
    case ValKind::structure:
      if (key.is(ValKind::string)) return find_field(frame, container, key.string(), {}, out);
      return fail({});
    case ValKind::optional: return container.tag && find_index(frame, *container.held, key, out);
    default: return fail({});
  }
}

Val optional_index(Frame& frame, const Val& container, const Val& key) {
  Val out;
  if (!find_index(frame, container, key, out)) return val_none();
  return out.is_error() || out.is_unknown() ? out : make_some(frame, out);
}

namespace {

// -1: the structure has no such field.
std::int64_t place_of(const StructBase& structure, std::string_view field, FieldPlace place) {
  const StructType& type = structure.type();
  if (&type == place.type) return place.index;
  const auto index = type.index(field);
  return index ? std::int64_t{*index} : -1;
}

}  // namespace

Val select(Frame& frame, const Val& operand, std::string_view field, FieldPlace place) {
  switch (operand.kind) {
    case ValKind::map: {
      if (operand.wrapped) {
        const Entry* const entry = operand.source.find_entry(field);
        return entry ? val_of(entry->value) : no_such_field(frame, field);
      }
      Val out;
      return map_find(operand, val_string(field), out) ? out : no_such_field(frame, field);
    }
    case ValKind::structure: {
      const std::int64_t index = place_of(*operand.structure, field, place);
      if (index < 0) return no_such_field(frame, field);
      return operand.structure->get(static_cast<std::uint32_t>(index), frame);
    }
    case ValKind::optional: {
      Val out;
      if (!operand.tag || !find_field_of_held(frame, *operand.held, field, place, out)) return val_none();
      return out.is_error() || out.is_unknown() ? out : make_some(frame, out);
    }
    case ValKind::unknown:
    case ValKind::error: return operand;
    default: return no_such_field(frame, field);
  }
}

bool find_field(Frame& frame, const Val& operand, std::string_view field, FieldPlace place, Val& out) {
  switch (operand.kind) {
    case ValKind::map: {
      if (operand.wrapped) {
        const Entry* const entry = operand.source.find_entry(field);
        if (entry) read(out, entry->value);
        return entry != nullptr;
      }
      return map_find(operand, val_string(field), out);
    }
    case ValKind::structure: {
      const std::int64_t index = place_of(*operand.structure, field, place);
      if (index < 0) {
        out = no_such_field(frame, field);
        return true;
      }
      if (!operand.structure->has(static_cast<std::uint32_t>(index), frame)) return false;
      set(out, [&] { return operand.structure->get(static_cast<std::uint32_t>(index), frame); });
      return true;
    }
    case ValKind::optional: return operand.tag && find_field(frame, *operand.held, field, place, out);
    case ValKind::unknown:
    case ValKind::error: out = operand; return true;
    case ValKind::list: out = make_error(frame, "unsupported index type: string"); return true;  // as in cel-go
    default: return false;  // a number has no fields: absent, as in cel-go
  }
}

bool find_field_of_held(Frame& frame, const Val& held, std::string_view field, FieldPlace place, Val& out) {
  switch (held.kind) {
    case ValKind::map:
    case ValKind::structure:
    case ValKind::optional:
    case ValKind::error:
    case ValKind::unknown: return find_field(frame, held, field, place, out);
    case ValKind::null:
    case ValKind::boolean:
    case ValKind::int64:
    case ValKind::uint64:
    case ValKind::float64:
    case ValKind::string:
    case ValKind::bytes:
    case ValKind::timestamp:
    case ValKind::duration:
    case ValKind::list:
    case ValKind::type:
    case ValKind::opaque: break;
  }
  out = no_such_field(frame, field);
  return true;
}

Val has(Frame& frame, const Val& operand, std::string_view field, FieldPlace place) {
  if (operand.is(ValKind::map) && operand.wrapped) {
    const Entry* const entry = operand.source.find_entry(field);
    return entry && entry->value.is_unknown() ? val_of(entry->value) : val_bool(entry != nullptr);
  }
  Val out;
  if (!find_field(frame, operand, field, place, out)) return val_bool(false);
  // A field that is there with an error in it is there; one that does not exist, or a failed operand, is an error.
  if (out.is_error() && !operand.is_error() && operand.is(ValKind::structure) && operand.structure->type().index(field))
    return val_bool(true);
  return out.is_error() || out.is_unknown() ? out : val_bool(true);
}

Val optional_select(Frame& frame, const Val& operand, std::string_view field, FieldPlace place) {
  Val out;
  if (!find_field(frame, operand, field, place, out)) return val_none();
  return out.is_error() || out.is_unknown() ? out : make_some(frame, out);
}

}  // namespace assay::cel

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <unordered_map>

#include "engine/cel/numbers.hpp"
#include "engine/cel/operations.hpp"

namespace assay::cel {

namespace {

constexpr ErrorInfo memory_error{"memory limit exceeded: the expression builds too much", 0};
constexpr ErrorInfo cost_error{"cost limit exceeded", 0};
constexpr ErrorInfo depth_error{"nested too deeply", 0};

Val error_of(const ErrorInfo& info) {
  Val result;
  result.kind = ValKind::error;
  result.error = &info;
  return result;
}

// Deeper than any parser lets an input be; guards the stack.
constexpr int equal_depth = 2000;
constexpr std::size_t linear_search = 8;  // larger maps get a hash table
constexpr std::size_t most_unknowns = 256;

}  // namespace

Val out_of_memory(Frame&) { return error_of(memory_error); }
Val out_of_cost(Frame&) { return error_of(cost_error); }
Val too_deep(Frame&) { return error_of(depth_error); }

Val make_error(Frame& frame, std::string_view message) {
  auto* const info = frame.scratch->array<ErrorInfo>(1);
  const std::string_view text = info ? frame.scratch->copy(message) : std::string_view();
  if (!text.data()) return out_of_memory(frame);
  *info = {text, frame.at, frame.program};
  return error_of(*info);
}

Val make_unknown(Frame&, Value unknown) { return val_of(unknown); }
Val make_unknown(Frame& frame, std::string_view reason) {
  auto* const set = frame.scratch->array<UnknownSet>(1);
  const std::string_view text = set ? frame.scratch->copy(reason) : std::string_view();
  if (!text.data()) return out_of_memory(frame);
  *set = {{}, text};
  Val result;
  result.kind = ValKind::unknown;
  result.unknown = set;
  return result;
}

std::span<const Value> unknown_values(const Val& unknown, Value& storage) {
  if (unknown.unknown) return unknown.unknown->values;
  storage = unknown.source;
  return storage ? std::span<const Value>(&storage, 1) : std::span<const Value>();
}

std::string unknown_text(const Val& unknown) {
  Value storage;
  std::string text;
  for (const Value value : unknown_values(unknown, storage)) {
    const Unknown what = value.as_unknown();
    if (!text.empty()) text += ", ";
    text += what.name.empty() ? what.reason : what.name;
  }
  if (text.empty() && unknown.unknown) text = unknown.unknown->reason;
  return text;
}

Val merge_unknowns(Frame& frame, const Val& left, const Val& right) {
  if (!left.is_unknown()) return right;
  if (!right.is_unknown()) return left;
  Value left_storage, right_storage;
  const auto a = unknown_values(left, left_storage);
  const auto b = unknown_values(right, right_storage);
  const auto in = [](std::span<const Value> set, Value value) { return std::find(set.begin(), set.end(), value) != set.end(); };
  const bool covered = std::all_of(b.begin(), b.end(), [&](Value v) { return in(a, v); });
  if (covered && (!b.empty() || !right.unknown || right.unknown->reason.empty() || a.empty())) return left;
  if (a.empty() && (!left.unknown || left.unknown->reason.empty())) return right;
  const std::size_t most = std::min(a.size() + b.size(), most_unknowns);
  Value* const values = frame.scratch->array<Value>(std::max<std::size_t>(most, 1));
  auto* const set = frame.scratch->array<UnknownSet>(1);
  if (!values || !set) return left;
  std::size_t size = 0;
  for (const Value value : a) if (size < most) values[size++] = value;
  for (const Value value : b) if (size < most && !in({values, size}, value)) values[size++] = value;
  std::string_view reason = left.unknown ? left.unknown->reason : std::string_view();
  if (reason.empty() && right.unknown) reason = right.unknown->reason;
  *set = {{values, size}, reason};
  Val result;
  result.kind = ValKind::unknown;
  result.unknown = set;
  result.source = size == 1 ? values[0] : Value();
  return result;
}

bool failed_operand(Frame& frame, std::span<const Val> args, Val& out) {
  bool unknown = false, error = false;
  for (const Val& arg : args) {
    if (arg.is_unknown()) {
      out = unknown ? merge_unknowns(frame, out, arg) : arg;
      unknown = true;
    } else if (arg.is_error() && !unknown && !error) {
      out = arg;
      error = true;
    }
  }
  return unknown || error;
}

Val wrap_list(Frame& frame, const Val* items, std::size_t size) {
  auto* const data = frame.scratch->array<ListData>(1);
  if (!data) return out_of_memory(frame);
  *data = {items, size};
  Val result;
  result.kind = ValKind::list;
  result.list_data = data;
  return result;
}

Val make_list(Frame& frame, std::span<const Val> items) {
  Val* const copy = frame.scratch->array<Val>(std::max<std::size_t>(items.size(), 1));
  if (!copy) return out_of_memory(frame);
  std::copy(items.begin(), items.end(), copy);
  return wrap_list(frame, copy, items.size());
}

bool is_key(const Val& key) {
  return key.is(ValKind::string) || key.is(ValKind::boolean) || key.is(ValKind::int64) || key.is(ValKind::uint64);
}

// Keys that are equal have equal hashes, whatever their kinds: 1, 1u and 1.0.
std::size_t hash_key(const Val& key) {
  const auto mix = [](std::uint64_t x) {
    x ^= x >> 32;
    x *= 0x9e3779b97f4a7c15ull;
    return static_cast<std::size_t>(x ^ x >> 29);
  };
  if (key.is(ValKind::string)) return std::hash<std::string_view>()(key.string());
  if (key.is(ValKind::float64)) {
    if (const auto whole = exact_int(key.float64)) return mix(static_cast<std::uint64_t>(*whole));
    if (const auto whole = exact_uint(key.float64)) return mix(*whole);
    return mix(std::bit_cast<std::uint64_t>(key.float64));
  }
  if (key.is(ValKind::boolean)) return key.boolean ? 3 : 5;
  return mix(key.uint64);
}

bool same_key(const Val& left, const Val& right) {
  if (left.is(ValKind::string)) return right.is(ValKind::string) && left.string() == right.string();
  if (left.is(ValKind::boolean)) return right.is(ValKind::boolean) && left.boolean == right.boolean;
  return numeric(left.kind) && numeric(right.kind) && compare_numbers(left, right) == 0;
}

Val make_map_indexed(Frame& frame, const MapEntry* entries, std::size_t size) {
  auto* const data = frame.scratch->array<MapData>(1);
  if (!data) return out_of_memory(frame);
  *data = {entries, size, nullptr, 0};
  if (size > linear_search) {
    const std::size_t count = std::bit_ceil(size * 2);
    auto* const buckets = frame.scratch->array<std::uint32_t>(count);
    if (!buckets) return out_of_memory(frame);
    std::fill(buckets, buckets + count, 0u);
    for (std::size_t i = 0; i < size; ++i) {
      std::size_t at = hash_key(entries[i].key) & (count - 1);
      while (buckets[at]) at = (at + 1) & (count - 1);
      buckets[at] = static_cast<std::uint32_t>(i + 1);
    }
    data->buckets = buckets;
    data->bucket_count = count;
  }
  Val result;
  result.kind = ValKind::map;
  result.map_data = data;
  return result;
}

Val make_map(Frame& frame, std::span<const MapEntry> entries) {
  auto* const copy = frame.scratch->array<MapEntry>(std::max<std::size_t>(entries.size(), 1));
  if (!copy) return out_of_memory(frame);
  std::copy(entries.begin(), entries.end(), copy);
  return make_map_indexed(frame, copy, entries.size());
}

Val make_some(Frame& frame, const Val& held) {
  Val* const copy = frame.scratch->array<Val>(1);
  if (!copy) return out_of_memory(frame);
  *copy = held;
  Val result = val_none();
  result.tag = 1;
  result.held = copy;
  result.source = held.source;
  return result;
}

Val make_string(Frame& frame, std::string_view text) {
  const std::string_view copy = frame.scratch->copy(text);
  return copy.data() ? val_string(copy) : out_of_memory(frame);
}

std::size_t size_of(const Val& value) {
  if (value.is(ValKind::list)) return value.wrapped ? value.source.size() : value.list_data->size;
  if (value.is(ValKind::map)) return value.wrapped ? value.source.size() : value.map_data->size;
  return 0;
}

Val item_at(const Val& list, std::size_t index) {
  if (!list.is(ValKind::list) || index >= size_of(list)) return {};
  return list.wrapped ? val_of(list.source.items()[index]) : list.list_data->items[index];
}

MapEntry entry_at(const Val& map, std::size_t index) {
  if (!map.wrapped) return map.map_data->entries[index];
  const Entry& entry = map.source.entries()[index];
  return {val_string(entry.key()), val_of(entry.value)};
}

bool map_find(const Val& map, const Val& key, Val& out) {
  if (!map.is(ValKind::map)) return false;
  if (map.wrapped) {
    if (!key.is(ValKind::string)) return false;
    const Entry* const entry = map.source.find_entry(key.string());
    if (entry) read(out, entry->value);
    return entry != nullptr;
  }
  const MapData& data = *map.map_data;
  if (!data.buckets) {
    for (std::size_t i = 0; i < data.size; ++i) {
      if (!same_key(data.entries[i].key, key)) continue;
      out = data.entries[i].value;
      return true;
    }
    return false;
  }
  for (std::size_t at = hash_key(key);; ++at) {
    const std::uint32_t bucket = data.buckets[at & (data.bucket_count - 1)];
    if (!bucket) return false;
    if (!same_key(data.entries[bucket - 1].key, key)) continue;
    out = data.entries[bucket - 1].value;
    return true;
  }
}

void each_entry(const Val& map, const std::function<bool(const Val& key, const Val& value)>& visit) {
  for (std::size_t i = 0, size = map.is(ValKind::map) ? size_of(map) : 0; i < size; ++i) {
    const MapEntry entry = entry_at(map, i);
    if (!visit(entry.key, entry.value)) return;
  }
}

namespace {

// What tells an item of a set or of a list with keys apart from the others.
std::string item_key(const Val& list, const Val& item) {
  if (list.tag == 1) return to_text(item);
  std::string key;
  for (const std::string_view name : list.source.keys()) {
    Val value;
    if (item.is(ValKind::map) && map_find(item, val_string(name), value)) key += to_text(value);
    key += '\n';
  }
  return key;
}

// Equal, not equal, or undecided, when an element that would decide is unknown.
struct Equality {
  Frame& frame;
  Val undecided;
  bool is_undecided = false;

  // Sets hold the same items; of lists with keys, items of equal keys are equal.
  bool same_unordered(const Val& left, const Val& right, std::size_t size, int depth) {
    std::unordered_map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < size; ++i) places.insert_or_assign(item_key(left, item_at(left, i)), i);
    for (std::size_t i = 0; i < size; ++i) {
      const Val item = item_at(right, i);
      const auto found = places.find(item_key(left, item));
      if (found == places.end()) return false;
      if (!same(item_at(left, found->second), item, depth - 1)) return false;
    }
    return true;
  }

  // False as soon as something differs; an unknown inside counts as equal and is remembered.
  bool same(const Val& left, const Val& right, int depth) {
    ++frame.cost;
    for (const Val* side : {&left, &right}) {
      if (!side->is_unknown() && !side->is_error()) continue;
      if (!is_undecided || (undecided.is_error() && side->is_unknown())) undecided = *side;
      else if (side->is_unknown()) undecided = merge_unknowns(frame, undecided, *side);
      is_undecided = true;
    }
    if (left.is_unknown() || right.is_unknown() || left.is_error() || right.is_error()) return true;
    if (numeric(left.kind) && numeric(right.kind)) return compare_numbers(left, right) == 0;
    if (left.kind != right.kind) return false;
    if (depth == 0 || frame.cost > frame.cost_limit) {
      undecided = depth == 0 ? too_deep(frame) : out_of_cost(frame);
      return is_undecided = true;
    }
    switch (left.kind) {
      case ValKind::null: return true;
      case ValKind::boolean: return left.boolean == right.boolean;
      case ValKind::string:
      case ValKind::bytes: return left.string() == right.string();
      case ValKind::timestamp:
      case ValKind::duration: return left.int64 == right.int64 && left.nanos == right.nanos;
      case ValKind::list: {
        const std::size_t size = size_of(left);
        if (size != size_of(right)) return false;
        if (left.tag) return same_unordered(left, right, size, depth);
        for (std::size_t i = 0; i < size; ++i)
          if (!same(item_at(left, i), item_at(right, i), depth - 1)) return false;
        return true;
      }
      case ValKind::map: {
        const std::size_t size = size_of(left);
        if (size != size_of(right)) return false;
        for (std::size_t i = 0; i < size; ++i) {
          const MapEntry entry = entry_at(left, i);
          Val other;
          if (!map_find(right, entry.key, other) || !same(entry.value, other, depth - 1)) return false;
        }
        return true;
      }
      case ValKind::type: return same_runtime_type(left.type, right.type);
      case ValKind::optional:
        if (left.tag != right.tag) return false;
        return left.tag == 0 || same(*left.held, *right.held, depth - 1);
      case ValKind::structure:
        return left.structure == right.structure || left.structure->identity() == right.structure->identity();
      case ValKind::opaque: return left.opaque == right.opaque || left.opaque->equals(*right.opaque);
      case ValKind::int64:
      case ValKind::uint64:
      case ValKind::float64:
      case ValKind::error:
      case ValKind::unknown: break;  // seen to above
    }
    return false;
  }
};

}  // namespace

bool strangers(const Val& left, const Val& right) {
  if (!left.is(ValKind::opaque) || right.is(ValKind::null) || right.is_error() || right.is_unknown()) return false;
  return !right.is(ValKind::opaque) || !same_runtime_type(left.opaque->type(), right.opaque->type());
}

Val equal(Frame& frame, const Val& left, const Val& right) {
  if (left.kind == right.kind && left.is(ValKind::string)) return val_bool(left.string() == right.string());
  if (strangers(left, right)) return make_error(frame, "no such overload");
  Equality equality{frame, {}};
  if (!equality.same(left, right, equal_depth)) return val_bool(false);
  return equality.is_undecided ? equality.undecided : val_bool(true);
}

Val united(Frame& frame, const Val& left, const Val& right) {
  const std::size_t a = size_of(left), b = size_of(right);
  frame.cost += a + b;
  Val* const items = frame.scratch->array<Val>(a + b + 1);
  if (!items) return out_of_memory(frame);
  std::size_t size = 0;
  std::unordered_map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < a; ++i) {
    items[size] = item_at(left, i);
    places.insert_or_assign(item_key(left, items[size]), size);
    ++size;
  }
  for (std::size_t i = 0; i < b; ++i) {
    const Val item = item_at(right, i);
    const auto [found, added] = places.emplace(item_key(left, item), size);
    if (added) items[size++] = item;
    else if (left.tag == 2) items[found->second] = item;
  }
  Val result = wrap_list(frame, items, size);
  if (result.is(ValKind::list)) {
    result.tag = left.tag;
    result.source = left.source;
  }
  return result;
}

}  // namespace assay::cel

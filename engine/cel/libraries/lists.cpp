// ext/lists. `sortBy` is a macro: it maps the list to its keys and calls `@sortByAssociatedKeys`.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/cel/libraries/support.hpp"

namespace assay::cel {

using namespace library;

namespace {

constexpr std::uint64_t kListCost = 10;  // making a list
constexpr std::int64_t kMostElements = 1 << 24;

Val slice(Frame& frame, Args args) {
  const std::int64_t begin = args[1].int64, end = args[2].int64;
  const auto size = static_cast<std::int64_t>(size_of(args[0]));
  const std::string call = "cannot slice(" + std::to_string(begin) + ", " + std::to_string(end) + "), ";
  if (begin < 0 || end < 0) return make_error(frame, call + "negative indexes not supported");
  if (begin > end) return make_error(frame, call + "start index must be less than or equal to end index");
  if (size < end) return make_error(frame, call + "list is length " + std::to_string(size));
  const auto count = static_cast<std::size_t>(end - begin);
  if (!args[0].wrapped && count > 0) return list_in_place(frame, args[0].list_data->items + begin, count);
  Val* items = frame.scratch->array<Val>(count);
  if (!items && count > 0) return memory_error(frame);
  for (std::size_t i = 0; i < count; ++i) new (items + i) Val(item_at(args[0], static_cast<std::size_t>(begin) + i));
  return list_in_place(frame, items, count);
}

// Shared inner lists can make the result exponentially larger than what is kept: its size is bounded.
bool flatten_into(const Val& list, std::int64_t depth, int nesting, std::vector<Val>& out) {
  if (nesting > 200) return false;
  for (std::size_t i = 0, n = size_of(list); i < n; ++i) {
    const Val item = item_at(list, i);
    if (item.is(ValKind::list) && depth > 0) {
      if (!flatten_into(item, depth - 1, nesting + 1, out)) return false;
    } else {
      if (out.size() >= static_cast<std::size_t>(kMostElements)) return false;
      out.push_back(item);
    }
  }
  return true;
}

Val flatten_to(Frame& frame, const Val& list, std::int64_t depth) {
  if (depth < 0) return make_error(frame, "level must be non-negative");
  std::vector<Val> items;
  if (!flatten_into(list, depth, 0, items)) return memory_error(frame);
  return make_list(frame, items);
}
Val flatten(Frame& frame, Args args) { return flatten_to(frame, args[0], 1); }
Val flatten_depth(Frame& frame, Args args) { return flatten_to(frame, args[0], args[1].int64); }

template <Dialect dialect>
Val range(Frame& frame, Args args) {
  std::int64_t size = args[0].int64;
  if (size < 0) {
    if (dialect == Dialect::current)
      return make_error(frame, "lists.range: size must be non-negative, got " + std::to_string(size));
    size = 0;
  }
  if (size > kMostElements) return memory_error(frame);
  Val* items = frame.scratch->array<Val>(static_cast<std::size_t>(size));
  if (!items && size > 0) return memory_error(frame);
  for (std::int64_t i = 0; i < size; ++i) new (items + i) Val(val_int(i));
  return list_in_place(frame, items, static_cast<std::size_t>(size));
}

Val reverse(Frame& frame, Args args) {
  const std::size_t size = size_of(args[0]);
  Val* items = frame.scratch->array<Val>(size);
  if (!items && size > 0) return memory_error(frame);
  for (std::size_t i = 0; i < size; ++i) new (items + i) Val(item_at(args[0], size - 1 - i));
  return list_in_place(frame, items, size);
}

Val distinct(Frame& frame, Args args) {
  const Items items = items_of(frame, args[0]);
  if (!items.complete) return items.stopped;
  std::vector<Val> kept;
  for (const Val& item : items.values) {
    bool seen = false;
    for (const Val& other : kept) {
      const Val same = equal(frame, item, other);
      if (undecided(same)) return same;
      if ((seen = same.is_true())) break;
    }
    if (!seen) kept.push_back(item);
  }
  return make_list(frame, kept);
}

// NaN goes last, so that the order is total.
bool before(const Val& left, const Val& right) {
  switch (compare(left, right)) {
    case Order::less: return true;
    case Order::equal:
    case Order::greater: return false;
    case Order::unordered: return std::isnan(right.float64) && !std::isnan(left.float64);
    case Order::incomparable: return false;
  }
  return false;
}

Val sorted_by(Frame& frame, const Val& list, const Val& key_list) {
  const std::size_t size = size_of(list);
  if (size != size_of(key_list))
    return make_error(frame, "@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got " +
                                 std::to_string(size) + " and " + std::to_string(size_of(key_list)) + " elements respectively");
  if (size == 0) return list;
  const Items keys = items_of(frame, key_list);
  if (!keys.complete) return keys.stopped;
  if (!comparable(keys.values[0].kind)) return make_error(frame, "list elements must be comparable");
  for (const Val& key : keys.values)
    if (key.kind != keys.values[0].kind) return make_error(frame, "list elements must have the same type");
  std::vector<std::uint32_t> order(size);
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t left, std::uint32_t right) { return before(keys.values[left], keys.values[right]); });
  Val* items = frame.scratch->array<Val>(size);
  if (!items) return memory_error(frame);
  for (std::size_t i = 0; i < size; ++i) new (items + i) Val(item_at(list, order[i]));
  return list_in_place(frame, items, size);
}
Val sort(Frame& frame, Args args) { return sorted_by(frame, args[0], args[0]); }
Val sort_by_keys(Frame& frame, Args args) { return sorted_by(frame, args[0], args[1]); }

// ---------------------------------------------------------------- cost

std::uint64_t list_call_cost(double factor, std::uint64_t size) {
  return scaled(size, factor) + 1 + kListCost;
}
std::uint64_t output_cost(Args, const Val& result) { return list_call_cost(1, size_cost(result)); }
std::uint64_t flatten_cost(Args args, const Val&) {
  const double depth = args.size() == 2 && args[1].is(ValKind::int64) ? static_cast<double>(args[1].int64) : 1.0;
  const double cost = std::clamp(static_cast<double>(size_cost(args[0])) * depth, -1e9, 1e9);
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(cost)) + 1 + kListCost;  // a depth below nothing counts so there too
}
std::uint64_t self_compare_cost(const Val& list) {
  const std::uint64_t size = size_of(list);
  if (size == 0) return list_call_cost(2, 0);
  const Val first = item_at(list, 0);
  const double factor = first.is(ValKind::string) || first.is(ValKind::bytes) ? 2.1 : 2.0;
  const double cost = static_cast<double>(size) * static_cast<double>(size) * factor;
  return (cost > 1e9 ? 1'000'000'000 : static_cast<std::uint64_t>(cost)) + 1 + kListCost;
}
std::uint64_t sort_cost(Args args, const Val&) { return self_compare_cost(args[0]); }
std::uint64_t sort_by_cost(Args args, const Val&) { return self_compare_cost(args[1]); }

template <Dialect dialect>
void add(Environment& environment) {
  const Types t(environment);
  const Type* list = t.list(t.table.variable("T"));
  define(environment, "slice", "the elements from an index to just before another",
         {member("list_slice", {list, t.int64, t.int64}, list, slice, output_cost)});
  std::vector<Overload> flattens = {member("list_flatten", {t.list(list)}, list, flatten, flatten_cost),
                                    member("list_flatten_int", {t.list(t.dyn), t.int64}, t.list(t.dyn), flatten_depth, flatten_cost)};
  for (Overload& overload : flattens) overload.unguarded = true;  // the first element need not be a list
  define(environment, "flatten", "lists within the list replaced by their elements, one level or as many as asked for", std::move(flattens));
  define(environment, "reverse", "the elements in reverse order", {member("list_reverse", {list}, list, reverse, output_cost)});
  define(environment, "distinct", "the elements without repetitions, in the order of their first occurrence",
         {member("list_distinct", {list}, list, distinct, sort_cost)});
  define(environment, "lists.range", "the integers from 0 to just before the argument",
         {global("lists_range", {t.int64}, t.list(t.int64), range<dialect>, output_cost)});

  struct Named {
    const char* name;
    const Type* type;
  };
  const Named sortable[] = {{"int", t.int64},       {"uint", t.uint64},
                            {"double", t.float64},  {"bool", t.boolean},
                            {"google.protobuf.Duration", t.duration}, {"google.protobuf.Timestamp", t.timestamp},
                            {"string", t.string},   {"bytes", t.bytes}};
  std::vector<Overload> sorts, sorts_by;
  for (const Named& kind : sortable) {
    const std::string prefix = std::string("list_") + kind.name + "_";
    sorts.push_back(member(prefix + "sort", {t.list(kind.type)}, t.list(kind.type), sort, sort_cost));
    sorts_by.push_back(member(prefix + "sortByAssociatedKeys", {list, t.list(kind.type)}, list, sort_by_keys, sort_by_cost));
  }
  define(environment, "sort", "the elements in ascending order", std::move(sorts));
  define(environment, "@sortByAssociatedKeys", "the elements in the ascending order of their keys (what sortBy expands to)", std::move(sorts_by));
}

}  // namespace

void add_lists(Environment& environment, Dialect dialect) {
  switch (dialect) {
    case Dialect::current: return add<Dialect::current>(environment);
    case Dialect::api_server: return add<Dialect::api_server>(environment);
  }
}

}  // namespace assay::cel

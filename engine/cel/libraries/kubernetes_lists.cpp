// The API server's functions on lists (pkg/cel/library/lists.go).
#include "engine/cel/libraries/kubernetes.hpp"

#include <array>
#include <limits>

namespace assay::cel::library {

namespace {

Val is_sorted(Frame& frame, Args args) {
  const Items items = items_of(frame, args[0]);
  if (!items.complete) return items.stopped;
  for (std::size_t i = 0; i < items.values.size(); ++i) {
    if (!comparable(items.values[i].kind)) return no_such_overload(frame);
    if (i > 0 && compare(items.values[i - 1], items.values[i]) == Order::greater) return val_bool(false);
  }
  return val_bool(true);
}

// What is kept is replaced when it compares so with the next element.
template <Order replaced_when>
Val extreme(Frame& frame, Args args) {
  const Items items = items_of(frame, args[0]);
  if (!items.complete) return items.stopped;
  if (items.values.empty())
    return make_error(frame, replaced_when == Order::less ? "max called on empty list" : "min called on empty list");
  Val best = items.values[0];
  for (const Val& item : items.values) {
    if (!comparable(item.kind)) return no_such_overload(frame);
    if (compare(best, item) == replaced_when) best = item;
  }
  return best;
}

Val overflow(Frame& frame, const char* what) { return make_error(frame, what); }

Val sum_int(Frame& frame, std::span<const Val> items) {
  std::int64_t total = 0;
  for (const Val& item : items) {
    if (!item.is(ValKind::int64)) return no_such_overload(frame);
    if (__builtin_add_overflow(total, item.int64, &total)) return overflow(frame, "integer overflow");
  }
  return val_int(total);
}
Val sum_uint(Frame& frame, std::span<const Val> items) {
  std::uint64_t total = 0;
  for (const Val& item : items) {
    if (!item.is(ValKind::uint64)) return no_such_overload(frame);
    if (__builtin_add_overflow(total, item.uint64, &total)) return overflow(frame, "unsigned integer overflow");
  }
  return val_uint(total);
}
Val sum_double(Frame& frame, std::span<const Val> items) {
  double total = 0;
  for (const Val& item : items) {
    if (!item.is(ValKind::float64)) return no_such_overload(frame);
    total += item.float64;
  }
  return val_double(total);
}
// Durations are 64-bit nanoseconds, as in Go.
Val sum_duration(Frame& frame, std::span<const Val> items) {
  std::int64_t total = 0;
  for (const Val& item : items) {
    if (!item.is(ValKind::duration)) return no_such_overload(frame);
    std::int64_t nanos = 0;
    if (__builtin_mul_overflow(item.int64, std::int64_t{1'000'000'000}, &nanos) ||
        __builtin_add_overflow(nanos, std::int64_t{item.nanos}, &nanos) || __builtin_add_overflow(total, nanos, &total))
      return overflow(frame, "integer overflow");
  }
  return val_duration({total / 1'000'000'000, static_cast<std::int32_t>(total % 1'000'000'000)});
}

template <Val (*add_up)(Frame&, std::span<const Val>)>
Val sum(Frame& frame, Args args) {
  const Items items = items_of(frame, args[0]);
  return items.complete ? add_up(frame, items.values) : items.stopped;
}

template <bool last>
Val index_of(Frame& frame, Args args) {
  const std::size_t size = size_of(args[0]);
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t at = last ? size - 1 - i : i;
    const Val same = equal(frame, item_at(args[0], at), args[1]);
    if (same.is_true()) return val_int(static_cast<std::int64_t>(at));
    if (undecided(same)) return same;
  }
  return val_int(-1);
}

}  // namespace

void add_kubernetes_lists(Environment& environment) {
  const Types t(environment);
  struct Named {
    const char* name;
    const Type* type;
    Implementation sum;  // null: has none
  };
  const std::array<Named, 8> kinds = {{{"int", t.int64, sum<sum_int>},
                                       {"uint", t.uint64, sum<sum_uint>},
                                       {"double", t.float64, sum<sum_double>},
                                       {"bool", t.boolean, nullptr},
                                       {"duration", t.duration, sum<sum_duration>},
                                       {"timestamp", t.timestamp, nullptr},
                                       {"string", t.string, nullptr},
                                       {"bytes", t.bytes, nullptr}}};
  std::vector<Overload> sorted, sums, smallest, largest;
  for (const Named& kind : kinds) {
    const std::string prefix = std::string("list_") + kind.name + "_";
    const Type* list = t.list(kind.type);
    sorted.push_back(member(prefix + "is_sorted_bool", {list}, t.boolean, is_sorted, traversal_cost));
    smallest.push_back(member(prefix + "min_" + kind.name, {list}, kind.type, extreme<Order::greater>, traversal_cost));
    largest.push_back(member(prefix + "max_" + kind.name, {list}, kind.type, extreme<Order::less>, traversal_cost));
    if (kind.sum) sums.push_back(member(prefix + "sum_" + kind.name, {list}, kind.type, kind.sum, traversal_cost));
  }
  define(environment, "isSorted", "whether the elements are in ascending order", std::move(sorted));
  define(environment, "sum", "the sum of the elements; zero of an empty list", std::move(sums));
  define(environment, "min", "the smallest element; an error of an empty list", std::move(smallest));
  define(environment, "max", "the largest element; an error of an empty list", std::move(largest));
  const Type* element = t.table.variable("A");
  define(environment, "indexOf", "index of the first occurrence; -1 where there is none",
         {member("list_a_index_of_int", {t.list(element), element}, t.int64, index_of<false>, traversal_cost)});
  define(environment, "lastIndexOf", "index of the last occurrence; -1 where there is none",
         {member("list_a_last_index_of_int", {t.list(element), element}, t.int64, index_of<true>, traversal_cost)});
}

}  // namespace assay::cel::library

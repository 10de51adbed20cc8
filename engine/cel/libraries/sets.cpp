// ext/sets: lists as sets; the order and number of equal elements mean nothing.
#include "engine/cel/libraries/support.hpp"

namespace assay::cel {

using namespace library;

namespace {

// Whether `list` has an element equal to `item`: true, false, or the unknown that it hangs on.
Val has(Frame& frame, const Items& list, const Val& item) {
  Val open = val_bool(false);
  for (const Val& other : list.values) {
    const Val same = equal(frame, other, item);
    if (same.is_true()) return same;
    if (same.is_unknown()) open = open.is_unknown() ? merge_unknowns(frame, open, same) : same;
    if (same.is_error() && !open.is_unknown()) open = same;
  }
  return open;
}

Val contains_all(Frame& frame, const Items& list, const Items& wanted) {
  Val open = val_bool(true);
  for (const Val& item : wanted.values) {
    const Val found = has(frame, list, item);
    if (found.is_false()) return found;
    if (undecided(found) && !undecided(open)) open = found;
  }
  return open;
}

// Elements that are not decided themselves are compared like the rest: `equal` gives unknown for them.
struct Pair {
  Items left, right;
  bool complete() const { return !left.stopped.is_error() && !right.stopped.is_error(); }
  const Val& error() const { return left.stopped.is_error() ? left.stopped : right.stopped; }
};
Pair pair_of(Frame& frame, Args args) { return {items_of(frame, args[0]), items_of(frame, args[1])}; }

Val contains(Frame& frame, Args args) {
  const Pair pair = pair_of(frame, args);
  return pair.complete() ? contains_all(frame, pair.left, pair.right) : pair.error();
}

Val equivalent(Frame& frame, Args args) {
  const Pair pair = pair_of(frame, args);
  if (!pair.complete()) return pair.error();
  const Val forth = contains_all(frame, pair.left, pair.right);
  if (forth.is_false()) return forth;
  const Val back = contains_all(frame, pair.right, pair.left);
  return back.is_true() ? forth : back;
}

Val intersects(Frame& frame, Args args) {
  const Pair pair = pair_of(frame, args);
  if (!pair.complete()) return pair.error();
  Val open = val_bool(false);
  for (const Val& item : pair.left.values) {
    const Val found = has(frame, pair.right, item);
    if (found.is_true()) return found;
    if (undecided(found) && !undecided(open)) open = found;
  }
  return open;
}

template <int factor>
std::uint64_t product_cost(Args args, const Val&) {
  return 1 + scaled(size_of(args[0]) * size_of(args[1]), factor);
}

}  // namespace

void add_sets(Environment& environment) {
  const Types t(environment);
  const Type* list = t.list(t.table.variable("T"));
  define(environment, "sets.contains", "whether the first list has every element of the second",
         {global("list_sets_contains_list", {list, list}, t.boolean, contains, product_cost<1>)});
  define(environment, "sets.equivalent", "whether each list has every element of the other",
         {global("list_sets_equivalent_list", {list, list}, t.boolean, equivalent, product_cost<2>)});
  define(environment, "sets.intersects", "whether the lists have an element in common",
         {global("list_sets_intersects_list", {list, list}, t.boolean, intersects, product_cost<1>)});
}

}  // namespace assay::cel

// Comprehensions as loops: none builds the accumulator that its macro's expansion spells out.
#include <algorithm>

#include "engine/cel/runner.hpp"

namespace assay::cel {

MapBuilder::MapBuilder(Frame& frame, std::size_t expected) : frame_(frame) {
  capacity_ = std::max<std::size_t>(expected, 1);
  entries_ = frame.scratch->array<MapEntry>(capacity_);
  full = !entries_;
}

bool MapBuilder::grow() {
  if (size_ == capacity_) {
    auto* const larger = frame_.scratch->array<MapEntry>(capacity_ * 2);
    if (!larger) return false;
    std::copy(entries_, entries_ + size_, larger);
    entries_ = larger;
    capacity_ *= 2;
  }
  // A table from nine entries on, at most half full.
  if (size_ < 8 || (size_ + 1) * 2 <= bucket_count_) return true;
  bucket_count_ = std::bit_ceil((size_ + 1) * 4);
  buckets_ = frame_.scratch->array<std::uint32_t>(bucket_count_);
  if (!buckets_) return false;
  std::fill(buckets_, buckets_ + bucket_count_, 0u);
  for (std::size_t i = 0; i < size_; ++i) {
    std::size_t at = hash_key(entries_[i].key) & (bucket_count_ - 1);
    while (buckets_[at]) at = (at + 1) & (bucket_count_ - 1);
    buckets_[at] = static_cast<std::uint32_t>(i + 1);
  }
  return true;
}

bool MapBuilder::add(const Val& key, const Val& value) {
  if (full || !grow()) {
    full = true;
    return false;
  }
  if (buckets_) {
    std::size_t at = hash_key(key) & (bucket_count_ - 1);
    for (; buckets_[at]; at = (at + 1) & (bucket_count_ - 1))
      if (same_key(entries_[buckets_[at] - 1].key, key)) return false;
    buckets_[at] = static_cast<std::uint32_t>(size_ + 1);
  } else {
    for (std::size_t i = 0; i < size_; ++i)
      if (same_key(entries_[i].key, key)) return false;
  }
  entries_[size_++] = {key, value};
  return true;
}

Val MapBuilder::finish() {
  if (full) return out_of_memory(frame_);
  auto* const data = frame_.scratch->array<MapData>(1);
  if (!data) return out_of_memory(frame_);
  *data = {entries_, size_, buckets_, bucket_count_};
  Val result;
  result.kind = ValKind::map;
  result.map_data = data;
  return result;
}

// Evaluates the range of a loop; false when there is nothing to go through and `out` says why.
bool Runner::enter(const Node* node, Val& range, Cursor& cursor, Val& out) {
  run(node->args[0], range);
  if (cursor.over(range)) return true;
  out = range.is_error() || range.is_unknown() ? range : no_overload(node, "comprehension", {&range, 1});
  return false;
}

namespace {

// What stands in the way of a loop's result: unknown above error, the first error.
struct Failure {
  Val value;
  bool unknown = false, error = false;

  void add(Frame& frame, const Val& operand) {
    if (operand.is_unknown()) {
      value = unknown ? merge_unknowns(frame, value, operand) : operand;
      unknown = true;
    } else if (!unknown && !error) {
      value = operand;
      error = true;
    }
  }
  explicit operator bool() const { return unknown || error; }
};

}  // namespace

// exists: until a true one; all: until a false one.
void Runner::quantifier(const Node* node, bool decides, Val& out) {
  Val range;
  Cursor cursor;
  if (!enter(node, range, cursor, out)) return;
  Failure failure;
  frame.cost += node->metered;  // the result is read
  while (cursor.next(locals + node->index, node->two_variables)) {
    if (frame.cost > frame.cost_limit) break;
    // @not_strictly_false(@result) or @not_strictly_false(!@result), then @result && … or @result || …
    if (node->metered) frame.cost += decides ? 4 : 3;
    Val verdict;
    run(node->args[1], verdict);
    if (verdict.is(ValKind::boolean)) [[likely]] {
      if (verdict.boolean == decides) {
        if (node->metered && cursor.position() < cursor.size()) frame.cost += decides ? 3 : 2;  // the condition once more
        set(out, [&] { return val_bool(decides); });
        return;
      }
    } else {
      failure.add(frame, verdict.is_error() || verdict.is_unknown() ? verdict : no_overload(node, decides ? "||" : "&&", {&verdict, 1}));
    }
  }
  if (failure) out = failure.value;
  else set(out, [&] { return val_bool(!decides); });
}

// exists_one, and the size of a filter.
void Runner::count(const Node* node, Val& out) {
  Val range;
  Cursor cursor;
  if (!enter(node, range, cursor, out)) return;
  Failure failure;
  std::int64_t found = 0;
  if (node->metered) frame.cost += 2;  // @result == 1
  while (cursor.next(locals + node->index, node->two_variables)) {
    if (frame.cost > frame.cost_limit) break;
    Val verdict;
    run(node->args[1], verdict);
    if (node->metered && verdict.is_true()) frame.cost += 2;  // @result + 1
    if (verdict.is(ValKind::boolean)) found += verdict.boolean;
    else failure.add(frame, verdict.is_error() || verdict.is_unknown() ? verdict : no_overload(node, "?:", {&verdict, 1}));
  }
  if (failure) out = failure.value;
  else set(out, [&] { return node->op == Op::exists_one ? val_bool(found == 1) : val_int(found); });
}

void Runner::filter(const Node* node, Val& out) {
  Val range;
  Cursor cursor;
  if (!enter(node, range, cursor, out)) return;
  // First which elements stay, then a list of just that size.
  constexpr std::size_t most_on_stack = 1024;
  std::uint64_t few[most_on_stack / 64];
  const std::size_t words = (cursor.size() + 63) / 64;
  std::uint64_t* const kept = cursor.size() <= most_on_stack ? few : frame.scratch->array<std::uint64_t>(words);
  if (!kept) {
    out = out_of_memory(frame);
    return;
  }
  std::fill(kept, kept + words, 0);
  Failure failure;
  std::size_t size = 0;
  frame.cost += node->metered;
  while (cursor.next(locals + node->index, node->two_variables)) {
    if (frame.cost > frame.cost_limit) break;
    Val verdict;
    run(node->args[1], verdict);
    if (verdict.is(ValKind::boolean)) {
      if (!verdict.boolean) continue;
      if (node->metered) frame.cost += 13;  // @result + [x]
      const std::size_t at = cursor.position() - 1;
      kept[at / 64] |= std::uint64_t{1} << at % 64;
      ++size;
    } else {
      failure.add(frame, verdict.is_error() || verdict.is_unknown() ? verdict : no_overload(node, "?:", {&verdict, 1}));
    }
  }
  if (failure) {
    out = failure.value;
    return;
  }
  Val* const items = frame.scratch->array<Val>(std::max<std::size_t>(size, 1));
  if (!items) {
    out = out_of_memory(frame);
    return;
  }
  std::size_t filled = 0;
  for (std::size_t at = 0; filled < size; ++at) {
    if (!(kept[at / 64] >> at % 64 & 1)) continue;
    set(items[filled++], [&] { return range.is(ValKind::list) ? item_at(range, at) : entry_at(range, at).key; });
  }
  if (!node->metered) frame.cost += size;
  set(out, [&] { return wrap_list(frame, items, size); });
}

// map and transformList, with or without a predicate.
void Runner::map_list(const Node* node, Val& out) {
  Val range;
  Cursor cursor;
  if (!enter(node, range, cursor, out)) return;
  Val* const items = frame.scratch->array<Val>(std::max<std::size_t>(cursor.size(), 1));
  if (!items) {
    out = out_of_memory(frame);
    return;
  }
  Failure failure;
  std::size_t size = 0;
  frame.cost += node->metered;
  while (cursor.next(locals + node->index, node->two_variables)) {
    if (frame.cost > frame.cost_limit) break;
    if (node->args[1]) {
      Val verdict;
      run(node->args[1], verdict);
      if (verdict.is_false()) continue;
      if (!verdict.is_true()) {
        failure.add(frame, verdict.is_error() || verdict.is_unknown() ? verdict : no_overload(node, "?:", {&verdict, 1}));
        continue;
      }
    }
    Val& item = items[size] = Val();
    if (node->metered) frame.cost += node->discount ? 2 : 12;  // @result + [t]; a constant list costs nothing
    run(node->args[2], item);
    if (item.kind >= ValKind::error) failure.add(frame, item);
    else ++size;
  }
  if (!node->metered) frame.cost += size;
  out = failure ? failure.value : wrap_list(frame, items, size);
}

// transformMap keeps the key; transformMapEntry takes the entries of the map that the transform gives.
void Runner::transform_map(const Node* node, Val& out) {
  Val range;
  Cursor cursor;
  if (!enter(node, range, cursor, out)) return;
  MapBuilder entries(frame, cursor.size());
  Failure failure;
  const auto add = [&](const Val& key, const Val& value) {
    if (failure || entries.add(key, value)) return;
    frame.at = node->at;
    failure.add(frame, entries.full ? out_of_memory(frame) : make_error(frame, "insert failed: key " + plain_text(key) + " already exists"));
  };
  frame.cost += node->metered;
  while (cursor.next(locals + node->index, node->two_variables)) {
    if (frame.cost > frame.cost_limit) break;
    const Val key = locals[node->index];
    if (node->args[1]) {
      Val verdict;
      run(node->args[1], verdict);
      if (verdict.is_false()) continue;
      if (!verdict.is_true()) {
        failure.add(frame, verdict.is_error() || verdict.is_unknown() ? verdict : no_overload(node, "?:", {&verdict, 1}));
        continue;
      }
    }
    if (node->metered) {
      // cel.@mapInsert(@result, key, value) looks at nothing more once the result is an error.
      if (failure && node->op == Op::transform_map) {
        ++frame.cost;
        continue;
      }
      frame.cost += node->op == Op::transform_map ? 3 : 2;
    }
    Val made;
    run(node->args[2], made);
    if (made.kind >= ValKind::error) {
      failure.add(frame, made);
    } else if (node->op == Op::transform_map) {
      add(key, made);
    } else if (!made.is(ValKind::map)) {
      failure.add(frame, no_overload(node, "cel.@mapInsert", {&made, 1}));
    } else {
      for (std::size_t i = 0, size = size_of(made); i < size; ++i) {
        const MapEntry entry = entry_at(made, i);
        add(entry.key, entry.value);
      }
    }
  }
  out = failure ? failure.value : entries.finish();
}

// A comprehension as cel-spec writes it; none of the standard macros comes here.
void Runner::fold(const Node* node, Val& out) {
  Val range;
  Cursor cursor;
  if (!enter(node, range, cursor, out)) return;
  Val* const own = locals + node->index;  // accumulator, variable, variable2
  Val accumulator;
  run(node->args[1], accumulator);
  own[0] = accumulator;
  while (cursor.next(own + 1, node->two_variables)) {
    if (frame.cost > frame.cost_limit) break;
    Val condition, step;
    run(node->args[2], condition);
    if (condition.is_false()) break;
    run(node->args[3], step);
    own[0] = step;
  }
  run(node->args[4], out);
}

}  // namespace assay::cel

// The evaluator: walks a plan's nodes. Internal to engine/cel.
#pragma once

#include <bit>

#include "engine/cel/plan.hpp"

namespace assay::cel {

const Plan& plan_of(const Program& program);
Val evaluate_plan(const Program& program, Frame& frame);       // without tracing
Val evaluate_in_trace(const Program& program, Frame& frame);   // trace.cpp: frame.trace is set

// One evaluation on the way: bounds the depth of evaluations within evaluations (a record's field may be
// an expression), names the program for errors, and has room for locals.
class Entered {
 public:
  Entered(const Program& program, Frame& frame) : frame_(frame), plan_(plan_of(program)), outer_(frame.program), outer_at_(frame.at) {
    frame.depth += plan_.depth;
    frame.program = &program;
    if (plan_.locals > few) many_ = frame.scratch->array<Val>(plan_.locals);
  }
  ~Entered() {
    frame_.depth -= plan_.depth;
    frame_.program = outer_;
    frame_.at = outer_at_;
  }
  Entered(const Entered&) = delete;
  Entered& operator=(const Entered&) = delete;
  bool refused(Val& out) const {
    if (frame_.depth > frame_.depth_limit && outer_) out = too_deep(frame_);
    else if (plan_.locals > few && !many_) out = out_of_memory(frame_);
    else return false;
    return true;
  }
  // INVARIANT: a local is bound before it is read, so nothing fills them here.
  Val* locals() { return many_ ? many_ : reinterpret_cast<Val*>(few_); }

 private:
  static constexpr std::uint32_t few = 6;
  Frame& frame_;
  const Plan& plan_;
  const Program* outer_;
  std::uint32_t outer_at_;
  Val* many_ = nullptr;
  alignas(Val) unsigned char few_[few * sizeof(Val)];
};

// The elements of a list (with their indices) or the keys of a map (with their values).
class Cursor {
 public:
  // False when the value cannot be gone through.
  bool over(const Val& range) {
    range_ = &range;
    is_list_ = range.is(ValKind::list);
    if (!is_list_ && !range.is(ValKind::map)) return false;
    size_ = size_of(range);
    if (range.wrapped && is_list_) items_ = range.source.items().data();
    return true;
  }
  std::size_t size() const { return size_; }
  std::size_t position() const { return at_; }  // of the next element
  bool next(Val* locals, bool two_variables) {
    if (at_ == size_) return false;
    const std::size_t i = at_++;
    if (is_list_) {
      Val& element = locals[two_variables ? 1 : 0];
      if (items_) cel::read(element, items_[i]);
      else element = range_->list_data->items[i];
      if (two_variables) set(locals[0], [&] { return val_int(static_cast<std::int64_t>(i)); });
      return true;
    }
    const MapEntry entry = entry_at(*range_, i);
    locals[0] = entry.key;
    if (two_variables) locals[1] = entry.value;
    return true;
  }

 private:
  const Val* range_ = nullptr;
  const Value* items_ = nullptr;
  bool is_list_ = false;
  std::size_t size_ = 0, at_ = 0;
};

// Builds a map entry by entry and finds keys that are there already.
struct MapBuilder {
  MapBuilder(Frame& frame, std::size_t expected);
  bool add(const Val& key, const Val& value);  // false: the key is there already, or memory is out (`full`)
  Val finish();
  bool full = false;

 private:
  bool grow();
  Frame& frame_;
  MapEntry* entries_ = nullptr;
  std::uint32_t* buckets_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0, bucket_count_ = 0;
};

struct Runner {
  Frame& frame;
  Val* locals;

  void run(const Node* node, Val& out);
  // A node's value without copying what stands somewhere already. `scratch` must outlive the answer. What
  // is read stays valid while other operands are evaluated: slots and constants do not change, and a local
  // is bound by the loop around.
  const Val& read(const Node* node, Val& scratch) {
    switch (node->op) {
      case Op::constant:
        if (node->metered) frame.cost += node->charge;
        return *node->constant;
      case Op::local: frame.cost += node->charge; return locals[node->index];
      case Op::slot:
        frame.cost += node->charge;
        if (node->index < frame.slots.size()) return frame.slots[node->index];
        return scratch = Val();
      default: run(node, scratch); return scratch;
    }
  }
  // Goes the whole way of x.a.b.c where everything on it is a plain map; `absent` where only the last
  // name is missing. No value and not absent: the long way has to be gone.
  Value follow(const Node* node, bool& absent) {
    const Val* base;
    if (node->base->op == Op::local) base = &locals[node->base->index];
    else if (node->base->index < frame.slots.size()) base = &frame.slots[node->base->index];
    else return {};
    if (!base->is(ValKind::map) || !base->wrapped) return {};
    Value value = base->source;
    for (std::uint32_t i = 0; i < node->path_size; ++i) {
      const Entry* const entry = value.find_entry(node->path[i]);
      if (!entry) {
        absent = i + 1 == node->path_size && value.is_map();
        if (absent && node->metered && node->op == Op::has) frame.cost += node->path_size;
        return {};
      }
      value = entry->value;
    }
    frame.cost += node->path_size + (node->metered && node->op != Op::has);
    return value;
  }
  bool both(const Val& left, const Val& right, Val& out);
  void logical(const Node* node, bool decides, Val& out);
  Val no_overload(const Node* node, std::string_view name, std::span<const Val> args);
  Val binary(Op op, const Val& left, const Val& right);
  Val size(const Node* node, const Val& operand);
  bool find(const Node* node, Val& out);
  bool find_base(const Node* node, Val& out);
  bool find_optional(const Node* node, Val& out);
  Val invoke(const Node* node, std::span<const Val> args);
  void metered_call(const Node* node, std::span<const Val> args, const Val& result, std::uint64_t before);
  void metered_index(const Node* node, Val& out);
  void call(const Node* node, Val& out);
  void list(const Node* node, Val& out);
  void map(const Node* node, Val& out);
  void message(const Node* node, Val& out);

  // loops.cpp
  bool enter(const Node* node, Val& range, Cursor& cursor, Val& out);
  void quantifier(const Node* node, bool decides, Val& out);
  void count(const Node* node, Val& out);
  void filter(const Node* node, Val& out);
  void map_list(const Node* node, Val& out);
  void transform_map(const Node* node, Val& out);
  void fold(const Node* node, Val& out);
};

}  // namespace assay::cel

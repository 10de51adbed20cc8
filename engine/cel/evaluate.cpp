#include <algorithm>

#include "engine/cel/numbers.hpp"
#include "engine/cel/runner.hpp"

namespace assay::cel {

namespace {

constexpr std::size_t args_on_stack = 6;

Order order_of(Op op) {
  switch (op) {
    case Op::less: return Order::less;
    case Op::less_equal: return Order::less_equal;
    case Op::greater: return Order::greater;
    default: return Order::greater_equal;
  }
}

void set_bool(Val& out, bool value) {
  out.kind = ValKind::boolean;
  out.wrapped = false;
  out.tag = 0;
  out.nanos = 0;
  out.source = Value();
  out.uint64 = 0;
  out.boolean = value;
}

}  // namespace

// Two operands: true when both are values, else `out` is what failed.
bool Runner::both(const Val& left, const Val& right, Val& out) {
  const auto fails = [](const Val& v) { return v.kind >= ValKind::error; };
  if (!fails(left) && !fails(right)) [[likely]] return true;
  const Val args[] = {left, right};
  failed_operand(frame, args, out);
  return false;
}

void Runner::run(const Node* node, Val& out) {
  if ((frame.cost += node->charge) > frame.cost_limit) [[unlikely]] {
    out = out_of_cost(frame);
    return;
  }
  switch (node->op) {
    case Op::constant: out = *node->constant; return;
    case Op::slot: out = node->index < frame.slots.size() ? frame.slots[node->index] : Val(); return;
    case Op::local: out = locals[node->index]; return;
    case Op::block_local: {
      Val& local = locals[node->index];
      if (local.is_error() && !local.error) {
        Val value;
        run(node->args[0], value);
        local = value;
      }
      out = local;
      return;
    }
    case Op::select: {
      if (node->base) {
        bool absent = false;
        if (const Value value = follow(node, absent)) return cel::read(out, value);
      }
      Val scratch;
      const Val& operand = read(node->args[0], scratch);
      if (operand.is(ValKind::map) && operand.wrapped) [[likely]] {
        const Entry* const entry = operand.source.find_entry(node->field());
        if (entry) {
          frame.cost += node->metered;
          cel::read(out, entry->value);
          return;
        }
      }
      frame.at = node->at;
      const bool of_optional = operand.is(ValKind::optional), failed = operand.kind >= ValKind::error;
      set(out, [&] { return cel::select(frame, operand, node->field(), {node->structure, node->name.field}); });
      if (node->metered) frame.cost += of_optional ? out.is(ValKind::optional) && out.tag : !failed;
      return;
    }
    case Op::select_optional:
    case Op::index_optional: {
      Val held;
      if (!find(node, held)) out = val_none();
      else out = held.is_error() || held.is_unknown() ? held : make_some(frame, held);
      return;
    }
    case Op::has: {
      if (node->base) {
        bool absent = false;
        const Value value = follow(node, absent);
        if (absent || (value && !value.is_unknown())) return set_bool(out, !absent);
        if (value && node->metered) frame.cost -= node->path_size;
      }
      Val scratch;
      const Val& operand = read(node->args[0], scratch);
      frame.at = node->at;
      if (node->metered && operand.kind >= ValKind::error) --frame.cost;
      if (node->metered && operand.is(ValKind::optional) && !(operand.tag && cel::has(frame, *operand.held, node->field(), {}).is_true())) --frame.cost;
      set(out, [&] { return cel::has(frame, operand, node->field(), {node->structure, node->name.field}); });
      return;
    }
    case Op::logical_and: logical(node, false, out); return;
    case Op::logical_or: logical(node, true, out); return;
    case Op::logical_not: {
      Val operand;
      run(node->args[0], operand);
      if (operand.is(ValKind::boolean)) set_bool(out, !operand.boolean);
      else if (operand.is_error() || operand.is_unknown()) out = operand;
      else out = no_overload(node, "!", {&operand, 1});
      return;
    }
    case Op::not_strictly_false: {
      Val operand;
      run(node->args[0], operand);
      set_bool(out, !operand.is_false());
      return;
    }
    case Op::conditional: {
      Val condition;
      run(node->args[0], condition);
      if (condition.is(ValKind::boolean)) {
        run(node->args[condition.boolean ? 1 : 2], out);
        if (node->discount & (condition.boolean ? 1 : 2)) --frame.cost;
      }
      else if (condition.is_error() || condition.is_unknown()) out = condition;
      else out = no_overload(node, "?:", {&condition, 1});
      return;
    }
    case Op::equal:
    case Op::not_equal: {
      Val left_scratch, right_scratch;
      const Val& left = read(node->args[0], left_scratch);
      const Val& right = read(node->args[1], right_scratch);
      if (node->metered) frame.cost += equality_cost(left, right, node->op == Op::not_equal);
      if (left.kind == right.kind) {
        if (left.is(ValKind::string)) return set_bool(out, (left.string() == right.string()) == (node->op == Op::equal));
        if (left.is(ValKind::int64)) return set_bool(out, (left.int64 == right.int64) == (node->op == Op::equal));
        if (left.is(ValKind::boolean)) return set_bool(out, (left.boolean == right.boolean) == (node->op == Op::equal));
      }
      if (!both(left, right, out)) return;
      frame.at = node->at;
      if (node->op == Op::not_equal && strangers(left, right)) return set_bool(out, true);
      const std::uint64_t before = frame.cost;
      const Val same = cel::equal(frame, left, right);
      if (node->metered && frame.cost <= frame.cost_limit) frame.cost = before;
      if (same.is(ValKind::boolean)) set_bool(out, same.boolean == (node->op == Op::equal));
      else out = same;
      return;
    }
    case Op::less:
    case Op::less_equal:
    case Op::greater:
    case Op::greater_equal: {
      Val left_scratch, right_scratch;
      const Val& left = read(node->args[0], left_scratch);
      const Val& right = read(node->args[1], right_scratch);
      if (node->meter != Meter::none) frame.cost += metered(node->meter, left, right);
      if (left.is(ValKind::int64) && right.is(ValKind::int64)) {
        const std::int64_t a = left.int64, b = right.int64;
        return set_bool(out, node->op == Op::less ? a < b : node->op == Op::less_equal ? a <= b : node->op == Op::greater ? a > b : a >= b);
      }
      if (!both(left, right, out)) return;
      frame.at = node->at;
      set(out, [&] { return compare(frame, order_of(node->op), left, right); });
      return;
    }
    case Op::add:
    case Op::subtract:
    case Op::multiply:
    case Op::divide:
    case Op::modulo:
    case Op::in:
    case Op::index: {
      if (node->metered && node->op == Op::index) return metered_index(node, out);
      Val left_scratch, right_scratch;
      const Val& left = read(node->args[0], left_scratch);
      if (node->among && left.is(ValKind::string)) {
        Val table, found;
        table.kind = ValKind::map;
        table.map_data = node->among;
        return set_bool(out, map_find(table, left, found));
      }
      const Val& right = read(node->args[1], right_scratch);
      if (node->meter != Meter::none) frame.cost += metered(node->meter, left, right);
      // A name in a map of the input, the most frequent of these.
      if (node->op == Op::in && left.is(ValKind::string) && right.is(ValKind::map) && right.wrapped)
        return set_bool(out, right.source.find_entry(left.string()) != nullptr);
      if (node->op == Op::index && right.is(ValKind::string) && left.is(ValKind::map) && left.wrapped) {
        if (const Entry* const entry = left.source.find_entry(right.string())) return cel::read(out, entry->value);
      }
      if (!both(left, right, out)) return;
      frame.at = node->at;
      const std::uint64_t before = frame.cost;
      set(out, [&] { return binary(node->op, left, right); });
      if (node->metered) frame.cost = before;
      return;
    }
    case Op::negate: {
      Val operand;
      run(node->args[0], operand);
      frame.at = node->at;
      out = operand.is_error() || operand.is_unknown() ? operand : negate(frame, operand);
      return;
    }
    case Op::size: {
      Val scratch;
      const Val& operand = read(node->args[0], scratch);
      const std::uint64_t before = frame.cost;
      set(out, [&] { return size(node, operand); });
      if (node->metered) frame.cost = before;
      return;
    }
    case Op::matches: {
      Val scratch;
      const Val& operand = read(node->args[0], scratch);
      if (operand.is(ValKind::string)) {
        frame.cost += operand.text.size / 10;
        return set_bool(out, node->regex->found_in(operand.string()));
      }
      const Val result = operand.is_error() || operand.is_unknown() ? operand : no_overload(node, "matches", {&operand, 1});
      out = result;
      return;
    }
    case Op::or_value: {
      if (!find_optional(node->args[0], out)) run(node->args[1], out);
      return;
    }
    case Op::or_else: {
      Val left;
      run(node->args[0], left);
      if (left.is(ValKind::optional) && !left.tag) {
        run(node->args[1], left);
      }
      out = left.is(ValKind::optional) || left.is_error() || left.is_unknown() ? left : no_overload(node, "or", {&left, 1});
      return;
    }
    case Op::has_value: {
      Val held;
      const bool found = find_optional(node->args[0], held);
      if (found && (held.is_error() || held.is_unknown())) out = held;
      else set_bool(out, found);
      return;
    }
    case Op::value: {
      if (find_optional(node->args[0], out)) return;
      frame.at = node->at;
      out = make_error(frame, "optional.none() dereference");
      return;
    }
    case Op::call: call(node, out); return;
    case Op::list: list(node, out); return;
    case Op::map: map(node, out); return;
    case Op::message: message(node, out); return;
    case Op::all: quantifier(node, false, out); return;
    case Op::exists: quantifier(node, true, out); return;
    case Op::exists_one:
    case Op::count_filter: count(node, out); return;
    case Op::filter: filter(node, out); return;
    case Op::map_list: map_list(node, out); return;
    case Op::transform_map:
    case Op::transform_map_entry: transform_map(node, out); return;
    case Op::fold: fold(node, out); return;
    case Op::let: {
      Val initial;
      run(node->args[0], initial);
      locals[node->index] = initial;
      run(node->args[1], out);
      return;
    }
    case Op::block: {
      Val unset;
      unset.kind = ValKind::error;
      unset.error = nullptr;
      for (std::uint16_t i = 0; i + 1 < node->count; ++i) locals[node->index + i] = unset;
      run(node->args[node->count - 1], out);
      return;
    }
  }
}

// && until a false one, || until a true one; unknown stands above error, in any order of the operands.
void Runner::logical(const Node* node, bool decides, Val& out) {
  Val failure;
  bool unknown = false, error = false;
  for (std::uint16_t i = 0; i < node->count; ++i) {
    Val operand;
    run(node->args[i], operand);
    if (operand.is(ValKind::boolean)) [[likely]] {
      if (operand.boolean == decides) return set_bool(out, decides);
      continue;
    }
    if (operand.is_unknown()) {
      failure = unknown ? merge_unknowns(frame, failure, operand) : operand;
      unknown = true;
    } else if (!unknown && !error) {
      failure = operand.is_error() ? operand : no_overload(node, decides ? "||" : "&&", {&operand, 1});
      error = true;
    }
  }
  if (unknown || error) out = failure;
  else set_bool(out, !decides);
}

Val Runner::no_overload(const Node* node, std::string_view name, std::span<const Val> args) {
  frame.at = node->at;
  return no_such_overload(frame, name, args);
}

Val Runner::binary(Op op, const Val& left, const Val& right) {
  switch (op) {
    case Op::add: return add(frame, left, right);
    case Op::subtract: return subtract(frame, left, right);
    case Op::multiply: return multiply(frame, left, right);
    case Op::divide: return divide(frame, left, right);
    case Op::modulo: return modulo(frame, left, right);
    case Op::in: return contains(frame, left, right);
    default: return cel::index(frame, left, right);
  }
}

Val Runner::size(const Node* node, const Val& operand) {
  switch (operand.kind) {
    case ValKind::string:
      frame.cost += operand.text.size / 10;
      return val_int(static_cast<std::int64_t>(count_code_points(operand.string())));
    case ValKind::bytes: return val_int(static_cast<std::int64_t>(operand.text.size));
    case ValKind::list:
    case ValKind::map: return val_int(static_cast<std::int64_t>(size_of(operand)));
    case ValKind::error:
    case ValKind::unknown: return operand;
    default: return no_overload(node, "size", {&operand, 1});
  }
}

// What a.?b and a[?b] hold, without building optionals on the way.
bool Runner::find(const Node* node, Val& out) {
  Val scratch;
  Val base;
  if (!find_base(node->args[0], base)) return false;
  const auto present = [&](bool found) {
    if (found && node->metered && out.kind != ValKind::error) ++frame.cost;
    return found;
  };
  if (node->op != Op::index_optional && node->op != Op::index) {
    frame.at = node->at;
    return present(find_field(frame, base, node->field(), {node->structure, node->name.field}, out));
  }
  if (node->metered && base.kind >= ValKind::error) {
    out = base;
    return true;
  }
  const Val& key = read(node->args[1], scratch);
  frame.cost -= node->discount;
  if (!both(base, key, out)) return true;
  frame.at = node->at;
  return present(find_index(frame, base, key, out));
}

// The operand of a.?b: when it is itself such a step, what that holds; else its plain value.
bool Runner::find_base(const Node* node, Val& out) {
  if (node->op == Op::select_optional || node->op == Op::index_optional) {
    frame.cost += node->charge;
    return find(node, out);
  }
  run(node, out);
  if (!out.is(ValKind::optional)) return true;
  if (!out.tag) return false;
  const Val held = *out.held;
  out = held;
  return true;
}

// What an expression that gives an optional holds.
bool Runner::find_optional(const Node* node, Val& out) {
  if (node->op == Op::select_optional || node->op == Op::index_optional) {
    frame.cost += node->charge;
    return find(node, out);
  }
  // a.?b.c: selecting from an optional is optional too.
  if (node->op == Op::select && node->args[0]->op == Op::select_optional) {
    frame.cost += node->charge;
    Val base;
    if (!find_optional(node->args[0], base)) return false;
    frame.at = node->at;
    const bool found = find_field_of_held(frame, base, node->field(), {node->structure, node->name.field}, out);
    if (found && node->metered && out.kind != ValKind::error) ++frame.cost;
    return found;
  }
  Val value;
  run(node, value);
  if (value.is(ValKind::optional)) {
    if (value.tag) out = *value.held;
    return value.tag != 0;
  }
  out = value.is_error() || value.is_unknown() ? value : no_overload(node, "orValue", {&value, 1});
  return true;
}

Val Runner::invoke(const Node* node, std::span<const Val> args) {
  const CallPlan& planned = *node->call;
  frame.at = node->at;
  const std::uint64_t before = frame.cost;
  Val failed;
  const bool fails = std::any_of(args.begin(), args.end(), [](const Val& v) { return v.kind >= ValKind::error; });
  if (fails && !planned.non_strict) {
    failed_operand(frame, args, failed);
    if (node->metered) metered_call(node, args, failed, before);
    return failed;
  }
  for (const Candidate& candidate : planned.candidates) {
    if (fails && !candidate.overload.non_strict) continue;
    bool applies = true;
    for (std::size_t i = 0; i < args.size() && applies; ++i) {
      applies = candidate.masks[i] >> static_cast<unsigned>(args[i].kind) & 1;
      if (applies && candidate.look_inside && args[i].kind < ValKind::error) applies = fits(args[i], candidate.overload.parameters[i]);
    }
    if (!applies) continue;
    const Val result = candidate.overload.implementation(frame, args);
    if (node->metered) metered_call(node, args, result, before);
    else frame.cost += candidate.overload.cost ? candidate.overload.cost(args, result) : 0;
    return result;
  }
  if (fails) {
    failed_operand(frame, args, failed);
    return failed;
  }
  const Val none = no_such_overload(frame, planned.name, args);
  if (node->metered) metered_call(node, args, none, before);
  return none;
}

// A function that ran out of its own bounds keeps what it spent.
void Runner::metered_call(const Node* node, std::span<const Val> args, const Val& result, std::uint64_t before) {
  if (frame.cost > frame.cost_limit) return;
  frame.cost = before + (node->call->cost ? node->call->cost(args, result) : 1);
}

// An index is looked at when there is something to index; a path as index does not count as a name of its own.
void Runner::metered_index(const Node* node, Val& out) {
  Val left_scratch, right_scratch;
  const Val& left = read(node->args[0], left_scratch);
  if (left.kind >= ValKind::error) {
    const Val failed = left;
    out = failed;
    return;
  }
  const bool of_optional = left.is(ValKind::optional);
  if (of_optional && !left.tag) {
    out = val_none();
    return;
  }
  const Val& right = read(node->args[1], right_scratch);
  frame.cost -= node->discount;
  const std::uint64_t before = frame.cost;
  if (both(left, right, out)) {
    frame.at = node->at;
    set(out, [&] { return binary(node->op, left, right); });
  }
  frame.cost = before + (of_optional ? out.is(ValKind::optional) && out.tag : 1);
}

void Runner::call(const Node* node, Val& out) {
  if (node->count <= args_on_stack) {
    Val args[args_on_stack];
    for (std::uint16_t i = 0; i < node->count; ++i) {
      run(node->args[i], args[i]);
      if (node->metered && node->count > 2 && i + 1 < node->count && args[i].kind >= ValKind::error) return set(out, [&] { return args[i]; });
    }
    set(out, [&] { return invoke(node, {args, node->count}); });
    return;
  }
  Val* const args = frame.scratch->array<Val>(node->count);
  if (!args) {
    out = out_of_memory(frame);
    return;
  }
  for (std::uint16_t i = 0; i < node->count; ++i) run(node->args[i], args[i] = Val());
  out = invoke(node, {args, node->count});
}

void Runner::list(const Node* node, Val& out) {
  if (!node->metered) frame.cost += 10;
  Val* const items = frame.scratch->array<Val>(std::max<std::size_t>(node->count, 1));
  if (!items) {
    out = out_of_memory(frame);
    return;
  }
  std::size_t size = 0;
  for (std::uint16_t i = 0; i < node->count; ++i) {
    if (node->optional && node->optional[i]) {
      Val held;
      if (find_optional(node->args[i], held)) items[size++] = held;
      continue;
    }
    run(node->args[i], items[size++] = Val());
    if (node->metered && items[size - 1].kind >= ValKind::error) break;
  }
  Val failed;
  out = failed_operand(frame, {items, size}, failed) ? failed : wrap_list(frame, items, size);
}

void Runner::map(const Node* node, Val& out) {
  if (!node->metered) frame.cost += 30;
  MapBuilder entries(frame, node->count / 2u);
  Val failed;
  bool fails = false;
  const auto keep_failure = [&](const Val& value) {
    const Val both[] = {failed, value};
    fails = failed_operand(frame, std::span<const Val>(both + !fails, fails ? 2u : 1u), failed) || fails;
  };
  for (std::uint16_t i = 0; i + 1 < node->count; i += 2) {
    Val key, value;
    run(node->args[i], key);
    if (node->metered && key.kind >= ValKind::error) return set(out, [&] { return key; });
    bool present = true;
    if (node->optional && node->optional[i / 2]) present = find_optional(node->args[i + 1], value);
    else run(node->args[i + 1], value);
    if (node->metered && present && value.kind >= ValKind::error) return set(out, [&] { return value; });
    if (key.kind >= ValKind::error || (present && value.kind >= ValKind::error)) {
      keep_failure(key);
      if (present) keep_failure(value);
      continue;
    }
    if (fails) continue;
    frame.at = node->args[i]->at;
    if (!is_key(key)) keep_failure(make_error(frame, "unsupported key type: " + std::string(runtime_name(runtime_type(key)))));
    else if (!present) continue;
    else if (!entries.add(key, value)) keep_failure(entries.full ? out_of_memory(frame) : make_error(frame, "duplicate key in a map: " + plain_text(key)));
  }
  out = fails ? failed : entries.finish();
}

void Runner::message(const Node* node, Val& out) {
  frame.cost += 40;
  constexpr std::size_t most_fields = 8;
  Val values[most_fields];
  const Val* set[most_fields] = {};
  const std::size_t count = std::min<std::size_t>(node->count, most_fields);
  for (std::size_t i = 0; i < count; ++i) {
    if (!node->args[i]) continue;
    set[i] = &values[i];
    if (node->optional && node->optional[i]) {
      if (!find_optional(node->args[i], values[i])) set[i] = nullptr;
    } else {
      run(node->args[i], values[i]);
    }
  }
  Val failed;
  frame.at = node->at;
  out = failed_operand(frame, {values, count}, failed) ? failed : node->message->make(frame, {set, count});
}

void run_node(Frame& frame, const Node* node, Val* locals, Val& out) { Runner{frame, locals}.run(node, out); }

Val evaluate(const Program& program, Frame& frame) {
  if (frame.trace) return evaluate_in_trace(program, frame);
  return evaluate_plan(program, frame);
}

Val evaluate_plan(const Program& program, Frame& frame) {
  Val out;
  Entered entered(program, frame);
  if (entered.refused(out)) return out;
  run_node(frame, plan_of(program).root, entered.locals(), out);
  // An expression may have swallowed the error: `costly() || true`.
  if (frame.cost > frame.cost_limit) return out_of_cost(frame);
  return out;
}

}  // namespace assay::cel

#include <algorithm>

#include "engine/cel/finder.hpp"

namespace assay::cel {

namespace {

// Enough to show why nothing was found; more only hides it.
constexpr std::size_t most_elements = 16;
constexpr std::uint64_t trace_effort = 64;  // times the cost limit: tracing computes parts again

void append(std::vector<Decisive>& to, const std::vector<Decisive>& from) {
  for (const Decisive& decisive : from)
    if (std::find(to.begin(), to.end(), decisive) == to.end()) to.push_back(decisive);
}

Value source_of(const Val& value) {
  if (value.is(ValKind::structure)) return value.structure->value();
  if (value.is(ValKind::optional) && value.tag) return source_of(*value.held);
  return value.source;
}

// A new Trace for what a record's field is decided by.
struct Listening {
  Frame& frame;
  Trace trace;
  Trace* outer;
  explicit Listening(Frame& f) : frame(f), outer(f.trace) { frame.trace = &trace; }
  ~Listening() { frame.trace = outer; }
};

}  // namespace

void Reasons::add_because(const Reasons& other) {
  append(because, other.because);
  append(because, other.data);
}
void Reasons::add_data(const Reasons& other) {
  append(data, other.because);
  append(data, other.data);
}
std::vector<Decisive> Reasons::all() const {
  std::vector<Decisive> result;
  append(result, because);
  append(result, data);
  return result;
}

Val Tracer::value(const Node* node) {
  Val out;
  runner_.run(node, out);
  return out;
}

void Tracer::bind(std::uint32_t local, Reasons reasons) {
  if (locals_.size() <= local) locals_.resize(local + 1);
  locals_[local] = std::move(reasons);
}

Reasons Tracer::read(const Val& value) {
  Reasons reasons;
  if (value.is_unknown()) {
    Value storage;
    for (const Value unknown : unknown_values(value, storage)) reasons.data.push_back({unknown, {}});
  } else if (const Value source = source_of(value)) {
    reasons.data.push_back({source, {}});
  }
  return reasons;
}

Reasons Tracer::of(const Node* node) {
  if (!node || frame_.cost > frame_.cost_limit) return {};
  switch (node->op) {
    case Op::constant: return {};
    case Op::slot: return read(value(node));
    case Op::local: return node->index < locals_.size() ? locals_[node->index] : Reasons();
    case Op::block_local: return of(node->args[0]);
    case Op::select:
    case Op::select_optional:
    case Op::has: return step(node);
    case Op::index:
    case Op::index_optional: return element(node);
    case Op::logical_and: return logical(node, false);
    case Op::logical_or: return logical(node, true);
    case Op::conditional: {
      const Val condition = value(node->args[0]);
      const Reasons why = of(node->args[0]);
      if (!condition.is(ValKind::boolean)) return why;
      Reasons reasons = of(node->args[condition.boolean ? 1 : 2]);
      reasons.add_because(why);
      return reasons;
    }
    case Op::or_value:
    case Op::or_else: {
      Val held;
      const Reasons first = of(node->args[0]);
      if (runner_.find_optional(node->args[0], held)) return first;
      Reasons reasons = of(node->args[1]);
      reasons.add_because(first);
      return reasons;
    }
    case Op::value: return of(node->args[0]);
    case Op::logical_not:
    case Op::not_strictly_false:
    case Op::equal:
    case Op::not_equal:
    case Op::less:
    case Op::less_equal:
    case Op::greater:
    case Op::greater_equal:
    case Op::add:
    case Op::subtract:
    case Op::multiply:
    case Op::divide:
    case Op::modulo:
    case Op::negate:
    case Op::in:
    case Op::size:
    case Op::matches:
    case Op::has_value:
    case Op::call:
    case Op::list:
    case Op::map:
    case Op::message: return operands(node);
    case Op::all: return quantifier(node, false);
    case Op::exists: return quantifier(node, true);
    case Op::exists_one:
    case Op::filter:
    case Op::map_list:
    case Op::transform_map:
    case Op::transform_map_entry:
    case Op::count_filter: return elements(node);
    case Op::fold: return fold(node);
    case Op::let: {
      runner_.run(node->args[0], runner_.locals[node->index]);
      bind(node->index, of(node->args[0]));
      return of(node->args[1]);
    }
    case Op::block: {
      value(node);  // sets the elements that are read
      return of(node->args[node->count - 1]);
    }
  }
  return {};
}

// e.f, e.?f, has(e.f): what stands there, or the deepest parent and the first name that is missing.
Reasons Tracer::step(const Node* node) {
  Reasons base_reasons = of(node->args[0]);
  Val base;
  const bool present = runner_.find_base(node->args[0], base);
  if (!present || base.kind >= ValKind::error) return base_reasons;  // it lacks, or failed, further up
  return field(base, node, node->op == Op::has, std::move(base_reasons));
}

Reasons Tracer::field(const Val& base, const Node* node, bool presence, Reasons base_reasons) {
  Reasons reasons;
  reasons.because = std::move(base_reasons.because);
  Val found;
  const FieldPlace place{node->structure, node->name.field};
  if (base.is(ValKind::structure)) {
    const auto index = base.structure->type().index(node->field());
    if (!index) return reasons;
    bool there = true;
    {
      Listening listening(frame_);
      there = base.structure->has(*index, frame_);
      // What decided a field is more than what decided that it is there.
      if (there && !presence) {
        listening.trace.decisive.clear();
        found = base.structure->get(*index, frame_);
      }
      reasons.data = std::move(listening.trace.decisive);
    }
    if (!reasons.data.empty()) return reasons;
    if (there) reasons.data = read(found).data;
    if (reasons.data.empty() && base.structure->value())
      reasons.data.push_back({base.structure->value(), there ? std::string_view() : node->field()});
    return reasons;
  }
  const bool there = find_field(frame_, base, node->field(), place, found);
  if (there) {
    reasons.data = read(found).data;
    if (reasons.data.empty()) reasons.data = std::move(base_reasons.data);
  } else if (const Value parent = source_of(base)) {
    reasons.data.push_back({parent, node->field()});
  } else {
    reasons.data = std::move(base_reasons.data);
  }
  return reasons;
}

// e[k], e[?k].
Reasons Tracer::element(const Node* node) {
  Reasons base_reasons = of(node->args[0]);
  Val base;
  if (!runner_.find_base(node->args[0], base) || base.is_unknown()) return base_reasons;
  const Val key = value(node->args[1]);
  const Reasons key_reasons = of(node->args[1]);
  if (key.is_unknown() || (key.is_error() && !base.is_error())) return key_reasons;
  if (base.is_error()) return base_reasons;
  Reasons reasons;
  reasons.because = std::move(base_reasons.because);
  reasons.add_because(key_reasons);
  Val found;
  if (find_index(frame_, base, key, found) && found.kind < ValKind::error) {
    reasons.data = read(found).data;
  } else if (found.is_unknown()) {
    reasons.data = read(found).data;
  } else if (const Value parent = source_of(base)) {
    const bool named = base.is(ValKind::map) && key.is(ValKind::string);
    reasons.data.push_back({parent, named ? key.string() : std::string_view()});
  }
  if (reasons.data.empty()) reasons.data = std::move(base_reasons.data);
  return reasons;
}

// A side that decides alone: the one with the fewest reasons. Else all sides did, or those that failed.
Reasons Tracer::logical(const Node* node, bool decides) {
  std::vector<Decisive> best;
  bool decided = false, unknown = false, error = false;
  std::vector<Val> values;
  for (std::uint16_t i = 0; i < node->count; ++i) {
    values.push_back(value(node->args[i]));
    const Val& side = values.back();
    unknown = unknown || side.is_unknown();
    error = error || !side.is(ValKind::boolean);
    if (!side.is(ValKind::boolean) || side.boolean != decides) continue;
    std::vector<Decisive> reasons = of(node->args[i]).all();
    if (!decided || reasons.size() < best.size()) best = std::move(reasons);
    decided = true;
  }
  Reasons result;
  if (decided) {
    result.data = std::move(best);
    return result;
  }
  for (std::uint16_t i = 0; i < node->count; ++i) {
    const bool counts = unknown ? values[i].is_unknown() : error ? !values[i].is(ValKind::boolean) : true;
    if (!counts) continue;
    result.add_data(of(node->args[i]));
    if (error && !unknown) break;
  }
  return result;
}

Reasons Tracer::operands(const Node* node) {
  Reasons result;
  bool unknown = false, error = false;
  std::vector<Val> values;
  for (std::uint16_t i = 0; i < node->count; ++i) {
    values.push_back(node->args[i] ? value(node->args[i]) : Val());
    unknown = unknown || values.back().is_unknown();
    error = error || values.back().is_error();
  }
  for (std::uint16_t i = 0; i < node->count; ++i) {
    const bool counts = unknown ? values[i].is_unknown() : error ? values[i].is_error() : true;
    if (!counts || !node->args[i]) continue;
    result.add_data(of(node->args[i]));
    if (error && !unknown) break;
  }
  if (result.data.empty() && !unknown && !error) {
    // A function of the embedding program gives values of the input without having been given any.
    if (node->op == Op::call) result = read(value(node));
  }
  return result;
}

Reasons Tracer::quantifier(const Node* node, bool decides) {
  const Val verdict = value(node);
  Reasons result;
  const Val range = value(node->args[0]);
  if (range.kind >= ValKind::error || !(range.is(ValKind::list) || range.is(ValKind::map))) return of(node->args[0]);
  std::size_t seen = 0;
  const auto judge = [&](const Reasons& element) {
    const Val predicate = value(node->args[1]);
    const bool witness = predicate.is(ValKind::boolean) && predicate.boolean == decides;
    const bool decided = verdict.is(ValKind::boolean) && verdict.boolean == decides;
    const bool wanted = decided ? witness : verdict.is_unknown() ? predicate.is_unknown() : verdict.is_error() ? !predicate.is(ValKind::boolean) : true;
    if (!wanted) return true;
    append(result.data, element.because);
    result.add_data(of(node->args[1]));
    return !decided && !verdict.is_error() && ++seen < most_elements;
  };
  if (node->two_variables) {
    Cursor cursor;
    cursor.over(range);
    const Reasons whole = of(node->args[0]);
    while (cursor.next(runner_.locals + node->index, true)) {
      for (std::uint32_t i = 0; i < 2; ++i) bind(node->index + i, read(runner_.locals[node->index + i]));
      if (!judge(whole)) break;
    }
  } else {
    Finder finder{runner_, this};
    finder.each(node->args[0], true, [&](Found& found) {
      runner_.locals[node->index] = found.value;
      bind(node->index, found.reasons);
      return judge(found.reasons);
    });
  }
  if (size_of(range) == 0) result.add_data(of(node->args[0]));
  return result;
}

// Lists and maps that a loop builds, and how many elements a predicate holds for: by the elements that
// stayed, or by all where none did.
Reasons Tracer::elements(const Node* node) {
  const Val range = value(node->args[0]);
  if (range.kind >= ValKind::error || !(range.is(ValKind::list) || range.is(ValKind::map))) return of(node->args[0]);
  const Val whole = value(node);
  Reasons kept, dropped;
  std::size_t kept_count = 0, dropped_count = 0;
  const auto judge = [&](const Reasons& element) {
    if (kept_count >= most_elements && dropped_count >= most_elements) return false;
    const Val predicate = node->args[1] ? value(node->args[1]) : val_bool(true);
    if (whole.is_unknown() && !predicate.is_unknown() && !(predicate.is_true() && node->args[2] && value(node->args[2]).is_unknown())) return true;
    if (whole.is_error() && !predicate.is_error() && !(predicate.is_true() && node->args[2] && value(node->args[2]).is_error())) return true;
    if (predicate.is_false()) {
      if (dropped_count++ >= most_elements) return true;
      append(dropped.data, element.because);
      dropped.add_data(of(node->args[1]));
      return true;
    }
    if (kept_count++ >= most_elements) return true;
    append(kept.data, element.because);
    if (node->args[1]) kept.add_data(of(node->args[1]));
    if (node->args[2] && predicate.is_true()) kept.add_data(of(node->args[2]));
    return true;
  };
  if (node->two_variables) {
    Cursor cursor;
    cursor.over(range);
    const Reasons whole_range = of(node->args[0]);
    while (cursor.next(runner_.locals + node->index, true)) {
      for (std::uint32_t i = 0; i < 2; ++i) bind(node->index + i, read(runner_.locals[node->index + i]));
      if (!judge(whole_range)) break;
    }
  } else {
    Finder finder{runner_, this};
    finder.each(node->args[0], true, [&](Found& found) {
      runner_.locals[node->index] = found.value;
      bind(node->index, found.reasons);
      return judge(found.reasons);
    });
  }
  if (kept.empty() || node->op == Op::exists_one) kept.add_data(dropped);
  if (kept.empty()) kept.add_data(of(node->args[0]));
  return kept;
}

Reasons Tracer::fold(const Node* node) {
  Reasons result = of(node->args[0]);
  result.add_data(of(node->args[1]));
  const Val range = value(node->args[0]);
  Cursor cursor;
  if (range.kind >= ValKind::error || !cursor.over(range)) return result;
  Val* const own = runner_.locals + node->index;
  own[0] = value(node->args[1]);
  bind(node->index, of(node->args[1]));
  for (std::size_t seen = 0; seen < most_elements && cursor.next(own + 1, node->two_variables); ++seen) {
    for (std::uint32_t i = 1; i < 3; ++i) bind(node->index + i, read(own[i]));
    if (value(node->args[2]).is_false()) break;
    Reasons reasons = of(node->args[3]);
    const Val stepped = value(node->args[3]);
    result.add_data(reasons);
    bind(node->index, std::move(reasons));
    own[0] = stepped;
  }
  return result;
}

namespace {

// Lets a trace cost more than the evaluation that it explains, and gives the difference back.
struct MoreEffort {
  Frame& frame;
  std::uint64_t cost, limit;
  Trace* trace;
  explicit MoreEffort(Frame& f) : frame(f), cost(f.cost), limit(f.cost_limit), trace(f.trace) {
    frame.cost_limit = frame.cost + std::min<std::uint64_t>(limit, 10'000'000) * trace_effort;
    frame.trace = nullptr;
  }
  ~MoreEffort() {
    frame.cost = cost;
    frame.cost_limit = limit;
    frame.trace = trace;
  }
};

}  // namespace

Val evaluate_traced(const Program& program, Frame& frame, std::vector<Decisive>& decisive) {
  decisive.clear();
  Trace* const outer = frame.trace;
  frame.trace = nullptr;
  const Val result = evaluate_plan(program, frame);
  frame.trace = outer;
  if (frame.cost > frame.cost_limit) return result;
  MoreEffort effort(frame);
  Entered entered(program, frame);
  Val refused;
  if (entered.refused(refused)) return result;
  Runner runner{frame, entered.locals()};
  Tracer tracer(runner);
  decisive = tracer.of(plan_of(program).root).all();
  return result;
}

Val evaluate_in_trace(const Program& program, Frame& frame) {
  std::vector<Decisive> decisive;
  const Val result = evaluate_traced(program, frame, decisive);
  frame.trace->decisive = std::move(decisive);
  return result;
}

std::vector<Decisive> trace_yield(const Program& program, Frame& frame, std::size_t index) {
  std::vector<Decisive> decisive;
  MoreEffort effort(frame);
  Entered entered(program, frame);
  Val refused;
  if (entered.refused(refused)) return decisive;
  Runner runner{frame, entered.locals()};
  Tracer tracer(runner);
  Finder finder{runner, &tracer};
  std::size_t at = 0;
  finder.each(plan_of(program).root, false, [&](Found& found) {
    if (at++ != index) return true;
    // Its predicates; of an element that no predicate chose, the element.
    append(decisive, found.reasons.because.empty() ? found.reasons.data : found.reasons.because);
    return false;
  });
  return decisive;
}

}  // namespace assay::cel

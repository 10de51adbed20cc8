#include "engine/cel/finder.hpp"

namespace assay::cel {

void Finder::fail(const Val& value) {
  if (has_failed && (!value.is_unknown() || failed.is_unknown())) {
    if (value.is_unknown()) failed = merge_unknowns(runner.frame, failed, value);
    return;
  }
  failed = value;
  has_failed = true;
}

Reasons Finder::reasons(const Node* node) { return tracer ? tracer->of(node) : Reasons(); }
void Finder::bind(std::uint32_t local, const Val& value, const Reasons& reasons) {
  runner.locals[local] = value;
  if (tracer) tracer->bind(local, reasons);
}

bool Finder::each(const Node* node, bool keys, Sink sink) {
  if (runner.frame.cost > runner.frame.cost_limit) {
    fail(out_of_cost(runner.frame));
    return true;
  }
  switch (node->op) {
    case Op::filter:
    case Op::map_list: return node->two_variables ? numbered(node, sink) : loop(node, sink);
    case Op::add: {
      // A sum of lists; of anything else, its failure is the sum's.
      return each(node->args[0], false, sink) && each(node->args[1], false, sink);
    }
    case Op::list:
      for (std::uint16_t i = 0; i < node->count; ++i) {
        Found found;
        if (node->optional && node->optional[i]) {
          if (!runner.find_optional(node->args[i], found.value)) continue;
        } else {
          runner.run(node->args[i], found.value);
        }
        found.reasons = reasons(node->args[i]);
        if (found.value.kind >= ValKind::error) {
          found.certain = false;
          found.why = found.value;
        }
        if (!sink(found)) return false;
      }
      return true;
    case Op::conditional: {
      Val condition;
      runner.run(node->args[0], condition);
      if (!condition.is(ValKind::boolean)) {
        fail(condition.kind >= ValKind::error ? condition : runner.no_overload(node, "?:", {&condition, 1}));
        return true;
      }
      const Reasons why = reasons(node->args[0]);
      return each(node->args[condition.boolean ? 1 : 2], keys, [&](Found& found) {
        if (tracer) found.reasons.add_because(why);
        return sink(found);
      });
    }
    case Op::or_value: {
      Val held;
      const bool present = runner.find_optional(node->args[0], held);
      const Reasons why = reasons(node->args[0]);
      if (present) return items(held, keys, why, sink);
      return each(node->args[1], keys, [&](Found& found) {
        if (tracer) found.reasons.add_because(why);
        return sink(found);
      });
    }
    case Op::let: {
      Val initial;
      runner.run(node->args[0], initial);
      bind(node->index, initial, reasons(node->args[0]));
      return each(node->args[1], keys, sink);
    }
    case Op::call:
      if (node->count == 1 && (node->call->name == "flatten" || node->call->name == "lists.flatten")) {
        return each(node->args[0], false, [&](Found& outer) {
          if (!outer.value.is(ValKind::list)) return sink(outer);
          return items(outer.value, false, outer.reasons, [&](Found& inner) {
            if (!outer.certain) {
              inner.certain = false;
              inner.why = outer.why;
            }
            return sink(inner);
          });
        });
      }
      break;
    default: break;
  }
  return plain(node, keys, sink);
}

// filter, and map with or without a predicate.
bool Finder::loop(const Node* node, Sink sink) {
  return each(node->args[0], true, [&](Found& found) {
    bind(node->index, found.value, found.reasons);
    return judge(node, found, sink);
  });
}

// transformList. The place of an element is only known in a list that is complete.
bool Finder::numbered(const Node* node, Sink sink) {
  Val range;
  runner.run(node->args[0], range);
  Cursor cursor;
  if (!cursor.over(range)) {
    fail(range.kind >= ValKind::error ? range : runner.no_overload(node, "comprehension", {&range, 1}));
    return true;
  }
  const Reasons whole = reasons(node->args[0]);
  while (cursor.next(runner.locals + node->index, true)) {
    if (runner.frame.cost > runner.frame.cost_limit) {
      fail(out_of_cost(runner.frame));
      return true;
    }
    Found found;
    found.value = runner.locals[node->index + 1];
    if (tracer) {
      found.reasons = Tracer::read(found.value);
      if (found.reasons.data.empty()) found.reasons.data = whole.data;
      found.reasons.because = whole.because;
      tracer->bind(node->index, {});
      tracer->bind(node->index + 1, found.reasons);
    }
    if (!judge(node, found, sink)) return false;
  }
  return true;
}

// The element that is bound: out, in, or undecided; and what becomes of it.
bool Finder::judge(const Node* node, Found& found, Sink sink) {
  const auto undecided = [&](const Val& why) {
    found.why = found.certain ? why : merge_unknowns(runner.frame, found.why, why);
    found.certain = false;
  };
  if (node->args[1]) {
    Val verdict;
    runner.run(node->args[1], verdict);
    if (verdict.is_false()) return true;
    if (!verdict.is_true())
      undecided(verdict.kind >= ValKind::error ? verdict : runner.no_overload(node, "filter", {&verdict, 1}));
    if (tracer) found.reasons.add_because(reasons(node->args[1]));
  }
  if (node->op == Op::filter) return sink(found);
  Found mapped = found;
  runner.run(node->args[2], mapped.value);
  if (mapped.value.kind >= ValKind::error) {
    undecided(mapped.value);
    mapped.certain = false;
    mapped.why = found.why;
    mapped.value = found.value;  // what is known of it is where it came from
  }
  if (tracer) {
    const Reasons made = reasons(node->args[2]);
    mapped.reasons.because.insert(mapped.reasons.because.end(), made.because.begin(), made.because.end());
    mapped.reasons.data = made.data;
  }
  return sink(mapped);
}

bool Finder::plain(const Node* node, bool keys, Sink sink) {
  Val value;
  runner.run(node, value);
  return items(value, keys, reasons(node), sink);
}

bool Finder::items(const Val& list, bool keys, const Reasons& because, Sink sink) {
  if (!list.is(ValKind::list) && !(keys && list.is(ValKind::map))) {
    fail(list.kind >= ValKind::error ? list : make_error(runner.frame, "a list is needed here, not " + std::string(runtime_name(runtime_type(list)))));
    return true;
  }
  for (std::size_t i = 0, size = size_of(list); i < size; ++i) {
    if (runner.frame.cost > runner.frame.cost_limit) {
      fail(out_of_cost(runner.frame));
      return true;
    }
    Found found;
    found.value = list.is(ValKind::list) ? item_at(list, i) : entry_at(list, i).key;
    if (found.value.kind >= ValKind::error) {
      found.certain = false;
      found.why = found.value;
    }
    if (tracer) {
      found.reasons = Tracer::read(found.value);
      if (found.reasons.data.empty()) found.reasons.data = because.data;  // of a computed list, all that made it
      found.reasons.because = because.because;
    }
    if (!sink(found)) return false;
  }
  return true;
}

void find(const Program& program, Frame& frame, FindResult& result) {
  result.yields.clear();
  result.failed.reset();
  Trace* const trace = frame.trace;
  frame.trace = nullptr;
  Entered entered(program, frame);
  Val refused;
  if (entered.refused(refused)) {
    result.failed = refused;
  } else {
    Runner runner{frame, entered.locals()};
    Finder finder{runner};
    finder.each(plan_of(program).root, false, [&](Found& found) {
      result.yields.push_back({found.value, found.certain, found.why});
      return true;
    });
    if (finder.has_failed) result.failed = finder.failed;
    else if (frame.cost > frame.cost_limit) result.failed = out_of_cost(frame);
  }
  frame.trace = trace;
}

}  // namespace assay::cel

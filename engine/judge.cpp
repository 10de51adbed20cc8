#include "engine/judge.hpp"

#include <algorithm>
#include <set>

#include "engine/cel/operations.hpp"
#include "engine/native_rule.hpp"
#include "engine/path.hpp"
#include "engine/reader.hpp"

namespace assay {

using cel::Val;
using cel::ValKind;

namespace {

constexpr std::size_t most_trace_steps = 16;

// Why a value could not be decided, in words.
std::string reason_of(const Val& val) {
  if (val.is_error()) return std::string(val.error->message);
  if (!val.is_unknown()) return {};
  std::string text(val.unknown ? val.unknown->reason : std::string_view());
  Value storage;
  for (const Value unknown : cel::unknown_values(val, storage)) {
    const Unknown what = unknown.as_unknown();
    if (what.name.empty()) continue;
    if (!text.empty()) text += "; ";
    text += "`" + std::string(what.name) + "` is not known";
    if (!what.reason.empty()) text += " (" + std::string(what.reason) + ")";
  }
  return text.empty() ? "it depends on a value that the inputs do not determine" : text;
}

bool inside(Span inner, Span outer) {
  return inner && outer && inner.source == outer.source && inner.begin >= outer.begin && inner.end <= outer.end;
}

struct Judge {
  Worker& worker;
  const RuleDefinition& rule;
  const CompiledRule* compiled;  // null: a native rule
  const Resource& resource;
  Judgement judgement;

  const RuleDefinition& definition() const { return rule; }

  std::optional<FieldPlace> place(Value value) const {
    if (value == resource.value) return FieldPlace{{}, resource.header};
    return worker.places(resource).find(value);
  }

  std::string message(const Val& self, const Val& record, const Val& it) {
    std::string text;
    for (const Template::Part& part : compiled->message.parts) {
      if (!part.program) {
        text += part.text;
        continue;
      }
      cel::Frame frame = worker.frame(self, resource.value, record, it);
      const Val val = cel::evaluate(*part.program, frame);
      if (val.source.sensitive()) text += "(not shown)";
      else if (val.is_error() || val.is_unknown()) text += "?";
      else text += cel::plain_text(val);
    }
    return text;
  }

  // What a computed value came from: a default stands for the field that its parent lacks.
  // What stands in the resource itself stays: its way is told by `way`.
  cel::Decisive origin(cel::Decisive decisive) const {
    for (int depth = 0; depth < 64 && decisive.value.computed() && !decisive.value.origins().empty(); ++depth) {
      const Origin& from = decisive.value.origins()[0];
      if (from.absent.empty() && place(decisive.value)) break;
      decisive.value = from.value;
      if (!from.absent.empty()) decisive.absent = from.absent;
    }
    return decisive;
  }

  // A step of the trace for a value that decided.
  std::optional<TraceStep> step(const cel::Decisive& decisive) const {
    const auto found = place(decisive.value);
    const Span span = found ? found->shown : shown_span(decisive.value);
    if (!span) return std::nullopt;
    // That a whole list was looked at tells nobody anything; the scalars in it do.
    if (decisive.absent.empty() && (decisive.value.is_map() || decisive.value.is_list())) return std::nullopt;
    if (!decisive.absent.empty()) return TraceStep{span, "absent: `" + std::string(decisive.absent) + "`"};
    std::string note = found && !found->path.empty() ? "`" + found->path + "`" : "this value";
    if (decisive.value.sensitive() || definition().redact) {
      note += " decides";
    } else if (const std::string text = scalar_text(decisive.value); !text.empty() && text.size() <= 60) {
      note += " is `" + text + "`";
    } else {
      note += " decides";
    }
    return TraceStep{span, note};
  }

  // The expressions that a value came through on its way to the resource.
  static void way(Value value, Finding& finding) {
    for (const Provenance::Use& use : provenance(value).uses)
      if (use.span != finding.location && finding.trace.size() < most_trace_steps)
        finding.trace.push_back({use.span, use.note.empty() ? "used here" : std::string(use.note)});
  }

  void add(Verdict verdict, const Val& self, const Val& record, const Val& it, Value subject,
           std::vector<cel::Decisive> decisive, const std::string& why, std::string_view subpath) {
    add(verdict, message(self, record, it), subject, std::move(decisive), why, subpath);
  }

  Judged& add(Verdict verdict, std::string text, Value subject, std::vector<cel::Decisive> decisive, const std::string& why,
              std::string_view subpath) {
    Judged judged;
    Finding& finding = judged.finding;
    finding.rule = &definition().info;
    judged.implied_by = &definition().implied_by;
    finding.severity = definition().info.severity;
    if (verdict == Verdict::unknown && definition().unknown_severity) finding.severity = *definition().unknown_severity;
    finding.verdict = verdict;
    finding.resource = resource.id;
    finding.subpath = subpath;
    finding.message = std::move(text);
    if (verdict == Verdict::unknown) finding.message += " (not decided: " + why + ")";

    for (cel::Decisive& one : decisive) one = origin(one);
    // A literal of a rule never carries a location: only what stands in the input counts.
    const auto& own = worker.library().catalog().sources;
    std::erase_if(decisive, [&](const cel::Decisive& d) {
      const Span span = located(d.value).span;
      return span ? own.contains(span.source) : !place(d.value);
    });
    // An expression that yields a value of its own making is about what that value came from.
    while (subject && !subject.span() && !subject.origins().empty() && !place(subject)) subject = subject.origins()[0].value;
    std::optional<FieldPlace> subject_place = subject ? place(subject) : std::nullopt;
    const bool whole = !subject || subject == resource.value;
    if (subject_place && !whole) judged.subject = subject.span() ? subject.span() : subject_place->shown;

    // The caret lands on the smallest value inside the subject that decided; where a field is missing, on the
    // deepest parent that exists.
    const Span bounds = subject ? subject.span() : resource.value.span();
    const bool scalar_subject = subject && !subject.is_map() && !subject.is_list();
    // A value that came from elsewhere has no span of its own: its path says whether it is inside.
    const auto within = [&](Value value) {
      if (!subject_place || inside(value.span(), bounds)) return true;
      return !value.span() && place(value)->path.starts_with(subject_place->path);
    };
    std::string absent;
    const cel::Decisive* chosen = nullptr;
    if (!scalar_subject || !subject_place) {
      for (const auto& one : decisive)
        // That the whole resource was looked at says nothing about where.
        if (!chosen && one.absent.empty() && one.value != resource.value && place(one.value) && within(one.value)) chosen = &one;
      for (const auto& one : decisive)
        if (!chosen && !one.absent.empty() && place(one.value) && within(one.value)) chosen = &one;
    }
    if (chosen) {
      finding.location = place(chosen->value)->shown;
      absent = chosen->absent;
      // The subject's own first line says more than the map that contains it.
      if (!absent.empty() && chosen->value == subject && subject_place) finding.location = subject_place->shown;
    } else if (subject_place) {
      finding.location = subject_place->shown;
    }
    if (!finding.location) finding.location = resource.header;
    if (const Value landed = chosen ? chosen->value : subject_place && !whole ? subject : Value(); landed && absent.empty() && !landed.span()) way(landed, finding);
    if (!absent.empty()) finding.trace.push_back({finding.location, "absent: `" + absent + "`"});
    if (subject && !subject_place) {
      // It stands in another resource.
      if (const Span elsewhere = shown_span(subject)) finding.trace.push_back({elsewhere, "this one"});
    }
    for (const auto& one : decisive) {
      if (&one == chosen || finding.trace.size() >= most_trace_steps) continue;
      auto next = step(one);
      if (!next || next->span == finding.location) continue;
      const bool known = std::any_of(finding.trace.begin(), finding.trace.end(), [&](const TraceStep& s) {
        return s.span == next->span && s.note == next->note;
      });
      if (!known) finding.trace.push_back(std::move(*next));
    }
    for (const auto& [span, note] : resource.way)
      if (span && finding.trace.size() < most_trace_steps) finding.trace.push_back({span, note});
    const bool redact = definition().redact;
    if (scalar_subject && (redact || subject.sensitive())) judged.redacted.push_back(located(subject).span);
    for (const auto& one : decisive)
      if (one.absent.empty() && !one.value.is_map() && !one.value.is_list() && (redact || one.value.sensitive()))
        judged.redacted.push_back(located(one.value).span);

    for (const auto& text : definition().premises) finding.premises.push_back({text, PremiseStatus::assumed});
    finding.premises.insert(finding.premises.end(), resource.premises.begin(), resource.premises.end());
    for (const Read read : worker.reads) {
      if (!read.by_edge) continue;
      const auto& more = worker.graph().resource(read.resource).premises;
      finding.premises.insert(finding.premises.end(), more.begin(), more.end());
    }
    std::sort(finding.premises.begin(), finding.premises.end());
    finding.premises.erase(std::unique(finding.premises.begin(), finding.premises.end()), finding.premises.end());

    judged.identity = subject_place ? subject_place->path : "";
    if (judged.identity.empty() && chosen) judged.identity = place(chosen->value)->path;
    if (subject && !subject_place) judged.identity += "\n" + finding.message;
    judgement.findings.push_back(std::move(judged));
    return judgement.findings.back();
  }

  // Verdicts of several instances in one resource: the worst counts.
  void merge(Verdict verdict) {
    const auto rank = [](Verdict v) {
      switch (v) {
        case Verdict::fail: return 3;
        case Verdict::unknown: return 2;
        case Verdict::pass: return 1;
        case Verdict::not_applicable: return 0;
      }
      return 0;
    };
    if (rank(verdict) > rank(judgement.verdict)) judgement.verdict = verdict;
  }

  // The verdict of a judge of its own.
  void native(NativeJudgement verdicts, std::string_view subpath) {
    for (NativeFinding& found : verdicts.findings) {
      Judged& judged = add(found.verdict, std::move(found.message), found.subject ? found.subject : resource.value,
                           std::move(found.decisive), found.why, subpath);
      Finding& finding = judged.finding;
      if (found.severity) finding.severity = *found.severity;
      finding.premises.insert(finding.premises.end(), found.premises.begin(), found.premises.end());
      std::sort(finding.premises.begin(), finding.premises.end());
      finding.premises.erase(std::unique(finding.premises.begin(), finding.premises.end()), finding.premises.end());
      for (TraceStep& step : found.steps)
        if (finding.trace.size() < most_trace_steps) finding.trace.push_back(std::move(step));
      finding.witness = std::move(found.witness);
      judged.identity += "\n" + found.identity;
    }
    merge(verdicts.verdict);
  }

  void one(const Val& self, Value object, std::string_view subpath) {
    const Val record = worker.record(resource);
    const Val nothing = cel::val_null();
    if (compiled->when) {
      cel::Frame frame = worker.frame(self, object, record, nothing);
      const Val applies = cel::evaluate(*compiled->when, frame);
      if (applies.is_false()) return merge(Verdict::not_applicable);
      if (!applies.is_true()) {
        merge(Verdict::unknown);
        const std::string why = reason_of(applies);
        std::vector<cel::Decisive> decisive;
        cel::Frame traced = worker.frame(self, object, record, nothing);
        traced.cost_limit *= 4;
        cel::evaluate_traced(*compiled->when, traced, decisive);
        return add(Verdict::unknown, self, record, applies, object, std::move(decisive), why, subpath);
      }
    }
    if (compiled->require) {
      cel::Frame frame = worker.frame(self, object, record, nothing);
      const Val holds = cel::evaluate(*compiled->require, frame);
      if (holds.is_true()) return merge(Verdict::pass);
      const Verdict verdict = holds.is_false() ? Verdict::fail : Verdict::unknown;
      const std::string why = reason_of(holds);
      std::vector<cel::Decisive> decisive;
      cel::Frame traced = worker.frame(self, object, record, nothing);
      traced.cost_limit *= 4;  // tracing reads more than it needs to decide
      cel::evaluate_traced(*compiled->require, traced, decisive);
      merge(verdict);
      return add(verdict, self, record, self, object, std::move(decisive), why, subpath);
    }
    if (compiled->selected->property) {
      Arena arena;
      return native(compiled->selected->property->judge(worker.graph(), resource, arena), subpath);
    }
    if (!compiled->find) return;
    cel::Frame frame = worker.frame(self, object, record, nothing);
    cel::FindResult result;
    cel::find(*compiled->find, frame, result);
    const bool certain = std::any_of(result.yields.begin(), result.yields.end(), [](const cel::Yield& y) { return y.certain; });
    if (result.failed && !certain) {
      merge(Verdict::unknown);
      std::vector<cel::Decisive> decisive;
      cel::Frame traced = worker.frame(self, object, record, nothing);
      traced.cost_limit *= 4;
      cel::evaluate_traced(*compiled->find, traced, decisive);
      return add(Verdict::unknown, self, record, *result.failed, object, std::move(decisive), reason_of(*result.failed), subpath);
    }
    if (result.yields.empty()) return merge(Verdict::pass);
    merge(certain ? Verdict::fail : Verdict::unknown);
    for (std::size_t i = 0; i < result.yields.size(); ++i) {
      const cel::Yield& yield = result.yields[i];
      if (yield.certain != certain) continue;
      const Val it = yield.value;
      const Value subject = it.is(ValKind::structure) ? it.structure->value() : it.source;
      cel::Frame traced = worker.frame(self, object, record, nothing);
      traced.cost_limit *= 4;
      auto decisive = cel::trace_yield(*compiled->find, traced, i);
      add(certain ? Verdict::fail : Verdict::unknown, self, record, it, subject, std::move(decisive), reason_of(yield.why), subpath);
    }
  }
};

}  // namespace

Judgement judge(Worker& worker, const CompiledRule& rule, const Resource& resource) {
  Judge judge{worker, *rule.selected->rule, &rule, resource, {}};
  worker.scope = resource.scope;
  worker.reads.clear();
  if (!rule.view) {
    judge.one(worker.record(resource), resource.value, {});
  } else {
    for (ViewInstance* instance : worker.instances(*rule.view, resource))
      judge.one(instance->val(), instance->value(), instance->subpath());
  }
  worker.release();
  return std::move(judge.judgement);
}

std::optional<Judgement> judge_native(Worker& worker, const RuleDefinition& rule, const Resource& resource) {
  if (!rule.native->pairs_with(worker.graph(), resource)) return std::nullopt;
  worker.scope = resource.scope;
  worker.reads.clear();
  Judge judge{worker, rule, nullptr, resource, {}};
  Arena arena;
  judge.native(rule.native->judge(worker.graph(), resource, arena), {});
  return std::move(judge.judgement);
}

}  // namespace assay

#include "engine/audit.hpp"

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>
#include <tuple>

#include "engine/date.hpp"
#include "engine/hash.hpp"
#include "engine/judge.hpp"
#include "engine/reader.hpp"
#include "engine/waiver.hpp"

namespace assay {

namespace {

constexpr std::uint8_t not_judged = 0xff;

// What the rules said of one resource.
struct Outcome {
  std::vector<Finding> findings;
  std::vector<Span> redacted;
};

// A finding whose cause another finding on the same value already names is folded into that one.
void fold_implied(std::vector<Judged>& all) {
  const auto related = [](Span a, Span b) {
    if (!a || !b) return true;  // one of them is about the whole resource
    if (a.source != b.source) return false;
    return (a.begin >= b.begin && a.end <= b.end) || (b.begin >= a.begin && b.end <= a.end);
  };
  std::vector<bool> folded(all.size(), false);
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = 0; j < all.size() && !folded[i]; ++j) {
      if (i == j || folded[j] || all[j].finding.verdict != Verdict::fail) continue;
      const std::string& cause = all[j].finding.rule->id;
      const auto& causes = *all[i].implied_by;
      if (std::find(causes.begin(), causes.end(), cause) == causes.end()) continue;
      if (!related(all[i].subject, all[j].subject)) continue;
      folded[i] = true;
      ++all[j].finding.similar;
    }
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (folded[i]) continue;
    if (kept != i) all[kept] = std::move(all[i]);
    ++kept;
  }
  all.resize(kept);
}

std::string parameters_text(const SelectedRule& rule) {
  std::string text;
  for (const auto& definition : rule.rule->parameters) {
    const auto value = rule.parameters.find(definition.name);
    if (value == rule.parameters.end() || equal(value->second, definition.fallback)) continue;
    text += definition.name + "=" + scalar_text(value->second) + ";";
  }
  return text;
}

class Auditor {
 public:
  Auditor(const Library& library, const std::vector<SelectedRule>& rules, const Graph& graph)
      : library_(library), rules_(rules), graph_(graph) {
    verdicts_.assign(rules.size() * graph.resources().size(), not_judged);
    outcomes_.resize(graph.resources().size());
    for (const auto& rule : rules) variants_.push_back(parameters_text(rule));
    for (std::size_t i = 0; i < rules.size(); ++i)
      if (rules[i].rule->native) native_.push_back(i);
  }

  void run(unsigned jobs) {
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
      Worker worker(library_, graph_, library_.records());
      constexpr std::size_t chunk = 16;
      for (;;) {
        const std::size_t begin = next.fetch_add(chunk);
        if (begin >= graph_.resources().size()) break;
        const std::size_t end = std::min(begin + chunk, graph_.resources().size());
        for (std::size_t id = begin; id < end; ++id) resource(worker, graph_.resources()[id]);
      }
    };
    std::vector<std::thread> threads;
    for (unsigned i = 1; i < jobs; ++i) threads.emplace_back(work);
    work();
    for (auto& thread : threads) thread.join();
  }

  // The main loop: every rule that applies to a resource.
  void resource(Worker& worker, const Resource& resource) {
    if (resource.implied || resource.context) return;
    std::vector<Judged> judged;
    const auto take = [&](std::size_t rule, Judgement judgement) {
      verdicts_[rule * graph_.resources().size() + resource.id] = static_cast<std::uint8_t>(judgement.verdict);
      for (Judged& one : judgement.findings) {
        one.identity += "\n" + variants_[rule];
        judged.push_back(std::move(one));
      }
    };
    for (const CompiledRule* rule : library_.rules_for(resource.type)) take(rule->index, judge(worker, *rule, resource));
    for (const std::size_t rule : native_)
      if (auto judgement = judge_native(worker, *rules_[rule].rule, resource)) take(rule, std::move(*judgement));
    worker.recycle();
    if (judged.empty()) return;
    fold_implied(judged);
    Outcome& outcome = outcomes_[resource.id];
    for (Judged& one : judged) {
      Finding& finding = one.finding;
      finding.fingerprint = sha256_hex(finding.rule->id + "\n" + graph_.scope(resource.scope).name + "\n" + resource.address +
                                       (finding.subpath.empty() ? "" : "#" + finding.subpath) + "\n" + one.identity);
      finding.fingerprint.resize(32);
      outcome.redacted.insert(outcome.redacted.end(), one.redacted.begin(), one.redacted.end());
      outcome.findings.push_back(std::move(finding));
    }
  }

  Verdict verdict(std::size_t rule, ResourceId resource) const {
    return static_cast<Verdict>(verdicts_[rule * graph_.resources().size() + resource]);
  }
  bool judged(std::size_t rule, ResourceId resource) const {
    return verdicts_[rule * graph_.resources().size() + resource] != not_judged;
  }
  std::vector<Outcome>& outcomes() { return outcomes_; }

 private:
  const Library& library_;
  const std::vector<SelectedRule>& rules_;
  const Graph& graph_;
  std::vector<std::uint8_t> verdicts_;  // rule × resource
  std::vector<Outcome> outcomes_;       // by resource
  std::vector<std::string> variants_;
  std::vector<std::size_t> native_;     // rules with a judge of their own
};

// Where the texts stand that a sensitive value was made from.
void origin_spans(Value value, std::vector<Span>& spans) {
  constexpr std::size_t most = 256;
  std::vector<Value> pending = {value};
  for (std::size_t i = 0; i < pending.size() && i < most; ++i) {
    for (const Origin& origin : pending[i].origins()) pending.push_back(origin.value);
    if (i > 0 && pending[i].span() && !pending[i].is_unknown()) spans.push_back(pending[i].span());
  }
}

// Sensitive scalars below `value`: their text is never shown.
void sensitive_spans(Value root, std::vector<Span>& spans) {
  std::vector<Value> pending = {root};
  while (!pending.empty()) {
    const Value value = pending.back();
    pending.pop_back();
    if (!value) continue;
    if (value.sensitive() && value.span()) {
      spans.push_back(value.span());
      continue;
    }
    if (value.sensitive()) origin_spans(value, spans);
    for (const Value item : value.items()) pending.push_back(item);
    for (const Entry& entry : value.entries()) pending.push_back(entry.value);
  }
}

void order(std::vector<Finding>& findings, const Sources& sources, const Graph& graph) {
  const auto path = [&](const Finding& f) {
    return f.location ? std::string_view(sources.get(f.location.source).name()) : std::string_view();
  };
  std::vector<std::pair<std::string_view, std::size_t>> keys;
  for (std::size_t i = 0; i < findings.size(); ++i) keys.emplace_back(path(findings[i]), i);
  std::stable_sort(keys.begin(), keys.end(), [&](const auto& a, const auto& b) {
    const Finding &x = findings[a.second], &y = findings[b.second];
    if (x.severity != y.severity) return x.severity > y.severity;
    if (x.verdict != y.verdict) return x.verdict < y.verdict;
    return std::tie(a.first, x.location.begin, x.location.end, x.rule->id, graph.resource(x.resource).address, x.subpath, x.message, x.fingerprint) <
           std::tie(b.first, y.location.begin, y.location.end, y.rule->id, graph.resource(y.resource).address, y.subpath, y.message, y.fingerprint);
  });
  std::vector<Finding> ordered;
  ordered.reserve(findings.size());
  for (const auto& [name, index] : keys) ordered.push_back(std::move(findings[index]));
  // The same fact said twice (two parameter sets of one rule) is said once.
  const auto same = [](const Finding& x, const Finding& y) {
    return x.rule == y.rule && x.resource == y.resource && x.subpath == y.subpath && x.location == y.location &&
           x.message == y.message && x.verdict == y.verdict;
  };
  ordered.erase(std::unique(ordered.begin(), ordered.end(), same), ordered.end());
  // Equal fingerprints are told apart by the file, then by their order in it.
  std::set<std::string> seen;
  for (Finding& finding : ordered) {
    if (seen.insert(finding.fingerprint).second) continue;
    std::string next = finding.fingerprint;
    for (int n = 2; !seen.insert(next).second; ++n)
      next = sha256_hex(finding.fingerprint + "\n" + std::string(path(finding)) + "\n" + std::to_string(n)).substr(0, 32);
    finding.fingerprint = next;
  }
  findings = std::move(ordered);
}

}  // namespace

Report audit(const Catalog& catalog, const std::vector<SelectedRule>& rules, const Graph& graph, const Sources& sources,
             AuditOptions options) {
  Report report;
  report.sources = &sources;
  report.graph = &graph;
  report.as_of = options.as_of;
  report.profile = options.profile;
  report.rules_digest = catalog.digest;

  const std::int64_t day = parse_date(options.as_of).value_or(0);
  Library library(catalog, TimeParts{day * 86400, 0}, report.diagnostics);
  library.compile(rules, graph.types());
  Auditor auditor(library, rules, graph);
  auditor.run(std::max(1u, options.jobs));

  for (Outcome& outcome : auditor.outcomes()) {
    report.redacted.insert(report.redacted.end(), outcome.redacted.begin(), outcome.redacted.end());
    if (!outcome.findings.empty()) sensitive_spans(graph.resource(outcome.findings[0].resource).value, report.redacted);
    std::move(outcome.findings.begin(), outcome.findings.end(), std::back_inserter(report.findings));
  }
  std::sort(report.redacted.begin(), report.redacted.end());
  order(report.findings, sources, graph);
  report.waivers = std::move(options.waivers);
  apply_waivers(report.findings, report.waivers, graph, sources, options.as_of);

  // Pairs that fail only by waived findings count as waived.
  std::set<std::pair<const RuleInfo*, ResourceId>> open;
  for (const Finding& finding : report.findings)
    if (finding.verdict == Verdict::fail && !finding.waiver) open.emplace(finding.rule, finding.resource);
  std::set<std::pair<const RuleInfo*, ResourceId>> waived;
  for (const Finding& finding : report.findings)
    if (finding.verdict == Verdict::fail && finding.waiver && !open.contains({finding.rule, finding.resource}))
      waived.emplace(finding.rule, finding.resource);

  std::vector<bool> judged(graph.resources().size(), false);
  Summary& summary = report.summary;
  for (std::size_t rule = 0; rule < rules.size(); ++rule) {
    std::map<ScopeId, Checked> by_scope;
    for (const Resource& resource : graph.resources()) {
      if (!auditor.judged(rule, resource.id)) continue;
      const Verdict verdict = auditor.verdict(rule, resource.id);
      by_scope[resource.scope].by_verdict[static_cast<std::size_t>(verdict)].push_back(resource.id);
      judged[resource.id] = judged[resource.id] || verdict != Verdict::not_applicable;
      switch (verdict) {
        case Verdict::pass: ++summary.pass; break;
        case Verdict::fail:
          waived.contains({&rules[rule].rule->info, resource.id}) ? ++summary.waived : ++summary.fail;
          break;
        case Verdict::unknown: ++summary.unknown; break;
        case Verdict::not_applicable: ++summary.not_applicable; break;
      }
    }
    for (auto& [scope, checked] : by_scope) {
      checked.rule = &rules[rule].rule->info;
      checked.scope = scope;
      checked.aliases = rules[rule].aliases;
      report.checked.push_back(std::move(checked));
    }
    if (report.rules.empty() || report.rules.back() != &rules[rule].rule->info) report.rules.push_back(&rules[rule].rule->info);
  }
  std::stable_sort(report.checked.begin(), report.checked.end(), [&](const Checked& a, const Checked& b) {
    if (a.rule->id != b.rule->id) return a.rule->id < b.rule->id;
    return graph.scope(a.scope).name < graph.scope(b.scope).name;
  });
  summary.rules = report.rules.size();
  std::map<std::string, bool> types;
  for (const Resource& resource : graph.resources()) {
    if (resource.implied || resource.context || (resource.auxiliary && !judged[resource.id])) continue;
    ++summary.resources;
    if (judged[resource.id]) ++summary.judged;
    types[resource.type] = types[resource.type] || judged[resource.id];
  }
  for (const auto& [type, any] : types)
    if (!any) report.unjudged_types.push_back(type);
  const std::size_t decided = summary.pass + summary.fail + summary.waived;
  summary.coverage = decided + summary.unknown == 0 ? 0 : static_cast<double>(decided) / static_cast<double>(decided + summary.unknown);
  return report;
}

}  // namespace assay

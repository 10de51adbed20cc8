// Report -> SARIF, fit for GitHub's code scanning (its limits and what it reads:
// docs.github.com/en/code-security/code-scanning, "SARIF support for code scanning").
#include "reports/sarif.hpp"

#include <map>
#include <set>

#include "reports/digest.hpp"
#include "reports/format.hpp"

namespace assay {

namespace {

// Shown by GitHub, most severe first; what lies beyond is read but not shown.
constexpr std::size_t shown_limit = 5000;
// Places that decided: fewer when there are many findings, so that the file stays below 10 MB compressed.
constexpr std::size_t related_limit = 20, linked_limit = 3;

sarif::Level level_of(Severity severity) {
  switch (severity) {
    case Severity::critical:
    case Severity::high:
      return sarif::Level::error;
    case Severity::medium:
      return sarif::Level::warning;
    case Severity::low:
    case Severity::info:
      return sarif::Level::note;
  }
  return sarif::Level::warning;
}

// GitHub's bands: over 9.0 is critical, so 9.0 itself would not be.
std::optional<sarif::SecuritySeverity> score_of(Severity severity) {
  switch (severity) {
    case Severity::critical:
      return sarif::SecuritySeverity(9.5);
    case Severity::high:
      return sarif::SecuritySeverity(8.0);
    case Severity::medium:
      return sarif::SecuritySeverity(5.5);
    case Severity::low:
      return sarif::SecuritySeverity(2.0);
    case Severity::info:
      return std::nullopt;
  }
  return std::nullopt;
}

sarif::Level level_of(DiagnosticSeverity severity) {
  switch (severity) {
    case DiagnosticSeverity::error:
      return sarif::Level::error;
    case DiagnosticSeverity::warning:
      return sarif::Level::warning;
    case DiagnosticSeverity::note:
      return sarif::Level::note;
  }
  return sarif::Level::warning;
}

sarif::Region region(const Place& place) {
  return {place.begin.line, place.begin.column, place.end.line, place.end.column};
}

// GitHub shows a result in a pull request only when every line of it is among the changed ones: a block
// that lacks something is shown by its first line.
std::optional<sarif::Location> location(const Report& report, Span span) {
  Place at = place(report, span, ColumnUnit::utf16);
  if (!at) return std::nullopt;
  if (at.end.line > at.begin.line) {
    const Source& source = report.sources->get(span.source);
    const std::string_view line = source.line(at.begin.line);
    const auto line_end = static_cast<std::uint32_t>(line.data() + line.size() - source.bytes().data());
    at.end = source.position(line_end, ColumnUnit::utf16);
  }
  return sarif::Location(at.path, region(at));
}

sarif::Rule rule_of(sarif::Run& run, const RuleInfo& info) {
  sarif::Rule rule;
  rule.id = info.id;
  rule.summary = info.title;
  rule.description = info.why;
  rule.help = info.why;
  if (!info.fix.empty()) rule.help += (rule.help.empty() ? "Fix: " : "\n\nFix: ") + info.fix;
  if (rule.help.empty()) rule.help = info.title;
  rule.help_markdown = "## " + info.title + "\n\n";
  if (!info.why.empty()) rule.help_markdown += info.why + "\n\n";
  if (!info.fix.empty()) rule.help_markdown += "**Fix.** " + info.fix + "\n\n";
  std::string controls;
  for (const RuleInfo::Control& control : info.controls) {
    controls += "- " + control.framework + ": " + join(control.ids, ", ") + "\n";
    for (const std::string& id : control.ids) rule.taxa.push_back(run.taxon(control.framework, id));
  }
  if (!controls.empty()) rule.help_markdown += "Controls:\n\n" + controls + "\n";
  if (!info.aliases.empty()) rule.help_markdown += "The same check elsewhere: " + join(info.aliases, ", ") + "\n";
  rule.level = level_of(info.severity);
  rule.security_severity = score_of(info.severity);
  rule.precision = sarif::Precision::high;
  rule.tags = {info.family};
  for (const RuleInfo::Control& control : info.controls)
    if (rule.tags.size() < 9) rule.tags.push_back(control.framework);  // GitHub keeps ten, with `security`
  if (!info.since.empty()) rule.properties["since"] = info.since;
  if (!info.aliases.empty()) rule.properties["aliases"] = info.aliases;
  return rule;
}

void add_trace(const Report& report, const Finding& finding, sarif::Result& result) {
  const std::size_t limit = report.findings.size() > shown_limit ? linked_limit : related_limit;
  std::vector<sarif::Location> flow;
  std::size_t linked = 0;
  for (const TraceStep& step : finding.trace) {
    std::optional<sarif::Location> at = location(report, step.span);
    if (!at || result.related.size() == limit) continue;
    const std::string note = step.note.empty() ? "here" : inert(step.note);
    at->message = note;
    flow.push_back(*at);
    result.related.push_back(std::move(*at));
    if (linked == linked_limit) continue;  // GitHub shows a related location only where the message links it
    result.message.add(linked == 0 ? " (" : ", ").link(note, static_cast<std::uint32_t>(result.related.size()));
    ++linked;
  }
  if (linked) result.message.add(")");
  if (flow.empty() || !result.location) return;
  // A flow ends where the finding is.
  sarif::Location last = *result.location;
  last.message = inert(finding.message);
  flow.push_back(std::move(last));
  result.flows.push_back(std::move(flow));
}

void add_fix(const Report& report, const Finding& finding, sarif::Result& result) {
  if (!finding.fix) return;
  std::map<std::string_view, std::vector<sarif::Replacement>> changes;
  for (const ByteEdit& edit : finding.fix->edits)
    if (const Place at = place(report, edit.span, ColumnUnit::utf16))
      changes[at.path].push_back({region(at), edit.replacement});
  sarif::Fix fix{inert(finding.fix->description), {}};
  for (auto& [path, replacements] : changes) fix.changes.push_back({path, std::move(replacements)});
  if (!fix.changes.empty()) result.fixes.push_back(std::move(fix));
}

sarif::Result result_of(const Report& report, const Finding& finding, sarif::RuleRef rule) {
  const bool failed = finding.verdict == Verdict::fail;
  std::string message = inert(finding.message);
  // `kind` says it too, but not every viewer shows kinds.
  if (!failed) message = "could not be decided: " + message;
  sarif::Result result(rule, failed ? sarif::Outcome::fail(level_of(finding.severity)) : sarif::Outcome::open(),
                       message.empty() ? finding.rule->title : message);
  const std::string address = inert(address_of(report, finding));
  result.location = location(report, location_of(report, finding));
  if (!result.location) {  // a result without any place makes GitHub refuse the file
    const std::string scope(scope_of(report, finding));
    result.location = sarif::Location(scope, sarif::Region(1, 1, 1, 1));
  }
  if (!address.empty()) {
    result.location->logical_name = address;
    result.location->logical_kind = "resource";
  }
  add_trace(report, finding, result);
  add_fix(report, finding, result);
  if (!finding.fingerprint.empty()) {
    // GitHub follows a result by `primaryLocationLineHash` alone. A hash of the line's text would move a
    // dismissal to another resource whose lines read the same, so it gets the identity of the finding.
    result.partial_fingerprints["primaryLocationLineHash"] = finding.fingerprint + ":1";
    result.partial_fingerprints["assay/v1"] = finding.fingerprint;
  }
  if (const Waiver* waiver = waiver_of(report, finding)) {
    const bool in_source = waiver->origin.starts_with("inline");
    result.suppressions.push_back(
        {in_source ? sarif::SuppressionKind::in_source : sarif::SuppressionKind::external, inert(waiver->reason)});
  }
  result.properties["severity"] = name_of(finding.severity);
  result.properties["resource"] = address;
  for (const Premise& premise : finding.premises) {
    sarif::Json& premises = result.properties["premises"];
    premises.push_back({{"text", inert(premise.text)}, {"status", name_of(premise.status)}});
  }
  if (finding.fix && !finding.fix->description.empty()) result.properties["fix"] = inert(finding.fix->description);
  return result;
}

// The findings to write, in the report's order; when there are too many, the most severe of them.
std::vector<const Finding*> selected(const Report& report, const WriteOptions& options, sarif::Run& run) {
  std::vector<const Finding*> findings;
  for (const Finding& finding : report.findings)
    if (options.waived || !finding.waiver) findings.push_back(&finding);
  const std::size_t all = findings.size();
  if (all > sarif::Run::result_limit) {
    const auto rank = [](const Finding* f) {
      return std::pair(-static_cast<int>(f->severity), f->verdict != Verdict::fail);
    };
    std::vector<const Finding*> by_rank = findings;
    std::stable_sort(by_rank.begin(), by_rank.end(), [&](auto* a, auto* b) { return rank(a) < rank(b); });
    by_rank.resize(sarif::Run::result_limit);
    const std::set<const Finding*> kept(by_rank.begin(), by_rank.end());
    std::erase_if(findings, [&](const Finding* f) { return !kept.contains(f); });
    run.add(sarif::Notification{"sarif-results-cut", sarif::Level::warning,
                                std::to_string(all - findings.size()) + " of " + std::to_string(all) +
                                    " findings, the least severe, were left out: code scanning refuses more than " +
                                    std::to_string(sarif::Run::result_limit) + " a run; the JSON report holds all"});
  } else if (all > shown_limit) {
    run.add(sarif::Notification{"sarif-results-many", sarif::Level::note,
                                "code scanning shows the " + std::to_string(shown_limit) + " most severe of these " +
                                    std::to_string(all) + " findings; the HTML report shows all"});
  }
  return findings;
}

void add_passes(const Report& report, const std::map<const RuleInfo*, sarif::RuleRef>& rules, sarif::Run& run) {
  for (const Checked& checked : report.checked) {
    const auto rule = rules.find(checked.rule);
    if (rule == rules.end()) continue;
    for (const ResourceId id : checked.by_verdict[static_cast<std::size_t>(Verdict::pass)]) {
      if (run.results() == sarif::Run::result_limit) return;
      const Resource& resource = report.graph->resource(id);
      sarif::Result result(rule->second, sarif::Outcome::pass(), inert(resource.address));
      result.location = location(report, resource.header);
      run.add(std::move(result));
    }
  }
}

}  // namespace

void write_sarif(const Report& report, const WriteOptions& options, std::ostream& out) {
  sarif::Run run("assay", report.version);
  run.automation_id =
      options.category + "/" + (report.profile.empty() ? "default" : report.profile) + "/" + report.as_of;
  run.execution_successful = !report.incomplete;
  run.properties = {{"asOf", report.as_of}, {"rules", report.rules_digest}, {"coverage", report.summary.coverage}};

  std::map<const RuleInfo*, sarif::RuleRef> rules;
  const auto reference = [&](const RuleInfo* info) {
    const auto found = rules.find(info);
    return found != rules.end() ? found->second : rules.emplace(info, run.add_rule(rule_of(run, *info))).first->second;
  };
  for (const RuleInfo* info : report.rules) reference(info);

  for (const Finding* finding : selected(report, options, run))
    run.add(result_of(report, *finding, reference(finding->rule)));
  if (options.passes) add_passes(report, rules, run);

  const auto notify = [&](const Diagnostic& diagnostic) {
    sarif::Notification notification{diagnostic.code, level_of(diagnostic.severity), inert(diagnostic.message)};
    notification.location = location(report, diagnostic.span);
    if (!notification.location && !diagnostic.path.empty()) notification.location = sarif::Location(diagnostic.path);
    run.add(std::move(notification));
  };
  for (const Diagnostic& diagnostic : report.diagnostics.all()) notify(diagnostic);
  for (const Diagnostic& remark : remarks(report)) notify(remark);

  sarif::Log log;
  log.add(std::move(run));
  log.write(out);
}

}  // namespace assay

// `assay check`: audit, write the reports, and say in the exit status what came of it.
#include <algorithm>
#include <charconv>
#include <iostream>

#include "cli/commands.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/session.hpp"
#include "reports/format.hpp"

namespace assay {

namespace {

// What the command line says, else assay.yaml, else the default.
struct Thresholds {
  std::optional<Severity> fail_on;  // nothing: never
  bool unknown_fails = false, show_unknown = true;
  bool incomplete_fails = true, empty_fails = true;
  double min_coverage = 0;  // percent
};

Thresholds thresholds(const CheckOptions& options, const Settings::Thresholds& settings) {
  const auto pick = [](const std::string& own, const std::string& stated, const char* fallback) {
    return !own.empty() ? own : !stated.empty() ? stated : std::string(fallback);
  };
  Thresholds t;
  t.fail_on = severity(pick(options.fail_on, settings.fail_on, "high"));
  const std::string unknown = pick(options.unknown, settings.unknown, "warn");
  t.unknown_fails = unknown == "fail";
  t.show_unknown = unknown != "ignore";
  t.incomplete_fails = pick(options.incomplete, settings.incomplete, "fail") == "fail";
  t.empty_fails = pick(options.if_empty, settings.if_empty, "fail") == "fail";
  const std::string coverage = pick(options.min_coverage, settings.min_coverage, "0");
  std::from_chars(coverage.data(), coverage.data() + coverage.size(), t.min_coverage);
  return t;
}

struct Outcome {
  std::size_t findings = 0, at_or_above = 0, undecided = 0, waived = 0;
};

Outcome count(const Report& report, const Thresholds& thresholds) {
  Outcome outcome;
  for (const Finding& finding : report.findings) {
    if (finding.waiver) {
      ++outcome.waived;
    } else if (finding.verdict == Verdict::unknown) {
      ++outcome.undecided;
    } else {
      ++outcome.findings;
      if (thresholds.fail_on && finding.severity >= *thresholds.fail_on) ++outcome.at_or_above;
    }
  }
  return outcome;
}

void add_error(Report& report, std::string code, std::string message, bool incomplete) {
  Diagnostic diagnostic;
  diagnostic.severity = incomplete ? DiagnosticSeverity::error : DiagnosticSeverity::note;
  diagnostic.code = std::move(code);
  diagnostic.message = std::move(message);
  diagnostic.incomplete = incomplete;
  report.diagnostics.add(std::move(diagnostic));
  report.incomplete = report.incomplete || incomplete;
}

// An audit that looked at nothing, or at too little, must not look like a clean one.
void judge_completeness(Report& report, const Thresholds& thresholds) {
  if (report.summary.resources == 0) {
    if (report.incomplete) return;
    std::string message = "nothing to audit: no Kubernetes object and no Terraform is among the inputs";
    if (!report.not_assessed.empty()) message += "; what was not assessed has to be rendered first";
    else if (report.other_files != 0) message += " (" + std::to_string(report.other_files) + " YAML or JSON files of other kinds were passed over)";
    return add_error(report, "nothing-to-audit", message, thresholds.empty_fails);
  }
  const double percent = report.summary.coverage * 100;
  if (percent < thresholds.min_coverage) {
    char shown[32];
    std::snprintf(shown, sizeof shown, "%.1f", percent);
    add_error(report, "coverage", "only " + std::string(shown) + " % of what the rules ask could be decided, less than `--min-coverage`", true);
  }
}

std::string plural(std::size_t number, const char* word) { return std::to_string(number) + " " + word + (number == 1 ? "" : "s"); }

// The last line on standard error: findings, completeness, and where the reports are.
void conclude(const Report& report, const Outcome& outcome, const Thresholds& thresholds, const CheckOptions& options) {
  std::cerr << "assay: " << plural(outcome.findings, "finding");
  if (outcome.findings != 0 && thresholds.fail_on) std::cerr << " (" << outcome.at_or_above << " at or above " << name_of(*thresholds.fail_on) << ")";
  if (outcome.undecided != 0 && thresholds.show_unknown) std::cerr << ", " << outcome.undecided << " undecided";
  if (outcome.waived != 0) std::cerr << ", " << outcome.waived << " waived";
  if (report.incomplete) {
    std::size_t causes = 0;
    for (const Diagnostic& diagnostic : report.diagnostics.all()) causes += diagnostic.incomplete;
    std::cerr << "; the audit is incomplete (" << plural(causes, "error") << ")";
  } else {
    std::cerr << "; the audit is complete";
  }
  for (std::size_t i = 0; i < options.files.size(); ++i) std::cerr << (i == 0 ? "; written: " : ", ") << inert(options.files[i].second);
  std::cerr << "\n";
}

void print_diagnostics(const Session& session) {
  for (const Diagnostic& diagnostic : session.report.diagnostics.all()) print(std::cerr, session.sources, diagnostic, Colour::off);
}

// False when some report could not be written; said on standard error.
bool write_reports(const Report& report, const CheckOptions& options, const Thresholds& thresholds) {
  WriteOptions write;
  bool good = true;
  for (const auto& [name, path] : options.files) {
    const std::string failure = write_file(path, [&, &format = name](std::ostream& out) { find_format(format)->write(report, write, out); });
    if (failure.empty()) continue;
    std::cerr << "assay: `" << inert(path) << "` cannot be written: " << failure << "\n";
    good = false;
  }
  if (options.quiet && options.format == "terminal") return good;
  if (options.format == "terminal") {
    write.colour = colours(options.colour);
    write.width = terminal_width();
    write.verbose = options.verbose;
    write.unknowns = thresholds.show_unknown;
  }
  find_format(options.format)->write(report, write, std::cout);
  std::cout.flush();
  if (!std::cout) {
    std::cerr << "assay: the report cannot be written to standard output\n";
    good = false;
  }
  return good;
}

}  // namespace

int check_command(const Arguments& arguments) {
  CheckOptions options;
  if (const Stop stop = parse_check(arguments, options)) return *stop;

  const std::unique_ptr<Session> session = run_session(options.session);
  if (session->misconfigured) {
    print_diagnostics(*session);
    std::cerr << "assay: nothing was audited: mend the configuration first\n";
    return misused;
  }
  Report& report = session->report;
  const Thresholds thresholds = assay::thresholds(options, session->settings.thresholds);
  judge_completeness(report, thresholds);
  const Outcome outcome = count(report, thresholds);

  const bool written = write_reports(report, options, thresholds);
  if (options.format != "terminal" || options.quiet) print_diagnostics(*session);
  if (!written) return misused;
  conclude(report, outcome, thresholds, options);

  if (report.incomplete && thresholds.incomplete_fails) return unfinished;
  if (outcome.at_or_above != 0 || (thresholds.unknown_fails && outcome.undecided != 0)) return found;
  return fine;
}

}  // namespace assay

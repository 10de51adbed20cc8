// The terminal report: findings by rule, most severe first, then what the audit covered and what it did
// not. No line is wider than the terminal; source lines are cut around their caret.
#include <algorithm>
#include <ostream>
#include <set>

#include "engine/text.hpp"
#include "reports/digest.hpp"
#include "reports/format.hpp"

namespace assay {

namespace {

// How many places of one rule are shown with their source line; the others are one line each.
constexpr std::size_t excerpts_a_group = 3;
constexpr std::size_t places_a_group = 50;
constexpr std::size_t reasons_a_group = 10;
constexpr std::size_t notes_a_place = 3;
constexpr std::size_t names_a_list = 3;

enum class Style : std::uint8_t { plain, bold, dim, red, yellow, blue, green, magenta };

std::string_view code_of(Style style) {
  switch (style) {
    case Style::plain:
      return "";
    case Style::bold:
      return "\x1b[1m";
    case Style::dim:
      return "\x1b[2m";
    case Style::red:
      return "\x1b[1;31m";
    case Style::yellow:
      return "\x1b[1;33m";
    case Style::blue:
      return "\x1b[1;34m";
    case Style::green:
      return "\x1b[1;32m";
    case Style::magenta:
      return "\x1b[1;35m";
  }
  return "";
}

Style style_of(Severity severity) {
  switch (severity) {
    case Severity::critical:
      return Style::magenta;
    case Severity::high:
      return Style::red;
    case Severity::medium:
      return Style::yellow;
    case Severity::low:
      return Style::blue;
    case Severity::info:
      return Style::bold;
  }
  return Style::plain;
}

Style style_of(DiagnosticSeverity severity) {
  switch (severity) {
    case DiagnosticSeverity::error:
      return Style::red;
    case DiagnosticSeverity::warning:
      return Style::yellow;
    case DiagnosticSeverity::note:
      return Style::blue;
  }
  return Style::plain;
}

// Breaks inert text into lines of at most `width` cells, at spaces where there are some, inside a word
// only when the word alone is wider than a line.
class Wrap {
 public:
  Wrap(std::string text, std::size_t width) : text_(std::move(text)), width_(std::max<std::size_t>(width, 8)) {}

  bool next(std::string_view& line) {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    if (at_ == text_.size()) return false;
    std::size_t cells = 0, end = at_, space = 0, soft = 0;
    while (end < text_.size()) {
      if (text_[end] == '\n') break;
      const Decoded decoded = decode(text_, end);
      const std::size_t cell = decoded.valid ? cell_width(decoded.code_point) : 1;
      if (cells + cell > width_ && text_[end] != ' ') break;
      if (text_[end] == ' ') space = end;
      cells += cell;
      end += decoded.size;
      if (text_[end - 1] == '/' || text_[end - 1] == '#') soft = end;  // a long path breaks between its parts
    }
    if (end < text_.size() && text_[end] != '\n') {
      if (space > at_)
        end = space;
      else if (soft > at_)
        end = soft;
    }
    line = std::string_view(text_).substr(at_, end - at_);
    while (line.ends_with(' ')) line.remove_suffix(1);
    at_ = end < text_.size() && text_[end] == '\n' ? end + 1 : end;
    return true;
  }

 private:
  std::string text_;
  std::size_t width_;
  std::size_t at_ = 0;
};

// A rule's own prose: its line breaks are those of its file, not of this screen.
std::string prose(std::string_view text) {
  std::string line(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return inert(line);
}

class Terminal {
 public:
  Terminal(const Report& report, const WriteOptions& options, std::ostream& out)
      : report_(report), options_(options), out_(out), width_(std::max(options.width, 40)) {}

  void write();

 private:
  void paint(Style style, std::string_view text);
  void line(std::string_view text = {}, Style style = Style::plain) { paragraph(0, 0, text, style); }
  // Wrapped text: the first line indented by `first` cells, the others by `rest`.
  void paragraph(std::size_t first, std::size_t rest, std::string_view text, Style style = Style::plain);
  // `lead`, then text wrapped beside it.
  void item(std::size_t indent, std::string_view lead, std::string_view text, Style style = Style::dim);
  void source_line(std::size_t indent, Span span, Style style);
  std::string position(Span span) const;

  void group(const Group& group);
  void place(const Group& group, const Finding& finding, bool full, bool said);
  void details(const Finding& finding);
  void advice(const Group& group);
  void unknowns(const std::vector<const Finding*>& findings);
  void waived(const std::vector<const Finding*>& findings);
  void summary(const Counts& counts);
  void inputs();
  void diagnostics();

  const Report& report_;
  const WriteOptions& options_;
  std::ostream& out_;
  std::size_t width_;
};

void Terminal::paint(Style style, std::string_view text) {
  const bool on = options_.colour && style != Style::plain;
  if (on) out_ << code_of(style);
  out_ << text;
  if (on) out_ << "\x1b[0m";
}

void Terminal::paragraph(std::size_t first, std::size_t rest, std::string_view text, Style style) {
  if (text.empty()) {
    out_ << '\n';
    return;
  }
  const std::size_t indent = std::max(first, rest);
  Wrap wrap(std::string(text), width_ > indent ? width_ - indent : 1);
  std::string_view shown;
  for (std::size_t number = 0; wrap.next(shown); ++number) {
    out_ << std::string(number ? rest : first, ' ');
    paint(style, shown);
    out_ << '\n';
  }
}

void Terminal::item(std::size_t indent, std::string_view lead, std::string_view text, Style style) {
  Wrap wrap(std::string(text), width_ - indent - lead.size());
  std::string_view shown;
  for (std::size_t number = 0; wrap.next(shown); ++number) {
    out_ << std::string(indent, ' ');
    if (number)
      out_ << std::string(lead.size(), ' ');
    else
      paint(style, lead);
    out_ << shown << '\n';
  }
}

std::string Terminal::position(Span span) const {
  const Place at = assay::place(report_, span);
  if (!at) return {};
  return inert(at.path) + ":" + std::to_string(at.begin.line) + ":" + std::to_string(at.begin.column);
}

void Terminal::source_line(std::size_t indent, Span span, Style style) {
  if (!span) return;
  const std::string number = std::to_string(assay::place(report_, span).begin.line);
  const std::size_t margin = indent + std::max<std::size_t>(number.size(), 4) + 3;
  const Excerpt shown = excerpt(*report_.sources, span, static_cast<std::uint32_t>(width_ - margin), report_.redacted);
  out_ << std::string(margin - 3 - number.size(), ' ');
  paint(Style::dim, number + " | ");
  out_ << shown.text << '\n' << std::string(margin - 3, ' ');
  paint(Style::dim, " | ");
  out_ << std::string(shown.caret, ' ');
  paint(style, "^" + std::string(shown.caret_width - 1, '~'));
  out_ << '\n';
}

// --- findings --------------------------------------------------------------------------------------

void Terminal::group(const Group& group) {
  const std::string severity(name_of(group.severity));
  std::string title = ": " + prose(group.rule->title);
  if (group.findings.size() > 1) title += " (" + std::to_string(group.findings.size()) + ")";
  title += " [" + inert(group.rule->id) + "]";
  Wrap wrap(severity + title, width_);
  std::string_view shown;
  for (bool first = true; wrap.next(shown); first = false) {
    if (first) {
      paint(style_of(group.severity), shown.substr(0, severity.size()));
      paint(Style::bold, shown.substr(severity.size()));
    } else {
      out_ << "  ";
      paint(Style::bold, shown);
    }
    out_ << '\n';
  }
  std::size_t number = 0;
  for (const Finding* finding : group.findings) {
    if (!options_.verbose && number == places_a_group) {
      paragraph(2, 4, "and " + std::to_string(group.findings.size() - number) + " more places: `--verbose` shows them");
      break;
    }
    const bool full = options_.verbose || number < excerpts_a_group || group.findings.size() <= excerpts_a_group + 1;
    place(group, *finding, full, number > 0 && finding->message == group.findings[number - 1]->message);
    ++number;
  }
  advice(group);
  out_ << '\n';
}

// `said`: the place before had the same message; then the resource tells more.
void Terminal::place(const Group& group, const Finding& finding, bool full, bool said) {
  const Span span = location_of(report_, finding);
  const std::string at = position(span);
  const std::string address = inert(address_of(report_, finding));
  std::string message = said && !at.empty() && !address.empty() ? "in " + address : inert(finding.message);
  if (finding.similar) message += " (and " + std::to_string(finding.similar) + " more with it)";
  paragraph(2, 4, (at.empty() ? address : at) + ": " + message);
  if (!full) return;
  if (!at.empty()) source_line(2, span, style_of(group.severity));
  if (!at.empty() && !address.empty() && !said) item(6, "in ", address);
  details(finding);
}

void Terminal::details(const Finding& finding) {
  const Span own = location_of(report_, finding);
  std::size_t notes = 0;
  for (const TraceStep& step : finding.trace) {
    if (!options_.verbose && notes++ == notes_a_place && finding.trace.size() > notes_a_place + 1) {
      item(6, "note: ",
           std::to_string(finding.trace.size() - notes_a_place) + " more places decided: `--verbose` shows them");
      break;
    }
    const std::string note = inert(step.note);
    if (!step.span || step.span == own) {
      if (!note.empty()) item(6, "note: ", note);
      continue;
    }
    // In the same file, the line is enough.
    const bool same_file = step.span.source == own.source;
    const std::string at =
        same_file ? "line " + std::to_string(assay::place(report_, step.span).begin.line) : position(step.span);
    item(6, "note: ", at + (note.empty() ? "" : ": " + note));
    if (options_.verbose) source_line(6, step.span, Style::blue);
  }
  for (const Premise& premise : finding.premises)
    if (premise.status == PremiseStatus::assumed || options_.verbose)
      item(6, std::string(name_of(premise.status)) + ": ", inert(premise.text));
  if (!finding.witness.empty()) item(6, "witness: ", inert(finding.witness));
  if (finding.fix && !finding.fix->description.empty()) item(6, "fix: ", prose(finding.fix->description), Style::green);
}

void Terminal::advice(const Group& group) {
  if (options_.verbose && !group.rule->why.empty()) item(2, "why: ", prose(group.rule->why));
  const bool own_fixes = std::all_of(group.findings.begin(), group.findings.end(),
                                     [](const Finding* f) { return f->fix && !f->fix->description.empty(); });
  if (!own_fixes && !group.rule->fix.empty()) item(2, "fix: ", prose(group.rule->fix), Style::green);
}

// --- what is not a finding -------------------------------------------------------------------------

std::string listed(const std::set<std::string>& names, std::size_t limit) {
  std::string text;
  std::size_t number = 0;
  for (const std::string& name : names) {
    if (number == limit) return text + " and " + std::to_string(names.size() - limit) + " more";
    text += (number++ ? ", " : "") + name;
  }
  return text;
}

void Terminal::unknowns(const std::vector<const Finding*>& findings) {
  if (findings.empty()) return;
  line("could not be decided", Style::bold);
  // One entry for each rule and reason: what would have to be known is the same.
  for (const Group& group : groups(findings)) {
    item(2, std::string(name_of(group.severity)) + ": ", prose(group.rule->title) + " [" + inert(group.rule->id) + "]",
         style_of(group.severity));
    const std::vector<Reason> reasons = assay::reasons(group);
    for (std::size_t i = 0; i < reasons.size(); ++i) {
      if (!options_.verbose && i == reasons_a_group) {
        paragraph(4, 6, "and " + std::to_string(reasons.size() - i) + " more reasons: `--verbose` shows them");
        break;
      }
      std::set<std::string> places;
      for (const Finding* finding : reasons[i].findings) {
        const std::string at = position(location_of(report_, *finding));
        places.insert(at.empty() ? inert(address_of(report_, *finding)) : at);
      }
      const std::string message = inert(reasons[i].message);
      if (places.size() == 1)
        paragraph(4, 6, *places.begin() + ": " + message);
      else
        paragraph(4, 6, message + ": " + listed(places, options_.verbose ? places.size() : names_a_list));
    }
  }
  out_ << '\n';
}

void Terminal::waived(const std::vector<const Finding*>& findings) {
  std::vector<const Waiver*> expired, unused;
  for (const Waiver& waiver : report_.waivers) {
    if (waiver.expired)
      expired.push_back(&waiver);
    else if (!waiver.used)
      unused.push_back(&waiver);
  }
  const bool list = options_.verbose && !findings.empty();
  if (!list && expired.empty() && unused.empty()) return;
  line("waivers", Style::bold);
  if (list) {
    for (const Finding* finding : findings) {
      const Waiver& waiver = *waiver_of(report_, *finding);
      std::string text =
          inert(finding->rule->id) + " on " + inert(address_of(report_, *finding)) + ": " + inert(waiver.reason);
      if (!waiver.owner.empty()) text += " (" + inert(waiver.owner) + ")";
      if (!waiver.until.empty()) text += " until " + inert(waiver.until);
      item(2, "waived: ", text);
    }
  }
  const auto place_of = [&](const Waiver& waiver) {
    const std::string at = position(waiver.span);
    return at.empty() ? inert(waiver.origin) : at;
  };
  for (const Waiver* waiver : expired)
    item(2, "expired: ", place_of(*waiver) + ": `" + inert(waiver->rule) + "` ended on " + inert(waiver->until),
         Style::yellow);
  for (const Waiver* waiver : unused)
    item(2, "unused: ", place_of(*waiver) + ": `" + inert(waiver->rule) + "` silences nothing, remove it",
         Style::yellow);
  out_ << '\n';
}

void Terminal::inputs() {
  if (!report_.not_assessed.empty()) {
    line("not assessed", Style::bold);
    std::size_t number = 0;
    for (const NotAssessed& input : report_.not_assessed) {
      if (!options_.verbose && number++ == 10) {
        paragraph(2, 4, "and " + std::to_string(report_.not_assessed.size() - 10) + " more (`--verbose` lists them)");
        break;
      }
      paragraph(2, 4, inert(input.path) + ": " + inert(input.reason));
      if (!input.remedy.empty()) item(4, "try: ", inert(input.remedy), Style::green);
    }
    out_ << '\n';
  }
}

void Terminal::diagnostics() {
  for (const Diagnostic& diagnostic : report_.diagnostics.all()) {
    const auto head = [&](Span span, std::string_view path, std::string_view kind, std::string_view message,
                          std::string_view code, Style style) {
      std::string at = position(span);
      if (at.empty()) at = inert(path);
      std::string text = at.empty() ? std::string() : at + ": ";
      text += std::string(kind) + ": " + inert(message);
      if (!code.empty()) text += " [" + inert(code) + "]";
      paragraph(0, 2, text);
      source_line(0, span, style);
    };
    head(diagnostic.span, diagnostic.path, name_of(diagnostic.severity), diagnostic.message, diagnostic.code,
         style_of(diagnostic.severity));
    for (const DiagnosticNote& note : diagnostic.notes) head(note.span, {}, "note", note.message, {}, Style::blue);
  }
  if (!report_.diagnostics.empty()) out_ << '\n';
}

std::string severities(const BySeverity& counts) {
  std::vector<std::string> parts;
  for (std::size_t i = severity_count; i-- > 0;)
    if (counts[i]) parts.push_back(std::to_string(counts[i]) + " " + std::string(name_of(static_cast<Severity>(i))));
  return join(parts, ", ");
}

void Terminal::summary(const Counts& counts) {
  const Summary& pairs = report_.summary;
  std::string head = count_of(counts.fail, "finding");
  if (counts.fail) head += ": " + severities(counts.fails);
  if (counts.unknown) head += "; " + std::to_string(counts.unknown) + " undecided";
  if (counts.waived) head += "; " + std::to_string(counts.waived) + " waived";
  line(head, counts.fail ? Style::bold : Style::green);
  if (!counts.families.empty()) {
    std::vector<std::pair<std::size_t, std::string>> families;
    for (const auto& [family, by_severity] : counts.families) {
      std::size_t total = 0;
      for (const std::size_t number : by_severity) total += number;
      families.push_back({total, family});
    }
    std::stable_sort(families.begin(), families.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<std::string> parts;
    for (const auto& [total, family] : families) parts.push_back(inert(family) + " " + std::to_string(total));
    paragraph(2, 2, join(parts, ", "));
  }
  std::string covered = count_of(pairs.rules, "rule") + " judged " + std::to_string(pairs.judged) + " of " +
                        count_of(pairs.resources, "resource") + " in " + count_of(report_.files, "file") + ": " +
                        std::to_string(pairs.pass) + " pass, " + std::to_string(pairs.fail) + " fail, " +
                        std::to_string(pairs.unknown) + " unknown";
  if (pairs.waived) covered += ", " + std::to_string(pairs.waived) + " waived";
  covered += "; coverage " + percent(pairs.coverage);
  line(covered);
  if (!report_.unjudged_types.empty()) {
    const std::set<std::string> types(report_.unjudged_types.begin(), report_.unjudged_types.end());
    item(0, "no rule judged: ", inert(listed(types, options_.verbose ? types.size() : 6)));
  }
  if (report_.other_files)
    line(count_of(report_.other_files, "other file is", "other files are") + " of no kind that is audited");
  if (report_.incomplete) line("the audit is incomplete: what could not be read is named above", Style::red);
}

void Terminal::write() {
  const Counts counts = count(report_);
  std::vector<const Finding*> failed, unknown, silenced;
  for (const Finding& finding : report_.findings)
    (finding.waiver ? silenced : finding.verdict == Verdict::fail ? failed : unknown).push_back(&finding);
  for (const Group& each : groups(failed)) group(each);
  if (options_.unknowns) unknowns(unknown);
  waived(silenced);
  inputs();
  diagnostics();
  summary(counts);
}

}  // namespace

void write_terminal(const Report& report, const WriteOptions& options, std::ostream& out) {
  Terminal(report, options, out).write();
}

}  // namespace assay

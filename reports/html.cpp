// One self-contained HTML page: no request leaves it, its policy allows its own style and script by hash
// and nothing else, and all of its content is there without the script.
//
// Numbers carry `data-json` (a pointer into the JSON report) or `data-findings` (a filter over its findings):
// the tests hold the page against the JSON by them.
#include <algorithm>
#include <ostream>
#include <set>

#include "engine/text.hpp"
#include "reports/digest.hpp"
#include "reports/format.hpp"
#include "reports/html_assets.hpp"
#include "reports/markup.hpp"

namespace assay {

namespace {

constexpr std::uint32_t excerpt_cells = 140;
constexpr std::size_t trace_limit = 20, trace_excerpts = 3;

// A sentence, its `words in backticks` as code.
std::string sentence(std::string_view text) {
  std::string out;
  bool code = false;
  const bool paired = std::count(text.begin(), text.end(), '`') % 2 == 0;
  std::size_t from = 0;
  for (std::size_t i = 0; paired && i < text.size(); ++i) {
    if (text[i] != '`') continue;
    out += escaped(text.substr(from, i - from)) + (code ? "</code>" : "<code>");
    code = !code;
    from = i + 1;
  }
  return out + escaped(text.substr(from));
}

// Paragraphs of a rule's prose.
std::string prose(std::string_view text) {
  std::string line(text);
  while (line.ends_with('\n')) line.pop_back();
  std::replace(line.begin(), line.end(), '\n', ' ');
  return sentence(line);
}

std::string encoded(std::string_view text) {  // a part of a filter in a link
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || c == '-' ||
        c == '.')
      out += c;
    else
      out += std::string("%") + "0123456789ABCDEF"[byte >> 4] + "0123456789ABCDEF"[byte & 15];
  }
  return out;
}

std::string state_of(const Finding& finding) {
  return finding.waiver ? "waived" : std::string(name_of(finding.verdict));
}

class Html {
 public:
  Html(const Report& report, std::ostream& out) : report_(report), out_(out), counts_(count(report)) {}
  void write();

 private:
  void head();
  void tiles();
  void summary();
  void filters();
  void findings();
  void group(const Group& group);
  void finding(const Group& group, const Finding& finding);
  void undecided();
  void examined();
  void not_assessed();
  void diagnostics();
  void waivers();
  void proofs();
  void source_line(Span span);
  std::string position(Span span) const;
  // The bytes of inert text that fill `cells` cells.
  static std::size_t prefix(std::string_view text, std::uint32_t cells);
  void number_cell(std::size_t number, const std::string& attributes, const std::string& link = {});

  const Report& report_;
  std::ostream& out_;
  const Counts counts_;
};

std::string Html::position(Span span) const {
  const Place at = place(report_, span);
  if (!at) return {};
  return escaped(at.path) + ":" + std::to_string(at.begin.line) + ":" + std::to_string(at.begin.column);
}

std::size_t Html::prefix(std::string_view text, std::uint32_t cells) {
  std::size_t at = 0;
  for (std::uint32_t seen = 0; at < text.size();) {
    const Decoded decoded = decode(text, at);
    const std::uint32_t width = decoded.valid ? cell_width(decoded.code_point) : 1;
    if (seen + width > cells) break;
    seen += width;
    at += decoded.size;
  }
  return at;
}

void Html::source_line(Span span) {
  if (!span) return;
  const Excerpt shown = excerpt(*report_.sources, span, excerpt_cells, report_.redacted);
  const std::string_view text = shown.text;
  const std::size_t from = prefix(text, shown.caret),
                    to = std::max(from, prefix(text, shown.caret + shown.caret_width));
  const std::string number = std::to_string(shown.line);
  out_ << "<pre><span class=ln>" << number << " | </span>" << escaped(text.substr(0, from)) << "<mark>"
       << escaped(text.substr(from, to - from)) << "</mark>" << escaped(text.substr(to))
       << "\n<span class=caret aria-hidden=true>" << std::string(number.size() + 3 + shown.caret, ' ') << '^'
       << std::string(shown.caret_width - 1, '~') << "</span></pre>\n";
}

void Html::number_cell(std::size_t number, const std::string& attributes, const std::string& link) {
  out_ << "<td class=\"n" << (number ? "" : " zero") << "\">";
  if (number && !link.empty()) out_ << "<a href=\"" << link << "\">";
  out_ << "<span " << attributes << '>' << number << "</span>";
  if (number && !link.empty()) out_ << "</a>";
  out_ << "</td>";
}

// --- the page --------------------------------------------------------------------------------------

void Html::head() {
  out_ << page_head("assay report of " + report_.as_of, html_style, html_script)
       << "<a class=skip href=#findings>Skip to the findings</a>\n<header class=top>\n<h1>Audit report</h1>\n<p "
          "class=meta>"
       << "<span>assay " << escaped(report_.version) << "</span><span>as of " << escaped(report_.as_of) << "</span>";
  if (!report_.profile.empty()) out_ << "<span>profile " << escaped(report_.profile) << "</span>";
  out_ << "<span>" << count_of(report_.files, "file") << "</span><span>rules <code>"
       << escaped(report_.rules_digest.substr(0, 19)) << "</code></span></p>\n";
  if (report_.incomplete)
    out_ << "<p class=banner role=alert><strong>This audit is incomplete.</strong> Some input could not be read: see "
            "<a href=#diagnostics>diagnostics</a>. What was read is judged below.</p>\n";
  out_ << "</header>\n<main>\n";
}

void Html::tiles() {
  out_ << "<section aria-label=Summary>\n<div class=tiles>\n";
  for (std::size_t i = severity_count; i-- > 0;) {
    const std::string_view name = name_of(static_cast<Severity>(i));
    const std::size_t number = counts_.fails[i];
    out_ << "<a class=\"tile " << name << (number ? "" : " zero") << "\" href=\"#severity=" << name
         << "&amp;state=fail\"><b data-findings=\"verdict=fail severity=" << name << " waived=no\">" << number
         << "</b><span>" << name << "</span></a>\n";
  }
  out_ << "<a class=\"tile unknown" << (counts_.unknown ? "" : " zero")
       << "\" href=\"#state=unknown\"><b data-findings=\"verdict=unknown waived=no\">" << counts_.unknown
       << "</b><span>undecided</span></a>\n"
       << "<a class=\"tile waived" << (counts_.waived ? "" : " zero")
       << "\" href=\"#state=waived\"><b data-findings=\"waived=yes\">" << counts_.waived
       << "</b><span>waived</span></a>\n</div>\n";
}

void Html::summary() {
  const Summary& pairs = report_.summary;
  out_ << "<div class=two>\n<div class=\"card scroll\">\n";
  if (counts_.families.empty()) {
    out_ << "<p class=empty>No findings.</p>\n";
  } else {
    out_ << "<table>\n<caption>Findings by family and severity</caption>\n<thead><tr><th scope=col>family</th>";
    for (std::size_t i = severity_count; i-- > 0;)
      out_ << "<th scope=col class=n>" << name_of(static_cast<Severity>(i)) << "</th>";
    out_ << "<th scope=col class=n>all</th></tr></thead>\n<tbody>\n";
    for (const auto& [family, numbers] : counts_.families) {
      const std::string filter = "verdict=fail waived=no family=" + escaped(family);
      const std::string link = "#state=fail&amp;family=" + encoded(family);
      out_ << "<tr><th scope=row>" << escaped(family) << "</th>";
      std::size_t all = 0;
      for (std::size_t i = severity_count; i-- > 0;) {
        const std::string name(name_of(static_cast<Severity>(i)));
        all += numbers[i];
        number_cell(numbers[i], "data-findings=\"" + filter + " severity=" + name + "\"",
                    link + "&amp;severity=" + name);
      }
      number_cell(all, "data-findings=\"" + filter + "\"", link);
      out_ << "</tr>\n";
    }
    out_ << "</tbody>\n</table>\n";
  }
  out_ << "</div>\n<div class=card>\n<p><strong>Coverage <span data-percent=\"/summary/coverage\">"
       << percent(pairs.coverage) << "</span></strong> <span class=soft>of what rules ask was decided</span></p>\n";
  struct Part {
    std::string_view name;
    std::size_t number;
  };
  const Part parts[] = {{"pass", pairs.pass},
                        {"fail", pairs.fail},
                        {"waived", pairs.waived},
                        {"unknown", pairs.unknown},
                        {"not-applicable", pairs.not_applicable}};
  const std::size_t decided = pairs.pass + pairs.fail + pairs.waived + pairs.unknown;
  if (decided) {
    out_ << "<svg class=bar viewBox=\"0 0 1000 14\" preserveAspectRatio=none role=img aria-label=\"verdicts\">";
    std::size_t before = 0;
    for (const Part& part : parts) {
      if (part.name == "not-applicable" || !part.number) continue;
      const std::size_t x = before * 1000 / decided, end = (before + part.number) * 1000 / decided;
      out_ << "<rect class=" << part.name << " x=" << x << " y=0 height=14 width=" << std::max<std::size_t>(end - x, 1)
           << "></rect>";
      before += part.number;
    }
    out_ << "</svg>\n";
  }
  out_ << "<ul class=legend>";
  for (const Part& part : parts)
    out_ << "<li class=" << part.name << "><i></i><span data-json=\"/summary/" << part.name << "\">" << part.number
         << "</span> " << (part.name == "not-applicable" ? "not applicable" : part.name) << "</li>";
  out_ << "</ul>\n<p class=soft>A verdict is about one rule and one resource; a failed one can hold several "
          "findings.</p>\n"
       << "<p>Resources judged: <span data-json=\"/summary/judged\">" << pairs.judged
       << "</span> of <span data-json=\"/summary/resources\">" << pairs.resources
       << "</span>. Rules that ran: <span data-json=\"/summary/rules\">" << pairs.rules
       << "</span>.</p>\n</div>\n</div>\n</section>\n";
}

void Html::filters() {
  std::set<std::string_view> families, rules;
  for (const Finding& finding : report_.findings) {
    families.insert(finding.rule->family);
    rules.insert(finding.rule->id);
  }
  const auto select = [&](std::string_view name, std::string_view all) {
    out_ << "<select name=" << name << " aria-label=\"" << name << "\"><option value=\"\">" << all << "</option>";
  };
  const auto option = [&](std::string_view value, std::string_view text) {
    out_ << "<option value=\"" << escaped(value) << "\">" << escaped(text) << "</option>";
  };
  out_ << "<form class=filters id=filters role=search aria-label=\"Filter the findings\">\n"
       << "<input type=search name=q placeholder=\"Search paths, resources, messages\" aria-label=Search "
          "autocomplete=off>\n";
  select("severity", "any severity");
  std::string above;
  for (std::size_t i = severity_count; i-- > 0;) {
    const std::string name(name_of(static_cast<Severity>(i)));
    option(name, name);
    above += (above.empty() ? "" : ",") + name;
    if (i > 0 && i < severity_count - 1) option(above, name + " and above");
  }
  out_ << "</select>\n";
  select("state", "any verdict");
  option("fail", "fail");
  option("unknown", "undecided");
  option("waived", "waived");
  out_ << "</select>\n";
  select("family", "any family");
  for (const std::string_view family : families) option(family, family);
  out_ << "</select>\n";
  select("rule", "any rule");
  for (const std::string_view rule : rules) option(rule, rule);
  out_ << "</select>\n<button type=reset>Clear</button> <button type=button id=open>Open all</button> <button "
          "type=button id=close>Close all</button>\n"
       << "<output id=shown aria-live=polite></output>\n</form>\n";
}

void Html::findings() {
  out_ << "<section id=findings aria-labelledby=findings-head>\n<h2 id=findings-head>Findings</h2>\n";
  if (report_.findings.empty()) {
    out_ << "<p class=\"card empty\">Nothing was found, and nothing is undecided.</p>\n</section>\n";
    return;
  }
  filters();
  out_ << "<p class=\"card empty\" id=none hidden>No finding matches the filter.</p>\n";
  std::vector<const Finding*> failed, unknown;
  for (const Finding& finding : report_.findings)
    (finding.verdict == Verdict::fail ? failed : unknown).push_back(&finding);
  for (const Group& each : groups(failed)) group(each);
  for (const Group& each : groups(unknown)) group(each);
  out_ << "</section>\n";
}

void Html::group(const Group& group) {
  const RuleInfo& rule = *group.rule;
  const std::string_view severity = name_of(group.severity);
  const bool unknown = group.verdict == Verdict::unknown;
  out_ << "<section class=\"g card " << (unknown ? "unknown" : severity) << "\" data-severity=" << severity
       << " data-family=\"" << escaped(rule.family) << "\" data-rule=\"" << escaped(rule.id)
       << "\">\n<details open><summary><span class=n><span class=shown>" << group.findings.size()
       << "</span></span> <span class=\"badge " << severity << "\">" << severity << "</span> ";
  if (unknown) out_ << "<span class=\"badge unknown\">undecided</span> ";
  out_ << "<h3>" << prose(rule.title) << "</h3> <code class=\"id soft\">" << escaped(rule.id)
       << "</code></summary>\n<div class=body>\n";
  if (!rule.why.empty() || !rule.fix.empty() || !rule.controls.empty() || !rule.aliases.empty()) {
    out_ << "<div class=why>\n";
    if (!rule.why.empty()) out_ << "<p>" << prose(rule.why) << "</p>\n";
    if (!rule.fix.empty()) out_ << "<p><strong>Fix:</strong> " << prose(rule.fix) << "</p>\n";
    if (!rule.controls.empty()) {
      out_ << "<p class=soft>Controls:";
      for (std::size_t i = 0; i < rule.controls.size(); ++i)
        out_ << (i ? "; " : " ") << escaped(rule.controls[i].framework) << ' '
             << escaped(join(rule.controls[i].ids, ", "));
      out_ << "</p>\n";
    }
    if (!rule.aliases.empty())
      out_ << "<p class=soft>The same check elsewhere: " << escaped(join(rule.aliases, ", ")) << "</p>\n";
    out_ << "</div>\n";
  }
  out_ << "<ol class=fs>\n";
  for (const Finding* each : group.findings) finding(group, *each);
  out_ << "</ol>\n</div>\n</details>\n</section>\n";
}

void Html::finding(const Group&, const Finding& finding) {
  const Span span = location_of(report_, finding);
  const std::string at = position(span), state = state_of(finding);
  out_ << "<li class=f data-state=" << state
       << (finding.fingerprint.empty() ? "" : " id=\"f-" + escaped(finding.fingerprint) + "\"") << ">\n<p class=m>";
  if (finding.waiver) out_ << "<span class=\"badge waived\">waived</span> ";
  out_ << sentence(finding.message);
  if (finding.similar) out_ << " <span class=soft>and " << finding.similar << " more with it</span>";
  out_ << "</p>\n<p class=at>";
  if (!at.empty()) out_ << at << ' ';
  out_ << "<span class=soft>" << escaped(address_of(report_, finding)) << "</span></p>\n";
  source_line(span);
  const bool notes = !finding.trace.empty() || !finding.premises.empty() || !finding.witness.empty() ||
                     (finding.fix && !finding.fix->description.empty());
  if (notes) out_ << "<ul class=notes>\n";
  std::size_t steps = 0;
  for (const TraceStep& step : finding.trace) {
    if (steps++ == trace_limit) {
      out_ << "<li class=soft>and " << finding.trace.size() - trace_limit << " more places</li>\n";
      break;
    }
    const bool elsewhere = step.span && step.span != span;
    out_ << "<li>";
    if (elsewhere) out_ << "<span class=at>" << position(step.span) << "</span> ";
    out_ << sentence(step.note) << (elsewhere ? "\n" : "");
    if (elsewhere && steps <= trace_excerpts) source_line(step.span);
    out_ << "</li>\n";
  }
  for (const Premise& premise : finding.premises)
    out_ << "<li><span class=soft>" << name_of(premise.status) << ":</span> " << sentence(premise.text) << "</li>\n";
  if (!finding.witness.empty())
    out_ << "<li><span class=soft>witness:</span> <code>" << escaped(finding.witness) << "</code></li>\n";
  if (finding.fix && !finding.fix->description.empty())
    out_ << "<li><strong>Fix:</strong> " << prose(finding.fix->description) << "</li>\n";
  if (notes) out_ << "</ul>\n";
  if (const Waiver* waiver = waiver_of(report_, finding)) {
    out_ << "<p class=soft>waived: " << sentence(waiver->reason);
    if (!waiver->owner.empty()) out_ << ", owner " << escaped(waiver->owner);
    if (!waiver->until.empty()) out_ << ", until " << escaped(waiver->until);
    out_ << "</p>\n";
  }
  if (!finding.fingerprint.empty())
    out_ << "<p class=fp><a href=\"#f-" << escaped(finding.fingerprint) << "\">" << escaped(finding.fingerprint)
         << "</a></p>\n";
  out_ << "</li>\n";
}

void Html::undecided() {
  std::vector<const Finding*> unknown;
  for (const Finding& finding : report_.findings)
    if (finding.verdict == Verdict::unknown && !finding.waiver) unknown.push_back(&finding);
  if (unknown.empty()) return;
  out_ << "<section aria-labelledby=unknown-head>\n<h2 id=unknown-head>What is unknown, and why</h2>\n<div "
          "class=\"card scroll\">\n<table>\n"
       << "<thead><tr><th scope=col>severity</th><th scope=col>rule</th><th scope=col>why it could not be "
          "decided</th><th scope=col class=n>places</th></tr></thead>\n<tbody>\n";
  for (const Group& each : groups(unknown)) {
    const std::vector<Reason> reasons = assay::reasons(each);
    constexpr std::size_t reason_limit = 20;
    for (std::size_t i = 0; i < std::min(reasons.size(), reason_limit); ++i)
      out_ << "<tr><td><span class=\"badge " << name_of(each.severity) << "\">" << name_of(each.severity)
           << "</span></td><td><a href=\"#state=unknown&amp;rule=" << encoded(each.rule->id) << "\">"
           << escaped(each.rule->id) << "</a></td><td>" << sentence(reasons[i].message)
           << (i + 1 == reason_limit && reasons.size() > reason_limit
                   ? " <span class=soft>and " + std::to_string(reasons.size() - reason_limit) + " more reasons</span>"
                   : "")
           << "</td><td class=n>" << reasons[i].findings.size() << "</td></tr>\n";
  }
  out_ << "</tbody>\n</table>\n</div>\n</section>\n";
}

void Html::examined() {
  out_ << "<section aria-labelledby=examined-head>\n<h2 id=examined-head>What was examined</h2>\n<div class=\"card "
          "scroll\">\n";
  if (report_.checked.empty()) {
    out_ << "<p class=empty>No rule ran on any resource.</p>\n";
  } else {
    out_ << "<table class=wide>\n<caption>Resources by rule and verdict; waived ones count as "
            "failed</caption>\n<thead><tr><th scope=col>rule</th><th scope=col>severity</th>"
            "<th scope=col class=n>pass</th><th scope=col class=n>fail</th><th scope=col class=n>unknown</th><th "
            "scope=col class=n>not applicable</th></tr></thead>\n<tbody>\n";
    for (const Examined& row : assay::examined(report_)) {
      out_ << "<tr><td>" << escaped(row.rule->id) << "<br><span class=soft>" << prose(row.rule->title)
           << "</span></td><td>" << name_of(row.rule->severity) << "</td>";
      for (const Verdict verdict : {Verdict::pass, Verdict::fail, Verdict::unknown, Verdict::not_applicable})
        number_cell(row.pairs[static_cast<std::size_t>(verdict)],
                    "data-checked=\"" + escaped(row.rule->id) + " " + std::string(name_of(verdict)) + "\"");
      out_ << "</tr>\n";
    }
    out_ << "</tbody>\n</table>\n";
  }
  if (!report_.unjudged_types.empty()) {
    out_ << "<p><strong>Kinds that no rule judged:</strong>";
    for (const std::string& type : report_.unjudged_types) out_ << " <code>" << escaped(type) << "</code>";
    out_ << "</p>\n";
  }
  out_ << "</div>\n</section>\n";
}

void Html::not_assessed() {
  if (report_.not_assessed.empty() && !report_.other_files) return;
  out_ << "<section aria-labelledby=rest-head>\n<h2 id=rest-head>What was not assessed</h2>\n<div class=\"card "
          "scroll\">\n";
  if (!report_.not_assessed.empty()) {
    out_ << "<table>\n<thead><tr><th scope=col>input</th><th scope=col>why</th><th scope=col>to assess "
            "it</th></tr></thead>\n<tbody>\n";
    for (const NotAssessed& input : report_.not_assessed)
      out_ << "<tr class=unassessed><td class=at>" << escaped(input.path) << "</td><td>" << sentence(input.reason)
           << "</td><td>" << (input.remedy.empty() ? "" : "<code>" + escaped(input.remedy) + "</code>")
           << "</td></tr>\n";
    out_ << "</tbody>\n</table>\n";
  }
  if (report_.other_files)
    out_ << "<p>" << count_of(report_.other_files, "other file is", "other files are")
         << " of no kind that is audited.</p>\n";
  out_ << "</div>\n</section>\n";
}

void Html::diagnostics() {
  if (report_.diagnostics.empty()) return;
  out_ << "<section id=diagnostics aria-labelledby=diagnostics-head>\n<h2 id=diagnostics-head>Diagnostics</h2>\n<div "
          "class=card>\n<ol class=fs>\n";
  for (const Diagnostic& diagnostic : report_.diagnostics.all()) {
    std::string at = position(diagnostic.span);
    if (at.empty()) at = escaped(diagnostic.path);
    out_ << "<li class=\"f d " << name_of(diagnostic.severity) << "\">\n<p><span class=badge>"
         << name_of(diagnostic.severity) << "</span> " << sentence(diagnostic.message) << " <code class=soft>"
         << escaped(diagnostic.code) << "</code></p>\n";
    if (!at.empty()) out_ << "<p class=at>" << at << "</p>\n";
    source_line(diagnostic.span);
    for (const DiagnosticNote& note : diagnostic.notes) {
      out_ << "<p>" << sentence(note.message) << " <span class=at>" << position(note.span) << "</span></p>\n";
      source_line(note.span);
    }
    out_ << "</li>\n";
  }
  out_ << "</ol>\n</div>\n</section>\n";
}

void Html::waivers() {
  if (report_.waivers.empty()) return;
  out_ << "<section aria-labelledby=waivers-head>\n<h2 id=waivers-head>Waivers</h2>\n<div class=\"card "
          "scroll\">\n<table>\n<thead><tr><th scope=col>rule</th>"
          "<th scope=col>of</th><th scope=col>reason</th><th scope=col>owner</th><th scope=col>approver</th><th "
          "scope=col>until</th><th scope=col>where</th>"
          "<th scope=col>silences</th></tr></thead>\n<tbody>\n";
  for (const Waiver& waiver : report_.waivers) {
    std::vector<std::string> target;
    for (const std::string* part : {&waiver.resource, &waiver.path, &waiver.container, &waiver.field})
      if (!part->empty()) target.push_back(*part);
    const std::string at = position(waiver.span);
    out_ << "<tr><td><code>" << escaped(waiver.rule) << "</code></td><td>" << escaped(join(target, ", ")) << "</td><td>"
         << sentence(waiver.reason) << "</td><td>" << escaped(waiver.owner) << "</td><td>" << escaped(waiver.approver)
         << "</td><td>" << escaped(waiver.until) << "</td><td>" << escaped(waiver.origin)
         << (at.empty() ? "" : " <span class=at>" + at + "</span>") << "</td><td>"
         << (waiver.expired ? "<span class=\"badge warning\">expired</span>"
             : waiver.used  ? count_of(waiver.used, "finding")
                            : "<span class=\"badge warning\">nothing</span>")
         << "</td></tr>\n";
  }
  out_ << "</tbody>\n</table>\n</div>\n</section>\n";
}

void Html::proofs() {
  if (report_.proofs.empty()) return;
  out_ << "<section aria-labelledby=proofs-head>\n<h2 id=proofs-head>Proofs</h2>\n<div class=\"card "
          "scroll\">\n<table>\n<thead><tr><th scope=col>rule</th>"
          "<th scope=col>resource</th><th scope=col>verdict</th><th scope=col>rests on</th><th "
          "scope=col>SHA-256</th></tr></thead>\n<tbody>\n";
  for (const Proof& proof : report_.proofs) {
    out_ << "<tr><td>" << escaped(proof.rule) << "</td><td class=at>" << escaped(proof.address) << "</td><td>"
         << name_of(proof.verdict) << "</td><td>";
    for (std::size_t i = 0; i < proof.premises.size(); ++i)
      out_ << (i ? "; " : "") << "<span class=soft>" << name_of(proof.premises[i].status) << ":</span> "
           << sentence(proof.premises[i].text);
    out_ << "</td><td><code>" << escaped(proof.sha256) << "</code></td></tr>\n";
  }
  out_ << "</tbody>\n</table>\n</div>\n</section>\n";
}

void Html::write() {
  head();
  tiles();
  summary();
  findings();
  undecided();
  examined();
  not_assessed();
  diagnostics();
  waivers();
  proofs();
  out_ << "</main>\n<footer>assay " << escaped(report_.version) << ", audit date " << escaped(report_.as_of)
       << ", rule set <code>" << escaped(report_.rules_digest) << "</code></footer>\n<script>" << html_script
       << "</script>\n</body>\n</html>\n";
}

}  // namespace

void write_html(const Report& report, const WriteOptions&, std::ostream& out) { Html(report, out).write(); }

}  // namespace assay

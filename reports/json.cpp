// The JSON contract "assay/report/1": report.schema.json beside this file says what holds.
//
// One finding, one entry of `checked`, one diagnostic a line, so that reports can be read with grep and
// compared with diff. Text is written in ASCII: what a terminal could act on arrives there as \u escapes.
#include <nlohmann/json.hpp>
#include <ostream>

#include "reports/digest.hpp"
#include "reports/format.hpp"

namespace assay {

namespace {

using Json = nlohmann::ordered_json;

std::string text(const Json& json) { return json.dump(-1, ' ', true, Json::error_handler_t::replace); }

Json position(const Place& place) {
  if (!place) return {{"path", nullptr}, {"line", nullptr}, {"column", nullptr}};
  return {{"path", place.path}, {"line", place.begin.line}, {"column", place.begin.column}};
}

Json range(const Place& place) {
  if (!place) return nullptr;
  return {{"path", place.path},
          {"line", place.begin.line},
          {"column", place.begin.column},
          {"endLine", place.end.line},
          {"endColumn", place.end.column}};
}

Json premises(const std::vector<Premise>& premises) {
  Json list = Json::array();
  for (const Premise& premise : premises) list.push_back({{"text", premise.text}, {"status", name_of(premise.status)}});
  return list;
}

Json resource(const Report& report, const Finding& finding) {
  if (finding.resource == no_resource) return nullptr;
  const Resource& resource = report.graph->resource(finding.resource);
  return {{"address", address_of(report, finding)},
          {"type", resource.type},
          {"scope", scope_of(report, finding)},
          {"evidence", name_of(resource.evidence)}};
}

Json trace(const Report& report, const Finding& finding) {
  Json list = Json::array();
  for (const TraceStep& step : finding.trace) {
    list.push_back(position(place(report, step.span)));
    list.back()["note"] = step.note;
  }
  return list;
}

Json witness(const Finding& finding) {
  if (finding.witness.empty()) return nullptr;
  Json parsed = Json::parse(finding.witness, nullptr, /*allow_exceptions=*/false);
  return parsed.is_discarded() ? Json(finding.witness) : parsed;
}

Json fix(const Report& report, const Finding& finding) {
  if (!finding.fix) return nullptr;
  Json edits = Json::array();
  for (const ByteEdit& edit : finding.fix->edits) {
    edits.push_back(range(place(report, edit.span)));
    if (edits.back().is_null())
      edits.erase(edits.size() - 1);
    else
      edits.back()["text"] = edit.replacement;
  }
  return {{"description", finding.fix->description}, {"edits", std::move(edits)}};
}

Json waiver(const Report& report, const Finding& finding) {
  const Waiver* waiver = waiver_of(report, finding);
  if (!waiver) return nullptr;
  const auto or_null = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  Json json = {{"rule", waiver->rule},
               {"owner", or_null(waiver->owner)},
               {"reason", or_null(waiver->reason)},
               {"approver", or_null(waiver->approver)},
               {"until", or_null(waiver->until)},
               {"origin", waiver->origin}};
  json.update(position(place(report, waiver->span)));
  return json;
}

Json finding(const Report& report, const Finding& finding) {
  return {{"rule", finding.rule->id},
          {"aliases", finding.rule->aliases},
          {"family", finding.rule->family},
          {"severity", name_of(finding.severity)},
          {"verdict", name_of(finding.verdict)},
          {"resource", resource(report, finding)},
          {"location", range(place(report, location_of(report, finding)))},
          {"message", finding.message},
          {"trace", trace(report, finding)},
          {"premises", premises(finding.premises)},
          {"witness", witness(finding)},
          {"fix", fix(report, finding)},
          {"fingerprint", finding.fingerprint},
          {"waiver", waiver(report, finding)}};
}

// One entry of `checked`. Rules times resources make this the bulk of a large report, so addresses are
// rendered once (`addresses`, by resource) and put together as text.
std::string checked(const Report& report, const Checked& checked, const std::vector<std::string>& addresses) {
  std::string line = text({{"rule", checked.rule->id},
                           {"scope", report.graph->scope(checked.scope).name},
                           {"aliases", checked.aliases},
                           {"family", checked.rule->family}});
  line.pop_back();  // the brace: more follows
  for (const Verdict verdict : {Verdict::pass, Verdict::fail, Verdict::unknown, Verdict::not_applicable}) {
    line += ",\"" + std::string(name_of(verdict)) + "\":[";
    bool first = true;
    for (const ResourceId id : checked.by_verdict[static_cast<std::size_t>(verdict)]) {
      if (!first) line += ',';
      line += addresses[id];
      first = false;
    }
    line += ']';
  }
  return line + "}";
}

Json proof(const Report&, const Proof& proof) {
  return {{"rule", proof.rule},
          {"address", proof.address},
          {"verdict", name_of(proof.verdict)},
          {"premises", premises(proof.premises)},
          {"sha256", proof.sha256}};
}

Json diagnostic(const Report& report, const Diagnostic& diagnostic) {
  Json json = {{"severity", name_of(diagnostic.severity)}, {"code", diagnostic.code}};
  json.update(position(place(report, diagnostic.span)));
  if (!diagnostic.span && !diagnostic.path.empty()) json["path"] = diagnostic.path;
  json["message"] = diagnostic.message;
  return json;
}

class Lines {  // the elements of one array, each on its own line
 public:
  Lines(std::ostream& out, std::string_view key) : out_(out) { out_ << ",\n\"" << key << "\": ["; }
  ~Lines() { out_ << (first_ ? "]" : "\n]"); }
  Lines(const Lines&) = delete;
  void add(const std::string& element) {
    out_ << (first_ ? "\n" : ",\n") << element;
    first_ = false;
  }
  template <class Item>
  void add(const Report& report, const std::vector<Item>& items, Json (*render)(const Report&, const Item&)) {
    for (const Item& item : items) add(text(render(report, item)));
  }

 private:
  std::ostream& out_;
  bool first_ = true;
};

}  // namespace

void write_json(const Report& report, const WriteOptions&, std::ostream& out) {
  const Summary& summary = report.summary;
  out << "{\"schema\": \"assay/report/1\",\n\"tool\": "
      << text({{"name", "assay"}, {"version", report.version}, {"rules", report.rules_digest}})
      << ",\n\"as_of\": " << text(report.as_of) << ",\n\"incomplete\": " << (report.incomplete ? "true" : "false")
      << ",\n\"summary\": "
      << text({{"resources", summary.resources},
               {"judged", summary.judged},
               {"rules", summary.rules},
               {"pass", summary.pass},
               {"fail", summary.fail},
               {"unknown", summary.unknown},
               {"not-applicable", summary.not_applicable},
               {"waived", summary.waived},
               {"coverage", summary.coverage}});
  Lines(out, "findings").add(report, report.findings, finding);
  {
    std::vector<std::string> addresses;
    for (const Resource& resource : report.graph->resources()) addresses.push_back(text(resource.address));
    Lines lines(out, "checked");
    for (const Checked& entry : report.checked) lines.add(checked(report, entry, addresses));
  }
  Lines(out, "proofs").add(report, report.proofs, proof);
  {
    Lines diagnostics(out, "diagnostics");
    diagnostics.add(report, report.diagnostics.all(), diagnostic);
    diagnostics.add(report, remarks(report), diagnostic);
  }
  out << "}\n";
}

}  // namespace assay

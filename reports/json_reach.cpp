// Connections as JSON: a list of {"src", "dst", "conn"} in the notation of np-guard's netpol-analyzer. What may pass
// but is not certain stands under "unknown"; "network" and "scope" stand only where there are several.
#include <nlohmann/json.hpp>
#include <ostream>

#include "reports/reach.hpp"

namespace assay {
namespace {

using Json = nlohmann::ordered_json;

std::string_view word(net::Changed::Kind kind) {
  switch (kind) {
    case net::Changed::Kind::added: return "added";
    case net::Changed::Kind::removed: return "removed";
    case net::Changed::Kind::changed: return "changed";
  }
  return "";
}

Json row_json(const ReachScope& scope, const ReachRow& row) {
  Json json{{"src", row.from}, {"dst", row.to}, {"conn", row.connection.allowed.text()}};
  if (!row.connection.unknown.empty()) json["unknown"] = row.connection.unknown.text();
  if (!row.transport.empty()) json["transport"] = row.transport;
  if (!row.network.empty()) json["network"] = row.network;
  if (!scope.name.empty()) json["scope"] = scope.name;
  return json;
}

Json change_json(const ReachScope& scope, const net::Changed& change) {
  Json json{{"change", word(change.kind)}, {"src", change.from}, {"dst", change.to},
            {"before", change.before.allowed.text()}, {"after", change.after.allowed.text()}};
  if (!change.before.unknown.empty()) json["unknown_before"] = change.before.unknown.text();
  if (!change.after.unknown.empty()) json["unknown_after"] = change.after.unknown.text();
  if (!change.network.empty()) json["network"] = change.network;
  if (!scope.name.empty()) json["scope"] = scope.name;
  return json;
}

}  // namespace

void write_reach_json(const ReachReport& report, std::ostream& out) {
  Json list = Json::array();
  if (!report.comparison) {
    for (const ReachScope& scope : report.scopes)
      for (const ReachRow& row : scope.rows) list.push_back(row_json(scope, row));
    out << list.dump(1, ' ', false, Json::error_handler_t::replace) << "\n";
    return;
  }
  Json exposure = Json::array();
  for (const ReachScope& scope : report.scopes) {
    for (const net::Changed& change : scope.changes) list.push_back(change_json(scope, change));
    for (const net::ExposureChange& change : scope.exposure) {
      Json one{{"workload", change.peer}, {"direction", name_of(change.direction)}, {"before", change.before.text()}, {"after", change.after.text()}};
      if (!scope.name.empty()) one["scope"] = scope.name;
      exposure.push_back(std::move(one));
    }
  }
  Json whole{{"connections", std::move(list)}, {"exposure", std::move(exposure)}};
  out << whole.dump(1, ' ', false, Json::error_handler_t::replace) << "\n";
}

void write_explanations_json(const std::vector<ReachExplanation>& explanations, const Sources& sources, std::ostream& out) {
  Json list = Json::array();
  for (const ReachExplanation& one : explanations) {
    Json steps = Json::array();
    for (const ReachStep& step : one.steps) {
      Json json{{"direction", name_of(step.direction)}, {"verdict", step.verdict}, {"conn", step.ports.text()}, {"message", step.message}};
      json["policy"] = step.policy.empty() ? Json() : Json(step.policy);
      if (step.place) {
        const Source& source = sources.get(step.place.source);
        Position at = source.position(step.place.begin);
        json["path"] = source.name();
        json["line"] = at.line;
        json["column"] = at.column;
      }
      steps.push_back(std::move(json));
    }
    Json premises = Json::array();
    for (const Premise& premise : one.premises) premises.push_back({{"text", premise.text}, {"status", name_of(premise.status)}});
    Json json{{"src", one.from}, {"dst", one.to}, {"conn", one.connection.allowed.text()}, {"steps", std::move(steps)}, {"premises", std::move(premises)}};
    if (!one.connection.unknown.empty()) json["unknown"] = one.connection.unknown.text();
    list.push_back(std::move(json));
  }
  out << list.dump(1, ' ', false, Json::error_handler_t::replace) << "\n";
}

}  // namespace assay

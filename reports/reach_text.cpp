// Connections as lines of text, in the order of the list.
#include <ostream>

#include "engine/diagnostic.hpp"
#include "reports/reach.hpp"

namespace assay {

std::string connection_text(const net::Connection& connection) {
  if (connection.unknown.empty()) return connection.allowed.text();
  std::string maybe = "perhaps " + connection.unknown.text();
  return connection.allowed.empty() ? maybe : connection.allowed.text() + ", " + maybe;
}

namespace {

std::string_view word(net::Changed::Kind kind) {
  switch (kind) {
    case net::Changed::Kind::added: return "added  ";
    case net::Changed::Kind::removed: return "removed";
    case net::Changed::Kind::changed: return "changed";
  }
  return "";
}

void write_changes(const ReachScope& scope, std::ostream& out) {
  for (const net::Changed& change : scope.changes) {
    out << word(change.kind) << " " << inert(change.from) << " => " << inert(change.to);
    if (!change.network.empty()) out << " on " << inert(change.network);
    out << " : ";
    if (change.kind == net::Changed::Kind::removed) out << connection_text(change.before);
    else if (change.kind == net::Changed::Kind::added) out << connection_text(change.after);
    else out << connection_text(change.before) << " -> " << connection_text(change.after);
    out << "\n";
  }
  if (scope.changes.empty()) out << "no connection differs\n";
  if (scope.exposure.empty()) return;
  out << "\nexposure to the outside\n";
  for (const net::ExposureChange& change : scope.exposure)
    out << "  " << inert(change.peer) << (change.direction == net::Direction::ingress ? " can be reached: " : " can reach out: ")
        << change.before.text() << " -> " << change.after.text() << "\n";
}

}  // namespace

void write_reach_text(const ReachReport& report, std::ostream& out) {
  bool first = true;
  for (const ReachScope& scope : report.scopes) {
    if (!scope.name.empty()) out << (first ? "" : "\n") << "# " << inert(scope.name) << "\n";
    first = false;
    if (report.comparison) {
      write_changes(scope, out);
    } else {
      for (const ReachRow& row : scope.rows) {
        out << inert(row.from) << " => " << inert(row.to);
        if (!row.network.empty()) out << " on " << inert(row.network);
        out << " : " << connection_text(row.connection);
        if (!row.transport.empty()) out << " (" << row.transport << ")";
        out << "\n";
      }
      if (scope.rows.empty()) out << "nothing can connect\n";
    }
    for (const Premise& premise : scope.premises) out << (&premise == &scope.premises[0] ? "\n" : "") << name_of(premise.status) << ": " << inert(premise.text) << "\n";
    if (scope.refuted) out << "the network policies above have no effect here\n";
  }
}

void write_explanations_text(const std::vector<ReachExplanation>& explanations, const Sources& sources, bool colour, std::ostream& out) {
  for (const ReachExplanation& one : explanations) {
    if (&one != &explanations[0]) out << "\n";
    out << inert(one.from) << " => " << inert(one.to) << " : " << connection_text(one.connection) << "\n";
    for (net::Direction direction : {net::Direction::egress, net::Direction::ingress}) {
      bool first = true;
      for (const ReachStep& step : one.steps) {
        if (step.direction != direction) continue;
        if (first) out << "\n" << (direction == net::Direction::egress ? "leaving " + inert(one.from) : "arriving at " + inert(one.to)) << "\n";
        first = false;
        out << "  " << step.verdict << ": " << step.ports.text() << ": " << inert(step.message) << "\n";
        if (!step.place) continue;
        Diagnostic place;
        place.severity = DiagnosticSeverity::note;
        place.code = "reach";
        place.span = step.place;
        place.message = step.verdict + " here";
        print(out, sources, place, colour ? Colour::on : Colour::off);
      }
    }
    for (const Premise& premise : one.premises) out << (&premise == &one.premises[0] ? "\n" : "") << name_of(premise.status) << ": " << inert(premise.text) << "\n";
  }
}

}  // namespace assay

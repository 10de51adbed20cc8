// Connections as a graph in DOT, for Graphviz and whatever else reads it.
#include <map>
#include <ostream>
#include <set>

#include "engine/diagnostic.hpp"
#include "reports/reach.hpp"

namespace assay {
namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : inert(text)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

struct Edge {
  std::string from, to, label;
  std::string_view colour;
};

std::string_view colour(const ReachRow& row) {
  if (!row.connection.unknown.empty()) return "#6a45a8";
  return row.from_outside || row.to_outside ? "#b36b00" : "#1f5fae";
}

void write(const ReachScope& scope, const std::vector<Edge>& edges, std::string_view title, std::ostream& out) {
  std::map<std::string, std::set<std::string>> groups;
  auto place = [&](const std::string& name) {
    std::size_t slash = name.find('/');
    bool grouped = slash != std::string::npos && !name.ends_with("[External]");
    groups[grouped ? name.substr(0, slash) : ""].insert(name);
  };
  for (const std::string& workload : scope.workloads) place(workload);
  for (const Edge& edge : edges) {
    place(edge.from);
    place(edge.to);
  }
  out << "digraph " << quoted(title) << " {\n  rankdir=LR;\n  node [shape=box, style=rounded, fontname=\"Helvetica\", fontsize=11];\n"
      << "  edge [fontname=\"Helvetica\", fontsize=9];\n";
  std::size_t cluster = 0;
  for (const auto& [group, names] : groups) {
    if (!group.empty()) out << "  subgraph cluster_" << cluster++ << " {\n    label=" << quoted(group) << ";\n    color=\"#59616e\";\n";
    for (const std::string& name : names) {
      out << (group.empty() ? "  " : "    ") << quoted(name);
      if (name.ends_with("[External]")) out << " [shape=ellipse, color=\"#b36b00\"]";
      out << ";\n";
    }
    if (!group.empty()) out << "  }\n";
  }
  for (const Edge& edge : edges)
    out << "  " << quoted(edge.from) << " -> " << quoted(edge.to) << " [label=" << quoted(edge.label) << ", color=" << quoted(edge.colour) << "];\n";
  out << "}\n";
}

void write(const ReachReport& report, std::ostream& out) {
  for (const ReachScope& scope : report.scopes) {
    std::vector<Edge> edges;
    for (const ReachRow& row : scope.rows) edges.push_back({row.from, row.to, connection_text(row.connection), colour(row)});
    for (const net::Changed& change : scope.changes) {
      bool gone = change.kind == net::Changed::Kind::removed;
      std::string label = gone ? "- " + connection_text(change.before)
                          : change.kind == net::Changed::Kind::added ? "+ " + connection_text(change.after)
                                                                     : connection_text(change.before) + " -> " + connection_text(change.after);
      edges.push_back({change.from, change.to, label, gone ? "#59616e" : change.kind == net::Changed::Kind::added ? "#b3261e" : "#b36b00"});
    }
    write(scope, edges, scope.name.empty() ? "reach" : scope.name, out);
  }
}

}  // namespace

void write_reach_dot(const ReachReport& report, std::ostream& out) { write(report, out); }

}  // namespace assay

// Connections as a graph: DOT for Graphviz, and the picture that Graphviz makes of it. The only file that knows
// Graphviz.
#include <graphviz/gvc.h>

#include <map>
#include <ostream>
#include <set>
#include <sstream>

#include "engine/diagnostic.hpp"
#include "reports/reach.hpp"

namespace assay {
namespace {

// More edges than this no picture makes clear, and Graphviz takes minutes for them.
constexpr std::size_t picture_edges = 3000;

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

void write_reach_svg(const ReachReport& report, std::ostream& out) {
  std::size_t edges = 0;
  for (const ReachScope& scope : report.scopes) edges += scope.rows.size() + scope.changes.size();
  std::ostringstream dot;
  if (edges > picture_edges) {
    dot << "digraph { node [shape=plaintext]; " << quoted(std::to_string(edges) + " connections are too many for a picture: narrow them with --from and --to, or take the HTML matrix") << "; }";
  } else if (report.scopes.size() == 1) {
    write(report, dot);
  } else {
    dot << "digraph { node [shape=plaintext]; " << quoted("several scopes: draw them one by one") << "; }";
  }
  GVC_t* context = gvContext();
  Agraph_t* graph = agmemread(dot.str().c_str());
  char* bytes = nullptr;
  unsigned size = 0;
  if (graph && gvLayout(context, graph, "dot") == 0 && gvRenderData(context, graph, "svg", &bytes, &size) == 0) out.write(bytes, size);
  if (bytes) gvFreeRenderData(bytes);
  if (graph) {
    gvFreeLayout(context, graph);
    agclose(graph);
  }
  gvFreeContext(context);
}

}  // namespace assay

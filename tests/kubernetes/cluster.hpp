// A small cluster from manifests, and its graph as text that tests compare.
#pragma once

#include <algorithm>
#include <deque>
#include <set>
#include <string>
#include <vector>

#include "parsers/kubernetes/adapter.hpp"
#include "parsers/yaml/yaml.hpp"

namespace assay::kubernetes::test {

struct Cluster {
  Sources sources;
  std::deque<ParsedFile> files;
  Arena arena;
  Graph graph;
  Diagnostics diagnostics;

  Cluster() = default;
  explicit Cluster(const std::string& manifest, bool implied = false) {
    add_file("a.yaml", manifest);
    build(implied);
  }

  void add_file(std::string name, std::string bytes) {
    files.push_back(yaml::parse(sources.add(std::move(name), std::move(bytes)), ParseLimits(), diagnostics));
  }

  void build(bool implied = false) {
    const ScopeId scope = graph.add_scope({0, ".", "", {}});
    std::set<std::string, std::less<>> cluster_scoped;
    for (const ParsedFile& file : files)
      for (std::string& type : cluster_scoped_types(file)) cluster_scoped.insert(std::move(type));
    for (const ParsedFile& file : files)
      for (Object& object : objects(file, [&](std::string_view type) { return cluster_scoped.contains(type); }, arena, diagnostics))
        add(graph, scope, std::move(object), Evidence::declared);
    if (implied) add_implied(graph);
    graph.order(sources);
    add_edges(graph);
    graph.freeze();
  }

  std::vector<std::string> addresses() const {
    std::vector<std::string> result;
    for (const Resource& resource : graph.resources()) result.push_back(resource.address);
    return result;
  }

  // "k8s:Service/default/a selects k8s:apps/Deployment/default/b", sorted; dangling ones with "absent TYPE NAME".
  std::vector<std::string> edges(std::initializer_list<EdgeKind> kinds = {}) const {
    std::vector<std::string> result;
    for (const Edge& edge : graph.edges()) {
      if (kinds.size() > 0 && std::find(kinds.begin(), kinds.end(), edge.kind) == kinds.end()) continue;
      std::string line = graph.resource(edge.from).address + " " + std::string(name_of(edge.kind)) + " ";
      if (edge.to == no_resource)
        line += "absent " + edge.target_type + " " + edge.target_name + (edge.optional ? " (optional)" : "");
      else
        line += graph.resource(edge.to).address;
      result.push_back(std::move(line));
    }
    std::sort(result.begin(), result.end());
    result.erase(std::unique(result.begin(), result.end()), result.end());
    return result;
  }

  std::string text(Value value) const { return std::string(sources.text(value.span())); }
};

using Lines = std::vector<std::string>;

}  // namespace assay::kubernetes::test

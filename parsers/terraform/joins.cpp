#include "parsers/terraform/joins.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace assay::terraform {

namespace {

// Values at `a.b.c` below a value; lists on the way stand for their elements.
void values_at(Value from, std::string_view path, std::vector<Value>& found) {
  if (!from || from.is_null()) return;
  if (from.is_list()) {
    for (const Value item : from.items()) values_at(item, path, found);
    return;
  }
  if (path.empty()) {
    found.push_back(from);
    return;
  }
  const auto dot = std::min(path.find('.'), path.size());
  values_at(from.find(path.substr(0, dot)), path.substr(std::min(dot + 1, path.size())), found);
}

struct Join {
  std::string at;
  std::set<std::string, std::less<>> to;
  std::vector<std::string> by;  // attributes of the other resource that a literal may name
  EdgeKind kind = EdgeKind::references;
  bool reverse = false;         // the edge runs from the other resource to this one
};

std::vector<std::string> texts(Value value) {
  std::vector<std::string> found;
  if (value.is_string()) found.emplace_back(value.as_string());
  for (const Value item : value.items()) found.emplace_back(item.as_string());
  return found;
}

// Lists of lists of joins stand for their elements, so that types can share theirs through anchors.
void read_joins(Value list, std::vector<Join>& joins) {
  for (const Value item : list.items()) {
    if (item.is_list()) {
      read_joins(item, joins);
      continue;
    }
    const auto kind = edge_kind(item.find("edge").as_string());
    if (!kind) continue;
    Join join{std::string(item.find("at").as_string()), {}, texts(item.find("by")), *kind, item.find("reverse").as_bool()};
    for (std::string& type : texts(item.find("to"))) join.to.insert(std::move(type));
    joins.push_back(std::move(join));
  }
}

bool same_place(Value value, Value reason) {
  if (value == reason) return true;
  const Span outer = located(value).span, inner = located(reason).span;
  return outer && inner && outer.source == inner.source && inner.begin >= outer.begin && inner.end <= outer.end;
}

struct Joiner {
  Graph& graph;
  std::map<ResourceId, std::vector<std::pair<ResourceId, Value>>> references;
  // scope, type, attribute, text -> resources
  std::map<std::tuple<ScopeId, std::string_view, std::string_view, std::string_view>, std::vector<ResourceId>> named;
  std::set<std::pair<std::string_view, std::string_view>> indexed;

  void index(const Join& join) {
    for (const std::string& type : join.to) {
      for (const std::string& attribute : join.by) {
        if (!indexed.emplace(type, attribute).second) continue;
        for (const ResourceId id : graph.of_type(type)) {
          const Resource& resource = graph.resource(id);
          const Value value = resource.value.find(attribute);
          if (value.is_string() && !value.as_string().empty())
            named[{resource.scope, type, attribute, value.as_string()}].push_back(id);
        }
      }
    }
  }

  void add(const Join& join, ResourceId here, ResourceId there, Value reason) {
    if (here == there) return;
    Edge edge;
    edge.from = join.reverse ? there : here;
    edge.to = join.reverse ? here : there;
    edge.kind = join.kind;
    edge.reason = reason;
    graph.add(std::move(edge));
  }

  void join(const Join& join, const Resource& resource) {
    std::vector<Value> values;
    values_at(resource.value, join.at, values);
    const auto references_of = references.find(resource.id);
    for (const Value value : values) {
      bool met = false;
      if (references_of != references.end()) {
        for (const auto& [to, reason] : references_of->second) {
          if (!join.to.contains(graph.resource(to).type) || !same_place(value, reason)) continue;
          add(join, resource.id, to, reason);
          met = true;
        }
      }
      if (met || !value.is_string()) continue;
      for (const std::string& type : join.to) {
        for (const std::string& attribute : join.by) {
          const auto found = named.find({resource.scope, type, attribute, value.as_string()});
          if (found == named.end()) continue;
          for (const ResourceId id : found->second) add(join, resource.id, id, value);
        }
      }
    }
  }
};

}  // namespace

void add_joins(Graph& graph, Value table) {
  if (!table) return;
  Joiner joiner{graph, {}, {}, {}};
  for (const Edge& edge : graph.edges())
    if (edge.kind == EdgeKind::references && edge.to != no_resource) joiner.references[edge.from].emplace_back(edge.to, edge.reason);
  std::map<std::string_view, std::vector<Join>> joins;
  for (const std::string_view type : graph.types()) {
    std::vector<Join>& own = joins[type];
    read_joins(table.find(type), own);
    for (const Join& join : own) joiner.index(join);
  }
  for (const auto& [type, own] : joins)
    for (const Join& join : own)
      for (const ResourceId id : graph.of_type(type)) joiner.join(join, graph.resource(id));
}

}  // namespace assay::terraform

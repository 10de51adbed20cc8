#include "parsers/kubernetes/edges.hpp"

#include <algorithm>

#include "parsers/kubernetes/adapter.hpp"
#include "parsers/kubernetes/kinds.hpp"

namespace assay::kubernetes {
namespace {

// Of several objects at one address each gets the edge, but not without bound: a directory that holds hundreds
// of copies would give the square of that number.
constexpr std::size_t max_duplicates = 16;

bool is_ours(const Resource& resource) { return resource.type.starts_with("k8s:"); }

void common_edges(Linker& linker, const Resource& resource) {
  const Value metadata = resource.value.find("metadata");
  if (!resource.ns.empty())
    linker.refer_if_present(resource, EdgeKind::in_namespace, "k8s:Namespace", "", resource.ns,
                            metadata.find("namespace"));
  for (const Value owner : metadata.find("ownerReferences").items()) {
    const Value kind = owner.find("kind"), name = owner.find("name"), version = owner.find("apiVersion");
    if (!kind.is_string() || !name.is_string()) continue;
    const std::string type = type_of(version.as_string(), kind.as_string());
    // An owner is in the namespace of what it owns, or cluster-scoped.
    if (linker.arrive(resource, EdgeKind::owns, type, resource.ns, name.as_string(), name)) continue;
    if (!resource.ns.empty() && linker.arrive(resource, EdgeKind::owns, type, "", name.as_string(), name)) continue;
    const bool cluster = scope_of(type) == KindScope::cluster;
    linker.refer(resource, EdgeKind::references, type, cluster ? "" : resource.ns, name, true);
  }
}

}  // namespace

Linker::Linker(Graph& graph) : graph(graph) {
  for (const Resource& resource : graph.resources()) {
    if (!is_ours(resource)) continue;
    std::string ns = resource.type == "k8s:Namespace" ? resource.name : resource.ns;
    const auto [place, added] =
        groups_.try_emplace({resource.scope, std::move(ns)}, static_cast<std::uint32_t>(groups_.size()));
    if (added && !place->first.second.empty()) namespaces_[resource.scope].push_back(place->first.second);
    if (const auto made = workload(resource.type, resource.value))
      pods_.add(place->second, resource.id, pod_labels(*made, resource.name));
  }
  for (auto& [scope, names] : namespaces_) std::sort(names.begin(), names.end());
}

std::uint32_t Linker::group(ScopeId scope, std::string_view ns) const {
  const auto found = groups_.find(std::pair<ScopeId, std::string>(scope, ns));
  return found == groups_.end() ? no_group : found->second;
}

std::span<const ResourceId> Linker::at(ScopeId scope, std::string_view type, std::string_view ns,
                                       std::string_view name) const {
  const auto found = graph.at(scope, address_of(type, ns, name));
  return found.first(std::min(found.size(), max_duplicates));
}

void Linker::link(const Resource& from, ResourceId to, EdgeKind kind, Value reason) {
  Edge edge;
  edge.from = from.id;
  edge.to = to;
  edge.kind = kind;
  edge.reason = reason;
  graph.add(std::move(edge));
}

bool Linker::refer(const Resource& from, EdgeKind kind, std::string_view type, std::string_view ns,
                   std::string_view name, Value reason, bool optional) {
  if (name.empty()) return false;
  if (refer_if_present(from, kind, type, ns, name, reason)) return true;
  Edge edge;
  edge.from = from.id;
  edge.kind = kind;
  edge.reason = reason;
  edge.target_type = type;
  edge.target_name = ns.empty() ? std::string(name) : std::string(ns) + "/" + std::string(name);
  edge.optional = optional;
  graph.add(std::move(edge));
  return false;
}

bool Linker::refer(const Resource& from, EdgeKind kind, std::string_view type, std::string_view ns, Value name,
                   bool optional) {
  return name.is_string() && refer(from, kind, type, ns, name.as_string(), name, optional);
}

bool Linker::refer_if_present(const Resource& from, EdgeKind kind, std::string_view type, std::string_view ns,
                              std::string_view name, Value reason) {
  if (name.empty()) return false;
  const auto found = at(from.scope, type, ns, name);
  for (const ResourceId id : found) link(from, id, kind, reason);
  return !found.empty();
}

bool Linker::arrive(const Resource& to, EdgeKind kind, std::string_view type, std::string_view ns,
                    std::string_view name, Value reason) {
  if (name.empty()) return false;
  const auto found = at(to.scope, type, ns, name);
  for (const ResourceId id : found) link(graph.resource(id), to.id, kind, reason);
  return !found.empty();
}

std::vector<ResourceId> Linker::pods(ScopeId scope, std::string_view ns, const Selector& selector) const {
  const std::uint32_t in = group(scope, ns);
  return in == no_group ? std::vector<ResourceId>() : pods_.find(in, selector);
}

std::vector<ResourceId> Linker::pods(ScopeId scope, const Selector& selector) const {
  std::vector<ResourceId> result;
  for (const std::string& ns : namespaces(scope)) {
    const auto found = pods(scope, ns, selector);
    result.insert(result.end(), found.begin(), found.end());
  }
  return result;
}

std::vector<ResourceId> Linker::labelled(std::string_view type, ScopeId scope, std::string_view ns,
                                         const Selector& selector) {
  auto index = labelled_.find(type);
  if (index == labelled_.end()) {
    index = labelled_.emplace(type, LabelIndex()).first;
    for (const ResourceId id : graph.of_type(type)) {
      const Resource& resource = graph.resource(id);
      const Labels labels{resource.value.at({"metadata", "labels"}), {}, {}, {}};
      index->second.add(group(resource.scope, resource.ns), id, labels);
    }
  }
  const std::uint32_t in = group(scope, ns);
  return in == no_group ? std::vector<ResourceId>() : index->second.find(in, selector);
}

const std::vector<std::string>& Linker::namespaces(ScopeId scope) const {
  static const std::vector<std::string> none;
  const auto found = namespaces_.find(scope);
  return found == namespaces_.end() ? none : found->second;
}

std::vector<std::string> Linker::namespaces(ScopeId scope, const Selector& selector) {
  if (!selector.valid()) return {};
  if (selector.empty()) return namespaces(scope);
  std::vector<std::string> result;
  for (const std::string& ns : namespaces(scope)) {
    const auto objects = at(scope, "k8s:Namespace", "", ns);
    Labels labels{objects.empty() ? Value() : graph.resource(objects[0]).value.at({"metadata", "labels"}), {}, {}, ns};
    if (selector.matches(labels)) result.push_back(ns);
  }
  return result;
}

const std::vector<ResourceId>& Linker::service_entries(ScopeId scope, std::string_view host) {
  static const std::vector<ResourceId> none;
  if (!service_entries_made_) {
    service_entries_made_ = true;
    for (const ResourceId id : graph.of_type("k8s:networking.istio.io/ServiceEntry"))
      for (const Value name : graph.resource(id).value.at({"spec", "hosts"}).items())
        if (name.is_string()) service_entries_[{graph.resource(id).scope, name.as_string()}].push_back(id);
  }
  const auto found = service_entries_.find({scope, host});
  return found == service_entries_.end() ? none : found->second;
}

std::pair<std::string_view, std::string_view> Linker::service_of_host(std::string_view host, std::string_view ns) {
  const auto dot = host.find('.');
  if (host.empty() || host.find('*') != std::string_view::npos) return {};
  if (dot == std::string_view::npos) return {ns, host};
  const std::string_view name = host.substr(0, dot), rest = host.substr(dot + 1);
  const auto second = rest.find('.');
  if (second == std::string_view::npos) return {};
  const std::string_view domain = rest.substr(second + 1);
  if (domain != "svc" && !domain.starts_with("svc.")) return {};
  return {rest.substr(0, second), name};
}

Value Linker::absent(std::string_view text, Value parent, std::string_view field) {
  const Origin origin{parent, field, {}};
  return graph.arena().computed(graph.arena().string(graph.arena().copy(text), {}), {&origin, 1});
}

void add_edges(Graph& graph) {
  std::unordered_map<std::string_view, std::vector<const EdgeFunction*>> functions;
  for (const auto table : {core_edges(), network_edges(), operator_edges()})
    for (const EdgeFunction& entry : table) functions[entry.type].push_back(&entry);

  Linker linker(graph);
  for (const Resource& resource : graph.resources()) {
    if (!is_ours(resource)) continue;
    common_edges(linker, resource);
    if (const auto made = workload(resource.type, resource.value)) pod_edges(linker, resource, *made);
    const auto found = functions.find(resource.type);
    if (found == functions.end()) continue;
    for (const EdgeFunction* entry : found->second) entry->function(linker, resource);
  }
}

}  // namespace assay::kubernetes

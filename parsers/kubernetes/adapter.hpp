// Kubernetes objects -> resources and edges. Knows kinds, references and selectors; what a field means
// for an audit is said in rules/views.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/graph.hpp"
#include "parsers/document.hpp"

namespace assay::kubernetes {

// An object of ours: a map with string `apiVersion` and `kind` (lists of objects included).
bool is_object(Value root);

// GROUP/KIND for `k8s:` types: "k8s:Pod", "k8s:apps/Deployment". The group is the apiVersion's without version;
// kinds that moved count as today's (extensions/v1beta1 Deployment is k8s:apps/Deployment).
std::string type_of(std::string_view api_version, std::string_view kind);

// "k8s:Pod" "prod" "api" -> "k8s:Pod/prod/api"; without a namespace "k8s:Node/a".
std::string address_of(std::string_view type, std::string_view ns, std::string_view name);

struct Object {
  Value value;          // one object, lists flattened, null entries hidden (except in custom resources)
  std::string type;     // k8s:apps/Deployment
  std::string address;  // without disambiguation by scope: k8s:apps/Deployment/prod/api
  std::string name, ns;
  std::uint32_t ordinal = 0;  // in its file, from 0
  std::string api_version;    // as written, or what its list gives it
  Span header;
};
// Flattens `List` and `KINDList`, names the nameless, hides nulls. `cluster_scoped` answers for kinds that
// CRDs among the inputs declare; the built-in table is consulted first.
std::vector<Object> objects(const ParsedFile& file, const std::function<bool(std::string_view type)>& cluster_scoped,
                            Arena& arena, Diagnostics& diagnostics);

// Types that the CRDs in a file declare as cluster-scoped.
std::vector<std::string> cluster_scoped_types(const ParsedFile& file);

// Adds an object to the graph.
void add(Graph& graph, ScopeId scope, Object object, Evidence evidence);

// After every `add`, before `Graph::order`: what operators, tools and the cluster itself would create from the
// objects of each scope, as implied resources, unless the object itself is among the inputs.
void add_implied(Graph& graph);

// After `Graph::order`: all edges between Kubernetes resources of the same scope, dangling ones included.
void add_edges(Graph& graph);

}  // namespace assay::kubernetes

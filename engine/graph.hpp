// The graph: resources, the scopes they are deployed in, and typed edges between them.
//
// Parsers fill a `Graph` in two steps: resources, then `order`, which sorts and numbers them for good;
// then edges between those numbers, then `freeze`. After that it is read-only and shared by all workers.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/premise.hpp"
#include "engine/value.hpp"

namespace assay {

using ResourceId = std::uint32_t;
using ScopeId = std::uint32_t;
inline constexpr ResourceId no_resource = 0xffffffffu;

enum class Evidence : std::uint8_t { documented, declared, planned, observed, attested };
std::string_view name_of(Evidence evidence);

enum class EdgeKind : std::uint8_t {
  owns, selects, routes_to, scales, protects, governs, mounts, runs_as, in_namespace, in_subnet,
  in_network, in_region, encrypts_with, replicates_to, backed_up_by, logs_to, references, flows_to,
  realizes, grants,
};
inline constexpr std::size_t edge_kind_count = 20;
std::string_view name_of(EdgeKind kind);  // "routes-to"
std::optional<EdgeKind> edge_kind(std::string_view name);

// Sources that are deployed together. Addresses are unique in a scope; references never leave it.
struct Scope {
  ScopeId id = 0;
  std::string name;         // relative to the git root, "." for the root itself
  std::string environment;  // scopes of one environment may be joined by edges between layers
  // Resource types of which the inputs are known to hold every object ("k8s:Secret"), `*` for all.
  std::vector<std::string> closed_world;
};

struct Resource {
  ResourceId id = no_resource;
  std::string address;        // k8s:apps/Deployment/prod/api
  std::string type;           // k8s:apps/Deployment: without version
  std::string api_version;    // as written: apps/v1; empty where the format has none
  std::string name;
  std::string ns;             // namespace; empty for what has none
  ScopeId scope = 0;
  Evidence evidence = Evidence::declared;
  Value value;                // the whole object; no value for an implied resource without a body
  Span header;                // where to point when nothing better stands: the name, else the first key
  bool context = false;       // loaded with --context: seen by rules, not judged
  bool implied = false;       // an operator or a tool would create it (premises say which)
  bool auxiliary = false;     // stands around resources (a provider, a module call): counts only where a rule judged it
  std::vector<Premise> premises;  // what its existence or form rests on
  std::vector<std::pair<Span, std::string>> way;  // how it comes to exist, for traces: the calls of its module, innermost first
};

struct Edge {
  ResourceId from = no_resource;
  ResourceId to = no_resource;  // no_resource: dangling
  EdgeKind kind = EdgeKind::references;
  Value reason;                 // the value that says so: the reference, the selector …
  std::string target_type;      // of a dangling edge: what was referred to
  std::string target_name;      // "namespace/name" or "name"
  bool optional = false;        // the reference itself says that the target may be missing
};

class Graph {
 public:
  Graph();

  ScopeId add_scope(Scope scope);
  Resource& add(Resource resource);  // the reference stays valid
  void add(Edge edge);
  void mark_context(ResourceId id) { resources_[id].context = true; }  // before `order`
  Arena& arena() { return arena_; }  // for values that adapters compute

  // Sorts resources by (scope name, address, path, place), gives them their ids, indexes types and addresses.
  void order(const Sources& sources);
  // Sorts edges by (from, kind, to), drops equal ones, indexes both directions.
  void freeze();

  const std::deque<Resource>& resources() const { return resources_; }
  const Resource& resource(ResourceId id) const { return resources_[id]; }
  const std::vector<Scope>& scopes() const { return scopes_; }
  const Scope& scope(ScopeId id) const { return scopes_[id]; }
  std::span<const ResourceId> of_type(std::string_view type) const;
  std::vector<std::string_view> types() const;  // sorted
  // All resources with this address in a scope (more than one is a warning, not an error).
  std::span<const ResourceId> at(ScopeId scope, std::string_view address) const;

  // Edges of one kind that leave or arrive, in order. Dangling ones are only in `dangling`.
  std::span<const Edge* const> targets(ResourceId from, EdgeKind kind) const;
  std::span<const Edge* const> sources(ResourceId to, EdgeKind kind) const;
  std::span<const Edge* const> dangling(ResourceId from) const;
  std::span<const Edge> edges() const { return edges_; }

  bool closed_world(ScopeId scope, std::string_view type) const;

 private:
  struct Index;
  std::vector<Scope> scopes_;
  std::deque<Resource> resources_;
  std::vector<Edge> edges_;
  Arena arena_;
  std::shared_ptr<Index> index_;
};

}  // namespace assay

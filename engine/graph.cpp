#include "engine/graph.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace assay {

namespace {
// Ranges of a sorted array by (resource, kind).
struct Ranges {
  std::vector<std::uint32_t> begin;  // index: resource * edge_kind_count + kind; one past the last at the end
};
}  // namespace

struct Graph::Index {
  std::map<std::string, std::vector<ResourceId>, std::less<>> by_type;
  std::unordered_map<std::string, std::vector<ResourceId>> by_address;  // "scope\naddress"
  std::vector<const Edge*> outgoing, incoming, dangling;
  std::vector<std::uint32_t> outgoing_begin, incoming_begin, dangling_begin;
};

Graph::Graph() : index_(std::make_shared<Index>()) {}

ScopeId Graph::add_scope(Scope scope) {
  scope.id = static_cast<ScopeId>(scopes_.size());
  scopes_.push_back(std::move(scope));
  return scopes_.back().id;
}

Resource& Graph::add(Resource resource) {
  resource.id = static_cast<ResourceId>(resources_.size());
  return resources_.emplace_back(std::move(resource));
}

void Graph::add(Edge edge) { edges_.push_back(std::move(edge)); }

namespace {
std::string scoped(ScopeId scope, std::string_view address) {
  std::string key = std::to_string(scope);
  key += '\n';
  key += address;
  return key;
}
}  // namespace

void Graph::order(const Sources& sources) {
  // Sort handles, then move the resources over: they are large.
  std::vector<ResourceId> order(resources_.size());
  for (ResourceId i = 0; i < order.size(); ++i) order[i] = i;
  const auto path = [&](const Resource& r) {
    return r.header ? std::string_view(sources.get(r.header.source).name()) : std::string_view();
  };
  std::stable_sort(order.begin(), order.end(), [&](ResourceId a, ResourceId b) {
    const Resource &x = resources_[a], &y = resources_[b];
    if (x.scope != y.scope) return scopes_[x.scope].name < scopes_[y.scope].name;
    if (const int c = x.address.compare(y.address); c != 0) return c < 0;
    const std::string_view px = path(x), py = path(y);
    if (px != py) return px < py;
    return x.header.begin < y.header.begin;
  });
  std::deque<Resource> sorted;
  for (const ResourceId old : order) {
    sorted.push_back(std::move(resources_[old]));
    sorted.back().id = static_cast<ResourceId>(sorted.size() - 1);
  }
  resources_ = std::move(sorted);
  for (const Resource& resource : resources_) {
    index_->by_type[resource.type].push_back(resource.id);
    index_->by_address[scoped(resource.scope, resource.address)].push_back(resource.id);
  }
}

void Graph::freeze() {
  const auto place = [](const Edge& e) { return e.reason.span(); };
  const auto key = [&](const Edge& e) {
    return std::make_tuple(e.from, e.kind, e.to, std::string_view(e.target_type), std::string_view(e.target_name));
  };
  std::stable_sort(edges_.begin(), edges_.end(), [&](const Edge& a, const Edge& b) {
    if (const auto x = key(a), y = key(b); x != y) return x < y;
    return place(a) < place(b);
  });
  // Equal edges for the same value are one; equal edges from different places stay apart.
  edges_.erase(std::unique(edges_.begin(), edges_.end(),
                           [&](const Edge& a, const Edge& b) { return key(a) == key(b) && place(a) == place(b); }),
               edges_.end());

  Index& index = *index_;
  const std::size_t slots = resources_.size() * edge_kind_count;
  index.outgoing_begin.assign(slots + 1, 0);
  index.incoming_begin.assign(slots + 1, 0);
  index.dangling_begin.assign(resources_.size() + 1, 0);
  const auto slot = [](ResourceId id, EdgeKind kind) { return id * edge_kind_count + static_cast<std::size_t>(kind); };
  for (const Edge& edge : edges_) {
    if (edge.to == no_resource) {
      ++index.dangling_begin[edge.from + 1];
      continue;
    }
    ++index.outgoing_begin[slot(edge.from, edge.kind) + 1];
    ++index.incoming_begin[slot(edge.to, edge.kind) + 1];
  }
  const auto accumulate = [](std::vector<std::uint32_t>& begins) {
    for (std::size_t i = 1; i < begins.size(); ++i) begins[i] += begins[i - 1];
  };
  accumulate(index.outgoing_begin);
  accumulate(index.incoming_begin);
  accumulate(index.dangling_begin);
  index.outgoing.resize(index.outgoing_begin.back());
  index.incoming.resize(index.incoming_begin.back());
  index.dangling.resize(index.dangling_begin.back());
  auto out = index.outgoing_begin, in = index.incoming_begin, dangling = index.dangling_begin;
  for (const Edge& edge : edges_) {
    if (edge.to == no_resource) {
      index.dangling[dangling[edge.from]++] = &edge;
      continue;
    }
    index.outgoing[out[slot(edge.from, edge.kind)]++] = &edge;
    index.incoming[in[slot(edge.to, edge.kind)]++] = &edge;
  }
}

std::span<const ResourceId> Graph::of_type(std::string_view type) const {
  const auto found = index_->by_type.find(type);
  if (found == index_->by_type.end()) return {};
  return found->second;
}

std::vector<std::string_view> Graph::types() const {
  std::vector<std::string_view> types;
  for (const auto& [type, ids] : index_->by_type) types.push_back(type);
  return types;
}

std::span<const ResourceId> Graph::at(ScopeId scope, std::string_view address) const {
  const auto found = index_->by_address.find(scoped(scope, address));
  if (found == index_->by_address.end()) return {};
  return found->second;
}

namespace {
std::span<const Edge* const> range(const std::vector<const Edge*>& edges, const std::vector<std::uint32_t>& begins,
                                   std::size_t slot) {
  if (slot + 1 >= begins.size()) return {};
  return std::span(edges).subspan(begins[slot], begins[slot + 1] - begins[slot]);
}
}  // namespace

std::span<const Edge* const> Graph::targets(ResourceId from, EdgeKind kind) const {
  return range(index_->outgoing, index_->outgoing_begin, from * edge_kind_count + static_cast<std::size_t>(kind));
}
std::span<const Edge* const> Graph::sources(ResourceId to, EdgeKind kind) const {
  return range(index_->incoming, index_->incoming_begin, to * edge_kind_count + static_cast<std::size_t>(kind));
}
std::span<const Edge* const> Graph::dangling(ResourceId from) const {
  return range(index_->dangling, index_->dangling_begin, from);
}

bool Graph::closed_world(ScopeId scope, std::string_view type) const {
  const auto& closed = scopes_[scope].closed_world;
  return std::any_of(closed.begin(), closed.end(), [&](const std::string& t) { return t == "*" || t == type; });
}

}  // namespace assay

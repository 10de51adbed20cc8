#include "parsers/terraform/joins.hpp"

#include <map>
#include <set>

#include "engine/reader.hpp"
#include "parsers/json/json.hpp"

namespace assay::terraform {

namespace {

constexpr std::uint64_t most_document_bytes = 1u << 20;
constexpr std::uint32_t most_document_depth = 64;

Value data_of(const Catalog& catalog, std::string_view name, std::string_view section) {
  const auto found = catalog.data.find(name);
  return found == catalog.data.end() ? Value() : found->second.find(section);
}

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

// --- documents ---

// A copy in the graph's arena. Every part of it came from the text as a whole.
Value adopt(Value value, Value text, Arena& arena) {
  const Origin origin{text, {}, {}};
  const auto from_text = [&](Value made) { return arena.computed(made, {&origin, 1}); };
  if (value.is_map()) {
    std::vector<Entry> entries;
    for (Entry entry : value.entries()) {
      const std::string_view key = arena.copy(entry.key());
      entry.key_data = key.data();
      entry.value = adopt(entry.value, text, arena);
      entries.push_back(entry);
    }
    return from_text(arena.map(entries, {}));
  }
  if (value.is_list()) {
    std::vector<Value> items;
    for (const Value item : value.items()) items.push_back(adopt(item, text, arena));
    return from_text(arena.list(items, {}));
  }
  if (value.is_string()) return from_text(arena.string(arena.copy(value.as_string()), {}));
  if (value.is(Kind::boolean)) return from_text(arena.boolean(value.as_bool(), {}));
  if (value.is(Kind::int64)) return from_text(arena.integer(value.as_int(), {}));
  if (value.is(Kind::float64)) return from_text(arena.floating(value.as_double(), {}));
  if (value.is_null()) return arena.null({});
  return from_text(arena.string(arena.copy(scalar_text(value)), {}));
}

// The value that an encoding function was given, when the text is exactly what it made of it: its parts know
// their own places.
Value encoded_from(Value text, Value document) {
  for (const Origin& origin : text.origins()) {
    if (!origin.value || origin.value.is_string()) continue;
    if (equal(origin.value, document)) return origin.value;
  }
  return {};
}

Value document_of(Value text, Arena& arena) {
  if (!text.is_string() || text.as_string().size() > most_document_bytes) return {};
  const std::string_view content = text.as_string();
  const auto first = content.find_first_not_of(" \t\r\n");
  if (first == content.npos || content[first] != '{') return {};
  Sources scratch;
  Diagnostics unsaid;
  ParseLimits limits;
  limits.depth = most_document_depth;
  const ParsedFile file = json::parse(scratch.add("document", std::string(content)), limits, unsaid);
  if (unsaid.errors() != 0 || file.documents.size() != 1) return {};
  const Value root = file.documents[0].root;
  if (!root.is_map()) return {};
  if (const Value original = encoded_from(text, root)) return original;
  return adopt(root, text, arena);
}

// `value` with what stands at `path` replaced; shares everything else.
Value with_documents(Value value, std::string_view path, Arena& arena) {
  if (value.is_list()) {
    std::vector<Value> items;
    bool changed = false;
    for (const Value item : value.items()) {
      items.push_back(with_documents(item, path, arena));
      changed = changed || !(items.back() == item);
    }
    if (!changed) return value;
    const Value made = arena.list(items, value.span(), value.kind() == Kind::set);
    return value.origins().empty() ? made : arena.computed(made, value.origins());
  }
  if (path.empty()) {
    const Value document = document_of(value, arena);
    if (!document) return value;
    return value.sensitive() ? arena.sensitive(document) : document;
  }
  if (!value.is_map()) return value;
  const auto dot = std::min(path.find('.'), path.size());
  const std::string_view key = path.substr(0, dot), rest = path.substr(std::min(dot + 1, path.size()));
  std::vector<Entry> entries(value.entries().begin(), value.entries().end());
  bool changed = false;
  for (Entry& entry : entries) {
    if (entry.key() != key) continue;
    const Value replaced = with_documents(entry.value, rest, arena);
    changed = changed || !(replaced == entry.value);
    entry.value = replaced;
  }
  if (!changed) return value;
  const Value made = arena.map(entries, value.span());
  return value.origins().empty() ? made : arena.computed(made, value.origins());
}

// --- joins ---

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

void expand_documents(Graph& graph, const Catalog& catalog) {
  const Value documents = data_of(catalog, "terraform_joins", "documents");
  if (!documents) return;
  for (const Resource& resource : graph.resources()) {
    for (const Value path : documents.find(resource.type).items()) {
      if (!resource.value) continue;
      // The graph hands its resources out as const once they are ordered; this is before.
      auto& value = const_cast<Resource&>(resource).value;
      value = with_documents(value, path.as_string(), graph.arena());
    }
  }
}

void add_joins(Graph& graph, const Catalog& catalog) {
  const Value table = data_of(catalog, "terraform_joins", "joins");
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

#include "parsers/kubernetes/adapter.hpp"

#include <optional>
#include <utility>

#include "parsers/kubernetes/kinds.hpp"

namespace assay::kubernetes {
namespace {

constexpr int max_list_nesting = 16;

struct Flattener {
  const std::function<bool(std::string_view)>& cluster_scoped;
  bool has_nulls;
  Arena& arena;
  Diagnostics& diagnostics;
  std::vector<Object> result;

  // `list_version` and `item_kind` are what a typed list gives to items without their own.
  void visit(Value value, Value list_version, std::string_view item_kind, int depth);
  void object(Value value, std::string_view api_version, std::string_view kind, Span header);
};

// The kind of the items when `kind` is a list's: "" for `List`, "Pod" for `PodList`. Not a list: nothing.
std::optional<std::string_view> list_of(std::string_view api_version, std::string_view kind, Value value) {
  if (kind == "List") return std::string_view();
  if (kind.size() <= 4 || !kind.ends_with("List")) return std::nullopt;
  const std::string_view item = kind.substr(0, kind.size() - 4);
  if (is_builtin(type_of(api_version, item))) return item;
  // A custom kind may end in "List" by chance (`AllowList`): lists have `items` at the top and no `spec`.
  if (!value.find("items") || value.find("spec")) return std::nullopt;
  return item;
}

void Flattener::visit(Value value, Value list_version, std::string_view item_kind, int depth) {
  if (!value.is_map()) return;
  const Value own_version = value.find("apiVersion"), own_kind = value.find("kind");
  const std::string_view api_version = own_version ? own_version.as_string() : list_version.as_string();
  const std::string_view kind = own_kind ? own_kind.as_string() : item_kind;
  if (api_version.empty() || kind.empty()) return;
  if (const auto items_of = list_of(api_version, kind, value)) {
    if (depth == max_list_nesting) {
      diagnostics.error("limit-lists", value.span(),
                        "lists of objects are nested more than 16 deep: flatten them, what is inside was not audited");
      return;
    }
    for (const Value item : value.find("items").items()) {
      if (item.is_map() && (item.find("kind") ? item.find("kind").is_string() : !items_of->empty()))
        visit(item, own_version ? own_version : list_version, *items_of, depth + 1);
      else if (!item.is_null())
        diagnostics.warning("not-an-object", item.span() ? item.span() : value.span(),
                            "this item of a list is not a Kubernetes object: give it `apiVersion` and `kind`");
    }
    return;
  }
  object(value, api_version, kind, own_kind ? own_kind.span() : value.span());
}

void Flattener::object(Value value, std::string_view api_version, std::string_view kind, Span header) {
  Object made;
  made.type = type_of(api_version, kind);
  made.api_version = api_version;
  KindScope scope = scope_of(made.type);
  if (scope == KindScope::client) return;
  if (scope == KindScope::unknown)
    scope = cluster_scoped && cluster_scoped(made.type) ? KindScope::cluster : KindScope::namespaced;
  made.value = has_nulls && is_builtin(made.type) ? without_nulls(value, arena) : value;
  made.ordinal = static_cast<std::uint32_t>(result.size());
  made.header = header ? header : value.span();

  const Value metadata = value.find("metadata");
  const Value name = metadata.find("name");
  const Value generate_name = metadata.find("generateName");
  if (!name.as_string().empty() && name.is_string()) {
    made.name = name.as_string();
    if (name.span()) made.header = name.span();
  } else if (generate_name.is_string() && !generate_name.as_string().empty()) {
    made.name = std::string(generate_name.as_string()) + "*";
    if (generate_name.span()) made.header = generate_name.span();
  } else {
    made.name = "~" + std::to_string(made.ordinal);
  }
  if (scope == KindScope::namespaced) {
    const Value ns = metadata.find("namespace");
    made.ns = ns.is_string() && !ns.as_string().empty() ? std::string(ns.as_string()) : "default";
  }
  made.address = address_of(made.type, made.ns, made.name);
  result.push_back(std::move(made));
}

}  // namespace

bool is_object(Value root) {
  const Value api_version = root.find("apiVersion"), kind = root.find("kind");
  return api_version.is_string() && !api_version.as_string().empty() && kind.is_string() && !kind.as_string().empty();
}

std::string address_of(std::string_view type, std::string_view ns, std::string_view name) {
  std::string address;
  address.reserve(type.size() + ns.size() + name.size() + 2);
  address.append(type).append("/");
  if (!ns.empty()) address.append(ns).append("/");
  return address.append(name);
}

std::vector<Object> objects(const ParsedFile& file, const std::function<bool(std::string_view type)>& cluster_scoped,
                            Arena& arena, Diagnostics& diagnostics) {
  Flattener flattener{cluster_scoped, file.has_nulls, arena, diagnostics, {}};
  for (const Document& document : file.documents)
    if (is_object(document.root)) flattener.visit(document.root, Value(), {}, 0);
  return std::move(flattener.result);
}

std::vector<std::string> cluster_scoped_types(const ParsedFile& file) {
  Arena arena;
  Diagnostics ignored;  // `objects` reports them
  std::vector<std::string> result;
  Flattener flattener{nullptr, false, arena, ignored, {}};
  for (const Document& document : file.documents) {
    if (!is_object(document.root)) continue;
    const std::string_view kind = document.root.find("kind").as_string();
    if (kind == "CustomResourceDefinition" || kind.ends_with("List")) flattener.visit(document.root, Value(), {}, 0);
  }
  for (const Object& object : flattener.result) {
    if (object.type != "k8s:apiextensions.k8s.io/CustomResourceDefinition") continue;
    const Value spec = object.value.find("spec");
    if (spec.find("scope").as_string() != "Cluster") continue;
    const Value group = spec.find("group"), kind = spec.at({"names", "kind"});
    if (group.is_string() && kind.is_string())
      result.push_back(type_of(std::string(group.as_string()) + "/v1", kind.as_string()));
  }
  return result;
}

void add(Graph& graph, ScopeId scope, Object object, Evidence evidence) {
  Resource resource;
  resource.address = std::move(object.address);
  resource.type = std::move(object.type);
  resource.api_version = std::move(object.api_version);
  resource.name = std::move(object.name);
  resource.ns = std::move(object.ns);
  resource.scope = scope;
  resource.evidence = evidence;
  resource.value = object.value;
  resource.header = object.header;
  graph.add(std::move(resource));
}

}  // namespace assay::kubernetes

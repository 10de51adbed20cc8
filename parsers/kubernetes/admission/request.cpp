#include "parsers/kubernetes/admission/request.hpp"

#include <algorithm>

#include "parsers/kubernetes/admission/rule.hpp"
#include "parsers/kubernetes/kinds.hpp"

namespace assay::kubernetes::admission {

namespace {

constexpr std::string_view service_account = "system:serviceaccount:";

// Builds a map of made values.
class Maker {
 public:
  explicit Maker(Arena& arena) : arena_(arena) {}
  Maker& text(std::string_view key, std::string_view value) { return value_(key, arena_.string(arena_.copy(value), {})); }
  Maker& optional(std::string_view key, std::string_view value) { return value.empty() ? *this : text(key, value); }
  Maker& value_(std::string_view key, Value value) {
    entries_.push_back({key.data(), static_cast<std::uint32_t>(key.size()), 0, value});  // keys are literals
    return *this;
  }
  Value done() { return arena_.map(entries_, {}); }

 private:
  Arena& arena_;
  std::vector<Entry> entries_;
};

Value kind_value(const Endpoint& endpoint, Arena& arena) {
  return Maker(arena).text("group", endpoint.group).text("version", endpoint.version).text("kind", endpoint.kind).done();
}
Value resource_value(const Endpoint& endpoint, Arena& arena) {
  return Maker(arena).text("group", endpoint.group).text("version", endpoint.version).text("resource", endpoint.resource).done();
}

Value user_value(const RequestOptions& options, Arena& arena) {
  if (options.user.empty())
    return arena.unknown({"request.userInfo", {}, "who creates the object is not known: `--as USER` says it"}, {});
  Maker user(arena);
  user.text("username", options.user).optional("uid", options.uid);
  const std::vector<std::string> groups = groups_of(options);
  std::vector<Value> items;
  for (const std::string& group : groups) items.push_back(arena.string(arena.copy(group), {}));
  if (!items.empty()) user.value_("groups", arena.list(items, {}));
  std::vector<Entry> extra;
  for (const auto& [key, values] : options.extra) {
    std::vector<Value> texts;
    for (const std::string& value : values) texts.push_back(arena.string(arena.copy(value), {}));
    extra.push_back({arena.copy(key).data(), static_cast<std::uint32_t>(key.size()), 0, arena.list(texts, {})});
  }
  if (!extra.empty()) user.value_("extra", arena.map(extra, {}));
  return user.done();
}

}  // namespace

std::vector<std::string> groups_of(const RequestOptions& options) {
  std::vector<std::string> groups = options.groups;
  const auto add = [&](std::string group) {
    if (std::find(groups.begin(), groups.end(), group) == groups.end()) groups.push_back(std::move(group));
  };
  // As the API server does for whom it impersonates.
  if (options.user.starts_with(service_account)) {
    const std::string rest = options.user.substr(service_account.size());
    if (groups.empty()) {
      add("system:serviceaccounts");
      add("system:serviceaccounts:" + rest.substr(0, rest.find(':')));
    }
  }
  if (options.user != "system:anonymous") add("system:authenticated");
  return groups;
}

std::pair<bool, bool> scope_of_kind(const World& world, std::string_view api_version, std::string_view kind) {
  if (const ServedResource* served = world.schema->served(api_version, kind)) return {served->namespaced, true};
  if (const Value definition = world.definition(group_of(api_version), kind))
    return {definition.at({"spec", "scope"}).as_string() != "Cluster", true};
  return {true, false};
}

Attributes attributes_of(const World& world, const Resource& resource, const Served& served) {
  Attributes request;
  request.endpoint = served.endpoint;
  request.equivalents = served.equivalents;
  const bool named = !resource.name.ends_with('*') && !resource.name.starts_with('~');
  if (named) request.name = resource.name;
  if (served.namespaced) request.ns = resource.ns.empty() ? "default" : resource.ns;
  if (served.endpoint.group.empty() && served.endpoint.resource == "namespaces") request.ns = request.name;
  if (served.namespaced) {
    request.namespace_labels.name = resource.ns;
    if (const Value own = world.find("k8s:Namespace", {}, request.ns)) {
      request.namespace_labels.known = true;
      request.namespace_labels.labels = own.at({"metadata", "labels"});
    } else {
      request.namespace_labels.known = world.closed("k8s:Namespace");
    }
  }
  return request;
}

Value namespace_object(const World& world, const Attributes& request, Arena& arena) {
  const bool is_namespace = request.endpoint.group.empty() && request.endpoint.resource == "namespaces";
  if (request.ns.empty() || is_namespace) return {};
  if (const Value own = world.find("k8s:Namespace", {}, request.ns)) return stored(world, own, "v1", "Namespace", {}, arena);
  if (world.closed("k8s:Namespace")) return {};
  const auto unknown = [&](std::string_view field) {
    const std::string name = "namespaceObject." + std::string(field);
    const std::string reason = "namespace `" + request.ns + "` is not among the inputs";
    return arena.unknown({name, {}, reason}, {});
  };
  const Value metadata = Maker(arena)
                             .text("name", request.ns)
                             .value_("labels", unknown("metadata.labels"))
                             .value_("annotations", unknown("metadata.annotations"))
                             .value_("uid", unknown("metadata.uid"))
                             .value_("creationTimestamp", unknown("metadata.creationTimestamp"))
                             .value_("resourceVersion", unknown("metadata.resourceVersion"))
                             .value_("finalizers", unknown("metadata.finalizers"))
                             .done();
  return Maker(arena).value_("metadata", metadata).value_("spec", unknown("spec")).value_("status", unknown("status")).done();
}

Value request_value(const Attributes& request, const Endpoint& matched, const RequestOptions& options, Arena& arena) {
  Maker options_map(arena);
  options_map.text("kind", request.operation == "UPDATE" ? "UpdateOptions" : "CreateOptions").text("apiVersion", "meta.k8s.io/v1");
  // Which program creates the object, and how it asks.
  for (const std::string_view field : {"fieldManager", "fieldValidation"})
    options_map.value_(field, arena.unknown({"request.options." + std::string(field), {}, {}}, {}));
  if (options.dry_run) {
    const Value all[] = {arena.string("All", {})};
    options_map.value_("dryRun", arena.list(all, {}));
  }
  return Maker(arena)
      .text("uid", "")
      .value_("kind", kind_value(matched, arena))
      .value_("resource", resource_value(matched, arena))
      .value_("requestKind", kind_value(request.endpoint, arena))
      .value_("requestResource", resource_value(request.endpoint, arena))
      .optional("name", request.name)
      .optional("namespace", request.ns)
      .text("operation", request.operation)
      .value_("userInfo", user_value(options, arena))
      .value_("object", arena.null({}))
      .value_("oldObject", arena.null({}))
      .value_("dryRun", arena.boolean(options.dry_run, {}))
      .value_("options", options_map.done())
      .done();
}

}  // namespace assay::kubernetes::admission

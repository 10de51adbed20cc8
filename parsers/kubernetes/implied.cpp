#include "parsers/kubernetes/implied.hpp"

#include <algorithm>
#include <unordered_map>

#include "parsers/kubernetes/adapter.hpp"
#include "parsers/kubernetes/workload.hpp"

namespace assay::kubernetes {
namespace {

std::string key_of(ScopeId scope, std::string_view address) {
  return std::to_string(scope).append("\n").append(address);
}

// The value that stands for the creator in traces: its name, where it has one.
Value stands_for(const Resource& creator) {
  const Value name = creator.value.at({"metadata", "name"});
  return name ? name : creator.value;
}

}  // namespace

Implier::Implier(Graph& graph) : graph_(graph), arena_(graph.arena()) {
  for (const Resource& resource : graph.resources())
    present_.emplace(key_of(resource.scope, resource.address), resource.value);
}

Value Implier::text(std::string_view value) { return arena_.string(arena_.copy(value), {}); }
Value Implier::number(std::int64_t value) { return arena_.integer(value, {}); }
Value Implier::boolean(bool value) { return arena_.boolean(value, {}); }

Value Implier::map(std::span<const Field> fields) {
  std::vector<Entry> entries;
  for (const auto& [key, value] : fields) {
    if (!value) continue;
    const std::string_view kept = arena_.copy(key);
    entries.push_back({kept.data(), static_cast<std::uint32_t>(kept.size()), 0, value});
  }
  return arena_.map(entries, {});
}

Value Implier::list(std::initializer_list<Value> items) { return list(std::span(items.begin(), items.size())); }
Value Implier::list(std::span<const Value> items) {
  std::vector<Value> present;
  std::copy_if(items.begin(), items.end(), std::back_inserter(present), [](Value item) { return bool(item); });
  return arena_.list(present, {});
}

Value Implier::container(std::string_view name, std::span<const ImpliedPort> ports, Value image, Value resources) {
  std::vector<Value> list;
  for (const ImpliedPort& port : ports)
    list.push_back(
        map({{"name", text(port.name)}, {"containerPort", number(port.number)}, {"protocol", text(port.protocol)}}));
  return map({{"name", text(name)},
              {"image", image},
              {"resources", resources},
              {"ports", list.empty() ? Value() : this->list(list)}});
}

Value Implier::unknown(std::string_view name, std::string_view type, std::string_view reason) {
  return arena_.unknown({name, type, reason}, {});
}

Value Implier::merged(std::initializer_list<Value> maps) {
  std::vector<Entry> entries;
  std::unordered_map<std::string_view, std::size_t> places;
  for (const Value map : maps)
    for (const Entry& entry : map.entries()) {
      if (!entry.value.is_string()) continue;
      const auto [place, added] = places.try_emplace(entry.key(), entries.size());
      if (added)
        entries.push_back(entry);
      else
        entries[place->second] = entry;
    }
  return arena_.map(entries, {});
}

Value Implier::find(ScopeId scope, std::string_view type, std::string_view ns, std::string_view name) const {
  const auto found = present_.find(key_of(scope, address_of(type, ns, name)));
  return found == present_.end() ? Value() : found->second;
}

void Implier::create(const Resource& creator, ImpliedObject object, std::string_view by) {
  const Value owner = list({map({{"apiVersion", text(creator.api_version)},
                                 {"kind", creator.value.find("kind")},
                                 {"name", creator.value.at({"metadata", "name"})}})});
  std::string premise(by);
  premise.append(" creates it for `").append(creator.address).append("`");
  add(creator, std::move(object), std::move(premise), owner);
}

void Implier::provide(const Resource& because, ImpliedObject object, std::string_view by) {
  add(because, std::move(object), std::string(by) + " provides it", Value());
}

void Implier::add(const Resource& creator, ImpliedObject object, std::string premise, Value owners) {
  if (object.name.empty()) return;
  Resource resource;
  resource.type = type_of(object.api_version, object.kind);
  resource.address = address_of(resource.type, object.ns, object.name);
  if (graph_.closed_world(creator.scope, resource.type)) return;
  if (!present_.emplace(key_of(creator.scope, resource.address), Value()).second) return;
  const Value metadata = map({{"name", text(object.name)},
                              {"namespace", object.ns.empty() ? Value() : text(object.ns)},
                              {"labels", object.labels},
                              {"annotations", object.annotations},
                              {"ownerReferences", owners}});
  std::vector<Field> fields = {
      {"apiVersion", text(object.api_version)}, {"kind", text(object.kind)}, {"metadata", metadata}};
  fields.insert(fields.end(), object.fields.begin(), object.fields.end());
  const Origin origin{stands_for(creator), {}, "implied by this object"};
  resource.value = arena_.computed(map(fields), {&origin, 1});
  resource.api_version = object.api_version;
  resource.name = std::move(object.name);
  resource.ns = std::move(object.ns);
  resource.scope = creator.scope;
  resource.evidence = creator.evidence;
  resource.header = creator.header;
  resource.context = creator.context;
  resource.implied = true;
  resource.premises = {{std::move(premise), PremiseStatus::assumed}};
  graph_.add(std::move(resource));
}

void add_implied(Graph& graph) {
  std::unordered_map<std::string_view, std::vector<const ImpliedFunction*>> functions;
  for (const auto table : {implied_by_tools(), implied_by_operators(), implied_by_strimzi()})
    for (const ImpliedFunction& entry : table) functions[entry.type].push_back(&entry);

  Implier implier(graph);
  // What operators create names things too, so that they are looked at as well; they create nothing further.
  const std::size_t given = graph.resources().size();
  for (std::size_t i = 0; i < graph.resources().size(); ++i) {
    const Resource& resource = graph.resources()[i];
    if (!resource.type.starts_with("k8s:")) continue;
    implied_by_cluster(implier, resource);
    if (i >= given) continue;
    const auto found = functions.find(resource.type);
    if (found == functions.end()) continue;
    for (const ImpliedFunction* entry : found->second) entry->function(implier, resource);
  }
}

// --- what every cluster has --------------------------------------------------------------------------

namespace {

void service_account(Implier& implier, const Resource& resource, Value pod_spec) {
  std::string_view name = pod_spec.find("serviceAccountName").as_string();
  if (name.empty()) name = pod_spec.find("serviceAccount").as_string();
  if (!name.empty() && name != "default") return;
  implier.provide(resource, {"v1", "ServiceAccount", "default", resource.ns, {}, {}, {}}, "every namespace");
}

void root_certificate(Implier& implier, const Resource& resource, Value source) {
  if (source.find("name").as_string() != "kube-root-ca.crt") return;
  implier.provide(
      resource,
      {"v1",
       "ConfigMap",
       "kube-root-ca.crt",
       resource.ns,
       {},
       {},
       {{"data", implier.unknown("data", "map<string, string>", "the cluster's own certificate authority")}}},
      "every namespace");
}

void built_in_role(Implier& implier, const Resource& binding) {
  const Value role = binding.value.find("roleRef");
  const std::string_view name = role.find("name").as_string();
  const bool cluster = role.find("kind").as_string() == "ClusterRole";
  const bool known = name.starts_with("system:") ||
                     (cluster && (name == "cluster-admin" || name == "admin" || name == "edit" || name == "view")) ||
                     (!cluster && binding.ns == "kube-system" && name == "extension-apiserver-authentication-reader");
  if (!known || (!cluster && role.find("kind").as_string() != "Role")) return;
  const Value every = implier.list({implier.text("*")});
  const Value rules = name == "cluster-admin"
                          ? implier.list({implier.map({{"apiGroups", every}, {"resources", every}, {"verbs", every}}),
                                          implier.map({{"nonResourceURLs", every}, {"verbs", every}})})
                          : implier.unknown("rules", "list<dyn>", "rights of a built-in role");
  const Value labels = implier.map({{"kubernetes.io/bootstrapping", implier.text("rbac-defaults")}});
  implier.provide(binding,
                  {"rbac.authorization.k8s.io/v1",
                   cluster ? "ClusterRole" : "Role",
                   std::string(name),
                   cluster ? std::string() : binding.ns,
                   labels,
                   {},
                   {{"rules", rules}}},
                  assumed::kubernetes);
}

void priority_class(Implier& implier, const Resource& resource, Value pod_spec) {
  const std::string_view name = pod_spec.find("priorityClassName").as_string();
  const bool node = name == "system-node-critical";
  if (!node && name != "system-cluster-critical") return;
  implier.provide(
      resource,
      {"scheduling.k8s.io/v1",
       "PriorityClass",
       std::string(name),
       "",
       {},
       {},
       {{"value", implier.number(node ? 2000001000 : 2000000000)}, {"globalDefault", implier.boolean(false)}}},
      assumed::kubernetes);
}

}  // namespace

void implied_by_cluster(Implier& implier, const Resource& resource) {
  if (const auto made = workload(resource.type, resource.value)) {
    const Value spec = made->spec;
    if (!spec.is_map()) return;
    service_account(implier, resource, spec);
    priority_class(implier, resource, spec);
    for (const Value volume : spec.find("volumes").items()) {
      root_certificate(implier, resource, volume.find("configMap"));
      for (const Value source : volume.at({"projected", "sources"}).items())
        root_certificate(implier, resource, source.find("configMap"));
    }
  } else if (resource.type.ends_with("RoleBinding")) {
    built_in_role(implier, resource);
  }
}

}  // namespace assay::kubernetes

#include <algorithm>
#include <cctype>
#include <tuple>

#include "parsers/kubernetes/admission/object.hpp"
#include "parsers/kubernetes/admission/request.hpp"
#include "parsers/kubernetes/kinds.hpp"

namespace assay::kubernetes::admission {

bool World::reaches(ScopeId other) const {
  if (other == scope) return true;
  // What lies in no environment of its own is deployed beside every other.
  const std::string &here = graph->scope(scope).environment, &there = graph->scope(other).environment;
  return here == there || there.empty();
}

bool World::closed(std::string_view type) const { return graph->closed_world(scope, type); }

std::vector<Value> World::all(std::string_view type, std::string_view ns) const {
  struct Found {
    std::string_view ns, name;
    Value value;
  };
  std::vector<Found> found;
  const auto add = [&](std::string_view in, std::string_view name, Value value) {
    if (!value || (!ns.empty() && in != ns)) return;
    const bool known = std::any_of(found.begin(), found.end(), [&](const Found& f) { return f.ns == in && f.name == name; });
    if (!known) found.push_back({in, name, value});
  };
  for (const bool own : {true, false})
    for (const ResourceId id : graph->of_type(type)) {
      const Resource& resource = graph->resource(id);
      if ((resource.scope == scope) == own && reaches(resource.scope)) add(resource.ns, resource.name, resource.value);
    }
  for (const BesideObject& object : *beside)
    if (object.type == type) add(object.ns, object.name, object.value);
  std::stable_sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return std::tie(a.ns, a.name) < std::tie(b.ns, b.name); });
  std::vector<Value> values;
  for (const Found& one : found) values.push_back(one.value);
  return values;
}

Value World::definition(std::string_view group, std::string_view kind) const {
  for (const Value one : all(custom_resource_definition, {})) {
    const Value spec = one.find("spec");
    if (spec.find("group").as_string() == group && spec.at({"names", "kind"}).as_string() == kind) return one;
  }
  return {};
}

Value World::find(std::string_view type, std::string_view ns, std::string_view name) const {
  for (const bool own : {true, false})
    for (const ResourceId id : graph->of_type(type)) {
      const Resource& resource = graph->resource(id);
      if ((resource.scope == scope) == own && resource.name == name && resource.ns == ns && resource.value && reaches(resource.scope))
        return resource.value;
    }
  for (const BesideObject& object : *beside)
    if (object.type == type && object.name == name && object.ns == ns) return object.value;
  return {};
}

namespace {

std::string_view version_of(std::string_view api_version) {
  const std::size_t slash = api_version.find('/');
  return slash == std::string_view::npos ? api_version : api_version.substr(slash + 1);
}

// meta.UnsafeGuessKindToResource.
std::string guessed_resource(std::string_view kind) {
  std::string name(kind);
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (name.empty()) return name;
  if (name == "endpoints") return name;
  if (name.back() == 's' || name.back() == 'x' || name.ends_with("ch") || name.ends_with("sh")) return name + "es";
  if (name.back() == 'y') return name.substr(0, name.size() - 1) + "ies";
  return name + "s";
}

bool stable(std::string_view version) { return version.find("alpha") == std::string_view::npos && version.find("beta") == std::string_view::npos; }

// Versions that were moved without a change of their fields: what stands there is read as today's.
bool same_fields(std::string_view api_version, std::string_view kind) {
  struct Moved {
    std::string_view api_version, kind;  // empty: every kind
  };
  static constexpr Moved moved[] = {
      {"apps/v1beta1", "Deployment"}, {"apps/v1beta1", "StatefulSet"}, {"apps/v1beta2", ""}, {"extensions/v1beta1", "Deployment"},
      {"extensions/v1beta1", "DaemonSet"}, {"extensions/v1beta1", "ReplicaSet"}, {"extensions/v1beta1", "NetworkPolicy"},
      {"batch/v1beta1", "CronJob"}, {"policy/v1beta1", "PodDisruptionBudget"}, {"autoscaling/v2beta2", "HorizontalPodAutoscaler"},
      {"rbac.authorization.k8s.io/v1beta1", ""}, {"rbac.authorization.k8s.io/v1alpha1", ""}, {"storage.k8s.io/v1beta1", ""},
      {"scheduling.k8s.io/v1beta1", "PriorityClass"}, {"coordination.k8s.io/v1beta1", "Lease"}, {"networking.k8s.io/v1beta1", "IngressClass"},
      {"node.k8s.io/v1beta1", "RuntimeClass"},
  };
  return std::any_of(std::begin(moved), std::end(moved), [&](const Moved& one) {
    return one.api_version == api_version && (one.kind.empty() || one.kind == kind);
  });
}

Endpoint endpoint_of(const ServedResource& served) {
  return {std::string(served.group), std::string(served.version), std::string(served.kind), std::string(served.resource)};
}

// A custom resource's definition: every served version is an endpoint.
bool serve_custom(const World& world, std::string_view group, std::string_view version, std::string_view kind, Served& served) {
  if (const Value definition = world.definition(group, kind)) {
    const Value spec = definition.find("spec");
    served.namespaced = spec.find("scope").as_string() != "Cluster";
    served.endpoint = {std::string(group), std::string(version), std::string(kind), std::string(spec.at({"names", "plural"}).as_string())};
    for (const Value one : spec.find("versions").items())
      if (one.find("served").as_bool())
        served.equivalents.push_back({std::string(group), std::string(one.find("name").as_string()), std::string(kind), served.endpoint.resource});
    return true;
  }
  return false;
}

}  // namespace

Served serve(const World& world, const Resource& resource) {
  const Schema& schema = *world.schema;
  const std::string_view rest = std::string_view(resource.type).substr(std::min<std::size_t>(4, resource.type.size()));  // behind "k8s:"
  const std::size_t slash = rest.rfind('/');
  const std::string_view kind = slash == std::string_view::npos ? rest : rest.substr(slash + 1);
  const std::string_view group = group_of(resource.api_version), version = version_of(resource.api_version);
  Served served;
  const ServedResource* found = schema.served(resource.api_version, kind);
  if (!found) {
    // A version, or a group, that is not served any more.
    const std::string_view today = slash == std::string_view::npos ? std::string_view() : rest.substr(0, slash);
    for (const ServedResource* one : schema.versions(today, kind))
      if (!found || (stable(one->version) && (!stable(found->version) || one->version > found->version))) found = one;
    if (found && !same_fields(resource.api_version, kind))
      served.unsupported = "`" + resource.api_version + "` is not served by Kubernetes 1.36, and its fields were others";
  }
  if (found) {
    served.endpoint = endpoint_of(*found);
    served.namespaced = found->namespaced;
    for (const ServedResource* one : schema.versions(found->group, kind))
      if (stable(one->version)) served.equivalents.push_back(endpoint_of(*one));
    if (kind == "Event")
      for (const ServedResource* one : schema.versions(found->group.empty() ? "events.k8s.io" : "", kind))
        if (stable(one->version)) served.equivalents.push_back(endpoint_of(*one));
    return served;
  }
  if (serve_custom(world, group, version, kind, served)) return served;
  served.endpoint = {std::string(group), std::string(version), std::string(kind), guessed_resource(kind)};
  served.namespaced = !resource.ns.empty();
  served.guessed = true;
  return served;
}

}  // namespace assay::kubernetes::admission

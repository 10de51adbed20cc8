#include "parsers/kubernetes/admission/object.hpp"

#include <algorithm>
#include <map>
#include <mutex>

#include "parsers/kubernetes/admission/defaults.hpp"
#include "parsers/kubernetes/admission/draft.hpp"
#include "parsers/kubernetes/crd/prepare.hpp"
#include "parsers/kubernetes/crd/schema.hpp"
#include "parsers/kubernetes/kinds.hpp"

namespace assay::kubernetes::admission {

namespace {

constexpr std::string_view made_up = "the API server makes it up";

// What the server itself writes into the metadata of an object that is created, or that it holds.
void system_metadata(Drafts& drafts, Draft* object, std::string_view ns, bool namespaced, bool is_stored) {
  Draft* metadata = drafts.map_at(object, "metadata");
  for (const std::string_view gone : {"selfLink", "deletionTimestamp", "deletionGracePeriodSeconds", "resourceVersion", "managedFields"})
    drafts.erase(metadata, gone);
  if (lacks(metadata, "name") && !lacks(metadata, "generateName"))
    drafts.set(metadata, "name", drafts.unknown("metadata.name", made_up));
  if (!namespaced) drafts.erase(metadata, "namespace");
  else if (lacks(metadata, "namespace")) drafts.set(metadata, "namespace", drafts.text(ns));
  drafts.set(metadata, "uid", drafts.unknown("metadata.uid", made_up));
  drafts.set(metadata, "creationTimestamp", drafts.unknown("metadata.creationTimestamp", made_up));
  drafts.set(metadata, "managedFields", drafts.unknown("metadata.managedFields", made_up));
  if (is_stored) drafts.set(metadata, "resourceVersion", drafts.unknown("metadata.resourceVersion", made_up));
}

// An object of a kind that is not built in: pruned and with defaults as its definition says; without one it
// stands as it is written. Null: too large.
Draft* read_custom(Drafts& drafts, Value value, std::string_view api_version, std::string_view kind, const World& world,
                   std::vector<Premise>* premises) {
  const Schema& schema = *world.schema;
  if (const Value definition = world.definition(group_of(api_version), kind)) {
    const auto [own, has_status] = world.custom->of(definition, api_version.substr(std::min(api_version.find('/') + 1, api_version.size())));
    if (own) {
      const crd::Prepared prepared = crd::prepare(value, *own, has_status, drafts.arena());
      if (prepared.too_large) return nullptr;
      value = prepared.value;
    }
  } else if (premises) {
    premises->push_back({"the definition of `" + std::string(kind) + "`, which is not among the inputs, has no defaults", PremiseStatus::assumed});
  }
  Draft* object = drafts.map();
  object->from = value;
  for (const Entry& entry : value.entries()) {
    Draft* child = entry.key() == "metadata" ? drafts.read(entry.value, schema.type("meta.v1.ObjectMeta")) : drafts.leaf(entry.value);
    if (!child) return nullptr;
    if (entry.key() != "metadata") child->from = entry.value;
    drafts.set(object, entry.key(), child);
  }
  drafts.set(drafts.map_at(object, "metadata"), "generation", drafts.integer(1));
  return object;
}

Value unknown_object(std::string_view reason, Arena& arena) { return arena.unknown({"object", {}, reason}, {}); }

void set_kind(Drafts& drafts, Draft* object, std::string_view api_version, std::string_view kind) {
  if (object->text("apiVersion") != api_version) drafts.set(object, "apiVersion", drafts.text(api_version));
  if (object->text("kind") != kind) drafts.set(object, "kind", drafts.text(kind));
}

// A HorizontalPodAutoscaler in the other of its two versions, as far as both can say the same.
bool convert_autoscaler(Drafts& drafts, Draft* object, std::string_view to, const Schema& schema) {
  Draft* spec = object->get("spec");
  if (!spec || !spec->is_map()) return false;
  object->type = schema.type_of(to, "HorizontalPodAutoscaler");
  if (to == "autoscaling/v2") {
    Draft* metric = drafts.map();
    const Draft* percentage = spec->get("targetCPUUtilizationPercentage");
    if (percentage) {
      drafts.append(drafts.set(spec, "metrics", drafts.list()), metric);
      drafts.set(metric, "type", drafts.text("Resource"));
      Draft* resource = drafts.set(metric, "resource", drafts.map());
      drafts.set(resource, "name", drafts.text("cpu"));
      Draft* target = drafts.set(resource, "target", drafts.map());
      drafts.set(target, "type", drafts.text("Utilization"));
      drafts.set(target, "averageUtilization", drafts.copy(percentage));
      drafts.erase(spec, "targetCPUUtilizationPercentage");
    }
    spec->type = schema.type("autoscaling.v2.HorizontalPodAutoscalerSpec");
    return true;
  }
  const Draft* metrics = spec->get("metrics");
  bool more = spec->get("behavior") != nullptr;
  if (metrics) {
    for (const Draft* metric : metrics->items) {
      const Draft* resource = metric->get("resource");
      const Draft* target = resource ? resource->get("target") : nullptr;
      const Draft* utilization = target ? target->get("averageUtilization") : nullptr;
      if (metric->text("type") == "Resource" && resource && resource->text("name") == "cpu" && utilization)
        drafts.set(spec, "targetCPUUtilizationPercentage", drafts.copy(utilization));
      else
        more = true;
    }
  }
  drafts.erase(spec, "metrics");
  drafts.erase(spec, "behavior");
  spec->type = schema.type("autoscaling.v1.HorizontalPodAutoscalerSpec");
  // The rest goes into annotations, as text whose form is the server's own.
  if (more) drafts.set(drafts.map_at(object, "metadata"), "annotations", drafts.unknown("metadata.annotations", "metrics are written into them"));
  return true;
}

}  // namespace

struct CustomSchemas::Trees {
  struct One {
    crd::SchemaTree tree;
    Version version;
  };
  std::mutex mutex;
  std::map<const void*, One> by_schema;
};

CustomSchemas::CustomSchemas() : trees_(std::make_unique<Trees>()) {}
CustomSchemas::~CustomSchemas() = default;

CustomSchemas::Version CustomSchemas::of(Value definition, std::string_view version) const {
  for (const Value one : definition.at({"spec", "versions"}).items()) {
    if (one.find("name").as_string() != version) continue;
    const Value schema = one.at({"schema", "openAPIV3Schema"});
    if (!schema) break;
    const std::lock_guard lock(trees_->mutex);
    const auto [at, fresh] = trees_->by_schema.try_emplace(one.id());
    if (fresh) {
      Diagnostics said_elsewhere;  // the definition's own rule reports its mistakes
      at->second.version.schema = at->second.tree.read(schema, said_elsewhere);
      if (at->second.tree.mistakes() != 0) at->second.version.schema = nullptr;
      at->second.version.has_status = static_cast<bool>(one.at({"subresources"}).find("status"));
    }
    return at->second.version;
  }
  return {};
}

Admitted admit(const World& world, const Resource& resource, const Served& served, const Endpoint& target, Arena& arena) {
  Admitted admitted;
  if (!served.unsupported.empty()) {
    admitted.object = unknown_object(served.unsupported, arena);
    return admitted;
  }
  const std::string asked = served.endpoint.api_version(), wanted = target.api_version();
  Drafts drafts(arena);
  const ObjectType* type = world.schema->type_of(asked, served.endpoint.kind);
  Draft* object = type ? drafts.read(resource.value, type)
                       : read_custom(drafts, resource.value, asked, served.endpoint.kind, world, &admitted.premises);
  if (!object || !object->is_map()) {
    admitted.object = unknown_object("it is too large", arena);
    return admitted;
  }
  const std::string_view ns = resource.ns.empty() && served.namespaced ? std::string_view("default") : std::string_view(resource.ns);
  apply_defaults(drafts, object);
  system_metadata(drafts, object, ns, served.namespaced, false);
  apply_plugins(drafts, object, world, ns, admitted.premises);
  prepare_for_create(drafts, object);
  const std::string_view strategy = type ? std::string_view() : world.definition(target.group, target.kind).at({"spec", "conversion", "strategy"}).as_string();
  if (wanted != asked && strategy == "Webhook") {
    admitted.object = unknown_object("a webhook converts it", arena);
    return admitted;
  }
  if (wanted != asked && type) {
    const bool known = served.endpoint.kind == "HorizontalPodAutoscaler" && convert_autoscaler(drafts, object, wanted, *world.schema);
    if (!known) {
      admitted.object = unknown_object(arena.copy("how the API server converts it from `" + asked + "` to `" + wanted + "` is not known to assay"), arena);
      return admitted;
    }
  }
  set_kind(drafts, object, arena.copy(wanted), arena.copy(target.kind));
  admitted.object = drafts.finish(object);
  if (drafts.failed()) admitted.object = unknown_object("it is too large", arena);
  return admitted;
}

Value stored(const World& world, Value value, std::string_view api_version, std::string_view kind, std::string_view ns, Arena& arena) {
  Drafts drafts(arena);
  const ObjectType* type = world.schema->type_of(api_version, kind);
  Draft* object = type ? drafts.read(value, type) : read_custom(drafts, value, api_version, kind, world, nullptr);
  if (!object || !object->is_map()) return unknown_object("it is too large", arena);
  apply_defaults(drafts, object);
  system_metadata(drafts, object, ns, !ns.empty(), true);
  std::vector<Premise> premises;
  apply_plugins(drafts, object, world, ns, premises);
  prepare_for_create(drafts, object);
  set_kind(drafts, object, api_version, kind);
  return drafts.finish(object);
}

}  // namespace assay::kubernetes::admission

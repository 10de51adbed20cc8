// How the resources of a root hang together. A value that came from a resource's attribute, through whatever
// variables, outputs and expressions, is an edge to that resource; the attribute that holds it says of what
// kind (rules/data/terraform-*.yaml). Literal texts that name a resource count too.
#include <algorithm>
#include <tuple>
#include <unordered_set>

#include "parsers/terraform/adapter.hpp"

namespace assay::terraform {

namespace {

constexpr std::size_t most_steps = 20'000;  // values that are looked at for one resource
constexpr std::size_t most_static = 64;     // instances that an expression without a literal index stands for

class Linker {
 public:
  Linker(Graph& graph, ScopeId scope, Evaluation& evaluation, const Schema& schema)
      : graph_(graph), scope_(scope), evaluation_(evaluation), schema_(schema) {}

  void all() {
    index_names();
    for (const ResourceInstance& instance : evaluation_.resources()) {
      if (instance.block->mode == Mode::ephemeral) continue;
      const ResourceId from = id_of(instance.address);
      if (from == no_resource) continue;
      steps_ = 0;
      seen_.clear();
      linked_.clear();
      for (const Field& field : instance.fields) walk(from, instance, field.name, field.value.value);
      written(from, instance, instance.block->items);
      if (instance.provider) {
        const ResourceId provider = id_of(instance.provider->address);
        Value reason;
        for (const auto& [name, value] : instance.provider->attributes)
          if (name == "region") reason = value.value;
        if (provider != no_resource) graph_.add(edge(from, provider, EdgeKind::in_region, reason));
      }
      if (!instance.module->address.empty())
        if (const ResourceId module = id_of(instance.module->address); module != no_resource)
          graph_.add(edge(module, from, EdgeKind::owns, {}));
    }
    for (const ModuleInstance& module : evaluation_.modules()) {
      if (!module.call) continue;
      const ResourceId from = id_of(module.address);
      if (from == no_resource) continue;
      if (module.parent->call)
        if (const ResourceId parent = id_of(module.parent->address); parent != no_resource) graph_.add(edge(parent, from, EdgeKind::owns, {}));
      for (const auto& [name, instances] : module.provider_instances)
        for (const auto& [key, provider] : instances)
          if (const ResourceId to = id_of(provider->address); to != no_resource) graph_.add(edge(from, to, EdgeKind::in_region, {}));
    }
  }

 private:
  static Edge edge(ResourceId from, ResourceId to, EdgeKind kind, Value reason) {
    Edge made;
    made.from = from;
    made.to = to;
    made.kind = kind;
    made.reason = reason;
    return made;
  }

  ResourceId id_of(const std::string& address) const {
    const auto found = graph_.at(scope_, address);
    return found.empty() ? no_resource : found[0];
  }

  void link(ResourceId from, const ResourceInstance& instance, std::string_view attribute, ResourceId to, Value reason) {
    if (to == no_resource || to == from) return;
    const Resource& target = graph_.resource(to);
    bool reverse = false;
    const EdgeKind kind = schema_.kind(attribute, instance.block->type, target.type, reverse);
    linked_.insert(to);
    if (!seen_.emplace(to, kind, attribute).second) return;
    graph_.add(edge(from, to, EdgeKind::references, reason));
    if (kind != EdgeKind::references) graph_.add(reverse ? edge(to, from, kind, reason) : edge(from, to, kind, reason));
  }

  // Every value below a field; `attribute` is the innermost key.
  void walk(ResourceId from, const ResourceInstance& instance, std::string_view attribute, Value root) {
    std::vector<std::pair<std::string_view, Value>> pending = {{attribute, root}}, holders;
    while (!pending.empty() && steps_ < most_steps) {
      const auto [name, value] = pending.back();
      pending.pop_back();
      ++steps_;
      // The innermost value is the reason: what holds others comes when they have been looked at.
      if (value.size() > 0) holders.emplace_back(name, value);
      else origins(from, instance, name, value);
      if (const Value structure = evaluation_.structure(value)) pending.emplace_back(name, structure);
      for (const Value item : value.items()) pending.emplace_back(name, item);
      for (const Entry& entry : value.entries()) pending.emplace_back(entry.key(), entry.value);
      if (value.is_string()) named(from, instance, name, value);
    }
    for (auto holder = holders.rbegin(); holder != holders.rend(); ++holder) origins(from, instance, holder->first, holder->second);
  }

  void origins(ResourceId from, const ResourceInstance& instance, std::string_view attribute, Value value) {
    std::vector<Value> pending = {value};
    std::unordered_set<const void*> seen;
    while (!pending.empty() && steps_ < most_steps) {
      const Value at = pending.back();
      pending.pop_back();
      if (!at || !seen.insert(at.id()).second) continue;
      ++steps_;
      if (const ResourceInstance* const target = evaluation_.referred(at)) {
        link(from, instance, attribute, id_of(target->address), value);
        // What a resource was made from is its own affair; a data source only hands on what it was given.
        if (target->block->mode == Mode::managed) continue;
      }
      if (at != value)
        if (const Value structure = evaluation_.structure(at)) walk(from, instance, attribute, structure);
      for (const Origin& origin : at.origins()) pending.push_back(origin.value);
    }
  }

  // The resources that an argument mentions, found once for all instances.
  const std::vector<Use>& uses_of(const Module& module, const hcl::Attribute& attribute) {
    const auto [found, fresh] = uses_.try_emplace(&attribute);
    if (fresh) module.uses(*attribute.value, found->second);
    return found->second;
  }

  // References in arguments of functions that lose what they were made from (`join(",", [aws_x.y.arn])`).
  void written(ResourceId from, const ResourceInstance& instance, std::span<const hcl::Item> first) {
    const Module& module = *instance.module->module;
    std::vector<std::span<const hcl::Item>> pending = {first};
    while (!pending.empty()) {
      const std::span<const hcl::Item> items = pending.back();
      pending.pop_back();
      for (const hcl::Item& item : items) {
        if (item.block) {
          pending.push_back(module.body(*item.block).items);
          continue;
        }
        if (!item.attribute->value) continue;
        for (const Use& use : uses_of(module, *item.attribute)) {
          if (use.kind != Use::Kind::resource) continue;
          const ResourceState& state = instance.module->resource_states[use.index];
          const auto same = std::find_if(state.instances.begin(), state.instances.end(), [&](const ResourceInstance* one) {
            return one->repetition->suffix == instance.repetition->suffix;
          });
          if (state.instances.size() > most_static && same == state.instances.end()) continue;
          const bool any = std::any_of(state.instances.begin(), state.instances.end(), [&](const ResourceInstance* one) { return linked_.contains(id_of(one->address)); });
          if (any) continue;
          Value reason;
          for (const Field& field : instance.fields)
            if (field.name == item.attribute->name) reason = field.value.value;
          if (same != state.instances.end()) {
            link(from, instance, item.attribute->name, id_of((*same)->address), reason);
          } else {
            for (const ResourceInstance* one : state.instances) link(from, instance, item.attribute->name, id_of(one->address), reason);
          }
        }
      }
    }
  }

  // Literal texts: `bucket = "logs"` means the bucket whose name that is.
  void index_names() {
    for (const NameSchema& name : schema_.names) {
      auto& index = names_.emplace_back();
      for (const ResourceInstance& instance : evaluation_.resources()) {
        if (instance.block->mode != Mode::managed || !name.types.contains(instance.block->type)) continue;
        for (const Field& field : instance.fields)
          if (field.value.value.is_string() && std::find(name.by.begin(), name.by.end(), field.name) != name.by.end())
            index.emplace(std::string(field.value.value.as_string()), &instance);
      }
    }
  }

  void named(ResourceId from, const ResourceInstance& instance, std::string_view attribute, Value value) {
    for (std::size_t i = 0; i < schema_.names.size(); ++i) {
      if (!schema_.names[i].attributes.contains(attribute) || schema_.names[i].types.contains(instance.block->type)) continue;
      if (const auto found = names_[i].find(std::string(value.as_string())); found != names_[i].end())
        link(from, instance, attribute, id_of(found->second->address), value);
    }
  }

  Graph& graph_;
  ScopeId scope_;
  Evaluation& evaluation_;
  const Schema& schema_;
  std::size_t steps_ = 0;
  std::set<std::tuple<ResourceId, EdgeKind, std::string_view>> seen_;  // edges of the resource at hand
  std::set<ResourceId> linked_;                                        // and where they lead
  std::unordered_map<const hcl::Attribute*, std::vector<Use>> uses_;
  std::vector<std::unordered_map<std::string, const ResourceInstance*>> names_;  // by NameSchema
};

}  // namespace

void add_edges(Graph& graph, ScopeId scope, Evaluation& evaluation, const Schema& schema) { Linker(graph, scope, evaluation, schema).all(); }

}  // namespace assay::terraform

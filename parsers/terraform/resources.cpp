// From evaluated instances to resources of the graph.
#include <algorithm>

#include "parsers/terraform/adapter.hpp"
#include "parsers/terraform/body.hpp"
#include "parsers/terraform/json_text.hpp"

namespace assay::terraform {

namespace {

class Builder {
 public:
  Builder(Graph& graph, ScopeId scope, Evaluation& evaluation, bool context)
      : graph_(graph), scope_(scope), evaluation_(evaluation), arena_(evaluation.arena), context_(context) {}

  void all() {
    for (ResourceInstance& instance : evaluation_.resources()) resource(instance);
    surroundings();
  }

  void surroundings() {
    for (ProviderInstance& instance : evaluation_.providers()) provider(instance);
    for (ModuleInstance& instance : evaluation_.modules())
      if (instance.call) module(instance);
    backend();
  }

 private:
  void put(std::vector<Entry>& entries, std::string_view key, std::uint32_t begin, Value value) {
    if (value && !value.is_null()) entries.push_back({key.data(), static_cast<std::uint32_t>(key.size()), begin, value});
  }

  Resource made(std::string address, std::string type, std::string_view name, const ModuleInstance& module, Span header) {
    Resource resource;
    resource.address = std::move(address);
    resource.type = std::move(type);
    resource.name = name;
    resource.ns = module.address;
    resource.scope = scope_;
    resource.evidence = Evidence::declared;
    resource.header = header;
    resource.context = context_;
    for (const ModuleInstance* at = &module; at->call; at = at->parent)
      resource.way.push_back({at->call->name_span, "in `" + at->address + "`, which is called here"});
    return resource;
  }

  void premise(Resource& resource, Value conditional) {
    if (!conditional) return;
    const Unknown what = conditional.as_unknown();
    std::string text = "`" + resource.address + "` exists";
    if (!what.name.empty()) text += ": that depends on `" + std::string(what.name) + "`, which is not known";
    resource.premises.push_back({std::move(text), PremiseStatus::assumed});
  }

  void resource(ResourceInstance& instance) {
    const ResourceBlock& block = *instance.block;
    if (block.mode == Mode::ephemeral) return;
    const bool data = block.mode == Mode::data;
    Resource resource = made(instance.address, (data ? "data." : "") + std::string(block.type), block.name, *instance.module, block.header);
    resource.auxiliary = data;
    premise(resource, instance.conditional);
    std::vector<Entry> entries;
    entries.reserve(instance.fields.size() + 4);
    for (const Field& field : instance.fields) {
      const Span own = field.value.value.span();
      const bool here = field.name_span.source == (own ? own.source : block.span.source);
      const std::uint32_t begin = here ? field.name_span.begin : block.span.begin;
      put(entries, field.name, begin, field.value.value);
      if (const Value structure = structure_of(field)) put(entries, companion(field.name), begin, structure);
    }
    if (!data) provided(instance, entries);
    resource.value = arena_.map(entries, block.span, block.header.end - block.span.begin);
    graph_.add(std::move(resource));
  }

  // `policy_json` beside `policy`: what the text says, also where parts of it are not known.
  Value structure_of(const Field& field) {
    const Value value = field.value.value;
    if (!value.is_string() && !value.is_unknown()) return {};
    Value at = value;
    for (int depth = 0; at && depth < 64; ++depth) {
      if (const Value structure = evaluation_.structure(at)) return structure;
      if (at.origins().size() != 1) break;
      at = at.origins()[0].value;
    }
    return value.is_string() ? structure_of_text(value, arena_) : Value();
  }

  std::string_view companion(std::string_view name) {
    auto [found, fresh] = companions_.try_emplace(std::string(name));
    if (fresh) found->second = arena_.copy(std::string(name) + "_json");
    return found->second;
  }

  // What the provider's configuration adds to a resource: its region, and the tags of all.
  void provided(const ResourceInstance& instance, std::vector<Entry>& entries) { add_provided(instance, arena_, entries); }

  void provider(ProviderInstance& instance) {
    const Span header = instance.block ? instance.block->header : Span{};
    Resource resource = made(instance.address, "terraform:provider", instance.name, *instance.module, header);
    resource.auxiliary = true;
    resource.implied = !instance.block;
    resource.value = instance.value;
    if (!resource.value) resource.value = arena_.map({}, header);
    graph_.add(std::move(resource));
  }

  void module(ModuleInstance& instance) {
    const ModuleCall& call = *instance.call;
    Resource resource = made(instance.address, "terraform:module", call.name, *instance.parent, call.name_span);
    resource.auxiliary = true;
    premise(resource, instance.conditional);
    const std::uint32_t begin = call.span.begin;
    std::vector<Entry> entries, arguments;
    put(entries, "source", begin, arena_.string(call.source, call.source_span));
    for (const Argument& argument : call.arguments) {
      const auto found = instance.module->variable_of.find(argument.attribute->name);
      if (found == instance.module->variable_of.end()) continue;
      put(arguments, argument.attribute->name, argument.attribute->name_span.begin, instance.nodes[found->second].value.value);
    }
    put(entries, "arguments", begin, arena_.map(arguments, call.span));
    if (instance.repetition) {
      put(entries, "key", begin, instance.repetition->each_key.value);
      put(entries, "value", begin, instance.repetition->each_value.value);
      put(entries, "index", begin, instance.repetition->count_index.value);
    }
    std::vector<Value> passed;
    if (call.providers)
      for (const auto& [name, given] : instance.provider_instances)
        if (!given.empty()) passed.push_back(arena_.string(name, call.providers->span));
    put(entries, "providers", begin, arena_.list(passed, call.providers ? call.providers->span : call.span));
    resource.value = arena_.map(entries, call.span, call.name_span.end - call.span.begin);
    graph_.add(std::move(resource));
  }

  void backend() {
    const auto& backend = evaluation_.root().tree.module->backend;
    if (!backend) return;
    Resource resource = made("terraform.backend." + std::string(backend->type), "terraform:backend", backend->type, evaluation_.modules().front(), backend->header);
    resource.auxiliary = true;
    std::vector<Entry> entries;
    put(entries, "type", backend->span.begin, arena_.string(backend->type, backend->header));
    for (const Entry& entry : evaluation_.backend().entries()) entries.push_back(entry);
    resource.value = arena_.map(entries, backend->span, backend->header.end - backend->span.begin);
    graph_.add(std::move(resource));
  }

  Graph& graph_;
  ScopeId scope_;
  Evaluation& evaluation_;
  Arena& arena_;
  bool context_;
  std::map<std::string, std::string_view> companions_;
};

}  // namespace

void add_provided(const ResourceInstance& instance, Arena& arena, std::vector<Entry>& entries) {
  const ProviderInstance* const provider = instance.provider;
  if (!provider || provider->name != "aws") return;
  const auto put = [&](std::string_view key, std::uint32_t begin, Value value) {
    std::erase_if(entries, [&](const Entry& e) { return e.key() == key; });
    if (value && !value.is_null()) entries.push_back({key.data(), static_cast<std::uint32_t>(key.size()), begin, value});
  };
  const auto has = [&](std::string_view name) {
    return std::any_of(entries.begin(), entries.end(), [&](const Entry& e) { return e.key() == name && !e.value.is_unknown(); });
  };
  const std::uint32_t begin = instance.block->span.begin;
  const auto of_provider = [&](std::string_view name) {
    for (const auto& [key, value] : provider->attributes)
      if (key == name) return value.value;
    return Value();
  };
  if (const Value region = of_provider("region"); region && !has("region")) {
    const Origin origin{region, {}, "the provider's region", {}};
    put("region", begin, arena.computed(region, std::span(&origin, 1)));
  }
  Value defaults;
  for (const Value block : of_provider("default_tags").items()) defaults = block.find("tags");
  Value own;
  for (const Entry& entry : entries)
    if (entry.key() == "tags") own = entry.value;
  const bool taggable = own || (instance.schema && instance.schema->attribute("tags"));
  if (!taggable || has("tags_all") || (!defaults && !own)) return;
  std::vector<Origin> origins;
  if (own) origins.push_back({own, {}, {}, {}});
  if (defaults) origins.push_back({defaults, {}, "default tags of the provider", {}});
  if ((own && !own.is_map()) || (defaults && !defaults.is_map())) {
    const Value unknown = arena.unknown({instance.address + ".tags_all", "map(string)", "its tags are not all known"}, {});
    put("tags_all", begin, arena.computed(unknown, origins));
    return;
  }
  std::vector<Entry> merged;
  for (const Entry& entry : defaults.entries())
    if (!own.find(entry.key())) merged.push_back(entry);
  merged.insert(merged.end(), own.entries().begin(), own.entries().end());
  std::sort(merged.begin(), merged.end(), [](const Entry& a, const Entry& b) { return a.key() < b.key(); });
  put("tags_all", begin, arena.computed(arena.map(merged, {}), origins));
}

void add_surroundings(Graph& graph, ScopeId scope, Evaluation& evaluation, bool context) {
  Builder(graph, scope, evaluation, context).surroundings();
}

void add_resources(Graph& graph, ScopeId scope, Evaluation& evaluation, bool context) {
  Builder(graph, scope, evaluation, context).all();
}

}  // namespace assay::terraform

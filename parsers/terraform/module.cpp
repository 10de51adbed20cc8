#include "parsers/terraform/module.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "parsers/hcl/parse.hpp"

namespace assay::terraform {

namespace {

using hcl::Attribute;
using hcl::Block;
using hcl::BlockType;
using hcl::Body;
using hcl::Expression;
using hcl::Item;
using hcl::Strings;

constexpr std::array<BlockType, 14> top_level = {{{"terraform", 0},
                                                  {"provider", 1},
                                                  {"variable", 1},
                                                  {"locals", 0},
                                                  {"output", 1},
                                                  {"resource", 2},
                                                  {"data", 2},
                                                  {"ephemeral", 2},
                                                  {"module", 1},
                                                  {"moved", 0},
                                                  {"removed", 0},
                                                  {"import", 0},
                                                  {"check", 1},
                                                  {"language", 0}}};

constexpr std::string_view meta_attributes[] = {"count", "for_each", "provider", "depends_on", "lifecycle"};

// How deep blocks may stand in blocks of a JSON file (native ones the parser bounds).
constexpr int max_blocks = 32;

struct Raw {
  const Block* block = nullptr;
  std::vector<Item> items;
  Span header, span;
  bool json = false;
};

Span header_of(const Block& block) {
  if (block.labels.empty()) return block.type_span;
  Span span = block.labels[0].span;
  if (const Span last = block.labels.back().span; last.source == span.source && last.end > span.end) span.end = last.end;
  return span;
}

const Attribute* find(const std::vector<Item>& items, std::string_view name) {
  for (const Item& item : items)
    if (item.attribute && item.attribute->name == name) return item.attribute;
  return nullptr;
}

// `override.tf`, `x_override.tf.json`
bool is_override(std::string_view name) {
  for (const std::string_view ending : {".json", ".tf", ".tofu"})
    if (name.ends_with(ending)) name.remove_suffix(ending.size());
  return name == "override" || name.ends_with("_override");
}

class ModuleReader {
 public:
  ModuleReader(Module& module, const Sources& sources, const Schema& schema, Diagnostics& diagnostics)
      : module_(module), sources_(sources), schema_(schema), diagnostics_(diagnostics) {}

  void file(hcl::File& file, bool override_file) {
    file_ = &file;
    const Body body = hcl::read_body(file, file.body, top_level, Strings::templates, diagnostics_);
    for (const Item& item : body.items) {
      if (item.attribute) {
        diagnostics_.error("terraform-syntax", item.attribute->name_span,
                           "`" + std::string(item.attribute->name) + "` is not expected here: arguments stand in blocks, such as `locals`");
        continue;
      }
      block(*item.block, override_file);
    }
  }

  void finish() {
    for (Raw& raw : variables_) variable(raw);
    for (Raw& raw : outputs_) output(raw);
    for (Raw& raw : resources_) resource(raw);
    for (Raw& raw : calls_) call(raw);
    for (Raw& raw : providers_) provider(raw);
    if (backend_.block) {
      Backend& backend = module_.backend.emplace();
      backend.type = backend_.block->labels.empty() ? backend_.block->type : backend_.block->labels[0].text;
      backend.header = header_of(*backend_.block);
      backend.span = backend_.span;
      backend.items = std::move(backend_.items);
    }
  }

 private:
  // The items of a body, JSON bodies read as `blocks` says and everything below them as the schema says.
  std::vector<Item> items(const Block& block, std::span<const BlockType> blocks, Strings strings) {
    const Body body = hcl::read_body(*file_, block.body, blocks, strings, diagnostics_);
    if (block.body.json) module_.json_bodies.emplace(&block, body);
    return {body.items.begin(), body.items.end()};
  }

  void nested(const std::vector<Item>& items, const BlockSchema* schema, int depth) {
    if (depth > max_blocks) return;
    for (const Item& item : items) {
      if (!item.block || !item.block->body.json) continue;
      const Block& block = *item.block;
      if (block.type == "dynamic") {
        static constexpr BlockType content[] = {{"content", 0}};
        const std::string_view label = block.labels.empty() ? std::string_view() : block.labels[0].text;
        const BlockSchema* inner = schema ? schema->block(label) : nullptr;
        for (const Item& child : this->items(block, content, Strings::templates))
          if (child.block && child.block->body.json) body(*child.block, inner, depth + 1);
        continue;
      }
      body(block, schema ? schema->block(block.type) : nullptr, depth + 1);
    }
  }

  void body(const Block& block, const BlockSchema* schema, int depth) {
    std::vector<BlockType> types = {{"dynamic", 1}};
    if (block.type == "lifecycle") types = {{"precondition", 0}, {"postcondition", 0}};
    if (schema)
      for (const auto& [name, inner] : schema->blocks) types.push_back({name, 0});
    nested(items(block, types, Strings::templates), schema, depth);
  }

  bool labels(const Block& block, std::size_t wanted) {
    if (block.labels.size() == wanted) return true;
    diagnostics_.error("terraform-syntax", block.header,
                       "a `" + std::string(block.type) + "` block has " +
                           (wanted == 0 ? std::string("no label") : std::to_string(wanted) + (wanted == 1 ? " label" : " labels")) +
                           ", not " + std::to_string(block.labels.size()));
    return false;
  }

  void block(const Block& block, bool override_file) {
    const auto* const known = std::find_if(top_level.begin(), top_level.end(), [&](const BlockType& t) { return t.type == block.type; });
    if (known == top_level.end()) {
      std::vector<std::string_view> names;
      for (const BlockType& type : top_level) names.push_back(type.type);
      std::string message = "there is no block `" + std::string(block.type) + "` in a configuration";
      if (const auto near = nearest(block.type, names); !near.empty()) message += "; did you mean `" + std::string(near) + "`?";
      diagnostics_.error("terraform-syntax", block.type_span, std::move(message));
      return;
    }
    if (!labels(block, known->labels)) return;
    Raw raw;
    raw.block = &block;
    raw.header = header_of(block);
    raw.span = block.span;
    raw.json = static_cast<bool>(block.body.json);
    if (block.type == "terraform") return settings(block);
    if (block.type == "locals") return locals(block, override_file);
    if (block.type == "check") return check(block);
    if (block.type == "variable") {
      static constexpr BlockType types[] = {{"validation", 0}};
      raw.items = items(block, types, Strings::literal);
      for (const Item& item : raw.items)
        if (item.block) items(*item.block, {}, Strings::templates);
      return add(variables_, std::move(raw), "variable", override_file);
    }
    if (block.type == "output") {
      static constexpr BlockType types[] = {{"precondition", 0}};
      raw.items = items(block, types, Strings::templates);
      nested(raw.items, nullptr, 0);
      return add(outputs_, std::move(raw), "output", override_file);
    }
    if (block.type == "module") {
      raw.items = items(block, {}, Strings::templates);
      return add(calls_, std::move(raw), "module", override_file);
    }
    if (block.type == "provider") {
      const BlockSchema* schema = schema_.resource("provider." + std::string(block.labels[0].text));
      std::vector<BlockType> types = {{"default_tags", 0}, {"assume_role", 0}, {"ignore_tags", 0}, {"endpoints", 0}};
      if (schema)
        for (const auto& [name, inner] : schema->blocks) types.push_back({name, 0});
      raw.items = items(block, types, Strings::templates);
      nested(raw.items, schema, 0);
      return add(providers_, std::move(raw), "provider", override_file);
    }
    if (block.type == "resource" || block.type == "data" || block.type == "ephemeral") {
      const std::string type = (block.type == "resource" ? "" : std::string(block.type) + ".") + std::string(block.labels[0].text);
      const BlockSchema* schema = schema_.resource(type);
      std::vector<BlockType> types = {{"lifecycle", 0}, {"connection", 0}, {"provisioner", 1}, {"dynamic", 1}};
      if (schema)
        for (const auto& [name, inner] : schema->blocks) types.push_back({name, 0});
      raw.items = items(block, types, Strings::templates);
      nested(raw.items, schema, 0);
      return add(resources_, std::move(raw), "resource", override_file);
    }
    // moved, removed, import: they change where a state keeps things, not what the configuration says.
  }

  static std::string key_of(const Raw& raw) {
    std::string key(raw.block->type);
    for (const hcl::Label& label : raw.block->labels) (key += '\n') += label.text;
    if (raw.block->type == "provider")
      if (const Attribute* alias = find(raw.items, "alias"); alias && alias->value) (key += '\n') += alias->value->text;
    return key;
  }

  void add(std::vector<Raw>& list, Raw raw, const char* what, bool override_file) {
    const auto [found, fresh] = known_.emplace(key_of(raw), list.size());
    if (fresh && !override_file) {
      list.push_back(std::move(raw));
      return;
    }
    if (fresh) {
      known_.erase(found);
      diagnostics_.error("terraform-override", raw.header, std::string("this overrides a ") + what + " that no other file declares");
      return;
    }
    Raw& base = list[found->second];
    if (override_file) {
      merge(base.items, raw.items);
      return;
    }
    std::string address;
    for (const hcl::Label& label : raw.block->labels) (address += address.empty() ? "" : ".") += label.text;
    Diagnostic& warning = diagnostics_.warning("duplicate-block", raw.header,
                                               std::string(what) + " `" + address + "` is declared twice: only the first is evaluated");
    warning.notes.push_back({base.header, "the first one stands here"});
  }

  // As Terraform merges override files: arguments by name, nested blocks by type as a whole.
  static void merge(std::vector<Item>& base, const std::vector<Item>& over) {
    std::set<std::string_view> block_types;
    for (const Item& item : over)
      if (item.block && item.block->type != "lifecycle") block_types.insert(item.block->type == "dynamic" && !item.block->labels.empty() ? item.block->labels[0].text : item.block->type);
    std::erase_if(base, [&](const Item& item) {
      if (item.attribute) return find(over, item.attribute->name) != nullptr;
      return block_types.contains(item.block->type == "dynamic" && !item.block->labels.empty() ? item.block->labels[0].text : item.block->type);
    });
    base.insert(base.end(), over.begin(), over.end());
  }

  void settings(const Block& block) {
    static constexpr BlockType types[] = {{"backend", 1}, {"cloud", 0}, {"required_providers", 0}, {"provider_meta", 1}, {"encryption", 0}};
    for (const Item& item : items(block, types, Strings::templates)) {
      if (!item.block) continue;
      if (item.block->type == "backend" || item.block->type == "cloud") {
        static constexpr BlockType inside[] = {{"workspaces", 0}, {"assume_role", 0}, {"endpoints", 0}};
        backend_.items = items(*item.block, inside, Strings::templates);
        nested(backend_.items, nullptr, 0);
        backend_.block = item.block;
        backend_.span = item.block->span;
      } else if (item.block->type == "required_providers") {
        for (const Item& one : items(*item.block, {}, Strings::templates)) {
          if (!one.attribute || !one.attribute->value) continue;
          const Expression& value = *one.attribute->value;
          std::string source = "hashicorp/" + std::string(one.attribute->name);
          if (value.kind == Expression::Kind::object)
            for (std::size_t i = 0; i + 1 < value.parts.size(); i += 2)
              if (value.parts[i]->text == "source" && value.parts[i + 1]->kind == Expression::Kind::text) source = value.parts[i + 1]->text;
          module_.provider_sources[std::string(one.attribute->name)] = source;
        }
      }
    }
  }

  void locals(const Block& block, bool override_file) {
    for (const Item& item : items(block, {}, Strings::templates)) {
      if (!item.attribute) continue;
      const Attribute& attribute = *item.attribute;
      const auto [found, fresh] = module_.local_of.emplace(attribute.name, static_cast<std::uint32_t>(module_.locals.size()));
      if (fresh) {
        module_.locals.push_back({attribute.name, attribute.name_span, attribute.value, {}});
      } else if (override_file) {
        module_.locals[found->second].value = attribute.value;
      } else {
        Diagnostic& warning = diagnostics_.warning("duplicate-block", attribute.name_span, "local `" + std::string(attribute.name) + "` is declared twice: only the first is evaluated");
        warning.notes.push_back({module_.locals[found->second].name_span, "the first one stands here"});
      }
    }
  }

  Check check_of(const Block& block) {
    const Body& body = module_.body(block);
    Check check;
    check.span = block.type_span;
    if (const Attribute* condition = body.find("condition")) check.condition = condition->value;
    if (const Attribute* message = body.find("error_message")) check.message = message->value;
    return check;
  }

  void check(const Block& block) {
    static constexpr BlockType types[] = {{"assert", 0}, {"data", 2}};
    for (const Item& item : items(block, types, Strings::templates)) {
      if (!item.block) continue;
      if (item.block->type == "assert") {
        items(*item.block, {}, Strings::templates);
        module_.checks.push_back(check_of(*item.block));
      } else if (item.block->type == "data" && labels(*item.block, 2)) {
        Raw raw{item.block, items(*item.block, {}, Strings::templates), header_of(*item.block), item.block->span, false};
        add(resources_, std::move(raw), "resource", false);
      }
    }
  }

  // Text where JSON and old configurations write a reference in quotes.
  const Expression* unquoted(const Expression* expression, const Raw& raw) {
    if (!expression || expression->kind != Expression::Kind::text) return expression;
    const Source& source = sources_.get(expression->span.source);
    for (const auto& file : module_.files)
      if (file->source == source.id()) return hcl::expression_in(*file, source, *expression, diagnostics_);
    (void)raw;
    return expression;
  }

  bool flag(const std::vector<Item>& items, std::string_view name, bool fallback) {
    const Attribute* attribute = find(items, name);
    if (!attribute || !attribute->value) return fallback;
    if (attribute->value->kind == Expression::Kind::boolean) return attribute->value->flag;
    if (attribute->value->kind == Expression::Kind::text) return attribute->value->text == "true";
    return fallback;
  }

  void variable(const Raw& raw) {
    Variable variable;
    variable.name = raw.block->labels[0].text;
    variable.name_span = raw.header;
    variable.span = raw.span;
    if (const Attribute* type = find(raw.items, "type"); type && type->value) {
      const Expression* expression = type->value;
      if (expression->kind == Expression::Kind::text) expression = unquoted(expression, raw);
      // Before 0.12 a type was a word in quotes.
      if (expression && expression->kind == Expression::Kind::variable && (expression->text == "list" || expression->text == "map") && type->value->kind == Expression::Kind::text)
        variable.constraint.type = expression->text == "list" ? list_type(any_type()) : map_type(any_type());
      else if (expression)
        variable.constraint = read_constraint(*expression, module_.arena, diagnostics_);
    }
    if (const Attribute* fallback = find(raw.items, "default")) variable.fallback = fallback->value;
    variable.sensitive = flag(raw.items, "sensitive", false);
    variable.nullable = flag(raw.items, "nullable", true);
    variable.ephemeral = flag(raw.items, "ephemeral", false);
    for (const Item& item : raw.items)
      if (item.block && item.block->type == "validation") variable.validations.push_back(check_of(*item.block));
    module_.variable_of.emplace(variable.name, static_cast<std::uint32_t>(module_.variables.size()));
    module_.variables.push_back(std::move(variable));
  }

  void output(const Raw& raw) {
    Output output;
    output.name = raw.block->labels[0].text;
    output.name_span = raw.header;
    if (const Attribute* value = find(raw.items, "value")) output.value = value->value;
    output.sensitive = flag(raw.items, "sensitive", false);
    for (const Item& item : raw.items)
      if (item.block && item.block->type == "precondition") module_.checks.push_back(check_of(*item.block));
    module_.output_of.emplace(output.name, static_cast<std::uint32_t>(module_.outputs.size()));
    module_.outputs.push_back(std::move(output));
  }

  static Expansion expansion(const std::vector<Item>& items) { return {find(items, "count"), find(items, "for_each")}; }

  void resource(Raw& raw) {
    ResourceBlock resource;
    const std::string_view kind = raw.block->type;
    resource.mode = kind == "data" ? Mode::data : kind == "ephemeral" ? Mode::ephemeral : Mode::managed;
    resource.type = raw.block->labels[0].text;
    resource.name = raw.block->labels[1].text;
    resource.header = raw.header;
    resource.span = raw.span;
    resource.expansion = expansion(raw.items);
    resource.provider = find(raw.items, "provider");
    resource.local_address = (resource.mode == Mode::managed ? "" : std::string(kind) + ".") + std::string(resource.type) + "." + std::string(resource.name);
    for (const Item& item : raw.items) {
      if (!item.block || item.block->type != "lifecycle") continue;
      const Body& body = module_.body(*item.block);
      if (const Attribute* prevent = body.find("prevent_destroy"); prevent && prevent->value) resource.prevent_destroy = prevent->value->flag || prevent->value->text == "true";
      for (const Item& inner : body.items)
        if (inner.block && (inner.block->type == "precondition" || inner.block->type == "postcondition")) resource.checks.push_back(check_of(*inner.block));
    }
    const auto meta = [](const Item& item) {
      if (item.block) return item.block->type == "lifecycle" || item.block->type == "connection" || item.block->type == "provisioner";
      return std::find(std::begin(meta_attributes), std::end(meta_attributes), item.attribute->name) != std::end(meta_attributes);
    };
    std::erase_if(raw.items, meta);
    resource.items = std::move(raw.items);
    module_.resources.push_back(std::move(resource));
  }

  void call(const Raw& raw) {
    ModuleCall call;
    call.name = raw.block->labels[0].text;
    call.name_span = raw.header;
    call.span = raw.span;
    call.expansion = expansion(raw.items);
    for (const Item& item : raw.items) {
      if (!item.attribute || !item.attribute->value) continue;
      const Attribute& attribute = *item.attribute;
      if (attribute.name == "source") {
        call.source_span = attribute.value->span;
        EmptyScope empty;
        Diagnostics unsaid;
        if (const Typed source = evaluate(*attribute.value, empty, module_.arena, unsaid); source && source.value.is_string())
          call.source = source.value.as_string();
      } else if (attribute.name == "providers") {
        call.providers = attribute.value;
      } else if (attribute.name != "version" && attribute.name != "count" && attribute.name != "for_each" && attribute.name != "depends_on") {
        call.arguments.push_back({&attribute, {}});
      }
    }
    module_.call_of.emplace(call.name, static_cast<std::uint32_t>(module_.calls.size()));
    module_.calls.push_back(std::move(call));
  }

  void provider(Raw& raw) {
    ProviderBlock provider;
    provider.name = raw.block->labels[0].text;
    if (const Attribute* alias = find(raw.items, "alias"); alias && alias->value) provider.alias = alias->value->text;
    provider.header = raw.header;
    provider.span = raw.span;
    provider.expansion = expansion(raw.items);
    std::erase_if(raw.items, [](const Item& item) {
      return item.attribute && (item.attribute->name == "alias" || item.attribute->name == "version" || item.attribute->name == "for_each");
    });
    provider.items = std::move(raw.items);
    std::string key(provider.name);
    if (!provider.alias.empty()) (key += '.') += provider.alias;
    module_.provider_of.emplace(key, static_cast<std::uint32_t>(module_.providers.size()));
    module_.providers.push_back(std::move(provider));
  }

  Module& module_;
  const Sources& sources_;
  const Schema& schema_;
  Diagnostics& diagnostics_;
  hcl::File* file_ = nullptr;
  std::map<std::string, std::size_t> known_;
  std::vector<Raw> variables_, outputs_, resources_, calls_, providers_;
  Raw backend_;
};

void add_use(std::vector<Use>& out, Use use) {
  if (std::find(out.begin(), out.end(), use) == out.end()) out.push_back(use);
}

// What every part refers to, found once for all calls.
void find_uses(Module& module) {
  const auto expansion = [&](const Expansion& expansion, std::vector<Use>& out) {
    for (const Attribute* attribute : {expansion.count, expansion.for_each})
      if (attribute && attribute->value) module.uses(*attribute->value, out);
  };
  for (Local& local : module.locals)
    if (local.value) module.uses(*local.value, local.uses);
  for (Output& output : module.outputs)
    if (output.value) module.uses(*output.value, output.uses);
  for (ResourceBlock& resource : module.resources) {
    expansion(resource.expansion, resource.uses);
    module.uses(resource.items, resource.uses);
  }
  for (ModuleCall& call : module.calls) {
    expansion(call.expansion, call.uses);
    if (call.providers) module.uses(*call.providers, call.uses);
    for (Argument& argument : call.arguments) module.uses(*argument.attribute->value, argument.uses);
  }
  for (ProviderBlock& provider : module.providers) {
    expansion(provider.expansion, provider.uses);
    module.uses(provider.items, provider.uses);
  }
}

}  // namespace

void Module::uses(const Expression& expression, std::vector<Use>& out) const {
  for (const Mention& mention : mentions(expression)) {
    const std::string_view root = mention.reference.root;
    const std::vector<Step>& steps = mention.steps;
    const auto name = [&](std::size_t i) { return i < steps.size() && steps[i].kind != Step::Kind::index ? steps[i].name : std::string_view(); };
    const auto look = [&](const auto& table, std::string_view key, Use::Kind kind) {
      if (const auto found = table.find(key); found != table.end()) add_use(out, {kind, found->second, {}});
    };
    if (root == "var") {
      look(variable_of, name(0), Use::Kind::variable);
    } else if (root == "local") {
      look(local_of, name(0), Use::Kind::local);
    } else if (root == "module") {
      const auto found = call_of.find(name(0));
      if (found == call_of.end()) continue;
      std::string_view output;
      if (steps.size() > 1 && steps[1].kind == Step::Kind::attribute) output = steps[1].name;
      else if (steps.size() > 2 && steps[2].kind == Step::Kind::attribute) output = steps[2].name;
      add_use(out, {Use::Kind::call, found->second, output});
    } else if (root == "each" || root == "count" || root == "self" || root == "path" || root == "terraform" || root == "tofu") {
      continue;
    } else {
      std::string address;
      if (root == "data" || root == "ephemeral") address = std::string(root) + "." + std::string(name(0)) + "." + std::string(name(1));
      else if (root == "resource") address = std::string(name(0)) + "." + std::string(name(1));
      else address = std::string(root) + "." + std::string(name(0));
      look(resource_of, std::string_view(address), Use::Kind::resource);
    }
  }
}

void Module::uses(const std::vector<Item>& list, std::vector<Use>& out) const {
  // Blocks nest as deep as the parser allows; an explicit stack all the same.
  std::vector<std::span<const Item>> pending = {list};
  while (!pending.empty()) {
    const std::span<const Item> items = pending.back();
    pending.pop_back();
    for (const Item& item : items) {
      if (item.attribute && item.attribute->value) uses(*item.attribute->value, out);
      if (item.block) pending.push_back(body(*item.block).items);
    }
  }
}

bool is_json_configuration(std::string_view name) { return name.ends_with(".tf.json") || name.ends_with(".tofu.json"); }

bool is_configuration(std::string_view name) {
  return name.ends_with(".tf") || name.ends_with(".tofu") || is_json_configuration(name);
}

std::unique_ptr<Module> read_module(std::string directory, std::vector<ParsedModuleFile> files, bool part, const Sources& sources,
                                    const Schema& schema, Diagnostics& diagnostics) {
  auto module = std::make_unique<Module>();
  module->directory = std::move(directory);
  module->part = part;
  std::sort(files.begin(), files.end(), [](const ParsedModuleFile& a, const ParsedModuleFile& b) { return a.name < b.name; });
  // OpenTofu prefers `x.tofu` to `x.tf`.
  std::set<std::string, std::less<>> names;
  for (const ParsedModuleFile& file : files) names.insert(file.name);
  std::erase_if(files, [&](const ParsedModuleFile& file) {
    std::string other = file.name;
    const std::size_t at = other.ends_with(".tf.json") ? other.size() - 8 : other.ends_with(".tf") ? other.size() - 3 : std::string::npos;
    if (at == std::string::npos) return false;
    other.replace(at, 3, ".tofu");
    return names.contains(other);
  });
  std::vector<std::string> order;
  for (ParsedModuleFile& file : files) module->files.push_back(std::move(file.file));
  ModuleReader reader(*module, sources, schema, diagnostics);
  for (const bool override_file : {false, true})
    for (std::size_t i = 0; i < files.size(); ++i)
      if (is_override(files[i].name) == override_file) reader.file(*module->files[i], override_file);
  reader.finish();
  for (std::uint32_t i = 0; i < module->resources.size(); ++i) module->resource_of.emplace(module->resources[i].local_address, i);
  find_uses(*module);
  return module;
}

}  // namespace assay::terraform

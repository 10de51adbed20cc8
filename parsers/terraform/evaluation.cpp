#include "parsers/terraform/evaluation.hpp"

#include <algorithm>
#include <set>

#include "parsers/terraform/body.hpp"
#include "parsers/terraform/module_scope.hpp"
#include "parsers/terraform/pure_data.hpp"

namespace assay::terraform {

Evaluation::Evaluation(const Project& project, const Project::Root& root, const VariableInputs& inputs, const Schema& schema, Tree& tree,
                       Sources& sources, EvaluationOptions options)
    : project_(project), root_(root), inputs_(inputs), schema_(schema), tree_(tree), sources_(sources), options_(std::move(options)),
      files_(std::make_unique<RootFiles>(tree, root.directory)) {}

Evaluation::~Evaluation() = default;

const ResourceInstance* Evaluation::referred(Value value) const {
  const auto found = referred_.find(value.id());
  return found == referred_.end() ? nullptr : found->second;
}

Value Evaluation::structure(Value text) const {
  const auto found = structures_.find(text.id());
  return found == structures_.end() ? Value() : found->second;
}

Typed Evaluation::unknown(const Type* type, std::string_view name, std::string_view reason, Span span) {
  return unknown_of(type, name, reason, span, arena);
}

void Evaluation::run() {
  ModuleInstance& root = instance(root_.tree, nullptr, nullptr, nullptr, {});
  // Instances are added while calls are evaluated.
  for (std::size_t i = 0; i < modules_.size(); ++i)
    for (Node& node : modules_[i].nodes)
      if (!node.done) visit(node);
  for (ModuleInstance& module : modules_) {
    for (std::size_t r = 0; r < module.resource_states.size(); ++r) {
      for (ResourceInstance* instance : module.resource_states[r].instances)
        if (instance->block->mode == Mode::managed || instance->block->mode == Mode::data)
          instance->provider = find_provider(module, instance->block->provider ? instance->block->provider->value : nullptr,
                                             instance->repetition, instance->block->type);
    }
  }
  if (const auto& backend = root.module->backend) {
    ModuleScope scope(*this, root, nullptr);
    BodyReader reader(*this, root, scope);
    backend_ = reader.map(reader.read(backend->items, nullptr, "terraform.backend"), backend->span, backend->header.end - backend->span.begin);
  }
  checks();
}

ModuleInstance& Evaluation::instance(const CallTree& tree, ModuleInstance* parent, const ModuleCall* call, const Repetition* repetition, Value conditional) {
  ModuleInstance& made = modules_.emplace_back();
  made.tree = &tree;
  made.module = tree.module;
  made.parent = parent;
  made.call = call;
  made.repetition = repetition;
  made.conditional = conditional ? conditional : parent ? parent->conditional : Value();
  if (call) made.address = parent->prefix + "module." + std::string(call->name) + (repetition ? repetition->suffix : "");
  made.prefix = made.address.empty() ? "" : made.address + ".";
  const Module& module = *made.module;
  const auto add = [&](NodeKind kind, std::size_t count) {
    const auto begin = static_cast<std::uint32_t>(made.nodes.size());
    for (std::size_t i = 0; i < count; ++i) {
      Node& node = made.nodes.emplace_back();
      node.owner = &made;
      node.kind = kind;
      node.index = static_cast<std::uint32_t>(i);
    }
    return begin;
  };
  made.nodes.reserve(module.variables.size() + module.locals.size() + module.outputs.size() + module.resources.size() +
                     module.calls.size() + module.providers.size());
  add(NodeKind::variable, module.variables.size());
  made.locals = add(NodeKind::local, module.locals.size());
  made.outputs = add(NodeKind::output, module.outputs.size());
  made.resources = add(NodeKind::resource, module.resources.size());
  made.calls = add(NodeKind::call, module.calls.size());
  made.providers = add(NodeKind::provider, module.providers.size());
  made.resource_states.resize(module.resources.size());
  made.call_states.resize(module.calls.size());
  return made;
}

// --- order ---------------------------------------------------------------------------------------

void Evaluation::uses_of(const Node& node, const std::vector<Use>*& uses, ModuleInstance*& where) const {
  static const std::vector<Use> none;
  const Module& module = *node.owner->module;
  uses = &none;
  where = node.owner;
  switch (node.kind) {
    case NodeKind::variable: {
      if (!node.owner->call) return;
      for (const Argument& argument : node.owner->call->arguments)
        if (argument.attribute->name == module.variables[node.index].name) uses = &argument.uses;
      where = node.owner->parent;
      return;
    }
    case NodeKind::local: uses = &module.locals[node.index].uses; return;
    case NodeKind::output: uses = &module.outputs[node.index].uses; return;
    case NodeKind::resource: uses = &module.resources[node.index].uses; return;
    case NodeKind::call: uses = &module.calls[node.index].uses; return;
    case NodeKind::provider: uses = &module.providers[node.index].uses; return;
  }
}

void Evaluation::need(Node& node) {
  const std::vector<Use>* uses;
  ModuleInstance* where;
  uses_of(node, uses, where);
  for (const Use& use : *uses) {
    std::uint32_t at = 0;
    switch (use.kind) {
      case Use::Kind::variable: at = use.index; break;
      case Use::Kind::local: at = where->locals + use.index; break;
      case Use::Kind::resource: at = where->resources + use.index; break;
      case Use::Kind::call: at = where->calls + use.index; break;
    }
    node.needs.push_back(&where->nodes[at]);
  }
  // `data.aws_region` says what its provider is set to.
  if (node.kind == NodeKind::resource && node.owner->module->resources[node.index].mode == Mode::data &&
      needs_provider(node.owner->module->resources[node.index].type))
    for (ModuleInstance* at = node.owner; at; at = at->parent)
      for (std::size_t i = 0; i < at->module->providers.size(); ++i) node.needs.push_back(&at->nodes[at->providers + i]);
}

// The outputs of the calls that a part refers to, once these calls are evaluated.
void Evaluation::need_outputs(Node& node) {
  const std::vector<Use>* uses;
  ModuleInstance* where;
  uses_of(node, uses, where);
  for (const Use& use : *uses) {
    if (use.kind != Use::Kind::call) continue;
    for (ModuleInstance* child : where->call_states[use.index].instances) {
      if (use.output.empty()) {
        for (std::size_t i = 0; i < child->module->outputs.size(); ++i) node.needs.push_back(&child->nodes[child->outputs + i]);
      } else if (const auto found = child->module->output_of.find(use.output); found != child->module->output_of.end()) {
        node.needs.push_back(&child->nodes[child->outputs + found->second]);
      }
    }
  }
}

// Tarjan's strongly connected components with a stack of its own: what a part needs is evaluated before it.
void Evaluation::visit(Node& first) {
  std::vector<Node*> frames, open;
  const auto push = [&](Node& node) {
    node.order = node.low = ++order_;
    node.waiting = true;
    need(node);
    open.push_back(&node);
    frames.push_back(&node);
  };
  push(first);
  while (!frames.empty()) {
    Node& node = *frames.back();
    if (node.next < node.needs.size()) {
      Node& other = *node.needs[node.next++];
      node.self = node.self || &other == &node;
      if (other.done) continue;
      if (other.order == 0) push(other);
      else if (other.waiting) node.low = std::min(node.low, other.order);
      continue;
    }
    if (node.phase == 0) {
      node.phase = 1;
      need_outputs(node);
      continue;
    }
    frames.pop_back();
    if (!frames.empty()) frames.back()->low = std::min(frames.back()->low, node.low);
    if (node.low == node.order) close(node, open);
  }
}

void Evaluation::close(Node& node, std::vector<Node*>& open) {
  std::vector<Node*> members;
  for (;;) {
    Node* const last = open.back();
    open.pop_back();
    last->waiting = false;
    members.push_back(last);
    if (last == &node) break;
  }
  if (members.size() > 1 || node.self) {
    report_cycle(members);
    for (Node* member : members) member->circular = true;
    // By name, so that what comes of it does not depend on where the search began.
    std::sort(members.begin(), members.end(), [&](const Node* a, const Node* b) { return name_of(*a) < name_of(*b); });
    for (Node* member : members) {
      member->value = unknown(any_type(), name_of(*member), "it is part of a circle of references", {});
      member->done = true;
    }
    for (Node* member : members) {
      if (member->kind == NodeKind::resource || member->kind == NodeKind::call || member->kind == NodeKind::provider) evaluate(*member);
    }
    return;
  }
  evaluate(node);
  node.done = true;
  node.needs = {};
}

std::string Evaluation::name_of(const Node& node) const {
  const Module& module = *node.owner->module;
  std::string name = node.owner->prefix;
  switch (node.kind) {
    case NodeKind::variable: (name += "var.") += module.variables[node.index].name; break;
    case NodeKind::local: (name += "local.") += module.locals[node.index].name; break;
    case NodeKind::output: (name += "output.") += module.outputs[node.index].name; break;
    case NodeKind::resource: name += module.resources[node.index].local_address; break;
    case NodeKind::call: (name += "module.") += module.calls[node.index].name; break;
    case NodeKind::provider: (name += "provider.") += module.providers[node.index].name; break;
  }
  return name;
}

void Evaluation::report_cycle(std::vector<Node*> members) {
  const auto place = [](const Node& node) {
    const Module& module = *node.owner->module;
    switch (node.kind) {
      case NodeKind::variable: return module.variables[node.index].name_span;
      case NodeKind::local: return module.locals[node.index].name_span;
      case NodeKind::output: return module.outputs[node.index].name_span;
      case NodeKind::resource: return module.resources[node.index].header;
      case NodeKind::call: return module.calls[node.index].name_span;
      case NodeKind::provider: return module.providers[node.index].header;
    }
    return Span{};
  };
  std::sort(members.begin(), members.end(), [&](const Node* a, const Node* b) { return name_of(*a) < name_of(*b); });
  // The shortest way from the first member back to itself.
  const std::set<const Node*> inside(members.begin(), members.end());
  std::map<const Node*, const Node*> from;
  std::vector<const Node*> queue = {members[0]};
  const Node* last = nullptr;
  for (std::size_t i = 0; i < queue.size() && !last; ++i) {
    std::vector<const Node*> next(queue[i]->needs.begin(), queue[i]->needs.end());
    std::sort(next.begin(), next.end(), [&](const Node* a, const Node* b) { return name_of(*a) < name_of(*b); });
    for (const Node* node : next) {
      if (node == members[0]) last = queue[i];
      if (last) break;
      if (inside.contains(node) && from.emplace(node, queue[i]).second) queue.push_back(node);
    }
  }
  std::vector<const Node*> way;
  for (const Node* at = last; at && at != members[0]; at = from[at]) way.push_back(at);
  std::string text = "`" + name_of(*members[0]) + "`";
  for (auto at = way.rbegin(); at != way.rend(); ++at) text += " needs `" + name_of(**at) + "`";
  text += " needs `" + name_of(*members[0]) + "`";
  if (members.size() > way.size() + 1) {
    text += "; the whole circle:";
    for (const Node* member : members) text += " `" + name_of(*member) + "`";
  }
  Diagnostic& error = diagnostics.error("terraform-cycle", place(*members[0]), "these need each other: " + text + ", so none of them can be known");
  for (auto at = way.rbegin(); at != way.rend(); ++at)
    if (const Span span = place(**at)) error.notes.push_back({span, "`" + name_of(**at) + "` stands here"});
}

// What an expression computed gets the expression among the places it came through; and what `jsonencode` made
// of a structure keeps the structure.
Value Evaluation::stepped(Value value, const hcl::Expression& expression, Scope& scope) {
  const bool passed = value.origins().size() == 1 && value.origins()[0].use;
  if (value.computed() && !passed) {
    const Origin origin{value, {}, {}, expression.span};
    value = arena.computed(value, std::span(&origin, 1));
  }
  const hcl::Expression* inner = &expression;
  while ((inner->kind == hcl::Expression::Kind::parentheses || inner->kind == hcl::Expression::Kind::wrapped) && inner->parts.size() == 1) inner = inner->parts[0];
  if (inner->kind == hcl::Expression::Kind::call && inner->text == "jsonencode" && inner->parts.size() == 1 && (value.is_unknown() || value.is_string())) {
    Diagnostics unsaid;
    if (const Typed made = terraform::evaluate(*inner->parts[0], scope, arena, unsaid); made.value.is_map()) structured(value, made.value);
  }
  return value;
}

// --- parts ---------------------------------------------------------------------------------------

void Evaluation::evaluate(Node& node) {
  ModuleInstance& owner = *node.owner;
  const Module& module = *owner.module;
  const auto plain = [&](const hcl::Expression* expression) {
    ModuleScope scope(*this, owner, nullptr);
    node.value = expression ? terraform::evaluate(*expression, scope, arena, diagnostics) : Typed();
    if (!node.value) node.value = unknown(any_type(), name_of(node), "its expression has a mistake", expression ? expression->span : Span{});
    if (expression) node.value.value = stepped(node.value.value, *expression, scope);
  };
  switch (node.kind) {
    case NodeKind::variable: return variable(node);
    case NodeKind::local: return plain(module.locals[node.index].value);
    case NodeKind::output:
      plain(module.outputs[node.index].value);
      if (module.outputs[node.index].sensitive) node.value.value = arena.sensitive(node.value.value);
      return;
    case NodeKind::resource: return resource(owner, node.index);
    case NodeKind::call: return call(owner, node.index);
    case NodeKind::provider: return provider(owner, node.index);
  }
}

void Evaluation::variable(Node& node) {
  ModuleInstance& owner = *node.owner;
  const Variable& variable = owner.module->variables[node.index];
  const std::string name = owner.prefix + "var." + std::string(variable.name);
  Typed value;
  Span place = variable.name_span;
  if (owner.call) {
    for (const Argument& argument : owner.call->arguments) {
      if (argument.attribute->name != variable.name) continue;
      place = argument.attribute->value->span;
      ModuleScope scope(*this, *owner.parent, owner.repetition);
      value = terraform::evaluate(*argument.attribute->value, scope, arena, diagnostics);
      if (!value) value = unknown(any_type(), name, "its expression has a mistake", place);
      value.value = stepped(value.value, *argument.attribute->value, scope);
    }
  } else {
    value = inputs_.find(variable.name);
    if (value && value.value.span()) place = value.value.span();
  }
  const bool given = static_cast<bool>(value);
  if ((!value || (value.null() && !variable.nullable)) && variable.fallback) {
    EmptyScope empty;
    value = terraform::evaluate(*variable.fallback, empty, arena, diagnostics);
    if (value) place = variable.fallback->span;
  }
  const Type* const type = without_optional(variable.constraint.type);
  if (!value) {
    if (owner.call && !given)
      diagnostics.warning("missing-argument", owner.call->name_span,
                          "module `" + std::string(owner.call->name) + "` needs `" + std::string(variable.name) + "`, which this call does not give");
    value = unknown(type, name, owner.call ? "the call does not give it" : "no value is given for it", variable.name_span);
  } else if (!value.null()) {
    std::string why;
    if (const Typed fit = apply(variable.constraint, value, arena, why)) {
      value = fit;
    } else {
      // A secret's own line is not for a report.
      diagnostics.error("terraform-type", variable.sensitive ? variable.name_span : place, "this does not fit variable `" + std::string(variable.name) + "`: " + why);
      value = unknown(type, name, "what it is given does not fit its type", place);
    }
  }
  if (variable.sensitive) value.value = arena.sensitive(value.value);
  node.value = value;
}

Expanded Evaluation::expand(ModuleInstance& module, const Expansion& expansion, const std::string& address) {
  Expanded expanded;
  const hcl::Attribute* const attribute = expansion.for_each ? expansion.for_each : expansion.count;
  if (!attribute || !attribute->value) {
    expanded.repetitions.emplace_back();
    return expanded;
  }
  ModuleScope scope(*this, module, nullptr);
  const Typed over = terraform::evaluate(*attribute->value, scope, arena, diagnostics);
  const Span place = attribute->value->span;
  const auto not_known = [&](Value why) {
    expanded.kind = Expanded::Kind::unknown;
    expanded.unknown = why;
    Repetition& one = expanded.repetitions.emplace_back();
    if (expansion.for_each) {
      one.each_key = unknown(string_type(), address + ".each.key", "`for_each` is not known", place);
      one.each_value = unknown(any_type(), address + ".each.value", "`for_each` is not known", place);
    } else {
      one.count_index = unknown(number_type(), address + ".count.index", "`count` is not known", place);
    }
    return expanded;
  };
  const auto mistake = [&](const std::string& text) {
    diagnostics.error("terraform-expansion", place, text);
    return not_known(unknown(any_type(), address, text, place).value);
  };
  if (!over) return not_known(unknown(any_type(), address, "its expression has a mistake", place).value);
  if (over.null()) return mistake(std::string("`") + (expansion.for_each ? "for_each" : "count") + "` is null: write " + (expansion.for_each ? "`{}`" : "0") + " for none");
  const auto too_many = [&](std::size_t count) {
    if (count + instances_ <= options_.instances) {
      instances_ += static_cast<std::uint32_t>(count);
      return false;
    }
    diagnostics.error("limit-instances", place,
                      "`" + address + "` makes " + std::to_string(count) + " instances, more than the " + std::to_string(options_.instances) +
                          " that one root may have: it is audited as one; raise the limit with `--max-instances`");
    return true;
  };
  if (!expansion.for_each) {
    std::string why;
    const Typed number = convert(over, number_type(), arena, why);
    if (!number) return mistake("`count` takes a number: " + why);
    if (number.unknown()) return not_known(number.value);
    if (!number.value.is(Kind::int64) || number.value.as_int() < 0) return mistake("`count` takes a whole number from 0 up");
    const auto count = static_cast<std::uint64_t>(number.value.as_int());
    if (too_many(count)) return not_known(unknown(number_type(), address, "it is beyond the limit of instances", place).value);
    expanded.kind = Expanded::Kind::count;
    for (std::uint64_t i = 0; i < count; ++i) {
      Repetition& one = expanded.repetitions.emplace_back();
      one.count_index = {arena.integer(static_cast<std::int64_t>(i), {}), number_type()};
      one.suffix = "[" + std::to_string(i) + "]";
    }
    return expanded;
  }
  if (over.unknown()) return not_known(over.value);
  if (over.value.is_map()) {
    if (too_many(over.value.size())) return not_known(unknown(any_type(), address, "it is beyond the limit of instances", place).value);
    expanded.kind = Expanded::Kind::each;
    std::vector<const Entry*> entries;
    for (const Entry& entry : over.value.entries()) entries.push_back(&entry);
    std::sort(entries.begin(), entries.end(), [](const Entry* a, const Entry* b) { return a->key() < b->key(); });
    for (const Entry* entry : entries) {
      Repetition& one = expanded.repetitions.emplace_back();
      one.each_key = {arena.string(entry->key(), {}), string_type()};
      one.each_value = member_of(over, entry->key(), arena);
      one.suffix = key_suffix(entry->key());
    }
    return expanded;
  }
  if (over.value.is(Kind::set)) {
    for (const Value item : over.value.items())
      if (item.is_unknown()) return not_known(item);
    if (too_many(over.value.size())) return not_known(unknown(any_type(), address, "it is beyond the limit of instances", place).value);
    expanded.kind = Expanded::Kind::each;
    std::map<std::string_view, std::size_t> keys;
    for (std::size_t i = 0; i < over.value.size(); ++i) {
      const Value item = over.value.items()[i];
      if (!item.is_string()) {
        expanded.repetitions.clear();
        return mistake("`for_each` takes a map, or a set of strings");
      }
      keys.emplace(item.as_string(), i);
    }
    for (const auto& [key, i] : keys) {
      Repetition& one = expanded.repetitions.emplace_back();
      one.each_key = item_of(over, i, arena);
      one.each_value = one.each_key;
      one.suffix = key_suffix(key);
    }
    return expanded;
  }
  return mistake("`for_each` takes a map, or a set of strings: make a set of a list with `toset`");
}

void Evaluation::resource(ModuleInstance& module, std::uint32_t index) {
  const ResourceBlock& block = module.module->resources[index];
  ResourceState& state = module.resource_states[index];
  const std::string address = module.prefix + block.local_address;
  state.expanded = expand(module, block.expansion, address);
  const BlockSchema* schema = schema_.resource(block.mode == Mode::managed ? std::string(block.type) : "data." + std::string(block.type));
  for (const Repetition& repetition : state.expanded.repetitions) {
    ResourceInstance& made = resources_.emplace_back();
    made.module = &module;
    made.block = &block;
    made.schema = schema;
    made.repetition = &repetition;
    made.address = address + repetition.suffix;
    made.conditional = state.expanded.unknown ? state.expanded.unknown : module.conditional;
    ModuleScope scope(*this, module, &repetition);
    BodyReader reader(*this, module, scope);
    made.fields = reader.read(block.items, schema, made.address);
    if (block.mode == Mode::data) {
      if (needs_provider(block.type))
        made.provider = find_provider(module, block.provider ? block.provider->value : nullptr, &repetition, block.type);
      compute_data(made, *this);
    }
    state.instances.push_back(&made);
  }
}

void Evaluation::call(ModuleInstance& module, std::uint32_t index) {
  const ModuleCall& call = module.module->calls[index];
  CallState& state = module.call_states[index];
  state.expanded = expand(module, call.expansion, module.prefix + "module." + std::string(call.name));
  const CallTree* const child = module.tree->children[index].get();
  if (!child) return;
  for (const Argument& argument : call.arguments)
    if (!child->module->variable_of.contains(argument.attribute->name) && !child->module->part)
      diagnostics.warning("undeclared-variable", argument.attribute->name_span,
                          "module `" + std::string(call.name) + "` declares no variable `" + std::string(argument.attribute->name) + "`: this has no effect");
  for (const Repetition& repetition : state.expanded.repetitions) {
    if (modules_.size() > options_.instances) {
      if (!limit_said_)
        diagnostics.error("limit-instances", call.name_span,
                          "more than " + std::to_string(options_.instances) + " module instances: those beyond are not audited; raise the limit with `--max-instances`");
      limit_said_ = true;
      break;
    }
    ModuleInstance& made = instance(*child, &module, &call, &repetition, state.expanded.unknown ? state.expanded.unknown : module.conditional);
    link_providers(made, call, repetition);
    state.instances.push_back(&made);
  }
}

// --- providers -----------------------------------------------------------------------------------

ProviderInstance& Evaluation::provider_named(ModuleInstance& module, const std::string& key, const std::string& instance_key) {
  auto& instances = module.provider_instances[key];
  if (const auto found = instances.find(instance_key); found != instances.end()) return *found->second;
  ProviderInstance& made = providers_.emplace_back();
  made.module = &module;
  made.name = key.substr(0, key.find('.'));
  made.address = module.prefix + "provider." + key + instance_key;
  if (const auto block = module.module->provider_of.find(key); block != module.module->provider_of.end())
    made.block = &module.module->providers[block->second];
  instances.emplace(instance_key, &made);
  return made;
}

void Evaluation::provider(ModuleInstance& module, std::uint32_t index) {
  const ProviderBlock& block = module.module->providers[index];
  std::string key(block.name);
  if (!block.alias.empty()) (key += '.') += block.alias;
  Expanded expanded = expand(module, block.expansion, module.prefix + "provider." + key);
  for (const Repetition& repetition : expanded.repetitions) {
    ProviderInstance& made = provider_named(module, key, repetition.suffix);
    made.block = &block;
    made.repetition = repetition;
    ModuleScope scope(*this, module, &made.repetition);
    BodyReader reader(*this, module, scope);
    const std::vector<Field> fields = reader.read(block.items, schema_.resource("provider." + std::string(block.name)), made.address);
    for (const Field& field : fields) made.attributes.emplace_back(field.name, field.value);
    made.value = reader.map(fields, block.span, block.header.end - block.span.begin);
    made.evaluated = true;
  }
}

// What `providers` hands to a module: its own names -> instances of the caller's.
void Evaluation::link_providers(ModuleInstance& child, const ModuleCall& call, const Repetition& repetition) {
  if (!call.providers || call.providers->kind != hcl::Expression::Kind::object) return;
  for (std::size_t i = 0; i + 1 < call.providers->parts.size(); i += 2) {
    const hcl::Expression& name = *call.providers->parts[i];
    std::string key(name.text);
    std::vector<Step> steps;
    Reference reference;
    if (name.kind != hcl::Expression::Kind::text && read_reference(name, reference, steps)) {
      key = reference.root;
      for (const Step& step : steps) (key += '.') += step.name;
    }
    if (ProviderInstance* given = find_provider(*child.parent, call.providers->parts[i + 1], &repetition, {}))
      child.provider_instances[key][""] = given;
  }
}

// The provider that `expression` names (`aws.eu`, `aws.by_region[each.key]`), or the default one of a type.
ProviderInstance* Evaluation::find_provider(ModuleInstance& module, const hcl::Expression* expression, const Repetition* repetition, std::string_view type) {
  std::string key(type.substr(0, type.find('_')));
  std::string instance_key;
  if (expression) {
    const hcl::Expression* base = expression;
    if (base->kind == hcl::Expression::Kind::index && base->parts.size() == 2) {
      ModuleScope scope(*this, module, repetition);
      const Typed index = terraform::evaluate(*base->parts[1], scope, arena, diagnostics);
      if (!index || !index.known()) return nullptr;
      instance_key = index.value.is_string() ? key_suffix(index.value.as_string()) : "";
      base = base->parts[0];
    }
    Reference reference;
    std::vector<Step> steps;
    if (base->kind == hcl::Expression::Kind::text) {
      key = base->text;
    } else if (read_reference(*base, reference, steps)) {
      key = reference.root;
      if (!steps.empty() && steps[0].kind == Step::Kind::attribute) (key += '.') += steps[0].name;
      if (steps.size() > 1 && steps[1].kind == Step::Kind::key) instance_key = key_suffix(steps[1].name);
    } else {
      return nullptr;
    }
  }
  if (key.empty()) return nullptr;
  // Default configurations are inherited, aliases are passed.
  for (ModuleInstance* at = &module; at; at = at->parent) {
    if (const auto found = at->provider_instances.find(key); found != at->provider_instances.end()) {
      const auto one = found->second.find(instance_key);
      if (one != found->second.end()) return one->second;
      return nullptr;
    }
    if (at->module->provider_of.contains(key)) return &provider_named(*at, key, instance_key);
    if (key.find('.') != std::string::npos) return nullptr;
    if (!at->parent) return &provider_named(*at, key, instance_key);
  }
  return nullptr;
}

// --- what others read of a resource --------------------------------------------------------------

Typed Evaluation::attribute(ResourceInstance& instance, std::string_view name) {
  if (const auto found = instance.referred.find(name); found != instance.referred.end()) return found->second;
  Typed result;
  for (const Field& field : instance.fields) {
    if (field.name != name) continue;
    Typed value = field.value;
    if (!value.type) value = typed(value.value, arena);
    const Origin origin{value.value, {}, {}, {}};
    result = {arena.computed(value.value, std::span(&origin, 1)), value.type};
  }
  if (!result) {
    const AttributeSchema* known = instance.schema ? instance.schema->attribute(name) : nullptr;
    const BlockSchema* block = instance.schema ? instance.schema->block(name) : nullptr;
    if (known && !known->computed) {
      result = {arena.null(instance.block->header), known->type};
    } else if (block) {
      result = {arena.list({}, {}), tuple_type({})};
    } else {
      result = unknown(known ? known->type : any_type(), instance.address + "." + std::string(name),
                       instance.block->mode == Mode::managed ? "known after apply" : "read when the configuration is applied", instance.block->header);
    }
  }
  refer(result.value, instance);
  const std::string& kept = texts_.emplace_back(name);
  instance.referred.emplace(kept, result);
  return result;
}

Typed Evaluation::whole(ResourceInstance& instance) {
  if (instance.whole) return instance.whole;
  std::set<std::string_view> names = project_.loose_names();
  for (const Field& field : instance.fields) names.insert(field.name);
  if (instance.schema) {
    for (const auto& [name, attribute] : instance.schema->attributes) names.insert(name);
    for (const auto& [name, block] : instance.schema->blocks) names.insert(name);
  }
  names.insert("id");
  names.insert("arn");
  std::vector<Entry> entries;
  std::vector<Member> members;
  for (const std::string_view name : names) {
    const Typed value = attribute(instance, name);
    entries.push_back({name.data(), static_cast<std::uint32_t>(name.size()), 0, value.value});
    members.push_back({name, value.type});
  }
  instance.whole = {arena.map(entries, {}), object_type(std::move(members))};
  refer(instance.whole.value, instance);
  return instance.whole;
}

// --- checks --------------------------------------------------------------------------------------

void Evaluation::checks() {
  for (ModuleInstance& module : modules_) {
    for (const Variable& variable : module.module->variables)
      for (const Check& one : variable.validations) check(module, one, nullptr, "validation of variable", std::string(variable.name));
    for (const Check& one : module.module->checks) check(module, one, nullptr, "check in", module.address.empty() ? "the root module" : module.address);
  }
  for (ResourceInstance& resource : resources_)
    for (const Check& one : resource.block->checks) check(*resource.module, one, &resource, "condition of", resource.address);
}

// Only what certainly does not hold is said: an unknown may still turn out well.
void Evaluation::check(ModuleInstance& module, const Check& check, const ResourceInstance* self, const char* what, const std::string& name) {
  if (!check.condition) return;
  ModuleScope scope(*this, module, self ? self->repetition : nullptr, self);
  const Typed holds = terraform::evaluate(*check.condition, scope, arena, diagnostics);
  if (!holds || !holds.value.is(Kind::boolean) || holds.value.as_bool()) return;
  std::string text = std::string(what) + " `" + name + "` does not hold";
  if (check.message) {
    Diagnostics unsaid;
    const Typed message = terraform::evaluate(*check.message, scope, arena, unsaid);
    if (message && message.value.is_string() && !message.value.sensitive()) text += ": " + std::string(message.value.as_string());
  }
  while (text.ends_with('.')) text.pop_back();
  diagnostics.warning("terraform-check", check.condition->span, std::move(text));
}

}  // namespace assay::terraform

#include "parsers/terraform/module_scope.hpp"

#include <algorithm>

namespace assay::terraform {

namespace {

constexpr std::size_t most_files = 100'000;  // that `fileset` looks at

std::string_view name_at(const Reference& reference, std::size_t i) {
  return i < reference.steps.size() && reference.steps[i].kind != Step::Kind::index ? reference.steps[i].name : std::string_view();
}

// `../modules/db` from `infra` to `modules/db`.
std::string relative(std::string_view directory, std::string_view root) {
  const auto split = [](std::string_view path) {
    std::vector<std::string_view> parts;
    while (!path.empty() && path != ".") {
      const std::size_t slash = path.find('/');
      parts.push_back(path.substr(0, slash));
      path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    }
    return parts;
  };
  const auto to = split(directory), from = split(root);
  std::size_t common = 0;
  while (common < to.size() && common < from.size() && to[common] == from[common]) ++common;
  std::string out;
  for (std::size_t i = common; i < from.size(); ++i) out += out.empty() ? ".." : "/..";
  for (std::size_t i = common; i < to.size(); ++i) (out += out.empty() ? "" : "/") += to[i];
  return out.empty() ? "." : out;
}

// Literal steps that pick one repetition: `[0]`, `["eu"]`.
bool picks(const Reference& reference, std::size_t at, std::string& suffix) {
  if (at >= reference.steps.size()) return false;
  const Step& step = reference.steps[at];
  if (step.kind == Step::Kind::index) return suffix = "[" + std::to_string(step.index) + "]", true;
  if (step.kind == Step::Kind::key) return suffix = key_suffix(step.name), true;
  return false;
}

}  // namespace

std::string key_suffix(std::string_view key) {
  std::string out = "[\"";
  for (const char c : key) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') out += "\\n";
    else if (c == '\t') out += "\\t";
    else if (c == '\r') out += "\\r";
    else out += c;
  }
  return out + "\"]";
}

Resolved ModuleScope::wrong(Span span, std::string message, Diagnostics& diagnostics) {
  diagnostics.error("terraform-reference", span, std::move(message));
  return {};
}

// What is declared nowhere: Terraform would refuse it. Where only some files were read it may well be declared.
Resolved ModuleScope::undeclared(const Reference& reference, std::size_t steps, const std::string& what, Diagnostics& diagnostics) {
  std::string name = module_.prefix;
  name += reference.root;
  for (std::size_t i = 0; i < steps && i < reference.steps.size(); ++i) (name += '.') += reference.steps[i].name;
  if (!module_.module->part)
    diagnostics.warning("undeclared-" + what, reference.span,
                        "no " + what + " `" + name.substr(module_.prefix.size()) + "` is declared in `" + module_.module->directory + "`: its value is not known");
  return {evaluation_.unknown(any_type(), name, module_.module->part ? "declared in a file that is not audited" : "it is declared nowhere", reference.span),
          std::min(steps, reference.steps.size())};
}

Resolved ModuleScope::resolve(const Reference& reference, Diagnostics& diagnostics) {
  for (auto at = iterators.rbegin(); at != iterators.rend(); ++at) {
    if (at->name != reference.root) continue;
    const std::string_view part = name_at(reference, 0);
    if (part == "key") return {at->key, 1};
    if (part == "value") return {at->value, 1};
    return wrong(reference.span, "`" + std::string(at->name) + "` is the iterator of a dynamic block: it has `key` and `value`", diagnostics);
  }
  const std::string_view root = reference.root;
  if (root == "var") return variable(reference, diagnostics);
  if (root == "local") return local(reference, diagnostics);
  if (root == "each" || root == "count") return iteration(reference, diagnostics);
  if (root == "path" || root == "terraform" || root == "tofu") return path(reference, diagnostics);
  if (root == "module") return call(reference, diagnostics);
  if (root == "self") {
    if (!self_) return wrong(reference.span, "`self` stands for a resource in its own postconditions only", diagnostics);
    ResourceInstance& instance = const_cast<ResourceInstance&>(*self_);
    if (const std::string_view name = name_at(reference, 0); !name.empty()) return {evaluation_.attribute(instance, name), 1};
    return {evaluation_.whole(instance), 0};
  }
  if (root == "data" || root == "ephemeral")
    return resource(reference, 2, std::string(root) + "." + std::string(name_at(reference, 0)) + "." + std::string(name_at(reference, 1)), diagnostics);
  if (root == "resource")
    return resource(reference, 2, std::string(name_at(reference, 0)) + "." + std::string(name_at(reference, 1)), diagnostics);
  return resource(reference, 1, std::string(root) + "." + std::string(name_at(reference, 0)), diagnostics);
}

Resolved ModuleScope::variable(const Reference& reference, Diagnostics& diagnostics) {
  const std::string_view name = name_at(reference, 0);
  if (name.empty()) return wrong(reference.span, "`var` is no value of its own: write `var.NAME`", diagnostics);
  const auto found = module_.module->variable_of.find(name);
  if (found == module_.module->variable_of.end()) return undeclared(reference, 1, "variable", diagnostics);
  return {module_.nodes[found->second].value, 1};
}

Resolved ModuleScope::local(const Reference& reference, Diagnostics& diagnostics) {
  const std::string_view name = name_at(reference, 0);
  if (name.empty()) return wrong(reference.span, "`local` is no value of its own: write `local.NAME`", diagnostics);
  const auto found = module_.module->local_of.find(name);
  if (found == module_.module->local_of.end()) return undeclared(reference, 1, "local", diagnostics);
  return {module_.nodes[module_.locals + found->second].value, 1};
}

Resolved ModuleScope::iteration(const Reference& reference, Diagnostics& diagnostics) {
  const std::string_view part = name_at(reference, 0);
  const bool each = reference.root == "each";
  const Typed value = !repetition_ ? Typed()
                      : each       ? (part == "key" ? repetition_->each_key : part == "value" ? repetition_->each_value : Typed())
                                   : (part == "index" ? repetition_->count_index : Typed());
  if (value) return {value, 1};
  return wrong(reference.span,
               each ? "`each` has `key` and `value`, in blocks with `for_each`" : "`count` has `index`, in blocks with `count`", diagnostics);
}

Resolved ModuleScope::path(const Reference& reference, Diagnostics& diagnostics) {
  const std::string_view part = name_at(reference, 0);
  Arena& arena = evaluation_.arena;
  if (reference.root == "path") {
    if (part == "module")
      return {{arena.string(arena.copy(relative(module_.module->directory, evaluation_.root_.directory)), reference.span), string_type()}, 1};
    if (part == "root") return {{arena.string(".", reference.span), string_type()}, 1};
    if (part == "cwd") return {evaluation_.unknown(string_type(), "path.cwd", "it depends on where the configuration is run", reference.span), 1};
    return wrong(reference.span, "`path` has `module`, `root` and `cwd`", diagnostics);
  }
  if (part == "workspace") {
    if (!evaluation_.options_.workspace.empty()) return {{arena.string(arena.copy(evaluation_.options_.workspace), reference.span), string_type()}, 1};
    return {evaluation_.unknown(string_type(), "terraform.workspace", "say which with `--workspace`", reference.span), 1};
  }
  if (part == "applying") return {evaluation_.unknown(bool_type(), "terraform.applying", "", reference.span), 1};
  return wrong(reference.span, "`terraform` has `workspace`", diagnostics);
}

Typed ModuleScope::output(ModuleInstance& instance, std::string_view name) {
  const auto found = instance.module->output_of.find(name);
  if (found == instance.module->output_of.end()) return {};
  const Node& node = instance.nodes[instance.outputs + found->second];
  if (!node.value) return evaluation_.unknown(any_type(), instance.prefix + std::string(name), "it could not be evaluated", {});
  return node.value;
}

Typed ModuleScope::outputs(ModuleInstance& instance) {
  std::vector<Entry> entries;
  std::vector<Member> members;
  std::vector<std::pair<std::string_view, Typed>> sorted;
  for (const Output& one : instance.module->outputs) sorted.emplace_back(one.name, output(instance, one.name));
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [name, value] : sorted) {
    entries.push_back({name.data(), static_cast<std::uint32_t>(name.size()), 0, value.value});
    members.push_back({name, value.type});
  }
  return {evaluation_.arena.map(entries, {}), object_type(std::move(members))};
}

Resolved ModuleScope::call(const Reference& reference, Diagnostics& diagnostics) {
  const std::string_view name = name_at(reference, 0);
  const auto found = module_.module->call_of.find(name);
  if (found == module_.module->call_of.end()) return undeclared(reference, 1, "module", diagnostics);
  const CallState& state = module_.call_states[found->second];
  const std::string address = module_.prefix + "module." + std::string(name);
  const Node& node = module_.nodes[module_.calls + found->second];
  std::size_t steps = 1;
  std::string suffix;
  const bool picked = picks(reference, 1, suffix);
  if (picked) ++steps;
  const bool named = steps < reference.steps.size() && reference.steps[steps].kind == Step::Kind::attribute;
  const bool none = state.instances.empty() && (!state.expanded.repetitions.empty() || state.expanded.kind == Expanded::Kind::single);
  if (node.circular || none) {
    const std::string& why = module_.tree->missing[found->second];
    std::string full = address + suffix;
    if (named) (full += '.') += reference.steps[steps].name;
    return {evaluation_.unknown(any_type(), full, node.circular ? "it is part of a circle of references" : why, reference.span), named ? steps + 1 : steps};
  }
  const auto of = [&](ModuleInstance& instance) -> Resolved {
    if (!named) return {outputs(instance), steps};
    if (const Typed value = output(instance, reference.steps[steps].name)) return {value, steps + 1};
    if (!instance.module->part)
      diagnostics.warning("undeclared-output", reference.span,
                          "module `" + std::string(name) + "` has no output `" + std::string(reference.steps[steps].name) + "`: its value is not known");
    return {evaluation_.unknown(any_type(), instance.prefix + std::string(reference.steps[steps].name), "the module has no such output", reference.span), steps + 1};
  };
  switch (state.expanded.kind) {
    case Expanded::Kind::single:
      if (picked) return wrong(reference.span, "`" + address + "` has neither `count` nor `for_each`: leave `" + suffix + "` away", diagnostics);
      return of(*state.instances[0]);
    case Expanded::Kind::unknown:
      if (picked) return of(*state.instances[0]);
      return {evaluation_.unknown(any_type(), address, "how many there are is not known", reference.span), 1};
    case Expanded::Kind::count:
    case Expanded::Kind::each: break;
  }
  if (picked) {
    for (std::size_t i = 0; i < state.instances.size(); ++i)
      if (state.expanded.repetitions[i].suffix == suffix) return of(*state.instances[i]);
    return wrong(reference.span, "there is no `" + address + suffix + "`", diagnostics);
  }
  std::vector<Value> items;
  std::vector<const Type*> types;
  std::vector<Entry> entries;
  std::vector<Member> members;
  for (std::size_t i = 0; i < state.instances.size(); ++i) {
    const Typed all = outputs(*state.instances[i]);
    items.push_back(all.value);
    types.push_back(all.type);
    if (state.expanded.kind == Expanded::Kind::each) {
      const std::string_view key = state.expanded.repetitions[i].each_key.value.as_string();
      entries.push_back({key.data(), static_cast<std::uint32_t>(key.size()), 0, all.value});
      members.push_back({key, all.type});
    }
  }
  if (state.expanded.kind == Expanded::Kind::count) return {{evaluation_.arena.list(items, {}), tuple_type(types)}, 1};
  return {{evaluation_.arena.map(entries, {}), object_type(std::move(members))}, 1};
}

Resolved ModuleScope::resource(const Reference& reference, std::size_t from, const std::string& address, Diagnostics& diagnostics) {
  if (reference.steps.size() < from)
    return wrong(reference.span, "`" + std::string(reference.root) + "` is no value: a resource is `TYPE.NAME`", diagnostics);
  const auto found = module_.module->resource_of.find(address);
  if (found == module_.module->resource_of.end()) return undeclared(reference, from, "resource", diagnostics);
  const ResourceState& state = module_.resource_states[found->second];
  const Node& node = module_.nodes[module_.resources + found->second];
  std::size_t steps = from;
  std::string suffix;
  const bool picked = picks(reference, steps, suffix);
  if (picked) ++steps;
  const bool named = steps < reference.steps.size() && reference.steps[steps].kind == Step::Kind::attribute;
  // Without instances although there must be one: nobody has evaluated it yet.
  const bool none = state.instances.empty() && (state.expanded.kind == Expanded::Kind::single || state.expanded.kind == Expanded::Kind::unknown);
  if (node.circular || none) {
    std::string full = module_.prefix + address + suffix;
    if (named) (full += '.') += reference.steps[steps].name;
    return {evaluation_.unknown(any_type(), full, "it is part of a circle of references", reference.span), named ? steps + 1 : steps};
  }
  const auto of = [&](ResourceInstance& instance) -> Resolved {
    if (named) return {evaluation_.attribute(instance, reference.steps[steps].name), steps + 1};
    return {evaluation_.whole(instance), steps};
  };
  switch (state.expanded.kind) {
    case Expanded::Kind::single:
      if (picked) return wrong(reference.span, "`" + address + "` has neither `count` nor `for_each`: leave `" + suffix + "` away", diagnostics);
      return of(*state.instances[0]);
    case Expanded::Kind::unknown:
      if (picked) return of(*state.instances[0]);
      if (named && reference.steps[steps].kind == Step::Kind::attribute && steps == from && !reference.steps[steps].name.empty())
        return of(*state.instances[0]);
      {
        const Typed all = evaluation_.unknown(any_type(), module_.prefix + address, "how many there are is not known", reference.span);
        evaluation_.refer(all.value, *state.instances[0]);
        return {all, from};
      }
    case Expanded::Kind::count:
    case Expanded::Kind::each: break;
  }
  if (picked) {
    for (std::size_t i = 0; i < state.instances.size(); ++i)
      if (state.expanded.repetitions[i].suffix == suffix) return of(*state.instances[i]);
    return wrong(reference.span, "there is no `" + address + suffix + "`", diagnostics);
  }
  std::vector<Value> items;
  std::vector<const Type*> types;
  std::vector<Entry> entries;
  std::vector<Member> members;
  for (std::size_t i = 0; i < state.instances.size(); ++i) {
    const Typed all = evaluation_.whole(*state.instances[i]);
    items.push_back(all.value);
    types.push_back(all.type);
    if (state.expanded.kind == Expanded::Kind::each) {
      const std::string_view key = state.expanded.repetitions[i].each_key.value.as_string();
      entries.push_back({key.data(), static_cast<std::uint32_t>(key.size()), 0, all.value});
      members.push_back({key, all.type});
    }
  }
  if (state.expanded.kind == Expanded::Kind::count) return {{evaluation_.arena.list(items, {}), tuple_type(types)}, from};
  return {{evaluation_.arena.map(entries, {}), object_type(std::move(members))}, from};
}

Files::Content RootFiles::read(std::string_view path) {
  std::string name;
  if (!join(root_, path, name)) return {nullptr, "it lies outside the audited tree"};
  Content content;
  content.source = tree_.read(name, content.error);
  return content;
}

int RootFiles::exists(std::string_view path, std::string& error) {
  std::string name;
  if (!join(root_, path, name)) {
    error = "it lies outside the audited tree";
    return -1;
  }
  return tree_.exists(name, error);
}

std::vector<std::string> RootFiles::below(std::string_view folder, std::string& error) {
  std::string top;
  if (!join(root_, folder, top)) {
    error = "it lies outside the audited tree";
    return {};
  }
  std::vector<std::string> found, pending = {""};
  while (!pending.empty() && found.size() < most_files) {
    const std::string at = std::move(pending.back());
    pending.pop_back();
    const std::string directory = at.empty() ? top : terraform::below(top, at);
    std::string unsaid;
    for (const std::string& name : tree_.list(directory, unsaid)) found.push_back(at.empty() ? name : at + "/" + name);
    for (const std::string& name : tree_.directories(directory)) pending.push_back(at.empty() ? name : at + "/" + name);
  }
  return found;
}

}  // namespace assay::terraform

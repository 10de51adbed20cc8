// One root, evaluated: every variable, local, output, resource and module call of the tree of modules below
// it. Parts are evaluated in the order of what they refer to, found by Tarjan's algorithm, so that no order of
// files, blocks or names can change a result; parts that refer to each other in a circle are unknown, and a
// diagnostic names them all.
//
// INVARIANT: values view the files of the project and live in `arena`; what the project, the inputs and the
// tree hold outlives this.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "parsers/terraform/project.hpp"
#include "parsers/terraform/variables.hpp"

namespace assay::terraform {

// What an iterated block knows of its iteration.
struct Repetition {
  Typed each_key, each_value, count_index;  // no value: there is none
  std::string suffix;                       // `["eu"]`, `[0]`, empty
};

// `count` or `for_each`, evaluated.
struct Expanded {
  enum class Kind : std::uint8_t { single, count, each, unknown } kind = Kind::single;
  std::vector<Repetition> repetitions;  // unknown: one, whose parts are unknown
  Value unknown;                        // why the number is not known
};

struct ModuleInstance;

struct ProviderInstance {
  ModuleInstance* module = nullptr;
  const ProviderBlock* block = nullptr;  // null: nothing configures it
  std::string name, address;             // aws, module.x.provider.aws.eu
  Repetition repetition;
  std::vector<std::pair<std::string_view, Typed>> attributes;
  Value value;
  bool evaluated = false;
};

// One attribute or list of nested blocks.
struct Field {
  std::string_view name;
  Span name_span;
  Typed value;  // blocks have no type until somebody refers to them
};

struct ResourceInstance {
  ModuleInstance* module = nullptr;
  const ResourceBlock* block = nullptr;
  const BlockSchema* schema = nullptr;
  const Repetition* repetition = nullptr;
  std::string address;
  std::vector<Field> fields;
  Value conditional;  // set: whether it exists depends on this unknown
  ProviderInstance* provider = nullptr;
  std::map<std::string_view, Typed> referred;  // what others have read of it
  Typed whole;
};

struct ResourceState {
  Expanded expanded;
  std::vector<ResourceInstance*> instances;  // by repetition
};

struct CallState {
  Expanded expanded;
  std::vector<ModuleInstance*> instances;  // by repetition; empty: the module is missing
};

enum class NodeKind : std::uint8_t { variable, local, output, resource, call, provider };

// A part that is evaluated as a whole.
struct Node {
  ModuleInstance* owner = nullptr;
  NodeKind kind = NodeKind::local;
  bool done = false, circular = false, self = false, waiting = false;
  std::uint8_t phase = 0;
  std::uint32_t index = 0;
  std::uint32_t order = 0, low = 0;
  std::uint32_t next = 0;
  std::vector<Node*> needs;
  Typed value;  // of variables, locals, outputs
};

struct ModuleInstance {
  const CallTree* tree = nullptr;
  const Module* module = nullptr;
  ModuleInstance* parent = nullptr;
  const ModuleCall* call = nullptr;
  const Repetition* repetition = nullptr;
  std::string address;  // module.db["eu"]; empty: the root
  std::string prefix;   // the same with a dot behind it
  Value conditional;
  std::vector<Node> nodes;  // variables, locals, outputs, resources, calls, providers
  std::uint32_t locals = 0, outputs = 0, resources = 0, calls = 0, providers = 0;  // where each kind begins
  std::vector<ResourceState> resource_states;
  std::vector<CallState> call_states;
  std::map<std::string, std::map<std::string, ProviderInstance*>> provider_instances;  // `aws.eu` -> key -> instance
};

// `["eu"]`, with what needs it escaped.
std::string key_suffix(std::string_view key);

struct EvaluationOptions {
  std::uint32_t instances = 100'000;  // resource and module instances of one root
  std::string workspace;              // empty: not known
};

class Evaluation {
 public:
  Evaluation(const Project& project, const Project::Root& root, const VariableInputs& inputs, const Schema& schema, Tree& tree,
             Sources& sources, EvaluationOptions options);
  ~Evaluation();
  Evaluation(const Evaluation&) = delete;

  void run();

  const Project::Root& root() const { return root_; }
  std::deque<ModuleInstance>& modules() { return modules_; }
  std::deque<ResourceInstance>& resources() { return resources_; }
  std::deque<ProviderInstance>& providers() { return providers_; }
  // The resource whose attribute this value is, where somebody referred to it.
  const ResourceInstance* referred(Value value) const;
  // A JSON text's structure, where it was made from one that is not wholly known; else no value.
  Value structure(Value text) const;
  void structured(Value text, Value structure) { structures_.emplace(text.id(), structure); }
  Value backend() const { return backend_; }

  Arena arena;
  Diagnostics diagnostics;

 private:
  friend class ModuleScope;
  friend class BodyReader;

  ModuleInstance& instance(const CallTree& tree, ModuleInstance* parent, const ModuleCall* call, const Repetition* repetition, Value conditional);
  void visit(Node& node);
  void need(Node& node);
  void need_outputs(Node& node);
  void uses_of(const Node& node, const std::vector<Use>*& uses, ModuleInstance*& where) const;
  void close(Node& node, std::vector<Node*>& open);
  void report_cycle(std::vector<Node*> members);
  std::string name_of(const Node& node) const;
  void evaluate(Node& node);

  void variable(Node& node);
  void resource(ModuleInstance& module, std::uint32_t index);
  void call(ModuleInstance& module, std::uint32_t index);
  void provider(ModuleInstance& module, std::uint32_t index);
  void link_providers(ModuleInstance& child, const ModuleCall& call, const Repetition& repetition);
  ProviderInstance* find_provider(ModuleInstance& module, const hcl::Expression* expression, const Repetition* repetition, std::string_view type);
  ProviderInstance& provider_named(ModuleInstance& module, const std::string& key, const std::string& instance_key);
  Expanded expand(ModuleInstance& module, const Expansion& expansion, const std::string& address);
  void checks();
  void check(ModuleInstance& module, const Check& check, const ResourceInstance* self, const char* what, const std::string& name);

  Value stepped(Value value, const hcl::Expression& expression, Scope& scope);
  Typed attribute(ResourceInstance& instance, std::string_view name);
  Typed whole(ResourceInstance& instance);
  Typed unknown(const Type* type, std::string_view name, std::string_view reason, Span span);
  void refer(Value value, const ResourceInstance& instance) { referred_.emplace(value.id(), &instance); }

  const Project& project_;
  const Project::Root& root_;
  const VariableInputs& inputs_;
  const Schema& schema_;
  Tree& tree_;
  Sources& sources_;
  EvaluationOptions options_;
  std::unique_ptr<Files> files_;
  std::deque<ModuleInstance> modules_;
  std::deque<ResourceInstance> resources_;
  std::deque<ProviderInstance> providers_;
  std::deque<std::string> texts_;
  std::unordered_map<const void*, const ResourceInstance*> referred_;
  std::unordered_map<const void*, Value> structures_;
  std::uint32_t order_ = 0;
  std::uint32_t instances_ = 0;
  bool limit_said_ = false;
  Value backend_;
};

}  // namespace assay::terraform

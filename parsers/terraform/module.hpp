// The configuration of one directory: what its files declare, with override files merged in, before anything
// is evaluated. Read once, then shared by all calls of the module and never changed.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/diagnostic.hpp"
#include "parsers/hcl/json.hpp"
#include "parsers/terraform/constraint.hpp"
#include "parsers/terraform/evaluate.hpp"
#include "parsers/terraform/schema.hpp"
#include "parsers/terraform/tree.hpp"

namespace assay::terraform {

// A name that an expression refers to, found in the module.
struct Use {
  enum class Kind : std::uint8_t { variable, local, resource, call };
  Kind kind;
  std::uint32_t index;
  std::string_view output;  // of a call; empty: all
  friend auto operator<=>(const Use&, const Use&) = default;
};

struct Check {  // validation, precondition, postcondition, assert
  const hcl::Expression* condition = nullptr;
  const hcl::Expression* message = nullptr;
  Span span;
};

struct Variable {
  std::string_view name;
  Span name_span;
  Span span;
  Constraint constraint;
  const hcl::Expression* fallback = nullptr;
  bool sensitive = false, nullable = true, ephemeral = false;
  std::vector<Check> validations;
};

struct Local {
  std::string_view name;
  Span name_span;
  const hcl::Expression* value = nullptr;
  std::vector<Use> uses;
};

struct Output {
  std::string_view name;
  Span name_span;
  const hcl::Expression* value = nullptr;
  bool sensitive = false;
  std::vector<Use> uses;
};

// `count`, `for_each`, and what else blocks that are expanded share.
struct Expansion {
  const hcl::Attribute* count = nullptr;
  const hcl::Attribute* for_each = nullptr;
};

enum class Mode : std::uint8_t { managed, data, ephemeral };

struct ResourceBlock {
  Mode mode = Mode::managed;
  std::string_view type, name;
  Span header;  // what a finding about the whole points at: the labels
  Span span;
  Expansion expansion;
  const hcl::Attribute* provider = nullptr;
  std::vector<hcl::Item> items;  // the arguments and nested blocks, without the meta ones
  std::vector<Check> checks;
  bool prevent_destroy = false;
  std::string local_address;     // data.aws_x.y
  std::vector<Use> uses;
};

struct Argument {
  const hcl::Attribute* attribute = nullptr;
  std::vector<Use> uses;
};

struct ModuleCall {
  std::string_view name;
  Span name_span;
  Span span;
  std::string source;
  Span source_span;
  Expansion expansion;
  std::vector<Argument> arguments;
  const hcl::Expression* providers = nullptr;
  std::vector<Use> uses;  // of the expansion and the providers
};

struct ProviderBlock {
  std::string_view name, alias;  // alias: may be empty
  Span header;
  Span span;
  Expansion expansion;  // OpenTofu's
  std::vector<hcl::Item> items;
  std::vector<Use> uses;
};

struct Backend {
  std::string_view type;  // s3, cloud …
  Span header;
  Span span;
  std::vector<hcl::Item> items;
};

struct Module {
  std::string directory;
  std::vector<std::unique_ptr<hcl::File>> files;
  std::vector<Variable> variables;
  std::vector<Local> locals;
  std::vector<Output> outputs;
  std::vector<ResourceBlock> resources;
  std::vector<ModuleCall> calls;
  std::vector<ProviderBlock> providers;
  std::optional<Backend> backend;
  std::vector<Check> checks;
  std::map<std::string, std::string, std::less<>> provider_sources;  // local name -> `hashicorp/aws`
  bool part = false;  // only some files of the directory: what is not declared is merely not seen

  // By name; resources by `local_address`.
  std::unordered_map<std::string_view, std::uint32_t> variable_of, local_of, output_of, resource_of, call_of;
  std::unordered_map<std::string, std::uint32_t> provider_of;  // `aws`, `aws.eu`
  // Bodies of blocks of JSON files, read; native blocks have theirs.
  std::unordered_map<const hcl::Block*, hcl::Body> json_bodies;
  Arena arena;  // defaults of types

  const hcl::Body& body(const hcl::Block& block) const {
    const auto found = json_bodies.find(&block);
    return found == json_bodies.end() ? block.body : found->second;
  }
  // What an expression refers to, each once, in order. Names that are declared nowhere are left out.
  void uses(const hcl::Expression& expression, std::vector<Use>& out) const;
  void uses(const std::vector<hcl::Item>& items, std::vector<Use>& out) const;
};

// One file, parsed.
struct ParsedModuleFile {
  std::string name;  // main.tf
  std::unique_ptr<hcl::File> file;
};

// `infra/main.tf`, `x.tofu.json` …; override files are such too.
bool is_configuration(std::string_view name);
bool is_json_configuration(std::string_view name);

// Puts a directory's files together, in the order of their names. `directory` and the schema live longer.
std::unique_ptr<Module> read_module(std::string directory, std::vector<ParsedModuleFile> files, bool part,
                                    const Sources& sources, const Schema& schema, Diagnostics& diagnostics);

}  // namespace assay::terraform

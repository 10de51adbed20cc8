// What an expression of a module can look at: the module's variables, locals, resources and calls, the
// iteration it stands in, paths, and the files below the audited root.
#pragma once

#include <string_view>
#include <vector>

#include "parsers/terraform/evaluation.hpp"

namespace assay::terraform {

// The iterator of a `dynamic` block.
struct Iterator {
  std::string_view name;
  Typed key, value;
};

class ModuleScope final : public Scope {
 public:
  ModuleScope(Evaluation& evaluation, ModuleInstance& module, const Repetition* repetition, const ResourceInstance* self = nullptr)
      : evaluation_(evaluation), module_(module), repetition_(repetition), self_(self) {}

  Resolved resolve(const Reference& reference, Diagnostics& diagnostics) override;
  Files* files() override { return evaluation_.files_.get(); }
  Sources* sources() override { return &evaluation_.sources_; }

  std::vector<Iterator> iterators;  // innermost last

 private:
  Resolved variable(const Reference& reference, Diagnostics& diagnostics);
  Resolved local(const Reference& reference, Diagnostics& diagnostics);
  Resolved iteration(const Reference& reference, Diagnostics& diagnostics);
  Resolved path(const Reference& reference, Diagnostics& diagnostics);
  Resolved call(const Reference& reference, Diagnostics& diagnostics);
  Resolved resource(const Reference& reference, std::size_t from, const std::string& address, Diagnostics& diagnostics);
  Resolved undeclared(const Reference& reference, std::size_t steps, const std::string& what, Diagnostics& diagnostics);
  Resolved wrong(Span span, std::string message, Diagnostics& diagnostics);
  Typed outputs(ModuleInstance& instance);
  Typed output(ModuleInstance& instance, std::string_view name);

  Evaluation& evaluation_;
  ModuleInstance& module_;
  const Repetition* repetition_;
  const ResourceInstance* self_;
};

// Files for `file`, `templatefile`, `fileset`: paths as the root sees them, which is where Terraform runs.
class RootFiles final : public Files {
 public:
  RootFiles(Tree& tree, std::string root) : tree_(tree), root_(std::move(root)) {}
  Content read(std::string_view path) override;
  int exists(std::string_view path, std::string& error) override;
  std::vector<std::string> below(std::string_view folder, std::string& error) override;
  std::string absolute(std::string_view) override { return {}; }

 private:
  Tree& tree_;
  std::string root_;
};

}  // namespace assay::terraform

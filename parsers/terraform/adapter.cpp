#include "parsers/terraform/adapter.hpp"

#include <algorithm>

#include "parsers/terraform/joins.hpp"

namespace assay::terraform {

Configurations::Configurations(Tree& tree, Sources& sources, const std::map<std::string, Value, std::less<>>& data, LoadOptions options)
    : tree_(tree), sources_(sources), options_(std::move(options)), data_(data) {
}

bool Configurations::load(const LoadInput& input, Diagnostics& diagnostics) {
  if (input.directories.empty()) return false;
  for (const auto& [name, root] : data_)
    if (name.starts_with("terraform-") || name.starts_with("terraform_")) read_schema(root, schema_, diagnostics);
  context_ = input.context;
  project_ = std::make_unique<Project>(tree_, sources_, schema_, options_.project, diagnostics);
  project_->read(input.directories, input.only);
  std::set<std::string> taken;
  for (const Project::Root& root : project_->roots()) {
    inputs_.emplace_back(*root.tree.module, tree_, options_.given, options_.fixed, options_.project.limits, diagnostics);
    taken.insert(inputs_.back().taken().begin(), inputs_.back().taken().end());
    evaluations_.push_back(std::make_unique<Evaluation>(*project_, root, inputs_.back(), schema_, tree_, sources_, options_.evaluation));
  }
  for (const GivenVariable& given : options_.given) {
    if (given.kind != GivenVariable::Kind::value || taken.contains(given.name) || project_->roots().empty()) continue;
    taken.insert(given.name);
    Diagnostic warning;
    warning.severity = DiagnosticSeverity::warning;
    warning.code = "undeclared-variable";
    warning.message = "`--var " + given.name + "`: no root among the inputs declares this variable, so it has no effect";
    diagnostics.add(std::move(warning));
  }
  const auto run = [&](std::size_t i) { evaluations_[i]->run(); };
  if (options_.project.parallel) options_.project.parallel(evaluations_.size(), run);
  else for (std::size_t i = 0; i < evaluations_.size(); ++i) run(i);
  for (const auto& evaluation : evaluations_) diagnostics.append(std::move(evaluation->diagnostics));
  return true;
}

void Configurations::add(Graph& graph, const std::function<ScopeId(const std::string&)>& scope) {
  for (const auto& evaluation : evaluations_) {
    const ScopeId id = scope(evaluation->root().directory);
    scopes_[evaluation.get()] = id;
    add_resources(graph, id, *evaluation, context_.contains(evaluation->root().directory));
  }
}

void Configurations::add_edges(Graph& graph) const {
  for (const auto& evaluation : evaluations_)
    if (const auto scope = scopes_.find(evaluation.get()); scope != scopes_.end()) terraform::add_edges(graph, scope->second, *evaluation, schema_);
  if (const auto joins = data_.find("terraform_joins"); joins != data_.end()) add_joins(graph, joins->second.find("joins"));
}

std::set<std::string> Configurations::apart() const {
  std::map<std::string_view, std::string_view> holder;
  std::set<std::string> apart;
  for (const auto& evaluation : evaluations_) {
    for (const ResourceInstance& resource : evaluation->resources()) {
      if (resource.block->mode != Mode::managed) continue;
      const auto [found, fresh] = holder.emplace(resource.address, evaluation->root().directory);
      if (fresh || found->second == evaluation->root().directory) continue;
      apart.insert(std::string(found->second));
      apart.insert(evaluation->root().directory);
    }
  }
  return apart;
}

}  // namespace assay::terraform

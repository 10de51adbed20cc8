// Terraform's configurations, from files to the graph: roots are found, evaluated and become resources with
// edges. What stands for what:
//
//   aws_db_instance.main             a managed resource, type `aws_db_instance`
//   data.aws_iam_policy_document.x   a data source, type `data.aws_iam_policy_document`
//   provider.aws.eu                  a provider's configuration, type `terraform:provider`
//   module.db["eu"]                  a call, type `terraform:module`
//   terraform.backend.s3             where the state lies, type `terraform:backend`
//
// The last three, and data sources, are there for rules that look at them; they do not count as resources.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/graph.hpp"
#include "parsers/terraform/evaluation.hpp"

namespace assay::terraform {

struct LoadOptions {
  std::vector<GivenVariable> given;
  std::map<std::string, Value> fixed;  // what a plan was made with: above all others
  ProjectOptions project;
  EvaluationOptions evaluation;
};

struct LoadInput {
  std::set<std::string> directories;                    // that hold audited files
  std::map<std::string, std::set<std::string>> only;    // when only some files of a directory were named
  std::set<std::string> context;                        // directories whose roots are seen, not judged
};

// INVARIANT: the graph's values point in here; `tree` and `sources` outlive it.
class Configurations {
 public:
  // `data`: the catalog's data files; those named `terraform-*` say what providers' types look like.
  Configurations(Tree& tree, Sources& sources, const std::map<std::string, Value, std::less<>>& data, LoadOptions options);

  // Reads and evaluates; false when there is nothing of Terraform's.
  bool load(const LoadInput& input, Diagnostics& diagnostics);

  const std::deque<std::unique_ptr<Evaluation>>& roots() const { return evaluations_; }
  const Schema& schema() const { return schema_; }
  const Project& project() const { return *project_; }

  // Adds the resources of every root to the scope that `scope` gives for its directory; then, once the graph is
  // ordered, their edges.
  void add(Graph& graph, const std::function<ScopeId(const std::string& directory)>& scope);
  void add_edges(Graph& graph) const;

  // Directories of roots that hold equal addresses: each is an environment of its own.
  std::set<std::string> apart() const;

 private:
  Tree& tree_;
  Sources& sources_;
  LoadOptions options_;
  const std::map<std::string, Value, std::less<>>& data_;
  Schema schema_;
  std::unique_ptr<Project> project_;
  std::deque<VariableInputs> inputs_;
  std::deque<std::unique_ptr<Evaluation>> evaluations_;
  std::set<std::string> context_;
  std::map<const Evaluation*, ScopeId> scopes_;
};

// What one evaluated root gives (resources.cpp), and how its resources hang together (edges.cpp).
void add_resources(Graph& graph, ScopeId scope, Evaluation& evaluation, bool context);
// What the provider's configuration decides of a resource: `region`, `tags_all`. Added where they are absent or unknown.
void add_provided(const ResourceInstance& instance, Arena& arena, std::vector<Entry>& entries);
// Its providers, calls and backend alone.
void add_surroundings(Graph& graph, ScopeId scope, Evaluation& evaluation, bool context);
void add_edges(Graph& graph, ScopeId scope, Evaluation& evaluation, const Schema& schema);

}  // namespace assay::terraform

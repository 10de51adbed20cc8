// Plans and states as `terraform show -json` and `tofu show -json` write them (format 1.x,
// https://developer.hashicorp.com/terraform/internals/json-format): resources as they will be, or as they are.
// Where the configuration stands beside the file, it is evaluated with the plan's variables, and everything
// lands on its lines; what it says and what the plan says are told apart by the plan.
//
//   planned or observed    ADDRESS           the resource itself; what is deleted or forgotten is none
//   change.ADDRESS         terraform:change  that a resource is destroyed, replaced or forgotten: its actions,
//                                            and `before`, as it was
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "parsers/document.hpp"
#include "parsers/terraform/adapter.hpp"

namespace assay::terraform {

class Shown {
 public:
  // `file` was read from `source`; `plan`: a plan, else a state. The configuration is looked for in `tree`,
  // in the directory of the file.
  Shown(const Source& source, ParsedFile file, bool plan, Tree& tree, Sources& sources,
        const std::map<std::string, Value, std::less<>>& data, LoadOptions options);

  // Reads the resources. Mistakes are diagnostics.
  void read(Diagnostics& diagnostics);
  const std::string& name() const { return source_.name(); }
  bool empty() const { return resources_.empty() && changes_.empty(); }

  // As with Configurations: resources into `scope`, edges once the graph is ordered.
  void add(Graph& graph, ScopeId scope, bool context);
  void add_edges(Graph& graph) const;

 private:
  struct Instance {
    std::string address, module, type, name;
    bool data = false;
    Value value;
    Span header;
    const ResourceInstance* evaluated = nullptr;
  };
  struct Change {
    std::string address;
    Value value;
    Span header;
  };

  void evaluate(const std::map<std::string, Value, std::less<>>& data, LoadOptions options);
  void plan(Diagnostics& diagnostics);
  void module(Value module, bool data_only, Diagnostics& diagnostics, int depth);
  void add_instance(Value described, Value values, Value unknown, Value sensitive, Value place);
  Value merged(Value value, Value unknown, Value sensitive, const std::string& path, int depth);
  Value from_source(const ResourceInstance& evaluated, Value value);
  Value at_source(Value value, Value written, int depth);
  const ResourceInstance* evaluated(const std::string& address) const;

  const Source& source_;
  ParsedFile file_;
  bool plan_;
  Tree& tree_;
  Sources& sources_;
  Schema schema_;
  Value joins_;  // parsers/terraform/joins.hpp
  Arena arena_;
  std::unique_ptr<Configurations> configurations_;
  Evaluation* evaluation_ = nullptr;  // of the root beside the file; may be null
  std::map<std::string, const ResourceInstance*, std::less<>> evaluated_;
  std::vector<Instance> resources_;
  std::vector<Change> changes_;
  ScopeId scope_ = 0;
};

}  // namespace assay::terraform

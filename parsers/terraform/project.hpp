// The configurations among the inputs: which directories are roots, the modules that they call, and what
// cannot be found of those. Everything is read here once; evaluation only looks.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/diagnostic.hpp"
#include "engine/report.hpp"
#include "parsers/terraform/module.hpp"
#include "parsers/terraform/tree.hpp"

namespace assay::terraform {

// A module and the modules that it calls, as one root sees them.
struct CallTree {
  const Module* module = nullptr;
  std::vector<std::unique_ptr<CallTree>> children;  // by call; null: not to be had
  std::vector<std::string> missing;                 // by call: why there is no child
};

// Calls `work(i)` for every i below `count`, perhaps on several threads.
using Parallel = std::function<void(std::size_t count, const std::function<void(std::size_t)>& work)>;

struct ProjectOptions {
  ParseLimits limits;
  Parallel parallel;        // empty: one after the other
  std::uint32_t calls = 20'000;  // module calls below a root, iterations not counted
};

class Project {
 public:
  Project(Tree& tree, Sources& sources, const Schema& schema, ProjectOptions options, Diagnostics& diagnostics);

  // Reads these directories; `only`: those files of a directory, when not all were named.
  void read(const std::set<std::string>& directories, const std::map<std::string, std::set<std::string>>& only);

  struct Root {
    std::string directory;
    CallTree tree;
  };
  // Roots by name. A directory that another of those read calls is none, unless they call each other.
  const std::vector<Root>& roots() const { return roots_; }
  const std::vector<NotAssessed>& not_assessed() const { return not_assessed_; }
  const std::map<std::string, std::unique_ptr<Module>>& modules() const { return modules_; }
  // Attribute names that stand behind values whose resource cannot be told from the text (`each.value.arn`).
  const std::set<std::string_view>& loose_names() const { return loose_names_; }

 private:
  struct Manifest {
    std::map<std::string, std::string> directory_of;  // `vpc.subnets` -> directory
  };

  void read_all(const std::vector<std::string>& directories);
  const Module* module(const std::string& directory);
  void find_roots(const std::set<std::string>& directories);
  void link(Root& root);
  Manifest manifest(const std::string& directory);
  void find_loose_names();

  Tree& tree_;
  Sources& sources_;
  const Schema& schema_;
  ProjectOptions options_;
  Diagnostics& diagnostics_;
  std::map<std::string, std::set<std::string>> only_;
  std::map<std::string, std::unique_ptr<Module>> modules_;  // null: no configuration is there
  std::vector<Root> roots_;
  std::vector<NotAssessed> not_assessed_;
  std::set<std::string_view> loose_names_;
};

// Whether a module's source is a path: `./x`, `../x`.
bool is_local_source(std::string_view source);

}  // namespace assay::terraform

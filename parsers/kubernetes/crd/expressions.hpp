// x-kubernetes-validations: expressions compiled where they stand in a schema, with `self` typed from it, and run on
// a prepared custom resource under the API server's budget.
//
// Held to k8s.io/apiserver v0.36 pkg/cel/common and k8s.io/apiextensions-apiserver v0.36 pkg/apiserver/schema/cel.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/catalog.hpp"
#include "engine/cel/environment.hpp"
#include "engine/cel/program.hpp"
#include "parsers/kubernetes/crd/fault.hpp"
#include "parsers/kubernetes/crd/schema.hpp"

namespace assay::kubernetes::crd {

// A property's name as expressions write it; nothing where they cannot.
std::optional<std::string> escaped(std::string_view name);

// Functions and types that all definitions share.
struct Language {
  Language();
  std::shared_ptr<cel::TypeTable> types;
  std::unique_ptr<cel::Environment> base;
};

class Expressions {
 public:
  // Compiles every rule below `root`; mistakes are diagnostics with a caret in the rule's own text. `name` makes the
  // names of types unique.
  Expressions(const Language& language, const Schema& root, std::string name, const TextMap& text_map, Diagnostics& diagnostics);
  ~Expressions();
  Expressions(const Expressions&) = delete;

  bool empty() const { return !root_; }
  std::size_t mistakes() const { return mistakes_; }

  // Runs the rules on a prepared object. `old`: what it replaces, no value when it is created.
  void validate(Value object, Value old, Arena& arena, std::vector<Fault>& faults) const;

 private:
  struct Rule;
  struct Node;
  struct Compiler;
  struct Run;
  std::deque<Schema> more_schemas_;
  std::deque<cel::StructType> structures_;
  std::deque<Node> nodes_;
  const Node* root_ = nullptr;
  std::size_t mistakes_ = 0;
};

}  // namespace assay::kubernetes::crd

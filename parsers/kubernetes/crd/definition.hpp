// CustomResourceDefinitions (apiextensions.k8s.io/v1) and what they say of custom resources: what the API server
// would answer when one is created.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/catalog.hpp"
#include "engine/diagnostic.hpp"
#include "engine/graph.hpp"
#include "parsers/kubernetes/crd/expressions.hpp"
#include "parsers/kubernetes/crd/fault.hpp"
#include "parsers/kubernetes/crd/schema.hpp"

namespace assay::kubernetes::crd {

inline constexpr std::string_view definition_type = "k8s:apiextensions.k8s.io/CustomResourceDefinition";

// The paths of the scale subresource; empty: none.
struct Scale {
  std::string_view replicas, status_replicas, label_selector;
};

struct Version {
  std::string_view name;
  bool served = false, storage = false, has_status = false, has_scale = false;
  Scale scale;
  SchemaTree tree;
  const Schema* schema = nullptr;  // null: nothing is checked
  std::unique_ptr<Expressions> expressions;
};

// What one custom resource is told.
struct Answer {
  bool whole = true;  // false: too large to be looked at whole
  std::vector<Fault> faults;
};

class Definition {
 public:
  // Mistakes are diagnostics. `language` must outlive the definition.
  Definition(Value object, const Language& language, const TextMap& text_map, Diagnostics& diagnostics);

  // k8s:GROUP/KIND, and PLURAL.GROUP.
  const std::string& type() const { return type_; }
  const std::string& name() const { return name_; }
  // No mistakes: the API server takes it.
  bool valid() const { return valid_; }
  const Version* version(std::string_view name) const;
  const std::vector<std::unique_ptr<Version>>& versions() const { return versions_; }

  // What the API server says when `object` is created, or replaces `old`. Unknown fields are faults too.
  Answer check(Value object, Value old, Arena& arena) const;
  // The object as expressions and admission policies see it: pruned, with defaults. No value: no such version.
  Value admitted(Value object, Arena& arena) const;

 private:
  std::string type_, name_;
  std::string_view group_, kind_;
  bool namespaced_ = true, valid_ = true;
  std::vector<std::unique_ptr<Version>> versions_;
};

// k8s:GROUP/KIND of what a definition defines; empty where it does not say.
std::string defined_type(Value definition);

}  // namespace assay::kubernetes::crd

// Admission policies as rules: `admission/NAME` judges every object that the policy's `matchConstraints` name,
// as the API server would when the object is created.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/catalog.hpp"
#include "engine/graph.hpp"
#include "parsers/document.hpp"
#include "parsers/kubernetes/admission/compile.hpp"
#include "parsers/kubernetes/admission/evaluate.hpp"
#include "parsers/kubernetes/admission/object.hpp"
#include "parsers/kubernetes/admission/typecheck.hpp"

namespace assay::kubernetes::admission {

// In whose name, and how, objects are created.
struct RequestOptions {
  std::string user;                 // empty: not known
  std::string uid;
  std::vector<std::string> groups;  // of that user
  std::vector<std::pair<std::string, std::vector<std::string>>> extra;
  bool dry_run = false;
};

// What the object replaces: no value, it is created.
struct Replaced {
  Value object;
};

// The groups of the user, those that the API server adds included.
std::vector<std::string> groups_of(const RequestOptions& options);

// A policy or binding on its way to become a rule. Without a scope it came with the rules and reaches everything.
struct SourcePolicy {
  std::unique_ptr<CompiledPolicy> compiled;
  bool scoped = false;
  ScopeId scope = 0;
};
struct SourceBinding {
  Binding binding;
  bool scoped = false;
  ScopeId scope = 0;
};

// Everything that policies are judged with; shared by the rules of one audit.
struct Admission {
  Admission(std::string_view types, std::string_view defaults);
  const std::uint64_t serial;  // no two are the same, one after the other in one place included
  Schema schema;
  PolicyCompiler compiler;
  TypeChecker type_checker{schema};
  CustomSchemas custom;
  std::vector<SourcePolicy> policies;
  std::vector<SourceBinding> bindings;
  std::vector<BesideObject> beside;
  RequestOptions request;
  std::vector<ParsedFile> files;  // keeps what came with the rules
};

// Reads a file of a rules directory; false when none of its documents is a policy, a binding, or another
// Kubernetes object.
bool add_file(Admission& admission, const ParsedFile& file, const TextMap& text_map, Diagnostics& diagnostics);
// Reads the policies and bindings among the inputs.
void add_graph(Admission& admission, const Graph& graph, const TextMap& text_map, Diagnostics& diagnostics);

// The rules that these policies are, into the catalog. Bindings without policy, and policies without binding,
// are noted when `notes` says so.
void add_rules(std::shared_ptr<const Admission> admission, Catalog& catalog, Diagnostics& diagnostics, bool notes);

// What the API server says to one object under one binding, parameter by parameter; for rules and for tests.
struct Ruling {
  const CompiledPolicy* policy = nullptr;
  const Binding* binding = nullptr;
  Answer matched = Answer::no;
  std::string why;               // of a maybe
  std::string param;             // namespace/name of the parameter; empty: none
  std::vector<Decision> decisions;
  std::vector<std::pair<std::string, std::string>> annotations;  // for the audit log: key, value
  std::shared_ptr<const void> memory;
};
std::vector<Ruling> rule_on(const Admission& admission, const SourcePolicy& policy, const Graph& graph, const Resource& resource,
                            const Replaced& replaced, Arena& arena, std::vector<Premise>& premises);

}  // namespace assay::kubernetes::admission

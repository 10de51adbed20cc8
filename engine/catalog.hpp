// The catalog: views, rules, profiles and data files as they were read, before anything is compiled.
//
//   read (a parser gives values) -> collect (this file) -> select (engine/select) -> compile (engine/compile)
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/diagnostic.hpp"
#include "engine/report.hpp"
#include "engine/value.hpp"

namespace assay {

class NativeRule;  // engine/native_rule.hpp

// One file of a rules directory, parsed. `path` is relative to that directory: `views/workload.yaml`.
struct RuleFile {
  std::string path;
  Value root;
};

// How the content of a string value lies in its source: pairs of (content offset, byte offset).
using TextMap = std::function<std::vector<std::pair<std::uint32_t, std::uint32_t>>(Value scalar)>;

// An expression as it stands in a file; compiled on first need.
struct Expression {
  Value text;  // a string value with a span; no value: absent
  explicit operator bool() const { return static_cast<bool>(text); }
};

struct FieldDefinition {
  std::string name;
  std::string type;  // in engine/cel/type.hpp's notation
  std::string title;
  Value at;
};

struct ViewDefinition {
  std::string name;   // Workload
  std::string title;
  bool nested = false;
  std::string owner;  // nested: the view it belongs to
  std::vector<FieldDefinition> fields;
  struct Source {
    std::map<std::string, Expression, std::less<>> fields;
    Expression each;  // several instances in one resource: a list of values
  };
  std::map<std::string, Source, std::less<>> from;  // resource type, or `*`
  Value at;
};

// A helper for expressions, written in the language itself; every view and rule may call it.
struct FunctionDefinition {
  std::string name;
  std::vector<std::pair<std::string, std::string>> parameters;  // name, type
  std::string result;
  Expression expression;
};

struct ParameterDefinition {
  std::string name, type, title;
  Value fallback;  // the default
};

struct Example {
  enum class Kind : std::uint8_t { pass, fail, unknown } kind;
  Value text;
};

struct RuleDefinition {
  RuleInfo info;
  std::vector<std::string> applies_to;
  Expression when, find, require;
  std::string prove;          // a property of the solver, empty: none
  Value message;              // a template: text with {expressions}
  std::vector<std::string> implied_by;
  std::optional<Severity> unknown_severity;
  bool redact = false;        // the offending values are secrets: never shown
  std::vector<std::string> premises;  // assumed whenever the rule gives a verdict
  std::vector<ParameterDefinition> parameters;
  // Aliases that hold only under other parameter values: alias -> parameters.
  std::vector<std::pair<std::string, std::map<std::string, Value>>> alias_parameters;
  std::vector<Example> examples;
  std::shared_ptr<const NativeRule> native;  // set: it gives the verdicts, and no expression stands here
  Value at;                   // the file's root
  bool builtin = true;
};

struct ProfileDefinition {
  std::string name, title;
  std::vector<std::string> rules, exclude;  // ids, aliases, `family/*`, `*`
  std::map<std::string, std::map<std::string, Value>> parameters;  // rule id or `*` -> name -> value
};

struct Catalog {
  std::map<std::string, ViewDefinition, std::less<>> views;
  std::map<std::string, FunctionDefinition, std::less<>> functions;
  std::map<std::string, RuleDefinition, std::less<>> rules;
  std::map<std::string, ProfileDefinition, std::less<>> profiles;
  std::map<std::string, Value, std::less<>> data;  // `kubernetes_defaults` -> root
  TextMap text_map;
  std::set<SourceId> sources;  // the catalog's own files: a finding never points into them
  std::string digest;  // "sha256:…" over all files

  // The rule with this id, or that has this alias with or without the tool's name. Several: an alias may
  // be several rules'.
  std::vector<const RuleDefinition*> find(std::string_view id_or_alias) const;
};

// Adds files to the catalog; mistakes are diagnostics. Later files with the same path replace earlier ones.
void collect(Catalog& catalog, const std::vector<RuleFile>& files, bool builtin, Diagnostics& diagnostics);
// A profile given as a file of its own.
std::optional<ProfileDefinition> read_profile(std::string name, Value root, Diagnostics& diagnostics);

}  // namespace assay

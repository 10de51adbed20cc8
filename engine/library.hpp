// The compiled rule set: views and rules whose expressions have become programs.
//
// Compiling is lazy by resource type: an audit compiles the field expressions of the types that it holds,
// and nothing else. Mistakes become diagnostics at the expression's place in its file.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/catalog.hpp"
#include "engine/cel/environment.hpp"
#include "engine/cel/inline.hpp"
#include "engine/cel/program.hpp"
#include "engine/graph.hpp"
#include "engine/select.hpp"

namespace assay {

// Slots of the variables that expressions of views and rules see.
enum Slot : std::uint32_t { slot_self, slot_object, slot_resource, slot_owner, slot_it = slot_owner, slot_count };

struct CompiledView;
struct RecordTypes;  // engine/subject.hpp

// The field expressions of one view for one resource type.
struct CompiledSource {
  const CompiledView* view = nullptr;
  std::string type;
  std::vector<std::unique_ptr<cel::Program>> fields;  // by field index; null: not stated for this type
  std::unique_ptr<cel::Program> each;
};

struct CompiledView {
  const ViewDefinition* definition = nullptr;
  cel::StructType type;         // the view's own fields, then `resource`, `object` and `owner`
  std::size_t own_fields = 0;
  std::vector<const CompiledView*> nested;  // by field index: the nested view that its values are, or null
  std::map<std::string, std::unique_ptr<CompiledSource>, std::less<>> sources;

  // The source for a resource type, `*` included; null when the view does not cover it.
  const CompiledSource* source(std::string_view type) const;
};

// Text with expressions in braces.
struct Template {
  struct Part {
    std::string text;
    std::unique_ptr<cel::Program> program;  // null: `text` as it is
  };
  std::vector<Part> parts;
};

// A rule bound to one member of its `applies_to`.
struct CompiledRule {
  const SelectedRule* selected = nullptr;
  std::size_t index = 0;                // into the selection
  const CompiledView* view = nullptr;   // null: bound to a resource type
  std::string type;
  std::unique_ptr<cel::Program> when, find, require;
  Template message;
};

class Library {
 public:
  // `as_of` is midnight UTC of the audit date.
  Library(const Catalog& catalog, TimeParts as_of, Diagnostics& diagnostics);
  ~Library();

  // Compiles what resources of these types need. Not thread-safe; call before workers start.
  void compile(const std::vector<SelectedRule>& rules, const std::vector<std::string_view>& types);

  const CompiledView* view(std::string_view name) const;
  // Rules for a resource type, in order of rule.
  const std::vector<const CompiledRule*>& rules_for(std::string_view type) const;
  const Catalog& catalog() const { return catalog_; }
  const RecordTypes& records() const { return *records_; }
  // The environment of a rule on `applies_to`, for tools that try expressions.
  cel::Environment environment(std::string_view applies_to, const SelectedRule* rule) const;

 private:
  struct Compiler;
  const Catalog& catalog_;
  Diagnostics& diagnostics_;
  std::shared_ptr<cel::TypeTable> types_;
  std::unique_ptr<RecordTypes> records_;
  std::unique_ptr<cel::Environment> base_;
  std::map<std::string, std::unique_ptr<CompiledView>, std::less<>> views_;
  std::vector<std::unique_ptr<CompiledRule>> rules_;
  std::map<std::string, std::vector<const CompiledRule*>, std::less<>> rules_by_type_;
  Arena arena_;
  std::vector<std::unique_ptr<cel::Val>> constants_;
  std::vector<std::unique_ptr<cel::Ast>> function_bodies_;
  std::map<std::string, cel::InlineFunction, std::less<>> functions_;
};

}  // namespace assay

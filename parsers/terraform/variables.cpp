#include "parsers/terraform/variables.hpp"

#include "parsers/hcl/parse.hpp"

namespace assay::terraform {

VariableInputs::VariableInputs(const Module& root, Tree& tree, const std::vector<GivenVariable>& given,
                               const std::map<std::string, Value>& fixed, const ParseLimits& limits, Diagnostics& diagnostics)
    : root_(root), limits_(limits), diagnostics_(diagnostics) {
  for (const GivenVariable& one : given)
    if (one.kind == GivenVariable::Kind::environment) text(one);
  std::string error;
  std::vector<std::string> names;
  const std::vector<std::string> listed = tree.list(root.directory, error);
  for (const std::string_view fixed : {"terraform.tfvars", "terraform.tfvars.json"})
    for (const std::string& name : listed)
      if (name == fixed) names.push_back(name);
  for (const std::string& name : listed)
    if (name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json")) names.push_back(name);
  for (const std::string& name : names) {
    const std::string path = below(root.directory, name);
    if (const Source* source = tree.read(path, error)) {
      file(*source, name.ends_with(".json"), true);
      continue;
    }
    Diagnostic diagnostic;
    diagnostic.code = "unreadable-file";
    diagnostic.path = path;
    diagnostic.message = "cannot be read: " + error;
    diagnostic.incomplete = true;
    diagnostics_.add(std::move(diagnostic));
  }
  for (const GivenVariable& one : given) {
    if (one.kind == GivenVariable::Kind::value) text(one);
    if (one.kind == GivenVariable::Kind::file && one.source) file(*one.source, one.source->name().ends_with(".json"), false);
  }
  // Where a file says the same, its place is the better one.
  for (const auto& [name, value] : fixed) {
    const auto known = values_.find(name);
    if (known == values_.end() || !equal(known->second.value, value)) values_[name] = typed(value, arena_);
  }
}

Typed VariableInputs::find(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? Typed() : found->second;
}

void VariableInputs::file(const Source& source, bool json, bool automatic) {
  files_.push_back(json ? hcl::parse_json(source, limits_, diagnostics_) : hcl::parse(source, diagnostics_));
  hcl::File& file = files_.back();
  const hcl::Body body = hcl::read_body(file, file.body, {}, hcl::Strings::literal, diagnostics_);
  EmptyScope empty;
  for (const hcl::Item& item : body.items) {
    if (item.block) {
      diagnostics_.error("tfvars", item.block->header, "a file of variables holds no blocks: write `name = value`");
      continue;
    }
    const hcl::Attribute& attribute = *item.attribute;
    if (!root_.variable_of.contains(attribute.name)) {
      if (automatic && !root_.part)
        diagnostics_.warning("undeclared-variable", attribute.name_span,
                             "no variable `" + std::string(attribute.name) + "` is declared in `" + root_.directory + "`: this value has no effect");
      continue;
    }
    if (!automatic) taken_.emplace_back(attribute.name);
    if (!attribute.value) continue;
    if (const Typed value = evaluate(*attribute.value, empty, arena_, diagnostics_)) values_[std::string(attribute.name)] = value;
  }
}

// `--var` and TF_VAR_*: text as it is for what is declared as a string, number or bool (or as nothing), else an expression.
void VariableInputs::text(const GivenVariable& given) {
  const auto found = root_.variable_of.find(given.name);
  if (found == root_.variable_of.end() || !given.source) return;
  if (given.kind == GivenVariable::Kind::value) taken_.push_back(given.name);
  const Type* type = root_.variables[found->second].constraint.type;
  const Span whole{given.source->id(), 0, static_cast<std::uint32_t>(given.source->bytes().size())};
  if (!type || type->primitive() || type->is(Type::Kind::any)) {
    values_[given.name] = {arena_.string(given.source->bytes(), whole), string_type()};
    return;
  }
  files_.push_back(hcl::parse_expression(*given.source, diagnostics_));
  EmptyScope empty;
  if (const Typed value = evaluate(*files_.back().expression, empty, arena_, diagnostics_)) values_[given.name] = value;
}

}  // namespace assay::terraform

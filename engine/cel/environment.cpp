#include "engine/cel/environment.hpp"

#include <algorithm>

namespace assay::cel {

std::optional<std::uint32_t> StructType::index(std::string_view field) const {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name == field) return static_cast<std::uint32_t>(i);
  }
  return std::nullopt;
}

Environment::Environment(std::shared_ptr<TypeTable> types) : types_(std::move(types)) {}

Environment::Shared& Environment::own() {
  if (shared_.use_count() > 1) shared_ = std::make_shared<Shared>(*shared_);
  return *shared_;
}

void Environment::add_variable(std::string name, const Type* type) {
  Variable variable{name, type, 0, nullptr};
  const auto found = variables_.find(name);
  // A name that is declared again keeps its slot, so that slots stay dense.
  variable.slot = found != variables_.end() && !found->second.constant ? found->second.slot : slot_count_++;
  variables_.insert_or_assign(std::move(name), std::move(variable));
}

void Environment::add_constant(std::string name, const Type* type, const Val* value) {
  Variable variable{name, type, 0, value};
  variables_.insert_or_assign(std::move(name), std::move(variable));
}

void Environment::add_struct(const StructType* type) { own().structures.insert_or_assign(type->name, type); }

void Environment::add_type(std::string name, const Type* type) { own().type_names.insert_or_assign(std::move(name), type); }

void Environment::add_function(Function function) {
  auto& held = own().functions[function.name];
  if (!held) {
    held = std::make_shared<Function>(std::move(function));
    return;
  }
  // Environments are extended by copying and share their functions: change a copy.
  auto joined = std::make_shared<Function>(*held);
  for (Overload& overload : function.overloads) {
    const auto same = std::find_if(joined->overloads.begin(), joined->overloads.end(),
                                   [&](const Overload& o) { return o.id == overload.id; });
    if (same != joined->overloads.end()) {
      *same = std::move(overload);
    } else {
      joined->overloads.push_back(std::move(overload));
    }
  }
  if (function.refine) joined->refine = std::move(function.refine);
  if (joined->documentation.empty()) joined->documentation = std::move(function.documentation);
  held = std::move(joined);
}

const Variable* Environment::variable(std::string_view name) const {
  const auto found = variables_.find(name);
  return found == variables_.end() ? nullptr : &found->second;
}

const StructType* Environment::structure(std::string_view name) const {
  const auto found = shared_->structures.find(name);
  return found == shared_->structures.end() ? nullptr : found->second;
}

const Type* Environment::type_named(std::string_view name) const {
  if (const Type* type = cel::type_named(name)) return type;
  if (const auto found = shared_->type_names.find(name); found != shared_->type_names.end()) return found->second;
  if (const StructType* type = structure(name)) return type->type;
  return nullptr;
}

const Function* Environment::function(std::string_view name) const {
  const auto found = shared_->functions.find(name);
  return found == shared_->functions.end() ? nullptr : found->second.get();
}

std::vector<const Function*> Environment::functions() const {
  std::vector<const Function*> all;
  all.reserve(shared_->functions.size());
  for (const auto& [name, function] : shared_->functions) all.push_back(function.get());
  return all;
}

std::vector<std::string_view> Environment::variable_names() const {
  std::vector<std::string_view> all;
  all.reserve(variables_.size());
  for (const auto& [name, variable] : variables_) all.push_back(name);
  return all;
}

std::vector<std::string> Environment::candidates(std::string_view name) const {
  if (!name.empty() && name.front() == '.') return {std::string(name.substr(1))};
  std::vector<std::string> all;
  for (std::string_view prefix = container_; !prefix.empty();) {
    all.push_back(std::string(prefix) + "." + std::string(name));
    const std::size_t dot = prefix.rfind('.');
    prefix = dot == std::string_view::npos ? std::string_view() : prefix.substr(0, dot);
  }
  all.emplace_back(name);
  return all;
}

}  // namespace assay::cel

// Type constraints as a variable's `type` writes them: `any`, `list(string)`, `object({port =
// optional(number, 80)})`, and the defaults that `optional` gives.
#pragma once

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/diagnostic.hpp"
#include "parsers/hcl/ast.hpp"
#include "parsers/terraform/typed.hpp"

namespace assay::terraform {

// Defaults of the optional attributes of one object type, and of what lies inside it. A collection's element
// stands under "".
struct Defaults {
  const Type* type = nullptr;
  std::vector<std::pair<std::string_view, Typed>> values;  // by attribute
  std::vector<std::pair<std::string_view, std::unique_ptr<Defaults>>> children;
};

struct Constraint {
  const Type* type = any_type();  // may hold optional attributes
  std::shared_ptr<const Defaults> defaults;  // null: there are none
};

// What cannot be read is a diagnostic and counts as `any`. `arena` keeps the defaults.
Constraint read_constraint(const hcl::Expression& expression, Arena& arena, Diagnostics& diagnostics);

// `value` as the constraint wants it: defaults filled in where attributes are missing or null, then
// converted. No value when it does not fit; `why` then says so.
Typed apply(const Constraint& constraint, Typed value, Arena& arena, std::string& why);

}  // namespace assay::terraform

// Values for the variables of a root, in Terraform's order of precedence, low to high: the environment (only
// where it was asked for), `terraform.tfvars`, `terraform.tfvars.json`, `*.auto.tfvars[.json]` by name, then
// `--var` and `--var-file` in the order of the command line.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/diagnostic.hpp"
#include "parsers/hcl/ast.hpp"
#include "parsers/terraform/module.hpp"
#include "parsers/terraform/tree.hpp"

namespace assay::terraform {

// One source of values, as the command line or the environment gives it.
struct GivenVariable {
  enum class Kind : std::uint8_t { environment, value, file } kind = Kind::value;
  std::string name;                // environment, value
  const Source* source = nullptr;  // the value's text, or the file
};

class VariableInputs {
 public:
  // `given`: the environment first, then the command line's in order.
  // `fixed` holds against all others.
  VariableInputs(const Module& root, Tree& tree, const std::vector<GivenVariable>& given, const std::map<std::string, Value>& fixed,
                 const ParseLimits& limits, Diagnostics& diagnostics);

  // The value for a declared variable, not yet converted to its type; no value where there is none.
  Typed find(std::string_view name) const;
  // Names given on the command line that this root declares.
  const std::vector<std::string>& taken() const { return taken_; }

 private:
  void file(const Source& source, bool json, bool automatic);
  void text(const GivenVariable& given);

  const Module& root_;
  const ParseLimits& limits_;
  Diagnostics& diagnostics_;
  std::map<std::string, Typed, std::less<>> values_;
  std::vector<std::string> taken_;
  std::deque<hcl::File> files_;
  Arena arena_;
};

}  // namespace assay::terraform

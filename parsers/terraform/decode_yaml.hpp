// YAML as `yamldecode` reads and `yamlencode` writes it: the resolution of scalars is that of
// github.com/zclconf/go-cty-yaml, which differs from Kubernetes'.
#pragma once

#include <string>
#include <string_view>

#include "parsers/terraform/typed.hpp"

namespace assay::terraform {

// No value: `error` says what is wrong.
Typed read_yaml(std::string_view text, Arena& arena, std::string& error);
// The value must be wholly known. Empty: too long.
std::string write_yaml(Typed value);

}  // namespace assay::terraform

// JSON as `jsondecode` reads it: exact numbers, objects and tuples with Terraform's types. When the text is
// part of a source, every value gets its place there.
#pragma once

#include <string>
#include <string_view>

#include "engine/source.hpp"
#include "parsers/terraform/typed.hpp"

namespace assay::terraform {

// `text` lives as long as the arena. `base`: where it begins in a source, if it does (its end is not used).
// No value: `error` says what is wrong.
Typed read_json(std::string_view text, Span base, Arena& arena, std::string& error);

}  // namespace assay::terraform

// Texts that are JSON (policies, assume-role documents): what they say, as a value.
#pragma once

#include "engine/value.hpp"

namespace assay::terraform {

// The object that a text holds; no value when it is none. Everything in it stands where the text does.
Value structure_of_text(Value text, Arena& arena);

}  // namespace assay::terraform

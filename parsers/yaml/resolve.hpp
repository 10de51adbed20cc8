// What a plain scalar means: null, boolean, number or text, as go-yaml v2 resolves it, which is how
// sigs.k8s.io/yaml, and with it kubectl and the API server, read manifests.
// Source: go.yaml.in/yaml/v2 resolve.go and strconv's rules for base 0. One difference: integers beyond
// 64 bits stay exact numbers instead of becoming floats.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/value.hpp"

namespace assay::yaml {

// True for most texts: `resolve` finds nothing but text in it. False: it may find something else.
bool is_text(std::string_view text);
inline bool is_merge(std::string_view text) { return text == "<<"; }

// The value of an untagged plain scalar. `text` outlives the arena.
Value resolve(std::string_view text, Span span, Arena& arena);

// The value of a scalar with a tag ("tag:yaml.org,2002:int", "!" for non-specific). No value: `text`
// cannot be read as that.
Value resolve_tagged(std::string_view tag, std::string_view text, Span span, Arena& arena);

}  // namespace assay::yaml

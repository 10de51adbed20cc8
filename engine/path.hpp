// Where a value stands inside a resource: a path that people can read and that survives moved lines.
#pragma once

#include <optional>
#include <string>

#include "engine/value.hpp"

namespace assay {

struct FieldPlace {
  std::string path;  // spec.template.spec.containers[api].securityContext; empty: the root
  Span shown;        // what a caret underlines: a scalar itself, else its key, else the first key of an item
};

// Finds `target` in `root` by identity. List items are named by their key field (`name`, `key`, `id`, …),
// else by their scalar text, else by a hash of their content: never by their index.
std::optional<FieldPlace> find_place(Value root, Value target);

// What a caret underlines for a value that is not inside a resource's tree.
Span shown_span(Value value);

}  // namespace assay

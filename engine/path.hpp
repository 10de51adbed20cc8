// Where a value stands inside a resource: a path that people can read and that survives moved lines.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/value.hpp"

namespace assay {

struct FieldPlace {
  std::string path;  // spec.template.spec.containers[api].securityContext; empty: the root
  Span shown;        // what a caret underlines: a scalar itself, else its key, else the first key of an item
};

// Where every value of one resource stands, by identity. List items are named by their key field (`name`,
// `key`, `id`, …), else by their scalar text, else by a hash of their content: never by their index. A value
// that aliases share is at its first place. Nothing for a value that is not inside.
class PlaceIndex {
 public:
  explicit PlaceIndex(Value root);
  std::optional<FieldPlace> find(Value target) const;

 private:
  struct Step {
    Value value;
    std::uint32_t parent;  // index of the step above
    const Entry* entry;    // how it was reached: a map's entry, or null for a list item
  };
  std::vector<Step> steps_;
  std::unordered_map<const void*, std::uint32_t> by_node_;
};

// What a caret underlines for a value that is not inside a resource's tree.
Span shown_span(Value value);

}  // namespace assay

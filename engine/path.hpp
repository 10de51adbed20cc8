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

// The way of a value that came from elsewhere: `place` is where a person would change it (the literal at the
// end of the way; the last expression on it where something was computed; the first for what is not known),
// `uses` the expressions that it came through, from where it is used back to where it was written.
struct Provenance {
  struct Use {
    Span span;
    std::string_view note;  // may be empty
  };
  Span place;
  std::vector<Use> uses;
};
Provenance provenance(Value value);

}  // namespace assay

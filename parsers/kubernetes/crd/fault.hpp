// What the API server says against a custom resource: its field.Error (k8s.io/apimachinery v0.36
// pkg/util/validation/field), with the value that it is about.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/cel/program.hpp"
#include "engine/value.hpp"

namespace assay::kubernetes::crd {

enum class FaultKind : std::uint8_t {
  invalid, type_invalid, required, duplicate, not_supported, forbidden, too_long, too_many, internal, unknown_field,
};

struct Fault {
  FaultKind kind = FaultKind::invalid;
  std::string field;        // spec.items[0].name; "<nil>" for the whole
  std::string bad_value;    // as it is written; empty: left out
  std::string detail;
  Value at;                 // a prepared value, or the parent of a missing one
  std::string_view absent;  // what it lacks
  std::vector<cel::Decisive> decisive;
  bool undecided = false;   // it may be a fault: `why` says what is not known
  std::string why;

  std::string text() const;  // as the API server writes it
};

// A path through an object; written only when something is wrong.
struct Path {
  const Path* parent = nullptr;
  std::string_view name;      // empty: an index
  std::size_t index = 0;
  bool key = false;           // of a map: [name]
  // spec.items[0]; keys as .name or as [name].
  std::string text(bool keys_in_brackets) const;
};

}  // namespace assay::kubernetes::crd

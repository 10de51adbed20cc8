// What an expression may look at: names and files. Whoever loads configuration implements both; the
// evaluator asks on demand, so that values are computed when they are first needed.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/diagnostic.hpp"
#include "engine/source.hpp"
#include "parsers/terraform/typed.hpp"

namespace assay::terraform {

// One step after a root: `.name`, `["key"]` or `[0]` with a literal key.
struct Step {
  enum class Kind : std::uint8_t { attribute, key, index };
  Kind kind = Kind::attribute;
  std::string_view name;   // attribute, key
  std::int64_t index = 0;  // index
  Span span;               // from the root to the end of this step
};

// A static reference: a root name and its literal steps, as far as they go (`aws_x.y[count.index].id` is
// given as `aws_x.y`).
struct Reference {
  std::string_view root;
  Span root_span;
  std::span<const Step> steps;
  Span span;  // root and all steps
};

// What a scope makes of a reference: the value of the root and the first `steps` steps; the evaluator
// takes the others itself. No value: a diagnostic has been given (now or before).
struct Resolved {
  Typed value;
  std::size_t steps = 0;
};

// Files below the audited root. Paths are as the configuration wrote them; whoever implements this refuses
// what leads out of the root (also through a symbolic link) or is too large, and says so in `error`.
class Files {
 public:
  struct Content {
    const Source* source = nullptr;  // null: `error` says why
    std::string error;
  };
  virtual ~Files() = default;
  virtual Content read(std::string_view path) = 0;
  // 1: a regular file, 0: nothing there, -1: something else or refused (`error`).
  virtual int exists(std::string_view path, std::string& error) = 0;
  // Every regular file below a folder, relative to it, with `/`; in any order.
  virtual std::vector<std::string> below(std::string_view folder, std::string& error) = 0;
  // For `abspath`: empty when it cannot be said.
  virtual std::string absolute(std::string_view path) = 0;
};

class Scope {
 public:
  virtual ~Scope() = default;
  // `diagnostics` takes what is wrong with this reference (no such name). It may be thrown away (`try`, the
  // branch that was not taken), so what goes wrong while the thing referred to is evaluated goes elsewhere.
  // Chains of references are followed by recursion: whoever implements this bounds their depth.
  virtual Resolved resolve(const Reference& reference, Diagnostics& diagnostics) = 0;
  // Null: the file functions are unknown.
  virtual Files* files() { return nullptr; }
  // Where the expressions' bytes are, to name derived unknowns and to place functions' templates. May be null.
  virtual Sources* sources() { return nullptr; }
};

// A scope in which nothing has a name: for places that allow constants only.
class EmptyScope : public Scope {
 public:
  Resolved resolve(const Reference& reference, Diagnostics& diagnostics) override;
};

}  // namespace assay::terraform

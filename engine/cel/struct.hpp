// Records that expressions read lazily by field: view instances, resources. CEL knows nothing of
// views; it asks a `StructType` for the names and types of its fields when an expression is checked,
// and a `StructBase` for the field by its index when it runs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cel/type.hpp"
#include "engine/cel/val.hpp"

namespace assay::cel {

struct Frame;

struct Field {
  std::string name;
  const Type* type = nullptr;
};

struct StructType {
  std::string name;
  const Type* type = nullptr;  // TypeKind::structure of this name
  std::vector<Field> fields;
  std::optional<std::uint32_t> index(std::string_view field) const;
};

class StructBase {
 public:
  virtual const StructType& type() const = 0;
  // The field's value; may be an error or an unknown. In a tracing frame the implementation traces too.
  virtual Val get(std::uint32_t field, Frame& frame) = 0;
  // What `has(x.f)` and `x.?f` ask.
  virtual bool has(std::uint32_t field, Frame& frame) = 0;
  // Identity for `==` and for finding where a yielded record stands.
  virtual Value value() const = 0;
  virtual const void* identity() const = 0;

 protected:
  ~StructBase() = default;
};

// Values of extension types (net.IP, kubernetes.Quantity …) derive from this; they live in the frame.
class OpaqueBase {
 public:
  virtual const Type* type() const = 0;
  virtual bool equals(const OpaqueBase& other) const = 0;
  // For messages and `eval`; empty: the type's name.
  virtual std::string text() const { return {}; }

 protected:
  ~OpaqueBase() = default;
};

}  // namespace assay::cel

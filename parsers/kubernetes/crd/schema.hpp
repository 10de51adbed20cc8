// A structural schema of a CustomResourceDefinition: what apiextensions.k8s.io/v1 JSONSchemaProps says, read once,
// with the values that it was read from, so that a mistake in it is shown where it stands.
//
// Held to k8s.io/apiextensions-apiserver v0.36 pkg/apiserver/schema (NewStructural, ValidateStructural).
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/diagnostic.hpp"
#include "engine/regex.hpp"
#include "engine/value.hpp"

namespace assay::kubernetes::crd {

enum class Type : std::uint8_t { none, object, array, string, integer, number, boolean };
std::string_view name_of(Type type);  // "object"; none: ""

// One entry of x-kubernetes-validations.
struct ValidationRule {
  Value at, rule, message_expression;
  std::string_view text, message, message_text, reason, field_path;
  bool optional_old_self = false;
};

struct Schema;
struct Property {
  std::string_view name;
  const Schema* schema;
};

struct Schema {
  Value at;
  Type type = Type::none;
  std::string_view format;
  bool nullable = false, preserve_unknown = false, embedded = false, int_or_string = false;
  std::string_view list_type, map_type;
  std::vector<std::string_view> list_keys;
  Value fallback;  // the default; no value: none
  std::vector<Property> properties;  // by name
  bool has_properties = false;       // `properties` is there and holds something
  const Schema* items = nullptr;
  const Schema* additional = nullptr;  // additionalProperties: a schema
  bool has_additional = false, additional_allowed = false;

  std::optional<std::int64_t> max_length, min_length, max_items, min_items, max_properties, min_properties;
  std::optional<double> maximum, minimum, multiple_of;
  bool exclusive_maximum = false, exclusive_minimum = false, unique_items = false;
  std::string_view pattern;
  std::shared_ptr<const Regex> compiled;  // the pattern; null where it is wrong
  std::vector<Value> enumeration;
  std::vector<std::string_view> required;
  std::vector<const Schema*> all_of, any_of, one_of;
  const Schema* negated = nullptr;
  std::vector<ValidationRule> validations;

  const Schema* property(std::string_view name) const;
};

// The schemas of one version of one definition; a node belongs to the tree that made it.
class SchemaTree {
 public:
  // Reads `openAPIV3Schema`. Mistakes are diagnostics; null where it cannot be used at all.
  const Schema* read(Value schema, Diagnostics& diagnostics);
  std::size_t mistakes() const { return mistakes_; }

 private:
  struct Reader;
  friend struct Reader;
  std::deque<Schema> nodes_;
  std::size_t mistakes_ = 0;
};

// `schema` with what every resource has: kind, apiVersion, metadata (name and generateName). `store` keeps it.
const Schema* with_meta(const Schema& schema, std::deque<Schema>& store);

}  // namespace assay::kubernetes::crd

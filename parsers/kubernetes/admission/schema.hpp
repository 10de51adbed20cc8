// What the API server knows of its built-in kinds: which resource serves a kind, which fields its objects have,
// and what it fills in. Read from `rules/data/kubernetes-schema.txt` and `kubernetes-type-defaults.txt`, whose
// heads say how they are written.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace assay::kubernetes::admission {

enum class FieldKind : std::uint8_t {
  string, boolean, integer, floating, bytes, quantity, time, microtime, duration, int_or_string, any, structure,
};

struct ObjectType;

struct FieldType {
  enum class Shape : std::uint8_t { plain, list, map, list_map, map_list };  // the last two: lists of maps, maps of lists
  std::string_view name;
  FieldKind kind = FieldKind::any;
  Shape shape = Shape::plain;
  bool pointer = false;  // may be set to its zero value
  bool always = false;   // is written even when it is zero
  std::string_view type_name;  // of a structure
  const ObjectType* type = nullptr;
};

// What is filled in where a field is lacking.
struct FieldDefault {
  std::string_view field, value;
  std::string_view when_field, when;  // `-`: not set, `+`: set, else words between bars; empty: always
  std::string_view in;                // in objects of this type only; empty: anywhere
};

struct ObjectType {
  std::string_view name;  // core.v1.Container
  std::vector<FieldType> fields;
  std::vector<FieldDefault> defaults;
  const FieldType* find(std::string_view field) const;
};

struct ServedResource {
  std::string_view group, version, kind, resource;
  bool namespaced = false;
};

class Schema {
 public:
  // The texts must outlive the schema. What cannot be understood is left out.
  explicit Schema(std::string_view types, std::string_view defaults = {});

  const ObjectType* type_of(std::string_view api_version, std::string_view kind) const;
  const ObjectType* type(std::string_view name) const;
  const ServedResource* served(std::string_view api_version, std::string_view kind) const;
  // Every version of a group that serves a kind, newest data first come as in the file.
  std::vector<const ServedResource*> versions(std::string_view group, std::string_view kind) const;
  const std::vector<ServedResource>& resources() const { return resources_; }

 private:
  void read(std::string_view text);
  void read_type(std::string_view line);
  void read_default(std::string_view line);
  static FieldType field(std::string_view text);
  std::unordered_map<std::string_view, ObjectType> types_;
  std::vector<ServedResource> resources_;
  struct Known {
    std::string_view api_version, kind, type;
  };
  std::vector<Known> kinds_;
};

}  // namespace assay::kubernetes::admission

// An object while the API server works on it: a tree that can be changed, made from values by a type of the
// schema and turned into values again. A node that stands in the input keeps its value; one that was made
// becomes a value computed from the deepest parent that lacks it.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/value.hpp"
#include "parsers/kubernetes/admission/schema.hpp"

namespace assay::kubernetes::admission {

struct Draft {
  enum class Shape : std::uint8_t { leaf, list, map };
  Shape shape = Shape::leaf;
  bool changed = false;        // a list or map that is no longer what `from` is
  const ObjectType* type = nullptr;  // of a map that has one
  FieldKind kind = FieldKind::any;   // of a leaf, or of the elements of a plain list or map
  Value from;                  // what stands in the input; no value: it was made
  Value leaf;
  Draft* parent = nullptr;     // and under which key, for what was made
  std::string_view key;
  std::vector<std::pair<std::string_view, Draft*>> fields;
  std::vector<Draft*> items;

  Draft* get(std::string_view name) const;
  std::string_view text(std::string_view name) const;  // of a field that is a string; else empty
  bool is_map() const { return shape == Shape::map; }
};

class Drafts {
 public:
  explicit Drafts(Arena& arena) : arena_(arena) {}

  // What is no field of the type is dropped; so are nulls. Null: too large to be worked on.
  Draft* read(Value value, const ObjectType* type);

  Draft* text(std::string_view text);
  Draft* integer(std::int64_t value);
  Draft* boolean(bool value);
  Draft* leaf(Value value);
  Draft* map(const ObjectType* type = nullptr);
  Draft* list();
  Draft* unknown(std::string_view name, std::string_view reason);
  Draft* copy(const Draft* other);  // as a made one

  // Sets or replaces a field; `name` must outlive the drafts.
  Draft* set(Draft* map, std::string_view name, Draft* value);
  void erase(Draft* map, std::string_view name);
  void append(Draft* list, Draft* item);
  // The map or list under a name, made where it is lacking.
  Draft* map_at(Draft* map, std::string_view name);
  Draft* list_at(Draft* map, std::string_view name);

  // As the server's converter writes it: empty fields are gone, those that are always written are there.
  Value finish(Draft* root);

  bool failed() const { return failed_; }
  Arena& arena() { return arena_; }

 private:
  Draft* add(Draft::Shape shape);
  Draft* read_field(Value value, const FieldType& field, int depth);
  Draft* read_plain(Value value, FieldKind kind, bool in_map);
  Draft* read_structure(Value value, const ObjectType* type, int depth);
  Value finished(Draft* draft, int depth);
  Value made(Value value, const Draft* draft);
  std::vector<std::pair<std::string_view, Value>> fields_of(Draft* draft, int depth, bool& changed);
  Value zero(const FieldType& field, Draft* parent, int depth);
  static bool dropped(const FieldType& field, const Draft* draft);

  Arena& arena_;
  std::deque<Draft> drafts_;
  bool failed_ = false;
};

// Whether a field of a draft counts as not set: it is lacking, or zero where no pointer tells.
bool lacks(const Draft* map, std::string_view name);

}  // namespace assay::kubernetes::admission

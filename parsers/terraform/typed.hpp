// A Terraform value: the engine's own value and Terraform's type beside it, so that what is evaluated goes
// into resources as it is. What stands for what:
//
//   number         int64 where it fits, float64 where it came from a double, else `number` (exact decimal)
//   list, tuple    list          set    set, without duplicates, in Terraform's order
//   map, object    map, by key   null   null, of any type
//   unknown        unknown: its name is an address (`var.x`, `module.m.var.x`, `aws_x.y.id`) where it stands
//                  for that one value, else the text of an expression; the reason names the deepest cause
//
// Sensitive values carry the engine's flag. A value that came through references or functions is `computed`:
// its origins lead to where it was written, `Origin::use` says through which expressions it came.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/value.hpp"
#include "parsers/terraform/type.hpp"

namespace assay::terraform {

// No value: evaluation failed and a diagnostic has said why.
struct Typed {
  Value value;
  const Type* type = nullptr;

  explicit operator bool() const { return static_cast<bool>(value); }
  bool null() const { return value.is_null(); }
  bool unknown() const { return value.is_unknown(); }
  bool known() const { return value && !value.is_unknown(); }  // itself: items may still be unknown
};

// `value` as a `type`: cty's conversion. No value when there is none; `why` then says so ("a number is
// required", "attribute `port`: a number is required").
Typed convert(Typed value, const Type* type, Arena& arena, std::string& why);

// `value` was used by the expression at `use`: the same value, whose origins begin with it. `note` says what
// the step is when it is not just a use ("passed", "default").
Value used(Value value, Span use, Arena& arena, std::string_view note = {});

// Terraform's `==`: by type and content; two nulls are equal whatever their types.
enum class Truth : std::uint8_t { no, yes, unknown };
Truth equals(Typed left, Typed right);

// An unknown of a type. Name and reason as in the engine's `Unknown`.
Typed unknown_of(const Type* type, std::string_view name, std::string_view reason, Span span, Arena& arena);

// Typed children: items of list, set, tuple; attributes of objects, elements of maps. They inherit the
// container's sensitivity and the places it came through. No value where there is none.
Typed item_of(Typed container, std::size_t index, Arena& arena);
Typed member_of(Typed container, std::string_view name, Arena& arena);

// A set of these: duplicates gone, in Terraform's order. `place` gives it its span or origins, if present.
Typed set_of(std::vector<Value> items, const Type* element, Value place, Arena& arena);
// `fresh` stands where `place` stands: its span, or its origins, and as sensitive.
Value placed(Value fresh, Value place, Arena& arena);
// A map's or object's entries, by key.
void sort_entries(std::vector<Entry>& entries);
Entry entry_of(std::string_view key, Value value);  // the key must outlive the value

// As JSON, like `jsonencode`: compact, by key. What is unknown is null. False: it would be too long.
bool to_json(Value value, std::string& out);

// Longest text, most items that a value may get: beyond, evaluation fails and says so.
inline constexpr std::size_t max_text = 16u << 20;
inline constexpr std::size_t max_items = 1'000'000;

// The type that a value without one has, as for JSON and tfvars: lists are tuples, maps are objects. The
// engine's floats and integers are numbers. Gives the value in the form that is described above.
Typed typed(Value value, Arena& arena);

}  // namespace assay::terraform

// From the items of a block to fields: arguments evaluated, nested blocks as lists, `dynamic` blocks
// unrolled, null arguments left out.
#pragma once

#include <string>
#include <vector>

#include "parsers/terraform/module_scope.hpp"

namespace assay::terraform {

class BodyReader {
 public:
  BodyReader(Evaluation& evaluation, ModuleInstance& module, ModuleScope& scope) : evaluation_(evaluation), module_(module), scope_(scope) {}

  // `address` names what is unknown in it.
  std::vector<Field> read(std::span<const hcl::Item> items, const BlockSchema* schema, const std::string& address);
  // A map of the fields; `header`: how many of the first bytes of `span` name the block.
  Value map(const std::vector<Field>& fields, Span span, std::uint32_t header);

 private:
  struct List {
    std::string_view type;
    Span type_span;
    std::vector<Value> items;
  };
  void block(const hcl::Block& block, const BlockSchema* schema, const std::string& address, std::vector<List>& lists, int depth);
  void dynamic(const hcl::Block& block, const BlockSchema* schema, const std::string& address, std::vector<List>& lists, int depth);
  std::vector<Field> read(std::span<const hcl::Item> items, const BlockSchema* schema, const std::string& address, int depth);
  void argument(const hcl::Attribute& attribute, const BlockSchema* schema, const std::string& address, std::vector<Field>& fields);
  static List& list(std::vector<List>& lists, std::string_view type, Span span);

  Evaluation& evaluation_;
  ModuleInstance& module_;
  ModuleScope& scope_;
  std::size_t blocks_ = 0;
};

// `value` without null map entries, still computed from what it was computed from.
Value tidy(Value value, Arena& arena);

}  // namespace assay::terraform

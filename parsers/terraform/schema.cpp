#include "parsers/terraform/schema.hpp"

namespace assay::terraform {

const AttributeSchema* BlockSchema::attribute(std::string_view name) const {
  const auto found = attributes.find(name);
  return found == attributes.end() ? nullptr : &found->second;
}

const BlockSchema* BlockSchema::block(std::string_view name) const {
  const auto found = blocks.find(name);
  return found == blocks.end() ? nullptr : &found->second;
}

const BlockSchema* Schema::resource(std::string_view type) const {
  const auto found = resources.find(type);
  return found == resources.end() ? nullptr : &found->second;
}

EdgeKind Schema::kind(std::string_view attribute, std::string_view on, std::string_view target, bool& reverse) const {
  for (const EdgeSchema& edge : edges) {
    if (!edge.attributes.contains(attribute)) continue;
    if (!edge.on.empty() && !edge.on.contains(on)) continue;
    if (!edge.targets.empty() && !edge.targets.contains(target)) continue;
    reverse = edge.reverse;
    return edge.kind;
  }
  return EdgeKind::references;
}

namespace {

// `list(string)` and the like; null: no type.
const Type* read_type(std::string_view text) {
  if (text == "string") return string_type();
  if (text == "number") return number_type();
  if (text == "bool") return bool_type();
  if (text == "any") return any_type();
  if (!text.ends_with(')')) return nullptr;
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos) return nullptr;
  const Type* element = read_type(text.substr(open + 1, text.size() - open - 2));
  if (!element) return nullptr;
  const std::string_view kind = text.substr(0, open);
  return kind == "list" ? list_type(element) : kind == "set" ? set_type(element) : kind == "map" ? map_type(element) : nullptr;
}

void read_block(Value value, BlockSchema& block, Diagnostics& diagnostics) {
  for (const Entry& entry : value.entries()) {
    if (entry.value.is_map()) {
      read_block(entry.value, block.blocks[std::string(entry.key())], diagnostics);
      continue;
    }
    std::string_view text = entry.value.as_string();
    AttributeSchema attribute;
    if (text.starts_with('=')) attribute.settable = false, attribute.computed = true, text.remove_prefix(1);
    if (text.ends_with('~')) attribute.computed = true, text.remove_suffix(1);
    attribute.type = read_type(text);
    if (!attribute.type) {
      diagnostics.error("terraform-schema", entry.value.span(),
                        "`" + std::string(text) + "` is no type: write string, number, bool, any, or list, set, map of one");
      continue;
    }
    block.attributes.emplace(entry.key(), attribute);
  }
}

void read_words(Value list, std::set<std::string, std::less<>>& out) {
  for (const Value item : list.items()) out.emplace(item.as_string());
}

}  // namespace

void read_schema(Value root, Schema& schema, Diagnostics& diagnostics) {
  for (const Entry& entry : root.find("resources").entries())
    read_block(entry.value, schema.resources[std::string(entry.key())], diagnostics);
  for (const Value item : root.find("edges").items()) {
    EdgeSchema edge;
    read_words(item.find("attributes"), edge.attributes);
    read_words(item.find("on"), edge.on);
    read_words(item.find("targets"), edge.targets);
    const auto kind = edge_kind(item.find("kind").as_string());
    if (!kind) {
      diagnostics.error("terraform-schema", item.span(), "`kind` is no kind of edge");
      continue;
    }
    edge.kind = *kind;
    edge.reverse = item.find("reverse").as_bool();
    schema.edges.push_back(std::move(edge));
  }
  for (const Value item : root.find("names").items()) {
    NameSchema name;
    read_words(item.find("attributes"), name.attributes);
    read_words(item.find("types"), name.types);
    for (const Value by : item.find("by").items()) name.by.emplace_back(by.as_string());
    schema.names.push_back(std::move(name));
  }
}

}  // namespace assay::terraform

#include "parsers/terraform/json_text.hpp"

#include "parsers/json/json.hpp"

namespace assay::terraform {

namespace {

// Recursion follows the parsed text's nesting, which its reader bounds.
Value moved(Value value, Value text, Arena& arena) {
  const Origin origin{text, {}, {}, {}};
  Value made;
  if (value.is_map()) {
    std::vector<Entry> entries;
    for (const Entry& entry : value.entries()) {
      const std::string_view key = arena.copy(entry.key());
      entries.push_back({key.data(), static_cast<std::uint32_t>(key.size()), 0, moved(entry.value, text, arena)});
    }
    made = arena.map(entries, {});
  } else if (value.is_list()) {
    std::vector<Value> items;
    for (const Value item : value.items()) items.push_back(moved(item, text, arena));
    made = arena.list(items, {});
  } else if (value.is_string()) {
    made = arena.string(arena.copy(value.as_string()), {});
  } else if (value.is(Kind::number)) {
    made = arena.number(arena.copy(value.as_string()), {});
  } else {
    made = value;  // it holds no text
  }
  return arena.computed(made, std::span(&origin, 1));
}

}  // namespace

Value structure_of_text(Value text, Arena& arena) {
  const std::string_view bytes = text.as_string();
  const std::size_t begin = bytes.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos || bytes[begin] != '{' || bytes.size() > (1u << 20)) return {};
  const Source source(no_source, "", std::string(bytes));
  ParseLimits limits;
  limits.depth = 64;
  Diagnostics unsaid;
  const ParsedFile file = json::parse(source, limits, unsaid);
  if (unsaid.errors() != 0 || file.documents.size() != 1 || !file.documents[0].root.is_map()) return {};
  return moved(file.documents[0].root, text, arena);
}

}  // namespace assay::terraform

// The functions of the provider that Terraform itself has: provider::terraform::decode_tfvars, encode_tfvars,
// encode_expr. Written as github.com/hashicorp/hcl/v2/hclwrite writes values.
#include <algorithm>

#include "engine/text.hpp"
#include "parsers/hcl/parse.hpp"
#include "parsers/hcl/unicode.hpp"
#include "parsers/terraform/evaluate.hpp"
#include "parsers/terraform/function.hpp"
#include "parsers/terraform/number.hpp"

namespace assay::terraform {

using K = Type::Kind;

namespace {

bool is_name(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const Decoded c = decode(text, i);
    if (!c.valid || !(i == 0 ? hcl::starts_name(c.code_point) : hcl::continues_name(c.code_point))) return false;
    i += c.size;
  }
  return !text.empty();
}

void write_text(std::string_view text, std::string& out) {
  out += '"';
  for (std::size_t i = 0; i < text.size();) {
    const Decoded c = decode(text, i);
    switch (c.code_point) {
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '$': case '%':
        out += text[i];
        if (i + 1 < text.size() && text[i + 1] == '{') out += text[i];
        break;
      default:
        if (c.code_point < 0x20 || unprintable(c.code_point)) {
          char buffer[16];
          std::snprintf(buffer, sizeof buffer, c.code_point < 0x10000 ? "\\u%04x" : "\\U%08x", static_cast<unsigned>(c.code_point));
          out += buffer;
        } else {
          out += text.substr(i, c.size);
        }
    }
    i += c.size;
  }
  out += '"';
}

// Cells of a terminal, as the formatter counts them for aligning.
std::size_t columns(std::string_view text) { return hcl::count_graphemes(text); }

struct Line {
  std::string key, value;
};

// Attributes, one below the other. The equals signs of neighbours that are one line each stand in one column.
void write_lines(const std::vector<Line>& lines, const std::string& margin, std::string& out) {
  for (std::size_t i = 0; i < lines.size();) {
    std::size_t end = i, width = 0;
    while (end < lines.size() && lines[end].value.find('\n') == std::string::npos) width = std::max(width, columns(lines[end++].key));
    if (end == i) width = columns(lines[end++].key);
    for (; i < end; ++i) out += margin + lines[i].key + std::string(width - columns(lines[i].key), ' ') + " = " + lines[i].value + "\n";
  }
}

bool write_value(Value value, int indent, std::string& out) {
  if (out.size() > max_text) return false;
  if (value.is_list()) {
    out += '[';
    bool first = true;
    for (const Value item : value.items()) {
      if (!first) out += ", ";
      first = false;
      if (!write_value(item, indent, out)) return false;
    }
    out += ']';
  } else if (value.is_map()) {
    std::vector<Entry> entries(value.entries().begin(), value.entries().end());
    sort_entries(entries);
    std::vector<Line> lines;
    for (const Entry& entry : entries) {
      Line line;
      if (is_name(entry.key())) line.key = entry.key();
      else write_text(entry.key(), line.key);
      if (!write_value(entry.value, indent + 2, line.value)) return false;
      lines.push_back(std::move(line));
    }
    out += entries.empty() ? "{" : "{\n";
    write_lines(lines, std::string(static_cast<std::size_t>(indent) + 2, ' '), out);
    out += entries.empty() ? "}" : std::string(static_cast<std::size_t>(indent), ' ') + "}";
  } else if (value.is_string()) {
    write_text(value.as_string(), out);
  } else if (value.is(Kind::boolean)) {
    out += value.as_bool() ? "true" : "false";
  } else if (value.is_null()) {
    out += "null";
  } else {
    out += number_text(value);
  }
  return out.size() <= max_text;
}

Typed encode_expr(Call& c) {
  if (c.args[0].value.has_unknown()) return c.unknown_argument(string_type());
  std::string out;
  if (!write_value(c.args[0].value, 0, out)) return c.fail("the result is longer than 16 MiB");
  return c.string(out);
}

Typed encode_tfvars(Call& c) {
  const Typed object = c.args[0];
  if (!object.type->is(K::object)) return c.fail("an object is required, this is a " + friendly_name(object.type), 0);
  if (c.any_unknown()) return c.unknown_argument(string_type());
  std::vector<Entry> entries(object.value.entries().begin(), object.value.entries().end());
  sort_entries(entries);
  std::vector<Line> lines;
  std::size_t size = 0;
  for (const Entry& entry : entries) {
    if (!is_name(entry.key())) return c.fail("`" + std::string(entry.key()) + "` is no name of a variable", 0);
    lines.push_back({std::string(entry.key()), {}});
    if (!write_value(entry.value, 0, lines.back().value) || (size += lines.back().value.size()) > max_text) return c.fail("the result is longer than 16 MiB");
  }
  std::string out;
  write_lines(lines, {}, out);
  return c.string(out);
}

// Values that view no tree: the tree goes when the function returns.
Value kept(Value value, Arena& arena) {
  switch (value.kind()) {
    case Kind::string: return arena.string(arena.copy(value.as_string()), {});
    case Kind::number: return arena.number(arena.copy(value.as_string()), {});
    case Kind::list: case Kind::set: {
      std::vector<Value> items;
      for (const Value item : value.items()) items.push_back(kept(item, arena));
      return arena.list(items, {}, value.is(Kind::set));
    }
    case Kind::map: {
      std::vector<Entry> entries;
      for (const Entry& entry : value.entries()) entries.push_back(entry_of(arena.copy(entry.key()), kept(entry.value, arena)));
      return arena.map(entries, {});
    }
    default: return arena.placed(value, {});
  }
}

Typed decode_tfvars(Call& c) {
  Source source(no_source, "tfvars", std::string(c.text(0)));
  Diagnostics errors;
  const hcl::File file = hcl::parse(source, errors);
  std::vector<std::pair<std::string_view, Typed>> members;
  EmptyScope scope;
  for (const hcl::Item& item : file.body.items) {
    if (!item.attribute) return c.fail("the text holds a block: variables are written `name = value`", 0);
    if (errors.errors() > 0) break;
    const Typed value = evaluate(*item.attribute->value, scope, c.arena, errors);
    if (value) members.emplace_back(item.attribute->name, Typed{kept(value.value, c.arena), value.type});
  }
  if (errors.errors() > 0) return c.fail("the text is no variables file: " + errors.all()[0].message, 0);
  return c.object(std::move(members));
}

constexpr Function functions[] = {
    {"provider::terraform::decode_tfvars", "content:s", "a", decode_tfvars},
    {"provider::terraform::encode_expr", "expr:a?", "s", encode_expr},
    {"provider::terraform::encode_tfvars", "input:a?", "s", encode_tfvars},
};

}  // namespace

std::span<const Function> provider_functions() { return functions; }

}  // namespace assay::terraform

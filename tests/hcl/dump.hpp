// A tree of HCL as text, for comparison with other readings: kind@begin-end and what is in it.
#pragma once

#include <string>

#include "parsers/hcl/ast.hpp"

namespace assay::hcl::test {

inline std::string quoted(std::string_view text) {
  static const char* digits = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f || c == '"' || c == '\\') {
      out += "\\x";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

inline std::string dump(const Expression& e, bool spans = true) {
  using Kind = Expression::Kind;
  const auto all = [&](std::size_t from = 0) {
    std::string out;
    for (std::size_t i = from; i < e.parts.size(); ++i) out += " " + dump(*e.parts[i], spans);
    return out;
  };
  const std::string at = spans ? "@" + std::to_string(e.span.begin) + "-" + std::to_string(e.span.end) : "";
  switch (e.kind) {
    case Kind::null: return "null" + at;
    case Kind::boolean: return (e.flag ? "true" : "false") + at;
    case Kind::number: return "number" + at + " " + std::string(e.text);
    case Kind::text: return "text" + at + " " + quoted(e.text);
    case Kind::templated: return "(template" + at + all() + ")";
    case Kind::wrapped: return "(wrap" + at + all() + ")";
    case Kind::variable: return "variable" + at + " " + std::string(e.text);
    case Kind::attribute: return "(get" + at + all() + " " + std::string(e.text) + ")";
    case Kind::index: {
      // A constant key has no place of its own in the other tree.
      const Expression& key = *e.parts[1];
      const bool constant = key.kind == Kind::number || key.kind == Kind::text || key.kind == Kind::boolean || key.kind == Kind::null;
      return "(index" + at + " " + dump(*e.parts[0], spans) + " " + dump(key, spans && !constant) + ")";
    }
    case Kind::splat: return "(splat" + at + all() + ")";
    case Kind::item: return "item" + at;
    case Kind::tuple: return "(tuple" + at + all() + ")";
    case Kind::object: return "(object" + at + all() + ")";
    case Kind::call: return "(call" + at + " " + std::string(e.text) + (e.flag ? "..." : "") + all() + ")";
    case Kind::conditional: return "(if" + at + all() + ")";
    case Kind::binary: case Kind::unary: return "(" + std::string(name_of(e.op)) + at + all() + ")";
    case Kind::parentheses: return "(paren" + at + all() + ")";
    case Kind::for_tuple: case Kind::for_object:
      return std::string(e.kind == Kind::for_tuple ? "(for" : "(forobject") + (e.flag ? "..." : "") + at + " " + std::string(e.text) + "," + std::string(e.text2) +
             all() + ")";
    case Kind::template_if: return "(tif" + at + all() + ")";
    case Kind::template_for: return "(tfor" + at + " " + std::string(e.text) + "," + std::string(e.text2) + all() + ")";
    case Kind::bad: return "bad" + at;
  }
  return {};
}

inline std::string dump(const Body& body, bool spans = true) {
  std::string out;
  const auto at = [&](Span span) { return spans ? "@" + std::to_string(span.begin) + "-" + std::to_string(span.end) : std::string(); };
  for (const Item& item : body.items) {
    if (item.attribute) {
      out += "(= " + std::string(item.attribute->name) + at(item.attribute->span) + " " + dump(*item.attribute->value, spans) + ")\n";
    } else {
      out += "({} " + std::string(item.block->type) + at(item.block->span);
      for (const Label& label : item.block->labels) out += " " + quoted(label.text) + at(label.span);
      out += "\n" + dump(item.block->body, spans) + ")\n";
    }
  }
  return out;
}

}  // namespace assay::hcl::test

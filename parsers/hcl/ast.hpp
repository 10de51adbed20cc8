// What HCL text becomes: a body of attributes and blocks in source order, and expressions that nobody has
// evaluated yet. Every node carries its bytes' span. The JSON syntax gives the same bodies (see
// `read_body` in json.hpp), so that whatever evaluates configuration sees one structure.
//
// INVARIANT: nodes and texts live in the memory of their `File` (texts also view the source) and are never
// changed once it is read. No expression is deeper than `max_depth`, so readers may recurse.
#pragma once

#include <cstdint>
#include <memory>
#include <memory_resource>
#include <span>
#include <string_view>
#include <vector>

#include "parsers/document.hpp"

namespace assay::hcl {

inline constexpr std::uint32_t max_depth = 400;

enum class Operator : std::uint8_t {
  none, or_, and_, equal, not_equal, less, less_equal, greater, greater_equal,
  add, subtract, multiply, divide, modulo, negate, not_,
};
std::string_view name_of(Operator op);

struct Expression {
  enum class Kind : std::uint8_t {
    null,
    boolean,       // flag
    number,        // text: canonical digits, as `read_number` gives them
    text,          // text: literal characters, escapes undone, NFC
    templated,     // parts: text, expressions and directives, joined to a string; flag: a heredoc
    wrapped,       // parts[0]: a template that is one interpolation, "${x}": the value itself
    variable,      // text: a root name
    attribute,     // parts[0] . text
    index,         // parts[0] [ parts[1] ]
    splat,         // for every item of parts[0]: parts[1], in which `item` is that item; flag: [*]
    item,          // the current item of the innermost splat around it
    tuple,         // parts
    object,        // parts: key, value, key, value …; a bare name as key is `text`
    call,          // text: name, with `::` of namespaces; parts: arguments; flag: the last one expands
    conditional,   // parts: condition, then, else
    binary,        // op; parts: left, right
    unary,         // op; parts: operand
    parentheses,   // parts[0]
    for_tuple,     // text, text2: names of key (may be empty) and value; parts: collection, value, condition?
    for_object,    // the same; parts: collection, key, value, condition?; flag: grouped by `...`
    template_if,   // parts: condition, then, else (both `templated` or `text`; an absent else is an empty text)
    template_for,  // text, text2: names of key (may be empty) and value; parts: collection, body
    bad,           // could not be read: a diagnostic has said so
  };
  Kind kind = Kind::bad;
  Operator op = Operator::none;
  bool flag = false;
  std::uint32_t depth = 1;
  Span span;
  Span name_span;  // of a call's name, an attribute's name
  std::string_view text;
  std::string_view text2;
  std::span<const Expression* const> parts;
};

struct Attribute {
  std::string_view name;
  Span name_span;
  Span span;  // from the name to the end of the expression
  const Expression* value = nullptr;
};

struct Block;

// One attribute or one block: exactly one pointer is set.
struct Item {
  const Attribute* attribute = nullptr;
  const Block* block = nullptr;
};

struct Body {
  Span span;
  std::span<const Item> items;  // in source order
  Value json;                   // JSON: the object (or list of objects) that nobody has read with a schema yet
  const Attribute* find(std::string_view name) const;
};

struct Label {
  std::string_view text;
  Span span;
};

struct Block {
  std::string_view type;
  Span type_span;
  std::span<const Label> labels;
  Span header;  // from the type to the opening brace, for diagnostics about the block
  Span span;
  Body body;
};

// One file, or one expression or template on its own.
struct File {
  SourceId source = no_source;
  std::string_view bytes;                  // of the source
  Body body;
  const Expression* expression = nullptr;  // of `parse_expression` and `parse_template`
  std::vector<Comment> comments;           // in order of place; none in JSON
  std::unique_ptr<std::pmr::monotonic_buffer_resource> memory;
  std::unique_ptr<ParsedFile> json;        // what the JSON syntax was read from
};

}  // namespace assay::hcl

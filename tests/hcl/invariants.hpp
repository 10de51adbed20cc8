// What holds of every tree of HCL, whatever the text was; breaking it calls `broken`. For the fuzz target and
// its short version in the tests.
#pragma once

#include <functional>
#include <string>

#include "parsers/hcl/json.hpp"
#include "parsers/hcl/parse.hpp"
#include "parsers/terraform/evaluate.hpp"

namespace assay::hcl::test {

struct Invariants {
  const Source& source;
  std::function<void(const char*)> broken;
  Diagnostics diagnostics;
  std::size_t evaluated = 0;

  void span(Span span) {
    if (span.source != source.id() || span.begin > span.end || span.end > source.bytes().size()) broken("a span outside of the source");
  }

  // The depth it has, at least.
  std::uint32_t expression(const Expression& e, bool native) {
    span(e.span);
    if (e.depth > max_depth) broken("an expression too deep");
    std::uint32_t depth = 0;
    for (const Expression* part : e.parts) {
      depth = std::max(depth, expression(*part, native));
      // A splat's item stands where its marker does, and a heredoc's text may be trimmed: both lie inside.
      if (native && (part->span.begin < e.span.begin || part->span.end > e.span.end)) broken("a part outside of its expression");
    }
    if (depth + 1 > e.depth) broken("a depth that is not counted");
    using Kind = Expression::Kind;
    const std::size_t n = e.parts.size();
    bool right = true;
    switch (e.kind) {
      case Kind::null: case Kind::boolean: case Kind::number: case Kind::text: case Kind::variable: case Kind::item: case Kind::bad: right = n == 0; break;
      case Kind::wrapped: case Kind::attribute: case Kind::unary: case Kind::parentheses: right = n == 1; break;
      case Kind::index: case Kind::splat: case Kind::binary: case Kind::template_for: right = n == 2; break;
      case Kind::conditional: case Kind::template_if: right = n == 3; break;
      case Kind::object: right = n % 2 == 0; break;
      case Kind::for_tuple: right = n == 2 || n == 3; break;
      case Kind::for_object: right = n == 3 || n == 4; break;
      case Kind::templated: case Kind::tuple: case Kind::call: break;
    }
    if (!right) broken("a number of parts that the kind does not have");
    return depth + 1;
  }

  void evaluate(const Expression& e) {
    if (++evaluated > 200) return;
    Arena arena;
    terraform::EmptyScope scope;
    Diagnostics own;
    const terraform::Typed value = terraform::evaluate(e, scope, arena, own);
    if (!value && own.empty() && diagnostics.empty()) broken("no value and no reason");
    terraform::mentions(e);
  }

  void body(File& file, const Body& body, bool native, std::uint32_t depth = 0) {
    if (depth > 2 * max_depth) return broken("a body too deep");
    for (const Item& item : body.items) {
      if ((item.attribute == nullptr) == (item.block == nullptr)) return broken("an item that is not one thing");
      if (item.attribute) {
        span(item.attribute->span);
        span(item.attribute->name_span);
        expression(*item.attribute->value, native);
        evaluate(*item.attribute->value);
        if (body.find(item.attribute->name) != item.attribute) broken("an attribute twice");
        continue;
      }
      span(item.block->span);
      span(item.block->header);
      for (const Label& label : item.block->labels) span(label.span);
      static constexpr BlockType types[] = {{"a", 0}, {"b", 1}, {"foo", 2}};
      this->body(file, read_body(file, item.block->body, types, Strings::templates, diagnostics), native, depth + 1);
    }
  }

  void comments(const File& file) {
    std::uint32_t last = 0;
    for (const Comment& comment : file.comments) {
      span(comment.span);
      if (comment.span.begin < last) broken("comments out of order");
      last = comment.span.end;
    }
  }
};

// All readings of one text.
inline void check_text(std::string_view text, const std::function<void(const char*)>& broken) {
  Sources sources;
  const Source& source = sources.add("text", std::string(text));
  const auto places = [&](const Diagnostics& diagnostics) {
    for (const Diagnostic& diagnostic : diagnostics.all())
      if (diagnostic.span && diagnostic.span.begin > source.bytes().size()) broken("a diagnostic outside of the source");
  };
  {
    Invariants native{source, broken};
    File file = parse(source, native.diagnostics);
    native.body(file, file.body, true);
    native.comments(file);
    places(native.diagnostics);
  }
  for (const auto& read : {parse_expression, parse_template}) {
    Invariants own{source, broken};
    const File file = read(source, own.diagnostics);
    if (!file.expression) return broken("no expression");
    own.expression(*file.expression, true);
    own.evaluate(*file.expression);
    places(own.diagnostics);
  }
  {
    Invariants json{source, broken};
    File file = parse_json(source, {}, json.diagnostics);
    static constexpr BlockType types[] = {{"a", 0}, {"b", 1}, {"foo", 2}};
    json.body(file, read_body(file, file.body, types, Strings::templates, json.diagnostics), false);
    const Body literal = read_body(file, file.body, types, Strings::literal, json.diagnostics);
    for (const Item& item : literal.items)
      if (item.attribute && item.attribute->value->kind == Expression::Kind::text) json.expression(*expression_in(file, source, *item.attribute->value, json.diagnostics), false);
    places(json.diagnostics);
  }
}

}  // namespace assay::hcl::test

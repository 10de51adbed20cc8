#include "parsers/hcl/json.hpp"

#include <algorithm>
#include <unordered_map>

#include "parsers/hcl/number.hpp"
#include "parsers/hcl/parse.hpp"
#include "parsers/hcl/parser.hpp"
#include "parsers/hcl/unicode.hpp"
#include "parsers/json/json.hpp"

namespace assay::hcl {
namespace {

constexpr const char* syntax = "hcl-syntax";

struct Property {
  std::string_view name;
  Span name_span;  // with its quotes
  Value value;
};

// How the content of a JSON string lies between its quotes; empty without escapes.
std::vector<TextPiece> pieces_of(std::string_view raw, std::uint32_t base) {
  std::vector<TextPiece> out;
  if (raw.find('\\') == std::string_view::npos) return out;
  out.push_back({0, base});
  const auto unit = [&](std::size_t at) {
    std::uint32_t value = 0;
    for (const char c : raw.substr(std::min(at, raw.size()), 4)) value = value * 16 + static_cast<std::uint32_t>(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
    return value;
  };
  std::uint32_t content = 0;
  for (std::size_t at = 0; at < raw.size();) {
    if (raw[at] != '\\') {
      ++at;
      ++content;
      continue;
    }
    std::size_t size = 2;
    std::uint32_t bytes = 1;
    if (raw.substr(at, 2) == "\\u") {
      const std::uint32_t code = unit(at + 2);
      const bool pair = code >= 0xD800 && code < 0xDC00 && raw.substr(std::min(at + 6, raw.size()), 2) == "\\u";
      size = pair ? 12 : 6;
      bytes = pair ? 4 : code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
    }
    at += size;
    content += bytes;
    out.push_back({content, base + static_cast<std::uint32_t>(std::min(at, raw.size()))});
  }
  return out;
}

class Reader {
 public:
  Reader(File& file, Strings strings, Diagnostics& diagnostics) : file_(file), strings_(strings), diagnostics_(diagnostics) {}

  const Expression* expression(Value value, std::uint32_t depth = 1);
  // The properties of an object, or of the objects of a list, in order.
  std::vector<Property> properties(Value value, std::string_view what);
  void unpack(const Property& property, Value value, std::size_t labels_left, std::vector<Label>& labels, std::vector<Item>& items);

  template <class T>
  T* create(const T& value) {
    return new (file_.memory->allocate(sizeof(T), alignof(T))) T(value);
  }
  template <class T>
  std::span<const T> keep(const std::vector<T>& items) {
    if (items.empty()) return {};
    T* out = static_cast<T*>(file_.memory->allocate(items.size() * sizeof(T), alignof(T)));
    std::uninitialized_copy(items.begin(), items.end(), out);
    return {out, items.size()};
  }
  std::string_view keep(const std::string& text) {
    char* out = static_cast<char*>(file_.memory->allocate(text.size() + 1, 1));
    text.copy(out, text.size());
    return {out, text.size()};
  }

 private:
  Expression* make(Expression::Kind kind, Span span) {
    Expression node;
    node.kind = kind;
    node.span = span;
    return create(node);
  }
  const Expression* too_deep(Span span) {
    diagnostics_.error(syntax, span, "this value is nested too deeply: at most " + std::to_string(max_depth) + " levels are read");
    return make(Expression::Kind::bad, span);
  }
  const Expression* string(std::string_view content, Span quoted);
  const Expression* compose(Expression::Kind kind, Value value, const std::vector<const Expression*>& parts);
  Span key_span(const Entry& entry, SourceId source) const;
  std::string_view bytes(Span span) const { return span.end <= file_.bytes.size() ? file_.bytes.substr(span.begin, span.end - span.begin) : std::string_view(); }

  File& file_;
  Strings strings_;
  Diagnostics& diagnostics_;
};

Span Reader::key_span(const Entry& entry, SourceId source) const {
  std::uint32_t end = entry.key_begin + 1;
  while (end < file_.bytes.size() && file_.bytes[end] != '"') end += file_.bytes[end] == '\\' ? 2 : 1;
  return {source, entry.key_begin, end + 1};
}

const Expression* Reader::string(std::string_view content, Span quoted) {
  if (strings_ == Strings::literal || (content.find("${") == std::string_view::npos && content.find("%{") == std::string_view::npos)) {
    Expression* node = make(Expression::Kind::text, quoted);
    node->text = keep(normalized(content));
    return node;
  }
  const std::string_view raw = bytes({quoted.source, quoted.begin + 1, quoted.end - 1});
  const std::vector<TextPiece> pieces = pieces_of(raw, quoted.begin + 1);
  Parser parser(content, {quoted.source, quoted.begin + 1, pieces}, file_, diagnostics_);
  auto* node = create(*parser.whole_template());
  node->span = quoted;
  return node;
}

const Expression* Reader::compose(Expression::Kind kind, Value value, const std::vector<const Expression*>& parts) {
  Expression* node = make(kind, value.span());
  node->parts = keep(parts);
  for (const Expression* part : parts) node->depth = std::max(node->depth, part->depth + 1);
  return node->depth > max_depth ? too_deep(value.span()) : node;  // templates inside may be deep too
}

const Expression* Reader::expression(Value value, std::uint32_t depth) {
  using Kind = Expression::Kind;
  const Span span = value.span();
  if (depth > max_depth) return too_deep(span);
  std::vector<const Expression*> parts;
  switch (value.kind()) {
    case assay::Kind::null: return make(Kind::null, span);
    case assay::Kind::boolean: {
      Expression* node = make(Kind::boolean, span);
      node->flag = value.as_bool();
      return node;
    }
    case assay::Kind::int64: case assay::Kind::uint64: case assay::Kind::float64: case assay::Kind::number: {
      const Number number = read_number(bytes(span));
      if (!number.error.empty()) {
        diagnostics_.error(syntax, span, number.error);
        return make(Kind::bad, span);
      }
      Expression* node = make(Kind::number, span);
      node->text = keep(number.text);
      return node;
    }
    case assay::Kind::string: return string(value.as_string(), span);
    case assay::Kind::list:
      for (const Value item : value.items()) parts.push_back(expression(item, depth + 1));
      return compose(Kind::tuple, value, parts);
    case assay::Kind::map: case assay::Kind::set: {
      std::unordered_map<std::string_view, Span> seen;
      for (const Property& property : properties(value, {})) {
        if (value.kind() == assay::Kind::set) {
          const auto [first, fresh] = seen.emplace(property.name, property.name_span);
          if (!fresh) {
            diagnostics_.error(syntax, property.name_span, "`" + std::string(property.name) + "` stands twice in this object: remove one of the two")
                .notes.push_back({first->second, "first given here"});
            continue;
          }
        }
        parts.push_back(string(property.name, property.name_span));
        parts.push_back(expression(property.value, depth + 1));
      }
      return compose(Kind::object, value, parts);
    }
    case assay::Kind::bytes: case assay::Kind::timestamp: case assay::Kind::duration: case assay::Kind::resource: case assay::Kind::unknown:
      break;  // not in JSON
  }
  return make(Kind::bad, span);
}

std::vector<Property> Reader::properties(Value value, std::string_view what) {
  std::vector<Property> out;
  const auto add = [&](Value map) {
    for (const Entry& entry : map.entries()) out.push_back({entry.key(), key_span(entry, map.span().source), entry.value});
  };
  const auto wrong = [&](Value item) {
    diagnostics_.error(syntax, item.span(), "an object is required here, " + std::string(what) + ", not a " + std::string(name_of(item.kind())));
  };
  if (value.is_map()) {
    add(value);
  } else if (value.is_list()) {
    for (const Value item : value.items()) {
      if (item.is_map()) {
        add(item);
      } else if (item.is(assay::Kind::set)) {
        for (const Value part : item.items()) add(part);
      } else {
        wrong(item);
      }
    }
  } else if (!value.is_null()) {
    wrong(value);
  }
  return out;
}

void Reader::unpack(const Property& property, Value value, std::size_t labels_left, std::vector<Label>& labels, std::vector<Item>& items) {
  if (labels_left > 0) {
    const std::vector<Property> inner = properties(value, "with the labels of `" + std::string(property.name) + "` as keys");
    if (inner.empty() && !value.is_null() && (value.is_map() || value.is_list()))
      diagnostics_.error(syntax, value.span(), "a label of `" + std::string(property.name) + "` is missing: write `{\"label\": {…}}`");
    for (const Property& label : inner) {
      labels.push_back({label.name, label.name_span});
      unpack(property, label.value, labels_left - 1, labels, items);
      labels.pop_back();
    }
    return;
  }
  const auto block = [&](Value body) {
    Block node;
    node.type = property.name;
    node.type_span = property.name_span;
    node.labels = keep(labels);
    node.header = labels.empty() ? property.name_span : labels.back().span;
    node.span = body.span();
    node.body.span = body.span();
    node.body.json = body;
    items.push_back({nullptr, create(node)});
  };
  switch (value.kind()) {
    case assay::Kind::null: return;
    case assay::Kind::map: case assay::Kind::set: block(value); return;
    case assay::Kind::list:
      for (const Value item : value.items()) block(item);
      return;
    default:
      diagnostics_.error(syntax, value.span(), "`" + std::string(property.name) + "` is a block: write an object, or a list of objects, not a " + std::string(name_of(value.kind())));
  }
}

}  // namespace

File parse_json(const Source& source, const ParseLimits& limits, Diagnostics& diagnostics) {
  File file;
  file.source = source.id();
  file.bytes = source.bytes();
  file.memory = std::make_unique<std::pmr::monotonic_buffer_resource>(source.bytes().size() + 1024);
  file.body.span = {source.id(), 0, static_cast<std::uint32_t>(source.bytes().size())};
  const std::size_t errors = diagnostics.errors();
  file.json = std::make_unique<ParsedFile>(json::parse(source, limits, diagnostics, json::EqualKeys::kept));
  const auto& documents = file.json->documents;
  if (documents.size() == 1 && (documents[0].root.is_map() || documents[0].root.is_list())) {
    file.body.json = documents[0].root;
  } else if (diagnostics.errors() == errors) {
    const Span place = documents.size() > 1 ? documents[1].span : documents.empty() ? Span{source.id(), 0, 0} : documents[0].root.span();
    diagnostics.error(syntax, place, "a configuration in JSON is one object: write everything inside one `{…}`");
  }
  return file;
}

Body read_body(File& file, const Body& body, std::span<const BlockType> blocks, Strings strings, Diagnostics& diagnostics) {
  if (!body.json) return body;
  Reader reader(file, strings, diagnostics);
  std::vector<Item> items;
  std::unordered_map<std::string_view, Span> seen;
  std::vector<Label> labels;
  for (const Property& property : reader.properties(body.json, "with arguments and blocks")) {
    if (property.name == "//") continue;
    const auto type = std::find_if(blocks.begin(), blocks.end(), [&](const BlockType& block) { return block.type == property.name; });
    if (type != blocks.end()) {
      reader.unpack(property, property.value, type->labels, labels, items);
      continue;
    }
    const auto [first, fresh] = seen.emplace(property.name, property.name_span);
    if (!fresh) {
      diagnostics.error(syntax, property.name_span, "`" + std::string(property.name) + "` is set twice in this block: remove one of the two")
          .notes.push_back({first->second, "first set here"});
      continue;
    }
    Attribute node;
    node.name = property.name;
    node.name_span = property.name_span;
    node.value = reader.expression(property.value);
    node.span = {property.name_span.source, property.name_span.begin, std::max(property.name_span.end, node.value->span.end)};
    items.push_back({reader.create(node), nullptr});
  }
  Body out;
  out.span = body.span;
  out.items = reader.keep(items);
  return out;
}

const Expression* read_expression(File& file, Value value, Strings strings, Diagnostics& diagnostics) {
  return Reader(file, strings, diagnostics).expression(value);
}

const Expression* expression_in(File& file, const Source& source, const Expression& text, Diagnostics& diagnostics) {
  Span quoted = text.span;
  const std::string_view bytes = source.bytes();
  if (text.kind != Expression::Kind::text || quoted.end > bytes.size() || quoted.end - quoted.begin < 2) {
    diagnostics.error(syntax, quoted, "a reference or a type is expected here, written as text");
    Expression node;
    node.span = quoted;
    return new (file.memory->allocate(sizeof node, alignof(Expression))) Expression(node);
  }
  const std::vector<TextPiece> pieces = pieces_of(bytes.substr(quoted.begin + 1, quoted.end - quoted.begin - 2), quoted.begin + 1);
  Parser parser(text.text, {quoted.source, quoted.begin + 1, pieces}, file, diagnostics);
  return parser.whole_expression();
}

}  // namespace assay::hcl

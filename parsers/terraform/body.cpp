#include "parsers/terraform/body.hpp"

namespace assay::terraform {

namespace {

constexpr int max_depth = 64;            // blocks inside blocks
constexpr std::size_t max_blocks = 100'000;  // that dynamic blocks may make in one resource

bool has_nulls(Value value) {
  std::vector<Value> pending = {value};
  while (!pending.empty()) {
    const Value at = pending.back();
    pending.pop_back();
    for (const Entry& entry : at.entries()) {
      if (entry.value.is_null()) return true;
      if (entry.value.is_map() || entry.value.is_list()) pending.push_back(entry.value);
    }
    for (const Value item : at.items())
      if (item.is_map() || item.is_list()) pending.push_back(item);
  }
  return false;
}

}  // namespace

Value tidy(Value value, Arena& arena) {
  if (!(value.is_map() || value.is_list()) || !has_nulls(value)) return value;
  const Value changed = without_nulls(value, arena);
  return value.computed() ? arena.computed(changed, value.origins()) : changed;
}

std::vector<Field> BodyReader::read(std::span<const hcl::Item> items, const BlockSchema* schema, const std::string& address) {
  return read(items, schema, address, 0);
}

std::vector<Field> BodyReader::read(std::span<const hcl::Item> items, const BlockSchema* schema, const std::string& address, int depth) {
  std::vector<Field> fields;
  std::vector<List> lists;
  for (const hcl::Item& item : items) {
    if (item.attribute) argument(*item.attribute, schema, address, fields);
    else if (item.block->type == "dynamic" && item.block->labels.size() == 1) dynamic(*item.block, schema, address, lists, depth);
    else block(*item.block, schema, address, lists, depth);
  }
  for (const List& one : lists) {
    Span whole = one.items.empty() || !one.items[0].span() ? one.type_span : one.items[0].span();
    for (const Value item : one.items)
      if (const Span span = item.span(); span && span.source == whole.source && span.end > whole.end) whole.end = span.end;
    whole.begin = std::min(whole.begin, one.type_span.source == whole.source ? one.type_span.begin : whole.begin);
    fields.push_back({one.type, one.type_span, {evaluation_.arena.list(one.items, whole), nullptr}});
  }
  return fields;
}

void BodyReader::argument(const hcl::Attribute& attribute, const BlockSchema* schema, const std::string& address, std::vector<Field>& fields) {
  Arena& arena = evaluation_.arena;
  Typed value;
  if (attribute.value) value = evaluate(*attribute.value, scope_, arena, evaluation_.diagnostics);
  if (!value) {
    const Span span = attribute.value ? attribute.value->span : attribute.name_span;
    value = evaluation_.unknown(any_type(), address + "." + std::string(attribute.name), "its expression has a mistake", span);
  }
  const AttributeSchema* known = schema ? schema->attribute(attribute.name) : nullptr;
  if (known && known->type && !value.null()) {
    std::string why;
    if (const Typed fit = convert(value, known->type, arena, why)) {
      value = fit;
    } else {
      evaluation_.diagnostics.warning("terraform-type", attribute.value->span,
                                      "`" + std::string(attribute.name) + "` does not fit its type: " + why);
    }
  }
  if (value.null()) return;
  if (attribute.value) value.value = evaluation_.stepped(value.value, *attribute.value, scope_);
  value.value = tidy(value.value, arena);
  // One object in JSON's syntax, where a list of blocks is meant.
  if (schema && !known && schema->block(attribute.name) && value.value.is_map())
    value = {arena.list(std::span(&value.value, 1), value.value.span()), nullptr};
  fields.push_back({attribute.name, attribute.name_span, value});
}

BodyReader::List& BodyReader::list(std::vector<List>& lists, std::string_view type, Span span) {
  for (List& one : lists)
    if (one.type == type) return one;
  lists.push_back({type, span, {}});
  return lists.back();
}

void BodyReader::block(const hcl::Block& block, const BlockSchema* schema, const std::string& address, std::vector<List>& lists, int depth) {
  if (depth >= max_depth) {
    evaluation_.diagnostics.error("limit-blocks", block.type_span, "blocks are nested more than " + std::to_string(max_depth) + " deep: what is inside is not audited");
    return;
  }
  List& into = list(lists, block.type, block.type_span);
  const std::string inner = address + "." + std::string(block.type) + "[" + std::to_string(into.items.size()) + "]";
  const std::vector<Field> fields = read(module_.module->body(block).items, schema ? schema->block(block.type) : nullptr, inner, depth + 1);
  into.items.push_back(map(fields, block.span, block.type_span.end - block.type_span.begin));
}

void BodyReader::dynamic(const hcl::Block& block, const BlockSchema* schema, const std::string& address, std::vector<List>& lists, int depth) {
  Arena& arena = evaluation_.arena;
  const std::string_view type = block.labels[0].text;
  List& into = list(lists, type, block.labels[0].span);
  const hcl::Body& body = module_.module->body(block);
  const hcl::Attribute* for_each = body.find("for_each");
  const hcl::Block* content = nullptr;
  std::string_view name = type;
  for (const hcl::Item& item : body.items) {
    if (item.block && item.block->type == "content") content = item.block;
    if (item.attribute && item.attribute->name == "iterator" && item.attribute->value && !item.attribute->value->text.empty()) name = item.attribute->value->text;
  }
  if (!for_each || !for_each->value || !content || depth >= max_depth) {
    evaluation_.diagnostics.error("terraform-syntax", block.header, "a dynamic block has `for_each` and a block `content`");
    return;
  }
  const Typed over = evaluate(*for_each->value, scope_, arena, evaluation_.diagnostics);
  const auto unknown_block = [&](std::string_view reason) {
    std::string why = "how many `" + std::string(type) + "` blocks there are depends on `for_each`";
    if (!reason.empty()) why += ": " + std::string(reason);
    const Typed one = evaluation_.unknown(any_type(), address + "." + std::string(type), why, for_each->value->span);
    into.items.push_back(one.value);
  };
  if (!over || over.unknown()) {
    const Unknown what = over ? over.value.as_unknown() : Unknown{};
    return unknown_block(what.name.empty() ? what.reason : "`" + std::string(what.name) + "` is not known");
  }
  if (over.null()) return;
  std::vector<Iterator> steps;
  if (over.value.is_map()) {
    for (const Entry& entry : over.value.entries())
      steps.push_back({name, {arena.string(entry.key(), {}), string_type()}, member_of(over, entry.key(), arena)});
  } else if (over.value.is_list()) {
    for (std::size_t i = 0; i < over.value.size(); ++i) {
      const Typed value = item_of(over, i, arena);
      const bool set = over.value.is(Kind::set);
      steps.push_back({name, set ? value : Typed{arena.integer(static_cast<std::int64_t>(i), {}), number_type()}, value});
    }
  } else {
    evaluation_.diagnostics.error("terraform-type", for_each->value->span, "`for_each` of a dynamic block takes a list, a set, a map or an object");
    return unknown_block("");
  }
  if ((blocks_ += steps.size()) > max_blocks) {
    evaluation_.diagnostics.error("limit-blocks", for_each->value->span, "more than " + std::to_string(max_blocks) + " blocks in one resource: they are not audited");
    return unknown_block("there are too many");
  }
  for (const Iterator& step : steps) {
    scope_.iterators.push_back(step);
    const std::string inner = address + "." + std::string(type) + "[" + std::to_string(into.items.size()) + "]";
    const std::vector<Field> fields = read(module_.module->body(*content).items, schema ? schema->block(type) : nullptr, inner, depth + 1);
    into.items.push_back(map(fields, block.span, block.labels[0].span.end - block.span.begin));
    scope_.iterators.pop_back();
  }
}

Value BodyReader::map(const std::vector<Field>& fields, Span span, std::uint32_t header) {
  std::vector<Entry> entries;
  entries.reserve(fields.size());
  for (const Field& field : fields) {
    const Span own = field.value.value.span();
    // Keys of override files stand elsewhere: then the block's own header is shown.
    const bool here = field.name_span.source == (own ? own.source : span.source);
    entries.push_back({field.name.data(), static_cast<std::uint32_t>(field.name.size()), here ? field.name_span.begin : span.begin, field.value.value});
  }
  return evaluation_.arena.map(entries, span, header);
}

}  // namespace assay::terraform

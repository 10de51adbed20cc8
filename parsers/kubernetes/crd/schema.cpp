#include "parsers/kubernetes/crd/schema.hpp"

#include <algorithm>
#include <cmath>

namespace assay::kubernetes::crd {

namespace {

// More schemas than any definition has (the largest known has some 20,000): aliases can make a small file large.
constexpr std::size_t most_nodes = 200'000;

constexpr std::pair<std::string_view, Type> types[] = {
    {"object", Type::object},   {"array", Type::array},   {"string", Type::string},
    {"integer", Type::integer}, {"number", Type::number}, {"boolean", Type::boolean}};

std::optional<double> number(Value value) {
  if (value.is(Kind::int64)) return static_cast<double>(value.as_int());
  if (value.is(Kind::uint64)) return static_cast<double>(value.as_uint());
  if (value.is(Kind::float64)) return value.as_double();
  return std::nullopt;
}

enum class Level : std::uint8_t { root, item, field };

}  // namespace

std::string_view name_of(Type type) {
  for (const auto& [name, known] : types)
    if (known == type) return name;
  return {};
}

const Schema* Schema::property(std::string_view name) const {
  const auto at = std::lower_bound(properties.begin(), properties.end(), name,
                                   [](const Property& property, std::string_view key) { return property.name < key; });
  return at != properties.end() && at->name == name ? at->schema : nullptr;
}

struct SchemaTree::Reader {
  SchemaTree& tree;
  Diagnostics& diagnostics;
  bool overflown = false;

  void error(Value at, std::string message) {
    diagnostics.error("crd-schema", located(at).span, std::move(message));
    ++tree.mistakes_;
  }

  std::string_view text(Value map, std::string_view key) {
    const Value value = map.find(key);
    if (!value) return {};
    if (!value.is_string()) {
      error(value, "`" + std::string(key) + "` of a schema is a text");
      return {};
    }
    return value.as_string();
  }
  bool flag(Value map, std::string_view key) {
    const Value value = map.find(key);
    if (value && !value.is(Kind::boolean)) error(value, "`" + std::string(key) + "` of a schema is true or false");
    return value.as_bool();
  }
  std::optional<std::int64_t> count(Value map, std::string_view key) {
    const Value value = map.find(key);
    if (!value) return std::nullopt;
    if (value.is(Kind::int64)) return value.as_int();
    if (value.is(Kind::float64) && value.as_double() == std::floor(value.as_double()) && std::fabs(value.as_double()) < 1e15)
      return static_cast<std::int64_t>(value.as_double());
    error(value, "`" + std::string(key) + "` of a schema is a whole number");
    return std::nullopt;
  }
  std::optional<double> bound(Value map, std::string_view key) {
    const Value value = map.find(key);
    if (!value) return std::nullopt;
    const auto result = number(value);
    if (!result) error(value, "`" + std::string(key) + "` of a schema is a number");
    return result;
  }

  // `nested`: below allOf, anyOf, oneOf or not, where only validations may stand.
  const Schema* read(Value at, Level level, bool nested, bool skip_types = false) {
    if (!at.is_map()) {
      error(at, "a schema is a map");
      return nullptr;
    }
    if (tree.nodes_.size() >= most_nodes) {
      if (!overflown) error(at, "more than " + std::to_string(most_nodes) + " schemas: this definition is not used");
      overflown = true;
      return nullptr;
    }
    Schema& schema = tree.nodes_.emplace_back();
    schema.at = at;
    scalars(schema);
    for (const std::string_view key : {"id", "$schema", "$ref", "patternProperties", "dependencies", "additionalItems", "definitions"})
      if (const Value value = at.find(key); value && value.size() + value.as_string().size() != 0)
        error(value, "`" + std::string(key) + "` may not stand in the schema of a definition: the API server refuses it");
    junctors(schema, level);
    children(schema, nested);
    for (const Value rule : at.find("x-kubernetes-validations").items()) validation(schema, rule);
    if (nested) check_nested(schema, skip_types);
    else check(schema, level);
    return &schema;
  }

  void scalars(Schema& schema) {
    const Value at = schema.at;
    const std::string_view type = text(at, "type");
    for (const auto& [name, known] : types)
      if (name == type) schema.type = known;
    if (!type.empty() && schema.type == Type::none)
      error(at.find("type"), "`" + std::string(type) + "` is no type of a schema: array, boolean, integer, number, object or string");
    schema.format = text(at, "format");
    schema.nullable = flag(at, "nullable");
    schema.preserve_unknown = flag(at, "x-kubernetes-preserve-unknown-fields");
    if (const Value preserve = at.find("x-kubernetes-preserve-unknown-fields"); preserve.is(Kind::boolean) && !preserve.as_bool())
      error(preserve, "`x-kubernetes-preserve-unknown-fields` must be true or undefined");
    schema.embedded = flag(at, "x-kubernetes-embedded-resource");
    schema.int_or_string = flag(at, "x-kubernetes-int-or-string");
    schema.list_type = text(at, "x-kubernetes-list-type");
    schema.map_type = text(at, "x-kubernetes-map-type");
    for (const Value key : at.find("x-kubernetes-list-map-keys").items()) schema.list_keys.push_back(key.as_string());
    schema.fallback = at.find("default");
    schema.max_length = count(at, "maxLength");
    schema.min_length = count(at, "minLength");
    schema.max_items = count(at, "maxItems");
    schema.min_items = count(at, "minItems");
    schema.max_properties = count(at, "maxProperties");
    schema.min_properties = count(at, "minProperties");
    schema.maximum = bound(at, "maximum");
    schema.minimum = bound(at, "minimum");
    schema.multiple_of = bound(at, "multipleOf");
    schema.exclusive_maximum = flag(at, "exclusiveMaximum");
    schema.exclusive_minimum = flag(at, "exclusiveMinimum");
    schema.unique_items = flag(at, "uniqueItems");
    if (schema.unique_items) error(at.find("uniqueItems"), "`uniqueItems` cannot be set to true since the runtime complexity becomes quadratic");
    schema.pattern = text(at, "pattern");
    if (!schema.pattern.empty()) {
      std::string why;
      schema.compiled = Regex::cached(schema.pattern, why);  // definitions repeat a few patterns often
      if (!schema.compiled) error(at.find("pattern"), "`pattern` is no regular expression: " + why);
    }
    const auto members = at.find("enum").items();
    schema.enumeration.assign(members.begin(), members.end());
    for (const Value name : at.find("required").items()) schema.required.push_back(name.as_string());
  }

  static bool int_or_string_pair(Value alternatives) {
    const auto items = alternatives.items();
    if (items.size() != 2) return false;
    const auto is = [](Value one, std::string_view type) { return one.size() == 1 && one.find("type").as_string() == type; };
    return is(items[0], "integer") && is(items[1], "string");
  }

  void junctors(Schema& schema, Level level) {
    const Value at = schema.at;
    const bool any_is_pair = int_or_string_pair(at.find("anyOf"));
    for (const Value one : at.find("anyOf").items()) add(schema.any_of, read(one, level, true, any_is_pair));
    for (const Value one : at.find("allOf").items()) add(schema.all_of, read(one, level, true));
    for (const Value one : at.find("oneOf").items()) add(schema.one_of, read(one, level, true));
    if (const Value negated = at.find("not")) schema.negated = read(negated, level, true);
  }
  static void add(std::vector<const Schema*>& list, const Schema* schema) {
    if (schema) list.push_back(schema);
  }

  void children(Schema& schema, bool nested) {
    const Value at = schema.at;
    if (const Value items = at.find("items")) {
      if (items.is_list()) error(items, "`items` must be a schema object and not an array");
      else schema.items = read(items, Level::item, nested);
    }
    for (const Entry& entry : at.find("properties").entries()) {
      const Schema* const property = read(entry.value, Level::field, nested);
      if (property) schema.properties.push_back({entry.key(), property});
    }
    std::sort(schema.properties.begin(), schema.properties.end(), [](const Property& a, const Property& b) { return a.name < b.name; });
    schema.has_properties = !schema.properties.empty();
    if (const Value additional = at.find("additionalProperties")) {
      schema.has_additional = true;
      if (additional.is(Kind::boolean)) {
        schema.additional_allowed = additional.as_bool();
      } else {
        schema.additional_allowed = true;
        schema.additional = read(additional, Level::field, nested);
      }
    }
  }

  void validation(Schema& schema, Value at) {
    ValidationRule rule;
    rule.at = at;
    rule.rule = at.find("rule");
    rule.text = rule.rule.as_string();
    rule.message = text(at, "message");
    rule.message_expression = at.find("messageExpression");
    rule.message_text = rule.message_expression.as_string();
    rule.reason = text(at, "reason");
    rule.field_path = text(at, "fieldPath");
    rule.optional_old_self = flag(at, "optionalOldSelf");
    if (rule.text.find_first_not_of(" \t\r\n") == std::string_view::npos)
      error(at, "a validation needs a `rule`");
    if (!rule.reason.empty()) {
      constexpr std::string_view reasons[] = {"FieldValueRequired", "FieldValueForbidden", "FieldValueInvalid", "FieldValueDuplicate"};
      if (std::find(std::begin(reasons), std::end(reasons), rule.reason) == std::end(reasons))
        error(at.find("reason"), "`" + std::string(rule.reason) +
                                     "` is no reason: FieldValueRequired, FieldValueForbidden, FieldValueInvalid or FieldValueDuplicate");
    }
    if (rule.message.find('\n') != std::string_view::npos) error(at.find("message"), "`message` must not contain line breaks");
    if (rule.message.empty() && rule.text.find('\n') != std::string_view::npos && rule.message_text.empty())
      error(at, "`message` must be specified if `rule` contains line breaks");
    schema.validations.push_back(rule);
  }

  // What NewStructural's callers call invariants of a structural schema.
  void check(const Schema& schema, Level level) {
    const Value at = schema.at;
    if (schema.type == Type::array && !schema.items) error(at, "a schema of type array needs `items`");
    if (schema.has_additional && level == Level::root) error(at.find("additionalProperties"), "`additionalProperties` must not be used at the root");
    if (schema.has_additional && schema.has_properties)
      error(at.find("additionalProperties"), "`additionalProperties` and `properties` are mutual exclusive");
    if (schema.int_or_string && schema.preserve_unknown)
      error(at.find("x-kubernetes-preserve-unknown-fields"), "must be false if `x-kubernetes-int-or-string` is true");
    if (schema.int_or_string && schema.embedded)
      error(at.find("x-kubernetes-embedded-resource"), "must be false if `x-kubernetes-int-or-string` is true");
    if (schema.embedded && schema.type != Type::object) {
      error(at, "`type` must be object if `x-kubernetes-embedded-resource` is true");
    } else if (schema.type == Type::none && !at.find("type") && !schema.int_or_string && !schema.preserve_unknown) {
      switch (level) {
        case Level::root: error(at, "`type` must not be empty at the root"); break;
        case Level::item: error(at, "`type` must not be empty for specified array items"); break;
        case Level::field: error(at, "`type` must not be empty for specified object fields"); break;
      }
    }
    if (level == Level::root && schema.type != Type::object && schema.type != Type::none)
      error(at.find("type"), "`type` must be object at the root");
    if (schema.embedded && schema.has_additional)
      error(at.find("additionalProperties"), "must not be used if `x-kubernetes-embedded-resource` is set");
    if (schema.embedded && !schema.preserve_unknown && !schema.has_properties)
      error(at, "`properties` must not be empty if `x-kubernetes-embedded-resource` is true without `x-kubernetes-preserve-unknown-fields`");
    if (level == Level::root || schema.embedded) meta(schema, level);
    lists(schema);
    // The API server looks no further than the root's.
    if (level != Level::root) return;
    for (const std::vector<const Schema*>* list : {&schema.all_of, &schema.any_of, &schema.one_of})
      for (const Schema* nested : *list) complete(*nested, &schema);
    if (schema.negated) complete(*schema.negated, &schema);
  }

  void meta(const Schema& schema, Level level) {
    for (const std::string_view name : {"kind", "apiVersion"}) {
      const Schema* const property = schema.property(name);
      if (property && property->type != Type::string) error(property->at, "`" + std::string(name) + "` must be of type string");
    }
    const Schema* const metadata = schema.property("metadata");
    if (!metadata) return;
    if (metadata->type != Type::object) error(metadata->at, "`metadata` must be of type object");
    if (level != Level::root) return;
    for (const Property& property : metadata->properties)
      if (property.name != "name" && property.name != "generateName")
        error(property.schema->at, "of `metadata` only `name` and `generateName` may be restricted");
  }

  void lists(const Schema& schema) {
    const Value at = schema.at;
    if (!schema.list_type.empty()) {
      const Value kind = at.find("x-kubernetes-list-type");
      if (schema.list_type != "atomic" && schema.list_type != "set" && schema.list_type != "map")
        error(kind, "`" + std::string(schema.list_type) + "` is no list type: atomic, set or map");
      if (schema.type != Type::array) error(kind, "`x-kubernetes-list-type` needs `type: array`");
      if (schema.list_type == "map" && schema.list_keys.empty())
        error(kind, "a list of type map needs `x-kubernetes-list-map-keys`");
      if (schema.list_type == "map" && schema.items) {
        if (schema.items->type != Type::object) error(kind, "the items of a list of type map must be objects");
        for (const std::string_view key : schema.list_keys) {
          const Schema* const property = schema.items->property(key);
          if (!property) {
            error(at.find("x-kubernetes-list-map-keys"), "`" + std::string(key) + "` is no property of the items");
            continue;
          }
          const auto& required = schema.items->required;
          if (!property->fallback && std::find(required.begin(), required.end(), key) == required.end())
            error(at.find("x-kubernetes-list-map-keys"), "the key `" + std::string(key) + "` must be required or have a default");
        }
      }
      if (schema.list_type == "set" && schema.items) {
        const bool compound = (schema.items->type == Type::object && schema.items->map_type != "atomic") ||
                              (schema.items->type == Type::array && !schema.items->list_type.empty() && schema.items->list_type != "atomic");
        if (compound) error(kind, "the items of a list of type set must be scalars or atomic");
        if (schema.items->nullable) error(schema.items->at.find("nullable"), "the items of a list of type set must not be nullable");
      }
    }
    if (!schema.list_keys.empty() && schema.list_type != "map")
      error(at.find("x-kubernetes-list-map-keys"), "`x-kubernetes-list-map-keys` needs `x-kubernetes-list-type: map`");
    if (!schema.map_type.empty()) {
      if (schema.map_type != "atomic" && schema.map_type != "granular")
        error(at.find("x-kubernetes-map-type"), "`" + std::string(schema.map_type) + "` is no map type: atomic or granular");
      if (schema.type != Type::object) error(at.find("x-kubernetes-map-type"), "`x-kubernetes-map-type` needs `type: object`");
    }
  }

  void check_nested(const Schema& schema, bool skip_types) {
    const Value at = schema.at;
    const auto forbid = [&](std::string_view key, std::string_view how) {
      error(at.find(key), "`" + std::string(key) + "` must be " + std::string(how) + " to be structural: it may not stand below allOf, anyOf, oneOf or not");
    };
    // A pair of integer and string is how int-or-string was once written.
    if (!skip_types && at.find("type")) forbid("type", "empty");
    if (schema.has_additional && (schema.additional || schema.additional_allowed)) forbid("additionalProperties", "undefined");
    for (const std::string_view key : {"default", "x-kubernetes-list-type", "x-kubernetes-map-type"})
      if (at.find(key)) forbid(key, "undefined");
    for (const std::string_view key : {"title", "description"})
      if (!at.find(key).as_string().empty()) forbid(key, "empty");
    if (schema.nullable) forbid("nullable", "false");
    if (schema.preserve_unknown) forbid("x-kubernetes-preserve-unknown-fields", "false");
    if (schema.embedded) forbid("x-kubernetes-embedded-resource", "false");
    if (schema.int_or_string) forbid("x-kubernetes-int-or-string", "false");
    for (const std::string_view key : {"x-kubernetes-list-map-keys", "x-kubernetes-validations"})
      if (at.find(key).size() != 0) forbid(key, "empty");
    if (schema.property("metadata")) error(at.at({"properties", "metadata"}), "`metadata` must not be specified below allOf, anyOf, oneOf or not");
  }

  // Every field or item that a validation talks of must be declared outside of it too.
  void complete(const Schema& nested, const Schema* declared) {
    if (!declared) return error(nested.at, "this validates what the schema itself does not declare");
    for (const std::vector<const Schema*>* list : {&nested.all_of, &nested.any_of, &nested.one_of})
      for (const Schema* more : *list) complete(*more, declared);
    if (nested.negated) complete(*nested.negated, declared);
    if (nested.items) complete(*nested.items, declared->items);
    for (const Property& property : nested.properties) {
      const Schema* const known = declared->property(property.name);
      if (!known) error(property.schema->at, "the property `" + std::string(property.name) + "` must be declared outside of allOf, anyOf, oneOf and not too");
      else complete(*property.schema, known);
    }
  }
};

const Schema* SchemaTree::read(Value schema, Diagnostics& diagnostics) {
  Reader reader{*this, diagnostics};
  const Schema* const root = reader.read(schema, Level::root, false);
  return reader.overflown ? nullptr : root;
}

const Schema* with_meta(const Schema& schema, std::deque<Schema>& store) {
  const auto is_string = [](const Schema* property) { return property && property->type == Type::string; };
  const Schema* const metadata = schema.property("metadata");
  if (is_string(schema.property("kind")) && is_string(schema.property("apiVersion")) && metadata && metadata->type == Type::object &&
      is_string(metadata->property("name")) && is_string(metadata->property("generateName")))
    return &schema;
  Schema& text = store.emplace_back();
  text.type = Type::string;
  Schema& meta = store.emplace_back();
  meta.type = Type::object;
  meta.properties = {{"generateName", &text}, {"name", &text}};
  meta.has_properties = true;
  Schema& made = store.emplace_back(schema);
  for (const auto& [name, property] : {Property{"apiVersion", &text}, Property{"kind", &text}, Property{"metadata", &meta}}) {
    const auto at = std::lower_bound(made.properties.begin(), made.properties.end(), name,
                                     [](const Property& p, std::string_view key) { return p.name < key; });
    if (at != made.properties.end() && at->name == name) at->schema = property;
    else made.properties.insert(at, {name, property});
  }
  made.has_properties = true;
  return &made;
}

}  // namespace assay::kubernetes::crd

#include "parsers/kubernetes/crd/cel_values.hpp"

#include <algorithm>

#include "parsers/kubernetes/crd/expressions.hpp"
#include "parsers/kubernetes/crd/formats.hpp"
#include "parsers/kubernetes/crd/text.hpp"

namespace assay::kubernetes::crd {

namespace {

constexpr std::string_view reserved[] = {
    "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let",
    "loop", "package", "namespace", "return", "var", "void", "while"};

bool is_reserved(std::string_view name) { return std::find(std::begin(reserved), std::end(reserved), name) != std::end(reserved); }

struct Converter {
  Arena& arena;

  Value changed(Value made, Value from) {
    const Origin origin{from, {}, {}};
    return arena.computed(made, {&origin, 1});
  }
  // Nobody can say what an expression would make of it.
  Value broken(std::string reason, Value from) { return changed(arena.unknown({{}, {}, reason}, {}), from); }

  Value convert(Value value, const Schema* schema, bool resource) {
    if (!schema || !value || value.is_null()) return value;
    std::int64_t number;
    if (schema->int_or_string) return value.is(Kind::float64) && whole(value, number) ? changed(arena.integer(number, {}), value) : value;
    switch (schema->type) {
      case Type::object: return value.is_map() ? object(value, *schema, resource || schema->embedded) : value;
      case Type::array: return value.is_list() ? list(value, *schema) : value;
      case Type::string: return value.is_string() ? string(value, schema->format) : value;
      case Type::number:
        if (whole(value, number)) return changed(arena.floating(static_cast<double>(number), {}), value);
        return value;
      case Type::integer:
        if (value.is(Kind::float64) && whole(value, number)) return changed(arena.integer(number, {}), value);
        return value;
      case Type::boolean:
      case Type::none: return value;
    }
    return value;
  }

  Value string(Value value, std::string_view format) {
    std::string error;
    const std::string text(value.as_string());
    if (format == "duration") {
      const auto length = read_duration(text, error);
      return length ? changed(arena.duration(*length, {}), value) : broken("Invalid duration " + text + ": " + error, value);
    }
    if (format == "date" || format == "date-time") {
      const auto time = format == "date" ? read_date(text, error) : read_date_time(text, error);
      return time ? changed(arena.timestamp(*time, {}), value) : broken("Invalid " + std::string(format) + " formatted string " + text + ": " + error, value);
    }
    if (format == "byte") {
      const auto bytes = read_bytes(text, error);
      return bytes ? changed(arena.bytes(arena.copy(*bytes), {}), value) : broken("Invalid byte formatted string " + text + ": " + error, value);
    }
    return value;
  }

  Value list(Value value, const Schema& schema) {
    const auto items = value.items();
    std::vector<Value> made(items.begin(), items.end());
    bool same = true;
    for (Value& item : made) {
      const Value seen = convert(item, schema.items, false);
      same = same && seen == item;
      item = seen;
    }
    if (schema.list_type == "set") return changed(arena.list(made, {}, true), value);
    if (schema.list_type == "map") {
      // The API server looks for the escaped name in the plain object, and so finds no key that had to be escaped.
      std::vector<std::string_view> keys = schema.list_keys;
      for (std::string_view& key : keys)
        if (escaped(key).value_or(std::string(key)) != key) key = "\x01";
      return changed(arena.keyed_list(made, keys, {}), value);
    }
    return same ? value : changed(arena.list(made, {}), value);
  }

  Value object(Value value, const Schema& schema, bool resource) {
    std::vector<Entry> made;
    bool same = true;
    for (const Entry& entry : value.entries()) {
      Entry seen = entry;
      const Schema* const property = schema.property(entry.key());
      if (schema.has_properties || resource) {
        if (entry.value.is_null()) {
          same = false;
          continue;
        }
        const auto name = escaped(entry.key());
        if (name && *name != entry.key()) {
          if (is_reserved(entry.key())) made.push_back({entry.key_data, entry.key_size, entry.key_begin, convert(entry.value, property, false)});
          const std::string_view kept = arena.copy(*name);
          seen.key_data = kept.data();
          seen.key_size = static_cast<std::uint32_t>(kept.size());
          same = false;
        }
        seen.value = convert(entry.value, property, false);
      } else {
        seen.value = convert(entry.value, schema.additional, false);
      }
      same = same && seen.value == entry.value;
      made.push_back(seen);
    }
    return same ? value : changed(arena.map(made, {}), value);
  }
};

}  // namespace

// k8s.io/apiserver v0.36 pkg/cel/escaping.go.
std::optional<std::string> escaped(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return std::nullopt;
  if (is_reserved(name)) return "__" + std::string(name) + "__";
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (c == '_' && i + 1 < name.size() && name[i + 1] == '_') {
      out += "__underscores__";
      ++i;
    } else if (c == '.') {
      out += "__dot__";
    } else if (c == '-') {
      out += "__dash__";
    } else if (c == '/') {
      out += "__slash__";
    } else if (c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      out += c;
    } else {
      return std::nullopt;
    }
  }
  return out;
}

Value cel_value(Value prepared, const Schema& schema, bool resource, Arena& arena) {
  return Converter{arena}.convert(prepared, &schema, resource);
}

}  // namespace assay::kubernetes::crd

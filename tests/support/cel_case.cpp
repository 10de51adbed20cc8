#include "tests/support/cel_case.hpp"

#include <cmath>
#include <cstdlib>

#include "engine/cel/operations.hpp"
#include "engine/cel/wellknown.hpp"

namespace assay::test {

using namespace cel;

namespace {

std::optional<Val> fail(std::string& error, std::string message) {
  error = std::move(message);
  return std::nullopt;
}

double read_double(const std::string& text) {
  if (text == "nan" || text == "-nan") return std::nan("");
  if (text == "inf" || text == "infinity") return HUGE_VAL;
  if (text == "-inf" || text == "-infinity") return -HUGE_VAL;
  return std::strtod(text.c_str(), nullptr);
}

// google.protobuf's own messages, as they stand inside an Any.
std::optional<Val> read_message(Frame& frame, std::string_view name, const Textproto& message, std::string& error) {
  const WellKnown* known = well_known(name);
  if (!known) return fail(error, "no message of ours: " + std::string(name));
  if (name == "google.protobuf.Value") {
    if (const Textproto* list = message.message("list_value"))
      return read_message(frame, "google.protobuf.ListValue", *list, error);
    if (const Textproto* object = message.message("struct_value"))
      return read_message(frame, "google.protobuf.Struct", *object, error);
  }
  if (name == "google.protobuf.ListValue") {
    std::vector<Val> items;
    for (const Textproto* item : message.messages("values")) {
      const auto value = read_message(frame, "google.protobuf.Value", *item, error);
      if (!value) return std::nullopt;
      items.push_back(*value);
    }
    return make_list(frame, items);
  }
  if (name == "google.protobuf.Struct") {
    std::vector<MapEntry> entries;
    for (const Textproto* entry : message.messages("fields")) {
      const Textproto* held = entry->message("value");
      const auto value = read_message(frame, "google.protobuf.Value", held ? *held : Textproto{}, error);
      if (!value) return std::nullopt;
      entries.push_back({make_string(frame, entry->text("key")), *value});
    }
    return make_map(frame, entries);
  }
  std::vector<Val> values(known->fields.size());
  std::vector<const Val*> fields(known->fields.size(), nullptr);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const TextprotoField* field = message.find(known->fields[i].name);
    if (!field) continue;
    switch (known->fields[i].type->kind) {
      case TypeKind::boolean:
        values[i] = val_bool(field->scalar == "true");
        break;
      case TypeKind::int64:
        values[i] = val_int(std::strtoll(field->scalar.c_str(), nullptr, 10));
        break;
      case TypeKind::uint64:
        values[i] = val_uint(std::strtoull(field->scalar.c_str(), nullptr, 10));
        break;
      case TypeKind::float64:
        values[i] = val_double(read_double(field->scalar));
        break;
      case TypeKind::string:
        values[i] = make_string(frame, field->scalar);
        break;
      case TypeKind::bytes:
        values[i] = val_bytes(frame.scratch->copy(field->scalar));
        break;
      default:
        continue;
    }
    fields[i] = &values[i];
  }
  return known->make(frame, fields);
}

}  // namespace

std::optional<Val> read_cel_value(Frame& frame, const Textproto& message, std::string& error) {
  if (message.fields.empty()) return val_null();
  const TextprotoField& field = message.fields.front();
  const std::string& name = field.name;
  const std::string& text = field.scalar;
  if (name == "null_value") return val_null();
  if (name == "bool_value") return val_bool(text == "true");
  if (name == "int64_value") return val_int(std::strtoll(text.c_str(), nullptr, 0));
  if (name == "uint64_value") return val_uint(std::strtoull(text.c_str(), nullptr, 0));
  if (name == "double_value") return val_double(read_double(text));
  if (name == "string_value") return make_string(frame, text);
  if (name == "bytes_value") return val_bytes(frame.scratch->copy(text));
  if (name == "type_value") {
    const Type* type = type_named(text);
    return type ? std::optional(val_type(type)) : fail(error, "no type of ours: " + text);
  }
  if (name == "list_value") {
    std::vector<Val> items;
    for (const Textproto* item : field.message.messages("values")) {
      const auto value = read_cel_value(frame, *item, error);
      if (!value) return std::nullopt;
      items.push_back(*value);
    }
    return make_list(frame, items);
  }
  if (name == "map_value") {
    std::vector<MapEntry> entries;
    for (const Textproto* entry : field.message.messages("entries")) {
      const Textproto* key = entry->message("key");
      const Textproto* held = entry->message("value");
      const auto key_value = read_cel_value(frame, key ? *key : Textproto{}, error);
      const auto value = read_cel_value(frame, held ? *held : Textproto{}, error);
      if (!key_value || !value) return std::nullopt;
      entries.push_back({*key_value, *value});
    }
    return make_map(frame, entries);
  }
  if (name == "object_value") {
    constexpr std::string_view prefix = "[type.googleapis.com/";
    if (field.message.fields.size() == 1 && field.message.fields[0].name.starts_with(prefix)) {
      const TextprotoField& any = field.message.fields[0];
      return read_message(frame, any.name.substr(prefix.size(), any.name.size() - prefix.size() - 1), any.message,
                          error);
    }
  }
  return fail(error, "no value of ours: " + name);
}

const Type* read_cel_type(TypeTable& types, const Textproto& message, std::string& error) {
  const auto none = [&](std::string text) {
    error = "no type of ours: " + std::move(text);
    return nullptr;
  };
  if (message.fields.empty()) return none("empty");
  const TextprotoField& field = message.fields.front();
  const auto primitive = [&](const std::string& name) -> const Type* {
    if (name == "BOOL") return types.primitive(TypeKind::boolean);
    if (name == "INT64") return types.primitive(TypeKind::int64);
    if (name == "UINT64") return types.primitive(TypeKind::uint64);
    if (name == "DOUBLE") return types.primitive(TypeKind::float64);
    if (name == "STRING") return types.primitive(TypeKind::string);
    if (name == "BYTES") return types.primitive(TypeKind::bytes);
    return none(name);
  };
  const auto nested = [&](const Textproto& in, std::string_view name) -> const Type* {
    const Textproto* held = in.message(name);
    return held ? read_cel_type(types, *held, error) : none(std::string(name));
  };
  if (field.name == "dyn") return types.dyn();
  if (field.name == "null") return types.primitive(TypeKind::null);
  if (field.name == "primitive") return primitive(field.scalar);
  if (field.name == "wrapper") {
    const Type* held = primitive(field.scalar);
    return held ? types.wrapper(held) : nullptr;
  }
  if (field.name == "well_known") {
    if (field.scalar == "TIMESTAMP") return types.primitive(TypeKind::timestamp);
    if (field.scalar == "DURATION") return types.primitive(TypeKind::duration);
    if (field.scalar == "ANY") return types.dyn();
    return none(field.scalar);
  }
  if (field.name == "list_type") {
    const Type* element = nested(field.message, "elem_type");
    return element ? types.list(element) : nullptr;
  }
  if (field.name == "map_type") {
    const Type* key = nested(field.message, "key_type");
    const Type* value = nested(field.message, "value_type");
    return key && value ? types.map(key, value) : nullptr;
  }
  if (field.name == "type_param") return types.variable(field.scalar);
  if (field.name == "type") {
    const Type* named = field.message.fields.empty() ? types.dyn() : read_cel_type(types, field.message, error);
    return named ? types.type(named) : nullptr;
  }
  if (field.name == "message_type") {
    if (const WellKnown* known = well_known(field.scalar)) return known->type;
    return types.structure(field.scalar);
  }
  if (field.name == "abstract_type") {
    std::vector<const Type*> parameters;
    for (const Textproto* parameter : field.message.messages("parameter_types")) {
      const Type* type = read_cel_type(types, *parameter, error);
      if (!type) return nullptr;
      parameters.push_back(type);
    }
    const std::string name = field.message.text("name");
    return name == "optional_type" && parameters.size() == 1 ? types.optional(parameters[0])
                                                             : types.opaque(name, parameters);
  }
  return none(field.name);
}

bool declare(Environment& environment, const Textproto& declaration, std::string& error) {
  const std::string name = declaration.text("name");
  if (const Textproto* variable = declaration.message("ident")) {
    const Textproto* type = variable->message("type");
    const Type* declared = read_cel_type(environment.types(), type ? *type : Textproto{}, error);
    if (declared) environment.add_variable(name, declared);
    return declared != nullptr;
  }
  if (const Textproto* function = declaration.message("function")) {
    Function made;
    made.name = name;
    for (const Textproto* overload : function->messages("overloads")) {
      Overload declared;
      declared.id = overload->text("overload_id");
      declared.member = overload->flag("is_instance_function");
      const Textproto* result = overload->message("result_type");
      declared.result = read_cel_type(environment.types(), result ? *result : Textproto{}, error);
      if (!declared.result) return false;
      for (const Textproto* parameter : overload->messages("params")) {
        declared.parameters.push_back(read_cel_type(environment.types(), *parameter, error));
        if (!declared.parameters.back()) return false;
      }
      made.overloads.push_back(std::move(declared));
    }
    environment.add_function(std::move(made));
    return true;
  }
  error = "no declaration of ours: " + name;
  return false;
}

bool identical(const Val& left, const Val& right) {
  if (left.kind != right.kind) return false;
  switch (left.kind) {
    case ValKind::null:
      return true;
    case ValKind::boolean:
      return left.boolean == right.boolean;
    case ValKind::int64:
      return left.int64 == right.int64;
    case ValKind::uint64:
      return left.uint64 == right.uint64;
    case ValKind::float64:
      return left.float64 == right.float64 || (std::isnan(left.float64) && std::isnan(right.float64));
    case ValKind::string:
    case ValKind::bytes:
      return left.string() == right.string();
    case ValKind::timestamp:
    case ValKind::duration:
      return left.int64 == right.int64 && left.nanos == right.nanos;
    case ValKind::type:
      return same_runtime_type(left.type, right.type);
    case ValKind::list:
      if (size_of(left) != size_of(right)) return false;
      for (std::size_t i = 0; i < size_of(left); ++i) {
        if (!identical(item_at(left, i), item_at(right, i))) return false;
      }
      return true;
    case ValKind::map:
      if (size_of(left) != size_of(right)) return false;
      for (std::size_t i = 0; i < size_of(left); ++i) {
        const MapEntry entry = entry_at(left, i);
        bool found = false;
        for (std::size_t j = 0; j < size_of(right) && !found; ++j) {
          const MapEntry other = entry_at(right, j);
          found = identical(entry.key, other.key) && identical(entry.value, other.value);
        }
        if (!found) return false;
      }
      return true;
    case ValKind::optional:
    case ValKind::structure:
    case ValKind::opaque:
    case ValKind::error:
    case ValKind::unknown:
      break;
  }
  return false;
}

std::optional<Value> to_input(Arena& arena, const Val& value) {
  switch (value.kind) {
    case ValKind::null:
      return arena.null({});
    case ValKind::boolean:
      return arena.boolean(value.boolean, {});
    case ValKind::int64:
      return arena.integer(value.int64, {});
    case ValKind::uint64:
      return arena.unsigned_integer(value.uint64, {});
    case ValKind::float64:
      return arena.floating(value.float64, {});
    case ValKind::string:
      return arena.string(arena.copy(value.string()), {});
    case ValKind::bytes:
      return arena.bytes(arena.copy(value.string()), {});
    case ValKind::timestamp:
      return arena.timestamp({value.int64, value.nanos}, {});
    case ValKind::duration:
      return arena.duration({value.int64, value.nanos}, {});
    case ValKind::list: {
      std::vector<Value> items;
      for (std::size_t i = 0; i < size_of(value); ++i) {
        const auto item = to_input(arena, item_at(value, i));
        if (!item) return std::nullopt;
        items.push_back(*item);
      }
      return arena.list(items, {});
    }
    case ValKind::map: {
      std::vector<Entry> entries;
      for (std::size_t i = 0; i < size_of(value); ++i) {
        const MapEntry entry = entry_at(value, i);
        const auto held = to_input(arena, entry.value);
        if (!entry.key.is(ValKind::string) || !held) return std::nullopt;
        const std::string_view key = arena.copy(entry.key.string());
        entries.push_back({key.data(), static_cast<std::uint32_t>(key.size()), 0, *held});
      }
      return arena.map(entries, {});
    }
    case ValKind::type:
    case ValKind::optional:
    case ValKind::structure:
    case ValKind::opaque:
    case ValKind::error:
    case ValKind::unknown:
      break;
  }
  return std::nullopt;
}

}  // namespace assay::test

#include "engine/cel/type.hpp"

#include <array>
#include <cctype>

namespace assay::cel {
namespace {

std::string key_of(const Type& type) {
  std::string key(1, static_cast<char>('A' + static_cast<int>(type.kind)));
  key += type.name;
  key += '\0';
  for (const Type* parameter : type.parameters) {
    key.append(reinterpret_cast<const char*>(&parameter), sizeof parameter);
  }
  return key;
}

std::string_view runtime_name(TypeKind kind) {
  switch (kind) {
    case TypeKind::dyn:
      return "dyn";
    case TypeKind::null:
      return "null_type";
    case TypeKind::boolean:
      return "bool";
    case TypeKind::int64:
      return "int";
    case TypeKind::uint64:
      return "uint";
    case TypeKind::float64:
      return "double";
    case TypeKind::string:
      return "string";
    case TypeKind::bytes:
      return "bytes";
    case TypeKind::timestamp:
      return "google.protobuf.Timestamp";
    case TypeKind::duration:
      return "google.protobuf.Duration";
    case TypeKind::list:
      return "list";
    case TypeKind::map:
      return "map";
    case TypeKind::type:
      return "type";
    case TypeKind::optional:
      return "optional_type";
    case TypeKind::wrapper:
      return "wrapper";
    case TypeKind::error:
      return "error";
    case TypeKind::structure:
    case TypeKind::opaque:
    case TypeKind::variable:
      return "";
  }
  return "";
}

// The types that every table shares.
struct Common {
  std::deque<Type> types;
  std::map<std::string, const Type*, std::less<>> by_key;
  std::array<const Type*, 19> primitives{};

  const Type* add(TypeKind kind, std::vector<const Type*> parameters) {
    Type type{kind, std::string(runtime_name(kind)), std::move(parameters)};
    type.size += static_cast<std::uint32_t>(type.parameters.size());
    types.push_back(std::move(type));
    by_key.emplace(key_of(types.back()), &types.back());
    return &types.back();
  }
  Common() {
    for (const TypeKind kind :
         {TypeKind::dyn, TypeKind::null, TypeKind::boolean, TypeKind::int64, TypeKind::uint64, TypeKind::float64,
          TypeKind::string, TypeKind::bytes, TypeKind::timestamp, TypeKind::duration, TypeKind::error}) {
      primitives[static_cast<std::size_t>(kind)] = add(kind, {});
    }
    const auto primitive = [&](TypeKind kind) -> const Type*& { return primitives[static_cast<std::size_t>(kind)]; };
    const Type* dyn = primitive(TypeKind::dyn);
    primitive(TypeKind::list) = add(TypeKind::list, {dyn});
    primitive(TypeKind::map) = add(TypeKind::map, {dyn, dyn});
    primitive(TypeKind::type) = add(TypeKind::type, {dyn});
    primitive(TypeKind::optional) = add(TypeKind::optional, {dyn});
    add(TypeKind::map, {primitive(TypeKind::string), dyn});
    for (const TypeKind kind :
         {TypeKind::boolean, TypeKind::int64, TypeKind::uint64, TypeKind::float64, TypeKind::string, TypeKind::bytes}) {
      add(TypeKind::wrapper, {primitive(kind)});
    }
  }
};
const Common& common() {
  static const Common instance;
  return instance;
}

struct NamedType {
  std::string_view name;
  TypeKind kind;
};
constexpr std::array<NamedType, 13> named_types{{
    {"bool", TypeKind::boolean},
    {"bytes", TypeKind::bytes},
    {"double", TypeKind::float64},
    {"int", TypeKind::int64},
    {"list", TypeKind::list},
    {"map", TypeKind::map},
    {"null_type", TypeKind::null},
    {"optional_type", TypeKind::optional},
    {"string", TypeKind::string},
    {"type", TypeKind::type},
    {"uint", TypeKind::uint64},
    {"google.protobuf.Timestamp", TypeKind::timestamp},
    {"google.protobuf.Duration", TypeKind::duration},
}};

void write(const Type* type, std::string& out) {
  if (!type) {
    out += "dyn";
    return;
  }
  if (type->kind == TypeKind::wrapper) {
    out += "wrapper(";
    write(type->parameters[0], out);
    out += ')';
    return;
  }
  out += type->name;
  // A bare `type` is what the type of a type is called.
  if (type->kind == TypeKind::type && type->parameters[0]->kind == TypeKind::dyn) return;
  for (std::size_t i = 0; i < type->parameters.size(); ++i) {
    out += i == 0 ? "(" : ", ";
    write(type->parameters[i], out);
  }
  if (!type->parameters.empty()) out += ')';
}

class TypeReader {
 public:
  TypeReader(TypeTable& table, std::string_view text) : table_(table), text_(text) {}
  const Type* run() {
    const Type* type = read(0);
    return at_ == text_.size() ? type : nullptr;
  }

 private:
  void skip_space() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  const Type* read(int depth) {
    if (depth > 32) return nullptr;
    skip_space();
    const std::size_t begin = at_;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_' || text_[at_] == '.'))
      ++at_;
    const std::string_view name = text_.substr(begin, at_ - begin);
    if (name.empty() || std::isdigit(static_cast<unsigned char>(name.front()))) return nullptr;
    skip_space();
    std::vector<const Type*> parameters;
    if (at_ < text_.size() && (text_[at_] == '<' || text_[at_] == '(')) {
      const char close = text_[at_] == '<' ? '>' : ')';
      do {
        ++at_;
        const Type* parameter = read(depth + 1);
        if (!parameter) return nullptr;
        parameters.push_back(parameter);
      } while (at_ < text_.size() && text_[at_] == ',');
      if (at_ >= text_.size() || text_[at_] != close) return nullptr;
      ++at_;
      skip_space();
    }
    return make(name, std::move(parameters));
  }
  const Type* make(std::string_view name, std::vector<const Type*> parameters) {
    if (parameters.empty()) {
      if (name == "any" || name == "dyn") return table_.dyn();
      if (name == "optional") name = "optional_type";
      if (name == "timestamp") return table_.primitive(TypeKind::timestamp);
      if (name == "duration") return table_.primitive(TypeKind::duration);
      if (name == "null") return table_.primitive(TypeKind::null);
      if (const Type* type = type_named(name)) return type;
      if (const Type* type = table_.find_opaque(name)) return type;
      return table_.structure(name);
    }
    if (name == "list" && parameters.size() == 1) return table_.list(parameters[0]);
    if (name == "map" && parameters.size() == 2) return table_.map(parameters[0], parameters[1]);
    if ((name == "optional" || name == "optional_type") && parameters.size() == 1)
      return table_.optional(parameters[0]);
    if (name == "type" && parameters.size() == 1) return table_.type(parameters[0]);
    if (name == "wrapper" && parameters.size() == 1) return table_.wrapper(parameters[0]);
    return nullptr;
  }

  TypeTable& table_;
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

const Type* primitive_type(TypeKind kind) { return common().primitives[static_cast<std::size_t>(kind)]; }

const Type* type_named(std::string_view name) {
  for (const NamedType& named : named_types) {
    if (named.name == name) return primitive_type(named.kind);
  }
  return nullptr;
}

const Type* TypeTable::intern(Type type) {
  type.generic = type.kind == TypeKind::variable;
  for (const Type* parameter : type.parameters) {
    type.generic = type.generic || parameter->generic;
    type.size += parameter->size;
  }
  if (type.size > type_size_limit) return dyn();
  const std::string key = key_of(type);
  if (const auto found = common().by_key.find(key); found != common().by_key.end()) return found->second;
  const std::lock_guard lock(mutex_);
  if (const auto found = by_key_.find(key); found != by_key_.end()) return found->second;
  types_.push_back(std::move(type));
  by_key_.emplace(key, &types_.back());
  return &types_.back();
}

const Type* TypeTable::list(const Type* element) { return intern({TypeKind::list, "list", {element}}); }
const Type* TypeTable::map(const Type* key, const Type* value) { return intern({TypeKind::map, "map", {key, value}}); }
const Type* TypeTable::optional(const Type* value) { return intern({TypeKind::optional, "optional_type", {value}}); }
const Type* TypeTable::type(const Type* named) { return intern({TypeKind::type, "type", {named}}); }
const Type* TypeTable::wrapper(const Type* primitive) { return intern({TypeKind::wrapper, "wrapper", {primitive}}); }
const Type* TypeTable::structure(std::string_view name) { return intern({TypeKind::structure, std::string(name), {}}); }
const Type* TypeTable::opaque(std::string_view name, std::vector<const Type*> parameters) {
  return intern({TypeKind::opaque, std::string(name), std::move(parameters)});
}
const Type* TypeTable::variable(std::string_view name) { return intern({TypeKind::variable, std::string(name), {}}); }

const Type* TypeTable::find_opaque(std::string_view name) {
  const std::string key = key_of({TypeKind::opaque, std::string(name), {}});
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : found->second;
}

const Type* TypeTable::parse(std::string_view text) { return TypeReader(*this, text).run(); }

std::string to_string(const Type* type) {
  std::string out;
  write(type, out);
  return out;
}

}  // namespace assay::cel

#include "parsers/kubernetes/admission/schema.hpp"

#include <algorithm>
#include <array>

#include "parsers/kubernetes/kinds.hpp"

namespace assay::kubernetes::admission {

namespace {

std::string_view word(std::string_view& rest) {
  const std::size_t begin = rest.find_first_not_of(' ');
  if (begin == std::string_view::npos) return rest = {};
  rest.remove_prefix(begin);
  const std::size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view result = rest.substr(0, end);
  rest.remove_prefix(end);
  return result;
}

struct Notation {
  std::string_view name;
  FieldKind kind;
};
constexpr std::array<Notation, 11> notations{{
    {"string", FieldKind::string}, {"bool", FieldKind::boolean}, {"int", FieldKind::integer}, {"double", FieldKind::floating},
    {"bytes", FieldKind::bytes}, {"quantity", FieldKind::quantity}, {"time", FieldKind::time}, {"microtime", FieldKind::microtime},
    {"duration", FieldKind::duration}, {"intstr", FieldKind::int_or_string}, {"any", FieldKind::any},
}};

std::string_view version_of(std::string_view api_version) {
  const std::size_t slash = api_version.find('/');
  return slash == std::string_view::npos ? api_version : api_version.substr(slash + 1);
}

}  // namespace

const FieldType* ObjectType::find(std::string_view field) const {
  for (const FieldType& known : fields)
    if (known.name == field) return &known;
  return nullptr;
}

FieldType Schema::field(std::string_view text) {
  FieldType field;
  const std::size_t colon = text.find(':');
  field.name = text.substr(0, colon);
  std::string_view notation = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  while (!notation.empty() && (notation.back() == '!' || notation.back() == '?')) {
    (notation.back() == '!' ? field.always : field.pointer) = true;
    notation.remove_suffix(1);
  }
  using Shape = FieldType::Shape;
  while (!notation.empty() && (notation[0] == '[' || notation[0] == '{')) {
    const bool list = notation[0] == '[';
    if (field.shape == Shape::plain) field.shape = list ? Shape::list : Shape::map;
    else field.shape = list ? Shape::map_list : Shape::list_map;
    notation.remove_prefix(1);
  }
  // A list or map of pointers: its elements are.
  if (field.shape != Shape::plain) field.pointer = false;
  const auto plain = std::find_if(notations.begin(), notations.end(), [&](const Notation& n) { return n.name == notation; });
  if (plain != notations.end()) {
    field.kind = plain->kind;
  } else {
    field.kind = FieldKind::structure;
    field.type_name = notation;
  }
  return field;
}

void Schema::read_type(std::string_view line) {
  ObjectType type;
  type.name = word(line);
  for (std::string_view next = word(line); !next.empty(); next = word(line)) type.fields.push_back(field(next));
  types_.emplace(type.name, std::move(type));
}

void Schema::read_default(std::string_view line) {
  const auto type = types_.find(word(line));
  if (type == types_.end()) return;
  FieldDefault made;
  made.field = word(line);
  made.value = word(line);
  for (std::string_view next = word(line); !next.empty(); next = word(line)) {
    if (next == "when") {
      made.when_field = word(line);
      made.when = word(line);
    } else if (next == "in") {
      made.in = word(line);
    }
  }
  type->second.defaults.push_back(made);
}

Schema::Schema(std::string_view types, std::string_view defaults) {
  read(types);
  for (auto& [name, type] : types_) {
    for (FieldType& field : type.fields) {
      if (field.kind != FieldKind::structure) continue;
      field.type = this->type(field.type_name);
      if (!field.type) field.kind = FieldKind::any;
    }
  }
  read(defaults);
}

void Schema::read(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::string_view what = word(line);
    if (what == "type") {
      read_type(line);
    } else if (what == "default") {
      read_default(line);
    } else if (what == "kind") {
      Known known;
      known.api_version = word(line);
      known.kind = word(line);
      known.type = word(line);
      kinds_.push_back(known);
    } else if (what == "resource") {
      const std::string_view api_version = word(line);
      ServedResource served;
      served.group = group_of(api_version);
      served.version = version_of(api_version);
      served.kind = word(line);
      served.resource = word(line);
      served.namespaced = word(line) == "namespaced";
      resources_.push_back(served);
    }
  }
}

const ObjectType* Schema::type(std::string_view name) const {
  const auto found = types_.find(name);
  return found == types_.end() ? nullptr : &found->second;
}

const ObjectType* Schema::type_of(std::string_view api_version, std::string_view kind) const {
  for (const Known& known : kinds_)
    if (known.api_version == api_version && known.kind == kind) return type(known.type);
  return nullptr;
}

const ServedResource* Schema::served(std::string_view api_version, std::string_view kind) const {
  const std::string_view group = group_of(api_version), version = version_of(api_version);
  for (const ServedResource& served : resources_)
    if (served.group == group && served.version == version && served.kind == kind) return &served;
  return nullptr;
}

std::vector<const ServedResource*> Schema::versions(std::string_view group, std::string_view kind) const {
  std::vector<const ServedResource*> found;
  for (const ServedResource& served : resources_)
    if (served.group == group && served.kind == kind) found.push_back(&served);
  return found;
}

}  // namespace assay::kubernetes::admission

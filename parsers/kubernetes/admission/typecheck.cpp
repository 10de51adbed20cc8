#include "parsers/kubernetes/admission/typecheck.hpp"

#include <algorithm>
#include <deque>
#include <set>

#include "parsers/kubernetes/kinds.hpp"

namespace assay::kubernetes::admission {

using cel::Type;
using cel::TypeKind;

namespace {

constexpr std::size_t most_types = 10;

// The kinds that a rule names one by one; a wildcard names none.
void kinds_of(const ResourceRule& rule, const Schema& schema, std::vector<const ServedResource*>& kinds) {
  const auto wild = [](const std::vector<std::string_view>& names) { return std::find(names.begin(), names.end(), "*") != names.end(); };
  if (wild(rule.groups) || wild(rule.versions)) return;
  std::size_t found = 0;
  for (const ServedResource& served : schema.resources()) {
    const auto among = [](const std::vector<std::string_view>& names, std::string_view name) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    if (!among(rule.groups, served.group) || !among(rule.versions, served.version) || !among(rule.resources, served.resource)) continue;
    if (std::find(kinds.begin(), kinds.end(), &served) == kinds.end()) kinds.push_back(&served);
    if (++found == most_types) return;
  }
}

std::string api_version(const ServedResource& served) {
  return served.group.empty() ? std::string(served.version) : std::string(served.group) + "/" + std::string(served.version);
}

}  // namespace

// The schema's types as types of the expression language, made when they are first needed.
struct TypeChecker::Types {
  cel::TypeTable& table;
  std::map<const ObjectType*, cel::StructType*> made;
  std::deque<cel::StructType> structures;

  const Type* structure(const ObjectType* type, int depth) {
    if (const auto known = made.find(type); known != made.end()) return known->second->type;
    cel::StructType& structure = structures.emplace_back();
    structure.name = type->name;
    structure.type = table.structure(structure.name);
    made.emplace(type, &structure);
    for (const FieldType& field : type->fields) {
      const Type* const of = field_type(field, depth + 1);
      structure.fields.push_back({std::string(field.name), of});
    }
    return structure.type;
  }

  const Type* plain(const FieldType& field, int depth) {
    switch (field.kind) {
      case FieldKind::string: case FieldKind::duration: return table.primitive(TypeKind::string);
      case FieldKind::boolean: return table.primitive(TypeKind::boolean);
      case FieldKind::integer: return table.primitive(TypeKind::int64);
      case FieldKind::floating: return table.primitive(TypeKind::float64);
      case FieldKind::bytes: return table.primitive(TypeKind::bytes);
      case FieldKind::time: case FieldKind::microtime: return table.primitive(TypeKind::timestamp);
      case FieldKind::quantity: case FieldKind::int_or_string: case FieldKind::any: return table.dyn();
      case FieldKind::structure: return depth > 100 ? table.dyn() : structure(field.type, depth);
    }
    return table.dyn();
  }

  const Type* field_type(const FieldType& field, int depth) {
    const Type* const type = plain(field, depth);
    const Type* const text = table.primitive(TypeKind::string);
    switch (field.shape) {
      case FieldType::Shape::plain: return type;
      case FieldType::Shape::list: return table.list(type);
      case FieldType::Shape::map: return table.map(text, type);
      case FieldType::Shape::list_map: return table.list(table.map(text, type));
      case FieldType::Shape::map_list: return table.map(text, table.list(type));
    }
    return type;
  }
};

TypeChecker::TypeChecker(const Schema& schema) : schema_(schema) {}
TypeChecker::~TypeChecker() = default;

void TypeChecker::check(const Policy& policy, const PolicyCompiler& compiler, const TextMap& text_map, Diagnostics& diagnostics) {
  if (!types_) types_ = std::make_unique<Types>(Types{compiler.types(), {}, {}});
  std::vector<const ServedResource*> kinds;
  for (const ResourceRule& rule : policy.constraints.rules) kinds_of(rule, schema_, kinds);
  const Type* params = nullptr;
  if (policy.param_kind)
    if (const ObjectType* type = schema_.type_of(policy.param_kind->api_version, policy.param_kind->kind)) params = types_->structure(type, 0);

  // What several kinds are told is said once.
  std::set<std::pair<std::uint32_t, std::string>> said;
  for (const ServedResource* kind : kinds) {
    const ObjectType* type = schema_.type_of(api_version(*kind), kind->kind);
    if (!type) continue;
    TypedEnvironment typed;
    typed.object = types_->structure(type, 0);
    typed.params = params;
    for (const cel::StructType& structure : types_->structures) typed.structures.push_back(&structure);
    for (const TypeIssue& issue : compiler.issues(policy, typed)) {
      const Span span = expression_span(text_map, issue.expression, issue.range);
      if (!said.emplace(span.begin, issue.message).second) continue;
      diagnostics.warning("admission-type", span, "for a " + std::string(kind->kind) + ": " + issue.message);
    }
  }
}

}  // namespace assay::kubernetes::admission

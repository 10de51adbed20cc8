#include "parsers/kubernetes/crd/definition.hpp"

#include <algorithm>

#include "parsers/kubernetes/adapter.hpp"
#include "parsers/kubernetes/crd/prepare.hpp"
#include "parsers/kubernetes/crd/text.hpp"
#include "parsers/kubernetes/crd/validate.hpp"
#include "parsers/kubernetes/kinds.hpp"

namespace assay::kubernetes::crd {

namespace {

// Every default below a schema must satisfy it: the API server refuses others.
void check_defaults(const Schema& schema, Diagnostics& diagnostics, std::size_t& mistakes) {
  if (schema.fallback) {
    std::vector<Fault> faults;
    validate_schema(schema.fallback, schema, faults);
    for (const Fault& fault : faults) {
      diagnostics.error("crd-schema", located(fault.at ? fault.at : schema.fallback).span,
                        "this default does not satisfy its own schema: " + (fault.detail.empty() ? fault.text() : fault.detail));
      ++mistakes;
    }
  }
  if (schema.items) check_defaults(*schema.items, diagnostics, mistakes);
  if (schema.additional) check_defaults(*schema.additional, diagnostics, mistakes);
  for (const Property& property : schema.properties) check_defaults(*property.schema, diagnostics, mistakes);
}

Value by_path(Value object, std::string_view path) {
  if (path.starts_with('.')) path.remove_prefix(1);
  while (object && !path.empty()) {
    const auto dot = path.find('.');
    object = object.find(path.substr(0, dot));
    path.remove_prefix(dot == path.npos ? path.size() : dot + 1);
  }
  return object;
}

void check_replicas(Value object, std::string_view path, std::vector<Fault>& faults) {
  if (path.empty()) return;
  const Value value = by_path(object, path);
  std::int64_t number = 0;
  if (!value) return;
  Fault fault;
  fault.at = value;
  fault.field = path;
  if (!whole(value, number)) {
    fault.bad_value = "0";
    fault.detail = std::string(path) + " accessor error: " + json_text(value) + " is of another type, expected int64";
  } else {
    fault.bad_value = std::to_string(number);
    if (number < 0) fault.detail = "should be a non-negative integer";
    else if (number > 2147483647) fault.detail = "should be less than or equal to 2147483647";
    else return;
  }
  faults.push_back(std::move(fault));
}

}  // namespace

std::string defined_type(Value definition) {
  const Value spec = definition.find("spec");
  const Value group = spec.find("group"), kind = spec.at({"names", "kind"});
  if (!group.is_string() || !kind.is_string()) return {};
  return type_of(std::string(group.as_string()) + "/v1", kind.as_string());
}

Definition::Definition(Value object, const Language& language, const TextMap& text_map, Diagnostics& diagnostics) {
  const auto error = [&](Value at, std::string message) {
    diagnostics.error("crd-schema", located(at).span, std::move(message));
    valid_ = false;
  };
  const Value spec = object.find("spec"), names = spec.find("names");
  group_ = spec.find("group").as_string();
  kind_ = names.find("kind").as_string();
  const std::string_view plural = names.find("plural").as_string();
  const std::string_view scope = spec.find("scope").as_string();
  type_ = defined_type(object);
  name_ = std::string(plural) + "." + std::string(group_);
  namespaced_ = scope != "Cluster";
  if (plural.empty()) error(names ? names : object, "a definition needs `spec.names.plural`");
  if (scope != "Cluster" && scope != "Namespaced") error(spec.find("scope") ? spec.find("scope") : spec ? spec : object, "`spec.scope` is Cluster or Namespaced");
  const Value name = object.at({"metadata", "name"});
  if (!plural.empty() && name.is_string() && name.as_string() != name_)
    error(name, "the name of a definition is `" + name_ + "`: spec.names.plural and spec.group");
  if (spec.find("preserveUnknownFields").as_bool())
    error(spec.find("preserveUnknownFields"), "must be false: `x-kubernetes-preserve-unknown-fields` in the schema keeps unknown fields");
  std::size_t stored = 0;
  for (const Value at : spec.find("versions").items()) {
    auto version = std::make_unique<Version>();
    version->name = at.find("name").as_string();
    version->served = at.find("served").as_bool();
    version->storage = at.find("storage").as_bool();
    stored += version->storage;
    const Value subresources = at.find("subresources");
    version->has_status = static_cast<bool>(subresources.find("status"));
    if (const Value scale = subresources.find("scale")) {
      version->has_scale = true;
      version->scale = {scale.find("specReplicasPath").as_string(), scale.find("statusReplicasPath").as_string(), scale.find("labelSelectorPath").as_string()};
    }
    if (this->version(version->name)) error(at, "two versions are called `" + std::string(version->name) + "`");
    const Value schema = at.at({"schema", "openAPIV3Schema"});
    if (!schema) {
      error(at, "a version needs `schema.openAPIV3Schema`");
    } else {
      version->schema = version->tree.read(schema, diagnostics);
      std::size_t mistakes = version->tree.mistakes();
      if (version->schema && mistakes == 0) {
        check_defaults(*version->schema, diagnostics, mistakes);
        version->expressions = std::make_unique<Expressions>(language, *version->schema, name_ + "/" + std::string(version->name), text_map, diagnostics);
        mistakes += version->expressions->mistakes();
      }
      if (mistakes != 0) valid_ = false;
    }
    versions_.push_back(std::move(version));
  }
  if (versions_.empty()) error(spec ? spec : object, "a definition needs `spec.versions`");
  else if (stored != 1) error(spec.find("versions"), "exactly one version is the `storage` version");
}

const Version* Definition::version(std::string_view name) const {
  for (const auto& version : versions_)
    if (version->name == name) return version.get();
  return nullptr;
}

Value Definition::admitted(Value object, Arena& arena) const {
  const std::string_view api_version = object.find("apiVersion").as_string();
  const Version* const known = version(api_version.substr(std::min(api_version.find('/') + 1, api_version.size())));
  if (!known || !known->schema) return {};
  return prepare(object, *known->schema, known->has_status, arena).value;
}

Answer Definition::check(Value object, Value old, Arena& arena) const {
  Answer verdict;
  std::vector<Fault>& faults = verdict.faults;
  const std::string_view api_version = object.find("apiVersion").as_string();
  const Version* const known = version(api_version.substr(std::min(api_version.find('/') + 1, api_version.size())));
  if (!known || !known->served) {
    Fault fault;
    fault.field = "apiVersion";
    fault.bad_value = go_quoted(api_version);
    fault.detail = "the definition serves no such version: ";
    bool first = true;
    for (const auto& version : versions_) {
      if (!version->served) continue;
      fault.detail += (first ? "" : ", ") + std::string(group_) + "/" + std::string(version->name);
      first = false;
    }
    fault.at = object.find("apiVersion");
    faults.push_back(std::move(fault));
    return verdict;
  }
  if (!known->schema) return verdict;
  Prepared prepared = prepare(object, *known->schema, known->has_status, arena);
  for (UnknownField& unknown : prepared.unknown) {
    Fault fault;
    fault.kind = FaultKind::unknown_field;
    fault.field = std::move(unknown.path);
    fault.at = unknown.value;
    faults.push_back(std::move(fault));
  }
  const std::size_t unknown = faults.size();
  verdict.whole = !prepared.too_large;
  const Value value = prepared.value;
  validate_metadata(value, namespaced_, faults);
  verdict.whole = validate_schema(value, *known->schema, faults) && verdict.whole;
  if (known->has_scale) {
    check_replicas(value, known->scale.replicas, faults);
    check_replicas(value, known->scale.status_replicas, faults);
  }
  validate_embedded(value, *known->schema, faults);
  validate_lists(value, *known->schema, faults);
  if (known->expressions && !known->expressions->empty()) {
    // What the expressions could not rely on keeps the API server from running them.
    const bool blocked = std::any_of(faults.begin() + static_cast<std::ptrdiff_t>(unknown), faults.end(), [](const Fault& fault) {
      switch (fault.kind) {
        case FaultKind::not_supported:
        case FaultKind::required:
        case FaultKind::too_long:
        case FaultKind::too_many:
        case FaultKind::type_invalid: return true;
        case FaultKind::invalid:
        case FaultKind::duplicate:
        case FaultKind::forbidden:
        case FaultKind::internal:
        case FaultKind::unknown_field: return false;
      }
      return false;
    });
    if (blocked) {
      Fault fault;
      fault.field = "<nil>";
      fault.bad_value = "null";
      fault.detail = "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";
      faults.push_back(std::move(fault));
    } else {
      Value before;
      if (old) before = prepare(old, *known->schema, false, arena).value;
      known->expressions->validate(value, before, arena, faults);
    }
  }
  return verdict;
}

}  // namespace assay::kubernetes::crd

#include <algorithm>
#include <cctype>
#include <map>

#include "engine/cel/libraries/kubernetes.hpp"
#include "parsers/kubernetes/crd/text.hpp"
#include "parsers/kubernetes/crd/validate.hpp"

namespace assay::kubernetes::crd {

namespace {

Fault fault(FaultKind kind, const Path& path, std::string value, std::string detail, Value at, std::string_view absent = {}) {
  Fault made;
  made.kind = kind;
  made.field = path.text(true);
  if (made.field.empty()) made.field = "<nil>";
  made.bad_value = std::move(value);
  made.detail = std::move(detail);
  made.at = at;
  made.absent = absent;
  return made;
}

// --- metadata ---

void invalid_texts(const std::vector<std::string>& messages, const Path& path, std::string_view text, Value at, std::vector<Fault>& faults) {
  for (const std::string& message : messages) faults.push_back(fault(FaultKind::invalid, path, go_quoted(text), message, at));
}

// A number where a text belongs cannot even be decoded.
bool texts(Value value, const Path& path, std::vector<Fault>& faults) {
  if (value.is_string() || value.is_null()) return true;
  faults.push_back(fault(FaultKind::invalid, path, shown(value), "must be a string: quote it", value));
  return false;
}

void labels(Value metadata, const Path& path, std::vector<Fault>& faults) {
  const Path at{&path, "labels"};
  for (const Entry& entry : metadata.find("labels").entries()) {
    if (!texts(entry.value, at, faults)) continue;
    invalid_texts(cel::library::label_key_faults(entry.key()), at, entry.key(), entry.value, faults);
    invalid_texts(cel::library::label_value_faults(entry.value.as_string()), at, entry.value.as_string(), entry.value, faults);
  }
  const Path notes{&path, "annotations"};
  std::size_t size = 0;
  for (const Entry& entry : metadata.find("annotations").entries()) {
    if (!texts(entry.value, notes, faults)) continue;
    std::string lower(entry.key());
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    invalid_texts(cel::library::label_key_faults(lower), notes, entry.key(), entry.value, faults);
    size += entry.key().size() + entry.value.as_string().size();
  }
  constexpr std::size_t most = 256u << 10;
  if (size > most) faults.push_back(fault(FaultKind::too_long, notes, {}, "may not be more than 262144 bytes", metadata.find("annotations")));
}

// --- embedded resources ---

std::vector<std::string> segment_faults(std::string_view name) {
  if (name == "." || name == "..") return {"may not be '" + std::string(name) + "'"};
  std::vector<std::string> messages;
  for (const std::string_view part : {"/", "%"})
    if (name.find(part) != std::string_view::npos) messages.push_back("may not contain '" + std::string(part) + "'");
  return messages;
}

void embedded_resource(Value value, const Path& path, std::vector<Fault>& faults) {
  for (const std::string_view name : {"apiVersion", "kind"})
    if (!value.find(name)) faults.push_back(fault(FaultKind::required, Path{&path, name}, {}, {}, value, name));
  if (const Value version = value.find("apiVersion")) {
    const Path at{&path, "apiVersion"};
    const std::string_view text = version.as_string();
    if (!version.is_string()) faults.push_back(fault(FaultKind::invalid, at, shown(version), "must be a string", version));
    else if (text.empty()) faults.push_back(fault(FaultKind::invalid, at, "\"\"", "must not be empty", version));
    else if (std::count(text.begin(), text.end(), '/') > 1)
      faults.push_back(fault(FaultKind::invalid, at, go_quoted(text), "unexpected GroupVersion string: " + std::string(text), version));
  }
  if (const Value kind = value.find("kind")) {
    const Path at{&path, "kind"};
    std::string lower(kind.as_string());
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (!kind.is_string()) {
      faults.push_back(fault(FaultKind::invalid, at, shown(kind), "must be a string", kind));
    } else if (lower.empty()) {
      faults.push_back(fault(FaultKind::invalid, at, "\"\"", "must not be empty", kind));
    } else if (const auto messages = cel::library::dns_1035_label_faults(lower); !messages.empty()) {
      std::string detail = "may have mixed case, but should otherwise match: ";
      for (const std::string& message : messages) (detail += &message == &messages[0] ? "" : ",") += message;
      faults.push_back(fault(FaultKind::invalid, at, go_quoted(kind.as_string()), detail, kind));
    }
  }
  const Value metadata = value.find("metadata");
  if (!metadata.is_map()) return;
  const Path at{&path, "metadata"};
  const Value name = metadata.find("name"), ns = metadata.find("namespace");
  if (name.is_string()) invalid_texts(segment_faults(name.as_string()), Path{&at, "name"}, name.as_string(), name, faults);
  if (ns.is_string() && !ns.as_string().empty())
    invalid_texts(cel::library::label_faults(ns.as_string()), Path{&at, "namespace"}, ns.as_string(), ns, faults);
  labels(metadata, at, faults);
}

void embedded(Value value, const Schema* schema, const Path& path, std::vector<Fault>& faults, int depth) {
  if (!schema || depth == 0) return;
  if (value.is_list()) {
    for (std::size_t i = 0; i < value.size(); ++i) embedded(value.items()[i], schema->items, Path{&path, {}, i}, faults, depth - 1);
    return;
  }
  if (!value.is_map()) return;
  if (schema->embedded) embedded_resource(value, path, faults);
  for (const Entry& entry : value.entries()) {
    if (const Schema* const property = schema->property(entry.key())) embedded(entry.value, property, Path{&path, entry.key()}, faults, depth - 1);
    else if (schema->additional) embedded(entry.value, schema->additional, Path{&path, entry.key(), 0, true}, faults, depth - 1);
  }
}

// --- lists of type set and map ---

// Values told apart as Go's maps do: by type and value.
std::string key_of(Value value) {
  std::int64_t number;
  if (!value || value.is_null()) return "null";
  if (value.is_string()) return "s" + std::string(value.as_string());
  if (whole(value, number)) return "i" + std::to_string(number);
  return "j" + json_text(value);
}

// The places of second occurrences.
std::vector<std::size_t> repeated(const std::vector<std::string>& keys) {
  std::map<std::string_view, int> seen;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (seen[keys[i]]++ == 1) places.push_back(i);
  return places;
}

void list_set(Value list, const Path& path, std::vector<Fault>& faults) {
  std::vector<std::string> keys;
  for (const Value item : list.items()) keys.push_back(key_of(item));
  for (const std::size_t i : repeated(keys))
    faults.push_back(fault(FaultKind::duplicate, Path{&path, {}, i}, shown(list.items()[i]), {}, list.items()[i]));
}

void list_map(Value list, const Schema& schema, const Path& path, std::vector<Fault>& faults) {
  const auto items = list.items();
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].is_map() || items[i].is_null()) continue;
    faults.push_back(fault(FaultKind::invalid, Path{&path, {}, i}, shown(items[i]), "must be an object for an array of list-type map", items[i]));
    return;
  }
  std::vector<std::string> keys;
  std::vector<std::string> written;
  std::vector<std::string_view> names = schema.list_keys;
  std::sort(names.begin(), names.end());
  for (const Value item : items) {
    std::string key, text = "{";
    for (const std::string_view name : names) {
      const Value value = item.find(name);
      if (!value) continue;
      key += std::string(name) + "=" + key_of(value) + "\n";
      text += (text.size() > 1 ? "," : "") + go_quoted(name) + ":" + json_text(value);
    }
    keys.push_back(std::move(key));
    written.push_back(text + "}");
  }
  for (const std::size_t i : repeated(keys)) faults.push_back(fault(FaultKind::duplicate, Path{&path, {}, i}, written[i], {}, items[i]));
}

void lists(Value value, const Schema& schema, const Path& path, std::vector<Fault>& faults, int depth) {
  if (depth == 0) return;
  if (value.is_list()) {
    if (schema.list_type == "set") list_set(value, path, faults);
    else if (schema.list_type == "map") list_map(value, schema, path, faults);
    if (schema.items)
      for (std::size_t i = 0; i < value.size(); ++i) lists(value.items()[i], *schema.items, Path{&path, {}, i}, faults, depth - 1);
    return;
  }
  for (const Entry& entry : value.entries()) {
    if (schema.additional) lists(entry.value, *schema.additional, Path{&path, entry.key(), 0, true}, faults, depth - 1);
    else if (const Schema* const property = schema.property(entry.key())) lists(entry.value, *property, Path{&path, entry.key()}, faults, depth - 1);
  }
}

constexpr int deepest = 600;

}  // namespace

void validate_embedded(Value object, const Schema& root, std::vector<Fault>& faults) { embedded(object, &root, Path{}, faults, deepest); }

void validate_lists(Value object, const Schema& root, std::vector<Fault>& faults) { lists(object, root, Path{}, faults, deepest); }

void validate_metadata(Value object, bool namespaced, std::vector<Fault>& faults) {
  const Path root, path{&root, "metadata"};
  const Value metadata = object.find("metadata");
  const Value name = metadata.find("name"), generate = metadata.find("generateName"), ns = metadata.find("namespace");
  if (generate.is_string() && !generate.as_string().empty())
    invalid_texts(cel::library::subdomain_prefix_faults(generate.as_string()), Path{&path, "generateName"}, generate.as_string(), generate, faults);
  if (name.is_string() && !name.as_string().empty())
    invalid_texts(cel::library::subdomain_faults(name.as_string()), Path{&path, "name"}, name.as_string(), name, faults);
  else if (!name.is_unknown())
    faults.push_back(fault(FaultKind::required, Path{&path, "name"}, {}, "name or generateName is required", metadata ? metadata : object, "name"));
  if (namespaced && ns.is_string() && !ns.as_string().empty())
    invalid_texts(cel::library::label_faults(ns.as_string()), Path{&path, "namespace"}, ns.as_string(), ns, faults);
  labels(metadata, path, faults);
}

}  // namespace assay::kubernetes::crd

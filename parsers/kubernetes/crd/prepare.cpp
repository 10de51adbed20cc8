#include "parsers/kubernetes/crd/prepare.hpp"

#include <algorithm>

namespace assay::kubernetes::crd {

namespace {

constexpr std::size_t most_nodes = 2'000'000;
constexpr std::size_t most_unknown = 200;

constexpr std::string_view meta_fields[] = {"apiVersion", "kind", "metadata"};
// k8s.io/apimachinery v0.36 ObjectMeta.
constexpr std::string_view object_meta[] = {
    "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
    "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers", "managedFields", "clusterName"};

template <std::size_t N>
bool among(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

struct Preparer {
  Arena& arena;
  Prepared& prepared;
  std::size_t nodes = 0;
  std::string path;

  struct Step {
    Preparer& preparer;
    std::size_t size;
    Step(Preparer& p, std::string_view key) : preparer(p), size(p.path.size()) { (p.path += p.path.empty() ? "" : ".") += key; }
    Step(Preparer& p, std::size_t index) : preparer(p), size(p.path.size()) { p.path += "[" + std::to_string(index) + "]"; }
    ~Step() { preparer.path.resize(size); }
  };

  void unknown(Value parent, const Entry& entry) {
    if (prepared.unknown.size() < most_unknown)
      prepared.unknown.push_back({path.empty() ? std::string(entry.key()) : path + "." + std::string(entry.key()), entry.value, entry.key(), parent});
  }

  Value changed(Value made, Value from) {
    const Origin origin{from, {}, {}};
    return arena.computed(made, {&origin, 1});
  }

  // `resource`: apiVersion, kind and metadata stay as they are. `keep`: what the schema does not know stays.
  Value node(Value value, const Schema* schema, bool resource, bool keep) {
    if (++nodes > most_nodes) {
      prepared.too_large = true;
      return value;
    }
    if (schema && schema->preserve_unknown) keep = true;
    if (value.is_map()) return map(value, schema, resource || (schema && schema->embedded), keep);
    if (value.is_list()) return list(value, schema, keep);
    return value;
  }

  Value list(Value value, const Schema* schema, bool keep) {
    if (!schema && keep) return value;
    const Schema* const items = schema ? schema->items : nullptr;
    std::vector<Value> made;
    const auto source = value.items();
    bool same = true;
    for (std::size_t i = 0; i < source.size(); ++i) {
      const Step step(*this, i);
      Value item = source[i];
      if (item.is_null() && items && !items->nullable && items->fallback)
        item = derived(items->fallback, {value, {}, "default of the definition"}, arena);
      item = node(item, items, false, keep && !items);
      if (item != source[i] && same) {
        made.assign(source.begin(), source.begin() + static_cast<std::ptrdiff_t>(i));
        same = false;
      }
      if (!same) made.push_back(item);
    }
    return same ? value : changed(arena.list(made, value.span(), value.is(Kind::set)), value);
  }

  Value metadata(Value value, bool root) {
    std::vector<Entry> entries;
    for (const Entry& entry : value.entries()) {
      if (entry.value.is_null()) continue;
      if (among(object_meta, entry.key())) {
        entries.push_back(entry);
      } else {
        const Step step(*this, "metadata");
        unknown(value, entry);
      }
    }
    const Value generate = value.find("generateName");
    const bool generated = root && generate.is_string() && !generate.as_string().empty() && value.find("name").as_string().empty();
    if (!value.is_map() || (entries.size() == value.size() && !generated)) return value;
    if (generated) {
      std::erase_if(entries, [](const Entry& entry) { return entry.key() == "name"; });
      const Origin origin{generate, {}, {}};
      const Value name = arena.computed(arena.unknown({"metadata.name", "string", "it is generated"}, {}), {&origin, 1});
      entries.push_back({"name", 4, 0, name});
    }
    return changed(arena.map(entries, value.span()), value);
  }

  Value map(Value value, const Schema* schema, bool resource, bool keep) {
    if (!schema && keep) return value;
    std::vector<Entry> made;
    bool same = true;
    const auto source = value.entries();
    for (std::size_t i = 0; i < source.size(); ++i) {
      Entry entry = source[i];
      const bool stays = one(value, entry, schema, resource, keep);
      if ((!stays || entry.value != source[i].value) && same) {
        made.assign(source.begin(), source.begin() + static_cast<std::ptrdiff_t>(i));
        same = false;
      }
      if (stays && !same) made.push_back(entry);
    }
    if (schema) {
      for (const Property& property : schema->properties) {
        if (!property.schema->fallback || value.find(property.name)) continue;
        if (same) made.assign(source.begin(), source.end());
        same = false;
        const Step step(*this, property.name);
        const Value fallback = derived(property.schema->fallback, {value, property.name, "default of the definition"}, arena);
        made.push_back({property.name.data(), static_cast<std::uint32_t>(property.name.size()), 0, node(fallback, property.schema, false, false)});
      }
    }
    return same ? value : changed(arena.map(made, value.span()), value);
  }

  // Whether an entry stays; its value may be replaced.
  bool one(Value map, Entry& entry, const Schema* schema, bool resource, bool keep) {
    if (resource && among(meta_fields, entry.key())) {
      if (entry.key() == "metadata") entry.value = metadata(entry.value, path.empty());
      return true;
    }
    const Schema* known = schema ? schema->property(entry.key()) : nullptr;
    const bool additional = schema && schema->has_additional;
    if (!known && additional) known = schema->additional;
    if (!known && !additional) {
      if (keep) return true;
      unknown(map, entry);
      return false;
    }
    if (known && entry.value.is_null() && !known->nullable) {
      if (!known->fallback) return false;
      entry.value = derived(known->fallback, {map, entry.key(), "default of the definition"}, arena);
    }
    const Step step(*this, entry.key());
    entry.value = node(entry.value, known, false, false);
    return true;
  }
};

Value derived_at(Value value, const Origin& from, Arena& arena, int depth) {
  Value made = value;
  if (depth == 0) return value;
  if (value.is_list()) {
    std::vector<Value> items;
    for (const Value item : value.items()) items.push_back(derived_at(item, from, arena, depth - 1));
    made = arena.list(items, {}, value.is(Kind::set));
  } else if (value.is_map()) {
    std::vector<Entry> entries(value.entries().begin(), value.entries().end());
    for (Entry& entry : entries) {
      entry.key_begin = 0;
      entry.value = derived_at(entry.value, from, arena, depth - 1);
    }
    made = arena.map(entries, {});
  }
  return arena.computed(made, {&from, 1});
}

}  // namespace

Value derived(Value value, const Origin& from, Arena& arena) {
  constexpr int deepest = 512;  // as deep as a file can be
  return derived_at(value, from, arena, deepest);
}

Value original(Value prepared, std::string_view& absent) {
  absent = {};
  while (prepared && prepared.computed() && !prepared.origins().empty()) {
    const Origin& origin = prepared.origins()[0];
    if (!origin.absent.empty()) absent = origin.absent;
    prepared = origin.value;
  }
  return prepared;
}

Prepared prepare(Value object, const Schema& root, bool drop_status, Arena& arena) {
  Prepared prepared;
  Preparer preparer{arena, prepared};
  prepared.value = preparer.node(object, &root, true, false);
  std::sort(prepared.unknown.begin(), prepared.unknown.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  if (drop_status && prepared.value.find("status")) {
    std::vector<Entry> entries;
    for (const Entry& entry : prepared.value.entries())
      if (entry.key() != "status") entries.push_back(entry);
    prepared.value = preparer.changed(arena.map(entries, object.span()), object);
  }
  return prepared;
}

}  // namespace assay::kubernetes::crd

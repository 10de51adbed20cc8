#include "parsers/terraform/shown.hpp"

#include <algorithm>
#include <unordered_map>

#include "engine/path.hpp"
#include "parsers/terraform/body.hpp"
#include "parsers/terraform/joins.hpp"
#include "parsers/terraform/json_text.hpp"
#include "parsers/terraform/plan_references.hpp"

namespace assay::terraform {

namespace {

constexpr int max_depth = 200;    // of values; the JSON reader bounds documents
constexpr int max_modules = 256;  // modules inside modules

bool says(Value actions, std::string_view action) {
  return std::any_of(actions.items().begin(), actions.items().end(), [&](Value one) { return one.as_string() == action; });
}

Entry entry(std::string_view key, Value value, std::uint32_t begin = 0) {
  return {key.data(), static_cast<std::uint32_t>(key.size()), begin, value};
}

// `module.a[0].aws_x.y["k"]` without its indices.
std::string without_indices(std::string_view address) {
  std::string out;
  bool inside = false, quoted = false;
  for (std::size_t i = 0; i < address.size(); ++i) {
    const char c = address[i];
    if (!inside && c == '[') inside = true;
    if (!inside) out += c;
    if (inside && c == '\\') ++i;
    else if (inside && c == '"') quoted = !quoted;
    else if (inside && c == ']' && !quoted) inside = false;
  }
  return out;
}

// An empty list says no more than none; where the configuration writes it, the source's is kept.
bool nothing(Value value) { return value.is_null() || (value.is_list() && value.size() == 0) || (value.is_map() && value.size() == 0); }

}  // namespace

Shown::Shown(const Source& source, ParsedFile file, bool plan, Tree& tree, Sources& sources,
             const std::map<std::string, Value, std::less<>>& data, LoadOptions options)
    : source_(source), file_(std::move(file)), plan_(plan), tree_(tree), sources_(sources) {
  Diagnostics unsaid;
  for (const auto& [name, root] : data)
    if (name.starts_with("terraform-") || name.starts_with("terraform_")) read_schema(root, schema_, unsaid);
  if (const auto joins = data.find("terraform_joins"); joins != data.end()) joins_ = joins->second.find("joins");
  evaluate(data, std::move(options));
}

// The configuration beside the file, with the variables that the plan was made with.
void Shown::evaluate(const std::map<std::string, Value, std::less<>>& data, LoadOptions options) {
  if (file_.documents.empty()) return;
  const std::string directory = parent(source_.name());
  std::string error;
  const std::vector<std::string> names = tree_.list(directory, error);
  if (std::none_of(names.begin(), names.end(), [](const std::string& name) { return is_configuration(name); })) return;
  for (const Entry& variable : file_.documents[0].root.find("variables").entries())
    if (const Value value = variable.value.find("value")) options.fixed.emplace(variable.key(), value);
  configurations_ = std::make_unique<Configurations>(tree_, sources_, data, std::move(options));
  LoadInput input;
  input.directories.insert(directory);
  Diagnostics unsaid;  // the plan stands, whatever the source has become; audited sources say it themselves
  configurations_->load(input, unsaid);
  if (configurations_->roots().empty()) return;
  evaluation_ = configurations_->roots().front().get();
  for (const ResourceInstance& instance : evaluation_->resources()) {
    evaluated_.emplace(instance.address, &instance);
    evaluated_.emplace(without_indices(instance.address), &instance);
  }
}

const ResourceInstance* Shown::evaluated(const std::string& address) const {
  if (const auto found = evaluated_.find(address); found != evaluated_.end()) return found->second;
  const auto found = evaluated_.find(without_indices(address));
  return found == evaluated_.end() ? nullptr : found->second;
}

void Shown::read(Diagnostics& diagnostics) {
  if (file_.documents.empty()) return;
  const Value root = file_.documents[0].root;
  const Value version = root.find("format_version");
  if (!version.as_string().starts_with("1.") && !version.as_string().starts_with("0."))
    diagnostics.warning("terraform-format", version.span(), "format version `" + std::string(version.as_string()) +
                                                                "` is not known here, 1.x is: what is read of it may be incomplete");
  if (plan_) plan(diagnostics);
  else module(root.at({"values", "root_module"}), false, diagnostics, 0);
  if (plan_ && root.find("errored").as_bool())
    diagnostics.error("terraform-format", root.find("errored").span(), "this plan ended with an error: resources may be missing");
}

void Shown::plan(Diagnostics& diagnostics) {
  const Value root = file_.documents[0].root;
  const Value changes = root.find("resource_changes");
  if (!changes.is_list()) {
    module(root.at({"planned_values", "root_module"}), false, diagnostics, 0);
    return;
  }
  for (const Value one : changes.items()) {
    if (one.find("deposed")) continue;  // an old object on its way out
    const Value change = one.find("change"), actions = change.find("actions");
    const Value after = change.find("after");
    const bool gone = says(actions, "delete") || says(actions, "forget");
    if (gone) {
      Change made;
      made.address = "change." + std::string(one.find("address").as_string());
      made.header = one.find("address").span();
      std::vector<Entry> entries;
      for (const std::string_view key : {"address", "type", "name", "action_reason"})
        if (const Entry* found = one.find_entry(key)) entries.push_back(*found);
      if (const Entry* found = change.find_entry("actions")) entries.push_back(*found);
      if (const Entry* found = change.find_entry("before"))
        entries.push_back(entry("before", merged(found->value, {}, change.find("before_sensitive"), std::string(one.find("address").as_string()), 0), found->key_begin));
      made.value = arena_.map(entries, one.span());
      changes_.push_back(std::move(made));
    }
    if (!after.is_map()) continue;
    add_instance(one, after, change.find("after_unknown"), change.find("after_sensitive"), one);
  }
  module(root.at({"prior_state", "values", "root_module"}), true, diagnostics, 0);
}

// A module of a state, or of planned values, and those below it.
void Shown::module(Value module, bool data_only, Diagnostics& diagnostics, int depth) {
  if (depth > max_modules) {
    diagnostics.error("limit-modules", module.span(), "modules are nested more than " + std::to_string(max_modules) + " deep: what is inside is not audited");
    return;
  }
  for (const Value one : module.find("resources").items()) {
    if (data_only && one.find("mode").as_string() != "data") continue;
    if (!one.find("deposed_key")) add_instance(one, one.find("values"), {}, one.find("sensitive_values"), one);
  }
  for (const Value child : module.find("child_modules").items()) this->module(child, data_only, diagnostics, depth + 1);
}

void Shown::add_instance(Value described, Value values, Value unknown, Value sensitive, Value place) {
  Instance made;
  made.address = described.find("address").as_string();
  made.type = described.find("type").as_string();
  made.name = described.find("name").as_string();
  made.data = described.find("mode").as_string() == "data";
  if (made.address.empty() || made.type.empty() || !values.is_map()) return;
  if (made.data) made.type = "data." + made.type;
  if (const std::string tail = made.type + "." + made.name; made.address.find(tail) != std::string::npos) {
    made.module = made.address.substr(0, made.address.find(tail));
    if (made.module.ends_with('.')) made.module.pop_back();
  }
  made.header = described.find("address").span() ? described.find("address").span() : place.span();
  made.evaluated = evaluated(made.address);
  const Value all = merged(values, unknown, sensitive, made.address, 0);
  if (made.evaluated) {
    made.header = made.evaluated->block->header;
    made.value = from_source(*made.evaluated, all);
  } else {
    std::vector<Entry> entries;
    for (const Entry& one : all.entries())
      if (!nothing(one.value)) entries.push_back(one);
    made.value = arena_.map(entries, values.span());
  }
  // What texts say that are JSON, beside them.
  std::vector<Entry> entries(made.value.entries().begin(), made.value.entries().end());
  const std::size_t own = entries.size();
  if (made.evaluated && !made.data) add_provided(*made.evaluated, arena_, entries);
  for (std::size_t i = 0, given = entries.size(); i < given; ++i) {
    if (!entries[i].value.is_string()) continue;
    const Value structure = structure_of_text(entries[i].value, arena_);
    if (!structure) continue;
    const std::string_view key = arena_.copy(std::string(entries[i].key()) + "_json");
    entries.push_back(entry(key, structure, entries[i].key_begin));
  }
  if (entries.size() != own || made.evaluated) {
    const Span header = made.value.header();
    made.value = arena_.map(entries, made.value.span(), header.end - header.begin);
  }
  resources_.push_back(std::move(made));
}

// The value with what is not known yet as unknown, and what is secret as sensitive; without nulls.
Value Shown::merged(Value value, Value unknown, Value sensitive, const std::string& path, int depth) {
  if (unknown.is(Kind::boolean) && unknown.as_bool()) {
    const Value made = arena_.unknown({path, "", "known after apply"}, unknown.span());
    return sensitive.as_bool() ? arena_.sensitive(made) : made;
  }
  if (depth > max_depth) return value;
  Value made = value;
  if (value.is_map()) {
    std::vector<Entry> entries;
    for (const Entry& one : value.entries()) {
      const Value inner = merged(one.value, unknown.find(one.key()), sensitive.find(one.key()), path + "." + std::string(one.key()), depth + 1);
      if (!inner.is_null()) entries.push_back(entry(one.key(), inner, one.key_begin));
    }
    for (const Entry& one : unknown.entries())
      if (!value.find(one.key()))
        if (const Value inner = merged({}, one.value, {}, path + "." + std::string(one.key()), depth + 1); inner && !inner.is_null())
          entries.push_back(entry(one.key(), inner, one.key_begin));
    made = arena_.map(entries, value.span());
  } else if (value.is_list()) {
    std::vector<Value> items;
    for (std::size_t i = 0; i < value.size(); ++i) {
      const auto at = [&](Value list) { return i < list.size() && list.is_list() ? list.items()[i] : Value(); };
      items.push_back(merged(value.items()[i], at(unknown), at(sensitive), path + "[" + std::to_string(i) + "]", depth + 1));
    }
    made = arena_.list(items, value.span());
  }
  return sensitive.is(Kind::boolean) && sensitive.as_bool() && made ? arena_.sensitive(made) : made;
}

// The resource with its fields where the configuration writes them.
Value Shown::from_source(const ResourceInstance& evaluated, Value value) {
  const Span whole = evaluated.block->span;
  std::vector<Entry> entries;
  for (const Entry& one : value.entries()) {
    const auto field = std::find_if(evaluated.fields.begin(), evaluated.fields.end(), [&](const Field& f) { return f.name == one.key(); });
    if (field == evaluated.fields.end()) {
      if (!nothing(one.value)) entries.push_back(one);
      continue;
    }
    const bool here = field->name_span.source == whole.source;
    entries.push_back(entry(one.key(), at_source(one.value, field->value.value, 0), here ? field->name_span.begin : whole.begin));
  }
  return arena_.map(entries, whole, evaluated.block->header.end - whole.begin);
}

// The plan's value at the place of what the configuration says; the configuration's own where both agree.
Value Shown::at_source(Value value, Value written, int depth) {
  if (!written || depth > max_depth) return value;
  if (!value.is_unknown() && !value.has_sensitive() && equal(value, written)) return written;
  // Neither knows it: the configuration's unknown says what would have to be known.
  if (value.is_unknown() && written.is_unknown() && !value.sensitive()) return written;
  const Span place = provenance(written).place;
  if (value.is_map() && written.is_map()) {
    std::vector<Entry> entries;
    for (const Entry& one : value.entries()) {
      const Entry* own = written.find_entry(one.key());
      if (!own && nothing(one.value)) continue;
      entries.push_back(own ? entry(one.key(), at_source(one.value, own->value, depth + 1), own->key_begin) : one);
    }
    const Span header = written.header();
    const Value made = arena_.map(entries, written.span() ? written.span() : place, header.end - header.begin);
    return value.sensitive() ? arena_.sensitive(made) : made;
  }
  if (value.is_list() && written.is_list() && value.size() == written.size()) {
    // Sets come in an order of their own: equal items first.
    std::vector<bool> taken(written.size(), false);
    std::vector<Value> items(value.items().begin(), value.items().end());
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < items.size(); ++i) {
      bool found = false;
      for (std::size_t j = 0; j < written.size() && !found; ++j) {
        if (taken[j] || !equal(items[i], written.items()[j])) continue;
        items[i] = at_source(items[i], written.items()[j], depth + 1);
        taken[j] = found = true;
      }
      if (!found) open.push_back(i);
    }
    std::size_t j = 0;
    for (const std::size_t i : open) {
      while (j < taken.size() && taken[j]) ++j;
      if (j < taken.size()) items[i] = at_source(items[i], written.items()[j++], depth + 1);
    }
    const Value made = arena_.list(items, written.span() ? written.span() : place);
    return value.sensitive() ? arena_.sensitive(made) : made;
  }
  return place ? arena_.placed(value, place) : value;
}

void Shown::add(Graph& graph, ScopeId scope, bool context) {
  scope_ = scope;
  const auto base = [&](const std::string& address, const std::string& type, Span header, Value value) {
    Resource resource;
    resource.address = address;
    resource.type = type;
    resource.scope = scope;
    resource.evidence = plan_ ? Evidence::planned : Evidence::observed;
    resource.header = header;
    resource.value = value;
    resource.context = context;
    return resource;
  };
  for (const Instance& one : resources_) {
    Resource resource = base(one.address, one.type, one.header, one.value);
    resource.name = one.name;
    resource.ns = one.module;
    resource.auxiliary = one.data;
    if (one.evaluated)
      for (const ModuleInstance* at = one.evaluated->module; at->call; at = at->parent)
        resource.way.push_back({at->call->name_span, "in `" + at->address + "`, which is called here"});
    graph.add(std::move(resource));
  }
  for (const Change& one : changes_) {
    Resource resource = base(one.address, "terraform:change", one.header, one.value);
    resource.auxiliary = true;
    graph.add(std::move(resource));
  }
  // Providers, calls and the backend are in the configuration only.
  if (evaluation_) add_surroundings(graph, scope, *evaluation_, context);
}

void Shown::add_edges(Graph& graph) const {
  if (evaluation_) terraform::add_edges(graph, scope_, *evaluation_, schema_);
  else if (plan_ && !file_.documents.empty()) add_plan_edges(graph, scope_, file_.documents[0].root, schema_);
  // Known ids: what one resource is called and another names.
  std::unordered_map<std::string_view, std::vector<ResourceId>> by_text;
  std::vector<ResourceId> ids;
  for (const Instance& one : resources_) {
    const auto at = graph.at(scope_, one.address);
    ids.push_back(at.empty() ? no_resource : at[0]);
    if (ids.back() == no_resource || one.data) continue;
    for (const std::string_view key : {"id", "arn"})
      if (const Value text = one.value.find(key); text.is_string() && !text.as_string().empty()) by_text[text.as_string()].push_back(ids.back());
    for (const NameSchema& name : schema_.names) {
      if (!name.types.contains(one.type)) continue;
      for (const std::string& by : name.by)
        if (const Value text = one.value.find(by); text.is_string()) {
          auto& list = by_text[text.as_string()];
          if (std::find(list.begin(), list.end(), ids.back()) == list.end()) list.push_back(ids.back());
        }
    }
  }
  for (std::size_t i = 0; i < resources_.size(); ++i) {
    if (ids[i] == no_resource) continue;
    std::vector<std::pair<std::string_view, Value>> pending;
    for (const Entry& one : resources_[i].value.entries())
      if (one.key() != "id" && one.key() != "arn" && !one.key().ends_with("_json")) pending.emplace_back(one.key(), one.value);
    while (!pending.empty()) {
      const auto [attribute, value] = pending.back();
      pending.pop_back();
      for (const Value item : value.items()) pending.emplace_back(attribute, item);
      for (const Entry& one : value.entries()) pending.emplace_back(one.key(), one.value);
      if (!value.is_string()) continue;
      const auto found = by_text.find(value.as_string());
      if (found == by_text.end()) continue;
      for (const ResourceId to : found->second) {
        if (to == ids[i]) continue;
        const std::string& target = graph.resource(to).type;
        // Split resources share the id of what they belong to: only what the table knows, or what only one is called.
        const bool named = std::any_of(schema_.names.begin(), schema_.names.end(), [&, name = attribute](const NameSchema& n) {
          return n.attributes.contains(name) && n.types.contains(target);
        });
        if (found->second.size() > 1 && !named) continue;
        bool reverse = false;
        const EdgeKind kind = schema_.kind(attribute, resources_[i].type, target, reverse);
        Edge edge;
        edge.from = ids[i];
        edge.to = to;
        edge.reason = value;
        graph.add(edge);
        if (kind == EdgeKind::references) continue;
        edge.kind = kind;
        if (reverse) std::swap(edge.from, edge.to);
        graph.add(std::move(edge));
      }
    }
  }
  add_joins(graph, joins_);
}

}  // namespace assay::terraform

#include "engine/catalog.hpp"

#include <algorithm>
#include <cctype>

#include "engine/families.hpp"
#include "engine/hash.hpp"
#include "engine/reader.hpp"

namespace assay {

namespace {

std::string stem(std::string_view path) {
  if (const auto slash = path.rfind('/'); slash != path.npos) path.remove_prefix(slash + 1);
  if (const auto dot = path.rfind('.'); dot != path.npos) path = path.substr(0, dot);
  return std::string(path);
}
std::string pascal_case(std::string_view name) {
  std::string out;
  bool upper = true;
  for (const char c : name) {
    if (c == '-' || c == '_') {
      upper = true;
    } else {
      out += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
      upper = false;
    }
  }
  return out;
}

struct Collector {
  Catalog& catalog;
  Diagnostics& diagnostics;
  bool builtin;

  Expression expression(Value value, MapReader& reader) {
    if (!value || value.is_null()) return {};
    if (!value.is_string() && !value.is(Kind::boolean) && !value.is(Kind::int64)) {
      reader.error(value, "an expression is a text; quote it");
      return {};
    }
    return {value};
  }

  void view(const RuleFile& file) {
    MapReader reader(file.root, "view", "view-syntax", diagnostics);
    if (!reader.valid()) return;
    ViewDefinition view;
    view.at = file.root;
    view.name = reader.text("name");
    if (view.name.empty()) view.name = pascal_case(stem(file.path));
    view.title = reader.text("title");
    view.nested = reader.boolean("nested", false);
    view.owner = reader.text("owner");
    reader.text("description");
    for (const Entry& entry : reader.required("fields").entries()) {
      FieldDefinition field;
      field.name = entry.key();
      field.at = entry.value;
      if (entry.value.is_map()) {
        MapReader one(entry.value, "field", "view-syntax", diagnostics);
        field.type = one.required_text("type");
        field.title = one.text("title");
        one.finish();
      } else {
        field.type = scalar_text(entry.value);
      }
      view.fields.push_back(std::move(field));
    }
    for (const Entry& entry : reader.map("functions").entries()) {
      MapReader one(entry.value, "function", "view-syntax", diagnostics);
      FunctionDefinition function;
      function.name = entry.key();
      for (const Entry& parameter : one.map("parameters").entries()) function.parameters.emplace_back(parameter.key(), scalar_text(parameter.value));
      function.result = one.required_text("result");
      function.expression = expression(one.required("expression"), one);
      one.finish();
      if (catalog.functions.contains(function.name)) one.error(entry.value, "another view defines a function `" + function.name + "` too; rename one");
      catalog.functions.insert_or_assign(function.name, std::move(function));
    }
    for (const Entry& entry : reader.required("from").entries()) {
      ViewDefinition::Source source;
      if (!entry.value.is_map()) {
        reader.error(entry.value, "a type of a view is a map of fields and expressions");
        continue;
      }
      for (const Entry& field : entry.value.entries()) {
        if (field.key() == "each") {
          source.each = expression(field.value, reader);
          continue;
        }
        const bool known = std::any_of(view.fields.begin(), view.fields.end(),
                                       [&](const FieldDefinition& f) { return f.name == field.key(); });
        if (!known) {
          std::vector<std::string_view> names;
          for (const FieldDefinition& f : view.fields) names.push_back(f.name);
          std::string message = "the view has no field `" + std::string(field.key()) + "`";
          if (const auto near = nearest(field.key(), names); !near.empty())
            message += "; did you mean `" + std::string(near) + "`?";
          else
            message += "; declare it under `fields`";
          reader.error(field.value, message);
          continue;
        }
        source.fields.emplace(field.key(), expression(field.value, reader));
      }
      view.from.emplace(entry.key(), std::move(source));
    }
    reader.finish();
    catalog.views.insert_or_assign(view.name, std::move(view));
  }

  void alias(RuleDefinition& rule, Value item, MapReader& reader) {
    if (item.is_map()) {
      MapReader one(item, "alias", "rule-syntax", diagnostics);
      const std::string id = one.required_text("id");
      std::map<std::string, Value> parameters;
      for (const Entry& entry : one.map("params").entries()) parameters.emplace(entry.key(), entry.value);
      one.finish();
      rule.info.aliases.push_back(id);
      if (!parameters.empty()) rule.alias_parameters.emplace_back(id, std::move(parameters));
    } else {
      rule.info.aliases.push_back(scalar_text(item));
    }
    if (rule.info.aliases.back().find('/') == std::string::npos)
      reader.error(item, "an alias is `tool/id`, the tool before the first slash");
  }

  void examples(RuleDefinition& rule, MapReader& reader) {
    const Value map = reader.map("examples");
    if (!map) return;
    MapReader one(map, "list of examples", "rule-syntax", diagnostics);
    const auto add = [&](std::string_view key, Example::Kind kind) {
      for (const Value item : one.list(key).items()) {
        if (!item.is_string()) reader.error(item, "an example is a text (use `- |`)");
        else rule.examples.push_back({kind, item});
      }
    };
    add("pass", Example::Kind::pass);
    add("fail", Example::Kind::fail);
    add("unknown", Example::Kind::unknown);
    one.finish();
  }

  void rule(const RuleFile& file) {
    MapReader reader(file.root, "rule", "rule-syntax", diagnostics);
    if (!reader.valid()) return;
    RuleDefinition rule;
    rule.builtin = builtin;
    rule.at = file.root;
    rule.info.id = file.path.substr(0, file.path.rfind('.'));
    rule.info.family = rule.info.id.substr(0, rule.info.id.find('/'));
    if (std::find(rule_families.begin(), rule_families.end(), rule.info.family) == rule_families.end()) {
      std::string message = "`" + rule.info.family + "` is not a family; put the rule's file into a folder named after one of:";
      for (const auto family : rule_families) message += " " + std::string(family);
      reader.error(file.root, message);
    }
    rule.info.title = reader.required_text("title");
    rule.info.why = reader.text("why");
    rule.info.fix = reader.text("fix");
    rule.info.since = reader.text("since");
    const Value severity_value = reader.required("severity");
    if (const auto level = severity(scalar_text(severity_value))) rule.info.severity = *level;
    else if (severity_value) reader.error(severity_value, "a severity is one of critical, high, medium, low, info");
    if (const Value value = reader.value("unknown_severity")) {
      rule.unknown_severity = severity(scalar_text(value));
      if (!rule.unknown_severity) reader.error(value, "a severity is one of critical, high, medium, low, info");
    }
    reader.required("applies_to");
    rule.applies_to = reader.texts("applies_to");
    rule.when = expression(reader.value("when"), reader);
    rule.find = expression(reader.value("find"), reader);
    rule.require = expression(reader.value("require"), reader);
    rule.prove = reader.text("prove");
    if (int(bool(rule.find)) + int(bool(rule.require)) + int(!rule.prove.empty()) != 1)
      reader.error(file.root, "a rule has one of `find`, `require` and `prove`");
    // An analysis says itself what it found.
    rule.message = rule.prove.empty() ? reader.required("message") : reader.value("message");
    if (!rule.prove.empty() && rule.message) reader.error(rule.message, "what a rule with `prove` found, its property says: leave `message` out");
    reader.text("message");
    reader.value("patch");
    rule.redact = reader.boolean("redact", false);
    rule.implied_by = reader.texts("implied_by");
    rule.premises = reader.texts("premises");
    for (const Entry& entry : reader.map("controls").entries()) {
      RuleInfo::Control control;
      control.framework = entry.key();
      for (const Value id : entry.value.items()) control.ids.push_back(scalar_text(id));
      if (!entry.value.is_list()) reader.error(entry.value, "controls of a framework are a list");
      rule.info.controls.push_back(std::move(control));
    }
    for (const Value item : reader.list("aliases").items()) alias(rule, item, reader);
    rule.info.related = reader.texts("related");
    for (const Entry& entry : reader.map("params").entries()) {
      MapReader one(entry.value, "parameter", "rule-syntax", diagnostics);
      ParameterDefinition parameter;
      parameter.name = entry.key();
      parameter.type = one.required_text("type");
      parameter.title = one.text("title");
      parameter.fallback = one.required("default");
      one.finish();
      rule.parameters.push_back(std::move(parameter));
    }
    for (const auto& [id, parameters] : rule.alias_parameters) {
      for (const auto& [name, value] : parameters) {
        if (std::none_of(rule.parameters.begin(), rule.parameters.end(),
                         [&, &wanted = name](const ParameterDefinition& p) { return p.name == wanted; }))
          reader.error(value, "the alias sets `" + name + "`, which the rule does not declare under `params`");
      }
    }
    examples(rule, reader);
    reader.finish();
    catalog.rules.insert_or_assign(rule.info.id, std::move(rule));
  }

  void profile(const RuleFile& file) {
    if (auto profile = read_profile(stem(file.path), file.root, diagnostics))
      catalog.profiles.insert_or_assign(profile->name, std::move(*profile));
  }
};

}  // namespace

std::optional<ProfileDefinition> read_profile(std::string name, Value root, Diagnostics& diagnostics) {
  MapReader reader(root, "profile", "profile-syntax", diagnostics);
  if (!reader.valid()) return std::nullopt;
  ProfileDefinition profile;
  profile.name = std::move(name);
  profile.title = reader.text("title");
  profile.rules = reader.texts("rules");
  profile.exclude = reader.texts("exclude");
  for (const Entry& entry : reader.map("params").entries()) {
    for (const Entry& parameter : entry.value.entries())
      profile.parameters[std::string(entry.key())].emplace(parameter.key(), parameter.value);
  }
  reader.finish();
  return profile;
}

void collect(Catalog& catalog, const std::vector<RuleFile>& files, bool builtin, Diagnostics& diagnostics) {
  Collector collector{catalog, diagnostics, builtin};
  for (const RuleFile& file : files) {
    catalog.sources.insert(file.root.span().source);
    const std::string_view folder = std::string_view(file.path).substr(0, file.path.find('/'));
    if (folder == "views") {
      collector.view(file);
    } else if (folder == "profiles") {
      collector.profile(file);
    } else if (folder == "data") {
      std::string name = stem(file.path);
      std::replace(name.begin(), name.end(), '-', '_');
      catalog.data.insert_or_assign(std::move(name), file.root);
    } else if (folder == "frameworks") {
      continue;  // read when a report on a framework is written
    } else {
      collector.rule(file);
    }
  }
}

std::vector<const RuleDefinition*> Catalog::find(std::string_view id) const {
  std::vector<const RuleDefinition*> found;
  if (const auto rule = rules.find(id); rule != rules.end()) return {&rule->second};
  for (const auto& [name, rule] : rules) {
    const bool matches = std::any_of(rule.info.aliases.begin(), rule.info.aliases.end(), [&](const std::string& alias) {
      return alias == id || std::string_view(alias).substr(alias.find('/') + 1) == id;
    });
    if (matches) found.push_back(&rule);
  }
  if (!found.empty()) return found;
  // The last part of an id is enough where it is unambiguous.
  for (const auto& [name, rule] : rules) {
    if (std::string_view(name).substr(name.find('/') + 1) == id) found.push_back(&rule);
  }
  return found;
}

}  // namespace assay

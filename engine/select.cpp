#include "engine/select.hpp"

#include <algorithm>
#include <set>

#include "engine/reader.hpp"

namespace assay {

namespace {

struct Selector {
  const Catalog& catalog;
  Diagnostics& diagnostics;

  // Every rule id that `pattern` names: an id, an alias, `family/*`, `*`.
  std::vector<const RuleDefinition*> match(const std::string& pattern, const char* option) {
    std::vector<const RuleDefinition*> found;
    if (pattern == "*" || pattern == "all") {
      for (const auto& [id, rule] : catalog.rules) found.push_back(&rule);
      return found;
    }
    if (pattern.size() > 2 && pattern.ends_with("/*")) {
      const std::string family = pattern.substr(0, pattern.size() - 1);
      for (const auto& [id, rule] : catalog.rules)
        if (id.starts_with(family)) found.push_back(&rule);
    } else {
      found = catalog.find(pattern);
    }
    if (found.empty()) {
      std::vector<std::string_view> candidates;
      for (const auto& [id, rule] : catalog.rules) {
        candidates.push_back(id);
        candidates.push_back(std::string_view(id).substr(id.find('/') + 1));
        for (const auto& alias : rule.info.aliases) candidates.push_back(alias);
      }
      std::string message = std::string(option) + ": no rule is called `" + pattern + "`";
      if (const auto near = nearest(pattern, candidates); !near.empty())
        message += "; did you mean `" + std::string(near) + "`?";
      else
        message += "; `assay rules list` shows them";
      diagnostics.error("unknown-rule", {}, message).incomplete = false;
    }
    return found;
  }
};

// Whether a parameter's value may stand where its type says.
bool fits(std::string_view type, Value value) {
  if (type == "int") return value.is(Kind::int64);
  if (type == "double") return value.is(Kind::float64) || value.is(Kind::int64);
  if (type == "bool") return value.is(Kind::boolean);
  if (type == "string" || type == "duration") return value.is_string();
  if (type.starts_with("list")) return value.is_list();
  if (type.starts_with("map")) return value.is_map();
  return true;
}

}  // namespace

std::vector<SelectedRule> select(const Catalog& catalog, const Selection& selection, Diagnostics& diagnostics) {
  Selector selector{catalog, diagnostics};
  std::set<const RuleDefinition*> chosen;
  std::set<std::string> by_alias;  // aliases named by --only, whose parameters then count

  const ProfileDefinition* profile = nullptr;
  if (selection.own_profile) {
    profile = &*selection.own_profile;
  } else if (const auto found = catalog.profiles.find(selection.profile); found != catalog.profiles.end()) {
    profile = &found->second;
  } else if (selection.profile != "all") {
    std::vector<std::string_view> names = {"all"};
    for (const auto& [name, definition] : catalog.profiles) names.push_back(name);
    std::string message = "no profile is called `" + selection.profile + "`; there are:";
    for (const auto name : names) message += " " + std::string(name);
    diagnostics.error("unknown-profile", {}, message).incomplete = false;
    return {};
  }
  const bool all = selection.profile == "all" && !selection.own_profile;

  if (!selection.only.empty()) {
    for (const auto& pattern : selection.only) {
      for (const auto* rule : selector.match(pattern, "--only")) {
        chosen.insert(rule);
        if (catalog.rules.find(pattern) == catalog.rules.end()) by_alias.insert(pattern);
      }
    }
  } else if (all) {
    for (const auto& [id, rule] : catalog.rules) chosen.insert(&rule);
  } else if (profile) {
    for (const auto& pattern : profile->rules)
      for (const auto* rule : selector.match(pattern, "profile")) chosen.insert(rule);
    for (const auto& pattern : profile->exclude)
      for (const auto* rule : selector.match(pattern, "profile")) chosen.erase(rule);
    // A user's own rules run under every profile: who names a directory wants them.
    for (const auto& [id, rule] : catalog.rules)
      if (!rule.builtin) chosen.insert(&rule);
  }
  for (const auto& pattern : selection.skip)
    for (const auto* rule : selector.match(pattern, "--skip")) chosen.erase(rule);
  if (!selection.families.empty()) {
    std::erase_if(chosen, [&](const RuleDefinition* rule) {
      return std::find(selection.families.begin(), selection.families.end(), rule->info.family) == selection.families.end();
    });
  }

  std::set<std::string> used_parameters;
  std::vector<SelectedRule> selected;
  for (const auto& entry : catalog.rules) {
    const auto& id = entry.first;
    const RuleDefinition* rule = &entry.second;
    if (!chosen.contains(rule)) continue;
    std::map<std::string, Value> base;
    for (const auto& parameter : rule->parameters) base[parameter.name] = parameter.fallback;
    const auto set = [&](const std::map<std::string, Value>& values, bool report) {
      for (const auto& [name, value] : values) {
        const auto found = std::find_if(rule->parameters.begin(), rule->parameters.end(),
                                        [&, &wanted = name](const ParameterDefinition& p) { return p.name == wanted; });
        if (found == rule->parameters.end()) continue;
        if (fits(found->type, value)) base[name] = value;
        else if (report)
          diagnostics.error("parameter-type", value.span(), "parameter `" + name + "` of `" + id + "` is a " + found->type + ", not a " +
                            std::string(name_of(value.kind()))).incomplete = false;
      }
    };
    const auto defaults = base;
    if (profile) {
      if (const auto found = profile->parameters.find("*"); found != profile->parameters.end()) set(found->second, true);
      if (const auto found = profile->parameters.find(id); found != profile->parameters.end()) set(found->second, true);
    }
    std::map<std::string, Value> given;
    for (const auto& [name, value] : selection.parameters) {
      const auto dot = name.rfind('.');
      const std::string bare = dot == std::string::npos ? name : name.substr(dot + 1);
      const bool declared = std::any_of(rule->parameters.begin(), rule->parameters.end(),
                                        [&](const ParameterDefinition& p) { return p.name == bare; });
      if (!declared) continue;
      if (dot != std::string::npos) {
        const auto named = catalog.find(name.substr(0, dot));
        if (std::find(named.begin(), named.end(), rule) == named.end()) continue;
      }
      given[bare] = value;
      used_parameters.insert(name);
    }
    set(given, true);

    // Group the aliases by the parameters under which they hold.
    std::vector<SelectedRule> variants;
    SelectedRule plain{rule, base, {}};
    const auto same = [](const std::map<std::string, Value>& a, const std::map<std::string, Value>& b) {
      return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](const auto& x, const auto& y) {
               return x.first == y.first && equal(x.second, y.second);
             });
    };
    for (const auto& alias : rule->info.aliases) {
      const auto carried = std::find_if(rule->alias_parameters.begin(), rule->alias_parameters.end(),
                                        [&](const auto& entry) { return entry.first == alias; });
      // An alias promises its verdict under the rule's defaults, or under the values that it carries.
      auto parameters = defaults;
      if (carried != rule->alias_parameters.end())
        for (const auto& [name, value] : carried->second) parameters[name] = value;
      if (same(parameters, base)) {
        plain.aliases.push_back(alias);
        continue;
      }
      const bool named = by_alias.contains(alias) || by_alias.contains(alias.substr(alias.find('/') + 1));
      if (!all && !named) continue;
      const auto found = std::find_if(variants.begin(), variants.end(),
                                      [&](const SelectedRule& v) { return same(v.parameters, parameters); });
      if (found != variants.end()) found->aliases.push_back(alias);
      else variants.push_back({rule, parameters, {alias}});
    }
    // `--only ALIAS` of an alias with parameters asks for that variant alone.
    const bool only_variant = !variants.empty() && !by_alias.empty() &&
                              std::none_of(plain.aliases.begin(), plain.aliases.end(), [&](const std::string& alias) {
                                return by_alias.contains(alias) || by_alias.contains(alias.substr(alias.find('/') + 1));
                              });
    if (!only_variant || all) selected.push_back(std::move(plain));
    for (auto& variant : variants) selected.push_back(std::move(variant));
  }
  for (const auto& given : selection.parameters) {
    const auto& name = given.first;
    if (used_parameters.contains(name)) continue;
    const bool exists = std::any_of(catalog.rules.begin(), catalog.rules.end(), [&](const auto& entry) {
      return std::any_of(entry.second.parameters.begin(), entry.second.parameters.end(), [&](const ParameterDefinition& p) {
        return p.name == name || entry.first + "." + p.name == name;
      });
    });
    if (exists) continue;  // of a rule that does not run
    std::vector<std::string_view> names;
    for (const auto& [id, rule] : catalog.rules)
      for (const auto& parameter : rule.parameters) names.push_back(parameter.name);
    std::string message = "no rule has a parameter `" + name + "`";
    if (const auto near = nearest(name, names); !near.empty()) message += "; did you mean `" + std::string(near) + "`?";
    diagnostics.error("unknown-parameter", given.second.span(), message).incomplete = false;
  }
  return selected;
}

}  // namespace assay

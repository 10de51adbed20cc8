#include "engine/cel/reference.hpp"

#include <algorithm>
#include <utility>

#include "engine/cel/environments.hpp"
#include "engine/cel/macros.hpp"

namespace assay::cel {

namespace {

bool is_operator(const std::string& name) { return name.find('_') != std::string::npos && name.find_first_of("&|!<>=+-*/%?[") != std::string::npos; }

// "!_" and "_[_]" with their operands in place.
std::string filled_in(const std::string& pattern, const std::vector<std::string>& operands) {
  std::string out;
  std::size_t next = 0;
  for (const char c : pattern) {
    if (c != '_') out += c;
    else if (next < operands.size()) out += operands[next++];
  }
  return out;
}

std::string shown_name(const std::string& name) {
  if (name == "@in") return "in";
  if (!is_operator(name)) return name;
  std::string out = name;
  out.erase(std::remove(out.begin(), out.end(), '_'), out.end());
  return out;
}

std::string macro_documentation(const std::string& name) {
  static constexpr std::pair<std::string_view, std::string_view> texts[] = {
      {"has", "whether a field is there"},
      {"all", "whether the condition holds for every element (key of a map); with two variables for every index and element (key and value)"},
      {"exists", "whether the condition holds for some element"},
      {"exists_one", "whether the condition holds for exactly one element"},
      {"existsOne", "whether the condition holds for exactly one element"},
      {"map", "a list of the values made from the elements, all or those that meet a condition given before"},
      {"filter", "the elements that meet the condition"},
      {"sortBy", "the elements in the ascending order of a key"},
      {"transformList", "a list made from indices and elements, or from keys and values"},
      {"transformMap", "a map with the same keys and new values"},
      {"transformMapEntry", "a map made of new entries"},
      {"optMap", "an optional with the value made from what this one holds"},
      {"optFlatMap", "the optional made from what this one holds"},
      {"cel.bind", "the last argument, in which the name stands for the value"},
      {"math.greatest", "the largest of its arguments or of a list of numbers"},
      {"math.least", "the smallest of its arguments or of a list of numbers"},
  };
  for (const auto& [macro, text] : texts)
    if (macro == name) return std::string(text);
  return {};
}

}  // namespace

std::string signature(const Function& function, const Overload& overload) {
  std::vector<std::string> parameters;
  for (const Type* type : overload.parameters) parameters.push_back(to_string(type));
  std::string out;
  const std::string name = shown_name(function.name);
  if (function.name == "@in") {
    out = parameters[0] + " in " + parameters[1];
  } else if (function.name == "_?_:_") {
    out = parameters[0] + " ? " + parameters[1] + " : " + parameters[2];
  } else if (is_operator(function.name) && function.name[0] == '_' && function.name.back() == '_') {
    out = parameters[0] + " " + name + " " + parameters[1];
  } else if (is_operator(function.name)) {
    out = filled_in(function.name, parameters);
  } else {
    const std::size_t first = overload.member ? 1 : 0;
    if (overload.member) out = parameters[0] + ".";
    out += name + "(";
    for (std::size_t i = first; i < parameters.size(); ++i) out += (i > first ? ", " : "") + parameters[i];
    out += ")";
  }
  return out + " -> " + (overload.result ? to_string(overload.result) : std::string("dyn"));
}

std::vector<ReferenceEntry> function_reference() {
  const Environment all = everything(std::make_shared<TypeTable>());
  const Environment policies = admission(std::make_shared<TypeTable>());
  std::vector<ReferenceEntry> entries;
  for (const Function* function : all.functions()) {
    const bool internal = (function->name.find('@') != std::string::npos && function->name != "@in") || function->name.starts_with("__");
    if (internal) continue;
    ReferenceEntry entry{shown_name(function->name), function->documentation, {}, policies.function(function->name) != nullptr};
    const Function* theirs = policies.function(function->name);
    for (const Overload& overload : function->overloads) {
      const auto same = [&](const Overload& other) { return other.id == overload.id; };
      const bool lacking = theirs && std::none_of(theirs->overloads.begin(), theirs->overloads.end(), same);
      entry.signatures.push_back(signature(*function, overload) + (lacking ? "  (rules only)" : ""));
    }
    entries.push_back(std::move(entry));
  }
  // Macros are the parser's: everywhere the same.
  for (const std::string_view space : {std::string_view(), std::string_view("cel"), std::string_view("math")}) {
    for (const bool member : {false, true}) {
      if (!space.empty() && !member) continue;
      for (const std::string_view macro : macro_names(space, member)) {
        std::string name = (space.empty() ? "" : std::string(space) + ".") + std::string(macro);
        const auto known = [&](const ReferenceEntry& entry) { return entry.name == name; };
        if (std::none_of(entries.begin(), entries.end(), known))
          entries.push_back({name, macro_documentation(name), {std::string(macro_usage(macro))}, space.empty()});
      }
    }
  }
  std::stable_sort(entries.begin(), entries.end(), [](const ReferenceEntry& a, const ReferenceEntry& b) { return a.name < b.name; });
  return entries;
}

std::string function_reference_markdown() {
  std::string out =
      "# Functions of the expression language\n\n"
      "Every operator, function and macro, as the program itself has them. *(rules only)*: not in admission policies and CRD "
      "validations, which have what the API server has.\n\n";
  for (const ReferenceEntry& entry : function_reference()) {
    out += "- **`" + entry.name + "`**: " + entry.documentation + (entry.admission ? "\n" : " *(rules only)*\n");
    for (const std::string& text : entry.signatures) out += "  - `" + text + "`\n";
  }
  return out;
}

}  // namespace assay::cel

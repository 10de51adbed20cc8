// Configurations that mean the same become the same: reordered, split into files, with other names, with
// literals in variables, wrapped in a module. Generated with a fixed seed.
#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

#include "tests/support/configuration.hpp"

using namespace assay;
using namespace assay::test;

namespace {

// What a generated text leaves open: `<v3>` the name of variable 3, `<l3>` of local 3, `<r3>` of resource 3,
// `<7:"text">` a literal that may as well be a variable.
struct Generated {
  std::vector<std::string> blocks;
  std::vector<std::string> variables;  // their values
  int locals = 0, resources = 0, literals = 0;
};

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  Generated make() {
    Generated out;
    const int variables = 1 + below(4), locals = below(5), resources = 1 + below(5);
    for (int i = 0; i < variables; ++i) {
      const bool known = below(4) != 0;
      kinds_.push_back(static_cast<Kind>(below(3)));
      out.variables.push_back(known ? literal(kinds_.back()) : "");
    }
    for (int i = 0; i < locals; ++i) {
      local_kinds_.push_back(static_cast<Kind>(below(3)));
      out.blocks.push_back("locals {\n  <l" + std::to_string(i) + "> = " + expression(local_kinds_.back(), 2, i, 0, "") + "\n}\n");
    }
    out.locals = locals;
    out.resources = resources;
    for (int i = 0; i < resources; ++i) {
      std::string text = "resource \"a_b\" \"<r" + std::to_string(i) + ">\" {\n";
      const int repeat = below(5);
      repeated_.push_back(repeat < 2);
      std::string each;
      if (repeat == 0) text += "  count = " + std::to_string(1 + below(3)) + "\n", each = "count.index";
      if (repeat == 1) text += "  for_each = { k1 = " + literal(Kind::text) + ", k2 = \"v2\" }\n", each = "each.value";
      for (const char* name : {"alpha", "beta", "gamma"})
        if (below(3) != 0) text += std::string("  ") + name + " = " + expression(static_cast<Kind>(below(3)), 3, locals, i, each) + "\n";
      text += "  id_like = " + expression(Kind::text, 1, locals, i, each) + "\n";
      if (below(2) == 0) text += "  block {\n    inner = " + expression(Kind::flag, 2, locals, i, each) + "\n  }\n";
      if (below(3) == 0)
        text += "  dynamic \"block\" {\n    for_each = [" + expression(Kind::number, 1, locals, i, "") + ", 2]\n    content {\n      inner = block.value\n    }\n  }\n";
      out.blocks.push_back(text + "}\n");
    }
    out.literals = literals_;
    return out;
  }

 private:
  enum class Kind { text, number, flag };
  int below(int n) { return static_cast<int>(random_() % static_cast<std::uint32_t>(n)); }

  std::string literal(Kind kind) {
    switch (kind) {
      case Kind::text: return "\"t" + std::to_string(below(5)) + "\"";
      case Kind::number: return std::to_string(below(100));
      case Kind::flag: return below(2) ? "true" : "false";
    }
    return "null";
  }
  std::string held(Kind kind) { return "<" + std::to_string(literals_++) + ":" + literal(kind) + ">"; }

  // Locals refer to those before them, resources to those before them: no circles.
  std::string expression(Kind kind, int depth, int locals, int resources, const std::string& each) {
    std::vector<std::string> choices;
    for (std::size_t i = 0; i < kinds_.size(); ++i)
      if (kinds_[i] == kind) choices.push_back("var.<v" + std::to_string(i) + ">");
    for (int i = 0; i < locals && i < static_cast<int>(local_kinds_.size()); ++i)
      if (local_kinds_[static_cast<std::size_t>(i)] == kind) choices.push_back("local.<l" + std::to_string(i) + ">");
    if (kind == Kind::text)
      for (int i = 0; i < resources && i < static_cast<int>(repeated_.size()); ++i)
        if (!repeated_[static_cast<std::size_t>(i)]) choices.push_back("a_b.<r" + std::to_string(i) + (below(2) ? ">.id_like" : ">.arn"));
    if (!each.empty() && kind == Kind::text) choices.push_back("\"${" + each + "}\"");
    if (depth > 0) {
      const auto inner = [&](Kind k) { return expression(k, depth - 1, locals, resources, each); };
      switch (kind) {
        case Kind::text: choices.push_back("\"${" + inner(Kind::text) + "}-${" + inner(Kind::number) + "}\""); choices.push_back("upper(" + inner(Kind::text) + ")"); break;
        case Kind::number: choices.push_back("(" + inner(Kind::number) + " + " + inner(Kind::number) + ")"); choices.push_back("length([" + inner(Kind::text) + ", " + inner(Kind::text) + "])"); break;
        case Kind::flag: choices.push_back("(" + inner(Kind::number) + " > " + inner(Kind::number) + ")"); choices.push_back("!" + inner(Kind::flag)); break;
      }
      choices.push_back("(" + inner(Kind::flag) + " ? " + inner(kind) + " : " + inner(kind) + ")");
    }
    choices.push_back(held(kind));
    return choices[static_cast<std::size_t>(below(static_cast<int>(choices.size())))];
  }

  std::mt19937 random_;
  std::vector<Kind> kinds_, local_kinds_;
  std::vector<bool> repeated_;
  int literals_ = 0;
};

struct Style {
  std::string prefix = "n";    // of names
  bool held = false;           // literals in variables
};

// Fills in what was left open; literals that become variables are added to `variables`.
std::string filled(const std::string& text, const Style& style, std::string& variables) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool open = text[i] == '<' && i + 1 < text.size() && (std::isdigit(static_cast<unsigned char>(text[i + 1])) || text[i + 1] == 'v' || text[i + 1] == 'l' || text[i + 1] == 'r');
    if (!open) {
      out += text[i];
      continue;
    }
    const std::size_t end = text.find('>', i);
    const std::string inside = text.substr(i + 1, end - i - 1);
    i = end;
    const std::size_t colon = inside.find(':');
    if (colon == std::string::npos) {
      out += inside[0] == 'r' ? "r" + inside.substr(1) : style.prefix + inside;
    } else if (style.held) {
      const std::string name = style.prefix + "held" + inside.substr(0, colon);
      variables += "variable \"" + name + "\" {\n  default = " + inside.substr(colon + 1) + "\n}\n";
      out += "var." + name;
    } else {
      out += inside.substr(colon + 1);
    }
  }
  return out;
}

std::string declared(const Generated& generated, const Style& style, bool values) {
  std::string out;
  for (std::size_t i = 0; i < generated.variables.size(); ++i) {
    const std::string& value = generated.variables[i];
    out += "variable \"" + style.prefix + "v" + std::to_string(i) + "\" {\n" + (values && !value.empty() ? "  default = " + value + "\n" : "") + "}\n";
  }
  return out;
}

// What is not known is that and no more: its name follows the names of the configuration.
std::string shape(Value value) {
  if (value.is_unknown()) return "?";
  if (!value.is_list() && !value.is_map()) return shown(value);
  std::string out;
  for (const Value item : value.items()) out += shape(item) + ", ";
  std::vector<std::string> parts;
  for (const Entry& entry : value.entries()) parts.push_back(std::string(entry.key()) + ": " + shape(entry.value) + ", ");
  std::sort(parts.begin(), parts.end());
  for (const std::string& part : parts) out += part;
  return value.is_map() ? "{" + out + "}" : "[" + out + "]";
}

std::string outcome(const Loaded& loaded, const std::string& prefix) {
  std::string out;
  const auto plain = [&](std::string text) {
    for (std::size_t at; !prefix.empty() && (at = text.find(prefix)) != std::string::npos;) text.erase(at, prefix.size());
    return text;
  };
  for (const Resource& resource : loaded.graph.resources())
    if (!resource.auxiliary) out += plain(resource.address) + " = " + shape(resource.value) + "\n";
  for (const std::string& edge : loaded.edges(true))
    if (edge.find("module.m -") == std::string::npos && edge.find("provider") == std::string::npos) out += plain(edge) + "\n";
  return out;
}

}  // namespace

TEST_CASE("configurations that mean the same become the same", "[terraform]") {
  constexpr std::uint32_t configurations = 1000;
  std::size_t resources = 0, unknown = 0;
  for (std::uint32_t seed = 0; seed < configurations; ++seed) {
    const Generated generated = Generator(seed).make();
    std::mt19937 random(seed);
    std::string base_text, none;
    for (const std::string& block : generated.blocks) base_text += filled(block, {}, none);
    base_text += declared(generated, {}, true);
    const auto base = load({{"main.tf", base_text}}, {}, {}, false);
    const std::string expected = outcome(*base, "");
    INFO("seed " << seed << "\n" << base_text << "\n" << base->text());
    REQUIRE(base->said() == std::vector<std::string>{});
    resources += base->graph.resources().size();
    unknown += expected.find('?') != std::string::npos;

    // Other names, literals in variables, another order, several files.
    for (const bool held : {false, true}) {
      const Style style{"other_", held};
      std::map<std::string, std::string> files;
      std::string variables;
      std::vector<std::string> blocks;
      for (const std::string& block : generated.blocks) blocks.push_back(filled(block, style, variables));
      blocks.push_back(declared(generated, style, true) + variables);
      std::shuffle(blocks.begin(), blocks.end(), random);
      for (const std::string& block : blocks) files[std::string(1, static_cast<char>('a' + random() % 3)) + ".tf"] += block;
      const auto changed = load(files, {}, {}, false);
      std::string shown;
      for (const auto& [name, text] : files) shown += name + ":\n" + text;
      INFO(shown);
      REQUIRE(outcome(*changed, "") == expected);
    }
    // In a module, whose call passes the values.
    std::string call = "module \"m\" {\n  source = \"./m\"\n";
    for (std::size_t i = 0; i < generated.variables.size(); ++i)
      call += "  nv" + std::to_string(i) + " = " + (generated.variables[i].empty() ? "var.open" + std::to_string(i) : generated.variables[i]) + "\n";
    call += "}\n";
    for (std::size_t i = 0; i < generated.variables.size(); ++i)
      if (generated.variables[i].empty()) call += "variable \"open" + std::to_string(i) + "\" {}\n";
    std::string inside = declared(generated, {}, false);
    for (const std::string& block : generated.blocks) inside += filled(block, {}, none);
    const auto wrapped = load({{"main.tf", call}, {"m/main.tf", inside}}, {}, {}, false);
    INFO(call);
    REQUIRE(outcome(*wrapped, "module.m.") == expected);
  }
  WARN(configurations << " configurations, four readings each: " << resources << " resources, " << unknown << " configurations with unknowns");
}

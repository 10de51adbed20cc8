// HCL's own specification suite: each case is a configuration, a specification of what to decode from it
// (`.hcldec`), and the expected value or the places of the expected errors (`.t`). The decoder below knows the
// specifications that the suite uses.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <set>

#include <catch2/catch.hpp>

#include "parsers/hcl/json.hpp"
#include "parsers/hcl/parse.hpp"
#include "parsers/terraform/constraint.hpp"
#include "parsers/terraform/evaluate.hpp"

using namespace assay;
using namespace assay::terraform;
namespace fs = std::filesystem;

namespace {

struct Variables : Scope {
  std::vector<std::pair<std::string, Typed>> values;
  Resolved resolve(const Reference& reference, Diagnostics& diagnostics) override {
    for (const auto& [name, value] : values)
      if (name == reference.root) return {value, 0};
    diagnostics.error("test", reference.span, "no such variable");
    return {};
  }
};

struct Case {
  Sources sources;
  Arena arena;
  Diagnostics diagnostics;  // of the configuration
  Diagnostics own;          // of the specification and the expectation: there must be none
  Variables variables;
  EmptyScope nothing;
  std::vector<hcl::File> files;

  const Source& source(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return sources.add(path.filename().string(), {std::istreambuf_iterator<char>(in), {}});
  }
  Typed constant(const hcl::Expression& expression) { return evaluate(expression, nothing, arena, own); }

  Typed object(const std::vector<std::pair<std::string_view, Typed>>& members, bool map) {
    std::vector<Entry> entries;
    std::vector<Member> types;
    for (const auto& [name, value] : members) {
      if (!value) continue;
      entries.push_back(entry_of(arena.copy(name), value.value));
      types.push_back({name, value.type, false});
    }
    sort_entries(entries);
    return {arena.map(entries, {}), map ? map_type(types.empty() ? any_type() : types[0].type) : object_type(types)};
  }

  // What a specification calls for by name, for the errors about anything else.
  static void names(const hcl::Block& spec, std::set<std::string, std::less<>>& attributes, std::set<std::string, std::less<>>& blocks) {
    if (spec.type == "attr") attributes.insert(std::string(spec.labels[0].text));
    if (spec.type.starts_with("block")) blocks.insert(block_type(spec));
    if (spec.type == "object")
      for (const hcl::Item& item : spec.body.items)
        if (item.block) names(*item.block, attributes, blocks);
  }
  static std::string block_type(const hcl::Block& spec) {
    if (const hcl::Attribute* given = spec.body.find("block_type")) return std::string(given->value->text);
    return std::string(spec.labels[0].text);
  }
  static const hcl::Block& nested(const hcl::Block& spec) {
    for (const hcl::Item& item : spec.body.items)
      if (item.block) return *item.block;
    return spec;
  }

  Typed decode(const hcl::Body& body, const hcl::Block& spec) {
    std::set<std::string, std::less<>> attributes, blocks;
    names(spec, attributes, blocks);
    for (const hcl::Item& item : body.items) {
      if (item.attribute && !attributes.contains(item.attribute->name)) diagnostics.error("test", item.attribute->name_span, "unexpected argument");
      if (item.block && !blocks.contains(item.block->type)) diagnostics.error("test", item.block->type_span, "unexpected block");
    }
    return value(body, spec);
  }

  Typed value(const hcl::Body& body, const hcl::Block& spec) {
    if (spec.type == "literal") return constant(*spec.body.find("value")->value);
    if (spec.type == "attr") return attribute(body, spec);
    std::vector<std::pair<std::string_view, Typed>> members;
    if (spec.type == "object") {
      for (const hcl::Item& item : spec.body.items)
        if (item.block) members.emplace_back(item.block->labels[0].text, value(body, *item.block));
      return object(members, false);
    }
    const std::string type = block_type(spec);
    std::vector<Value> list;
    for (const hcl::Item& item : body.items) {
      if (!item.block || item.block->type != type) continue;
      const Typed inner = decode(item.block->body, nested(spec));
      if (spec.type == "block") return inner;
      if (spec.type == "block_map") members.emplace_back(item.block->labels.empty() ? std::string_view() : item.block->labels[0].text, inner);
      else if (inner) list.push_back(inner.value);
    }
    if (spec.type == "block_map") return object(members, true);
    return {arena.list(list, {}), list_type(any_type())};
  }

  Typed attribute(const hcl::Body& body, const hcl::Block& spec) {
    const Constraint constraint = read_constraint(*spec.body.find("type")->value, arena, own);
    const hcl::Attribute* given = body.find(spec.labels[0].text);
    if (!given) return {arena.null({}), constraint.type};
    std::string why;
    const Typed plain = evaluate(*given->value, variables, arena, diagnostics);
    const Typed out = plain ? apply(constraint, plain, arena, why) : plain;
    if (plain && !out) diagnostics.error("test", given->value->span, why);
    return out;
  }

  const hcl::File& read(const fs::path& path, Diagnostics& to) {
    files.push_back(hcl::parse(source(path), to));
    return files.back();
  }
};

struct Place {
  std::uint32_t line = 0, column = 0, byte = 0;
  friend bool operator==(const Place&, const Place&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Place& place) { return out << place.line << ":" << place.column << "@" << place.byte; }
};

std::uint32_t number(const hcl::Body& body, std::string_view name) { return static_cast<std::uint32_t>(std::stoul(std::string(body.find(name)->value->text))); }

std::vector<Place> expected_places(const hcl::Body& expectation) {
  std::vector<Place> out;
  for (const hcl::Item& item : expectation.items) {
    if (!item.block || item.block->type != "diagnostics") continue;
    for (const hcl::Item& error : item.block->body.items)
      for (const hcl::Item& end : error.block->body.items) out.push_back({number(end.block->body, "line"), number(end.block->body, "column"), number(end.block->body, "byte")});
  }
  return out;
}

void run(const fs::path& expectation_path, bool json) {
  Case test;
  fs::path path = expectation_path;
  test.files.reserve(8);
  const hcl::File& expectation = test.read(path, test.own);
  const hcl::File& spec = test.read(path.replace_extension(".hcldec"), test.own);
  const hcl::Block* root = nullptr;
  for (const hcl::Item& item : spec.body.items) {
    REQUIRE(item.block);
    if (item.block->type != "variables") root = item.block;
    else
      for (const hcl::Item& variable : item.block->body.items) test.variables.values.emplace_back(variable.attribute->name, test.constant(*variable.attribute->value));
  }
  REQUIRE(root);
  Typed actual;
  if (json) {
    test.files.push_back(hcl::parse_json(test.source(path.replace_extension(".hcl.json")), {}, test.diagnostics));
    actual = test.decode(hcl::read_body(test.files.back(), test.files.back().body, {}, hcl::Strings::templates, test.diagnostics), *root);
  } else {
    const hcl::File& file = test.read(path.replace_extension(".hcl"), test.diagnostics);
    if (test.diagnostics.empty()) actual = test.decode(file.body, *root);  // as the suite's own decoder
  }
  CHECK(test.own.empty());

  std::vector<Place> places;
  test.diagnostics.sort(test.sources);
  for (const Diagnostic& diagnostic : test.diagnostics.all()) {
    INFO(diagnostic.message);
    for (const std::uint32_t offset : {diagnostic.span.begin, diagnostic.span.end}) {
      const Position at = test.sources.get(diagnostic.span.source).position(offset);
      places.push_back({at.line, at.column, offset});
    }
  }
  const std::vector<Place> wanted_places = expected_places(expectation.body);
  CHECK(places == wanted_places);
  if (!wanted_places.empty()) return;

  REQUIRE(actual);
  const Type* type = actual.type;
  if (const hcl::Attribute* wanted = expectation.body.find("result_type")) {
    const Constraint constraint = read_constraint(*wanted->value, test.arena, test.own);
    CHECK(name_of(type) == name_of(constraint.type));
    type = constraint.type;
  }
  if (const hcl::Attribute* wanted = expectation.body.find("result")) {
    std::string why;
    const Typed result = convert(test.constant(*wanted->value), type, test.arena, why);
    CHECK(why.empty());
    REQUIRE(result);
    std::string ours, theirs;
    CHECK(to_json(actual.value, ours));
    CHECK(to_json(result.value, theirs));
    CHECK(ours == theirs);
    CHECK(equals(actual, result) == Truth::yes);
  }
  CHECK(test.own.empty());
}

}  // namespace

TEST_CASE("the specification suite of HCL") {
  const fs::path root = ASSAY_SHARED_DIR "/hcl-specsuite/tests";
  if (!fs::exists(root)) {
    WARN("skipped: no hcl-specsuite beside the project");
    return;
  }
  std::size_t cases = 0;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".t") continue;
    ++cases;
    INFO(entry.path().lexically_relative(root));
    run(entry.path(), false);
    if (fs::exists(fs::path(entry.path()).replace_extension(".hcl.json"))) run(entry.path(), true);
  }
  CHECK(cases == 15);
}

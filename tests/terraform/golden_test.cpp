// Every expression of expressions.golden and random.golden, and every type and value of constraints.golden,
// which `record` wrote with OpenTofu: type, value and sensitivity must be the same here, and errors errors.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "parsers/hcl/parse.hpp"
#include "parsers/json/json.hpp"
#include "parsers/terraform/constraint.hpp"
#include "parsers/terraform/evaluate.hpp"

using namespace assay;
using namespace assay::terraform;

namespace {

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// The files beside the golden data, as the root of a configuration.
class TestFiles final : public Files {
 public:
  TestFiles(std::string root, Sources& sources) : root_(std::move(root)), sources_(sources) {}
  Content read(std::string_view path) override {
    std::string error;
    if (exists(path, error) != 1) return {nullptr, error.empty() ? "there is no such file" : error};
    return {&sources_.add(std::string(path), read_text(root_ + "/" + std::string(path))), {}};
  }
  int exists(std::string_view path, std::string& error) override {
    const auto status = std::filesystem::status(root_ + "/" + std::string(path));
    if (std::filesystem::is_regular_file(status)) return 1;
    if (!std::filesystem::exists(status)) return 0;
    error = "this is no regular file";
    return -1;
  }
  std::vector<std::string> below(std::string_view folder, std::string&) override {
    std::vector<std::string> names;
    const std::filesystem::path base = root_ + "/" + std::string(folder);
    std::error_code none;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(base, none))
      if (entry.is_regular_file()) names.push_back(entry.path().lexically_relative(base).generic_string());
    return names;
  }
  std::string absolute(std::string_view) override { return {}; }

 private:
  std::string root_;
  Sources& sources_;
};

class TestScope final : public EmptyScope {
 public:
  TestScope(Files& files, Sources& sources, Arena& arena) : files_(files), sources_(sources), arena_(arena) {}
  Resolved resolve(const Reference& reference, Diagnostics& diagnostics) override {
    if (reference.steps.size() == 1 && reference.root == "path" && reference.steps[0].name == "module")
      return {{arena_.string(".", {}), string_type()}, 1};
    if (reference.steps.size() == 1 && reference.root == "terraform" && reference.steps[0].name == "workspace")
      return {{arena_.string("default", {}), string_type()}, 1};
    return EmptyScope::resolve(reference, diagnostics);
  }
  Files* files() override { return &files_; }
  Sources* sources() override { return &sources_; }

 private:
  Files& files_;
  Sources& sources_;
  Arena& arena_;
};

const std::string folder = std::string(ASSAY_SOURCE_DIR) + "/tests/terraform/";

// Where we differ on purpose.
const std::map<std::string, std::string> differences = {
    {"pow(2, 64)", "Go writes a power of two that it holds as a double with a digit too few, so that it reads back as another"},
    {"pow(2, 0.5) * pow(2, 0.5)", "the product of doubles has all its digits here; Go cuts it to the bits that it needs"},
    {"timestamp() == null", "the time of the run is unknown here, also whether it is null"},
    {"uuid() == null", "as timestamp"},
    {"try(error, 1)", "whether a name exists is the loader's business, which the test's scope is not"},
    {"cidrhost(\"::ffff:1.2.3.4/120\", 1)", "Go takes the mapped address for one of 4 bytes and adds the host in the wrong place"},
    {"cidrsubnet(\"10.0.0.0/8\", 8, -1)", "a negative number makes an address outside of the prefix there; here it is an error"},
    {"\"string\" ; 1", "types in quotes are those of old configurations, which Terraform still reads"},
    {"rsadecrypt(file(\"cipher.b64\"), file(\"key.pem\"))", "the value is the same, but sensitive: nobody encrypts what may be seen"},
    {"cidrsubnets(\"0.0.0.0/0\", 1, 1)", "the reference loses the first network of the whole address space"},
};

std::string describe(Typed value) {
  if (!value) return "an error";
  if (value.unknown()) return "unknown";
  std::string json;
  to_json(value.value, json);
  return name_of(value.type) + " " + json + (value.value.sensitive() ? " sensitive" : "");
}

void compare(const std::string& name) {
  Sources golden_sources;
  Diagnostics diagnostics;
  const ParsedFile golden = json::parse(golden_sources.add(name, read_text(folder + name)), ParseLimits{}, diagnostics);
  REQUIRE(diagnostics.empty());
  std::size_t agreed = 0, differing = 0;
  for (const Document& document : golden.documents) {
    const Value entry = document.root;
    const std::string expression(entry.find("expression").as_string());
    Sources sources;
    Arena arena;
    Diagnostics errors;
    TestFiles files(folder + "files", sources);
    TestScope scope(files, sources, arena);
    // TYPE ; VALUE in constraints.golden, else an expression.
    const auto semicolon = expression.find(" ; ");
    const hcl::File file = hcl::parse_expression(sources.add("expression", semicolon == std::string::npos ? expression : expression.substr(semicolon + 3)), errors);
    Typed value;
    if (errors.errors() == 0) value = evaluate(*file.expression, scope, arena, errors);
    if (semicolon != std::string::npos) {
      const hcl::File type = hcl::parse_expression(sources.add("type", expression.substr(0, semicolon)), errors);
      const Constraint constraint = read_constraint(*type.expression, arena, errors);
      std::string why;
      value = errors.errors() == 0 ? apply(constraint, value, arena, why) : Typed{};
      if (!value && errors.errors() == 0) errors.error("terraform-type", {}, why);
    }
    // A failure says why, and a result comes without an error.
    CAPTURE(expression);
    CHECK(static_cast<bool>(value) == (errors.errors() == 0));

    std::string expected = "an error";
    if (entry.find("unknown")) {
      expected = "unknown";
    } else if (!entry.find("error")) {
      const Value json = entry.find("value");
      expected = std::string(entry.find("type").as_string()) + " " + std::string(json ? json.as_string() : "?") + (entry.find("sensitive").as_bool() ? " sensitive" : "");
      if (!json && value) {  // OpenTofu has no JSON for it: infinite numbers
        const auto space = describe(value);
        expected = space.substr(0, space.size());
      }
    }
    // OpenTofu's console breaks lines in types, so that blanks in names cannot be told from its own.
    std::string got = describe(value);
    std::erase(got, ' ');
    std::erase(expected, ' ');
    if (differences.count(expression)) {
      ++differing;
      CHECK(got != expected);  // else the difference is gone: take it out
      continue;
    }
    if (got == expected) ++agreed;
    else if (errors.errors() > 0) UNSCOPED_INFO(errors.all()[0].message);
    CHECK(got == expected);
  }
  INFO(name << ": " << agreed << " agree, " << differing << " differ for a reason");
  CHECK(agreed + differing == golden.documents.size());
}

}  // namespace

TEST_CASE("expressions and functions give what OpenTofu gives", "[terraform]") { compare("expressions.golden"); }
TEST_CASE("random expressions give what OpenTofu gives", "[terraform]") { compare("random.golden"); }
TEST_CASE("values are converted to the types of variables as OpenTofu does", "[terraform]") { compare("constraints.golden"); }

TEST_CASE("every function is among the recorded expressions", "[terraform]") {
  const std::string recorded = read_text(folder + "expressions.txt");
  for (const std::string_view name : function_names()) {
    if (name == "plantimestamp") continue;  // the console has it not
    CAPTURE(name);
    CHECK(recorded.find(std::string(name) + "(") != std::string::npos);
  }
}

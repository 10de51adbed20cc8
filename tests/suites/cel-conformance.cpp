// The conformance suite of the Common Expression Language, every file of shared/cel-spec. A case is out of
// scope when it needs the suite's own test messages. ASSAY_BLESS=1 rewrites docs/cel-conformance.md.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "engine/cel/lex.hpp"
#include "tests/support/cel_case.hpp"

namespace {

using namespace assay;
using namespace assay::cel;
using namespace assay::test;

// Cases that are not passed, each with its reason. One that would pass fails the test.
struct Skip {
  std::string_view file, section, test, reason;
};
const std::vector<Skip> skips{};

struct Row {
  std::string file;
  std::size_t passed = 0, skipped = 0, out_of_scope = 0, failed = 0;
};

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

bool names_test_messages(std::string_view text) {
  return text.find("cel.expr.conformance.proto2") != std::string_view::npos ||
         text.find("cel.expr.conformance.proto3") != std::string_view::npos;
}
bool needs_test_messages(const TextprotoField& field) {
  if (names_test_messages(field.name) || names_test_messages(field.scalar)) return true;
  return std::any_of(field.message.fields.begin(), field.message.fields.end(), needs_test_messages);
}
// An expression may name them with spaces and comments in between.
bool expression_needs_test_messages(const std::string& text) {
  std::vector<Issue> issues;
  std::string joined;
  for (const Token& token : lex(text, issues))
    joined += text.substr(token.range.begin, token.range.end - token.range.begin);
  return names_test_messages(joined);
}
bool in_scope(const Textproto& test) {
  if (expression_needs_test_messages(test.text("expr"))) return false;
  return std::none_of(test.fields.begin(), test.fields.end(), [](const TextprotoField& field) {
    return field.name != "name" && field.name != "description" && needs_test_messages(field);
  });
}

// Everything but Kubernetes' libraries, whose names overlap with the suite's.
const Environment& base() {
  static const Environment environment = [] {
    Environment made(std::make_shared<TypeTable>());
    add_standard(made);
    add_optionals(made);
    add_strings(made);
    add_math(made);
    add_lists(made);
    add_sets(made);
    add_encoders(made);
    add_bindings(made);
    add_comprehensions(made);
    add_network_ext(made);
    return made;
  }();
  return environment;
}

std::string text_of(const std::vector<Issue>& issues) {
  std::string out;
  for (const Issue& issue : issues)
    out += (out.empty() ? "" : "; ") + std::to_string(issue.range.begin) + ": " + issue.message;
  return out;
}

// Empty when the case passes, else why not.
std::string run(const Textproto& test) {
  std::string error;
  Environment environment = base();
  environment.set_container(test.text("container"));
  for (const Textproto* declaration : test.messages("type_env")) {
    if (!declare(environment, *declaration, error)) return "cannot declare: " + error;
  }

  Scratch scratch;
  Frame frame;
  frame.scratch = &scratch;
  std::vector<std::pair<std::string, Val>> bindings;
  for (const Textproto* binding : test.messages("bindings")) {
    const std::string name = binding->text("key");
    const Textproto* outer = binding->message("value");
    const Textproto* inner = outer ? outer->message("value") : nullptr;
    const auto value = read_cel_value(frame, inner ? *inner : Textproto{}, error);
    if (!value) return "cannot bind `" + name + "`: " + error;
    bindings.emplace_back(name, *value);
    if (!environment.variable(name)) environment.add_variable(name, environment.types().dyn());
  }
  std::vector<Val> slots(environment.slot_count(), make_error(frame, "no value was given for this variable"));
  for (const auto& [name, value] : bindings) slots[environment.variable(name)->slot] = value;
  frame.slots = slots;

  std::vector<Issue> issues;
  ParseLimits limits;
  limits.test_macros = true;
  std::unique_ptr<Ast> ast = parse(test.text("expr"), issues, limits);
  if (!ast) return "does not parse: " + text_of(issues);
  if (test.flag("disable_check")) {
    resolve(*ast, environment);
  } else if (!check(*ast, environment, issues)) {
    // The suite does not say which phase is to find an error; some cases do by their name.
    if (test.find("eval_error") && test.text("name").ends_with("_compile_error")) return {};
    return "does not check: " + text_of(issues);
  }

  const Textproto* typed = test.message("typed_result");
  if (const Textproto* deduced = typed ? typed->message("deduced_type") : nullptr) {
    const Type* wanted = read_cel_type(environment.types(), *deduced, error);
    if (!wanted) return error;
    if (ast->root->type != wanted) return "has type " + to_string(ast->root->type) + ", expected " + to_string(wanted);
  }
  if (test.flag("check_only")) return {};

  const Textproto* wanted_value = typed ? typed->message("result") : test.message("value");
  // Without an expected result a case expects true.
  const auto wanted = wanted_value ? read_cel_value(frame, *wanted_value, error) : std::optional(val_bool(true));
  if (!wanted) return error;
  const auto verdict = [&](const Val& result) -> std::string {
    if (test.find("eval_error")) return result.is_error() ? "" : "gives " + to_text(result) + ", expected an error";
    if (test.find("unknown")) return result.is_unknown() ? "" : "gives " + to_text(result) + ", expected an unknown";
    return identical(result, *wanted) ? "" : "gives " + to_text(result) + ", expected " + to_text(*wanted);
  };
  const std::unique_ptr<Program> program = plan(std::move(ast), environment, issues);
  if (!program) return "cannot be planned: " + text_of(issues);
  if (const std::string failure = verdict(evaluate(*program, frame)); !failure.empty()) return failure;

  // The same from every other way of running it: traced, unchecked, and on variables read from an input.
  std::vector<Decisive> decisive;
  if (const std::string failure = verdict(evaluate_traced(*program, frame, decisive)); !failure.empty())
    return "traced " + failure;
  if (!test.flag("disable_check")) {
    std::unique_ptr<Ast> unchecked = parse(test.text("expr"), issues, limits);
    resolve(*unchecked, environment);
    const std::unique_ptr<Program> loose = plan(std::move(unchecked), environment, issues);
    const std::string failure = loose ? verdict(evaluate(*loose, frame)) : "cannot be planned";
    if (!failure.empty()) return "unchecked " + failure;
  }
  Arena arena;
  for (const auto& [name, value] : bindings) {
    const std::optional<Value> input = to_input(arena, value);
    if (input) slots[environment.variable(name)->slot] = val_of(*input);
  }
  if (const std::string failure = verdict(evaluate(*program, frame)); !failure.empty()) return "on an input " + failure;
  return {};
}

std::string table(const std::vector<Row>& rows, bool markdown) {
  std::ostringstream out;
  const auto line = [&](const std::string& name, auto a, auto b, auto c, auto d) {
    if (markdown) {
      out << "| " << name << " | " << a << " | " << b << " | " << c << " | " << d << " |\n";
    } else {
      out << name << std::string(name.size() < 20 ? 20 - name.size() : 1, ' ') << a << "\t" << b << "\t" << c << "\t"
          << d << "\n";
    }
  };
  line("file", "passed", "skipped", "out of scope", "failed");
  if (markdown) out << "|---|---:|---:|---:|---:|\n";
  Row total{"total"};
  for (const Row& row : rows) {
    line(row.file, row.passed, row.skipped, row.out_of_scope, row.failed);
    total.passed += row.passed;
    total.skipped += row.skipped;
    total.out_of_scope += row.out_of_scope;
    total.failed += row.failed;
  }
  line("total", total.passed, total.skipped, total.out_of_scope, total.failed);
  return out.str();
}

std::string document(const std::vector<Row>& rows) {
  std::string out =
      "# Conformance of the expression language\n\n"
      "The test `cel-conformance` runs the conformance suite of the Common Expression Language\n"
      "(<https://github.com/google/cel-spec>, `tests/simple/testdata`). A case is out of scope when it needs the\n"
      "suite's own protobuf messages (`cel.expr.conformance.proto2`, `.proto3`), which have no place among\n"
      "configuration. A skipped case has its reason below, and the test fails when a skipped case would pass.\n"
      "This page is written by the test: `ASSAY_BLESS=1 ctest --test-dir build -R cel-conformance`.\n\n" +
      table(rows, true);
  if (skips.empty()) return out + "\nNo case is skipped.\n";
  out += "\n| skipped case | reason |\n|---|---|\n";
  for (const Skip& skip : skips) {
    out += "| " + std::string(skip.file) + "/" + std::string(skip.section) + "/" + std::string(skip.test) + " | " +
           std::string(skip.reason) + " |\n";
  }
  return out;
}

}  // namespace

TEST_CASE("the conformance suite of the Common Expression Language passes", "[cel-conformance]") {
  const std::filesystem::path directory = std::filesystem::path(ASSAY_SHARED_DIR) / "cel-spec";
  if (!std::filesystem::is_directory(directory)) {
    WARN("skipped: no " << directory);
    return;
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == ".textproto") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  REQUIRE(!files.empty());

  std::vector<Row> rows;
  std::vector<bool> skip_seen(skips.size(), false);
  std::size_t in_scope_cases = 0, cases = 0;
  for (const auto& path : files) {
    Row row{path.stem().string()};
    std::string error;
    const auto file = read_textproto(read_file(path), error);
    INFO(path.filename() << ": " << error);
    REQUIRE(file);
    for (const Textproto* section : file->messages("section")) {
      for (const Textproto* test : section->messages("test")) {
        ++cases;
        if (!in_scope(*test)) {
          ++row.out_of_scope;
          continue;
        }
        ++in_scope_cases;
        const std::string section_name = section->text("name"), name = test->text("name");
        const std::string label = row.file + "/" + section_name + "/" + name;
        const auto skip = std::find_if(skips.begin(), skips.end(), [&](const Skip& s) {
          return s.file == row.file && s.section == section_name && s.test == name;
        });
        const std::string failure = run(*test);
        if (skip != skips.end()) {
          skip_seen[static_cast<std::size_t>(skip - skips.begin())] = true;
          ++row.skipped;
          if (failure.empty()) FAIL_CHECK(label << " is skipped and would pass: take it off the list");
        } else if (failure.empty()) {
          ++row.passed;
        } else {
          ++row.failed;
          FAIL_CHECK(label << "\n  " << test->text("expr") << "\n  " << failure);
        }
      }
    }
    rows.push_back(row);
  }
  for (std::size_t i = 0; i < skips.size(); ++i) {
    if (!skip_seen[i])
      FAIL_CHECK("no case is called " << skips[i].file << "/" << skips[i].section << "/" << skips[i].test);
  }
  std::cout << table(rows, false);
  CHECK(cases == 2456);
  CHECK(in_scope_cases == 1855);

  const std::filesystem::path page = std::filesystem::path(ASSAY_SOURCE_DIR) / "docs" / "cel-conformance.md";
  if (std::getenv("ASSAY_BLESS")) {
    std::filesystem::create_directories(page.parent_path());
    std::ofstream(page, std::ios::binary) << document(rows);
  } else {
    CHECK(read_file(page) == document(rows));
  }
}

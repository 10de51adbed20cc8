// What the tests of CEL's run time share: an environment with every library, a frame, and JSON-like input.
#pragma once

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <vector>

#include "engine/cel/environment.hpp"
#include "engine/cel/program.hpp"
#include "engine/cel/struct.hpp"
#include "engine/value.hpp"

namespace celrun {

using namespace assay;
using namespace assay::cel;

inline void add_everything(Environment& environment) {
  add_standard(environment);
  add_optionals(environment);
  add_strings(environment);
  add_math(environment);
  add_lists(environment);
  add_sets(environment);
  add_encoders(environment);
  add_bindings(environment);
  add_comprehensions(environment);
}

// One expression on variables of type dyn.
struct Bench {
  std::shared_ptr<TypeTable> types = std::make_shared<TypeTable>();
  Environment environment{types};
  std::vector<Val> slots;
  Scratch scratch;
  Arena arena;
  std::vector<std::string> names;

  Bench() { add_everything(environment); }
  void variable(const std::string& name, const Val& value, const Type* type = nullptr) {
    environment.add_variable(name, type ? type : types->dyn());
    slots.push_back(value);
  }
  Frame frame() {
    Frame made;
    made.slots = slots;
    made.scratch = &scratch;
    return made;
  }
  std::unique_ptr<Program> compile(const std::string& text) {
    std::vector<Issue> issues;
    auto program = cel::compile(text, environment, issues);
    for (const Issue& issue : issues) UNSCOPED_INFO(text << ": " << issue.message);
    REQUIRE(program);
    return program;
  }
  Val run(const std::string& text) {
    const auto program = compile(text);
    kept.push_back(std::move(const_cast<std::unique_ptr<Program>&>(program)));
    Frame f = frame();
    return evaluate(*kept.back(), f);
  }
  std::string text(const std::string& expression) { return to_text(run(expression)); }
  std::vector<std::unique_ptr<Program>> kept;

  // Input values without places.
  Value str(const std::string& s) { return arena.string(arena.copy(s), {}); }
  Value num(std::int64_t n) { return arena.integer(n, {}); }
  Value boolean(bool b) { return arena.boolean(b, {}); }
  Value list(const std::vector<Value>& items) { return arena.list(items, {}); }
  Value map(const std::vector<std::pair<std::string, Value>>& entries) {
    std::vector<Entry> made;
    for (const auto& [key, value] : entries) {
      const std::string_view kept_key = arena.copy(key);
      made.push_back({kept_key.data(), static_cast<std::uint32_t>(kept_key.size()), 0, value});
    }
    return arena.map(made, {});
  }
  Value unknown(const std::string& name) { return arena.unknown({name, "", ""}, {}); }
};

}  // namespace celrun

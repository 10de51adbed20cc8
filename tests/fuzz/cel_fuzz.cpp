// Arbitrary text through the whole of the expression language: parse, check (unchecked where that fails),
// plan, evaluate, find. Everything must end, within its limits, in a value or an error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "engine/cel/program.hpp"

using namespace assay;
using namespace assay::cel;

namespace {

struct World {
  Arena arena;
  Environment environment{std::make_shared<TypeTable>()};
  Environment kubernetes{std::make_shared<TypeTable>()};
  Value object;

  World() {
    const Value words[] = {arena.string("a", {}), arena.integer(1, {}), arena.null({}),
                           arena.unknown({"var.x", "bool", ""}, {})};
    Entry entries[4];
    const char* const keys[] = {"a", "b", "list", "unknown"};
    const Value values[] = {words[0], words[1], arena.list(words, {}), words[3]};
    for (std::size_t i = 0; i < 4; ++i) {
      entries[i].key_data = keys[i];
      entries[i].key_size = static_cast<std::uint32_t>(std::char_traits<char>::length(keys[i]));
      entries[i].value = values[i];
    }
    object = arena.map(entries, {});
    for (Environment* made : {&environment, &kubernetes}) {
      add_standard(*made);
      add_optionals(*made);
      add_strings(*made);
      add_sets(*made);
      add_comprehensions(*made);
      made->add_variable("object", made->types().dyn());
      made->add_variable("text", made->types().primitive(TypeKind::string));
      made->add_variable("list", made->types().list(made->types().dyn()));
    }
    add_math(environment);
    add_lists(environment);
    add_encoders(environment);
    add_bindings(environment);
    add_network_ext(environment);
    add_kubernetes(kubernetes);
  }
};

void run(std::string_view text, const Environment& environment, const World& world) {
  ParseLimits limits;
  limits.test_macros = true;
  std::vector<Issue> issues;
  std::unique_ptr<Ast> ast = parse(text, issues, limits);
  if (!ast) {
    if (issues.empty()) std::abort();
    return;
  }
  if (!check(*ast, environment, issues)) {
    for (const Issue& issue : issues) {
      if (issue.range.begin > issue.range.end || issue.range.end > text.size()) std::abort();
    }
    issues.clear();
    ast = parse(text, issues, limits);
    resolve(*ast, environment);
  }
  const std::unique_ptr<Program> program = plan(std::move(ast), environment, issues);
  if (!program) return;
  Scratch scratch(8u << 20);
  Frame frame;
  frame.scratch = &scratch;
  frame.cost_limit = 50'000;
  const Val slots[] = {val_of(world.object), val_string("a.b/c:80"), val_of(world.object.find("list"))};
  frame.slots = slots;
  to_text(evaluate(*program, frame));
  frame.cost = 0;
  FindResult found;
  find(*program, frame, found);
  frame.cost = 0;
  std::vector<Decisive> decisive;
  evaluate_traced(*program, frame, decisive);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  run(text, world.environment, world);
  run(text, world.kubernetes, world);
  return 0;
}

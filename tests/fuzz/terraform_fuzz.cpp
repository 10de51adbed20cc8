// Expressions: whatever the bytes, evaluation ends, in a value or in a mistake that says why.
#include "parsers/hcl/parse.hpp"
#include "parsers/terraform/constraint.hpp"
#include "parsers/terraform/evaluate.hpp"

namespace {

using namespace assay;
using namespace assay::terraform;

// `var.s`, `var.n` and `var.a` are not known, `var.o` is an object.
class Names final : public EmptyScope {
 public:
  explicit Names(Arena& arena, Sources& sources) : arena_(arena), sources_(sources) {}
  Resolved resolve(const Reference& reference, Diagnostics& diagnostics) override {
    if (reference.root != "var" || reference.steps.empty()) return EmptyScope::resolve(reference, diagnostics);
    const std::string_view name = reference.steps[0].name;
    if (name == "o") {
      const Entry entries[] = {{"a", 1, 0, arena_.integer(1, {})}, {"b", 1, 0, arena_.sensitive(arena_.string("x", {}))}};
      return {{arena_.map(entries, {}), object_type({{"a", number_type()}, {"b", string_type()}})}, 1};
    }
    return {unknown_of(name == "s" ? string_type() : name == "n" ? number_type() : any_type(), "var.x", "it has no value", {}, arena_), 1};
  }
  Sources* sources() override { return &sources_; }

 private:
  Arena& arena_;
  Sources& sources_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 100'000) return 0;
  Sources sources;
  Arena arena;
  Diagnostics diagnostics;
  Names names(arena, sources);
  const hcl::File file = hcl::parse_expression(sources.add("fuzz", std::string(reinterpret_cast<const char*>(data), size)), diagnostics);
  const Typed value = evaluate(*file.expression, names, arena, diagnostics);
  if (!value && diagnostics.errors() == 0) __builtin_trap();
  std::string text;
  if (value) to_json(value.value, text);
  read_constraint(*file.expression, arena, diagnostics);
  mentions(*file.expression);
  return 0;
}

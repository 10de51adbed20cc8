// size() and what cel-spec's core knows of strings.
#include "engine/cel/libraries/standard.hpp"
#include "engine/cel/numbers.hpp"
#include "engine/regex.hpp"

namespace assay::cel::standard {

namespace {

Val size(Frame& frame, Args args) {
  const Val& value = args[0];
  if (value.is(ValKind::string)) {
    frame.cost += value.text.size / 10;
    return val_int(static_cast<std::int64_t>(count_code_points(value.string())));
  }
  return val_int(static_cast<std::int64_t>(value.is(ValKind::bytes) ? value.text.size : size_of(value)));
}

Val contains_text(Frame&, Args args) { return val_bool(args[0].string().find(args[1].string()) != std::string_view::npos); }
Val starts_with(Frame&, Args args) { return val_bool(args[0].string().starts_with(args[1].string())); }
Val ends_with(Frame&, Args args) { return val_bool(args[0].string().ends_with(args[1].string())); }
// The pattern is computed; one that is written in the expression is compiled with it.
Val matches(Frame& frame, Args args) {
  std::string error;
  const auto pattern = Regex::cached(args[1].string(), error);
  return pattern ? val_bool(pattern->found_in(args[0].string())) : make_error(frame, error);
}

std::uint64_t search_cost(Args args, const Val&) { return (args[0].text.size / 10 + 1) * (args[1].text.size / 10 + 1); }
std::uint64_t affix_cost(Args args, const Val&) { return args[1].text.size / 10; }
std::uint64_t pattern_cost(Args args, const Val&) { return (args[0].text.size / 10 + 1) * (args[1].text.size / 4 + 1); }

Overload costing(Overload overload, CostFunction cost) {
  overload.cost = cost;
  return overload;
}

}  // namespace

void add_texts(Environment& environment) {
  const Types t(environment);
  std::vector<Overload> sizes;
  const struct { const char* name; const Type* type; } sized[] = {
      {"string", t.string}, {"bytes", t.bytes}, {"list", t.list_a}, {"map", t.map_ab}};
  for (const auto& [name, type] : sized) {
    sizes.push_back(overload("size_" + std::string(name), {type}, t.int64, size));
    sizes.push_back(member(std::string(name) + "_size", {type}, t.int64, size));
  }
  define(environment, "size", "code points of a string, bytes, elements of a list, entries of a map", std::move(sizes));
  define(environment, "contains", "whether a string has the other in it",
         {costing(member("contains_string", {t.string, t.string}, t.boolean, contains_text), search_cost)});
  define(environment, "startsWith", "whether a string begins with the other",
         {costing(member("starts_with_string", {t.string, t.string}, t.boolean, starts_with), affix_cost)});
  define(environment, "endsWith", "whether a string ends with the other",
         {costing(member("ends_with_string", {t.string, t.string}, t.boolean, ends_with), affix_cost)});
  define(environment, "matches", "whether a regular expression (RE2) matches somewhere in a string",
         {costing(overload("matches", {t.string, t.string}, t.boolean, matches), pattern_cost),
          costing(member("matches_string", {t.string, t.string}, t.boolean, matches), pattern_cost)});
}

}  // namespace assay::cel::standard

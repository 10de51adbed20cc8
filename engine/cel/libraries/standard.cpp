// The operators of cel-spec (langdef.md, "List of Standard Definitions"). Programs run them as operations
// of their own; the tables here are what the checker reads.
#include "engine/cel/libraries/standard.hpp"

namespace assay::cel::standard {

namespace {

template <Val (*operation)(Frame&, const Val&, const Val&)>
Val two(Frame& frame, Args args) { return operation(frame, args[0], args[1]); }
template <Order order>
Val ordered(Frame& frame, Args args) { return compare(frame, order, args[0], args[1]); }
Val minus(Frame& frame, Args args) { return negate(frame, args[0]); }
Val not_equal(Frame& frame, Args args) {
  const Val same = equal(frame, args[0], args[1]);
  return same.is(ValKind::boolean) ? val_bool(!same.boolean) : same;
}
Val negation(Frame&, Args args) { return val_bool(!args[0].boolean); }
Val not_strictly_false(Frame&, Args args) { return val_bool(!args[0].is_false()); }
Val both(Frame&, Args args) { return val_bool(args[0].boolean && args[1].boolean); }
Val either(Frame&, Args args) { return val_bool(args[0].boolean || args[1].boolean); }
Val choose(Frame&, Args args) { return args[0].boolean ? args[1] : args[2]; }

std::vector<Overload> arithmetic(const Types& t, const std::string& name, Implementation implementation, bool floating = true) {
  std::vector<Overload> made = {overload(name + "_int64", {t.int64, t.int64}, t.int64, implementation),
                                overload(name + "_uint64", {t.uint64, t.uint64}, t.uint64, implementation)};
  if (floating) made.push_back(overload(name + "_double", {t.float64, t.float64}, t.float64, implementation));
  return made;
}

void comparison(Environment& environment, const Types& t, const std::string& symbol, const std::string& name, const std::string& words,
                Implementation implementation) {
  std::vector<Overload> made;
  const struct { const char* name; const Type* type; } same[] = {
      {"bool", t.boolean}, {"int64", t.int64}, {"uint64", t.uint64}, {"double", t.float64}, {"string", t.string},
      {"bytes", t.bytes}, {"timestamp", t.timestamp}, {"duration", t.duration}};
  for (const auto& [type_name, type] : same) made.push_back(overload(name + "_" + type_name, {type, type}, t.boolean, implementation));
  const struct { const char* name; const Type *left, *right; } mixed[] = {
      {"int64_double", t.int64, t.float64}, {"int64_uint64", t.int64, t.uint64}, {"uint64_double", t.uint64, t.float64},
      {"uint64_int64", t.uint64, t.int64}, {"double_int64", t.float64, t.int64}, {"double_uint64", t.float64, t.uint64}};
  for (const auto& [type_name, left, right] : mixed) made.push_back(overload(name + "_" + type_name, {left, right}, t.boolean, implementation));
  define(environment, symbol, words, std::move(made));
}

}  // namespace

void add_operators(Environment& environment) {
  const Types t(environment);
  define(environment, "_?_:_", "the second operand where the first is true, else the third",
         {overload("conditional", {t.boolean, t.a, t.a}, t.a, choose)});
  define(environment, "_&&_", "true where both are; false where one is, whatever the other",
         {overload("logical_and", {t.boolean, t.boolean}, t.boolean, both)});
  define(environment, "_||_", "true where one is, whatever the other", {overload("logical_or", {t.boolean, t.boolean}, t.boolean, either)});
  define(environment, "!_", "not", {overload("logical_not", {t.boolean}, t.boolean, negation)});
  Overload lenient = overload("not_strictly_false", {t.boolean}, t.boolean, not_strictly_false);
  lenient.non_strict = true;
  define(environment, "@not_strictly_false", "true unless false", {lenient});
  define(environment, "_==_", "equal: numbers by value across int, uint and double; lists and maps by their elements",
         {overload("equals", {t.a, t.a}, t.boolean, two<equal>)});
  define(environment, "_!=_", "not equal", {overload("not_equals", {t.a, t.a}, t.boolean, not_equal)});

  auto plus = arithmetic(t, "add", two<add>);
  plus.push_back(overload("add_string", {t.string, t.string}, t.string, two<add>));
  plus.push_back(overload("add_bytes", {t.bytes, t.bytes}, t.bytes, two<add>));
  plus.push_back(overload("add_list", {t.list_a, t.list_a}, t.list_a, two<add>));
  plus.push_back(overload("add_timestamp_duration", {t.timestamp, t.duration}, t.timestamp, two<add>));
  plus.push_back(overload("add_duration_timestamp", {t.duration, t.timestamp}, t.timestamp, two<add>));
  plus.push_back(overload("add_duration_duration", {t.duration, t.duration}, t.duration, two<add>));
  define(environment, "_+_", "sum; strings, bytes and lists are joined", std::move(plus));
  auto difference = arithmetic(t, "subtract", two<subtract>);
  difference.push_back(overload("subtract_timestamp_timestamp", {t.timestamp, t.timestamp}, t.duration, two<subtract>));
  difference.push_back(overload("subtract_timestamp_duration", {t.timestamp, t.duration}, t.timestamp, two<subtract>));
  difference.push_back(overload("subtract_duration_duration", {t.duration, t.duration}, t.duration, two<subtract>));
  define(environment, "_-_", "difference", std::move(difference));
  define(environment, "_*_", "product", arithmetic(t, "multiply", two<multiply>));
  define(environment, "_/_", "quotient; of ints toward zero", arithmetic(t, "divide", two<divide>));
  define(environment, "_%_", "remainder, with the sign of the dividend", arithmetic(t, "modulo", two<modulo>, false));
  define(environment, "-_", "negation", {overload("negate_int64", {t.int64}, t.int64, minus), overload("negate_double", {t.float64}, t.float64, minus)});

  comparison(environment, t, "_<_", "less", "less than", ordered<Order::less>);
  comparison(environment, t, "_<=_", "less_equals", "less than or equal", ordered<Order::less_equal>);
  comparison(environment, t, "_>_", "greater", "greater than", ordered<Order::greater>);
  comparison(environment, t, "_>=_", "greater_equals", "greater than or equal", ordered<Order::greater_equal>);

  define(environment, "@in", "whether a list has the element or a map the key",
         {overload("in_list", {t.a, t.list_a}, t.boolean, two<contains>), overload("in_map", {t.a, t.map_ab}, t.boolean, two<contains>)});
  define(environment, "_[_]", "the element at an index, the value under a key; an error where there is none",
         {overload("index_list", {t.list_a, t.int64}, t.a, two<cel::index>), overload("index_map", {t.map_ab, t.a}, t.b, two<cel::index>)});
}

}  // namespace assay::cel::standard

namespace assay::cel {

void add_standard(Environment& environment, Dialect dialect) {
  standard::add_operators(environment);
  standard::add_conversions(environment);
  standard::add_texts(environment);
  standard::add_times(environment, dialect);
}

}  // namespace assay::cel

// ext/math. The macros math.least and math.greatest expand to `math.@min` and `math.@max`.
#include <cmath>
#include <limits>

#include "engine/cel/libraries/support.hpp"

namespace assay::cel {

using namespace library;

namespace {

// ---------------------------------------------------------------- least and greatest

Val pick(Frame& frame, const Val& left, const Val& right, Order replaced_when, std::string_view name) {
  switch (const Order order = compare(left, right)) {
    case Order::less:
    case Order::equal:
    case Order::greater: return order == replaced_when ? right : left;
    case Order::unordered: return make_error(frame, "NaN values cannot be ordered: " + std::string(name));
    case Order::incomparable: break;
  }
  return make_error(frame, "no such overload: " + std::string(name));
}

Val pick_of_list(Frame& frame, const Val& list, Order replaced_when, std::string_view name) {
  const Items items = items_of(frame, list);
  if (!items.complete) return items.stopped;
  if (items.values.empty()) return make_error(frame, std::string(name) + "(list) argument must not be empty");
  Val best = items.values[0];
  for (const Val& item : items.values.subspan(1)) {
    best = pick(frame, best, item, replaced_when, name);
    if (best.is_error()) return best;
  }
  if (!best.is(ValKind::int64) && !best.is(ValKind::uint64) && !best.is(ValKind::float64))
    return make_error(frame, "no such overload: " + std::string(name));
  return best;
}

Val same(Frame&, Args args) { return args[0]; }
Val min_pair(Frame& frame, Args args) { return pick(frame, args[0], args[1], Order::greater, "math.@min"); }
Val max_pair(Frame& frame, Args args) { return pick(frame, args[0], args[1], Order::less, "math.@max"); }
Val min_list(Frame& frame, Args args) { return pick_of_list(frame, args[0], Order::greater, "math.@min"); }
Val max_list(Frame& frame, Args args) { return pick_of_list(frame, args[0], Order::less, "math.@max"); }
std::uint64_t list_cost(Args args, const Val&) { return size_cost(args[0]) + 1; }

void define_pick(Environment& environment, const std::string& name, const std::string& documentation, Implementation pair,
                 Implementation list) {
  const Types t(environment);
  struct Named {
    const char* name;
    const Type* type;
  };
  const Named kinds[] = {{"double", t.float64}, {"int", t.int64}, {"uint", t.uint64}};
  std::vector<Overload> overloads;
  const std::string prefix = "math_" + name.substr(5) + "_";
  for (const Named& kind : kinds) overloads.push_back(global(prefix + kind.name, {kind.type}, kind.type, same));
  for (const Named& left : kinds)
    for (const Named& right : kinds)
      overloads.push_back(global(prefix + left.name + "_" + right.name, {left.type, right.type},
                                 left.type == right.type ? left.type : t.dyn, pair));
  for (const Named& kind : kinds)
    overloads.push_back(global(prefix + "list_" + kind.name, {t.list(kind.type)}, kind.type, list, list_cost));
  define(environment, name, documentation, std::move(overloads));
}

// ---------------------------------------------------------------- doubles

template <double (*function)(double)>
Val of_double(Frame&, Args args) {
  return val_double(function(args[0].float64));
}
double ceil_of(double x) { return std::ceil(x); }
double floor_of(double x) { return std::floor(x); }
double round_of(double x) { return std::round(x); }  // halves away from zero
double trunc_of(double x) { return std::trunc(x); }
double abs_of(double x) { return std::fabs(x); }
double sqrt_of(double x) { return std::sqrt(x); }
double sign_of(double x) { return std::isnan(x) ? x : x > 0 ? 1.0 : x < 0 ? -1.0 : 0.0; }

Val is_nan(Frame&, Args args) { return val_bool(std::isnan(args[0].float64)); }
Val is_inf(Frame&, Args args) { return val_bool(std::isinf(args[0].float64)); }
Val is_finite(Frame&, Args args) { return val_bool(std::isfinite(args[0].float64)); }
Val sqrt_int(Frame&, Args args) { return val_double(std::sqrt(static_cast<double>(args[0].int64))); }
Val sqrt_uint(Frame&, Args args) { return val_double(std::sqrt(static_cast<double>(args[0].uint64))); }

// ---------------------------------------------------------------- integers

Val abs_int(Frame& frame, Args args) {
  const std::int64_t value = args[0].int64;
  if (value == std::numeric_limits<std::int64_t>::min()) return make_error(frame, "integer overflow");
  return val_int(value < 0 ? -value : value);
}
Val sign_int(Frame&, Args args) { return val_int(args[0].int64 > 0 ? 1 : args[0].int64 < 0 ? -1 : 0); }
Val sign_uint(Frame&, Args args) { return val_uint(args[0].uint64 > 0 ? 1 : 0); }

std::int64_t wrapped(std::uint64_t bits) { return static_cast<std::int64_t>(bits); }
std::uint64_t bits_of(const Val& value) {
  return value.is(ValKind::uint64) ? value.uint64 : static_cast<std::uint64_t>(value.int64);
}
Val same_kind(const Val& model, std::uint64_t bits) {
  return model.is(ValKind::uint64) ? val_uint(bits) : val_int(wrapped(bits));
}
Val bit_and(Frame&, Args args) { return same_kind(args[0], bits_of(args[0]) & bits_of(args[1])); }
Val bit_or(Frame&, Args args) { return same_kind(args[0], bits_of(args[0]) | bits_of(args[1])); }
Val bit_xor(Frame&, Args args) { return same_kind(args[0], bits_of(args[0]) ^ bits_of(args[1])); }
Val bit_not(Frame&, Args args) { return same_kind(args[0], ~bits_of(args[0])); }

Val negative_offset(Frame& frame, std::string_view name, std::int64_t offset) {
  return make_error(frame, std::string(name) + "() negative offset: " + std::to_string(offset));
}
Val shift_left(Frame& frame, Args args) {
  const std::int64_t offset = args[1].int64;
  if (offset < 0) return negative_offset(frame, "math.bitShiftLeft", offset);
  return same_kind(args[0], offset > 63 ? 0 : bits_of(args[0]) << offset);
}
// Logical, also for int: zeros come in from the left.
Val shift_right(Frame& frame, Args args) {
  const std::int64_t offset = args[1].int64;
  if (offset < 0) return negative_offset(frame, "math.bitShiftRight", offset);
  return same_kind(args[0], offset > 63 ? 0 : bits_of(args[0]) >> offset);
}

}  // namespace

void add_math(Environment& environment) {
  const Types t(environment);
  define_pick(environment, "math.@min", "the smallest of its arguments or of a list (what math.least expands to)", min_pair, min_list);
  define_pick(environment, "math.@max", "the largest of its arguments or of a list (what math.greatest expands to)", max_pair, max_list);

  const auto on_double = [&](const char* name, const char* id, const char* documentation, Implementation implementation, const Type* result) {
    define(environment, name, documentation, {global(id, {t.float64}, result, implementation)});
  };
  on_double("math.ceil", "math_ceil_double", "the smallest whole number that is not less", of_double<ceil_of>, t.float64);
  on_double("math.floor", "math_floor_double", "the largest whole number that is not greater", of_double<floor_of>, t.float64);
  on_double("math.round", "math_round_double", "the nearest whole number; halves round away from zero", of_double<round_of>, t.float64);
  on_double("math.trunc", "math_trunc_double", "the number without its fraction", of_double<trunc_of>, t.float64);
  on_double("math.isInf", "math_isInf_double", "whether the number is positive or negative infinity", is_inf, t.boolean);
  on_double("math.isNaN", "math_isNaN_double", "whether the number is NaN", is_nan, t.boolean);
  on_double("math.isFinite", "math_isFinite_double", "whether the number is neither infinite nor NaN", is_finite, t.boolean);

  define(environment, "math.abs", "the absolute value",
         {global("math_abs_double", {t.float64}, t.float64, of_double<abs_of>),
          global("math_abs_int", {t.int64}, t.int64, abs_int), global("math_abs_uint", {t.uint64}, t.uint64, same)});
  define(environment, "math.sign", "-1, 0 or 1, in the argument's type",
         {global("math_sign_double", {t.float64}, t.float64, of_double<sign_of>),
          global("math_sign_int", {t.int64}, t.int64, sign_int), global("math_sign_uint", {t.uint64}, t.uint64, sign_uint)});
  define(environment, "math.sqrt", "the square root; NaN of a negative number",
         {global("math_sqrt_double", {t.float64}, t.float64, of_double<sqrt_of>),
          global("math_sqrt_int", {t.int64}, t.float64, sqrt_int), global("math_sqrt_uint", {t.uint64}, t.float64, sqrt_uint)});

  const auto on_bits = [&](const std::string& name, const char* documentation, Implementation implementation) {
    define(environment, "math." + name, documentation,
           {global("math_" + name + "_int_int", {t.int64, t.int64}, t.int64, implementation),
            global("math_" + name + "_uint_uint", {t.uint64, t.uint64}, t.uint64, implementation)});
  };
  on_bits("bitAnd", "the bits that both have", bit_and);
  on_bits("bitOr", "the bits that either has", bit_or);
  on_bits("bitXor", "the bits that one alone has", bit_xor);
  define(environment, "math.bitNot", "every bit flipped",
         {global("math_bitNot_int_int", {t.int64}, t.int64, bit_not), global("math_bitNot_uint_uint", {t.uint64}, t.uint64, bit_not)});
  define(environment, "math.bitShiftLeft", "the bits moved left; zero from 64 on",
         {global("math_bitShiftLeft_int_int", {t.int64, t.int64}, t.int64, shift_left),
          global("math_bitShiftLeft_uint_int", {t.uint64, t.int64}, t.uint64, shift_left)});
  define(environment, "math.bitShiftRight", "the bits moved right, zeros following; zero from 64 on",
         {global("math_bitShiftRight_int_int", {t.int64, t.int64}, t.int64, shift_right),
          global("math_bitShiftRight_uint_int", {t.uint64, t.int64}, t.uint64, shift_right)});
}

}  // namespace assay::cel

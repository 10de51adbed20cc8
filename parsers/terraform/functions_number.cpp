// abs ceil floor log max min parseint pow signum sum
#include <cmath>

#include "parsers/hcl/number.hpp"
#include "parsers/terraform/function.hpp"
#include "parsers/terraform/number.hpp"

namespace assay::terraform {

using K = Type::Kind;

namespace {

Typed abs_(Call& c) {
  const Value number = c.args[0].value;
  return sign(number) < 0 ? Typed{negate(number, {}, c.arena), number_type()} : c.args[0];
}
Typed ceil_(Call& c) { return {ceil_of(c.args[0].value, {}, c.arena), number_type()}; }
Typed floor_(Call& c) { return {floor_of(c.args[0].value, {}, c.arena), number_type()}; }

// Functions that compute in doubles, as the reference implementation does.
Typed from_double(Call& c, double result) {
  if (std::isnan(result)) return c.fail("the result is not a number");
  return {double_value(result, {}, c.arena), number_type()};
}
Typed log_(Call& c) { return from_double(c, std::log(to_double(c.args[0].value)) / std::log(to_double(c.args[1].value))); }
Typed pow_(Call& c) { return from_double(c, std::pow(to_double(c.args[0].value), to_double(c.args[1].value))); }

Typed signum_(Call& c) {
  if (!whole(c.args[0].value)) return c.fail("a whole number is required", 0);
  return c.integer(sign(c.args[0].value));
}

Typed extreme(Call& c, int wanted) {
  if (c.args.empty()) return c.fail("at least one number is required");
  Typed best = c.args[0];
  for (const Typed& arg : c.args)
    if (compare_numbers(arg.value, best.value) == wanted) best = arg;
  return best;
}
Typed max_(Call& c) { return extreme(c, 1); }
Typed min_(Call& c) { return extreme(c, -1); }

int digit(char c, int base) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'z') return c - 'a' + 10;
  if (c >= 'A' && c <= 'Z') return base <= 36 ? c - 'A' + 10 : c - 'A' + 36;
  return 99;
}

Typed parseint_(Call& c) {
  if (!c.args[0].type->is(K::string)) return c.fail("a string is required", 0);
  std::int64_t base = 0;
  if (!c.integer(1, base)) return {};
  if (base < 2 || base > 62) return c.fail("the base must lie between 2 and 62", 1);
  std::string_view text = c.text(0);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty()) return c.fail("this is no whole number in base " + std::to_string(base), 0);
  if (text.size() > 1000) return c.fail("the number has more than 1000 digits", 0);
  std::int64_t small = 0;
  std::string large;  // once it no longer fits
  for (const char character : text) {
    const int value = digit(character, static_cast<int>(base));
    if (value >= base) return c.fail("this is no whole number in base " + std::to_string(base), 0);
    if (large.empty()) {
      std::int64_t next = 0;
      if (!__builtin_mul_overflow(small, base, &next) && !__builtin_add_overflow(next, value, &next)) {
        small = next;
        continue;
      }
      large = std::to_string(small);
    }
    large = hcl::calculate(hcl::Operator::multiply, large, std::to_string(base)).text;
    large = hcl::calculate(hcl::Operator::add, large, std::to_string(value)).text;
  }
  if (large.empty()) return c.integer(negative ? -small : small);
  return {number_value(negative ? "-" + large : large, {}, c.arena), number_type()};
}

Typed sum_(Call& c) {
  const Typed list = c.args[0];
  if (!list.type->sequence()) return c.fail("a list, set or tuple of numbers is required", 0);
  if (list.value.size() == 0) return c.fail("the list is empty: there is nothing to add", 0);
  if (list.value.has_unknown()) return c.unknown_argument(number_type());
  Value total;
  for (std::size_t i = 0; i < list.value.size(); ++i) {
    const Type* type = list.type->is(K::tuple) ? list.type->items[i] : list.type->element;
    std::string why;
    const Typed number = convert({list.value.items()[i], type}, number_type(), c.arena, why);
    if (!number || number.null()) return c.fail("element " + std::to_string(i) + " is no number", 0);
    if (!total) {
      total = number.value;
      continue;
    }
    total = calculate(hcl::Operator::add, total, number.value, {}, c.arena, why);
    if (!total) return c.fail(why);
  }
  if (list.value.size() == 1) return {total, number_type()};
  return {total, number_type()};
}

constexpr Function functions[] = {
    {"abs", "num:n", "n", abs_},
    {"ceil", "num:n", "n", ceil_},
    {"floor", "num:n", "n", floor_},
    {"log", "num:n base:n", "n", log_},
    {"max", "numbers:n...", "n", max_},
    {"min", "numbers:n...", "n", min_},
    {"parseint", "number:a base:n", "n", parseint_},
    {"pow", "num:n power:n", "n", pow_},
    {"signum", "num:n", "n", signum_},
    {"sum", "list:a", "n", sum_},
};

}  // namespace

std::span<const Function> number_functions() { return functions; }

}  // namespace assay::terraform

#include "parsers/terraform/number.hpp"

#include <charconv>
#include <cmath>

#include "parsers/hcl/number.hpp"

namespace assay::terraform {

using hcl::Operator;

Value number_value(std::string_view text, Span span, Arena& arena) {
  std::int64_t small = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), small);
  if (error == std::errc() && end == text.data() + text.size()) return arena.integer(small, span);
  return arena.number(arena.copy(text), span);
}

Value parse_number(std::string_view text, Span span, Arena& arena) {
  hcl::Number read = hcl::read_number(text);
  if (!read.error.empty()) return {};
  return number_value(read.text, span, arena);
}

namespace {

std::string fixed(double number, int digits) {
  char buffer[1600];
  const auto [end, error] = digits < 0 ? std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::fixed)
                                       : std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::fixed, digits);
  std::string text(buffer, error == std::errc() ? end : buffer);
  if (text.find('.') != std::string::npos) {
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

}  // namespace

Value double_value(double number, Span span, Arena& arena) {
  if (std::isfinite(number) && number == std::trunc(number)) return number_value(fixed(number, 0), span, arena);
  return arena.floating(number, span);
}

std::string number_text(Value number) {
  switch (number.kind()) {
    case Kind::int64: return std::to_string(number.as_int());
    case Kind::uint64: return std::to_string(number.as_uint());
    case Kind::float64:
      if (std::isinf(number.as_double())) return number.as_double() > 0 ? "+Inf" : "-Inf";
      return fixed(number.as_double(), -1);
    default: return std::string(number.as_string());
  }
}

std::string exact_text(Value number) {
  return number.is(Kind::float64) && std::isfinite(number.as_double()) ? fixed(number.as_double(), 1080) : number_text(number);
}

double to_double(Value number) {
  switch (number.kind()) {
    case Kind::int64: return static_cast<double>(number.as_int());
    case Kind::uint64: return static_cast<double>(number.as_uint());
    case Kind::float64: return number.as_double();
    default: break;
  }
  const std::string_view text = number.as_string();
  double result = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (error == std::errc::result_out_of_range)
    return text.find('.') != std::string_view::npos && text.find_first_not_of("-0.") > 300 ? 0.0 : text.starts_with('-') ? -HUGE_VAL : HUGE_VAL;
  return result;
}

std::optional<std::int64_t> whole(Value number) {
  if (number.is(Kind::int64)) return number.as_int();
  return std::nullopt;
}

bool is_whole(Value number) {
  switch (number.kind()) {
    case Kind::int64: case Kind::uint64: return true;
    case Kind::number: return number.as_string().find('.') == std::string_view::npos;
    default: return false;  // a double that is whole is an integer
  }
}

int sign(Value number) {
  switch (number.kind()) {
    case Kind::int64: return number.as_int() < 0 ? -1 : number.as_int() > 0;
    case Kind::uint64: return 1;
    case Kind::float64: return number.as_double() < 0 ? -1 : number.as_double() > 0;
    default: return number.as_string().starts_with('-') ? -1 : 1;
  }
}

namespace {
bool infinite(Value number) { return number.is(Kind::float64) && std::isinf(number.as_double()); }
}  // namespace

int compare_numbers(Value left, Value right) {
  if (left.is(Kind::int64) && right.is(Kind::int64)) return left.as_int() < right.as_int() ? -1 : left.as_int() > right.as_int();
  if (infinite(left) || infinite(right)) {
    const double a = infinite(left) ? left.as_double() : 0, b = infinite(right) ? right.as_double() : 0;
    return a < b ? -1 : a > b;
  }
  if (left.is(Kind::float64) && right.is(Kind::float64))
    return left.as_double() < right.as_double() ? -1 : left.as_double() > right.as_double();
  return hcl::compare(exact_text(left), exact_text(right));
}

Value calculate(Operator op, Value left, Value right, Span span, Arena& arena, std::string& error) {
  if (left.is(Kind::int64) && right.is(Kind::int64)) {
    const std::int64_t a = left.as_int(), b = right.as_int();
    std::int64_t result = 0;
    if (op == Operator::add && !__builtin_add_overflow(a, b, &result)) return arena.integer(result, span);
    if (op == Operator::subtract && !__builtin_sub_overflow(a, b, &result)) return arena.integer(result, span);
    if (op == Operator::multiply && !__builtin_mul_overflow(a, b, &result)) return arena.integer(result, span);
    if (b != 0 && b != -1) {
      if (op == Operator::divide && a % b == 0) return arena.integer(a / b, span);
      if (op == Operator::modulo) return arena.integer(a % b, span);
    }
  }
  const bool by_zero = right.is(Kind::int64) && right.as_int() == 0;
  if (op == Operator::modulo && by_zero) return left;  // as go-cty has it
  if (infinite(left) || infinite(right) || (op == Operator::divide && by_zero) ||
      (left.is(Kind::float64) && right.is(Kind::float64))) {
    const double a = to_double(left), b = to_double(right);
    double result = 0;
    switch (op) {
      case Operator::add: result = a + b; break;
      case Operator::subtract: result = a - b; break;
      case Operator::multiply: result = a * b; break;
      case Operator::divide: result = a / b; break;
      case Operator::modulo: result = infinite(left) || infinite(right) ? a * b : a - std::trunc(a / b) * b; break;
      default: result = NAN;
    }
    if (std::isnan(result)) {
      error = "the result is not a number";
      return {};
    }
    return double_value(result, span, arena);
  }
  hcl::Number result = hcl::calculate(op, exact_text(left), exact_text(right));
  if (!result.error.empty()) {
    error = std::move(result.error);
    return {};
  }
  return number_value(result.text, span, arena);
}

Value negate(Value number, Span span, Arena& arena) {
  if (number.is(Kind::float64)) return arena.floating(-number.as_double(), span);
  const std::string text = number_text(number);
  if (text == "0") return arena.integer(0, span);
  return number_value(text[0] == '-' ? text.substr(1) : "-" + text, span, arena);
}

namespace {
// The number without its fraction, and one more or less when a fraction was cut off on the wrong side.
Value rounded(Value number, bool up, Span span, Arena& arena) {
  if (is_whole(number) || infinite(number)) return number;
  const std::string text = exact_text(number);
  const bool negative = text[0] == '-';
  Value cut = parse_number(text.substr(0, text.find('.')), span, arena);
  if (negative == up) return cut;
  std::string error;
  return calculate(up ? Operator::add : Operator::subtract, cut, arena.integer(1, {}), span, arena, error);
}
}  // namespace

Value floor_of(Value number, Span span, Arena& arena) { return rounded(number, false, span, arena); }
Value ceil_of(Value number, Span span, Arena& arena) { return rounded(number, true, span, arena); }

}  // namespace assay::terraform

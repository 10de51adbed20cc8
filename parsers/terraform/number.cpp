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

Value parse_number(std::string_view given, Span span, Arena& arena) {
  // What Go reads and HCL does not write: a sign, no digits on one side of the point.
  std::string_view text = given;
  if (text.starts_with('+')) text.remove_prefix(1);
  const bool negative = text.starts_with('-');
  if (negative && given[0] == '+') return {};
  std::string_view size = text.substr(negative);
  if (size == "Inf" || size == "inf") return arena.floating(negative ? -HUGE_VAL : HUGE_VAL, span);
  std::string made;
  const auto dot = size.find('.');
  if (dot != std::string_view::npos) {
    const bool after = dot + 1 < size.size() && size[dot + 1] >= '0' && size[dot + 1] <= '9';
    if ((dot == 0) != !after) {
      made = (negative ? "-" : "") + (dot == 0 ? "0" + std::string(size) : std::string(size.substr(0, dot)) + std::string(size.substr(dot + 1)));
      text = made;
    }
  }
  hcl::Number read = hcl::read_number(text);
  if (!read.error.empty()) return {};
  if (negative && read.text == "0") return arena.floating(-0.0, span);
  return number_value(read.text, span, arena);
}

namespace {

// The shortest digits that read back as the same double, zeros after them: what Go's big.Float writes.
std::string shortest(double number) {
  char buffer[64];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::scientific);
  std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  const bool negative = text.starts_with('-');
  text.remove_prefix(negative);
  const auto e = text.find('e');
  std::string_view power = text.substr(e + 1);
  if (power.starts_with('+')) power.remove_prefix(1);
  int exponent = 0;
  std::from_chars(power.data(), power.data() + power.size(), exponent);
  std::string digits(1, text[0]);
  if (e > 2) digits += text.substr(2, e - 2);
  const int point = exponent + 1;
  const auto count = static_cast<int>(digits.size());
  std::string out;
  if (point <= 0) out = "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
  else if (point >= count) out = digits + std::string(static_cast<std::size_t>(point - count), '0');
  else out = digits.substr(0, static_cast<std::size_t>(point)) + "." + digits.substr(static_cast<std::size_t>(point));
  return negative ? "-" + out : out;
}

// All its digits.
std::string exact(double number) {
  char buffer[1600];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::fixed, 1080);
  std::string text(buffer, error == std::errc() ? end : buffer);
  if (text.find('.') != std::string::npos) {
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

}  // namespace

Value double_value(double number, Span span, Arena& arena) {
  // Whole numbers that a double holds to the last digit; others keep their 53 bits.
  constexpr double exact_below = 9007199254740992.0;
  const bool plain = number == std::trunc(number) && std::abs(number) < exact_below && !(number == 0 && std::signbit(number));
  return plain ? arena.integer(static_cast<std::int64_t>(number), span) : arena.floating(number, span);
}

std::string number_text(Value number) {
  switch (number.kind()) {
    case Kind::int64: return std::to_string(number.as_int());
    case Kind::uint64: return std::to_string(number.as_uint());
    case Kind::float64:
      if (std::isinf(number.as_double())) return number.as_double() > 0 ? "+Inf" : "-Inf";
      return number.as_double() == 0 ? (std::signbit(number.as_double()) ? "-0" : "0") : shortest(number.as_double());
    default: return std::string(number.as_string());
  }
}

std::string exact_text(Value number) {
  return number.is(Kind::float64) && std::isfinite(number.as_double()) ? exact(number.as_double()) : number_text(number);
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
  if (number.is(Kind::float64) && is_whole(number) && std::abs(number.as_double()) < 9.2e18) return static_cast<std::int64_t>(number.as_double());
  return std::nullopt;
}

bool is_whole(Value number) {
  switch (number.kind()) {
    case Kind::int64: case Kind::uint64: return true;
    case Kind::number: return number.as_string().find('.') == std::string_view::npos;
    default: return std::isfinite(number.as_double()) && number.as_double() == std::trunc(number.as_double());
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

bool equal_numbers(Value left, Value right) {
  if (left.is(Kind::int64) && right.is(Kind::int64)) return left.as_int() == right.as_int();
  if (sign(left) != sign(right) || is_whole(left) != is_whole(right)) return false;
  return is_whole(left) ? compare_numbers(left, right) == 0 : number_text(left) == number_text(right);
}

Value calculate(Operator op, Value left, Value right, Span span, Arena& arena, std::string& error) {
  if (left.is(Kind::int64) && right.is(Kind::int64)) {
    const std::int64_t a = left.as_int(), b = right.as_int();
    std::int64_t result = 0;
    if (op == Operator::add && !__builtin_add_overflow(a, b, &result)) return arena.integer(result, span);
    if (op == Operator::subtract && !__builtin_sub_overflow(a, b, &result)) return arena.integer(result, span);
    // Binary floats have a negative zero.
    if (op == Operator::multiply && (a == 0 || b == 0)) return a < 0 || b < 0 ? arena.floating(-0.0, span) : arena.integer(0, span);
    if (op == Operator::divide && a == 0 && b < 0) return arena.floating(-0.0, span);
    if (op == Operator::multiply && !__builtin_mul_overflow(a, b, &result)) return arena.integer(result, span);
    if (b != 0 && b != -1) {
      if (op == Operator::divide && a % b == 0) return arena.integer(a / b, span);
      if (op == Operator::modulo) return arena.integer(a % b, span);
    }
  }
  const bool by_zero = sign(right) == 0;
  if (op == Operator::modulo && by_zero) return left;  // as go-cty has it
  if (infinite(left) || infinite(right) || (op == Operator::divide && by_zero) ||
      (left.is(Kind::float64) && right.is(Kind::float64) && op != Operator::multiply)) {
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
  if (number.is(Kind::float64)) return double_value(-number.as_double(), span, arena);
  const std::string text = number_text(number);
  if (text == "0") return arena.floating(-0.0, span);
  return number_value(text[0] == '-' ? text.substr(1) : "-" + text, span, arena);
}

namespace {
// The number without its fraction, and one more or less when a fraction was cut off on the wrong side.
Value rounded(Value number, bool up, Span span, Arena& arena) {
  if (is_whole(number) || infinite(number)) return number;
  const std::string text = exact_text(number);
  const bool negative = text[0] == '-';
  const std::string integer = text.substr(0, text.find('.'));
  const Value cut = integer == "-0" ? arena.integer(0, span) : parse_number(integer, span, arena);
  if (negative == up) return cut;
  std::string error;
  return calculate(up ? Operator::add : Operator::subtract, cut, arena.integer(1, {}), span, arena, error);
}
}  // namespace

Value floor_of(Value number, Span span, Arena& arena) { return rounded(number, false, span, arena); }
Value ceil_of(Value number, Span span, Arena& arena) { return rounded(number, true, span, arena); }

}  // namespace assay::terraform

#include "parsers/hcl/number.hpp"

#include <charconv>
#include <exception>

#include <boost/multiprecision/cpp_bin_float.hpp>

namespace assay::hcl {
namespace {

using Float = boost::multiprecision::number<
    boost::multiprecision::cpp_bin_float<512, boost::multiprecision::digit_base_2>, boost::multiprecision::et_off>;

constexpr int max_exponent = 4000;   // decimal; keeps time and text bounded
constexpr std::size_t max_digits = 5000;

bool digits(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text)
    if (c < '0' || c > '9') return false;
  return true;
}

std::string check(std::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  if (text.size() > max_digits) return "the number has too many digits: write at most 5000";
  std::string_view exponent;
  if (const auto e = text.find_first_of("eE"); e != std::string_view::npos) {
    exponent = text.substr(e + 1);
    text = text.substr(0, e);
    if (!exponent.empty() && (exponent[0] == '+' || exponent[0] == '-')) exponent.remove_prefix(1);
    int value = 0;
    if (!digits(exponent)) return "not a number";
    if (std::from_chars(exponent.data(), exponent.data() + exponent.size(), value).ec != std::errc() || value > max_exponent)
      return "the number is out of range: its exponent must lie between -4000 and 4000";
  }
  const auto dot = text.find('.');
  if (!digits(text.substr(0, dot))) return "not a number";
  if (dot != std::string_view::npos && !digits(text.substr(dot + 1))) return "not a number";
  return {};
}

// Scientific notation to plain digits.
std::string plain(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  int exponent = 0;
  if (const auto e = text.find('e'); e != std::string_view::npos) {
    std::string_view power = text.substr(e + 1);
    if (power.starts_with('+')) power.remove_prefix(1);
    std::from_chars(power.data(), power.data() + power.size(), exponent);
    text = text.substr(0, e);
  }
  std::string all;
  for (const char c : text)
    if (c != '.') all += c;
  // Scientific: the point stands after the first digit.
  const int point = 1 + exponent;
  std::string out;
  if (point <= 0) {
    out = "0." + std::string(static_cast<std::size_t>(-point), '0') + all;
  } else if (static_cast<std::size_t>(point) >= all.size()) {
    out = all + std::string(static_cast<std::size_t>(point) - all.size(), '0');
  } else {
    out = all.substr(0, static_cast<std::size_t>(point)) + "." + all.substr(static_cast<std::size_t>(point));
  }
  if (out.find('.') != std::string::npos) {
    while (out.back() == '0') out.pop_back();
    if (out.back() == '.') out.pop_back();
  }
  return negative && out != "0" ? "-" + out : out;
}

// The least number of digits that reads back as the same number. More digits are never farther away, so
// that the search may halve.
Number format(const Float& value) {
  if (!(boost::multiprecision::isfinite)(value)) return {"", "the result is not a finite number"};
  if (value == 0) return {"0", ""};
  const Float size = abs(value);
  if (size > Float("1e8000") || size < Float("1e-8000")) return {"", "the result is out of range"};
  int low = 1, high = 157;
  while (low < high) {
    const int middle = (low + high) / 2;
    if (Float(value.str(middle - 1, std::ios_base::scientific | std::ios_base::fmtflags{})) == value) high = middle;
    else low = middle + 1;
  }
  return {plain(low == 1 ? value.str(1, std::ios_base::scientific) : value.str(low - 1, std::ios_base::scientific)), ""};
}

bool small(std::string_view text, std::int64_t& out) {
  if (text.size() > 9) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Number read_number(std::string_view text) {
  if (std::int64_t value = 0; small(text, value)) return {std::to_string(value), ""};
  if (std::string wrong = check(text); !wrong.empty()) return {"", std::move(wrong)};
  try {
    return format(Float(std::string(text)));
  } catch (const std::exception&) {
    return {"", "not a number"};
  }
}

Number calculate(Operator op, std::string_view left, std::string_view right) {
  std::int64_t a = 0, b = 0;
  const bool both = small(left, a) && small(right, b);
  if (both && op == Operator::add) return {std::to_string(a + b), ""};
  if (both && op == Operator::subtract) return {std::to_string(a - b), ""};
  if (both && op == Operator::multiply) return {std::to_string(a * b), ""};
  try {
    const Float x{std::string(left)}, y{std::string(right)};
    if (op == Operator::add) return format(x + y);
    if (op == Operator::subtract) return format(x - y);
    if (op == Operator::multiply) return format(x * y);
    if (y == 0) return {"", "division by zero: guard it with a condition"};
    if (op == Operator::divide) return format(x / y);
    if (op == Operator::modulo) return format(x - trunc(Float(x / y)) * y);
  } catch (const std::exception&) {
  }
  return {"", "the result is not a number"};
}

std::string exact_digits(std::string_view text) {
  if (text.find('.') == std::string_view::npos) return std::string(text);
  try {
    return plain(Float(std::string(text)).str(1400, std::ios_base::scientific));
  } catch (const std::exception&) {
    return std::string(text);
  }
}

int compare(std::string_view left, std::string_view right) {
  std::int64_t a = 0, b = 0;
  if (small(left, a) && small(right, b)) return a < b ? -1 : a > b;
  if (left == right) return 0;
  try {
    const Float x{std::string(left)}, y{std::string(right)};
    return x < y ? -1 : x > y;
  } catch (const std::exception&) {
    return left < right ? -1 : 1;
  }
}

}  // namespace assay::hcl

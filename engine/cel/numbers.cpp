#include "engine/cel/numbers.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace assay::cel {

namespace {

constexpr double two_63 = 9223372036854775808.0;
constexpr double two_64 = 18446744073709551616.0;

// As cel-go, and as the conformance suite's "lossy" cases ask: a whole number is compared as the nearest double.
std::partial_ordering compare_int_double(std::int64_t left, double right) { return static_cast<double>(left) <=> right; }
std::partial_ordering compare_uint_double(std::uint64_t left, double right) {
  return static_cast<double>(left) <=> right;
}
std::partial_ordering reverse(std::partial_ordering order) { return 0 <=> order; }

}  // namespace

std::partial_ordering compare_numbers(const Val& left, const Val& right) {
  if (left.is(ValKind::int64)) {
    if (right.is(ValKind::int64)) return left.int64 <=> right.int64;
    if (right.is(ValKind::uint64)) {
      if (left.int64 < 0) return std::partial_ordering::less;
      return static_cast<std::uint64_t>(left.int64) <=> right.uint64;
    }
    return compare_int_double(left.int64, right.float64);
  }
  if (left.is(ValKind::uint64)) {
    if (right.is(ValKind::uint64)) return left.uint64 <=> right.uint64;
    if (right.is(ValKind::int64)) return reverse(compare_numbers(right, left));
    return compare_uint_double(left.uint64, right.float64);
  }
  if (right.is(ValKind::float64)) return left.float64 <=> right.float64;
  return reverse(compare_numbers(right, left));
}

std::optional<std::int64_t> exact_int(double value) {
  if (!(value >= -two_63 && value < two_63) || std::trunc(value) != value) return {};
  return static_cast<std::int64_t>(value);
}
std::optional<std::uint64_t> exact_uint(double value) {
  if (!(value >= 0 && value < two_64) || std::trunc(value) != value) return {};
  return static_cast<std::uint64_t>(value);
}
// cel-spec (conversions): the ends themselves are out of range, as -2^63 as a double may have been rounded.
std::optional<std::int64_t> truncate_to_int(double value) {
  if (!(value > -two_63 && value < two_63)) return {};
  return static_cast<std::int64_t>(value);
}
std::optional<std::uint64_t> truncate_to_uint(double value) {
  if (!(value >= 0 && value < two_64)) return {};
  return static_cast<std::uint64_t>(value);
}

namespace {

template <class T>
std::optional<T> parse_integer(std::string_view text) {
  // from_chars takes no plus sign; Go's ParseInt does.
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return {};
  return value;
}

}  // namespace

std::optional<std::int64_t> parse_int(std::string_view text) { return parse_integer<std::int64_t>(text); }
std::optional<std::uint64_t> parse_uint(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) return {};
  return parse_integer<std::uint64_t>(text);
}
std::optional<double> parse_double(std::string_view text) {
  bool negative = false;
  std::string_view digits = text;
  if (!digits.empty() && (digits[0] == '+' || digits[0] == '-')) {
    negative = digits[0] == '-';
    digits.remove_prefix(1);
  }
  const auto is_word = [&](std::string_view word) {
    if (digits.size() != word.size()) return false;
    for (std::size_t i = 0; i < word.size(); ++i)
      if ((digits[i] | 0x20) != word[i]) return false;
    return true;
  };
  if (is_word("nan") && digits.size() == text.size()) return std::numeric_limits<double>::quiet_NaN();
  if (is_word("inf") || is_word("infinity"))
    return negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
  if (digits.empty() || !((digits[0] >= '0' && digits[0] <= '9') || digits[0] == '.')) return {};
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (end != digits.data() + digits.size()) return {};
  if (error == std::errc::result_out_of_range) {
    // Too small is zero; too large is out of range.
    const std::string copy(digits);
    value = std::strtod(copy.c_str(), nullptr);
    if (std::isinf(value)) return {};
  } else if (error != std::errc()) {
    return {};
  }
  return negative ? -value : value;
}

std::string format_double(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Inf" : "+Inf";
  char buffer[64];
  const char* const end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  std::string_view text(buffer, static_cast<std::size_t>(end - buffer));  // -d.ddde+XX
  const std::size_t mark = text.find('e');
  const int exponent = std::atoi(std::string(text.substr(mark + 1)).c_str());
  // Go's strconv: the shortest form takes an exponent below -4 and from 6 on.
  if (exponent < -4 || exponent >= 6) return std::string(text);
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed).ptr};
}

std::size_t count_code_points(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return count;
}

bool valid_utf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) { ++i; continue; }
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || i + length > text.size()) return false;
    std::uint32_t point = lead & (0xff >> (length + 1));
    for (std::size_t k = 1; k < length; ++k) {
      const auto byte = static_cast<unsigned char>(text[i + k]);
      if ((byte & 0xc0) != 0x80) return false;
      point = point << 6 | (byte & 0x3f);
    }
    if ((length == 3 && (point < 0x800 || (point >= 0xd800 && point < 0xe000))) ||
        (length == 4 && (point < 0x10000 || point > 0x10ffff)))
      return false;
    i += length;
  }
  return true;
}

}  // namespace assay::cel

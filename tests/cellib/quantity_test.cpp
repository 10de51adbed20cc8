// Quantities against exact decimals that are slow and obvious: a text of digits and a position of the point.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "engine/cel/libraries/quantity.hpp"

namespace {

using assay::Quantity;

// ±digits × 10^-places, with a fixed, ample number of places.
constexpr int kPlaces = 40;

struct Decimal {
  bool negative = false;
  std::string digits;  // the last kPlaces of them are decimals
};

std::string trimmed(std::string digits) {
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  return digits;
}
std::string sum(std::string a, std::string b) {
  const std::size_t size = std::max(a.size(), b.size()) + 1;
  a.insert(0, size - a.size(), '0');
  b.insert(0, size - b.size(), '0');
  int carry = 0;
  for (std::size_t i = size; i-- > 0;) {
    carry += (a[i] - '0') + (b[i] - '0');
    a[i] = static_cast<char>('0' + carry % 10);
    carry /= 10;
  }
  return trimmed(a);
}
int order(const std::string& a, const std::string& b) {
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
std::string difference(std::string a, std::string b) {  // a is not less
  b.insert(0, a.size() - b.size(), '0');
  int borrow = 0;
  for (std::size_t i = a.size(); i-- > 0;) {
    int d = (a[i] - '0') - (b[i] - '0') - borrow;
    borrow = d < 0;
    a[i] = static_cast<char>('0' + (d + 10) % 10);
  }
  return trimmed(a);
}
int order(const Decimal& a, const Decimal& b) {
  const bool a_minus = a.negative && !a.digits.empty(), b_minus = b.negative && !b.digits.empty();
  if (a_minus != b_minus) return a_minus ? -1 : 1;
  return a_minus ? order(b.digits, a.digits) : order(a.digits, b.digits);
}
Decimal plus(const Decimal& a, const Decimal& b) {
  if (a.negative == b.negative) return {a.negative, sum(a.digits, b.digits)};
  if (order(a.digits, b.digits) >= 0) return {a.negative, difference(a.digits, b.digits)};
  return {b.negative, difference(b.digits, a.digits)};
}
Decimal minus(const Decimal& a, Decimal b) {
  b.negative = !b.negative;
  return plus(a, b);
}

// The number that a quantity's text stands for, by doubling and appending zeros.
Decimal value_of(const std::string& text) {
  static const std::map<std::string, int> tens = {{"", 0}, {"n", -9}, {"u", -6}, {"m", -3}, {"k", 3}, {"M", 6}, {"G", 9}, {"T", 12}, {"P", 15}, {"E", 18}};
  static const std::map<std::string, int> twos = {{"Ki", 10}, {"Mi", 20}, {"Gi", 30}, {"Ti", 40}, {"Pi", 50}, {"Ei", 60}};
  Decimal value;
  std::size_t at = 0;
  if (text[0] == '-' || text[0] == '+') value.negative = text[at++] == '-';
  int places = -1;
  for (; at < text.size() && (std::isdigit(static_cast<unsigned char>(text[at])) || text[at] == '.'); ++at) {
    if (text[at] == '.') places = 0;
    else {
      value.digits += text[at];
      if (places >= 0) ++places;
    }
  }
  const std::string suffix = text.substr(at);
  int exponent = -std::max(places, 0), doublings = 0;
  if (tens.contains(suffix)) exponent += tens.at(suffix);
  else if (twos.contains(suffix)) doublings = twos.at(suffix);
  else exponent += std::stoi(suffix.substr(1));
  value.digits.append(static_cast<std::size_t>(kPlaces + exponent), '0');
  value.digits = trimmed(value.digits);
  for (; doublings > 0; --doublings) value.digits = sum(value.digits, value.digits);
  return value;
}

std::string random_text(std::mt19937& random) {
  static const std::vector<std::string> suffixes = {"", "", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "e3", "e-3", "E6", "e2"};
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  std::string text = below(3) == 0 ? "-" : "";
  const std::string suffix = suffixes[static_cast<std::size_t>(below(static_cast<int>(suffixes.size())))];
  // Few enough digits that nothing is rounded or capped: those are the recorded cases' concern.
  const int whole = 1 + below(suffix.ends_with('i') ? 8 : below(4) == 0 ? 24 : 9), decimals = suffix == "n" || suffix.ends_with('i') ? 0 : below(4);
  for (int i = 0; i < whole; ++i) text += static_cast<char>('0' + below(10));
  if (decimals > 0 && (suffix.empty() || suffix == "m" || suffix == "u" || suffix[0] != 'n')) text += '.';
  for (int i = 0; i < decimals; ++i) text += static_cast<char>('0' + below(10));
  return text + suffix;
}

}  // namespace

TEST_CASE("quantities compute exactly", "[cellib]") {
  std::mt19937 random(20260101);
  for (int round = 0; round < 20000; ++round) {
    const std::string left = random_text(random), right = random_text(random);
    INFO(left << " and " << right);
    const auto a = Quantity::parse(left), b = Quantity::parse(right);
    REQUIRE((a && b));
    const Decimal x = value_of(left), y = value_of(right);
    REQUIRE(order(value_of(a->text()), x) == 0);
    REQUIRE(compare(*a, *b) == order(x, y));
    const auto total = Quantity::add(*a, *b), rest = Quantity::subtract(*a, *b);
    REQUIRE((total && rest));
    INFO("sum " << total->text() << ", difference " << rest->text());
    REQUIRE(order(value_of(total->text()), plus(x, y)) == 0);
    REQUIRE(order(value_of(rest->text()), minus(x, y)) == 0);
    // Canonical: reading it back and writing it again changes nothing (not so for binary suffixes: capped when read, and not kept by small sums).
    if (total->format() != assay::QuantityFormat::binary) REQUIRE(Quantity::parse(total->text())->text() == total->text());
  }
}

TEST_CASE("quantities of absurd size end quickly", "[cellib]") {
  const auto huge = Quantity::parse("1e2000000000"), tiny = Quantity::parse("1n");
  REQUIRE((huge && tiny));
  CHECK(compare(*huge, *tiny) == 1);
  CHECK_FALSE(Quantity::add(*huge, *tiny));
  CHECK_FALSE(huge->integer());
  CHECK_FALSE(Quantity::parse("1234567890123456789012e2000000000"));
  CHECK(Quantity::parse("0e2000000000")->integer() == 0);
  CHECK_FALSE(Quantity::parse(std::string(100000, '9')));
}

TEST_CASE("scaled values round up", "[cellib]") {
  CHECK(Quantity::parse("100m")->scaled_value(0) == 1);
  CHECK(Quantity::parse("1.5")->scaled_value(-3) == 1500);
  CHECK(Quantity::parse("1Ki")->scaled_value(0) == 1024);
  CHECK(Quantity::parse("-1.5")->scaled_value(0) == -2);
  CHECK_FALSE(Quantity::parse("1e30")->scaled_value(0));
}

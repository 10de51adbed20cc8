#include "engine/cel/libraries/quantity.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <limits>

namespace assay {

// ---------------------------------------------------------------- whole numbers

namespace {

// Digits are grouped by nine while multiplying and dividing.
constexpr std::uint32_t kGroup = 1'000'000'000;
constexpr std::size_t kMostDigits = 20'000;

std::string_view without_leading_zeros(std::string_view digits) {
  const std::size_t first = digits.find_first_not_of('0');
  return first == std::string_view::npos ? std::string_view() : digits.substr(first);
}

}  // namespace

BigNatural::BigNatural(std::uint64_t value) : digits_(value ? std::to_string(value) : std::string()) {}
BigNatural::BigNatural(std::string_view digits) : digits_(without_leading_zeros(digits)) {}

void BigNatural::multiply(std::uint64_t factor) {
  unsigned __int128 carry = 0;
  std::string out;
  for (std::size_t end = digits_.size(); end > 0;) {
    const std::size_t begin = end > 9 ? end - 9 : 0;
    std::uint32_t group = 0;
    for (std::size_t i = begin; i < end; ++i) group = group * 10 + static_cast<std::uint32_t>(digits_[i] - '0');
    carry += static_cast<unsigned __int128>(group) * factor;
    auto low = static_cast<std::uint32_t>(carry % kGroup);
    carry /= kGroup;
    for (int i = 0; i < 9; ++i, low /= 10) out += static_cast<char>('0' + low % 10);
    end = begin;
  }
  for (; carry > 0; carry /= 10) out += static_cast<char>('0' + static_cast<int>(carry % 10));
  std::reverse(out.begin(), out.end());
  digits_ = without_leading_zeros(out);
}

void BigNatural::append_zeros(std::size_t count) {
  if (!zero()) digits_.append(count, '0');
}

std::uint32_t BigNatural::divide(std::uint32_t divisor) {
  std::uint64_t remainder = 0;
  for (char& digit : digits_) {
    remainder = remainder * 10 + static_cast<std::uint64_t>(digit - '0');
    digit = static_cast<char>('0' + remainder / divisor);
    remainder %= divisor;
  }
  digits_ = std::string(without_leading_zeros(digits_));
  return static_cast<std::uint32_t>(remainder);
}

bool BigNatural::drop_digits(std::size_t count) {
  const std::size_t kept = digits_.size() > count ? digits_.size() - count : 0;
  const bool inexact = digits_.find_first_not_of('0', kept) != std::string::npos;
  digits_.resize(kept);
  return inexact;
}

void BigNatural::increment() {
  for (std::size_t i = digits_.size(); i-- > 0;) {
    if (digits_[i] != '9') {
      ++digits_[i];
      return;
    }
    digits_[i] = '0';
  }
  digits_.insert(digits_.begin(), '1');
}

BigNatural operator+(const BigNatural& left, const BigNatural& right) {
  std::string out;
  int carry = 0;
  for (std::size_t i = 0; i < std::max(left.digits_.size(), right.digits_.size()) || carry; ++i) {
    const auto digit = [i](const std::string& digits) { return i < digits.size() ? digits[digits.size() - 1 - i] - '0' : 0; };
    carry += digit(left.digits_) + digit(right.digits_);
    out += static_cast<char>('0' + carry % 10);
    carry /= 10;
  }
  std::reverse(out.begin(), out.end());
  return BigNatural(std::string_view(out));
}

BigNatural operator-(const BigNatural& left, const BigNatural& right) {
  std::string out;
  int borrow = 0;
  for (std::size_t i = 0; i < left.digits_.size(); ++i) {
    const auto digit = [i](const std::string& digits) { return i < digits.size() ? digits[digits.size() - 1 - i] - '0' : 0; };
    int difference = digit(left.digits_) - digit(right.digits_) - borrow;
    borrow = difference < 0 ? 1 : 0;
    if (difference < 0) difference += 10;
    out += static_cast<char>('0' + difference);
  }
  std::reverse(out.begin(), out.end());
  return BigNatural(std::string_view(out));
}

int compare(const BigNatural& left, const BigNatural& right) {
  if (left.digits_.size() != right.digits_.size()) return left.digits_.size() < right.digits_.size() ? -1 : 1;
  const int order = left.digits_.compare(right.digits_);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

// ---------------------------------------------------------------- suffixes

namespace {

struct Suffix {
  std::string_view text;
  int base, exponent;
  QuantityFormat format;
};
constexpr Suffix kSuffixes[] = {
    {"", 10, 0, QuantityFormat::decimal},   {"n", 10, -9, QuantityFormat::decimal}, {"u", 10, -6, QuantityFormat::decimal},
    {"m", 10, -3, QuantityFormat::decimal}, {"k", 10, 3, QuantityFormat::decimal},  {"M", 10, 6, QuantityFormat::decimal},
    {"G", 10, 9, QuantityFormat::decimal},  {"T", 10, 12, QuantityFormat::decimal}, {"P", 10, 15, QuantityFormat::decimal},
    {"E", 10, 18, QuantityFormat::decimal}, {"Ki", 2, 10, QuantityFormat::binary},  {"Mi", 2, 20, QuantityFormat::binary},
    {"Gi", 2, 30, QuantityFormat::binary},  {"Ti", 2, 40, QuantityFormat::binary},  {"Pi", 2, 50, QuantityFormat::binary},
    {"Ei", 2, 60, QuantityFormat::binary},
};

bool interpret_suffix(std::string_view text, Suffix& out) {
  for (const Suffix& suffix : kSuffixes) {
    if (suffix.text != text) continue;
    out = suffix;
    return true;
  }
  if (text.size() < 2 || (text[0] != 'e' && text[0] != 'E')) return false;
  std::string_view number = text.substr(1);
  if (number[0] == '+') number.remove_prefix(1);
  if (number.empty() || (text[1] == '+' && number[0] == '-')) return false;
  std::int64_t exponent = 0;
  const auto [end, failure] = std::from_chars(number.data(), number.data() + number.size(), exponent);
  if (failure != std::errc() || end != number.data() + number.size()) return false;
  // Cut to 32 bits, as the API server does.
  out = {text, 10, static_cast<std::int32_t>(static_cast<std::uint32_t>(exponent)), QuantityFormat::decimal_exponent};
  return true;
}

// An exponent without a suffix has none written: that is what the API server does with amounts beyond E.
std::string suffix_of(int base, int exponent, QuantityFormat format) {
  if (format == QuantityFormat::decimal_exponent) return exponent == 0 ? std::string() : "e" + std::to_string(exponent);
  for (const Suffix& suffix : kSuffixes)
    if (suffix.base == base && suffix.exponent == exponent && suffix.format == format) return std::string(suffix.text);
  return {};
}

std::int32_t wrapped(std::int64_t value) { return static_cast<std::int32_t>(static_cast<std::uint32_t>(value)); }

// ---------------------------------------------------------------- reading

struct Pieces {
  bool positive = true;
  std::string_view value, whole, fraction, suffix;
};

bool digit(char c) { return c >= '0' && c <= '9'; }

// The grammar of the API server's reader, which is wider than it looks: "", ".", "-" before a suffix are zero.
bool split(std::string_view text, Pieces& parts) {
  std::size_t at = 0;
  const std::size_t end = text.size();
  if (text[0] == '-' || text[0] == '+') {
    parts.positive = text[0] == '+';
    ++at;
  }
  while (at < end && text[at] == '0') ++at;
  if (at == end) {
    parts.whole = parts.value = "0";
    return true;
  }
  std::size_t begin = at;
  while (at < end && digit(text[at])) ++at;
  parts.whole = text.substr(begin, at - begin);
  if (at == end) {
    parts.value = text;
    return true;
  }
  if (parts.whole.empty()) parts.whole = "0";
  if (text[at] == '.') {
    begin = ++at;
    while (at < end && digit(text[at])) ++at;
    parts.fraction = text.substr(begin, at - begin);
  }
  parts.value = text.substr(0, at);
  begin = at;
  while (at < end && std::string_view("eEinumkKMGTP").find(text[at]) != std::string_view::npos) ++at;
  if (at < end && (text[at] == '-' || text[at] == '+')) ++at;
  while (at < end && digit(text[at])) ++at;
  parts.suffix = text.substr(begin, at - begin);
  return at == end;
}

std::optional<std::int64_t> multiplied(std::int64_t left, std::int64_t right) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(left, right, &product)) return std::nullopt;
  return product;
}

// value × 10^scale
std::optional<std::int64_t> scaled_up(std::int64_t value, std::int64_t scale) {
  if (value == 0) return 0;
  for (; scale > 0; --scale) {
    const auto next = multiplied(value, 10);
    if (!next) return std::nullopt;
    value = *next;
  }
  return value;
}

std::uint64_t magnitude(std::int64_t value) {
  return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

constexpr char kFormatWrong[] =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
constexpr char kNumericWrong[] = "unable to parse numeric part of quantity";
constexpr char kSuffixWrong[] = "unable to parse quantity's suffix";

}  // namespace

// Reaches into both representations.
struct QuantityMaker {
  struct Exact {
    bool negative = false;
    BigNatural digits;
    std::int64_t scale = 0;
  };
  static Exact exact(const Quantity& q) {
    if (q.big_) return {q.negative_, q.digits_, q.scale_};
    return {q.value_ < 0, BigNatural(magnitude(q.value_)), q.scale_};
  }
  static Quantity small(std::int64_t value, std::int32_t scale, QuantityFormat format) {
    Quantity q;
    q.value_ = value;
    q.scale_ = scale;
    q.format_ = format;
    return q;
  }
  static Quantity large(Exact amount, QuantityFormat format) {
    Quantity q;
    q.big_ = true;
    q.negative_ = amount.negative && !amount.digits.zero();
    q.digits_ = std::move(amount.digits);
    q.scale_ = static_cast<std::int32_t>(amount.scale);
    q.format_ = format;
    return q;
  }
  static Quantity kept(Quantity q, std::string_view text) {
    q.kept_ = text;
    return q;
  }
  // To a coarser or finer scale, rounding away from zero. False when that would take too many digits.
  static bool rescale(Exact& amount, std::int64_t scale) {
    if (amount.scale > scale) {
      if (amount.digits.zero()) {
        amount.scale = scale;
        return true;
      }
      if (static_cast<std::uint64_t>(amount.scale - scale) + amount.digits.digits().size() > kMostDigits) return false;
      amount.digits.append_zeros(static_cast<std::size_t>(amount.scale - scale));
    } else if (amount.scale < scale) {
      if (amount.digits.drop_digits(static_cast<std::size_t>(scale - amount.scale))) amount.digits.increment();
    }
    amount.scale = scale;
    return true;
  }
  static std::optional<Quantity> sum(const Quantity& left, const Quantity& right, bool subtract, QuantityFormat format) {
    Exact a = exact(left), b = exact(right);
    if (subtract) b.negative = !b.negative;
    const std::int64_t scale = std::min(a.scale, b.scale);
    if (!rescale(a, scale) || !rescale(b, scale)) return std::nullopt;
    Exact result;
    result.scale = scale;
    if (a.negative == b.negative) {
      result.negative = a.negative;
      result.digits = a.digits + b.digits;
    } else {
      const bool left_larger = compare(a.digits, b.digits) >= 0;
      result.negative = left_larger ? a.negative : b.negative;
      result.digits = left_larger ? a.digits - b.digits : b.digits - a.digits;
    }
    return large(std::move(result), format);
  }
  // The sum of two small amounts while it stays small.
  static std::optional<Quantity> small_sum(const Quantity& left, std::int64_t right_value, std::int32_t right_scale, QuantityFormat format) {
    if (right_value == 0) return small(left.value_, left.scale_, format);
    if (left.value_ == 0) return small(right_value, right_scale, format);
    const std::int32_t scale = std::min(left.scale_, right_scale);
    const auto a = scaled_up(left.value_, static_cast<std::int64_t>(left.scale_) - scale);
    const auto b = scaled_up(right_value, static_cast<std::int64_t>(right_scale) - scale);
    std::int64_t total = 0;
    if (!a || !b || __builtin_add_overflow(*a, *b, &total)) return std::nullopt;
    return small(total, scale, format);
  }
};

Quantity Quantity::of(std::int64_t value, QuantityFormat format) { return QuantityMaker::small(value, 0, format); }

std::optional<Quantity> Quantity::parse(std::string_view text, std::string* error) {
  const auto fail = [&](const char* why) {
    if (error) *error = why;
    return std::nullopt;
  };
  if (text.empty()) return fail(kFormatWrong);
  if (text == "0") return QuantityMaker::kept(Quantity::of(0), text);
  if (text.size() > kMostDigits) return fail(kNumericWrong);
  Pieces parts;
  if (!split(text, parts)) return fail(kFormatWrong);
  Suffix suffix{};
  if (!interpret_suffix(parts.suffix, suffix)) return fail(kSuffixWrong);

  const auto whole_size = static_cast<std::int32_t>(parts.whole.size()), fraction_size = static_cast<std::int32_t>(parts.fraction.size());
  std::int32_t precision = 0, scale = 0;
  std::int64_t mantissa = 1;
  if (suffix.base == 10) {
    scale = suffix.exponent;
    precision = 18 - (whole_size + fraction_size);
  } else if (parts.fraction.empty()) {
    mantissa = std::int64_t{1} << suffix.exponent;
    precision = 15 - whole_size - suffix.exponent * 3 / 10 - 1;
  } else {
    precision = -1;
  }
  // What surely fits 64 bits.
  if (precision >= 0) {
    scale = wrapped(static_cast<std::int64_t>(scale) - fraction_size);
    if (scale >= -9) {
      const std::string shifted = std::string(parts.whole) + std::string(parts.fraction);
      std::int64_t value = 0;
      const auto [end, failure] = std::from_chars(shifted.data(), shifted.data() + shifted.size(), value);
      if (failure != std::errc() || end != shifted.data() + shifted.size()) return fail(kNumericWrong);
      if (const auto product = multiplied(value, mantissa)) {
        const Quantity result = QuantityMaker::small(parts.positive ? *product : -*product, scale, suffix.format);
        const bool keep = suffix.format == QuantityFormat::binary
                              ? suffix.exponent % 10 == 0 && (value & 7) != 0
                              : scale % 3 == 0 && !shifted.ends_with("000") && shifted[0] != '0';
        return keep ? QuantityMaker::kept(result, text) : result;
      }
    }
  }

  // The rest: exactly, then rounded up to billionths.
  QuantityMaker::Exact amount;
  std::string digits;
  std::copy_if(parts.value.begin(), parts.value.end(), std::back_inserter(digits), digit);
  if (digits.empty()) return fail(kNumericWrong);
  amount.digits = BigNatural(std::string_view(digits));
  amount.scale = -fraction_size;
  QuantityFormat format = suffix.format;
  if (suffix.base == 10) {
    amount.scale = wrapped(amount.scale + suffix.exponent);
  } else {
    amount.digits.multiply(std::uint64_t{1} << suffix.exponent);
  }
  if (!amount.digits.zero() && !QuantityMaker::rescale(amount, -9)) return fail(kNumericWrong);
  if (format == QuantityFormat::binary && !amount.digits.zero()) {
    static const BigNatural most = [] {
      BigNatural n(static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
      n.append_zeros(9);
      return n;
    }();
    static const BigNatural one{std::uint64_t{1'000'000'000}};
    if (compare(amount.digits, most) > 0) {
      amount.digits = BigNatural(static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
      amount.scale = 0;
    } else if (compare(amount.digits, one) < 0) {
      format = QuantityFormat::decimal;
    }
  }
  amount.negative = !parts.positive;
  return QuantityMaker::large(std::move(amount), format);
}

Quantity::Parts Quantity::parts() const {
  return {value_, scale_, big_, negative_, format_, digits_.digits(), kept_};
}

Quantity Quantity::from(const Parts& parts) {
  Quantity q;
  q.value_ = parts.value;
  q.scale_ = parts.scale;
  q.big_ = parts.big;
  q.negative_ = parts.negative;
  q.format_ = parts.format;
  if (parts.big) q.digits_ = BigNatural(parts.digits);
  q.kept_ = parts.kept;
  return q;
}

// ---------------------------------------------------------------- asking

int Quantity::sign() const {
  if (big_) return digits_.zero() ? 0 : negative_ ? -1 : 1;
  return value_ > 0 ? 1 : value_ < 0 ? -1 : 0;
}

std::optional<std::int64_t> Quantity::integer() const {
  if (big_ || scale_ < 0) return std::nullopt;
  return scaled_up(value_, scale_);
}

double Quantity::approximate() const {
  double base = 0;
  if (big_) {
    base = std::strtod(digits_.zero() ? "0" : digits_.digits().c_str(), nullptr);
    if (negative_) base = -base;
  } else {
    base = static_cast<double>(value_);
  }
  if (scale_ == 0) return base;
  // Powers of ten as Go's math.Pow10 makes them, so that the last bit agrees.
  static constexpr double kTens[] = {1e00, 1e01, 1e02, 1e03, 1e04, 1e05, 1e06, 1e07, 1e08, 1e09, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22, 1e23, 1e24, 1e25, 1e26, 1e27, 1e28, 1e29, 1e30, 1e31};
  static constexpr double kUp[] = {1e00, 1e32, 1e64, 1e96, 1e128, 1e160, 1e192, 1e224, 1e256, 1e288};
  static constexpr double kDown[] = {1e-00, 1e-32, 1e-64, 1e-96, 1e-128, 1e-160, 1e-192, 1e-224, 1e-256, 1e-288, 1e-320};
  double power = 0;
  if (scale_ > 308) {
    power = std::numeric_limits<double>::infinity();
  } else if (scale_ >= 0) {
    power = kUp[scale_ / 32] * kTens[scale_ % 32];
  } else if (scale_ >= -323) {
    power = kDown[-scale_ / 32] / kTens[-scale_ % 32];
  }
  return base * power;
}

int compare(const Quantity& left, const Quantity& right) {
  if (left.sign() != right.sign()) return left.sign() < right.sign() ? -1 : 1;
  if (left.sign() == 0) return 0;
  const QuantityMaker::Exact a = QuantityMaker::exact(left), b = QuantityMaker::exact(right);
  const int positive = left.sign();
  // By the place of the first digit, then digit by digit: no scale is too far apart.
  const std::int64_t a_top = a.scale + static_cast<std::int64_t>(a.digits.digits().size());
  const std::int64_t b_top = b.scale + static_cast<std::int64_t>(b.digits.digits().size());
  if (a_top != b_top) return a_top < b_top ? -positive : positive;
  const std::string &x = a.digits.digits(), &y = b.digits.digits();
  for (std::size_t i = 0; i < std::max(x.size(), y.size()); ++i) {
    const char p = i < x.size() ? x[i] : '0', q = i < y.size() ? y[i] : '0';
    if (p != q) return p < q ? -positive : positive;
  }
  return 0;
}

std::optional<std::int64_t> Quantity::scaled_value(int exponent) const {
  QuantityMaker::Exact amount = QuantityMaker::exact(*this);
  if (!QuantityMaker::rescale(amount, exponent)) return std::nullopt;
  if (amount.digits.zero()) return 0;
  const std::string text = (amount.negative ? "-" : "") + amount.digits.digits();
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc()) return std::nullopt;
  return value;
}

// ---------------------------------------------------------------- sums

std::optional<Quantity> Quantity::add(const Quantity& left, const Quantity& right) {
  const QuantityFormat format = left.zero() ? right.format_ : left.format_;
  if (!left.big_ && !right.big_)
    if (auto sum = QuantityMaker::small_sum(left, right.value_, right.scale_, format)) return sum;
  return QuantityMaker::sum(left, right, false, format);
}

std::optional<Quantity> Quantity::subtract(const Quantity& left, const Quantity& right) {
  const QuantityFormat format = left.zero() ? right.format_ : left.format_;
  if (!left.big_ && !right.big_ && right.value_ != std::numeric_limits<std::int64_t>::min())
    if (auto sum = QuantityMaker::small_sum(left, -right.value_, right.scale_, format)) return sum;
  return QuantityMaker::sum(left, right, true, format);
}

// ---------------------------------------------------------------- writing

std::string Quantity::text() const { return kept_.empty() ? canonical() : kept_; }

std::string Quantity::canonical() const {
  if (zero()) return "0";
  QuantityMaker::Exact amount = QuantityMaker::exact(*this);
  QuantityFormat format = format_;
  if (format == QuantityFormat::binary) {
    // Only whole numbers from 1024 on have a binary suffix.
    QuantityMaker::Exact whole = amount;
    const bool rescaled = QuantityMaker::rescale(whole, 0);
    const Quantity rounded = QuantityMaker::large(whole, format);
    const bool small = compare(*this, Quantity::of(-1024)) > 0 && compare(*this, Quantity::of(1024)) < 0;
    if (rescaled && !small && compare(rounded, *this) == 0) {
      int times = 0;
      for (BigNatural quotient = whole.digits; quotient.digits().size() > 3; ++times) {
        if (quotient.divide(1024) != 0) break;
        if (quotient.zero()) break;
        whole.digits = quotient;
      }
      return (amount.negative ? "-" : "") + whole.digits.digits() + suffix_of(2, times * 10, format);
    }
    format = QuantityFormat::decimal;
  }
  // All factors of ten go to the exponent, which then becomes a multiple of three.
  const std::string& digits = amount.digits.digits();
  const std::size_t zeros = digits.size() - 1 - digits.find_last_not_of('0');
  std::string number = digits.substr(0, digits.size() - zeros);
  std::int64_t exponent = amount.scale + static_cast<std::int64_t>(zeros);
  for (; exponent % 3 != 0; --exponent) number += '0';
  return (amount.negative ? "-" : "") + number + suffix_of(10, static_cast<int>(exponent), format);
}

}  // namespace assay

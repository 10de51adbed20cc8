// Amounts such as `500m`, `1.5Gi` and `12e6`: exact decimal arithmetic and the canonical form that the API
// server gives them (k8s.io/apimachinery pkg/api/resource). Small amounts are an integer and a power of ten;
// what does not fit is kept as decimal digits, and, as there, no longer counts as an integer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace assay {

// Which family of suffixes an amount is written in.
enum class QuantityFormat : std::uint8_t {
  decimal_exponent,  // 12e6
  binary,            // 12Mi
  decimal,           // 12M
};

// Whole numbers of any size, as far as exact decimals need them.
class BigNatural {
 public:
  BigNatural() = default;
  explicit BigNatural(std::uint64_t value);
  explicit BigNatural(std::string_view digits);  // decimal digits only
  bool zero() const { return digits_.empty(); }
  const std::string& digits() const { return digits_; }  // without leading zeros; empty for zero
  void multiply(std::uint64_t factor);
  void append_zeros(std::size_t count);             // × 10^count
  std::uint32_t divide(std::uint32_t divisor);      // gives the remainder
  bool drop_digits(std::size_t count);              // ÷ 10^count; whether anything but zeros was dropped
  void increment();
  friend BigNatural operator+(const BigNatural& left, const BigNatural& right);
  friend BigNatural operator-(const BigNatural& left, const BigNatural& right);  // left is not less
  friend int compare(const BigNatural& left, const BigNatural& right);

 private:
  std::string digits_;
};

class Quantity {
 public:
  Quantity() = default;
  static Quantity of(std::int64_t value, QuantityFormat format = QuantityFormat::decimal);
  // Empty where the text is no quantity; then `error`, if given, says why in the API server's words.
  static std::optional<Quantity> parse(std::string_view text, std::string* error = nullptr);

  std::string text() const;  // canonical, unless it was read in a form that is kept
  int sign() const;
  std::optional<std::int64_t> integer() const;
  double approximate() const;
  QuantityFormat format() const { return format_; }
  // Empty where the result would need more than some ten thousand digits.
  static std::optional<Quantity> add(const Quantity& left, const Quantity& right);
  static std::optional<Quantity> subtract(const Quantity& left, const Quantity& right);
  friend int compare(const Quantity& left, const Quantity& right);
  friend bool operator==(const Quantity& left, const Quantity& right) { return compare(left, right) == 0; }

  // value × 10^exponent; nullopt when it does not fit. For sums in a fixed unit: rounds up, as the API server does.
  std::optional<std::int64_t> scaled_value(int exponent) const;

  // The same without owning its texts, to be kept where nothing is destroyed.
  struct Parts {
    std::int64_t value;
    std::int32_t scale;
    bool big, negative;
    QuantityFormat format;
    std::string_view digits, kept;
  };
  Parts parts() const;  // views into this quantity
  static Quantity from(const Parts& parts);

 private:
  friend struct QuantityMaker;
  bool zero() const { return sign() == 0; }
  std::string canonical() const;

  // The amount: value × 10^scale, or, when `big`, ±digits × 10^scale.
  std::int64_t value_ = 0;
  std::int32_t scale_ = 0;
  bool big_ = false;
  bool negative_ = false;  // of a big one
  QuantityFormat format_ = QuantityFormat::decimal;
  BigNatural digits_;
  std::string kept_;  // the text it was read from, where that is canonical enough to be kept
};

}  // namespace assay

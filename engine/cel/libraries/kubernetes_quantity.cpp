// kubernetes.Quantity, as in the API server (pkg/cel/library/quantity.go).
#include "engine/cel/libraries/kubernetes.hpp"
#include "engine/cel/libraries/quantity.hpp"

namespace assay::cel::library {

namespace {

struct QuantityValue final : OpaqueBase {
  static constexpr Tag tag = Tag::quantity;
  static const Type* static_type() {
    static const Type type{TypeKind::opaque, "kubernetes.Quantity", {}};
    return &type;
  }
  Quantity::Parts parts;

  explicit QuantityValue(const Quantity::Parts& p) : parts(p) {}
  const Type* type() const override { return static_type(); }
  bool equals(const OpaqueBase& other) const override {
    const auto* quantity = as<QuantityValue>(other);
    return quantity && Quantity::from(quantity->parts) == Quantity::from(parts);
  }
  std::string text() const override { return "quantity(" + quoted(Quantity::from(parts).text()) + ")"; }
};

Quantity get(const Val& value) { return Quantity::from(as<QuantityValue>(value)->parts); }

Val made(Frame& frame, const Quantity& quantity) {
  Quantity::Parts parts = quantity.parts();
  parts.digits = frame.scratch->copy(parts.digits);
  parts.kept = frame.scratch->copy(parts.kept);
  if (!parts.digits.data() || !parts.kept.data()) return memory_error(frame);
  return opaque(frame, QuantityValue(parts));
}

Val parse(Frame& frame, Args args) {
  std::string error;
  const auto quantity = Quantity::parse(args[0].string(), &error);
  return quantity ? made(frame, *quantity) : make_error(frame, error);
}
Val is_quantity(Frame&, Args args) { return val_bool(Quantity::parse(args[0].string()).has_value()); }
Val sign(Frame&, Args args) { return val_int(get(args[0]).sign()); }
Val is_integer(Frame&, Args args) { return val_bool(get(args[0]).integer().has_value()); }
Val as_integer(Frame& frame, Args args) {
  const auto integer = get(args[0]).integer();
  return integer ? val_int(*integer) : make_error(frame, "cannot convert value to integer");
}
Val as_float(Frame&, Args args) { return val_double(get(args[0]).approximate()); }
Val is_less(Frame&, Args args) { return val_bool(compare(get(args[0]), get(args[1])) < 0); }
Val is_greater(Frame&, Args args) { return val_bool(compare(get(args[0]), get(args[1])) > 0); }
Val compare_to(Frame&, Args args) { return val_int(compare(get(args[0]), get(args[1]))); }

Quantity operand(const Val& value) {
  return value.is(ValKind::int64) ? Quantity::of(value.int64, QuantityFormat::decimal_exponent) : get(value);
}
Val sum(Frame& frame, const std::optional<Quantity>& result) {
  return result ? made(frame, *result) : make_error(frame, "quantities are too far apart to add");
}
Val add(Frame& frame, Args args) { return sum(frame, Quantity::add(get(args[0]), operand(args[1]))); }
Val subtract(Frame& frame, Args args) { return sum(frame, Quantity::subtract(get(args[0]), operand(args[1]))); }

}  // namespace

void add_quantity(Environment& environment) {
  const Types t(environment);
  const Type* quantity = t.table.opaque("kubernetes.Quantity");
  define(environment, "quantity", "an amount such as `500m`, `1.5Gi` or `12e6` from text",
         {global("string_to_quantity", {t.string}, quantity, parse, text_cost)});
  define(environment, "isQuantity", "whether text is an amount", {global("is_quantity_string", {t.string}, t.boolean, is_quantity, text_cost)});
  define(environment, "sign", "-1, 0 or 1", {global("quantity_sign", {quantity}, t.int64, sign)});
  define(environment, "isInteger", "whether asInteger works: the amount is a whole number of 64 bits", {member("quantity_is_integer", {quantity}, t.boolean, is_integer)});
  define(environment, "asInteger", "the amount as an int; an error where it is not one", {member("quantity_get_int", {quantity}, t.int64, as_integer)});
  define(environment, "asApproximateFloat", "the amount as a double, which may round it", {member("quantity_get_float", {quantity}, t.float64, as_float)});
  define(environment, "add", "the sum of two amounts", {member("quantity_add", {quantity, quantity}, quantity, add), member("quantity_add_int", {quantity, t.int64}, quantity, add)});
  define(environment, "sub", "the difference of two amounts", {member("quantity_sub", {quantity, quantity}, quantity, subtract), member("quantity_sub_int", {quantity, t.int64}, quantity, subtract)});
  define(environment, "isLessThan", "whether it is less than the other", {member("quantity_is_less_than", {quantity, quantity}, t.boolean, is_less)});
  define(environment, "isGreaterThan", "whether it is greater than the other", {member("quantity_is_greater_than", {quantity, quantity}, t.boolean, is_greater)});
  define(environment, "compareTo", "-1, 0 or 1 as it is less than, equal to or greater than the other", {member("quantity_compare_to", {quantity, quantity}, t.int64, compare_to)});
}

}  // namespace assay::cel::library

// Terraform's numbers as engine values: int64 where the number is one, float64 where a function computed in
// doubles (also infinite), else exact decimal text (parsers/hcl/number.hpp does the arithmetic on those).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/value.hpp"
#include "parsers/hcl/ast.hpp"

namespace assay::terraform {

// `text` as `hcl::read_number` gives it.
Value number_value(std::string_view text, Span span, Arena& arena);
// What a user wrote or a string holds; no value when it is no number.
Value parse_number(std::string_view text, Span span, Arena& arena);
Value double_value(double number, Span span, Arena& arena);

// Plain digits without an exponent: what `tostring` gives.
std::string number_text(Value number);
// The number's own digits, all of them, for arithmetic.
std::string exact_text(Value number);
double to_double(Value number);
// The number when it is whole and fits.
std::optional<std::int64_t> whole(Value number);
bool is_whole(Value number);
int sign(Value number);
int compare_numbers(Value left, Value right);
bool equal_numbers(Value left, Value right);  // as `==` has it: by value, or by the same shortest text

// add … modulo, as binary floats of 512 bits. No value: `error` says why.
Value calculate(hcl::Operator op, Value left, Value right, Span span, Arena& arena, std::string& error);
Value negate(Value number, Span span, Arena& arena);
// Toward minus infinity, plus infinity.
Value floor_of(Value number, Span span, Arena& arena);
Value ceil_of(Value number, Span span, Arena& arena);

}  // namespace assay::terraform

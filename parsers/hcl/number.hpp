// HCL's numbers: binary floats of 512 bits, as in the reference implementation, so that results agree to
// the last digit. Numbers travel as decimal text, the shortest that reads back as the same number.
#pragma once

#include <string>
#include <string_view>

#include "parsers/hcl/ast.hpp"

namespace assay::hcl {

struct Number {
  std::string text;
  std::string error;  // not empty: there is no number, and this is why
};
// A number as HCL writes it, possibly with a sign: canonical text without exponent.
Number read_number(std::string_view text);
// add, subtract, multiply, divide, modulo.
Number calculate(Operator op, std::string_view left, std::string_view right);
// All digits of a number as it is held, which `text` abbreviates: up to 1400 after the first.
std::string exact_digits(std::string_view text);
// -1, 0, 1; both must be numbers.
int compare(std::string_view left, std::string_view right);

}  // namespace assay::hcl

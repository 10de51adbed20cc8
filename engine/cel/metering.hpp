// What evaluation costs where costs must be cel-go's to the unit (CheckOptions::exact_cost): the API server
// counts so, and a policy near its limit must be judged as there. Facts from google/cel-go 0.26
// interpreter/runtimecost.go: a constant costs nothing, a name and every field or index read one, a list 10,
// a map 30, a call 1 or what its function says. A plan of that kind keeps what such a tree would evaluate:
// nothing is folded except with its cost, and no operand is skipped that cel-go would look at.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/cel/environment.hpp"

namespace assay::cel {

// Of an operation with two operands.
enum class Meter : std::uint8_t {
  none,      // what `charge` says
  smaller,   // comparing texts: the smaller's size
  sum,       // joining texts
  elements,  // `in` of a list
};
std::uint64_t metered(Meter meter, const Val& left, const Val& right);
std::uint64_t equality_cost(const Val& left, const Val& right, bool negated);

// A function's cost, as cel-go and the API server have it. Null: one.
struct CallCost {
  CostFunction function = nullptr;
  bool by_name = false;  // whatever the arguments' types; else only where one overload is left when checked
};
CallCost call_cost(std::string_view function, const Overload& overload);

// Conversions of constants are constants: they cost nothing.
bool is_conversion(std::string_view function);

}  // namespace assay::cel

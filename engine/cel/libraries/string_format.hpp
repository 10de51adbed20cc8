// `"%s is %d".format([...])`: the verbs %s %d %f %e %b %o %x %X, `%%`, and a precision for %f and %e.
// cel-go has two of them: version 4 writes plain text, the earlier ones (which the API server links) write
// numbers for people (1,234.5 and 1.5×10⁰³) and nested values as CEL literals.
#pragma once

#include <string>
#include <string_view>

#include "engine/cel/environment.hpp"
#include "engine/cel/program.hpp"

namespace assay::cel::library {

struct Formatted {
  std::string text;
  std::string error;  // set: there is no text
  Val stopped;        // set where an argument holds an error or an unknown
  bool undecided = false;
};
// What is wrong with a checked call whose format is a literal and whose arguments are a list literal: a verb
// that does not take its argument's type, arguments missing or left over. Empty: nothing, as far as is known.
std::string format_mistake(const Expr& call);

Formatted format_string(Frame& frame, std::string_view format, const Val& arguments, Dialect dialect);

}  // namespace assay::cel::library

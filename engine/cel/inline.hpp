// Helper functions written in the language itself: a call becomes the function's body with its parameters
// bound to the arguments, before the tree is checked. No recursion: a chain of calls is bounded.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/cel/program.hpp"

namespace assay::cel {

struct InlineFunction {
  std::string name;
  std::vector<std::string> parameters;
  const Ast* body = nullptr;  // parsed, not checked
};

// Replaces calls of the functions that `find` knows. False when there are issues.
bool inline_functions(Ast& ast, const std::function<const InlineFunction*(std::string_view)>& find, std::vector<Issue>& issues);

}  // namespace assay::cel

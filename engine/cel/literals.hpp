// What the API server refuses of literals beyond the language's own rules: lists and maps whose elements have
// not all the same type, and formats that do not fit what is formatted (cel-go 0.26, cel/validator.go and
// ext/formatting.go). The tree is checked.
#pragma once

#include <vector>

#include "engine/cel/program.hpp"

namespace assay::cel {

void check_literals(const Ast& ast, std::vector<Issue>& issues);

}  // namespace assay::cel

// Syntax trees and issues as text, for tests.
#pragma once

#include <string>
#include <vector>

#include "engine/cel/program.hpp"

namespace assay::test {

// `_+_(a, has(b.c))`, `fold(range, x, @result = init, while condition, step, result)`.
std::string dump(const cel::Expr* expr);
// Each issue as the line it stands on, a caret line and its message.
std::string dump(std::string_view text, const std::vector<cel::Issue>& issues);

}  // namespace assay::test

// The page of views: every view with its fields, from the files that the program itself uses. `docs/views.md` is
// written from it.
#pragma once

#include <string>

#include "cli/rulebook.hpp"

namespace assay {

std::string view_reference_markdown(const Rulebook& book, const Sources& sources);

}  // namespace assay

// Where output goes: the terminal's habits, files written whole or not at all.
#pragma once

#include <functional>
#include <ostream>
#include <string>

#include "cli/options.hpp"

namespace assay {

// Whether to colour standard output. NO_COLOR (no-color.org) and a dumb terminal say no.
bool colours(When when);
int terminal_width();

// Writes beside `path`, then renames: readers see the old file or the whole new one. What is no regular
// file (a pipe, /dev/null) is written in place. Empty, or why it failed.
std::string write_file(const std::string& path, const std::function<void(std::ostream&)>& write);

}  // namespace assay

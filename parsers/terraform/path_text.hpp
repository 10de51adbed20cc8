// Paths as texts, with `/`: what Go's path/filepath makes of them, and its globs with `**`.
#pragma once

#include <string>
#include <string_view>

namespace assay::terraform {

std::string clean_path(std::string_view path);
std::string join_path(std::string_view left, std::string_view right);
std::string base_name(std::string_view path);
std::string directory_name(std::string_view path);

// github.com/bmatcuk/doublestar: `*`, `?`, `[a-z]`, `{a,b}` within a part, `**` for any parts. False in
// `good`: the pattern is wrong.
bool glob_matches(std::string_view pattern, std::string_view path, bool& good);

}  // namespace assay::terraform

// Characters as people count them: grapheme clusters (UAX #29), which `length`, `substr` and `strrev` work on.
#pragma once

#include <cstddef>
#include <string_view>

namespace assay::terraform {

// Bytes of the cluster that begins at `at`, which is inside `text`.
std::size_t grapheme_size(std::string_view text, std::size_t at);
std::size_t count_graphemes(std::string_view text);

}  // namespace assay::terraform

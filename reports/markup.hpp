// What every HTML page needs: text of unknown origin that can do nothing there, and the policy that lets only the
// page's own style and script run.
#pragma once

#include <string>
#include <string_view>

namespace assay {

// Inert on a screen (engine/diagnostic.hpp) and in markup, in text and in quoted attributes.
std::string escaped(std::string_view text);

// From the doctype to the body's start tag. The policy names style and script by their hash.
std::string page_head(std::string_view title, std::string_view style, std::string_view script);

}  // namespace assay

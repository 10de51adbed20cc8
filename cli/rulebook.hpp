// The rulebook: the rules that ride in the program, and the user's own, read into a catalog.
#pragma once

#include <string>
#include <vector>

#include "engine/catalog.hpp"
#include "parsers/document.hpp"

namespace assay {

// Keeps the parsed files that the catalog's values point into.
struct Rulebook {
  Catalog catalog;
  std::vector<ParsedFile> files;
};

// The embedded rules, then every *.yaml below each of `directories` (a rule's id is its path below it).
// Mistakes are diagnostics.
Rulebook load_rulebook(Sources& sources, const std::vector<std::string>& directories, Diagnostics& diagnostics);

}  // namespace assay

// The rulebook: the rules that ride in the program, and the user's own, read into a catalog.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/catalog.hpp"
#include "parsers/document.hpp"

namespace assay {

namespace kubernetes::admission {
struct Admission;
}

// Keeps the parsed files that the catalog's values point into.
struct Rulebook {
  Catalog catalog;
  std::vector<ParsedFile> files;
  // Data that only some audits need, by path below rules/: data/kubernetes-schema.txt.
  std::map<std::string, std::string_view, std::less<>> texts;
  // Admission policies of the user's rules; null: there are none, see `admission_of`.
  std::shared_ptr<kubernetes::admission::Admission> admission;
};

// What the rulebook's admission policies are judged with, made where there is none yet.
kubernetes::admission::Admission& admission_of(Rulebook& book);

// The embedded rules, then every *.yaml below each of `directories` (a rule's id is its path below it).
// Mistakes are diagnostics.
Rulebook load_rulebook(Sources& sources, const std::vector<std::string>& directories, Diagnostics& diagnostics);

}  // namespace assay

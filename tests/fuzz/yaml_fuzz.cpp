// YAML: nothing crashes, what comes back holds together, and the quick reader says what the library says.
#include "parsers/yaml/readers.hpp"
#include "tests/fuzz/invariants.hpp"
#include "tests/yaml/describe.hpp"

using namespace assay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 100'000) return 0;
  Sources sources;
  const Source& source = sources.add("fuzz.yaml", std::string(reinterpret_cast<const char*>(data), size));
  ParseLimits limits;
  limits.alias_expansion = 10'000;
  Diagnostics both, library;
  yaml::ReadCounts counts;
  const ParsedFile file = yaml::parse_with(yaml::Readers::both, source, limits, both, &counts);
  fuzz::check(source, file, both);
  for (const Document& document : file.documents)
    for (const Entry& entry : document.root.entries()) yaml::text_map(source, entry.value);
  if (counts.quick == 0) return 0;
  const ParsedFile other = yaml::parse_with(yaml::Readers::library_only, source, limits, library);
  fuzz::require(test::describe(file) == test::describe(other) && both.errors() == library.errors());
  return 0;
}

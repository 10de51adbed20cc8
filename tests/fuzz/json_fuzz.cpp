// JSON: nothing crashes, what comes back holds together, and nlohmann accepts what we accept.
#include <nlohmann/json.hpp>

#include "parsers/json/json.hpp"
#include "tests/fuzz/invariants.hpp"

using namespace assay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 100'000) return 0;
  Sources sources;
  const Source& source = sources.add("fuzz.json", std::string(reinterpret_cast<const char*>(data), size));
  Diagnostics diagnostics;
  const ParsedFile file = json::parse(source, {}, diagnostics);
  fuzz::check(source, file, diagnostics);
  // nlohmann's parser does not recurse. It has no opinion on duplicate keys, and another on lone surrogates
  // and on numbers that no double holds.
  if (!diagnostics.empty()) return 0;
  for (const Document& document : file.documents) {
    const std::string text(source.bytes().substr(document.root.span().begin, document.root.span().end - document.root.span().begin));
    bool numbers = false;
    std::vector<Value> open = {document.root};
    while (!open.empty()) {
      const Value value = open.back();
      open.pop_back();
      numbers = numbers || value.is(Kind::number);
      for (const Value item : value.items()) open.push_back(item);
      for (const Entry& entry : value.entries()) open.push_back(entry.value);
    }
    if (!numbers) fuzz::require(nlohmann::json::accept(text));
  }
  return 0;
}

// What holds of everything a parser gives, whatever the bytes.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

#include "parsers/document.hpp"

namespace assay::fuzz {

inline void require(bool holds) {
  if (!holds) std::abort();
}

// Depth is bounded by the limits, so recursion is.
inline void check(const Source& source, Value value) {
  if (!value) return;
  const Span span = value.span();
  require(span.source == source.id() && span.begin <= span.end && span.end <= source.bytes().size());
  std::uint64_t sum = 0;
  for (const char c : value.as_string()) sum += static_cast<unsigned char>(c);  // touches every byte
  for (const Entry& entry : value.entries()) {
    require(entry.key_begin <= source.bytes().size());
    require(value.find_entry(entry.key()) == &entry);
    for (const char c : entry.key()) sum += static_cast<unsigned char>(c);
  }
  require(sum < ~0ull);
}

inline void check(const Source& source, const ParsedFile& file, const Diagnostics& diagnostics) {
  std::uint32_t end = 0;
  for (const Document& document : file.documents) {
    require(document.span.begin >= end && document.span.end <= source.bytes().size());
    end = document.span.begin;
    std::vector<Value> open = {document.root};
    std::size_t seen = 0;
    while (!open.empty() && ++seen < 100'000) {  // shared nodes count each time
      const Value value = open.back();
      open.pop_back();
      check(source, value);
      for (const Value item : value.items()) open.push_back(item);
      for (const Entry& entry : value.entries()) open.push_back(entry.value);
    }
    std::uint32_t last = 0;
    for (const Comment& comment : document.comments) {
      require(comment.span.begin >= last && comment.span.begin < comment.span.end &&
              comment.span.end <= source.bytes().size() && source.bytes()[comment.span.begin] == '#');
      last = comment.span.end;
    }
  }
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    require(diagnostic.span.source == source.id() && diagnostic.span.begin <= diagnostic.span.end &&
            diagnostic.span.end <= source.bytes().size());
    require(!diagnostic.code.empty() && !diagnostic.message.empty());
  }
}

}  // namespace assay::fuzz

// What a parser of a document format gives: values with spans, and the comments between them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/diagnostic.hpp"
#include "engine/value.hpp"

namespace assay {

struct Comment {
  Span span;  // from the comment sign to the end of the line
};

struct Document {
  Value root;                     // no value for an empty document
  Span span;                      // the whole document
  std::uint32_t ordinal = 0;      // in its file, from 0
  std::vector<Comment> comments;  // in order of place
};

// One parsed source. Owns the nodes of all its documents.
struct ParsedFile {
  SourceId source = no_source;
  Arena arena;
  std::vector<Document> documents;
  bool has_nulls = false;  // some map entry is null, so that `without_nulls` is worth its walk
};

// Every limit has a flag and an error that names it.
struct ParseLimits {
  std::uint32_t depth = 512;
  std::uint64_t nodes = 20'000'000;          // per file
  std::uint64_t alias_expansion = 10'000'000;  // nodes that aliases stand for, counted as if copied
  std::uint64_t bytes = 256u << 20;
};

// How the content of a string value lies in its source: content offset -> byte offset, ascending by
// content offset; between two pieces offsets run in step. For expressions inside documents.
struct TextPiece {
  std::uint32_t content = 0;
  std::uint32_t source = 0;
};

}  // namespace assay

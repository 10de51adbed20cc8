// The reader on libyaml's events, one document at a time. libyaml is what kubectl's reader was ported from,
// so that what it refuses, kubectl refuses. (libfyaml 0.7.12, which is quicker and knows YAML 1.2 better, was
// tried first: it crashes on hostile input, reads beyond its text, takes quadratic time for empty lines and
// refuses empty items of lists that stand in the column of their key.)
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/source.hpp"
#include "parsers/builder.hpp"
#include "parsers/yaml/layout.hpp"

namespace assay::yaml {

class LibraryReader {
 public:
  explicit LibraryReader(const Source& source);

  // Reads the bytes [begin, end), which hold one document, into `builder`, between its `begin_document`
  // and `end_document`. Failures go to the builder. False: there was no document.
  bool read(std::uint32_t begin, std::uint32_t end, Builder& builder, CommentFinder& comments);

 private:
  const Source& source_;
};

}  // namespace assay::yaml

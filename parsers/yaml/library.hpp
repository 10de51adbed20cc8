// The reader on libfyaml's events: complete YAML 1.2, one document at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "engine/source.hpp"
#include "parsers/builder.hpp"
#include "parsers/yaml/layout.hpp"

namespace assay::yaml {

class LibraryReader {
 public:
  explicit LibraryReader(const Source& source);
  ~LibraryReader();

  // Reads the bytes [begin, end), which hold one document, into `builder`, between its `begin_document`
  // and `end_document`. Failures go to the builder. False: there was no document.
  bool read(std::uint32_t begin, std::uint32_t end, Builder& builder, CommentFinder& comments);

 private:
  struct State;
  const Source& source_;
  std::unique_ptr<State> state_;
};

}  // namespace assay::yaml

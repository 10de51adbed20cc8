// The bytes of a text before any parsing: its encoding and characters that cannot stand in it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace assay {

// The first byte at or after `from` that cannot stand in a document, or npos.
struct BadText {
  std::size_t offset = std::string_view::npos;
  std::size_t size = 1;
  const char* code = "";
  std::string message;
};
// `strict` also refuses DEL, the C1 controls and U+FFFE/U+FFFF, as YAML does.
BadText find_bad_text(std::string_view bytes, std::size_t from, bool strict);
// A byte order mark of another encoding; code and message as above.
BadText find_bad_encoding(std::string_view bytes);

}  // namespace assay

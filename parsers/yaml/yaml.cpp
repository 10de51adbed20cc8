#include "parsers/yaml/yaml.hpp"

#include "parsers/builder.hpp"
#include "parsers/text.hpp"
#include "parsers/yaml/layout.hpp"
#include "parsers/yaml/library.hpp"

namespace assay::yaml {

ParsedFile parse(const Source& source, const ParseLimits& limits, Diagnostics& diagnostics) {
  ParsedFile file;
  file.source = source.id();
  const std::string_view bytes = source.bytes();
  const auto span = [&](std::size_t begin, std::size_t end) {
    return Span{source.id(), static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
  };
  if (bytes.size() > limits.bytes) {
    diagnostics.error("limit-bytes", span(0, 0),
                      "the file has " + std::to_string(bytes.size()) + " bytes, more than " +
                          std::to_string(limits.bytes) + "; split it or raise `--max-bytes`");
    return file;
  }
  if (const BadText bad = find_bad_encoding(bytes); bad.offset != std::string_view::npos) {
    diagnostics.error(bad.code, span(bad.offset, bad.offset + bad.size), bad.message);
    return file;
  }
  Builder builder(source, file, limits, diagnostics);
  LibraryReader library(source);
  BadText bad = find_bad_text(bytes, 0, true);
  std::uint32_t ordinal = 0;
  std::size_t begin = bytes.starts_with("\xef\xbb\xbf") ? 3 : 0;
  while (begin < bytes.size()) {
    const std::size_t end = document_end(bytes, begin);
    if (bad.offset < end) {
      diagnostics.error(bad.code, span(bad.offset, bad.offset + bad.size), bad.message);
      bad = find_bad_text(bytes, end, true);
      ++ordinal;
      begin = end;
      continue;
    }
    Document document;
    document.span = span(begin, end);
    CommentFinder comments(bytes, source.id(), document.comments);
    comments.start(begin, end);
    builder.begin_document();
    const bool any = library.read(static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), builder, comments);
    document.root = builder.end_document();
    if (any) {
      document.ordinal = ordinal++;
      if (!builder.failed()) file.documents.push_back(std::move(document));
    } else if (!file.documents.empty()) {  // comments after the last document belong to it
      auto& last = file.documents.back();
      last.comments.insert(last.comments.end(), document.comments.begin(), document.comments.end());
      last.span.end = static_cast<std::uint32_t>(end);
    }
    begin = end;
  }
  return file;
}

std::vector<TextPiece> text_map(const Source& source, Value scalar) {
  // For now only text that stands in the source as it is.
  const std::string_view text = scalar.as_string();
  const Span span = scalar.span();
  if (text.data() < source.bytes().data() || text.data() >= source.bytes().data() + source.bytes().size()) return {};
  if (span.source != source.id()) return {};
  return {{0, static_cast<std::uint32_t>(text.data() - source.bytes().data())}};
}

}  // namespace assay::yaml

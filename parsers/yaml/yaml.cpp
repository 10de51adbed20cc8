#include "parsers/yaml/yaml.hpp"

#include "parsers/builder.hpp"
#include "parsers/text.hpp"
#include "parsers/yaml/common.hpp"
#include "parsers/yaml/content.hpp"
#include "parsers/yaml/layout.hpp"
#include "parsers/yaml/library.hpp"
#include "parsers/yaml/readers.hpp"

namespace assay::yaml {

ParsedFile parse(const Source& source, const ParseLimits& limits, Diagnostics& diagnostics) {
  return parse_with(Readers::both, source, limits, diagnostics);
}

namespace {

// A line break of the Macintosh: the library's business.
bool has_lone_cr(std::string_view bytes) {
  for (std::size_t at = 0; (at = bytes.find('\r', at)) != std::string_view::npos; ++at)
    if (at + 1 >= bytes.size() || bytes[at + 1] != '\n') return true;
  return false;
}

constexpr std::uint32_t most_broken = 100;  // documents of one file: a file of rubbish is not worth more words

}  // namespace

ParsedFile parse_with(Readers readers, const Source& source, const ParseLimits& limits, Diagnostics& diagnostics,
                      ReadCounts* counts) {
  ParsedFile file;
  file.source = source.id();
  // Blanks after the last line break could only be taken for text of a block scalar.
  std::string_view bytes = source.bytes();
  while (!bytes.empty() && (bytes.back() == ' ' || bytes.back() == '\t')) bytes.remove_suffix(1);
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
  file.arena.reserve(bytes.size() + bytes.size() / 2);  // measured on manifests
  Builder builder(source, file, limits, diagnostics);
  CommonReader quick(bytes, builder);
  if (has_lone_cr(bytes)) readers = Readers::library_only;
  LibraryReader library(source);
  BadText bad = find_bad_text(bytes, 0, true);
  std::uint32_t ordinal = 0, broken = 0;
  std::size_t begin = bytes.starts_with("\xef\xbb\xbf") ? 3 : 0;
  while (begin < bytes.size() && broken < most_broken) {
    std::size_t end = 0;
    if (bad.offset != std::string_view::npos && bad.offset < (end = document_end(bytes, begin))) {
      diagnostics.error(bad.code, span(bad.offset, bad.offset + bad.size), bad.message);
      bad = find_bad_text(bytes, end, true);
      ++ordinal;
      begin = end;
      ++broken;
      continue;
    }
    Document document;
    CommentFinder comments(bytes, source.id(), document.comments);
    comments.start(begin, bytes.size());
    builder.begin_document();
    auto result = CommonReader::Result::declined;
    if (readers == Readers::both) result = quick.read(begin, comments, end);
    bool any = result == CommonReader::Result::read;
    if (counts) (result == CommonReader::Result::declined ? counts->library : counts->quick) += 1;
    if (result == CommonReader::Result::declined) {
      end = document_end(bytes, begin);
      document.comments.clear();
      comments.start(begin, end);
      builder.rewind();
      any = library.read(static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), builder, comments);
    } else if (builder.failed()) {
      end = document_end(bytes, begin);
    }
    document.span = span(begin, end);
    document.root = builder.end_document();
    if (any) {
      document.ordinal = ordinal++;
      if (!builder.failed()) file.documents.push_back(std::move(document));
      else ++broken;
    } else if (!file.documents.empty()) {  // comments after the last document belong to it
      auto& last = file.documents.back();
      last.comments.insert(last.comments.end(), document.comments.begin(), document.comments.end());
      last.span.end = static_cast<std::uint32_t>(end);
    }
    begin = end;
  }
  if (begin < bytes.size())
    diagnostics.error("too-many-errors", span(begin, begin), "100 documents of this file cannot be read; the rest of it is not tried");
  return file;
}

std::vector<TextPiece> text_map(const Source& source, Value scalar) {
  const Span span = scalar.span();
  const std::string_view bytes = source.bytes();
  if (span.source != source.id() || span.begin >= span.end || span.end > bytes.size()) return {};
  const std::string_view text = scalar.as_string();
  std::vector<TextPiece> pieces;
  Content content;
  content.pieces = &pieces;
  const auto right = [&] { return content.text == text; };
  const char first = bytes[span.begin];
  std::size_t error = 0;
  if (first == '|' || first == '>') {
    const BlockHeader header = block_header(bytes, span.begin, bytes.size());
    if (!header.valid) return {};
    // With an indentation indicator the content's column depends on the parent's: the one that gives the
    // text that was read is right.
    for (int exact = header.indent ? header.indent : -1; exact < 1024; ++exact) {
      pieces.clear();
      content.clear();
      decode_block(bytes, header, bytes.size(), 0, exact, content);
      if (right()) return pieces;
      if (!header.indent) break;
    }
    return {};
  }
  if (first == '"' || first == '\'') {
    decode_flow(bytes, span.begin + 1, span.end - 1, first == '"' ? Quote::double_ : Quote::single, content, error);
  } else {
    decode_flow(bytes, span.begin, span.end, Quote::none, content, error);
  }
  return right() ? pieces : std::vector<TextPiece>();
}

}  // namespace assay::yaml

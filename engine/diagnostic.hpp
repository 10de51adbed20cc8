// Diagnostics: what could not be read or understood, with place, reason and remedy; and the one
// printer for `path:line:col: text`, the line, and a caret. A stage takes `Diagnostics&` and carries
// on. Texts start in lower case, end without a full stop, put the user's words in backticks, say what
// to do, and carry a stable code.
#pragma once

#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/source.hpp"

namespace assay {

enum class DiagnosticSeverity : std::uint8_t { error, warning, note };
std::string_view name_of(DiagnosticSeverity severity);

struct DiagnosticNote {
  Span span;
  std::string message;
};

struct Diagnostic {
  DiagnosticSeverity severity = DiagnosticSeverity::error;
  std::string code;     // "yaml-syntax", "duplicate-key", "limit-depth", "unreadable-file" …: stable
  Span span;            // may be empty: then `path` says where, if anywhere
  std::string path;     // a file that could not become a source
  std::string message;  // what, why and what to do
  std::vector<DiagnosticNote> notes;
  // Something of our kind of input could not be read, so that the audit is incomplete (exit status 3).
  bool incomplete = false;
};

class Diagnostics {
 public:
  void add(Diagnostic diagnostic);
  Diagnostic& error(std::string code, Span span, std::string message);    // sets incomplete
  Diagnostic& warning(std::string code, Span span, std::string message);
  Diagnostic& note(std::string code, Span span, std::string message);
  void append(Diagnostics&& other);

  const std::vector<Diagnostic>& all() const { return all_; }
  bool empty() const { return all_.empty(); }
  std::size_t errors() const;
  bool incomplete() const;
  // By path, place, code, message; duplicates once.
  void sort(const Sources& sources);

 private:
  std::vector<Diagnostic> all_;
};

// One source line made fit for printing, and where the caret goes.
struct Excerpt {
  std::uint32_t line = 0;         // 1-based
  std::string text;               // tabs expanded, control and bidirectional characters made visible
  std::uint32_t caret = 0;        // display cells before the caret in `text`
  std::uint32_t caret_width = 1;  // display cells to underline, at least 1, never past the line
};
// The line on which `span` begins, cut to at most `width` cells around the caret (0: whole line). Of the
// spans in `redacted` (sorted) only `(redacted)` is shown.
Excerpt excerpt(const Sources& sources, Span span, std::uint32_t width = 0, std::span<const Span> redacted = {});

// Text of unknown origin made inert for a terminal: control, escape and bidirectional characters
// become visible `\x1b`-like escapes; invalid UTF-8 becomes `\xNN`. Newlines are escaped too.
std::string inert(std::string_view text);
// Display cells of inert UTF-8 text (wide characters count two, combining ones none).
std::uint32_t display_width(std::string_view text);

enum class Colour : std::uint8_t { off, on };

// `path:line:col: severity: message [code]`, the line, the caret; then the notes in the same form.
void print(std::ostream& out, const Sources& sources, const Diagnostic& diagnostic, Colour colour);

// The closest of `candidates` to `word` for "did you mean", or empty when none is near.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace assay

#include "engine/diagnostic.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ostream>
#include <tuple>

#include "engine/text.hpp"

namespace assay {

std::string_view name_of(DiagnosticSeverity severity) {
  static constexpr std::array<std::string_view, 3> names = {"error", "warning", "note"};
  return names[static_cast<std::size_t>(severity)];
}

void Diagnostics::add(Diagnostic diagnostic) { all_.push_back(std::move(diagnostic)); }

namespace {
Diagnostic& push(std::vector<Diagnostic>& all, DiagnosticSeverity severity, std::string code, Span span,
                 std::string message) {
  Diagnostic& diagnostic = all.emplace_back();
  diagnostic.severity = severity;
  diagnostic.code = std::move(code);
  diagnostic.span = span;
  diagnostic.message = std::move(message);
  diagnostic.incomplete = severity == DiagnosticSeverity::error;
  return diagnostic;
}
}  // namespace

Diagnostic& Diagnostics::error(std::string code, Span span, std::string message) {
  return push(all_, DiagnosticSeverity::error, std::move(code), span, std::move(message));
}
Diagnostic& Diagnostics::warning(std::string code, Span span, std::string message) {
  return push(all_, DiagnosticSeverity::warning, std::move(code), span, std::move(message));
}
Diagnostic& Diagnostics::note(std::string code, Span span, std::string message) {
  return push(all_, DiagnosticSeverity::note, std::move(code), span, std::move(message));
}

void Diagnostics::append(Diagnostics&& other) {
  all_.insert(all_.end(), std::make_move_iterator(other.all_.begin()), std::make_move_iterator(other.all_.end()));
  other.all_.clear();
}

std::size_t Diagnostics::errors() const {
  return static_cast<std::size_t>(std::count_if(all_.begin(), all_.end(), [](const Diagnostic& d) {
    return d.severity == DiagnosticSeverity::error;
  }));
}

bool Diagnostics::incomplete() const {
  return std::any_of(all_.begin(), all_.end(), [](const Diagnostic& d) { return d.incomplete; });
}

void Diagnostics::sort(const Sources& sources) {
  const auto key = [&](const Diagnostic& d) {
    return std::make_tuple(std::string_view(d.span ? sources.get(d.span.source).name() : d.path), d.span.begin,
                           d.span.end, d.severity, std::string_view(d.code), std::string_view(d.message));
  };
  std::stable_sort(all_.begin(), all_.end(), [&](const Diagnostic& a, const Diagnostic& b) { return key(a) < key(b); });
  all_.erase(std::unique(all_.begin(), all_.end(),
                         [&](const Diagnostic& a, const Diagnostic& b) { return key(a) == key(b); }),
             all_.end());
}

// --- text ----------------------------------------------------------------------------------------

namespace {

void append_escape(std::string& out, char32_t c) {
  char buffer[16];
  std::snprintf(buffer, sizeof buffer, c < 0x100 ? "\\x%02x" : "\\u{%x}", static_cast<unsigned>(c));
  out += buffer;
}

// Appends one character of `text` made inert; gives the bytes consumed.
std::uint32_t append_inert(std::string& out, std::string_view text, std::size_t at) {
  const Decoded decoded = decode(text, at);
  if (!decoded.valid) {
    append_escape(out, static_cast<unsigned char>(text[at]));
  } else if (unprintable(decoded.code_point)) {
    if (decoded.code_point == '\n') out += "\\n";
    else if (decoded.code_point == '\t') out += "\\t";
    else append_escape(out, decoded.code_point);
  } else {
    out.append(text, at, decoded.size);
  }
  return decoded.size;
}

}  // namespace

std::string inert(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) i += append_inert(out, text, i);
  return out;
}

std::uint32_t display_width(std::string_view text) {
  std::uint32_t width = 0;
  for (std::size_t i = 0; i < text.size();) {
    const Decoded decoded = decode(text, i);
    width += decoded.valid ? cell_width(decoded.code_point) : 1;
    i += decoded.size;
  }
  return width;
}

Excerpt excerpt(const Sources& sources, Span span, std::uint32_t width, std::span<const Span> redacted) {
  Excerpt result;
  if (!span) return result;
  const Source& source = sources.get(span.source);
  result.line = source.position(span.begin).line;
  const std::uint32_t line_begin = source.line_begin(result.line);
  std::string_view line = source.line(result.line);
  if (line_begin == 0 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  const std::uint32_t skipped = static_cast<std::uint32_t>(line.data() - source.bytes().data());
  const std::uint32_t from = std::max(span.begin, skipped) - skipped;
  const std::uint32_t to = std::max(span.end, skipped) - skipped;

  // A line of many megabytes is looked at only around the caret.
  constexpr std::size_t window = 4096;
  std::size_t start = 0;
  if (from > window) {
    start = from - window;
    while (start < from && (static_cast<unsigned char>(line[start]) & 0xC0) == 0x80) ++start;
  }
  const std::size_t stop = std::min<std::size_t>(line.size(), static_cast<std::size_t>(from) + window);

  // Per character: its text, and cells; then cut a window of cells around the caret.
  struct Piece { std::string text; std::uint32_t cells; };
  std::vector<Piece> pieces;
  std::uint32_t cells = 0, caret = 0, caret_end = 0;
  bool have_caret = false;
  constexpr std::uint32_t tab = 4;
  for (std::size_t i = start; i < stop;) {
    if (!have_caret && i >= from) caret = cells, have_caret = true;
    Piece piece;
    std::size_t at = i;
    const auto hidden = std::find_if(redacted.begin(), redacted.end(), [&](const Span& r) {
      return r.source == span.source && r.begin <= skipped + i && skipped + i < r.end;
    });
    if (hidden != redacted.end()) {
      piece.text = "(redacted)";
      piece.cells = 10;
      i = std::min<std::size_t>(hidden->end - skipped, line.size());
      at = i - 1;
    } else if (line[i] == '\t') {
      piece.cells = tab - cells % tab;
      piece.text.assign(piece.cells, ' ');
      ++i;
    } else {
      i += append_inert(piece.text, line, i);
      piece.cells = display_width(piece.text);
    }
    cells += piece.cells;
    if (at < to) caret_end = cells;
    pieces.push_back(std::move(piece));
  }
  if (!have_caret) caret = cells;
  std::uint32_t caret_width = caret_end > caret ? caret_end - caret : 1;

  std::uint32_t first_cell = 0, last_cell = cells;
  const bool cut = width > 8 && cells > width;
  if (cut) {
    const std::uint32_t room = width - 6;  // "..." on both sides
    const std::uint32_t lead = room / 3;
    first_cell = caret > lead ? caret - lead : 0;
    if (first_cell + room > cells) first_cell = cells > room ? cells - room : 0;
    last_cell = first_cell + room;
  }
  const bool front = (cut && first_cell > 0) || start > 0;
  const bool back = (cut && last_cell < cells) || stop < line.size();
  std::uint32_t at_cell = 0;
  bool first = true;
  std::uint32_t shown_from = 0;
  for (const Piece& piece : pieces) {
    if (at_cell >= first_cell && at_cell + piece.cells <= last_cell) {
      if (first) shown_from = at_cell, first = false;
      result.text += piece.text;
    }
    at_cell += piece.cells;
  }
  result.caret = caret >= shown_from ? caret - shown_from : 0;
  const std::uint32_t shown = display_width(result.text);
  result.caret = std::min(result.caret, shown);
  result.caret_width = std::max<std::uint32_t>(1, std::min(caret_width, shown > result.caret ? shown - result.caret : 1));
  if (front) {
    result.text.insert(0, "...");
    result.caret += 3;
  }
  if (back) result.text += "...";
  return result;
}

namespace {

void print_place(std::ostream& out, const Sources& sources, Span span, std::string_view path) {
  if (span) {
    const Source& source = sources.get(span.source);
    const Position position = source.position(span.begin);
    out << inert(source.name()) << ':' << position.line << ':' << position.column << ": ";
  } else if (!path.empty()) {
    out << inert(path) << ": ";
  }
}

void print_excerpt(std::ostream& out, const Sources& sources, Span span, Colour colour) {
  if (!span) return;
  const Excerpt shown = excerpt(sources, span, 100);
  std::string number = std::to_string(shown.line);
  if (number.size() < 4) number.insert(0, 4 - number.size(), ' ');
  out << number << " | " << shown.text << '\n' << std::string(number.size(), ' ') << " | " << std::string(shown.caret, ' ');
  if (colour == Colour::on) out << "\x1b[1;32m";
  out << '^' << std::string(shown.caret_width - 1, '~');
  if (colour == Colour::on) out << "\x1b[0m";
  out << '\n';
}

}  // namespace

void print(std::ostream& out, const Sources& sources, const Diagnostic& diagnostic, Colour colour) {
  static constexpr std::array<std::string_view, 3> colours = {"\x1b[1;31m", "\x1b[1;33m", "\x1b[1;36m"};
  print_place(out, sources, diagnostic.span, diagnostic.path);
  const bool on = colour == Colour::on;
  if (on) out << colours[static_cast<std::size_t>(diagnostic.severity)];
  out << name_of(diagnostic.severity) << ": ";
  if (on) out << "\x1b[0m";
  out << inert(diagnostic.message);
  if (!diagnostic.code.empty()) out << " [" << diagnostic.code << ']';
  out << '\n';
  print_excerpt(out, sources, diagnostic.span, colour);
  for (const DiagnosticNote& note : diagnostic.notes) {
    print_place(out, sources, note.span, {});
    out << "note: " << inert(note.message) << '\n';
    print_excerpt(out, sources, note.span, colour);
  }
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  if (word.size() > 64) return {};
  std::string_view best;
  std::size_t best_distance = word.size() <= 3 ? 1 : word.size() / 3 + 1;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > 64) continue;
    // Damerau-Levenshtein distance, optimal string alignment.
    const std::size_t n = word.size(), m = candidate.size();
    std::vector<std::array<std::size_t, 65>> d(n + 1);
    for (std::size_t i = 0; i <= n; ++i) d[i][0] = i;
    for (std::size_t j = 0; j <= m; ++j) d[0][j] = j;
    for (std::size_t i = 1; i <= n; ++i) {
      for (std::size_t j = 1; j <= m; ++j) {
        const std::size_t cost = word[i - 1] == candidate[j - 1] ? 0 : 1;
        d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + cost});
        if (i > 1 && j > 1 && word[i - 1] == candidate[j - 2] && word[i - 2] == candidate[j - 1])
          d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
    if (d[n][m] < best_distance || (d[n][m] == best_distance && best.empty()) ||
        (d[n][m] == best_distance && candidate < best)) {
      best_distance = d[n][m];
      best = candidate;
    }
  }
  return best;
}

}  // namespace assay

// Report -> bytes. A format is one file that defines one `Writer`, and one line in the table below.
// Writers read a report and its sources, and nothing else: no clock, no environment, no locale.
#pragma once

#include <array>
#include <iosfwd>
#include <string>
#include <string_view>

namespace assay {

struct Report;

struct WriteOptions {
  bool colour = false;  // terminal: escape sequences for colours
  int width = 80;       // terminal: columns, at least 40
  bool verbose =
      false;  // terminal: every place with its excerpt, the reasons of rules, waived findings, not-applicable rules
  bool unknowns = true;            // terminal: what could not be decided
  bool waived = false;             // SARIF: waived findings too, as suppressed results (GitHub shows those as open)
  bool passes = false;             // SARIF: a result for every pair that passed
  std::string category = "assay";  // SARIF: automationDetails.id is CATEGORY/PROFILE/AUDIT-DATE
};

using Writer = void(const Report&, const WriteOptions&, std::ostream&);
using Write = Writer*;

Writer write_terminal, write_json, write_sarif, write_html;

struct Format {
  std::string_view name;
  Write write;
};

inline constexpr std::array formats = {
    Format{"terminal", write_terminal},
    Format{"json", write_json},
    Format{"sarif", write_sarif},
    Format{"html", write_html},
};

constexpr const Format* find_format(std::string_view name) {
  for (const Format& format : formats)
    if (format.name == name) return &format;
  return nullptr;
}

}  // namespace assay

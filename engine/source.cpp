#include "engine/source.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace assay {

Source::Source(SourceId id, std::string name, std::string bytes)
    : id_(id), name_(std::move(name)), bytes_(std::move(bytes)) {}

const std::vector<std::uint32_t>& Source::line_starts() const {
  std::call_once(indexed_, [this] {
    line_starts_.push_back(0);
    for (std::size_t i = 0; i < bytes_.size(); ++i) {
      const char c = bytes_[i];
      // A lone CR ends a line too, as YAML has it; CRLF ends one.
      const bool ends = c == '\n' || (c == '\r' && (i + 1 == bytes_.size() || bytes_[i + 1] != '\n'));
      if (ends) line_starts_.push_back(static_cast<std::uint32_t>(i + 1));
    }
  });
  return line_starts_;
}

Position Source::position(std::uint32_t offset, ColumnUnit unit) const {
  const auto& starts = line_starts();
  offset = std::min<std::uint32_t>(offset, static_cast<std::uint32_t>(bytes_.size()));
  const auto after = std::upper_bound(starts.begin(), starts.end(), offset);
  const std::uint32_t begin = *(after - 1);
  Position position;
  position.line = static_cast<std::uint32_t>(after - starts.begin());
  std::uint32_t from = begin;
  if (begin == 0 && bytes_.starts_with("\xEF\xBB\xBF")) from = std::min<std::uint32_t>(3, offset);
  for (std::uint32_t i = from; i < offset; ++i) {
    const auto byte = static_cast<unsigned char>(bytes_[i]);
    if ((byte & 0xC0) == 0x80) continue;  // continuation byte
    position.column += unit == ColumnUnit::utf16 && byte >= 0xF0 ? 2 : 1;
  }
  return position;
}

std::uint32_t Source::line_count() const { return static_cast<std::uint32_t>(line_starts().size()); }

std::uint32_t Source::line_begin(std::uint32_t number) const {
  const auto& starts = line_starts();
  if (number == 0) return 0;
  return number > starts.size() ? static_cast<std::uint32_t>(bytes_.size()) : starts[number - 1];
}

std::string_view Source::line(std::uint32_t number) const {
  const auto& starts = line_starts();
  if (number == 0 || number > starts.size()) return {};
  const std::size_t begin = starts[number - 1];
  const std::size_t end = number == starts.size() ? bytes_.size() : starts[number];
  std::string_view text = std::string_view(bytes_).substr(begin, end - begin);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

const Source& Sources::add(std::string name, std::string bytes) {
  if (bytes.size() >= 0xffffffffu) throw std::length_error("source of 4 GiB or more");
  const std::lock_guard lock(mutex_);
  return sources_.emplace_back(static_cast<SourceId>(sources_.size()), std::move(name), std::move(bytes));
}

const Source& Sources::get(SourceId id) const {
  const std::lock_guard lock(mutex_);
  return sources_.at(id);
}

std::string_view Sources::text(Span span) const {
  if (!span) return {};
  const std::string_view bytes = get(span.source).bytes();
  const std::size_t begin = std::min<std::size_t>(span.begin, bytes.size());
  const std::size_t end = std::clamp<std::size_t>(span.end, begin, bytes.size());
  return bytes.substr(begin, end - begin);
}

std::size_t Sources::size() const {
  const std::lock_guard lock(mutex_);
  return sources_.size();
}

}  // namespace assay

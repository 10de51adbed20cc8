#include "engine/path.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "engine/hash.hpp"
#include "engine/reader.hpp"

namespace assay {

namespace {

constexpr std::array<std::string_view, 12> key_fields = {"name", "key", "id", "mountPath", "topologyKey", "containerPort",
                                                         "port", "host", "ip", "path", "prefix", "type"};

// A canonical text of a small value, for naming items that have no key field.
void canonical(Value value, std::string& out, int depth) {
  if (depth == 0 || out.size() > 4096) return;
  if (value.is_list()) {
    out += '[';
    for (const Value item : value.items()) canonical(item, out, depth - 1), out += ',';
    out += ']';
  } else if (value.is_map()) {
    out += '{';
    for (const Entry& entry : value.entries()) {
      out += entry.key();
      out += ':';
      canonical(entry.value, out, depth - 1);
      out += ',';
    }
    out += '}';
  } else if (value) {
    out += scalar_text(value);
  }
}

std::string item_name(Value item) {
  if (item.is_map()) {
    for (const std::string_view key : key_fields) {
      const Value named = item.find(key);
      if (named && !named.is_list() && !named.is_map()) return std::string(key == "name" ? "" : std::string(key) + "=") + scalar_text(named);
    }
  }
  std::string text;
  canonical(item, text, 8);
  if (text.size() > 40 || item.is_map() || item.is_list()) return "#" + sha256_hex(text).substr(0, 8);
  return text;
}

Span key_span(Value map, const Entry& entry) {
  Span span = entry.value.span();
  if (!span) span = map.span();
  if (!span) return {};
  return {span.source, entry.key_begin, entry.key_begin + entry.key_size};
}

bool scalar(Value value) { return value && !value.is_list() && !value.is_map(); }

}  // namespace

Span shown_span(Value value) {
  if (!value) return {};
  if (scalar(value)) return provenance(value).place;
  if (const Span header = value.header()) return header;
  if (value.is_map() && value.size() > 0) {
    const Entry& first = value.entries()[0];
    const Span key = key_span(value, first);
    if (key && scalar(first.value) && first.value.span() && first.value.span().source == key.source &&
        first.value.span().end > key.begin)
      return {key.source, key.begin, first.value.span().end};
    if (key) return key;
  }
  if (value.is_list() && value.size() > 0) return shown_span(value.items()[0]);
  return located(value).span;
}

Provenance provenance(Value value) {
  constexpr int longest = 64;  // an input can make a way as long as it likes
  Provenance way;
  const bool unknown = value.is_unknown();
  for (int i = 0; value && i < longest; ++i) {
    if (value.span()) {
      way.place = value.span();
      break;
    }
    const auto origins = value.origins();
    if (origins.empty() || !origins[0].absent.empty()) break;
    // Others that a note tells about had a say in it; without notes the value was made of all of them.
    if (!std::all_of(origins.begin() + 1, origins.end(), [](const Origin& other) { return !other.note.empty(); })) break;
    for (const Origin& other : origins.subspan(1))
      if (const Span said = located(other.value).span) way.uses.push_back({said, other.note});
    const Origin& origin = origins[0];
    if (origin.use) way.uses.push_back({origin.use, origin.note});
    value = origin.value;
  }
  if (!way.uses.empty() && (unknown || !way.place)) way.place = unknown ? way.uses.front().span : way.uses.back().span;
  if (!way.place) way.place = located(value).span;
  return way;
}

PlaceIndex::PlaceIndex(Value root) {
  if (!root) return;
  constexpr std::size_t most = 4'000'000;  // nodes; what lies beyond has no place
  // Depth-first in document order with an explicit stack.
  steps_.push_back({root, 0, nullptr});
  std::vector<std::uint32_t> pending = {0};
  while (!pending.empty() && steps_.size() < most) {
    const std::uint32_t at = pending.back();
    pending.pop_back();
    const Value value = steps_[at].value;
    if (!by_node_.emplace(value.id(), at).second) continue;
    const std::size_t first = steps_.size();
    for (const Value item : value.items()) steps_.push_back({item, at, nullptr});
    for (const Entry& entry : value.entries()) steps_.push_back({entry.value, at, &entry});
    for (std::size_t i = steps_.size(); i > first; --i) pending.push_back(static_cast<std::uint32_t>(i - 1));
  }
}

std::optional<FieldPlace> PlaceIndex::find(Value target) const {
  if (!target) return std::nullopt;
  const auto found = by_node_.find(target.id());
  if (found == by_node_.end()) return std::nullopt;
  FieldPlace place;
  std::vector<std::string> parts;
  for (std::uint32_t i = found->second; i != 0; i = steps_[i].parent) {
    if (steps_[i].entry) parts.push_back("." + std::string(steps_[i].entry->key()));
    else parts.push_back("[" + item_name(steps_[i].value) + "]");
  }
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) place.path += *part;
  if (place.path.starts_with('.')) place.path.erase(0, 1);
  const Step& step = steps_[found->second];
  if (scalar(target)) place.shown = provenance(target).place;
  if (place.shown) return place;
  if (found->second != 0 && step.entry) place.shown = key_span(steps_[step.parent].value, *step.entry);
  else place.shown = shown_span(target);
  return place;
}

}  // namespace assay

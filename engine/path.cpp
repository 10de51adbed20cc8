#include "engine/path.hpp"

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

struct Step {
  Value value;
  std::size_t parent;  // index of the step above
  const Entry* entry;  // how it was reached: a map's entry, or null for a list item
};

}  // namespace

Span shown_span(Value value) {
  if (!value) return {};
  if (scalar(value)) return located(value).span;
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

std::optional<FieldPlace> find_place(Value root, Value target) {
  if (!root || !target) return std::nullopt;
  // Depth-first in document order with an explicit stack; shared nodes (aliases) are found at their first place.
  std::vector<Step> steps = {{root, 0, nullptr}};
  std::vector<std::size_t> pending = {0};
  while (!pending.empty()) {
    const std::size_t at = pending.back();
    pending.pop_back();
    const Value value = steps[at].value;
    if (value == target) {
      FieldPlace place;
      std::vector<std::string> parts;
      for (std::size_t i = at; i != 0; i = steps[i].parent) {
        if (steps[i].entry) parts.push_back("." + std::string(steps[i].entry->key()));
        else parts.push_back("[" + item_name(steps[i].value) + "]");
      }
      for (auto part = parts.rbegin(); part != parts.rend(); ++part) place.path += *part;
      if (place.path.starts_with('.')) place.path.erase(0, 1);
      if (scalar(value)) place.shown = value.span();
      else if (at != 0 && steps[at].entry) place.shown = key_span(steps[steps[at].parent].value, *steps[at].entry);
      else place.shown = shown_span(value);
      return place;
    }
    const std::size_t first = steps.size();
    if (value.is_list()) {
      for (const Value item : value.items()) steps.push_back({item, at, nullptr});
    } else if (value.is_map()) {
      for (const Entry& entry : value.entries()) steps.push_back({entry.value, at, &entry});
    }
    for (std::size_t i = steps.size(); i > first; --i) pending.push_back(i - 1);
    if (steps.size() > 2'000'000) return std::nullopt;  // aliases may make a small file large
  }
  return std::nullopt;
}

}  // namespace assay

#include "engine/reader.hpp"

#include <algorithm>
#include <charconv>

namespace assay {

std::string scalar_text(Value value) {
  if (!value) return {};
  switch (value.kind()) {
    case Kind::boolean: return value.as_bool() ? "true" : "false";
    case Kind::int64: return std::to_string(value.as_int());
    case Kind::uint64: return std::to_string(value.as_uint());
    case Kind::float64: {
      char buffer[32];
      const auto end = std::to_chars(buffer, buffer + sizeof buffer, value.as_double());
      return {buffer, end.ptr};
    }
    case Kind::number:
    case Kind::string: return std::string(value.as_string());
    case Kind::null: case Kind::bytes: case Kind::timestamp: case Kind::duration: case Kind::list: case Kind::set:
    case Kind::map: case Kind::resource: case Kind::unknown: break;
  }
  return {};
}

MapReader::MapReader(Value map, std::string what, std::string code, Diagnostics& diagnostics)
    : map_(map), what_(std::move(what)), code_(std::move(code)), diagnostics_(diagnostics) {
  if (!map_.is_map()) error(map_, "a " + what_ + " is a map of keys and values");
}

void MapReader::error(Value at, std::string message) {
  const Span span = located(at ? at : map_).span;
  diagnostics_.error(code_, span, std::move(message));
}

Value MapReader::value(std::string_view key) {
  known_.push_back(key);
  return map_.find(key);
}

Value MapReader::required(std::string_view key) {
  const Value found = value(key);
  if (!found && map_.is_map()) error(map_, "this " + what_ + " lacks `" + std::string(key) + "`; add it");
  return found;
}

std::string MapReader::text(std::string_view key) {
  const Value found = value(key);
  if (!found || found.is_null()) return {};
  if (found.is_list() || found.is_map()) {
    error(found, "`" + std::string(key) + "` is a text; quote it if it must begin with `[` or `{`");
    return {};
  }
  return scalar_text(found);
}

std::string MapReader::required_text(std::string_view key) {
  required(key);
  return text(key);
}

bool MapReader::boolean(std::string_view key, bool fallback) {
  const Value found = typed(key, Kind::boolean, "`true` or `false`");
  return found ? found.as_bool() : fallback;
}

std::vector<std::string> MapReader::texts(std::string_view key) {
  const Value found = value(key);
  std::vector<std::string> texts;
  if (!found || found.is_null()) return texts;
  if (!found.is_list()) {
    if (found.is_map()) error(found, "`" + std::string(key) + "` is a list of texts");
    else texts.push_back(scalar_text(found));
    return texts;
  }
  for (const Value item : found.items()) {
    if (item.is_list() || item.is_map()) error(item, "items of `" + std::string(key) + "` are texts");
    else texts.push_back(scalar_text(item));
  }
  return texts;
}

Value MapReader::typed(std::string_view key, Kind kind, std::string_view wanted) {
  const Value found = value(key);
  if (!found || found.is_null()) return {};
  if (found.is(kind)) return found;
  error(found, "`" + std::string(key) + "` is " + std::string(wanted) + ", not a " + std::string(name_of(found.kind())));
  return {};
}

Value MapReader::list(std::string_view key) { return typed(key, Kind::list, "a list"); }
Value MapReader::map(std::string_view key) { return typed(key, Kind::map, "a map"); }

void MapReader::finish() {
  for (const Entry& entry : map_.entries()) {
    if (std::find(known_.begin(), known_.end(), entry.key()) != known_.end()) continue;
    std::string message = "a " + what_ + " has no `" + std::string(entry.key()) + "`";
    if (const std::string_view near = nearest(entry.key(), known_); !near.empty())
      message += "; did you mean `" + std::string(near) + "`?";
    else
      message += "; remove it";
    Span span = entry.value.span();
    if (const Span map_span = map_.span(); map_span)
      span = {map_span.source, entry.key_begin, entry.key_begin + entry.key_size};
    diagnostics_.error(code_, span, std::move(message));
  }
}

}  // namespace assay

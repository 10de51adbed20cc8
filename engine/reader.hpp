// Reading a map of known keys out of a value: types are checked, unknown keys get a suggestion, and every
// mistake is a diagnostic at its place. For files of our own making: rules, views, profiles, settings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/diagnostic.hpp"
#include "engine/value.hpp"

namespace assay {

class MapReader {
 public:
  // `what` names the thing in messages ("rule", "view"); `code` is the diagnostics' code.
  MapReader(Value map, std::string what, std::string code, Diagnostics& diagnostics);

  bool valid() const { return map_.is_map(); }
  Value map() const { return map_; }

  // The value under `key`; no value when absent. Marks the key as known.
  Value value(std::string_view key);
  Value required(std::string_view key);
  std::string text(std::string_view key);           // "" when absent
  std::string required_text(std::string_view key);
  bool boolean(std::string_view key, bool fallback);
  // A list of scalars, or one scalar, as texts.
  std::vector<std::string> texts(std::string_view key);
  Value list(std::string_view key);
  Value map(std::string_view key);

  // Reports every key that was never asked for.
  void finish();
  void error(Value at, std::string message);

 private:
  Value typed(std::string_view key, Kind kind, std::string_view wanted);
  Value map_;
  std::string what_, code_;
  Diagnostics& diagnostics_;
  std::vector<std::string_view> known_;
};

// A scalar as text: strings bare, numbers and booleans as written in JSON. Empty for anything else.
std::string scalar_text(Value value);

}  // namespace assay

// A reader of protobuf's text format without its schema: fields by name, in order, repeated ones repeated.
// https://protobuf.dev/reference/protobuf/textformat-spec/
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay::test {

struct TextprotoField;

struct Textproto {
  std::vector<TextprotoField> fields;

  const TextprotoField* find(std::string_view name) const;
  const Textproto* message(std::string_view name) const;  // null when absent
  std::string text(std::string_view name, std::string_view otherwise = "") const;
  bool flag(std::string_view name) const { return text(name) == "true"; }
  std::vector<const Textproto*> messages(std::string_view name) const;
};

struct TextprotoField {
  std::string name;  // "expr"; "[type.googleapis.com/google.protobuf.Value]" for an expanded Any
  bool is_message = false;
  bool is_string = false;
  std::string scalar;  // a string's bytes, or a number or identifier as it stands
  Textproto message;
  std::size_t line = 0;
};

// Empty with `error` ("line 3: …") when malformed.
std::optional<Textproto> read_textproto(std::string_view text, std::string& error);

}  // namespace assay::test

// base64decode base64encode base64gunzip base64gzip csvdecode jsondecode jsonencode textdecodebase64
// textencodebase64 urldecode urlencode yamldecode yamlencode
#include <algorithm>
#include <cctype>

#include "engine/text.hpp"
#include "parsers/terraform/encoding.hpp"
#include "parsers/terraform/function.hpp"
#include "parsers/terraform/decode_json.hpp"
#include "parsers/terraform/decode_yaml.hpp"

namespace assay::terraform {

namespace {

constexpr const char* too_long = "the result is longer than 16 MiB";

Typed base64encode_(Call& c) { return c.view(c.arena.copy(to_base64(c.text(0)))); }
Typed base64decode_(Call& c) {
  const auto bytes = from_base64(c.text(0));
  if (!bytes) return c.fail("this is no base64", 0);
  if (!valid_utf8(*bytes)) return c.fail("what it decodes to is no UTF-8 text", 0);
  return c.string(*bytes);
}
Typed base64gzip_(Call& c) { return c.view(c.arena.copy(to_base64(gzip(c.text(0))))); }
Typed base64gunzip_(Call& c) {
  const auto bytes = from_base64(c.text(0));
  if (!bytes) return c.fail("this is no base64", 0);
  const auto text = gunzip(*bytes, max_text);
  if (!text) return c.fail("what it decodes to is no gzip, or longer than 16 MiB", 0);
  return c.string(*text);
}

Typed textencodebase64_(Call& c) {
  if (!known_encoding(c.text(1))) return c.fail("the encoding `" + std::string(c.text(1)) + "` is not known", 1);
  const auto bytes = to_encoding(c.text(0), c.text(1));
  if (!bytes) return c.fail("the string has characters that `" + std::string(c.text(1)) + "` has not", 0);
  return c.view(c.arena.copy(to_base64(*bytes)));
}
Typed textdecodebase64_(Call& c) {
  if (!known_encoding(c.text(1))) return c.fail("the encoding `" + std::string(c.text(1)) + "` is not known", 1);
  const auto bytes = from_base64(c.text(0));
  if (!bytes) return c.fail("this is no base64", 0);
  const auto text = from_encoding(*bytes, c.text(1));
  if (!text || text->find("\xef\xbf\xbd") != std::string::npos) return c.fail("what it decodes to is no text in `" + std::string(c.text(1)) + "`", 0);
  return c.string(*text);
}

Typed urlencode_(Call& c) {
  std::string out;
  for (const char character : c.text(0)) {
    const auto byte = static_cast<unsigned char>(character);
    if (std::isalnum(byte) || character == '-' || character == '_' || character == '.' || character == '~') {
      out += character;
    } else if (character == ' ') {
      out += '+';
    } else {
      out += '%';
      out += "0123456789ABCDEF"[byte >> 4];
      out += "0123456789ABCDEF"[byte & 15];
    }
  }
  return c.string(out);
}
Typed urldecode_(Call& c) {
  const std::string_view text = c.text(0);
  std::string out;
  const auto digit = [](char d) { return d >= '0' && d <= '9' ? d - '0' : (d | 32) >= 'a' && (d | 32) <= 'f' ? (d | 32) - 'a' + 10 : -1; };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] == '%') {
      if (i + 2 >= text.size() || digit(text[i + 1]) < 0 || digit(text[i + 2]) < 0) return c.fail("a `%` must have two hexadecimal digits after it", 0);
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return c.string(out);
}

Typed jsonencode_(Call& c) {
  if (c.args[0].value.has_unknown()) return c.unknown_argument(string_type());
  std::string out;
  if (!to_json(c.args[0].value, out)) return c.fail(too_long);
  return c.view(c.arena.copy(out));
}
Typed jsondecode_(Call& c) {
  // A text that stands in a source as it is, like a file's, lends its places to what is read from it.
  const std::string_view text = c.text(0);
  Span base;
  if (Sources* sources = c.scope.sources()) {
    const Value deepest = [&] {
      Value at = c.args[0].value;
      for (int i = 0; i < 32 && at.computed() && at.origins().size() == 1; ++i) at = at.origins()[0].value;
      return at;
    }();
    if (const Span span = deepest.span()) {
      const std::string_view bytes = sources->get(span.source).bytes();
      if (text.data() >= bytes.data() && text.data() + text.size() <= bytes.data() + bytes.size())
        base = {span.source, static_cast<std::uint32_t>(text.data() - bytes.data()), static_cast<std::uint32_t>(text.data() - bytes.data())};
    }
  }
  std::string error;
  const Typed value = read_json(text, base, c.arena, error);
  if (!value) return c.fail(error, 0);
  return value;
}

Typed yamlencode_(Call& c) {
  if (c.args[0].value.has_unknown()) return c.unknown_argument(string_type());
  const std::string out = write_yaml(c.args[0]);
  if (out.empty()) return c.fail("the value cannot be written as YAML, or is too long");
  if (out.size() > max_text) return c.fail(too_long);
  return c.string(out);
}
Typed yamldecode_(Call& c) {
  std::string error;
  const Typed value = read_yaml(c.text(0), c.arena, error);
  if (!value) return c.fail(error, 0);
  return value;
}

// --- CSV (RFC 4180), as Go's encoding/csv reads it ---

struct Table {
  std::string_view text;
  std::size_t at = 0;
  std::size_t line = 1;
  std::string error;

  bool at_break() const { return text[at] == '\n' || text.substr(at).starts_with("\r\n"); }
  void take_break() {
    at += text[at] == '\r' ? 2 : 1;
    ++line;
  }

  // The next record that is not an empty line; false at the end or after an error.
  bool next(std::vector<std::string>& fields) {
    fields.clear();
    while (at < text.size() && at_break()) take_break();
    if (at >= text.size()) return false;
    for (;;) {
      std::string field;
      if (at < text.size() && text[at] == '"') {
        ++at;
        for (;;) {
          if (at >= text.size()) return fail("a quoted field is not closed");
          if (text[at] == '"') {
            if (text.substr(at).starts_with("\"\"")) {
              field += '"';
              at += 2;
              continue;
            }
            ++at;
            break;
          }
          if (at_break()) {
            take_break();
            field += '\n';
            continue;
          }
          field += text[at++];
        }
        if (at < text.size() && text[at] != ',' && !at_break() && !(text[at] == '\r' && at + 1 == text.size())) return fail("there is text after a quoted field");
        if (at < text.size() && text[at] == '\r' && at + 1 == text.size()) ++at;
      } else {
        while (at < text.size() && text[at] != ',' && !at_break()) {
          if (text[at] == '"') return fail("a `\"` stands in a field without quotes");
          field += text[at++];
        }
        if (at == text.size() && field.ends_with('\r')) field.pop_back();
      }
      fields.push_back(std::move(field));
      if (at >= text.size()) return true;
      if (text[at] == ',') {
        ++at;
        continue;
      }
      take_break();
      return true;
    }
  }
  bool fail(std::string why) {
    error = "line " + std::to_string(line) + ": " + std::move(why);
    return false;
  }
};

Typed csvdecode_(Call& c) {
  Table table{c.text(0), 0, 1, {}};
  std::vector<std::string> header, row;
  if (!table.next(header)) return c.fail(table.error.empty() ? "there is no header line" : "this is no CSV: " + table.error, 0);
  std::vector<Member> members;
  for (const std::string& name : header) {
    if (std::any_of(members.begin(), members.end(), [&](const Member& m) { return m.name == name; })) return c.fail("the column `" + name + "` comes twice", 0);
    members.push_back({c.arena.copy(name), string_type(), false});
    if (members.size() > 10'000) return c.fail("there are more than 10000 columns", 0);
  }
  const Type* type = object_type(members);
  std::vector<Value> rows;
  while (table.next(row)) {
    if (row.size() != header.size()) return c.fail("this is no CSV: the record before line " + std::to_string(table.line) + " has " + std::to_string(row.size()) + " fields, not " + std::to_string(header.size()), 0);
    std::vector<Entry> entries;
    for (std::size_t i = 0; i < row.size(); ++i) entries.push_back(entry_of(members[i].name, c.string(row[i]).value));
    sort_entries(entries);
    rows.push_back(c.arena.map(entries, {}));
    if (rows.size() * header.size() > max_items) return c.fail("there are more than 1000000 fields", 0);
  }
  if (!table.error.empty()) return c.fail("this is no CSV: " + table.error, 0);
  return c.list(rows, type);
}

constexpr Function functions[] = {
    {"base64decode", "str:s", "s", base64decode_},
    {"base64encode", "str:s", "s", base64encode_},
    {"base64gunzip", "str:s", "s", base64gunzip_},
    {"base64gzip", "str:s", "s", base64gzip_},
    {"csvdecode", "str:s", "a", csvdecode_},
    {"jsondecode", "str:s", "a", jsondecode_},
    {"jsonencode", "val:a0?", "s", jsonencode_},
    {"textdecodebase64", "source:s encoding:s", "s", textdecodebase64_},
    {"textencodebase64", "string:s encoding:s", "s", textencodebase64_},
    {"urldecode", "str:s", "s", urldecode_},
    {"urlencode", "str:s", "s", urlencode_},
    {"yamldecode", "src:s", "a", yamldecode_},
    {"yamlencode", "value:a0?", "s", yamlencode_},
};

}  // namespace

std::span<const Function> encoding_functions() { return functions; }

}  // namespace assay::terraform

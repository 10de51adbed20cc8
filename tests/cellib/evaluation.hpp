// Compiles and evaluates one expression and writes the answer as the recorder of tests/live/cel-library does.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cel/environments.hpp"
#include "engine/cel/program.hpp"
#include "engine/cel/struct.hpp"
#include "engine/text.hpp"

namespace assay::test {

// As Go's JSON encoder writes a text without escaping HTML.
inline std::string json_quoted(std::string_view text) {
  std::string out = "\"";
  char buffer[16];
  for (std::size_t at = 0; at < text.size();) {
    const Decoded next = decode(text, at);
    const char32_t c = next.valid ? next.code_point : 0xFFFD;
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (c < 0x20 || c == 0x2028 || c == 0x2029 || !next.valid) {
          std::snprintf(buffer, sizeof buffer, "\\u%04x", static_cast<unsigned>(c));
          out += buffer;
        } else {
          out += text.substr(at, next.size);
        }
    }
    at += next.size;
  }
  return out + '"';
}

inline std::string json_unquoted(std::string_view text) {
  std::string out;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    switch (text[++i]) {
      case 'b': out += '\b'; break;
      case 'f': out += '\f'; break;
      case 'n': out += '\n'; break;
      case 'r': out += '\r'; break;
      case 't': out += '\t'; break;
      case 'u':
        append_utf8(out, static_cast<char32_t>(std::stoul(std::string(text.substr(i + 1, 4)), nullptr, 16)));
        i += 4;
        break;
      default: out += text[i];
    }
  }
  return out;
}

inline std::string shown(const cel::Val& value) {
  using cel::ValKind;
  const auto nanoseconds = [&] { return std::to_string(value.int64 * 1'000'000'000 + value.nanos); };
  switch (value.kind) {
    case ValKind::null: return "null";
    case ValKind::boolean: return value.boolean ? "true" : "false";
    case ValKind::int64: return std::to_string(value.int64);
    case ValKind::uint64: return std::to_string(value.uint64) + "u";
    case ValKind::float64: {
      if (std::isnan(value.float64)) return "double NaN";
      if (std::isinf(value.float64)) return value.float64 < 0 ? "double -Inf" : "double +Inf";
      char buffer[64];
      const auto end = std::to_chars(buffer, buffer + sizeof buffer, value.float64, std::chars_format::scientific);
      return "double " + std::string(buffer, end.ptr);
    }
    case ValKind::string: return json_quoted(value.string());
    case ValKind::bytes: {
      std::string out = "bytes ";
      for (const char c : value.string()) {
        out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
        out += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
      }
      return out;
    }
    case ValKind::duration: return "duration " + nanoseconds();
    case ValKind::timestamp: return "timestamp " + nanoseconds();
    case ValKind::optional: return value.tag ? "some " + shown(*value.held) : "none";
    case ValKind::list: {
      std::string out = "[";
      for (std::size_t i = 0; i < cel::size_of(value); ++i) out += (i ? ", " : "") + shown(cel::item_at(value, i));
      return out + "]";
    }
    case ValKind::map: {
      std::vector<std::string> entries;
      cel::each_entry(value, [&](const cel::Val& key, const cel::Val& entry) {
        entries.push_back(shown(key) + ": " + shown(entry));
        return true;
      });
      std::sort(entries.begin(), entries.end());
      std::string out = "{";
      for (std::size_t i = 0; i < entries.size(); ++i) out += (i ? ", " : "") + entries[i];
      return out + "}";
    }
    case ValKind::opaque: {
      // A format is shown by its type alone.
      const std::string text = value.opaque->text();
      return text.starts_with("format.") ? value.opaque->type()->name : text;
    }
    case ValKind::type: return "type";
    case ValKind::structure: return value.structure->type().name;
    case ValKind::error: return "error " + json_quoted(value.error->message);
    case ValKind::unknown: return "unknown";
  }
  return {};
}

struct Answer {
  std::string text;  // "compile error", `error "…"`, or the value
  std::string why;   // of a compile error
  std::uint64_t cost = 0;
};

inline Answer evaluated(const cel::Environment& environment, std::string_view expression, std::span<const cel::Val> slots = {}) {
  std::vector<cel::Issue> issues;
  const auto program = cel::compile(expression, environment, issues);
  if (!program) return {"compile error", issues.empty() ? "" : issues[0].message, 0};
  cel::Scratch scratch;
  cel::Frame frame;
  frame.slots = slots;
  frame.scratch = &scratch;
  frame.cost_limit = ~std::uint64_t{0} >> 1;
  const cel::Val value = cel::evaluate(*program, frame);
  return {shown(value), {}, frame.cost};
}

inline const cel::Environment& everything() {
  static const cel::Environment environment = cel::everything(std::make_shared<cel::TypeTable>());
  return environment;
}
inline const cel::Environment& admission() {
  static const cel::Environment environment = cel::admission(std::make_shared<cel::TypeTable>());
  return environment;
}

}  // namespace assay::test

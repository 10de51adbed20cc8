#include "parsers/kubernetes/crd/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "engine/text.hpp"

namespace assay::kubernetes::crd {

namespace {

// Deeper or longer values are cut: a message is for people.
constexpr int deepest = 64;
constexpr std::size_t longest = 1u << 16;

void escape(std::string& out, unsigned code_point) {
  constexpr char digits[] = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += digits[(code_point >> shift) & 15];
}

void json_string(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const Decoded next = decode(text, at);
    const char c = text[at];
    if (!next.valid) out += "\\ufffd";
    else if (c == '"' || c == '\\') (out += '\\') += c;
    else if (c == '\n') out += "\\n";
    else if (c == '\r') out += "\\r";
    else if (c == '\t') out += "\\t";
    else if (c == '\b') out += "\\b";
    else if (c == '\f') out += "\\f";
    else if (next.code_point < 0x20 || c == '<' || c == '>' || c == '&' || next.code_point == 0x2028 || next.code_point == 0x2029)
      escape(out, next.code_point);
    else out.append(text, at, next.size);
    at += next.size;
  }
  out += '"';
}

std::string shortest(double value, std::chars_format format) {
  char buffer[400];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, value, format);
  return {buffer, result.ptr};
}

// 1e+21, 1e-07: encoding/json writes the exponent without a leading zero.
std::string json_double(double value) {
  const double size = std::fabs(value);
  if (size == 0 || (size >= 1e-6 && size < 1e21)) return shortest(value, std::chars_format::fixed);
  std::string text = shortest(value, std::chars_format::scientific);
  if (const auto at = text.find("e-0"); at != text.npos) text.erase(at + 2, 1);
  return text;
}

void json(std::string& out, Value value, int depth) {
  if (out.size() > longest || depth == 0) {
    out += "…";
    return;
  }
  std::int64_t number;
  if (!value || value.is_null()) out += "null";
  else if (value.is(Kind::boolean)) out += value.as_bool() ? "true" : "false";
  else if (whole(value, number)) out += std::to_string(number);
  else if (value.is(Kind::uint64)) out += std::to_string(value.as_uint());
  else if (value.is(Kind::float64)) out += json_double(value.as_double());
  else if (value.is_list()) {
    out += '[';
    bool first = true;
    for (const Value item : value.items()) {
      if (!first) out += ',';
      first = false;
      json(out, item, depth - 1);
    }
    out += ']';
  } else if (value.is_map()) {
    std::vector<const Entry*> entries;
    for (const Entry& entry : value.entries()) entries.push_back(&entry);
    std::sort(entries.begin(), entries.end(), [](const Entry* a, const Entry* b) { return a->key() < b->key(); });
    out += '{';
    for (const Entry* entry : entries) {
      if (entry != entries.front()) out += ',';
      json_string(out, entry->key());
      out += ':';
      json(out, entry->value, depth - 1);
    }
    out += '}';
  } else {
    json_string(out, value.as_string());
  }
}

}  // namespace

std::string go_double(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  const double size = std::fabs(value);
  if (size != 0 && (size < 1e-4 || size >= 1e21)) return shortest(value, std::chars_format::scientific);
  return shortest(value, std::chars_format::fixed);
}

std::string go_quoted(std::string_view text) {
  std::string out = "\"";
  constexpr char digits[] = "0123456789abcdef";
  for (std::size_t at = 0; at < text.size();) {
    const Decoded next = decode(text, at);
    const char c = text[at];
    if (!next.valid) {
      const auto byte = static_cast<unsigned char>(c);
      ((out += "\\x") += digits[byte >> 4]) += digits[byte & 15];
    } else if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (const auto known = std::string_view("\a\b\f\n\r\t\v").find(c); known != std::string_view::npos) {
      (out += '\\') += "abfnrtv"[known];
    } else if (next.code_point < 0x20 || next.code_point == 0x7f) {
      ((out += "\\x") += digits[next.code_point >> 4]) += digits[next.code_point & 15];
    } else if (next.code_point > 0x7f && (unprintable(next.code_point) || next.code_point == 0xa0)) {
      if (next.code_point < 0x10000) {
        escape(out, next.code_point);
      } else {
        out += "\\U";
        for (int shift = 28; shift >= 0; shift -= 4) out += digits[(next.code_point >> shift) & 15];
      }
    } else {
      out.append(text, at, next.size);
    }
    at += next.size;
  }
  return out + '"';
}

std::string json_text(Value value) {
  std::string out;
  json(out, value, deepest);
  return out;
}

bool whole(Value value, std::int64_t& number) {
  if (value.is(Kind::int64)) {
    number = value.as_int();
    return true;
  }
  if (!value.is(Kind::float64)) return false;
  const double real = value.as_double();
  if (real != std::floor(real) || std::fabs(real) >= 9223372036854775808.0) return false;
  number = static_cast<std::int64_t>(real);
  return true;
}

}  // namespace assay::kubernetes::crd

#include "engine/cel/numbers.hpp"
#include "engine/cel/operations.hpp"
#include "engine/cel/struct.hpp"
#include "engine/cel/times.hpp"
#include "engine/graph.hpp"

namespace assay::cel {

namespace {

constexpr int deepest = 64;
constexpr std::size_t longest = 64u << 10;  // a text is for people: longer ones end in `…`

constexpr char hex[] = "0123456789abcdef";

void quote(std::string& out, std::string_view text, bool bytes) {
  out += bytes ? "b\"" : "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (byte < 0x20 || byte == 0x7f || (bytes && byte >= 0x80)) {
          out += "\\x";
          out += hex[byte >> 4];
          out += hex[byte & 15];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void write(std::string& out, const Val& value, int depth) {
  if (depth == 0 || out.size() > longest) {
    out += "…";
    return;
  }
  switch (value.kind) {
    case ValKind::null: out += "null"; break;
    case ValKind::boolean: out += value.boolean ? "true" : "false"; break;
    case ValKind::int64: out += std::to_string(value.int64); break;
    case ValKind::uint64: out += std::to_string(value.uint64) + "u"; break;
    case ValKind::float64: {
      const std::string text = format_double(value.float64);
      out += text;
      if (text.find_first_not_of("-0123456789") == std::string::npos) out += ".0";
      break;
    }
    case ValKind::string: quote(out, value.string(), false); break;
    case ValKind::bytes: quote(out, value.string(), true); break;
    case ValKind::timestamp: out += "timestamp(\"" + format_timestamp({value.int64, value.nanos}, zone_of(value)) + "\")"; break;
    case ValKind::duration: out += "duration(\"" + format_duration({value.int64, value.nanos}) + "\")"; break;
    case ValKind::list:
      out += '[';
      for (std::size_t i = 0, size = size_of(value); i < size; ++i) {
        if (i) out += ", ";
        write(out, item_at(value, i), depth - 1);
        if (out.size() > longest) break;
      }
      out += ']';
      break;
    case ValKind::map:
      out += '{';
      for (std::size_t i = 0, size = size_of(value); i < size; ++i) {
        if (i) out += ", ";
        const MapEntry entry = entry_at(value, i);
        write(out, entry.key, depth - 1);
        out += ": ";
        write(out, entry.value, depth - 1);
        if (out.size() > longest) break;
      }
      out += '}';
      break;
    case ValKind::type: out += value.type ? runtime_name(value.type) : "type"; break;
    case ValKind::optional:
      if (!value.tag) {
        out += "optional.none()";
        break;
      }
      out += "optional.of(";
      write(out, *value.held, depth - 1);
      out += ')';
      break;
    case ValKind::structure: {
      const Value behind = value.structure->value();
      out += value.structure->type().name;
      if (behind.is(Kind::resource)) out += "(" + behind.as_resource()->address + ")";
      else out += "{…}";
      break;
    }
    case ValKind::opaque: {
      const std::string text = value.opaque->text();
      if (text.empty()) out.append(runtime_name(value.opaque->type())).append("(…)");
      else out += text;
      break;
    }
    case ValKind::error: out += "error: "; out += value.error->message; break;
    case ValKind::unknown: out += "unknown(" + unknown_text(value) + ")"; break;
  }
}

}  // namespace

std::string to_text(const Val& value) {
  std::string out;
  write(out, value, deepest);
  return out;
}

std::string plain_text(const Val& value) {
  if (value.is(ValKind::string)) return std::string(value.string());
  if (value.is(ValKind::optional) && value.tag) return plain_text(*value.held);
  if (value.is(ValKind::timestamp)) return format_timestamp({value.int64, value.nanos}, zone_of(value));
  if (value.is(ValKind::duration)) return format_duration({value.int64, value.nanos});
  if (value.is(ValKind::uint64)) return std::to_string(value.uint64);
  if (value.is(ValKind::float64)) return format_double(value.float64);
  return to_text(value);
}

}  // namespace assay::cel

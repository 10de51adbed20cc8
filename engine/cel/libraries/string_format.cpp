#include "engine/cel/libraries/string_format.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <vector>

#include "engine/cel/ast.hpp"
#include "engine/cel/libraries/support.hpp"
#include "engine/cel/numbers.hpp"
#include "engine/cel/operations.hpp"
#include "engine/cel/times.hpp"
#include "engine/text.hpp"

namespace assay::cel::library {

namespace {

constexpr std::size_t kTextLimit = 16u << 20;
constexpr int kDepthLimit = 200;
constexpr int kPrecisionLimit = 1000;

struct Writer {
  Frame& frame;
  Dialect dialect;
  std::string out;
  std::string error;
  Val stopped;
  bool undecided = false;

  bool fail(std::string why) {
    if (error.empty()) error = std::move(why);
    return false;
  }
  bool stop(const Val& value) {
    stopped = undecided ? (value.is_unknown() && stopped.is_unknown() ? merge_unknowns(frame, stopped, value) : stopped) : value;
    undecided = true;
    return false;
  }
  bool put(std::string_view text) {
    if (out.size() + text.size() > kTextLimit) return fail("formatted text is too long");
    out += text;
    return true;
  }
};

std::string type_text(const Val& value) { return value.type ? std::string(runtime_name(value.type)) : "type"; }

bool wrong_type(Writer& writer, std::string_view what, const Val& value) {
  return writer.fail("error during formatting: " + std::string(what) + ", was given " + type_name(value));
}
constexpr std::string_view kStringClause =
    "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps";

constexpr std::string_view kDecimalClause = "decimal clause can only be used on integers";

// ---------------------------------------------------------------- %s, current: plain text all the way down

bool write_plain(Writer& writer, const Val& value, int depth);

// Map entries in the order of their keys' texts.
template <class WriteKey, class WriteValue>
bool write_map(Writer& writer, const Val& map, std::string_view colon, const WriteKey& write_key, const WriteValue& write_value) {
  std::vector<std::pair<std::string, std::string>> entries;
  bool whole = true;
  std::size_t size = 0;
  const std::string before = std::move(writer.out);
  each_entry(map, [&](const Val& key, const Val& value) {
    writer.out.clear();
    whole = write_key(key);
    std::string key_text = writer.out;
    writer.out.clear();
    whole = whole && write_value(value);
    size += key_text.size() + writer.out.size();
    if (size > kTextLimit) whole = writer.fail("formatted text is too long");
    if (whole) entries.emplace_back(std::move(key_text), writer.out);
    return whole;
  });
  writer.out = before;
  if (!whole) return false;
  std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  if (!writer.put("{")) return false;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i > 0) writer.put(", ");
    if (!writer.put(entries[i].first) || !writer.put(colon) || !writer.put(entries[i].second)) return false;
  }
  return writer.put("}");
}

template <class WriteItem>
bool write_list(Writer& writer, const Val& list, const WriteItem& write_item) {
  if (!writer.put("[")) return false;
  for (std::size_t i = 0, n = size_of(list); i < n; ++i) {
    if (i > 0 && !writer.put(", ")) return false;
    if (!write_item(item_at(list, i))) return false;
  }
  return writer.put("]");
}

bool write_plain(Writer& writer, const Val& value, int depth) {
  if (depth > kDepthLimit) return writer.fail("error during formatting: value is nested too deeply");
  switch (value.kind) {
    case ValKind::null: return writer.put("null");
    case ValKind::boolean: return writer.put(value.boolean ? "true" : "false");
    case ValKind::int64: return writer.put(std::to_string(value.int64));
    case ValKind::uint64: return writer.put(std::to_string(value.uint64));
    case ValKind::float64: return writer.put(shortest_fixed(value.float64));
    case ValKind::string:
    case ValKind::bytes: return writer.put(value.string());
    case ValKind::timestamp: return writer.put(format_timestamp({value.int64, value.nanos}, zone_of(value)));
    case ValKind::duration: return writer.put(format_duration({value.int64, value.nanos}));
    case ValKind::type: return writer.put(type_text(value));
    case ValKind::list:
      return write_list(writer, value, [&](const Val& item) { return write_plain(writer, item, depth + 1); });
    case ValKind::map: {
      const auto write = [&](const Val& item) { return write_plain(writer, item, depth + 1); };
      return write_map(writer, value, ": ", write, write);
    }
    case ValKind::error:
    case ValKind::unknown: return writer.stop(value);
    case ValKind::optional:
    case ValKind::structure:
    case ValKind::opaque: return wrong_type(writer, kStringClause, value);
  }
  return false;
}

// ---------------------------------------------------------------- %s, API server: nested values as literals

bool write_literal(Writer& writer, const Val& value, int depth) {
  if (depth > kDepthLimit) return writer.fail("error during formatting: value is nested too deeply");
  switch (value.kind) {
    case ValKind::null: return writer.put("null");
    case ValKind::boolean: return writer.put(value.boolean ? "true" : "false");
    case ValKind::int64: return writer.put(std::to_string(value.int64));
    case ValKind::uint64: return writer.put(std::to_string(value.uint64));
    case ValKind::float64: {
      if (std::isnan(value.float64)) return writer.put("\"NaN\"");
      if (std::isinf(value.float64)) return writer.put(value.float64 < 0 ? "\"-Inf\"" : "\"+Inf\"");
      char buffer[400];
      const int size = std::snprintf(buffer, sizeof buffer, "%.6f", value.float64);
      return writer.put({buffer, static_cast<std::size_t>(size)});
    }
    case ValKind::string: return writer.put(quoted(value.string()));
    case ValKind::bytes:
      if (!valid_utf8(value.string()))
        return writer.fail("error during formatting: could not convert argument \"invalid UTF-8 in bytes, cannot convert to string\" to string");
      return writer.put("b" + quoted(value.string()));
    case ValKind::timestamp: return writer.put("timestamp(" + quoted(format_timestamp({value.int64, value.nanos}, zone_of(value))) + ")");
    case ValKind::duration: return writer.put("duration(" + quoted(format_duration({value.int64, value.nanos})) + ")");
    case ValKind::type: return writer.put(type_text(value));
    case ValKind::list:
      return write_list(writer, value, [&](const Val& item) { return write_literal(writer, item, depth + 1); });
    case ValKind::map:
      return write_map(
          writer, value, ":",
          [&](const Val& key) {
            if (key.is(ValKind::float64) || key.is(ValKind::bytes))
              return writer.fail("error during formatting: no formatting function for map key of type " + type_name(key));
            return write_literal(writer, key, depth + 1);
          },
          [&](const Val& item) { return write_literal(writer, item, depth + 1); });
    case ValKind::error:
    case ValKind::unknown: return writer.stop(value);
    case ValKind::optional:
    case ValKind::structure:
    case ValKind::opaque: return writer.fail("error during formatting: no formatting function for " + type_name(value));
  }
  return false;
}

bool write_string(Writer& writer, const Val& value) {
  if (writer.dialect == Dialect::current) return write_plain(writer, value, 0);
  switch (value.kind) {
    case ValKind::float64: return writer.put(format_double(value.float64));
    case ValKind::bytes:
      if (!valid_utf8(value.string()))
        return writer.fail("error during formatting: could not convert argument \"invalid UTF-8 in bytes, cannot convert to string\" to string");
      return writer.put(value.string());
    case ValKind::list:
    case ValKind::map: return write_literal(writer, value, 0);
    case ValKind::null: case ValKind::boolean: case ValKind::int64: case ValKind::uint64: case ValKind::string:
    case ValKind::timestamp: case ValKind::duration: case ValKind::type: case ValKind::optional:
    case ValKind::structure: case ValKind::opaque: case ValKind::error: case ValKind::unknown: break;
  }
  return write_plain(writer, value, 0);
}

// ---------------------------------------------------------------- numbers

bool write_decimal(Writer& writer, const Val& value) {
  if (value.is(ValKind::int64)) return writer.put(std::to_string(value.int64));
  if (value.is(ValKind::uint64)) return writer.put(std::to_string(value.uint64));
  if (value.is(ValKind::float64) && writer.dialect == Dialect::current) return writer.put(shortest_fixed(value.float64));
  return wrong_type(writer, kDecimalClause, value);
}

std::string digits_in(std::uint64_t value, unsigned base, bool upper) {
  std::string text;
  do {
    const unsigned digit = static_cast<unsigned>(value % base);
    text += static_cast<char>(digit < 10 ? '0' + digit : (upper ? 'A' : 'a') + (digit - 10));
    value /= base;
  } while (value > 0);
  std::reverse(text.begin(), text.end());
  return text;
}

bool write_in_base(Writer& writer, const Val& value, unsigned base, bool upper) {
  if (value.is(ValKind::uint64)) return writer.put(digits_in(value.uint64, base, upper));
  const bool negative = value.int64 < 0;
  const std::uint64_t magnitude = negative ? 0 - static_cast<std::uint64_t>(value.int64) : static_cast<std::uint64_t>(value.int64);
  return (!negative || writer.put("-")) && writer.put(digits_in(magnitude, base, upper));
}

bool write_hex(Writer& writer, const Val& value, bool upper) {
  if (value.is(ValKind::int64) || value.is(ValKind::uint64)) return write_in_base(writer, value, 16, upper);
  if (!value.is(ValKind::string) && !value.is(ValKind::bytes))
    return wrong_type(writer, "only integers, byte buffers, and strings can be formatted as hex", value);
  std::string text;
  if (value.text.size > kTextLimit / 2) return writer.fail("formatted text is too long");
  text.reserve(value.text.size * 2);
  const char* digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  for (const char c : value.string()) {
    text += digits[static_cast<unsigned char>(c) >> 4];
    text += digits[static_cast<unsigned char>(c) & 15];
  }
  return writer.put(text);
}

bool write_octal(Writer& writer, const Val& value) {
  if (value.is(ValKind::int64) || value.is(ValKind::uint64)) return write_in_base(writer, value, 8, false);
  return wrong_type(writer, "octal clause can only be used on integers", value);
}

bool write_binary(Writer& writer, const Val& value) {
  if (value.is(ValKind::int64) || value.is(ValKind::uint64)) return write_in_base(writer, value, 2, false);
  if (value.is(ValKind::boolean)) return writer.put(value.boolean ? "1" : "0");
  return wrong_type(writer, "only integers and bools can be formatted as binary", value);
}

std::string printed(const char* format, int precision, double value) {
  const int size = std::snprintf(nullptr, 0, format, precision, value);
  std::string text(static_cast<std::size_t>(size) + 1, '\0');
  std::snprintf(text.data(), text.size(), format, precision, value);
  text.pop_back();
  return text;
}

// What cel-go before version 4 writes through x/text for en_US.
std::string localized_fixed(double value, int precision) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-∞" : "∞";
  std::string text = printed("%.*f", precision, value);
  const std::size_t first = text[0] == '-' ? 1 : 0;
  std::size_t end = std::min(text.find('.'), text.size());
  while (end > first + 3) {
    end -= 3;
    text.insert(end, ",");
  }
  return text;
}

// The precision is a width there: always six decimals.
std::string localized_scientific(double value, int width) {
  std::string text;
  if (std::isnan(value)) {
    text = "NaN";
  } else if (std::isinf(value)) {
    text = value < 0 ? "-∞" : "∞";
  } else {
    const std::string plain = printed("%.*e", 6, value);
    const std::size_t e = plain.find('e');
    text = plain.substr(0, e) + "×10";
    static constexpr const char* kSuperscripts[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    for (const char c : plain.substr(e + 1)) {
      if (c == '-') text += "⁻";
      if (c >= '0' && c <= '9') text += kSuperscripts[c - '0'];
    }
  }
  const std::size_t cells = count_code_points(text);
  if (cells < static_cast<std::size_t>(width)) text.insert(0, static_cast<std::size_t>(width) - cells, ' ');
  return text;
}

bool write_float(Writer& writer, const Val& value, int precision, bool scientific) {
  double number = 0;
  const bool current = writer.dialect == Dialect::current;
  if (value.is(ValKind::float64)) {
    number = value.float64;
  } else if (current && value.is(ValKind::int64)) {
    number = static_cast<double>(value.int64);
  } else if (current && value.is(ValKind::uint64)) {
    number = static_cast<double>(value.uint64);
  } else if (!current && value.is(ValKind::string) && value.string() == "NaN") {
    number = std::nan("");
  } else if (!current && value.is(ValKind::string) && (value.string() == "Infinity" || value.string() == "-Infinity")) {
    number = value.string()[0] == '-' ? -INFINITY : INFINITY;
  } else {
    return wrong_type(writer, scientific ? "scientific clause can only be used on doubles" : "fixed-point clause can only be used on doubles", value);
  }
  if (!current) return writer.put(scientific ? localized_scientific(number, precision) : localized_fixed(number, precision));
  if (!std::isfinite(number)) return writer.put(shortest_fixed(number));
  return writer.put(printed(scientific ? "%.*e" : "%.*f", precision, number));
}

// ---------------------------------------------------------------- clauses

struct Clause {
  char verb = 0;
  int precision = 6;
  std::size_t size = 0;  // bytes after the percent sign
};

bool parse_clause(Writer& writer, std::string_view text, Clause& clause) {
  static const std::string kPrefix = "could not parse formatting clause: ";
  std::size_t at = 0;
  if (text[0] == '.') {
    const std::string precision = kPrefix + "error while parsing precision: ";
    std::size_t end = 1;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    if (end >= text.size()) return writer.fail(precision + "could not find end of precision specifier");
    const std::string_view digits = text.substr(1, end - 1);
    if (digits.empty())
      return writer.fail(precision + "error while converting precision to integer: strconv.Atoi: parsing \"\": invalid syntax");
    if (digits.size() > 9 || std::stoi(std::string(digits)) > kPrecisionLimit)
      return writer.fail(precision + "precision " + std::string(digits.substr(0, 32)) + " exceeds maximum allowed precision " + std::to_string(kPrecisionLimit));
    clause.precision = std::stoi(std::string(digits));
    at = end;
  }
  clause.verb = text[at];
  clause.size = at + 1;
  if (std::string_view("sdfebxXo").find(clause.verb) == std::string_view::npos) {
    std::string shown;  // one byte, read as a code point
    append_utf8(shown, static_cast<unsigned char>(clause.verb));
    return writer.fail(kPrefix + "unrecognized formatting clause \"" + shown + "\"");
  }
  return true;
}

bool write_clause(Writer& writer, const Clause& clause, const Val& value) {
  if (undecided(value)) return writer.stop(value);
  switch (clause.verb) {
    case 's': return write_string(writer, value);
    case 'd': return write_decimal(writer, value);
    case 'f': return write_float(writer, value, clause.precision, false);
    case 'e': return write_float(writer, value, clause.precision, true);
    case 'b': return write_binary(writer, value);
    case 'x': return write_hex(writer, value, false);
    case 'X': return write_hex(writer, value, true);
    case 'o': return write_octal(writer, value);
  }
  return false;
}

// ---------------------------------------------------------------- before it runs

struct VerbRule {
  char verb;
  std::string_view clause;
  std::initializer_list<TypeKind> takes;
};

bool takes(const VerbRule& rule, const Type* type) {
  if (!type || type->kind == TypeKind::dyn || type->kind == TypeKind::wrapper || type->kind == TypeKind::variable) return true;
  return std::find(rule.takes.begin(), rule.takes.end(), type->kind) != rule.takes.end();
}

std::string static_name(const Type* type) {
  switch (type->kind) {
    case TypeKind::list: return "list";
    case TypeKind::map: return "map";
    case TypeKind::type: return "type";
    case TypeKind::optional: return "optional_type";
    case TypeKind::dyn: case TypeKind::null: case TypeKind::boolean: case TypeKind::int64: case TypeKind::uint64:
    case TypeKind::float64: case TypeKind::string: case TypeKind::bytes: case TypeKind::timestamp: case TypeKind::duration:
    case TypeKind::wrapper: case TypeKind::structure: case TypeKind::opaque: case TypeKind::variable: case TypeKind::error: break;
  }
  return to_string(type);
}

// The first part of a literal that %s does not take.
const Expr* not_printable(const VerbRule& rule, const Expr* expr, int depth) {
  if (!takes(rule, expr->type)) return expr;
  if (depth > kDepthLimit) return nullptr;
  if (const auto* list = std::get_if<CreateList>(&expr->node))
    for (const Expr* element : list->elements)
      if (const Expr* bad = not_printable(rule, element, depth + 1)) return bad;
  if (const auto* map = std::get_if<CreateStruct>(&expr->node); map && map->message_name.empty())
    for (const CreateStruct::Item& item : map->items) {
      if (const Expr* bad = not_printable(rule, item.key, depth + 1)) return bad;
      if (const Expr* bad = not_printable(rule, item.value, depth + 1)) return bad;
    }
  return nullptr;
}

}  // namespace

std::string format_mistake(const Expr& expr) {
  using K = TypeKind;
  static const VerbRule rules[] = {
      {'s', kStringClause, {K::list, K::map, K::int64, K::uint64, K::float64, K::boolean, K::string, K::timestamp, K::bytes, K::duration, K::type, K::null}},
      {'d', kDecimalClause, {K::int64, K::uint64}},
      {'f', "fixed-point clause can only be used on doubles", {K::float64}},
      {'e', "scientific clause can only be used on doubles", {K::float64}},
      {'b', "only integers and bools can be formatted as binary", {K::boolean, K::int64, K::uint64}},
      {'x', "only integers, byte buffers, and strings can be formatted as hex", {K::int64, K::uint64, K::string, K::bytes}},
      {'o', "octal clause can only be used on integers", {K::int64, K::uint64}},
  };
  const auto* call = std::get_if<Call>(&expr.node);
  if (!call || !call->target || call->args.size() != 1) return {};
  const auto* target = std::get_if<Constant>(&call->target->node);
  const auto* list = std::get_if<CreateList>(&call->args[0]->node);
  const auto* format = target ? std::get_if<std::string>(&target->value) : nullptr;
  if (!format || !list || !list->optional_indices.empty()) return {};

  Scratch scratch(0);
  Frame frame;
  frame.scratch = &scratch;
  Writer writer{frame, Dialect::api_server, {}, {}, {}, false};
  std::size_t next = 0;
  const std::string_view text = *format;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '%') {
      ++i;
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == '%') {
      i += 2;
      continue;
    }
    if (i + 1 >= text.size()) return "unexpected end of string";
    if (next >= list->elements.size()) return "index " + std::to_string(next) + " out of range";
    Clause clause;
    if (!parse_clause(writer, text.substr(i + 1), clause)) return writer.error;
    const char verb = clause.verb == 'X' ? 'x' : clause.verb;
    const VerbRule& rule = *std::find_if(std::begin(rules), std::end(rules), [&](const VerbRule& r) { return r.verb == verb; });
    const Expr* argument = list->elements[next];
    const Expr* bad = verb == 's' ? not_printable(rule, argument, 0) : takes(rule, argument->type) ? nullptr : argument;
    if (bad) return "error during formatting: " + std::string(rule.clause) + ", was given " + static_name(bad->type);
    i += 1 + clause.size;
    ++next;
  }
  if (list->elements.size() > next)
    return "too many arguments supplied to string.format (expected " + std::to_string(next) + ", got " + std::to_string(list->elements.size()) + ")";
  return {};
}

Formatted format_string(Frame& frame, std::string_view format, const Val& arguments, Dialect dialect) {
  Writer writer{frame, dialect, {}, {}, {}, false};
  const std::size_t count = size_of(arguments);
  std::size_t next = 0;
  for (std::size_t i = 0; i < format.size() && writer.error.empty();) {
    if (format[i] != '%') {
      const std::size_t end = std::min(format.find('%', i), format.size());
      writer.put(format.substr(i, end - i));
      i = end;
      continue;
    }
    if (i + 1 < format.size() && format[i + 1] == '%') {
      writer.put("%");
      i += 2;
      continue;
    }
    if (next >= count) {
      writer.fail("index " + std::to_string(next) + " out of range");
      break;
    }
    if (i + 1 >= format.size()) {
      writer.fail("unexpected end of string");
      break;
    }
    Clause clause;
    if (!parse_clause(writer, format.substr(i + 1), clause)) break;
    // An undecided argument does not stop the reading: a mistake further on is still a mistake.
    write_clause(writer, clause, item_at(arguments, next));
    i += 1 + clause.size;
    ++next;
  }
  Formatted result;
  result.error = std::move(writer.error);
  result.undecided = writer.undecided;
  result.stopped = writer.stopped;
  if (result.error.empty() && !result.undecided) result.text = std::move(writer.out);
  return result;
}

}  // namespace assay::cel::library

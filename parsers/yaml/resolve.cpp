#include "parsers/yaml/resolve.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "parsers/text.hpp"

namespace assay::yaml {

namespace {

enum class Hint : std::uint8_t { none, number, word, dot };

constexpr std::array<Hint, 256> hints = [] {
  std::array<Hint, 256> table{};
  for (const char c : std::string_view("0123456789+-")) table[static_cast<unsigned char>(c)] = Hint::number;
  for (const char c : std::string_view("yYnNtTfFoO~")) table[static_cast<unsigned char>(c)] = Hint::word;
  table['.'] = Hint::dot;
  return table;
}();

enum class Word : std::uint8_t { true_, false_, null, nan, infinity, minus_infinity };

std::optional<Word> word(std::string_view text) {
  const auto is = [&](std::string_view a, std::string_view b, std::string_view c) {
    return text == a || text == b || text == c;
  };
  switch (text.size()) {
    case 0: return Word::null;
    case 1:
      switch (text[0]) {
        case '~': return Word::null;
        case 'y': case 'Y': return Word::true_;
        case 'n': case 'N': return Word::false_;
        default: return std::nullopt;
      }
    case 2:
      if (is("on", "On", "ON")) return Word::true_;
      if (is("no", "No", "NO")) return Word::false_;
      return std::nullopt;
    case 3:
      if (is("yes", "Yes", "YES")) return Word::true_;
      if (is("off", "Off", "OFF")) return Word::false_;
      return std::nullopt;
    case 4:
      if (is("true", "True", "TRUE")) return Word::true_;
      if (is("null", "Null", "NULL")) return Word::null;
      if (is(".nan", ".NaN", ".NAN")) return Word::nan;
      if (is(".inf", ".Inf", ".INF")) return Word::infinity;
      return std::nullopt;
    case 5:
      if (is("false", "False", "FALSE")) return Word::false_;
      if (is("+.inf", "+.Inf", "+.INF")) return Word::infinity;
      if (is("-.inf", "-.Inf", "-.INF")) return Word::minus_infinity;
      return std::nullopt;
    default: return std::nullopt;
  }
}

Value word_value(Word word, Span span, Arena& arena) {
  using limits = std::numeric_limits<double>;
  switch (word) {
    case Word::true_: return arena.boolean(true, span);
    case Word::false_: return arena.boolean(false, span);
    case Word::null: return arena.null(span);
    case Word::nan: return arena.floating(limits::quiet_NaN(), span);
    case Word::infinity: return arena.floating(limits::infinity(), span);
    case Word::minus_infinity: return arena.floating(-limits::infinity(), span);
  }
  return {};
}

bool digits(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text)
    if (c < '0' || c > '9') return false;
  return true;
}

// ^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$
bool looks_like_float(std::string_view text) {
  std::size_t i = 0;
  const auto run = [&] {
    const std::size_t from = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
    return i - from;
  };
  if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (run() == 0) return false;
  } else {
    if (run() == 0) return false;
    if (i < text.size() && text[i] == '.') {
      ++i;
      run();
    }
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (run() == 0) return false;
  }
  return i == text.size();
}

std::optional<double> parse_float(std::string_view text) {
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    // Too small is zero, too large is no number, as strconv.ParseFloat has it.
    const auto exponent = text.find_first_of("eE");
    if (exponent != std::string_view::npos && exponent + 1 < text.size() && text[exponent + 1] == '-')
      return text[0] == '-' ? -0.0 : 0.0;
    return std::nullopt;
  }
  if (error != std::errc()) return std::nullopt;
  return value;
}

Value number(std::string_view text, Span span, Arena& arena) {
  std::string stripped;
  std::string_view plain = text;
  if (text.find('_') != std::string_view::npos) {
    for (const char c : text)
      if (c != '_') stripped += c;
    plain = stripped;
  }
  std::string_view rest = plain;
  const bool negative = !rest.empty() && rest[0] == '-';
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) rest.remove_prefix(1);
  int base = 10;
  if (rest.size() > 1 && rest[0] == '0') {
    switch (rest[1]) {
      case 'x': case 'X': base = 16; rest.remove_prefix(2); break;
      case 'o': case 'O': base = 8; rest.remove_prefix(2); break;
      case 'b': case 'B': base = 2; rest.remove_prefix(2); break;
      default: base = 8; rest.remove_prefix(1); break;
    }
  }
  std::uint64_t magnitude = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), magnitude, base);
  const bool whole = !rest.empty() && end == rest.data() + rest.size() && rest[0] != '-';
  if (whole && error == std::errc()) {
    constexpr std::uint64_t edge = 1ull << 63;
    if (negative && magnitude <= edge)
      return arena.integer(static_cast<std::int64_t>(0 - magnitude), span);
    if (!negative) {
      if (magnitude < edge) return arena.integer(static_cast<std::int64_t>(magnitude), span);
      return arena.unsigned_integer(magnitude, span);
    }
  }
  if (base == 10 && digits(rest)) {  // beyond 64 bits
    const bool as_written = plain.data() == text.data() && text[0] != '+';
    if (as_written) return arena.number(text, span);
    return arena.number(arena.copy(plain[0] == '+' ? plain.substr(1) : plain), span);
  }
  if (looks_like_float(plain)) {
    if (const auto value = parse_float(plain)) return arena.floating(*value, span);
  }
  return {};
}

std::optional<std::string> decode_base64(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int have = 0;
  int padding = 0;
  std::size_t count = 0;
  for (const char c : text) {
    int digit;
    if (c >= 'A' && c <= 'Z') digit = c - 'A';
    else if (c >= 'a' && c <= 'z') digit = c - 'a' + 26;
    else if (c >= '0' && c <= '9') digit = c - '0' + 52;
    else if (c == '+') digit = 62;
    else if (c == '/') digit = 63;
    else if (c == '=') { ++padding; ++count; continue; }
    else if (c == '\n' || c == '\r' || c == ' ' || c == '\t') continue;
    else return std::nullopt;
    if (padding) return std::nullopt;
    ++count;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    have += 6;
    if (have >= 8) {
      have -= 8;
      out += static_cast<char>(bits >> have & 0xff);
    }
  }
  if (count % 4 != 0 || padding > 2) return std::nullopt;
  return out;
}

}  // namespace

bool is_text(std::string_view text) {
  const Hint hint = text.empty() ? Hint::word : hints[static_cast<unsigned char>(text[0])];
  return hint == Hint::none || (hint == Hint::word && !word(text));
}

Value resolve(std::string_view text, Span span, Arena& arena) {
  const Hint hint = text.empty() ? Hint::word : hints[static_cast<unsigned char>(text[0])];
  if (hint == Hint::none) [[likely]] return arena.string(text, span);
  if (const auto found = word(text)) return word_value(*found, span, arena);
  switch (hint) {
    case Hint::none:
    case Hint::word: break;
    case Hint::dot:
    case Hint::number:
      if (const Value value = number(text, span, arena)) return value;
      break;
  }
  return arena.string(text, span);
}

Value resolve_tagged(std::string_view tag, std::string_view text, Span span, Arena& arena) {
  constexpr std::string_view prefix = "tag:yaml.org,2002:";
  if (!tag.starts_with(prefix)) return arena.string(text, span);  // unknown tags, and the non-specific one
  const std::string_view name = tag.substr(prefix.size());
  if (name == "binary") {
    const auto bytes = decode_base64(text);
    if (!bytes) return {};
    // Kubernetes sees text; what is none stays bytes.
    const bool is_utf8 = find_bad_text(*bytes, 0, false).offset == std::string_view::npos;
    return is_utf8 ? arena.string(arena.copy(*bytes), span) : arena.bytes(arena.copy(*bytes), span);
  }
  if (name != "int" && name != "float" && name != "bool" && name != "null") return arena.string(text, span);
  const Value value = resolve(text, span, arena);
  if (name == "null") return value.is_null() ? value : Value();
  if (name == "bool") return value.is(Kind::boolean) ? value : Value();
  if (name == "int") {
    return value.is(Kind::int64) || value.is(Kind::uint64) || value.is(Kind::number) ? value : Value();
  }
  switch (value.kind()) {
    case Kind::float64: return value;
    case Kind::int64: return arena.floating(static_cast<double>(value.as_int()), span);
    case Kind::uint64: return arena.floating(static_cast<double>(value.as_uint()), span);
    case Kind::number: {
      const auto number = parse_float(text);
      return number ? arena.floating(*number, span) : Value();
    }
    case Kind::null: case Kind::boolean: case Kind::string: case Kind::bytes: case Kind::timestamp:
    case Kind::duration: case Kind::list: case Kind::set: case Kind::map: case Kind::resource: case Kind::unknown:
      break;
  }
  return {};
}

}  // namespace assay::yaml

#include "parsers/kubernetes/crd/formats.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "engine/cel/libraries/address.hpp"
#include "engine/cel/libraries/kubernetes.hpp"
#include "engine/cel/times.hpp"
#include "engine/regex.hpp"

namespace assay::kubernetes::crd {

namespace {

bool matches(const char* pattern, std::string_view text) {
  std::string ignored;
  const auto regex = Regex::cached(pattern, ignored);
  return regex && regex->found_in(text);
}

// --- addresses: leading zeros in IPv4 are tolerated, as before Go 1.17 ---

bool sloppy_v4(std::string_view text) {
  int parts = 0;
  for (std::size_t at = 0;;) {
    unsigned value = 0;
    const std::size_t begin = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
      value = value * 10 + static_cast<unsigned>(text[at++] - '0');
      if (value > 255) return false;
    }
    if (at == begin) return false;
    if (++parts == 4) return at == text.size();
    if (at == text.size() || text[at++] != '.') return false;
  }
}
bool address_v6(std::string_view text) {
  std::string ignored;
  if (text.find('%') != std::string_view::npos) return false;
  const auto address = cel::library::parse_address(text, ignored);
  return address && !address->is_v4();
}
bool ipv4(std::string_view text) {
  if (text.find('.') == std::string_view::npos) return false;
  return sloppy_v4(text) || address_v6(text);
}
bool ipv6(std::string_view text) { return text.find(':') != std::string_view::npos && address_v6(text); }
bool cidr(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view address = text.substr(0, slash), bits = text.substr(slash + 1);
  if (bits.empty() || bits.size() > 3 || !std::all_of(bits.begin(), bits.end(), [](char c) { return c >= '0' && c <= '9'; })) return false;
  const int count = std::stoi(std::string(bits));
  if (sloppy_v4(address)) return count <= 32;
  return address_v6(address) && count <= 128;
}
bool mac(std::string_view text) {
  const auto hex = [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; };
  const auto groups = [&](std::size_t digits, char separator) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); ++count) {
      if (at != 0 && text[at++] != separator) return std::size_t{0};
      for (std::size_t i = 0; i < digits; ++i)
        if (at == text.size() || !hex(text[at++])) return std::size_t{0};
    }
    return count * digits / 2;
  };
  if (text.size() < 14) return false;
  const std::size_t bytes = text[2] == ':' || text[2] == '-' ? groups(2, text[2]) : text[4] == '.' ? groups(4, '.') : 0;
  return bytes == 6 || bytes == 8 || bytes == 20;
}

// --- numbers of things ---

std::string without(std::string_view text, bool (*drop)(char)) {
  std::string kept;
  for (const char c : text)
    if (!drop(c)) kept += c;
  return kept;
}
bool isbn10(std::string_view text) {
  const std::string digits = without(text, [](char c) { return c == '-' || std::isspace(static_cast<unsigned char>(c)); });
  if (!matches("^(?:[0-9]{9}X|[0-9]{10})$", digits)) return false;
  int sum = 0;
  for (int i = 0; i < 10; ++i) sum += (i + 1) * (digits[static_cast<std::size_t>(i)] == 'X' ? 10 : digits[static_cast<std::size_t>(i)] - '0');
  return sum % 11 == 0;
}
bool isbn13(std::string_view text) {
  const std::string digits = without(text, [](char c) { return c == '-' || std::isspace(static_cast<unsigned char>(c)); });
  if (!matches("^[0-9]{13}$", digits)) return false;
  int sum = 0;
  for (std::size_t i = 0; i < 12; ++i) sum += (i % 2 ? 3 : 1) * (digits[i] - '0');
  return digits[12] - '0' == (10 - sum % 10) % 10;
}
bool isbn(std::string_view text) { return isbn10(text) || isbn13(text); }
bool credit_card(std::string_view text) {
  const std::string digits = without(text, [](char c) { return c < '0' || c > '9'; });
  if (!matches("^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\\d{3})\\d{11})$", digits))
    return false;
  int sum = 0;
  bool twice = false;
  for (auto at = digits.rbegin(); at != digits.rend(); ++at, twice = !twice) {
    const int digit = (*at - '0') * (twice ? 2 : 1);
    sum += digit >= 10 ? digit % 10 + 1 : digit;
  }
  return sum % 10 == 0;
}

// --- times ---

bool date(std::string_view text) {
  std::string ignored;
  return read_date(text, ignored).has_value();
}
// The day must exist; of the time only its shape and a text comparison count: 23:59:59 is the last.
bool date_time(std::string_view text) {
  if (text.size() < 4) return false;
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const auto t = lower.find('t');
  if (t == std::string::npos || !date(std::string_view(lower).substr(0, t))) return false;
  const std::string rest = lower.substr(t + 1, lower.find('t', t + 1) == std::string::npos ? std::string::npos : lower.find('t', t + 1) - t - 1);
  if (!matches("^([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))$", rest)) return false;
  return rest.substr(0, 2) <= "23" && rest.substr(3, 2) <= "59" && rest.substr(6, 2) <= "59";
}
bool duration(std::string_view text) {
  std::string ignored;
  return read_duration(text, ignored).has_value();
}

// --- texts ---

bool uri(std::string_view text) {
  std::string ignored;
  return cel::library::is_request_uri(text, ignored);
}
// net/mail's addresses without comments and groups: `a@b`, `"a b"@c`, `Name <a@b>`.
bool email(std::string_view text) {
  return matches(R"(^\s*(?:(?:"(?:[^"\\]|\\.)*"|[^<>@,;:\\".\[\]()]*)\s*<\s*)?(?:"(?:[^"\\]|\\.)*"|[^\s<>()\[\],;:@\\".]+(?:\.[^\s<>()\[\],;:@\\".]+)*)@(?:\[[^\]]*\]|[^\s<>()\[\],;:@\\".]+(?:\.[^\s<>()\[\],;:@\\".]+)*)\s*>?\s*$)", text) &&
         (text.find('<') == std::string_view::npos) == (text.find('>') == std::string_view::npos);
}
bool hostname(std::string_view text) {
  if (text.size() > 255) return false;
  if (!matches(R"(^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z\p{L}]){2,63})$)", text)) return false;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t dot = std::min(text.find('.', at), text.size());
    if (dot - at > 63) return false;
    at = dot + 1;
  }
  return true;
}
bool any(std::string_view) { return true; }
bool object_id(std::string_view text) { return matches("^[0-9a-fA-F]{24}$", text); }
bool hex_color(std::string_view text) { return matches("^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$", text); }
bool rgb_color(std::string_view text) {
  return matches(R"(^rgb\(\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*,\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*,\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*\)$)", text);
}
bool base64(std::string_view text) { return matches("^(?:[A-Za-z0-9+\\/]{4})*(?:[A-Za-z0-9+\\/]{2}==|[A-Za-z0-9+\\/]{3}=|[A-Za-z0-9+\\/]{4})$", text); }
bool ssn(std::string_view text) { return text.size() == 11 && matches(R"(^\d{3}[- ]?\d{2}[- ]?\d{4}$)", text); }
bool short_name(std::string_view text) { return text.size() <= 63 && matches("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", text); }
bool long_name(std::string_view text) {
  return text.size() <= 253 && matches(R"(^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$)", text);
}
bool uuid(std::string_view text) { return matches("(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$", text); }
bool uuid3(std::string_view text) { return matches("(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$", text); }
bool uuid4(std::string_view text) { return matches("(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$", text); }
bool uuid5(std::string_view text) { return matches("(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$", text); }

struct Format {
  std::string_view name;  // dashes left out, which the API server does too
  bool (*holds)(std::string_view);
};
constexpr Format formats[] = {
    {"bsonobjectid", object_id}, {"uri", uri}, {"email", email}, {"hostname", hostname}, {"ipv4", ipv4}, {"ipv6", ipv6},
    {"cidr", cidr}, {"mac", mac}, {"uuid", uuid}, {"uuid3", uuid3}, {"uuid4", uuid4}, {"uuid5", uuid5}, {"isbn", isbn},
    {"isbn10", isbn10}, {"isbn13", isbn13}, {"creditcard", credit_card}, {"ssn", ssn}, {"hexcolor", hex_color},
    {"rgbcolor", rgb_color}, {"byte", base64}, {"password", any}, {"date", date}, {"duration", duration}, {"datetime", date_time},
    {"k8sshortname", short_name}, {"k8slongname", long_name}};

const Format* find(std::string_view name) {
  const std::string plain = without(name, [](char c) { return c == '-'; });
  for (const Format& format : formats)
    if (format.name == plain) return &format;
  return nullptr;
}

}  // namespace

bool known_format(std::string_view format) { return find(format) != nullptr; }
std::optional<bool> has_format(std::string_view format, std::string_view text) {
  const Format* const known = find(format);
  return known ? std::optional(known->holds(text)) : std::nullopt;
}

// Go's durations, else every "<number> <unit>" in the text added up: 1 day 2 hours.
std::optional<TimeParts> read_duration(std::string_view text, std::string& error) {
  if (const auto plain = cel::parse_duration(text)) return plain;
  struct Unit {
    std::array<std::string_view, 3> names;  // the last one is a beginning
    std::int64_t nanoseconds;
  };
  constexpr std::int64_t second = 1'000'000'000;
  static const Unit units[] = {{{"ns", "", "nano"}, 1}, {{"us", "µs", "micro"}, 1'000}, {{"ms", "", "milli"}, 1'000'000},
                               {{"s", "", "sec"}, second}, {{"m", "", "min"}, 60 * second}, {{"h", "hr", "hour"}, 3600 * second},
                               {{"d", "", "day"}, 86400 * second}, {{"w", "wk", "week"}, 604800 * second}};
  bool any_unit = false;
  std::uint64_t sum = 0;  // wraps as Go's does
  const auto letter = [&](std::size_t at) { return std::isalpha(static_cast<unsigned char>(text[at])) || static_cast<unsigned char>(text[at]) >= 0x80; };
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] < '0' || text[at] > '9') {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    std::uint64_t factor = 0;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') factor = factor * 10 + static_cast<unsigned>(text[at++] - '0');
    if (at - begin > 18) {
      error = "strconv.Atoi: parsing \"" + std::string(text.substr(begin, at - begin)) + "\": value out of range";
      return std::nullopt;
    }
    std::size_t unit_at = at;
    while (unit_at < text.size() && std::isspace(static_cast<unsigned char>(text[unit_at]))) ++unit_at;
    std::size_t unit_end = unit_at;
    while (unit_end < text.size() && letter(unit_end)) ++unit_end;
    if (unit_end == unit_at) continue;
    std::string unit(text.substr(unit_at, unit_end - unit_at));
    for (char& c : unit) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    at = unit_end;
    for (const Unit& known : units) {
      for (std::size_t i = 0; i < known.names.size(); ++i) {
        const std::string_view name = known.names[i];
        if (name.empty() || !(unit == name || (i + 1 == known.names.size() && std::string_view(unit).starts_with(name)))) continue;
        any_unit = true;
        sum += factor * static_cast<std::uint64_t>(known.nanoseconds);
      }
    }
  }
  if (any_unit) return cel::from_nanoseconds(static_cast<std::int64_t>(sum));
  error = "unable to parse " + std::string(text) + " as duration";
  return std::nullopt;
}

std::optional<TimeParts> read_date(std::string_view text, std::string& error) {
  if (matches("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", text)) {
    // Year 0 is Go's but no timestamp of the language's.
    if (const auto time = cel::parse_timestamp(std::string(text) + "T00:00:00Z")) return time;
  }
  error = "parsing time \"" + std::string(text) + "\" as \"2006-01-02\"";
  return std::nullopt;
}

std::optional<TimeParts> read_date_time(std::string_view text, std::string& error) {
  if (text.empty()) return TimeParts{};
  if (const auto time = cel::parse_timestamp(text)) return time;
  if (const auto time = cel::parse_timestamp(std::string(text) + "Z")) return time;  // local time: no zone
  error = "parsing time \"" + std::string(text) + "\" as \"2006-01-02T15:04:05\"";
  return std::nullopt;
}

std::optional<std::string> read_bytes(std::string_view text, std::string& error) {
  std::string out;
  std::uint32_t bits = 0;
  int have = 0;
  std::size_t at = 0, significant = 0, padding = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\n' || c == '\r') continue;
    std::uint32_t digit;
    if (c >= 'A' && c <= 'Z') digit = static_cast<std::uint32_t>(c - 'A');
    else if (c >= 'a' && c <= 'z') digit = static_cast<std::uint32_t>(c - 'a' + 26);
    else if (c >= '0' && c <= '9') digit = static_cast<std::uint32_t>(c - '0' + 52);
    else if (c == '-') digit = 62;
    else if (c == '_') digit = 63;
    else if (c == '=' && significant % 4 >= 2) { ++padding; continue; }
    else break;
    if (padding) break;
    ++significant;
    bits = bits << 6 | digit;
    have += 6;
    if (have >= 8) {
      have -= 8;
      out += static_cast<char>(bits >> have & 0xff);
    }
  }
  if (at < text.size() || (significant + padding) % 4 != 0) {
    error = "illegal base64 data at input byte " + std::to_string(at);
    return std::nullopt;
  }
  return out;
}

}  // namespace assay::kubernetes::crd

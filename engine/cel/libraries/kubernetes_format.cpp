// kubernetes.NamedFormat, as in the API server (pkg/cel/library/format.go): what a text of a format must be,
// in the words of k8s.io/apimachinery pkg/util/validation and kube-openapi's strfmt.
#include <algorithm>

#include "engine/cel/libraries/kubernetes.hpp"

namespace assay::cel::library {

namespace {

using Faults = std::vector<std::string>;

bool digit(char c) { return c >= '0' && c <= '9'; }
bool lower(char c) { return c >= 'a' && c <= 'z'; }
bool lower_or_digit(char c) { return lower(c) || digit(c); }
bool alphanumeric(char c) { return lower_or_digit(c) || (c >= 'A' && c <= 'Z'); }

constexpr const char* kLabelPattern = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
constexpr const char* kSubdomainPattern = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
constexpr const char* kKeyPattern = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";

std::string not_matching(const std::string& message, std::initializer_list<const char*> examples, const std::string& pattern) {
  std::string text = message + " (e.g. ";
  bool first = true;
  for (const char* example : examples) {
    if (!first) text += " or ";
    text += std::string("'") + example + "', ";
    first = false;
  }
  return text + "regex used for validation is '" + pattern + "')";
}

// [a-z0-9]([-a-z0-9]*[a-z0-9])?
bool is_label(std::string_view text) {
  return !text.empty() && lower_or_digit(text.front()) && lower_or_digit(text.back()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return lower_or_digit(c) || c == '-'; });
}

bool is_subdomain(std::string_view text) {
  while (true) {
    const std::size_t dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

// The API server's words differ with the age of its code.
std::string too_long(int most, const char* unit = "characters") { return "must be no more than " + std::to_string(most) + " " + unit; }

Faults subdomain_faults_in(std::string_view text, const char* unit) {
  Faults faults;
  if (text.size() > 253) faults.push_back(too_long(253, unit));
  if (!is_subdomain(text))
    faults.push_back(not_matching("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and "
                                  "must start and end with an alphanumeric character",
                                  {"example.com"}, kSubdomainPattern));
  return faults;
}

// ([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]
bool is_key_name(std::string_view text) {
  return !text.empty() && alphanumeric(text.front()) && alphanumeric(text.back()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

Faults dns_1035_faults(std::string_view text) {
  Faults faults;
  if (text.size() > 63) faults.push_back(too_long(63));
  if (!is_label(text) || !lower(text.front()))
    faults.push_back(not_matching("a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
                                  "alphabetic character, and end with an alphanumeric character",
                                  {"my-name", "abc-123"}, "[a-z]([-a-z0-9]*[a-z0-9])?"));
  return faults;
}

constexpr const char* kKeyMessage =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

Faults qualified_name_faults(std::string_view text) {
  Faults faults;
  std::string_view name = text;
  if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
    const std::string_view prefix = text.substr(0, slash);
    name = text.substr(slash + 1);
    if (name.find('/') != std::string_view::npos)
      return {"a valid label key " + not_matching(kKeyMessage, {"MyName", "my.name", "123-abc"}, kKeyPattern) +
              " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"};
    if (prefix.empty()) faults.push_back("prefix part must be non-empty");
    else
      for (const std::string& fault : subdomain_faults_in(prefix, "bytes")) faults.push_back("prefix part " + fault);
  }
  if (name.empty()) faults.push_back("name part must be non-empty");
  else if (name.size() > 63) faults.push_back("name part " + too_long(63, "bytes"));
  if (!is_key_name(name)) faults.push_back("name part " + not_matching(kKeyMessage, {"MyName", "my.name", "123-abc"}, kKeyPattern));
  return faults;
}

Faults value_faults(std::string_view text) {
  Faults faults;
  if (text.size() > 63) faults.push_back(too_long(63, "bytes"));
  if (!text.empty() && !is_key_name(text))
    faults.push_back(not_matching(std::string("a valid label must be an empty string or consist of alphanumeric characters, '-', '_' "
                                              "or '.', and must start and end with an alphanumeric character"),
                                  {"MyValue", "my_value", "12345"}, std::string("(") + kKeyPattern + ")?"));
  return faults;
}

// A name that something will be appended to may end in a dash: the dash and what stands before it are set aside.
template <Faults (*check)(std::string_view)>
Faults as_prefix(std::string_view text) {
  if (text.size() < 2 || text.back() != '-') return check(text);
  return check(std::string(text.substr(0, text.size() - 2)) + "a");
}

Faults uri_faults(std::string_view text) {
  std::string error;
  return is_request_uri(text, error) ? Faults() : Faults{error};
}

bool hex(char c) { return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

Faults uuid_faults(std::string_view text) {
  std::size_t at = 0;
  bool valid = true;
  for (const std::size_t group : {8, 4, 4, 4, 12}) {
    if (group != 8 && at < text.size() && text[at] == '-') ++at;
    for (std::size_t i = 0; i < group; ++i, ++at) valid = valid && at < text.size() && hex(text[at]);
  }
  return valid && at == text.size() ? Faults() : Faults{"does not match the UUID format"};
}

Faults byte_faults(std::string_view text) {
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  const bool valid = !text.empty() && text.size() % 4 == 0 &&
                     std::all_of(text.begin(), text.end() - static_cast<std::ptrdiff_t>(padding),
                                 [](char c) { return alphanumeric(c) || c == '+' || c == '/'; });
  return valid ? Faults() : Faults{"invalid base64"};
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  for (const std::size_t i : {0, 1, 2, 3, 5, 6, 8, 9})
    if (!digit(text[i])) return false;
  const auto number = [&](std::size_t begin, std::size_t size) {
    int value = 0;
    for (std::size_t i = begin; i < begin + size; ++i) value = value * 10 + (text[i] - '0');
    return value;
  };
  const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1) return false;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return day <= kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

Faults date_faults(std::string_view text) { return is_date(text) ? Faults() : Faults{"invalid date"}; }

// hh:mm:ss, one character and digits, z or an offset; what follows another t is not looked at.
bool is_time(std::string_view text) {
  const auto two = [&](std::size_t at, std::string_view most) {
    return at + 2 <= text.size() && digit(text[at]) && digit(text[at + 1]) && text.substr(at, 2) <= most;
  };
  const auto is = [&](std::size_t at, char c) { return at < text.size() && text[at] == c; };
  if (!two(0, "23") || !is(2, ':') || !two(3, "59") || !is(5, ':') || !two(6, "59")) return false;
  const auto zone = [&](std::size_t at) {
    if (is(at, 'z')) return at + 1 == text.size();
    return (is(at, '+') || is(at, '-')) && two(at + 1, "99") && is(at + 3, ':') && two(at + 4, "99") && at + 6 == text.size();
  };
  if (zone(8)) return true;
  std::size_t end = 9;
  while (end < text.size() && digit(text[end])) ++end;
  return end > 9 && text[8] != '\n' && zone(end);
}

Faults datetime_faults(std::string_view text) {
  std::string folded(text);
  for (char& c : folded)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  const std::string_view all = folded;
  const std::size_t t = all.find('t');
  if (t == std::string_view::npos || !is_date(all.substr(0, t))) return {"invalid datetime"};
  const std::string_view rest = all.substr(t + 1);
  return is_time(rest.substr(0, rest.find('t'))) ? Faults() : Faults{"invalid datetime"};
}

struct NamedFormat {
  const char* name;
  const char* documentation;
  Faults (*faults)(std::string_view);
  std::uint32_t pattern_size;  // for the cost of validating
};
constexpr NamedFormat kFormats[] = {
    {"dns1123Label", "an RFC 1123 label: at most 63 lower case letters, digits and dashes", label_faults, 30},
    {"dns1123Subdomain", "an RFC 1123 subdomain: labels and dots, at most 253 characters", subdomain_faults, 60},
    {"dns1035Label", "an RFC 1035 label: as an RFC 1123 label, beginning with a letter", dns_1035_faults, 30},
    {"qualifiedName", "a label key: an optional subdomain and `/`, then at most 63 letters, digits, `-`, `_` and `.`", qualified_name_faults, 60},
    {"dns1123LabelPrefix", "the beginning of an RFC 1123 label (it may end in a dash)", as_prefix<label_faults>, 30},
    {"dns1123SubdomainPrefix", "the beginning of an RFC 1123 subdomain (it may end in a dash)", as_prefix<subdomain_faults>, 60},
    {"dns1035LabelPrefix", "the beginning of an RFC 1035 label (it may end in a dash)", as_prefix<dns_1035_faults>, 30},
    {"labelValue", "a label's value: empty or at most 63 letters, digits, `-`, `_` and `.`", value_faults, 40},
    {"uri", "an absolute URI or an absolute path", uri_faults, 1103},
    {"uuid", "a UUID, with or without dashes", uuid_faults, 70},
    {"byte", "base64 text", byte_faults, 84},
    {"date", "a date as RFC 3339 has it, such as 2024-02-29", date_faults, 71},
    {"datetime", "a date and time as RFC 3339 has it", datetime_faults, 71},
};

struct FormatValue final : OpaqueBase {
  static constexpr Tag tag = Tag::format;
  static const Type* static_type() {
    static const Type type{TypeKind::opaque, "kubernetes.NamedFormat", {}};
    return &type;
  }
  const NamedFormat* format;

  explicit FormatValue(const NamedFormat* f) : format(f) {}
  const Type* type() const override { return static_type(); }
  bool equals(const OpaqueBase& other) const override {
    const auto* named = as<FormatValue>(other);
    return named && named->format == format;
  }
  std::string text() const override { return std::string("format.") + format->name + "()"; }
};

Val named(Frame& frame, Args args) {
  for (const NamedFormat& format : kFormats)
    if (args[0].string() == format.name) return make_some(frame, opaque(frame, FormatValue(&format)));
  return val_none();
}

template <std::size_t index>
Val constant(Frame& frame, Args) {
  return opaque(frame, FormatValue(&kFormats[index]));
}

Val validate(Frame& frame, Args args) {
  const Faults faults = as<FormatValue>(args[0])->format->faults(args[1].string());
  if (faults.empty()) return val_none();
  const Val list = list_of(frame, faults);
  return list.is_error() ? list : make_some(frame, list);
}

std::uint64_t validate_cost(Args args, const Val&) {
  if (!args[0].is(ValKind::opaque)) return 1;
  return scaled(1 + size_cost(args[1]), 0.1) * scaled(as<FormatValue>(args[0])->format->pattern_size, 0.25);
}

template <std::size_t... index>
void define_constants(Environment& environment, const Type* format, std::index_sequence<index...>) {
  (define(environment, std::string("format.") + kFormats[index].name, std::string("the format of ") + kFormats[index].documentation,
          {global(std::string("format.") + kFormats[index].name, {}, format, constant<index>)}),
   ...);
}

}  // namespace

std::vector<std::string> label_faults(std::string_view text) {
  Faults faults;
  if (text.size() > 63) faults.push_back(too_long(63));
  if (is_label(text)) return faults;
  faults.push_back(is_subdomain(text) ? "must not contain dots"
                                      : not_matching("a lowercase RFC 1123 label must consist of lower case alphanumeric characters "
                                                     "or '-', and must start and end with an alphanumeric character",
                                                     {"my-name", "123-abc"}, kLabelPattern));
  return faults;
}

std::vector<std::string> subdomain_faults(std::string_view text) { return subdomain_faults_in(text, "characters"); }
std::vector<std::string> subdomain_prefix_faults(std::string_view text) { return as_prefix<subdomain_faults>(text); }
std::vector<std::string> label_key_faults(std::string_view text) { return qualified_name_faults(text); }
std::vector<std::string> label_value_faults(std::string_view text) { return value_faults(text); }
std::vector<std::string> dns_1035_label_faults(std::string_view text) { return dns_1035_faults(text); }

void add_named_formats(Environment& environment) {
  const Types t(environment);
  const Type* format = t.table.opaque("kubernetes.NamedFormat");
  define(environment, "format.named", "the format of that name, if there is one",
         {global("format-named", {t.string}, t.table.optional(format), named)});
  define_constants(environment, format, std::make_index_sequence<std::size(kFormats)>());
  define(environment, "validate", "what is wrong with a text of that format; none where nothing is",
         {member("format-validate", {format, t.string}, t.table.optional(t.list(t.string)), validate, validate_cost)});
}

}  // namespace assay::cel::library

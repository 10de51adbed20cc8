// format formatlist. Numbers are written as Go's math/big does.
#include <algorithm>

#include "parsers/hcl/number.hpp"
#include "parsers/hcl/unicode.hpp"
#include "parsers/terraform/function.hpp"
#include "parsers/terraform/number.hpp"

namespace assay::terraform {

using K = Type::Kind;

namespace {

constexpr int widest = 100'000;  // of widths and precisions

struct Verb {
  std::string_view raw;
  int argument = 1;  // from 1
  char mode = 0;
  bool zero = false, sharp = false, plus = false, minus = false, space = false;
  int width = -1, precision = -1;
};

// --- numbers ---

// Significant digits without leading or trailing zeros, and where the point stands: 0.DIGITS × 10^point.
struct Decimal {
  std::string digits;
  int point = 0;
  bool negative = false;
};

Decimal decimal_of(std::string_view text) {
  Decimal result;
  result.negative = text.starts_with('-');
  if (result.negative) text.remove_prefix(1);
  const auto dot = text.find('.');
  const std::string_view integer = text.substr(0, dot);
  result.digits = std::string(integer) + std::string(dot == std::string_view::npos ? std::string_view() : text.substr(dot + 1));
  result.point = static_cast<int>(integer.size());
  const auto first = result.digits.find_first_not_of('0');
  if (first == std::string::npos) return {"", 0, result.negative};
  result.digits.erase(0, first);
  result.point -= static_cast<int>(first);
  while (result.digits.ends_with('0')) result.digits.pop_back();
  return result;
}

// To `count` digits, half to even.
void round_to(Decimal& d, int count) {
  if (count < 0) count = 0, d.digits.insert(0, "0"), d.point += 1, count = 0;
  if (count >= static_cast<int>(d.digits.size())) return;
  const auto at = static_cast<std::size_t>(count);
  bool up = d.digits[at] > '5';
  if (d.digits[at] == '5') up = at + 1 < d.digits.size() || (at > 0 && (d.digits[at - 1] - '0') % 2 == 1);
  d.digits.resize(at);
  if (up) {
    std::size_t i = at;
    while (i > 0 && d.digits[i - 1] == '9') --i;
    if (i == 0) {
      d.digits = "1";
      d.point += 1;
      return;
    }
    d.digits.resize(i);
    ++d.digits[i - 1];
  }
  while (d.digits.ends_with('0')) d.digits.pop_back();
  if (d.digits.empty()) d.point = 0;
}

std::string scientific(const Decimal& d, int precision, char letter) {
  std::string out(1, d.digits.empty() ? '0' : d.digits[0]);
  if (precision > 0) {
    out += '.';
    for (int i = 1; i <= precision; ++i) out += i < static_cast<int>(d.digits.size()) ? d.digits[static_cast<std::size_t>(i)] : '0';
  }
  const int exponent = d.digits.empty() ? 0 : d.point - 1;
  out += letter;
  out += exponent < 0 ? '-' : '+';
  const std::string digits = std::to_string(std::abs(exponent));
  return out + (digits.size() < 2 ? "0" : "") + digits;
}

std::string fixed(const Decimal& d, int precision) {
  const auto digit = [&](int i) { return i >= 0 && i < static_cast<int>(d.digits.size()) ? d.digits[static_cast<std::size_t>(i)] : '0'; };
  std::string out;
  if (d.point > 0)
    for (int i = 0; i < d.point; ++i) out += digit(i);
  else
    out = "0";
  if (precision > 0) {
    out += '.';
    for (int i = 0; i < precision; ++i) out += digit(d.point + i);
  }
  return out;
}

// Go's big.Float.Text; a precision below zero asks for the shortest.
std::string float_text(Value number, char format, int precision) {
  if (number.is(Kind::float64) && number.as_double() - number.as_double() != 0) return number_text(number);
  const bool shortest = precision < 0;
  std::string text = number_text(number);
  if (!shortest) text = number.is(Kind::float64) ? exact_text(number) : hcl::exact_digits(text);
  Decimal d = decimal_of(text);
  if (shortest) {
    const int count = static_cast<int>(d.digits.size());
    precision = format == 'e' || format == 'E' ? count - 1 : format == 'f' ? std::max(count - d.point, 0) : count;
  } else {
    if (format == 'g' || format == 'G') precision = std::max(precision, 1);
    round_to(d, format == 'f' ? d.point + precision : format == 'g' || format == 'G' ? precision : precision + 1);
  }
  std::string out;
  if (format == 'f') {
    out = fixed(d, precision);
  } else if (format == 'e' || format == 'E') {
    out = scientific(d, precision, format);
  } else {
    const int count = static_cast<int>(d.digits.size());
    int limit = precision;
    if (limit > count && count >= d.point) limit = count;
    if (shortest) limit = 6;
    const int exponent = d.point - 1;
    if (exponent < -4 || exponent >= limit) {
      if (precision > count) precision = count;
      out = scientific(d, precision - 1, format == 'g' ? 'e' : 'E');
    } else {
      out = fixed(d, std::max(count - d.point, 0));
    }
  }
  return (d.negative ? "-" : "") + out;
}

// Digits of a whole number (its decimal text, without sign) in another base.
std::string in_base(std::string decimal, int base) {
  if (base == 10) return decimal;
  std::string out;
  while (decimal != "0" && !decimal.empty()) {
    int rest = 0;
    std::string next;
    for (const char c : decimal) {
      rest = rest * 10 + (c - '0');
      if (!next.empty() || rest / base > 0) next += static_cast<char>('0' + rest / base);
      rest %= base;
    }
    out += "0123456789abcdef"[rest];
    decimal = next;
  }
  std::reverse(out.begin(), out.end());
  return out.empty() ? "0" : out;
}

std::string integer_text(const Verb& verb, Value number) {
  std::string text = exact_text(number);
  if (text == "-0") text = "0";
  const bool negative = text.starts_with('-');
  if (negative) text.erase(0, 1);
  const int base = verb.mode == 'b' ? 2 : verb.mode == 'o' ? 8 : verb.mode == 'd' ? 10 : 16;
  std::string digits = in_base(text, base);
  if (verb.mode == 'X') std::transform(digits.begin(), digits.end(), digits.begin(), [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
  const std::string sign = negative ? "-" : verb.plus ? "+" : verb.space ? " " : "";
  std::string prefix;
  if (verb.sharp) prefix = verb.mode == 'b' ? "0b" : verb.mode == 'o' ? "0" : verb.mode == 'x' ? "0x" : verb.mode == 'X' ? "0X" : "";
  std::size_t left = 0, zeros = 0, right = 0;
  if (verb.precision >= 0) {
    if (digits.size() < static_cast<std::size_t>(verb.precision)) zeros = static_cast<std::size_t>(verb.precision) - digits.size();
    else if (digits == "0" && verb.precision == 0) return {};
  }
  const std::size_t length = sign.size() + prefix.size() + zeros + digits.size();
  if (verb.width >= 0 && length < static_cast<std::size_t>(verb.width)) {
    const std::size_t pad = static_cast<std::size_t>(verb.width) - length;
    if (verb.minus) right = pad;
    else if (verb.zero && verb.precision < 0) zeros = pad;
    else left = pad;
  }
  return std::string(left, ' ') + sign + prefix + std::string(zeros, '0') + digits + std::string(right, ' ');
}

std::string real_text(const Verb& verb, Value number) {
  int precision = verb.precision;
  if (precision < 0 && verb.mode != 'g' && verb.mode != 'G') precision = 6;
  std::string text = float_text(number, verb.mode, precision);
  std::string sign;
  if (text[0] == '-' || text[0] == '+') {
    sign = text.substr(0, 1);
    if (sign == "+" && verb.space) sign = " ";
    text.erase(0, 1);
  } else if (verb.plus) {
    sign = "+";
  } else if (verb.space) {
    sign = " ";
  }
  std::size_t pad = 0;
  if (verb.width >= 0 && static_cast<std::size_t>(verb.width) > sign.size() + text.size()) pad = static_cast<std::size_t>(verb.width) - sign.size() - text.size();
  if (verb.zero && !verb.minus) return sign + std::string(pad, '0') + text;
  if (verb.minus) return sign + text + std::string(pad, ' ');
  return std::string(pad, ' ') + sign + text;
}

// --- the rest ---

std::string padded(const Verb& verb, std::string text) {
  if (verb.width < 0) return text;
  const std::size_t length = hcl::count_graphemes(text);
  if (length >= static_cast<std::size_t>(verb.width)) return text;
  const std::string pad(static_cast<std::size_t>(verb.width) - length, verb.zero ? '0' : ' ');
  return verb.minus ? text + pad : pad + text;
}

struct Formatting {
  Call& c;
  std::span<const Typed> args;
  std::string out;
  int highest = 0;
  std::string error;

  bool fail(const Verb& verb, std::string text) {
    error = "`" + std::string(verb.raw) + "`: " + std::move(text);
    return false;
  }

  bool append(const Verb& verb) {
    if (verb.argument < 1 || static_cast<std::size_t>(verb.argument) > args.size())
      return fail(verb, "there is no argument " + std::to_string(verb.argument) + " for it");
    const Typed arg = args[static_cast<std::size_t>(verb.argument) - 1];
    if (verb.mode != 'v' && arg.null()) return fail(verb, "the argument is null: use `%v`");
    std::string why;
    switch (verb.mode) {
      case 'v': {
        std::string text;
        if (!verb.sharp && !arg.null() && arg.type->is(K::string)) text = arg.value.as_string();
        else if (!verb.sharp && !arg.null() && arg.type->is(K::number)) text = float_text(arg.value, 'g', -1);
        else if (!to_json(arg.value, text)) return fail(verb, "the value is longer than 16 MiB");
        out += padded(verb, std::move(text));
        return true;
      }
      case 't': {
        const Typed yes = convert(arg, bool_type(), c.arena, why);
        if (!yes) return fail(verb, why);
        out += yes.value.as_bool() ? "true" : "false";
        return true;
      }
      case 'b': case 'd': case 'o': case 'x': case 'X': case 'e': case 'E': case 'f': case 'g': case 'G': {
        const Typed number = convert(arg, number_type(), c.arena, why);
        if (!number) return fail(verb, why);
        if (std::string_view("eEfgG").find(verb.mode) != std::string_view::npos) {
          out += real_text(verb, number.value);
          return true;
        }
        if (!is_whole(number.value)) return fail(verb, "a whole number is required");
        out += integer_text(verb, number.value);
        return true;
      }
      case 's': case 'q': {
        const Typed string = convert(arg, string_type(), c.arena, why);
        if (!string) return fail(verb, why);
        std::string_view text = string.value.as_string();
        if (verb.precision > 0) {
          std::size_t end = 0;
          for (int i = 0; i < verb.precision && end < text.size(); ++i) end += hcl::grapheme_size(text, end);
          text = text.substr(0, end);
        }
        std::string written(text);
        if (verb.mode == 'q') {
          written.clear();
          to_json(c.arena.string(text, {}), written);
        }
        out += padded(verb, std::move(written));
        return true;
      }
      default: return fail(verb, "there is no such verb");
    }
  }

  bool run(std::string_view format) {
    int next = 1;
    for (std::size_t i = 0; i < format.size();) {
      if (format[i] != '%') {
        out += format[i++];
        continue;
      }
      if (i + 1 < format.size() && format[i + 1] == '%') {
        out += '%';
        i += 2;
        continue;
      }
      Verb verb;
      verb.argument = next;
      const std::size_t begin = i++;
      for (; i < format.size(); ++i) {
        if (format[i] == '0') verb.zero = true;
        else if (format[i] == '#') verb.sharp = true;
        else if (format[i] == '-') verb.minus = true;
        else if (format[i] == '+') verb.plus = true;
        else if (format[i] == ' ') verb.space = true;
        else break;
      }
      const auto number = [&](int& to) {
        while (i < format.size() && format[i] >= '0' && format[i] <= '9' && to <= widest) to = to * 10 + (format[i++] - '0');
      };
      if (i < format.size() && format[i] >= '1' && format[i] <= '9') verb.width = 0, number(verb.width);
      if (i < format.size() && format[i] == '.') verb.precision = 0, ++i, number(verb.precision);
      if (i < format.size() && format[i] == '[') {
        ++i;
        verb.argument = 0;
        if (i < format.size() && format[i] >= '1' && format[i] <= '9') number(verb.argument);
        if (i >= format.size() || format[i] != ']' || verb.argument == 0) {
          error = "the argument's number at offset " + std::to_string(begin) + " must be written `[1]`, and end with `]`";
          return false;
        }
        ++i;
      }
      if (verb.width > widest || verb.precision > widest) {
        error = "a width or precision is greater than 100000";
        return false;
      }
      const char mode = i < format.size() ? format[i] : '\0';
      if (!((mode >= 'a' && mode <= 'z') || (mode >= 'A' && mode <= 'Z'))) {
        error = "the `%` at offset " + std::to_string(begin) + " begins no verb: write `%%` for a percent sign";
        return false;
      }
      verb.mode = mode;
      verb.raw = format.substr(begin, ++i - begin);
      highest = std::max(highest, verb.argument);
      if (!append(verb)) return false;
      if (out.size() > max_text) {
        error = "the result is longer than 16 MiB";
        return false;
      }
      next = verb.argument + 1;
    }
    if (static_cast<std::size_t>(highest) < args.size()) {
      error = "there are " + std::to_string(args.size()) + " arguments, but the format uses " + std::to_string(highest);
      return false;
    }
    return true;
  }
};

Typed format_(Call& c) {
  for (const Typed& arg : c.args.subspan(1))
    if (arg.value.has_unknown()) return c.unknown_argument(string_type());
  Formatting formatting{c, c.args.subspan(1), {}, 0, {}};
  if (!formatting.run(c.text(0))) return c.fail(formatting.error, 0);
  return c.string(formatting.out);
}

Typed formatlist_(Call& c) {
  const auto args = c.args.subspan(1);
  std::size_t length = 1;
  int chooser = -1;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const Typed arg = args[i];
    if (arg.unknown() && (arg.type->is(K::any) || arg.type->sequence())) return c.unknown_argument(list_type(string_type()));
    if (!arg.type->sequence() || arg.null()) continue;
    if (arg.type->is(K::set) && arg.value.has_unknown() && arg.value.size() > 1) return c.unknown_argument(list_type(string_type()));
    if (chooser >= 0 && arg.value.size() != length)
      return c.fail("the lists differ in length: argument " + std::to_string(i + 1) + " has " + std::to_string(arg.value.size()) + " elements, argument " +
                        std::to_string(chooser + 1) + " has " + std::to_string(length),
                    static_cast<int>(i) + 1);
    if (chooser < 0) chooser = static_cast<int>(i);
    length = arg.value.size();
  }
  std::vector<Value> items;
  std::size_t written = 0;
  for (std::size_t n = 0; n < length; ++n) {
    std::vector<Typed> row;
    bool known = true;
    for (const Typed& arg : args) {
      row.push_back(arg.type->sequence() && !arg.null() ? Typed{arg.value.items()[n], arg.type->is(K::tuple) ? arg.type->items[n] : arg.type->element} : arg);
      known = known && !row.back().value.has_unknown();
    }
    if (!known) {
      items.push_back(c.unknown_argument(string_type()).value);
      continue;
    }
    Formatting formatting{c, row, {}, 0, {}};
    if (!formatting.run(c.text(0))) return c.fail(formatting.error, 0);
    written += formatting.out.size();
    if (written > max_text) return c.fail("the result is longer than 16 MiB");
    items.push_back(c.string(formatting.out).value);
  }
  return c.list(items, string_type());
}

constexpr Function functions[] = {
    {"format", "format:s args:a0?...", "s", format_},
    {"formatlist", "format:s args:a0?...", "Ls", formatlist_},
};

}  // namespace

std::span<const Function> format_functions() { return functions; }

}  // namespace assay::terraform

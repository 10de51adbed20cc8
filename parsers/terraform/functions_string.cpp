// chomp endswith indent join lower regex regexall replace split startswith strcontains strrev substr title trim
// trimprefix trimspace trimsuffix upper
#include <algorithm>

#include "engine/regex.hpp"
#include "engine/text.hpp"
#include "parsers/hcl/unicode.hpp"
#include "parsers/terraform/function.hpp"

namespace assay::terraform {

namespace {

constexpr const char* too_long = "the result is longer than 16 MiB";

template <class Map>
std::string mapped(std::string_view text, Map map) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const Decoded c = decode(text, i);
    if (c.valid) append_utf8(out, map(c.code_point));
    else out += text.substr(i, c.size);
    i += c.size;
  }
  return out;
}

Typed upper_(Call& c) { return c.string(mapped(c.text(0), hcl::to_upper)); }
Typed lower_(Call& c) { return c.string(mapped(c.text(0), hcl::to_lower)); }

// Go's strings.Title: a letter after a separator.
Typed title_(Call& c) {
  bool start = true;
  return c.string(mapped(c.text(0), [&](char32_t code) {
    const char32_t out = start ? hcl::to_title(code) : code;
    if (code < 0x80) start = !(std::isalnum(static_cast<int>(code)) || code == '_');
    else start = !hcl::is_letter(code) && !hcl::is_digit(code) && hcl::is_space(code);
    return out;
  }));
}

Typed chomp_(Call& c) {
  std::string_view text = c.text(0);
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return c.string(text);
}

Typed indent_(Call& c) {
  std::int64_t spaces = 0;
  if (!c.integer(0, spaces)) return {};
  if (spaces < 0) return c.fail("the number of spaces must not be negative", 0);
  const std::string_view text = c.text(1);
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  if (spaces > 10'000'000 || text.size() + lines * static_cast<std::size_t>(spaces) > max_text) return c.fail(too_long);
  std::string out;
  for (const char character : text) {
    out += character;
    if (character == '\n') out.append(static_cast<std::size_t>(spaces), ' ');
  }
  return c.string(out);
}

Typed join_(Call& c) {
  if (c.args.size() < 2) return c.fail("at least one list is required");
  for (const Typed& list : c.args)
    if (list.value.has_unknown()) return c.unknown_argument(string_type());
  std::string out;
  bool first = true;
  for (std::size_t i = 1; i < c.args.size(); ++i)
    for (const Value item : c.args[i].value.items()) {
      if (item.is_null()) return c.fail("an element is null: take nulls out with `compact`", static_cast<int>(i));
      if (!first) out += c.text(0);
      first = false;
      out += item.as_string();
      if (out.size() > max_text) return c.fail(too_long);
    }
  return c.string(out);
}

Typed split_(Call& c) {
  const std::string_view separator = c.text(0);
  std::string_view text = c.text(1);
  std::vector<std::string> parts;
  if (separator.empty()) {
    for (std::size_t i = 0; i < text.size();) {
      const std::size_t size = decode(text, i).size;
      parts.emplace_back(text.substr(i, size));
      i += size;
    }
  } else {
    for (;;) {
      const auto at = text.find(separator);
      parts.emplace_back(text.substr(0, at));
      if (at == std::string_view::npos) break;
      text.remove_prefix(at + separator.size());
    }
  }
  if (parts.size() > max_items) return c.fail("the result has more than 1000000 elements");
  return c.strings(parts);
}

Typed startswith_(Call& c) { return c.boolean(c.text(0).starts_with(c.text(1))); }
Typed endswith_(Call& c) { return c.boolean(c.text(0).ends_with(c.text(1))); }
Typed strcontains_(Call& c) { return c.boolean(c.text(0).find(c.text(1)) != std::string_view::npos); }

Typed strrev_(Call& c) {
  const std::string_view text = c.text(0);
  std::string out(text.size(), '\0');
  std::size_t end = text.size();
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t size = hcl::grapheme_size(text, i);
    end -= size;
    std::copy_n(text.data() + i, size, out.data() + end);
    i += size;
  }
  return c.string(out);
}

Typed substr_(Call& c) {
  std::int64_t offset = 0, length = 0;
  if (!c.integer(1, offset) || !c.integer(2, length)) return {};
  std::string_view text = c.text(0);
  if (offset < 0) offset += static_cast<std::int64_t>(hcl::count_graphemes(text));
  else if (length == 0) return c.string("");
  for (std::int64_t i = 0; i < offset; ++i) {
    if (text.empty()) return c.string("");
    text.remove_prefix(hcl::grapheme_size(text, 0));
  }
  if (length < 0) return c.string(text);
  // A length of zero with an offset from the end takes the rest, as the reference implementation does.
  std::size_t end = 0;
  for (std::int64_t i = 0; end < text.size(); ) {
    end += hcl::grapheme_size(text, end);
    if (++i == length) break;
  }
  return c.string(text.substr(0, end));
}

// The bytes of `text` between which neither end is one of `cut`'s characters.
template <class Cut>
std::string_view trimmed(std::string_view text, Cut cut) {
  while (!text.empty()) {
    const Decoded first = decode(text, 0);
    if (!cut(first.code_point)) break;
    text.remove_prefix(first.size);
  }
  while (!text.empty()) {
    std::size_t at = text.size() - 1;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) --at;
    if (!cut(decode(text, at).code_point)) break;
    text = text.substr(0, at);
  }
  return text;
}

Typed trim_(Call& c) {
  std::u32string cut;
  const std::string_view set = c.text(1);
  for (std::size_t i = 0; i < set.size(); i += decode(set, i).size) cut += decode(set, i).code_point;
  return c.string(trimmed(c.text(0), [&](char32_t code) { return cut.find(code) != std::u32string::npos; }));
}
Typed trimspace_(Call& c) { return c.string(trimmed(c.text(0), hcl::is_space)); }
Typed trimprefix_(Call& c) {
  std::string_view text = c.text(0);
  if (text.starts_with(c.text(1))) text.remove_prefix(c.text(1).size());
  return c.string(text);
}
Typed trimsuffix_(Call& c) {
  std::string_view text = c.text(0);
  if (text.ends_with(c.text(1))) text.remove_suffix(c.text(1).size());
  return c.string(text);
}

// --- regular expressions ---

std::shared_ptr<const Regex> compiled(Call& c, std::string_view pattern, int argument) {
  // Go writes named groups in two ways, of which RE2 knows the older.
  std::string text;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    text += pattern[i];
    if (pattern[i] == '\\' && i + 1 < pattern.size()) text += pattern[++i];
    else if (pattern.substr(i).starts_with("(?<") && i + 3 < pattern.size() && pattern[i + 3] != '=' && pattern[i + 3] != '!') text += "?P", ++i;
  }
  std::string error;
  auto regex = Regex::cached(text, error);
  if (!regex) c.fail("this is no regular expression: " + error, argument);
  return regex;
}

// Whether groups are named; false when some are and some are not.
bool kinds_agree(const Regex& regex) {
  const auto named = regex.named_groups();
  return named.empty() || static_cast<int>(named.size()) == regex.group_count();
}

Typed groups_value(Call& c, const Regex& regex, const std::vector<std::string_view>& groups) {
  if (regex.group_count() == 0) return c.string(groups[0]);
  const auto group = [&](std::size_t i) { return groups[i].data() ? c.string(groups[i]) : c.null(string_type()); };
  const auto named = regex.named_groups();
  if (named.empty()) {
    std::vector<Typed> items;
    for (std::size_t i = 1; i < groups.size(); ++i) items.push_back(group(i));
    return c.tuple(items);
  }
  std::vector<std::pair<std::string_view, Typed>> members;
  for (const auto& [name, number] : named) members.emplace_back(name, group(static_cast<std::size_t>(number)));
  return c.object(std::move(members));
}

Typed regex_(Call& c) {
  const auto regex = compiled(c, c.text(0), 0);
  if (!regex) return {};
  if (!kinds_agree(*regex)) return c.fail("name all groups or none", 0);
  std::vector<std::string_view> groups;
  if (!regex->match(c.text(1), 0, groups)) return c.fail("the pattern matches no part of the string", 1);
  return groups_value(c, *regex, groups);
}

// Calls `each` with the groups of every match, as Go's FindAll: a match of nothing does not follow another.
template <class Each>
void each_match(const Regex& regex, std::string_view text, Each each) {
  std::vector<std::string_view> groups;
  std::size_t at = 0, last_end = std::string_view::npos;
  while (at <= text.size() && regex.match(text, at, groups)) {
    const auto begin = static_cast<std::size_t>(groups[0].data() - text.data());
    const std::size_t end = begin + groups[0].size();
    const bool accepted = !groups[0].empty() || begin != last_end;
    if (accepted && !each(groups, begin, end)) return;
    last_end = end;
    if (end > at) at = end;
    else at += at < text.size() ? decode(text, at).size : 1;
  }
}

Typed regexall_(Call& c) {
  const auto regex = compiled(c, c.text(0), 0);
  if (!regex) return {};
  if (!kinds_agree(*regex)) return c.fail("name all groups or none", 0);
  std::vector<Value> items;
  const Type* type = nullptr;
  each_match(*regex, c.text(1), [&](const auto& groups, std::size_t, std::size_t) {
    const Typed one = groups_value(c, *regex, groups);
    items.push_back(one.value);
    type = one.type;
    return items.size() <= max_items;
  });
  if (items.size() > max_items) return c.fail("the result has more than 1000000 elements");
  if (!type) {
    const std::vector<std::string_view> none(static_cast<std::size_t>(regex->group_count()) + 1);
    type = groups_value(c, *regex, none).type;
  }
  return c.list(items, type);
}

// Go's Regexp.Expand: $1, $name, ${name}, $$.
void expand(const Regex& regex, std::string_view with, const std::vector<std::string_view>& groups, std::string& out) {
  const auto named = regex.named_groups();
  for (std::size_t i = 0; i < with.size();) {
    if (with[i] != '$') {
      out += with[i++];
      continue;
    }
    if (i + 1 < with.size() && with[i + 1] == '$') {
      out += '$';
      i += 2;
      continue;
    }
    const bool brace = i + 1 < with.size() && with[i + 1] == '{';
    std::size_t end = i + 1 + brace;
    const std::size_t begin = end;
    while (end < with.size() && (std::isalnum(static_cast<unsigned char>(with[end])) || with[end] == '_')) ++end;
    const std::string_view name = with.substr(begin, end - begin);
    if (name.empty() || (brace && (end >= with.size() || with[end] != '}'))) {
      out += '$';
      ++i;
      continue;
    }
    i = end + brace;
    int number = -1;
    if (name.size() < 8 && std::all_of(name.begin(), name.end(), [](char d) { return d >= '0' && d <= '9'; }))
      number = name.size() > 1 && name[0] == '0' ? -1 : std::stoi(std::string(name));
    else
      for (const auto& [group, at] : named)
        if (group == name) number = at;
    if (number >= 0 && static_cast<std::size_t>(number) < groups.size()) out += groups[static_cast<std::size_t>(number)];
  }
}

Typed replace_(Call& c) {
  const std::string_view text = c.text(0), what = c.text(1), with = c.text(2);
  std::string out;
  if (what.size() > 1 && what.front() == '/' && what.back() == '/') {
    const auto regex = compiled(c, what.substr(1, what.size() - 2), 1);
    if (!regex) return {};
    std::size_t last = 0;
    each_match(*regex, text, [&](const auto& groups, std::size_t begin, std::size_t end) {
      out += text.substr(last, begin - last);
      expand(*regex, with, groups, out);
      last = end;
      return out.size() <= max_text;
    });
    if (out.size() > max_text) return c.fail(too_long);
    out += text.substr(last);
    return c.string(out);
  }
  if (what.empty()) {
    // Between all characters, and at both ends.
    for (std::size_t i = 0; i < text.size() && out.size() <= max_text;) {
      const std::size_t size = decode(text, i).size;
      out += with;
      out += text.substr(i, size);
      i += size;
    }
    out += with;
    if (out.size() > max_text) return c.fail(too_long);
    return c.string(out);
  }
  std::size_t last = 0;
  for (std::size_t at; (at = text.find(what, last)) != std::string_view::npos; last = at + what.size()) {
    out += text.substr(last, at - last);
    out += with;
    if (out.size() > max_text) return c.fail(too_long);
  }
  out += text.substr(last);
  return c.string(out);
}

constexpr Function functions[] = {
    {"chomp", "str:s", "s", chomp_},
    {"endswith", "str:s suffix:s", "b", endswith_},
    {"indent", "spaces:n str:s", "s", indent_},
    {"join", "separator:s lists:Ls...", "s", join_},
    {"lower", "str:s", "s", lower_},
    {"regex", "pattern:s string:s", "a", regex_},
    {"regexall", "pattern:s string:s", "La", regexall_},
    {"replace", "str:s substr:s replace:s", "s", replace_},
    {"split", "separator:s str:s", "Ls", split_},
    {"startswith", "str:s prefix:s", "b", startswith_},
    {"strcontains", "str:s substr:s", "b", strcontains_},
    {"strrev", "str:s", "s", strrev_},
    {"substr", "str:s offset:n length:n", "s", substr_},
    {"title", "str:s", "s", title_},
    {"trim", "str:s cutset:s", "s", trim_},
    {"trimprefix", "str:s prefix:s", "s", trimprefix_},
    {"trimspace", "str:s", "s", trimspace_},
    {"trimsuffix", "str:s suffix:s", "s", trimsuffix_},
    {"upper", "str:s", "s", upper_},
};

}  // namespace

std::span<const Function> string_functions() { return functions; }

}  // namespace assay::terraform

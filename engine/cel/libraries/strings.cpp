// ext/strings: text by code points. Facts from google/cel-go ext/strings.go; where its two readings of an
// offset beyond the end differ, `current` is cel-spec's (an error) and `api_server` is cel-go's (-1).
#include <algorithm>
#include <cstring>

#include "engine/cel/libraries/string_format.hpp"
#include "engine/cel/libraries/support.hpp"
#include "engine/cel/numbers.hpp"
#include "engine/text.hpp"

namespace assay::cel {

using namespace library;

namespace {

Val out_of_range(Frame& frame, std::int64_t index) {
  return make_error(frame, "index out of range: " + std::to_string(index));
}

Val char_at(Frame& frame, Args args) {
  const std::string_view text = args[0].string();
  const std::int64_t index = args[1].int64;
  if (index < 0 || static_cast<std::uint64_t>(index) > text.size()) return out_of_range(frame, index);
  std::size_t at = 0;
  for (std::int64_t i = 0; i < index; ++i) {
    if (at >= text.size()) return out_of_range(frame, index);
    at += decode(text, at).size;
  }
  return val_string(at == text.size() ? std::string_view() : text.substr(at, decode(text, at).size));
}

// ---------------------------------------------------------------- searching

template <Dialect dialect>
Val index_from(Frame& frame, std::string_view text, std::string_view wanted, std::int64_t from) {
  // The API server's version finds an empty text wherever it is asked.
  if (wanted.empty() && dialect == Dialect::api_server) return val_int(from);
  if (from < 0) return out_of_range(frame, from);
  std::size_t at = 0;
  for (std::int64_t i = 0; i < from; ++i) {
    if (at >= text.size()) return dialect == Dialect::api_server ? val_int(-1) : out_of_range(frame, from);
    at += decode(text, at).size;
  }
  if (wanted.empty()) return val_int(from);
  const std::size_t found = text.find(wanted, at);
  if (found == std::string_view::npos) return val_int(-1);
  return val_int(from + static_cast<std::int64_t>(count_code_points(text.substr(at, found - at))));
}

Val index_of(Frame& frame, Args args) {
  return index_from<Dialect::current>(frame, args[0].string(), args[1].string(), 0);
}
template <Dialect dialect>
Val index_of_from(Frame& frame, Args args) {
  return index_from<dialect>(frame, args[0].string(), args[1].string(), args[2].int64);
}

// `from`: the last code point at which a match may begin.
Val last_index_before(std::string_view text, std::string_view wanted, std::size_t from_byte) {
  const std::size_t found = text.rfind(wanted, from_byte);
  if (found == std::string_view::npos) return val_int(-1);
  return val_int(static_cast<std::int64_t>(count_code_points(text.substr(0, found))));
}

Val last_index_of(Frame&, Args args) { return last_index_before(args[0].string(), args[1].string(), args[0].text.size); }

template <Dialect dialect>
Val last_index_of_from(Frame& frame, Args args) {
  const std::string_view text = args[0].string(), wanted = args[1].string();
  const std::int64_t from = args[2].int64;
  if (wanted.empty() && dialect == Dialect::api_server) return val_int(from);
  if (from < 0) return out_of_range(frame, from);
  std::size_t at = 0;
  for (std::int64_t i = 0; i < from; ++i) {
    if (at >= text.size()) return dialect == Dialect::api_server ? val_int(-1) : out_of_range(frame, from);
    at += decode(text, at).size;
  }
  if (wanted.empty()) return val_int(from);
  if (at >= text.size()) return val_int(-1);
  return last_index_before(text, wanted, at);
}

// ---------------------------------------------------------------- parts

Val substring(Frame& frame, std::string_view text, std::int64_t begin, std::int64_t end, bool to_end) {
  if (!to_end && begin > end)
    return make_error(frame, "invalid substring range. start: " + std::to_string(begin) + ", end: " + std::to_string(end));
  if (begin < 0) return out_of_range(frame, begin);
  std::size_t at = 0, first = 0;
  std::int64_t index = 0;
  for (; index < begin; ++index) {
    if (at >= text.size()) return out_of_range(frame, begin);
    at += decode(text, at).size;
  }
  first = at;
  if (to_end) return val_string(text.substr(first));
  for (; index < end; ++index) {
    if (at >= text.size()) return out_of_range(frame, end);
    at += decode(text, at).size;
  }
  return val_string(text.substr(first, at - first));
}
Val substring_from(Frame& frame, Args args) { return substring(frame, args[0].string(), args[1].int64, 0, true); }
Val substring_range(Frame& frame, Args args) {
  return substring(frame, args[0].string(), args[1].int64, args[2].int64, false);
}

bool white_space(char32_t rune) {  // Unicode's White_Space property
  return (rune >= 0x09 && rune <= 0x0D) || rune == 0x20 || rune == 0x85 || rune == 0xA0 || rune == 0x1680 ||
         (rune >= 0x2000 && rune <= 0x200A) || rune == 0x2028 || rune == 0x2029 || rune == 0x202F || rune == 0x205F ||
         rune == 0x3000;
}

Val trim(Frame&, Args args) {
  const std::string_view text = args[0].string();
  std::size_t begin = text.size(), end = text.size();
  for (std::size_t at = 0; at < text.size();) {
    const Decoded next = decode(text, at);
    if (!next.valid || !white_space(next.code_point)) {
      begin = std::min(begin, at);
      end = at + next.size;
    }
    at += next.size;
  }
  return val_string(begin == text.size() ? std::string_view() : text.substr(begin, end - begin));
}

// At most `limit` parts; negative: all. An empty separator splits into code points.
Val split(Frame& frame, std::string_view text, std::string_view separator, std::int64_t limit) {
  if (limit == 0) return list_in_place(frame, nullptr, 0);
  std::size_t parts = 0;
  const std::size_t most = limit < 0 ? static_cast<std::size_t>(-1) : static_cast<std::size_t>(limit);
  if (separator.empty()) {
    parts = std::min(most, count_code_points(text));
  } else {
    parts = 1;
    for (std::size_t at = 0; parts < most && (at = text.find(separator, at)) != std::string_view::npos; at += separator.size()) ++parts;
  }
  Val* items = frame.scratch->array<Val>(parts);
  if (!items && parts > 0) return memory_error(frame);
  std::size_t at = 0;
  for (std::size_t i = 0; i < parts; ++i) {
    std::size_t end = text.size(), next = end;
    if (i + 1 < parts) {
      end = separator.empty() ? at + decode(text, at).size : text.find(separator, at);
      next = end + separator.size();
    }
    new (items + i) Val(val_string(text.substr(at, end - at)));
    at = next;
  }
  return list_in_place(frame, items, parts);
}
Val split_all(Frame& frame, Args args) { return split(frame, args[0].string(), args[1].string(), -1); }
Val split_some(Frame& frame, Args args) { return split(frame, args[0].string(), args[1].string(), args[2].int64); }

// ---------------------------------------------------------------- building

Val replace(Frame& frame, std::string_view text, std::string_view old, std::string_view with, std::int64_t limit) {
  if (old == with || limit == 0) return val_string(text);
  std::size_t matches = 0;
  if (old.empty()) {
    matches = count_code_points(text) + 1;
  } else {
    for (std::size_t at = 0; (at = text.find(old, at)) != std::string_view::npos; at += old.size()) ++matches;
  }
  if (limit >= 0) matches = std::min(matches, static_cast<std::size_t>(limit));
  if (matches == 0) return val_string(text);
  // The size first: nothing is built that would not fit.
  if (with.size() > old.size() && matches > (std::size_t{1} << 40) / (with.size() - old.size())) return memory_error(frame);
  const std::size_t size = text.size() - matches * old.size() + matches * with.size();
  char* const out = text_room(frame, size);
  if (!out) return memory_error(frame);
  char* write = out;
  const auto put = [&](std::string_view part) {
    if (!part.empty()) std::memcpy(write, part.data(), part.size());
    write += part.size();
  };
  std::size_t at = 0;
  for (std::size_t i = 0; i < matches; ++i) {
    std::size_t found = at;
    if (!old.empty()) {
      found = text.find(old, at);
    } else if (i > 0) {
      found = at + decode(text, at).size;
    }
    put(text.substr(at, found - at));
    put(with);
    at = found + old.size();
  }
  put(text.substr(at));
  return val_string({out, size});
}
Val replace_all(Frame& frame, Args args) { return replace(frame, args[0].string(), args[1].string(), args[2].string(), -1); }
Val replace_some(Frame& frame, Args args) {
  return replace(frame, args[0].string(), args[1].string(), args[2].string(), args[3].int64);
}

template <char first, char last, int shift>
Val ascii_case(Frame& frame, Args args) {
  const std::string_view text = args[0].string();
  const auto changes = [](char c) { return c >= first && c <= last; };
  if (std::none_of(text.begin(), text.end(), changes)) return val_string(text);
  char* const out = text_room(frame, text.size());
  if (!out) return memory_error(frame);
  std::transform(text.begin(), text.end(), out, [&](char c) { return changes(c) ? static_cast<char>(c + shift) : c; });
  return val_string({out, text.size()});
}

Val reverse(Frame& frame, Args args) {
  const std::string_view text = args[0].string();
  char* const out = text_room(frame, text.size());
  if (!out) return memory_error(frame);
  char* write = out + text.size();
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = decode(text, at).size;
    write -= size;
    std::memcpy(write, text.data() + at, size);
    at += size;
  }
  return val_string({out, text.size()});
}

Val join_with(Frame& frame, const Val& list, std::string_view separator) {
  const Items items = items_of(frame, list);
  if (!items.complete) return items.stopped;
  std::size_t size = items.values.empty() ? 0 : separator.size() * (items.values.size() - 1);
  for (const Val& item : items.values) {
    if (!item.is(ValKind::string)) return make_error(frame, "join: invalid input: " + to_text(item));
    size += item.text.size;
  }
  char* const out = text_room(frame, size);
  if (!out) return memory_error(frame);
  char* write = out;
  const auto put = [&](std::string_view part) {
    if (!part.empty()) std::memcpy(write, part.data(), part.size());
    write += part.size();
  };
  for (std::size_t i = 0; i < items.values.size(); ++i) {
    if (i > 0) put(separator);
    put(items.values[i].string());
  }
  return val_string({out, size});
}
Val join(Frame& frame, Args args) { return join_with(frame, args[0], {}); }
Val join_separated(Frame& frame, Args args) { return join_with(frame, args[0], args[1].string()); }

Val quote(Frame& frame, Args args) {
  const std::string_view text = args[0].string();
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const Decoded next = decode(text, at);
    if (!next.valid) {
      append_utf8(out, 0xFFFD);
      ++at;
      continue;
    }
    switch (next.code_point) {
      case '\a': out += "\\a"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\v': out += "\\v"; break;
      case '\\': out += "\\\\"; break;
      case '"': out += "\\\""; break;
      default: out += text.substr(at, next.size);
    }
    at += next.size;
  }
  return make_string(frame, out += '"');
}

template <Dialect dialect>
Val format(Frame& frame, Args args) {
  const Formatted formatted = format_string(frame, args[0].string(), args[1], dialect);
  if (!formatted.error.empty()) return make_error(frame, formatted.error);
  if (formatted.undecided) return formatted.stopped;
  return make_string(frame, formatted.text);
}

// Building the result costs as much again as reading.
std::uint64_t join_cost(Args, const Val& result) { return scaled(size_cost(result), 0.2); }

template <Dialect dialect>
void add(Environment& environment) {
  const Types t(environment);
  const Type* texts = t.list(t.string);
  define(environment, "charAt", "the character at an index; empty at the end of the text",
         {member("string_char_at_int", {t.string, t.int64}, t.string, char_at)});
  define(environment, "indexOf", "index of the first occurrence of a text, searching from an index; -1 where there is none",
         {member("string_index_of_string", {t.string, t.string}, t.int64, index_of, traversal_cost),
          member("string_index_of_string_int", {t.string, t.string, t.int64}, t.int64, index_of_from<dialect>, traversal_cost)});
  define(environment, "lastIndexOf", "index of the last occurrence of a text, beginning at an index or before; -1 where there is none",
         {member("string_last_index_of_string", {t.string, t.string}, t.int64, last_index_of, traversal_cost),
          member("string_last_index_of_string_int", {t.string, t.string, t.int64}, t.int64, last_index_of_from<dialect>, traversal_cost)});
  define(environment, "lowerAscii", "the text with its ASCII letters in lower case",
         {member("string_lower_ascii", {t.string}, t.string, ascii_case<'A', 'Z', 32>, text_cost)});
  define(environment, "upperAscii", "the text with its ASCII letters in upper case",
         {member("string_upper_ascii", {t.string}, t.string, ascii_case<'a', 'z', -32>, text_cost)});
  define(environment, "replace", "the text with occurrences of one text replaced by another, all or the first so many",
         {member("string_replace_string_string", {t.string, t.string, t.string}, t.string, replace_all, two_text_cost),
          member("string_replace_string_string_int", {t.string, t.string, t.string, t.int64}, t.string, replace_some, two_text_cost)});
  define(environment, "split", "the parts between separators, all or at most so many; an empty separator splits into characters",
         {member("string_split_string", {t.string, t.string}, texts, split_all, two_text_cost),
          member("string_split_string_int", {t.string, t.string, t.int64}, texts, split_some, two_text_cost)});
  define(environment, "substring", "the text from an index to its end or to just before another index",
         {member("string_substring_int", {t.string, t.int64}, t.string, substring_from, text_cost),
          member("string_substring_int_int", {t.string, t.int64, t.int64}, t.string, substring_range, text_cost)});
  define(environment, "trim", "the text without white space at its ends (Unicode's)",
         {member("string_trim", {t.string}, t.string, trim, text_cost)});
  define(environment, "join", "the texts of a list in one, with a separator between them if one is given",
         {member("list_join", {texts}, t.string, join, join_cost),
          member("list_join_string", {texts, t.string}, t.string, join_separated, join_cost)});
  define(environment, "strings.quote", "the text as a CEL string literal, safe to print",
         {global("strings_quote", {t.string}, t.string, quote, text_cost)});
  Function formatting;
  formatting.name = "format";
  formatting.documentation = "the text with its verbs (%s %d %f %e %b %o %x %X) replaced by the list's values in order; `%%` is a percent sign";
  formatting.overloads = {member("string_format", {t.string, t.list(t.dyn)}, t.string, format<dialect>, text_cost)};
  // The API server refuses what cannot be formatted; cel-spec has it fail when it runs.
  if (dialect == Dialect::api_server)
    formatting.refine = [](const Expr& call, std::string& error) -> const Type* {
      error = format_mistake(call);
      return nullptr;
    };
  environment.add_function(std::move(formatting));
  if (dialect == Dialect::current)
    define(environment, "reverse", "the text back to front",
           {member("string_reverse", {t.string}, t.string, reverse, text_cost)});
}

}  // namespace

void add_strings(Environment& environment, Dialect dialect) {
  switch (dialect) {
    case Dialect::current: return add<Dialect::current>(environment);
    case Dialect::api_server: return add<Dialect::api_server>(environment);
  }
}

}  // namespace assay::cel

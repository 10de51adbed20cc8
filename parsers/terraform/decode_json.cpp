#include "parsers/terraform/decode_json.hpp"

#include <algorithm>
#include <charconv>

#include "engine/text.hpp"
#include "parsers/hcl/unicode.hpp"
#include "parsers/terraform/number.hpp"

namespace assay::terraform {

namespace {

struct Reader {
  std::string_view text;
  Span base;
  Arena& arena;
  std::string& error;
  std::size_t at = 0;

  Typed fail(std::string why) {
    if (error.empty()) {
      const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(std::min(at, text.size())), '\n');
      error = "this is no JSON: line " + std::to_string(line) + ": " + std::move(why);
    }
    return {};
  }
  Span span(std::size_t begin, std::size_t end) const {
    if (!base) return {};
    return {base.source, base.begin + static_cast<std::uint32_t>(begin), base.begin + static_cast<std::uint32_t>(end)};
  }
  void skip() {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r')) ++at;
  }
  bool word(std::string_view wanted) {
    if (!text.substr(at).starts_with(wanted)) return false;
    at += wanted.size();
    return true;
  }

  int hex4() {
    int value = 0;
    if (at + 4 > text.size()) return -1;
    const auto [end, problem] = std::from_chars(text.data() + at, text.data() + at + 4, value, 16);
    if (problem != std::errc() || end != text.data() + at + 4 || text[at] == '-') return -1;
    at += 4;
    return value;
  }

  // The string that begins at `at`; false: failed.
  bool string(std::string_view& out) {
    const std::size_t begin = ++at;
    while (at < text.size() && text[at] != '"' && text[at] != '\\' && static_cast<unsigned char>(text[at]) >= 0x20) ++at;
    if (at < text.size() && text[at] == '"') {
      out = text.substr(begin, at++ - begin);
      if (std::any_of(out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) out = arena.copy(hcl::normalized(out));
      return true;
    }
    std::string made(text.substr(begin, at - begin));
    while (at < text.size() && text[at] != '"') {
      const char c = text[at++];
      if (static_cast<unsigned char>(c) < 0x20) return fail("a string holds a control character: write it as an escape"), false;
      if (c != '\\') {
        made += c;
        continue;
      }
      const char escape = at < text.size() ? text[at++] : '\0';
      switch (escape) {
        case '"': case '\\': case '/': made += escape; break;
        case 'b': made += '\b'; break;
        case 'f': made += '\f'; break;
        case 'n': made += '\n'; break;
        case 'r': made += '\r'; break;
        case 't': made += '\t'; break;
        case 'u': {
          int code = hex4();
          if (code < 0) return fail("`\\u` needs four hexadecimal digits"), false;
          if (code >= 0xd800 && code < 0xdc00 && text.substr(at).starts_with("\\u")) {
            const std::size_t back = at;
            at += 2;
            const int low = hex4();
            if (low >= 0xdc00 && low < 0xe000) code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            else at = back;
          }
          append_utf8(made, code >= 0xd800 && code < 0xe000 ? 0xfffd : static_cast<char32_t>(code));
          break;
        }
        default: return fail("there is no such escape"), false;
      }
    }
    if (at >= text.size()) return fail("a string is not closed"), false;
    ++at;
    out = arena.copy(hcl::normalized(made));
    return true;
  }

  Typed number() {
    const std::size_t begin = at;
    const auto digits = [&] {
      const std::size_t from = at;
      while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
      return at > from;
    };
    if (text[at] == '-') ++at;
    const bool zero = at < text.size() && text[at] == '0';
    if (zero) ++at;
    else if (!digits()) return fail("this is no value");
    if (at < text.size() && text[at] == '.' && (++at, !digits())) return fail("a number's point needs digits after it");
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
      ++at;
      if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
      if (!digits()) return fail("a number's exponent needs digits");
    }
    const Value value = parse_number(text.substr(begin, at - begin), span(begin, at), arena);
    if (!value) return fail("the number is out of range");
    return {value, number_type()};
  }

  Typed read(int depth) {
    if (depth > max_type_depth) return fail("it is nested deeper than 200 levels");
    skip();
    if (at >= text.size()) return fail("it ends where a value should be");
    const std::size_t begin = at;
    switch (text[at]) {
      case '{': {
        ++at;
        std::vector<Entry> entries;
        std::vector<Member> members;
        for (skip(); at >= text.size() || text[at] != '}'; skip()) {
          if (!entries.empty()) {
            if (at >= text.size() || text[at] != ',') return fail("a `,` or `}` is missing");
            ++at;
            skip();
          }
          if (at >= text.size() || text[at] != '"') return fail("a key must be a string");
          std::string_view key;
          const std::size_t key_at = at;
          if (!string(key)) return {};
          skip();
          if (at >= text.size() || text[at] != ':') return fail("a `:` is missing after the key");
          ++at;
          const Typed value = read(depth + 1);
          if (!value) return {};
          Entry entry = entry_of(key, value.value);
          if (base) entry.key_begin = span(key_at, key_at).begin;
          entries.push_back(entry);
          members.push_back({key, value.type, false});
        }
        ++at;
        // Of equal keys the last counts.
        std::vector<std::size_t> order(entries.size());
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return entries[a].key() < entries[b].key(); });
        std::vector<Entry> sorted;
        std::vector<Member> kept;
        for (const std::size_t i : order) {
          if (!sorted.empty() && sorted.back().key() == entries[i].key()) {
            if (kept.back().type != members[i].type) return fail("the key `" + std::string(entries[i].key()) + "` comes twice, with values of different types");
            sorted.pop_back();
            kept.pop_back();
          }
          sorted.push_back(entries[i]);
          kept.push_back(members[i]);
        }
        return {arena.map(sorted, span(begin, at)), object_type(std::move(kept))};
      }
      case '[': {
        ++at;
        std::vector<Value> items;
        std::vector<const Type*> types;
        for (skip(); at >= text.size() || text[at] != ']'; skip()) {
          if (!items.empty()) {
            if (at >= text.size() || text[at] != ',') return fail("a `,` or `]` is missing");
            ++at;
          }
          const Typed value = read(depth + 1);
          if (!value) return {};
          items.push_back(value.value);
          types.push_back(value.type);
        }
        ++at;
        return {arena.list(items, span(begin, at)), tuple_type(types)};
      }
      case '"': {
        std::string_view out;
        if (!string(out)) return {};
        return {arena.string(out, span(begin, at)), string_type()};
      }
      case 't':
        if (word("true")) return {arena.boolean(true, span(begin, at)), bool_type()};
        break;
      case 'f':
        if (word("false")) return {arena.boolean(false, span(begin, at)), bool_type()};
        break;
      case 'n':
        if (word("null")) return {arena.null(span(begin, at)), any_type()};
        break;
      default:
        if (text[at] == '-' || (text[at] >= '0' && text[at] <= '9')) return number();
    }
    return fail("this is no value");
  }
};

}  // namespace

Typed read_json(std::string_view text, Span base, Arena& arena, std::string& error) {
  Reader reader{text, base, arena, error};
  const Typed value = reader.read(1);
  if (!value) return {};
  reader.skip();
  if (reader.at < text.size()) return reader.fail("there is text after the value");
  return value;
}

}  // namespace assay::terraform

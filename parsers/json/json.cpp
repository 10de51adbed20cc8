#include "parsers/json/json.hpp"

#include <array>
#include <charconv>

#include "parsers/builder.hpp"
#include "parsers/text.hpp"

namespace assay::json {

namespace {

constexpr std::array<bool, 256> string_stops = [] {
  std::array<bool, 256> table{};
  for (int c = 0; c < 0x20; ++c) table[c] = true;
  table['"'] = table['\\'] = true;
  return table;
}();

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  }
}

// RFC 8259, one pass, without recursion. Every failure goes to the builder.
class Reader {
 public:
  // `cut`: the text was cut before something unreadable, so that its end is nothing to report.
  Reader(std::string_view bytes, Builder& builder, bool cut) : bytes_(bytes), builder_(builder), cut_(cut) {}

  // One value from `at`, which is not white space; gives where it ends.
  std::size_t value(std::size_t at) {
    at_ = at;
    do {
      node();
      if (builder_.failed()) return at_;
      while (!builder_.at_root()) {
        skip();
        const char c = peek();
        const char close = builder_.in_map() ? '}' : ']';
        if (c == close) {
          ++at_;
          end();
        } else if (c == ',') {
          ++at_;
          skip();
          if (peek() == close) return fail("a `,` before the closing bracket; remove it");
          break;
        } else {
          return fail(at_ >= bytes_.size() ? "the text ends inside a value; is the file truncated?"
                                           : builder_.in_map() ? "expected `,` or `}`" : "expected `,` or `]`");
        }
        if (builder_.failed()) return at_;
      }
    } while (!builder_.at_root());
    return at_;
  }

 private:
  char peek() const { return at_ < bytes_.size() ? bytes_[at_] : '\0'; }
  void skip() {
    while (at_ < bytes_.size() && is_space(bytes_[at_])) ++at_;
  }
  std::size_t fail(std::string reason) {
    if (cut_ && at_ >= bytes_.size()) {
      builder_.abandon();
      return at_;
    }
    const auto at = static_cast<std::uint32_t>(at_);
    const auto size = static_cast<std::uint32_t>(bytes_.size());
    builder_.fail("json-syntax", std::min(at, size), std::min(at + 1, size), "this is not JSON: " + reason);
    return at_;
  }
  void end() {
    const auto end = static_cast<std::uint32_t>(at_);
    if (builder_.in_map()) builder_.end_map(end);
    else builder_.end_list(end);
  }

  // A value, with its key where one is due; collections are opened, empty ones closed again.
  void node() {
    for (;;) {
      if (builder_.wants_key()) {
        skip();
        if (peek() != '"') return void(fail("expected a key in double quotes"));
        const std::size_t begin = at_;
        const std::string_view key = string();
        if (builder_.failed()) return;
        builder_.key(key, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_));
        skip();
        if (peek() != ':') return void(fail("expected `:` after a key"));
        ++at_;
      }
      skip();
      const auto begin = static_cast<std::uint32_t>(at_);
      const char c = peek();
      if (c == '{' || c == '[') {
        ++at_;
        if (c == '{') builder_.begin_map(begin);
        else builder_.begin_list(begin);
        if (builder_.failed()) return;
        skip();
        if (peek() != (c == '{' ? '}' : ']')) continue;
        ++at_;
        return end();
      }
      const Value scalar = c == '"' ? text() : c == '-' || is_digit(c) ? number() : word();
      if (scalar) builder_.scalar(scalar, begin, static_cast<std::uint32_t>(at_));
      return;
    }
  }
  Span span(std::size_t begin) const {
    return builder_.span(static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_));
  }

  Value text() {
    const std::size_t begin = at_;
    const std::string_view content = string();
    return builder_.failed() ? Value() : builder_.arena().string(content, span(begin));
  }
  Value word() {
    const std::size_t begin = at_;
    const auto is = [&](std::string_view word) {
      if (bytes_.substr(at_, word.size()) != word) return false;
      at_ += word.size();
      return true;
    };
    if (is("true")) return builder_.arena().boolean(true, span(begin));
    if (is("false")) return builder_.arena().boolean(false, span(begin));
    if (is("null")) return builder_.arena().null(span(begin));
    fail(at_ >= bytes_.size() ? "the text ends where a value should stand; is the file truncated?"
                              : "expected a value");
    return {};
  }
  Value number() {
    const std::size_t begin = at_;
    const auto digits = [&] {
      const std::size_t from = at_;
      while (is_digit(peek())) ++at_;
      return at_ - from;
    };
    if (peek() == '-') ++at_;
    const std::size_t first = at_;
    if (digits() == 0) return fail("expected a digit after `-`"), Value();
    if (bytes_[first] == '0' && at_ - first > 1) {
      at_ = first;
      return fail("a number cannot begin with `0`; remove it, or write it as text in double quotes"), Value();
    }
    bool whole = true;
    if (peek() == '.') {
      whole = false;
      ++at_;
      if (digits() == 0) return fail("expected a digit after `.`"), Value();
    }
    if (peek() == 'e' || peek() == 'E') {
      whole = false;
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (digits() == 0) return fail("expected a digit in the exponent"), Value();
    }
    const std::string_view text = bytes_.substr(begin, at_ - begin);
    const char* stop = text.data() + text.size();
    if (whole) {
      std::int64_t integer = 0;
      if (std::from_chars(text.data(), stop, integer).ec == std::errc())
        return builder_.arena().integer(integer, span(begin));
      std::uint64_t natural = 0;
      if (text[0] != '-' && std::from_chars(text.data(), stop, natural).ec == std::errc())
        return builder_.arena().unsigned_integer(natural, span(begin));
    } else {
      double floating = 0;
      if (std::from_chars(text.data(), stop, floating).ec == std::errc())
        return builder_.arena().floating(floating, span(begin));
    }
    return builder_.arena().number(text, span(begin));  // exact, as written
  }

  // The content of the string that begins here.
  std::string_view string() {
    const std::size_t begin = ++at_;
    find_stop();
    if (peek() == '"' && at_ < bytes_.size()) {
      const std::string_view content = bytes_.substr(begin, at_ - begin);
      ++at_;
      return content.empty() ? std::string_view("", 0) : content;
    }
    scratch_.assign(bytes_.substr(begin, at_ - begin));
    for (;;) {
      if (at_ >= bytes_.size()) {
        if (!cut_) at_ = begin - 1;
        return fail("this string is never closed; add a `\"`"), std::string_view();
      }
      if (bytes_[at_] == '"') {
        ++at_;
        return builder_.arena().copy(scratch_);
      }
      if (bytes_[at_] != '\\')
        return fail("a line break or tab inside a string; write it as an escape"), std::string_view();
      if (!escape()) return {};
      const std::size_t from = at_;
      find_stop();
      scratch_.append(bytes_.substr(from, at_ - from));
    }
  }
  void find_stop() {
    while (at_ < bytes_.size() && !string_stops[static_cast<unsigned char>(bytes_[at_])]) ++at_;
  }
  int hex4(std::size_t from) const {
    if (from + 4 > bytes_.size()) return -1;
    int value = 0;
    for (std::size_t i = from; i < from + 4; ++i) {
      const char c = bytes_[i];
      const int digit = is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
      if (digit < 0) return -1;
      value = value * 16 + digit;
    }
    return value;
  }
  bool escape() {
    const char c = at_ + 1 < bytes_.size() ? bytes_[at_ + 1] : '\0';
    static constexpr std::string_view from = "\"\\/bfnrt", to = "\"\\/\b\f\n\r\t";
    if (c != '\0' && c != 'u') {
      const auto found = from.find(c);
      if (found == std::string_view::npos) return fail("an unknown escape in a string"), false;
      scratch_ += to[found];
      at_ += 2;
      return true;
    }
    int unit = c == 'u' ? hex4(at_ + 2) : -1;
    if (unit < 0) return fail("an escape needs four hexadecimal digits after `\\u`"), false;
    const std::size_t begin = at_;
    at_ += 6;
    if (unit >= 0xd800 && unit < 0xdc00 && bytes_.substr(at_, 2) == "\\u") {
      const int low = hex4(at_ + 2);
      if (low >= 0xdc00 && low < 0xe000) {
        append_utf8(scratch_, 0x10000u + (static_cast<std::uint32_t>(unit - 0xd800) << 10) +
                                  static_cast<std::uint32_t>(low - 0xdc00));
        at_ += 6;
        return true;
      }
    }
    if (unit >= 0xd800 && unit < 0xe000) {
      builder_.diagnostics().warning("lone-surrogate", span(begin),
                                     "half a surrogate pair, read as U+FFFD; write both halves or the character itself");
      unit = 0xfffd;
    }
    append_utf8(scratch_, static_cast<std::uint32_t>(unit));
    return true;
  }

  std::string_view bytes_;
  Builder& builder_;
  bool cut_ = false;
  std::size_t at_ = 0;
  std::string scratch_;
};

// After a failure at `at` in the document from `begin`: the next line that starts a document, if the file
// looks like one document a line.
std::size_t resume(std::string_view bytes, std::size_t begin, std::size_t at, bool documents_before) {
  at = std::min(at, bytes.size());
  if (!documents_before && bytes.substr(begin, at - begin).find('\n') != std::string_view::npos) return bytes.size();
  for (;;) {
    at = bytes.find('\n', at);
    if (at == std::string_view::npos || ++at >= bytes.size()) return bytes.size();
    if (bytes[at] == '{' || bytes[at] == '[') return at;
  }
}

}  // namespace

ParsedFile parse(const Source& source, const ParseLimits& limits, Diagnostics& diagnostics, EqualKeys equal_keys) {
  ParsedFile file;
  file.source = source.id();
  const std::string_view bytes = source.bytes();
  const auto span = [&](std::size_t begin, std::size_t end) {
    return Span{source.id(), static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
  };
  if (bytes.size() > limits.bytes) {
    diagnostics.error("limit-bytes", span(0, 0),
                      "the file has " + std::to_string(bytes.size()) + " bytes, more than " +
                          std::to_string(limits.bytes) + "; split it or raise `--max-bytes`");
    return file;
  }
  if (const BadText bad = find_bad_encoding(bytes); bad.offset != std::string_view::npos) {
    diagnostics.error(bad.code, span(bad.offset, bad.offset + bad.size), bad.message);
    return file;
  }
  BadText bad = find_bad_text(bytes, 0, false);
  file.arena.reserve(bytes.size() + bytes.size() / 2);  // measured on manifests
  Builder builder(source, file, limits, diagnostics);
  if (equal_keys == EqualKeys::kept) builder.keep_duplicates();
  std::uint32_t ordinal = 0;
  std::size_t at = bytes.starts_with("\xef\xbb\xbf") ? 3 : 0;
  for (;;) {
    while (at < bytes.size() && is_space(bytes[at])) ++at;
    if (at >= bytes.size()) break;
    const std::size_t begin = at;
    builder.begin_document();
    const bool clean = bad.offset == std::string_view::npos;
    Reader reader(bytes.substr(0, bad.offset), builder, !clean);
    Document document;
    if (begin < bad.offset) at = reader.value(begin);
    document.root = builder.end_document();
    const bool cut = begin >= bad.offset || (builder.failed() && at >= bad.offset);
    if (cut) {
      diagnostics.error(bad.code, span(bad.offset, bad.offset + bad.size), bad.message);
      at = resume(bytes, begin, bad.offset, ordinal > 0);
      bad = find_bad_text(bytes, std::max(at, bad.offset + 1), false);
    } else if (builder.failed()) {
      at = resume(bytes, begin, at, ordinal > 0);
    } else {
      document.ordinal = ordinal;
      document.span = span(begin, at);
      file.documents.push_back(std::move(document));
    }
    ++ordinal;
    if (file.documents.size() + 100 == ordinal) {
      diagnostics.error("too-many-errors", span(at, at), "100 documents of this file cannot be read; the rest of it is not tried");
      break;
    }
  }
  return file;
}

}  // namespace assay::json

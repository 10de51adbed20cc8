#include "tests/support/textproto.hpp"

#include <cctype>

namespace assay::test {

const TextprotoField* Textproto::find(std::string_view name) const {
  for (const TextprotoField& field : fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}
const Textproto* Textproto::message(std::string_view name) const {
  const TextprotoField* field = find(name);
  return field && field->is_message ? &field->message : nullptr;
}
std::string Textproto::text(std::string_view name, std::string_view otherwise) const {
  const TextprotoField* field = find(name);
  return field && !field->is_message ? field->scalar : std::string(otherwise);
}
std::vector<const Textproto*> Textproto::messages(std::string_view name) const {
  std::vector<const Textproto*> all;
  for (const TextprotoField& field : fields) {
    if (field.name == name && field.is_message) all.push_back(&field.message);
  }
  return all;
}

namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool message(Textproto& out, char close, int depth) {
    if (depth > 100) return fail("nested too deeply");
    for (;;) {
      skip_space();
      if (done()) return close == '\0' || fail("a message is not closed");
      if (text_[at_] == close) {
        ++at_;
        return true;
      }
      if (text_[at_] == ',' || text_[at_] == ';') {
        ++at_;
        continue;
      }
      if (!field(out, depth)) return false;
    }
  }
  const std::string& error() const { return error_; }

 private:
  bool done() const { return at_ >= text_.size(); }
  bool fail(std::string_view message) {
    error_ = "line " + std::to_string(line()) + ": " + std::string(message);
    return false;
  }
  std::size_t line() {
    for (; counted_ < at_ && counted_ < text_.size(); ++counted_) line_ += text_[counted_] == '\n';
    return line_;
  }
  void skip_space() {
    while (!done()) {
      if (std::isspace(static_cast<unsigned char>(text_[at_]))) {
        ++at_;
      } else if (text_[at_] == '#') {
        while (!done() && text_[at_] != '\n') ++at_;
      } else {
        return;
      }
    }
  }
  static bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '-' || c == '+';
  }
  std::string word() {
    const std::size_t begin = at_;
    while (!done() && is_word(text_[at_])) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  bool field(Textproto& out, int depth) {
    TextprotoField made;
    made.line = line();
    if (text_[at_] == '[') {
      const std::size_t end = text_.find(']', at_);
      if (end == std::string_view::npos) return fail("`[` is not closed");
      made.name = text_.substr(at_, end + 1 - at_);
      at_ = end + 1;
    } else {
      made.name = word();
      if (made.name.empty()) return fail("expected a field's name");
    }
    skip_space();
    if (!done() && text_[at_] == ':') ++at_;
    skip_space();
    if (!done() && text_[at_] == '[') {
      ++at_;
      for (;;) {
        skip_space();
        if (done()) return fail("a list is not closed");
        if (text_[at_] == ']') break;
        if (text_[at_] == ',') {
          ++at_;
          continue;
        }
        TextprotoField element = made;
        if (!value(element, depth)) return false;
        out.fields.push_back(std::move(element));
      }
      ++at_;
      return true;
    }
    if (!value(made, depth)) return false;
    out.fields.push_back(std::move(made));
    return true;
  }

  bool value(TextprotoField& out, int depth) {
    if (done()) return fail("a value is missing");
    const char c = text_[at_];
    if (c == '{' || c == '<') {
      ++at_;
      out.is_message = true;
      return message(out.message, c == '{' ? '}' : '>', depth + 1);
    }
    if (c == '"' || c == '\'') {
      out.is_string = true;
      // Adjacent strings are one.
      while (!done() && (text_[at_] == '"' || text_[at_] == '\'')) {
        if (!string(out.scalar)) return false;
        skip_space();
      }
      return true;
    }
    out.scalar = word();
    return !out.scalar.empty() || fail("expected a value");
  }

  static void put_utf8(std::string& out, unsigned long point) {
    if (point < 0x80) {
      out += static_cast<char>(point);
    } else if (point < 0x800) {
      out += static_cast<char>(0xc0 | point >> 6);
      out += static_cast<char>(0x80 | (point & 0x3f));
    } else if (point < 0x10000) {
      out += static_cast<char>(0xe0 | point >> 12);
      out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
      out += static_cast<char>(0x80 | (point & 0x3f));
    } else {
      out += static_cast<char>(0xf0 | point >> 18);
      out += static_cast<char>(0x80 | (point >> 12 & 0x3f));
      out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
      out += static_cast<char>(0x80 | (point & 0x3f));
    }
  }
  // Digits of a base, at most `most`.
  unsigned long digits(int base, int most) {
    unsigned long number = 0;
    for (int i = 0; i < most && !done(); ++i, ++at_) {
      const char c = text_[at_];
      const int digit = c >= '0' && c <= '9'                           ? c - '0'
                        : std::isxdigit(static_cast<unsigned char>(c)) ? std::tolower(c) - 'a' + 10
                                                                       : 99;
      if (digit >= base) break;
      number = number * static_cast<unsigned long>(base) + static_cast<unsigned long>(digit);
    }
    return number;
  }
  bool string(std::string& out) {
    const char quote = text_[at_++];
    while (!done() && text_[at_] != quote) {
      if (text_[at_] == '\n') return fail("a string is not closed");
      if (text_[at_] != '\\') {
        out += text_[at_++];
        continue;
      }
      if (++at_ >= text_.size()) break;
      const char c = text_[at_];
      if (c >= '0' && c <= '7') {
        out += static_cast<char>(digits(8, 3));
        continue;
      }
      ++at_;
      switch (c) {
        case 'a':
          out += '\a';
          break;
        case 'b':
          out += '\b';
          break;
        case 'f':
          out += '\f';
          break;
        case 'n':
          out += '\n';
          break;
        case 'r':
          out += '\r';
          break;
        case 't':
          out += '\t';
          break;
        case 'v':
          out += '\v';
          break;
        case 'x':
          out += static_cast<char>(digits(16, 2));
          break;
        case 'u':
          put_utf8(out, digits(16, 4));
          break;
        case 'U':
          put_utf8(out, digits(16, 8));
          break;
        default:
          out += c;
          break;
      }
    }
    if (done()) return fail("a string is not closed");
    ++at_;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0, counted_ = 0, line_ = 1;
  std::string error_;
};

}  // namespace

std::optional<Textproto> read_textproto(std::string_view text, std::string& error) {
  Reader reader(text);
  Textproto out;
  if (reader.message(out, '\0', 0)) return out;
  error = reader.error();
  return std::nullopt;
}

}  // namespace assay::test

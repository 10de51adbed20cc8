// Random texts of HCL, the same for a seed everywhere: well-formed ones from the grammar, and ones that were
// damaged afterwards.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay::hcl::test {

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15ull + 0x1234567) {}

  std::string file(bool damaged) {
    out_.clear();
    indent_ = 0;
    for (std::uint32_t n = 1 + below(5); n > 0; --n) item(0);
    if (damaged)
      for (std::uint32_t n = 1 + below(3); n > 0; --n) damage();
    return out_;
  }

  std::uint32_t below(std::uint32_t n) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<std::uint32_t>((state_ >> 11) % n);
  }

 private:
  template <std::size_t N>
  std::string_view any(const std::string_view (&choices)[N]) { return choices[below(N)]; }
  bool one_in(std::uint32_t n) { return below(n) == 0; }

  void newline() {
    if (one_in(12)) out_ += any({" # note", " // note", " /* note */", " # assay:skip x"});
    out_ += one_in(40) ? "\r\n" : "\n";
    if (one_in(20)) out_ += one_in(2) ? "\n" : "  \t\n";
  }
  void pad() { out_.append(indent_ * 2, ' '); }
  // A blank where one may stand; inside brackets it may be a newline.
  void blank() {
    if (one_in(6)) out_ += any({" ", "  ", "\t", " /* c */ "});
    if (brackets_ > 0 && one_in(15)) out_ += one_in(3) ? " # c\n" : "\n";
  }
  void name() {
    out_ += any({"a", "b", "foo", "bar_baz", "with-dash", "_x", "for_each", "true_", "näme", "x1", "In", "iff", "каша", "a·b"});
  }

  void item(int depth) {
    pad();
    if (one_in(3) && depth < 4) {
      name();
      for (std::uint32_t n = below(3); n > 0; --n) {
        out_ += " ";
        if (one_in(2)) name();
        else out_ += any({"\"label\"", "\"two words\"", "\"\\u00e9\"", "\"$${x}\"", "\"\"", "\"%%{if}\""});
      }
      out_ += " {";
      if (one_in(5)) {
        if (one_in(2)) {
          out_ += " ";
          name();
          out_ += " = ";
          const bool before = std::exchange(one_line_, true);
          expression(depth + 2);
          one_line_ = before;
          out_ += " ";
        }
        out_ += "}";
        newline();
        return;
      }
      newline();
      ++indent_;
      for (std::uint32_t n = below(4); n > 0; --n) item(depth + 1);
      --indent_;
      pad();
      out_ += "}";
    } else {
      name();
      out_ += std::to_string(counter_++);
      out_ += one_in(5) ? "=" : " = ";
      if (one_in(6) && depth < 4) heredoc(depth);
      else expression(depth);
    }
    newline();
  }

  void expression(int depth) {
    if (depth > 5) return term(depth);
    switch (below(9)) {
      case 0:
        expression(depth + 1);
        blank();
        out_ += any({"+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "&&", "||", " + ", " - "});
        blank();
        expression(depth + 1);
        break;
      case 1:
        if (!one_in(3)) return term(depth);
        expression(depth + 2);
        out_ += any({" ? ", "?"});
        expression(depth + 2);
        out_ += any({" : ", ":", " :"});
        expression(depth + 2);
        break;
      case 2:
        out_ += any({"-", "!", "- ", "!!"});
        term(depth);
        break;
      default:
        term(depth);
    }
  }

  void term(int depth) {
    atom(depth);
    if (!one_in(3)) return;
    for (std::uint32_t n = below(4); n > 0; --n) {
      switch (below(8)) {
        case 0: case 1: case 2:
          out_ += ".";
          name();
          break;
        case 3: out_ += any({".0", ".12", "[0]", "[\"k\"]", "[ -1 ]", "[true]", "[1.5]"}); break;
        case 4: out_ += "[*]"; break;
        case 5: out_ += ".*"; break;
        default:
          if (depth > 4) break;
          out_ += "[";
          ++brackets_;
          expression(depth + 2);
          --brackets_;
          out_ += "]";
      }
    }
  }

  void atom(int depth) {
    const std::uint32_t choice = below(depth > 4 ? 6 : 12);
    switch (choice) {
      case 0: out_ += any({"0", "1", "42", "1.50", "007", "1e3", "2.5E-3", "100000000000000000000", "0.1", "1e-7", "123456789012345678901234567890.125", "5e+2"}); break;
      case 1: out_ += any({"true", "false", "null"}); break;
      case 2: case 3: name(); break;
      case 4: case 5: quoted(depth); break;
      case 6:
        out_ += "(";
        inside([&] { expression(depth + 1); });
        out_ += ")";
        break;
      case 7:
        name();
        if (one_in(6)) out_ += "::fn";
        out_ += "(";
        inside([&] {
          const std::uint32_t n = below(4);
          for (std::uint32_t i = 0; i < n; ++i) {
            if (i > 0) out_ += one_in(2) ? ", " : ",";
            expression(depth + 1);
          }
          if (n > 0 && one_in(4)) out_ += one_in(2) ? "..." : ",";
        });
        out_ += ")";
        break;
      case 8:
        out_ += "[";
        inside([&] {
          if (one_in(3)) {
            for_intro(depth);
            expression(depth + 1);
            for_condition(depth);
          } else {
            const std::uint32_t n = below(4);
            for (std::uint32_t i = 0; i < n; ++i) {
              expression(depth + 1);
              if (i + 1 < n || one_in(4)) out_ += ", ";
            }
          }
        });
        out_ += "]";
        break;
      default: object(depth);
    }
  }

  template <class F>
  void inside(const F& f) {
    brackets_ += one_line_ ? 0 : 1;
    blank();
    f();
    blank();
    brackets_ -= one_line_ ? 0 : 1;
  }

  void for_intro(int depth) {
    out_ += "for ";
    name();
    if (one_in(2)) {
      out_ += ", ";
      name();
    }
    out_ += " in ";
    expression(depth + 2);
    out_ += one_in(2) ? " : " : ": ";
  }
  void for_condition(int depth) {
    if (!one_in(3)) return;
    out_ += " if ";
    expression(depth + 2);
  }

  void object(int depth) {
    out_ += "{";
    if (one_in(4)) {
      inside([&] {
        for_intro(depth);
        expression(depth + 2);
        out_ += " => ";
        expression(depth + 2);
        if (one_in(4)) out_ += "...";
        for_condition(depth);
      });
      out_ += "}";
      return;
    }
    const int before = std::exchange(brackets_, 0);
    const std::uint32_t n = below(4);
    const bool lines = n > 0 && !one_line_ && one_in(2);
    for (std::uint32_t i = 0; i < n; ++i) {
      if (lines) {
        out_ += "\n";
        out_.append((indent_ + 1) * 2, ' ');
      } else {
        out_ += " ";
      }
      switch (below(7)) {
        case 0: quoted(depth + 1); break;
        case 1: out_ += "("; name(); out_ += ".x)"; break;
        case 2: out_ += any({"1", "true", "null"}); break;
        default: name();
      }
      out_ += any({" = ", "=", " : ", ": "});
      expression(depth + 1);
      if (!lines ? i + 1 < n : one_in(4)) out_ += ",";
    }
    if (lines) {
      out_ += "\n";
      pad();
    }
    brackets_ = before;
    out_ += " }";
  }

  void sequence(int depth) {
    const auto trim = [&] { return one_in(4) ? "~" : ""; };
    if (depth > 4 || !one_in(4)) {
      out_ += "${";
      out_ += trim();
      inside([&] { expression(depth + 2); });
      out_ += trim();
      out_ += "}";
      return;
    }
    const auto directive = [&](std::string_view text) {
      out_ += "%{";
      out_ += trim();
      if (one_in(2)) out_ += " ";
      out_ += text;
    };
    const auto close = [&] {
      if (one_in(2)) out_ += " ";
      out_ += trim();
      out_ += "}";
    };
    if (one_in(2)) {
      directive("if ");
      expression(depth + 3);
      close();
      literal(depth + 1);
      if (one_in(2)) {
        directive("else");
        close();
        literal(depth + 1);
      }
      directive("endif");
      close();
    } else {
      directive("for ");
      name();
      if (one_in(2)) {
        out_ += ", ";
        name();
      }
      out_ += " in ";
      expression(depth + 3);
      close();
      literal(depth + 1);
      directive("endfor");
      close();
    }
  }

  // Literal text, perhaps with sequences.
  void literal(int depth) {
    for (std::uint32_t n = below(4); n > 0; --n) {
      if (one_in(3) && depth < 6) {
        sequence(depth);
        continue;
      }
      if (in_heredoc_ && one_in(2)) {
        out_ += any({"text", "  two\n", " $x 100%\n", "\"quotes\" \\n\n", "\n", "\t\n", "   ", "$${no} %%{no}", "a\r\n    b", "é e\xCC\x81\n", "$", "%%", "EOT x\n", "    deep\n"});
      } else {
        out_ += any({"text", " ", "\\n", "\\t ", "\\\"", "\\\\", "\\u00e9", "\\U0001F600", "$${", "%%{", "$", "%", "$$", "e\xCC\x81", "日本", "-", "  x  ", "$$$${y}"});
      }
    }
  }

  void quoted(int depth) {
    const bool before = std::exchange(in_heredoc_, false);
    const bool one_line = std::exchange(one_line_, true);
    const int brackets = std::exchange(brackets_, 0);
    out_ += "\"";
    literal(depth);
    out_ += "\"";
    in_heredoc_ = before;
    one_line_ = one_line;
    brackets_ = brackets;
  }

  void heredoc(int depth) {
    const bool before = std::exchange(in_heredoc_, true);
    const int brackets = std::exchange(brackets_, 0);
    out_ += one_in(2) ? "<<-EOT" : "<<EOT";
    out_ += one_in(30) ? "\r\n" : "\n";
    for (std::uint32_t n = below(5); n > 0; --n) {
      out_.append(below(4) * 2, one_in(10) ? '\t' : ' ');
      literal(depth);
      out_ += "\n";
    }
    out_.append(below(4), ' ');
    out_ += "EOT";
    in_heredoc_ = before;
    brackets_ = brackets;
  }

  void damage() {
    if (out_.empty()) return;
    const std::size_t at = below(static_cast<std::uint32_t>(out_.size()));
    switch (below(4)) {
      case 0: out_.erase(at, 1 + below(3)); break;
      case 1:
        out_.insert(at, any({"{", "}", "(", ")", "[", "]", "\"", "${", "%{", "~}", "\n", "=", ",", ".", "...", ":", "::", "?", "<<E\n", "EOT\n", "'", "`", "&", "*", "\\", "#", "/*", "for ",
                             "0", "\xC3", "\xE2\x80\x9C", "\r", "=>", "if ", "1.2.3", ".*", "~", "$", "%"}));
        break;
      case 2: out_.resize(at); break;
      default: {
        const std::size_t from = below(static_cast<std::uint32_t>(out_.size()));
        out_.insert(at, out_.substr(from, 1 + below(12)));
      }
    }
  }

  std::uint64_t state_;
  std::string out_;
  std::uint32_t indent_ = 0;
  std::uint32_t counter_ = 0;
  int brackets_ = 0;
  bool one_line_ = false;
  bool in_heredoc_ = false;
};

}  // namespace assay::hcl::test

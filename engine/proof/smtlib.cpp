// SMT-LIB 2.6 text of a question (Barrett, Fontaine, Tinelli: The SMT-LIB Standard). Terms that are used
// more than once are defined once, so that the file is not longer than the formula.
#include <cstdio>

#include "engine/proof/term.hpp"
#include "engine/text.hpp"

namespace assay::proof {
namespace {

std::string_view name_of(Sort sort) {
  switch (sort) {
    case Sort::boolean: return "Bool";
    case Sort::integer: return "Int";
    case Sort::text: return "String";
    case Sort::pattern: return "RegLan";
    case Sort::wrong: return "Wrong";
  }
  return "";
}

// A quoted symbol: everything printable but `|` and `\`.
std::string symbol(std::string_view name) {
  std::string quoted = "|";
  for (unsigned char byte : name) {
    if (byte >= 0x20 && byte < 0x7f && byte != '|' && byte != '\\' && byte != '~') {
      quoted += static_cast<char>(byte);
    } else {
      char hex[4];
      std::snprintf(hex, sizeof hex, "~%02x", byte);
      quoted += hex;
    }
  }
  return quoted + "|";
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    Decoded one = decode(text, at);
    at += one.size;
    if (one.code_point >= 0x20 && one.code_point < 0x7f && one.code_point != '\\') {
      if (one.code_point == '"') out += '"';
      out += static_cast<char>(one.code_point);
    } else {
      char hex[16];
      std::snprintf(hex, sizeof hex, "\\u{%x}", static_cast<unsigned>(one.code_point));
      out += hex;
    }
  }
  return out + "\"";
}

std::string number(Integer value) {
  if (value < 0) return "(- " + decimal(value).substr(1) + ")";
  return decimal(value);
}

class Writer {
 public:
  Writer(const Terms& terms, std::span<const Term> assertions) : terms_(terms), assertions_(assertions) {}

  std::string write(std::string_view comment) {
    std::vector<Term> all = terms_.reachable(assertions_);
    std::vector<std::uint32_t> uses(terms_.size(), 0);
    bool integers = false, texts = false;
    for (Term term : all) {
      Sort sort = terms_.sort(term);
      integers = integers || sort == Sort::integer;
      texts = texts || sort == Sort::text || sort == Sort::pattern;
      for (Term argument : terms_.arguments(term)) ++uses[argument.index];
    }
    std::string out;
    out += "(set-logic ";
    out += texts ? "QF_SLIA" : integers ? "QF_LIA" : "QF_UF";
    out += ")\n";
    for (std::size_t at = 0; at < comment.size();) {
      std::size_t end = std::min(comment.find('\n', at), comment.size());
      out += "; ";
      for (char byte : comment.substr(at, end - at)) out += byte >= 0x20 && byte < 0x7f ? byte : '?';
      out += '\n';
      at = end + 1;
    }
    texts_.resize(terms_.size());
    for (Term term : all) {
      if (terms_.op(term) == Op::variable) {
        texts_[term.index] = symbol(terms_.text(term));
        out += "(declare-fun " + texts_[term.index] + " () " + std::string(name_of(terms_.sort(term))) + ")\n";
        continue;
      }
      std::string text = node(term);
      bool shared = uses[term.index] > 1 && !terms_.arguments(term).empty();
      if (shared || text.size() > 160) {
        std::string name = "t" + std::to_string(term.index);
        out += "(define-fun " + name + " () " + std::string(name_of(terms_.sort(term))) + " " + text + ")\n";
        text = name;
      }
      texts_[term.index] = std::move(text);
    }
    for (Term assertion : assertions_) out += "(assert " + texts_[assertion.index] + ")\n";
    return out + "(check-sat)\n";
  }

 private:
  std::string call(std::string_view function, Term term) const {
    std::string out = "(" + std::string(function);
    for (Term argument : terms_.arguments(term)) out += " " + texts_[argument.index];
    return out + ")";
  }

  // An operation of any number of arguments, of which SMT-LIB wants two at least.
  std::string chain(std::string_view function, Term term, std::string_view none) const {
    auto arguments = terms_.arguments(term);
    if (arguments.empty()) return std::string(none);
    return arguments.size() == 1 ? texts_[arguments[0].index] : call(function, term);
  }

  std::string node(Term term) const {
    Integer value = terms_.integer(term);
    auto first = [&]() -> const std::string& { return texts_[terms_.arguments(term)[0].index]; };
    switch (terms_.op(term)) {
      case Op::truth: return value != 0 ? "true" : "false";
      case Op::number: return number(value);
      case Op::literal: return quoted(terms_.text(term));
      case Op::variable: return symbol(terms_.text(term));
      case Op::not_: return call("not", term);
      case Op::all: return chain("and", term, "true");
      case Op::any: return chain("or", term, "false");
      case Op::implies: return call("=>", term);
      case Op::equal: return call("=", term);
      case Op::choose: return call("ite", term);
      case Op::add: return chain("+", term, "0");
      case Op::negate: return call("-", term);
      case Op::scale: return "(* " + number(value) + " " + first() + ")";
      case Op::divide: return "(div " + first() + " " + number(value) + ")";
      case Op::modulo: return "(mod " + first() + " " + number(value) + ")";
      case Op::less: return call("<", term);
      case Op::at_most: return call("<=", term);
      case Op::concat: return chain("str.++", term, "\"\"");
      case Op::length: return call("str.len", term);
      case Op::prefix: return call("str.prefixof", term);
      case Op::suffix: return call("str.suffixof", term);
      case Op::contains: return call("str.contains", term);
      case Op::in: return call("str.in_re", term);
      case Op::exactly: return "(str.to_re " + quoted(terms_.text(term)) + ")";
      case Op::between: {
        std::string low, high;
        append_utf8(low, static_cast<char32_t>(value >> 32));
        append_utf8(high, static_cast<char32_t>(value & 0xffffffff));
        return "(re.range " + quoted(low) + " " + quoted(high) + ")";
      }
      case Op::any_character: return "re.allchar";
      case Op::sequence: return chain("re.++", term, "(str.to_re \"\")");
      case Op::either: return chain("re.union", term, "re.none");
      case Op::both: return call("re.inter", term);
      case Op::without: return call("re.comp", term);
      case Op::repeat: {
        auto least = static_cast<std::uint64_t>(value >> 33), most = static_cast<std::uint64_t>(value & 0x1ffffffff);
        if (most != 0) return "((_ re.loop " + std::to_string(least) + " " + std::to_string(most - 1) + ") " + first() + ")";
        if (least == 0) return "(re.* " + first() + ")";
        return "(re.++ ((_ re.^ " + std::to_string(least) + ") " + first() + ") (re.* " + first() + "))";
      }
    }
    return "";
  }

  const Terms& terms_;
  std::span<const Term> assertions_;
  std::vector<std::string> texts_;
};

}  // namespace

std::string smtlib(const Terms& terms, std::span<const Term> assertions, std::string_view comment) {
  return Writer(terms, assertions).write(comment);
}

}  // namespace assay::proof

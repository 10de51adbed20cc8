// The value of a term under an assignment, by the meaning of each operation alone (SMT-LIB 2.6: Core,
// Ints, UnicodeStrings). It is what holds the solver's models and the folding to the formulas.
#include <algorithm>
#include <cstdint>

#include "engine/proof/term.hpp"
#include "engine/text.hpp"

namespace assay::proof {
namespace {

using Value = std::optional<Constant>;

std::u32string utf32(std::string_view text) {
  std::u32string decoded;
  for (std::size_t at = 0; at < text.size();) {
    Decoded one = decode(text, at);
    decoded += one.code_point;
    at += one.size;
  }
  return decoded;
}

// Which places of `text` a match of `pattern` that begins at one of `starts` may end at; index = place.
using Places = std::vector<bool>;

class Matcher {
 public:
  Matcher(const Terms& terms, std::u32string text) : terms_(terms), text_(std::move(text)) {}

  bool matches(Term pattern) {
    Places starts(text_.size() + 1, false);
    starts[0] = true;
    return ends(pattern, starts).back();
  }

 private:
  // The formulas' patterns are as deep as the code that builds them, not as the input.
  Places ends(Term pattern, const Places& starts) {
    switch (terms_.op(pattern)) {
      case Op::exactly: {
        std::u32string wanted = utf32(terms_.text(pattern));
        Places found(starts.size(), false);
        for (std::size_t at = 0; at + wanted.size() < starts.size(); ++at)
          if (starts[at] && text_.compare(at, wanted.size(), wanted) == 0) found[at + wanted.size()] = true;
        return found;
      }
      case Op::between: {
        auto first = static_cast<char32_t>(terms_.integer(pattern) >> 32);
        auto last = static_cast<char32_t>(terms_.integer(pattern) & 0xffffffff);
        return step(starts, [&](char32_t character) { return first <= character && character <= last; });
      }
      case Op::any_character: return step(starts, [](char32_t) { return true; });
      case Op::sequence: {
        Places found = starts;
        for (Term part : terms_.arguments(pattern)) found = ends(part, found);
        return found;
      }
      case Op::either: {
        Places found(starts.size(), false);
        for (Term part : terms_.arguments(pattern)) add(found, ends(part, starts));
        return found;
      }
      case Op::both: return each(starts, [&](const Places& start) {
        Places left = ends(terms_.arguments(pattern)[0], start), right = ends(terms_.arguments(pattern)[1], start);
        for (std::size_t at = 0; at < left.size(); ++at) left[at] = left[at] && right[at];
        return left;
      });
      case Op::without: return each(starts, [&](const Places& start) {
        Places inner = ends(terms_.arguments(pattern)[0], start);
        auto from = static_cast<std::size_t>(std::ranges::find(start, true) - start.begin());
        for (std::size_t at = 0; at < inner.size(); ++at) inner[at] = at >= from && !inner[at];
        return inner;
      });
      case Op::repeat: {
        auto least = static_cast<std::size_t>(terms_.integer(pattern) >> 33);
        auto most = static_cast<std::size_t>(terms_.integer(pattern) & 0x1ffffffff);
        Places found = starts;
        for (std::size_t n = 0; n < least; ++n) found = ends(terms_.arguments(pattern)[0], found);
        Places last = found;
        for (std::size_t n = least; most == 0 ? true : n + 1 < most; ++n) {
          last = ends(terms_.arguments(pattern)[0], last);
          if (!add(found, last)) break;
        }
        if (most != 0 && most - 1 < least) found.assign(found.size(), false);
        return found;
      }
      default: return Places(starts.size(), false);
    }
  }

  template <typename Accepts>
  Places step(const Places& starts, Accepts accepts) const {
    Places found(starts.size(), false);
    for (std::size_t at = 0; at < text_.size(); ++at)
      if (starts[at] && accepts(text_[at])) found[at + 1] = true;
    return found;
  }

  template <typename Ends>
  Places each(const Places& starts, Ends ends) const {
    Places found(starts.size(), false);
    for (std::size_t at = 0; at < starts.size(); ++at) {
      if (!starts[at]) continue;
      Places one(starts.size(), false);
      one[at] = true;
      add(found, ends(one));
    }
    return found;
  }

  // Whether anything was new.
  static bool add(Places& to, const Places& from) {
    bool grew = false;
    for (std::size_t at = 0; at < to.size(); ++at) {
      grew = grew || (from[at] && !to[at]);
      to[at] = to[at] || from[at];
    }
    return grew;
  }

  const Terms& terms_;
  std::u32string text_;
};

Value sum(std::span<const Value* const> of) {
  Integer total = 0;
  for (const Value* value : of)
    if (__builtin_add_overflow(total, std::get<Integer>(**value), &total)) return std::nullopt;
  return total;
}

Value of_node(const Terms& terms, Term term, std::span<const Value* const> arguments, const Assignment& assignment) {
  auto flag = [&](std::size_t n) { return std::get<bool>(**arguments[n]); };
  auto integer = [&](std::size_t n) { return std::get<Integer>(**arguments[n]); };
  auto text = [&](std::size_t n) -> const std::string& { return std::get<std::string>(**arguments[n]); };
  auto holds = [&](const Value* value) { return std::get<bool>(**value); };
  Integer by = terms.integer(term), result = 0;
  switch (terms.op(term)) {
    case Op::truth:
    case Op::number:
    case Op::literal: return terms.constant(term);
    case Op::variable: {
      auto found = assignment.find(std::string(terms.text(term)));
      if (found == assignment.end()) return std::nullopt;
      static constexpr Sort sorts[] = {Sort::boolean, Sort::integer, Sort::text};
      if (sorts[found->second.index()] != terms.sort(term)) return std::nullopt;
      return found->second;
    }
    case Op::not_: return !flag(0);
    case Op::all: return std::ranges::all_of(arguments, holds);
    case Op::any: return std::ranges::any_of(arguments, holds);
    case Op::implies: return !flag(0) || flag(1);
    case Op::equal: return **arguments[0] == **arguments[1];
    case Op::choose: return flag(0) ? *arguments[1] : *arguments[2];
    case Op::add: return sum(arguments);
    case Op::negate: return __builtin_sub_overflow(Integer{0}, integer(0), &result) ? Value() : Value(result);
    case Op::scale: return __builtin_mul_overflow(by, integer(0), &result) ? Value() : Value(result);
    case Op::modulo: return (integer(0) % by + by) % by;
    case Op::divide: return (integer(0) - (integer(0) % by + by) % by) / by;
    case Op::less: return integer(0) < integer(1);
    case Op::at_most: return integer(0) <= integer(1);
    case Op::concat: {
      std::string joined;
      for (const Value* value : arguments) joined += std::get<std::string>(**value);
      return joined;
    }
    case Op::length: return static_cast<Integer>(utf32(text(0)).size());
    case Op::prefix: return text(1).starts_with(text(0));
    case Op::suffix: return text(1).ends_with(text(0));
    case Op::contains: return text(0).find(text(1)) != std::string::npos;
    case Op::in: return Matcher(terms, utf32(text(0))).matches(terms.arguments(term)[1]);
    case Op::exactly: case Op::between: case Op::any_character: case Op::sequence: case Op::either: case Op::both:
    case Op::without: case Op::repeat: return std::nullopt;  // a pattern is not a value
  }
  return std::nullopt;
}

}  // namespace

std::optional<Constant> evaluate(const Terms& terms, Term term, const Assignment& assignment) {
  std::unordered_map<std::uint32_t, Value> values;
  std::vector<const Value*> arguments;
  for (Term each : terms.reachable(std::span(&term, 1))) {
    if (terms.sort(each) == Sort::wrong) return std::nullopt;
    if (terms.sort(each) == Sort::pattern) continue;
    arguments.clear();
    bool known = true;
    for (Term argument : terms.arguments(each)) {
      if (terms.sort(argument) == Sort::pattern) continue;
      arguments.push_back(&values[argument.index]);
      known = known && arguments.back()->has_value();
    }
    values[each.index] = known ? of_node(terms, each, arguments, assignment) : std::nullopt;
  }
  return values[term.index];
}

}  // namespace assay::proof

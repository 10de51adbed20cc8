// Folding: constants are computed away before the solver sees a formula. Most of what configuration asks
// ends here, without a solver.
#include <algorithm>
#include <unordered_set>

#include "engine/proof/term.hpp"

namespace assay::proof {
namespace {

class Folder {
 public:
  explicit Folder(Terms& terms) : terms_(terms) {}

  std::vector<Term> fold(std::span<const Term> of) {
    for (Term each : terms_.reachable(of)) {
      std::vector<Term> arguments;
      for (Term argument : terms_.arguments(each)) arguments.push_back(folded_.at(argument.index));
      folded_.emplace(each.index, terms_.sort(each) == Sort::wrong ? each : node(each, arguments));
    }
    std::vector<Term> folded;
    for (Term term : of) folded.push_back(folded_.at(term.index));
    return folded;
  }

 private:
  Term node(Term original, std::vector<Term>& of) {
    Term a = of.size() > 0 ? of[0] : Term{}, b = of.size() > 1 ? of[1] : Term{};
    auto constant = [&](Term term) { return terms_.constant(term); };
    auto is = [&](Term term, bool value) { return terms_.op(term) == Op::truth && (terms_.integer(term) != 0) == value; };
    switch (terms_.op(original)) {
      case Op::truth: case Op::number: case Op::literal: case Op::variable:
      case Op::exactly: case Op::between: case Op::any_character: return original;
      case Op::sequence: return terms_.sequence(of);
      case Op::either: return terms_.either(of);
      case Op::both: return terms_.both(a, b);
      case Op::without: return terms_.without(a);
      case Op::repeat: {
        auto least = static_cast<std::uint32_t>(terms_.integer(original) >> 33);
        auto most = static_cast<std::uint64_t>(terms_.integer(original) & 0x1ffffffff);
        return terms_.repeat(a, least, most == 0 ? std::nullopt : std::optional(static_cast<std::uint32_t>(most - 1)));
      }
      case Op::not_: return negated(a);
      case Op::all: return junction(of, true);
      case Op::any: return junction(of, false);
      case Op::implies: {
        std::vector<Term> either{negated(a), b};
        return junction(either, false);
      }
      case Op::equal: {
        if (a == b) return terms_.truth(true);
        auto left = constant(a), right = constant(b);
        if (left && right) return terms_.truth(*left == *right);
        if (is(a, true)) return b;
        if (is(b, true)) return a;
        if (is(a, false)) return negated(b);
        if (is(b, false)) return negated(a);
        return terms_.equal(a, b);
      }
      case Op::choose: {
        Term c = of[2];
        if (is(a, true)) return b;
        if (is(a, false)) return c;
        if (b == c) return b;
        if (is(b, true) && is(c, false)) return a;
        if (is(b, false) && is(c, true)) return negated(a);
        return terms_.choose(a, b, c);
      }
      case Op::add: return sum(of);
      case Op::negate: {
        if (terms_.op(a) == Op::negate) return terms_.arguments(a)[0];
        return computed(terms_.negate(a), of);
      }
      case Op::scale: {
        Integer factor = terms_.integer(original);
        if (factor == 0) return terms_.number(0);
        if (factor == 1) return a;
        return computed(terms_.scale(factor, a), of);
      }
      case Op::divide: return computed(terms_.divide(a, terms_.integer(original)), of);
      case Op::modulo: return computed(terms_.modulo(a, terms_.integer(original)), of);
      case Op::less: return a == b ? terms_.truth(false) : computed(terms_.less(a, b), of);
      case Op::at_most: return a == b ? terms_.truth(true) : computed(terms_.at_most(a, b), of);
      case Op::concat: return of.size() == 1 ? a : computed(terms_.concat(of), of);
      case Op::length: return computed(terms_.length(a), of);
      case Op::prefix: return computed(terms_.prefix(a, b), of);
      case Op::suffix: return computed(terms_.suffix(a, b), of);
      case Op::contains: return computed(terms_.contains(a, b), of);
      case Op::in: {
        Term result = terms_.in(a, b);
        return constant(a) ? valued(result) : result;
      }
    }
    return original;
  }

  Term negated(Term a) {
    if (terms_.op(a) == Op::truth) return terms_.truth(terms_.integer(a) == 0);
    if (terms_.op(a) == Op::not_) return terms_.arguments(a)[0];
    return terms_.not_(a);
  }

  // `all` (unit: true) or `any` (unit: false): flat, without units and repetitions.
  Term junction(std::span<const Term> of, bool unit) {
    std::vector<Term> kept;
    std::unordered_set<std::uint32_t> seen;
    Op op = unit ? Op::all : Op::any;
    auto take = [&](Term term) {
      if (terms_.op(term) == Op::truth) return (terms_.integer(term) != 0) == unit;
      if (seen.contains(negated(term).index)) return false;
      if (seen.insert(term.index).second) kept.push_back(term);
      return true;
    };
    for (Term term : of) {
      if (terms_.op(term) != op) {
        if (!take(term)) return terms_.truth(!unit);
        continue;
      }
      std::span<const Term> view = terms_.arguments(term);
      std::vector<Term> inner(view.begin(), view.end());
      for (Term each : inner)
        if (!take(each)) return terms_.truth(!unit);
    }
    if (kept.empty()) return terms_.truth(unit);
    if (kept.size() == 1) return kept[0];
    return unit ? terms_.all(kept) : terms_.any(kept);
  }

  Term sum(std::span<const Term> of) {
    std::vector<Term> kept;
    Integer total = 0;
    auto take = [&](Term term) {
      if (terms_.op(term) != Op::number) return kept.push_back(term), true;
      return !__builtin_add_overflow(total, terms_.integer(term), &total);
    };
    for (Term term : of) {
      if (terms_.op(term) != Op::add) {
        if (!take(term)) return terms_.add(of);
        continue;
      }
      std::span<const Term> view = terms_.arguments(term);
      std::vector<Term> inner(view.begin(), view.end());
      for (Term each : inner)
        if (!take(each)) return terms_.add(of);
    }
    if (total != 0 || kept.empty()) kept.push_back(terms_.number(total));
    return kept.size() == 1 ? kept[0] : terms_.add(kept);
  }

  Term computed(Term result, std::span<const Term> arguments) {
    bool constant = std::ranges::all_of(arguments, [&](Term term) { return terms_.constant(term).has_value(); });
    return constant ? valued(result) : result;
  }

  Term valued(Term term) {
    std::optional<Constant> value = evaluate(terms_, term, {});
    if (!value) return term;
    if (const bool* flag = std::get_if<bool>(&*value)) return terms_.truth(*flag);
    if (const Integer* integer = std::get_if<Integer>(&*value)) return terms_.number(*integer);
    return terms_.literal(std::get<std::string>(*value));
  }

  Terms& terms_;
  std::unordered_map<std::uint32_t, Term> folded_;
};

}  // namespace

std::vector<Term> fold(Terms& terms, std::span<const Term> of) { return Folder(terms).fold(of); }

}  // namespace assay::proof

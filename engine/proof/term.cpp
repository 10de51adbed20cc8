#include "engine/proof/term.hpp"

#include <algorithm>

namespace assay::proof {
namespace {

std::size_t mix(std::size_t seed, std::size_t value) {
  return seed ^ (value + 0x9e3779b97f4a7c15ull + (seed << 6) + (seed >> 2));
}

}  // namespace

std::string decimal(Integer value) {
  if (value == 0) return "0";
  bool negative = value < 0;
  unsigned __int128 rest = negative ? -static_cast<unsigned __int128>(value) : static_cast<unsigned __int128>(value);
  std::string digits;
  for (; rest != 0; rest /= 10) digits += static_cast<char>('0' + static_cast<int>(rest % 10));
  if (negative) digits += '-';
  std::ranges::reverse(digits);
  return digits;
}

Terms::Terms() { texts_.emplace_back(); }

std::span<const Term> Terms::arguments(Term term) const {
  const Node& node = nodes_[term.index];
  return {arguments_.data() + node.first, node.count};
}

Term Terms::make(Op op, Sort sort, std::span<const Term> arguments, Integer value, std::string_view text) {
  std::size_t hash = mix(static_cast<std::size_t>(op) * 8 + static_cast<std::size_t>(sort), static_cast<std::size_t>(value));
  hash = mix(hash, static_cast<std::size_t>(value >> 64));
  hash = mix(hash, std::hash<std::string_view>{}(text));
  for (Term argument : arguments) hash = mix(hash, argument.index);
  auto [first, last] = interned_.equal_range(hash);
  for (; first != last; ++first) {
    const Node& node = nodes_[first->second];
    if (node.op == op && node.sort == sort && node.value == value && texts_[node.text] == text &&
        std::ranges::equal(this->arguments({first->second}), arguments))
      return {first->second};
  }
  Node node{op, sort, static_cast<std::uint32_t>(arguments_.size()), static_cast<std::uint32_t>(arguments.size()), 0, value};
  // `arguments` may view our own storage, which grows.
  std::vector<Term> copied(arguments.begin(), arguments.end());
  arguments_.insert(arguments_.end(), copied.begin(), copied.end());
  if (!text.empty()) {
    node.text = static_cast<std::uint32_t>(texts_.size());
    texts_.emplace_back(text);
  }
  auto index = static_cast<std::uint32_t>(nodes_.size());
  nodes_.push_back(node);
  interned_.emplace(hash, index);
  return {index};
}

Term Terms::check(Op op, Sort sort, Sort wanted, std::span<const Term> arguments, Integer value) {
  for (Term argument : arguments)
    if (this->sort(argument) != wanted) sort = Sort::wrong;
  return make(op, sort, arguments, value);
}

Term Terms::truth(bool value) { return make(Op::truth, Sort::boolean, {}, value); }
Term Terms::number(Integer value) { return make(Op::number, Sort::integer, {}, value); }
Term Terms::literal(std::string_view text) { return make(Op::literal, Sort::text, {}, 0, text); }
Term Terms::variable(std::string_view name, Sort sort) { return make(Op::variable, sort, {}, 0, name); }

Term Terms::not_(Term a) { return check(Op::not_, Sort::boolean, Sort::boolean, std::span(&a, 1)); }
Term Terms::all(std::span<const Term> of) { return check(Op::all, Sort::boolean, Sort::boolean, of); }
Term Terms::any(std::span<const Term> of) { return check(Op::any, Sort::boolean, Sort::boolean, of); }
Term Terms::implies(Term a, Term b) {
  Term both[] = {a, b};
  return check(Op::implies, Sort::boolean, Sort::boolean, both);
}
Term Terms::equal(Term a, Term b) {
  Term both[] = {a, b};
  bool fits = sort(a) == sort(b) && sort(a) != Sort::pattern && sort(a) != Sort::wrong;
  return make(Op::equal, fits ? Sort::boolean : Sort::wrong, both);
}
Term Terms::choose(Term condition, Term then, Term otherwise) {
  Term three[] = {condition, then, otherwise};
  bool fits = sort(condition) == Sort::boolean && sort(then) == sort(otherwise) && sort(then) != Sort::pattern;
  return make(Op::choose, fits ? sort(then) : Sort::wrong, three);
}

Term Terms::add(std::span<const Term> of) { return check(Op::add, Sort::integer, Sort::integer, of); }
Term Terms::negate(Term a) { return check(Op::negate, Sort::integer, Sort::integer, std::span(&a, 1)); }
Term Terms::scale(Integer factor, Term a) { return check(Op::scale, Sort::integer, Sort::integer, std::span(&a, 1), factor); }
Term Terms::divide(Term a, Integer by) {
  return check(Op::divide, by > 0 ? Sort::integer : Sort::wrong, Sort::integer, std::span(&a, 1), by);
}
Term Terms::modulo(Term a, Integer by) {
  return check(Op::modulo, by > 0 ? Sort::integer : Sort::wrong, Sort::integer, std::span(&a, 1), by);
}
Term Terms::less(Term a, Term b) {
  Term both[] = {a, b};
  return check(Op::less, Sort::boolean, Sort::integer, both);
}
Term Terms::at_most(Term a, Term b) {
  Term both[] = {a, b};
  return check(Op::at_most, Sort::boolean, Sort::integer, both);
}
Term Terms::count(std::span<const Term> of) {
  std::vector<Term> ones;
  ones.reserve(of.size());
  for (Term term : of) ones.push_back(choose(term, number(1), number(0)));
  return add(ones);
}

Term Terms::concat(std::span<const Term> of) { return check(Op::concat, Sort::text, Sort::text, of); }
Term Terms::length(Term text) { return check(Op::length, Sort::integer, Sort::text, std::span(&text, 1)); }
Term Terms::prefix(Term prefix, Term text) {
  Term both[] = {prefix, text};
  return check(Op::prefix, Sort::boolean, Sort::text, both);
}
Term Terms::suffix(Term suffix, Term text) {
  Term both[] = {suffix, text};
  return check(Op::suffix, Sort::boolean, Sort::text, both);
}
Term Terms::contains(Term text, Term part) {
  Term both[] = {text, part};
  return check(Op::contains, Sort::boolean, Sort::text, both);
}
Term Terms::in(Term text, Term pattern) {
  Term both[] = {text, pattern};
  bool fits = sort(text) == Sort::text && sort(pattern) == Sort::pattern;
  return make(Op::in, fits ? Sort::boolean : Sort::wrong, both);
}

Term Terms::exactly(std::string_view text) { return make(Op::exactly, Sort::pattern, {}, 0, text); }
Term Terms::between(char32_t first, char32_t last) {
  return make(Op::between, Sort::pattern, {}, (static_cast<Integer>(first) << 32) | last);
}
Term Terms::any_character() { return make(Op::any_character, Sort::pattern, {}); }
Term Terms::sequence(std::span<const Term> of) { return check(Op::sequence, Sort::pattern, Sort::pattern, of); }
Term Terms::either(std::span<const Term> of) { return check(Op::either, Sort::pattern, Sort::pattern, of); }
Term Terms::both(Term a, Term b) {
  Term two[] = {a, b};
  return check(Op::both, Sort::pattern, Sort::pattern, two);
}
Term Terms::without(Term a) { return check(Op::without, Sort::pattern, Sort::pattern, std::span(&a, 1)); }
Term Terms::repeat(Term a, std::uint32_t least, std::optional<std::uint32_t> most) {
  // The upper bound plus one, so that 0 says "without end".
  Integer bounds = (static_cast<Integer>(least) << 33) | (most ? static_cast<Integer>(*most) + 1 : 0);
  return check(Op::repeat, Sort::pattern, Sort::pattern, std::span(&a, 1), bounds);
}

std::optional<Constant> Terms::constant(Term term) const {
  switch (op(term)) {
    case Op::truth: return integer(term) != 0;
    case Op::number: return integer(term);
    case Op::literal: return std::string(text(term));
    default: return std::nullopt;
  }
}

std::vector<Term> Terms::reachable(std::span<const Term> of) const {
  // Arguments are always made before what uses them, so the order of indices will do.
  std::vector<char> seen(nodes_.size(), 0);
  std::vector<Term> open(of.begin(), of.end()), found;
  while (!open.empty()) {
    Term term = open.back();
    open.pop_back();
    if (seen[term.index]) continue;
    seen[term.index] = 1;
    found.push_back(term);
    for (Term argument : arguments(term)) open.push_back(argument);
  }
  std::ranges::sort(found, {}, &Term::index);
  return found;
}

std::vector<Term> Terms::variables(std::span<const Term> of) const {
  std::vector<Term> found = reachable(of);
  std::erase_if(found, [&](Term term) { return op(term) != Op::variable; });
  return found;
}

}  // namespace assay::proof

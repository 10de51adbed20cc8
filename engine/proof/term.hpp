// Terms: the formulas that a solver is asked, built by plain functions and shared by structure (the same
// term twice is one node). Nothing is simplified while building, so that what another solver re-checks is
// what the property says; `fold` computes constants away before our own solver sees it, and `evaluate`
// gives a term's value under an assignment without any solver.
//
// INVARIANT: a `Term` belongs to the `Terms` that made it; arguments have the sorts that the comments
// name (checked: a wrong sort gives a term whose `sort` is `wrong`, and asking about it is `unknown`).
// Integers are exact up to 127 bits; anything beyond makes `evaluate` give no value.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace assay::proof {

enum class Sort : std::uint8_t { boolean, integer, text, pattern, wrong };

enum class Op : std::uint8_t {
  truth, number, literal, variable,                // constants and names
  not_, all, any, implies, equal, choose,          // choose: condition, then, else
  add, negate, scale, divide, modulo,              // scale, divide, modulo: by a constant
  less, at_most,
  concat, length, prefix, suffix, contains, in,    // of texts; `in`: text, pattern
  exactly, between, any_character, sequence, either, both, without, repeat,  // of patterns
};

struct Term {
  std::uint32_t index = 0;
  friend bool operator==(Term, Term) = default;
};

using Integer = __int128;
std::string decimal(Integer value);

// A variable's value, or a term's: bool, integer, UTF-8 text.
using Constant = std::variant<bool, Integer, std::string>;

class Terms {
 public:
  Terms();

  Term truth(bool value);
  Term number(Integer value);
  Term literal(std::string_view text);               // UTF-8
  Term variable(std::string_view name, Sort sort);   // equal names and sorts are one variable

  Term not_(Term a);
  Term all(std::span<const Term> of);                // true of none
  Term any(std::span<const Term> of);                // false of none
  Term all(std::initializer_list<Term> of) { return all(std::span(of.begin(), of.size())); }
  Term any(std::initializer_list<Term> of) { return any(std::span(of.begin(), of.size())); }
  Term implies(Term a, Term b);
  Term equal(Term a, Term b);                        // of one sort, patterns excepted
  Term choose(Term condition, Term then, Term otherwise);

  Term add(std::span<const Term> of);                // 0 of none
  Term add(std::initializer_list<Term> of) { return add(std::span(of.begin(), of.size())); }
  Term negate(Term a);
  Term subtract(Term a, Term b) { return add({a, negate(b)}); }
  Term scale(Integer factor, Term a);
  Term divide(Term a, Integer by);                   // by > 0; rounded down, as SMT-LIB's div
  Term modulo(Term a, Integer by);                   // by > 0; never negative
  Term less(Term a, Term b);
  Term at_most(Term a, Term b);
  Term count(std::span<const Term> of);              // how many of these booleans hold

  Term concat(std::span<const Term> of);
  Term length(Term text);                            // code points
  Term prefix(Term prefix, Term text);
  Term suffix(Term suffix, Term text);
  Term contains(Term text, Term part);
  Term in(Term text, Term pattern);

  Term exactly(std::string_view text);
  Term between(char32_t first, char32_t last);       // one character of the range
  Term any_character();
  Term sequence(std::span<const Term> of);
  Term either(std::span<const Term> of);             // none: nothing matches
  Term both(Term a, Term b);
  Term without(Term a);                              // every text that `a` does not match
  Term repeat(Term a, std::uint32_t least, std::optional<std::uint32_t> most);

  Op op(Term term) const { return nodes_[term.index].op; }
  Sort sort(Term term) const { return nodes_[term.index].sort; }
  std::span<const Term> arguments(Term term) const;
  Integer integer(Term term) const { return nodes_[term.index].value; }  // truth, number, scale, divide, modulo, between, repeat
  std::string_view text(Term term) const { return texts_[nodes_[term.index].text]; }  // literal, variable, exactly
  std::size_t size() const { return nodes_.size(); }
  std::optional<Constant> constant(Term term) const;  // of truth, number, literal

  // The variables that `of` mention, in the order in which they were made.
  std::vector<Term> variables(std::span<const Term> of) const;
  // Terms that `of` consist of, arguments before what they are used in, each once.
  std::vector<Term> reachable(std::span<const Term> of) const;

 private:
  struct Node {
    Op op;
    Sort sort;
    std::uint32_t first = 0, count = 0;
    std::uint32_t text = 0;
    Integer value = 0;
  };
  Term make(Op op, Sort sort, std::span<const Term> arguments, Integer value = 0, std::string_view text = {});
  Term check(Op op, Sort sort, Sort wanted, std::span<const Term> arguments, Integer value = 0);

  std::vector<Node> nodes_;
  std::vector<Term> arguments_;
  std::vector<std::string> texts_;
  std::unordered_multimap<std::size_t, std::uint32_t> interned_;
};

using Assignment = std::unordered_map<std::string, Constant>;  // by variable's name

// What is left of each term once its constants are computed away: equal to it under every assignment.
std::vector<Term> fold(Terms& terms, std::span<const Term> of);

// The value of `term`; no value where an integer leaves 127 bits, a sort is wrong, or a variable is not assigned.
std::optional<Constant> evaluate(const Terms& terms, Term term, const Assignment& assignment);

// One file that any SMT-LIB 2.6 solver reads: logic, declarations, one assertion each, (check-sat).
std::string smtlib(const Terms& terms, std::span<const Term> assertions, std::string_view comment);

}  // namespace assay::proof

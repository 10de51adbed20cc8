// Terms, folding, the solver and the SMT-LIB text, each held against plain enumeration: formulas over
// small domains are made at random, and every assignment is tried.
#include <catch2/catch.hpp>

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <random>

#include "engine/proof/solver.hpp"

using namespace assay::proof;

namespace {

const std::vector<std::string> words = {"", "a", "ab", "ba", "é\"", "\\u{61}"};

// Random formulas over two booleans, two integers 0..3 and two texts out of `words`.
struct Formulas {
  Terms terms;
  std::mt19937 random;
  std::vector<Term> booleans, integers, texts, bounds;

  explicit Formulas(unsigned seed, bool with_texts) : random(seed) {
    for (const char* name : {"p", "q"}) booleans.push_back(terms.variable(name, Sort::boolean));
    for (const char* name : {"i", "j|k"}) {
      Term variable = terms.variable(name, Sort::integer);
      integers.push_back(variable);
      bounds.push_back(terms.at_most(terms.number(0), variable));
      bounds.push_back(terms.at_most(variable, terms.number(3)));
    }
    if (!with_texts) return;
    for (const char* name : {"s", "t"}) {
      Term variable = terms.variable(name, Sort::text);
      texts.push_back(variable);
      std::vector<Term> any;
      for (const std::string& word : words) any.push_back(terms.equal(variable, terms.literal(word)));
      bounds.push_back(terms.any(any));
    }
  }

  std::size_t below(std::size_t n) { return random() % n; }

  Term integer(int depth) {
    if (depth == 0) return below(2) ? integers[below(2)] : terms.number(static_cast<int>(below(7)) - 2);
    switch (below(texts.empty() ? 7 : 8)) {
      case 0: return terms.add({integer(depth - 1), integer(depth - 1), integer(0)});
      case 1: return terms.negate(integer(depth - 1));
      case 2: return terms.scale(static_cast<int>(below(7)) - 3, integer(depth - 1));
      case 3: return terms.divide(integer(depth - 1), 1 + static_cast<int>(below(3)));
      case 4: return terms.modulo(integer(depth - 1), 1 + static_cast<int>(below(3)));
      case 5: return terms.choose(boolean(depth - 1), integer(depth - 1), integer(depth - 1));
      case 6: {
        std::vector<Term> of{boolean(depth - 1), boolean(depth - 1), boolean(depth - 1)};
        return terms.count(of);
      }
      default: return terms.length(text(depth - 1));
    }
  }

  Term text(int depth) {
    if (depth == 0 || below(2)) return below(2) ? texts[below(2)] : terms.literal(words[below(words.size())]);
    if (below(2)) return terms.choose(boolean(depth - 1), text(depth - 1), text(depth - 1));
    std::vector<Term> of{text(depth - 1), text(depth - 1)};
    return terms.concat(of);
  }

  Term pattern(int depth) {
    if (depth == 0)
      return below(3) == 0 ? terms.any_character() : below(2) ? terms.exactly(words[below(words.size())]) : terms.between('a', 'b');
    std::vector<Term> of{pattern(depth - 1), pattern(depth - 1)};
    switch (below(6)) {
      case 0: return terms.sequence(of);
      case 1: return terms.either(of);
      case 2: return terms.both(of[0], of[1]);
      case 3: return terms.without(of[0]);
      default: {
        auto least = static_cast<std::uint32_t>(below(3));
        return terms.repeat(of[0], least, below(2) ? std::nullopt : std::optional(least + static_cast<std::uint32_t>(below(2))));
      }
    }
  }

  Term boolean(int depth) {
    if (depth == 0) return below(5) == 0 ? terms.truth(below(2) == 0) : booleans[below(2)];
    std::vector<Term> of{boolean(depth - 1), boolean(depth - 1)};
    switch (below(texts.empty() ? 8 : 13)) {
      case 0: return terms.not_(of[0]);
      case 1: return terms.all(of);
      case 2: return terms.any(of);
      case 3: return terms.implies(of[0], of[1]);
      case 4: return terms.equal(of[0], of[1]);
      case 5: return terms.equal(integer(depth - 1), integer(depth - 1));
      case 6: return terms.less(integer(depth - 1), integer(depth - 1));
      case 7: return terms.at_most(integer(depth - 1), integer(depth - 1));
      case 8: return terms.equal(text(depth - 1), text(depth - 1));
      case 9: return terms.prefix(text(depth - 1), text(depth - 1));
      case 10: return terms.suffix(text(depth - 1), text(depth - 1));
      case 11: return terms.contains(text(depth - 1), text(depth - 1));
      default: return terms.in(text(depth - 1), pattern(2));
    }
  }

  template <typename Visit>
  void each(Visit visit) {
    for (int p = 0; p < 2; ++p)
      for (int q = 0; q < 2; ++q)
        for (int i = 0; i < 4; ++i)
          for (int j = 0; j < 4; ++j)
            for (std::size_t s = 0; s < (texts.empty() ? 1 : words.size()); ++s)
              for (std::size_t t = 0; t < (texts.empty() ? 1 : words.size()); ++t) {
                Assignment assignment{{"p", p == 1}, {"q", q == 1}, {"i", Integer{i}}, {"j|k", Integer{j}}};
                if (!texts.empty()) {
                  assignment["s"] = words[s];
                  assignment["t"] = words[t];
                }
                visit(assignment);
              }
  }
};

bool holds(const Terms& terms, Term term, const Assignment& assignment) {
  std::optional<Constant> value = evaluate(terms, term, assignment);
  return value && std::get<bool>(*value);
}

std::string answer_of(const std::string& command) {
  std::string out;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (!pipe) return out;
  char buffer[256];
  while (std::fgets(buffer, sizeof buffer, pipe)) out += buffer;
  pclose(pipe);
  return out;
}

}  // namespace

TEST_CASE("a folded term has the value of the term under every assignment", "[proof]") {
  for (unsigned seed = 0; seed < 120; ++seed) {
    Formulas formulas(seed, seed % 3 == 0);
    Term term = formulas.boolean(3);
    Term folded = fold(formulas.terms, std::span(&term, 1))[0];
    formulas.each([&](const Assignment& assignment) {
      if (evaluate(formulas.terms, term, assignment) != evaluate(formulas.terms, folded, assignment)) FAIL("seed " << seed);
    });
  }
}

TEST_CASE("the solver finds what enumeration finds, and the smallest of it", "[proof]") {
  unsigned satisfiable = 0, unsatisfiable = 0;
  for (unsigned seed = 0; seed < 240; ++seed) {
    Formulas formulas(seed + 1000, seed % 6 == 0);
    std::vector<Term> asked = formulas.bounds;
    asked.push_back(formulas.boolean(3));
    if (seed % 2 == 0) asked.push_back(formulas.boolean(2));
    Term cost = formulas.terms.add({formulas.integers[0], formulas.integers[1]});
    std::optional<Integer> smallest;
    formulas.each([&](const Assignment& assignment) {
      for (Term term : asked)
        if (!holds(formulas.terms, term, assignment)) return;
      Integer sum = std::get<Integer>(assignment.at("i")) + std::get<Integer>(assignment.at("j|k"));
      if (!smallest || sum < *smallest) smallest = sum;
    });
    Solution found = solve(formulas.terms, asked);
    INFO("seed " << seed << " " << found.reason);
    REQUIRE(found.answer == (smallest ? Answer::satisfiable : Answer::unsatisfiable));
    Solution least = minimise(formulas.terms, asked, cost);
    INFO(least.reason);
    REQUIRE(least.answer == found.answer);
    if (smallest) REQUIRE(std::get<Integer>(*evaluate(formulas.terms, cost, least.model)) == *smallest);
    ++(smallest ? satisfiable : unsatisfiable);
  }
  CHECK(satisfiable > 30);
  CHECK(unsatisfiable > 30);
}

TEST_CASE("z3 and cvc5 read the SMT-LIB text and answer as enumeration does", "[proof]") {
  std::string path = "/tmp/assay-smtlib-" + std::to_string(getpid()) + ".smt2";
  for (unsigned seed = 0; seed < 24; ++seed) {
    Formulas formulas(seed + 5000, seed % 2 == 0);
    std::vector<Term> asked = formulas.bounds;
    asked.push_back(formulas.boolean(3));
    bool possible = false;
    formulas.each([&](const Assignment& assignment) {
      possible = possible || std::ranges::all_of(asked, [&](Term term) { return holds(formulas.terms, term, assignment); });
    });
    std::ofstream(path) << smtlib(formulas.terms, asked, "seed " + std::to_string(seed) + "\nunsat: nothing\x01");
    for (const char* solver : {"z3 -T:10 ", "cvc5 --tlimit=10000 "}) {
      std::string answer = answer_of(solver + path);
      if (answer.find("not found") != std::string::npos) {
        WARN("skipped: " << solver << "is not installed");
        continue;
      }
      if (answer.find("timeout") != std::string::npos || answer.find("interrupted") != std::string::npos) continue;
      INFO("seed " << seed << " " << solver << answer);
      REQUIRE(answer == (possible ? "sat\n" : "unsat\n"));
    }
  }
  std::remove(path.c_str());
}

TEST_CASE("ill-sorted questions, and claims over nothing, are not proofs", "[proof]") {
  Terms terms;
  Term wrong = terms.less(terms.literal("a"), terms.number(1));
  CHECK(solve(terms, std::span(&wrong, 1)).answer == Answer::unknown);
  Term n = terms.variable("n", Sort::integer);
  Term setting[] = {terms.less(n, terms.number(3)), terms.less(terms.number(5), n)};
  CHECK(prove(terms, setting, terms.truth(false)).outcome == Outcome::impossible);
  Term small[] = {terms.less(n, terms.number(3))};
  CHECK(prove(terms, small, terms.less(terms.number(5), n)).outcome == Outcome::proved);
  CHECK(prove(terms, small, terms.less(n, terms.number(0))).outcome == Outcome::refuted);
  Integer large = Integer{1} << 100;
  Term equal = terms.equal(terms.add({n, terms.number(large)}), terms.number(2 * large + 1));
  Solution found = solve(terms, std::span(&equal, 1));
  REQUIRE(found.answer == Answer::satisfiable);
  CHECK(std::get<Integer>(found.model.at("n")) == large + 1);
}

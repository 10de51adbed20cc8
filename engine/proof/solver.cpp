#include "engine/proof/solver.hpp"

#include <z3++.h>

#include <memory>
#include <optional>

#include "engine/text.hpp"

namespace assay::proof {
namespace {

z3::context& context() {
  thread_local std::unique_ptr<z3::context> one;
  if (!one) one = std::make_unique<z3::context>();
  return *one;
}

// Z3 reads \u{…} in the texts that it is given, and writes them in those that it gives.
std::string escaped(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    Decoded one = decode(text, at);
    at += one.size;
    if (one.code_point >= 0x20 && one.code_point < 0x7f && one.code_point != '\\') {
      out += static_cast<char>(one.code_point);
    } else {
      char hex[16];
      std::snprintf(hex, sizeof hex, "\\u{%x}", static_cast<unsigned>(one.code_point));
      out += hex;
    }
  }
  return out;
}

// A text that a model holds. Z3 4.8.12 writes a backslash like the beginning of an escape, so each
// character is asked for by itself, where the two cannot be mixed up.
std::string text_of(const z3::expr& value) {
  std::string out;
  std::uint64_t length = value.length().simplify().get_numeral_uint64();
  for (std::uint64_t n = 0; n < length; ++n) {
    std::string one = value.at(value.ctx().int_val(n)).simplify().get_escaped_string();
    if (one.starts_with("\\u{"))
      append_utf8(out, static_cast<char32_t>(std::strtoul(one.c_str() + 3, nullptr, 16)));
    else
      out += one;
  }
  return out;
}

class Translation {
 public:
  Translation(const Terms& terms, z3::context& z3) : terms_(terms), z3_(z3) {}

  z3::expr of(Term term) {
    for (Term each : terms_.reachable(std::span(&term, 1)))
      if (!done_.contains(each.index)) done_.emplace(each.index, node(each));
    return done_.at(term.index);
  }

 private:
  z3::expr node(Term term) {
    Integer value = terms_.integer(term);
    z3::expr_vector all(z3_);
    for (Term argument : terms_.arguments(term)) all.push_back(done_.at(argument.index));
    auto a = [&] { return all[0]; };
    auto b = [&] { return all[1]; };
    auto whole = [&](Integer number) { return z3_.int_val(decimal(number).c_str()); };
    auto text = [&](std::string_view view) { return z3_.string_val(escaped(view)); };
    switch (terms_.op(term)) {
      case Op::truth: return z3_.bool_val(value != 0);
      case Op::number: return whole(value);
      case Op::literal: return text(terms_.text(term));
      case Op::variable: return z3_.constant(std::string(terms_.text(term)).c_str(), sort(terms_.sort(term)));
      case Op::not_: return !a();
      case Op::all: return z3::mk_and(all);
      case Op::any: return z3::mk_or(all);
      case Op::implies: return z3::implies(a(), b());
      case Op::equal: return a() == b();
      case Op::choose: return z3::ite(a(), b(), all[2]);
      case Op::add: return all.empty() ? whole(0) : all.size() == 1 ? a() : z3::sum(all);
      case Op::negate: return -a();
      case Op::scale: return whole(value) * a();
      case Op::divide: return a() / whole(value);
      case Op::modulo: return z3::mod(a(), whole(value));
      case Op::less: return a() < b();
      case Op::at_most: return a() <= b();
      case Op::concat: return all.empty() ? text("") : all.size() == 1 ? a() : z3::concat(all);
      case Op::length: return a().length();
      case Op::prefix: return z3::prefixof(a(), b());
      case Op::suffix: return z3::suffixof(a(), b());
      case Op::contains: return a().contains(b());
      case Op::in: return z3::in_re(a(), b());
      case Op::exactly: return z3::to_re(text(terms_.text(term)));
      case Op::between: {
        std::string low, high;
        append_utf8(low, static_cast<char32_t>(value >> 32));
        append_utf8(high, static_cast<char32_t>(value & 0xffffffff));
        return z3::range(text(low), text(high));
      }
      case Op::any_character: {
        // One character of any kind: a range over all that SMT-LIB's texts hold.
        return z3::range(z3_.string_val("\\u{0}"), z3_.string_val("\\u{2ffff}"));
      }
      case Op::sequence: return all.empty() ? z3::to_re(text("")) : all.size() == 1 ? a() : z3::concat(all);
      case Op::either: {
        if (all.empty()) return z3::re_empty(patterns());
        z3::expr joined = a();
        for (unsigned n = 1; n < all.size(); ++n) joined = joined + all[n];
        return joined;
      }
      case Op::both: return z3::re_intersect(all);
      case Op::without: return z3::re_complement(a());
      case Op::repeat: {
        auto least = static_cast<unsigned>(value >> 33);
        auto most = static_cast<std::uint64_t>(value & 0x1ffffffff);
        if (most != 0 && most - 1 < least) return z3::re_empty(patterns());
        if (most == 1) return z3::to_re(text(""));
        if (most != 0) return z3::expr(z3_, Z3_mk_re_loop(z3_, a(), least, static_cast<unsigned>(most - 1)));
        if (least == 0) return z3::star(a());
        z3::expr_vector parts(z3_);
        parts.push_back(z3::expr(z3_, Z3_mk_re_loop(z3_, a(), least, least)));
        parts.push_back(z3::star(a()));
        return z3::concat(parts);
      }
    }
    return z3_.bool_val(false);
  }

  z3::sort patterns() {
    z3::sort texts = z3_.string_sort();
    return z3_.re_sort(texts);
  }

  z3::sort sort(Sort sort) {
    switch (sort) {
      case Sort::boolean: return z3_.bool_sort();
      case Sort::integer: return z3_.int_sort();
      case Sort::text: return z3_.string_sort();
      case Sort::pattern: return patterns();
      case Sort::wrong: break;
    }
    return z3_.bool_sort();
  }

  const Terms& terms_;
  z3::context& z3_;
  std::unordered_map<std::uint32_t, z3::expr> done_;
};

std::optional<Integer> integer(std::string_view digits) {
  // Z3 prints a negative numeral as "-5" here and as "(- 5)" elsewhere.
  Integer value = 0;
  bool negative = false;
  for (char digit : digits) {
    if (digit == '-') {
      negative = true;
    } else if (digit >= '0' && digit <= '9') {
      if (__builtin_mul_overflow(value, Integer{10}, &value) || __builtin_add_overflow(value, Integer{digit - '0'}, &value))
        return std::nullopt;
    }
  }
  return negative ? -value : value;
}

// Values of `wanted`; a variable that the model leaves open gets its sort's plainest value.
std::optional<Assignment> assignment(const Terms& terms, std::span<const Term> wanted, Translation& translation,
                                     const z3::model* model) {
  Assignment values;
  for (Term variable : wanted) {
    std::string name(terms.text(variable));
    std::optional<z3::expr> value;
    if (model) value = model->eval(translation.of(variable), true);
    switch (terms.sort(variable)) {
      case Sort::boolean: values[name] = value && value->is_true(); break;
      case Sort::integer: {
        std::optional<Integer> number = value ? integer(value->to_string()) : Integer{0};
        if (!number) return std::nullopt;
        values[name] = *number;
        break;
      }
      case Sort::text: values[name] = value && value->is_string_value() ? text_of(*value) : std::string(); break;
      case Sort::pattern:
      case Sort::wrong: return std::nullopt;
    }
  }
  return values;
}

Solution unknown(std::string reason) { return {Answer::unknown, {}, std::move(reason)}; }

// One question and, when minimising, the further ones that bound its cost.
class Question {
 public:
  Question(Terms& terms, std::span<const Term> assertions, const Budget& budget)
      : terms_(terms), asked_(assertions.begin(), assertions.end()), budget_(budget) {}

  Solution solve(std::optional<Term> cost) {
    for (Term term : terms_.reachable(asked_))
      if (terms_.sort(term) == Sort::wrong) return unknown("the question is not well-formed");
    std::vector<Term> everything = asked_;
    if (cost) everything.push_back(*cost);
    std::vector<Term> wanted = terms_.variables(everything);
    std::vector<Term> folded = fold(terms_, asked_);
    bool open = false;
    for (Term term : folded) {
      if (terms_.op(term) != Op::truth) open = true;
      else if (terms_.integer(term) == 0) return {Answer::unsatisfiable, {}, {}};
    }
    try {
      z3::context& z3 = context();
      Translation translation(terms_, z3);
      if (!open && !cost) return believed(assignment(terms_, wanted, translation, nullptr));
      // Each question gets a solver of its own: Z3 4.8.12 gives wrong models of texts when one is asked again.
      auto ask = [&] {
        z3::solver solver = solver_for(folded, z3);
        for (Term term : folded) solver.add(translation.of(term));
        return check(solver, wanted, translation);
      };
      Solution best = ask();
      if (!cost) return best;
      while (best.answer == Answer::satisfiable) {
        std::optional<Constant> reached = evaluate(terms_, *cost, best.model);
        if (!reached) return unknown("the cost of a solution could not be computed");
        Term better = terms_.less(*cost, terms_.number(std::get<Integer>(*reached)));
        folded.push_back(fold(terms_, std::span(&better, 1))[0]);
        Solution next = ask();
        if (next.answer == Answer::unsatisfiable) return best;
        best = std::move(next);
      }
      return best;
    } catch (const z3::exception& error) {
      return unknown(std::string("the solver gave up: ") + error.msg());
    } catch (const std::exception& error) {
      return unknown(std::string("the solver gave up: ") + error.what());
    }
  }

 private:
  z3::solver solver_for(std::span<const Term> folded, z3::context& z3) const {
    bool texts = false;
    for (Term term : terms_.reachable(folded)) texts = texts || terms_.sort(term) == Sort::text;
    z3::solver solver = texts ? z3::solver(z3) : z3::solver(z3, z3::solver::simple());
    z3::params parameters(z3);
    parameters.set("rlimit", budget_.resources);
    parameters.set("random_seed", 0u);
    solver.set(parameters);
    return solver;
  }

  Solution check(z3::solver& solver, std::span<const Term> wanted, Translation& translation) const {
    switch (solver.check()) {
      case z3::unsat: return {Answer::unsatisfiable, {}, {}};
      case z3::unknown: {
        std::string reason = solver.reason_unknown();
        bool limit = reason.find("resource") != std::string::npos || reason.find("cancel") != std::string::npos;
        return unknown(limit ? "the solver's resource limit was reached" : "the solver gave up: " + reason);
      }
      case z3::sat: {
        z3::model model = solver.get_model();
        return believed(assignment(terms_, wanted, translation, &model));
      }
    }
    return unknown("the solver gave no answer");
  }

  // A model counts once the terms, unfolded and without the solver, say the same.
  Solution believed(std::optional<Assignment> model) const {
    if (!model) return unknown("the solver's model has values beyond what is represented");
    for (Term term : asked_) {
      std::optional<Constant> value = evaluate(terms_, term, *model);
      if (!value || !std::holds_alternative<bool>(*value) || !std::get<bool>(*value))
        return unknown("the solver's model does not satisfy the question");
    }
    return {Answer::satisfiable, std::move(*model), {}};
  }

  Terms& terms_;
  std::vector<Term> asked_;
  Budget budget_;
};

}  // namespace

Solution solve(Terms& terms, std::span<const Term> assertions, const Budget& budget) {
  return Question(terms, assertions, budget).solve(std::nullopt);
}

Solution minimise(Terms& terms, std::span<const Term> assertions, Term cost, const Budget& budget) {
  return Question(terms, assertions, budget).solve(cost);
}

Proven prove(Terms& terms, std::span<const Term> setting, Term violation, const Budget& budget) {
  std::vector<Term> both(setting.begin(), setting.end());
  both.push_back(violation);
  // A state with the violation is also a state of the setting: one question answers both.
  Solution broken = solve(terms, both, budget);
  if (broken.answer == Answer::satisfiable) return {Outcome::refuted, std::move(broken.model), {}};
  if (broken.answer == Answer::unknown) return {Outcome::unknown, {}, std::move(broken.reason)};
  Solution possible = solve(terms, setting, budget);
  if (possible.answer == Answer::satisfiable) return {Outcome::proved, {}, {}};
  if (possible.answer == Answer::unsatisfiable) return {Outcome::impossible, {}, {}};
  return {Outcome::unknown, {}, std::move(possible.reason)};
}

}  // namespace assay::proof

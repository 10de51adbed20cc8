#include "engine/proof/quorum.hpp"

#include <algorithm>
#include <numeric>

namespace assay::proof {
namespace {

// `needed` as a term over n.
Term needed_term(Terms& terms, Need need, Term n) {
  const Term one = terms.number(1);
  switch (need) {
    case Need::majority: return terms.add({terms.divide(n, 2), one});
    case Need::more_than_two_thirds: return terms.add({terms.divide(terms.scale(2, n), 3), one});
    case Need::byzantine: {
      const Term faulty = terms.divide(terms.subtract(n, one), 3);
      return terms.add({terms.divide(terms.add({n, faulty}), 2), one});
    }
  }
  return n;
}

}  // namespace

std::string_view name_of(Need need) {
  switch (need) {
    case Need::majority: return "majority";
    case Need::more_than_two_thirds: return "more-than-two-thirds";
    case Need::byzantine: return "byzantine";
  }
  return "";
}

std::optional<Need> need_named(std::string_view name) {
  for (const Need need : {Need::majority, Need::more_than_two_thirds, Need::byzantine})
    if (name_of(need) == name) return need;
  return std::nullopt;
}

std::int64_t tolerated(std::int64_t n) { return (n - 1) / 3; }

std::int64_t needed(Need need, std::int64_t n) {
  switch (need) {
    case Need::majority: return n / 2 + 1;
    case Need::more_than_two_thirds: return 2 * n / 3 + 1;
    case Need::byzantine: return (n + tolerated(n)) / 2 + 1;
  }
  return n;
}

Survival survival(Need need, const std::vector<std::int64_t>& members) {
  Survival result;
  const std::int64_t n = std::accumulate(members.begin(), members.end(), std::int64_t{0});
  if (n == 0) return result;
  const auto largest = std::max_element(members.begin(), members.end());
  result.domain = static_cast<std::size_t>(largest - members.begin());
  result.left = n - *largest;
  result.needed = needed(need, n);
  result.survives = result.left >= result.needed;
  result.beyond_tolerance = need == Need::byzantine && *largest > tolerated(n);
  return result;
}

Distribution no_distribution_survives(Need need, std::int64_t least, std::int64_t most, std::size_t domains) {
  Distribution result;
  Terms terms;
  const Term n = terms.variable("n", Sort::integer);
  std::vector<Term> members, setting;
  for (std::size_t i = 0; i < domains; ++i) {
    members.push_back(terms.variable("members " + std::to_string(i + 1), Sort::integer));
    // Domains are alike, so that the largest may stand first.
    setting.push_back(terms.at_most(terms.number(0), members[i]));
    if (i > 0) setting.push_back(terms.at_most(members[i], members[i - 1]));
  }
  setting.push_back(terms.equal(n, terms.add(members)));
  setting.push_back(terms.at_most(terms.number(least), n));
  setting.push_back(terms.at_most(n, terms.number(most)));
  // unsatisfiable with the setting iff the loss of some domain always leaves too few
  std::vector<Term> survives;
  for (const Term one : members) survives.push_back(terms.at_most(needed_term(terms, need, n), terms.subtract(n, one)));
  const Term violation = terms.all(survives);
  result.proven = prove(terms, setting, violation);
  std::vector<Term> asked = setting;
  asked.push_back(violation);
  result.smtlib = smtlib(terms, asked,
                         "unsat: no distribution of " + std::to_string(least) + " to " + std::to_string(most) + " members over " +
                             std::to_string(domains) + " domains keeps its quorum (" + std::string(name_of(need)) + ") without the largest");
  if (result.proven.outcome == Outcome::refuted) {
    const auto value = [&](Term term) { return static_cast<std::int64_t>(std::get<Integer>(result.proven.witness.at(std::string(terms.text(term))))); };
    result.n = value(n);
    for (const Term one : members) result.members.push_back(value(one));
    // The witness counts once plain arithmetic says the same.
    if (!survival(need, result.members).survives) {
      result.proven.outcome = Outcome::unknown;
      result.proven.reason = "the solver's distribution does not survive";
    }
  }
  return result;
}

std::optional<Repair> fewest_domains(Need need, std::int64_t n, std::size_t most) {
  for (std::size_t domains = 1; domains <= most; ++domains) {
    Distribution found = no_distribution_survives(need, n, n, domains);
    if (found.proven.outcome == Outcome::refuted) return Repair{domains, std::move(found.members)};
    if (found.proven.outcome != Outcome::proved) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace assay::proof

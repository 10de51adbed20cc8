// Quorums over domains: the figures of a group of validators in several clouds, held against every distribution.
#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <set>

#include "engine/proof/quorum.hpp"

using namespace assay::proof;

namespace {

// Whether some distribution of n over k domains survives, by trying them all.
bool some_survives(Need need, std::int64_t n, std::size_t domains) {
  std::vector<std::int64_t> members;
  std::function<bool(std::int64_t, std::int64_t)> place = [&](std::int64_t left, std::int64_t most) {
    if (members.size() == domains) return left == 0 && survival(need, members).survives;
    for (std::int64_t here = std::min(left, most); here >= 0; --here) {
      members.push_back(here);
      const bool found = place(left - here, here);
      members.pop_back();
      if (found) return true;
    }
    return false;
  };
  return place(n, n);
}

}  // namespace

TEST_CASE("twelve validators in three clouds", "[proof]") {
  const std::vector<std::int64_t> three{4, 4, 4};
  const Survival majority = survival(Need::majority, three);
  CHECK(majority.survives);
  CHECK(majority.left == 8);
  CHECK(majority.needed == 7);
  const Survival byzantine = survival(Need::byzantine, three);
  CHECK(byzantine.survives);
  CHECK(byzantine.needed == 8);       // met exactly
  CHECK(tolerated(12) == 3);
  CHECK(byzantine.beyond_tolerance);  // four are lost: every one left must be correct
  const Survival two_thirds = survival(Need::more_than_two_thirds, three);
  CHECK_FALSE(two_thirds.survives);
  CHECK(two_thirds.needed == 9);

  const auto repair = fewest_domains(Need::more_than_two_thirds, 12, 12);
  REQUIRE(repair);
  CHECK(repair->domains == 4);
  CHECK(survival(Need::more_than_two_thirds, repair->members).survives);
}

TEST_CASE("three clouds never keep more than two thirds, four do for some", "[proof]") {
  const Distribution three = no_distribution_survives(Need::more_than_two_thirds, 1, 200, 3);
  REQUIRE(three.proven.outcome == Outcome::proved);
  const std::set<std::int64_t> never{1, 2, 3, 5, 6, 9};
  for (std::int64_t n = 1; n <= 60; ++n) {
    const Distribution four = no_distribution_survives(Need::more_than_two_thirds, n, n, 4);
    INFO(n);
    CHECK(four.proven.outcome == (never.contains(n) ? Outcome::proved : Outcome::refuted));
  }
}

TEST_CASE("the solver says of distributions what trying them all says", "[proof]") {
  for (const Need need : {Need::majority, Need::more_than_two_thirds, Need::byzantine})
    for (std::int64_t n = 1; n <= 14; ++n)
      for (std::size_t domains = 1; domains <= 5; ++domains) {
        INFO(name_of(need) << " of " << n << " over " << domains);
        const Distribution found = no_distribution_survives(need, n, n, domains);
        REQUIRE(found.proven.outcome == (some_survives(need, n, domains) ? Outcome::refuted : Outcome::proved));
      }
}

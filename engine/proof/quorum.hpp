// Groups that decide together: how many members a decision needs, and whether enough are left when one domain (a zone,
// a region, a cloud) is lost with everything in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/proof/solver.hpp"

namespace assay::proof {

enum class Need : std::uint8_t {
  majority,              // floor(n/2) + 1
  more_than_two_thirds,  // floor(2n/3) + 1: Tendermint's and CometBFT's voting power
  byzantine,             // floor((n+f)/2) + 1, f = floor((n-1)/3): the smallest quorums of which any two share a correct
                         // member (Malkhi and Reiter, Byzantine quorum systems, 1998)
};
std::string_view name_of(Need need);
std::optional<Need> need_named(std::string_view name);  // "majority", "more-than-two-thirds", "byzantine"

// Members that a decision of n needs; n >= 1.
std::int64_t needed(Need need, std::int64_t n);
// Members that may be faulty without harm to a byzantine group of n.
std::int64_t tolerated(std::int64_t n);

// The group as it is distributed.
struct Survival {
  bool survives = false;
  std::size_t domain = 0;        // the loss that leaves the fewest
  std::int64_t left = 0, needed = 0;
  // Byzantine: more are lost than may be faulty, so that every one left must be correct.
  bool beyond_tolerance = false;
};
Survival survival(Need need, const std::vector<std::int64_t>& members);

// "Whatever the distribution of n members over so many domains, losing some domain leaves too few", for every n from
// `least` to `most`: proved, or refuted by a distribution that survives.
struct Distribution {
  Proven proven;
  std::int64_t n = 0;
  std::vector<std::int64_t> members;  // when refuted
  std::string smtlib;                 // expected `unsat` when proved
};
Distribution no_distribution_survives(Need need, std::int64_t least, std::int64_t most, std::size_t domains);

// The fewest domains over which n members survive the loss of one, and a distribution that does; none up to `most`.
struct Repair {
  std::size_t domains = 0;
  std::vector<std::int64_t> members;
};
std::optional<Repair> fewest_domains(Need need, std::int64_t n, std::size_t most);

}  // namespace assay::proof

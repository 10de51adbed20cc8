// Which atoms of a model no policy tells apart, and which policies have something to say about each such class.
//
// Every set of atoms that a policy mentions gets a random number of 128 bits; what an atom is in is the sum (by
// exclusive or) of the numbers of its sets, found in one sweep over the ends of the sets' intervals. Equal sums mean
// equal memberships, but for a chance in the order of 2^-100.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/net/model.hpp"

namespace assay::net {

using ClassId = std::uint32_t;

// A policy that has a class as a subject.
struct Applied {
  const Policy* policy = nullptr;
  bool maybe = false;
  bool operator==(const Applied&) const = default;
};

// All that is asked about a class in one direction, in the order in which it is asked: one list a tier of each stage.
struct Chain {
  std::vector<std::vector<std::vector<Applied>>> stages;
  bool operator==(const Chain&) const = default;
};

struct Classes {
  explicit Classes(const Model& model);

  std::vector<ClassId> of_atom;
  std::vector<AtomId> example;                         // one atom of each class
  std::vector<Chain> chains;                           // each once
  std::vector<std::array<std::uint32_t, 2>> chain_of;  // class -> chain by direction
};

}  // namespace assay::net

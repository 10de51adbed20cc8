// What one end lets pass, for every other end at once: a row of ranges of atoms. A row is made when it is first asked
// for and serves every peer that has the same policies; two lookups and an intersection then answer a pair, so that
// memory grows with the policies and not with the pairs.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/net/classes.hpp"
#include "engine/net/connectivity.hpp"

namespace assay::net {

// What one end lets pass: for certain, and perhaps.
struct Half {
  PortSet sure, may;
};

struct Row {
  struct Step {
    AtomId first;
    std::uint32_t half;  // its number in `Rows`
  };
  std::vector<Step> steps;
  std::uint32_t at(AtomId other) const;
};

class Rows {
 public:
  using Judge = std::function<Half(AtomId other)>;

  // The row under `key`, or nothing when it is not made yet.
  const Row* find(std::uint64_t key) const;
  // Makes it, over `count` atoms: `chain` says where its answers may change, `judge` what they are.
  const Row& make(std::uint64_t key, const Chain& chain, AtomId count, const Judge& judge);
  std::uint32_t number(Half half);
  // What two halves let pass together.
  const Connection& both(std::uint32_t left, std::uint32_t right);

 private:
  std::unordered_map<std::uint64_t, Row> rows_;
  std::vector<Half> halves_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::unordered_map<std::uint64_t, Connection> both_;
};

// Whether a chain's answers hang on ports that destinations name.
bool names_ports(const Chain& chain);

}  // namespace assay::net

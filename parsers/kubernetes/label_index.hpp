// Finds what a label selector selects without looking at everything: items are filed under each of their
// labels, a selector looks up its rarest requirement and verifies the rest.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "parsers/kubernetes/selector.hpp"

namespace assay::kubernetes {

class LabelIndex {
 public:
  // `group` is what selection never crosses: a namespace of a scope. Items come in ascending order.
  void add(std::uint32_t group, std::uint32_t item, const Labels& labels);
  // Items of the group that the selector matches, ascending.
  std::vector<std::uint32_t> find(std::uint32_t group, const Selector& selector) const;

 private:
  using Posting = std::vector<std::uint32_t>;  // positions in items_
  const Posting* posting(std::uint64_t key) const;
  struct Item {
    std::uint32_t item;
    Labels labels;
  };
  std::vector<Item> items_;
  // By hash of (group), (group, key), (group, key, value). Hashes may collide: what is found is verified.
  std::unordered_map<std::uint64_t, Posting> postings_;
};

}  // namespace assay::kubernetes

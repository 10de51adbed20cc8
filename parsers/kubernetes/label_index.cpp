#include "parsers/kubernetes/label_index.hpp"

#include <algorithm>
#include <functional>
#include <limits>

namespace assay::kubernetes {
namespace {

std::uint64_t mix(std::uint64_t seed, std::uint64_t value) {
  return seed ^ (value + 0x9e3779b97f4a7c15u + (seed << 6) + (seed >> 2));
}
std::uint64_t hash(std::uint32_t group) { return mix(0x51ed270b, group); }
std::uint64_t hash(std::uint32_t group, std::string_view key) {
  return mix(mix(0x7a1b, group), std::hash<std::string_view>()(key));
}
std::uint64_t hash(std::uint32_t group, std::string_view key, std::string_view value) {
  return mix(mix(hash(group, key), 0x3c6ef372), std::hash<std::string_view>()(value));
}

constexpr std::string_view added_key = "*added";  // files what carries labels that its controller adds

}  // namespace

void LabelIndex::add(std::uint32_t group, std::uint32_t item, const Labels& labels) {
  const auto position = static_cast<std::uint32_t>(items_.size());
  items_.push_back({item, labels});
  postings_[hash(group)].push_back(position);
  if (!labels.stateful_set.empty() || !labels.job.empty() || !labels.name_space.empty())
    postings_[hash(group, added_key)].push_back(position);
  for (const Entry& entry : labels.map.entries()) {
    postings_[hash(group, entry.key())].push_back(position);
    if (entry.value.is_string()) postings_[hash(group, entry.key(), entry.value.as_string())].push_back(position);
  }
}

const LabelIndex::Posting* LabelIndex::posting(std::uint64_t key) const {
  const auto found = postings_.find(key);
  return found == postings_.end() ? nullptr : &found->second;
}

std::vector<std::uint32_t> LabelIndex::find(std::uint32_t group, const Selector& selector) const {
  if (!selector.valid()) return {};
  // The shortest set of postings of which every match must be in one.
  std::vector<const Posting*> best;
  std::size_t best_size = std::numeric_limits<std::size_t>::max();
  const auto consider = [&](std::vector<const Posting*> candidates) {
    std::size_t size = 0;
    for (const Posting* candidate : candidates) size += candidate ? candidate->size() : 0;
    if (size >= best_size) return;
    best_size = size;
    best = std::move(candidates);
  };
  for (const Requirement& requirement : selector.requirements()) {
    const bool positive =
        requirement.op == Requirement::Operator::in || requirement.op == Requirement::Operator::exists;
    if (!positive) continue;
    std::vector<const Posting*> candidates;
    if (is_added_label(requirement.key)) candidates.push_back(posting(hash(group, added_key)));
    if (requirement.op == Requirement::Operator::exists)
      candidates.push_back(posting(hash(group, requirement.key)));
    else
      for (const std::string_view value : requirement.values)
        candidates.push_back(posting(hash(group, requirement.key, value)));
    consider(std::move(candidates));
  }
  consider({posting(hash(group))});

  std::vector<std::uint32_t> positions;
  for (const Posting* candidates : best)
    if (candidates) positions.insert(positions.end(), candidates->begin(), candidates->end());
  if (best.size() > 1) {
    std::sort(positions.begin(), positions.end());
    positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
  }
  std::vector<std::uint32_t> result;
  for (const std::uint32_t position : positions)
    if (selector.matches(items_[position].labels)) result.push_back(items_[position].item);
  return result;
}

}  // namespace assay::kubernetes

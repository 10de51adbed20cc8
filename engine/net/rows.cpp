#include "engine/net/rows.hpp"

#include <algorithm>

namespace assay::net {
namespace {

template <typename Visit>
void each_rule(const Chain& chain, Visit visit) {
  for (const auto& tiers : chain.stages)
    for (const auto& tier : tiers)
      for (const Applied& applied : tier)
        for (const Rule& rule : applied.policy->rules) visit(rule);
}

}  // namespace

bool names_ports(const Chain& chain) {
  bool found = false;
  each_rule(chain, [&](const Rule& rule) { found = found || !rule.ports.names.empty(); });
  return found;
}

std::uint32_t Rows::number(Half half) {
  std::string key;
  for (const PortSet* set : {&half.sure, &half.may}) {
    for (const Protocol protocol : {Protocol::sctp, Protocol::tcp, Protocol::udp}) {
      for (const auto& interval : set->ports(protocol).intervals()) {
        key.append(reinterpret_cast<const char*>(&interval.first), sizeof interval.first);
        key.append(reinterpret_cast<const char*>(&interval.last), sizeof interval.last);
      }
      key.append(2, '\0');  // no port is 0
    }
  }
  const auto [found, added] = numbers_.emplace(std::move(key), static_cast<std::uint32_t>(halves_.size()));
  if (added) halves_.push_back(std::move(half));
  return found->second;
}

const Row* Rows::find(std::uint64_t key) const {
  const auto found = rows_.find(key);
  return found == rows_.end() ? nullptr : &found->second;
}

const Row& Rows::make(std::uint64_t key, const Chain& chain, AtomId count, const Judge& judge) {
  std::vector<AtomId> starts = {0};
  const auto ends = [&](const AtomSet& set) {
    for (const auto& interval : set.intervals()) {
      starts.push_back(interval.first);
      if (interval.last + 1 < count) starts.push_back(interval.last + 1);
    }
  };
  each_rule(chain, [&](const Rule& rule) {
    ends(rule.peers);
    ends(rule.maybe_peers);
  });
  std::sort(starts.begin(), starts.end());
  starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
  Row row;
  for (const AtomId start : starts) {
    const std::uint32_t half = number(judge(start));
    if (row.steps.empty() || row.steps.back().half != half) row.steps.push_back({start, half});
  }
  row.steps.shrink_to_fit();
  return rows_.insert_or_assign(key, std::move(row)).first->second;
}

std::uint32_t Row::at(AtomId other) const {
  const auto after = std::upper_bound(steps.begin(), steps.end(), other, [](AtomId atom, const Step& step) { return atom < step.first; });
  return std::prev(after)->half;
}

const Connection& Rows::both(std::uint32_t left, std::uint32_t right) {
  const auto [found, added] = both_.try_emplace(std::uint64_t{left} << 32 | right);
  if (added) {
    const Half& one = halves_[left];
    const Half& two = halves_[right];
    found->second.allowed = one.sure & two.sure;
    found->second.unknown = (one.may & two.may) - found->second.allowed;
  }
  return found->second;
}

}  // namespace assay::net

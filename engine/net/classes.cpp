#include "engine/net/classes.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace assay::net {
namespace {

struct Token {
  std::uint64_t high = 0, low = 0;
  Token& operator^=(const Token& other) {
    high ^= other.high;
    low ^= other.low;
    return *this;
  }
  bool operator==(const Token&) const = default;
};

// splitmix64: a fixed sequence, so that equal input gives equal classes.
struct Tokens {
  std::uint64_t state = 0x5eed0f9e7a11d00d;
  std::uint64_t next() {
    std::uint64_t z = (state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  Token token() {
    const std::uint64_t high = next();
    return {high, next()};
  }
};

// What an atom is by itself: policies see its named ports, answers its kind and networks.
std::string nature(const Atom& atom, const std::unordered_set<std::string_view>& names) {
  std::string key(1, static_cast<char>(atom.kind));
  if (atom.maybe_governed) key += '?';
  if (atom.alias) key += '=' + std::to_string(*atom.alias) + ',';
  for (const NetworkId network : atom.networks) key += std::to_string(network) + ',';
  std::vector<std::string> ports;
  for (const OwnPort& port : atom.ports)
    if (names.contains(port.name))
      ports.push_back(std::string(port.name) + '/' + static_cast<char>(port.protocol) + std::to_string(port.number));
  std::sort(ports.begin(), ports.end());
  for (const std::string& port : ports) key += '|' + port;
  return key;
}

struct End {
  AtomId at;
  Token token;
};

}  // namespace

Classes::Classes(const Model& model) {
  const AtomId count = static_cast<AtomId>(model.atoms.size());
  std::unordered_set<std::string_view> names;
  std::vector<End> ends;
  Tokens tokens;
  const auto mention = [&](const AtomSet& set) {
    if (set.empty()) return;
    const Token token = tokens.token();
    for (const auto& interval : set.intervals()) {
      ends.push_back({interval.first, token});
      if (interval.last + 1 < count) ends.push_back({interval.last + 1, token});
    }
  };
  for (const Policy& policy : model.policies) {
    mention(policy.subjects);
    mention(policy.maybe_subjects);
    for (const Rule& rule : policy.rules) {
      mention(rule.peers);
      mention(rule.maybe_peers);
      for (const NamedPort& port : rule.ports.names) names.insert(port.name);
    }
  }
  std::sort(ends.begin(), ends.end(), [](const End& left, const End& right) { return left.at < right.at; });

  // One sweep over the atoms; atoms between two ends differ by their nature only.
  std::unordered_map<std::string, std::uint32_t> natures;
  struct Key {
    Token token;
    std::uint32_t nature;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const { return key.token.low ^ (key.nature * 0x9e3779b97f4a7c15); }
  };
  std::unordered_map<Key, ClassId, Hash> classes;
  of_atom.resize(count);
  Token sum;
  std::size_t next_end = 0;
  for (AtomId atom = 0; atom < count; ++atom) {
    for (; next_end < ends.size() && ends[next_end].at == atom; ++next_end) sum ^= ends[next_end].token;
    const std::uint32_t kind =
        natures.emplace(nature(model.atoms[atom], names), static_cast<std::uint32_t>(natures.size())).first->second;
    const auto [found, added] = classes.emplace(Key{sum, kind}, static_cast<ClassId>(example.size()));
    if (added) example.push_back(atom);
    of_atom[atom] = found->second;
  }

  // Each class's policies by direction, stage and tier.
  std::vector<const Policy*> sorted;
  for (const Policy& policy : model.policies) sorted.push_back(&policy);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Policy* left, const Policy* right) { return left->order < right->order; });
  Chain empty;
  for (const Stage& stage : model.stages) empty.stages.emplace_back(stage.tiers.size());
  // What is applied to a class, as numbers into `sorted`, an odd one for `maybe`: cheap to compare.
  std::vector<std::array<std::vector<std::uint32_t>, 2>> applied(example.size());
  std::vector<std::uint32_t> last(example.size(), 0);
  for (std::uint32_t index = 0; index < sorted.size(); ++index) {
    const Policy& policy = *sorted[index];
    const auto apply = [&](const AtomSet& set, std::uint32_t maybe) {
      for (const auto& interval : set.intervals()) {
        for (AtomId atom = interval.first; atom <= interval.last && atom < count; ++atom) {
          const ClassId id = of_atom[atom];
          if (last[id] == index + 1) continue;
          last[id] = index + 1;
          applied[id][static_cast<std::size_t>(policy.direction)].push_back(index * 2 + maybe);
        }
      }
    };
    apply(policy.subjects, 0);
    apply(policy.maybe_subjects, 1);
  }
  std::map<std::vector<std::uint32_t>, std::uint32_t> known;
  chain_of.resize(example.size());
  for (ClassId id = 0; id < example.size(); ++id) {
    for (std::size_t direction = 0; direction < 2; ++direction) {
      const auto [found, added] = known.emplace(applied[id][direction], static_cast<std::uint32_t>(chains.size()));
      chain_of[id][direction] = found->second;
      if (!added) continue;
      Chain chain = empty;
      for (const std::uint32_t number : found->first) {
        const Policy* policy = sorted[number / 2];
        chain.stages[policy->stage][policy->tier].push_back({policy, number % 2 == 1});
      }
      chains.push_back(std::move(chain));
    }
  }
}

}  // namespace assay::net

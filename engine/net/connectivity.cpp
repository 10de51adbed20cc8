#include "engine/net/connectivity.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "engine/net/classes.hpp"
#include "engine/net/rows.hpp"

namespace assay::net {
namespace {

// What a rule's ports are at a destination.
PortSet resolve(const PortMatch& match, const Atom& destination) {
  PortSet result = match.numbers;
  for (const NamedPort& named : match.names)
    for (const OwnPort& own : destination.ports)
      if (own.name == named.name && (!named.protocol || *named.protocol == own.protocol))
        result = result | PortSet::of(own.protocol, own.number, own.number);
  return result;
}

// What a stage may do with packets: a port that may both be allowed and be denied is unknown.
struct Outcome {
  PortSet allow;
  PortSet deny;
};

using Record = std::vector<Step>*;

// The subject's chain of one stage, asked about packets to or from `other`.
Outcome ask(const Model& model, const Chain& chain, std::uint32_t stage, Direction direction, AtomId other, const Atom& destination,
            NetworkId network, Record record) {
  const auto holds = [&](const Policy& policy) { return policy.network ? *policy.network == network : model.networks[network].policies; };
  Outcome outcome;
  PortSet open = PortSet::all();
  const auto& tiers = chain.stages[stage];
  for (std::uint32_t tier = 0; tier < tiers.size() && !open.empty(); ++tier) {
    PortSet passed;
    bool closes = false, may_close = false;
    // What every policy that perhaps closes decides by a rule, so that closing does not touch it.
    PortSet kept = PortSet::all();
    const std::vector<Applied>& all = tiers[tier];
    for (std::size_t first = 0, last = 0; first < all.size(); first = last) {
      // Of policies of equal order any may be the one that decides: each is asked about the same ports.
      PortSet taken;
      for (; last < all.size() && all[last].policy->order == all[first].policy->order; ++last) {
        const Policy& policy = *all[last].policy;
        if (!holds(policy)) continue;
        const bool maybe_policy = all[last].maybe;
        PortSet mine = open, decided;
        for (const Rule& rule : policy.rules) {
          const bool sure = rule.peers.contains(other);
          if (!sure && !rule.maybe_peers.contains(other)) continue;
          const PortSet named = resolve(rule.ports, destination);
          if (maybe_policy && sure && !rule.maybe) decided = decided | named;
          const PortSet ports = mine & named;
          if (ports.empty()) continue;
          const bool maybe = maybe_policy || rule.maybe || !sure;
          if (record) record->push_back({direction, stage, tier, &policy, &rule, rule.verdict, maybe, ports});
          switch (rule.verdict) {
            case Verdict::allow:
              outcome.allow = outcome.allow | ports;
              break;
            case Verdict::deny:
              outcome.deny = outcome.deny | ports;
              break;
            case Verdict::pass:
              passed = passed | ports;
              break;
            case Verdict::unknown:
              outcome.allow = outcome.allow | ports;
              outcome.deny = outcome.deny | ports;
              break;
          }
          if (maybe) continue;
          mine = mine - ports;
          taken = taken | ports;
        }
        if (!policy.closes) continue;
        (maybe_policy ? may_close : closes) = true;
        if (maybe_policy) kept = kept & decided;
      }
      open = open - taken;
    }
    const PortSet closed = closes ? open : may_close ? open - kept : PortSet();
    if (!closed.empty()) {
      outcome.deny = outcome.deny | closed;
      if (record)
        for (const Applied& applied : tiers[tier])
          if (applied.policy->closes && holds(*applied.policy))
            record->push_back({direction, stage, tier, applied.policy, nullptr, Verdict::deny, applied.maybe, closed});
    }
    if (closes) open = {};
    open = open | passed;
  }
  if (!open.empty()) {
    outcome.allow = outcome.allow | open;
    if (record)
      record->push_back({direction, stage, static_cast<std::uint32_t>(tiers.size()), nullptr, nullptr, Verdict::allow, false, open});
  }
  return outcome;
}

}  // namespace

struct Connectivity::State {
  explicit State(Model given) : model(std::move(given)), classes(model), memo(model.networks.size()) { index(); }

  Model model;
  Classes classes;
  std::vector<AtomId> ranges[2];  // by family, in the order of addresses
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> forwards;  // by pair of peers
  mutable Rows rows;
  mutable std::vector<std::unordered_map<std::uint64_t, Connection>> memo;  // of other pairs, by network, then by classes
  std::vector<bool> naming;  // by chain: its answers hang on ports that destinations name
  bool rowable = true;
  mutable std::unordered_map<std::uint64_t, Connection> entries;           // by pair of peers

  void index() {
    for (AtomId id = 0; id < model.atoms.size(); ++id)
      if (model.atoms[id].kind == PeerKind::range)
        ranges[static_cast<std::size_t>(model.atoms[id].range.first.family)].push_back(id);
    for (auto& list : ranges)
      std::sort(list.begin(), list.end(), [&](AtomId left, AtomId right) {
        return model.atoms[left].range.first < model.atoms[right].range.first;
      });
    prepare();
    for (std::uint32_t i = 0; i < model.forwards.size(); ++i)
      forwards[pair(model.forwards[i].from, model.forwards[i].to)].push_back(i);
  }

  void prepare() {
    naming.clear();
    for (const Chain& one : classes.chains) naming.push_back(names_ports(one));
    rowable = std::none_of(model.stages.begin(), model.stages.end(), [](const Stage& stage) { return stage.stateless; });
  }

  static std::uint64_t pair(std::uint32_t from, std::uint32_t to) { return std::uint64_t{from} << 32 | to; }

  const Chain& chain(AtomId atom, Direction direction) const {
    return classes.chains[classes.chain_of[classes.of_atom[atom]][static_cast<std::size_t>(direction)]];
  }

  // What one end lets pass under the policies of all stages. `plainly`: the other end stands for its neighbours in the
  // sets of the rules, and what it is besides does not count.
  Half half(Direction direction, AtomId from, AtomId to, NetworkId network, Record record, bool plainly = false) const {
    Half result{PortSet::all(), PortSet::all()};
    const bool out = direction == Direction::egress;
    const AtomId subject = out ? from : to, other = out ? to : from;
    const Atom& other_atom = model.atoms[other];
    const Chain& asked = chain(subject, direction);
    for (std::uint32_t stage = 0; stage < asked.stages.size(); ++stage) {
      Outcome outcome = ask(model, asked, stage, direction, other, model.atoms[to], network, record);
      bool at_node = !plainly && other_atom.kind == PeerKind::node;
      if (!plainly && other_atom.alias) {
        const Outcome alike = ask(model, asked, stage, direction, *other_atom.alias, model.atoms[to], network, nullptr);
        outcome.allow = outcome.allow | alike.allow;
        outcome.deny = outcome.deny | alike.deny;
        at_node = at_node || model.atoms[*other_atom.alias].kind == PeerKind::node;
      }
      if (model.atoms[subject].maybe_governed || (at_node && model.stages[stage].own_node_passes)) {
        if (const PortSet open = PortSet::all() - outcome.allow; record && !open.empty())
          record->push_back({direction, stage, 0, nullptr, nullptr, Verdict::unknown, true, open});
        outcome.allow = PortSet::all();
      }
      result.may = result.may & outcome.allow;
      result.sure = result.sure & (outcome.allow - outcome.deny);
      if (!model.stages[stage].stateless) continue;
      // The same end lets the reply pass the other way, to a port that the sender chose.
      const Direction back = out ? Direction::ingress : Direction::egress;
      const Outcome reply = ask(model, chain(subject, back), stage, back, other, model.atoms[from], network, record);
      const PortSet surely = reply.allow - reply.deny;
      for (const Protocol protocol : {Protocol::sctp, Protocol::tcp, Protocol::udp}) {
        const PortSet chosen = PortSet::of(protocol, 1024, 65535);
        if ((reply.allow & chosen).empty()) result.may = result.may - PortSet::of(protocol);
        if (!(chosen - surely).empty()) result.sure = result.sure - PortSet::of(protocol);
      }
    }
    return result;
  }

  Connection compute(AtomId from, AtomId to, NetworkId network, Record record) const {
    const Half out = half(Direction::egress, from, to, network, record);
    const Half in = half(Direction::ingress, from, to, network, record);
    const PortSet sure = out.sure & in.sure;
    return {sure, (out.may & in.may) - sure};
  }

  // Whether an atom looks to policies like what it is, and is there only once.
  bool plain(AtomId atom) const { return !model.atoms[atom].alias && model.atoms[atom].kind != PeerKind::node; }

  // The number of the half of one end, out of its row.
  std::uint32_t half_number(Direction direction, AtomId from, AtomId to, NetworkId network) const {
    const bool out = direction == Direction::egress;
    const AtomId subject = out ? from : to;
    const ClassId id = classes.of_atom[subject];
    const std::uint32_t number = classes.chain_of[id][static_cast<std::size_t>(direction)];
    const std::uint64_t of_class = naming[number] ? id + 1 : 0;
    const std::uint64_t key = std::uint64_t{number} << 40 | of_class << 12 | std::uint64_t{network} << 2 |
                              (out ? 2 : 0) | (model.atoms[subject].maybe_governed ? 1 : 0);
    const Row* row = rows.find(key);
    if (!row)
      row = &rows.make(key, classes.chains[number], static_cast<AtomId>(model.atoms.size()), [&](AtomId other) {
        return half(direction, out ? from : other, out ? other : to, network, nullptr, true);
      });
    return row->at(out ? to : from);
  }

  // Rows serve pairs whose answer only hangs on where the other end stands among the sets of the rules.
  bool in_rows(AtomId from, AtomId to, NetworkId network) const {
    constexpr std::size_t chain_limit = 1u << 24, class_limit = 1u << 28;
    if (!rowable || network >= 1024 || classes.chains.size() >= chain_limit || classes.example.size() >= class_limit) return false;
    return plain(from) && plain(to) && !naming[classes.chain_of[classes.of_atom[from]][static_cast<std::size_t>(Direction::egress)]];
  }

  const Connection& between_classes(ClassId from, ClassId to, NetworkId network) const {
    const AtomId source = classes.example[from], destination = classes.example[to];
    if (in_rows(source, destination, network))
      return rows.both(half_number(Direction::egress, source, destination, network), half_number(Direction::ingress, source, destination, network));
    const auto [found, added] = memo[network].try_emplace(pair(from, to));
    if (added) found->second = compute(source, destination, network, nullptr);
    return found->second;
  }

  // The network on which an atom meets what is on none: the outside, nodes, entries.
  NetworkId own_network(AtomId atom) const {
    const auto& networks = model.atoms[atom].networks;
    return networks.empty() ? 0 : networks.front();
  }

  // One atom of each class in the set.
  std::vector<AtomId> examples(const AtomSet& set) const {
    std::vector<AtomId> result;
    std::unordered_set<ClassId> seen;
    for (const auto& interval : set.intervals())
      for (AtomId id = interval.first; id <= interval.last; ++id)
        if (seen.insert(classes.of_atom[id]).second) result.push_back(id);
    return result;
  }

  Connection forwarded(const Forward& forward) const {
    Connection result;
    const AtomId to = model.peers[forward.to].atom;
    for (const AtomId source : examples(forward.sources)) {
      const Connection& through = between_classes(classes.of_atom[source], classes.of_atom[to], own_network(to));
      if (!forward.maybe) result.allowed = result.allowed | (forward.ports & through.allowed);
      result.unknown = result.unknown | (forward.ports & (through.allowed | through.unknown));
    }
    result.unknown = result.unknown - result.allowed;
    return result;
  }

  // An entry only forwards what it was told to.
  Connection forwarded(PeerId from, PeerId to) const {
    Connection result;
    const auto found = forwards.find(pair(from, to));
    if (found == forwards.end()) return result;
    for (const std::uint32_t id : found->second) {
      const Connection one = forwarded(model.forwards[id]);
      result.allowed = result.allowed | one.allowed;
      result.unknown = result.unknown | one.unknown;
    }
    result.unknown = result.unknown - result.allowed;
    return result;
  }

  std::vector<RangeConnection> outside(PeerId peer, Direction direction, Family family) const {
    std::vector<RangeConnection> result;
    const AtomId atom = model.peers[peer].atom;
    const ClassId own = classes.of_atom[atom];
    const NetworkId network = own_network(atom);
    for (const AtomId id : ranges[static_cast<std::size_t>(family)]) {
      const ClassId other = classes.of_atom[id];
      const Connection& connection =
          direction == Direction::egress ? between_classes(own, other, network) : between_classes(other, own, network);
      if (connection.empty()) continue;
      const Interval<Address>& range = model.atoms[id].range;
      if (!result.empty() && result.back().connection == connection && next(result.back().range.last) == range.first)
        result.back().range.last = range.last;
      else
        result.push_back({range, connection});
    }
    return result;
  }
};

Connectivity::Connectivity(Model model) : state_(std::make_unique<State>(std::move(model))) {}
Connectivity::~Connectivity() = default;
Connectivity::Connectivity(Connectivity&&) noexcept = default;
Connectivity& Connectivity::operator=(Connectivity&&) noexcept = default;

const Model& Connectivity::model() const { return state_->model; }
std::span<const Peer> Connectivity::peers() const { return state_->model.peers; }
std::size_t Connectivity::class_count() const { return state_->classes.example.size(); }
ClassId Connectivity::class_of(PeerId peer) const { return state_->classes.of_atom[state_->model.peers[peer].atom]; }

std::vector<NetworkId> Connectivity::shared_networks(PeerId from, PeerId to) const {
  const auto on_networks = [&](PeerId id) { return kind(id) == PeerKind::workload || kind(id) == PeerKind::hypothetical; };
  if (!on_networks(from)) return {state_->own_network(peer(to).atom)};
  if (!on_networks(to)) return {state_->own_network(peer(from).atom)};
  const auto& left = state_->model.atoms[peer(from).atom].networks;
  const auto& right = state_->model.atoms[peer(to).atom].networks;
  std::vector<NetworkId> result;
  std::set_intersection(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(result));
  return result;
}

const Connection& Connectivity::between_classes(ClassId from, ClassId to, NetworkId network) const {
  return state_->between_classes(from, to, network);
}

const Connection& Connectivity::between_atoms(AtomId from, AtomId to) const {
  return state_->between_classes(state_->classes.of_atom[from], state_->classes.of_atom[to], state_->own_network(from));
}

const Connection& Connectivity::between(PeerId from, PeerId to, NetworkId network) const {
  if (kind(from) != PeerKind::entry) return between_classes(class_of(from), class_of(to), network);
  const auto [found, added] = state_->entries.try_emplace(State::pair(from, to));
  if (added) found->second = state_->forwarded(from, to);
  return found->second;
}

Connection Connectivity::forwarded(const Forward& forward) const { return state_->forwarded(forward); }

Explanation Connectivity::explain(PeerId from, PeerId to, NetworkId network) const {
  Explanation result;
  result.connection = between(from, to, network);
  if (kind(from) != PeerKind::entry) {
    state_->compute(peer(from).atom, peer(to).atom, network, &result.steps);
    return result;
  }
  AtomSet sources;  // what it looks like differs with what it forwards
  if (const auto found = state_->forwards.find(State::pair(from, to)); found != state_->forwards.end())
    for (const std::uint32_t id : found->second) sources = sources | state_->model.forwards[id].sources;
  for (const AtomId source : state_->examples(sources)) state_->compute(source, peer(to).atom, state_->own_network(peer(to).atom), &result.steps);
  return result;
}

std::vector<RangeConnection> Connectivity::to_outside(PeerId from, Family family) const {
  return state_->outside(from, Direction::egress, family);
}

std::vector<RangeConnection> Connectivity::from_outside(PeerId to, Family family) const {
  return state_->outside(to, Direction::ingress, family);
}

Explanation Connectivity::explain_outside(PeerId peer, Direction direction, const Address& address) const {
  Explanation result;
  const auto& ranges = state_->ranges[static_cast<std::size_t>(address.family)];
  for (const AtomId id : ranges) {
    const Interval<Address>& range = state_->model.atoms[id].range;
    if (address < range.first || range.last < address) continue;
    const AtomId own = state_->model.peers[peer].atom;
    const NetworkId network = state_->own_network(own);
    result.connection = direction == Direction::egress ? state_->compute(own, id, network, &result.steps)
                                                       : state_->compute(id, own, network, &result.steps);
    break;
  }
  return result;
}

std::pair<bool, bool> Connectivity::isolated(PeerId peer, Direction direction, std::uint32_t stage) const {
  std::pair<bool, bool> result{false, false};
  for (const auto& tier : state_->chain(state_->model.peers[peer].atom, direction).stages[stage])
    for (const Applied& applied : tier)
      if (applied.policy->closes && !applied.policy->network) (applied.maybe ? result.second : result.first) = true;
  return result;
}

void Connectivity::replace(std::span<const std::size_t> indices, std::vector<Policy> policies) {
  State& state = *state_;
  std::vector<std::size_t> sorted(indices.begin(), indices.end());
  std::sort(sorted.begin(), sorted.end());
  std::size_t used = 0;
  for (; used < sorted.size() && used < policies.size(); ++used) state.model.policies[sorted[used]] = std::move(policies[used]);
  for (std::size_t i = sorted.size(); i > used; --i)
    state.model.policies.erase(state.model.policies.begin() + static_cast<std::ptrdiff_t>(sorted[i - 1]));
  for (; used < policies.size(); ++used) state.model.policies.push_back(std::move(policies[used]));
  state.classes = Classes(state.model);
  state.rows = Rows();
  state.prepare();
  for (auto& memo : state.memo) memo.clear();
  state.entries.clear();
}

}  // namespace assay::net

#include "engine/net/listing.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace assay::net {
namespace {

std::vector<Family> families(const ListingOptions& options) {
  return options.ipv6 ? std::vector{Family::ipv4, Family::ipv6} : std::vector{Family::ipv4};
}

bool talks(const Connectivity& connectivity, PeerId peer) {
  PeerKind kind = connectivity.kind(peer);
  return kind == PeerKind::workload || kind == PeerKind::hypothetical;
}

// Names of all peers; equal ones (two objects with one address) get an ordinal.
std::vector<std::string> names(const Connectivity& connectivity) {
  std::map<std::string, int> seen;
  std::vector<std::string> all;
  for (const Peer& peer : connectivity.peers()) {
    int ordinal = ++seen[peer.name];
    all.push_back(ordinal == 1 ? peer.name : peer.name + "~" + std::to_string(ordinal));
  }
  return all;
}

struct Pair {
  std::string from, to, network;
  auto operator<=>(const Pair&) const = default;
};

// One peer and the outside in one direction.
struct Border {
  std::string peer;
  Direction direction = Direction::ingress;
  auto operator<=>(const Border&) const = default;
};

struct Table {
  std::set<std::string> peers;
  std::map<Pair, Connection> pairs;
  std::map<Border, std::vector<RangeConnection>> borders;

  Table(const Connectivity& connectivity, const ListingOptions& options) {
    std::vector<std::string> all = names(connectivity);
    peers.insert(all.begin(), all.end());
    for (Listed& one : listing(connectivity, options)) {
      if (one.from.outside())
        borders[{all[one.to.peer], Direction::ingress}].push_back({one.from.range, std::move(one.connection)});
      else if (one.to.outside())
        borders[{all[one.from.peer], Direction::egress}].push_back({one.to.range, std::move(one.connection)});
      else
        pairs[{all[one.from.peer], all[one.to.peer], connectivity.model().networks[one.network].name}] = std::move(one.connection);
    }
  }
};

// Both sides of a border cut at every end of a range of either, then merged where both agree.
struct Cut {
  Interval<Address> range;
  Connection before, after;
};
std::vector<Cut> cuts(const std::vector<RangeConnection>& before, const std::vector<RangeConnection>& after) {
  std::set<Address> starts;
  for (const auto* side : {&before, &after})
    for (const RangeConnection& one : *side) {
      starts.insert(one.range.first);
      // The piece after a range; the last address of all has none.
      if (Address follower = next(one.range.last); one.range.last < follower && follower.family == one.range.last.family) starts.insert(follower);
    }
  auto at = [](const std::vector<RangeConnection>& side, const Address& address) -> const RangeConnection* {
    for (const RangeConnection& one : side)
      if (one.range.first <= address && address <= one.range.last) return &one;
    return nullptr;
  };
  std::vector<Cut> pieces;
  for (auto start = starts.begin(); start != starts.end(); ++start) {
    const RangeConnection *old = at(before, *start), *fresh = at(after, *start);
    if (!old && !fresh) continue;
    Address last = old ? old->range.last : fresh->range.last;
    if (fresh) last = std::min(last, fresh->range.last);
    if (auto following = std::next(start); following != starts.end() && *following <= last) last = previous(*following);
    Cut piece{{*start, last}, old ? old->connection : Connection{}, fresh ? fresh->connection : Connection{}};
    if (!pieces.empty() && pieces.back().before == piece.before && pieces.back().after == piece.after &&
        next(pieces.back().range.last) == piece.range.first)
      pieces.back().range.last = last;
    else
      pieces.push_back(std::move(piece));
  }
  return pieces;
}

Changed::Kind kind_of(const Connection& before, const Connection& after) {
  return before.empty() ? Changed::Kind::added : after.empty() ? Changed::Kind::removed : Changed::Kind::changed;
}

std::string outside_name(const Interval<Address>& range) { return format_range(range) + "[External]"; }

// Over all addresses, and what is forwarded from outside.
std::map<Border, PortSet> exposure(const Connectivity& connectivity, const ListingOptions& options) {
  std::vector<std::string> all = names(connectivity);
  std::map<Border, PortSet> ports;
  for (const Listed& one : listing(connectivity, options)) {
    PortSet may = one.connection.allowed | one.connection.unknown;
    bool entered = !one.from.outside() && connectivity.kind(one.from.peer) == PeerKind::entry;
    if (one.from.outside() || entered) {
      PortSet& sum = ports[{all[one.to.peer], Direction::ingress}];
      sum = sum | may;
    } else if (one.to.outside()) {
      PortSet& sum = ports[{all[one.from.peer], Direction::egress}];
      sum = sum | may;
    }
  }
  return ports;
}

}  // namespace

std::vector<Listed> listing(const Connectivity& connectivity, const ListingOptions& options) {
  std::vector<Listed> all;
  auto count = static_cast<PeerId>(connectivity.peers().size());
  for (PeerId from = 0; from < count; ++from) {
    bool entry = connectivity.kind(from) == PeerKind::entry;
    if (!entry && !talks(connectivity, from)) continue;
    for (PeerId to = 0; to < count; ++to) {
      if (to == from || !talks(connectivity, to)) continue;
      // What may exist besides is asked about only as one end.
      if (connectivity.kind(from) != PeerKind::workload && connectivity.kind(to) == PeerKind::hypothetical) continue;
      for (NetworkId network : connectivity.shared_networks(from, to)) {
        const Connection& connection = connectivity.between(from, to, network);
        if (!connection.empty()) all.push_back({{from}, {to}, network, connection});
      }
    }
    if (entry || connectivity.kind(from) == PeerKind::hypothetical) continue;
    for (Family family : families(options)) {
      for (RangeConnection& one : connectivity.to_outside(from, family)) all.push_back({{from}, {no_peer, one.range}, 0, std::move(one.connection)});
      for (RangeConnection& one : connectivity.from_outside(from, family)) all.push_back({{no_peer, one.range}, {from}, 0, std::move(one.connection)});
    }
  }
  return all;
}

std::string name_of(const Connectivity& connectivity, const End& end) {
  return end.outside() ? outside_name(end.range) : connectivity.peer(end.peer).name;
}

std::vector<Changed> difference(const Connectivity& before, const Connectivity& after, const ListingOptions& options) {
  Table old(before, options), fresh(after, options);
  std::vector<Changed> all;
  auto add = [&](Changed changed) {
    changed.kind = kind_of(changed.before, changed.after);
    auto known = [&](const std::string& name) { return old.peers.contains(name) && fresh.peers.contains(name); };
    changed.from_known = changed.from.ends_with("[External]") || known(changed.from);
    changed.to_known = changed.to.ends_with("[External]") || known(changed.to);
    all.push_back(std::move(changed));
  };
  std::set<Pair> pairs;
  for (const Table* table : {&old, &fresh})
    for (const auto& [pair, connection] : table->pairs) pairs.insert(pair);
  for (const Pair& pair : pairs) {
    auto found = [&](const Table& table) {
      auto at = table.pairs.find(pair);
      return at == table.pairs.end() ? Connection{} : at->second;
    };
    Connection was = found(old), is = found(fresh);
    if (!(was == is)) add({pair.from, pair.to, pair.network, {}, was, is, false});
  }
  std::set<Border> borders;
  for (const Table* table : {&old, &fresh})
    for (const auto& [border, ranges] : table->borders) borders.insert(border);
  for (const Border& border : borders) {
    for (const Cut& cut : cuts(old.borders[border], fresh.borders[border])) {
      if (cut.before == cut.after) continue;
      std::string outside = outside_name(cut.range);
      if (border.direction == Direction::ingress) add({outside, border.peer, "", {}, cut.before, cut.after, true});
      else add({border.peer, outside, "", {}, cut.before, cut.after, true});
    }
  }
  std::ranges::stable_sort(all, [](const Changed& a, const Changed& b) {
    return std::tie(a.from, a.to, a.network) < std::tie(b.from, b.to, b.network);
  });
  return all;
}

std::vector<ExposureChange> exposure_changes(const Connectivity& before, const Connectivity& after, const ListingOptions& options) {
  std::map<Border, PortSet> old = exposure(before, options), fresh = exposure(after, options);
  std::set<Border> borders;
  for (const auto* side : {&old, &fresh})
    for (const auto& [border, ports] : *side) borders.insert(border);
  std::vector<ExposureChange> all;
  for (const Border& border : borders) {
    PortSet was = old[border], is = fresh[border];
    if (!(was == is)) all.push_back({border.peer, border.direction, was, is});
  }
  return all;
}

}  // namespace assay::net

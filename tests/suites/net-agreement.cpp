// Every answer about random clusters against the packet-by-packet reading of tests/net/packets.hpp.
#pragma GCC optimize("O2")
#include <catch2/catch.hpp>
#include <cstdlib>

#include "parsers/kubernetes/connectivity.hpp"
#include "tests/kubernetes/cluster.hpp"
#include "tests/net/random_cluster.hpp"

using namespace assay;
using namespace assay::net::test;

namespace {

net::Protocol protocol_of(const std::string& name) {
  return name == "TCP" ? net::Protocol::tcp : name == "UDP" ? net::Protocol::udp : net::Protocol::sctp;
}

net::Address address_of(const Bits& bits) {
  return {bits.six ? net::Family::ipv6 : net::Family::ipv4, static_cast<std::uint64_t>(bits.value >> 64), static_cast<std::uint64_t>(bits.value)};
}

enum class Fate { denied, allowed, unknown };

Fate fate(const net::Connection& connection, const Packet& packet) {
  const net::Protocol protocol = protocol_of(packet.protocol);
  const auto port = static_cast<std::uint16_t>(packet.port);
  if (connection.allowed.contains(protocol, port)) return Fate::allowed;
  return connection.unknown.contains(protocol, port) ? Fate::unknown : Fate::denied;
}

const std::vector<Bits>& outside() {
  static const std::vector<Bits> addresses = [] {
    std::vector<Bits> made;
    for (const char* text : {"10.1.2.3", "10.1.2.4", "10.200.0.0", "203.0.113.7", "192.168.3.4", "8.8.8.8", "255.255.255.255", "0.0.0.0", "fd00:1::1", "fd00::1", "2001:db8::1"})
      made.push_back(Generator::bits(text));
    return made;
  }();
  return addresses;
}

// All that a packet's fate can hang on.
std::vector<World> worlds(const Cluster& cluster, const Packet& packet, bool doubt) {
  const auto one = [](auto... values) { return std::vector{values...}; };
  bool hosts = (packet.source.pod && packet.source.pod->host_network) || (packet.destination.pod && packet.destination.pod->host_network);
  bool refused = std::any_of(cluster.policies.begin(), cluster.policies.end(), [](const NetworkPolicy& policy) { return policy.refused; });
  bool nodes = false, domains = false, networks = false;
  std::map<int, int> priorities;
  for (const AdminPolicy& policy : cluster.admin) {
    if (!policy.baseline) ++priorities[policy.priority];
    for (const Rule& rule : policy.egress)
      for (const Peer& peer : *rule.peers) {
        nodes = nodes || peer.nodes;
        domains = domains || peer.domains;
        networks = networks || !peer.networks.empty();
      }
  }
  const bool ties = std::any_of(priorities.begin(), priorities.end(), [](const auto& entry) { return entry.second > 1; });
  using Host = World::Host;
  std::vector<World> result;
  const auto addresses = [&](const End& end, bool looked_at) {
    std::vector<Bits> list;
    if (end.pod && (looked_at || end.pod->host_network))
      for (const char* text : {"10.1.2.3", "10.1.2.9", "10.1.9.9", "10.9.9.9", "192.168.1.1", "172.16.1.1"}) list.push_back(Generator::bits(text));
    if (end.pod && end.pod->host_network) {
      list.push_back(Generator::bits("203.0.113.9"));
      list.push_back(Generator::bits("8.1.1.1"));
      list.push_back(Generator::bits("1.1.1.1"));
    }
    if (list.empty()) list.push_back(Generator::bits("10.9.9.9"));
    return list;
  };
  for (const Host host : hosts ? one(Host::as_pod, Host::other_node, Host::own_node) : one(Host::as_pod))
    for (const Bits& source : addresses(packet.source, false))
      for (const Bits& destination : addresses(packet.destination, networks && doubt))
        for (const bool node : nodes && hosts ? std::vector<bool>{false, true} : std::vector<bool>{false})
          for (const bool domain : domains && !packet.destination.pod ? std::vector<bool>{false, true} : std::vector<bool>{false})
            for (const int tie : ties ? one(0, 1, 2, 3) : one(0))
              for (const int choice : refused ? one(0, 1, 2, 3, 4, 5, 6, 7, 8) : one(0))
                result.push_back({host, source, destination, node, domain, tie % 2 == 1, tie / 2 == 1, choice % 3, choice / 3});
  return result;
}

struct Count {
  std::uint64_t packets = 0, open = 0, vague = 0;
};

void agree(const Cluster& cluster, Generator& generator, bool doubt, Count& count) {
  const std::string manifest = Writer().manifest(cluster);
  const kubernetes::test::Cluster read(manifest);
  Diagnostics diagnostics;
  const auto answers = kubernetes::connectivity(read.graph, 0, {}, diagnostics);
  std::vector<net::PeerId> peers;
  for (const Pod& pod : cluster.pods) peers.push_back(answers.peer_named(pod.ns + "/" + pod.name + "[Pod]"));

  std::vector<World> possible;  // for one pair
  const auto check = [&](const Packet& packet, const net::Connection& connection) {
    const Fate said = fate(connection, packet);
    bool some = false, every = true;
    if (possible.empty()) possible = worlds(cluster, packet, doubt);
    for (const World& world : possible) {
      const bool passes = Oracle(cluster, world).passes(packet);
      some = some || passes;
      every = every && passes;
      if (some && !every) break;
    }
    const Fate wanted = every ? Fate::allowed : some ? Fate::unknown : Fate::denied;
    ++count.packets;
    if (wanted == Fate::unknown) ++count.open;
    if (said == wanted) return;
    // What is said to be unknown may be known to somebody who counts every world; never the other way round.
    if (said == Fate::unknown) {
      ++count.vague;
      if (std::getenv("ASSAY_VAGUE") == nullptr) return;
    }
    const auto end = [](const End& end) { return end.pod ? end.pod->ns + "/" + end.pod->name : net::format_address(address_of(end.address)); };
    FAIL(manifest << "\n" << end(packet.source) << " -> " << end(packet.destination) << " " << packet.protocol << " " << packet.port << ": said "
                  << static_cast<int>(said) << ", is " << static_cast<int>(wanted) << " (0 denied, 1 allowed, 2 unknown); allowed "
                  << connection.allowed.text() << ", unknown " << connection.unknown.text());
  };
  const auto sample = [&](Packet packet, const net::Connection& connection) {
    possible.clear();
    for (int samples = doubt ? 2 : 3; samples > 0; --samples) {
      packet.protocol = generator.pick(Generator::protocols);
      packet.port = generator.below(10) == 0 ? (generator.below(2) == 0 ? 1 : 65535) : generator.some_port();
      check(packet, connection);
    }
    // The ends of what is allowed and of what is unknown.
    for (const net::PortSet* set : {&connection.allowed, &connection.unknown}) {
      for (const std::string& name : Generator::protocols) {
        const auto& intervals = set->ports(protocol_of(name)).intervals();
        if (intervals.empty()) continue;
        const auto& interval = intervals[generator.below(static_cast<unsigned>(intervals.size()))];
        packet.protocol = name;
        for (const int port : {interval.first - 1, static_cast<int>(interval.first), static_cast<int>(interval.last), interval.last + 1}) {
          packet.port = port;
          if (port >= 1 && port <= 65535) check(packet, connection);
        }
      }
    }
  };

  const net::Connection nothing;
  for (std::size_t i = 0; i < peers.size(); ++i) {
    for (std::size_t j = 0; j < peers.size(); ++j)
      if (i != j) sample({{&cluster.pods[i], {}}, {&cluster.pods[j], {}}, {}, 0}, answers.net.between(peers[i], peers[j]));
    for (const net::Family family : {net::Family::ipv4, net::Family::ipv6}) {
      const auto out = answers.net.to_outside(peers[i], family), in = answers.net.from_outside(peers[i], family);
      const auto at = [&](const std::vector<net::RangeConnection>& ranges, const net::Address& address) -> const net::Connection& {
        for (const auto& range : ranges)
          if (!(address < range.range.first) && !(range.range.last < address)) return range.connection;
        return nothing;
      };
      for (unsigned samples = 0; samples < 2; ++samples) {
        const Bits& bits = outside()[generator.below(static_cast<unsigned>(outside().size()))];
        const net::Address address = address_of(bits);
        if (address.family != family) continue;
        sample({{&cluster.pods[i], {}}, {nullptr, bits}, {}, 0}, at(out, address));
        sample({{nullptr, bits}, {&cluster.pods[i], {}}, {}, 0}, at(in, address));
      }
    }
  }
}

void agree_on(unsigned clusters, bool admin, bool doubt) {
  Count count;
  // A longer search than a test's: ASSAY_CLUSTERS.
  if (const char* more = std::getenv("ASSAY_CLUSTERS")) clusters = static_cast<unsigned>(std::stoul(more));
  for (unsigned seed = 0; seed < clusters; ++seed) {
    Generator generator(seed * 4 + (admin ? 2 : 0) + (doubt ? 1 : 0), admin, doubt);
    agree(generator.cluster(), generator, doubt, count);
  }
  WARN(clusters << " clusters, " << count.packets << " packets, " << count.open << " of unknown fate, " << count.vague << " said to be though one can know");
  if (!doubt) {
    CHECK(count.open == 0);
    CHECK(count.vague == 0);
  }
  CHECK(count.vague * 100 <= count.packets);
}

}  // namespace

TEST_CASE("network policies agree with packets", "[net-agreement]") { agree_on(25'000, false, false); }
TEST_CASE("network policies in doubt agree with packets", "[net-agreement]") { agree_on(5'000, false, true); }
TEST_CASE("admin policies agree with packets", "[net-agreement]") { agree_on(20'000, true, false); }
TEST_CASE("admin policies in doubt agree with packets", "[net-agreement]") { agree_on(900, true, true); }

// The model holds clouds too: security groups, stateless access lists, routes and load balancers as stages, and one way
// from the internet through load balancer, node and pod to a database in a subnet of its own.
#include <catch2/catch.hpp>

#include "engine/net/paths.hpp"

using namespace assay;
using namespace assay::net;

namespace {

constexpr std::uint32_t groups = 0, lists = 1, routes = 2, cluster = 3;
enum : AtomId { balancer, machine, pod, database, internet, private_range, atoms };

struct Cloud {
  Model model;

  Cloud() {
    model.stages = {{"security groups", {"groups"}, false}, {"access lists", {"lists"}, false, true}, {"routes", {"routes"}, false}, {"network policies", {"policies"}, true}};
    model.atoms.resize(atoms);
    model.atoms[balancer].kind = PeerKind::entry;
    model.atoms[machine].kind = PeerKind::node;
    model.atoms[internet].kind = PeerKind::range;
    model.atoms[internet].range = {{Family::ipv4, 0, 0}, {Family::ipv4, 0, 0x09ffffff}};
    model.atoms[private_range].kind = PeerKind::range;
    model.atoms[private_range].range = {{Family::ipv4, 0, 0x0a000000}, {Family::ipv4, 0, 0xffffffff}};
    const char* names[] = {"balancer", "node", "pod", "database", "internet", "private addresses"};
    for (AtomId id = 0; id < atoms; ++id) model.peers.push_back({names[id], nullptr, id});

    // The balancer takes 443 from anywhere and sends to the node's port, which leads to the pod's.
    group(balancer, Direction::ingress, {allow(internet, 443)});
    group(machine, Direction::ingress, {allow(balancer, 30080)});
    group(database, Direction::ingress, {allow(pod, 5432), allow(machine, 5432)});
    forward(internet, balancer, PortSet::all(), tcp(443), internet);
    forward(balancer, machine, tcp(443), tcp(30080), balancer);
    forward(machine, pod, tcp(30080), tcp(8080), machine);

    // The cluster: the pod takes 8080 from nodes, and may only go to the database.
    add(cluster, Direction::ingress, pod, {allow(machine, 8080)});
    add(cluster, Direction::egress, pod, {allow(database, 5432)});

    // The database's subnet has no way out but to the network itself, and an access list that looks at every packet.
    Rule local;
    local.peers = AtomSet(balancer, database) | AtomSet(private_range, private_range);
    add(routes, Direction::egress, database, {local});
    add(lists, Direction::ingress, database, {allow(pod, 5432)}, 100);
    add(lists, Direction::egress, database, {replies(pod)}, 100);
  }

  static PortSet tcp(std::uint16_t port) { return PortSet::of(Protocol::tcp, port, port); }
  static Rule allow(AtomId peer, std::uint16_t port) {
    Rule rule;
    rule.peers = AtomSet(peer, peer);
    rule.ports.numbers = tcp(port);
    return rule;
  }
  static Rule replies(AtomId peer) {
    Rule rule;
    rule.peers = AtomSet(peer, peer);
    rule.ports.numbers = PortSet::of(Protocol::tcp, 1024, 65535);
    return rule;
  }
  void add(std::uint32_t stage, Direction direction, AtomId subject, std::vector<Rule> rules, double order = 0) {
    Policy policy;
    policy.stage = stage;
    policy.direction = direction;
    policy.subjects = AtomSet(subject, subject);
    policy.rules = std::move(rules);
    policy.order = order;
    model.policies.push_back(std::move(policy));
  }
  void group(AtomId subject, Direction direction, std::vector<Rule> rules) { add(groups, direction, subject, std::move(rules)); }
  void forward(AtomId from, AtomId to, PortSet listen, PortSet ports, AtomId source) {
    Forward made;
    made.from = from;
    made.to = to;
    made.listen = std::move(listen);
    made.ports = std::move(ports);
    made.sources = AtomSet(source, source);
    model.forwards.push_back(std::move(made));
  }
};

std::vector<std::string> way(Model model, PeerId from, PeerId to, const PathOptions& options = {}) {
  const Connectivity net(std::move(model));
  std::vector<std::string> lines;
  for (const Hop& hop : shortest_path(net, from, to, options))
    lines.push_back(net.peer(hop.from).name + " -> " + net.peer(hop.to).name + ": " + hop.ports.text() + (hop.maybe ? " ?" : ""));
  return lines;
}

}  // namespace

TEST_CASE("one way from the internet to a database's subnet", "[net]") {
  CHECK(way(Cloud().model, internet, database) ==
        std::vector<std::string>{"internet -> balancer: TCP 443", "balancer -> node: TCP 30080", "node -> pod: TCP 8080", "pod -> database: TCP 5432"});
  // Whoever only follows what is forwarded ends at the pod.
  CHECK(way(Cloud().model, internet, database, {.through_workloads = false}).empty());
  CHECK(way(Cloud().model, internet, pod, {.through_workloads = false}).size() == 3);
}

TEST_CASE("each thing in the way closes it", "[net]") {
  const auto closed = [](auto change) {
    Cloud cloud;
    change(cloud);
    return way(std::move(cloud.model), internet, database).empty();
  };
  CHECK_FALSE(closed([](Cloud&) {}));
  // An access list that keeps no connections in mind, and lets no reply out.
  CHECK(closed([](Cloud& cloud) { cloud.model.policies.back().rules[0].ports.numbers = Cloud::tcp(80); }));
  // A lower number is asked first.
  CHECK(closed([](Cloud& cloud) {
    Rule deny = Cloud::allow(pod, 5432);
    deny.verdict = Verdict::deny;
    cloud.add(lists, Direction::ingress, database, {deny}, 50);
  }));
  CHECK_FALSE(closed([](Cloud& cloud) {
    Rule deny = Cloud::allow(pod, 5432);
    deny.verdict = Verdict::deny;
    cloud.add(lists, Direction::ingress, database, {deny}, 200);
  }));
  // A subnet without a route to the database's.
  CHECK(closed([](Cloud& cloud) {
    Rule out;
    out.peers = AtomSet(internet, internet);
    cloud.add(routes, Direction::egress, pod, {out});
  }));
  CHECK(closed([](Cloud& cloud) { cloud.model.policies[0].rules.clear(); }));
  CHECK(closed([](Cloud& cloud) { cloud.model.forwards.pop_back(); }));
}

TEST_CASE("what is not known may be a way", "[net]") {
  Cloud cloud;
  cloud.model.policies[2].rules[0].maybe = true;
  cloud.model.policies[2].rules[1].maybe = true;
  CHECK(way(cloud.model, internet, database).empty());
  CHECK(way(cloud.model, internet, database, {.through_workloads = true, .maybe = true}).back() == "pod -> database: TCP 5432 ?");
}

TEST_CASE("a private subnet has no way out", "[net]") {
  const Connectivity net(Cloud().model);
  const auto out = net.to_outside(database, Family::ipv4);
  // Its access list lets only the replies to the pod leave.
  CHECK(out.empty());
  CHECK(net.between(pod, database).allowed == Cloud::tcp(5432));
  const Explanation explanation = net.explain(pod, database);
  CHECK(explanation.connection == net.between(pod, database));
  CHECK(explanation.steps.size() >= 4);
}

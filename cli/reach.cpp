// `assay reach`: who can talk to whom, why, and what a change opens.
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iostream>
#include <set>
#include <sstream>

#include "cli/commands.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/session.hpp"
#include "engine/net/listing.hpp"
#include "parsers/git.hpp"
#include "parsers/kubernetes/connectivity.hpp"
#include "parsers/kubernetes/hypothetical.hpp"
#include "reports/reach.hpp"

namespace assay {
namespace {

using kubernetes::ClusterConnectivity;
namespace fs = std::filesystem;

// What has been loaded for one side of an answer.
struct Side {
  std::unique_ptr<Session> session;
  std::vector<ClusterConnectivity> clusters;  // scopes that hold workloads
  bool incomplete = false;
};

bool has_workloads(const ClusterConnectivity& cluster) {
  const auto peers = cluster.net.peers();
  for (net::PeerId id = 0; id < peers.size(); ++id)
    if (cluster.net.kind(id) == net::PeerKind::workload) return true;
  return false;
}

Side load(const SessionOptions& options, const kubernetes::ConnectivityOptions& how) {
  Side side;
  side.session = load_session(options);
  Diagnostics& diagnostics = side.session->report.diagnostics;
  if (!side.session->misconfigured) {
    for (ScopeId scope = 0; scope < side.session->graph.scopes().size(); ++scope) {
      ClusterConnectivity cluster = kubernetes::connectivity(side.session->graph, scope, how, diagnostics);
      if (has_workloads(cluster)) side.clusters.push_back(std::move(cluster));
    }
  }
  diagnostics.sort(side.session->sources);
  for (const Diagnostic& diagnostic : diagnostics.all()) print(std::cerr, side.session->sources, diagnostic, Colour::off);
  side.incomplete = diagnostics.incomplete();
  return side;
}

// One end as the command line names it.
struct EndFilter {
  std::string text;
  bool outside = false;
  std::optional<net::Interval<net::Address>> block;

  explicit EndFilter(const std::string& word) : text(word) {
    if (text == "outside" || text == "internet" || text == "external") outside = true;
    else if (auto parsed = net::parse_block(text)) block = *parsed;
    else if (auto address = net::parse_address(text)) block = net::Interval<net::Address>{*address, *address};
    if (text == "ingress-controller") text = "{ingress-controller}";
  }

  bool any() const { return text.empty(); }
  bool external() const { return outside || block.has_value(); }

  bool peer(std::string_view name) const {
    if (any()) return true;
    if (external()) return false;
    std::string_view bare = name.substr(0, name.find('['));
    if (text == name || text == bare) return true;
    // A namespace; names with a network's mark keep it before the slash.
    return text.find('/') == text.npos && name.substr(0, name.find('/')) == text && name.find('/') != name.npos;
  }

  // The part of a range outside that is meant.
  std::optional<net::Interval<net::Address>> part(const net::Interval<net::Address>& range) const {
    if (any() || outside) return range;
    if (!block || range.last < block->first || block->last < range.first) return std::nullopt;
    return net::Interval<net::Address>{std::max(range.first, block->first), std::min(range.last, block->last)};
  }
};

std::optional<net::PortSet> parse_ports(const std::string& text) {
  if (text.empty()) return net::PortSet::all();
  std::string word, numbers;
  std::istringstream in(text);
  in >> word >> numbers;
  if (numbers.empty()) std::swap(word, numbers);
  if (auto slash = numbers.find('/'); slash != numbers.npos && word.empty()) {
    word = numbers.substr(slash + 1);
    numbers.resize(slash);
  }
  for (char& c : word) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  unsigned first = 0, last = 0;
  auto number = [](std::string_view digits, unsigned& value) {
    auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc() && rest == digits.data() + digits.size() && value >= 1 && value <= 65535;
  };
  auto dash = numbers.find('-');
  if (!number(std::string_view(numbers).substr(0, dash), first)) return std::nullopt;
  if (dash == numbers.npos) last = first;
  else if (!number(std::string_view(numbers).substr(dash + 1), last) || last < first) return std::nullopt;
  static constexpr std::pair<std::string_view, net::Protocol> protocols[] = {
      {"TCP", net::Protocol::tcp}, {"UDP", net::Protocol::udp}, {"SCTP", net::Protocol::sctp}};
  net::PortSet ports;
  for (const auto& [name, protocol] : protocols)
    if (word.empty() || word == name)
      ports = ports | net::PortSet::of(protocol, static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(last));
  if (ports.empty()) return std::nullopt;
  return ports;
}

net::Connection within(const net::Connection& connection, const net::PortSet& ports) {
  return {connection.allowed & ports, connection.unknown & ports};
}

struct Filter {
  EndFilter from, to;
  net::PortSet ports;
};

bool known(const Side& side, const EndFilter& end) {
  if (end.any() || end.external()) return true;
  for (const ClusterConnectivity& cluster : side.clusters)
    for (const net::Peer& peer : cluster.net.peers())
      if (end.peer(peer.name)) return true;
  return false;
}

int no_such_end(const Side& side, const EndFilter& end) {
  std::vector<std::string> names;
  for (const ClusterConnectivity& cluster : side.clusters)
    for (const net::Peer& peer : cluster.net.peers()) {
      names.push_back(peer.name.substr(0, peer.name.find('[')));
      names.push_back(names.back().substr(names.back().find('/') + 1));
    }
  std::vector<std::string_view> views(names.begin(), names.end());
  std::cerr << "assay reach: no workload, namespace or address is called `" << inert(end.text) << "`";
  std::string_view near = nearest(end.text, views);
  for (std::size_t n = 1; n < names.size(); n += 2)
    if (names[n] == end.text || (near == names[n] && near.find('/') == near.npos)) near = names[n - 1];
  if (!near.empty()) std::cerr << "; did you mean `" << inert(near) << "`?";
  std::cerr << "\n";
  return misused;
}

ReachScope scope_of(const ClusterConnectivity& cluster, const Graph& graph, bool named) {
  ReachScope scope;
  if (named) scope.name = graph.scope(cluster.scope).name;
  const auto peers = cluster.net.peers();
  for (net::PeerId id = 0; id < peers.size(); ++id)
    if (cluster.net.kind(id) == net::PeerKind::workload) scope.workloads.push_back(peers[id].name);
  std::ranges::sort(scope.workloads);
  scope.refuted = cluster.enforcement.status == kubernetes::Enforcement::Status::refuted;
  if (scope.refuted) scope.premises.push_back({cluster.enforcement.text, PremiseStatus::evidenced});
  else scope.premises.push_back(cluster.enforcement.premise());
  scope.premises.insert(scope.premises.end(), cluster.premises.begin(), cluster.premises.end());
  return scope;
}

std::vector<ReachRow> rows_of(const ClusterConnectivity& cluster, const Filter& filter, const ReachOptions& options) {
  std::vector<ReachRow> rows;
  const net::PeerId any = cluster.peer_named("[any namespace]/[any pod]");
  for (net::Listed& one : net::listing(cluster.net, {options.ipv6})) {
    const auto keep = [&](net::End& end, const EndFilter& wanted) {
      if (!end.outside()) return wanted.peer(cluster.net.peer(end.peer).name);
      auto part = wanted.external() || wanted.any() ? wanted.part(end.range) : std::nullopt;
      if (part) end.range = *part;
      return part.has_value();
    };
    if (!keep(one.from, filter.from) || !keep(one.to, filter.to)) continue;
    const auto stands_in = [&](const net::End& end) { return !end.outside() && cluster.net.kind(end.peer) == net::PeerKind::hypothetical; };
    if (options.exposure) {
      if (!stands_in(one.from) && !stands_in(one.to)) continue;
      // What holds for any pod at all need not be said of each kind again.
      const net::PeerId own = stands_in(one.from) ? one.from.peer : one.to.peer;
      if (own != any && any != net::no_peer &&
          one.connection == (stands_in(one.from) ? cluster.net.between(any, one.to.peer) : cluster.net.between(one.from.peer, any)))
        continue;
    }
    net::Connection connection = within(one.connection, filter.ports);
    if (connection.empty()) continue;
    rows.push_back({net::name_of(cluster.net, one.from), net::name_of(cluster.net, one.to), one.from.outside(), one.to.outside(),
                    cluster.net.model().networks[one.network].name, std::move(connection)});
    if (one.from.outside() || one.to.outside()) continue;
    switch (cluster.transport(one.from.peer, one.to.peer)) {
      case kubernetes::Transport::mutual_tls: rows.back().transport = "mutual TLS"; break;
      case kubernetes::Transport::plaintext: rows.back().transport = "plaintext"; break;
      case kubernetes::Transport::unknown: break;
    }
  }
  std::ranges::stable_sort(rows, [](const ReachRow& a, const ReachRow& b) {
    return std::tie(a.from, a.to, a.network) < std::tie(b.from, b.to, b.network);
  });
  return rows;
}

// --- why ---------------------------------------------------------------------------------------------

std::string object_name(const Resource* resource) {
  if (!resource) return {};
  std::string_view address = resource->address;
  std::size_t colon = address.find(':');
  std::string name(address.substr(colon == address.npos ? 0 : colon + 1));
  return name;
}

ReachStep step_of(const ClusterConnectivity& cluster, const net::Step& step, const net::PortSet& ports) {
  ReachStep shown;
  shown.direction = step.direction;
  shown.ports = ports;
  const std::string name = step.policy ? object_name(step.policy->resource) : "";
  shown.policy = name;
  const bool in = step.direction == net::Direction::ingress;
  switch (step.verdict) {
    case net::Verdict::allow: shown.verdict = "allowed"; break;
    case net::Verdict::deny: shown.verdict = "denied"; break;
    case net::Verdict::pass: shown.verdict = "passed on"; break;
    case net::Verdict::unknown: shown.verdict = "not known"; break;
  }
  if (step.maybe) shown.verdict = "not known";
  if (!step.policy && step.verdict == net::Verdict::unknown) {
    shown.message = "policies need not hold between a workload and its own node: what comes from that node, or is forwarded by it, passes";
  } else if (!step.policy) {
    shown.message = std::string("no policy governs this workload's ") + (in ? "ingress" : "egress");
  } else if (step.rule) {
    shown.message = "a rule of `" + (name.empty() ? step.policy->note : name) + "`";
    shown.place = located(step.rule->reason).span;
  } else {
    shown.message = "`" + (name.empty() ? step.policy->note : name) + "` selects this workload, and no rule " +
                    (in ? "lets this in: add a rule to its `ingress` that does" : "lets this out: add a rule to its `egress` that does");
    shown.place = located(step.policy->reason).span;
  }
  if (!shown.place && step.policy && step.policy->resource) shown.place = step.policy->resource->header;
  (void)cluster;
  return shown;
}

void add_steps(const ClusterConnectivity& cluster, const net::Explanation& why, const net::PortSet& ports, ReachExplanation& to) {
  for (const net::Step& step : why.steps) {
    const net::PortSet shown = step.ports & ports;
    if (!shown.empty()) to.steps.push_back(step_of(cluster, step, shown));
  }
  to.connection = within(why.connection, ports);
}

// What an Ingress, a Gateway or a load balancer sends to the workload.
void add_forwards(const ClusterConnectivity& cluster, net::PeerId from, net::PeerId to, const net::PortSet& ports, ReachExplanation& shown) {
  for (const net::Forward& forward : cluster.net.model().forwards) {
    if (forward.from != from || forward.to != to || (forward.ports & ports).empty()) continue;
    ReachStep step;
    step.direction = net::Direction::egress;
    step.verdict = forward.maybe ? "not known" : "forwarded";
    step.ports = forward.ports & ports;
    step.message = "by ";
    for (const Resource* through : forward.through) step.message += (through == forward.through.front() ? "`" : ", `") + object_name(through) + "`";
    if (forward.through.empty()) step.message = "what leads in from outside";
    step.place = located(forward.reason).span;
    if (!step.place && !forward.through.empty()) step.place = forward.through.front()->header;
    shown.steps.insert(shown.steps.begin(), std::move(step));
  }
}

std::vector<ReachExplanation> explanations(const ClusterConnectivity& cluster, const Filter& filter, const ReachOptions& options, std::vector<Premise> premises) {
  std::vector<ReachExplanation> all;
  const auto peers = cluster.net.peers();
  const auto talks = [&](net::PeerId id) { return cluster.net.kind(id) == net::PeerKind::workload; };
  const auto begin = [&](std::string from, std::string to) -> ReachExplanation& {
    ReachExplanation& one = all.emplace_back();
    one.from = std::move(from);
    one.to = std::move(to);
    one.premises = premises;
    return one;
  };
  constexpr std::size_t most = 200;
  for (net::PeerId from = 0; from < peers.size() && all.size() < most; ++from) {
    const bool entry = cluster.net.kind(from) == net::PeerKind::entry;
    if ((!entry && !talks(from)) || !filter.from.peer(peers[from].name)) continue;
    for (net::PeerId to = 0; to < peers.size() && all.size() < most; ++to) {
      if (to == from || !talks(to) || !filter.to.peer(peers[to].name)) continue;
      for (net::NetworkId network : cluster.net.shared_networks(from, to)) {
        ReachExplanation& one = begin(peers[from].name, peers[to].name);
        add_steps(cluster, cluster.net.explain(from, to, network), filter.ports, one);
        if (entry) add_forwards(cluster, from, to, filter.ports, one);
      }
    }
  }
  // An address stands for the range of equal answers that holds it.
  const auto outside = [&](const EndFilter& end, const EndFilter& other, net::Direction direction) {
    if (!end.external()) return;
    for (net::PeerId id = 0; id < peers.size() && all.size() < most; ++id) {
      if (!talks(id) || !other.peer(peers[id].name)) continue;
      std::set<net::Address> asked;
      for (net::Family family : options.ipv6 ? std::vector{net::Family::ipv4, net::Family::ipv6} : std::vector{net::Family::ipv4}) {
        const auto ranges = direction == net::Direction::egress ? cluster.net.to_outside(id, family) : cluster.net.from_outside(id, family);
        for (const net::RangeConnection& range : ranges)
          if (auto part = end.part(range.range)) asked.insert(part->first);
        if (end.block) asked.insert(end.block->first);
        else if (ranges.empty()) asked.insert(net::all_addresses(family).intervals().front().first);
      }
      for (const net::Address& address : asked) {
        const std::string name = net::format_address(address) + "[External]";
        ReachExplanation& one = direction == net::Direction::egress ? begin(peers[id].name, name) : begin(name, peers[id].name);
        add_steps(cluster, cluster.net.explain_outside(id, direction, address), filter.ports, one);
      }
    }
  };
  outside(filter.from, filter.to, net::Direction::ingress);
  outside(filter.to, filter.from, net::Direction::egress);
  return all;
}

// --- pods that do not exist yet -------------------------------------------------------------------------

std::string described(const kubernetes::WitnessPod& pod) {
  if (!pod.address.empty()) return "the address " + pod.address;
  std::string text = "a pod in namespace `" + inert(pod.ns) + "`";
  const auto list = [&](const std::map<std::string, std::string>& labels, const char* what) {
    if (labels.empty()) return;
    text += what;
    for (const auto& [key, value] : labels) text += (key == labels.begin()->first ? "" : ",") + inert(key) + "=" + inert(value);
  };
  list(pod.labels, " with labels ");
  list(pod.namespace_labels, " (the namespace's: ");
  if (!pod.namespace_labels.empty()) text += ")";
  return text;
}

std::string port_text(const kubernetes::Possibility& found) {
  return net::PortSet::of(found.protocol, found.port, found.port).text();
}

// Whether nothing of the kind can be.
bool tell(const kubernetes::Possibility& found, const std::string& claim, const std::string& target) {
  switch (found.outcome) {
    case proof::Outcome::proved:
      std::cout << "proved: " << claim << "\n";
      return true;
    case proof::Outcome::impossible:
      // A claim about nothing is no proof.
      std::cout << "says nothing: there can be no such pod\n";
      return false;
    case proof::Outcome::refuted:
      std::cout << "refuted: " << described(found.from) << " can reach " << (target.empty() ? described(found.to) : target) << " on " << port_text(found) << "\n";
      return false;
    case proof::Outcome::unknown:
      std::cout << "unknown: " << inert(found.reason) << "\n";
      return false;
  }
  return false;
}

int any_pod(const ReachOptions& options, const Side& side, const Filter& filter) {
  const auto labels = kubernetes::parse_selector(*options.any_pod);
  if (!labels) {
    std::cerr << "assay reach: `--any-pod` is a selector such as `tier=api,!legacy,env in (a,b)`, not `" << inert(*options.any_pod) << "`\n";
    return misused;
  }
  const Graph& graph = side.session->graph;
  bool proved = true;
  for (const ClusterConnectivity& cluster : side.clusters) {
    for (const net::Peer& peer : cluster.net.peers()) {
      if (!peer.resource || !filter.to.peer(peer.name)) continue;
      if (cluster.enforcement.status == kubernetes::Enforcement::Status::refuted) {
        std::cout << "refuted: policies keep nobody from " << inert(peer.name) << ": " << inert(cluster.enforcement.text) << "\n";
        proved = false;
        continue;
      }
      const kubernetes::PodPattern pattern{*labels, options.from};
      const kubernetes::Possibility found = kubernetes::can_reach(graph, cluster.scope, pattern, *peer.resource, filter.ports);
      std::string claim = "no pod" + (options.any_pod->empty() ? "" : " with `" + inert(*options.any_pod) + "`") +
                          (options.from.empty() ? " in any namespace" : " in namespace `" + inert(options.from) + "`") + " can ever reach " + inert(peer.name);
      if (!options.port.empty()) claim += " on " + filter.ports.text();
      proved = tell(found, claim, inert(peer.name)) && proved;
      ReachScope about = scope_of(cluster, graph, false);
      for (const Premise& premise : about.premises) std::cout << name_of(premise.status) << ": " << inert(premise.text) << "\n";
    }
  }
  return side.incomplete ? unfinished : proved ? fine : found;
}

int any_pod_compared(const Side& old, const Side& fresh) {
  if (old.clusters.size() != 1 || fresh.clusters.size() != 1) {
    std::cerr << "assay reach: `--diff` with `--any-pod` compares one scope with one: name directories that hold one each\n";
    return misused;
  }
  const Graph &before = old.session->graph, &after = fresh.session->graph;
  const ScopeId first = old.clusters[0].scope, second = fresh.clusters[0].scope;
  const bool opened = !tell(kubernetes::opens(before, first, after, second), "NEW allows nothing to any pod that OLD does not allow", "");
  const bool closed = !tell(kubernetes::opens(after, second, before, first), "OLD allows nothing to any pod that NEW does not allow", "");
  std::cout << (opened ? closed ? "the two differ both ways\n" : "NEW allows more\n" : closed ? "NEW allows less\n" : "the two are equivalent\n");
  return opened ? found : fine;
}

// --- comparing -----------------------------------------------------------------------------------------

// A directory that goes away again.
struct Scratch {
  std::string path;
  Scratch() {
    std::string name = (fs::temp_directory_path() / "assay-XXXXXX").string();
    if (mkdtemp(name.data())) path = name;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    if (!path.empty()) fs::remove_all(path, ignored);
  }
};

// Where the manifests of one side are; empty after a complaint.
std::string side_path(const std::string& name, const std::string& around, const Scratch& scratch) {
  std::error_code ignored;
  if (fs::exists(name, ignored)) return name;
  const std::string failure = scratch.path.empty() ? "no temporary directory can be made" : export_revision(around, name, scratch.path);
  if (failure.empty()) return scratch.path;
  std::cerr << "assay reach: " << inert(failure) << "\n";
  return {};
}

const ClusterConnectivity* same_scope(const Side& side, const std::string& name, const Side& other) {
  if (side.clusters.size() == 1 && other.clusters.size() == 1) return &side.clusters[0];
  for (const ClusterConnectivity& cluster : side.clusters)
    if (side.session->graph.scope(cluster.scope).name == name) return &cluster;
  return nullptr;
}

int compare(const ReachOptions& options, const kubernetes::ConnectivityOptions& how, const Filter& filter) {
  ReachReport report;
  report.comparison = true;
  report.old_name = options.compared[0];
  report.new_name = options.compared[1];
  const std::string around = options.session.paths.empty() ? "." : options.session.paths[0];
  Scratch scratch[2];
  Side sides[2];
  for (int n = 0; n < 2; ++n) {
    SessionOptions session = options.session;
    const std::string path = side_path(options.compared[static_cast<std::size_t>(n)], around, scratch[n]);
    if (path.empty()) return misused;
    session.paths = {path};
    sides[n] = load(session, how);
    if (sides[n].session->misconfigured) return misused;
    report.incomplete = report.incomplete || sides[n].incomplete;
  }
  if (options.any_pod) return any_pod_compared(sides[0], sides[1]);
  const net::Connectivity nothing{net::Model{}};
  std::set<std::string> names;
  for (const Side& side : sides)
    for (const ClusterConnectivity& cluster : side.clusters) names.insert(side.session->graph.scope(cluster.scope).name);
  const bool single = sides[0].clusters.size() <= 1 && sides[1].clusters.size() <= 1;
  if (single && names.size() == 2) names.erase(names.begin());
  for (const std::string& name : names) {
    const ClusterConnectivity* old = single ? (sides[0].clusters.empty() ? nullptr : &sides[0].clusters[0]) : same_scope(sides[0], name, sides[1]);
    const ClusterConnectivity* fresh = single ? (sides[1].clusters.empty() ? nullptr : &sides[1].clusters[0]) : same_scope(sides[1], name, sides[0]);
    ReachScope scope = fresh ? scope_of(*fresh, sides[1].session->graph, !single) : scope_of(*old, sides[0].session->graph, !single);
    const net::Connectivity &before = old ? old->net : nothing, &after = fresh ? fresh->net : nothing;
    for (net::Changed& change : net::difference(before, after, {options.ipv6})) {
      const auto end = [](const EndFilter& wanted, const std::string& end_name) {
        return wanted.any() || (end_name.ends_with("[External]") ? wanted.external() : wanted.peer(end_name));
      };
      if (!end(filter.from, change.from) || !end(filter.to, change.to)) continue;
      change.before = within(change.before, filter.ports);
      change.after = within(change.after, filter.ports);
      if (!(change.before == change.after)) scope.changes.push_back(std::move(change));
    }
    scope.exposure = net::exposure_changes(before, after, {options.ipv6});
    report.scopes.push_back(std::move(scope));
  }
  find_reach_format(options.format)->write(report, std::cout);
  return report.incomplete ? unfinished : fine;
}

}  // namespace

int reach_command(const Arguments& arguments) {
  ReachOptions options;
  if (const Stop stop = parse_reach(arguments, options)) return *stop;
  const auto ports = parse_ports(options.port);
  if (!ports) {
    std::cerr << "assay reach: `--port` is a port such as `443`, `TCP 443`, `UDP 8000-8999`, not `" << inert(options.port) << "`\n";
    return misused;
  }
  const Filter filter{EndFilter(options.from), EndFilter(options.to), *ports};
  kubernetes::ConnectivityOptions how;
  how.mesh = options.mesh;
  how.exposure = options.exposure;
  if (!options.compared.empty()) return compare(options, how, filter);

  const Side side = load(options.session, how);
  if (side.session->misconfigured) return misused;
  if (side.clusters.empty()) {
    std::cerr << "assay reach: no workload is among the inputs\n";
    return unfinished;
  }
  for (const EndFilter* end : {&filter.from, &filter.to}) {
    // A pod that need not exist may be in a namespace that does not.
    if (options.any_pod && end == &filter.from) continue;
    if (!known(side, *end)) return no_such_end(side, *end);
  }

  const Graph& graph = side.session->graph;
  if (options.any_pod) return any_pod(options, side, filter);
  if (options.explain) {
    std::vector<ReachExplanation> all;
    for (const ClusterConnectivity& cluster : side.clusters) {
      std::vector<ReachExplanation> some = explanations(cluster, filter, options, scope_of(cluster, graph, false).premises);
      std::move(some.begin(), some.end(), std::back_inserter(all));
    }
    if (options.format == "json") write_explanations_json(all, side.session->sources, std::cout);
    else write_explanations_text(all, side.session->sources, colours(When::automatic), std::cout);
    return side.incomplete ? unfinished : fine;
  }
  ReachReport report;
  report.incomplete = side.incomplete;
  for (const ClusterConnectivity& cluster : side.clusters) {
    ReachScope scope = scope_of(cluster, graph, side.clusters.size() > 1);
    scope.rows = rows_of(cluster, filter, options);
    report.scopes.push_back(std::move(scope));
  }
  find_reach_format(options.format)->write(report, std::cout);
  return side.incomplete ? unfinished : fine;
}

}  // namespace assay

#include "parsers/kubernetes/network_properties.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "engine/net/listing.hpp"

namespace assay::kubernetes {

Networks::Locked Networks::of(ScopeId scope, bool mesh) {
  std::unique_lock lock(mutex_);
  std::unique_ptr<ClusterConnectivity>& one = scopes_[2 * scope + mesh];
  ConnectivityOptions options = options_;
  options.mesh = mesh;
  if (!one) one = std::make_unique<ClusterConnectivity>(connectivity(graph_, scope, options, diagnostics_));
  return {std::move(lock), *one};
}

namespace {

struct Question {
  const Graph& graph;
  const Resource& resource;
  const SelectedRule& rule;
  ClusterConnectivity& cluster;

  // Where nobody enforces policies, they close nothing.
  bool enforced() const { return cluster.enforcement.status != Enforcement::Status::refuted; }
};

using Property = NativeJudgement (*)(const Question&);

// --- words -----------------------------------------------------------------------------------------

std::string object_name(const Resource* resource) {
  if (!resource) return "what creates it";
  const std::size_t colon = resource->address.find(':');
  return resource->address.substr(colon == std::string::npos ? 0 : colon + 1);
}

std::string bare(const net::Connectivity& net, net::PeerId id) {
  const std::string& name = net.peer(id).name;
  return name.substr(0, name.find('['));
}

Span place_of(Value reason, const Resource* resource) {
  const Span span = located(reason).span;
  return span ? span : resource ? resource->header : Span{};
}

// Every rule or default that decided some of these ports, as steps of a way.
void add_steps(std::vector<TraceStep>& steps, const net::Explanation& why, const net::PortSet& ports) {
  for (const net::Step& step : why.steps) {
    const net::PortSet decided = step.ports & ports;
    if (decided.empty() || !step.policy) continue;
    const bool lets = step.verdict == net::Verdict::allow;
    std::string note = decided.text() + (step.maybe || step.verdict == net::Verdict::unknown ? " perhaps let " : lets ? " let " : " not let ");
    note += step.direction == net::Direction::ingress ? "in by `" : "out by `";
    note += object_name(step.policy->resource) + "`";
    const Span span = place_of(step.rule ? step.rule->reason : step.policy->reason, step.policy->resource);
    if (span && std::ranges::none_of(steps, [&](const TraceStep& one) { return one.span == span; })) steps.push_back({span, std::move(note)});
  }
}

void rest_on(const Question& question, NativeFinding& finding) {
  const Enforcement& enforcement = question.cluster.enforcement;
  if (question.enforced()) finding.premises.push_back(enforcement.premise());
  else finding.premises.push_back({enforcement.text, PremiseStatus::evidenced});
  finding.premises.insert(finding.premises.end(), question.cluster.premises.begin(), question.cluster.premises.end());
}

void conclude(NativeJudgement& judgement) {
  judgement.verdict = Verdict::pass;
  for (const NativeFinding& finding : judgement.findings) {
    if (finding.verdict == Verdict::fail) judgement.verdict = Verdict::fail;
    else if (judgement.verdict == Verdict::pass) judgement.verdict = finding.verdict;
  }
}

// --- properties --------------------------------------------------------------------------------------

// Nothing that a load balancer, an Ingress, a Gateway or a node's port brings in from outside reaches the workload.
NativeJudgement not_exposed(const Question& question) {
  NativeJudgement judgement;
  const net::Connectivity& net = question.cluster.net;
  const net::PeerId own = question.cluster.peer_of(question.resource);
  if (own == net::no_peer) return judgement;
  const bool enforced = question.enforced();
  std::set<net::PeerId> seen;
  for (const net::Forward& forward : net.model().forwards) {
    if (forward.to != own || !forward.from_outside || !seen.insert(forward.from).second) continue;
    net::Connection passes = net.between(forward.from, own);
    if (!enforced) {
      passes.allowed = passes.allowed | forward.ports;  // nothing holds it back
      passes.unknown = passes.unknown - passes.allowed;
    }
    if (passes.empty()) continue;
    const bool certain = !passes.allowed.empty();
    NativeFinding finding;
    finding.verdict = certain ? Verdict::fail : Verdict::unknown;
    const net::PortSet ports = certain ? passes.allowed : passes.unknown;
    finding.message = "the outside can reach it on " + ports.text() + " through `" +
                      (forward.through.empty() ? net.peer(forward.from).name : object_name(forward.through.front())) + "`";
    if (!certain) finding.why = "whether a policy lets it through depends on what the inputs do not say";
    finding.identity = net.peer(forward.from).name;
    if (const Span span = place_of(forward.reason, forward.through.empty() ? nullptr : forward.through.front()))
      finding.steps.push_back({span, "sent to it from here"});
    for (const Resource* through : forward.through)
      if (through->header) finding.steps.push_back({through->header, "by `" + object_name(through) + "`"});
    if (enforced) {
      add_steps(finding.steps, net.explain(forward.from, own), ports);
    } else if (const Span span = place_of(question.cluster.enforcement.reason, question.cluster.enforcement.resource)) {
      finding.steps.push_back({span, question.cluster.enforcement.text});
    }
    rest_on(question, finding);
    judgement.findings.push_back(std::move(finding));
  }
  conclude(judgement);
  return judgement;
}

// Only workloads of its own namespace reach the workload.
NativeJudgement reached_within_namespace(const Question& question) {
  NativeJudgement judgement;
  const net::Connectivity& net = question.cluster.net;
  const net::PeerId own = question.cluster.peer_of(question.resource);
  if (own == net::no_peer) return judgement;
  const std::string ns = bare(net, own).substr(0, bare(net, own).find('/'));
  std::vector<net::PeerId> certain, perhaps;
  const auto count = static_cast<net::PeerId>(net.peers().size());
  for (net::PeerId from = 0; from < count; ++from) {
    if (from == own || net.kind(from) != net::PeerKind::workload) continue;
    const std::string name = bare(net, from);
    if (name.substr(0, name.find('/')) == ns) continue;
    for (const net::NetworkId network : net.shared_networks(from, own)) {
      const net::Connection& connection = net.between(from, own, network);
      if (!question.enforced() || !connection.allowed.empty()) certain.push_back(from);
      else if (!connection.unknown.empty()) perhaps.push_back(from);
    }
  }
  const bool fails = !certain.empty();
  const std::vector<net::PeerId>& reaching = fails ? certain : perhaps;
  if (!reaching.empty()) {
    std::set<std::string> namespaces;
    for (const net::PeerId from : reaching) namespaces.insert(bare(net, from).substr(0, bare(net, from).find('/')));
    NativeFinding finding;
    finding.verdict = fails ? Verdict::fail : Verdict::unknown;
    const net::Connection& example = net.between(reaching[0], own);
    const net::PortSet ports = !question.enforced() ? net::PortSet::all() : fails ? example.allowed : example.unknown;
    finding.message = std::to_string(reaching.size()) + (reaching.size() == 1 ? " workload" : " workloads") + " of " +
                      (namespaces.size() == 1 ? "namespace `" + *namespaces.begin() + "`" : std::to_string(namespaces.size()) + " other namespaces") +
                      " can reach it, `" + bare(net, reaching[0]) + "` among them on " + ports.text();
    if (!fails) finding.why = "whether policies select what the inputs do not hold";
    if (net.peer(reaching[0]).resource && net.peer(reaching[0]).resource->header)
      finding.steps.push_back({net.peer(reaching[0]).resource->header, "from here"});
    add_steps(finding.steps, net.explain(reaching[0], own), ports);
    rest_on(question, finding);
    judgement.findings.push_back(std::move(finding));
  }
  conclude(judgement);
  return judgement;
}

// Policies that close the ingress of a peer and admit a port from nowhere: the ports that nobody can use.
net::PortSet admitted_nowhere(const net::Connectivity& net, net::PeerId peer, net::PortSet ports) {
  const net::Model& model = net.model();
  const net::AtomId atom = net.peer(peer).atom;
  // Who admits in one stage opens nothing that another stage closes: each stage by itself.
  net::PortSet closed;
  for (std::uint32_t stage = 0; stage < model.stages.size(); ++stage) {
    if (!net.isolated(peer, net::Direction::ingress, stage).first) continue;
    net::PortSet left = ports;
    for (const net::Policy& policy : model.policies) {
      if (policy.stage != stage || policy.direction != net::Direction::ingress) continue;
      if (!policy.subjects.contains(atom) && !policy.maybe_subjects.contains(atom)) continue;
      for (const net::Rule& rule : policy.rules) {
        if (rule.verdict == net::Verdict::deny) continue;
        left = left - rule.ports.numbers;
        for (const net::NamedPort& named : rule.ports.names)
          for (const net::OwnPort& own : model.atoms[atom].ports)
            if (own.name == named.name) left = left - net::PortSet::of(own.protocol, own.number, own.number);
      }
    }
    closed = closed | left;
  }
  return closed;
}

// Every port that a Service announces is admitted by the policies of the workloads behind it.
NativeJudgement announced_ports_admitted(const Question& question) {
  NativeJudgement judgement;
  if (!question.enforced()) return judgement;
  const net::Connectivity& net = question.cluster.net;
  bool any = false;
  for (const ServicePort& port : question.cluster.services) {
    if (port.service != &question.resource) continue;
    for (const auto& [target, ports] : port.targets) {
      if (net.kind(target) != net::PeerKind::workload) continue;
      any = true;
      if (net.model().atoms[net.peer(target).atom].maybe_governed) continue;
      const net::PortSet closed = admitted_nowhere(net, target, ports);
      if (closed.empty() || !(ports - closed).empty()) continue;
      NativeFinding finding;
      finding.verdict = Verdict::fail;
      finding.subject = port.reason;
      finding.identity = bare(net, target);
      finding.message = "the port leads to " + closed.text() + " of `" + bare(net, target) + "`, which no network policy there admits from anywhere";
      for (const net::Policy& policy : net.model().policies)
        if (policy.direction == net::Direction::ingress && policy.closes && policy.subjects.contains(net.peer(target).atom))
          if (const Span span = place_of(policy.reason, policy.resource); span && finding.steps.size() < 4)
            finding.steps.push_back({span, "`" + object_name(policy.resource) + "` closes the workload's ingress"});
      rest_on(question, finding);
      judgement.findings.push_back(std::move(finding));
    }
  }
  if (any) conclude(judgement);
  return judgement;
}

// Policies leave the workload a way to the cluster's name servers.
NativeJudgement reaches_name_servers(const Question& question) {
  NativeJudgement judgement;
  const net::Connectivity& net = question.cluster.net;
  const net::PeerId own = question.cluster.peer_of(question.resource);
  if (own == net::no_peer || !question.enforced()) return judgement;
  const auto isolated = net.isolated(own, net::Direction::egress);
  if (!isolated.first && !isolated.second) return judgement;
  const net::Connection names = question.cluster.to_name_servers(own);
  const auto udp = [](const net::PortSet& ports) { return ports.contains(net::Protocol::udp, 53); };
  if (!udp(names.allowed)) {
    NativeFinding finding;
    finding.verdict = udp(names.unknown) ? Verdict::unknown : Verdict::fail;
    finding.message = "its network policies let no question out to the cluster's name servers (UDP 53)";
    if (finding.verdict == Verdict::unknown) finding.why = "whether a rule selects the name servers depends on what the inputs do not say";
    for (const net::Policy& policy : net.model().policies)
      if (policy.direction == net::Direction::egress && policy.closes && policy.subjects.contains(net.peer(own).atom))
        if (const Span span = place_of(policy.reason, policy.resource); span && finding.steps.size() < 4)
          finding.steps.push_back({span, "`" + object_name(policy.resource) + "` closes the workload's egress"});
    rest_on(question, finding);
    judgement.findings.push_back(std::move(finding));
  }
  conclude(judgement);
  return judgement;
}

// Nothing reaches a workload of the mesh unencrypted: every connection that policies leave open is between two proxies.
NativeJudgement mesh_encrypted(const Question& question) {
  NativeJudgement judgement;
  const net::Connectivity& net = question.cluster.net;
  const net::PeerId own = question.cluster.peer_of(question.resource);
  if (own == net::no_peer) return judgement;
  std::vector<net::PeerId> plain;
  bool meshed = false, closed_by_policies = false;
  const auto count = static_cast<net::PeerId>(net.peers().size());
  for (net::PeerId from = 0; from < count; ++from) {
    if (from == own || net.kind(from) != net::PeerKind::workload) continue;
    if (question.cluster.transport(from, own) != Transport::plaintext) {
      meshed = true;
      continue;
    }
    for (const net::NetworkId network : net.shared_networks(from, own))
      if (!(net.between(from, own, network).allowed & net::PortSet::of(net::Protocol::tcp)).empty()) {
        plain.push_back(from);
        break;
      } else {
        closed_by_policies = true;
      }
  }
  // Where no proxy talks to it with mutual TLS, it is not the mesh's: another rule's.
  if (!meshed) return judgement;
  if (plain.empty() && closed_by_policies && !question.enforced()) {
    NativeFinding finding;
    finding.verdict = Verdict::unknown;
    finding.message = "workloads without a proxy may talk to it in plaintext";
    finding.why = "what keeps them away may be a network policy, and " + question.cluster.enforcement.text;
    rest_on(question, finding);
    judgement.findings.push_back(std::move(finding));
  }
  if (!plain.empty()) {
    NativeFinding finding;
    finding.verdict = Verdict::fail;
    const net::PortSet ports = net.between(plain[0], own).allowed & net::PortSet::of(net::Protocol::tcp);
    finding.message = std::to_string(plain.size()) + (plain.size() == 1 ? " workload talks" : " workloads talk") + " to it in plaintext, `" + bare(net, plain[0]) +
                      "` among them on " + ports.text();
    if (const Resource* from = net.peer(plain[0]).resource; from && from->header) finding.steps.push_back({from->header, "no proxy with mutual TLS on the way from here"});
    add_steps(finding.steps, net.explain(plain[0], own), ports);
    rest_on(question, finding);
    judgement.findings.push_back(std::move(finding));
  }
  conclude(judgement);
  return judgement;
}

// Without this policy something would be different.
NativeJudgement policy_matters(const Question& question) {
  constexpr std::size_t most_classes = 120, most_policies = 400;
  NativeJudgement judgement;
  const net::Connectivity& net = question.cluster.net;
  std::vector<std::size_t> own;
  for (std::size_t i = 0; i < net.model().policies.size(); ++i)
    if (net.model().policies[i].resource == &question.resource) own.push_back(i);
  const auto selects = [&](std::size_t i) {
    const net::Policy& policy = net.model().policies[i];
    return !policy.subjects.empty() || !policy.maybe_subjects.empty();
  };
  // What selects nothing is another rule's.
  if (own.empty() || std::ranges::none_of(own, selects) || !question.enforced()) return judgement;
  if (net.class_count() > most_classes || net.model().policies.size() > most_policies) {
    NativeFinding finding;
    finding.verdict = Verdict::unknown;
    finding.message = "whether the policy changes anything was not computed";
    finding.why = "more than " + std::to_string(most_classes) + " kinds of workloads or " + std::to_string(most_policies) + " policies";
    judgement.findings.push_back(std::move(finding));
    conclude(judgement);
    return judgement;
  }
  net::Connectivity without{net::Model(net.model())};
  without.replace(own, {});
  const auto count = static_cast<net::PeerId>(net.peers().size());
  const auto differs = [&] {
    std::set<net::ClassId> seen;
    std::vector<net::PeerId> examples;
    for (net::PeerId id = 0; id < count; ++id)
      if (net.kind(id) != net::PeerKind::entry && seen.insert(net.class_of(id)).second) examples.push_back(id);
    for (const net::PeerId from : examples) {
      for (const net::Family family : {net::Family::ipv4, net::Family::ipv6}) {
        const auto same = [](const net::RangeConnection& a, const net::RangeConnection& b) { return a.range == b.range && a.connection == b.connection; };
        if (!std::ranges::equal(net.to_outside(from, family), without.to_outside(from, family), same)) return true;
        if (!std::ranges::equal(net.from_outside(from, family), without.from_outside(from, family), same)) return true;
      }
      for (const net::PeerId to : examples)
        for (const net::NetworkId network : net.shared_networks(from, to))
          if (!(net.between(from, to, network) == without.between(from, to, network))) return true;
    }
    // What the inputs do not hold, say any pod of another namespace, may be told apart by this policy alone.
    for (const std::size_t i : own) {
      for (const net::Rule& rule : net.model().policies[i].rules)
        if (rule.peers.empty() && rule.maybe_peers.empty()) return true;
    }
    return false;
  };
  if (!differs()) {
    NativeFinding finding;
    finding.verdict = Verdict::fail;
    finding.message = "the policy changes nothing: what it allows and closes, others allow and close as well";
    std::set<const Resource*> others;
    for (const std::size_t i : own)
      for (const net::Policy& policy : net.model().policies)
        if (policy.resource && policy.resource != &question.resource && policy.direction == net.model().policies[i].direction &&
            !(policy.subjects & net.model().policies[i].subjects).empty() && others.insert(policy.resource).second && policy.resource->header &&
            finding.steps.size() < 4)
          finding.steps.push_back({policy.resource->header, "`" + object_name(policy.resource) + "` governs the same workloads"});
    judgement.findings.push_back(std::move(finding));
  }
  conclude(judgement);
  return judgement;
}

struct Named {
  std::string_view name;
  Property judge;
  bool mesh = false;  // asked with the mesh's policies
};
constexpr std::array properties = {
    Named{"network/reaches-name-servers", reaches_name_servers},
    Named{"network/mesh-encrypted", mesh_encrypted, true},
    Named{"network/not-exposed", not_exposed},
    Named{"network/reached-within-namespace", reached_within_namespace},
    Named{"network/announced-ports-admitted", announced_ports_admitted},
    Named{"network/policy-matters", policy_matters},
};

class NetworkProperty final : public NativeRule {
 public:
  NetworkProperty(const Named& property, const SelectedRule& rule, std::shared_ptr<Networks> networks)
      : property_(property), rule_(rule), networks_(std::move(networks)) {}

  bool pairs_with(const Graph&, const Resource&) const override { return true; }
  NativeJudgement judge(const Graph& graph, const Resource& resource, Arena&) const override {
    Networks::Locked locked = networks_->of(resource.scope, property_.mesh);
    return property_.judge({graph, resource, rule_, locked.cluster});
  }

 private:
  const Named& property_;
  const SelectedRule& rule_;
  std::shared_ptr<Networks> networks_;
};

}  // namespace

std::shared_ptr<const NativeRule> network_property(std::string_view name, const SelectedRule& rule, std::shared_ptr<Networks> networks) {
  for (const Named& property : properties)
    if (property.name == name) return std::make_shared<NetworkProperty>(property, rule, std::move(networks));
  return nullptr;
}

std::vector<std::string_view> network_property_names() {
  std::vector<std::string_view> names;
  for (const Named& property : properties) names.push_back(property.name);
  return names;
}

}  // namespace assay::kubernetes

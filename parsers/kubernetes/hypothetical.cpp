#include "parsers/kubernetes/hypothetical.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "engine/net/addresses.hpp"
#include "parsers/kubernetes/workload.hpp"

namespace assay::kubernetes {
namespace {

using proof::Term;
using proof::Terms;

constexpr std::string_view policy_type = "k8s:networking.k8s.io/NetworkPolicy";
constexpr std::string_view name_label = "kubernetes.io/metadata.name";

// Families whose meaning is not written as formulas here.
constexpr std::string_view others[] = {
    "k8s:policy.networking.k8s.io/AdminNetworkPolicy",  "k8s:policy.networking.k8s.io/BaselineAdminNetworkPolicy",
    "k8s:policy.networking.k8s.io/ClusterNetworkPolicy", "k8s:k8s.cni.cncf.io/MultiNetworkPolicy",
    "k8s:crd.projectcalico.org/NetworkPolicy",          "k8s:crd.projectcalico.org/GlobalNetworkPolicy",
    "k8s:projectcalico.org/NetworkPolicy",              "k8s:projectcalico.org/GlobalNetworkPolicy",
    "k8s:cilium.io/CiliumNetworkPolicy",                "k8s:cilium.io/CiliumClusterwideNetworkPolicy",
};

// The values that selectors tell apart, by label.
struct Vocabulary {
  std::map<std::string, std::set<std::string>> pods, spaces;
  std::set<std::string> port_names;

  static void add(std::map<std::string, std::set<std::string>>& to, const std::vector<Requirement>& requirements) {
    for (const Requirement& requirement : requirements) {
      std::set<std::string>& values = to[std::string(requirement.key)];
      for (const std::string_view value : requirement.values) values.emplace(value);
    }
  }
  void add_pods(const Selector& selector) { add(pods, selector.requirements()); }
  void add_spaces(const Selector& selector) { add(spaces, selector.requirements()); }
};

struct Space {
  std::string name;
  Labels labels;
  bool known = false;  // an object says its labels
};

// One end of a connection whose pod is a variable, or given.
class End {
 public:
  End(Terms& terms, std::string name, const Vocabulary& words, const std::vector<Space>& spaces, std::vector<Term>& setting)
      : terms_(terms), name_(std::move(name)), words_(words), spaces_(spaces) {
    outside_ = terms.variable(name_ + ".outside", proof::Sort::boolean);
    address_ = terms.variable(name_ + ".address", proof::Sort::integer);
    setting.push_back(within(address_, 0, 0xffffffffll));
    // 0 is a namespace that the inputs do not name.
    space_ = terms.variable(name_ + ".namespace", proof::Sort::integer);
    setting.push_back(within(space_, 0, static_cast<std::int64_t>(spaces.size())));
    for (const auto& [key, values] : words.pods) {
      Term label = terms.variable(name_ + ".label " + key, proof::Sort::integer);
      setting.push_back(within(label, 0, static_cast<std::int64_t>(values.size()) + 1));
    }
    for (const auto& [key, values] : words.spaces) {
      Term label = terms.variable(name_ + ".namespace label " + key, proof::Sort::integer);
      setting.push_back(within(label, 0, static_cast<std::int64_t>(values.size()) + 1));
      for (std::size_t n = 0; n < spaces.size(); ++n) {
        // Every namespace carries its own name; what else it carries only its object says.
        const bool own_name = key == name_label;
        if (!spaces[n].known && !own_name) continue;
        const std::string_view value = own_name ? std::string_view(spaces[n].name) : spaces[n].labels.map.find(key).as_string();
        const bool present = own_name || spaces[n].labels.map.find(key);
        setting.push_back(terms.implies(in_space(n), terms.equal(label, terms.number(present ? number(values, value) : 0))));
      }
      // A namespace of another name has a name, though none of those that the inputs use.
      if (key == name_label) {
        std::vector<Term> excluded;
        for (const Space& space : spaces)
          if (values.contains(space.name)) excluded.push_back(terms.equal(label, terms.number(number(values, space.name))));
        setting.push_back(terms.implies(terms.equal(space_, terms.number(0)),
                                        terms.all({terms.less(terms.number(0), label), terms.not_(terms.any(excluded))})));
      }
    }
    for (const std::string& port : words.port_names) {
      Term number = terms.variable(name_ + ".port " + port, proof::Sort::integer);
      setting.push_back(within(number, 0, 65535));
    }
  }

  Term outside() const { return outside_; }
  Term in_space(std::size_t n) const { return terms_.equal(space_, terms_.number(static_cast<std::int64_t>(n) + 1)); }

  Term label(const Requirement& requirement) const { return match(requirement, ".label ", words_.pods); }
  Term space_label(const Requirement& requirement) const { return match(requirement, ".namespace label ", words_.spaces); }
  Term pods(const Selector& selector) const { return all(selector.requirements(), [&](const Requirement& r) { return label(r); }); }
  Term spaces(const Selector& selector) const { return all(selector.requirements(), [&](const Requirement& r) { return space_label(r); }); }
  Term address_in(const net::Interval<net::Address>& range) const {
    if (range.first.family != net::Family::ipv4) return terms_.truth(false);
    return within(address_, static_cast<std::int64_t>(range.first.low), static_cast<std::int64_t>(range.last.low));
  }
  Term port_named(const std::string& port) const { return terms_.variable(name_ + ".port " + port, proof::Sort::integer); }

  // A pod of the input: labels and namespace as they are.
  void is(const Labels& labels, std::size_t space, const std::map<std::string, int>& ports, std::vector<Term>& setting) const {
    setting.push_back(terms_.not_(outside_));
    setting.push_back(in_space(space));
    for (const auto& [key, values] : words_.pods) {
      const Value value = labels.map.find(key);
      Term label = terms_.variable(name_ + ".label " + key, proof::Sort::integer);
      if (value || !is_added_label(key)) setting.push_back(terms_.equal(label, terms_.number(value ? number(values, value.as_string()) : 0)));
    }
    for (const std::string& port : words_.port_names) {
      const auto found = ports.find(port);
      setting.push_back(terms_.equal(port_named(port), terms_.number(found == ports.end() ? 0 : found->second)));
    }
  }

  WitnessPod witness(const proof::Assignment& model) const {
    WitnessPod pod;
    const auto value = [&](const std::string& variable) {
      const auto found = model.find(name_ + variable);
      const auto* integer = found == model.end() ? nullptr : std::get_if<proof::Integer>(&found->second);
      return integer ? static_cast<std::int64_t>(*integer) : 0;
    };
    if (const auto found = model.find(name_ + ".outside"); found != model.end() && std::get<bool>(found->second)) {
      pod.address = net::format_address({net::Family::ipv4, 0, static_cast<std::uint64_t>(value(".address"))});
      return pod;
    }
    const std::int64_t space = value(".namespace");
    pod.ns = space == 0 ? "any-other" : spaces_[static_cast<std::size_t>(space) - 1].name;
    const auto fill = [&](const std::map<std::string, std::set<std::string>>& words, const std::string& kind, std::map<std::string, std::string>& to) {
      for (const auto& [key, values] : words) {
        const std::int64_t number = value(kind + key);
        if (number == 0) continue;
        std::string text = "other";
        if (static_cast<std::size_t>(number) <= values.size()) text = *std::next(values.begin(), number - 1);
        else while (values.contains(text)) text += "-x";
        to.emplace(key, text);
        if (key == name_label && kind == ".namespace label " && space == 0) pod.ns = text;
      }
    };
    fill(words_.pods, ".label ", pod.labels);
    fill(words_.spaces, ".namespace label ", pod.namespace_labels);
    return pod;
  }

 private:
  Term within(Term value, std::int64_t least, std::int64_t most) const {
    return terms_.all({terms_.at_most(terms_.number(least), value), terms_.at_most(value, terms_.number(most))});
  }

  static std::int64_t number(const std::set<std::string>& values, std::string_view value) {
    const auto found = values.find(std::string(value));
    return found == values.end() ? static_cast<std::int64_t>(values.size()) + 1 : std::distance(values.begin(), found) + 1;
  }

  // apimachinery, labels.Requirement.Matches: NotIn holds where the label is absent.
  Term match(const Requirement& requirement, const std::string& kind, const std::map<std::string, std::set<std::string>>& words) const {
    const std::string key(requirement.key);
    const Term label = terms_.variable(name_ + kind + key, proof::Sort::integer);
    const Term absent = terms_.equal(label, terms_.number(0));
    std::vector<Term> equal;
    for (const std::string_view value : requirement.values) equal.push_back(terms_.equal(label, terms_.number(number(words.at(key), value))));
    switch (requirement.op) {
      case Requirement::Operator::in: return terms_.any(equal);
      case Requirement::Operator::not_in: return terms_.not_(terms_.any(equal));
      case Requirement::Operator::exists: return terms_.not_(absent);
      case Requirement::Operator::does_not_exist: return absent;
    }
    return terms_.truth(false);
  }

  template <typename Of>
  Term all(const std::vector<Requirement>& requirements, Of of) const {
    std::vector<Term> terms;
    for (const Requirement& requirement : requirements) terms.push_back(of(requirement));
    return terms_.all(terms);
  }

  Terms& terms_;
  std::string name_;
  const Vocabulary& words_;
  const std::vector<Space>& spaces_;
  Term outside_, address_, space_;
};

// --- policies as they are written --------------------------------------------------------------------------

struct WrittenPort {
  net::Protocol protocol = net::Protocol::tcp;
  std::uint16_t first = 1, last = 65535;
  std::string name;
};
struct WrittenPeer {
  std::optional<Selector> pods, spaces;
  net::AddressSet block;
  bool is_block = false;
};
struct WrittenRule {
  bool everybody = false, every_port = false;
  std::vector<WrittenPeer> peers;
  std::vector<WrittenPort> ports;
};
struct Written {
  std::string ns;
  Selector subject;
  bool closes[2] = {false, true};  // egress, ingress
  std::vector<WrittenRule> rules[2];
};

struct Policies {
  std::vector<Written> all;
  std::string trouble;  // why the question cannot be asked
};

std::optional<WrittenPort> read_port(Value entry) {
  WrittenPort port;
  const std::string_view protocol = entry.find("protocol").as_string();
  if (protocol == "UDP") port.protocol = net::Protocol::udp;
  else if (protocol == "SCTP") port.protocol = net::Protocol::sctp;
  else if (!protocol.empty() && protocol != "TCP") return std::nullopt;
  const Value number = entry.find("port"), end = entry.find("endPort");
  if (!number || number.is_null()) return port;
  if (number.is_string()) {
    port.name = number.as_string();
    return port;
  }
  const std::int64_t first = number.as_int(), last = end && !end.is_null() ? end.as_int() : first;
  if (first < 1 || last > 65535 || last < first) return std::nullopt;
  port.first = static_cast<std::uint16_t>(first);
  port.last = static_cast<std::uint16_t>(last);
  return port;
}

std::optional<WrittenPeer> read_peer(Value entry) {
  WrittenPeer peer;
  const Value pods = entry.find("podSelector"), spaces = entry.find("namespaceSelector"), block = entry.find("ipBlock");
  if (block && block.is_map()) {
    if (pods || spaces) return std::nullopt;
    const auto whole = net::parse_block(block.find("cidr").as_string());
    if (!whole) return std::nullopt;
    net::AddressSet set(whole->first, whole->last);
    for (const Value except : block.find("except").items()) {
      const auto hole = net::parse_block(except.as_string());
      if (!hole) return std::nullopt;
      set = set - net::AddressSet(hole->first, hole->last);
    }
    peer.block = std::move(set);
    peer.is_block = true;
    return peer;
  }
  if (!pods && !spaces) return std::nullopt;
  if (pods) peer.pods = Selector::of_label_selector(pods);
  if (spaces) peer.spaces = Selector::of_label_selector(spaces);
  if ((peer.pods && !peer.pods->valid()) || (peer.spaces && !peer.spaces->valid())) return std::nullopt;
  return peer;
}

std::optional<Written> read_policy(const Resource& policy) {
  Written written;
  written.ns = policy.ns;
  const Value spec = policy.value.find("spec");
  written.subject = Selector::of_label_selector(spec.find("podSelector"));
  if (!written.subject.valid()) return std::nullopt;
  written.closes[0] = spec.find("egress").size() > 0;
  if (const Value types = spec.find("policyTypes"); types.size() > 0) {
    written.closes[0] = written.closes[1] = false;
    for (const Value type : types.items()) {
      if (type.as_string() == "Egress") written.closes[0] = true;
      else if (type.as_string() == "Ingress") written.closes[1] = true;
      else return std::nullopt;
    }
  }
  for (std::size_t side = 0; side < 2; ++side) {
    for (const Value entry : spec.find(side == 0 ? "egress" : "ingress").items()) {
      WrittenRule rule;
      const Value peers = entry.find(side == 0 ? "to" : "from"), ports = entry.find("ports");
      rule.everybody = peers.size() == 0;
      for (const Value one : peers.items()) {
        auto peer = read_peer(one);
        if (!peer) return std::nullopt;
        rule.peers.push_back(std::move(*peer));
      }
      rule.every_port = ports.size() == 0;
      for (const Value one : ports.items()) {
        auto port = read_port(one);
        if (!port) return std::nullopt;
        rule.ports.push_back(std::move(*port));
      }
      written.rules[side].push_back(std::move(rule));
    }
  }
  return written;
}

Policies policies_of(const Graph& graph, ScopeId scope) {
  Policies policies;
  for (const std::string_view type : others)
    for (const ResourceId id : graph.of_type(type))
      if (graph.resource(id).scope == scope && policies.trouble.empty())
        policies.trouble = "`" + graph.resource(id).address + "` is of a family of policies that is not encoded";
  for (const ResourceId id : graph.of_type(policy_type)) {
    const Resource& policy = graph.resource(id);
    if (policy.scope != scope) continue;
    auto written = read_policy(policy);
    if (written) policies.all.push_back(std::move(*written));
    else if (policies.trouble.empty()) policies.trouble = "`" + policy.address + "` cannot be understood";
  }
  return policies;
}

void add_words(Vocabulary& words, const Policies& policies) {
  for (const Written& policy : policies.all) {
    words.add_pods(policy.subject);
    for (const auto& rules : policy.rules)
      for (const WrittenRule& rule : rules) {
        for (const WrittenPeer& peer : rule.peers) {
          if (peer.pods) words.add_pods(*peer.pods);
          if (peer.spaces) words.add_spaces(*peer.spaces);
        }
        for (const WrittenPort& port : rule.ports)
          if (!port.name.empty()) words.port_names.insert(std::to_string(static_cast<int>(port.protocol)) + port.name);
      }
  }
}

void add_spaces(std::vector<Space>& spaces, const Graph& graph, ScopeId scope) {
  std::map<std::string, Space> found;
  for (const Space& space : spaces) found.emplace(space.name, space);
  for (const Resource& resource : graph.resources()) {
    if (resource.scope != scope) continue;
    if (!resource.ns.empty()) found.try_emplace(std::string(resource.ns), Space{std::string(resource.ns), {}, false});
    if (resource.type != "k8s:Namespace" || resource.implied) continue;
    Space& space = found[std::string(resource.name)];
    space = {std::string(resource.name), {resource.value.at({"metadata", "labels"}), {}, {}, resource.name}, true};
  }
  spaces.clear();
  for (auto& [name, space] : found) spaces.push_back(std::move(space));
}

// What a set of policies lets pass between two ends.
struct Encoding {
  Terms& terms;
  const std::vector<Space>& spaces;
  const End &from, &to;
  Term port, protocol;

  Term is_protocol(net::Protocol wanted) const { return terms.equal(protocol, terms.number(static_cast<int>(wanted))); }

  std::size_t space(const std::string& name) const {
    return static_cast<std::size_t>(std::ranges::find(spaces, name, &Space::name) - spaces.begin());
  }

  Term subject(const Written& policy, const End& end) const {
    return terms.all({terms.not_(end.outside()), end.in_space(space(policy.ns)), end.pods(policy.subject)});
  }

  Term port_matches(const WrittenPort& written) const {
    if (!written.name.empty()) {
      const Term own = to.port_named(std::to_string(static_cast<int>(written.protocol)) + written.name);
      return terms.all({is_protocol(written.protocol), terms.not_(to.outside()), terms.equal(port, own)});
    }
    return terms.all({is_protocol(written.protocol), terms.at_most(terms.number(written.first), port), terms.at_most(port, terms.number(written.last))});
  }

  Term peer_matches(const WrittenPeer& peer, const Written& policy, const End& other) const {
    if (peer.is_block) {
      std::vector<Term> ranges;
      for (const auto& range : peer.block.intervals()) ranges.push_back(other.address_in(range));
      return terms.all({other.outside(), terms.any(ranges)});
    }
    std::vector<Term> needed{terms.not_(other.outside())};
    needed.push_back(peer.spaces ? other.spaces(*peer.spaces) : other.in_space(space(policy.ns)));
    if (peer.pods) needed.push_back(other.pods(*peer.pods));
    return terms.all(needed);
  }

  // unsatisfiable with `not` iff every policy of the side lets every packet pass
  Term side(const Policies& policies, std::size_t direction) const {
    const End &own = direction == 0 ? from : to, &other = direction == 0 ? to : from;
    std::vector<Term> closing, admitting;
    for (const Written& policy : policies.all) {
      if (!policy.closes[direction]) continue;
      const Term selected = subject(policy, own);
      closing.push_back(selected);
      for (const WrittenRule& rule : policy.rules[direction]) {
        std::vector<Term> peers, ports;
        for (const WrittenPeer& peer : rule.peers) peers.push_back(peer_matches(peer, policy, other));
        for (const WrittenPort& one : rule.ports) ports.push_back(port_matches(one));
        admitting.push_back(terms.all({selected, rule.everybody ? terms.truth(true) : terms.any(peers), rule.every_port ? terms.truth(true) : terms.any(ports)}));
      }
    }
    return terms.any({terms.not_(terms.any(closing)), terms.any(admitting)});
  }

  Term allowed(const Policies& policies) const { return terms.all({side(policies, 0), side(policies, 1)}); }
};

struct Question {
  Terms terms;
  std::vector<Term> setting;
  Vocabulary words;
  std::vector<Space> spaces;
  std::optional<End> from, to;
  Term port, protocol;

  void ends() {
    from.emplace(terms, "from", words, spaces, setting);
    to.emplace(terms, "to", words, spaces, setting);
    port = terms.variable("port", proof::Sort::integer);
    protocol = terms.variable("protocol", proof::Sort::integer);
    setting.push_back(terms.all({terms.at_most(terms.number(1), port), terms.at_most(port, terms.number(65535))}));
    setting.push_back(terms.all({terms.at_most(terms.number(0), protocol), terms.at_most(protocol, terms.number(2))}));
    // Policies say nothing of what is outside on both sides.
    setting.push_back(terms.not_(terms.all({from->outside(), to->outside()})));
  }
  Encoding encoding() { return {terms, spaces, *from, *to, port, protocol}; }

  Possibility ask(Term violation, std::string_view comment) {
    Possibility result;
    const proof::Proven proven = proof::prove(terms, setting, violation);
    result.outcome = proven.outcome;
    result.reason = proven.reason;
    std::vector<Term> assertions = setting;
    assertions.push_back(violation);
    result.smtlib = proof::smtlib(terms, assertions, comment);
    if (proven.outcome == proof::Outcome::refuted) {
      result.from = from->witness(proven.witness);
      result.to = to->witness(proven.witness);
      result.port = static_cast<std::uint16_t>(std::get<proof::Integer>(proven.witness.at("port")));
      result.protocol = static_cast<net::Protocol>(static_cast<int>(std::get<proof::Integer>(proven.witness.at("protocol"))));
    }
    return result;
  }
};

std::map<std::string, int> named_ports(const Workload& workload) {
  std::map<std::string, int> ports;
  for (const std::string_view list : {"initContainers", "containers"})
    for (const Value container : workload.spec.find(list).items())
      for (const Value port : container.find("ports").items()) {
        net::Protocol protocol = net::Protocol::tcp;
        if (port.find("protocol").as_string() == "UDP") protocol = net::Protocol::udp;
        if (port.find("protocol").as_string() == "SCTP") protocol = net::Protocol::sctp;
        if (port.find("name").is_string())
          ports.emplace(std::to_string(static_cast<int>(protocol)) + std::string(port.find("name").as_string()), static_cast<int>(port.find("containerPort").as_int()));
      }
  return ports;
}

Possibility unknown(std::string reason) {
  Possibility result;
  result.reason = std::move(reason);
  return result;
}

}  // namespace

std::optional<std::vector<Requirement>> parse_selector(std::string_view text) {
  std::vector<Requirement> all;
  const auto trim = [](std::string_view part) {
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    return part;
  };
  const auto key_like = [](std::string_view word) {
    return !word.empty() && std::ranges::all_of(word, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.' || c == '/'; });
  };
  while (!(text = trim(text)).empty()) {
    // A comma inside parentheses separates values.
    std::size_t end = 0;
    for (int depth = 0; end < text.size() && (depth > 0 || text[end] != ','); ++end) depth += text[end] == '(' ? 1 : text[end] == ')' ? -1 : 0;
    std::string_view part = trim(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
    Requirement requirement;
    const std::size_t open = part.find('('), equals = part.find('=');
    if (open != part.npos && part.ends_with(')')) {
      std::string_view head = trim(part.substr(0, open)), values = part.substr(open + 1, part.size() - open - 2);
      const std::size_t space = head.find(' ');
      if (space == head.npos) return std::nullopt;
      requirement.key = head.substr(0, space);
      const std::string_view op = trim(head.substr(space));
      if (op != "in" && op != "notin") return std::nullopt;
      requirement.op = op == "in" ? Requirement::Operator::in : Requirement::Operator::not_in;
      while (true) {
        const std::size_t comma = values.find(',');
        requirement.values.push_back(trim(values.substr(0, comma)));
        if (comma == values.npos) break;
        values.remove_prefix(comma + 1);
      }
    } else if (equals != part.npos) {
      const bool negated = equals > 0 && part[equals - 1] == '!';
      requirement.op = negated ? Requirement::Operator::not_in : Requirement::Operator::in;
      requirement.key = trim(part.substr(0, negated ? equals - 1 : equals));
      std::string_view value = part.substr(equals + 1);
      if (value.starts_with('=')) value.remove_prefix(1);
      requirement.values.push_back(trim(value));
    } else {
      const bool negated = part.starts_with('!');
      requirement.op = negated ? Requirement::Operator::does_not_exist : Requirement::Operator::exists;
      requirement.key = trim(negated ? part.substr(1) : part);
    }
    if (!key_like(requirement.key)) return std::nullopt;
    for (const std::string_view value : requirement.values)
      if (!value.empty() && !key_like(value)) return std::nullopt;
    all.push_back(std::move(requirement));
  }
  return all;
}

Possibility can_reach(const Graph& graph, ScopeId scope, const PodPattern& from, const Resource& resource, const net::PortSet& ports) {
  const Policies policies = policies_of(graph, scope);
  if (!policies.trouble.empty()) return unknown(policies.trouble);
  const auto target = workload(resource.type, resource.value);
  if (!target) return unknown("`" + resource.address + "` makes no pods");
  if (target->spec.find("hostNetwork").as_bool()) return unknown("its pods use their node's network, where policies need not hold");
  Question question;
  add_words(question.words, policies);
  Vocabulary::add(question.words.pods, from.labels);
  add_spaces(question.spaces, graph, scope);
  if (!from.ns.empty() && std::ranges::find(question.spaces, from.ns, &Space::name) == question.spaces.end()) question.spaces.push_back({from.ns, {}, false});
  question.ends();
  const Encoding encoding = question.encoding();
  question.to->is(pod_labels(*target, resource.name), encoding.space(std::string(resource.ns)), named_ports(*target), question.setting);
  question.setting.push_back(question.terms.not_(question.from->outside()));
  for (const Requirement& requirement : from.labels) question.setting.push_back(question.from->label(requirement));
  if (!from.ns.empty()) question.setting.push_back(question.from->in_space(encoding.space(from.ns)));
  std::vector<Term> among;
  for (const net::Protocol protocol : {net::Protocol::sctp, net::Protocol::tcp, net::Protocol::udp})
    for (const auto& range : ports.ports(protocol).intervals())
      among.push_back(question.terms.all({encoding.is_protocol(protocol), question.terms.at_most(question.terms.number(range.first), question.port),
                                          question.terms.at_most(question.port, question.terms.number(range.last))}));
  question.setting.push_back(question.terms.any(among));
  return question.ask(encoding.allowed(policies), "unsat: no such pod can reach " + std::string(resource.address));
}

Possibility opens(const Graph& earlier, ScopeId earlier_scope, const Graph& later, ScopeId later_scope) {
  const Policies before = policies_of(earlier, earlier_scope), after = policies_of(later, later_scope);
  for (const Policies* one : {&before, &after})
    if (!one->trouble.empty()) return unknown(one->trouble);
  Question question;
  add_words(question.words, before);
  add_words(question.words, after);
  // Labels of namespaces as the later input says them, else the earlier.
  add_spaces(question.spaces, earlier, earlier_scope);
  add_spaces(question.spaces, later, later_scope);
  question.ends();
  const Encoding encoding = question.encoding();
  return question.ask(question.terms.all({encoding.allowed(after), question.terms.not_(encoding.allowed(before))}),
                      "unsat: nothing is allowed that was not allowed before");
}

Formula connection_formula(const Graph& graph, ScopeId scope, const Resource& from, const Resource& to) {
  const Policies policies = policies_of(graph, scope);
  Question question;
  add_words(question.words, policies);
  add_spaces(question.spaces, graph, scope);
  question.ends();
  const Encoding encoding = question.encoding();
  for (const auto& [end, resource] : {std::pair(&*question.from, &from), std::pair(&*question.to, &to)}) {
    const auto pods = workload(resource->type, resource->value);
    if (pods) end->is(pod_labels(*pods, resource->name), encoding.space(std::string(resource->ns)), named_ports(*pods), question.setting);
  }
  const Term allowed = policies.trouble.empty() ? encoding.allowed(policies) : question.terms.truth(false);
  return {std::move(question.terms), std::move(question.setting), allowed};
}

}  // namespace assay::kubernetes

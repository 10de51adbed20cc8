#include "parsers/kubernetes/connectivity_builder.hpp"

#include <algorithm>
#include <set>

#include "parsers/kubernetes/adapter.hpp"

namespace assay::kubernetes {
namespace {

using net::AtomId;
using net::AtomSet;

// Labels whose values controllers decide at run time, or that differ between the pods of one workload.
constexpr std::string_view run_time_labels[] = {
    "pod-template-hash", "controller-revision-hash", "pod-template-generation", "controller-uid",
    "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-completion-index", "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index"};

bool decided_at_run_time(std::string_view key) {
  return std::find(std::begin(run_time_labels), std::end(run_time_labels), key) != std::end(run_time_labels);
}

std::string key_of(const Selector& selector) {
  std::string key;
  for (const Requirement& requirement : selector.requirements()) {
    key.append(requirement.key).append(1, '\1').append(1, static_cast<char>('0' + static_cast<int>(requirement.op)));
    for (const std::string_view value : requirement.values) key.append(1, '\1').append(value);
    key += '\2';
  }
  return key;
}

net::Protocol protocol_of(std::string_view name) {
  return name == "UDP" ? net::Protocol::udp : name == "SCTP" ? net::Protocol::sctp : net::Protocol::tcp;
}

// Ports that a pod's containers give names, those without a name too: Services look them up by number.
std::vector<net::OwnPort> own_ports(Value spec) {
  std::vector<net::OwnPort> ports;
  const auto of = [&](Value container) {
    for (const Value port : container.find("ports").items()) {
      const std::int64_t number = port.find("containerPort").as_int();
      if (number < 1 || number > 65535) continue;
      ports.push_back({port.find("name").as_string(), protocol_of(port.find("protocol").as_string()), static_cast<std::uint16_t>(number)});
    }
  };
  for (const Value container : spec.find("containers").items()) of(container);
  for (const Value container : spec.find("initContainers").items())
    if (container.find("restartPolicy").as_string() == "Always") of(container);
  return ports;
}

std::string_view kind_of(const Resource& resource) {
  const std::string_view type = resource.type;
  const auto cut = type.find_last_of("/:");
  return cut == std::string_view::npos ? type : type.substr(cut + 1);
}

// The controller among the owners, where it is a workload of the input; else nothing.
const Resource* owning_workload(const Graph& graph, const Resource& resource) {
  for (const Edge* edge : graph.sources(resource.id, EdgeKind::owns)) {
    const Resource& owner = graph.resource(edge->from);
    if (owner.id != resource.id && is_workload(owner.type)) return &owner;
  }
  return nullptr;
}

const net::AddressSet& private_addresses() {
  static const net::AddressSet local = [] {
    net::AddressSet blocks;
    for (const std::string_view block : {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"}) {
      const auto interval = *net::parse_block(block);
      blocks = blocks | net::AddressSet(interval.first, interval.last);
    }
    return blocks;
  }();
  return local;
}

void every_block(Value value, int depth, std::vector<net::Interval<net::Address>>& blocks) {
  if (depth > 24) return;
  if (value.is_string()) {
    const std::string_view text = value.as_string();
    if (text.size() > 50) return;
    if (const auto block = net::parse_block(text)) blocks.push_back(*block);
    else if (const auto address = net::parse_address(text)) blocks.push_back({*address, *address});
    return;
  }
  for (const Value item : value.items()) every_block(item, depth + 1, blocks);
  for (const Entry& entry : value.entries()) every_block(entry.value, depth + 1, blocks);
}

}  // namespace

Selected operator|(const Selected& left, const Selected& right) {
  const AtomSet sure = left.sure | right.sure;
  return {sure, (left.maybe | right.maybe) - sure};
}

Value place(Value value, Value parent) { return value && value.span() ? value : parent; }

NetBuilder::NetBuilder(const Graph& graph, ScopeId scope, const ConnectivityOptions& options)
    : graph(graph), scope(scope), options(options) {
  plan_tiers(*this);
  by_resource.assign(graph.resources().size(), net::no_peer);
  collect_namespaces();
  add_networks(*this);
  collect_pods();
  collect_others();
}

std::vector<const Resource*> NetBuilder::objects(std::string_view type) const {
  std::vector<const Resource*> result;
  for (const ResourceId id : graph.of_type(type))
    if (graph.resource(id).scope == scope) result.push_back(&graph.resource(id));
  return result;
}

std::uint32_t NetBuilder::namespace_index(std::string_view name) const {
  const auto found = namespace_numbers_.find(name);
  return found == namespace_numbers_.end() ? 0xffffffffu : found->second;
}

void NetBuilder::premise(std::string text, PremiseStatus status) {
  Premise made{std::move(text), status};
  if (std::find(premises.begin(), premises.end(), made) == premises.end()) premises.push_back(std::move(made));
}

void NetBuilder::collect_namespaces() {
  for (const Resource& resource : graph.resources())
    if (resource.scope == scope && !resource.ns.empty()) namespace_numbers_.emplace(resource.ns, 0);
  for (const Resource* resource : objects("k8s:Namespace")) namespace_numbers_.emplace(resource->name, 0);
  for (auto& [name, number] : namespace_numbers_) {
    number = static_cast<std::uint32_t>(namespaces.size());
    namespaces.push_back({name, nullptr, {}, {}});
  }
  for (const Resource* resource : objects("k8s:Namespace")) {
    NamespaceInfo& info = namespaces[namespace_index(resource->name)];
    if (info.resource) continue;
    info.resource = resource;
    info.labels.map = resource->value.at({"metadata", "labels"});
  }
  // The map's keys stay where they are when namespaces are added.
  for (const auto& [name, number] : namespace_numbers_) namespaces[number].labels.name_space = name;
}

Value NetBuilder::labels_of(const LabelList& labels) {
  std::vector<Entry> entries;
  for (const auto& [key, value] : labels) {
    Entry entry;
    entry.key_data = key.data();
    entry.key_size = static_cast<std::uint32_t>(key.size());
    entry.value = arena.string(value, {});
    entries.push_back(entry);
  }
  return arena.map(entries, {});
}

net::AtomId NetBuilder::add_hypothetical(std::string_view ns, const LabelList& ns_labels, const LabelList& labels) {
  PodAtom pod;
  pod.ns = namespace_index(ns);
  if (pod.ns >= namespaces.size()) {
    pod.ns = static_cast<std::uint32_t>(namespaces.size());
    NamespaceInfo info;
    info.name = ns;
    info.labels.map = labels_of(ns_labels);
    info.labels.name_space = namespace_numbers_.emplace(ns, pod.ns).first->first;
    namespaces.push_back(std::move(info));
  }
  pod.labels.map = labels_of(labels);
  const AtomId id = static_cast<AtomId>(pods.size());
  net::Atom atom;
  atom.kind = net::PeerKind::hypothetical;
  model.atoms.push_back(std::move(atom));
  pod_index_.add(pod.ns, id, pod.labels);
  pods.push_back(pod);
  namespaces[pod.ns].atoms = namespaces[pod.ns].atoms | AtomSet(id, id);
  return id;
}

void NetBuilder::collect_pods() {
  struct Found {
    const Resource* top;
    std::string name;
    Workload workload;
    std::vector<net::NetworkId> networks;
  };
  std::vector<std::vector<Found>> by_namespace(namespaces.size());
  std::vector<std::pair<ResourceId, ResourceId>> owned;
  for (const Resource& resource : graph.resources()) {
    if (resource.scope != scope || !is_workload(resource.type)) continue;
    const Resource* top = &resource;
    for (int steps = 0; steps < 8; ++steps) {
      const Resource* owner = owning_workload(graph, *top);
      if (!owner) break;
      top = owner;
    }
    if (top != &resource) {
      owned.emplace_back(resource.id, top->id);
      continue;
    }
    const auto made = workload(resource.type, resource.value);
    if (!made) continue;
    std::string name = resource.name;
    std::string_view kind = kind_of(resource);
    if (made->controller == Controller::pod) {
      for (const Value owner : resource.value.at({"metadata", "ownerReferences"}).items()) {
        if (!owner.find("controller").as_bool() || owner.find("kind").as_string() == "Node") continue;
        if (owner.find("name").as_string().empty() || owner.find("kind").as_string().empty()) continue;
        name = owner.find("name").as_string();
        kind = owner.find("kind").as_string();
        break;
      }
    }
    const std::uint32_t ns = namespace_index(resource.ns);
    std::vector<net::NetworkId> networks = networks_of(ns, resource, *made);
    const bool of_namespace = primary[ns].of_namespace && std::find(networks.begin(), networks.end(), primary[ns].id) != networks.end();
    by_namespace[ns].push_back({&resource, resource.ns + (of_namespace ? "[udn]/" : "/") + name + '[' + std::string(kind) + ']', *made,
                                std::move(networks)});
  }

  for (std::uint32_t ns = 0; ns < namespaces.size(); ++ns) {
    std::unordered_map<std::string, AtomId> known;
    std::unordered_map<std::string, net::PeerId> peers;
    const AtomId first = static_cast<AtomId>(pods.size());
    for (Found& found : by_namespace[ns]) {
      PodAtom pod;
      pod.ns = ns;
      pod.labels = pod_labels(found.workload, found.top->name);
      pod.settled = found.workload.controller == Controller::pod;
      pod.host_network = found.workload.spec.find("hostNetwork").as_bool();
      if (options.mesh) {
        pod.meshed = in_mesh(namespaces[ns].labels.map, found.workload);
        pod.service_account = found.workload.spec.find("serviceAccountName").as_string();
      }
      std::vector<net::OwnPort> ports = own_ports(found.workload.spec);
      std::vector<std::string> lines;
      for (const Entry& entry : pod.labels.map.entries())
        lines.push_back(std::string(entry.key()) + '\1' + (entry.value.is_string() ? std::string(entry.value.as_string()) : std::string("\3")));
      std::sort(lines.begin(), lines.end());
      std::string key;
      for (const std::string& line : lines) key.append(line).append(1, '\2');
      key.append(pod.labels.stateful_set).append(1, '\2').append(pod.labels.job).append(1, '\2');
      key += static_cast<char>('0' + pod.settled + 2 * pod.host_network + 4 * pod.meshed);
      key.append(pod.service_account).append(1, '\2');
      for (const net::OwnPort& port : ports)
        key.append(port.name).append(1, '\1').append(std::to_string(port.number)).append(1, static_cast<char>('a' + static_cast<int>(port.protocol)));
      for (const net::NetworkId network : found.networks) key.append(1, '\1').append(std::to_string(network));
      const auto [atom, added] = known.emplace(std::move(key), static_cast<AtomId>(pods.size()));
      if (added) {
        pod_index_.add(ns, atom->second, pod.labels);
        pods.push_back(pod);
        net::Atom made;
        made.ports = std::move(ports);
        made.networks = std::move(found.networks);
        made.maybe_governed = pod.host_network;
        model.atoms.push_back(std::move(made));
      }
      const auto [peer, fresh] = peers.emplace(found.name + std::to_string(atom->second), static_cast<net::PeerId>(model.peers.size()));
      if (fresh) model.peers.push_back({std::move(found.name), found.top, atom->second});
      by_resource[found.top->id] = peer->second;
    }
    if (pods.size() > first) namespaces[ns].atoms = AtomSet(first, static_cast<AtomId>(pods.size() - 1));
  }
  for (const auto& [id, top] : owned) by_resource[id] = by_resource[top];
  if (!objects("k8s:route.openshift.io/Route").empty())
    router = add_hypothetical("openshift-ingress",
                              {{"network.openshift.io/policy-group", "ingress"}, {"policy-group.network.openshift.io/ingress", ""},
                               {"policy-group.network.openshift.io/host-network", ""}, {"kubernetes.io/metadata.name", "openshift-ingress"}},
                              {{"ingresscontroller.operator.openshift.io/deployment-ingresscontroller", "default"}});
  bool has_name_servers = false;
  for (AtomId id = 0; id < pods.size() && !has_name_servers; ++id) {
    has_name_servers = namespaces[pods[id].ns].name == "kube-system" && pods[id].labels.map.find("k8s-app").as_string() == "kube-dns";
    if (has_name_servers) name_servers = id;
  }
  if (!has_name_servers) name_servers = add_hypothetical("kube-system", {{"kubernetes.io/metadata.name", "kube-system"}}, {{"k8s-app", "kube-dns"}});
  if (options.exposure) add_representatives(*this);
  for (std::uint32_t i = 0; i < namespaces.size(); ++i) namespace_index_.add(0, i, namespaces[i].labels);
}

void NetBuilder::collect_others() {
  const auto add = [&](net::PeerKind kind) {
    net::Atom atom;
    atom.kind = kind;
    model.atoms.push_back(std::move(atom));
    return static_cast<AtomId>(model.atoms.size() - 1);
  };
  entry_pod = add(net::PeerKind::entry);
  entry_addresses = add(net::PeerKind::entry);
  node = add(net::PeerKind::node);
  control_plane = add(net::PeerKind::control_plane);
  for (AtomId i = 0; i < pods.size(); ++i) {
    if (!pods[i].host_network) continue;
    model.atoms[i].alias = node;
    host_network = host_network | AtomSet(i, i);
  }
  entry_peer = static_cast<net::PeerId>(model.peers.size());
  model.peers.push_back({"{ingress-controller}", nullptr, entry_pod});
  balancer_peer = entry_peer + 1;
  model.peers.push_back({"{load-balancer}", nullptr, entry_addresses});
  model.peers.push_back({"{node}", nullptr, node});
  model.peers.push_back({"{api-server}", nullptr, control_plane});

  // Ranges between the ends of all blocks that policies name.
  std::vector<net::Interval<net::Address>> blocks;
  for (const Resource& resource : graph.resources()) {
    if (resource.scope != scope) continue;
    if (resource.type.find("Policy") != std::string::npos || resource.type.find("NetworkSet") != std::string::npos ||
        resource.type.find("IPPool") != std::string::npos || resource.type.find("CIDRGroup") != std::string::npos)
      every_block(resource.value, 0, blocks);
  }
  for (const net::Family family : {net::Family::ipv4, net::Family::ipv6}) {
    const auto whole = net::all_addresses(family).intervals()[0];
    std::set<net::Address> starts = {whole.first};
    for (const auto& block : blocks) {
      if (block.first.family != family) continue;
      starts.insert(block.first);
      if (block.last < whole.last) starts.insert(net::next(block.last));
    }
    for (auto at = starts.begin(); at != starts.end(); ++at) {
      const auto after = std::next(at);
      const AtomId id = add(net::PeerKind::range);
      model.atoms[id].range = {*at, after == starts.end() ? whole.last : net::previous(*after)};
      ranges_[static_cast<std::size_t>(family)].push_back(id);
    }
  }
}

bool NetBuilder::knows_blocks(Value value) const {
  std::vector<net::Interval<net::Address>> blocks;
  every_block(value, 0, blocks);
  return std::all_of(blocks.begin(), blocks.end(), [&](const auto& block) {
    const auto& ranges = ranges_[static_cast<std::size_t>(block.first.family)];
    const auto from = std::partition_point(ranges.begin(), ranges.end(), [&](AtomId id) { return model.atoms[id].range.first < block.first; });
    const auto to = std::partition_point(ranges.begin(), ranges.end(), [&](AtomId id) { return model.atoms[id].range.last < block.last; });
    return from != ranges.end() && model.atoms[*from].range.first == block.first && to != ranges.end() && model.atoms[*to].range.last == block.last;
  });
}

net::AtomSet NetBuilder::everybody() const { return AtomSet(0, static_cast<AtomId>(model.atoms.size() - 1)); }

net::AtomSet NetBuilder::all_pods() const {
  const AtomSet known = pods.empty() ? AtomSet() : AtomSet(0, static_cast<AtomId>(pods.size() - 1));
  return (known - host_network) | AtomSet(entry_pod, entry_pod);
}

net::AtomSet NetBuilder::ranges(net::Family family) const {
  const auto& all = ranges_[static_cast<std::size_t>(family)];
  return AtomSet(all.front(), all.back());
}

Match NetBuilder::match(const Selector& selector, const PodAtom& pod) const {
  if (!selector.matches(pod.labels)) {
    if (pod.settled) return Match::no;
    // A label that a controller adds may yet be what the selector wants; everything else must be as it wants.
    bool added = false;
    for (const Requirement& requirement : selector.requirements())
      added = added || (decided_at_run_time(requirement.key) && !pod.labels.map.find(requirement.key));
    if (!added) return Match::no;
    for (const Requirement& requirement : selector.requirements()) {
      if (decided_at_run_time(requirement.key) && !pod.labels.map.find(requirement.key)) continue;
      if (!matches(requirement, pod.labels)) return Match::no;
    }
    return Match::maybe;
  }
  if (pod.settled) return Match::yes;
  for (const Requirement& requirement : selector.requirements())
    if (decided_at_run_time(requirement.key) && !pod.labels.map.find(requirement.key)) return Match::maybe;
  return Match::yes;
}

const Selected& NetBuilder::remember(std::string key, const std::vector<std::uint32_t>& spaces, const Selector& selector) {
  const auto [found, added] = selected_.try_emplace(std::move(key));
  if (!added) return found->second;
  AtomSet::Intervals sure, maybe;
  const bool at_run_time = std::any_of(selector.requirements().begin(), selector.requirements().end(),
                                       [](const Requirement& requirement) { return decided_at_run_time(requirement.key); });
  const auto take = [&](AtomId id) {
    const Match matched = match(selector, pods[id]);
    if (matched == Match::no) return;
    AtomSet::Intervals& into = matched == Match::yes ? sure : maybe;
    if (!into.empty() && into.back().last + 1 == id)
      into.back().last = id;
    else
      into.push_back({id, id});
  };
  for (const std::uint32_t ns : spaces) {
    if (selector.empty()) {
      for (const auto& all : namespaces[ns].atoms.intervals()) sure.push_back(all);
    } else if (at_run_time) {
      for (const auto& all : namespaces[ns].atoms.intervals())
        for (AtomId id = all.first; id <= all.last; ++id) take(id);
    } else {
      for (const AtomId id : pod_index_.find(ns, selector)) take(id);
    }
  }
  found->second = {AtomSet::of(std::move(sure)), AtomSet::of(std::move(maybe))};
  return found->second;
}

Selected NetBuilder::pods_in(std::uint32_t ns, const Selector& selector) {
  if (!selector.valid() || ns >= namespaces.size()) return {};
  return remember("@" + std::to_string(ns) + '\4' + key_of(selector), {ns}, selector);
}

std::vector<std::uint32_t> NetBuilder::namespaces_by(const Selector& selector) {
  const auto [found, added] = selected_spaces_.try_emplace(key_of(selector));
  if (added) found->second = namespace_index_.find(0, selector);
  return found->second;
}

Selected NetBuilder::pods_by(const Selector& spaces, const Selector& selector) {
  if (!selector.valid() || !spaces.valid()) return {};
  std::string key = key_of(spaces) + '\4' + key_of(selector);
  const auto known = selected_.find(key);
  Selected result = known != selected_.end() ? known->second : remember(std::move(key), namespaces_by(spaces), selector);
  // What lets requests in runs in a namespace and has labels that the input does not say.
  const AtomSet entry(entry_pod, entry_pod);
  (spaces.empty() && selector.empty() ? result.sure : result.maybe) = (spaces.empty() && selector.empty() ? result.sure : result.maybe) | entry;
  return result;
}

Selected NetBuilder::addresses(const net::AddressSet& set) {
  Selected result;
  AtomSet::Intervals sure;
  for (const auto& interval : set.intervals()) {
    const auto& ranges = ranges_[static_cast<std::size_t>(interval.first.family)];
    const auto from = std::partition_point(ranges.begin(), ranges.end(), [&](AtomId id) { return model.atoms[id].range.first < interval.first; });
    const auto to = std::partition_point(ranges.begin(), ranges.end(), [&](AtomId id) { return !(interval.last < model.atoms[id].range.first); });
    if (from != to) sure.push_back({*from, *std::prev(to)});
  }
  // Nodes, the API server and load balancers have IPv4 addresses that the input does not say.
  AtomSet hidden(node, control_plane);
  if ((net::all_addresses(net::Family::ipv4) - set).empty()) {
    sure.push_back({entry_addresses, control_plane});
    hidden = {};
  } else if (!(set & private_addresses()).empty()) {
    sure.push_back({entry_addresses, entry_addresses});
    admits_private_addresses = true;
  }
  result.sure = AtomSet::of(std::move(sure));
  if (!(set & net::all_addresses(net::Family::ipv4)).empty()) result.maybe = hidden;
  return result;
}

Selected NetBuilder::addresses_of_all(const net::AddressSet& set) {
  Selected outside = addresses(set);
  const net::AddressSet ipv4 = net::all_addresses(net::Family::ipv4);
  if ((ipv4 - set).empty()) return outside | Selected{all_pods() | host_network, {}};
  if (!(set & ipv4).empty()) outside = outside | Selected{{}, host_network};
  if ((set & private_addresses() & ipv4).empty()) return outside;
  return outside | Selected{{}, all_pods()};
}

}  // namespace assay::kubernetes

// Networks beside the cluster's own: primary and secondary UserDefinedNetworks and ClusterUserDefinedNetworks
// (k8s.ovn.org/v1), NetworkAttachmentDefinitions (k8s.cni.cncf.io), and which of them pods and virtual machines are on.
//
// A primary network takes the place of the cluster's own for the namespaces that carry the label
// `k8s.ovn.org/primary-user-defined-network`; policies hold on it as they do on the cluster's. Attachments are networks of
// their own that only MultiNetworkPolicies reach. Sources: OVN-Kubernetes' "User Defined Networks", the Network Plumbing
// Group's de-facto standard (annotation `k8s.v1.cni.cncf.io/networks`), KubeVirt's "Interfaces and Networks".
#include <algorithm>

#include "parsers/kubernetes/connectivity_builder.hpp"

namespace assay::kubernetes {
namespace {

using net::NetworkId;

constexpr std::string_view primary_label = "k8s.ovn.org/primary-user-defined-network";
constexpr std::string_view code = "user-defined-network-invalid";

// The text under a key of a JSON object that has it once, without escapes: what annotations hold.
std::string_view text_of(std::string_view json, std::string_view key) {
  const std::string quoted = '"' + std::string(key) + '"';
  auto at = json.find(quoted);
  if (at == std::string_view::npos) return {};
  at = json.find_first_not_of(" \t\r\n", at + quoted.size());
  if (at == std::string_view::npos || json[at] != ':') return {};
  at = json.find_first_not_of(" \t\r\n", at + 1);
  if (at == std::string_view::npos || json[at] != '"') return {};
  const auto end = json.find('"', at + 1);
  return end == std::string_view::npos ? std::string_view() : json.substr(at + 1, end - at - 1);
}

std::string_view trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(" \t\r\n");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

std::string attachment(std::string_view written, std::string_view ns) {
  return written.find('/') == std::string_view::npos ? std::string(ns) + '/' + std::string(written) : std::string(written);
}

}  // namespace

std::vector<std::string> named_attachments(std::string_view written, std::string_view ns) {
  std::vector<std::string> result;
  written = trimmed(written);
  if (written.starts_with('[')) {
    for (auto open = written.find('{'); open != std::string_view::npos; open = written.find('{', open + 1)) {
      const std::string_view item = written.substr(open, written.find('}', open) - open);
      const std::string_view name = text_of(item, "name"), in = text_of(item, "namespace");
      if (!name.empty()) result.push_back(in.empty() ? attachment(name, ns) : std::string(in) + '/' + std::string(name));
    }
    return result;
  }
  while (!written.empty()) {
    const auto comma = std::min(written.find(','), written.size());
    std::string_view one = trimmed(written.substr(0, comma));
    one = one.substr(0, one.find('@'));
    if (!one.empty()) result.push_back(attachment(one, ns));
    written.remove_prefix(std::min(comma + 1, written.size()));
  }
  return result;
}

namespace {

struct Networks {
  NetBuilder& builder;
  std::map<std::string, NetworkId> by_name{};

  NetworkId network(std::string name, const Resource* resource, bool policies) {
    const auto [found, added] = by_name.emplace(name, static_cast<NetworkId>(builder.model.networks.size()));
    if (added) builder.model.networks.push_back({std::move(name), resource, policies});
    return found->second;
  }

  void warn(const Resource& resource, Value at, std::string message) {
    builder.diagnostics.warning(std::string(code), at && at.span() ? at.span() : resource.header, std::move(message));
  }

  // "Primary" or "Secondary"; empty: refused.
  std::string_view role(const Resource& resource, Value spec) {
    const Value topology = spec.find("topology");
    const std::string_view shape = topology.as_string();
    const std::string_view own = shape == "Layer2" ? "layer2" : shape == "Layer3" ? "layer3" : shape == "Localnet" ? "localnet" : "";
    const Value layer = own.empty() ? Value() : spec.find(own);
    const Value role = layer.find("role");
    if (role.as_string() == "Primary" || role.as_string() == "Secondary") return role.as_string();
    warn(resource, own.empty() ? topology : layer ? role : spec,
         own.empty() ? "a topology is `Layer2`, `Layer3` or `Localnet`: the network is left out"
                     : "the topology's settings need a `role` of `Primary` or `Secondary`: the network is left out");
    return {};
  }

  void make_primary(std::uint32_t ns, NetworkId id, const Resource& resource, bool of_namespace) {
    const std::string& name = builder.namespaces[ns].name;
    if (!builder.namespaces[ns].labels.map.find(primary_label))
      return warn(resource, {}, "namespace `" + name + "` does not carry the label `" + std::string(primary_label) + "`: it stays on the pod network");
    if (name == "default" || name.starts_with("openshift-"))
      return warn(resource, {}, "namespace `" + name + "` cannot have a primary network of its own: it stays on the pod network");
    NetBuilder::PrimaryNetwork& primary = builder.primary[ns];
    if (primary.id != 0)
      return warn(resource, {}, "namespace `" + name + "` has a primary network already: this one is left out");
    primary = {id, of_namespace};
  }

  void all() {
    builder.primary.assign(builder.namespaces.size(), {});
    for (const Resource* resource : builder.objects("k8s:k8s.ovn.org/UserDefinedNetwork")) {
      const std::string_view kind = role(*resource, resource->value.find("spec"));
      const std::uint32_t ns = builder.namespace_index(resource->ns);
      if (kind == "Primary")
        make_primary(ns, network(resource->ns, resource, true), *resource, true);
      else if (kind == "Secondary")
        builder.attachments[resource->ns + '/' + resource->name] = network(resource->ns + '/' + resource->name, resource, false);
    }
    for (const Resource* resource : builder.objects("k8s:k8s.ovn.org/ClusterUserDefinedNetwork")) {
      const Value spec = resource->value.find("spec"), selector = spec.find("namespaceSelector");
      const std::string_view kind = role(*resource, spec.find("network"));
      if (kind.empty() || !check_selector(selector, spec, code, builder.diagnostics)) continue;
      const Selector selected = Selector::of_label_selector(selector);
      for (std::uint32_t ns = 0; ns < builder.namespaces.size(); ++ns) {
        if (!selected.matches(builder.namespaces[ns].labels)) continue;
        if (kind == "Primary")
          make_primary(ns, network(resource->name, resource, true), *resource, false);
        else
          builder.attachments[builder.namespaces[ns].name + '/' + resource->name] = network(resource->name, resource, false);
      }
    }
    for (const Resource* resource : builder.objects("k8s:k8s.cni.cncf.io/NetworkAttachmentDefinition")) {
      const std::string_view named = text_of(resource->value.at({"spec", "config"}).as_string(), "name");
      builder.attachments.emplace(resource->ns + '/' + resource->name,
                                  network(named.empty() ? resource->name : std::string(named), resource, false));
    }
  }
};

}  // namespace

void add_networks(NetBuilder& builder) { Networks{builder}.all(); }

std::vector<net::NetworkId> NetBuilder::networks_of(std::uint32_t ns, const Resource& resource, const Workload& workload) {
  std::vector<NetworkId> result;
  if (workload.spec.find("hostNetwork").as_bool()) return {0};
  std::vector<std::string> named =
      named_attachments(workload.metadata.at({"annotations", "k8s.v1.cni.cncf.io/networks"}).as_string(), resource.ns);
  bool on_primary = true;
  if (resource.type.starts_with("k8s:kubevirt.io/")) {
    // A virtual machine is on the networks that it lists, on the pods' where it lists none.
    const Value networks = workload.spec.find("networks");
    on_primary = networks.size() == 0;
    for (const Value network : networks.items()) {
      if (network.find("pod")) on_primary = true;
      const Value name = network.at({"multus", "networkName"});
      if (name.is_string()) named.push_back(attachment(name.as_string(), resource.ns));
    }
  }
  if (on_primary) result.push_back(primary[ns].id);
  for (const std::string& name : named) {
    const auto [found, added] = attachments.emplace(name, static_cast<NetworkId>(model.networks.size()));
    if (added) model.networks.push_back({name, nullptr, false});
    result.push_back(found->second);
  }
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

}  // namespace assay::kubernetes

// Edges of what carries or restricts traffic: Services, Ingress, Gateway API, OpenShift, Istio, Traefik, Contour,
// network policies of Kubernetes, Cilium and the policy API.
#include <string>

#include "parsers/kubernetes/adapter.hpp"
#include "parsers/kubernetes/edges.hpp"

namespace assay::kubernetes {
namespace {

constexpr std::string_view service = "k8s:Service", secret = "k8s:Secret";
constexpr std::string_view gateway_group = "gateway.networking.k8s.io";

std::string_view text_or(Value value, std::string_view fallback) {
  return value.is_string() && !value.as_string().empty() ? value.as_string() : fallback;
}

// --- Services ----------------------------------------------------------------------------------------

void service_edges(Linker& linker, const Resource& from) {
  const Value written = from.value.at({"spec", "selector"});
  if (written.size() == 0) return;  // no endpoints, or someone else's
  for (const ResourceId id : linker.pods(from.scope, from.ns, Selector::of_map(written)))
    linker.link(from, id, EdgeKind::selects, written);
}

void endpoints_edges(Linker& linker, const Resource& from) {
  const Value name = from.value.at({"metadata", "name"});
  linker.refer_if_present(from, EdgeKind::references, service, from.ns, name.as_string(), name);
}

void endpoint_slice_edges(Linker& linker, const Resource& from) {
  const Value name = from.value.at({"metadata", "labels", "kubernetes.io/service-name"});
  linker.refer(from, EdgeKind::references, service, from.ns, name);
}

// --- Ingress -----------------------------------------------------------------------------------------

void ingress_backend_edges(Linker& linker, const Resource& from, Value backend) {
  // The AWS load balancer controller's actions are named like Services, with a port that says that they are none.
  constexpr std::string_view action = "use-annotation";
  const Value today = backend.find("service"), resource = backend.find("resource");
  if (today.at({"port", "name"}).as_string() != action)
    linker.refer(from, EdgeKind::routes_to, service, from.ns, today.find("name"));
  if (backend.find("servicePort").as_string() != action)
    linker.refer(from, EdgeKind::routes_to, service, from.ns, backend.find("serviceName"));
  if (resource.find("kind").is_string())
    linker.refer(from, EdgeKind::routes_to,
                 type_of(std::string(resource.find("apiGroup").as_string()) + "/", resource.find("kind").as_string()),
                 from.ns, resource.find("name"));
}

void ingress_edges(Linker& linker, const Resource& from) {
  const Value spec = from.value.find("spec"), annotations = from.value.at({"metadata", "annotations"});
  ingress_backend_edges(linker, from, spec.find("defaultBackend"));
  ingress_backend_edges(linker, from, spec.find("backend"));
  for (const Value rule : spec.find("rules").items())
    for (const Value path : rule.at({"http", "paths"}).items())
      ingress_backend_edges(linker, from, path.find("backend"));
  for (const Value tls : spec.find("tls").items())
    linker.refer(from, EdgeKind::references, secret, from.ns, tls.find("secretName"));
  constexpr std::string_view ingress_class = "k8s:networking.k8s.io/IngressClass";
  linker.refer(from, EdgeKind::references, ingress_class, "", spec.find("ingressClassName"));
  // The deprecated annotation is matched by controllers as a text: there need not be a class of this name.
  const Value annotation = annotations.find("kubernetes.io/ingress.class");
  linker.refer_if_present(from, EdgeKind::references, ingress_class, "", annotation.as_string(), annotation);
  linker.refer(from, EdgeKind::references, "k8s:cert-manager.io/ClusterIssuer", "",
               annotations.find("cert-manager.io/cluster-issuer"));
  linker.refer(from, EdgeKind::references, "k8s:cert-manager.io/Issuer", from.ns,
               annotations.find("cert-manager.io/issuer"));
}

void ingress_class_edges(Linker& linker, const Resource& from) {
  const Value parameters = from.value.at({"spec", "parameters"});
  if (!parameters.find("kind").is_string()) return;
  linker.refer(from, EdgeKind::references,
               type_of(std::string(parameters.find("apiGroup").as_string()) + "/", parameters.find("kind").as_string()),
               parameters.find("namespace").as_string(), parameters.find("name"));
}

// --- Gateway API -------------------------------------------------------------------------------------

// {group, kind, namespace, name} with the defaults of the place where it stands.
bool object_reference(Linker& linker, const Resource& from, EdgeKind edge, Value reference, std::string_view group,
                      std::string_view kind) {
  if (!reference.is_map()) return false;
  const Value written_group = reference.find("group");
  const std::string_view in_group = written_group.is_string() ? written_group.as_string() : group;
  return linker.refer(from, edge, type_of(std::string(in_group) + "/", text_or(reference.find("kind"), kind)),
                      text_or(reference.find("namespace"), from.ns), reference.find("name"));
}

void route_edges(Linker& linker, const Resource& from) {
  const Value spec = from.value.find("spec");
  for (const Value parent : spec.find("parentRefs").items()) {
    object_reference(linker, from, EdgeKind::references, parent, gateway_group, "Gateway");
    if (text_or(parent.find("kind"), "Gateway") == "Gateway")
      linker.arrive(from, EdgeKind::routes_to, "k8s:gateway.networking.k8s.io/Gateway",
                    text_or(parent.find("namespace"), from.ns), parent.find("name").as_string(), parent.find("name"));
  }
  const auto filters = [&](Value owner) {
    for (const Value filter : owner.find("filters").items()) {
      object_reference(linker, from, EdgeKind::routes_to, filter.at({"requestMirror", "backendRef"}), "", "Service");
      object_reference(linker, from, EdgeKind::references, filter.find("extensionRef"), "", "");
    }
  };
  for (const Value rule : spec.find("rules").items()) {
    filters(rule);
    for (const Value backend : rule.find("backendRefs").items()) {
      object_reference(linker, from, EdgeKind::routes_to, backend, "", "Service");
      filters(backend);
    }
  }
}

void gateway_edges(Linker& linker, const Resource& from) {
  const Value spec = from.value.find("spec");
  linker.refer(from, EdgeKind::references, "k8s:gateway.networking.k8s.io/GatewayClass", "",
               spec.find("gatewayClassName"));
  for (const Value listener : spec.find("listeners").items())
    for (const Value certificate : listener.at({"tls", "certificateRefs"}).items())
      object_reference(linker, from, EdgeKind::references, certificate, "", "Secret");
  object_reference(linker, from, EdgeKind::references, spec.at({"infrastructure", "parametersRef"}), "", "ConfigMap");
}

// BackendTLSPolicy and others that attach to a target in their own namespace.
void attached_policy_edges(Linker& linker, const Resource& from) {
  const Value spec = from.value.find("spec");
  object_reference(linker, from, EdgeKind::governs, spec.find("targetRef"), "", "");
  for (const Value target : spec.find("targetRefs").items())
    object_reference(linker, from, EdgeKind::governs, target, "", "");
  for (const Value certificate : spec.at({"validation", "caCertificateRefs"}).items())
    object_reference(linker, from, EdgeKind::references, certificate, "", "ConfigMap");
}

// --- OpenShift, Traefik, Contour ---------------------------------------------------------------------

void openshift_route_edges(Linker& linker, const Resource& from) {
  const Value spec = from.value.find("spec");
  linker.refer(from, EdgeKind::routes_to, service, from.ns, spec.at({"to", "name"}));
  for (const Value backend : spec.find("alternateBackends").items())
    linker.refer(from, EdgeKind::routes_to, service, from.ns, backend.find("name"));
  linker.refer(from, EdgeKind::references, secret, from.ns, spec.at({"tls", "externalCertificate", "name"}));
}

void traefik_route_edges(Linker& linker, const Resource& from) {
  const Value spec = from.value.find("spec");
  for (const Value route : spec.find("routes").items()) {
    for (const Value target : route.find("services").items()) {
      const bool own_kind = target.find("kind").as_string() == "TraefikService";
      if (target.find("name").as_string().find('@') != std::string_view::npos) continue;  // another provider's
      linker.refer(from, EdgeKind::routes_to, own_kind ? "k8s:traefik.io/TraefikService" : service,
                   text_or(target.find("namespace"), from.ns), target.find("name"));
    }
    for (const Value middleware : route.find("middlewares").items())
      linker.refer(from, EdgeKind::references, "k8s:traefik.io/Middleware",
                   text_or(middleware.find("namespace"), from.ns), middleware.find("name"));
  }
  linker.refer(from, EdgeKind::references, secret, from.ns, spec.at({"tls", "secretName"}));
}

void contour_proxy_edges(Linker& linker, const Resource& from) {
  const Value spec = from.value.find("spec");
  for (const Value route : spec.find("routes").items())
    for (const Value target : route.find("services").items())
      linker.refer(from, EdgeKind::routes_to, service, from.ns, target.find("name"));
  for (const Value target : spec.at({"tcpproxy", "services"}).items())
    linker.refer(from, EdgeKind::routes_to, service, from.ns, target.find("name"));
  for (const Value include : spec.find("includes").items())
    linker.refer(from, EdgeKind::references, from.type, text_or(include.find("namespace"), from.ns),
                 include.find("name"));
  const Value name = spec.at({"virtualhost", "tls", "secretName"});
  if (name.as_string().find('/') == std::string_view::npos)
    linker.refer(from, EdgeKind::references, secret, from.ns, name);
}

// --- Istio -------------------------------------------------------------------------------------------

constexpr std::string_view istio_gateway = "k8s:networking.istio.io/Gateway";

// A host of the mesh: a Service, or what a ServiceEntry among the inputs declares. A host of the world beyond, which
// some ServiceEntry elsewhere may declare, gives no edge.
void host_edges(Linker& linker, const Resource& from, EdgeKind kind, Value host) {
  if (!host.is_string()) return;
  const auto& entries = linker.service_entries(from.scope, host.as_string());
  for (const ResourceId id : entries) linker.link(from, id, kind, host);
  if (!entries.empty()) return;
  const auto [ns, name] = Linker::service_of_host(host.as_string(), from.ns);
  if (!name.empty()) linker.refer(from, kind, service, ns, name, host);
}

void virtual_service_edges(Linker& linker, const Resource& from) {
  const Value spec = from.value.find("spec");
  for (const std::string_view protocol : {"http", "tcp", "tls"}) {
    for (const Value route : spec.find(protocol).items()) {
      for (const Value way : route.find("route").items())
        host_edges(linker, from, EdgeKind::routes_to, way.at({"destination", "host"}));
      host_edges(linker, from, EdgeKind::routes_to, route.at({"mirror", "host"}));
      for (const Value way : route.find("mirrors").items())
        host_edges(linker, from, EdgeKind::routes_to, way.at({"destination", "host"}));
      const Value delegate = route.find("delegate");
      linker.refer(from, EdgeKind::references, from.type, text_or(delegate.find("namespace"), from.ns),
                   delegate.find("name"));
    }
  }
  for (const Value gateway : spec.find("gateways").items()) {
    const std::string_view written = gateway.as_string();
    if (written.empty() || written == "mesh") continue;
    const auto slash = written.find('/');
    const std::string_view ns = slash == std::string_view::npos ? std::string_view(from.ns) : written.substr(0, slash);
    const std::string_view name = slash == std::string_view::npos ? written : written.substr(slash + 1);
    linker.refer(from, EdgeKind::references, istio_gateway, ns, name, gateway);
    linker.arrive(from, EdgeKind::routes_to, istio_gateway, ns, name, gateway);
  }
}

void destination_rule_edges(Linker& linker, const Resource& from) {
  host_edges(linker, from, EdgeKind::references, from.value.at({"spec", "host"}));
}

void istio_gateway_edges(Linker& linker, const Resource& from) {
  const Value spec = from.value.find("spec"), written = spec.find("selector");
  std::string ns = from.ns;
  if (written.size() > 0) {
    const auto pods = linker.pods(from.scope, Selector::of_map(written));
    for (const ResourceId id : pods) linker.link(from, id, EdgeKind::selects, written);
    // Certificates are read from the namespace of the gateway's pods.
    if (!pods.empty()) ns = linker.graph.resource(pods[0]).ns;
  }
  for (const Value server : spec.find("servers").items())
    linker.refer(from, EdgeKind::references, secret, ns, server.at({"tls", "credentialName"}));
}

// AuthorizationPolicy, PeerAuthentication, RequestAuthentication: its namespace's pods, narrowed by a selector, or what
// it is attached to. In the root namespace it reaches the whole mesh; a PeerAuthentication only without a selector.
void mesh_policy_edges(Linker& linker, const Resource& from) {
  const Value spec = from.value.find("spec"), selector = spec.find("selector");
  if (spec.find("targetRef") || spec.find("targetRefs").size() > 0) return attached_policy_edges(linker, from);
  constexpr std::string_view root = "istio-system";  // meshConfig.rootNamespace's default
  const Selector compiled = Selector::of_label_selector(selector);
  const bool everywhere = from.ns == root && (compiled.empty() || !from.type.ends_with("/PeerAuthentication"));
  for (const ResourceId id :
       everywhere ? linker.pods(from.scope, compiled) : linker.pods(from.scope, from.ns, compiled))
    linker.link(from, id, EdgeKind::governs, selector);
}

// --- network policies --------------------------------------------------------------------------------

void network_policy_edges(Linker& linker, const Resource& from) {
  const Value written = from.value.at({"spec", "podSelector"});
  for (const ResourceId id : linker.pods(from.scope, from.ns, Selector::of_label_selector(written)))
    linker.link(from, id, EdgeKind::governs, written);
}

// Selectors of Cilium may prefix keys with the source of the label; `k8s:` and `any:` are the pod's own labels.
Value without_label_source(Linker& linker, Value selector) {
  bool prefixed = false;
  for (const Entry& entry : selector.find("matchLabels").entries())
    prefixed = prefixed || entry.key().starts_with("k8s:") || entry.key().starts_with("any:");
  if (!prefixed) return selector;
  std::vector<Entry> labels;
  for (Entry entry : selector.find("matchLabels").entries()) {
    const std::uint32_t cut = entry.key().starts_with("k8s:") ? 4 : entry.key().starts_with("any:") ? 4 : 0;
    entry.key_data += cut;
    entry.key_size -= cut;
    labels.push_back(entry);
  }
  std::vector<Entry> entries;
  for (Entry entry : selector.entries()) {
    if (entry.key() == "matchLabels") entry.value = linker.graph.arena().map(labels, entry.value.span());
    entries.push_back(entry);
  }
  return linker.graph.arena().map(entries, selector.span());
}

void cilium_policy_edges(Linker& linker, const Resource& from) {
  std::vector<Value> specs = {from.value.find("spec")};
  for (const Value spec : from.value.find("specs").items()) specs.push_back(spec);
  for (const Value spec : specs) {
    const Value written = spec.find("endpointSelector");
    if (!written.is_map()) continue;
    const Selector selector = Selector::of_label_selector(without_label_source(linker, written));
    const auto pods = from.ns.empty() ? linker.pods(from.scope, selector) : linker.pods(from.scope, from.ns, selector);
    for (const ResourceId id : pods) linker.link(from, id, EdgeKind::governs, written);
  }
}

// AdminNetworkPolicy, BaselineAdminNetworkPolicy, ClusterNetworkPolicy.
void admin_policy_edges(Linker& linker, const Resource& from) {
  const Value subject = from.value.at({"spec", "subject"}), pods = subject.find("pods");
  const Value spaces = pods ? pods.find("namespaceSelector") : subject.find("namespaces");
  if (!spaces.is_map()) return;
  const Selector selector = Selector::of_label_selector(pods.find("podSelector"));
  for (const std::string& ns : linker.namespaces(from.scope, Selector::of_label_selector(spaces)))
    for (const ResourceId id : linker.pods(from.scope, ns, selector)) linker.link(from, id, EdgeKind::governs, subject);
}

constexpr EdgeFunction table[] = {
    {"k8s:Endpoints", endpoints_edges},
    {"k8s:Service", service_edges},
    {"k8s:cilium.io/CiliumClusterwideNetworkPolicy", cilium_policy_edges},
    {"k8s:cilium.io/CiliumNetworkPolicy", cilium_policy_edges},
    {"k8s:discovery.k8s.io/EndpointSlice", endpoint_slice_edges},
    {"k8s:gateway.networking.k8s.io/BackendTLSPolicy", attached_policy_edges},
    {"k8s:gateway.networking.k8s.io/GRPCRoute", route_edges},
    {"k8s:gateway.networking.k8s.io/Gateway", gateway_edges},
    {"k8s:gateway.networking.k8s.io/HTTPRoute", route_edges},
    {"k8s:gateway.networking.k8s.io/TCPRoute", route_edges},
    {"k8s:gateway.networking.k8s.io/TLSRoute", route_edges},
    {"k8s:gateway.networking.k8s.io/UDPRoute", route_edges},
    {"k8s:networking.istio.io/DestinationRule", destination_rule_edges},
    {"k8s:networking.istio.io/Gateway", istio_gateway_edges},
    {"k8s:networking.istio.io/VirtualService", virtual_service_edges},
    {"k8s:networking.k8s.io/Ingress", ingress_edges},
    {"k8s:networking.k8s.io/IngressClass", ingress_class_edges},
    {"k8s:networking.k8s.io/NetworkPolicy", network_policy_edges},
    {"k8s:policy.networking.k8s.io/AdminNetworkPolicy", admin_policy_edges},
    {"k8s:policy.networking.k8s.io/BaselineAdminNetworkPolicy", admin_policy_edges},
    {"k8s:policy.networking.k8s.io/ClusterNetworkPolicy", admin_policy_edges},
    {"k8s:projectcontour.io/HTTPProxy", contour_proxy_edges},
    {"k8s:route.openshift.io/Route", openshift_route_edges},
    {"k8s:security.istio.io/AuthorizationPolicy", mesh_policy_edges},
    {"k8s:security.istio.io/PeerAuthentication", mesh_policy_edges},
    {"k8s:security.istio.io/RequestAuthentication", mesh_policy_edges},
    {"k8s:traefik.io/IngressRoute", traefik_route_edges},
    {"k8s:traefik.io/IngressRouteTCP", traefik_route_edges},
    {"k8s:traefik.io/IngressRouteUDP", traefik_route_edges},
};

}  // namespace

std::span<const EdgeFunction> network_edges() { return table; }

}  // namespace assay::kubernetes

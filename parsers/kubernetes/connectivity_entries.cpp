// What brings requests in: Ingress, OpenShift routes, Gateway API routes, those of Traefik and Contour, of a mesh Istio's.
// Each names a port of a Service; what stands behind it is forwarded to, on TCP unless a UDPRoute says so.
//
// To policies the traffic comes from the controller's pods, of which the input mostly does not say where they run and
// what labels they have; with load balancers that send to pods themselves it comes from addresses outside the pod
// network. OpenShift's router has known labels (docs.openshift.com, "Allowing ingress from the router").
#include <algorithm>

#include "parsers/kubernetes/adapter.hpp"
#include "parsers/kubernetes/connectivity_builder.hpp"
#include "parsers/kubernetes/edges.hpp"

namespace assay::kubernetes {
namespace {

using net::AtomSet;

struct Backend {
  std::string_view ns, name;
  Value port;          // a number or a name of the Service's port; none: all
  bool target = false; // `port` may be a target port too (OpenShift)
  bool udp = false;
  bool maybe = false;
  Value reason;
};

struct Entries {
  NetBuilder& builder;
  const std::vector<ServicePort>& services;
  std::unordered_map<std::string, std::vector<const ServicePort*>> by_name;

  Entries(NetBuilder& builder, const std::vector<ServicePort>& services) : builder(builder), services(services) {
    for (const ServicePort& port : services) by_name[port.service->ns + '/' + port.service->name].push_back(&port);
  }

  static bool is_meant(const ServicePort& port, const Backend& backend) {
    if (!backend.port || backend.port.is_null()) return true;
    const Value target = port.reason.find("targetPort");
    if (backend.port.is_string()) {
      const std::string_view name = backend.port.as_string();
      return port.name == name || (backend.target && target.as_string() == name);
    }
    const std::int64_t number = backend.port.as_int();
    return port.reason.find("port").as_int() == number || (backend.target && target.is(Kind::int64) && target.as_int() == number);
  }

  void add(const Resource& by, const AtomSet& sources, bool outside, const Backend& backend) {
    const auto found = by_name.find(std::string(backend.ns) + '/' + std::string(backend.name));
    if (found == by_name.end()) return;
    for (const ServicePort* port : found->second) {
      const bool udp = port->listen.ports(net::Protocol::udp).empty() == false;
      if (udp != backend.udp || !port->listen.ports(net::Protocol::sctp).empty() || !is_meant(*port, backend)) continue;
      for (const auto& [peer, ports] : port->targets) {
        net::Forward forward;
        forward.from = builder.entry_peer;
        forward.to = peer;
        forward.sources = sources;
        forward.listen = port->listen;
        forward.ports = ports;
        forward.from_outside = outside;
        forward.maybe = backend.maybe;
        forward.through = {&by, port->service};
        forward.reason = backend.reason;
        builder.model.forwards.push_back(std::move(forward));
      }
    }
  }

  AtomSet pods() const { return AtomSet(builder.entry_pod, builder.entry_pod); }
  AtomSet addresses() const { return AtomSet(builder.entry_addresses, builder.entry_addresses); }
  AtomSet nodes() const { return AtomSet(builder.node, builder.node); }

  // --- Ingress -----------------------------------------------------------------------------------------

  std::string_view ingress_class(const Resource& ingress) const {
    const Value name = ingress.value.at({"spec", "ingressClassName"});
    if (name.is_string()) {
      for (const ResourceId id : builder.graph.at(builder.scope, address_of("k8s:networking.k8s.io/IngressClass", "", name.as_string()))) {
        const Value controller = builder.graph.resource(id).value.at({"spec", "controller"});
        if (controller.is_string()) return controller.as_string();
      }
      return name.as_string();
    }
    return ingress.value.at({"metadata", "annotations", "kubernetes.io/ingress.class"}).as_string();
  }

  void ingress(const Resource& from) {
    const Value spec = from.value.find("spec"), annotations = from.value.at({"metadata", "annotations"});
    const std::string_view by = ingress_class(from);
    AtomSet sources = pods();
    bool outside = true;
    if (by == "alb" || by == "ingress.k8s.aws/alb") {
      const bool direct = annotations.find("alb.ingress.kubernetes.io/target-type").as_string() == "ip";
      sources = direct ? addresses() : nodes();
      outside = annotations.find("alb.ingress.kubernetes.io/scheme").as_string() == "internet-facing";
      if (direct && builder.admits_private_addresses)
        builder.premise("load balancers that send to pods have private addresses that lie in the private blocks that policies admit");
    } else if (by == "gce" || by == "gce-internal" || by.starts_with("k8s.io/ingress-gce") || by == "azure/application-gateway" ||
               by == "azure-application-gateway") {
      sources = addresses();
      outside = by != "gce-internal";
    }
    const auto backend = [&](Value value) {
      const Value today = value.find("service");
      if (today.find("name").is_string()) {
        const Value number = today.at({"port", "number"}), name = today.at({"port", "name"});
        add(from, sources, outside, {from.ns, today.find("name").as_string(), number ? number : name, false, false, false, today});
      } else if (value.find("serviceName").is_string()) {
        add(from, sources, outside, {from.ns, value.find("serviceName").as_string(), value.find("servicePort"), false, false, false, value});
      }
    };
    backend(spec.find("defaultBackend"));
    backend(spec.find("backend"));
    for (const Value rule : spec.find("rules").items())
      for (const Value path : rule.at({"http", "paths"}).items()) backend(path.find("backend"));
  }

  // --- OpenShift ---------------------------------------------------------------------------------------

  void route(const Resource& from) {
    const Value spec = from.value.find("spec"), port = spec.at({"port", "targetPort"});
    const auto to = [&](Value target) {
      const std::string_view kind = target.find("kind").as_string();
      if (!kind.empty() && kind != "Service") return;
      add(from, AtomSet(builder.router, builder.router), true, {from.ns, target.find("name").as_string(), port, true, false, false, target});
    };
    to(spec.find("to"));
    for (const Value target : spec.find("alternateBackends").items()) to(target);
  }

  // --- Gateway API -------------------------------------------------------------------------------------

  bool granted(const Resource& route, std::string_view ns, std::string_view name) const {
    if (ns == route.ns) return true;
    const std::string_view kind = std::string_view(route.type).substr(route.type.rfind('/') + 1);
    for (const ResourceId id : builder.graph.of_type("k8s:gateway.networking.k8s.io/ReferenceGrant")) {
      const Resource& grant = builder.graph.resource(id);
      if (grant.scope != builder.scope || grant.ns != ns) continue;
      const Value spec = grant.value.find("spec");
      const bool from = std::any_of(spec.find("from").items().begin(), spec.find("from").items().end(), [&](Value one) {
        return one.find("kind").as_string() == kind && one.find("namespace").as_string() == route.ns;
      });
      const bool to = std::any_of(spec.find("to").items().begin(), spec.find("to").items().end(), [&](Value one) {
        const Value wanted = one.find("name");
        return one.find("kind").as_string() == "Service" && (!wanted || wanted.as_string() == name);
      });
      if (from && to) return true;
    }
    return false;
  }

  void gateway_route(const Resource& from) {
    const Value spec = from.value.find("spec");
    bool gateway = spec.find("parentRefs").size() == 0;
    AtomSet sources = pods();
    for (const Value parent : spec.find("parentRefs").items()) {
      const std::string_view kind = parent.find("kind").as_string();
      if (!kind.empty() && kind != "Gateway") continue;  // a Service's: traffic inside the mesh
      gateway = true;
      const Value ns = parent.find("namespace");
      for (const ResourceId id : builder.graph.at(builder.scope, address_of("k8s:gateway.networking.k8s.io/Gateway",
                                                                            ns.is_string() ? ns.as_string() : std::string_view(from.ns),
                                                                            parent.find("name").as_string()))) {
        const std::string_view made_by = builder.graph.resource(id).value.at({"spec", "gatewayClassName"}).as_string();
        if (made_by.starts_with("gke-") || made_by.starts_with("amazon-") || made_by.starts_with("azure-alb")) sources = addresses();
      }
    }
    if (!gateway) return;
    for (const Value rule : spec.find("rules").items()) {
      for (const Value reference : rule.find("backendRefs").items()) {
        const std::string_view kind = reference.find("kind").as_string();
        const Value weight = reference.find("weight"), ns = reference.find("namespace");
        if ((!kind.empty() && kind != "Service") || (weight.is(Kind::int64) && weight.as_int() == 0)) continue;
        const std::string_view in = ns.is_string() ? ns.as_string() : std::string_view(from.ns), name = reference.find("name").as_string();
        // Without a ReferenceGrant the gateway refuses a Service of another namespace; it may stand elsewhere.
        add(from, sources, true, {in, name, reference.find("port"), false, from.type.ends_with("/UDPRoute"), !granted(from, in, name), reference});
      }
    }
  }

  // --- Istio, Traefik, Contour -------------------------------------------------------------------------

  // The pods that an Istio Gateway selects, where they are among the inputs.
  AtomSet gateway_pods(const Resource& from, std::string_view written) {
    const auto slash = written.find('/');
    const std::string_view ns = slash == std::string_view::npos ? std::string_view(from.ns) : written.substr(0, slash);
    const std::string_view name = slash == std::string_view::npos ? written : written.substr(slash + 1);
    AtomSet result;
    for (const ResourceId id : builder.graph.at(builder.scope, address_of("k8s:networking.istio.io/Gateway", ns, name))) {
      const Value selector = builder.graph.resource(id).value.at({"spec", "selector"});
      if (selector.size() == 0) continue;
      result = result | (builder.pods_by(Selector(), Selector::of_map(selector)).sure - AtomSet(builder.entry_pod, builder.entry_pod));
    }
    return result.empty() ? pods() : result;
  }

  void virtual_service(const Resource& from) {
    const Value spec = from.value.find("spec");
    AtomSet sources;
    for (const Value gateway : spec.find("gateways").items())
      if (gateway.is_string() && gateway.as_string() != "mesh") sources = sources | gateway_pods(from, gateway.as_string());
    if (sources.empty()) return;  // only the mesh's own traffic
    for (const std::string_view protocol : {"http", "tcp", "tls"}) {
      for (const Value route : spec.find(protocol).items()) {
        for (const Value way : route.find("route").items()) {
          const Value destination = way.find("destination");
          const auto [ns, name] = Linker::service_of_host(destination.find("host").as_string(), from.ns);
          if (!name.empty()) add(from, sources, true, {ns, name, destination.at({"port", "number"}), false, false, false, destination});
        }
      }
    }
  }

  void named_services(const Resource& from, Value list) {
    for (const Value target : list.items()) {
      if (target.find("kind").is_string() && target.find("kind").as_string() != "Service") continue;
      const Value ns = target.find("namespace");
      add(from, pods(), true,
          {ns.is_string() ? ns.as_string() : std::string_view(from.ns), target.find("name").as_string(), target.find("port"), false,
           from.type.ends_with("RouteUDP"), false, target});
    }
  }

  void all() {
    for (const std::string_view type : {"k8s:networking.k8s.io/Ingress", "k8s:extensions/Ingress"})
      for (const Resource* from : builder.objects(type)) ingress(*from);
    for (const Resource* from : builder.objects("k8s:route.openshift.io/Route")) route(*from);
    for (const std::string_view kind : {"GRPCRoute", "HTTPRoute", "TCPRoute", "TLSRoute", "UDPRoute"})
      for (const Resource* from : builder.objects("k8s:gateway.networking.k8s.io/" + std::string(kind))) gateway_route(*from);
    if (builder.options.mesh)
      for (const Resource* from : builder.objects("k8s:networking.istio.io/VirtualService")) virtual_service(*from);
    for (const std::string_view kind : {"IngressRoute", "IngressRouteTCP", "IngressRouteUDP"})
      for (const Resource* from : builder.objects("k8s:traefik.io/" + std::string(kind)))
        for (const Value one : from->value.at({"spec", "routes"}).items()) named_services(*from, one.find("services"));
    for (const Resource* from : builder.objects("k8s:projectcontour.io/HTTPProxy")) {
      for (const Value one : from->value.at({"spec", "routes"}).items()) named_services(*from, one.find("services"));
      named_services(*from, from->value.at({"spec", "tcpproxy", "services"}));
    }
  }
};

}  // namespace

void add_entries(NetBuilder& builder, const std::vector<ServicePort>& services) { Entries(builder, services).all(); }

}  // namespace assay::kubernetes

// What operators, tools and the cluster itself create from the objects among the inputs: `Implier` builds small
// bodies (labels, selectors, pod templates: what relations need) and adds them as implied resources.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "engine/graph.hpp"

namespace assay::kubernetes {

using Field = std::pair<std::string_view, Value>;  // a field without a value is left out

struct ImpliedPort {
  std::string name;
  std::int64_t number;
  std::string_view protocol = "TCP";
};

struct ImpliedObject {
  std::string_view api_version, kind;
  std::string name;
  std::string ns;  // empty: cluster-scoped
  Value labels;    // of the object itself
  Value annotations;
  std::vector<Field> fields;  // beside apiVersion, kind and metadata
};

class Implier {
 public:
  explicit Implier(Graph& graph);

  Value text(std::string_view value);
  Value number(std::int64_t value);
  Value boolean(bool value);
  Value map(std::span<const Field> fields);
  Value map(std::initializer_list<Field> fields) { return map(std::span(fields.begin(), fields.size())); }
  Value list(std::initializer_list<Value> items);
  Value list(std::span<const Value> items);
  Value container(std::string_view name, std::span<const ImpliedPort> ports, Value image, Value resources);
  Value container(std::string_view name, std::initializer_list<ImpliedPort> ports, Value image = {},
                  Value resources = {}) {
    return container(name, std::span(ports.begin(), ports.size()), image, resources);
  }
  // What the creator decides at run time.
  Value unknown(std::string_view name, std::string_view type, std::string_view reason);
  // The entries of the maps together; later ones win. Entries that are not texts are dropped: these are labels.
  Value merged(std::initializer_list<Value> maps);

  // The object among the inputs with this address, or no value.
  Value find(ScopeId scope, std::string_view type, std::string_view ns, std::string_view name) const;
  // Adds the object, owned by `creator`, unless the scope has it or is known to hold every object of its kind.
  // `by` completes "… creates it": who and which version.
  void create(const Resource& creator, ImpliedObject object, std::string_view by);
  // The same for what nobody among the inputs creates: `because` is the resource that leans on it.
  void provide(const Resource& because, ImpliedObject object, std::string_view by);

 private:
  void add(const Resource& creator, ImpliedObject object, std::string premise, Value owners);
  Graph& graph_;
  Arena& arena_;
  std::unordered_map<std::string, Value> present_;  // by scope and address
};

struct ImpliedFunction {
  std::string_view type;  // of the creator
  void (*function)(Implier&, const Resource&);
};
std::span<const ImpliedFunction> implied_by_tools();      // Secrets and service accounts that tools create
std::span<const ImpliedFunction> implied_by_operators();  // databases, brokers, monitoring
std::span<const ImpliedFunction> implied_by_strimzi();
// What every cluster has and this object names: default service accounts, system priority classes, built-in roles.
void implied_by_cluster(Implier& implier, const Resource& resource);

// Versions of the operators whose behaviour was read, as premises say it.
namespace assumed {
inline constexpr std::string_view cert_manager = "cert-manager 1.19";
inline constexpr std::string_view external_secrets = "External Secrets 0.20";
inline constexpr std::string_view sealed_secrets = "Sealed Secrets 0.32";
inline constexpr std::string_view secrets_store = "the Secrets Store CSI driver 1.5";
inline constexpr std::string_view eksctl = "eksctl 0.215";
inline constexpr std::string_view strimzi = "Strimzi 0.48";
inline constexpr std::string_view strimzi_zookeeper = "Strimzi 0.45 (the last with ZooKeeper)";
inline constexpr std::string_view cloudnative_pg = "CloudNativePG 1.27";
inline constexpr std::string_view rabbitmq = "the RabbitMQ cluster operator 2.16";
inline constexpr std::string_view prometheus = "the Prometheus operator 0.86";
inline constexpr std::string_view kubernetes = "Kubernetes 1.36";
}  // namespace assumed

}  // namespace assay::kubernetes

// What `prove:` can ask of a cluster's network. A property is one function in the table of network_properties.cpp.
#pragma once

#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "engine/native_rule.hpp"
#include "engine/select.hpp"
#include "parsers/kubernetes/connectivity.hpp"

namespace assay::kubernetes {

// The network of every scope, computed when the first question about the scope comes.
class Networks {
 public:
  Networks(const Graph& graph, ConnectivityOptions options) : graph_(graph), options_(std::move(options)), scopes_(2 * graph.scopes().size()) {}

  // INVARIANT: answers memoise, so that whoever asks holds the lock.
  struct Locked {
    std::unique_lock<std::mutex> lock;
    ClusterConnectivity& cluster;
  };
  Locked of(ScopeId scope, bool mesh);

  // Mistakes in policies, of the scopes that were asked about.
  Diagnostics take_diagnostics() { return std::move(diagnostics_); }

 private:
  const Graph& graph_;
  ConnectivityOptions options_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<ClusterConnectivity>> scopes_;
  Diagnostics diagnostics_;
};

// The judge of a rule that proves this property; nothing where no property of the network has the name.
std::shared_ptr<const NativeRule> network_property(std::string_view name, const SelectedRule& rule, std::shared_ptr<Networks> networks);
std::vector<std::string_view> network_property_names();

}  // namespace assay::kubernetes

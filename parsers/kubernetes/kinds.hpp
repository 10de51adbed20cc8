// Which kinds there are: their scope, whether Kubernetes itself serves them, and where moved ones live today.
// A kind that stands nowhere here is a namespaced custom resource unless a CRD among the inputs says otherwise.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay::kubernetes {

enum class KindScope : std::uint8_t {
  namespaced,
  cluster,
  client,   // configuration of a client program (kustomize, kubectl): never an object of a cluster
  unknown,  // not in our table
};

// `type` is "k8s:GROUP/KIND".
KindScope scope_of(std::string_view type);

// Served by Kubernetes' own API server, which drops null map entries. Custom resources keep them.
bool is_builtin(std::string_view type);

// Types that Kubernetes serves under a kind's name alone: `StorageClass` is k8s:storage.k8s.io/StorageClass.
// An unknown kind counts as one without a group.
std::vector<std::string> types_named(std::string_view kind);

// The API group of an apiVersion: "apps/v1" -> "apps", "v1" -> "".
std::string_view group_of(std::string_view api_version);

}  // namespace assay::kubernetes

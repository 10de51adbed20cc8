// Which requests a policy or a binding is about: k8s.io/apiserver pkg/admission/plugin/policy/matching, where an
// answer may also be "that depends on what the inputs do not say".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/value.hpp"
#include "parsers/kubernetes/admission/policy.hpp"

namespace assay::kubernetes::admission {

// A resource in one version, and the kind that it serves.
struct Endpoint {
  std::string group, version, kind, resource;
  std::string api_version() const { return group.empty() ? version : group + "/" + version; }
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// What is known of the namespace of a request.
struct NamespaceLabels {
  bool known = false;    // its object is among the inputs, or all of its labels are known
  Value labels;          // where known
  std::string_view name; // kubernetes.io/metadata.name
};

// The request that creates (or updates) one object.
struct Attributes {
  Endpoint endpoint;                  // as it was asked for
  std::vector<Endpoint> equivalents;  // the same objects in other versions or groups, in the server's order
  std::string name;                   // empty: the server generates it
  std::string ns;                     // of a Namespace: its own name; empty: cluster-scoped
  std::string operation = "CREATE";
  Value object, old_object;           // as the API server shows them; no value: there is none
  NamespaceLabels namespace_labels;
};

enum class Answer : std::uint8_t { no, maybe, yes };

struct Match {
  Answer answer = Answer::no;
  Endpoint endpoint;  // the one that matched
  std::string why;    // of a maybe
};

Match matches(const MatchResources& criteria, const Attributes& request);

// Whether some rule names the resource at all, whatever the operation, the name and the labels.
bool names_resource(const MatchResources& criteria, const Attributes& request);

// A label selector on labels of which not all need be known.
Answer selects(Value selector, const NamespaceLabels& labels);

}  // namespace assay::kubernetes::admission

// The object that the API server shows to a policy when somebody creates what a manifest says: unknown fields
// dropped, quantities canonical, defaults filled in, the built-in mutating admission plug-ins applied, the
// system's metadata set (unknown to us), converted to another version where a policy asks for that.
// A value that the manifest does not state is computed from the deepest parent that lacks it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/graph.hpp"
#include "parsers/kubernetes/admission/match.hpp"
#include "parsers/kubernetes/admission/schema.hpp"

namespace assay::kubernetes::crd {
struct Schema;
}

namespace assay::kubernetes::admission {

// Objects that stand beside the graph: what a directory of rules holds.
struct BesideObject {
  std::string type, ns, name, api_version;
  Value value;
};

// The schemas of custom resources, read when they are first needed; by several threads.
class CustomSchemas {
 public:
  CustomSchemas();
  ~CustomSchemas();
  struct Version {
    const crd::Schema* schema = nullptr;  // null: the definition has none, or it is wrong
    bool has_status = false;              // the status subresource: creating sets no status
  };
  Version of(Value definition, std::string_view version) const;

 private:
  struct Trees;
  std::unique_ptr<Trees> trees_;
};

// Where an object is looked at: what else there is in its cluster.
struct World {
  const Graph* graph = nullptr;
  const Schema* schema = nullptr;
  const std::vector<BesideObject>* beside = nullptr;
  const CustomSchemas* custom = nullptr;
  ScopeId scope = 0;

  // The scopes whose objects live in the same cluster as those of `scope`.
  bool reaches(ScopeId other) const;
  // An object by type, namespace and name; no value: it is not among the inputs.
  Value find(std::string_view type, std::string_view ns, std::string_view name) const;
  // All of a type, by namespace and name; of one namespace where `ns` is not empty.
  std::vector<Value> all(std::string_view type, std::string_view ns) const;
  bool closed(std::string_view type) const;
  // The CustomResourceDefinition of a kind; no value: it is not among the inputs.
  Value definition(std::string_view group, std::string_view kind) const;
};

// The endpoint at which an object is created, and the others that serve it. Without a resource name: nobody
// knows the kind, the name is guessed from it (as the server's clients do).
struct Served {
  Endpoint endpoint;
  std::vector<Endpoint> equivalents;
  bool namespaced = true;
  bool guessed = false;
  std::string unsupported;  // not empty: the version is not served any more and its fields were others
};
Served serve(const World& world, const Resource& resource);

struct Admitted {
  Value object;                 // a map; of Kind::unknown when nothing is known of it
  std::vector<Premise> premises;
};
// `target` is the endpoint whose version is asked for.
Admitted admit(const World& world, const Resource& resource, const Served& served, const Endpoint& target, Arena& arena);

// What `namespaceObject` and a parameter are: an object that the server already holds.
Value stored(const World& world, Value object, std::string_view api_version, std::string_view kind, std::string_view ns, Arena& arena);

}  // namespace assay::kubernetes::admission

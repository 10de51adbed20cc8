// Who may do what, by the RBAC objects among the inputs: allowed where they grant it, unknown where they do not,
// since a cluster has more roles than its manifests say; denied only where all of them are known.
// Rules as in pkg/auth and plugin/pkg/auth/authorizer/rbac of Kubernetes.
#pragma once

#include <string>
#include <vector>

#include "engine/cel/libraries/authorizer.hpp"
#include "parsers/kubernetes/admission/object.hpp"

namespace assay::kubernetes::admission {

struct RequestOptions;  // rule.hpp

class RbacAuthorizer final : public cel::AuthorizerHost {
 public:
  RbacAuthorizer(const World& world, const RequestOptions& options) : world_(world), options_(options) {}
  cel::AccessDecision decide(const cel::AccessRequest& request) override;

 private:
  struct Subject;
  bool grants(Value role, const cel::AccessRequest& request, int depth) const;
  const World& world_;
  const RequestOptions& options_;
};

}  // namespace assay::kubernetes::admission

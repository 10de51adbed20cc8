// The `authorizer` of admission policies: who may do what, asked in an expression and answered by the
// embedding program.
//
//   authorizer.group('apps').resource('deployments').namespace('test').check('delete').allowed()
//   authorizer.serviceAccount('ns', 'robot').path('/healthz').check('get').reason()
//
// The program makes the value of the variable with `make_authorizer` (and that of `authorizer.requestResource`
// with `make_resource_check`); its host must outlive the frame. An unknown answer makes `allowed()` unknown.
#pragma once

#include <string>
#include <string_view>

#include "engine/cel/program.hpp"
#include "engine/cel/type.hpp"
#include "engine/cel/val.hpp"

namespace assay::cel {

// Every text is empty where the expression did not give it.
struct AccessRequest {
  std::string_view service_account_namespace, service_account;  // empty: the user of the request under review
  std::string_view verb;
  std::string_view path;  // set: a request for no resource
  std::string_view group, resource, subresource, object_namespace, object_name;
  std::string_view field_selector, label_selector;  // as written
};

struct AccessDecision {
  enum class Answer : std::uint8_t { allowed, denied, unknown };
  Answer answer = Answer::unknown;
  std::string reason;  // for people; of an unknown answer: what would have to be known
  std::string error;   // what went wrong while deciding
};

class AuthorizerHost {
 public:
  virtual AccessDecision decide(const AccessRequest& request) = 0;

 protected:
  ~AuthorizerHost() = default;
};

const Type* authorizer_type(TypeTable& types);      // kubernetes.authorization.Authorizer
const Type* resource_check_type(TypeTable& types);  // kubernetes.authorization.ResourceCheck
Val make_authorizer(Frame& frame, AuthorizerHost& host);
// A check on the resource of `request`, in the name of the user of the request under review.
Val make_resource_check(Frame& frame, AuthorizerHost& host, const AccessRequest& request);

}  // namespace assay::cel

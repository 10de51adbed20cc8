// The API server's authorizer library (pkg/cel/library/authz.go), with field and label selectors.
#include "engine/cel/libraries/authorizer.hpp"
#include "engine/cel/libraries/kubernetes.hpp"

namespace assay::cel {

using namespace library;

namespace {

constexpr const char kAuthorizer[] = "kubernetes.authorization.Authorizer";
constexpr const char kPathCheck[] = "kubernetes.authorization.PathCheck";
constexpr const char kGroupCheck[] = "kubernetes.authorization.GroupCheck";
constexpr const char kResourceCheck[] = "kubernetes.authorization.ResourceCheck";
constexpr const char kDecision[] = "kubernetes.authorization.Decision";

// An authorizer and the checks that it gives: a request that the calls fill in.
template <Tag which, const char* name>
struct Check final : OpaqueBase {
  static constexpr Tag tag = which;
  static const Type* static_type() {
    static const Type type{TypeKind::opaque, name, {}};
    return &type;
  }
  AuthorizerHost* host;
  AccessRequest request;

  Check(AuthorizerHost* h, const AccessRequest& r) : host(h), request(r) {}
  const Type* type() const override { return static_type(); }
  bool equals(const OpaqueBase& other) const override { return this == &other; }
};
using Authorizer = Check<Tag::authorizer, kAuthorizer>;
using PathCheck = Check<Tag::path_check, kPathCheck>;
using GroupCheck = Check<Tag::group_check, kGroupCheck>;
using ResourceCheck = Check<Tag::resource_check, kResourceCheck>;

struct Decision final : OpaqueBase {
  static constexpr Tag tag = Tag::decision;
  static const Type* static_type() {
    static const Type type{TypeKind::opaque, kDecision, {}};
    return &type;
  }
  AccessDecision::Answer answer;
  std::string_view reason, error;

  Decision(AccessDecision::Answer a, std::string_view r, std::string_view e) : answer(a), reason(r), error(e) {}
  const Type* type() const override { return static_type(); }
  bool equals(const OpaqueBase& other) const override { return this == &other; }
};

bool blank(std::string_view text) { return text.find_first_not_of(" \t\n\v\f\r") == std::string_view::npos; }

// The check with one more text of the request set.
template <class From, class To, std::string_view AccessRequest::*field>
Val with(Frame& frame, Args args) {
  const From* check = as<From>(args[0]);
  AccessRequest request = check->request;
  request.*field = args[1].string();
  return opaque(frame, To(check->host, request));
}

Val path(Frame& frame, Args args) {
  if (blank(args[1].string())) return make_error(frame, "path must not be empty");
  return with<Authorizer, PathCheck, &AccessRequest::path>(frame, args);
}
Val resource(Frame& frame, Args args) {
  if (blank(args[1].string())) return make_error(frame, "resource must not be empty");
  return with<GroupCheck, ResourceCheck, &AccessRequest::resource>(frame, args);
}

Val service_account(Frame& frame, Args args) {
  if (!subdomain_faults(args[2].string()).empty()) return make_error(frame, "Invalid service account name");
  if (!label_faults(args[1].string()).empty()) return make_error(frame, "Invalid service account namespace");
  AccessRequest request;
  request.service_account_namespace = args[1].string();
  request.service_account = args[2].string();
  return opaque(frame, Authorizer(as<Authorizer>(args[0])->host, request));
}

template <class From>
Val check(Frame& frame, Args args) {
  const From* from = as<From>(args[0]);
  AccessRequest request = from->request;
  request.verb = args[1].string();
  const AccessDecision decision = from->host->decide(request);
  const std::string_view reason = frame.scratch->copy(decision.reason), error = frame.scratch->copy(decision.error);
  if (!reason.data() || !error.data()) return memory_error(frame);
  return opaque(frame, Decision(decision.answer, reason, error));
}

// What only an answer has.
template <class Read>
Val answered(Frame& frame, const Val& value, const Read& read) {
  const Decision* decision = as<Decision>(value);
  if (decision->answer == AccessDecision::Answer::unknown) return make_unknown(frame, decision->reason);
  return read(*decision);
}
Val allowed(Frame& frame, Args args) {
  return answered(frame, args[0], [](const Decision& d) { return val_bool(d.answer == AccessDecision::Answer::allowed); });
}
Val reason(Frame& frame, Args args) {
  return answered(frame, args[0], [](const Decision& d) { return val_string(d.reason); });
}
Val errored(Frame& frame, Args args) {
  return answered(frame, args[0], [](const Decision& d) { return val_bool(!d.error.empty()); });
}
Val error(Frame& frame, Args args) {
  return answered(frame, args[0], [](const Decision& d) { return val_string(d.error); });
}

std::uint64_t check_cost(Args, const Val&) { return 350'000; }  // two to an expression
// Parsing a selector, and a list of requirements: one for every two characters.
std::uint64_t selector_cost(Args args, const Val&) {
  const std::uint64_t size = size_cost(args[1]);
  return 10 + scaled(size, 0.1) + scaled(scaled(size, 0.5), 50);
}

}  // namespace

const Type* authorizer_type(TypeTable& types) { return types.opaque(kAuthorizer); }
const Type* resource_check_type(TypeTable& types) { return types.opaque(kResourceCheck); }
Val make_authorizer(Frame& frame, AuthorizerHost& host) { return opaque(frame, Authorizer(&host, {})); }
Val make_resource_check(Frame& frame, AuthorizerHost& host, const AccessRequest& request) {
  return opaque(frame, ResourceCheck(&host, request));
}

namespace library {

void add_authorizer(Environment& environment) {
  const Types t(environment);
  const Type* authorizer = authorizer_type(t.table);
  const Type* path_check = t.table.opaque(kPathCheck);
  const Type* group_check = t.table.opaque(kGroupCheck);
  const Type* resource_check = resource_check_type(t.table);
  const Type* decision = t.table.opaque(kDecision);
  define(environment, "path", "a check on a path that is no resource, such as /healthz", {member("authorizer_path", {authorizer, t.string}, path_check, path)});
  define(environment, "group", "a check on an API group; empty: the core group",
         {member("authorizer_group", {authorizer, t.string}, group_check, with<Authorizer, GroupCheck, &AccessRequest::group>)});
  define(environment, "serviceAccount", "an authorizer that asks in the name of a service account",
         {member("authorizer_serviceaccount", {authorizer, t.string, t.string}, authorizer, service_account)});
  define(environment, "resource", "a check on a resource of the group", {member("groupcheck_resource", {group_check, t.string}, resource_check, resource)});
  const auto part = [&](const char* name, const char* id, const char* documentation, Implementation implementation, CostFunction cost = nullptr) {
    define(environment, name, documentation, {member(id, {resource_check, t.string}, resource_check, implementation, cost)});
  };
  part("subresource", "resourcecheck_subresource", "the check on a subresource", with<ResourceCheck, ResourceCheck, &AccessRequest::subresource>);
  part("namespace", "resourcecheck_namespace", "the check in a namespace", with<ResourceCheck, ResourceCheck, &AccessRequest::object_namespace>);
  part("name", "resourcecheck_name", "the check on one object", with<ResourceCheck, ResourceCheck, &AccessRequest::object_name>);
  part("fieldSelector", "authorizer_fieldselector", "the check on objects that a field selector picks",
       with<ResourceCheck, ResourceCheck, &AccessRequest::field_selector>, selector_cost);
  part("labelSelector", "authorizer_labelselector", "the check on objects that a label selector picks",
       with<ResourceCheck, ResourceCheck, &AccessRequest::label_selector>, selector_cost);
  std::vector<Overload> checks = {member("pathcheck_check", {path_check, t.string}, decision, check<PathCheck>, check_cost),
                                  member("resourcecheck_check", {resource_check, t.string}, decision, check<ResourceCheck>, check_cost)};
  for (Overload& overload : checks) overload.pure = false;  // the host decides
  define(environment, "check", "the decision whether the verb is allowed", std::move(checks));
  define(environment, "allowed", "whether it is allowed", {member("decision_allowed", {decision}, t.boolean, allowed)});
  define(environment, "reason", "why, in words; may be empty", {member("decision_reason", {decision}, t.string, reason)});
  define(environment, "errored", "whether deciding ran into an error", {member("decision_errored", {decision}, t.boolean, errored)});
  define(environment, "error", "that error's text; empty where there was none", {member("decision_error", {decision}, t.string, error)});
}

}  // namespace library

void add_kubernetes(Environment& environment) {
  add_quantity(environment);
  add_semver(environment);
  add_url(environment);
  add_named_formats(environment);
  add_kubernetes_lists(environment);
  add_kubernetes_regex(environment);
  add_authorizer(environment);
}

}  // namespace assay::cel

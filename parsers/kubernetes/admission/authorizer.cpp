#include "parsers/kubernetes/admission/authorizer.hpp"

#include <algorithm>

#include "parsers/kubernetes/admission/rule.hpp"
#include "parsers/kubernetes/selector.hpp"

namespace assay::kubernetes::admission {

namespace {

constexpr std::string_view cluster_role = "k8s:rbac.authorization.k8s.io/ClusterRole";
constexpr std::string_view cluster_role_binding = "k8s:rbac.authorization.k8s.io/ClusterRoleBinding";
constexpr std::string_view role_type = "k8s:rbac.authorization.k8s.io/Role";
constexpr std::string_view role_binding = "k8s:rbac.authorization.k8s.io/RoleBinding";

bool holds(Value list, std::string_view wanted) {
  return std::any_of(list.items().begin(), list.items().end(), [&](Value item) { return item.as_string() == "*" || item.as_string() == wanted; });
}

bool path_matches(Value urls, std::string_view path) {
  return std::any_of(urls.items().begin(), urls.items().end(), [&](Value item) {
    const std::string_view url = item.as_string();
    if (url == "*" || url == path) return true;
    return url.ends_with('*') && path.starts_with(url.substr(0, url.find_last_not_of('*') + 1));
  });
}

bool resource_matches(Value resources, const cel::AccessRequest& request) {
  const std::string both = std::string(request.resource) + (request.subresource.empty() ? "" : "/" + std::string(request.subresource));
  return std::any_of(resources.items().begin(), resources.items().end(), [&](Value item) {
    const std::string_view resource = item.as_string();
    if (resource == "*" || resource == both) return true;
    return !request.subresource.empty() && resource.size() == request.subresource.size() + 2 && resource.starts_with("*/") &&
           resource.substr(2) == request.subresource;
  });
}

bool rule_allows(Value rule, const cel::AccessRequest& request) {
  if (!holds(rule.find("verbs"), request.verb)) return false;
  if (!request.path.empty()) return path_matches(rule.find("nonResourceURLs"), request.path);
  if (!holds(rule.find("apiGroups"), request.group) || !resource_matches(rule.find("resources"), request)) return false;
  const Value names = rule.find("resourceNames");
  if (names.size() == 0) return true;
  return std::any_of(names.items().begin(), names.items().end(), [&](Value name) { return name.as_string() == request.object_name; });
}

}  // namespace

struct RbacAuthorizer::Subject {
  std::string user, ns, account;  // the last two of a service account
  std::vector<std::string> groups;

  // The subject of a binding that means us; no value: none.
  Value among(Value subjects, std::string_view binding_namespace) const {
    for (const Value subject : subjects.items()) {
      const std::string_view kind = subject.find("kind").as_string(), name = subject.find("name").as_string();
      if (kind == "User" && name == user) return subject;
      if (kind == "Group" && std::find(groups.begin(), groups.end(), name) != groups.end()) return subject;
      if (kind == "ServiceAccount" && !account.empty() && name == account) {
        const std::string_view in = subject.find("namespace").as_string();
        if ((in.empty() ? binding_namespace : in) == ns) return subject;
      }
    }
    return {};
  }
};

bool RbacAuthorizer::grants(Value role, const cel::AccessRequest& request, int depth) const {
  for (const Value rule : role.find("rules").items())
    if (rule_allows(rule, request)) return true;
  if (depth == 0) return false;
  // The rules of an aggregated role are those of the roles that it selects.
  for (const Value selector : role.at({"aggregationRule", "clusterRoleSelectors"}).items()) {
    const Selector compiled = Selector::of_label_selector(selector);
    for (const Value other : world_.all(cluster_role, {}))
      if (compiled.matches(other.at({"metadata", "labels"})) && grants(other, request, depth - 1)) return true;
  }
  return false;
}

cel::AccessDecision RbacAuthorizer::decide(const cel::AccessRequest& request) {
  cel::AccessDecision decision;
  Subject subject;
  if (!request.service_account.empty()) {
    subject.ns = request.service_account_namespace;
    subject.account = request.service_account;
    subject.user = "system:serviceaccount:" + subject.ns + ":" + subject.account;
    subject.groups = {"system:serviceaccounts", "system:serviceaccounts:" + subject.ns, "system:authenticated"};
  } else if (options_.user.empty()) {
    decision.reason = "`request.userInfo` is not known (who creates the object is not known: `--as USER` says it)";
    return decision;
  } else {
    subject.user = options_.user;
    subject.groups = groups_of(options_);
    constexpr std::string_view prefix = "system:serviceaccount:";
    if (subject.user.starts_with(prefix)) {
      const std::string rest = subject.user.substr(prefix.size());
      subject.ns = rest.substr(0, rest.find(':'));
      subject.account = rest.find(':') == std::string::npos ? "" : rest.substr(rest.find(':') + 1);
    }
  }
  const auto allow = [&](std::string reason) {
    decision.answer = cel::AccessDecision::Answer::allowed;
    decision.reason = std::move(reason);
    return decision;
  };
  if (std::find(subject.groups.begin(), subject.groups.end(), "system:masters") != subject.groups.end()) return allow("");

  const auto judge = [&](Value binding, std::string_view ns) -> std::string {
    const Value found = subject.among(binding.find("subjects"), ns);
    if (!found) return {};
    const Value ref = binding.find("roleRef");
    const std::string_view kind = ref.find("kind").as_string(), name = ref.find("name").as_string();
    const Value role = kind == "Role" ? world_.find(role_type, ns, name) : world_.find(cluster_role, {}, name);
    // The one role that every cluster has with all rights.
    const bool everything = kind == "ClusterRole" && name == "cluster-admin" && !role;
    if (!everything && (!role || !grants(role, request, 1))) return {};
    const std::string binding_name(binding.at({"metadata", "name"}).as_string());
    std::string who(found.find("name").as_string());
    if (found.find("kind").as_string() == "ServiceAccount") who += "/" + subject.ns;
    return "RBAC: allowed by " + (ns.empty() ? "ClusterRoleBinding \"" + binding_name : "RoleBinding \"" + binding_name + "/" + std::string(ns)) +
           "\" of " + std::string(kind) + " \"" + std::string(name) + "\" to " + std::string(found.find("kind").as_string()) + " \"" + who + "\"";
  };
  for (const Value binding : world_.all(cluster_role_binding, {}))
    if (std::string reason = judge(binding, {}); !reason.empty()) return allow(reason);
  if (!request.object_namespace.empty())
    for (const Value binding : world_.all(role_binding, request.object_namespace))
      if (std::string reason = judge(binding, request.object_namespace); !reason.empty()) return allow(reason);
  const bool complete = world_.closed(cluster_role) && world_.closed(cluster_role_binding) && world_.closed(role_type) && world_.closed(role_binding);
  if (complete) {
    decision.answer = cel::AccessDecision::Answer::denied;
    return decision;
  }
  decision.reason = "no role among the inputs lets `" + subject.user + "` " + std::string(request.verb) + " " +
                    std::string(request.path.empty() ? request.resource : request.path) + "; the cluster may have others";
  return decision;
}

}  // namespace assay::kubernetes::admission

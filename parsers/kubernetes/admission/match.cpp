#include "parsers/kubernetes/admission/match.hpp"

#include <algorithm>

#include "parsers/kubernetes/selector.hpp"

namespace assay::kubernetes::admission {

namespace {

bool exact_or_wildcard(const std::vector<std::string_view>& items, std::string_view wanted) {
  return std::any_of(items.begin(), items.end(), [&](std::string_view item) { return item == "*" || item == wanted; });
}

bool namespaces(const Endpoint& endpoint) { return endpoint.group.empty() && endpoint.resource == "namespaces"; }

bool in_scope(std::string_view scope, const Endpoint& endpoint, const Attributes& request) {
  const bool cluster = (namespaces(endpoint) && endpoint.version == "v1") || request.ns.empty();
  if (scope == "Namespaced") return !cluster;
  if (scope == "Cluster") return cluster;
  return true;
}

bool names(const ResourceRule& rule, const Endpoint& endpoint) {
  // `x/y` names a subresource, `*/*` everything: objects that are created are no subresources.
  const bool resource = std::any_of(rule.resources.begin(), rule.resources.end(), [&](std::string_view item) {
    const std::size_t slash = item.find('/');
    const std::string_view sub = slash == std::string_view::npos ? std::string_view() : item.substr(slash + 1);
    const std::string_view name = item.substr(0, slash);
    return (name == "*" || name == endpoint.resource) && (sub.empty() || sub == "*");
  });
  return resource && exact_or_wildcard(rule.groups, endpoint.group) && exact_or_wildcard(rule.versions, endpoint.version);
}

// A rule that matches, and by which endpoint; null: none.
const Endpoint* rules_match(const std::vector<ResourceRule>& rules, bool equivalent, const Attributes& request) {
  const auto match = [&](const ResourceRule& rule, const Endpoint& endpoint) {
    return in_scope(rule.scope, endpoint, request) && exact_or_wildcard(rule.operations, request.operation) && names(rule, endpoint) &&
           (rule.names.empty() || std::find(rule.names.begin(), rule.names.end(), request.name) != rule.names.end());
  };
  for (const ResourceRule& rule : rules)
    if (match(rule, request.endpoint)) return &request.endpoint;
  if (!equivalent) return nullptr;
  for (const ResourceRule& rule : rules)
    for (const Endpoint& other : request.equivalents)
      if (!(other == request.endpoint) && match(rule, other)) return &other;
  return nullptr;
}

Answer namespace_match(const MatchResources& criteria, const Attributes& request) {
  const bool is_namespace = request.endpoint.resource == "namespaces";
  if (request.ns.empty() && !is_namespace) return Answer::yes;
  if (is_namespace) {
    NamespaceLabels own;
    own.known = true;
    own.labels = request.object.at({"metadata", "labels"});
    return selects(criteria.namespace_selector, own);
  }
  return selects(criteria.namespace_selector, request.namespace_labels);
}

Answer object_match(const MatchResources& criteria, const Attributes& request) {
  const Selector selector = Selector::of_label_selector(criteria.object_selector);
  if (selector.valid() && selector.empty()) return Answer::yes;
  const auto one = [&](Value object) {
    if (!object || object.is_null()) return Answer::no;
    if (object.is_unknown()) return Answer::maybe;
    const Value labels = object.at({"metadata", "labels"});
    if (labels.is_unknown() || object.find("metadata").is_unknown()) return Answer::maybe;
    return selector.matches(labels) ? Answer::yes : Answer::no;
  };
  return std::max(one(request.object), one(request.old_object));
}

}  // namespace

Answer selects(Value selector, const NamespaceLabels& labels) {
  const Selector compiled = Selector::of_label_selector(selector);
  if (!compiled.valid()) return Answer::no;
  if (labels.known) return compiled.matches(Labels{labels.labels, {}, {}, labels.name}) ? Answer::yes : Answer::no;
  Answer answer = Answer::yes;
  for (const Requirement& requirement : compiled.requirements()) {
    if (requirement.key != "kubernetes.io/metadata.name") {
      answer = Answer::maybe;
      continue;
    }
    const bool listed = std::find(requirement.values.begin(), requirement.values.end(), labels.name) != requirement.values.end();
    bool holds = false;
    switch (requirement.op) {
      case Requirement::Operator::in: holds = listed; break;
      case Requirement::Operator::not_in: holds = !listed; break;
      case Requirement::Operator::exists: holds = true; break;
      case Requirement::Operator::does_not_exist: holds = false; break;
    }
    if (!holds) return Answer::no;
  }
  return answer;
}

Match matches(const MatchResources& criteria, const Attributes& request) {
  Match match;
  const Answer in_namespace = namespace_match(criteria, request);
  if (in_namespace == Answer::no) return match;
  const Answer by_labels = object_match(criteria, request);
  if (by_labels == Answer::no) return match;
  if (rules_match(criteria.exclude, criteria.equivalent, request)) return match;
  const Endpoint* endpoint = &request.endpoint;
  if (!criteria.rules.empty()) endpoint = rules_match(criteria.rules, criteria.equivalent, request);
  if (!endpoint) return match;
  match.endpoint = *endpoint;
  match.answer = std::min(in_namespace, by_labels);
  if (in_namespace == Answer::maybe)
    match.why = "the labels of namespace `" + request.ns + "` are not among the inputs";
  else if (by_labels == Answer::maybe)
    match.why = "its labels are not known";
  return match;
}

bool names_resource(const MatchResources& criteria, const Attributes& request) {
  for (const ResourceRule& rule : criteria.rules) {
    if (names(rule, request.endpoint)) return true;
    if (!criteria.equivalent) continue;
    for (const Endpoint& other : request.equivalents)
      if (names(rule, other)) return true;
  }
  return false;
}

}  // namespace assay::kubernetes::admission

#include "parsers/kubernetes/admission/kyverno.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "engine/cel/ast.hpp"
#include "engine/cel/program.hpp"

namespace assay::kubernetes::admission {

namespace {

constexpr std::string_view code = "kyverno-policy";

// --- what is Kyverno's own ---

constexpr std::string_view own_variables[] = {"resource", "http", "globalContext", "images", "imageData", "image", "exceptions",
                                              "attestors", "attestations", "generator", "params", "authorizer"};
constexpr std::string_view own_functions[] = {"image", "isImage", "parseServiceAccount", "globalContext.Get", "resource.Get", "resource.List",
                                              "resource.Post", "http.Get", "http.Post", "parseImageReference", "md5", "sha1", "sha256",
                                              "time.now", "time.truncate", "random", "x509.decode", "json.unmarshal", "json.marshal",
                                              "yaml.parse", "listObjToMap", "gzip.compress", "gzip.decompress"};

template <std::size_t N>
bool among(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

// The name that an expression uses and that is Kyverno's own; empty: none.
std::string own_name(std::string_view text) {
  std::vector<cel::Issue> issues;
  const auto ast = cel::parse(text, issues);
  if (!ast) return {};  // it is refused when it is compiled
  std::set<std::string> locals;
  for (const cel::Expr& expr : ast->nodes)
    if (const auto* loop = std::get_if<cel::Comprehension>(&expr.node)) {
      locals.insert(loop->variable);
      locals.insert(loop->variable2);
      locals.insert(loop->accumulator);
    }
  for (const cel::Expr& expr : ast->nodes) {
    if (const auto* ident = std::get_if<cel::Ident>(&expr.node))
      if (among(own_variables, ident->name) && !locals.count(ident->name)) return ident->name;
    if (const auto* call = std::get_if<cel::Call>(&expr.node))
      if (among(own_functions, call->function)) return call->function;
  }
  return {};
}

// --- rules for the controllers of pods ---

struct Controller {
  std::string_view name, group;
  bool cron;
};
constexpr std::array controllers = {Controller{"cronjobs", "batch", true},     Controller{"daemonsets", "apps", false},
                                    Controller{"deployments", "apps", false},  Controller{"jobs", "batch", false},
                                    Controller{"replicasets", "apps", false},  Controller{"statefulsets", "apps", false}};

bool selects_something(Value selector) { return selector.find("matchLabels").size() + selector.find("matchExpressions").size() != 0; }

// Kyverno does it for policies about pods and nothing else.
bool about_pods(const MatchResources& match) {
  if (selects_something(match.namespace_selector) || selects_something(match.object_selector)) return false;
  if (!match.exclude.empty() || match.rules.size() != 1) return false;
  const ResourceRule& rule = match.rules[0];
  const auto only = [](const std::vector<std::string_view>& list, std::string_view one) { return list.size() == 1 && list[0] == one; };
  return rule.names.empty() && only(rule.groups, "") && only(rule.versions, "v1") && only(rule.resources, "pods");
}

bool identifier_part(char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// Every `from` becomes `to`, but for `from.name` and `from.namespace`, which stay the controller's own.
std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  for (std::size_t at = 0;;) {
    const std::size_t found = text.find(from, at);
    out += text.substr(at, found - at);
    if (found == text.npos) return out;
    const std::string_view rest = text.substr(found + from.size());
    bool kept = false;
    for (const std::string_view suffix : {".namespace", ".name"})
      kept = kept || (rest.starts_with(suffix) && (rest.size() == suffix.size() || !identifier_part(rest[suffix.size()])));
    out += kept ? from : to;
    at = found + from.size();
  }
}

struct Rewriter {
  Arena& arena;
  std::string prefix;  // spec.template, spec.jobTemplate.spec.template

  Value operator()(Value expression) const {
    if (!expression) return expression;
    std::string text(expression.as_string());
    for (const std::string_view object : {"object.", "oldObject."})
      for (const std::string_view field : {"spec", "metadata"}) {
        const std::string from = std::string(object) + std::string(field);
        text = replaced(text, from, std::string(object) + prefix + "." + std::string(field));
      }
    if (text == expression.as_string()) return expression;
    const Origin origin{expression, {}, "for the controllers of pods"};
    return arena.computed(arena.string(arena.copy(text), {}), {&origin, 1});
  }
};

Policy for_controllers(const Policy& policy, const std::vector<const Controller*>& targets, bool cron, Arena& arena) {
  Policy made = policy;
  const Rewriter rewrite{arena, cron ? "spec.jobTemplate.spec.template" : "spec.template"};
  const ResourceRule from = policy.constraints.rules[0];
  made.constraints.rules.clear();
  made.constraints.namespace_selector = made.constraints.object_selector = Value();
  for (const Controller* target : targets) {
    ResourceRule rule;
    rule.operations = from.operations;
    rule.groups = {target->group};
    rule.versions = {"v1"};
    rule.resources = {target->name};
    made.constraints.rules.push_back(std::move(rule));
  }
  for (NamedExpression& one : made.conditions) one.expression = rewrite(one.expression);
  for (NamedExpression& one : made.variables) one.expression = rewrite(one.expression);
  for (NamedExpression& one : made.audit_annotations) one.expression = rewrite(one.expression);
  for (Validation& one : made.validations) {
    one.expression = rewrite(one.expression);
    one.message_expression = rewrite(one.message_expression);
  }
  return made;
}

}  // namespace

bool is_kyverno_policy(std::string_view type) {
  return type == "k8s:policies.kyverno.io/ValidatingPolicy" || type == "k8s:policies.kyverno.io/NamespacedValidatingPolicy";
}
bool is_kyverno_exception(std::string_view type) { return type == "k8s:policies.kyverno.io/PolicyException"; }

KyvernoPolicy read_kyverno_policy(Value object, std::string_view name, std::string_view ns, Span header, const Schema& schema,
                                  Arena& arena, Diagnostics& diagnostics) {
  KyvernoPolicy made;
  const Value spec = object.find("spec");
  const auto note = [&](Value at, std::string message) {
    const Span span = at ? located(at).span : Span{};
    diagnostics.note(std::string(code), span ? span : header, std::move(message));
  };
  const Value evaluation = spec.find("evaluation");
  if (const Value mode = evaluation.find("mode"); mode.as_string() == "JSON") {
    note(mode, "a policy in mode `JSON` is not about Kubernetes objects: it is not used");
    return made;
  }
  const std::string id = "kyverno/" + std::string(name);
  Policy policy = read_policy(object, id, header, schema, diagnostics);
  policy.kyverno = true;
  const auto look = [&](Value expression) {
    const std::string own = own_name(expression.as_string());
    if (own.empty()) return;
    note(expression, "`" + own + "` is Kyverno's own and not supported: what this policy says is unknown");
    if (policy.unsupported.empty()) policy.unsupported = "the policy uses `" + own + "`, which is Kyverno's own";
  };
  for (const NamedExpression& one : policy.conditions) look(one.expression);
  for (const NamedExpression& one : policy.variables) look(one.expression);
  for (const Validation& one : policy.validations) {
    look(one.expression);
    look(one.message_expression);
  }

  made.binding.policy = arena.copy(id);
  made.binding.object = object;
  made.binding.header = header;
  for (const Value action : spec.find("validationActions").items()) {
    const std::string_view text = action.as_string();
    if (text == "Deny") made.binding.deny = true;
    else if (text == "Warn") made.binding.warn = true;
    else if (text == "Audit") made.binding.audit = true;
    else diagnostics.error(std::string(code), located(action).span, "`" + std::string(text) + "` is no action: Deny, Warn or Audit");
  }
  if (spec.find("validationActions").size() == 0) made.binding.deny = true;
  if (const Value enabled = evaluation.find("admission").find("enabled"); enabled.is(Kind::boolean) && !enabled.as_bool()) {
    made.binding.deny = made.binding.warn = false;  // it only reports
    made.binding.audit = true;
  }
  if (!ns.empty()) {
    const Entry label{"kubernetes.io/metadata.name", 27, 0, arena.string(arena.copy(ns), {})};
    const Entry labels{"matchLabels", 11, 0, arena.map({&label, 1}, {})};
    made.binding.match = MatchResources{};
    made.binding.match->namespace_selector = arena.map({&labels, 1}, {});
  }

  std::vector<const Controller*> plain, cron;
  if (about_pods(policy.constraints)) {
    const Value chosen = spec.find("autogen").find("podControllers").find("controllers");
    for (const Controller& controller : controllers) {
      const bool wanted = !chosen.is_list() || std::any_of(chosen.items().begin(), chosen.items().end(), [&](Value one) { return one.as_string() == controller.name; });
      if (wanted) (controller.cron ? cron : plain).push_back(&controller);
    }
  }
  made.policies.push_back(policy);
  if (!plain.empty()) made.policies.push_back(for_controllers(policy, plain, false, arena));
  if (!cron.empty()) made.policies.push_back(for_controllers(policy, cron, true, arena));
  return made;
}

std::vector<std::string> excepted_policies(Value exception) {
  std::vector<std::string> names;
  for (const Value ref : exception.find("spec").find("policyRefs").items()) names.emplace_back(ref.find("name").as_string());
  return names;
}

}  // namespace assay::kubernetes::admission

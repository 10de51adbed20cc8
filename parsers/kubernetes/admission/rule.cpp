#include "parsers/kubernetes/admission/rule.hpp"

#include <algorithm>
#include <atomic>
#include <optional>
#include <set>

#include "engine/native_rule.hpp"
#include "parsers/kubernetes/adapter.hpp"
#include "parsers/kubernetes/admission/authorizer.hpp"
#include "parsers/kubernetes/admission/kyverno.hpp"
#include "parsers/kubernetes/admission/request.hpp"
#include "parsers/kubernetes/kinds.hpp"

namespace assay::kubernetes::admission {

namespace {

constexpr std::string_view group = "admissionregistration.k8s.io";
constexpr std::string_view premise = "the API server is of version 1.36, with its default admission plug-ins";

// Requests that no policy sees: policies themselves, and questions about access.
bool exempt(const Endpoint& endpoint) {
  if (endpoint.group == group)
    return endpoint.resource.starts_with("validatingadmissionpolic") || endpoint.resource.starts_with("mutatingadmissionpolic");
  if (endpoint.group == "authentication.k8s.io") return endpoint.resource == "tokenreviews" || endpoint.resource == "selfsubjectreviews";
  if (endpoint.group == "authorization.k8s.io") return endpoint.resource.ends_with("reviews");
  return false;
}

// An object on its way through the policies: made once for all of them, by the thread that judges it.
struct Current {
  std::uint64_t admission = 0;  // its serial
  const Graph* graph = nullptr;
  ResourceId resource = no_resource;
  std::string address;
  World world;
  Served served;
  Attributes request;  // without the object
  std::unique_ptr<Arena> arena;
  std::vector<std::pair<Endpoint, Admitted>> admitted;

  const Admitted& as(const Resource& of, const Endpoint& target) {
    for (const auto& [endpoint, made] : admitted)
      if (endpoint == target) return made;
    return admitted.emplace_back(target, admit(world, of, served, target, *arena)).second;
  }
};

Current& current(const Admission& admission, const Graph& graph, const Resource& resource) {
  thread_local Current one;
  if (one.admission != admission.serial || one.graph != &graph || one.resource != resource.id || one.address != resource.address) {
    one = {};
    one.admission = admission.serial;
    one.graph = &graph;
    one.resource = resource.id;
    one.address = resource.address;
    one.world = {&graph, &admission.schema, &admission.beside, &admission.custom, resource.scope};
    one.served = serve(one.world, resource);
    one.request = attributes_of(one.world, resource, one.served);
    one.arena = std::make_unique<Arena>();
  }
  return one;
}

// The parameters under one binding. `null` is evaluation without parameter, `error` a configuration error.
struct Params {
  struct One {
    Value value;
    std::string name;
  };
  std::vector<One> all;
  std::string error;
  std::string unknown;  // which are there is not known
};

Params collect_params(const World& world, const Policy& policy, const Binding& binding, const Attributes& request, Arena& arena) {
  Params params;
  if (!policy.param_kind || !binding.param_ref) {
    params.all.push_back({});
    return params;
  }
  const ParamKind& kind = *policy.param_kind;
  const ParamRef& ref = *binding.param_ref;
  const std::string type = type_of(kind.api_version, kind.kind);
  const auto [namespaced, known] = scope_of_kind(world, kind.api_version, kind.kind);
  if (!known && world.closed(custom_resource_definition)) {
    params.error = "failed to configure policy: failed to find resource referenced by paramKind: '" + std::string(kind.api_version) +
                   ", Kind=" + std::string(kind.kind) + "'";
    return params;
  }
  const auto configuration = [&](std::string text) { params.error = "failed to configure binding: " + std::move(text); };
  std::string ns;
  if (namespaced) {
    ns = ref.ns.empty() ? request.ns : std::string(ref.ns);
    if (ns.empty()) {
      configuration("cannot use namespaced paramRef in policy binding that matches cluster-scoped resources");
      return params;
    }
  } else if (!ref.ns.empty()) {
    configuration("paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
    return params;
  }
  const auto take = [&](Value object) {
    const std::string_view name = object.at({"metadata", "name"}).as_string();
    params.all.push_back({stored(world, object, kind.api_version, kind.kind, ns, arena), (ns.empty() ? "" : ns + "/") + std::string(name)});
  };
  if (!ref.name.empty()) {
    if (const Value object = world.find(type, ns, ref.name)) take(object);
  } else {
    for (const Value object : world.all(type, ns)) {
      NamespaceLabels labels;
      labels.known = true;
      labels.labels = object.at({"metadata", "labels"});
      if (selects(ref.selector, labels) == Answer::yes) take(object);
    }
  }
  if (!world.closed(type)) {
    const std::string what = "`" + std::string(kind.kind) + "` " + (ns.empty() ? "" : "`" + ns + "`/") +
                             (ref.name.empty() ? std::string("objects that its selector picks") : "`" + std::string(ref.name) + "`");
    if (params.all.empty()) params.unknown = "the parameter of the binding, " + what + ", is not among the inputs";
  } else if (params.all.empty() && ref.deny_when_missing) {
    configuration("no params found for policy binding with `Deny` parameterNotFoundAction");
  }
  return params;
}

Decision configuration_error(const Policy& policy, std::string message) {
  Decision decision;
  decision.outcome = policy.fail ? Outcome::error : Outcome::admit;
  decision.always = true;
  decision.message = std::move(message);
  return decision;
}

bool reaches(const World& world, bool scoped, ScopeId scope) { return !scoped || world.reaches(scope); }

std::uint64_t next_serial() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

}  // namespace

Admission::Admission(std::string_view types, std::string_view defaults) : serial(next_serial()), schema(types, defaults) {}

std::vector<Ruling> rule_on(const Admission& admission, const SourcePolicy& source, const Graph& graph, const Resource& resource,
                            const Replaced& replaced, Arena& arena, std::vector<Premise>& premises) {
  std::vector<Ruling> rulings;
  const CompiledPolicy& policy = *source.compiled;
  Current& subject = current(admission, graph, resource);
  const World& world = subject.world;
  if (!policy.policy.valid || !reaches(world, source.scoped, source.scope) || exempt(subject.served.endpoint)) return rulings;
  if (!names_resource(policy.policy.constraints, subject.request)) return rulings;

  const Admitted& asked = subject.as(resource, subject.served.endpoint);
  Attributes request = subject.request;
  request.object = asked.object;
  Resource before = resource;
  before.value = replaced.object;
  if (replaced.object) {
    request.operation = "UPDATE";
    request.old_object = admit(world, before, subject.served, subject.served.endpoint, arena).object;
  }
  const Match match = matches(policy.policy.constraints, request);
  if (match.answer == Answer::no) return rulings;
  const Admitted& shown = subject.as(resource, match.endpoint);
  premises.insert(premises.end(), shown.premises.begin(), shown.premises.end());

  RbacAuthorizer authorizer(world, admission.request);
  Input input;
  input.object = shown.object;
  if (replaced.object) input.old_object = admit(world, before, subject.served, match.endpoint, arena).object;
  input.namespace_object = namespace_object(world, request, arena);
  input.authorizer = &authorizer;
  input.request_resource.group = match.endpoint.group;
  input.request_resource.resource = request.endpoint.resource;
  input.request_resource.object_namespace = request.ns;
  input.request_resource.object_name = request.name;
  input.request = request_value(request, match.endpoint, admission.request, arena);

  for (const SourceBinding& candidate : admission.bindings) {
    const Binding& binding = candidate.binding;
    if (!binding.valid || binding.policy != policy.policy.name || !reaches(world, candidate.scoped, candidate.scope)) continue;
    Answer matched = match.answer;
    std::string why = match.why;
    if (binding.match) {
      const Match own = matches(*binding.match, request);
      matched = std::min(matched, own.answer);
      if (own.answer == Answer::maybe && why.empty()) why = own.why;
    }
    if (matched == Answer::no) continue;
    Ruling ruling;
    ruling.policy = &policy;
    ruling.binding = &binding;
    ruling.matched = matched;
    ruling.why = why;
    if (!policy.policy.unsupported.empty()) {
      Decision decision;
      decision.outcome = Outcome::unknown;
      decision.message = policy.policy.unsupported;
      ruling.decisions.push_back(std::move(decision));
      rulings.push_back(std::move(ruling));
      continue;
    }
    Params params = collect_params(world, policy.policy, binding, request, arena);
    if (!params.error.empty()) {
      ruling.decisions.push_back(configuration_error(policy.policy, params.error));
      rulings.push_back(std::move(ruling));
      continue;
    }
    if (!params.unknown.empty()) {
      params.all.push_back({arena.unknown({"params", {}, arena.copy(params.unknown)}, {}), {}});
      // Where the parameter is missing everything is denied, or nothing is evaluated.
      if (!binding.param_ref->deny_when_missing || !policy.policy.fail) {
        ruling.matched = std::min(ruling.matched, Answer::maybe);
        if (ruling.why.empty()) ruling.why = params.unknown;
      }
    }
    for (const Params::One& param : params.all) {
      Ruling one = ruling;
      one.param = param.name;
      input.params = param.value;
      Evaluated evaluated = evaluate(policy, input);
      if (evaluated.matched == Answer::no) continue;
      one.matched = std::min(one.matched, evaluated.matched);
      if (one.why.empty()) one.why = evaluated.why;
      one.decisions = std::move(evaluated.decisions);
      one.annotations = std::move(evaluated.annotations);
      one.memory = std::move(evaluated.memory);
      rulings.push_back(std::move(one));
    }
  }
  return rulings;
}

namespace {

class PolicyRule final : public NativeRule {
 public:
  PolicyRule(std::shared_ptr<const Admission> admission, std::vector<const SourcePolicy*> policies)
      : admission_(std::move(admission)), policies_(std::move(policies)) {}

  bool pairs_with(const Graph& graph, const Resource& resource) const override {
    if (!resource.value || !resource.type.starts_with("k8s:")) return false;
    const Current& subject = current(*admission_, graph, resource);
    if (exempt(subject.served.endpoint)) return false;
    return std::any_of(policies_.begin(), policies_.end(), [&](const SourcePolicy* policy) {
      return reaches(subject.world, policy->scoped, policy->scope) && names_resource(policy->compiled->policy.constraints, subject.request);
    });
  }

  NativeJudgement judge(const Graph& graph, const Resource& resource, Arena& arena) const override {
    NativeJudgement judgement;
    for (const SourcePolicy* policy : policies_) {
      std::vector<Premise> premises = {{std::string(premise), PremiseStatus::assumed}};
      for (const Ruling& ruling : rule_on(*admission_, *policy, graph, resource, {}, arena, premises)) {
        if (ruling.decisions.empty()) worse(judgement.verdict, Verdict::pass);  // it only annotates
        for (const Decision& decision : ruling.decisions) take(judgement, ruling, decision, premises, arena);
      }
    }
    return judgement;
  }

 private:
  static void worse(Verdict& verdict, Verdict other) {
    const auto rank = [](Verdict v) {
      switch (v) {
        case Verdict::not_applicable: return 0;
        case Verdict::pass: return 1;
        case Verdict::unknown: return 2;
        case Verdict::fail: return 3;
      }
      return 0;
    };
    if (rank(other) > rank(verdict)) verdict = other;
  }

  static void take(NativeJudgement& judgement, const Ruling& ruling, const Decision& decision, const std::vector<Premise>& premises, Arena& arena) {
    if (decision.outcome == Outcome::admit) return worse(judgement.verdict, Verdict::pass);
    const Policy& policy = ruling.policy->policy;
    const Binding& binding = *ruling.binding;
    const bool certain = decision.outcome != Outcome::unknown && ruling.matched == Answer::yes;
    NativeFinding finding;
    finding.verdict = certain ? Verdict::fail : Verdict::unknown;
    worse(judgement.verdict, finding.verdict);
    const bool denies = binding.deny || decision.always;
    finding.severity = !certain ? Severity::low : denies ? Severity::high : binding.warn ? Severity::low : Severity::info;
    std::string who = "admission policy `" + policy.name + "`";
    if (!binding.name.empty()) {
      who += " (binding `" + binding.name + "`";
      if (!ruling.param.empty()) who += ", parameter `" + ruling.param + "`";
      who += ")";
    }
    if (certain) {
      finding.message = denies ? "denied by " + who : who + (binding.warn ? " warns" : " records a failure");
      finding.message += ": " + decision.message;
    } else {
      finding.message = who + (denies ? " may deny it" : binding.warn ? " may warn" : " may record a failure");
      if (decision.outcome == Outcome::unknown && decision.validation == no_validation) {
        finding.why = decision.message;
      } else if (decision.outcome == Outcome::unknown) {
        const Validation& validation = policy.validations[decision.validation];
        if (!validation.message.empty()) finding.message += ": " + std::string(validation.message);
        finding.why = decision.message;
      } else {
        finding.message += ": " + decision.message;
      }
      if (ruling.matched != Answer::yes) finding.why += (finding.why.empty() ? "" : "; ") + ruling.why;
    }
    for (cel::Decisive one : decision.decisive) {
      one.absent = arena.copy(one.absent);
      finding.decisive.push_back(one);
    }
    finding.identity = binding.name + "\n" + ruling.param + "\n";
    if (decision.validation != no_validation) finding.identity += policy.validations[decision.validation].expression.as_string();
    finding.premises = premises;
    judgement.findings.push_back(std::move(finding));
  }

  std::shared_ptr<const Admission> admission_;
  std::vector<const SourcePolicy*> policies_;  // of one name
};

void add_policy(Admission& admission, Value value, const std::string& name, std::string_view api_version, Span header, bool scoped,
                ScopeId scope, const TextMap& text_map, Diagnostics& diagnostics) {
  report_unknown_fields(value, api_version, "ValidatingAdmissionPolicy", admission.schema, diagnostics);
  Policy policy = read_policy(value, name, header, admission.schema, diagnostics);
  auto compiled = admission.compiler.compile(std::move(policy), text_map, diagnostics);
  if (compiled->policy.valid) admission.type_checker.check(compiled->policy, admission.compiler, text_map, diagnostics);
  admission.policies.push_back({std::move(compiled), scoped, scope});
}
void add_binding(Admission& admission, Value value, const std::string& name, std::string_view api_version, Span header, bool scoped,
                 ScopeId scope, Diagnostics& diagnostics) {
  report_unknown_fields(value, api_version, "ValidatingAdmissionPolicyBinding", admission.schema, diagnostics);
  admission.bindings.push_back({read_binding(value, name, header, admission.schema, diagnostics), scoped, scope});
}

// Kyverno's policies are their own bindings; an exception that names one makes it unknown.
void add_kyverno(Admission& admission, const Graph& graph, const TextMap& text_map, Diagnostics& diagnostics) {
  constexpr std::string_view kinds[] = {"k8s:policies.kyverno.io/ValidatingPolicy", "k8s:policies.kyverno.io/NamespacedValidatingPolicy"};
  for (const std::string_view kind : kinds) {
    for (const ResourceId id : graph.of_type(kind)) {
      const Resource& resource = graph.resource(id);
      if (!resource.value) continue;
      const bool namespaced = kind.find("/Namespaced") != kind.npos;
      ParsedFile kept;
      KyvernoPolicy made = read_kyverno_policy(resource.value, resource.name, namespaced ? std::string_view(resource.ns) : std::string_view(),
                                               resource.header, admission.schema, kept.arena, diagnostics);
      for (const ResourceId other : graph.of_type("k8s:policies.kyverno.io/PolicyException")) {
        const Resource& exception = graph.resource(other);
        const auto names = excepted_policies(exception.value);
        if (std::find(names.begin(), names.end(), resource.name) == names.end()) continue;
        for (Policy& policy : made.policies) policy.unsupported = "the exception `" + exception.name + "` may exempt the object";
      }
      Diagnostics unsaid;  // what is wrong with the policy is wrong with what is made of it
      for (std::size_t i = 0; i < made.policies.size(); ++i)
        admission.policies.push_back(
            {admission.compiler.compile(std::move(made.policies[i]), text_map, i == 0 ? diagnostics : unsaid), true, resource.scope});
      if (!made.policies.empty()) admission.bindings.push_back({std::move(made.binding), true, resource.scope});
      admission.files.push_back(std::move(kept));
    }
  }
}

// What the policy asks for, in words, for people who ask `assay explain`.
std::string explanation(const Policy& policy) {
  std::string text = "The API server refuses objects for which a validation of this admission policy does not hold:";
  for (const Validation& validation : policy.validations) {
    std::string line(validation.message.empty() ? validation.expression.as_string() : validation.message);
    std::replace(line.begin(), line.end(), '\n', ' ');
    while (!line.empty() && line.back() == ' ') line.pop_back();
    text += (&validation == &policy.validations[0] ? " " : "; ") + (validation.message.empty() ? "`" + line + "`" : line);
  }
  return text + ".";
}

}  // namespace

bool add_file(Admission& admission, const ParsedFile& file, const TextMap& text_map, Diagnostics& diagnostics) {
  static const auto nothing_known = [](std::string_view) { return false; };
  Arena arena;
  Diagnostics unsaid;
  ParsedFile kept;
  std::vector<Object> found = objects(file, nothing_known, kept.arena, unsaid);
  if (found.empty()) return false;
  for (Object& object : found) {
    if (is_policy(object.type)) add_policy(admission, object.value, object.name, object.api_version, object.header, false, 0, text_map, diagnostics);
    else if (is_binding(object.type)) add_binding(admission, object.value, object.name, object.api_version, object.header, false, 0, diagnostics);
    else admission.beside.push_back({object.type, object.ns, object.name, object.api_version, object.value});
  }
  admission.files.push_back(std::move(kept));
  return true;
}

void add_graph(Admission& admission, const Graph& graph, const TextMap& text_map, Diagnostics& diagnostics) {
  for (const std::string kind : {"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"}) {
    for (const ResourceId id : graph.of_type("k8s:" + std::string(group) + "/" + kind)) {
      const Resource& resource = graph.resource(id);
      if (!resource.value) continue;
      if (is_policy(resource.type))
        add_policy(admission, resource.value, resource.name, resource.api_version, resource.header, true, resource.scope, text_map, diagnostics);
      else
        add_binding(admission, resource.value, resource.name, resource.api_version, resource.header, true, resource.scope, diagnostics);
    }
  }
  add_kyverno(admission, graph, text_map, diagnostics);
}

void add_rules(std::shared_ptr<const Admission> admission, Catalog& catalog, Diagnostics& diagnostics, bool notes) {
  std::map<std::string, std::vector<const SourcePolicy*>> by_name;
  for (const SourcePolicy& policy : admission->policies) by_name[policy.compiled->policy.name].push_back(&policy);
  for (const auto& [name, policies] : by_name) {
    const Policy& first = policies[0]->compiled->policy;
    RuleDefinition rule;
    rule.info.id = "admission/" + name;
    rule.info.family = "admission";
    rule.info.title = "admission policy `" + name + "` denies the object";
    rule.info.why = explanation(first);
    rule.info.fix = "Change the object so that the policy's validations hold, or, where it rightly differs, the policy.";
    rule.info.severity = Severity::info;
    bool bound = false;
    for (const SourceBinding& binding : admission->bindings) {
      if (binding.binding.policy != name || !binding.binding.valid) continue;
      bound = true;
      const Severity severity = binding.binding.deny ? Severity::high : binding.binding.warn ? Severity::low : Severity::info;
      rule.info.severity = std::max(rule.info.severity, severity);
    }
    if (!bound) rule.info.severity = Severity::high;
    if (!bound && notes)
      diagnostics.note("admission-policy", first.header, "no ValidatingAdmissionPolicyBinding refers to policy `" + name + "`: it enforces nothing");
    rule.at = first.object;
    rule.builtin = false;
    rule.native = std::make_shared<PolicyRule>(admission, policies);
    catalog.rules.insert_or_assign(rule.info.id, std::move(rule));
  }
  if (!notes) return;
  for (const SourceBinding& binding : admission->bindings) {
    if (!binding.binding.valid || by_name.contains(std::string(binding.binding.policy))) continue;
    diagnostics.note("admission-policy", binding.binding.header,
                     "policy `" + std::string(binding.binding.policy) + "` is not among the inputs: what it denies is not known");
  }
}

}  // namespace assay::kubernetes::admission

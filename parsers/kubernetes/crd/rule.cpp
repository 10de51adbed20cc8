#include "parsers/kubernetes/crd/rule.hpp"

#include <algorithm>
#include <cctype>
#include <map>

#include "engine/native_rule.hpp"
#include "parsers/kubernetes/crd/definition.hpp"
#include "parsers/kubernetes/crd/prepare.hpp"

namespace assay::kubernetes::crd {

namespace {

// A definition, and where it is known.
struct Known {
  std::unique_ptr<Definition> definition;
  ScopeId scope = 0;
};

// A path without the numbers of its items, which other items would change.
std::string without_indices(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::size_t end = i + 1;
    if (text[i] == '[') {
      while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end]))) ++end;
      if (end > i + 1 && end < text.size() && text[end] == ']') {
        out += "[]";
        i = end;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

class DefinitionRule final : public NativeRule {
 public:
  DefinitionRule(std::shared_ptr<const Language> language, std::string type, std::vector<Known> known)
      : language_(std::move(language)), type_(std::move(type)), known_(std::move(known)) {}

  bool pairs_with(const Graph& graph, const Resource& resource) const override {
    return resource.type == type_ && resource.value && definition_for(graph, resource);
  }

  NativeJudgement judge(const Graph& graph, const Resource& resource, Arena& arena) const override {
    NativeJudgement judgement;
    const Definition& definition = *definition_for(graph, resource);
    if (!definition.valid()) {
      NativeFinding finding;
      finding.verdict = judgement.verdict = Verdict::unknown;
      finding.severity = Severity::low;
      finding.message = "what the definition says of this resource is not known";
      finding.why = "the definition `" + definition.name() + "` has mistakes, see the diagnostics";
      judgement.findings.push_back(std::move(finding));
      return judgement;
    }
    Answer verdict = definition.check(resource.value, Value(), arena);
    bool certain = false, undecided = false;
    for (Fault& fault : verdict.faults) {
      // The API server's remark that it did not go on is no fault of its own.
      if (fault.field == "<nil>" && fault.bad_value == "null") continue;
      (fault.undecided ? undecided : certain) = true;
      judgement.findings.push_back(finding(fault));
    }
    if (!verdict.whole) {
      undecided = true;
      NativeFinding finding;
      finding.verdict = Verdict::unknown;
      finding.severity = Severity::low;
      finding.message = "the resource is not looked at as a whole";
      finding.why = "its aliases stand for more values than the limit allows";
      judgement.findings.push_back(std::move(finding));
    }
    judgement.verdict = certain ? Verdict::fail : undecided ? Verdict::unknown : Verdict::pass;
    return judgement;
  }

 private:
  static NativeFinding finding(Fault& fault) {
    NativeFinding made;
    std::string_view lacking = fault.absent;
    std::string_view of_default;
    const Value at = original(fault.at, of_default);
    if (lacking.empty()) lacking = of_default;
    made.verdict = fault.undecided ? Verdict::unknown : Verdict::fail;
    made.severity = Severity::high;
    if (fault.kind == FaultKind::unknown_field) {
      made.severity = Severity::low;
      made.message = "unknown field `" + fault.field + "`: the API server drops it, and with strict validation (kubectl's own) refuses the object";
      made.identity = without_indices(fault.field);
    } else {
      made.message = fault.text();
      made.identity = without_indices(fault.field) + "\n" + without_indices(fault.detail);
    }
    if (fault.undecided) {
      made.message = fault.field + ": " + fault.detail;
      made.why = fault.why;
    }
    if (!lacking.empty()) {
      made.decisive.push_back({at, lacking});
      made.subject = at;
    } else {
      made.subject = at;
    }
    for (const cel::Decisive& decisive : fault.decisive)
      if (std::find(made.decisive.begin(), made.decisive.end(), decisive) == made.decisive.end()) made.decisive.push_back(decisive);
    return made;
  }

  // The definition in the resource's own scope, else one that is deployed beside it.
  const Definition* definition_for(const Graph& graph, const Resource& resource) const {
    const Definition* found = nullptr;
    for (const Known& known : known_) {
      if (known.scope == resource.scope) return known.definition.get();
      const std::string &here = graph.scope(resource.scope).environment, &there = graph.scope(known.scope).environment;
      if (!found && (here == there || there.empty())) found = known.definition.get();
    }
    return found;
  }

  std::shared_ptr<const Language> language_;
  std::string type_;
  std::vector<Known> known_;
};

}  // namespace

void add_rules(const Graph& graph, Catalog& catalog, Diagnostics& diagnostics) {
  std::map<std::string, std::vector<const Resource*>> by_type;
  for (const ResourceId id : graph.of_type(definition_type)) {
    const Resource& resource = graph.resource(id);
    if (!resource.value || resource.api_version != "apiextensions.k8s.io/v1") continue;
    const std::string type = defined_type(resource.value);
    if (type.empty()) continue;
    const auto defined = graph.of_type(type);
    const bool any = std::any_of(defined.begin(), defined.end(), [&](ResourceId one) {
      const Resource& custom = graph.resource(one);
      return !custom.implied && !custom.context && custom.value;
    });
    if (any) by_type[type].push_back(&resource);
  }
  if (by_type.empty()) return;
  const auto language = std::make_shared<const Language>();
  for (const auto& [type, resources] : by_type) {
    std::vector<Known> known;
    for (const Resource* resource : resources)
      known.push_back({std::make_unique<Definition>(resource->value, *language, catalog.text_map, diagnostics), resource->scope});
    const Definition& first = *known[0].definition;
    RuleDefinition rule;
    rule.info.id = "crd/" + first.name();
    rule.info.family = "crd";
    rule.info.title = "custom resource does not satisfy its definition `" + first.name() + "`";
    rule.info.why =
        "The API server holds every custom resource to the schema and the `x-kubernetes-validations` of its definition, and refuses "
        "what does not satisfy them: it never comes to be, or an update of it fails. Fields that the schema does not know are dropped; "
        "kubectl refuses them, since it asks for strict validation.";
    rule.info.fix = "Change the resource so that the definition's schema and rules hold, or use the definition that fits it.";
    rule.info.severity = Severity::high;
    rule.at = resources[0]->value;
    rule.builtin = false;
    rule.native = std::make_shared<DefinitionRule>(language, type, std::move(known));
    catalog.rules.insert_or_assign(rule.info.id, std::move(rule));
  }
}

}  // namespace assay::kubernetes::crd

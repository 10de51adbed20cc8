// What the API server refuses stands in pkg/apis/admissionregistration/validation/validation.go of Kubernetes 1.36.
#include "parsers/kubernetes/admission/policy.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <span>

#include "engine/cel/libraries/kubernetes.hpp"
#include "parsers/kubernetes/admission/schema.hpp"
#include "parsers/kubernetes/selector.hpp"

namespace assay::kubernetes::admission {

namespace {

constexpr std::string_view code = "admission-policy";
constexpr std::size_t most_conditions = 64, most_annotations = 20;

std::string quoted(std::string_view text) { return "`" + std::string(text) + "`"; }

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n\v\f");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n\v\f") - begin + 1));
}

// Where a finding about a field that may be missing lands.
Span place(Value at, Span fallback) {
  const Span span = at ? located(at).span : Span{};
  return span ? span : fallback;
}

struct Reader {
  const Schema& schema;
  Diagnostics& diagnostics;
  Span header;
  bool valid = true;

  void refuse(Value at, std::string message) {
    valid = false;
    diagnostics.error(std::string(code), place(at, header), std::move(message));
  }

  // What is wrong with a name, in the API server's words.
  void faulty(Value at, std::string_view name, const std::vector<std::string>& faults) {
    for (const std::string& fault : faults) refuse(at, quoted(name) + ": " + fault);
  }
  // A name that is a part of a path.
  void path_segment(Value at) {
    const std::string_view name = at.as_string();
    if (name == "." || name == ".." || name.find_first_of("/%") != std::string_view::npos)
      refuse(at, quoted(name) + " is no name of an object: it may be neither `.` nor `..`, nor hold `/` or `%`");
  }

  // The value under a key, of the wanted kind; a wrong kind is refused, an absent one is no value.
  Value map(Value parent, std::string_view key) { return typed(parent, key, Kind::map, "a map"); }
  Value list(Value parent, std::string_view key) { return typed(parent, key, Kind::list, "a list"); }
  Value text(Value parent, std::string_view key) { return typed(parent, key, Kind::string, "a string"); }
  Value typed(Value parent, std::string_view key, Kind kind, std::string_view wanted) {
    const Value value = parent.find(key);
    if (!value || value.is_null()) return {};
    if (value.is(kind)) return value;
    refuse(value, quoted(key) + " is " + std::string(wanted) + ", this is of type `" + std::string(name_of(value.kind())) + "`");
    return {};
  }

  // One of several words; absent: the fallback.
  std::string_view choice(Value parent, std::string_view key, std::span<const std::string_view> words, std::string_view fallback) {
    const Value value = text(parent, key);
    if (!value || value.as_string().empty()) return fallback;
    if (std::find(words.begin(), words.end(), value.as_string()) != words.end()) return value.as_string();
    std::string message = quoted(key) + " is " + quoted(value.as_string()) + "; it is one of";
    for (const std::string_view word : words) message += " " + quoted(word);
    refuse(value, message);
    return fallback;
  }

  // A list of texts that must not be empty; `*` stands alone.
  std::vector<std::string_view> texts(Value parent, std::string_view key, bool required, bool wildcard_alone, bool may_be_empty) {
    std::vector<std::string_view> result;
    const Value all = list(parent, key);
    for (const Value item : all.items()) {
      if (!item.is_string()) {
        refuse(item, "an item of " + quoted(key) + " is a string");
        continue;
      }
      if (item.as_string().empty() && !may_be_empty) refuse(item, "an item of " + quoted(key) + " must not be empty");
      result.push_back(item.as_string());
    }
    if (required && result.empty()) refuse(all ? all : parent, quoted(key) + " must name at least one; `*` is all");
    if (wildcard_alone && result.size() > 1 && std::find(result.begin(), result.end(), "*") != result.end())
      refuse(all, "where `*` stands in " + quoted(key) + ", nothing else may");
    return result;
  }

  void resources(const std::vector<std::string_view>& names, Value at) {
    bool star = false, double_star = false, bare = false;
    for (const std::string_view name : names) {
      if (name == "*/*") double_star = true;
      else if (name == "*") star = true;
      else if (name.find('/') == std::string_view::npos) bare = true;
    }
    if (double_star && names.size() > 1) refuse(at, "where `*/*` stands in `resources`, nothing else may");
    if (star && bare) refuse(at, "where `*` stands in `resources`, no other resource without subresource may");
  }

  std::vector<ResourceRule> rules(Value parent, std::string_view key) {
    static constexpr std::array<std::string_view, 5> operations = {"*", "CONNECT", "CREATE", "DELETE", "UPDATE"};
    static constexpr std::array<std::string_view, 3> scopes = {"*", "Cluster", "Namespaced"};
    std::vector<ResourceRule> result;
    for (const Value item : list(parent, key).items()) {
      if (!item.is_map()) {
        refuse(item, "an item of " + quoted(key) + " is a map");
        continue;
      }
      ResourceRule rule;
      rule.operations = texts(item, "operations", true, true, false);
      for (const Value operation : item.find("operations").items())
        if (operation.is_string() && std::find(operations.begin(), operations.end(), operation.as_string()) == operations.end())
          refuse(operation, quoted(operation.as_string()) + " is no operation; there are `CREATE`, `UPDATE`, `DELETE`, `CONNECT` and `*`");
      rule.groups = texts(item, "apiGroups", true, true, true);
      rule.versions = texts(item, "apiVersions", true, true, false);
      rule.resources = texts(item, "resources", true, false, false);
      resources(rule.resources, item.find("resources"));
      rule.names = texts(item, "resourceNames", false, false, false);
      std::vector<std::string_view> seen;
      for (const Value one : item.find("resourceNames").items()) {
        if (!one.is_string()) continue;
        path_segment(one);
        if (std::find(seen.begin(), seen.end(), one.as_string()) != seen.end()) refuse(one, quoted(one.as_string()) + " stands twice");
        seen.push_back(one.as_string());
      }
      rule.scope = choice(item, "scope", scopes, "*");
      result.push_back(std::move(rule));
    }
    return result;
  }

  Value selector(Value parent, std::string_view key) {
    const Value value = map(parent, key);
    if (value && !Selector::of_label_selector(value).valid())
      refuse(value, quoted(key) + " is no label selector: `matchLabels` are texts, `matchExpressions` have `key`, an `operator` "
                    "out of In, NotIn, Exists, DoesNotExist, and `values` where it is In or NotIn");
    for (const Entry& label : value.find("matchLabels").entries()) {
      faulty(label.value, label.key(), cel::library::label_key_faults(label.key()));
      if (label.value.is_string()) faulty(label.value, label.value.as_string(), cel::library::label_value_faults(label.value.as_string()));
    }
    for (const Value expression : value.find("matchExpressions").items()) {
      const Value of = expression.find("key");
      if (of.is_string()) faulty(of, of.as_string(), cel::library::label_key_faults(of.as_string()));
      for (const Value one : expression.find("values").items())
        if (one.is_string()) faulty(one, one.as_string(), cel::library::label_value_faults(one.as_string()));
    }
    return value;
  }

  MatchResources match(Value value) {
    static constexpr std::array<std::string_view, 2> policies = {"Equivalent", "Exact"};
    MatchResources match;
    match.rules = rules(value, "resourceRules");
    match.exclude = rules(value, "excludeResourceRules");
    match.namespace_selector = selector(value, "namespaceSelector");
    match.object_selector = selector(value, "objectSelector");
    match.equivalent = choice(value, "matchPolicy", policies, "Equivalent") == "Equivalent";
    return match;
  }

  // A text that must be there and hold more than blanks.
  Value expression(Value parent, std::string_view key) {
    const Value value = text(parent, key);
    if (value && !trimmed(value.as_string()).empty()) return value;
    if (!parent.find(key) || value) refuse(value ? value : parent, quoted(key) + " must hold an expression");
    return {};
  }

  void version_and_kind(Value value) {
    const Value api_version = text(value, "apiVersion"), kind = text(value, "kind");
    if (api_version.as_string().empty()) refuse(value, "`paramKind` needs an `apiVersion`");
    else if (std::count(api_version.as_string().begin(), api_version.as_string().end(), '/') > 1)
      refuse(api_version, quoted(api_version.as_string()) + " is no API version; write `v1` or `GROUP/VERSION`");
    if (kind.as_string().empty()) refuse(value, "`paramKind` needs a `kind`");
    const std::string_view written = api_version.as_string();
    const std::size_t slash = written.find('/');
    if (slash != std::string_view::npos && slash > 0) faulty(api_version, written.substr(0, slash), cel::library::subdomain_faults(written.substr(0, slash)));
    const std::string_view version = slash == std::string_view::npos ? written : written.substr(slash + 1);
    if (!version.empty()) faulty(api_version, version, cel::library::dns_1035_label_faults(version));
    std::string lower(kind.as_string());
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (!lower.empty()) faulty(kind, kind.as_string(), cel::library::dns_1035_label_faults(lower));
  }
};

bool identifier(std::string_view name) {
  static constexpr std::array<std::string_view, 21> reserved = {
      "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let",
      "loop", "package", "namespace", "return", "var", "void", "while"};
  const auto letter = [](char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (name.empty() || !letter(name[0])) return false;
  if (!std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); })) return false;
  return std::find(reserved.begin(), reserved.end(), name) == reserved.end();
}

// Names of one list must differ.
void distinct(Reader& reader, const std::vector<NamedExpression>& names, Value list, std::string_view key) {
  for (std::size_t i = 0; i < names.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (names[i].name == names[j].name && !names[i].name.empty()) {
        const Value item = i < list.size() ? list.items()[i].find(key) : Value();
        reader.refuse(item ? item : list, quoted(names[i].name) + " stands twice: every " + std::string(key) + " once");
        break;
      }
}

void read_validations(Reader& reader, Value spec, Policy& policy) {
  static constexpr std::array<std::string_view, 3> reasons = {"Forbidden", "Invalid", "RequestEntityTooLarge"};
  for (const Value item : reader.list(spec, "validations").items()) {
    if (!item.is_map()) {
      reader.refuse(item, "a validation is a map with an `expression`");
      continue;
    }
    Validation validation;
    validation.expression = reader.expression(item, "expression");
    const Value message = reader.text(item, "message");
    if (message && !message.as_string().empty()) {
      const std::string text = trimmed(message.as_string());
      if (text.empty()) reader.refuse(message, "`message` must not be blank; leave it out");
      else if (text.find_first_of("\r\n") != std::string::npos) reader.refuse(message, "`message` must be one line");
    }
    validation.message = message.as_string();
    const Value message_expression = reader.text(item, "messageExpression");
    if (message_expression && !message_expression.as_string().empty()) {
      if (trimmed(message_expression.as_string()).empty())
        reader.refuse(message_expression, "`messageExpression` must not be blank; leave it out");
      else
        validation.message_expression = message_expression;
    }
    validation.reason = reader.choice(item, "reason", reasons, "");
    policy.validations.push_back(validation);
  }
}

}  // namespace

bool is_policy(std::string_view type) { return type == "k8s:admissionregistration.k8s.io/ValidatingAdmissionPolicy"; }
bool is_binding(std::string_view type) { return type == "k8s:admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding"; }

Policy read_policy(Value object, std::string name, Span header, const Schema& schema, Diagnostics& diagnostics) {
  static constexpr std::array<std::string_view, 2> failures = {"Fail", "Ignore"};
  Reader reader{schema, diagnostics, header};
  Policy policy;
  policy.name = std::move(name);
  policy.object = object;
  policy.header = header;
  const Value own_name = object.at({"metadata", "name"});
  if (own_name.is_string()) reader.faulty(own_name, own_name.as_string(), cel::library::subdomain_faults(own_name.as_string()));
  const Value spec = reader.map(object, "spec");
  if (!spec) reader.refuse(object, "an admission policy needs a `spec`");
  policy.fail = reader.choice(spec, "failurePolicy", failures, "Fail") == "Fail";
  if (const Value kind = reader.map(spec, "paramKind")) {
    reader.version_and_kind(kind);
    policy.param_kind = ParamKind{kind.find("apiVersion").as_string(), kind.find("kind").as_string()};
  }
  const Value constraints = reader.map(spec, "matchConstraints");
  if (!constraints) reader.refuse(spec, "an admission policy needs `matchConstraints`: which objects it is about");
  policy.constraints = reader.match(constraints);
  if (constraints && policy.constraints.rules.empty())
    reader.refuse(constraints, "`matchConstraints` need at least one of `resourceRules`");

  const Value conditions = reader.list(spec, "matchConditions");
  if (conditions.size() > most_conditions)
    reader.refuse(conditions, "there are " + std::to_string(conditions.size()) + " `matchConditions`; 64 are allowed");
  for (const Value item : conditions.items()) {
    const Value named = reader.text(item, "name");
    if (named.as_string().empty()) reader.refuse(item, "a match condition needs a `name`");
    else reader.faulty(named, named.as_string(), cel::library::label_key_faults(named.as_string()));
    policy.conditions.push_back({named.as_string(), reader.expression(item, "expression")});
  }
  distinct(reader, policy.conditions, conditions, "name");

  const Value variables = reader.list(spec, "variables");
  for (const Value item : variables.items()) {
    const Value named = reader.text(item, "name");
    if (trimmed(named.as_string()).empty()) reader.refuse(item, "a variable needs a `name`");
    else if (!identifier(named.as_string())) reader.refuse(named, quoted(named.as_string()) + " is no identifier of the expression language");
    policy.variables.push_back({named.as_string(), reader.expression(item, "expression")});
  }

  read_validations(reader, spec, policy);
  const Value annotations = reader.list(spec, "auditAnnotations");
  if (annotations.size() > most_annotations)
    reader.refuse(annotations, "there are " + std::to_string(annotations.size()) + " `auditAnnotations`; 20 are allowed");
  for (const Value item : annotations.items()) {
    const Value key = reader.text(item, "key");
    if (key.as_string().empty()) reader.refuse(item, "an audit annotation needs a `key`");
    else if (own_name.is_string()) reader.faulty(key, key.as_string(), cel::library::label_key_faults(std::string(own_name.as_string()) + "/" + std::string(key.as_string())));
    const Value expression = reader.expression(item, "valueExpression");
    if (expression.as_string().size() > 5 * 1024) reader.refuse(expression, "`valueExpression` must not be longer than 5120 bytes");
    policy.audit_annotations.push_back({key.as_string(), expression});
  }
  distinct(reader, policy.audit_annotations, annotations, "key");
  if (spec && policy.validations.empty() && policy.audit_annotations.empty())
    reader.refuse(spec, "an admission policy needs `validations` or `auditAnnotations`");
  policy.valid = reader.valid;
  return policy;
}

Binding read_binding(Value object, std::string name, Span header, const Schema& schema, Diagnostics& diagnostics) {
  static constexpr std::array<std::string_view, 2> missing = {"Allow", "Deny"};
  static constexpr std::array<std::string_view, 3> actions = {"Audit", "Deny", "Warn"};
  Reader reader{schema, diagnostics, header};
  Binding binding;
  binding.name = std::move(name);
  binding.object = object;
  binding.header = header;
  const Value own_name = object.at({"metadata", "name"});
  if (own_name.is_string()) reader.faulty(own_name, own_name.as_string(), cel::library::subdomain_faults(own_name.as_string()));
  const Value spec = reader.map(object, "spec");
  if (!spec) reader.refuse(object, "a binding needs a `spec`");
  const Value of = reader.text(spec, "policyName");
  binding.policy = of.as_string();
  if (!binding.policy.empty()) reader.faulty(of, binding.policy, cel::library::subdomain_faults(binding.policy));
  if (spec && binding.policy.empty()) reader.refuse(spec, "a binding needs a `policyName`");
  const Value all = reader.list(spec, "validationActions");
  if (spec && all.size() == 0) reader.refuse(all ? all : spec, "`validationActions` must name at least one of Deny, Warn and Audit");
  for (const Value item : all.items()) {
    const std::string_view action = item.as_string();
    bool* const flag = action == "Deny" ? &binding.deny : action == "Warn" ? &binding.warn : action == "Audit" ? &binding.audit : nullptr;
    if (!item.is_string() || !flag) {
      std::string message = quoted(action) + " is no action; it is one of";
      for (const std::string_view word : actions) message += " " + quoted(word);
      reader.refuse(item, message);
      continue;
    }
    if (*flag) reader.refuse(item, quoted(action) + " stands twice");
    *flag = true;
  }
  if (binding.deny && binding.warn) reader.refuse(all, "`Deny` and `Warn` must not stand together");
  if (const Value ref = reader.map(spec, "paramRef")) {
    ParamRef param;
    if (const Value named = reader.text(ref, "name")) {
      param.name = named.as_string();
      reader.path_segment(named);
    }
    param.ns = reader.text(ref, "namespace").as_string();
    param.selector = reader.selector(ref, "selector");
    if (!param.name.empty() && param.selector) reader.refuse(ref, "`name` and `selector` of `paramRef` must not stand together");
    if (param.name.empty() && !param.selector) reader.refuse(ref, "`paramRef` needs a `name` or a `selector`");
    if (reader.text(ref, "parameterNotFoundAction").as_string().empty())
      reader.refuse(ref, "`paramRef` needs a `parameterNotFoundAction`: Allow or Deny");
    param.deny_when_missing = reader.choice(ref, "parameterNotFoundAction", missing, "Allow") == "Deny";
    binding.param_ref = param;
  }
  if (const Value match = reader.map(spec, "matchResources")) binding.match = reader.match(match);
  binding.valid = reader.valid;
  return binding;
}

void report_unknown_fields(Value object, std::string_view api_version, std::string_view kind, const Schema& schema,
                           Diagnostics& diagnostics) {
  struct Pending {
    Value value;
    const ObjectType* type;
  };
  std::vector<Pending> pending = {{object, schema.type_of(api_version, kind)}};
  while (!pending.empty()) {
    const Pending next = pending.back();
    pending.pop_back();
    if (!next.type) continue;
    for (const Entry& entry : next.value.entries()) {
      const FieldType* field = next.type->find(entry.key());
      if (!field) {
        const Span whole = entry.value.span() ? entry.value.span() : next.value.span();
        const Span key = whole ? Span{whole.source, entry.key_begin, entry.key_begin + entry.key_size} : whole;
        std::vector<std::string_view> names;
        for (const FieldType& known : next.type->fields) names.push_back(known.name);
        std::string message = "a " + std::string(kind) + " has no field " + quoted(entry.key()) + " here: the API server drops it";
        if (const std::string_view near = nearest(entry.key(), names); !near.empty()) message += "; did you mean " + quoted(near) + "?";
        diagnostics.warning("unknown-field", key, std::move(message));
        continue;
      }
      if (field->kind != FieldKind::structure) continue;
      if (field->shape == FieldType::Shape::plain) pending.push_back({entry.value, field->type});
      for (const Value item : entry.value.items()) pending.push_back({item, field->type});
    }
  }
}

}  // namespace assay::kubernetes::admission

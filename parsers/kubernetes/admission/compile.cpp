#include "parsers/kubernetes/admission/compile.hpp"

#include <algorithm>

#include "engine/cel/environments.hpp"
#include "engine/cel/libraries/authorizer.hpp"

namespace assay::kubernetes::admission {

using cel::Type;
using cel::TypeKind;

struct PolicyCompiler::Base {
  std::shared_ptr<cel::TypeTable> types = std::make_shared<cel::TypeTable>();
  cel::Environment environment = cel::admission(types);
  cel::Environment kyverno = made_kyverno(types);

  // Kyverno has the same libraries, and these.
  static cel::Environment made_kyverno(const std::shared_ptr<cel::TypeTable>& types) {
    cel::Environment made = cel::admission(types);
    cel::add_math(made);
    cel::add_encoders(made);
    cel::add_bindings(made);
    return made;
  }
  // Structures stay where they are: environments point at them.
  std::vector<std::unique_ptr<cel::StructType>> structures;
  const Type *request = nullptr, *name_space = nullptr;

  using Fields = std::vector<std::pair<const char*, const Type*>>;
  const Type* structure(const char* name, const Fields& fields) {
    auto made = std::make_unique<cel::StructType>();
    made->name = name;
    made->type = types->structure(name);
    for (const auto& [field, type] : fields) made->fields.push_back({field, type});
    structures.push_back(std::move(made));
    environment.add_struct(structures.back().get());
    kyverno.add_struct(structures.back().get());
    return structures.back()->type;
  }

  // BuildRequestType and BuildNamespaceType of the API server.
  Base() {
    const Type* const text = types->primitive(TypeKind::string);
    const Type* const time = types->primitive(TypeKind::timestamp);
    const Type* const number = types->primitive(TypeKind::int64);
    const Type* const texts = types->list(text);
    const Type* const labels = types->map(text, text);
    const Type* const kind = structure("kubernetes.GroupVersionKind", {{"group", text}, {"version", text}, {"kind", text}});
    const Type* const resource = structure("kubernetes.GroupVersionResource", {{"group", text}, {"version", text}, {"resource", text}});
    const Type* const user = structure("kubernetes.UserInfo", {{"username", text}, {"uid", text}, {"groups", texts}, {"extra", types->map(text, texts)}});
    request = structure("kubernetes.AdmissionRequest",
                        {{"kind", kind}, {"resource", resource}, {"subResource", text}, {"requestKind", kind},
                         {"requestResource", resource}, {"requestSubResource", text}, {"name", text}, {"namespace", text},
                         {"operation", text}, {"userInfo", user}, {"dryRun", types->primitive(TypeKind::boolean)}, {"options", types->dyn()}});
    const Type* const spec = structure("kubernetes.NamespaceSpec", {{"finalizers", texts}});
    const Type* const condition = structure("kubernetes.NamespaceCondition", {{"status", text}, {"type", text}, {"lastTransitionTime", time},
                                                                             {"message", text}, {"reason", text}});
    const Type* const status = structure("kubernetes.NamespaceStatus", {{"conditions", types->list(condition)}, {"phase", text}});
    const Type* const metadata = structure("kubernetes.NamespaceMetadata",
                                           {{"name", text}, {"generateName", text}, {"namespace", text}, {"labels", labels},
                                            {"annotations", labels}, {"UID", text}, {"creationTimestamp", time},
                                            {"deletionGracePeriodSeconds", number}, {"deletionTimestamp", time}, {"generation", number},
                                            {"resourceVersion", text}, {"finalizers", texts}});
    name_space = structure("kubernetes.Namespace", {{"metadata", metadata}, {"spec", spec}, {"status", status}});
  }

  // Slots stand at the same places in every environment; what an expression must not name has a name that
  // cannot be written.
  cel::Environment extended(bool params, bool authorizer, const cel::StructType* variables, bool is_kyverno = false,
                            const TypedEnvironment& typed = {}) const {
    cel::Environment made = is_kyverno ? kyverno : environment;
    cel::TypeTable& t = *types;
    for (const cel::StructType* structure : typed.structures) made.add_struct(structure);
    made.add_variable("object", typed.object ? typed.object : t.dyn());
    made.add_variable("oldObject", typed.object ? typed.object : t.dyn());
    made.add_variable("namespaceObject", name_space);
    made.add_variable("request", request);
    made.add_variable(params ? "params" : "@params", typed.params ? typed.params : t.dyn());
    made.add_variable(authorizer ? "authorizer" : "@authorizer", cel::authorizer_type(t));
    made.add_variable(authorizer ? "authorizer.requestResource" : "@authorizer.requestResource", cel::resource_check_type(t));
    if (variables) {
      made.add_variable("variables", variables->type);
      made.add_struct(variables);
    } else {
      made.add_variable("@variables", t.dyn());
    }
    return made;
  }
};

namespace {

// What a variable's type becomes as a field of `variables` (convertCelTypeToDeclType).
const Type* field_type(cel::TypeTable& types, const Type* type) {
  switch (type->kind) {
    case TypeKind::boolean: case TypeKind::bytes: case TypeKind::float64: case TypeKind::duration: case TypeKind::int64:
    case TypeKind::null: case TypeKind::string: case TypeKind::timestamp: case TypeKind::uint64:
      return type;
    case TypeKind::list: return types.list(field_type(types, type->parameters[0]));
    case TypeKind::map: return types.map(field_type(types, type->parameters[0]), field_type(types, type->parameters[1]));
    case TypeKind::dyn: case TypeKind::type: case TypeKind::optional: case TypeKind::wrapper: case TypeKind::structure:
    case TypeKind::opaque: case TypeKind::variable: case TypeKind::error:
      return types.dyn();
  }
  return types.dyn();
}

struct Compilation {
  const TextMap& text_map;
  Diagnostics& diagnostics;
  bool valid = true;

  void refuse(Span at, std::string message) {
    valid = false;
    diagnostics.error("admission-expression", at, std::move(message));
  }

  std::unique_ptr<cel::Program> program(Value text, const cel::Environment& environment) {
    if (!text) return nullptr;
    std::vector<cel::Issue> issues;
    auto program = cel::compile(text.as_string(), environment, issues);
    for (const cel::Issue& issue : issues) refuse(expression_span(text_map, text, issue.range), issue.message);
    if (!program && issues.empty()) refuse(located(text).span, "this expression cannot be compiled");
    return program;
  }

  // As above, and of this type exactly: `dyn` will not do.
  std::unique_ptr<cel::Program> typed(Value text, const cel::Environment& environment, std::string_view what,
                                      std::initializer_list<TypeKind> kinds, std::string_view hint) {
    auto made = program(text, environment);
    if (!made) return nullptr;
    if (std::find(kinds.begin(), kinds.end(), made->type()->kind) != kinds.end()) return made;
    std::string wanted;
    for (const TypeKind kind : kinds) {
      if (!wanted.empty()) wanted += " or ";
      wanted += "`" + cel::to_string(cel::primitive_type(kind)) + "`";
    }
    const bool dyn = made->type()->kind == TypeKind::dyn;
    refuse(expression_span(text_map, text, made->ast().root->range),
           std::string(what) + " must give " + wanted + ", this gives `" + cel::to_string(made->type()) + "`" +
               (dyn ? "; " + std::string(hint) : std::string()));
    return nullptr;
  }
};

}  // namespace

Span expression_span(const TextMap& text_map, Value text, cel::TextRange range) {
  const Span whole = located(text).span;
  if (!whole || !text_map || !text.span()) return whole;
  const auto pieces = text_map(text);
  const auto at = [&](std::uint32_t content) {
    auto after = std::upper_bound(pieces.begin(), pieces.end(), content, [](std::uint32_t c, const auto& piece) { return c < piece.first; });
    if (after == pieces.begin()) return whole.begin;
    --after;
    return std::min(after->second + (content - after->first), whole.end);
  };
  const std::uint32_t begin = at(range.begin);
  const std::uint32_t end = range.end > range.begin ? at(range.end - 1) + 1 : begin;
  return {whole.source, begin, std::max(begin, end)};
}

cel::TypeTable& PolicyCompiler::types() const { return *base_->types; }

std::vector<TypeIssue> PolicyCompiler::issues(const Policy& policy, const TypedEnvironment& typed) const {
  std::vector<TypeIssue> found;
  cel::StructType variables;
  variables.name = "kubernetes.variables";
  variables.type = base_->types->structure(variables.name);
  variables.fields.reserve(policy.variables.size());
  const cel::Environment environment =
      base_->extended(policy.param_kind.has_value(), true, policy.variables.empty() ? nullptr : &variables, false, typed);
  // What fits one kind only is most often guarded in a variable: it is not reported there.
  const auto type_of = [&](Value text, bool report) -> const Type* {
    if (!text) return nullptr;
    cel::ParseLimits limits;
    limits.bindings = false;
    std::vector<cel::Issue> mistakes;
    auto ast = cel::parse(text.as_string(), mistakes, limits);
    if (ast) cel::check(*ast, environment, mistakes);
    if (report)
      for (cel::Issue& mistake : mistakes) found.push_back({text, mistake.range, std::move(mistake.message)});
    return ast && mistakes.empty() ? ast->root->type : nullptr;
  };
  for (const NamedExpression& one : policy.variables) {
    const Type* const type = type_of(one.expression, false);
    const Type* const kept = type ? field_type(*base_->types, type) : base_->types->dyn();
    if (const auto known = variables.index(one.name)) variables.fields[*known].type = kept;
    else variables.fields.push_back({std::string(one.name), kept});
  }
  for (const Validation& one : policy.validations) {
    type_of(one.expression, true);
    type_of(one.message_expression, true);
  }
  return found;
}

PolicyCompiler::PolicyCompiler() : base_(std::make_unique<Base>()) {}
PolicyCompiler::~PolicyCompiler() = default;

std::unique_ptr<CompiledPolicy> PolicyCompiler::compile(Policy policy, const TextMap& text_map, Diagnostics& diagnostics) const {
  auto made = std::make_unique<CompiledPolicy>();
  made->policy = std::move(policy);
  Policy& source = made->policy;
  cel::TypeTable& types = *base_->types;
  made->variables_type.name = "kubernetes.variables";
  made->variables_type.type = types.structure(made->variables_type.name);
  const bool params = source.param_kind.has_value();
  if (!source.unsupported.empty()) return made;  // nothing of it is run
  Compilation compilation{text_map, diagnostics};
  constexpr std::string_view bool_hint = "compare it, say with `== true`, or convert it with `bool(...)`";
  constexpr std::string_view text_hint = "convert it with `string(...)`";

  // Match conditions see no variables.
  const cel::Environment plain = base_->extended(params, true, nullptr, source.kyverno);
  for (const NamedExpression& one : source.conditions)
    made->conditions.push_back(compilation.typed(one.expression, plain, "a match condition", {TypeKind::boolean}, bool_hint));

  // Each variable sees those before it.
  const cel::Environment full = base_->extended(params, true, source.variables.empty() ? nullptr : &made->variables_type, source.kyverno);
  made->variables_type.fields.reserve(source.variables.size());
  for (const NamedExpression& one : source.variables) {
    auto program = compilation.program(one.expression, full);
    const Type* const type = program ? field_type(types, program->type()) : types.dyn();
    if (const auto known = made->variables_type.index(one.name)) {  // of two with one name the last counts
      made->variables_type.fields[*known].type = type;
      made->variables[*known] = std::move(program);
      continue;
    }
    made->variables_type.fields.push_back({std::string(one.name), type});
    made->variables.push_back(std::move(program));
  }
  const cel::Environment message = base_->extended(params, false, source.variables.empty() ? nullptr : &made->variables_type, source.kyverno);
  for (const Validation& one : source.validations) {
    made->validations.push_back(compilation.typed(one.expression, full, "a validation", {TypeKind::boolean}, bool_hint));
    made->messages.push_back(compilation.typed(one.message_expression, message, "a `messageExpression`", {TypeKind::string}, text_hint));
  }
  for (const NamedExpression& one : source.audit_annotations)
    made->annotations.push_back(
        compilation.typed(one.expression, full, "an audit annotation", {TypeKind::string, TypeKind::null}, text_hint));
  source.valid = source.valid && compilation.valid;
  return made;
}

}  // namespace assay::kubernetes::admission

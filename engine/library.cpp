#include "engine/library.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include "engine/cel/environments.hpp"
#include "engine/subject.hpp"

namespace assay {

const CompiledSource* CompiledView::source(std::string_view type) const {
  auto found = sources.find(type);
  if (found == sources.end()) found = sources.find("*");
  return found == sources.end() ? nullptr : found->second.get();
}

namespace {

// Byte range in the file for a range in an expression's text.
Span place(const Catalog& catalog, Value text, cel::TextRange range) {
  const Span whole = text.span();
  if (!whole || !catalog.text_map) return whole;
  const auto pieces = catalog.text_map(text);
  const auto at = [&](std::uint32_t content) {
    auto after = std::upper_bound(pieces.begin(), pieces.end(), content,
                                  [](std::uint32_t c, const auto& piece) { return c < piece.first; });
    if (after == pieces.begin()) return whole.begin;
    --after;
    return std::min(after->second + (content - after->first), whole.end);
  };
  const std::uint32_t begin = at(range.begin);
  const std::uint32_t end = range.end > range.begin ? at(range.end - 1) + 1 : begin;
  return {whole.source, begin, std::max(begin, end)};
}

// Field names that an expression reads of `self`, for cycle detection.
void self_reads(const cel::Ast& ast, std::set<std::string>& names) {
  for (const cel::Expr& expr : ast.nodes) {
    const auto* select = std::get_if<cel::Select>(&expr.node);
    if (!select || !select->operand) continue;
    const auto* ident = std::get_if<cel::Ident>(&select->operand->node);
    if (ident && ident->name == "self") names.insert(select->field);
  }
}

bool identifier_start(char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool identifier_part(char c) { return identifier_start(c) || (c >= '0' && c <= '9'); }

}  // namespace

struct Library::Compiler {
  Library& library;

  const cel::Type* type(std::string_view text, Value at) {
    const cel::Type* type = library.types_->parse(text);
    if (!type) {
      error(at, {}, "`" + std::string(text) + "` is no type; write for example `bool`, `list<string>` or a view's name");
      return library.types_->dyn();
    }
    return type;
  }

  void error(Value at, std::optional<cel::TextRange> range, std::string message) {
    const Span span = range ? place(library.catalog_, at, *range) : located(at).span;
    library.diagnostics_.error("rule-expression", span, std::move(message));
  }

  std::unique_ptr<cel::Program> program(const Expression& expression, const cel::Environment& environment,
                                        const cel::Type* expected) {
    if (!expression) return nullptr;
    // `true`, `3`: YAML has read them as scalars already.
    std::string text;
    if (expression.text.is_string()) text = expression.text.as_string();
    else if (expression.text.is(Kind::boolean)) text = expression.text.as_bool() ? "true" : "false";
    else text = std::to_string(expression.text.as_int());
    return program(text, expression.text, 0, environment, expected);
  }

  std::unique_ptr<cel::Program> program(std::string_view text, Value at, std::int64_t shift,
                                        const cel::Environment& environment, const cel::Type* expected) {
    std::vector<cel::Issue> issues;
    std::unique_ptr<cel::Program> program;
    auto ast = cel::parse(text, issues);
    const auto function = [&](std::string_view name) -> const cel::InlineFunction* {
      const auto found = library.functions_.find(name);
      return found == library.functions_.end() ? nullptr : &found->second;
    };
    if (ast && cel::inline_functions(*ast, function, issues) && cel::check(*ast, environment, issues, expected))
      program = cel::plan(std::move(ast), environment, issues);
    for (const cel::Issue& issue : issues) {
      const auto moved = [&](std::uint32_t offset) {
        return static_cast<std::uint32_t>(std::max<std::int64_t>(0, static_cast<std::int64_t>(offset) + shift));
      };
      error(at, cel::TextRange{moved(issue.range.begin), moved(issue.range.end)}, issue.message);
    }
    if (!program && issues.empty()) error(at, {}, "this expression cannot be compiled");
    return program;
  }

  // --- helper functions ---

  void declare_function(const FunctionDefinition& definition) {
    std::vector<cel::Issue> issues;
    auto body = cel::parse(definition.expression.text.as_string(), issues);
    for (const cel::Issue& issue : issues) error(definition.expression.text, issue.range, issue.message);
    if (!body) return;
    cel::InlineFunction function{definition.name, {}, body.get()};
    for (const auto& [name, type_text] : definition.parameters) function.parameters.push_back(name);
    library.function_bodies_.push_back(std::move(body));
    library.functions_.emplace(definition.name, std::move(function));
  }

  // With its declared types: a mistake shows at the function, not at every call.
  void check_function(const FunctionDefinition& definition) {
    cel::Environment environment = *library.base_;
    for (const auto& [name, type_text] : definition.parameters)
      environment.add_variable(name, type(type_text, definition.expression.text));
    program(definition.expression, environment, type(definition.result, definition.expression.text));
  }

  // --- views ---

  void declare(const ViewDefinition& definition) {
    auto view = std::make_unique<CompiledView>();
    view->definition = &definition;
    view->type.name = definition.name;
    view->type.type = library.types_->structure(definition.name);
    view->own_fields = definition.fields.size();
    library.views_.emplace(definition.name, std::move(view));
  }

  void declare_fields(CompiledView& view) {
    const ViewDefinition& definition = *view.definition;
    for (const FieldDefinition& field : definition.fields) {
      const cel::Type* declared = type(field.type, field.at);
      view.type.fields.push_back({field.name, declared});
      view.nested.push_back(nested_view(declared, field));
    }
    const auto extra = [&](std::string name, const cel::Type* field_type) {
      if (view.type.index(name)) return;
      view.type.fields.push_back({std::move(name), field_type});
      view.nested.push_back(nullptr);
    };
    extra("resource", library.types_->structure("resource"));
    extra("object", library.types_->dyn());
    if (definition.nested && !definition.owner.empty()) extra("owner", type(definition.owner, definition.at));
  }

  // The nested view behind V, list<V>, optional<V>, map<string, V>; reports names that are no view.
  const CompiledView* nested_view(const cel::Type* declared, const FieldDefinition& field) {
    const cel::Type* inner = declared;
    while (!inner->parameters.empty() && inner->kind != cel::TypeKind::structure && inner->kind != cel::TypeKind::opaque)
      inner = inner->parameters.back();
    if (inner->kind != cel::TypeKind::structure || inner->name == "resource" || inner->name == "reference") return nullptr;
    const CompiledView* view = library.view(inner->name);
    if (!view) {
      std::vector<std::string_view> names;
      for (const auto& [name, v] : library.views_) names.push_back(name);
      std::string message = "no view or type is called `" + inner->name + "`";
      if (const auto near = nearest(inner->name, names); !near.empty())
        message += "; did you mean `" + std::string(near) + "`?";
      error(field.at, {}, message);
      return nullptr;
    }
    return view->definition->nested ? view : nullptr;
  }

  cel::Environment view_environment(const CompiledView& view) {
    cel::Environment environment = *library.base_;
    environment.add_variable("self", view.type.type);
    environment.add_variable("object", library.types_->dyn());
    environment.add_variable("resource", library.types_->structure("resource"));
    const bool owned = view.definition->nested && !view.definition->owner.empty();
    environment.add_variable("owner", owned ? type(view.definition->owner, view.definition->at) : library.types_->dyn());
    return environment;
  }

  void compile_source(CompiledView& view, const std::string& type_name, const ViewDefinition::Source& definition) {
    if (view.sources.contains(type_name)) return;
    auto source = std::make_unique<CompiledSource>();
    source->view = &view;
    source->type = type_name;
    source->fields.resize(view.own_fields);
    const cel::Environment environment = view_environment(view);
    for (std::size_t i = 0; i < view.own_fields; ++i) {
      const auto found = definition.fields.find(view.type.fields[i].name);
      if (found == definition.fields.end()) continue;
      // Nested views wrap raw values, so that the expression's own type says nothing.
      const cel::Type* expected = view.nested[i] ? nullptr : view.type.fields[i].type;
      source->fields[i] = program(found->second, environment, expected);
    }
    if (definition.each) source->each = program(definition.each, environment, nullptr);
    check_cycles(view, *source, definition);
    view.sources.emplace(type_name, std::move(source));
  }

  void check_cycles(const CompiledView& view, const CompiledSource& source, const ViewDefinition::Source& definition) {
    std::vector<std::vector<std::size_t>> reads(view.own_fields);
    for (std::size_t i = 0; i < view.own_fields; ++i) {
      if (!source.fields[i]) continue;
      std::set<std::string> names;
      self_reads(source.fields[i]->ast(), names);
      for (const auto& name : names)
        if (const auto index = view.type.index(name); index && *index < view.own_fields) reads[i].push_back(*index);
    }
    // Depth-first with colours; views are small.
    std::vector<int> colour(view.own_fields, 0);
    std::vector<std::size_t> path;
    const std::function<bool(std::size_t)> visit = [&](std::size_t i) {
      if (colour[i] == 2) return true;
      path.push_back(i);
      if (colour[i] == 1) return false;
      colour[i] = 1;
      for (const std::size_t next : reads[i])
        if (!visit(next)) return false;
      colour[i] = 2;
      path.pop_back();
      return true;
    };
    for (std::size_t i = 0; i < view.own_fields; ++i) {
      path.clear();
      if (visit(i)) continue;
      std::string message = "these fields need each other: ";
      const auto from = std::find(path.begin(), path.end(), path.back());
      for (auto at = from; at != path.end(); ++at) {
        if (at != from) message += " -> ";
        message += "`" + view.type.fields[*at].name + "`";
      }
      error(definition.fields.find(view.type.fields[path.back()].name)->second.text, {}, message + "; break the cycle");
      return;
    }
  }

  // Compiles a view for a resource type, and the nested views that its fields hold.
  void need(CompiledView& view, const std::string& type_name) {
    const auto& from = view.definition->from;
    auto found = from.find(type_name);
    if (found == from.end()) found = from.find("*");
    if (found == from.end()) return;
    if (view.sources.contains(found->first)) return;
    compile_source(view, found->first, found->second);
    for (const CompiledView* nested : view.nested)
      if (nested) need(const_cast<CompiledView&>(*nested), type_name);
  }

  // --- rules ---

  cel::Environment rule_environment(const cel::Type* self, const SelectedRule* selected) {
    cel::Environment environment = *library.base_;
    environment.add_variable("self", self);
    environment.add_variable("object", library.types_->dyn());
    environment.add_variable("resource", library.types_->structure("resource"));
    if (selected) {
      for (const ParameterDefinition& parameter : selected->rule->parameters) {
        const auto value = selected->parameters.find(parameter.name);
        library.constants_.push_back(std::make_unique<cel::Val>(
            cel::val_of(value == selected->parameters.end() ? parameter.fallback : value->second)));
        // A parameter is nowhere in the input: it must not become a finding's place.
        library.constants_.back()->source = library.constants_.back()->wrapped ? library.constants_.back()->source : Value();
        environment.add_constant("params." + parameter.name, type(parameter.type, parameter.fallback),
                                 library.constants_.back().get());
      }
    }
    return environment;
  }

  Template message(Value text, const cel::Environment& environment, const cel::Type* yielded) {
    cel::Environment with_it = environment;
    with_it.add_variable("it", yielded);
    Template result;
    const std::string_view all = text.as_string();
    std::string literal;
    for (std::size_t i = 0; i < all.size();) {
      if (all[i] != '{') {
        literal += all[i++];
        continue;
      }
      if (i + 1 < all.size() && all[i + 1] == '{') {  // `{{` is a brace
        literal += '{';
        i += 2;
        continue;
      }
      // To the matching brace; braces inside the expression (map literals) nest, strings hide them.
      std::size_t end = i + 1;
      int depth = 1;
      char quote = 0;
      for (; end < all.size(); ++end) {
        const char c = all[end];
        if (quote) {
          if (c == '\\') ++end;
          else if (c == quote) quote = 0;
        } else if (c == '"' || c == '\'') {
          quote = c;
        } else if (c == '{') {
          ++depth;
        } else if (c == '}' && --depth == 0) {
          break;
        }
      }
      if (depth != 0) {
        error(text, cel::TextRange{static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(i + 1)},
              "this brace is not closed; write `{{` for a brace itself");
        return result;
      }
      std::string_view expression = all.substr(i + 1, end - i - 1);
      std::int64_t shift = static_cast<std::int64_t>(i) + 1;
      std::string prefixed;
      if (!expression.empty() && identifier_start(expression[0])) {
        std::size_t stop = 0;
        while (stop < expression.size() && identifier_part(expression[stop])) ++stop;
        const std::string_view name = expression.substr(0, stop);
        const bool call = stop < expression.size() && expression[stop] == '(';
        const bool known = with_it.variable(name) || name == "params" || name == "true" || name == "false" || name == "null";
        if (!known && !call) {
          prefixed = "it." + std::string(expression);
          expression = prefixed;
          shift -= 3;
        }
      }
      if (!literal.empty()) result.parts.push_back({std::exchange(literal, {}), nullptr});
      result.parts.push_back({{}, program(expression, text, shift, with_it, nullptr)});
      i = end + 1;
    }
    if (!literal.empty()) result.parts.push_back({literal, nullptr});
    return result;
  }

  void rule(const SelectedRule& selected, std::size_t index, const std::string& target) {
    auto compiled = std::make_unique<CompiledRule>();
    compiled->selected = &selected;
    compiled->index = index;
    compiled->type = target;
    const cel::Type* self = library.types_->structure("resource");
    if (const CompiledView* view = library.view(target)) {
      compiled->view = view;
      self = view->type.type;
    }
    const RuleDefinition& definition = *selected.rule;
    const cel::Environment environment = rule_environment(self, &selected);
    compiled->when = program(definition.when, environment, library.types_->primitive(cel::TypeKind::boolean));
    compiled->find = program(definition.find, environment, nullptr);
    compiled->require = program(definition.require, environment, library.types_->primitive(cel::TypeKind::boolean));
    const cel::Type* yielded = self;
    if (compiled->find) {
      const cel::Type* result = compiled->find->type();
      if (result->kind == cel::TypeKind::list) yielded = result->parameters[0];
      else if (result->kind == cel::TypeKind::dyn) yielded = result;
      else error(definition.find.text, {}, "`find` yields a list of offending values, not a " + cel::to_string(result) + "; `require` takes a condition");
    }
    compiled->message = message(definition.message, environment, yielded);
    if ((definition.when && !compiled->when) || (definition.find && !compiled->find) ||
        (definition.require && !compiled->require))
      return;  // reported; the rule does not run
    library.rules_.push_back(std::move(compiled));
  }
};

Library::Library(const Catalog& catalog, TimeParts as_of, Diagnostics& diagnostics)
    : catalog_(catalog), diagnostics_(diagnostics), types_(std::make_shared<cel::TypeTable>()) {
  base_ = std::make_unique<cel::Environment>(cel::everything(types_));
  records_ = std::make_unique<RecordTypes>(record_types(*types_));
  base_->add_struct(&records_->resource);
  base_->add_struct(&records_->reference);
  add_graph_functions(*base_, *this, *records_);
  constants_.push_back(std::make_unique<cel::Val>(cel::val_timestamp(as_of)));
  base_->add_constant("as_of", types_->primitive(cel::TypeKind::timestamp), constants_.back().get());
  std::vector<Entry> entries;
  for (const auto& [name, root] : catalog.data) {
    if (root) entries.push_back({name.data(), static_cast<std::uint32_t>(name.size()), 0, root});
  }
  constants_.push_back(std::make_unique<cel::Val>(cel::val_of(arena_.map(entries, {}))));
  base_->add_constant("data", types_->dyn(), constants_.back().get());
  Compiler compiler{*this};
  for (const auto& [name, definition] : catalog.views) compiler.declare(definition);
  for (const auto& [name, view] : views_) compiler.declare_fields(*view);
  for (const auto& [name, view] : views_) base_->add_struct(&view->type);
  for (const auto& [name, function] : catalog.functions) compiler.declare_function(function);
  for (const auto& [name, function] : catalog.functions) compiler.check_function(function);
}

Library::~Library() = default;

void Library::compile(const std::vector<SelectedRule>& rules, const std::vector<std::string_view>& types) {
  Compiler compiler{*this};
  for (std::size_t i = 0; i < rules.size(); ++i) {
    for (const std::string& target : rules[i].rule->applies_to) {
      const CompiledView* view = this->view(target);
      const bool is_type = target.find(':') != std::string::npos || target.find('_') != std::string::npos;
      if (!view && !is_type) {
        std::vector<std::string_view> names;
        for (const auto& [name, v] : views_) names.push_back(name);
        std::string message = "`applies_to`: no view is called `" + target + "`";
        if (const auto near = nearest(target, names); !near.empty()) message += "; did you mean `" + std::string(near) + "`?";
        compiler.error(rules[i].rule->at, {}, message);
        continue;
      }
      bool needed = !rules[i].rule->builtin;  // a user's rule is checked even where it has nothing to judge
      if (view) {
        for (const std::string_view type : types) needed = needed || view->definition->from.contains(type) || view->definition->from.contains("*");
      } else {
        needed = needed || target == "*" || std::find(types.begin(), types.end(), target) != types.end();
      }
      if (needed) compiler.rule(rules[i], i, target);
    }
  }
  for (const std::string_view type : types) {
    for (const auto& [name, view] : views_)
      if (!view->definition->nested) compiler.need(*view, std::string(type));
    auto& bound = rules_by_type_[std::string(type)];
    for (const auto& rule : rules_) {
      const bool applies = rule->view ? rule->view->definition->from.contains(type) || rule->view->definition->from.contains("*")
                                      : rule->type == type || rule->type == "*";
      if (applies) bound.push_back(rule.get());
    }
    // Two members of one `applies_to` may cover the same type: the first one counts.
    std::stable_sort(bound.begin(), bound.end(), [](const auto* a, const auto* b) { return a->index < b->index; });
    bound.erase(std::unique(bound.begin(), bound.end(), [](const auto* a, const auto* b) { return a->index == b->index; }),
                bound.end());
  }
}

const CompiledView* Library::view(std::string_view name) const {
  const auto found = views_.find(name);
  return found == views_.end() ? nullptr : found->second.get();
}

const std::vector<const CompiledRule*>& Library::rules_for(std::string_view type) const {
  static const std::vector<const CompiledRule*> none;
  const auto found = rules_by_type_.find(type);
  return found == rules_by_type_.end() ? none : found->second;
}

cel::Environment Library::environment(std::string_view applies_to, const SelectedRule* rule) const {
  const CompiledView* found = view(applies_to);
  // The compiler only adds constants, which the library keeps.
  Compiler compiler{const_cast<Library&>(*this)};
  return compiler.rule_environment(found ? found->type.type : types_->structure("resource"), rule);
}

}  // namespace assay

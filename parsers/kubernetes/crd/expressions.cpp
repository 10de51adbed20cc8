#include "parsers/kubernetes/crd/expressions.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "engine/cel/environments.hpp"
#include "engine/cel/operations.hpp"
#include "parsers/kubernetes/crd/cel_values.hpp"
#include "parsers/kubernetes/crd/formats.hpp"
#include "parsers/kubernetes/crd/prepare.hpp"
#include "parsers/kubernetes/crd/text.hpp"
#include "parsers/kubernetes/crd/validate.hpp"

namespace assay::kubernetes::crd {

namespace {

// k8s.io/apiserver v0.36 pkg/apis/cel/config.go.
constexpr std::uint64_t per_call_limit = 1'000'000;
constexpr std::int64_t budget_of_a_resource = 10'000'000;
constexpr std::size_t longest_message = 5 << 10;

enum Slot : std::uint32_t { slot_self, slot_old_self, slot_count };

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n\v\f";
  const auto begin = text.find_first_not_of(blanks);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

}  // namespace

struct Expressions::Rule {
  const ValidationRule* definition = nullptr;
  std::unique_ptr<cel::Program> program, message;
  bool uses_old_self = false;
  std::string field_path;            // .a.b as the API server writes it: a.b
  std::vector<std::string> steps;    // the same, step by step
};

// Where rules stand, and the way to them.
struct Expressions::Node {
  const Schema* schema = nullptr;
  bool resource = false;  // self is a whole resource
  std::vector<Rule> rules;
  const Node* items = nullptr;
  const Node* additional = nullptr;
  std::map<std::string_view, const Node*> properties;
};

Language::Language() : types(std::make_shared<cel::TypeTable>()), base(std::make_unique<cel::Environment>(cel::admission(types))) {}

struct Expressions::Compiler {
  Expressions& owner;
  const Language& language;
  const TextMap& text_map;
  Diagnostics& diagnostics;
  cel::Environment base;
  std::map<std::pair<const Schema*, bool>, const cel::Type*> known = {};

  static bool has_rules(const Schema* schema) {
    if (!schema) return false;
    if (!schema->validations.empty()) return true;
    if (has_rules(schema->items) || has_rules(schema->additional)) return true;
    return std::any_of(schema->properties.begin(), schema->properties.end(), [](const Property& p) { return has_rules(p.schema); });
  }

  cel::TypeTable& types() { return *language.types; }

  // Null: expressions do not see it.
  const cel::Type* type(const Schema* schema, bool resource, const std::string& name) {
    const auto [found, added] = known.emplace(std::pair(schema, resource), nullptr);
    if (added) {
      const cel::Type* const made = make_type(schema, resource, name);
      known[{schema, resource}] = made;
      return made;
    }
    return found->second;
  }

  const cel::Type* make_type(const Schema* schema, bool resource, const std::string& name) {
    using cel::TypeKind;
    if (schema->int_or_string) return types().dyn();
    if (resource) schema = with_meta(*schema, owner.more_schemas_);
    switch (schema->type) {
      case Type::array: {
        const cel::Type* const items = schema->items ? type(schema->items, schema->items->embedded, name + ".@idx") : nullptr;
        return items ? types().list(items) : nullptr;
      }
      case Type::object: {
        if (schema->additional) {
          const cel::Type* const values = type(schema->additional, schema->additional->embedded, name + ".@elem");
          return values ? types().map(types().primitive(TypeKind::string), values) : nullptr;
        }
        cel::StructType& made = owner.structures_.emplace_back();
        made.name = name;
        made.type = types().structure(name);
        for (const Property& property : schema->properties) {
          const auto field = escaped(property.name);
          if (!field) continue;
          const cel::Type* const field_type = type(property.schema, property.schema->embedded, name + "." + *field);
          if (!field_type) continue;
          made.fields.push_back({*field, field_type});
          if (*field == "__" + std::string(property.name) + "__") made.fields.push_back({std::string(property.name), field_type});
        }
        base.add_struct(&made);
        return made.type;
      }
      case Type::string:
        if (schema->format == "byte") return types().primitive(TypeKind::bytes);
        if (schema->format == "duration") return types().primitive(TypeKind::duration);
        if (schema->format == "date" || schema->format == "date-time") return types().primitive(TypeKind::timestamp);
        return types().primitive(TypeKind::string);
      case Type::boolean: return types().primitive(TypeKind::boolean);
      case Type::number: return types().primitive(TypeKind::float64);
      case Type::integer: return types().primitive(TypeKind::int64);
      case Type::none: return nullptr;
    }
    return nullptr;
  }

  Span place(Value text, cel::TextRange range) const {
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
    return {whole.source, begin, std::max(begin, range.end > range.begin ? at(range.end - 1) + 1 : begin)};
  }
  void error(Span span, std::string message) {
    diagnostics.error("crd-expression", span, std::move(message));
    ++owner.mistakes_;
  }

  std::unique_ptr<cel::Program> compile(Value text, const cel::Environment& environment, const cel::Type* wanted, std::string_view wanted_name) {
    std::vector<cel::Issue> issues;
    auto program = cel::compile(text.as_string(), environment, issues);
    for (const cel::Issue& issue : issues) error(place(text, issue.range), issue.message);
    if (!program) {
      if (issues.empty()) error(located(text).span, "this expression cannot be compiled");
      return nullptr;
    }
    if (program->type() == wanted) return program;
    error(located(text).span, "this must evaluate to a " + std::string(wanted_name) + ", not " + cel::to_string(program->type()));
    return nullptr;
  }

  Rule rule(const ValidationRule& definition, const Schema* schema, const cel::Type* self, bool correlated) {
    Rule made;
    made.definition = &definition;
    if (trimmed(definition.text).empty()) return made;
    cel::Environment environment = base;
    environment.add_variable("self", self);
    environment.add_variable("oldSelf", definition.optional_old_self ? types().optional(self) : self);
    made.program = compile(definition.rule, environment, types().primitive(cel::TypeKind::boolean), "bool");
    if (!trimmed(definition.message_text).empty())
      made.message = compile(definition.message_expression, environment, types().primitive(cel::TypeKind::string), "string");
    if (made.program) {
      const auto& reads = made.program->reads();
      made.uses_old_self = std::find(reads.begin(), reads.end(), static_cast<std::uint32_t>(slot_old_self)) != reads.end();
      if (made.uses_old_self && !correlated)
        error(located(definition.rule).span, "`oldSelf` cannot be used here: nobody can say which item of a list that is no list of type map was which before");
    }
    if (!definition.field_path.empty()) field_path(definition, schema, made);
    return made;
  }

  // `.spec.items['a.b']`: names of properties and keys of maps, as the API server reads them.
  void field_path(const ValidationRule& definition, const Schema* schema, Rule& made) {
    const auto fail = [&](std::string why) { error(located(definition.at.find("fieldPath")).span, "`fieldPath` " + std::move(why)); };
    const std::string_view text = definition.field_path;
    for (std::size_t at = 0; at < text.size();) {
      std::string name;
      if (text[at] == '.') {
        const std::size_t end = std::min(text.find_first_of(".[]", at + 1), text.size());
        name = text.substr(at + 1, end - at - 1);
        if (name.empty()) return fail("ends too early");
        at = end;
      } else if (text[at] == '[') {
        if (at + 1 >= text.size() || text[at + 1] != '\'') return fail("needs a name in single quotes in its brackets");
        std::size_t end = at + 2;
        for (; end < text.size() && text[end] != '\''; ++end) {
          if (text[end] == '\\' && end + 1 < text.size()) ++end;
          name += text[end];
        }
        if (end + 1 >= text.size() || text[end + 1] != ']') return fail("has a bracket that is not closed");
        at = end + 2;
      } else {
        return fail("is made of `.name` and `['name']`");
      }
      if (const Schema* const property = schema ? schema->property(name) : nullptr) {
        made.field_path += (made.field_path.empty() ? "" : ".") + name;
        schema = property;
      } else if (schema && schema->additional && !schema->has_properties) {
        made.field_path += "[" + name + "]";
        schema = schema->additional;
      } else {
        made.field_path.clear();
        made.steps.clear();
        return fail("does not refer to a valid field: `" + name + "`");
      }
      made.steps.push_back(std::move(name));
    }
  }

  // `correlated`: what `self` replaces can be told.
  const Node* node(const Schema* schema, bool resource, const std::string& name, bool correlated) {
    if (!has_rules(schema)) return nullptr;
    Node& made = owner.nodes_.emplace_back();
    made.schema = schema;
    made.resource = resource;
    const cel::Type* const self = type(schema, resource, name);
    if (!self && !schema->validations.empty())
      error(located(schema->validations[0].at).span, "expressions cannot see what has no type, or items or values without one: give it a type");
    if (self)
      for (const ValidationRule& definition : schema->validations) made.rules.push_back(rule(definition, schema, self, correlated));
    if (schema->items) made.items = node(schema->items, schema->items->embedded, name + ".@idx", correlated && schema->list_type == "map");
    if (schema->additional) made.additional = node(schema->additional, schema->additional->embedded, name + ".@elem", correlated);
    for (const Property& property : schema->properties) {
      const std::string field = escaped(property.name).value_or(std::string(property.name));
      if (const Node* const child = node(property.schema, property.schema->embedded, name + "." + field, correlated))
        made.properties.emplace(property.name, child);
    }
    return &made;
  }
};

Expressions::Expressions(const Language& language, const Schema& root, std::string name, const TextMap& text_map, Diagnostics& diagnostics) {
  if (!Compiler::has_rules(&root)) return;
  Compiler compiler{*this, language, text_map, diagnostics, *language.base};
  compiler.type(&root, true, name);
  root_ = compiler.node(&root, true, name, true);
}

Expressions::~Expressions() = default;

// --- running ---

struct Expressions::Run {
  Arena& arena;
  std::vector<Fault>& faults;
  cel::Scratch scratch{};
  std::int64_t budget = budget_of_a_resource;

  Fault fault(FaultKind kind, const Path& path, std::string value, std::string detail, Value at) {
    Fault made;
    made.kind = kind;
    made.field = path.text(true);
    if (made.field.empty()) made.field = "<nil>";
    made.bad_value = std::move(value);
    made.detail = std::move(detail);
    made.at = at;
    return made;
  }

  static std::string name_of_rule(const ValidationRule& rule) {
    return std::string(trimmed(rule.message.empty() ? rule.text : rule.message));
  }

  static std::string failure(const cel::Val& val) {
    // Which text was no number is our own addition.
    if (val.is_error())
      return std::string(val.error->message.substr(0, val.error->message.starts_with("type conversion error from 'string'") ? val.error->message.find(": `") : val.error->message.npos));
    if (val.is_unknown()) return cel::unknown_text(val);
    return {};
  }
  // Something has no value yet, other than a text that could not be read.
  static bool unknown_of(const cel::Val& val) {
    Value storage;
    const auto values = cel::unknown_values(val, storage);
    return std::any_of(values.begin(), values.end(), [](Value value) { return !value.as_unknown().name.empty(); });
  }
  static bool limited(const std::string& why) { return why.starts_with("cost limit exceeded"); }
  // Limits of ours, which the API server does not have.
  static bool own_limit(const std::string& why) { return why.starts_with("memory limit exceeded") || why.starts_with("nested too deeply"); }

  struct Message {
    std::string text;
    bool there = false;
    std::string fatal;  // no further rules are run
  };
  Message message(const Rule& rule, std::span<const cel::Val> slots) {
    Message made;
    if (!rule.message) return made;
    cel::Frame frame;
    frame.slots = slots;
    frame.scratch = &scratch;
    frame.cost_limit = per_call_limit;
    const cel::Val val = cel::evaluate(*rule.message, frame);
    if (static_cast<std::int64_t>(frame.cost) > budget) {
      made.fatal = "messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run";
      return made;
    }
    budget -= static_cast<std::int64_t>(frame.cost);
    if (limited(failure(val))) {
      made.fatal = "no further validation rules will be run due to call cost exceeds limit for messageExpression: " + go_quoted(rule.definition->message_text);
      return made;
    }
    if (!val.is(cel::ValKind::string)) return made;
    const std::string_view text = trimmed(val.string());
    if (text.empty() || text.size() > longest_message || text.find('\n') != text.npos) return made;
    made.text = text;
    made.there = true;
    return made;
  }

  // False: no further rules are run.
  bool rules(const Node& node, Value value, Value old, const Path& path) {
    if (node.rules.empty()) return true;
    const std::string type = go_quoted(name_of(node.schema->type));
    const auto out_of_budget = [&] {
      faults.push_back(fault(FaultKind::invalid, path, type, "validation failed due to running out of cost budget, no further validation rules will be run", value));
      return false;
    };
    if (budget <= 0) return out_of_budget();
    cel::Val slots[slot_count];
    slots[slot_self] = cel::val_of(cel_value(value, *node.schema, node.resource, arena));
    cel::Val old_self;
    if (old) old_self = cel::val_of(cel_value(old, *node.schema, node.resource, arena));
    for (const Rule& rule : node.rules) {
      if (!rule.program) continue;
      const ValidationRule& definition = *rule.definition;
      if (rule.uses_old_self && !old && !definition.optional_old_self) continue;
      const auto mark = scratch.mark();
      cel::Frame frame;
      frame.scratch = &scratch;
      if (!definition.optional_old_self) slots[slot_old_self] = old_self;
      else slots[slot_old_self] = old ? cel::make_some(frame, old_self) : cel::val_none();
      frame.slots = slots;
      frame.cost_limit = per_call_limit;
      const cel::Val verdict = cel::evaluate(*rule.program, frame);
      if (static_cast<std::int64_t>(frame.cost) > budget) return out_of_budget();
      budget -= static_cast<std::int64_t>(frame.cost);
      bool more = true;
      if (!verdict.is_true()) more = report(rule, verdict, slots, type, value, path, *node.schema);
      scratch.release(mark);
      if (!more) return false;
    }
    return true;
  }

  bool report(const Rule& rule, const cel::Val& verdict, std::span<const cel::Val> slots, const std::string& type, Value value,
              const Path& path, const Schema& schema) {
    const ValidationRule& definition = *rule.definition;
    const std::string why = failure(verdict);
    Fault made;
    if (limited(why)) {
      faults.push_back(fault(FaultKind::invalid, path, type,
                             "'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: " +
                                 name_of_rule(definition), value));
      return false;
    }
    if (why.starts_with("no such overload")) {
      made = fault(FaultKind::invalid, path, type,
                   "'no such overload': call arguments did not match a supported operator, function or macro signature for rule: " + name_of_rule(definition), value);
    } else if (own_limit(why) || (verdict.is_unknown() && unknown_of(verdict))) {
      made = fault(FaultKind::invalid, path, type, std::string(trimmed(definition.message.empty() ? definition.text : definition.message)), value);
      made.undecided = true;
      made.why = verdict.is_unknown() ? "the name is only generated when the object is created" : why;
    } else if (!verdict.is_false()) {
      made = fault(FaultKind::invalid, path, type, why + " evaluating rule: " + name_of_rule(definition), value);
    } else {
      Message said = message(rule, slots);
      std::string text = std::move(said.text);
      if (!said.there) text = definition.message.empty() ? "failed rule: " + name_of_rule(definition) : std::string(trimmed(definition.message));
      const Path inner{&path, rule.field_path};
      const Path& at = rule.field_path.empty() ? path : inner;
      if (!said.fatal.empty()) {
        faults.push_back(fault(FaultKind::invalid, at, type, said.fatal, value));
        return false;
      }
      const bool whole = schema.type == Type::object || schema.type == Type::array;
      std::string bad = whole ? std::string() : shown(value);
      if (definition.reason == "FieldValueForbidden") made = fault(FaultKind::forbidden, at, {}, text, value);
      else if (definition.reason == "FieldValueRequired") made = fault(FaultKind::required, at, {}, text, value);
      else if (definition.reason == "FieldValueDuplicate") made = fault(FaultKind::duplicate, at, std::move(bad), {}, value);
      else made = fault(FaultKind::invalid, at, std::move(bad), text, value);
      point(made, rule);
    }
    cel::Frame traced;
    traced.slots = slots;
    traced.scratch = &scratch;
    traced.cost_limit = per_call_limit * 4;  // tracing reads more than it needs to decide
    cel::evaluate_traced(*rule.program, traced, made.decisive);
    faults.push_back(std::move(made));
    return true;
  }

  // A `fieldPath` names the value that is meant.
  static void point(Fault& fault, const Rule& rule) {
    Value at = fault.at;
    for (const std::string& step : rule.steps) {
      const Value next = at.find(step);
      if (!next) {
        fault.at = at;
        fault.absent = rule.steps.back() == step ? std::string_view(step) : std::string_view();
        return;
      }
      at = next;
    }
    fault.at = at;
  }

  bool node(const Node* node, Value value, Value old, const Path& path) {
    if (!node || !value || value.is_null()) return true;
    if (!rules(*node, value, old.is_null() ? Value() : old, path)) return false;
    if (value.is_list()) {
      if (!node->items) return true;
      for (std::size_t i = 0; i < value.size(); ++i)
        if (!this->node(node->items, value.items()[i], counterpart(*node->schema, value.items()[i], old), Path{&path, {}, i})) return false;
      return true;
    }
    // Only granular and atomic maps exist, and both let their values be told apart by key.
    for (const Entry& entry : value.entries()) {
      const Value before = old.find(entry.key());
      if (node->additional && !this->node(node->additional, entry.value, before, Path{&path, entry.key(), 0, true})) return false;
      const auto property = node->properties.find(entry.key());
      if (property != node->properties.end() && !this->node(property->second, entry.value, before, Path{&path, entry.key()})) return false;
    }
    return true;
  }

  // The item that this one replaces: only lists with keys say.
  static Value counterpart(const Schema& schema, Value item, Value old) {
    if (schema.list_type != "map" || schema.list_keys.empty() || !item.is_map()) return {};
    for (const Value candidate : old.items()) {
      const bool same = std::all_of(schema.list_keys.begin(), schema.list_keys.end(), [&](std::string_view key) {
        const Value left = item.find(key), right = candidate.find(key);
        return left && right && equal(left, right);
      });
      if (same) return candidate;
    }
    return {};
  }
};

void Expressions::validate(Value object, Value old, Arena& arena, std::vector<Fault>& faults) const {
  if (!root_) return;
  Run run{arena, faults};
  run.node(root_, object, old, Path{});
}

}  // namespace assay::kubernetes::crd

#include "parsers/terraform/pure_data.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>

namespace assay::terraform {

namespace {

Value field(const ResourceInstance& instance, std::string_view name) {
  for (const Field& one : instance.fields)
    if (one.name == name) return one.value.value;
  return {};
}

void add(ResourceInstance& instance, std::string_view name, Typed value) {
  instance.fields.push_back({name, instance.block->header, value});
}

// --- aws_iam_policy_document ---------------------------------------------------------------------

// The document as hashicorp/aws writes it (internal/service/iam/policy_model.go): one item is a text, several
// are a list in descending order.
class PolicyDocument {
 public:
  PolicyDocument(ResourceInstance& instance, Evaluation& evaluation) : instance_(instance), arena_(evaluation.arena) {}

  Value make() {
    std::vector<Value> statements;
    for (const Value block : field(instance_, "statement").items()) {
      if (block.is_unknown()) statements.push_back(block);
      else statements.push_back(statement(block));
    }
    std::vector<Entry> document;
    const Value version = field(instance_, "version");
    put(document, "Version", version ? version : arena_.string("2012-10-17", {}));
    if (const Value id = field(instance_, "policy_id")) put(document, "Id", id);
    if (!statements.empty()) put(document, "Statement", arena_.list(statements, {}));
    return arena_.map(document, instance_.block->span);
  }

 private:
  static void put(std::vector<Entry>& entries, std::string_view key, Value value) {
    entries.push_back({key.data(), static_cast<std::uint32_t>(key.size()), 0, value});
  }

  Value one_or_many(Value list) {
    if (!list.is_list()) return list;
    if (list.size() == 1) return list.items()[0];
    std::vector<Value> items(list.items().begin(), list.items().end());
    std::stable_sort(items.begin(), items.end(), [](Value a, Value b) { return a.as_string() > b.as_string(); });
    return arena_.list(items, list.span());
  }

  Value principals(Value blocks) {
    std::vector<std::pair<std::string_view, std::vector<Value>>> by_type;
    for (const Value block : blocks.items()) {
      const Value type = block.find("type"), identifiers = block.find("identifiers");
      if (!type.is_string() || !identifiers.is_list()) return block.is_unknown() ? block : type.is_unknown() ? type : identifiers;
      auto found = std::find_if(by_type.begin(), by_type.end(), [&](const auto& one) { return one.first == type.as_string(); });
      if (found == by_type.end()) found = by_type.insert(by_type.end(), {type.as_string(), {}});
      found->second.insert(found->second.end(), identifiers.items().begin(), identifiers.items().end());
    }
    if (by_type.size() == 1 && by_type[0].first == "*" && by_type[0].second.size() == 1) return by_type[0].second[0];
    std::sort(by_type.begin(), by_type.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Entry> entries;
    for (const auto& [type, items] : by_type) put(entries, type, one_or_many(arena_.list(items, {})));
    return arena_.map(entries, blocks.span());
  }

  Value conditions(Value blocks) {
    std::map<std::string_view, std::map<std::string_view, std::vector<Value>>> by_test;
    for (const Value block : blocks.items()) {
      const Value test = block.find("test"), variable = block.find("variable"), values = block.find("values");
      if (!test.is_string() || !variable.is_string() || !values.is_list()) return block.is_unknown() ? block : test.is_unknown() ? test : variable.is_unknown() ? variable : values;
      auto& into = by_test[test.as_string()][variable.as_string()];
      into.insert(into.end(), values.items().begin(), values.items().end());
    }
    std::vector<Entry> tests;
    for (const auto& [test, variables] : by_test) {
      std::vector<Entry> entries;
      for (const auto& [variable, values] : variables) put(entries, variable, one_or_many(arena_.list(values, {})));
      put(tests, test, arena_.map(entries, blocks.span()));
    }
    return arena_.map(tests, blocks.span());
  }

  Value statement(Value block) {
    std::vector<Entry> out;
    if (const Value sid = block.find("sid"); sid && !(sid.is_string() && sid.as_string().empty())) put(out, "Sid", sid);
    const Value effect = block.find("effect");
    put(out, "Effect", effect ? effect : arena_.string("Allow", block.span()));
    static constexpr std::pair<std::string_view, std::string_view> lists[] = {
        {"actions", "Action"}, {"not_actions", "NotAction"}, {"resources", "Resource"}, {"not_resources", "NotResource"}};
    for (const auto& [from, to] : lists)
      if (const Value list = block.find(from); list && !(list.is_list() && list.size() == 0)) put(out, to, one_or_many(list));
    for (const auto& [from, to] : {std::pair<std::string_view, std::string_view>{"principals", "Principal"}, {"not_principals", "NotPrincipal"}})
      if (const Value list = block.find(from); list.size() > 0) put(out, to, principals(list));
    if (const Value list = block.find("condition"); list.size() > 0) put(out, "Condition", conditions(list));
    return arena_.map(out, block.span());
  }

  ResourceInstance& instance_;
  Arena& arena_;
};

// As Go's json.MarshalIndent writes it. Recursion follows the document's own few levels.
void write_json(Value value, std::string& out, int depth) {
  const std::string indent(static_cast<std::size_t>(depth) * 2, ' ');
  if (value.is_map()) {
    if (value.size() == 0) return void(out += "{}");
    out += "{";
    bool first = true;
    for (const Entry& entry : value.entries()) {
      out += first ? "\n" : ",\n";
      first = false;
      out += indent + "  \"" + std::string(entry.key()) + "\": ";
      write_json(entry.value, out, depth + 1);
    }
    out += "\n" + indent + "}";
  } else if (value.is_list()) {
    if (value.size() == 0) return void(out += "[]");
    out += "[";
    bool first = true;
    for (const Value item : value.items()) {
      out += first ? "\n" : ",\n";
      first = false;
      out += indent + "  ";
      write_json(item, out, depth + 1);
    }
    out += "\n" + indent + "]";
  } else if (value.is(Kind::boolean)) {
    out += value.as_bool() ? "\"true\"" : "\"false\"";
  } else if (value.is(Kind::int64)) {
    out += "\"" + std::to_string(value.as_int()) + "\"";
  } else {
    out += '"';
    for (const char c : value.as_string()) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') (out += '\\') += c;
      else if (c == '\n') out += "\\n";
      else if (c == '\t') out += "\\t";
      else if (c == '\r') out += "\\r";
      else if (byte < 0x20 || c == '<' || c == '>' || c == '&') {
        char escape[8];
        std::snprintf(escape, sizeof escape, "\\u%04x", byte);
        out += escape;
      } else {
        out += c;
      }
    }
    out += '"';
  }
}

void policy_document(ResourceInstance& instance, Evaluation& evaluation) {
  Arena& arena = evaluation.arena;
  bool merged = false;
  for (const std::string_view other : {"source_json", "override_json", "source_policy_documents", "override_policy_documents"})
    merged = merged || field(instance, other);
  if (merged) return;  // merged by `Sid`: left to the provider, its `json` is unknown
  const Value document = PolicyDocument(instance, evaluation).make();
  const Origin origin{document, {}, {}, {}};
  Typed json;
  if (!document.has_unknown()) {
    std::string text;
    write_json(document, text, 0);
    json = {arena.computed(arena.string(arena.copy(text), {}), std::span(&origin, 1)), string_type()};
  } else {
    const Typed unknown = unknown_of(string_type(), instance.address + ".json", "parts of the document are not known", {}, arena);
    json = {arena.computed(unknown.value, std::span(&origin, 1)), string_type()};
  }
  evaluation.structured(json.value, document);
  add(instance, "json", json);
  add(instance, "minified_json", json);
}

// --- the provider's own ---------------------------------------------------------------------------

Typed region_of(const ResourceInstance& instance) {
  if (!instance.provider) return {};
  for (const auto& [name, value] : instance.provider->attributes)
    if (name == "region") return value;
  return {};
}

void region(ResourceInstance& instance, Evaluation&) {
  if (field(instance, "name") || field(instance, "region")) return;
  const Typed value = region_of(instance);
  if (!value) return;
  add(instance, "name", value);
  add(instance, "id", value);
  add(instance, "region", value);
}

void partition(ResourceInstance& instance, Evaluation& evaluation) {
  const Typed region = region_of(instance);
  if (!region || !region.value.is_string()) return;
  const std::string_view name = region.value.as_string();
  const std::string_view partition = name.starts_with("cn-") ? "aws-cn" : name.starts_with("us-gov-") ? "aws-us-gov" : "aws";
  const Origin origin{region.value, {}, {}, {}};
  const Typed value{evaluation.arena.computed(evaluation.arena.string(partition, {}), std::span(&origin, 1)), string_type()};
  add(instance, "partition", value);
  add(instance, "id", value);
}

struct PureData {
  std::string_view type;
  bool provider;
  void (*compute)(ResourceInstance&, Evaluation&);
};
constexpr PureData table[] = {
    {"aws_iam_policy_document", false, policy_document},
    {"aws_region", true, region},
    {"aws_partition", true, partition},
};

}  // namespace

bool needs_provider(std::string_view type) {
  return std::any_of(std::begin(table), std::end(table), [&](const PureData& one) { return one.provider && one.type == type; });
}

void compute_data(ResourceInstance& instance, Evaluation& evaluation) {
  for (const PureData& one : table)
    if (one.type == instance.block->type) one.compute(instance, evaluation);
}

}  // namespace assay::terraform

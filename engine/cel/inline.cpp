#include "engine/cel/inline.hpp"

#include <unordered_map>

namespace assay::cel {

namespace {

constexpr int most_nested_calls = 16;
constexpr std::size_t most_nodes = 100'000;

struct Inliner {
  Ast& ast;
  const std::function<const InlineFunction*(std::string_view)>& find;
  std::vector<Issue>& issues;
  std::uint32_t next_id = 1'000'000;
  int calls = 0;  // for distinct names of parameters

  Expr* add(TextRange range, std::uint32_t at) {
    Expr& expr = ast.nodes.emplace_back();
    expr.id = next_id++;
    expr.range = range;
    expr.at = at;
    return &expr;
  }

  using Names = std::vector<std::pair<std::string, std::string>>;  // parameter -> its name in this call

  // A copy of a function's body. Parameters are renamed so that they capture nothing of the caller's;
  // variables of the body's own comprehensions hide parameters of the same name.
  struct Copier {
    Inliner& inliner;
    const Expr& call;
    std::unordered_map<const Expr*, Expr*> copies = {};

    Expr* copy(const Expr* from, const Names& names) {
      if (!from) return nullptr;
      if (const auto known = copies.find(from); known != copies.end()) return known->second;
      Expr* to = inliner.add(call.range, call.at);
      copies[from] = to;
      to->node = from->node;
      const auto each = [&](Expr*& child, const Names& inside) { child = copy(child, inside); };
      if (auto* ident = std::get_if<Ident>(&to->node)) {
        for (const auto& [parameter, renamed] : names)
          if (ident->name == parameter) ident->name = renamed;
      } else if (auto* select = std::get_if<Select>(&to->node)) {
        each(select->operand, names);
      } else if (auto* node = std::get_if<Call>(&to->node)) {
        each(node->target, names);
        for (Expr*& argument : node->args) each(argument, names);
      } else if (auto* list = std::get_if<CreateList>(&to->node)) {
        for (Expr*& element : list->elements) each(element, names);
      } else if (auto* made = std::get_if<CreateStruct>(&to->node)) {
        for (auto& item : made->items) each(item.key, names), each(item.value, names);
      } else if (auto* loop = std::get_if<Comprehension>(&to->node)) {
        each(loop->range, names);
        each(loop->initial, names);
        Names inside = names;
        std::erase_if(inside, [&](const auto& entry) {
          return entry.first == loop->variable || entry.first == loop->variable2 || entry.first == loop->accumulator;
        });
        each(loop->condition, inside);
        each(loop->step, inside);
        each(loop->result, inside);
      }
      const auto mapped = [&](Expr* macro_part) -> Expr* {
        const auto known = copies.find(macro_part);
        return known == copies.end() ? nullptr : known->second;
      };
      to->macro = {from->macro.macro, mapped(from->macro.predicate), mapped(from->macro.transform)};
      return to;
    }
  };

  // Turns a call node into nested lets around the body.
  bool expand(Expr& call, const InlineFunction& function, int depth) {
    Call node = std::get<Call>(call.node);
    if (node.args.size() != function.parameters.size()) {
      issues.push_back({call.range, "`" + function.name + "` takes " + std::to_string(function.parameters.size()) + " arguments, not " +
                                        std::to_string(node.args.size())});
      return false;
    }
    if (depth >= most_nested_calls || ast.nodes.size() > most_nodes) {
      issues.push_back({call.range, "calls of `" + function.name + "` nest too deeply; a function cannot call itself"});
      return false;
    }
    Names names;
    const std::string prefix = "@" + function.name + std::to_string(calls++) + "_";
    for (const std::string& parameter : function.parameters) names.emplace_back(parameter, prefix + parameter);
    Copier copier{*this, call};
    Expr* body = copier.copy(function.body->root, names);
    if (!walk(body, depth + 1)) return false;
    for (std::size_t i = node.args.size(); i-- > 0;) {
      Expr* let = i == 0 ? &call : add(call.range, call.at);
      Expr* empty = add(call.range, call.at);
      empty->node = CreateList{};
      Expr* never = add(call.range, call.at);
      never->node = Constant{false};
      Expr* step = add(call.range, call.at);
      step->node = Ident{names[i].second};
      let->node = Comprehension{empty, "#unused", "", names[i].second, node.args[i], never, step, body};
      let->macro = {Macro::bind, nullptr, body};
      body = let;
    }
    if (node.args.empty()) {
      call.node = body->node;
      call.macro = body->macro;
    }
    return true;
  }

  // Depth follows the parser's own bound on nesting.
  bool walk(Expr* expr, int depth) {
    if (!expr) return true;
    if (auto* select = std::get_if<Select>(&expr->node)) return walk(select->operand, depth);
    if (auto* list = std::get_if<CreateList>(&expr->node)) {
      for (Expr* element : list->elements)
        if (!walk(element, depth)) return false;
      return true;
    }
    if (auto* made = std::get_if<CreateStruct>(&expr->node)) {
      for (auto& item : made->items)
        if (!walk(item.key, depth) || !walk(item.value, depth)) return false;
      return true;
    }
    if (auto* loop = std::get_if<Comprehension>(&expr->node))
      return walk(loop->range, depth) && walk(loop->initial, depth) && walk(loop->condition, depth) && walk(loop->step, depth) &&
             walk(loop->result, depth);
    auto* call = std::get_if<Call>(&expr->node);
    if (!call) return true;
    if (!walk(call->target, depth)) return false;
    for (Expr* argument : call->args)
      if (!walk(argument, depth)) return false;
    if (call->target) return true;
    const InlineFunction* function = find(call->function);
    return !function || expand(*expr, *function, depth);
  }
};

}  // namespace

bool inline_functions(Ast& ast, const std::function<const InlineFunction*(std::string_view)>& find, std::vector<Issue>& issues) {
  const std::size_t before = issues.size();
  Inliner inliner{ast, find, issues};
  inliner.walk(ast.root, 0);
  return issues.size() == before;
}

}  // namespace assay::cel

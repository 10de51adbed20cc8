// Macros: calls that the parser replaces by a tree. `expand` looks a call up in the table of macros.
#pragma once

#include <string_view>
#include <vector>

#include "engine/cel/program.hpp"

namespace assay::cel {

// Makes nodes of one tree. Nodes of a macro's expansion stand where its call stands.
class AstBuilder {
 public:
  explicit AstBuilder(Ast& ast) : ast_(ast) {}

  template <class Node>
  Expr* add(Node node, TextRange range, std::uint32_t at) {
    Expr& expr = ast_.nodes.emplace_back();
    expr.id = static_cast<std::uint32_t>(ast_.nodes.size());
    expr.range = range;
    expr.at = at;
    expr.node = std::move(node);
    return &expr;
  }
  Ast& ast() { return ast_; }

 private:
  Ast& ast_;
};

struct MacroContext {
  AstBuilder& build;
  std::vector<Issue>& issues;
  TextRange range;   // of the whole call
  std::uint32_t at;  // of the function's name
  std::string_view function;
};

// The tree that `target.function(args)` stands for; null when it is no macro call, or when an issue was
// added because it is a wrong one.
Expr* expand(MacroContext& context, Expr* target, std::vector<Expr*>& args, const ParseLimits& limits);

// How a macro of this name is called ("x.all(v, condition)"), for messages; empty when there is none.
std::string_view macro_usage(std::string_view name);
// The macros called in a name space ("cel", "math"), on any value (member) or on their own: their plain names.
std::vector<std::string_view> macro_names(std::string_view space, bool member);

}  // namespace assay::cel

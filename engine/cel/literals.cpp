#include "engine/cel/literals.hpp"

#include <algorithm>
#include <initializer_list>

namespace assay::cel {

namespace {

// Walks the tree by recursion, whose depth the checker has bounded.
struct Literals {
  std::vector<Issue>& issues;

  void report(const Expr* expr, std::string message) { issues.push_back({expr->range, std::move(message)}); }
  static std::string shown(const Type* type) { return "`" + to_string(type) + "`"; }

  // False: the two differ, which was said.
  bool same(const Expr* expr, const Type* first, const Type* type) {
    if (first == type) return true;
    report(expr, "expected type " + shown(first) + " as before, this is " + shown(type) + "; give all elements of a literal one type");
    return false;
  }
  static const Type* inside(const Type* type) { return type->kind == TypeKind::optional ? type->parameters[0] : type; }

  void list(const CreateList& made) {
    const Type* first = nullptr;
    for (std::size_t i = 0; i < made.elements.size(); ++i) {
      const bool optional = std::find(made.optional_indices.begin(), made.optional_indices.end(), i) != made.optional_indices.end();
      const Type* const type = optional ? inside(made.elements[i]->type) : made.elements[i]->type;
      if (!first) first = type;
      else if (!same(made.elements[i], first, type)) return;
    }
  }

  void map(const CreateStruct& made) {
    const Type *key = nullptr, *value = nullptr;
    for (const CreateStruct::Item& item : made.items) {
      const Type* const type = item.optional ? inside(item.value->type) : item.value->type;
      if (!key) {
        key = item.key->type;
        value = type;
        continue;
      }
      same(item.key, key, item.key->type);
      same(item.value, value, type);
    }
  }

  // The part of an argument that `%s` cannot write; null: none.
  static const Expr* unwritable(const Expr* expr) {
    switch (expr->type->kind) {
      case TypeKind::dyn: case TypeKind::null: case TypeKind::boolean: case TypeKind::int64: case TypeKind::uint64:
      case TypeKind::float64: case TypeKind::string: case TypeKind::bytes: case TypeKind::timestamp: case TypeKind::duration:
      case TypeKind::list: case TypeKind::map: case TypeKind::type:
        break;
      case TypeKind::optional: case TypeKind::wrapper: case TypeKind::structure: case TypeKind::opaque: case TypeKind::variable:
      case TypeKind::error:
        return expr;
    }
    if (const CreateList* list = std::get_if<CreateList>(&expr->node)) {
      for (const Expr* element : list->elements)
        if (const Expr* bad = unwritable(element)) return bad;
    } else if (const CreateStruct* map = std::get_if<CreateStruct>(&expr->node); map && map->message_name.empty()) {
      for (const CreateStruct::Item& item : map->items) {
        if (const Expr* bad = unwritable(item.key)) return bad;
        if (const Expr* bad = unwritable(item.value)) return bad;
      }
    }
    return nullptr;
  }

  bool takes(const Expr* expr, std::initializer_list<TypeKind> kinds, char clause, std::string_view words) {
    const TypeKind kind = expr->type->kind;
    if (kind == TypeKind::dyn || std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) return true;
    report(expr, std::string("`%") + clause + "` formats " + std::string(words) + ", this is " + shown(expr->type));
    return false;
  }

  bool clause(char letter, const Expr* arg) {
    switch (letter) {
      case 's':
        if (const Expr* bad = unwritable(arg)) {
          report(bad, "`%s` formats strings, bools, bytes, numbers, maps, lists, types, durations and timestamps, this is " + shown(bad->type));
          return false;
        }
        return true;
      case 'd': return takes(arg, {TypeKind::int64, TypeKind::uint64}, letter, "integers");
      case 'f': case 'e': return takes(arg, {TypeKind::float64, TypeKind::string}, letter, "doubles");
      case 'b': return takes(arg, {TypeKind::int64, TypeKind::uint64, TypeKind::boolean}, letter, "integers and bools");
      case 'x': case 'X':
        return takes(arg, {TypeKind::int64, TypeKind::uint64, TypeKind::string, TypeKind::bytes}, letter, "integers, bytes and strings");
      case 'o': return takes(arg, {TypeKind::int64, TypeKind::uint64}, letter, "integers");
      default: return true;
    }
  }

  void format(const Expr* call, std::string_view text, const std::vector<Expr*>& args) {
    std::size_t next = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '%') continue;
      if (++i == text.size()) return report(call, "the format ends within a clause; write `%%` for a percent sign");
      if (text[i] == '%') continue;
      if (text[i] == '.')
        for (++i; i < text.size() && text[i] >= '0' && text[i] <= '9';) ++i;
      if (i == text.size() || std::string_view("sdfebxXo").find(text[i]) == std::string_view::npos)
        return report(call, "the format has a clause that there is not; there are %s, %d, %f, %e, %b, %x, %X and %o");
      if (next == args.size()) return report(call, "the format asks for more than its " + std::to_string(args.size()) + " arguments");
      if (!clause(text[i], args[next++])) return;
    }
    if (next < args.size())
      report(call, "the format takes " + std::to_string(next) + " arguments, there are " + std::to_string(args.size()));
  }

  void visit(const Expr* expr, bool formatted) {
    if (!expr) return;
    if (const Select* select = std::get_if<Select>(&expr->node)) {
      visit(select->operand, formatted);
    } else if (const Call* call = std::get_if<Call>(&expr->node)) {
      const bool formats = call->function == "format";
      if (formats && call->target && call->args.size() == 1) {
        const Constant* text = std::get_if<Constant>(&call->target->node);
        const CreateList* args = std::get_if<CreateList>(&call->args[0]->node);
        if (const std::string* value = text ? std::get_if<std::string>(&text->value) : nullptr; value && args)
          format(expr, *value, args->elements);
      }
      visit(call->target, formatted || formats);
      for (const Expr* arg : call->args) visit(arg, formatted || formats);
    } else if (const CreateList* made = std::get_if<CreateList>(&expr->node)) {
      if (!formatted) list(*made);
      for (const Expr* element : made->elements) visit(element, formatted);
    } else if (const CreateStruct* made = std::get_if<CreateStruct>(&expr->node)) {
      if (!formatted && made->message_name.empty()) map(*made);
      for (const CreateStruct::Item& item : made->items) {
        visit(item.key, formatted);
        visit(item.value, formatted);
      }
    } else if (const Comprehension* loop = std::get_if<Comprehension>(&expr->node)) {
      for (const Expr* part : {loop->range, loop->initial, loop->condition, loop->step, loop->result}) visit(part, formatted);
    }
  }
};

}  // namespace

void check_literals(const Ast& ast, std::vector<Issue>& issues) { Literals{issues}.visit(ast.root, false); }

}  // namespace assay::cel

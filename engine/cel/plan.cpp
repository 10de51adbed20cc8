#include "engine/cel/runner.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace assay::cel {

const Plan& plan_of(const Program& program) { return *program.plan_; }

namespace {

constexpr std::uint32_t no_local = std::numeric_limits<std::uint32_t>::max();
// A constant part of an expression is computed when it is planned, if that costs little.
constexpr std::uint64_t fold_cost = 20'000;
constexpr std::uint32_t deepest = 2'000;  // the parser's limit, and what macros add to it
constexpr std::size_t most_args = 60'000;

// --- Which values a parameter takes, by kind alone --------------------------------------------------

constexpr std::uint32_t bit(ValKind kind) { return 1u << static_cast<unsigned>(kind); }
constexpr std::uint32_t any_kind = ~(bit(ValKind::error) | bit(ValKind::unknown));

bool open_type(const Type* type) { return type->kind == TypeKind::dyn || type->kind == TypeKind::variable; }

std::uint32_t mask_of(const Type* type) {
  switch (type->kind) {
    case TypeKind::dyn:
    case TypeKind::variable: return any_kind;
    case TypeKind::null: return bit(ValKind::null);
    case TypeKind::boolean: return bit(ValKind::boolean);
    case TypeKind::int64: return bit(ValKind::int64);
    case TypeKind::uint64: return bit(ValKind::uint64);
    case TypeKind::float64: return bit(ValKind::float64);
    case TypeKind::string: return bit(ValKind::string);
    case TypeKind::bytes: return bit(ValKind::bytes);
    case TypeKind::timestamp: return bit(ValKind::timestamp);
    case TypeKind::duration: return bit(ValKind::duration);
    case TypeKind::list: return bit(ValKind::list);
    case TypeKind::map: return bit(ValKind::map);
    case TypeKind::type: return bit(ValKind::type);
    case TypeKind::optional: return bit(ValKind::optional);
    case TypeKind::wrapper: return bit(ValKind::null) | (type->parameters.empty() ? any_kind : mask_of(type->parameters[0]));
    case TypeKind::structure: return bit(ValKind::structure) | bit(ValKind::opaque);
    case TypeKind::opaque: return bit(ValKind::opaque);
    case TypeKind::error: return 0;
  }
  return 0;
}

bool needs_look_inside(const Type* type) {
  if (type->kind == TypeKind::structure || type->kind == TypeKind::opaque) return true;
  if (type->kind != TypeKind::list && type->kind != TypeKind::map) return false;
  return !std::all_of(type->parameters.begin(), type->parameters.end(), open_type);
}

// --- Functions with an operation of their own -------------------------------------------------------

struct BuiltIn {
  std::string_view name;
  std::uint16_t args;  // with the receiver
  Op op;
};
constexpr BuiltIn built_in[] = {
    {"_&&_", 2, Op::logical_and}, {"_||_", 2, Op::logical_or}, {"!_", 1, Op::logical_not},
    {"@not_strictly_false", 1, Op::not_strictly_false}, {"__not_strictly_false__", 1, Op::not_strictly_false},
    {"_?_:_", 3, Op::conditional}, {"_==_", 2, Op::equal}, {"_!=_", 2, Op::not_equal}, {"_<_", 2, Op::less},
    {"_<=_", 2, Op::less_equal}, {"_>_", 2, Op::greater}, {"_>=_", 2, Op::greater_equal}, {"_+_", 2, Op::add},
    {"_-_", 2, Op::subtract}, {"_*_", 2, Op::multiply}, {"_/_", 2, Op::divide}, {"_%_", 2, Op::modulo},
    {"-_", 1, Op::negate}, {"@in", 2, Op::in}, {"_[_]", 2, Op::index}, {"_[?_]", 2, Op::index_optional},
    {"size", 1, Op::size}, {"orValue", 2, Op::or_value}, {"or", 2, Op::or_else}, {"hasValue", 1, Op::has_value},
    {"value", 1, Op::value},
};

// The functions among them may have further overloads for other types; then they are ordinary calls.
bool only_standard(const Function& function) {
  return std::all_of(function.overloads.begin(), function.overloads.end(), [](const Overload& overload) {
    return std::all_of(overload.parameters.begin(), overload.parameters.end(), [](const Type* type) {
      return type->kind != TypeKind::opaque && type->kind != TypeKind::structure;
    });
  });
}

// A planned part: whether its value depends on nothing but itself, and the outermost local it reads.
struct Part {
  const Node* node = nullptr;
  bool pure = false;
  std::uint32_t reads_local = no_local;
  // Of metered plans, in cel-go's terms. An attribute is a name with the fields and indices behind it, or such a
  // path from any value; it costs `own` of itself, but nothing where it is a branch or an index.
  bool attribute = false;
  std::uint8_t own = 0;
  bool literal = false;  // a constant when planned there: costs nothing
};

class Planner {
 public:
  Planner(const Environment& environment, Plan& plan, std::vector<Issue>& issues, std::vector<std::uint32_t>& reads)
      : environment_(environment), plan_(plan), issues_(issues), reads_(reads), exact_(environment.options.exact_cost) {}

  const Node* run(const Expr* root) {
    const Part part = visit(root);
    plan_.locals = high_;
    return part.node;
  }

 private:
  struct Local {
    std::string name;
    std::uint32_t index;
    const Node* element;  // of a block: evaluated when first read
    bool pure;
  };

  template <class T>
  T* allocate(std::size_t count) {
    T* const memory = plan_.memory.array<T>(std::max<std::size_t>(count, 1));
    if (!memory) full_ = true;
    return memory;
  }
  // Never null: when memory is out the spare node is handed around and the plan is refused at the end.
  Node* make(Op op, const Expr* expr) {
    Node* const node = allocate<Node>(1);
    if (!node) return &spare_;
    *node = Node{};
    node->op = op;
    node->at = expr ? expr->at : 0;
    node->metered = exact_;
    if (exact_) node->charge = own_cost(op);
    return node;
  }
  // What an operation costs whatever its operands are, in cel-go's units.
  static std::uint32_t own_cost(Op op) {
    switch (op) {
      case Op::slot: case Op::local: case Op::block_local:
      case Op::logical_not: case Op::not_strictly_false: case Op::subtract: case Op::multiply: case Op::divide: case Op::modulo:
      case Op::negate: case Op::size: case Op::has_value: case Op::value: case Op::add: case Op::in:
      case Op::less: case Op::less_equal: case Op::greater: case Op::greater_equal: case Op::matches:
        return 1;
      case Op::list: return 10;
      case Op::map: return 30;
      case Op::constant: case Op::select: case Op::select_optional: case Op::has: case Op::index: case Op::index_optional:
      case Op::logical_and: case Op::logical_or: case Op::conditional: case Op::equal: case Op::not_equal:
      case Op::or_value: case Op::or_else: case Op::call: case Op::message: case Op::all: case Op::exists: case Op::exists_one:
      case Op::filter: case Op::map_list: case Op::transform_map: case Op::transform_map_entry: case Op::count_filter:
      case Op::fold: case Op::let: case Op::block:
        return 0;
    }
    return 0;
  }
  void set_args(Node* node, const std::vector<const Node*>& args) {
    const Node** const copy = allocate<const Node*>(args.size());
    if (!copy) return;
    std::copy(args.begin(), args.end(), copy);
    node->args = copy;
    node->count = static_cast<std::uint16_t>(args.size());
  }
  std::string_view keep(std::string_view text) {
    const std::string_view copy = plan_.memory.copy(text);
    if (!copy.data()) full_ = true;
    return copy;
  }
  Part constant(const Val& value, const Expr* expr) {
    Node* const node = make(Op::constant, expr);
    Val* const copy = allocate<Val>(1);
    if (copy) *copy = value;
    node->constant = copy ? copy : &null_;
    Part part{node, true, no_local};
    part.literal = true;
    return part;
  }
  // The same constant, at no cost.
  Part literal(const Part& part) {
    if (part.node->op != Op::constant) return part;
    Part free = constant(*part.node->constant, nullptr);
    const_cast<Node*>(free.node)->at = part.node->at;
    return free;
  }
  // A path that goes on from `operand`.
  Part path(Part part, const Part& operand, bool test_only = false) const {
    if (!exact_) return part;
    part.attribute = true;
    part.own = test_only ? 0 : operand.attribute ? operand.own : 1;
    return part;
  }
  // What fails whenever it is evaluated.
  Part failing(std::string_view message, const Expr* expr) {
    Frame frame = fold_frame();
    frame.at = expr->at;
    Part part = constant(make_error(frame, message), expr);
    part.pure = false;
    return part;
  }

  Frame fold_frame() {
    Frame frame;
    frame.scratch = &plan_.memory;
    frame.cost_limit = fold_cost;
    return frame;
  }
  static bool has_structure(const Val& value) { return value.is(ValKind::structure); }

  // Computes a part that is constant, or gives it as it is.
  Part folded(Part part) {
    if (!part.pure || part.reads_local != no_local || part.node->op == Op::constant || full_) return part;
    for (std::uint16_t i = 0; i < part.node->count; ++i) {
      const Node* const arg = part.node->args[i];
      if (arg && arg->op == Op::constant && has_structure(*arg->constant)) return {part.node, false, no_local};
    }
    Frame frame = fold_frame();
    std::vector<Val> locals(high_ + 1);
    const Scratch::Mark mark = plan_.memory.mark();
    Val result;
    run_node(frame, part.node, locals.data(), result);
    if (result.is_error() || result.is_unknown() || frame.cost > frame.cost_limit) {
      plan_.memory.release(mark);
      return {part.node, false, no_local};
    }
    Node* const node = make(Op::constant, nullptr);
    node->at = part.node->at;
    if (exact_) node->charge = static_cast<std::uint32_t>(frame.cost);
    Val* const copy = allocate<Val>(1);
    if (copy) *copy = result;
    node->constant = copy ? copy : &null_;
    return {node, true, no_local};
  }

  // A node over parts, constant when they are.
  Part join(Node* node, const std::vector<Part>& parts, bool pure = true) {
    std::vector<const Node*> args;
    Part joined{node, pure, no_local};
    for (const Part& part : parts) {
      args.push_back(part.node);
      joined.pure = joined.pure && (part.pure || !part.node);
      joined.reads_local = std::min(joined.reads_local, part.reads_local);
    }
    set_args(node, args);
    return folded(joined);
  }

  Part visit(const Expr* expr) {
    if (++depth_ > deepest) {
      issues_.push_back({expr->range, "nested too deeply, split the expression"});
      --depth_;
      return constant({}, expr);
    }
    plan_.depth = std::max(plan_.depth, depth_);
    Part part = std::visit([&](const auto& node) { return visit(expr, node); }, expr->node);
    --depth_;
    return part;
  }

  Part visit(const Expr* expr, const Constant& literal) {
    struct Read {
      Planner& planner;
      Val operator()(std::monostate) const { return val_null(); }
      Val operator()(bool value) const { return val_bool(value); }
      Val operator()(std::int64_t value) const { return val_int(value); }
      Val operator()(std::uint64_t value) const { return val_uint(value); }
      Val operator()(double value) const { return val_double(value); }
      Val operator()(const std::string& value) const { return val_string(planner.keep(value)); }
      Val operator()(const std::vector<std::uint8_t>& value) const {
        return val_bytes(planner.keep({reinterpret_cast<const char*>(value.data()), value.size()}));
      }
    };
    return constant(std::visit(Read{*this}, literal.value), expr);
  }

  Part visit(const Expr* expr, const Ident& ident) {
    std::string_view name = ident.name;
    if (name.starts_with('.')) {
      name.remove_prefix(1);
    } else {
      for (auto local = scope_.rbegin(); local != scope_.rend(); ++local) {
        if (local->name != name) continue;
        Node* const node = make(local->element ? Op::block_local : Op::local, expr);
        node->index = local->index;
        if (local->element) set_args(node, {local->element});
        return {node, local->pure, local->index, true, 1};
      }
    }
    if (const Variable* const variable = environment_.variable(name)) {
      if (variable->constant) return constant(*variable->constant, expr);
      Node* const node = make(Op::slot, expr);
      node->index = variable->slot;
      const auto place = std::lower_bound(reads_.begin(), reads_.end(), variable->slot);
      if (place == reads_.end() || *place != variable->slot) reads_.insert(place, variable->slot);
      return {node, false, no_local, true, 1};
    }
    const Type* type = expr->type && expr->type->kind == TypeKind::type && !expr->type->parameters.empty()
                           ? expr->type->parameters[0] : environment_.type_named(name);
    if (type && type->kind == TypeKind::dyn && environment_.type_named(name)) type = environment_.type_named(name);
    if (type) return constant(val_type(type), expr);
    return failing("undeclared reference to `" + std::string(name) + "`", expr);
  }

  Part visit(const Expr* expr, const Select& select) {
    const Part operand = visit(select.operand);
    Node* const node = make(select.test_only ? Op::has : select.optional ? Op::select_optional : Op::select, expr);
    const std::string_view field = keep(select.field);
    node->name = {field.data(), static_cast<std::uint32_t>(field.size()), 0};
    const Type* type = select.operand->type;
    if (type && type->kind == TypeKind::optional && !type->parameters.empty()) type = type->parameters[0];
    if (type && type->kind == TypeKind::structure) {
      node->structure = environment_.structure(type->name);
      const auto index = node->structure ? node->structure->index(select.field) : std::nullopt;
      if (index) node->name.field = *index;
      else node->structure = nullptr;
    }
    if (!select.optional && !node->structure && operand.node->op == Op::select && !operand.node->structure) add_path(node, operand.node);
    if (exact_) node->charge = !operand.attribute;
    return path(join(node, {operand}), operand, select.test_only);
  }

  void add_path(Node* node, const Node* operand) {
    const Node* const base = operand->base ? operand->base : operand->args[0];
    if (base->op != Op::slot && base->op != Op::local) return;
    const std::uint32_t before = operand->base ? operand->path_size : 1;
    auto* const path = allocate<std::string_view>(before + 1);
    if (!path) return;
    if (operand->base) std::copy(operand->path, operand->path + before, path);
    else path[0] = operand->field();
    path[before] = node->field();
    node->base = base;
    node->path = path;
    node->path_size = before + 1;
  }

  Part visit(const Expr* expr, const Call& call) {
    if (call.function == "cel.@block" && call.args.size() == 2) {
      if (const auto* const elements = std::get_if<CreateList>(&call.args[0]->node)) return block(expr, *elements, call.args[1]);
    }
    std::vector<const Expr*> exprs;
    if (call.target) exprs.push_back(call.target);
    exprs.insert(exprs.end(), call.args.begin(), call.args.end());
    std::vector<Part> args;
    for (const Expr* const arg : exprs) args.push_back(visit(arg));
    if (args.size() > most_args) {
      issues_.push_back({expr->range, "too many arguments"});
      return constant({}, expr);
    }

    const Function* const function = environment_.function(call.function);
    if (call.function == "dyn" && args.size() == 1 && !call.target && (!exact_ || args[0].literal)) return args[0];
    const std::uint16_t count = static_cast<std::uint16_t>(args.size());
    for (const BuiltIn& entry : built_in) {
      if (entry.name != call.function || entry.args != count) continue;
      if (function && !only_standard(*function)) break;
      if (!function && std::isalpha(static_cast<unsigned char>(entry.name[0]))) break;
      return exact_ ? metered_operation(expr, entry.op, exprs, args) : operation(expr, entry.op, args);
    }
    if (call.function == "matches" && !environment_.options.exact_cost && count == 2 && function && only_standard(*function) && args[1].node->op == Op::constant &&
        args[1].node->constant->is(ValKind::string)) {
      std::string error;
      auto pattern = Regex::compile(args[1].node->constant->string(), error);
      if (!pattern) {
        issues_.push_back({exprs[1]->range, error});
        return constant({}, expr);
      }
      Node* const node = make(Op::matches, expr);
      node->regex = plan_.patterns.emplace_back(std::move(pattern)).get();
      return join(node, {args[0]});
    }
    return function_call(expr, call, function, exprs, args);
  }

  Part operation(const Expr* expr, Op op, std::vector<Part>& args) {
    if (op == Op::logical_and || op == Op::logical_or) {
      // false && x is false, whatever x is.
      for (const Part& arg : args) {
        if (arg.node->op != Op::constant || environment_.options.exact_cost) continue;
        if (op == Op::logical_and ? arg.node->constant->is_false() : arg.node->constant->is_true()) return arg;
      }
      // (a && b) && c is one operation of three.
      std::vector<Part> flat;
      for (const Part& arg : args) {
        if (arg.node->op != op || flat.size() + arg.node->count > most_args) {
          flat.push_back(arg);
          continue;
        }
        for (std::uint16_t i = 0; i < arg.node->count; ++i) flat.push_back({arg.node->args[i], arg.pure, arg.reads_local});
      }
      return join(make(op, expr), flat);
    }
    if (op == Op::conditional && args[0].node->op == Op::constant && args[0].node->constant->is(ValKind::boolean))
      return args[0].node->constant->boolean ? args[1] : args[2];
    if (op == Op::size && args[0].node->op == Op::filter) {
      Node* const node = make(Op::count_filter, expr);
      *node = *args[0].node;
      node->op = Op::count_filter;
      return folded({node, args[0].pure, args[0].reads_local});
    }
    Node* const node = make(op, expr);
    if (op == Op::in && args[1].node->op == Op::constant) node->among = among(*args[1].node->constant);
    return join(node, args);
  }

  static bool is_text(const Type* type) { return type && (type->kind == TypeKind::string || type->kind == TypeKind::bytes); }
  static bool may_be_text(const Type* type) { return !type || open_type(type) || is_text(type); }
  // Elements of a literal list that cel-go looks up in a table, for nothing.
  static bool are_primitive(const Val& list) {
    for (std::size_t i = 0, size = size_of(list); i < size; ++i) {
      const Val item = item_at(list, i);
      if (!item.is(ValKind::boolean) && !item.is(ValKind::int64) && !item.is(ValKind::uint64) && !item.is(ValKind::float64) &&
          !item.is(ValKind::string))
        return false;
    }
    return true;
  }

  // As `operation`, with every operand in its place.
  Part metered_operation(const Expr* expr, Op op, const std::vector<const Expr*>& exprs, std::vector<Part>& args) {
    if (op == Op::logical_and || op == Op::logical_or) return operation(expr, op, args);
    Node* const node = make(op, expr);
    const Type* const left = exprs[0]->type;
    const Type* const right = exprs.size() > 1 ? exprs[1]->type : nullptr;
    switch (op) {
      case Op::conditional: {
        node->discount = static_cast<std::uint8_t>((args[1].attribute ? args[1].own : 0) | (args[2].attribute ? args[2].own << 1 : 0));
        Part part = join(node, args);
        part.attribute = true;
        return part;
      }
      case Op::index:
      case Op::index_optional:
        node->charge = !args[0].attribute;
        node->discount = !args[1].literal && args[1].attribute ? args[1].own : 0;
        return path(join(node, args), args[0]);
      case Op::in:
        if (right && right->kind == TypeKind::list) {
          const bool known = args[1].literal && args[1].node->op == Op::constant && args[1].node->constant->is(ValKind::list);
          if (known && size_of(*args[1].node->constant) == 0) return constant(val_bool(false), expr);
          node->charge = 0;
          if (!known || !are_primitive(*args[1].node->constant)) node->meter = Meter::elements;
          if (known && node->meter == Meter::none) node->among = among(*args[1].node->constant);
        }
        return join(node, args);
      case Op::add:
      case Op::less:
      case Op::less_equal:
      case Op::greater:
      case Op::greater_equal:
        // One overload is left when one side is known to be a text.
        if ((is_text(left) || is_text(right)) && may_be_text(left) && may_be_text(right)) {
          node->charge = 0;
          node->meter = op == Op::add ? Meter::sum : Meter::smaller;
        }
        return join(node, args);
      default: return join(node, args);
    }
  }

  static bool may_take(const Type* argument, const Type* parameter) {
    if (!argument || open_type(argument) || open_type(parameter)) return true;
    if (argument->kind != parameter->kind) return false;
    if (argument->kind == TypeKind::opaque || argument->kind == TypeKind::structure) return argument->name == parameter->name;
    const std::size_t size = std::min(argument->parameters.size(), parameter->parameters.size());
    for (std::size_t i = 0; i < size; ++i)
      if (!may_take(argument->parameters[i], parameter->parameters[i])) return false;
    return true;
  }

  // What a metered call costs: its function's own measure, or that of the one overload that the types leave.
  static CostFunction cost_of(const CallPlan& planned, const std::vector<const Expr*>& exprs) {
    const Overload* only = nullptr;
    std::size_t count = 0;
    for (const Candidate& candidate : planned.candidates) {
      bool fits = true;
      for (std::size_t i = 0; i < exprs.size() && fits; ++i) fits = may_take(exprs[i]->type, candidate.overload.parameters[i]);
      if (!fits) continue;
      ++count;
      // Undecided between a text and an address: the address's.
      if (!only || candidate.overload.parameters.back()->kind == TypeKind::opaque) only = &candidate.overload;
    }
    if (!only) return nullptr;
    const CallCost cost = call_cost(planned.name, *only);
    return cost.by_name || count == 1 ? cost.function : nullptr;
  }

  // A long constant list of strings becomes a hash table for `in`; null for any other value.
  const MapData* among(const Val& list) {
    const std::size_t size = size_of(list);
    if (!list.is(ValKind::list) || size <= 8) return nullptr;
    Frame frame = fold_frame();
    MapBuilder keys(frame, size);
    for (std::size_t i = 0; i < size; ++i) {
      const Val item = item_at(list, i);
      if (!item.is(ValKind::string)) return nullptr;
      if (!keys.add(item, val_null()) && keys.full) return nullptr;
    }
    const Val table = keys.finish();
    return table.is(ValKind::map) ? table.map_data : nullptr;
  }

  Part function_call(const Expr* expr, const Call& call, const Function* function, const std::vector<const Expr*>& exprs,
                     const std::vector<Part>& args) {
    CallPlan& planned = plan_.calls.emplace_back();
    planned.name = call.function;
    planned.pure = true;
    for (const Overload& overload : function ? function->overloads : std::vector<Overload>{}) {
      if (overload.member != (call.target != nullptr) || overload.parameters.size() != args.size() || !overload.implementation) continue;
      Candidate candidate{overload, {}, false};
      bool possible = true;
      for (std::size_t i = 0; i < args.size(); ++i) {
        const Type* const parameter = overload.parameters[i];
        const Type* const known = exprs[i]->type;
        candidate.masks.push_back(mask_of(parameter) | (overload.non_strict ? ~any_kind : 0));
        candidate.look_inside = candidate.look_inside || (!overload.unguarded && needs_look_inside(parameter));
        if (known && !open_type(known) && !(mask_of(known) & mask_of(parameter))) possible = false;
      }
      if (!possible) continue;
      planned.non_strict = planned.non_strict || overload.non_strict;
      planned.pure = planned.pure && overload.pure;
      planned.candidates.push_back(std::move(candidate));
    }
    Node* const node = make(Op::call, expr);
    node->call = &planned;
    if (!function) {
      Part part = failing("no such function: `" + call.function + "`", expr);
      return part;
    }
    if (exact_ && !planned.candidates.empty()) planned.cost = args.empty() ? call_cost(planned.name, planned.candidates[0].overload).function : cost_of(planned, exprs);
    const Part made = join(node, args, planned.pure);
    return exact_ && args.size() == 1 && args[0].literal && is_conversion(call.function) ? literal(made) : made;
  }

  const bool* flags(const std::vector<bool>& optional) {
    if (std::find(optional.begin(), optional.end(), true) == optional.end()) return nullptr;
    bool* const copy = allocate<bool>(optional.size());
    if (copy) std::copy(optional.begin(), optional.end(), copy);
    return copy;
  }

  Part visit(const Expr* expr, const CreateList& list) {
    if (list.elements.size() > most_args) return too_large(expr);
    std::vector<Part> parts;
    std::vector<bool> optional(list.elements.size());
    for (const Expr* const element : list.elements) parts.push_back(visit(element));
    for (const std::uint32_t index : list.optional_indices)
      if (index < optional.size()) optional[index] = true;
    Node* const node = make(Op::list, expr);
    node->optional = flags(optional);
    return all_literal(parts) ? literal(join(node, parts)) : join(node, parts);
  }

  bool all_literal(const std::vector<Part>& parts) const {
    return exact_ && std::all_of(parts.begin(), parts.end(), [](const Part& part) { return part.literal; });
  }

  Part too_large(const Expr* expr) {
    issues_.push_back({expr->range, "a literal of more than " + std::to_string(most_args) + " elements"});
    return constant({}, expr);
  }

  Part visit(const Expr* expr, const CreateStruct& made) {
    if (made.items.size() > most_args / 2) return too_large(expr);
    std::vector<Part> parts;
    std::vector<bool> optional;
    if (made.message_name.empty()) {
      for (const CreateStruct::Item& item : made.items) {
        parts.push_back(visit(item.key));
        parts.push_back(visit(item.value));
        optional.push_back(item.optional);
      }
      Node* const node = make(Op::map, expr);
      node->optional = flags(optional);
      return all_literal(parts) ? literal(join(node, parts)) : join(node, parts);
    }
    const WellKnown* const message = well_known(made.message_name);
    if (!message) return failing("`" + made.message_name + "` cannot be made by an expression", expr);
    parts.resize(message->fields.size());
    optional.resize(message->fields.size());
    for (const CreateStruct::Item& item : made.items) {
      const auto field = std::find_if(message->fields.begin(), message->fields.end(), [&](const Field& f) { return f.name == item.field; });
      if (field == message->fields.end()) return failing("no such field: `" + item.field + "`", expr);
      const auto at = static_cast<std::size_t>(field - message->fields.begin());
      parts[at] = visit(item.value);
      optional[at] = item.optional;
    }
    Node* const node = make(Op::message, expr);
    node->message = message;
    node->optional = flags(optional);
    return join(node, parts);
  }

  // --- Locals ---------------------------------------------------------------------------------------

  std::uint32_t push(std::string_view name, const Node* element = nullptr, bool pure = true) {
    scope_.push_back({std::string(name), live_, element, pure});
    high_ = std::max(high_, live_ + 1);
    return live_++;
  }
  void pop(std::size_t scope, std::uint32_t live) {
    scope_.resize(scope);
    live_ = live;
  }
  // A node that binds locals from `base` on: those do not count as read from outside.
  Part close(Node* node, const std::vector<Part>& parts, std::uint32_t base) {
    std::vector<Part> outside = parts;
    for (Part& part : outside)
      if (part.reads_local != no_local && part.reads_local >= base) part.reads_local = no_local;
    return join(node, outside);
  }

  Part visit(const Expr* expr, const Comprehension& c) {
    const std::size_t scope = scope_.size();
    const std::uint32_t live = live_;
    switch (expr->macro.macro) {
      case Macro::none: return fold(expr, c);
      case Macro::bind:
      case Macro::opt_map:
      case Macro::opt_flat_map: {
        if (exact_) return lazy_let(expr, c);
        const Part initial = visit(c.initial);
        Node* const node = make(Op::let, expr);
        node->index = push(c.accumulator);
        const Part body = visit(c.result);
        pop(scope, live);
        return close(node, {initial, body}, live);
      }
      case Macro::all: return loop(expr, c, Op::all);
      case Macro::exists: return loop(expr, c, Op::exists);
      case Macro::exists_one: return loop(expr, c, Op::exists_one);
      case Macro::filter: return loop(expr, c, Op::filter);
      case Macro::map:
      case Macro::map_filter:
      case Macro::transform_list: return loop(expr, c, Op::map_list);
      case Macro::transform_map: return loop(expr, c, Op::transform_map);
      case Macro::transform_map_entry: return loop(expr, c, Op::transform_map_entry);
    }
    return fold(expr, c);
  }

  Part loop(const Expr* expr, const Comprehension& c, Op op) {
    const std::size_t scope = scope_.size();
    const std::uint32_t live = live_;
    // `find` evaluates the body while the range is still gone through: they share no locals.
    const std::uint32_t outer_high = high_;
    high_ = live_;
    const Part range = visit(c.range);
    live_ = high_;
    high_ = std::max(outer_high, high_);
    Node* const node = make(op, expr);
    node->index = push(c.variable);
    node->two_variables = !c.variable2.empty();
    if (node->two_variables) push(c.variable2);
    Part predicate, transform;
    if (expr->macro.predicate) predicate = visit(expr->macro.predicate);
    if (expr->macro.transform) transform = visit(expr->macro.transform);
    if (exact_) node->discount = transform.literal;
    pop(scope, live);
    return close(node, {range, predicate, transform}, live);
  }

  Part fold(const Expr* expr, const Comprehension& c) {
    const std::size_t scope = scope_.size();
    const std::uint32_t live = live_;
    const Part range = visit(c.range);
    const Part initial = visit(c.initial);
    Node* const node = make(Op::fold, expr);
    node->index = push(c.accumulator);
    push(c.variable);
    push(c.variable2.empty() ? std::string_view("@none") : std::string_view(c.variable2));
    node->two_variables = !c.variable2.empty();
    const Part condition = visit(c.condition);
    const Part step = visit(c.step);
    scope_.resize(scope + 1);
    const Part result = visit(c.result);
    pop(scope, live);
    return close(node, {range, initial, condition, step, result}, live);
  }

  // cel-go evaluates what a name is bound to when it is first read.
  Part lazy_let(const Expr* expr, const Comprehension& c) {
    const std::size_t scope = scope_.size();
    const std::uint32_t live = live_, outer_high = high_;
    Node* const node = make(Op::block, expr);
    node->index = live;
    high_ = ++live_;
    const Part initial = visit(c.initial);
    live_ = high_;
    scope_.push_back({c.accumulator, live, initial.node, initial.pure});
    high_ = std::max(outer_high, live_);
    const Part body = visit(c.result);
    pop(scope, live);
    return close(node, {initial, body}, live);
  }

  // Elements are evaluated when first read, perhaps in the midst of a loop: nobody shares their locals.
  Part block(const Expr* expr, const CreateList& elements, const Expr* body) {
    const std::size_t scope = scope_.size();
    const std::uint32_t live = live_;
    Node* const node = make(Op::block, expr);
    node->index = live;
    live_ += static_cast<std::uint32_t>(elements.elements.size());
    const std::uint32_t outer_high = high_;
    std::vector<Part> parts;
    for (std::size_t i = 0; i < elements.elements.size(); ++i) {
      high_ = live_;
      parts.push_back(visit(elements.elements[i]));
      live_ = high_;
      scope_.push_back({"@index" + std::to_string(i), live + static_cast<std::uint32_t>(i), parts.back().node, parts.back().pure});
    }
    high_ = std::max(outer_high, live_);
    parts.push_back(visit(body));
    pop(scope, live);
    return close(node, parts, live);
  }

 public:
  bool full_ = false;

 private:
  const Environment& environment_;
  Plan& plan_;
  std::vector<Issue>& issues_;
  std::vector<std::uint32_t>& reads_;
  const bool exact_;
  std::vector<Local> scope_;
  std::uint32_t live_ = 0, high_ = 0, depth_ = 0;
  Node spare_;
  Val null_;
};

}  // namespace

std::unique_ptr<Program> plan(std::unique_ptr<Ast> ast, const Environment& environment, std::vector<Issue>& issues) {
  if (!ast || !ast->root) return nullptr;
  auto program = std::make_unique<Program>();
  auto made = std::make_shared<Plan>();
  const std::size_t before = issues.size();
  Planner planner(environment, *made, issues, program->reads_);
  made->root = planner.run(ast->root);
  if (planner.full_) issues.push_back({ast->root->range, "the expression is too large"});
  if (issues.size() != before) return nullptr;
  program->type_ = ast->root->type ? ast->root->type : primitive_type(TypeKind::dyn);
  program->ast_ = std::move(ast);
  program->plan_ = std::move(made);
  return program;
}

std::unique_ptr<Program> compile(std::string_view text, const Environment& environment, std::vector<Issue>& issues, const Type* expected) {
  ParseLimits limits;
  limits.bindings = environment.function("cel.@block") != nullptr;  // without their library, its macros are no macros
  std::unique_ptr<Ast> ast = parse(text, issues, limits);
  if (!ast || !check(*ast, environment, issues, expected)) return nullptr;
  return plan(std::move(ast), environment, issues);
}

}  // namespace assay::cel

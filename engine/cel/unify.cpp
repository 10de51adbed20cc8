#include "engine/cel/unify.hpp"

namespace assay::cel {
namespace {

constexpr int depth_limit = 200;

bool is_dyn_or_error(const Type* type) { return type->kind == TypeKind::dyn || type->kind == TypeKind::error; }
const Type* unwrapped(const Type* type) { return type->kind == TypeKind::wrapper ? type->parameters[0] : type; }

// langdef.md: wrappers are; messages, times and abstract types are for historical reasons.
bool is_nullable(const Type* type) {
  switch (type->kind) {
    case TypeKind::null:
    case TypeKind::timestamp:
    case TypeKind::duration:
    case TypeKind::optional:
    case TypeKind::wrapper:
    case TypeKind::structure:
    case TypeKind::opaque:
      return true;
    case TypeKind::dyn:
    case TypeKind::boolean:
    case TypeKind::int64:
    case TypeKind::uint64:
    case TypeKind::float64:
    case TypeKind::string:
    case TypeKind::bytes:
    case TypeKind::list:
    case TypeKind::map:
    case TypeKind::type:
    case TypeKind::variable:
    case TypeKind::error:
      return false;
  }
  return false;
}

bool less_specific_or_equal(const Type* a, const Type* b, int depth) {
  if (a == b || depth > depth_limit) return true;
  if (a->kind == TypeKind::dyn || a->kind == TypeKind::variable) return true;
  if (b->kind == TypeKind::dyn || b->kind == TypeKind::variable) return false;
  // Whatever null may stand for is the wider.
  if (b->kind == TypeKind::null) return true;
  if (a->kind == TypeKind::wrapper) return unwrapped(a) == unwrapped(b);
  if (a->kind != b->kind || a->name != b->name || a->parameters.size() != b->parameters.size()) return false;
  if (a->kind == TypeKind::type) return true;
  for (std::size_t i = 0; i < a->parameters.size(); ++i) {
    if (!less_specific_or_equal(a->parameters[i], b->parameters[i], depth + 1)) return false;
  }
  return true;
}

}  // namespace

const Type* Unifier::fresh() { return types_.variable("%" + std::to_string(next_++)); }

bool Unifier::assignable(const Type* from, const Type* to) {
  const std::size_t mark = trail_.size();
  if (assign(from, to, 0)) return true;
  roll_back(mark);
  return false;
}

bool Unifier::assignable(const std::vector<const Type*>& from, const std::vector<const Type*>& to) {
  if (from.size() != to.size()) return false;
  const std::size_t mark = trail_.size();
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (!assign(from[i], to[i], 0)) {
      roll_back(mark);
      return false;
    }
  }
  return true;
}

bool Unifier::assign(const Type* from, const Type* to, int depth) {
  if (depth > depth_limit || exhausted()) return true;
  if (from == to && !from->generic) return true;
  if (to->kind == TypeKind::variable) {
    const Fit result = fit(from, to, depth);
    if (result.valid) return true;
    if (result.bound) return false;
  }
  if (from->kind == TypeKind::variable) return fit(to, from, depth).valid;
  if (is_dyn_or_error(from) || is_dyn_or_error(to)) return true;
  if (from->kind == TypeKind::null) return is_nullable(to);
  if (to->kind == TypeKind::null) return is_nullable(from);
  switch (from->kind) {
    case TypeKind::boolean:
    case TypeKind::int64:
    case TypeKind::uint64:
    case TypeKind::float64:
    case TypeKind::string:
    case TypeKind::bytes:
    case TypeKind::wrapper:
      return unwrapped(from) == unwrapped(to);
    case TypeKind::timestamp:
    case TypeKind::duration:
    case TypeKind::structure:
      return from == to;
    case TypeKind::type:
      return to->kind == TypeKind::type;
    case TypeKind::list:
    case TypeKind::map:
    case TypeKind::optional:
    case TypeKind::opaque:
      if (from->kind != to->kind || from->name != to->name || from->parameters.size() != to->parameters.size())
        return false;
      for (std::size_t i = 0; i < from->parameters.size(); ++i) {
        if (!assign(from->parameters[i], to->parameters[i], depth + 1)) return false;
      }
      return true;
    case TypeKind::dyn:
    case TypeKind::null:
    case TypeKind::error:
    case TypeKind::variable:
      break;
  }
  return false;
}

// Whether `variable` may be, or already is, a type that `type` agrees with.
Unifier::Fit Unifier::fit(const Type* type, const Type* variable, int depth) {
  if (type == variable) return {true, true};
  if (const Type* held = bound(variable)) {
    if (type == held) return {true, true};
    if (!assign(type, held, depth + 1)) return {false, true};
    const Type* wider = most_general(type, held);
    if (!occurs(variable, wider, 0)) bind(variable, wider);
    return {true, true};
  }
  if (occurs(variable, type, 0)) return {false, false};
  bind(variable, type);
  return {true, false};
}

bool Unifier::occurs(const Type* variable, const Type* within, int depth) {
  if (variable == within || depth > depth_limit || exhausted()) return true;
  if (!within->generic) return false;
  if (within->kind == TypeKind::variable) {
    const Type* held = bound(within);
    return held && occurs(variable, held, depth + 1);
  }
  for (const Type* parameter : within->parameters) {
    if (occurs(variable, parameter, depth + 1)) return true;
  }
  return false;
}

const Type* Unifier::most_general(const Type* a, const Type* b) const {
  return less_specific_or_equal(a, b, 0) ? a : b;
}

template <class Replace>
const Type* Unifier::rebuild(const Type* type, const Replace& replace) const {
  std::vector<const Type*> parameters;
  parameters.reserve(type->parameters.size());
  for (const Type* parameter : type->parameters) parameters.push_back(replace(parameter));
  switch (type->kind) {
    case TypeKind::list:
      return types_.list(parameters[0]);
    case TypeKind::map:
      return types_.map(parameters[0], parameters[1]);
    case TypeKind::optional:
      return types_.optional(parameters[0]);
    case TypeKind::type:
      return types_.type(parameters[0]);
    case TypeKind::opaque:
      return types_.opaque(type->name, std::move(parameters));
    case TypeKind::dyn:
    case TypeKind::null:
    case TypeKind::boolean:
    case TypeKind::int64:
    case TypeKind::uint64:
    case TypeKind::float64:
    case TypeKind::string:
    case TypeKind::bytes:
    case TypeKind::timestamp:
    case TypeKind::duration:
    case TypeKind::wrapper:
    case TypeKind::structure:
    case TypeKind::variable:
    case TypeKind::error:
      break;
  }
  return type;
}

const Type* Unifier::substitute(const Type* type, bool to_dyn) const { return substitute(type, to_dyn, 0); }

const Type* Unifier::substitute(const Type* type, bool to_dyn, int depth) const {
  if (!type->generic) return type;
  if (depth > depth_limit || ++steps_ > step_limit) return types_.dyn();
  if (type->kind == TypeKind::variable) {
    if (const Type* held = bound(type)) return substitute(held, to_dyn, depth + 1);
    return to_dyn ? types_.dyn() : type;
  }
  return rebuild(type, [&](const Type* parameter) { return substitute(parameter, to_dyn, depth + 1); });
}

const Type* Unifier::instantiate(const Type* type, std::vector<std::pair<const Type*, const Type*>>& renamed) {
  if (!type->generic) return type;
  if (type->kind == TypeKind::variable) {
    for (const auto& [own, made] : renamed) {
      if (own == type) return made;
    }
    return renamed.emplace_back(type, fresh()).second;
  }
  return rebuild(type, [&](const Type* parameter) { return instantiate(parameter, renamed); });
}

const Type* Unifier::bound(const Type* variable) const {
  const auto found = bindings_.find(variable);
  return found == bindings_.end() ? nullptr : found->second;
}

void Unifier::bind(const Type* variable, const Type* type) {
  const Type*& held = bindings_[variable];
  trail_.emplace_back(variable, held);
  held = type;
}

void Unifier::roll_back(std::size_t mark) {
  while (trail_.size() > mark) {
    bindings_[trail_.back().first] = trail_.back().second;
    trail_.pop_back();
  }
}

}  // namespace assay::cel

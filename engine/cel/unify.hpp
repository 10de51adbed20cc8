// Type inference: which types may stand for which, and what the type parameters of functions turn out to
// be. The rules are cel-go's (checker/types.go).
#pragma once

#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/cel/type.hpp"

namespace assay::cel {

class Unifier {
 public:
  explicit Unifier(TypeTable& types) : types_(types) {}

  const Type* fresh();  // a new type variable
  // Whether a value of type `from` may stand where `to` is wanted. Binds variables, on success only.
  bool assignable(const Type* from, const Type* to);
  bool assignable(const std::vector<const Type*>& from, const std::vector<const Type*>& to);
  // The wider of two types of which one is assignable to the other.
  const Type* most_general(const Type* a, const Type* b) const;
  // The type with its variables replaced; those that are not bound become dyn when `to_dyn` is set.
  const Type* substitute(const Type* type, bool to_dyn) const;
  // The type with a function's own parameters replaced by fresh variables, the same for the same name.
  const Type* instantiate(const Type* type, std::vector<std::pair<const Type*, const Type*>>& renamed);

 private:
  struct Fit {
    bool valid, bound;
  };
  bool assign(const Type* from, const Type* to, int depth);
  Fit fit(const Type* type, const Type* variable, int depth);
  bool occurs(const Type* variable, const Type* within, int depth);
  const Type* substitute(const Type* type, bool to_dyn, int depth) const;
  template <class Replace>
  const Type* rebuild(const Type* type, const Replace& replace) const;
  const Type* bound(const Type* variable) const;
  void bind(const Type* variable, const Type* type);
  void roll_back(std::size_t mark);
  bool exhausted() { return ++steps_ > step_limit; }

  TypeTable& types_;
  std::uint32_t next_ = 0;
  std::unordered_map<const Type*, const Type*> bindings_;
  std::vector<std::pair<const Type*, const Type*>> trail_;  // variable and what it was bound to before
  // Types that share parts can take exponential time to compare: past the limit everything fits.
  static constexpr std::uint64_t step_limit = 2'000'000;
  mutable std::uint64_t steps_ = 0;
};

}  // namespace assay::cel

// What an expression may name: variables, record types and functions with their types. An environment
// is built once, extended by copying, and then shared read-only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cel/struct.hpp"
#include "engine/cel/type.hpp"
#include "engine/cel/val.hpp"

namespace assay::cel {

struct Frame;
struct Ast;
struct Expr;

// Arguments are never errors or unknowns unless the overload is `non_strict`. A receiver is args[0].
using Implementation = Val (*)(Frame&, std::span<const Val> args);
// Cost of a call in cel-go's units beyond the call itself, from its arguments and result; null: constant 1.
using CostFunction = std::uint64_t (*)(std::span<const Val> args, const Val& result);

struct Overload {
  std::string id;            // cel-spec's: "size_string"; unique
  bool member = false;
  std::vector<const Type*> parameters;
  const Type* result = nullptr;
  Implementation implementation = nullptr;
  CostFunction cost = nullptr;
  bool non_strict = false;
  bool unguarded = false;    // arguments fit by their kind alone; what lists and maps hold is not looked at
  bool pure = false;         // the result depends on the arguments alone: constant calls are folded
};

struct Function {
  std::string name;
  std::vector<Overload> overloads;
  std::string documentation;  // one line, for `docs/` and `assay explain`
  // Refines the result type from the call's arguments (`targets("selects", "Workload")` is list<Workload>),
  // or reports an error in `error` (a view's name that does not exist). May be null.
  std::function<const Type*(const Expr& call, std::string& error)> refine;
};

struct Variable {
  std::string name;
  const Type* type = nullptr;
  std::uint32_t slot = 0;      // index into Frame::slots
  const Val* constant = nullptr;  // known when compiled (params, data): folded
};

// What the checker refuses beyond the language's own rules.
struct CheckOptions {
  bool homogeneous = false;  // [1, "a"] and {"a": 1, "b": "c"}, unless wrapped in dyn(): as the API server does
  bool exact_cost = false;   // spend what cel-go would: `costly || true` is evaluated, a constant pattern costs what any does
  bool literals = false;     // duration("x"), timestamp("x"), matches("("): what could only fail when it runs
};

class Environment {
 public:
  explicit Environment(std::shared_ptr<TypeTable> types);

  CheckOptions options;

  TypeTable& types() const { return *types_; }
  const std::string& container() const { return container_; }
  void set_container(std::string container) { container_ = std::move(container); }

  void add_variable(std::string name, const Type* type);                  // takes the next slot
  void add_constant(std::string name, const Type* type, const Val* value);
  void add_struct(const StructType* type);                                // not owned
  void add_type(std::string name, const Type* type);                      // a type's name as a value: `type(x) == net.IP`
  void add_function(Function function);                                   // overloads join those of the same name

  const Variable* variable(std::string_view name) const;
  const StructType* structure(std::string_view name) const;
  const Function* function(std::string_view name) const;
  // What a name means as a type: the language's own, `add_type`'s, a structure's. Null: none.
  const Type* type_named(std::string_view name) const;
  // Where a name may be declared, innermost first: in container a.b, `x` is a.b.x, a.x, x; `.x` is x alone.
  std::vector<std::string> candidates(std::string_view name) const;
  std::vector<const Function*> functions() const;  // by name
  std::vector<std::string_view> variable_names() const;
  std::uint32_t slot_count() const { return slot_count_; }

 private:
  std::shared_ptr<TypeTable> types_;
  std::string container_;
  std::map<std::string, Variable, std::less<>> variables_;
  // The same in every copy until one of them adds to it: a rule book makes hundreds of copies.
  struct Shared {
    std::map<std::string, const StructType*, std::less<>> structures;
    std::map<std::string, const Type*, std::less<>> type_names;
    std::map<std::string, std::shared_ptr<Function>, std::less<>> functions;
  };
  Shared& own();

  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
  std::uint32_t slot_count_ = 0;
};

// Where implementations differ: `current` follows cel-spec's conformance suite and today's cel-go,
// `api_server` is the API server 1.36, which links cel-go 0.26 with older versions of some libraries.
enum class Dialect : std::uint8_t { current, api_server };

// Libraries, each one file under engine/cel/libraries/. Each adds its functions (and types) to an environment.
void add_standard(Environment&, Dialect = Dialect::current);  // cel-spec's standard definitions
void add_optionals(Environment&);
void add_strings(Environment&, Dialect = Dialect::current);  // ext/strings, version 4; the API server's is version 2
void add_math(Environment&);
void add_lists(Environment&, Dialect = Dialect::current);    // ext/lists: slice, flatten, sort, distinct, range …
void add_sets(Environment&);
void add_encoders(Environment&);
void add_bindings(Environment&);       // cel.bind, cel.@block
void add_comprehensions(Environment&); // two-variable: the functions they need (cel.@mapInsert)
void add_network_ext(Environment&, Dialect = Dialect::current);  // net.IP, net.CIDR; the API server's own differ in error texts
void add_kubernetes(Environment&);     // url, quantity, semver, format, regex, kubernetes' lists, authorizer

}  // namespace assay::cel

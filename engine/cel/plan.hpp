// The executable form of an expression: a tree of small nodes that lie side by side in memory, with
// variables as slots, functions as the overloads that can apply, fields of records by index, and whatever
// is constant computed already. Internal to the evaluator, `find` and the tracer.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/cel/metering.hpp"
#include "engine/cel/operations.hpp"
#include "engine/cel/wellknown.hpp"
#include "engine/regex.hpp"

namespace assay::cel {

enum class Op : std::uint8_t {
  constant, slot, local, block_local,
  select, select_optional, has,        // args: operand
  logical_and, logical_or,             // args: two or more
  logical_not, not_strictly_false, conditional,
  equal, not_equal, less, less_equal, greater, greater_equal,
  add, subtract, multiply, divide, modulo, negate,
  in, index, index_optional,
  size, matches,                       // matches: args: text; the pattern is compiled
  or_value, or_else, has_value, value, // of optionals: no optional is built for `a.?b.orValue(c)`
  call,
  list, map, message,
  all, exists, exists_one, filter, map_list, transform_map, transform_map_entry, count_filter,
  fold, let, block,
};

struct Node;

// One overload that a call may take; what can be said of its parameters by kinds alone stands in `masks`.
struct Candidate {
  Overload overload;
  std::vector<std::uint32_t> masks;  // a parameter each: bit k set: a Val of kind k may be passed
  bool look_inside = false;          // a list's elements or an opaque type's name must be looked at too
};
struct CallPlan {
  std::string name;
  std::vector<Candidate> candidates;
  bool non_strict = false;  // some overload takes errors and unknowns
  bool pure = false;        // all are
  CostFunction cost = nullptr;  // of a metered call; null: one
};

struct Node {
  Op op = Op::constant;
  bool two_variables = false;      // loops over (index or key, value)
  bool metered = false;            // costs are cel-go's, to the unit
  std::uint8_t discount = 0;       // metered: index: 1 when the index is a name or path; conditional: bits 1 and 2 where a branch is
  Meter meter = Meter::none;       // metered operations of two operands
  std::uint16_t count = 0;         // of args
  std::uint32_t at = 0;            // place in the text
  std::uint32_t charge = 1;        // the cost of the operation itself
  std::uint32_t index = 0;         // slot; local; first of a loop's locals (a let's, a fold's, a block's)
  std::uint32_t local_count = 0;   // locals that a loop, let, fold or block uses
  const Node* const* args = nullptr;
  union {
    const Val* constant = nullptr;
    struct { const char* data; std::uint32_t size, field; } name;  // select, has
    const CallPlan* call;
    const Regex* regex;
    const WellKnown* message;
  };
  const StructType* structure = nullptr;  // select, has: what the operand probably is; `name.field` is its index
  // select, has: for `x.a.b.c` on a variable x, the whole way: tried first, on plain input values.
  const Node* base = nullptr;
  const std::string_view* path = nullptr;
  std::uint32_t path_size = 0;
  const MapData* among = nullptr;  // in: the elements of a long constant list of strings, as keys
  const bool* optional = nullptr;         // list, map, message: which elements are optional; null: none
  std::string_view field() const { return {name.data, name.size}; }
};

// Args of loops: the range, the predicate (may be null), the transform (may be null).
// Args of a fold: range, initial, condition, step, result; its locals: accumulator, variable, variable2.
// Args of a let: initial, body. Args of a block: the elements, then the body; a block_local's: its element.

class Plan {
 public:
  const Node* root = nullptr;
  std::uint32_t locals = 0;  // most that are alive at one time
  std::uint32_t depth = 0;   // of the tree
  Scratch memory{64u << 20, 2u << 10};  // nodes and constants
  std::deque<CallPlan> calls;
  std::deque<std::shared_ptr<const Regex>> patterns;
};

// Runs one node. `locals` has room for all locals of its plan.
void run_node(Frame& frame, const Node* node, Val* locals, Val& out);

}  // namespace assay::cel

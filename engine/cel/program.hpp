// Compiling an expression and running it.
//
//   compile: text -> (lex, parse, macros) -> Ast -> (check against an Environment) -> (plan) -> Program
//   evaluate: Program × Frame -> Val
//
// A `Program` is immutable and shared by all workers; a `Frame` belongs to one. Evaluation never
// throws and never runs away: depth, cost and memory are bounded, and exceeding a bound is an error.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cel/ast.hpp"
#include "engine/cel/environment.hpp"
#include "engine/cel/val.hpp"

namespace assay::cel {

// A mistake in an expression: byte range in its text.
struct Issue {
  TextRange range;
  std::string message;  // "undeclared reference to `contaners`, did you mean `containers`?"
};

struct ParseLimits {
  std::uint32_t depth = 250;        // nesting, as in cel-go
  std::uint32_t size = 100'000;     // code points
  bool test_macros = false;         // cel.block, cel.index, cel.iterVar, cel.accuVar of the conformance suite
  bool bindings = true;             // cel.bind, math.greatest, math.least: not in the API server's environment
};

// Parses and expands macros. Null when there are issues.
std::unique_ptr<Ast> parse(std::string_view text, std::vector<Issue>& issues, const ParseLimits& limits = {});
// Assigns types. `expected` may be null. False when there are issues.
bool check(Ast& ast, const Environment& environment, std::vector<Issue>& issues, const Type* expected = nullptr);

// Resolves names in a tree that is to be run without a check; what it does not know it leaves. All types are dyn.
void resolve(Ast& ast, const Environment& environment);

class Plan;  // evaluate.cpp: the executable form

class Program {
 public:
  const Type* type() const { return type_; }      // static result type; dyn when unchecked
  const Ast& ast() const { return *ast_; }
  std::string_view text() const { return ast_->text; }
  // Slots of the environment's variables that the expression reads.
  const std::vector<std::uint32_t>& reads() const { return reads_; }

 private:
  friend std::unique_ptr<Program> plan(std::unique_ptr<Ast>, const Environment&, std::vector<Issue>&);
  friend const Plan& plan_of(const Program& program);
  std::unique_ptr<Ast> ast_;
  std::shared_ptr<const Plan> plan_;
  const Type* type_ = nullptr;
  std::vector<std::uint32_t> reads_;
};

// Plans a parsed (and, usually, checked) tree; folds constants.
std::unique_ptr<Program> plan(std::unique_ptr<Ast> ast, const Environment& environment, std::vector<Issue>& issues);
// parse + check + plan.
std::unique_ptr<Program> compile(std::string_view text, const Environment& environment, std::vector<Issue>& issues,
                                 const Type* expected = nullptr);

// Memory for what expressions build: a bump allocator that is reset, not freed.
class Scratch {
 public:
  explicit Scratch(std::size_t limit_bytes = 64u << 20, std::size_t first_block_bytes = 16u << 10);
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  void* allocate(std::size_t size, std::size_t alignment);  // null when the limit is reached
  std::string_view copy(std::string_view text);             // data() is null when the limit is reached
  template <class T> T* array(std::size_t count) { return static_cast<T*>(allocate(count * sizeof(T), alignof(T))); }
  // Everything allocated since `mark` is given back.
  struct Mark { std::size_t block = 0, used = 0; };
  Mark mark() const;
  void release(Mark mark);
  std::size_t used() const { return total_; }

 private:
  struct Block { char* data; std::size_t size, used; };
  std::vector<Block> blocks_;
  std::size_t current_ = 0, total_ = 0, limit_, first_block_;
};

struct Trace;

// What one evaluation runs in. The owner fills `slots` (one a variable of the environment).
struct Frame {
  std::span<const Val> slots;
  Scratch* scratch = nullptr;
  std::uint64_t cost = 0;
  std::uint64_t cost_limit = 1'000'000;
  std::uint32_t depth = 0;
  std::uint32_t depth_limit = 1000;  // nesting of expressions, added up over evaluations within evaluations
  Trace* trace = nullptr;      // set: record what decided (see below); slower
  void* host = nullptr;        // for functions of the embedding program (the graph's)
  // The rest is managed by the evaluator: where it is, for errors.
  const Program* program = nullptr;
  std::uint32_t at = 0;
};

Val make_error(Frame& frame, std::string_view message);       // copies the message into scratch
Val make_unknown(Frame& frame, Value unknown);                // of Kind::unknown
Val make_unknown(Frame& frame, std::string_view reason);
Val merge_unknowns(Frame& frame, const Val& left, const Val& right);
Val make_list(Frame& frame, std::span<const Val> items);      // copies; an error when memory runs out
Val make_map(Frame& frame, std::span<const MapEntry> entries);// copies; keys must be distinct
Val make_some(Frame& frame, const Val& held);
Val make_string(Frame& frame, std::string_view text);         // copies

// Reading values, wrapped or not. Out of range or wrong kind: empty answers.
std::size_t size_of(const Val& list_or_map);
Val item_at(const Val& list, std::size_t index);
bool map_find(const Val& map, const Val& key, Val& out);
void each_entry(const Val& map, const std::function<bool(const Val& key, const Val& value)>& visit);
Val equal(Frame& frame, const Val& left, const Val& right);   // CEL's ==: heterogeneous, numeric by value
// A library's own value and what is not of its type: `==` is an error, `!=` true; the other way round they are just
// different (k8s.io/apiserver, pkg/cel: IP.Equal, Quantity.Equal and the others).
bool strangers(const Val& left, const Val& right);
std::string to_text(const Val& value);                        // as a CEL literal, for messages and `eval`
std::string plain_text(const Val& value);                     // for message templates: strings bare

Val evaluate(const Program& program, Frame& frame);

// An input value, or the lack of one, that decided a result.
struct Decisive {
  Value value;              // what was read, or, when `absent` is set, the deepest parent that exists
  std::string_view absent;  // the field that is not there (for a chain a.?b.?c: the first missing one)
  friend bool operator==(const Decisive&, const Decisive&) = default;
};
// Evaluations within evaluations: where a traced expression reads a record's field, the evaluator clears
// `decisive`, sets `Frame::trace` and calls StructBase::get (or has); what that leaves here decided the
// field. An implementation that computes the field by `evaluate` in the same frame need do nothing:
// `evaluate` traces in such a frame and leaves its decisive values here. It must not answer from a memo then,
// unless it kept the decisive values too and puts them here. Nothing left: the field's own `source`, or
// the record's `value()` (with the field's name where it is absent), stands for it.
struct Trace {
  std::vector<Decisive> decisive;  // of the last traced result, in order of reading, each once
};
// Evaluates and gives the smallest set of input values that decided the result: `false && x` is decided
// by its false operand alone, a `filter` element by its predicate, a comparison by both its sides.
Val evaluate_traced(const Program& program, Frame& frame, std::vector<Decisive>& decisive);

// `find`: judged per element. A yielded value is `certain` when its predicate is true, undecided when the
// predicate is unknown or in error (then `why` holds that unknown or error). Looks through filter, map,
// list literals, concatenation, flatten and conditionals at the root; anything else must give a list.
struct Yield {
  Val value;
  bool certain = true;
  Val why;
};
struct FindResult {
  std::vector<Yield> yields;
  // Some part of the expression (most often all of it) is an error or unknown as a whole, so that its
  // elements cannot be judged; `yields` holds those of the other parts.
  std::optional<Val> failed;
};
void find(const Program& program, Frame& frame, FindResult& result);
// What decided that element number `index` of the same `find` was yielded.
std::vector<Decisive> trace_yield(const Program& program, Frame& frame, std::size_t index);

}  // namespace assay::cel

// Going through what an expression yields, element by element, without building the lists between; and
// what decided a value. Internal to find.cpp and trace.cpp.
#pragma once

#include <memory>
#include <type_traits>
#include <vector>

#include "engine/cel/runner.hpp"

namespace assay::cel {

// Why a value is what it is: `data` are the input values it was read or computed from, `because` those
// that chose it (a conditional's condition, a filter's predicate). Selecting a field of the value replaces
// `data` by the field and keeps `because`.
struct Reasons {
  std::vector<Decisive> because, data;

  void add_because(const Reasons& other);  // all of `other` becomes a reason
  void add_data(const Reasons& other);
  std::vector<Decisive> all() const;       // each once, in order
  bool empty() const { return because.empty() && data.empty(); }
};

// One element on its way through the filters and maps.
struct Found {
  Val value;
  bool certain = true;
  Val why;          // of an uncertain one: the unknown or error in its predicate
  Reasons reasons;  // only when traced
};

// A borrowed function, called with each element; false stops.
class Sink {
 public:
  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, Sink>)
  Sink(F&& function)
      : object_(&function), call_([](void* object, Found& found) { return (*static_cast<std::remove_reference_t<F>*>(object))(found); }) {}
  bool operator()(Found& found) const { return call_(object_, found); }

 private:
  void* object_;
  bool (*call_)(void*, Found&);
};

class Tracer;

struct Finder {
  Runner& runner;
  Tracer* tracer = nullptr;
  Val failed;               // a part that is an error or unknown as a whole
  bool has_failed = false;

  // Calls `sink` with each element that `node` yields; false when the sink stopped. Maps yield their keys
  // where `keys` says so (a loop's range), else they are an error.
  bool each(const Node* node, bool keys, Sink sink);

 private:
  bool loop(const Node* node, Sink sink);
  bool numbered(const Node* node, Sink sink);
  bool judge(const Node* node, Found& found, Sink sink);
  bool plain(const Node* node, bool keys, Sink sink);
  bool items(const Val& list, bool keys, const Reasons& because, Sink sink);
  void fail(const Val& value);
  Reasons reasons(const Node* node);
  void bind(std::uint32_t local, const Val& value, const Reasons& reasons);
};

// What decided a node's value. Recomputes values as it needs them: slow, and always in agreement with
// the evaluator, whose values it looks at.
class Tracer {
 public:
  explicit Tracer(Runner& runner) : runner_(runner), frame_(runner.frame) {}
  Reasons of(const Node* node);
  void bind(std::uint32_t local, Reasons reasons);
  static Reasons read(const Val& value);  // of a value that is simply there

 private:
  Val value(const Node* node);
  Reasons step(const Node* node);
  Reasons field(const Val& base, const Node* node, bool presence, Reasons base_reasons);
  Reasons element(const Node* node);
  Reasons logical(const Node* node, bool decides);
  Reasons operands(const Node* node);
  Reasons quantifier(const Node* node, bool decides);
  Reasons elements(const Node* node);
  Reasons fold(const Node* node);

  Runner& runner_;
  Frame& frame_;
  std::vector<Reasons> locals_;
};

}  // namespace assay::cel

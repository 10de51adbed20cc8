// The slow, obvious evaluator that tests hold against the real one: walks the syntax tree, copies every
// value, knows nothing of plans. Ints, bools, strings, lists, maps, conditionals, macros, optionals,
// unknowns and errors.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/cel/ast.hpp"

namespace reference {

struct Data {
  enum Kind { null, boolean, integer, text, list, map, none, some, unknown, error } kind = null;
  bool b = false;
  std::int64_t i = 0;
  std::string s;
  std::vector<Data> items;                            // list; some: one
  std::vector<std::pair<Data, Data>> entries;         // map, in order
  std::set<std::string> unknowns;

  bool failed() const { return kind == unknown || kind == error; }
};

Data of_bool(bool b);
Data of_int(std::int64_t i);
Data of_text(std::string s);
Data of_list(std::vector<Data> items);
Data of_unknown(std::string name);
Data failure();
// true, false, or unknown
Data equal(const Data& left, const Data& right);
std::string show(const Data& data);

using Scope = std::map<std::string, Data>;
Data evaluate(const assay::cel::Expr* expr, const Scope& scope);

}  // namespace reference

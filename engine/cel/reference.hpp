// What expressions may call, for people: every function with its documentation and signatures, and every
// macro with its usage. `docs/functions.md` is written from this, from the tables that run.
#pragma once

#include <string>
#include <vector>

#include "engine/cel/environment.hpp"

namespace assay::cel {

// "string.charAt(int) -> string", "int + int -> int".
std::string signature(const Function& function, const Overload& overload);

struct ReferenceEntry {
  std::string name;  // as people write it: "charAt", "+", "in"
  std::string documentation;
  std::vector<std::string> signatures;  // for a macro: how it is called
  bool admission = false;               // admission policies have it too
};
// By name; functions that only macros call are left out.
std::vector<ReferenceEntry> function_reference();
std::string function_reference_markdown();

}  // namespace assay::cel

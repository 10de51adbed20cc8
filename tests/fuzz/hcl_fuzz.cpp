// HCL in both syntaxes, expressions and templates on their own, and the evaluation of all that is read: it
// ends, within its limits, in a tree that holds together.
#include <cstdio>
#include <cstdlib>

#include "tests/hcl/invariants.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 20'000) return 0;
  assay::hcl::test::check_text({reinterpret_cast<const char*>(data), size}, [](const char* what) {
    std::fprintf(stderr, "%s\n", what);
    std::abort();
  });
  return 0;
}

#include "parsers/kubernetes/adapter.hpp"

namespace assay::kubernetes {
void add_implied(Graph&) {}
}  // namespace assay::kubernetes

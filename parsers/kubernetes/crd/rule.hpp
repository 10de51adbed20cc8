// Definitions as rules: `crd/PLURAL.GROUP` judges every custom resource of a definition among the inputs, as the API
// server would when it is created.
#pragma once

#include <memory>

#include "engine/catalog.hpp"
#include "engine/graph.hpp"

namespace assay::kubernetes::crd {

// Adds a rule for each definition of which the graph holds a custom resource; the others are not even read.
// Mistakes in a definition are diagnostics; what it would say is then unknown.
void add_rules(const Graph& graph, Catalog& catalog, Diagnostics& diagnostics);

}  // namespace assay::kubernetes::crd

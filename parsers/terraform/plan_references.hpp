// What refers to what in a plan whose configuration is not at hand: its `configuration` part lists the names in
// every expression. Locals are left out of it, so that what came through one is not found.
#pragma once

#include "engine/graph.hpp"
#include "parsers/terraform/schema.hpp"

namespace assay::terraform {

// `plan`: the root of the plan's JSON; the graph is ordered, and its resources are in `scope`.
void add_plan_edges(Graph& graph, ScopeId scope, Value plan, const Schema& schema);

}  // namespace assay::terraform

// Joins: what a rule sees as one thing is written as many resources, a bucket and its versioning, a group and its
// rules. Which attribute of which type leads where is data: `rules/data/terraform-joins.yaml`.
#pragma once

#include "engine/graph.hpp"

namespace assay::terraform {

// Adds typed edges: where an attribute of the data refers to another resource, by a reference edge that is there
// already or by a value that the other one states. After the references, before `Graph::freeze`.
// `table` is the data's map of joins; no value: there are none.
void add_joins(Graph& graph, Value table);

}  // namespace assay::terraform

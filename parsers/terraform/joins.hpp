// Joins: what a rule sees as one thing is written as many resources (a bucket and its versioning, a group and its
// rules) and as texts that are documents themselves (policies). Which attribute leads where, and which texts are
// documents, is data: `rules/data/terraform-joins.yaml`.
#pragma once

#include "engine/catalog.hpp"
#include "engine/graph.hpp"

namespace assay::terraform {

// Replaces attributes that hold a JSON document by what the document says, so that rules read policies as values.
// A text that is no JSON stays as it is. Before `Graph::order`.
void expand_documents(Graph& graph, const Catalog& catalog);

// Adds typed edges: where an attribute of the data refers to another resource, by a reference edge that is there
// already or by a value that the other one states. After the references, before `Graph::freeze`.
void add_joins(Graph& graph, const Catalog& catalog);

}  // namespace assay::terraform

// Data sources whose result follows from the configuration alone: `aws_iam_policy_document`, `aws_region`,
// `aws_partition`. All others are read from a cloud, and unknown.
#pragma once

#include <string_view>

#include "parsers/terraform/evaluation.hpp"

namespace assay::terraform {

// Whether the result depends on the provider's configuration.
bool needs_provider(std::string_view type);
// Adds what can be computed to the fields of a data source.
void compute_data(ResourceInstance& instance, Evaluation& evaluation);

}  // namespace assay::terraform

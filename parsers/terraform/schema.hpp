// What providers say of their resource types, as far as we keep it (rules/data/terraform-*.yaml): types of
// attributes, which of them the provider decides when nobody does, which names are nested blocks, and what
// edge an attribute's reference stands for. A type that is not listed is read as it is written.
//
//   resources:
//     aws_db_instance:
//       id: =string            only the provider decides
//       kms_key_id: string~    the provider decides where nothing is set
//       storage_encrypted: bool
//       restore_to_point_in_time: {use_latest_restorable_time: bool, …}      a nested block
//   edges: [{attributes: [kms_key_id, …], kind: encrypts-with, reverse: false}, …]
//   names: [{attributes: [bucket], types: [aws_s3_bucket], by: [bucket]}]    literal texts that name a resource
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/diagnostic.hpp"
#include "engine/graph.hpp"
#include "parsers/hcl/json.hpp"
#include "parsers/terraform/type.hpp"

namespace assay::terraform {

struct AttributeSchema {
  const Type* type = nullptr;
  bool settable = true;
  bool computed = false;
};

struct BlockSchema {
  std::map<std::string, AttributeSchema, std::less<>> attributes;
  std::map<std::string, BlockSchema, std::less<>> blocks;

  const AttributeSchema* attribute(std::string_view name) const;
  const BlockSchema* block(std::string_view name) const;
};

// Attributes whose reference is more than a reference.
struct EdgeSchema {
  std::set<std::string, std::less<>> attributes;
  std::set<std::string, std::less<>> on;       // resource types; empty: all
  std::set<std::string, std::less<>> targets;  // resource types; empty: all
  EdgeKind kind = EdgeKind::references;
  bool reverse = false;  // the edge leads from what is referred to
};

// Attributes whose literal text names a resource of one of these types.
struct NameSchema {
  std::set<std::string, std::less<>> attributes;
  std::set<std::string, std::less<>> types;
  std::vector<std::string> by;  // attributes of the target
};

struct Schema {
  std::map<std::string, BlockSchema, std::less<>> resources;  // `data.TYPE` for data sources
  std::vector<EdgeSchema> edges;
  std::vector<NameSchema> names;

  const BlockSchema* resource(std::string_view type) const;
  EdgeKind kind(std::string_view attribute, std::string_view on, std::string_view target, bool& reverse) const;
};

// Adds one data file; mistakes are errors.
void read_schema(Value root, Schema& schema, Diagnostics& diagnostics);

}  // namespace assay::terraform

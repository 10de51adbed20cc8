// Configurations written in a test, evaluated, and the graph that they become.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/graph.hpp"
#include "parsers/terraform/adapter.hpp"

namespace assay::test {

struct Loaded {
  Sources sources;
  std::unique_ptr<terraform::MemoryTree> tree;
  std::unique_ptr<terraform::Configurations> configurations;
  Graph graph;
  Diagnostics diagnostics;

  // `ADDRESS = VALUE`, of managed resources unless `all`; a value is null where there is none.
  std::string text(bool all = false) const;
  // What one resource has: `aws_x.y` and `tags.a`.
  std::string at(const std::string& address, const std::string& path) const;
  // `FROM -KIND-> TO`, without plain references unless asked for.
  std::vector<std::string> edges(bool references = false) const;
  // `code: message`.
  std::vector<std::string> said() const;
  const Resource* resource(const std::string& address) const;
};

// What rules/data says of AWS; read once.
const std::map<std::string, Value, std::less<>>& terraform_data();

// Without `types` nothing is known of AWS. Files by name; all directories with configurations count as audited, unless `directories` says which.
std::unique_ptr<Loaded> load(const std::map<std::string, std::string>& files, terraform::LoadOptions options = {},
                             std::set<std::string> directories = {}, bool types = true);
std::string shown(Value value);

}  // namespace assay::test

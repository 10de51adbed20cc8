#include "tests/support/configuration.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "engine/reader.hpp"
#include "parsers/yaml/yaml.hpp"

namespace assay::test {

std::string shown(Value value) {
  if (!value) return "-";
  if (value.sensitive()) return "(secret)";
  if (value.is_unknown()) return "?" + std::string(value.as_unknown().name);
  std::string out;
  if (value.is_list()) {
    for (const Value item : value.items()) out += (out.empty() ? "" : ", ") + shown(item);
    return "[" + out + "]";
  }
  if (value.is_map()) {
    std::vector<std::string> parts;
    for (const Entry& entry : value.entries()) parts.push_back(std::string(entry.key()) + ": " + shown(entry.value));
    std::sort(parts.begin(), parts.end());
    for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
    return "{" + out + "}";
  }
  return value.is_null() ? "null" : scalar_text(value);
}

std::string Loaded::text(bool all) const {
  std::string out;
  for (const Resource& resource : graph.resources())
    if (all || !resource.auxiliary) out += resource.address + " = " + shown(resource.value) + "\n";
  return out;
}

const Resource* Loaded::resource(const std::string& address) const {
  for (const Resource& resource : graph.resources())
    if (resource.address == address) return &resource;
  return nullptr;
}

std::string Loaded::at(const std::string& address, const std::string& path) const {
  const Resource* found = resource(address);
  if (!found) return "no resource";
  Value value = found->value;
  std::istringstream steps(path);
  for (std::string step; std::getline(steps, step, '.');) {
    if (value.is_list()) value = std::stoul(step) < value.size() ? value.items()[std::stoul(step)] : Value();
    else value = value.find(step);
  }
  return shown(value);
}

std::vector<std::string> Loaded::edges(bool references) const {
  std::vector<std::string> out;
  for (const Edge& edge : graph.edges()) {
    if (edge.kind == EdgeKind::references && !references) continue;
    out.push_back(graph.resource(edge.from).address + " -" + std::string(name_of(edge.kind)) + "-> " + graph.resource(edge.to).address);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::vector<std::string> Loaded::said() const {
  std::vector<std::string> out;
  for (const Diagnostic& one : diagnostics.all()) out.push_back(one.code + ": " + one.message);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

const std::map<std::string, Value, std::less<>>& terraform_data() {
  static Sources sources;
  static ParsedFile file;
  static std::map<std::string, Value, std::less<>> data;
  if (data.empty()) {
    const std::string path = std::string(ASSAY_SOURCE_DIR) + "/rules/data/terraform-aws.yaml";
    std::ifstream in(path);
    std::stringstream bytes;
    bytes << in.rdbuf();
    Diagnostics diagnostics;
    file = yaml::parse(sources.add(path, bytes.str()), {}, diagnostics);
    data.emplace("terraform-aws", file.documents.at(0).root);
  }
  return data;
}

std::unique_ptr<Loaded> load(const std::map<std::string, std::string>& files, terraform::LoadOptions options, std::set<std::string> directories, bool types) {
  static const std::map<std::string, Value, std::less<>> nothing;
  auto loaded = std::make_unique<Loaded>();
  std::map<std::string, const Source*> sources;
  terraform::LoadInput input;
  for (const auto& [name, text] : files) {
    sources.emplace(name, &loaded->sources.add(name, text));
    if (terraform::is_configuration(name) && name.find(".terraform/") == std::string::npos) input.directories.insert(terraform::parent(name));
  }
  if (!directories.empty()) input.directories = std::move(directories);
  loaded->tree = std::make_unique<terraform::MemoryTree>(std::move(sources));
  loaded->configurations = std::make_unique<terraform::Configurations>(*loaded->tree, loaded->sources, types ? terraform_data() : nothing, std::move(options));
  loaded->configurations->load(input, loaded->diagnostics);
  std::map<std::string, ScopeId> scopes;
  for (const auto& root : loaded->configurations->roots()) {
    const std::string& directory = root->root().directory;
    scopes.emplace(directory, loaded->graph.add_scope({0, directory, directory, {}}));
  }
  loaded->configurations->add(loaded->graph, [&](const std::string& directory) { return scopes.at(directory); });
  loaded->graph.order(loaded->sources);
  loaded->configurations->add_edges(loaded->graph);
  loaded->graph.freeze();
  return loaded;
}

}  // namespace assay::test

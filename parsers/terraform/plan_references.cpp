#include "parsers/terraform/plan_references.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace assay::terraform {

namespace {

constexpr int max_hops = 24;              // through variables and outputs
constexpr std::size_t max_reached = 256;  // resources that one expression leads to

class PlanLinker {
 public:
  PlanLinker(Graph& graph, ScopeId scope, Value plan, const Schema& schema) : graph_(graph), scope_(scope), schema_(schema) {
    for (const Resource& resource : graph.resources())
      if (resource.scope == scope) modules_[resource.ns][local(resource)].push_back(resource.id);
    root_ = plan.at({"configuration", "root_module"});
  }

  void all() {
    for (const auto& [module, resources] : modules_) {
      const Value configuration = configuration_of(module);
      for (const Value described : configuration.find("resources").items()) {
        const auto found = resources.find(std::string(described.find("address").as_string()));
        if (found == resources.end()) continue;
        for (const ResourceId id : found->second) expressions(id, module, described.find("expressions"));
      }
    }
  }

 private:
  // `aws_x.y` of `module.m.aws_x.y[0]`.
  static std::string local(const Resource& resource) { return resource.type + "." + resource.name; }

  // The names of the calls on the way to a module instance: `module.a["x"].module.b` -> a, b.
  static std::vector<std::string> calls(std::string_view module) {
    std::vector<std::string> names;
    bool inside = false, quoted = false;
    std::string part;
    const auto flush = [&] {
      if (!part.empty() && part != "module") names.push_back(part);
      part.clear();
    };
    for (std::size_t i = 0; i < module.size(); ++i) {
      const char c = module[i];
      if (inside) {
        if (c == '\\') ++i;
        else if (c == '"') quoted = !quoted;
        else if (c == ']' && !quoted) inside = false;
      } else if (c == '[') {
        inside = true;
      } else if (c == '.') {
        flush();
      } else {
        part += c;
      }
    }
    flush();
    return names;
  }

  Value configuration_of(std::string_view module) const {
    Value at = root_;
    for (const std::string& name : calls(module)) at = at.find("module_calls").find(name).find("module");
    return at;
  }

  // The call that made a module instance, and the instance that it stands in.
  Value call_of(const std::string& module, std::string& parent) const {
    const std::vector<std::string> names = calls(module);
    if (names.empty()) return {};
    Value at = root_;
    for (std::size_t i = 0; i + 1 < names.size(); ++i) at = at.find("module_calls").find(names[i]).find("module");
    // The parent's address ends where the last call begins, outside of any key.
    std::size_t last = 0;
    bool inside = false, quoted = false;
    for (std::size_t i = 0; i < module.size(); ++i) {
      const char c = module[i];
      if (inside) {
        if (c == '\\') ++i;
        else if (c == '"') quoted = !quoted;
        else if (c == ']' && !quoted) inside = false;
      } else if (c == '[') {
        inside = true;
      } else if (std::string_view(module).substr(i).starts_with("module.") && (i == 0 || module[i - 1] == '.')) {
        last = i;
      }
    }
    parent = last == 0 ? "" : module.substr(0, last - 1);
    return at.find("module_calls").find(names.back());
  }

  // Expressions of a body: `{references: […]}` or blocks, which are lists of bodies.
  void expressions(ResourceId from, const std::string& module, Value body) {
    std::vector<Value> pending = {body};
    while (!pending.empty()) {
      const Value at = pending.back();
      pending.pop_back();
      for (const Entry& entry : at.entries()) {
        for (const Value item : entry.value.items())
          if (item.is_map()) pending.push_back(item);
        if (!entry.value.is_map()) continue;
        const Value references = entry.value.find("references");
        if (!references) {
          pending.push_back(entry.value);
          continue;
        }
        std::set<ResourceId> reached;
        for (const Value reference : references.items()) follow(module, reference.as_string(), reached, max_hops);
        for (const ResourceId to : reached) link(from, entry.key(), to, references);
      }
    }
  }

  void follow(const std::string& module, std::string_view reference, std::set<ResourceId>& reached, int hops) {
    if (hops == 0 || reached.size() > max_reached) return;
    std::vector<std::string> parts(1);
    for (const char c : reference) {
      if (c == '.') parts.emplace_back();
      else parts.back() += c;
    }
    if (parts.size() < 2) return;
    for (std::string& part : parts) part = part.substr(0, part.find('['));
    if (parts[0] == "var") {
      std::string parent;
      const Value call = call_of(module, parent);
      for (const Value one : call.find("expressions").find(parts[1]).find("references").items()) follow(parent, one.as_string(), reached, hops - 1);
      return;
    }
    if (parts[0] == "module") {
      const Value child = configuration_of(module).find("module_calls").find(parts[1]).find("module");
      if (parts.size() < 3) return;
      const Value references = child.find("outputs").find(parts[2]).find("expression").find("references");
      const std::string prefix = (module.empty() ? "" : module + ".") + "module." + parts[1];
      for (const auto& [name, resources] : modules_) {
        if (name != prefix && !(name.starts_with(prefix + "[") && name.find("].module.") == std::string::npos)) continue;
        for (const Value one : references.items()) follow(name, one.as_string(), reached, hops - 1);
      }
      return;
    }
    const bool data = parts[0] == "data" && parts.size() > 2;
    const auto here = modules_.find(module);
    if (here == modules_.end()) return;
    const auto found = here->second.find(data ? "data." + parts[1] + "." + parts[2] : parts[0] + "." + parts[1]);
    if (found != here->second.end()) reached.insert(found->second.begin(), found->second.end());
  }

  void link(ResourceId from, std::string_view attribute, ResourceId to, Value reason) {
    if (from == to) return;
    bool reverse = false;
    const EdgeKind kind = schema_.kind(attribute, graph_.resource(from).type, graph_.resource(to).type, reverse);
    Edge edge;
    edge.from = from;
    edge.to = to;
    edge.reason = reason;
    graph_.add(edge);
    if (kind == EdgeKind::references) return;
    edge.kind = kind;
    if (reverse) std::swap(edge.from, edge.to);
    graph_.add(std::move(edge));
  }

  Graph& graph_;
  ScopeId scope_;
  const Schema& schema_;
  Value root_;
  std::map<std::string, std::map<std::string, std::vector<ResourceId>>> modules_;  // module instance -> local address
};

}  // namespace

void add_plan_edges(Graph& graph, ScopeId scope, Value plan, const Schema& schema) { PlanLinker(graph, scope, plan, schema).all(); }

}  // namespace assay::terraform

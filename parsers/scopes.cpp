#include "parsers/scopes.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>

#include "parsers/ignore.hpp"
#include "parsers/walk.hpp"

namespace assay {

namespace {

// `../base/x.yaml` seen from a directory; nothing for what is remote or leads out of the base.
std::optional<std::string> resolve(std::string_view directory, std::string_view reference) {
  if (reference.empty() || reference[0] == '/' || reference.find("://") != std::string_view::npos ||
      reference.starts_with("git@") || reference.find("?ref=") != std::string_view::npos || reference.starts_with("github.com/"))
    return std::nullopt;
  std::vector<std::string_view> parts;
  const auto push = [&](std::string_view path) {
    while (!path.empty()) {
      const std::size_t slash = path.find('/');
      const std::string_view part = path.substr(0, slash);
      path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
      if (part.empty() || part == ".") continue;
      if (part == "..") {
        if (parts.empty()) return false;
        parts.pop_back();
      } else {
        parts.push_back(part);
      }
    }
    return true;
  };
  if (!push(directory) || !push(reference)) return std::nullopt;
  std::string out;
  for (const std::string_view part : parts) (out += out.empty() ? "" : "/") += part;
  return out.empty() ? "." : out;
}

bool beneath(std::string_view name, std::string_view directory) {
  return directory == "." || (name.starts_with(directory) && name.size() > directory.size() && name[directory.size()] == '/');
}

// What makes of a directory something else than its files (kustomize's own field names).
constexpr std::string_view rendering_fields[] = {
    "bases", "buildMetadata", "commonAnnotations", "commonLabels", "components", "configMapGenerator", "configurations",
    "crds", "generatorOptions", "generators", "helmChartInflationGenerator", "helmCharts", "images", "labels", "namePrefix",
    "nameSuffix", "patches", "patchesJson6902", "patchesStrategicMerge", "replacements", "replicas", "secretGenerator",
    "transformers", "validators", "vars"};
constexpr std::string_view harmless_fields[] = {"bases", "buildMetadata", "crds", "generatorOptions", "validators"};

bool listed(std::string_view word, const auto& table) { return std::find(std::begin(table), std::end(table), word) != std::end(table); }

class Planner {
 public:
  explicit Planner(const std::vector<ScopedFile>& files) : files_(files) {}

  void read(const std::vector<Kustomization>& kustomizations, Diagnostics& diagnostics) {
    for (const Kustomization& k : kustomizations) roots_.emplace(directory_of(k.name));
    for (const Kustomization& k : kustomizations) read(k, diagnostics);
    // A base that exactly one kustomization includes is deployed with it; chains end after so many steps.
    for (const auto& [directory, includers] : includers_) {
      std::string top = directory;
      for (std::size_t steps = 0; steps < includers_.size() + 1; ++steps) {
        const auto next = includers_.find(top);
        if (next == includers_.end() || next->second.size() != 1) break;
        top = *next->second.begin();
      }
      if (top != directory) deployed_with_[directory] = top;
    }
  }

  ScopePlan plan(const std::vector<std::string>& chart_roots, const std::vector<ScopeSetting>& settings) {
    for (const std::string& chart : chart_roots) roots_.insert(chart);
    std::map<std::string, std::vector<std::size_t>> by_root;
    for (std::size_t i = 0; i < files_.size(); ++i) {
      if (const auto fragment = fragments_.find(files_[i].name);
          fragment != fragments_.end() && !listed_by_.count(files_[i].name)) {
        out_.fragments.insert(files_[i].name);
        out_.not_assessed.push_back({files_[i].name, "patch or generator of `" + fragment->second + "`, no manifest of its own",
                                     render(std::string(directory_of(fragment->second)))});
      }
      if (const std::string* const name = stated(files_[i].name, settings)) {
        out_.scope_of.emplace(files_[i].name, *name);
        continue;
      }
      by_root[root_of(files_[i].name)].push_back(i);
    }
    for (const auto& [root, members] : by_root) {
      for (const auto& [scope, group] : separate(root, members))
        for (const std::size_t i : group) out_.scope_of.emplace(files_[i].name, scope);
    }
    find_apart();
    return std::move(out_);
  }

 private:
  void read(const Kustomization& k, Diagnostics& diagnostics) {
    if (!k.root.is_map()) return;
    const std::string directory(directory_of(k.name));
    for (const std::string_view field : {"resources", "bases", "components"}) {
      for (const Value item : k.root.find(field).items()) {
        const auto target = resolve(directory, item.as_string());
        if (!target) {
          if (item.is_string() && k.audited)
            out_.not_assessed.push_back({k.name, "remote resource `" + std::string(item.as_string()) + "` is not fetched", render(directory)});
          continue;
        }
        if (roots_.count(*target) && *target != directory)
          includers_[*target].insert(directory);
        else
          listed_by_[*target].insert(directory);
      }
    }
    for (const std::string_view field : {"patchesStrategicMerge", "generators", "transformers", "validators", "configurations"})
      for (const Value item : k.root.find(field).items()) fragment(k.name, item);
    for (const std::string_view field : {"patches", "patchesJson6902", "replacements"})
      for (const Value item : k.root.find(field).items()) fragment(k.name, item.find("path"));
    if (!k.audited) return;
    std::string needs;
    for (const Entry& entry : k.root.entries()) {
      if (!listed(entry.key(), rendering_fields) || listed(entry.key(), harmless_fields) || entry.value.size() + entry.value.as_string().size() == 0)
        continue;
      ((needs += needs.empty() ? "`" : ", `") += entry.key()) += "`";
    }
    if (!needs.empty())
      out_.not_assessed.push_back({k.name, "overlay needs rendering (" + needs + "): only its plain files are audited", render(directory)});
    if (const Value ns = k.root.find("namespace"); ns.is_string() && needs.empty()) {
      diagnostics.note("kustomize-namespace", ns.span(),
                       "the files of a kustomization are read as they are: objects without a namespace count as `default`, not `" +
                           std::string(ns.as_string()) + "`; to audit what is deployed, run `" + render(directory) + "`");
    }
  }

  static std::string render(const std::string& directory) {
    return "kubectl kustomize " + shell_quoted(directory) + " | assay check -";
  }

  void fragment(const std::string& kustomization, Value reference) {
    if (const auto target = resolve(directory_of(kustomization), reference.as_string())) fragments_.emplace(*target, kustomization);
  }

  static const std::string* stated(const std::string& name, const std::vector<ScopeSetting>& settings) {
    for (const ScopeSetting& scope : settings)
      for (const std::string& path : scope.paths)
        if (path == "." || name == path || beneath(name, path) || glob_match(path, name)) return &scope.name;
    return nullptr;
  }

  std::string root_of(const std::string& name) const {
    // A kustomization that lists a file from elsewhere deploys it, when it is the only one.
    if (const auto by = listed_by_.find(name); by != listed_by_.end() && by->second.size() == 1) return top(*by->second.begin());
    std::string directory(directory_of(name));
    while (directory != "." && directory != "/" && !roots_.count(directory)) directory = directory_of(directory);
    return top(directory);
  }

  std::string top(const std::string& directory) const {
    const auto found = deployed_with_.find(directory);
    return found == deployed_with_.end() ? directory : found->second;
  }

  using Members = std::vector<std::size_t>;

  // Files by the directories below `root`.
  struct Node {
    std::string name;
    Members files;
    std::map<std::string, std::unique_ptr<Node>> children;
  };

  // Scope name -> files. A directory whose children hold an address of each other, or of the directory's
  // own files, keeps its own files; these children become scopes of their own.
  std::map<std::string, Members> separate(const std::string& root, const Members& members) const {
    Node tree;
    tree.name = root;
    for (const std::size_t i : members) {
      // Files that lie elsewhere (a base, a listed file) count as the root's own.
      std::string_view rest = files_[i].name;
      Node* at = &tree;
      if (beneath(rest, root)) {
        if (root != ".") rest.remove_prefix(root.size() + 1);
        for (std::size_t slash; (slash = rest.find('/')) != std::string_view::npos && slash != 0; rest.remove_prefix(slash + 1)) {
          std::unique_ptr<Node>& child = at->children[std::string(rest.substr(0, slash))];
          if (!child) {
            child = std::make_unique<Node>();
            child->name = at->name == "." ? std::string(rest.substr(0, slash)) : at->name + "/" + std::string(rest.substr(0, slash));
          }
          at = child.get();
        }
      }
      at->files.push_back(i);
    }
    // Bottom up without recursion: directories in order, visited from the end.
    std::vector<Node*> order{&tree};
    for (std::size_t i = 0; i < order.size(); ++i)
      for (const auto& [name, child] : order[i]->children) order.push_back(child.get());
    std::map<std::string, Members> scopes;
    for (auto node = order.rbegin(); node != order.rend(); ++node) merge(**node, scopes);
    if (!tree.files.empty()) scopes[root] = std::move(tree.files);
    return scopes;
  }

  // Children's files move up into `node`, unless they collide: then they are done.
  void merge(Node& node, std::map<std::string, Members>& scopes) const {
    std::unordered_map<std::uint64_t, const Node*> holder;
    std::set<const Node*> colliding;
    for (const std::size_t i : node.files)
      for (const std::uint64_t address : files_[i].addresses) holder.emplace(address, &node);
    for (const auto& [name, child] : node.children) {
      for (const std::size_t i : child->files) {
        for (const std::uint64_t address : files_[i].addresses) {
          const auto [found, fresh] = holder.emplace(address, child.get());
          if (fresh || found->second == child.get()) continue;
          colliding.insert(child.get());
          colliding.insert(found->second);
        }
      }
    }
    for (const auto& [name, child] : node.children) {
      if (colliding.count(child.get()))
        scopes[child->name] = std::move(child->files);
      else
        node.files.insert(node.files.end(), child->files.begin(), child->files.end());
    }
    node.children.clear();
  }

  void find_apart() {
    std::unordered_map<std::uint64_t, std::string> holder;
    for (const ScopedFile& file : files_) {
      const auto scope = out_.scope_of.find(file.name);
      if (scope == out_.scope_of.end()) continue;
      for (const std::uint64_t address : file.addresses) {
        const auto [found, fresh] = holder.emplace(address, scope->second);
        if (fresh || found->second == scope->second) continue;
        out_.apart.insert(found->second);
        out_.apart.insert(scope->second);
      }
    }
  }

  const std::vector<ScopedFile>& files_;
  std::set<std::string, std::less<>> roots_;                    // directories of kustomizations and charts
  std::map<std::string, std::set<std::string>> includers_;      // kustomization -> kustomizations that include it
  std::map<std::string, std::set<std::string>> listed_by_;      // file -> kustomizations that list it
  std::map<std::string, std::string> deployed_with_;
  std::map<std::string, std::string> fragments_;                // file -> kustomization file
  ScopePlan out_;
};

}  // namespace

ScopePlan plan_scopes(const std::vector<ScopedFile>& files, const std::vector<Kustomization>& kustomizations,
                      const std::vector<std::string>& chart_roots, const std::vector<ScopeSetting>& settings,
                      Diagnostics& diagnostics) {
  Planner planner(files);
  planner.read(kustomizations, diagnostics);
  return planner.plan(chart_roots, settings);
}

}  // namespace assay

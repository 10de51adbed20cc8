#include "parsers/terraform/project.hpp"

#include <algorithm>

#include "parsers/hcl/parse.hpp"
#include "parsers/json/json.hpp"
#include "parsers/walk.hpp"

namespace assay::terraform {

namespace {

constexpr std::size_t max_chain = 64;  // modules inside modules

}  // namespace

bool is_local_source(std::string_view source) {
  return source.starts_with("./") || source.starts_with("../") || source == "." || source == "..";
}

Project::Project(Tree& tree, Sources& sources, const Schema& schema, ProjectOptions options, Diagnostics& diagnostics)
    : tree_(tree), sources_(sources), schema_(schema), options_(std::move(options)), diagnostics_(diagnostics) {
  if (!options_.parallel)
    options_.parallel = [](std::size_t count, const std::function<void(std::size_t)>& work) {
      for (std::size_t i = 0; i < count; ++i) work(i);
    };
}

void Project::read(const std::set<std::string>& directories, const std::map<std::string, std::set<std::string>>& only) {
  only_ = only;
  std::vector<std::string> pending(directories.begin(), directories.end());
  while (!pending.empty()) {
    read_all(pending);
    std::set<std::string> next;
    for (const std::string& directory : pending) {
      const auto found = modules_.find(directory);
      if (found == modules_.end() || !found->second) continue;
      for (const ModuleCall& call : found->second->calls) {
        std::string target;
        if (is_local_source(call.source) && join(directory, call.source, target) && !modules_.contains(target)) next.insert(target);
      }
    }
    pending.assign(next.begin(), next.end());
  }
  find_roots(directories);
  for (Root& root : roots_) link(root);
  find_loose_names();
}

void Project::read_all(const std::vector<std::string>& directories) {
  struct Job {
    std::size_t directory;
    std::string name;
    std::unique_ptr<hcl::File> file;
    Diagnostics diagnostics;
  };
  std::vector<Job> jobs;
  for (std::size_t i = 0; i < directories.size(); ++i) {
    modules_.try_emplace(directories[i]);
    std::string error;
    const auto wanted = only_.find(directories[i]);
    for (const std::string& name : tree_.list(directories[i], error)) {
      if (!is_configuration(name)) continue;
      if (wanted != only_.end() && !wanted->second.contains(name)) continue;
      jobs.push_back({i, name, nullptr, {}});
    }
  }
  options_.parallel(jobs.size(), [&](std::size_t i) {
    Job& job = jobs[i];
    const std::string path = below(directories[job.directory], job.name);
    std::string error;
    const Source* source = tree_.read(path, error);
    if (!source) {
      Diagnostic diagnostic;
      diagnostic.code = "unreadable-file";
      diagnostic.path = path;
      diagnostic.message = "cannot be read: " + error;
      diagnostic.incomplete = true;
      job.diagnostics.add(std::move(diagnostic));
      return;
    }
    job.file = std::make_unique<hcl::File>(is_json_configuration(job.name) ? hcl::parse_json(*source, options_.limits, job.diagnostics)
                                                                           : hcl::parse(*source, job.diagnostics));
  });
  std::vector<std::vector<ParsedModuleFile>> files(directories.size());
  for (Job& job : jobs) {
    diagnostics_.append(std::move(job.diagnostics));
    if (job.file) files[job.directory].push_back({job.name, std::move(job.file)});
  }
  std::vector<Diagnostics> said(directories.size());
  options_.parallel(directories.size(), [&](std::size_t i) {
    if (files[i].empty()) return;
    modules_.find(directories[i])->second =
        read_module(directories[i], std::move(files[i]), only_.contains(directories[i]), sources_, schema_, said[i]);
  });
  for (Diagnostics& one : said) diagnostics_.append(std::move(one));
}

const Module* Project::module(const std::string& directory) {
  if (!modules_.contains(directory)) read_all({directory});
  return modules_.find(directory)->second.get();
}

void Project::find_roots(const std::set<std::string>& directories) {
  std::map<std::string, std::set<std::string>> calls;
  std::set<std::string> called;
  for (const auto& [directory, module] : modules_) {
    if (!module) continue;
    for (const ModuleCall& call : module->calls) {
      std::string target;
      if (!is_local_source(call.source) || !join(directory, call.source, target) || target == directory) continue;
      calls[directory].insert(target);
      called.insert(target);
    }
  }
  std::set<std::string> reached;
  const auto reach = [&](const std::string& root) {
    std::vector<std::string> pending = {root};
    while (!pending.empty()) {
      const std::string at = std::move(pending.back());
      pending.pop_back();
      if (!reached.insert(at).second) continue;
      for (const std::string& next : calls[at]) pending.push_back(next);
    }
  };
  const auto add = [&](const std::string& directory) {
    const Module* module = modules_.find(directory)->second.get();
    if (!module) return;
    Root root;
    root.directory = directory;
    root.tree.module = module;
    roots_.push_back(std::move(root));
    reach(directory);
  };
  for (const std::string& directory : directories)
    if (!called.contains(directory)) add(directory);
  for (const std::string& directory : directories)  // modules that only call each other
    if (!reached.contains(directory)) add(directory);
  std::sort(roots_.begin(), roots_.end(), [](const Root& a, const Root& b) { return a.directory < b.directory; });
}

Project::Manifest Project::manifest(const std::string& directory) {
  Manifest manifest;
  std::string error;
  const std::string name = below(directory, ".terraform/modules/modules.json");
  if (tree_.exists(name, error) != 1) return manifest;
  const Source* source = tree_.read(name, error);
  if (!source) return manifest;
  const ParsedFile file = json::parse(*source, options_.limits, diagnostics_);
  for (const Document& document : file.documents) {
    for (const Value one : document.root.find("Modules").items()) {
      std::string target;
      if (join(directory, one.find("Dir").as_string(), target)) manifest.directory_of[std::string(one.find("Key").as_string())] = target;
    }
  }
  return manifest;
}

void Project::link(Root& root) {
  const Manifest manifest = this->manifest(root.directory);
  struct Pending {
    CallTree* at;
    std::string path;                 // `vpc.subnets`
    std::vector<std::string> chain;   // directories
  };
  std::vector<Pending> pending = {{&root.tree, "", {root.directory}}};
  std::uint32_t count = 0;
  while (!pending.empty()) {
    const Pending here = std::move(pending.back());
    pending.pop_back();
    const Module& module = *here.at->module;
    here.at->children.resize(module.calls.size());
    here.at->missing.resize(module.calls.size());
    for (std::size_t i = 0; i < module.calls.size(); ++i) {
      const ModuleCall& call = module.calls[i];
      std::string& why = here.at->missing[i];
      const Span place = call.source_span ? call.source_span : call.name_span;
      const std::string path = (here.path.empty() ? "" : here.path + ".") + std::string(call.name);
      std::string target;
      if (const auto listed = manifest.directory_of.find(path); listed != manifest.directory_of.end() && !is_local_source(call.source)) {
        target = listed->second;
      } else if (is_local_source(call.source)) {
        if (!join(module.directory, call.source, target)) {
          why = "its source `" + call.source + "` lies outside the audited tree";
          diagnostics_.error("missing-module", place, "module `" + std::string(call.name) + "`: " + why + ", so what it makes is not audited");
          continue;
        }
      } else if (call.source.empty()) {
        why = "its source is not known";
        diagnostics_.error("missing-module", place, "module `" + std::string(call.name) + "` has no `source` that can be read: write it as plain text");
        continue;
      } else {
        why = "its source `" + call.source + "` is not among the inputs";
        not_assessed_.push_back({sources_.get(call.name_span.source).name(),
                                 "module `" + path + "`: " + why,
                                 "terraform -chdir=" + shell_quoted(root.directory) + " get"});
        continue;
      }
      if (std::find(here.chain.begin(), here.chain.end(), target) != here.chain.end() || here.chain.size() >= max_chain) {
        std::string names;
        for (const std::string& one : here.chain) names += "`" + one + "` calls ";
        why = "modules call each other";
        diagnostics_.error("module-cycle", place, "modules call each other without end: " + names + "`" + target + "`");
        continue;
      }
      if (++count > options_.calls) {
        why = "there are more than " + std::to_string(options_.calls) + " module calls";
        diagnostics_.error("limit-modules", place, why + " below `" + root.directory + "`: those beyond are not audited");
        continue;
      }
      const Module* const child = this->module(target);
      if (!child) {
        std::string error;
        tree_.list(target, error);
        why = "no configuration is in `" + target + "`" + (error.empty() ? "" : " (" + error + ")");
        diagnostics_.error("missing-module", place, "module `" + std::string(call.name) + "`: " + why + ", so what it makes is not audited");
        continue;
      }
      here.at->children[i] = std::make_unique<CallTree>();
      here.at->children[i]->module = child;
      std::vector<std::string> chain = here.chain;
      chain.push_back(target);
      pending.push_back({here.at->children[i].get(), path, std::move(chain)});
    }
  }
  std::sort(not_assessed_.begin(), not_assessed_.end(), [](const NotAssessed& a, const NotAssessed& b) {
    return a.path != b.path ? a.path < b.path : a.reason < b.reason;
  });
}

// Names of attributes whose base is no plain reference to a resource.
void Project::find_loose_names() {
  using hcl::Expression;
  std::vector<const Expression*> pending;
  std::vector<const hcl::Body*> bodies;
  const auto items = [&](std::span<const hcl::Item> list, const Module& module) {
    for (const hcl::Item& item : list) {
      if (item.attribute && item.attribute->value) pending.push_back(item.attribute->value);
      if (item.block) bodies.push_back(&module.body(*item.block));
    }
  };
  for (const auto& [directory, module] : modules_) {
    if (!module) continue;
    for (const Local& local : module->locals)
      if (local.value) pending.push_back(local.value);
    for (const Output& output : module->outputs)
      if (output.value) pending.push_back(output.value);
    for (const ResourceBlock& resource : module->resources) {
      items(resource.items, *module);
      for (const hcl::Attribute* one : {resource.expansion.count, resource.expansion.for_each})
        if (one && one->value) pending.push_back(one->value);
    }
    for (const ModuleCall& call : module->calls) {
      for (const Argument& argument : call.arguments) pending.push_back(argument.attribute->value);
      for (const hcl::Attribute* one : {call.expansion.count, call.expansion.for_each})
        if (one && one->value) pending.push_back(one->value);
    }
    while (!bodies.empty()) {
      const hcl::Body* body = bodies.back();
      bodies.pop_back();
      items(body->items, *module);
    }
    const auto fixed = [](std::string_view root) {
      return root == "var" || root == "local" || root == "module" || root == "data" || root == "path" || root == "terraform" || root == "count";
    };
    while (!pending.empty()) {
      const Expression* at = pending.back();
      pending.pop_back();
      for (const Expression* part : at->parts)
        if (part) pending.push_back(part);
      if (at->kind != Expression::Kind::attribute || at->parts.empty()) continue;
      const Expression* base = at->parts[0];
      if (base->kind == Expression::Kind::variable) {
        // `b.arn` of a `for`; not `var.x`, not `aws_kms_key.main`.
        const std::string address = std::string(base->text) + "." + std::string(at->text);
        if (!fixed(base->text) && !module->resource_of.contains(address)) loose_names_.insert(at->text);
        continue;
      }
      // `aws_kms_key.main.arn` needs no help: the resource is asked for the attribute by its name.
      if (base->kind == Expression::Kind::attribute && !base->parts.empty() && base->parts[0]->kind == Expression::Kind::variable) {
        const std::string address = std::string(base->parts[0]->text) + "." + std::string(base->text);
        if (module->resource_of.contains(address) || base->parts[0]->text == "data") continue;
      }
      loose_names_.insert(at->text);
    }
  }
}

}  // namespace assay::terraform

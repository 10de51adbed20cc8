#include "cli/session.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <set>
#include <unordered_set>

#include "cli/parallel.hpp"
#include "cli/properties.hpp"
#include "engine/audit.hpp"
#include "engine/date.hpp"
#include "engine/select.hpp"
#include "engine/waiver.hpp"
#include "parsers/candidate.hpp"
#include "parsers/json/json.hpp"
#include "parsers/kubernetes/adapter.hpp"
#include "parsers/kubernetes/admission/rule.hpp"
#include "parsers/kubernetes/crd/rule.hpp"
#include "parsers/scopes.hpp"
#include "parsers/waivers.hpp"
#include "parsers/walk.hpp"
#include "parsers/yaml/yaml.hpp"

namespace assay {

namespace {

// How much of a file beyond the size limit is read to say whether it is ours.
constexpr std::uint64_t judged_bytes = 1u << 20;
// A repository with more entries than this is not searched for scopes when only a part of it is audited.
constexpr std::size_t survey_entries = 50'000;
constexpr std::uint64_t survey_bytes = 8u << 20;

// One file on its way from the walk to the graph.
struct Input {
  FoundFile file;
  bool context = false;
  Candidate candidate;
  FileBytes read;
  SourceId source = no_source;
  ParsedFile parsed;
  Diagnostics diagnostics;
  std::vector<kubernetes::Object> objects;
  std::vector<Waiver> waivers;
  std::vector<RenderedFrom> rendered;

  bool kustomization() const {
    const std::string_view name = std::string_view(file.name).substr(file.name.rfind('/') + 1);
    return candidate.kustomization || name == "kustomization.yaml" || name == "kustomization.yml" || name == "Kustomization";
  }
};

class Loader {
 public:
  Loader(const SessionOptions& options, Session& session)
      : options_(options), session_(session), diagnostics_(session.report.diagnostics) {}

  void load() {
    const std::vector<std::string> paths = options_.paths.empty() ? std::vector<std::string>{"."} : options_.paths;
    base_ = find_base(paths);
    if (!settings(paths)) return;
    walk_ = walk_all(paths);
    read();
    if (session_.misconfigured) return;
    configurations();
    plan();
    parse();
    build();
  }

 private:
  // One settings file governs an audit.
  bool settings(const std::vector<std::string>& paths) {
    const std::string path = find_settings(base_, paths[0]);
    for (const std::string& other : paths) {
      const std::string found = find_settings(base_, other);
      if (found == path) continue;
      const auto shown = [&](const std::string& at) { return at.empty() ? std::string("no settings") : "`" + name_in(base_, at) + "`"; };
      misconfigured("`" + paths[0] + "` is governed by " + shown(path) + ", `" + other + "` by " + shown(found) +
                    ": audit them one by one");
      return false;
    }
    if (path.empty()) return true;
    const std::size_t before = diagnostics_.errors();
    session_.settings = read_settings(path, base_, session_.sources, diagnostics_);
    session_.misconfigured = diagnostics_.errors() != before;
    return !session_.misconfigured;
  }

  void misconfigured(std::string message) {
    Diagnostic diagnostic;
    diagnostic.code = "usage";
    diagnostic.message = std::move(message);
    diagnostics_.add(std::move(diagnostic));
    session_.misconfigured = true;
  }

  WalkOptions walk_options() const {
    WalkOptions walk;
    walk.base = base_;
    walk.exclude = session_.settings.exclude;
    walk.exclude_base = session_.settings.exclude_base;
    return walk;
  }

  Walk walk_all(const std::vector<std::string>& paths) {
    Walk walked = walk(paths, walk_options(), diagnostics_);
    for (FoundFile& file : walked.files) inputs_.push_back({std::move(file)});
    if (!options_.context.empty()) {
      std::unordered_set<std::string> known;
      for (const Input& input : inputs_) known.insert(input.file.path);
      Walk around = walk(options_.context, walk_options(), diagnostics_);
      for (FoundFile& file : around.files)
        if (!known.count(file.path)) inputs_.push_back({std::move(file), true});
      walked.charts.insert(walked.charts.end(), around.charts.begin(), around.charts.end());
      std::sort(inputs_.begin(), inputs_.end(), [](const Input& a, const Input& b) {
        return a.file.name != b.file.name ? a.file.name < b.file.name : a.file.path < b.file.path;
      });
    }
    return walked;
  }

  // Bytes and judgements of all inputs in parallel; the rulebook meanwhile.
  void read() {
    Diagnostics of_rules;
    for_each_index(options_.jobs, inputs_.size() + 1, [&](std::size_t i) {
      if (i == 0) {
        session_.rulebook = load_rulebook(session_.sources, options_.rules, of_rules);
        return;
      }
      Input& input = inputs_[i - 1];
      const bool large = input.file.size > options_.limits.bytes;
      input.read = read_file(input.file, large ? judged_bytes : options_.limits.bytes);
      if (!input.read.failure.empty()) return;
      if (const auto format = terraform_format(input.file.name)) input.candidate.ours = true, input.candidate.format = *format;
      else input.candidate = judge(input.read.bytes, input.file.json);
    });
    if (of_rules.errors() != 0) session_.misconfigured = true;
    diagnostics_.append(std::move(of_rules));
    std::erase_if(inputs_, [&](Input& input) { return !take(input); });
  }

  // Whether an input is to be parsed; says why not.
  bool take(Input& input) {
    const auto say = [&](std::string code, std::string message) {
      Diagnostic diagnostic;
      diagnostic.code = std::move(code);
      diagnostic.path = input.file.name;
      diagnostic.message = std::move(message);
      diagnostic.incomplete = true;
      diagnostics_.add(std::move(diagnostic));
      return false;
    };
    if (!input.read.failure.empty()) return say("unreadable-file", "cannot be read: " + input.read.failure);
    if (input.file.name == session_.settings.name && !session_.settings.name.empty()) return false;
    ++session_.report.files;
    if (input.kustomization()) {
      if (input.file.named)
        return say("not-ours", "a kustomization is no manifest: run `kubectl kustomize " +
                                   shell_quoted(directory_of(input.file.name)) + " | assay check -`");
      return true;
    }
    if (!input.candidate.ours) {
      if (!input.file.named) {
        ++session_.report.other_files;
        return false;
      }
      if (input.read.bytes.empty()) return say("not-ours", "the input is empty: there is nothing to audit in it");
      return say("not-ours", "this is no Kubernetes manifest (no `apiVersion:` and `kind:` stand at the beginning of lines), and no plan or state of Terraform");
    }
    if (input.candidate.format == Format::terraform_input)
      return say("not-ours", "values of variables are no configuration: audit the configuration with `--var-file " + shell_quoted(input.file.name) + "`");
    if (input.read.cut)
      return say("limit-bytes", "more than " + std::to_string(options_.limits.bytes) +
                                    " bytes: split the file, or raise the limit with `--max-bytes`");
    return true;
  }

  // Terraform's configurations go a way of their own: what counts is the directory, not the file.
  void configurations() {
    terraform::LoadInput input;
    session_.tree = std::make_unique<DiskTree>(base_, session_.sources, options_.limits.bytes);
    std::set<std::string> whole;
    for (Input& one : inputs_) {
      if (one.candidate.format != Format::terraform) continue;
      const std::string directory(directory_of(one.file.name));
      const Source& source = session_.sources.add(one.file.name, std::move(one.read.bytes));
      session_.tree->add(one.file.name, source);
      input.directories.insert(directory);
      if (one.file.named) input.only[directory].insert(one.file.name.substr(one.file.name.rfind('/') + 1));
      else whole.insert(directory);
      if (one.context) input.context.insert(directory);
      else terraform_files_.emplace(one.file.name, source.id());
    }
    std::erase_if(inputs_, [](const Input& one) { return one.candidate.format == Format::terraform; });
    for (const std::string& directory : whole) input.only.erase(directory);
    terraform::LoadOptions options;
    options.given = given_variables(options_.terraform, base_, session_.sources, diagnostics_);
    options.project.limits = options_.limits;
    options.project.parallel = [this](std::size_t count, const std::function<void(std::size_t)>& work) { for_each_index(options_.jobs, count, work); };
    options.evaluation.workspace = options_.terraform.workspace;
    options.evaluation.instances = options_.terraform.instances;
    plans_and_states(options);
    if (input.directories.empty()) return;
    session_.terraform = std::make_unique<terraform::Configurations>(*session_.tree, session_.sources, session_.rulebook.catalog.data, std::move(options));
    session_.terraform->load(input, diagnostics_);
    walk_.not_assessed.insert(walk_.not_assessed.end(), session_.terraform->project().not_assessed().begin(), session_.terraform->project().not_assessed().end());
    terraform_apart_ = session_.terraform->apart();
    for (const auto& [directory, module] : session_.terraform->project().modules()) {
      if (!module) continue;
      for (const auto& file : module->files) {
        std::vector<Waiver> waivers = inline_waivers(*file, session_.sources, diagnostics_);
        std::move(waivers.begin(), waivers.end(), std::back_inserter(session_.inline_waivers));
      }
    }
    // A scope that assay.yaml states takes the roots whose files it names.
    std::vector<ScopedFile> files;
    for (const auto& [name, source] : terraform_files_) files.push_back({name, {}});
    Diagnostics unsaid;
    const ScopePlan stated = plan_scopes(files, {}, {}, session_.settings.scopes, unsaid);
    for (const auto& [name, scope] : stated.scope_of)
      for (const ScopeSetting& setting : session_.settings.scopes)
        if (setting.name == scope) terraform_scope_.emplace(directory_of(name), scope);
  }

  void plans_and_states(const terraform::LoadOptions& options) {
    for (Input& input : inputs_) {
      const bool plan = input.candidate.format == Format::plan;
      if (!plan && input.candidate.format != Format::state) continue;
      const Source& source = session_.sources.add(input.file.name, std::move(input.read.bytes));
      Diagnostics said;
      ParsedFile parsed = json::parse(source, options_.limits, said);
      const bool readable = said.errors() == 0;
      diagnostics_.append(std::move(said));
      if (!readable) continue;
      auto shown = std::make_unique<terraform::Shown>(source, std::move(parsed), plan, *session_.tree, session_.sources, session_.rulebook.catalog.data, options);
      shown->read(diagnostics_);
      if (input.context) shown_context_.insert(shown->name());
      session_.shown.push_back(std::move(shown));
    }
    std::erase_if(inputs_, [](const Input& one) { return one.candidate.format == Format::plan || one.candidate.format == Format::state; });
  }

  std::string terraform_scope(const std::string& directory) const {
    const auto stated = terraform_scope_.find(directory);
    return stated == terraform_scope_.end() ? directory : stated->second;
  }

  // Scopes from the whole base, so that they have the same names whatever part of it is audited.
  void plan() {
    std::vector<ScopedFile> files;
    std::vector<std::string> charts = walk_.charts;
    std::unordered_set<std::string> audited;
    for (const Input& input : inputs_) {
      audited.insert(input.file.path);
      if (!input.kustomization()) files.push_back({input.file.name, input.candidate.addresses});
    }
    Diagnostics unsaid;
    const bool whole = std::any_of(options_.paths.begin(), options_.paths.end(), [&](const std::string& path) {
      return path != "-" && find_base({path}).path == base_.path && name_in(base_, std::filesystem::absolute(path).lexically_normal().string()) == ".";
    }) || options_.paths.empty();
    const bool only_standard_input = options_.paths == std::vector<std::string>{"-"};
    if (base_.git && !whole && !only_standard_input) {
      WalkOptions survey = walk_options();
      survey.entry_limit = survey_entries;
      Walk around = walk({base_.path}, survey, unsaid);
      if (around.complete) {
        std::erase_if(around.files, [&](const FoundFile& file) { return audited.count(file.path) || file.size > survey_bytes; });
        surveyed_.resize(around.files.size());
        for_each_index(options_.jobs, around.files.size(), [&](std::size_t i) {
          Input& input = surveyed_[i];
          input.file = std::move(around.files[i]);
          FileBytes read = read_file(input.file, survey_bytes);
          input.candidate = judge(read.bytes, input.file.json);
          if (input.kustomization()) input.read = std::move(read);
        });
        for (const Input& input : surveyed_)
          if (input.candidate.ours && !input.kustomization()) files.push_back({input.file.name, input.candidate.addresses});
        charts.insert(charts.end(), around.charts.begin(), around.charts.end());
      }
    }
    std::vector<Kustomization> kustomizations;
    for (Input& input : inputs_) {
      if (!input.kustomization()) continue;
      input.source = session_.sources.add(input.file.name, std::move(input.read.bytes)).id();
      input.parsed = yaml::parse(session_.sources.get(input.source), options_.limits, diagnostics_);
      if (!input.parsed.documents.empty()) kustomizations.push_back({input.file.name, input.parsed.documents[0].root, !input.context});
    }
    for (Input& input : surveyed_) {
      if (!input.kustomization()) continue;
      input.parsed = yaml::parse(survey_sources_.add(input.file.name, std::move(input.read.bytes)), options_.limits, unsaid);
      if (!input.parsed.documents.empty()) kustomizations.push_back({input.file.name, input.parsed.documents[0].root, false});
    }
    plan_ = plan_scopes(files, kustomizations, charts, session_.settings.scopes, diagnostics_);

    std::unordered_set<std::string> names;
    for (const Input& input : inputs_) names.insert(input.file.name);
    session_.report.not_assessed = std::move(walk_.not_assessed);
    for (NotAssessed& one : plan_.not_assessed)
      if (names.count(one.path)) session_.report.not_assessed.push_back(std::move(one));
    std::sort(session_.report.not_assessed.begin(), session_.report.not_assessed.end(), [](const NotAssessed& a, const NotAssessed& b) {
      return a.path != b.path ? a.path < b.path : a.reason < b.reason;
    });
    std::erase_if(inputs_, [&](const Input& input) {
      return input.kustomization() || (plan_.fragments.count(input.file.name) && !input.file.named);
    });
  }

  void parse() {
    // The largest files first, so that none is left for the end; sources are numbered by name.
    std::vector<std::size_t> order(inputs_.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
      order[i] = i;
      inputs_[i].source = session_.sources.add(inputs_[i].file.name, std::move(inputs_[i].read.bytes)).id();
    }
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return session_.sources.get(inputs_[a].source).bytes().size() > session_.sources.get(inputs_[b].source).bytes().size();
    });
    for_each_index(options_.jobs, order.size(), [&](std::size_t i) {
      Input& input = inputs_[order[i]];
      const Source& source = session_.sources.get(input.source);
      input.parsed = input.candidate.format == Format::json ? json::parse(source, options_.limits, input.diagnostics)
                                                            : yaml::parse(source, options_.limits, input.diagnostics);
    });
    std::set<std::string, std::less<>> clustered;
    for (const Input& input : inputs_)
      for (std::string& type : kubernetes::cluster_scoped_types(input.parsed)) clustered.insert(std::move(type));
    const auto is_clustered = [&](std::string_view type) { return clustered.find(type) != clustered.end(); };
    for_each_index(options_.jobs, order.size(), [&](std::size_t i) {
      Input& input = inputs_[order[i]];
      input.objects = kubernetes::objects(input.parsed, is_clustered, input.parsed.arena, input.diagnostics);
      if (!input.context) input.waivers = inline_waivers(input.parsed, session_.sources, input.diagnostics);
      input.rendered = rendered_from(input.parsed, session_.sources);
    });
    for (Input& input : inputs_) {
      if (input.objects.empty() && input.diagnostics.errors() == 0) nothing_in(input);
      diagnostics_.append(std::move(input.diagnostics));
    }
  }

  // It looked like ours and holds no object, say an API description with these keys somewhere.
  void nothing_in(const Input& input) {
    if (!input.file.named) {
      ++session_.report.other_files;
      return;
    }
    Diagnostic diagnostic;
    diagnostic.code = "not-ours";
    diagnostic.path = input.file.name;
    diagnostic.message = "no Kubernetes object is in this file: an object has `apiVersion` and `kind`";
    diagnostic.incomplete = true;
    diagnostics_.add(std::move(diagnostic));
  }

  std::string scope_name(const Input& input) const {
    if (input.file.name == "-") return "-";
    const auto found = plan_.scope_of.find(input.file.name);
    return found == plan_.scope_of.end() ? std::string(directory_of(input.file.name)) : found->second;
  }

  void build() {
    Graph& graph = session_.graph;
    std::map<std::string, ScopeId> scopes;
    for (const Input& input : inputs_)
      if (!input.objects.empty()) scopes.emplace(scope_name(input), 0);
    if (session_.terraform)
      for (const auto& root : session_.terraform->roots()) scopes.emplace(terraform_scope(root->root().directory), 0);
    for (const auto& shown : session_.shown) scopes.emplace(shown->name(), 0);
    for (auto& [name, id] : scopes) id = graph.add_scope(scope(name));
    check_scope_names(scopes);
    for (Input& input : inputs_) {
      if (input.objects.empty()) continue;
      const ScopeId id = scopes.at(scope_name(input));
      for (kubernetes::Object& object : input.objects) {
        const std::size_t before = graph.resources().size();
        kubernetes::add(graph, id, std::move(object), Evidence::declared);
        if (input.context) mark_context(before);
      }
      input.objects.clear();
      input.objects.shrink_to_fit();
    }
    kubernetes::add_implied(graph);
    if (session_.terraform) session_.terraform->add(graph, [&](const std::string& directory) { return scopes.at(terraform_scope(directory)); });
    for (const auto& shown : session_.shown) shown->add(graph, scopes.at(shown->name()), shown_context_.contains(shown->name()));
    graph.order(session_.sources);
    kubernetes::add_edges(graph);
    for (const auto& shown : session_.shown) shown->add_edges(graph);
    if (session_.terraform) session_.terraform->add_edges(graph);
    graph.freeze();
    duplicates();
    for (Input& input : inputs_) {
      std::move(input.waivers.begin(), input.waivers.end(), std::back_inserter(session_.inline_waivers));
      std::move(input.rendered.begin(), input.rendered.end(), std::back_inserter(session_.rendered));
      session_.files.push_back(std::move(input.parsed));
    }
  }

  // A plan and a configuration say the same of one system: each is a world of its own.
  bool is_shown(const std::string& name) const {
    return std::any_of(session_.shown.begin(), session_.shown.end(), [&](const auto& shown) { return shown->name() == name; });
  }

  Scope scope(const std::string& name) const {
    Scope scope;
    scope.name = name;
    const Settings& settings = session_.settings;
    const auto stated = settings.environment_of.find(name);
    scope.environment = stated != settings.environment_of.end() ? stated->second : plan_.apart.count(name) || terraform_apart_.count(name) || is_shown(name) ? name : "";
    scope.closed_world = settings.closed_world;
    for (const ScopeSetting& setting : settings.scopes)
      if (setting.name == name) scope.closed_world.insert(scope.closed_world.end(), setting.closed_world.begin(), setting.closed_world.end());
    return scope;
  }

  // A stated scope that holds nothing, or an environment of a scope that is not there, is a likely slip;
  // when a part of the base is audited it may only be elsewhere.
  void check_scope_names(const std::map<std::string, ScopeId>& scopes) {
    const bool part = !options_.paths.empty();
    if (part) return;
    for (const ScopeSetting& setting : session_.settings.scopes)
      if (!scopes.count(setting.name)) diagnostics_.warning("settings", setting.span, "scope `" + setting.name + "` holds no object: check its `paths`");
  }

  void mark_context(std::size_t from) {
    for (ResourceId id = static_cast<ResourceId>(from); id < session_.graph.resources().size(); ++id) session_.graph.mark_context(id);
  }

  void duplicates() {
    const auto& resources = session_.graph.resources();
    for (std::size_t i = 1; i < resources.size(); ++i) {
      const Resource &first = resources[i - 1], &second = resources[i];
      if (first.scope != second.scope || first.address != second.address || first.implied || second.implied || second.context) continue;
      Diagnostic& warning = diagnostics_.warning(
          "duplicate-address", second.header,
          "`" + second.address + "` stands twice in scope `" + session_.graph.scope(second.scope).name +
              "`: both are judged; if they are deployed apart, name their `scopes` in assay.yaml");
      warning.notes.push_back({first.header, "the other one stands here"});
    }
  }

  const SessionOptions& options_;
  Session& session_;
  Diagnostics& diagnostics_;
  Base base_;
  Walk walk_;
  std::vector<Input> inputs_, surveyed_;
  Sources survey_sources_;
  std::map<std::string, SourceId> terraform_files_;
  std::map<std::string, std::string> terraform_scope_;  // of a root's directory, where assay.yaml states one
  std::set<std::string> terraform_apart_, shown_context_;
  ScopePlan plan_;
};

// Values of `--param`, read as YAML so that numbers are numbers.
void read_params(const SessionOptions& options, Session& session, Selection& selection) {
  for (const auto& [name, value] : session.settings.params) selection.parameters[name] = value;
  for (const auto& [name, text] : options.params) {
    const Source& source = session.sources.add("--param " + name, text);
    session.files.push_back(yaml::parse(source, options.limits, session.report.diagnostics));
    const auto& documents = session.files.back().documents;
    if (!documents.empty() && documents[0].root) selection.parameters[name] = documents[0].root;
  }
}

// A profile is a name, or a file: with a slash or a YAML ending.
void read_profile_of(const SessionOptions& options, Session& session, Selection& selection) {
  const bool own = !options.profile.empty();
  const std::string& profile = own ? options.profile : session.settings.profile;
  if (profile.empty()) return;
  selection.profile = profile;
  const bool file = profile.find('/') != std::string::npos || profile.ends_with(".yaml") || profile.ends_with(".yml");
  if (!file) return;
  const std::filesystem::path path = own ? std::filesystem::path(profile) : std::filesystem::path(session.settings.directory) / profile;
  FileBytes read = read_file({profile, path.string()}, 16u << 20);
  if (!read.failure.empty()) {
    Diagnostic diagnostic;
    diagnostic.code = "unreadable-file";
    diagnostic.path = profile;
    diagnostic.message = "the profile cannot be read: " + read.failure;
    session.report.diagnostics.add(std::move(diagnostic));
    return;
  }
  const Source& source = session.sources.add(profile, std::move(read.bytes));
  session.files.push_back(yaml::parse(source, options.limits, session.report.diagnostics));
  const auto& documents = session.files.back().documents;
  selection.profile = path.stem().string();
  if (!documents.empty() && documents[0].root)
    selection.own_profile = read_profile(selection.profile, documents[0].root, session.report.diagnostics);
}

// Waivers that no rule answers to: a slip in ours, nothing to say of other tools' (they have more checks).
std::vector<Waiver> known_waivers(std::vector<Waiver> waivers, const Catalog& catalog, Diagnostics& diagnostics) {
  std::vector<Waiver> known;
  for (Waiver& waiver : waivers) {
    const bool any = std::any_of(catalog.rules.begin(), catalog.rules.end(),
                                 [&](const auto& rule) { return names_rule(waiver.rule, rule.second.info, true); });
    if (any) {
      known.push_back(std::move(waiver));
      continue;
    }
    if (waiver.foreign) continue;
    std::vector<std::string_view> candidates;
    for (const auto& [id, rule] : catalog.rules) {
      candidates.push_back(id);
      for (const std::string& alias : rule.info.aliases) candidates.push_back(alias);
    }
    std::string message = "no rule is called `" + waiver.rule + "`, so this waives nothing";
    if (const std::string_view near = nearest(waiver.rule, candidates); !near.empty()) message += "; did you mean `" + std::string(near) + "`?";
    diagnostics.warning("unknown-rule", waiver.span, std::move(message));
  }
  return known;
}

// What helm rendered points back to its template.
void trace_templates(Report& report, const std::vector<RenderedFrom>& rendered) {
  for (Finding& finding : report.findings) {
    const Resource& resource = report.graph->resource(finding.resource);
    if (!resource.value) continue;
    const Span whole = resource.value.span();
    for (const RenderedFrom& from : rendered) {
      if (from.object.source != whole.source || whole.begin < from.object.begin || whole.end > from.object.end) continue;
      finding.trace.push_back({from.comment, "rendered from `" + std::string(from.template_name) + "`"});
    }
  }
}

// Admission policies of the inputs and of the rules become rules.
void add_admission(const SessionOptions& options, Session& session) {
  Rulebook& book = session.rulebook;
  const auto among_inputs = [&](const char* type) { return !session.graph.of_type("k8s:" + std::string(type)).empty(); };
  if (!book.admission && !among_inputs("admissionregistration.k8s.io/ValidatingAdmissionPolicy") &&
      !among_inputs("admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding") &&
      !among_inputs("policies.kyverno.io/ValidatingPolicy") && !among_inputs("policies.kyverno.io/NamespacedValidatingPolicy"))
    return;
  kubernetes::admission::Admission& admission = admission_of(book);
  admission.request.user = options.as_user;
  admission.request.groups = options.as_groups;
  kubernetes::admission::add_graph(admission, session.graph, book.catalog.text_map, session.report.diagnostics);
  kubernetes::admission::add_rules(book.admission, book.catalog, session.report.diagnostics, true);
}

// From the graph to the report.
void judge(const SessionOptions& options, Session& session) {
  Report& report = session.report;
  add_admission(options, session);
  kubernetes::crd::add_rules(session.graph, session.rulebook.catalog, report.diagnostics);

  Selection selection;
  selection.only = options.only;
  selection.skip = options.skip;
  selection.families = options.families;
  const std::size_t before = report.diagnostics.errors();
  read_params(options, session, selection);
  read_profile_of(options, session, selection);
  std::vector<SelectedRule> selected;
  if (report.diagnostics.errors() == before) selected = select(session.rulebook.catalog, selection, report.diagnostics);
  session.misconfigured = report.diagnostics.errors() != before;
  if (session.misconfigured) return;

  AuditOptions audit_options;
  audit_options.as_of = options.as_of;
  audit_options.jobs = options.jobs;
  audit_options.profile = selection.profile;
  std::vector<Waiver> waivers = session.settings.waivers;
  std::move(session.inline_waivers.begin(), session.inline_waivers.end(), std::back_inserter(waivers));
  audit_options.waivers = known_waivers(std::move(waivers), session.rulebook.catalog, report.diagnostics);

  Analyses analyses(session.graph);
  analyses.bind(selected, report.diagnostics);
  Report audited = audit(session.rulebook.catalog, selected, session.graph, session.sources, std::move(audit_options));
  audited.diagnostics.append(analyses.take_diagnostics());
  audited.diagnostics.append(std::move(report.diagnostics));
  audited.not_assessed = std::move(report.not_assessed);
  audited.files = report.files;
  audited.other_files = report.other_files;
  report = std::move(audited);
  trace_templates(report, session.rendered);
}

}  // namespace

std::string default_audit_date() {
  if (const char* const epoch = std::getenv("SOURCE_DATE_EPOCH")) {
    const std::string_view text = epoch;
    std::int64_t seconds = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || rest != text.data() + text.size() || seconds < 0) return {};
    return format_date(seconds / 86400);
  }
  return format_date(static_cast<std::int64_t>(std::time(nullptr)) / 86400);
}

std::unique_ptr<Session> load_session(const SessionOptions& options) {
  auto session = std::make_unique<Session>();
  session->report.as_of = options.as_of;
  session->report.version = ASSAY_VERSION;
  session->report.sources = &session->sources;
  session->report.graph = &session->graph;
  Loader(options, *session).load();
  return session;
}

std::unique_ptr<Session> run_session(const SessionOptions& options) {
  std::unique_ptr<Session> session = load_session(options);
  if (!session->misconfigured) judge(options, *session);
  Report& report = session->report;
  report.version = ASSAY_VERSION;
  report.sources = &session->sources;
  report.graph = &session->graph;
  report.diagnostics.sort(session->sources);
  report.incomplete = report.incomplete || report.diagnostics.incomplete();
  return session;
}

}  // namespace assay

#include "parsers/settings.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

#include "engine/date.hpp"
#include "engine/reader.hpp"
#include "parsers/kubernetes/kinds.hpp"
#include "parsers/yaml/yaml.hpp"

namespace assay {

namespace {

constexpr std::string_view code = "settings";

// Keys that other versions of assay read. They are no mistakes.
constexpr std::array<std::string_view, 8> of_later = {"documents", "realizes", "promises", "attestations",
                                                      "groups",    "nodes",    "data_classes", "ruleset"};

class SettingsReader {
 public:
  SettingsReader(Settings& out, Diagnostics& diagnostics, std::string prefix)
      : out_(out), diagnostics_(diagnostics), prefix_(std::move(prefix)) {}

  void read(Value root) {
    MapReader top(root, "settings file", std::string(code), diagnostics_);
    if (!top.valid()) return;
    out_.profile = top.text("profile");
    for (const Entry& entry : top.map("params").entries()) out_.params.emplace(entry.key(), entry.value);
    if (const Value thresholds = top.map("thresholds")) read_thresholds(thresholds);
    for (const std::string& pattern : top.texts("exclude")) out_.exclude += pattern + "\n";
    out_.exclude_base = prefix_;
    read_scopes(top.value("scopes"));
    if (const Value environments = top.map("environments")) read_environments(environments);
    out_.closed_world = types(top.texts("closed_world"));
    for (const Value waiver : top.list("waivers").items()) read_waiver(waiver);
    for (const std::string_view key : of_later) {
      const Entry* entry = root.find_entry(key);
      top.value(key);
      if (!entry) continue;
      diagnostics_.note(std::string(code), {root.span().source, entry->key_begin, entry->key_begin + entry->key_size},
                        "`" + std::string(key) + "` is known, but this version of assay does not use it");
    }
    top.finish();
  }

 private:
  void read_thresholds(Value map) {
    MapReader reader(map, "map of thresholds", std::string(code), diagnostics_);
    Settings::Thresholds& t = out_.thresholds;
    t.fail_on = one_of(reader, "fail_on", {"critical", "high", "medium", "low", "info", "never"});
    t.unknown = one_of(reader, "unknown", {"ignore", "warn", "fail"});
    t.incomplete = one_of(reader, "incomplete", {"fail", "warn"});
    t.if_empty = one_of(reader, "if_empty", {"fail", "pass"});
    t.min_coverage = reader.text("min_coverage");
    if (!t.min_coverage.empty()) {
      double percent = -1;
      const char* const end = t.min_coverage.data() + t.min_coverage.size();
      const auto [rest, error] = std::from_chars(t.min_coverage.data(), end, percent);
      if (error != std::errc() || rest != end || !(percent >= 0 && percent <= 100))
        reader.error(map.find("min_coverage"), "`min_coverage` is a percentage from 0 to 100");
    }
    reader.finish();
  }

  std::string one_of(MapReader& reader, std::string_view key, const std::vector<std::string_view>& words) {
    const std::string word = reader.text(key);
    if (word.empty() || std::find(words.begin(), words.end(), word) != words.end()) return word;
    std::string message = "`" + std::string(key) + "` is one of";
    for (const std::string_view allowed : words) message += (allowed == words[0] ? " `" : ", `") + std::string(allowed) + "`";
    if (const std::string_view near = nearest(word, words); !near.empty()) message += "; did you mean `" + std::string(near) + "`?";
    reader.error(reader.map().find(key), message);
    return {};
  }

  // A list of {name, paths, …}, or a map of name -> paths.
  void read_scopes(Value scopes) {
    if (!scopes || scopes.is_null()) return;
    if (!scopes.is_list()) {
      diagnostics_.error(std::string(code), located(scopes).span, "`scopes` is a list of `{name, paths}`");
      return;
    }
    for (const Value item : scopes.items()) {
      MapReader reader(item, "scope", std::string(code), diagnostics_);
      if (!reader.valid()) continue;
      ScopeSetting scope;
      scope.span = item.span();
      scope.name = reader.required_text("name");
      reader.required("paths");
      for (const std::string& path : reader.texts("paths")) scope.paths.push_back(below(path));
      scope.environment = reader.text("environment");
      scope.closed_world = types(reader.texts("closed_world"));
      reader.finish();
      if (!scope.environment.empty()) out_.environment_of[scope.name] = scope.environment;
      const bool twice = std::any_of(out_.scopes.begin(), out_.scopes.end(), [&](const ScopeSetting& s) { return s.name == scope.name; });
      if (twice) reader.error(item.find("name"), "there is a scope `" + scope.name + "` already: name each scope once");
      out_.scopes.push_back(std::move(scope));
    }
  }

  void read_environments(Value map) {
    for (const Entry& entry : map.entries()) {
      const Value scopes = entry.value;
      if (!scopes.is_list()) {
        diagnostics_.error(std::string(code), located(scopes).span, "an environment is a list of names of scopes");
        continue;
      }
      for (const Value scope : scopes.items()) {
        const std::string name = scalar_text(scope);
        const auto [known, fresh] = out_.environment_of.emplace(name, entry.key());
        if (!fresh && known->second != entry.key())
          diagnostics_.error(std::string(code), scope.span(), "scope `" + name + "` is in environment `" + known->second + "` already");
      }
    }
  }

  void read_waiver(Value item) {
    MapReader reader(item, "waiver", std::string(code), diagnostics_);
    if (!reader.valid()) return;
    Waiver waiver;
    waiver.rule = reader.required_text("rule");
    waiver.reason = reader.required_text("reason");
    waiver.resource = reader.text("resource");
    waiver.path = reader.text("path");
    if (!waiver.path.empty()) waiver.path = below(waiver.path);
    waiver.container = reader.text("container");
    waiver.field = reader.text("field");
    waiver.owner = reader.text("owner");
    waiver.approver = reader.text("approver");
    waiver.until = reader.text("until");
    waiver.span = item.span();
    waiver.origin = "assay.yaml";
    if (!waiver.until.empty() && !parse_date(waiver.until)) reader.error(item.find("until"), "`" + waiver.until + "` is not a date: write `YYYY-MM-DD`");
    reader.finish();
    out_.waivers.push_back(std::move(waiver));
  }

  // Paths in the file are relative to it; names are relative to the base.
  std::string below(std::string path) const {
    while (path.starts_with("./")) path.erase(0, 2);
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    if (prefix_.empty()) return path.empty() ? "." : path;
    if (path.empty() || path == ".") return prefix_.substr(0, prefix_.size() - 1);
    return path.starts_with(prefix_) ? path : prefix_ + path;
  }

  // `Secret` and `apps/Deployment` as people write them.
  static std::vector<std::string> types(const std::vector<std::string>& written) {
    std::vector<std::string> out;
    for (const std::string& type : written) {
      if (type == "*" || type.find(':') != std::string::npos) out.push_back(type);
      else if (type.find('/') != std::string::npos) out.push_back("k8s:" + type);
      else for (std::string& full : kubernetes::types_named(type)) out.push_back(std::move(full));
    }
    return out;
  }

  Settings& out_;
  Diagnostics& diagnostics_;
  std::string prefix_;
};

}  // namespace

std::string find_settings(const Base& base, const std::string& path) {
  std::error_code error;
  std::filesystem::path at = std::filesystem::absolute(path == "-" ? "." : path, error).lexically_normal();
  if (!std::filesystem::is_directory(at, error)) at = at.parent_path();
  for (;; at = at.parent_path()) {
    for (const char* const name : {"assay.yaml", "assay.yml"}) {
      const std::string candidate = (at / name).string();
      struct stat status {};
      if (::stat(candidate.c_str(), &status) == 0 && S_ISREG(status.st_mode)) return candidate;
    }
    std::string here = at.string();
    while (here.size() > 1 && here.ends_with('/')) here.pop_back();
    if (here == base.path || !at.has_relative_path()) return {};
  }
}

Settings read_settings(const std::string& path, const Base& base, Sources& sources, Diagnostics& diagnostics) {
  Settings settings;
  settings.name = name_in(base, path);
  settings.directory = std::filesystem::path(path).parent_path().string();
  constexpr std::uint64_t limit = 16u << 20;
  FileBytes file = read_file({settings.name, path}, limit);
  if (!file.failure.empty() || file.cut) {
    Diagnostic diagnostic;
    diagnostic.code = code;
    diagnostic.path = settings.name;
    diagnostic.message = file.cut ? "settings of more than 16 MiB are not read" : "settings cannot be read: " + file.failure;
    diagnostics.add(std::move(diagnostic));
    return settings;
  }
  const Source& source = sources.add(settings.name, std::move(file.bytes));
  settings.file = yaml::parse(source, {}, diagnostics);
  const std::string_view directory = directory_of(settings.name);
  SettingsReader reader(settings, diagnostics, directory == "." ? "" : std::string(directory) + "/");
  for (const Document& document : settings.file.documents) {
    if (!document.root || document.root.is_null()) continue;
    if (document.ordinal > 0) {
      diagnostics.error(std::string(code), document.root.span(), "settings are one document: merge this one into the first");
      continue;
    }
    reader.read(document.root);
  }
  return settings;
}

}  // namespace assay

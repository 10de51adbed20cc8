#include "cli/terraform.hpp"

#include <algorithm>
#include <filesystem>

extern char** environ;  // NOLINT: POSIX's own name

namespace assay {

namespace fs = std::filesystem;

DiskTree::DiskTree(const Base& base, Sources& sources, std::uint64_t limit) : base_(base.path), sources_(sources), limit_(limit) {
  std::error_code error;
  real_base_ = fs::canonical(base_, error).string();
}

void DiskTree::add(const std::string& name, const Source& source) {
  const std::scoped_lock lock(mutex_);
  known_.emplace(name, &source);
}

std::string DiskTree::inside(const std::string& name, std::string& error) const {
  const std::string path = name == "." ? base_ : base_ + (base_ == "/" ? "" : "/") + name;
  std::error_code failure;
  const std::string real = fs::canonical(path, failure).string();
  if (failure) {
    error = failure == std::errc::no_such_file_or_directory ? "it does not exist" : failure.message();
    return {};
  }
  const bool within = real_base_ == "/" || real == real_base_ || real.starts_with(real_base_ + "/");
  if (within) return path;
  error = "a symbolic link leads out of the audited tree";
  return {};
}

std::vector<std::string> DiskTree::entries(const std::string& directory, bool directories, std::string& error) {
  const std::string path = inside(directory, error);
  std::vector<std::string> names;
  if (path.empty()) return names;
  std::error_code failure;
  fs::directory_iterator at(path, failure);
  for (const fs::directory_iterator end; !failure && at != end; at.increment(failure)) {
    std::error_code unsaid;
    const fs::file_status status = at->status(unsaid);
    const bool wanted = directories ? fs::is_directory(status) && !at->is_symlink(unsaid) : fs::is_regular_file(status);
    if (wanted) names.push_back(at->path().filename().string());
  }
  if (failure) error = failure.message();
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> DiskTree::list(const std::string& directory, std::string& error) { return entries(directory, false, error); }

std::vector<std::string> DiskTree::directories(const std::string& directory) {
  std::string unsaid;
  return entries(directory, true, unsaid);
}

const Source* DiskTree::read(const std::string& name, std::string& error) {
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = known_.find(name); found != known_.end()) return found->second;
  }
  const std::string path = inside(name, error);
  if (path.empty()) return nullptr;
  std::error_code failure;
  if (!fs::is_regular_file(path, failure)) {  // a pipe or a device would wait for ever
    error = "it is no regular file";
    return nullptr;
  }
  FileBytes bytes = read_file({name, path}, limit_);
  if (bytes.failure.empty() && bytes.cut) bytes.failure = "it has more than " + std::to_string(limit_) + " bytes: raise the limit with `--max-bytes`";
  if (!bytes.failure.empty()) {
    error = bytes.failure;
    return nullptr;
  }
  const std::scoped_lock lock(mutex_);
  if (const auto found = known_.find(name); found != known_.end()) return found->second;
  return known_.emplace(name, &sources_.add(name_in({base_, false}, base_ + (base_ == "/" ? "" : "/") + name), std::move(bytes.bytes))).first->second;
}

int DiskTree::exists(const std::string& name, std::string& error) {
  const std::string path = inside(name, error);
  if (path.empty()) return error == "it does not exist" ? (error.clear(), 0) : -1;
  std::error_code failure;
  if (fs::is_regular_file(path, failure)) return 1;
  error = "it is no regular file";
  return -1;
}

std::vector<terraform::GivenVariable> given_variables(const TerraformOptions& options, const Base& base, Sources& sources,
                                                      Diagnostics& diagnostics) {
  using terraform::GivenVariable;
  std::vector<GivenVariable> given;
  if (options.environment) {
    std::vector<std::string> variables;
    for (char** at = environ; at && *at; ++at)
      if (std::string_view(*at).starts_with("TF_VAR_")) variables.emplace_back(*at);
    std::sort(variables.begin(), variables.end());
    for (const std::string& variable : variables) {
      const std::size_t equals = variable.find('=');
      if (equals == std::string::npos || equals == 7) continue;
      given.push_back({GivenVariable::Kind::environment, variable.substr(7, equals - 7),
                       &sources.add(variable.substr(0, equals), variable.substr(equals + 1))});
    }
  }
  for (const TerraformOptions::Given& one : options.variables) {
    if (!one.file) {
      given.push_back({GivenVariable::Kind::value, one.name, &sources.add("--var " + one.name, one.value)});
      continue;
    }
    FileBytes bytes = read_file({one.name, one.name}, 64u << 20);
    const std::string shown = name_in(base, fs::absolute(one.name).lexically_normal().string());
    if (!bytes.failure.empty() || bytes.cut) {
      Diagnostic diagnostic;
      diagnostic.code = "unreadable-file";
      diagnostic.path = shown;
      diagnostic.message = "the file of variables cannot be read: " + (bytes.cut ? "it is too large" : bytes.failure);
      diagnostic.incomplete = true;
      diagnostics.add(std::move(diagnostic));
      continue;
    }
    given.push_back({GivenVariable::Kind::file, "", &sources.add(shown, std::move(bytes.bytes))});
  }
  return given;
}

}  // namespace assay

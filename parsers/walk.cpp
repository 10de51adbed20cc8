#include "parsers/walk.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <system_error>

#include "engine/text.hpp"
#include "parsers/candidate.hpp"
#include "parsers/ignore.hpp"

namespace assay {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view version_control[] = {".git", ".hg", ".svn", ".jj", ".bzr"};

std::string absolute(std::string_view path) {
  std::error_code error;
  fs::path full = fs::absolute(fs::path(path), error).lexically_normal();
  std::string text = error ? std::string(path) : full.string();
  while (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

std::string parent_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos || slash == 0 ? "/" : std::string(path.substr(0, slash));
}

bool exists(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0;
}

bool is_directory(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool within(std::string_view path, std::string_view directory) {
  if (directory == "/") return true;
  return path.starts_with(directory) && (path.size() == directory.size() || path[directory.size()] == '/');
}

std::string joined(std::string_view directory, std::string_view name) {
  std::string path(directory);
  if (!path.ends_with('/')) path += '/';
  return path += name;
}

// Reports are UTF-8; a file's name is bytes.
std::string utf8(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size();) {
    const Decoded decoded = decode(name, i);
    if (decoded.valid) {
      out += name.substr(i, decoded.size);
    } else {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\x%02x", static_cast<unsigned char>(name[i]));
      out += escape;
    }
    i += decoded.size;
  }
  return out;
}

std::string lower_extension(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot < name.rfind('/') + 1) return {};
  std::string extension(name.substr(dot + 1));
  for (char& c : extension)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return extension;
}

bool is_kustomization(std::string_view name) {
  name = name.substr(name.rfind('/') + 1);
  return name == "kustomization.yaml" || name == "kustomization.yml" || name == "Kustomization";
}

std::string reason_of(int error) { return std::generic_category().message(error); }

class Walker {
 public:
  Walker(const WalkOptions& options, Diagnostics& diagnostics)
      : options_(options), diagnostics_(diagnostics), exclude_(options.exclude_base, options.exclude) {}

  void root(const std::string& argument) {
    if (argument == "-") {
      out_.files.push_back({"-", "-", true, false, 0});
      return;
    }
    const std::string path = absolute(argument);
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
      const int error = errno;
      unreadable(path, error == ENOENT && ::lstat(path.c_str(), &status) != 0
                           ? "no such file or directory: check the spelling of `" + argument + "`"
                           : "cannot be read: " + reason_of(error));
      return;
    }
    if (const std::string chart = chart_around(path); !chart.empty()) {
      templates(chart);
      return;
    }
    if (!S_ISDIR(status.st_mode)) {
      add_file(path, true, static_cast<std::uint64_t>(status.st_size));
      return;
    }
    root_ = path;
    real_root_ = real(path);
    start(path);
    while (!pending_.empty() && out_.complete) {
      const Pending next = std::move(pending_.back());
      pending_.pop_back();
      directory(next);
    }
    pending_.clear();
  }

  Walk finish() {
    std::sort(out_.files.begin(), out_.files.end(), [](const FoundFile& a, const FoundFile& b) {
      return a.path != b.path ? (a.name != b.name ? a.name < b.name : a.path < b.path) : a.named > b.named;
    });
    const auto same = [](const FoundFile& a, const FoundFile& b) { return a.path == b.path; };
    out_.files.erase(std::unique(out_.files.begin(), out_.files.end(), same), out_.files.end());
    for (const FoundFile& file : out_.files)
      if (is_kustomization(file.name)) out_.kustomizations.push_back(file.name);
    std::sort(out_.charts.begin(), out_.charts.end());
    out_.charts.erase(std::unique(out_.charts.begin(), out_.charts.end()), out_.charts.end());
    std::sort(out_.not_assessed.begin(), out_.not_assessed.end(), [](const NotAssessed& a, const NotAssessed& b) {
      return a.path != b.path ? a.path < b.path : a.reason < b.reason;
    });
    const auto equal = [](const NotAssessed& a, const NotAssessed& b) { return a.path == b.path && a.reason == b.reason; };
    out_.not_assessed.erase(std::unique(out_.not_assessed.begin(), out_.not_assessed.end(), equal), out_.not_assessed.end());
    return std::move(out_);
  }

 private:
  // Ignore files of a directory and of those above it, innermost first.
  struct Ignores {
    std::shared_ptr<const Ignores> above;
    IgnoreFile file;
  };
  struct Pending {
    std::string path;
    std::shared_ptr<const Ignores> ignores;
    bool in_chart = false;  // below a chart's `charts/`: its own templates are the parent's business
    int links = 0;          // symbolic links followed on the way here
  };

  std::string real(const std::string& path) const {
    std::error_code error;
    const fs::path resolved = fs::canonical(path, error);
    return error ? std::string() : resolved.string();
  }

  void unreadable(const std::string& path, std::string message) {
    Diagnostic diagnostic;
    diagnostic.code = "unreadable-file";
    diagnostic.path = name_in(options_.base, path);
    diagnostic.message = std::move(message);
    diagnostic.incomplete = true;
    diagnostics_.add(std::move(diagnostic));
  }

  void leave_out(const std::string& path, std::string reason, std::string remedy) {
    out_.not_assessed.push_back({name_in(options_.base, path), std::move(reason), std::move(remedy)});
  }

  // Ignore files between the base and a root count as well.
  void start(const std::string& path) {
    std::shared_ptr<const Ignores> ignores;
    bool in_chart = false;
    if (within(path, options_.base.path)) {
      if (options_.base.git) ignores = with(ignores, joined(options_.base.path, ".git/info/exclude"), options_.base.path);
      std::vector<std::string> above;
      for (std::string at = path; at != options_.base.path && at != "/";) {
        at = parent_of(at);
        above.push_back(at);
      }
      for (auto at = above.rbegin(); at != above.rend(); ++at) {
        ignores = with(ignores, joined(*at, ".gitignore"), *at);
        in_chart |= exists(joined(*at, "Chart.yaml"));
      }
    }
    pending_.push_back({path, std::move(ignores), in_chart, 0});
  }

  std::shared_ptr<const Ignores> with(std::shared_ptr<const Ignores> above, const std::string& path,
                                      const std::string& directory) const {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return above;
    const FileBytes file = read_file({{}, path}, 1 << 20);
    std::string base = directory == "/" ? "" : directory.substr(1);
    if (!base.empty()) base += '/';
    IgnoreFile patterns(std::move(base), file.bytes);
    if (patterns.empty()) return above;
    return std::make_shared<const Ignores>(Ignores{std::move(above), std::move(patterns)});
  }

  bool ignored(const Ignores* ignores, const std::string& path, bool directory) const {
    if (!exclude_.empty() && exclude_.match(name_in(options_.base, path), directory) == Ignored::yes) return true;
    for (; ignores; ignores = ignores->above.get()) {
      switch (ignores->file.match(std::string_view(path).substr(1), directory)) {
        case Ignored::yes: return true;
        case Ignored::no: return false;
        case Ignored::undecided: break;
      }
    }
    return false;
  }

  void directory(const Pending& at) {
    std::error_code error;
    fs::directory_iterator entries(at.path, error);
    if (error) return unreadable(at.path, "directory cannot be read: " + error.message());
    const auto ignores = with(at.ignores, joined(at.path, ".gitignore"), at.path);
    const bool chart = exists(joined(at.path, "Chart.yaml"));
    if (chart) {
      out_.charts.push_back(name_in(options_.base, at.path));
      if (!at.in_chart && is_directory(joined(at.path, "templates"))) templates(at.path);
    }
    for (const fs::directory_iterator end; entries != end;) {
      if (options_.entry_limit != 0 && ++seen_ > options_.entry_limit) {
        out_.complete = false;
        return;
      }
      entry(*entries, at, ignores, chart);
      entries.increment(error);
      if (error) return unreadable(at.path, "directory cannot be read to its end: " + error.message());
    }
  }

  void entry(const fs::directory_entry& entry, const Pending& at, const std::shared_ptr<const Ignores>& ignores, bool chart) {
    const std::string path = entry.path().string();
    const std::string name = entry.path().filename().string();
    std::error_code error;
    const fs::file_status own = entry.symlink_status(error);
    const bool link = own.type() == fs::file_type::symlink;
    const fs::file_status status = link ? fs::status(entry.path(), error) : own;
    const std::string extension = lower_extension(name);
    const bool readable_name = extension == "yaml" || extension == "yml" || extension == "json" || is_kustomization(name) ||
                               terraform_format(name) == Format::terraform;

    if (status.type() == fs::file_type::directory) {
      if (std::find(std::begin(version_control), std::end(version_control), name) != std::end(version_control)) return;
      if (chart && name == "templates") return;
      if (name == ".terraform") return;  // copies of modules: read when a configuration calls them
      if (ignored(ignores.get(), path, true)) return;
      if (link && !follow(path, at)) return;
      pending_.push_back({path, ignores, at.in_chart || chart, at.links + link});
      return;
    }
    if (!readable_name || ignored(ignores.get(), path, false)) return;
    if (status.type() == fs::file_type::not_found || status.type() == fs::file_type::none) {
      unreadable(path, link ? "symbolic link leads nowhere or in a circle: mend or remove it" : "cannot be read: " + error.message());
      return;
    }
    if (status.type() != fs::file_type::regular) return;  // a pipe or a device would wait for ever
    if (link && !follow(path, at)) return;
    const std::uintmax_t size = fs::file_size(entry.path(), error);
    add_file(path, false, error ? 0 : size);
  }

  // What lies inside the walked tree is met there under its own name; what lies outside the base is not
  // this system's, and a change under review must not pull it into a report.
  bool follow(const std::string& path, const Pending& at) {
    const std::string target = real(path);
    if (target.empty()) {
      unreadable(path, "symbolic link leads nowhere or in a circle: mend or remove it");
      return false;
    }
    if (within(real(parent_of(path)), target)) {
      Diagnostic diagnostic;
      diagnostic.severity = DiagnosticSeverity::note;
      diagnostic.code = "symlink-loop";
      diagnostic.path = name_in(options_.base, path);
      diagnostic.message = "symbolic link leads back to a directory that contains it: not followed";
      diagnostics_.add(std::move(diagnostic));
      return false;
    }
    if (within(target, real_root_)) return false;
    if (!within(target, real(options_.base.path))) {
      leave_out(path, "symbolic link leads outside the audited tree", "assay check " + shell_quoted(target));
      return false;
    }
    constexpr int most_links = 8;
    return at.links < most_links;
  }

  void add_file(const std::string& path, bool named, std::uint64_t size) {
    out_.files.push_back({name_in(options_.base, path), path, named, lower_extension(path) == "json", size});
  }

  // The chart whose `templates/` hold this path, if any.
  std::string chart_around(const std::string& path) const {
    for (std::string at = path; at != "/"; at = parent_of(at))
      if (at.ends_with("/templates") && exists(joined(parent_of(at), "Chart.yaml"))) return parent_of(at);
    return {};
  }

  void templates(const std::string& chart) {
    leave_out(joined(chart, "templates"), "Helm templates need rendering",
              "helm template " + shell_quoted(name_in(options_.base, chart)) + " | assay check -");
  }

  const WalkOptions& options_;
  Diagnostics& diagnostics_;
  IgnoreFile exclude_;
  Walk out_;
  std::vector<Pending> pending_;
  std::string root_, real_root_;
  std::size_t seen_ = 0;
};

}  // namespace

Base find_base(const std::vector<std::string>& paths) {
  std::string common;
  for (const std::string& path : paths) {
    std::string at = absolute(path == "-" ? "." : path);
    if (!is_directory(at)) at = parent_of(at);
    if (common.empty()) common = at;
    while (!within(at, common)) common = parent_of(common);
  }
  if (common.empty()) common = absolute(".");
  for (std::string at = common;; at = parent_of(at)) {
    if (exists(joined(at, ".git"))) return {at, true};
    if (at == "/") return {common, false};
  }
}

std::string name_in(const Base& base, std::string_view absolute) {
  if (absolute == "-") return "-";
  if (!within(absolute, base.path)) return utf8(absolute);
  absolute.remove_prefix(base.path == "/" ? 0 : base.path.size());
  while (absolute.starts_with('/')) absolute.remove_prefix(1);
  return absolute.empty() ? "." : utf8(absolute);
}

Walk walk(const std::vector<std::string>& paths, const WalkOptions& options, Diagnostics& diagnostics) {
  Walker walker(options, diagnostics);
  for (const std::string& path : paths) walker.root(path);
  return walker.finish();
}

FileBytes read_file(const FoundFile& file, std::uint64_t limit) {
  FileBytes out;
  const bool standard_input = file.path == "-";
  const int descriptor = standard_input ? 0 : ::open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0) {
    out.failure = reason_of(errno);
    return out;
  }
  struct stat status {};
  std::uint64_t expected = 0;
  if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) expected = static_cast<std::uint64_t>(status.st_size);
  constexpr std::uint64_t chunk = 64 << 10;
  std::uint64_t filled = 0;
  out.bytes.resize(std::min(expected ? expected + 1 : chunk, limit + 1));
  for (;;) {
    if (filled == out.bytes.size()) {
      if (filled > limit) break;
      out.bytes.resize(std::min(std::max(filled * 2, chunk), limit + 1));
    }
    const ssize_t got = ::read(descriptor, out.bytes.data() + filled, out.bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) out.failure = reason_of(errno);
    if (got <= 0) break;
    filled += static_cast<std::uint64_t>(got);
  }
  if (!standard_input) ::close(descriptor);
  out.cut = filled > limit;
  out.bytes.resize(std::min(filled, limit));
  if (!out.failure.empty()) out.bytes.clear();
  return out;
}

std::string_view directory_of(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return slash == 0 ? "/" : name.substr(0, slash);
}

std::string shell_quoted(std::string_view word) {
  const bool plain = !word.empty() && word[0] != '-' &&
                     word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+,:@%") ==
                         std::string_view::npos;
  if (plain) return std::string(word);
  std::string out = word.starts_with('-') ? "./'" : "'";
  for (const char c : word) {
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  }
  return out += "'";
}

}  // namespace assay

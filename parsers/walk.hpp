// From the paths of a command line to the files to look at. Names are relative to the base: the git root,
// else the audited directory, so that auditing a parent or a child names things equally. Nothing is
// opened here but `.gitignore` files; what a file is, parsers/candidate says of its text.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/diagnostic.hpp"
#include "engine/report.hpp"

namespace assay {

struct FoundFile {
  std::string name;    // relative to the base, valid UTF-8; "-" is standard input
  std::string path;    // to open
  bool named = false;  // an argument of its own: it must be ours
  bool json = false;   // by its name
  std::uint64_t size = 0;
};

struct Base {
  std::string path;  // absolute, without a final slash but for "/"
  bool git = false;
};
// The base of an audit of these paths ("-" counts as the current directory).
Base find_base(const std::vector<std::string>& paths);
// The name that reports show for an absolute path.
std::string name_in(const Base& base, std::string_view absolute);

struct WalkOptions {
  Base base;
  std::string exclude;          // patterns of `exclude:`, one a line
  std::string exclude_base;     // name of their directory: "" or one that ends with `/`
  std::size_t entry_limit = 0;  // give up after so many directory entries; 0: never
};

struct Walk {
  std::vector<FoundFile> files;             // YAML, JSON and named files, by name, each once
  std::vector<std::string> kustomizations;  // names of kustomization files (which are among `files` too)
  std::vector<std::string> charts;          // names of directories with a Chart.yaml
  std::vector<NotAssessed> not_assessed;    // templates of charts, links that lead outside
  bool complete = true;                     // false: the entry limit was reached
};
// Reports what is unreadable or absent. Sorted, so that the order of a file system never shows.
Walk walk(const std::vector<std::string>& paths, const WalkOptions& options, Diagnostics& diagnostics);

// The bytes of a file, at most `limit` of them (then `cut`). Empty on failure, with the reason in words.
struct FileBytes {
  std::string bytes;
  bool cut = false;
  std::string failure;
};
FileBytes read_file(const FoundFile& file, std::uint64_t limit);

// "." for the root itself.
std::string_view directory_of(std::string_view name);
// A word as a shell reads it.
std::string shell_quoted(std::string_view word);

}  // namespace assay

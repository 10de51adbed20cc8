// Revisions of a git repository as plain files. Nothing of the repository is executed: no hooks, no filters, no
// attributes; links and submodules are left out. The only file that knows libgit2.
#pragma once

#include <cstdint>
#include <string>

namespace assay {

struct GitLimits {
  std::uint64_t bytes = 2ull << 30;
  std::uint64_t files = 500'000;
};

// Writes the files of `revision` (a branch, a tag, a commit, `HEAD~2` …) that stand under the directory `path` of a
// work tree into the directory `target`, which must exist and be empty. Empty, or why it failed, in words.
std::string export_revision(const std::string& path, const std::string& revision, const std::string& target, const GitLimits& limits = {});

}  // namespace assay

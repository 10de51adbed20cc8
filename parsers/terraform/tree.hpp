// Where the files of configurations come from: directories and files by name, relative to the base of the
// audit (`infra/main.tf`, "." for the base itself). On disk this is cli's; examples and tests have theirs in memory.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/source.hpp"

namespace assay::terraform {

class Tree {
 public:
  virtual ~Tree() = default;
  // Names (without directory) of the regular files right in a directory, sorted. `error` says why there is
  // nothing: no such directory, a link that leads out of the base.
  virtual std::vector<std::string> list(const std::string& directory, std::string& error) = 0;
  // The directories right in a directory, sorted; none where it cannot be read.
  virtual std::vector<std::string> directories(const std::string& directory) = 0;
  // The file's source, the same each time it is asked for. Null: `error` says why. Safe for any thread.
  virtual const Source* read(const std::string& name, std::string& error) = 0;
  // 1: a regular file, 0: nothing there, -1: something else, or refused (`error`).
  virtual int exists(const std::string& name, std::string& error) = 0;
};

// Files that nobody wrote to a disk: rules' examples, tests.
class MemoryTree final : public Tree {
 public:
  explicit MemoryTree(std::map<std::string, const Source*> files) : files_(std::move(files)) {}
  std::vector<std::string> list(const std::string& directory, std::string& error) override;
  std::vector<std::string> directories(const std::string& directory) override;
  const Source* read(const std::string& name, std::string& error) override;
  int exists(const std::string& name, std::string& error) override;

 private:
  std::map<std::string, const Source*> files_;
};

// `path` seen from `directory`, without `.` and `..`. False: it leads out of the base, or is absolute.
bool join(std::string_view directory, std::string_view path, std::string& out);
// `infra/main.tf` -> `infra`, `main.tf` -> ".".
std::string parent(std::string_view name);
// `infra`, `main.tf` -> `infra/main.tf`.
std::string below(std::string_view directory, std::string_view name);

}  // namespace assay::terraform

// Terraform's configurations of a session: the files on disk, the variables of the command line, and the way
// into the graph.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "parsers/terraform/adapter.hpp"
#include "parsers/terraform/shown.hpp"
#include "parsers/walk.hpp"

namespace assay {

// What the command line says for Terraform.
struct TerraformOptions {
  struct Given {
    bool file = false;
    std::string name;   // of a variable, or the file's path
    std::string value;
  };
  std::vector<Given> variables;  // --var and --var-file, in order
  bool environment = false;      // --env-vars: TF_VAR_*
  std::string workspace;         // empty: not known
  std::uint32_t instances = 100'000;
};

// The files below the base; links that lead out of it are refused.
class DiskTree final : public terraform::Tree {
 public:
  DiskTree(const Base& base, Sources& sources, std::uint64_t limit);
  // A file that was read already.
  void add(const std::string& name, const Source& source);

  std::vector<std::string> list(const std::string& directory, std::string& error) override;
  std::vector<std::string> directories(const std::string& directory) override;
  const Source* read(const std::string& name, std::string& error) override;
  int exists(const std::string& name, std::string& error) override;

 private:
  std::vector<std::string> entries(const std::string& directory, bool directories, std::string& error);
  // The path to open; empty: it leads out of the base, or is not there.
  std::string inside(const std::string& name, std::string& error) const;

  std::string base_, real_base_;
  Sources& sources_;
  std::uint64_t limit_;
  std::mutex mutex_;
  std::map<std::string, const Source*> known_;
};

// The values that the command line and, if asked for, the environment give. A file that cannot be read is an error.
std::vector<terraform::GivenVariable> given_variables(const TerraformOptions& options, const Base& base, Sources& sources,
                                                      Diagnostics& diagnostics);

}  // namespace assay

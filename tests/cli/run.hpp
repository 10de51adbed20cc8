// Running the built program on a directory of its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace assay::test {

struct Run {
  int status = -1;
  std::string out, err;
  std::string last_line() const;  // of standard error
  nlohmann::json json() const { return nlohmann::json::parse(out); }
};

// A temporary directory with files in it, and one rule of its own (`hygiene/privileged`, high: a container
// that is privileged), so that no test here depends on the rules that ride in the program.
class Workspace {
 public:
  Workspace();
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  std::string path(std::string_view name = "") const;  // of something in `in/`, the audited part
  void file(std::string_view name, std::string_view text) const;
  std::string read(std::string_view name) const;
  void shell(const std::string& command) const;  // run inside `in/`

  // The program with these arguments, inside `in/`.
  Run run(const std::vector<std::string>& arguments, std::string_view input = "") const;
  // check --rules … --only hygiene/privileged --as-of 2026-11-21 --format json, and these.
  Run check(std::vector<std::string> arguments = {}, std::string_view input = "") const;

 private:
  std::string root_;
};

// A pod; privileged or not.
std::string pod(std::string_view name, bool privileged = true, std::string_view ns = "");

// Codes of a report's diagnostics, sorted, each once.
std::vector<std::string> codes(const nlohmann::json& report);

}  // namespace assay::test

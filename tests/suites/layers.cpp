// The arrows of the design, held: who may include whom, which library is wrapped where, and that the
// engine knows no vendor's words.
#include <catch2/catch.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace fs = std::filesystem;

namespace {

struct File {
  std::string path;  // relative to the project
  std::string text;
};

std::vector<File> sources(const std::string& folder) {
  std::vector<File> files;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(ASSAY_SOURCE_DIR) / folder)) {
    const auto extension = entry.path().extension();
    if (extension != ".cpp" && extension != ".hpp") continue;
    std::ostringstream text;
    text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    files.push_back({fs::relative(entry.path(), ASSAY_SOURCE_DIR).generic_string(), text.str()});
  }
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.path < b.path; });
  return files;
}

std::vector<std::string> includes(const File& file) {
  static const std::regex pattern("#include [<\"]([^>\"]+)[>\"]");
  std::vector<std::string> found;
  for (std::sregex_iterator at(file.text.begin(), file.text.end(), pattern), end; at != end; ++at) found.push_back((*at)[1]);
  return found;
}

// Code without comments and string literals' quotes, in lower case.
std::string code(const File& file) {
  static const std::regex line_comment("//[^\n]*");
  std::string text = std::regex_replace(file.text, line_comment, "");
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

TEST_CASE("includes follow the arrows", "[layers]") {
  const std::map<std::string, std::set<std::string>> allowed = {
      {"engine", {"engine"}},
      {"parsers", {"engine", "parsers"}},
      {"reports", {"engine", "reports"}},
      {"cli", {"engine", "parsers", "reports", "cli"}},
  };
  for (const auto& [layer, may] : allowed) {
    for (const File& file : sources(layer)) {
      for (const std::string& include : includes(file)) {
        const std::string first = include.substr(0, include.find('/'));
        if (!allowed.contains(first) || include.find('/') == std::string::npos) continue;
        INFO(file.path << " includes " << include);
        CHECK(may.contains(first));
      }
    }
  }
}

TEST_CASE("each library is included by the one file that wraps it", "[layers]") {
  const std::vector<std::string> libraries = {"re2/", "libfyaml.h", "yaml.h", "simdjson.h", "z3++.h", "git2.h", "openssl/", "CLI/", "sqlite3.h", "curl/", "md4c.h"};
  std::map<std::string, std::set<std::string>> users;
  for (const std::string layer : {"engine", "parsers", "reports", "cli"}) {
    for (const File& file : sources(layer)) {
      for (const std::string& include : includes(file)) {
        for (const std::string& library : libraries)
          if (include.starts_with(library)) users[library].insert(file.path);
        if (include.starts_with("nlohmann/")) {
          INFO(file.path << " includes nlohmann");
          CHECK((file.path.starts_with("reports/json") || file.path == "reports/sarif.hpp"));
        }
        CHECK_FALSE(include.starts_with("yaml-cpp/"));
        CHECK_FALSE(include.starts_with("catch2/"));
      }
    }
  }
  for (const auto& [library, files] : users) {
    std::string names;
    for (const auto& file : files) names += file + " ";
    INFO(library << " is included by " << names);
    CHECK(files.size() == 1);
  }
}

TEST_CASE("the engine knows no vendor's words", "[layers]") {
  // CEL's Kubernetes libraries are excepted by the design; protobuf's well-known types have a JSON form.
  const std::vector<std::string> words = {"yaml", "json", "hcl", "kubernetes", "kubectl", "terraform", "aws", "azure", "gcp", "deployment",
                                          "daemonset", "statefulset", "configmap", "namespaceselector", "podspec", "hostnetwork",
                                          "securitycontext", "metadata", "apiversion", "kubelet"};
  for (const File& file : sources("engine")) {
    if (file.path.starts_with("engine/cel/libraries/") || file.path.starts_with("engine/cel/environment")) continue;
    const bool well_known = file.path.starts_with("engine/cel/wellknown");
    const std::string text = code(file);
    for (const std::string& word : words) {
      if (well_known && word == "json") continue;
      const std::regex whole("(^|[^a-z])" + word + "([^a-z]|$)");
      std::smatch match;
      const bool found = std::regex_search(text, match, whole);
      INFO(file.path << " says `" << word << "`" << (found ? " near: " + text.substr(std::max<std::ptrdiff_t>(0, match.position() - 40), 100) : ""));
      CHECK_FALSE(found);
    }
  }
}

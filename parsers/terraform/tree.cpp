#include "parsers/terraform/tree.hpp"

#include <set>

namespace assay::terraform {

std::vector<std::string> MemoryTree::list(const std::string& directory, std::string& error) {
  std::vector<std::string> names;
  for (const auto& [name, source] : files_)
    if (parent(name) == directory) names.push_back(name.substr(name.rfind('/') + 1));
  if (names.empty()) error = "no such directory";
  return names;
}

std::vector<std::string> MemoryTree::directories(const std::string& directory) {
  std::set<std::string> names;
  const std::string prefix = directory == "." ? "" : directory + "/";
  for (const auto& [name, source] : files_) {
    if (!name.starts_with(prefix)) continue;
    const std::size_t slash = name.find('/', prefix.size());
    if (slash != std::string::npos) names.insert(name.substr(prefix.size(), slash - prefix.size()));
  }
  return {names.begin(), names.end()};
}

const Source* MemoryTree::read(const std::string& name, std::string& error) {
  const auto found = files_.find(name);
  if (found != files_.end()) return found->second;
  error = "no such file";
  return nullptr;
}

int MemoryTree::exists(const std::string& name, std::string&) { return files_.contains(name) ? 1 : 0; }

bool join(std::string_view directory, std::string_view path, std::string& out) {
  if (path.starts_with('/') || path.find('\0') != std::string_view::npos) return false;
  std::vector<std::string_view> parts;
  for (std::string_view rest : {directory, path}) {
    while (!rest.empty()) {
      const std::size_t slash = rest.find('/');
      const std::string_view part = rest.substr(0, slash);
      rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
      if (part.empty() || part == ".") continue;
      if (part != "..") {
        parts.push_back(part);
      } else {
        if (parts.empty()) return false;
        parts.pop_back();
      }
    }
  }
  out.clear();
  for (const std::string_view part : parts) (out += out.empty() ? "" : "/") += part;
  if (out.empty()) out = ".";
  return true;
}

std::string parent(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string_view::npos ? "." : std::string(name.substr(0, slash));
}

std::string below(std::string_view directory, std::string_view name) {
  return directory == "." || directory.empty() ? std::string(name) : std::string(directory) + "/" + std::string(name);
}

}  // namespace assay::terraform

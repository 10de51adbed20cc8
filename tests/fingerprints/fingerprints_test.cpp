// A finding keeps its fingerprint when lines move: comments and blank lines above it, another indentation and
// style, documents in another order, another file name, items of a list in another order.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <unistd.h>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace fs = std::filesystem;

namespace {

std::string read(const fs::path& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

struct Folder {
  fs::path path;
  explicit Folder(const std::string& name) : path(fs::temp_directory_path() / ("assay-" + name + "-" + std::to_string(::getpid()))) {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
};

// Fingerprints of all findings, with the rule, so that a difference can be read.
std::set<std::string> fingerprints(const fs::path& folder) {
  const std::string command = std::string(ASSAY_PROGRAM) + " check " + folder.string() +
                              " --profile all --as-of 2026-11-21 --format json --fail-on never 2>/dev/null";
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe);
  std::string out;
  std::array<char, 65536> buffer;
  for (std::size_t n; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) out.append(buffer.data(), n);
  REQUIRE(pclose(pipe) == 0);
  std::set<std::string> all;
  const auto report = nlohmann::json::parse(out);
  for (const auto& finding : report["findings"])
    all.insert(finding["rule"].get<std::string>() + " " + finding["resource"]["address"].get<std::string>() + " " +
               finding["fingerprint"].get<std::string>());
  return all;
}

std::vector<std::string> documents(const std::string& text) {
  std::vector<std::string> all(1);
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line == "---") all.emplace_back();
    else all.back() += line + "\n";
  }
  return all;
}

// Another layout of the same content: flow style on lines of its own, quoted scalars stay quoted, and list items
// that are maps with a name in reverse order.
void write_anew(const YAML::Node& node, bool reverse, int depth, std::string& out) {
  const std::string indent(static_cast<std::size_t>(depth) * 3, ' ');
  if (node.IsMap()) {
    out += "{\n";
    for (const auto& entry : node) {
      out += indent + "   " + entry.first.as<std::string>() + ": ";
      write_anew(entry.second, reverse, depth + 1, out);
      out += ",\n";
    }
    out += indent + "}";
  } else if (node.IsSequence()) {
    bool named = node.size() > 0;
    for (const auto& item : node) named = named && item.IsMap() && item["name"];
    out += "[\n";
    for (std::size_t i = 0; i < node.size(); ++i) {
      out += indent + "   ";
      write_anew(node[reverse && named ? node.size() - 1 - i : i], reverse, depth + 1, out);
      out += ",\n";
    }
    out += indent + "]";
  } else {
    const std::string text = node.as<std::string>();
    const bool plain = node.Tag() != "!" && !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./") == std::string::npos;
    out += plain ? text : nlohmann::json(text).dump();
  }
}

std::string written_anew(const std::string& document, bool reverse) {
  // The outermost keys begin their lines: by them a file is known as a manifest.
  std::string out;
  for (const auto& entry : YAML::Load(document)) {
    out += entry.first.as<std::string>() + ": ";
    write_anew(entry.second, reverse, 1, out);
    out += "\n";
  }
  return out;
}

}  // namespace

TEST_CASE("fingerprints survive moved lines, another style and another order", "[fingerprints]") {
  const fs::path original = fs::path(ASSAY_SOURCE_DIR) / "fixtures/systems/wealth/as-documented/k8s";
  Folder base("base");
  for (const auto& entry : fs::directory_iterator(original)) fs::copy(entry.path(), base.path / entry.path().filename());
  const auto expected = fingerprints(base.path);
  REQUIRE(expected.size() > 40);

  const auto moved = [&](const std::string& name, const std::function<std::string(const std::string&)>& change, const std::string& prefix) {
    Folder folder(name);
    for (const auto& entry : fs::directory_iterator(original)) {
      std::ofstream out(folder.path / (prefix + entry.path().filename().string()), std::ios::binary);
      out << change(read(entry.path()));
    }
    INFO(name);
    const auto seen = fingerprints(folder.path);
    std::vector<std::string> lost, gained;
    std::set_difference(expected.begin(), expected.end(), seen.begin(), seen.end(), std::back_inserter(lost));
    std::set_difference(seen.begin(), seen.end(), expected.begin(), expected.end(), std::back_inserter(gained));
    CHECK(lost == std::vector<std::string>{});
    CHECK(gained == std::vector<std::string>{});
  };
  moved("lines", [](const std::string& text) { return "# a note\n\n\n" + text + "\n# the end\n"; }, "");
  moved("names", [](const std::string& text) { return text; }, "other-");
  moved("order", [](const std::string& text) {
    auto all = documents(text);
    std::reverse(all.begin(), all.end());
    std::string out;
    for (const auto& document : all) out += document + "---\n";
    return out;
  }, "");
  const auto anew = [](bool reverse) {
    return [reverse](const std::string& text) {
      std::string out;
      for (const auto& document : documents(text)) out += "---\n" + written_anew(document, reverse);
      return out;
    };
  };
  moved("style", anew(false), "");
  moved("items", anew(true), "");
}

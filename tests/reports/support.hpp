// What the tests of writers share: running a writer, golden files, files and programs outside.
#pragma once

#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

#include "reports/format.hpp"
#include "tests/reports/sample_report.hpp"

namespace sample {

inline std::string written(std::string_view format, const Report& report, const WriteOptions& options = {}) {
  std::ostringstream out;
  find_format(format)->write(report, options, out);
  return out.str();
}

inline std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write(const std::filesystem::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

// A golden file says what a person reviewed; ASSAY_BLESS=1 writes it anew.
inline void check_golden(const std::string& name, const std::string& text) {
  const std::filesystem::path path = std::filesystem::path(ASSAY_SOURCE_DIR) / "tests/reports/golden" / name;
  if (std::getenv("ASSAY_BLESS")) write(path, text);
  INFO("golden file " << name << "; ASSAY_BLESS=1 rewrites it");
  CHECK(read(path) == text);
}

// A directory that goes away with the test.
class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "assay-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("no temporary directory");
    path = name;
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  Scratch(const Scratch&) = delete;
  std::filesystem::path path;
};

struct Run {
  int status = -1;
  std::string output;
};

// `command` is made of the test's own words only.
inline Run run(const std::string& command) {
  Run result;
  FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) return result;
  std::array<char, 65536> buffer;
  while (const std::size_t got = fread(buffer.data(), 1, buffer.size(), pipe)) result.output.append(buffer.data(), got);
  const int status = pclose(pipe);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

// Checks `document` against a schema of the repository; gives its size after gzip.
inline std::size_t validated(const std::string& document, const std::string& schema) {
  Scratch scratch;
  write(scratch.path / "document.json", document);
  const std::string root = ASSAY_SOURCE_DIR;
  const Run result = run("/usr/bin/python3 '" + root + "/tests/reports/validate.py' '" + root + "/" + schema + "' '" +
                         (scratch.path / "document.json").string() + "' 2>&1");
  INFO(result.output);
  CHECK(result.status == 0);
  const std::size_t at = result.output.rfind("gzip ");
  return at == std::string::npos ? 0 : std::strtoul(result.output.c_str() + at + 5, nullptr, 10);
}

// Hostile names arrive as visible escapes: no control character but the line break, nothing bidirectional.
inline bool inert_text(std::string_view text, bool tabs_are_control = true) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '\n' || (byte == '\t' && !tabs_are_control)) continue;
    if (byte < 0x20 || byte == 0x7f) return false;
    const std::string_view rest = text.substr(i, 3);
    if (byte == 0xE2 && rest.size() == 3) {
      const auto second = static_cast<unsigned char>(rest[1]), third = static_cast<unsigned char>(rest[2]);
      if (second == 0x80 && ((third >= 0xAA && third <= 0xAE) || third == 0x8E || third == 0x8F)) return false;
      if (second == 0x81 && third >= 0xA6 && third <= 0xA9) return false;
    }
    if (byte == 0xC2 && rest.size() > 1 && static_cast<unsigned char>(rest[1]) < 0xA0) return false;
  }
  return true;
}

}  // namespace sample

// A parsed file as text, spans and comments included, for comparing two readings.
#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "engine/diagnostic.hpp"
#include "parsers/document.hpp"

namespace assay::test {

inline void describe(Value value, int depth, std::string& out) {
  if (!value) {
    out += "nothing\n";
    return;
  }
  const Span span = value.span();
  out += std::string(name_of(value.kind())) + " [" + std::to_string(span.begin) + "," + std::to_string(span.end) + ") ";
  const std::string indent(static_cast<std::size_t>(depth) * 2 + 2, ' ');
  switch (value.kind()) {
    case Kind::boolean: out += value.as_bool() ? "true" : "false"; break;
    case Kind::int64: out += std::to_string(value.as_int()); break;
    case Kind::uint64: out += std::to_string(value.as_uint()); break;
    case Kind::float64: out += std::isnan(value.as_double()) ? "nan" : std::to_string(value.as_double()); break;
    case Kind::list:
      out += "\n";
      for (const Value item : value.items()) {
        out += indent + "- ";
        describe(item, depth + 1, out);
      }
      return;
    case Kind::map:
      out += "\n";
      for (const Entry& entry : value.entries()) {
        out += indent + std::string(entry.key()) + "@" + std::to_string(entry.key_begin) + ": ";
        describe(entry.value, depth + 1, out);
      }
      return;
    default: out += value.as_string(); break;
  }
  out += "\n";
}

inline std::string describe(const ParsedFile& file) {
  std::string out;
  for (const Document& document : file.documents) {
    out += "document " + std::to_string(document.ordinal) + " [" + std::to_string(document.span.begin) + "," +
           std::to_string(document.span.end) + ") ";
    describe(document.root, 0, out);
    for (const Comment& comment : document.comments)
      out += "comment [" + std::to_string(comment.span.begin) + "," + std::to_string(comment.span.end) + ")\n";
  }
  return out;
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// All YAML files under a directory of the shared data; none where that is absent.
inline std::vector<std::filesystem::path> yaml_files(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator it(directory, error), end; it != end; it.increment(error))
    if (it->path().extension() == ".yaml" || it->path().extension() == ".yml") files.push_back(it->path());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace assay::test

// Patterns of `.gitignore` files and of `exclude:`, as gitignore(5) describes them: `*` stays within a
// name, `**` crosses directories, a slash anchors, a final slash asks for a directory, `!` takes back,
// the last pattern that matches decides.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay {

struct IgnorePattern {
  std::string text;        // without `!`, a leading and a final slash
  bool negated = false;
  bool directory = false;  // matches directories only
  bool anchored = false;   // matched against the path from the file's directory, else against the name
  bool literal = false;    // no wildcard in it
};

enum class Ignored { undecided, no, yes };

class IgnoreFile {
 public:
  // `base` is the directory the patterns are relative to: "" or a path that ends with `/`.
  IgnoreFile(std::string base, std::string_view text);
  // `path` lies in the same tree of names as `base`.
  Ignored match(std::string_view path, bool is_directory) const;
  bool empty() const { return patterns_.empty(); }

 private:
  std::string base_;
  std::vector<IgnorePattern> patterns_;
};

// git's wildmatch with WM_PATHNAME. Time is bounded by the product of the lengths.
bool glob_match(std::string_view pattern, std::string_view text);

}  // namespace assay

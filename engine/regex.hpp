// Regular expressions in RE2's syntax. Matching is linear in the text; patterns and compiled programs
// are bounded in size. The one wrapper of RE2.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

class Regex {
 public:
  // Null when the pattern is wrong or too large; then `error` says why.
  static std::shared_ptr<const Regex> compile(std::string_view pattern, std::string& error);
  // As compile, through a bounded cache of the calling thread: for patterns that are computed.
  static std::shared_ptr<const Regex> cached(std::string_view pattern, std::string& error);
  ~Regex();

  bool found_in(std::string_view text) const;     // somewhere in the text
  bool matches_all(std::string_view text) const;  // the whole text
  int group_count() const;
  std::vector<std::pair<std::string, int>> named_groups() const;  // by number
  // Finds the first match at or after `begin`. `groups` gets the whole match and each group; a group that
  // took no part has data() == nullptr.
  bool match(std::string_view text, std::size_t begin, std::vector<std::string_view>& groups) const;
  const std::string& pattern() const;

 private:
  Regex();
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace assay

#include "parsers/ignore.hpp"

#include <cstdint>
#include <optional>

namespace assay {

namespace {

// `[abc]`, `[!a-z]`, `[[:digit:]]` at `at`: whether it matches `c`, and where it ends. No closing bracket: nothing.
struct ClassMatch {
  bool matched = false;
  std::size_t end = 0;
};

bool posix_class(std::string_view name, unsigned char c) {
  const bool upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z', digit = c >= '0' && c <= '9';
  if (name == "alnum") return upper || lower || digit;
  if (name == "alpha") return upper || lower;
  if (name == "blank") return c == ' ' || c == '\t';
  if (name == "cntrl") return c < 0x20 || c == 0x7F;
  if (name == "digit") return digit;
  if (name == "graph") return c > 0x20 && c < 0x7F;
  if (name == "lower") return lower;
  if (name == "print") return c >= 0x20 && c < 0x7F;
  if (name == "punct") return c > 0x20 && c < 0x7F && !upper && !lower && !digit;
  if (name == "space") return c == ' ' || (c >= '\t' && c <= '\r');
  if (name == "upper") return upper;
  if (name == "xdigit") return digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  return false;
}

std::optional<ClassMatch> match_class(std::string_view pattern, std::size_t at, unsigned char c) {
  std::size_t i = at + 1;
  const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) ++i;
  bool matched = false;
  for (bool first = true; i < pattern.size(); first = false) {
    if (pattern[i] == ']' && !first) return ClassMatch{c != '/' && matched != negated, i + 1};
    if (pattern.substr(i, 2) == "[:") {
      const std::size_t close = pattern.find(":]", i + 2);
      if (close == std::string_view::npos) return std::nullopt;
      matched |= posix_class(pattern.substr(i + 2, close - i - 2), c);
      i = close + 2;
      continue;
    }
    if (pattern[i] == '\\' && ++i == pattern.size()) return std::nullopt;
    const auto low = static_cast<unsigned char>(pattern[i++]);
    auto high = low;
    if (i + 1 < pattern.size() && pattern[i] == '-' && pattern[i + 1] != ']') {
      ++i;
      if (pattern[i] == '\\' && ++i == pattern.size()) return std::nullopt;
      high = static_cast<unsigned char>(pattern[i++]);
    }
    matched |= c >= low && c <= high;
  }
  return std::nullopt;
}

// Remembers which (pattern, text) places behind a star were tried in vain, so that no input is exponential.
class Glob {
 public:
  Glob(std::string_view pattern, std::string_view text)
      : pattern_(pattern), text_(text), failed_((pattern.size() + 1) * (text.size() + 1), false) {}

  bool match(std::size_t p, std::size_t t) {  // recursion: once a star of the pattern
    for (; p < pattern_.size(); ++p) {
      const char c = pattern_[p];
      if (c == '*') return star(p, t);
      if (t == text_.size()) return false;
      if (c == '?') {
        if (text_[t++] == '/') return false;
        continue;
      }
      if (c == '[') {
        const auto found = match_class(pattern_, p, static_cast<unsigned char>(text_[t]));
        if (!found || !found->matched) return false;
        p = found->end - 1;
        ++t;
        continue;
      }
      if (c == '\\' && ++p == pattern_.size()) return false;
      if (pattern_[p] != text_[t++]) return false;
    }
    return t == text_.size();
  }

 private:
  bool star(std::size_t p, std::size_t t) {
    std::size_t end = p;
    while (end < pattern_.size() && pattern_[end] == '*') ++end;
    const bool deep = end - p == 2 && (p == 0 || pattern_[p - 1] == '/') &&
                      (end == pattern_.size() || pattern_[end] == '/');
    if (deep && end == pattern_.size()) return true;  // `a/**`: everything below
    if (deep) {                                       // `**/`: no directory or several
      if (attempt(end + 1, t)) return true;
      for (; t < text_.size(); ++t)
        if (text_[t] == '/' && attempt(end + 1, t + 1)) return true;
      return false;
    }
    for (;; ++t) {
      if (attempt(end, t)) return true;
      if (t == text_.size() || text_[t] == '/') return false;
    }
  }

  bool attempt(std::size_t p, std::size_t t) {
    const std::size_t slot = p * (text_.size() + 1) + t;
    if (failed_[slot]) return false;
    if (match(p, t)) return true;
    failed_[slot] = true;
    return false;
  }

  std::string_view pattern_, text_;
  std::vector<bool> failed_;
};

constexpr std::size_t longest_pattern = 2000;  // longer ones are no file names

std::optional<IgnorePattern> parse(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  // Trailing spaces count only when a backslash stands before them.
  while (line.ends_with(' ') && !(line.size() > 1 && line[line.size() - 2] == '\\')) line.remove_suffix(1);
  if (line.empty() || line[0] == '#') return std::nullopt;
  IgnorePattern pattern;
  if (line[0] == '!') {
    pattern.negated = true;
    line.remove_prefix(1);
  }
  if (line.ends_with('/')) {
    pattern.directory = true;
    line.remove_suffix(1);
  }
  if (line.empty() || line.size() > longest_pattern) return std::nullopt;
  pattern.anchored = line.find('/') != std::string_view::npos;
  if (line[0] == '/') line.remove_prefix(1);
  pattern.text = line;
  pattern.literal = line.find_first_of("*?[\\") == std::string_view::npos;
  return pattern;
}

}  // namespace

bool glob_match(std::string_view pattern, std::string_view text) { return Glob(pattern, text).match(0, 0); }

IgnoreFile::IgnoreFile(std::string base, std::string_view text) : base_(std::move(base)) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (auto pattern = parse(text.substr(0, end))) patterns_.push_back(std::move(*pattern));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

Ignored IgnoreFile::match(std::string_view path, bool is_directory) const {
  if (!path.starts_with(base_)) return Ignored::undecided;
  path.remove_prefix(base_.size());
  const std::string_view name = path.substr(path.rfind('/') + 1);
  for (auto pattern = patterns_.rbegin(); pattern != patterns_.rend(); ++pattern) {
    if (pattern->directory && !is_directory) continue;
    const std::string_view text = pattern->anchored ? path : name;
    if (pattern->literal ? text == pattern->text : glob_match(pattern->text, text))
      return pattern->negated ? Ignored::no : Ignored::yes;
  }
  return Ignored::undecided;
}

}  // namespace assay

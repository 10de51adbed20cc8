#include "parsers/terraform/path_text.hpp"

#include <vector>

#include "engine/text.hpp"

namespace assay::terraform {

namespace {

std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const auto slash = path.find('/');
    if (slash != 0) parts.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  return parts;
}

}  // namespace

std::string clean_path(std::string_view path) {
  const bool rooted = path.starts_with('/');
  std::vector<std::string_view> kept;
  for (const std::string_view part : parts_of(path)) {
    if (part == ".") continue;
    if (part != "..") kept.push_back(part);
    else if (!kept.empty() && kept.back() != "..") kept.pop_back();
    else if (!rooted) kept.push_back(part);
  }
  std::string out = rooted ? "/" : "";
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (i > 0) out += '/';
    out += kept[i];
  }
  return out.empty() ? "." : out;
}

std::string join_path(std::string_view left, std::string_view right) {
  if (left.empty()) return right.empty() ? std::string() : clean_path(right);
  if (right.empty()) return clean_path(left);
  return clean_path(std::string(left) + "/" + std::string(right));
}

std::string base_name(std::string_view path) {
  if (path.empty()) return ".";
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.empty()) return "/";
  const auto slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

std::string directory_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return clean_path(slash == std::string_view::npos ? std::string_view() : path.substr(0, slash + 1));
}

namespace {

// Matches by backtracking; `steps` bounds what a hostile pattern can cost.
struct Glob {
  bool& good;
  int steps = 200'000;

  bool wrong() {
    good = false;
    return false;
  }

  // Where the alternatives of the `{` at the start of `p` end, at its `}`.
  static std::size_t closing(std::string_view p) {
    int depth = 0;
    for (std::size_t i = 0; i < p.size(); ++i) {
      if (p[i] == '\\') ++i;
      else if (p[i] == '{') ++depth;
      else if (p[i] == '}' && --depth == 0) return i;
    }
    return std::string_view::npos;
  }

  bool braces(std::string_view p, std::string_view s) {
    const std::size_t end = closing(p);
    if (end == std::string_view::npos) return wrong();
    const std::string_view rest = p.substr(end + 1);
    int depth = 0;
    std::size_t begin = 1;
    for (std::size_t i = 1; i <= end; ++i) {
      if (p[i] == '\\') {
        ++i;
        continue;
      }
      if (p[i] == '{') ++depth;
      if (p[i] == '}' && i < end) --depth;
      if ((p[i] != ',' || depth > 0) && i != end) continue;
      if (matches(std::string(p.substr(begin, i - begin)) + std::string(rest), s, true)) return true;
      if (!good) return false;
      begin = i + 1;
    }
    return false;
  }

  // A class at the start of `p` against one character; false in `taken`: no match.
  bool klass(std::string_view& p, char32_t c, bool& taken) {
    std::size_t i = 1;
    const bool negated = i < p.size() && (p[i] == '^' || p[i] == '!');
    if (negated) ++i;
    bool found = false, any = false;
    while (i < p.size() && (p[i] != ']' || !any)) {
      const auto next = [&]() -> char32_t {
        if (p[i] == '\\' && i + 1 < p.size()) ++i;
        const Decoded d = decode(p, i);
        i += d.size;
        return d.code_point;
      };
      const char32_t low = next();
      char32_t high = low;
      if (i + 1 < p.size() && p[i] == '-' && p[i + 1] != ']') {
        ++i;
        high = next();
      }
      found = found || (c >= low && c <= high);
      any = true;
    }
    if (i >= p.size()) return wrong();
    p.remove_prefix(i + 1);
    taken = found != negated;
    return true;
  }

  // `fresh`: a part begins here, so that `**` may mean any parts.
  bool matches(std::string_view p, std::string_view s, bool fresh) {
    while (good) {
      if (--steps < 0) return wrong();
      if (p.empty()) return s.empty();
      if (fresh && (p == "**" || p.starts_with("**/"))) {
        if (p == "**") return true;
        p.remove_prefix(3);
        for (;;) {
          if (matches(p, s, true)) return true;
          const auto slash = s.find('/');
          if (slash == std::string_view::npos || !good) return false;
          s.remove_prefix(slash + 1);
        }
      }
      // A path may end where only `/**` is left.
      if (s.empty() && p == "/**") return true;
      if (p[0] == '*') {
        while (p.starts_with('*')) p.remove_prefix(1);
        for (;;) {
          if (matches(p, s, false)) return true;
          if (s.empty() || s[0] == '/' || !good) return false;
          s.remove_prefix(decode(s, 0).size);
        }
      }
      if (p[0] == '{') return braces(p, s);
      if (s.empty()) return false;
      const Decoded c = decode(s, 0);
      if (p[0] == '?') {
        if (s[0] == '/') return false;
        p.remove_prefix(1);
        fresh = false;
      } else if (p[0] == '[') {
        bool taken = false;
        if (s[0] == '/' || !klass(p, c.code_point, taken) || !taken) return false;
        fresh = false;
      } else {
        if (p[0] == '\\') p.remove_prefix(1);
        if (p.empty()) return wrong();
        const Decoded wanted = decode(p, 0);
        if (wanted.code_point != c.code_point || wanted.valid != c.valid) return false;
        fresh = p[0] == '/';
        p.remove_prefix(wanted.size);
      }
      s.remove_prefix(c.size);
    }
    return false;
  }
};

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view path, bool& good) {
  good = true;
  return Glob{good}.matches(pattern, path, true) && good;
}

}  // namespace assay::terraform

#include "engine/regex.hpp"

#include <re2/re2.h>

#include <list>
#include <map>

namespace assay {

namespace {
constexpr std::size_t longest_pattern = 64u << 10;
constexpr std::int64_t program_bytes = 8 << 20;
constexpr std::size_t cache_size = 64;
// What Go's regexp, the other reader of this syntax, calls a mistake.
std::string_view words_of(re2::RE2::ErrorCode code) {
  using re2::RE2;
  switch (code) {
    case RE2::ErrorBadEscape: return "invalid escape sequence";
    case RE2::ErrorBadCharClass: return "invalid character class";
    case RE2::ErrorBadCharRange: return "invalid character class range";
    case RE2::ErrorMissingBracket: return "missing closing ]";
    case RE2::ErrorMissingParen: return "missing closing )";
    case RE2::ErrorUnexpectedParen: return "unexpected )";
    case RE2::ErrorTrailingBackslash: return "trailing backslash at end of expression";
    case RE2::ErrorRepeatArgument: return "missing argument to repetition operator";
    case RE2::ErrorRepeatSize: return "invalid repeat count";
    case RE2::ErrorRepeatOp: return "invalid nested repetition operator";
    case RE2::ErrorBadPerlOp: return "invalid or unsupported Perl syntax";
    case RE2::ErrorBadUTF8: return "invalid UTF-8";
    case RE2::ErrorBadNamedCapture: return "invalid named capture";
    case RE2::ErrorPatternTooLarge: return "expression too large";
    case RE2::NoError:
    case RE2::ErrorInternal: break;
  }
  return "it cannot be read";
}
}  // namespace

struct Regex::Compiled {
  explicit Compiled(std::string_view pattern, const re2::RE2::Options& options)
      : re(re2::StringPiece(pattern.data(), pattern.size()), options) {}
  re2::RE2 re;
};

Regex::Regex() = default;
Regex::~Regex() = default;

std::shared_ptr<const Regex> Regex::compile(std::string_view pattern, std::string& error) {
  if (pattern.size() > longest_pattern) {
    error = "regular expression is longer than 64 KiB";
    return nullptr;
  }
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_max_mem(program_bytes);
  std::shared_ptr<Regex> made(new Regex);
  made->compiled_ = std::make_unique<Compiled>(pattern, options);
  if (!made->compiled_->re.ok()) {
    error = "error parsing regexp: " + std::string(words_of(made->compiled_->re.error_code())) + ": `" +
            made->compiled_->re.error_arg() + "`";
    return nullptr;
  }
  return made;
}

std::shared_ptr<const Regex> Regex::cached(std::string_view pattern, std::string& error) {
  // Least recently used last. Only good patterns are kept.
  struct Cache {
    std::list<std::shared_ptr<const Regex>> order;
    std::map<std::string, std::list<std::shared_ptr<const Regex>>::iterator, std::less<>> by_pattern;
  };
  thread_local Cache cache;
  if (const auto found = cache.by_pattern.find(pattern); found != cache.by_pattern.end()) {
    cache.order.splice(cache.order.begin(), cache.order, found->second);
    return cache.order.front();
  }
  auto made = compile(pattern, error);
  if (!made) return nullptr;
  cache.order.push_front(made);
  cache.by_pattern.emplace(std::string(pattern), cache.order.begin());
  if (cache.order.size() > cache_size) {
    cache.by_pattern.erase(cache.order.back()->pattern());
    cache.order.pop_back();
  }
  return made;
}

bool Regex::found_in(std::string_view text) const {
  return compiled_->re.Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}
bool Regex::matches_all(std::string_view text) const {
  return compiled_->re.Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), re2::RE2::ANCHOR_BOTH, nullptr, 0);
}
int Regex::group_count() const { return compiled_->re.NumberOfCapturingGroups(); }
std::vector<std::pair<std::string, int>> Regex::named_groups() const {
  std::vector<std::pair<std::string, int>> groups;
  for (const auto& [number, name] : compiled_->re.CapturingGroupNames()) groups.emplace_back(name, number);
  return groups;
}
bool Regex::match(std::string_view text, std::size_t begin, std::vector<std::string_view>& groups) const {
  std::vector<re2::StringPiece> found(static_cast<std::size_t>(group_count()) + 1);
  if (begin > text.size()) return false;
  const re2::StringPiece whole(text.data(), text.size());
  if (!compiled_->re.Match(whole, begin, text.size(), re2::RE2::UNANCHORED, found.data(), static_cast<int>(found.size()))) return false;
  groups.clear();
  for (const re2::StringPiece& piece : found) groups.emplace_back(piece.data(), piece.size());
  return true;
}
const std::string& Regex::pattern() const { return compiled_->re.pattern(); }

}  // namespace assay

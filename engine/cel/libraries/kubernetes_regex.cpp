// The API server's find and findAll (pkg/cel/library/regex.go).
#include "engine/cel/libraries/kubernetes.hpp"
#include "engine/regex.hpp"

namespace assay::cel::library {

namespace {

Val illegal(Frame& frame, const std::string& error) { return make_error(frame, "Illegal regex: " + error); }

Val find(Frame& frame, Args args) {
  std::string error;
  const auto regex = Regex::cached(args[1].string(), error);
  if (!regex) return illegal(frame, error);
  std::vector<std::string_view> groups;
  return val_string(regex->match(args[0].string(), 0, groups) ? groups[0] : std::string_view());
}

// Matches that do not overlap; an empty one never directly after another match (as Go has it).
Val find_all(Frame& frame, Args args) {
  std::string error;
  const auto regex = Regex::cached(args[1].string(), error);
  if (!regex) return illegal(frame, error);
  const std::string_view text = args[0].string();
  const std::int64_t most = args.size() == 3 && args[2].int64 >= 0 ? args[2].int64 : -1;
  std::vector<Val> found;
  std::vector<std::string_view> groups;
  std::size_t previous_end = std::string_view::npos;
  for (std::size_t at = 0; at <= text.size() && most != static_cast<std::int64_t>(found.size());) {
    if (!regex->match(text, at, groups)) break;
    const auto begin = static_cast<std::size_t>(groups[0].data() - text.data());
    const std::size_t end = begin + groups[0].size();
    if (!groups[0].empty() || begin != previous_end) found.push_back(val_string(groups[0]));
    if (groups[0].empty()) {
      // One code point on, so that the search proceeds.
      at = end + (end < text.size() ? rune_offset(text.substr(end), 1) : 1);
    } else {
      at = end;
    }
    previous_end = end;
  }
  return make_list(frame, found);
}

std::uint64_t regex_cost(Args args, const Val&) {
  return scaled(1 + size_cost(args[0]), 0.1) * scaled(size_cost(args[1]), 0.25);
}

}  // namespace

void add_kubernetes_regex(Environment& environment) {
  const Types t(environment);
  define(environment, "find", "the first match of a regular expression (RE2); empty where there is none",
         {member("string_find_string", {t.string, t.string}, t.string, find, regex_cost)});
  define(environment, "findAll", "every match of a regular expression (RE2), or the first so many",
         {member("string_find_all_string", {t.string, t.string}, t.list(t.string), find_all, regex_cost),
          member("string_find_all_string_int", {t.string, t.string, t.int64}, t.list(t.string), find_all, regex_cost)});
}

}  // namespace assay::cel::library

#include "parsers/kubernetes/calico_selector.hpp"

namespace assay::kubernetes {
namespace {

constexpr int deepest = 64;

// Reads and judges in one pass; both sides of an operator are read whatever the first gave.
struct Reader {
  std::string_view text;
  const LabelOf& label;
  std::size_t at = 0;
  bool good = true;

  void space() {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r')) ++at;
  }
  bool take(std::string_view token) {
    space();
    if (!text.substr(at).starts_with(token)) return false;
    at += token.size();
    return true;
  }
  static bool in_key(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '/';
  }
  std::string_view key() {
    space();
    const std::size_t from = at;
    while (at < text.size() && in_key(text[at])) ++at;
    if (from == at) good = false;
    return text.substr(from, at - from);
  }
  // A word that stands alone, not the beginning of a longer one.
  bool word(std::string_view wanted) {
    space();
    const std::size_t end = at + wanted.size();
    if (!text.substr(at).starts_with(wanted) || (end < text.size() && in_key(text[end]))) return false;
    at = end;
    return true;
  }
  std::string_view literal() {
    space();
    if (at >= text.size() || (text[at] != '"' && text[at] != '\'')) {
      good = false;
      return {};
    }
    const char quote = text[at];
    const auto end = text.find(quote, at + 1);
    if (end == std::string_view::npos) {
      good = false;
      return {};
    }
    const std::string_view value = text.substr(at + 1, end - at - 1);
    at = end + 1;
    return value;
  }
  bool in_set(std::optional<std::string_view> value) {
    bool found = false;
    if (!take("{")) good = false;
    while (good && !take("}")) {
      const std::string_view one = literal();
      found = found || (value && *value == one);
      take(",");
    }
    return found;
  }

  bool any(int depth) {
    bool result = all(depth);
    while (good && take("||")) {
      const bool other = all(depth);
      result = result || other;
    }
    return result;
  }
  bool all(int depth) {
    bool result = term(depth);
    while (good && take("&&")) {
      const bool other = term(depth);
      result = result && other;
    }
    return result;
  }
  bool term(int depth) {
    if (depth == 0) good = false;
    if (!good) return false;
    space();
    if (at < text.size() && text[at] == '!' && !text.substr(at).starts_with("!=")) {
      ++at;
      return !term(depth - 1);
    }
    if (take("(")) {
      const bool result = any(depth - 1);
      if (!take(")")) good = false;
      return result;
    }
    if (take("all()")) return true;
    if (take("global()")) return false;
    if (take("has(")) {
      const bool result = label(key()).has_value();
      if (!take(")")) good = false;
      return result;
    }
    const std::optional<std::string_view> value = label(key());
    if (take("==")) return value == literal();
    if (take("!=")) return value != literal();
    if (word("in")) return in_set(value);
    if (word("not")) {
      if (!word("in")) good = false;
      return !in_set(value);
    }
    if (word("contains")) {
      const std::string_view part = literal();
      return value && value->find(part) != std::string_view::npos;
    }
    if (word("starts")) {
      if (!word("with")) good = false;
      const std::string_view part = literal();
      return value && value->starts_with(part);
    }
    if (word("ends")) {
      if (!word("with")) good = false;
      const std::string_view part = literal();
      return value && value->ends_with(part);
    }
    good = false;
    return false;
  }
};

}  // namespace

std::optional<bool> calico_matches(std::string_view selector, const LabelOf& label) {
  Reader reader{selector, label};
  reader.space();
  if (reader.at == selector.size()) return true;
  const bool result = reader.any(deepest);
  reader.space();
  if (!reader.good || reader.at != selector.size()) return std::nullopt;
  return result;
}

}  // namespace assay::kubernetes

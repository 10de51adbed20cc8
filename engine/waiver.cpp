#include "engine/waiver.hpp"

#include <algorithm>

namespace assay {

namespace {

// `*` stands for any text, `?` for one character. Linear but for the last star, which is retried.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, retry = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p, ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

// A whole address; also without what stands before the colon, and then without a group, which unlike a
// kind begins in lower case.
bool names_resource(std::string_view pattern, std::string_view address) {
  if (matches(pattern, address)) return true;
  const std::size_t colon = address.find(':');
  if (colon == std::string_view::npos || pattern.substr(0, colon + 1) == address.substr(0, colon + 1)) return false;
  address.remove_prefix(colon + 1);
  if (matches(pattern, address)) return true;
  const std::size_t slash = address.find('/');
  return slash != std::string_view::npos && address[0] >= 'a' && address[0] <= 'z' && matches(pattern, address.substr(slash + 1));
}

// The way to a place inside a resource.
struct Way {
  std::string fields;                       // spec.containers[app].image; items without a name are `[]`
  std::vector<std::string_view> containers;  // names of the containers on it
};

bool contains(Span outer, Span inner) {
  return outer && inner && outer.source == inner.source && outer.begin <= inner.begin && inner.end <= outer.end;
}
bool holds(Span span, std::uint32_t offset) { return span.begin <= offset && offset < span.end; }

Way way_to(Value root, Span place) {
  Way way;
  if (!place) return way;
  std::string_view list_key;
  for (Value at = root; at;) {
    Value next;
    if (at.is_map()) {
      for (const Entry& entry : at.entries()) {
        const Span value = entry.value.span();
        const Span map = at.span();
        const bool here = map.source == place.source && entry.key_begin <= place.begin &&
                          place.begin < std::max(entry.key_begin + entry.key_size, value.source == place.source ? value.end : 0);
        if (!here) continue;
        if (!way.fields.empty()) way.fields += '.';
        way.fields += entry.key();
        list_key = entry.key();
        next = entry.value;
        break;
      }
    } else if (at.is_list()) {
      for (const Value item : at.items()) {
        if (item.span().source != place.source || !holds(item.span(), place.begin)) continue;
        const std::string_view name = item.find("name").as_string();
        (way.fields += '[') += name;
        way.fields += ']';
        if (!name.empty() && list_key.ends_with("ontainers")) way.containers.push_back(name);
        next = item;
        break;
      }
    }
    at = next;
  }
  return way;
}

std::string without_brackets(std::string_view path) {
  std::string out;
  bool inside = false;
  for (const char c : path) {
    if (c == '[') inside = true;
    if (!inside) out += c;
    if (c == ']') inside = false;
  }
  return out;
}

// `field` is on the way when it stands there between separators: what lies below a waived field is waived.
bool on_way(std::string_view field, const std::string& way) {
  const std::string path = field.find('[') == std::string_view::npos ? without_brackets(way) : way;
  for (std::size_t at = path.find(field); at != std::string::npos; at = path.find(field, at + 1)) {
    const std::size_t end = at + field.size();
    const bool begins = at == 0 || path[at - 1] == '.';
    const bool ends = end == path.size() || path[end] == '.' || path[end] == '[';
    if (begins && ends) return true;
  }
  return false;
}

bool names_path(std::string_view pattern, Span span, const Sources& sources) {
  return span && matches(pattern, sources.get(span.source).name());
}

bool covers(const Waiver& waiver, const Finding& finding, const Graph& graph, const Sources& sources) {
  if (!names_rule(waiver.rule, *finding.rule, waiver.foreign)) return false;
  const Resource& resource = graph.resource(finding.resource);
  const Span whole = resource.value ? resource.value.span() : resource.header;
  if (waiver.target) {
    const bool on_resource = contains(waiver.target, whole) || (resource.header && contains(waiver.target, resource.header) && !contains(whole, waiver.target));
    // What a value came through counts as well as where it was written, and the call of a module for what it makes.
    const auto traced = [&](const TraceStep& step) { return contains(waiver.target, step.span); };
    const bool called = std::any_of(resource.way.begin(), resource.way.end(), [&](const auto& call) { return contains(waiver.target, call.first); });
    const bool on_part = (contains(whole, waiver.target) && (contains(waiver.target, finding.location) ||
                                                             std::any_of(finding.trace.begin(), finding.trace.end(), traced))) || called;
    if (!on_resource && !on_part) return false;
  }
  if (!waiver.resource.empty() && !names_resource(waiver.resource, resource.address)) return false;
  if (!waiver.path.empty() && !names_path(waiver.path, finding.location, sources) && !names_path(waiver.path, resource.header, sources))
    return false;
  if (!waiver.container.empty() || !waiver.field.empty()) {
    const Way way = way_to(resource.value, finding.location);
    const auto& containers = way.containers;
    if (!waiver.container.empty() && std::find(containers.begin(), containers.end(), waiver.container) == containers.end()) return false;
    if (!waiver.field.empty() && !on_way(waiver.field, way.fields)) return false;
  }
  return true;
}

}  // namespace

bool names_rule(std::string_view pattern, const RuleInfo& rule, bool foreign) {
  if (pattern == "*" || pattern == "all") return true;
  const auto one = [&](std::string_view name) {
    if (pattern == name) return true;
    if (pattern.ends_with("/*") && name.starts_with(pattern.substr(0, pattern.size() - 1))) return true;
    return false;
  };
  if (one(rule.id)) return true;
  const auto alias = [&](const std::string& name) {
    const std::size_t slash = name.find('/');
    return one(name) || (slash != std::string::npos && pattern == std::string_view(name).substr(slash + 1));
  };
  return std::any_of(rule.aliases.begin(), rule.aliases.end(), alias) ||
         (foreign && std::any_of(rule.related.begin(), rule.related.end(), alias));
}

void apply_waivers(std::vector<Finding>& findings, std::vector<Waiver>& waivers, const Graph& graph, const Sources& sources,
                   const std::string& as_of) {
  for (Waiver& waiver : waivers) waiver.expired = !waiver.until.empty() && waiver.until < as_of;
  if (waivers.empty()) return;
  for (Finding& finding : findings) {
    if (finding.verdict != Verdict::fail && finding.verdict != Verdict::unknown) continue;
    for (std::size_t i = 0; i < waivers.size(); ++i) {
      if (waivers[i].expired || !covers(waivers[i], finding, graph, sources)) continue;
      finding.waiver = i;
      ++waivers[i].used;
      break;
    }
  }
}

}  // namespace assay

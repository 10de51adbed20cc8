#include "parsers/candidate.hpp"

#include <cstring>
#include <string>
#include <utility>

namespace assay {

namespace {

// What one object says of itself, as views into the text.
struct Header {
  std::string_view api_version, kind, name, ns;
};

std::uint64_t hash(std::string_view text, std::uint64_t seed) {  // FNV-1a
  for (const char c : text) seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return (seed ^ 0xFF) * 0x100000001b3ull;
}

class Collector {
 public:
  explicit Collector(Candidate& out) : out_(out) {}

  Header header;
  void flush() {
    const Header h = std::exchange(header, {});
    seen_api_version_ |= !h.api_version.empty();
    seen_kind_ |= !h.kind.empty();
    if (h.api_version.starts_with("kustomize.config.k8s.io/")) out_.kustomization = true;
    if (!h.api_version.empty() && !h.kind.empty() && !h.name.empty()) {
      const std::size_t slash = h.api_version.rfind('/');
      const std::string_view group = slash == std::string_view::npos ? "" : h.api_version.substr(0, slash);
      std::uint64_t value = hash(group, 0xcbf29ce484222325ull);
      value = hash(h.kind, value);
      value = hash(h.ns.empty() ? "default" : h.ns, value);
      out_.addresses.push_back(hash(h.name, value));
    }
  }
  void finish() {
    flush();
    out_.ours = seen_api_version_ && seen_kind_;
  }

 private:
  Candidate& out_;
  bool seen_api_version_ = false, seen_kind_ = false;
};

std::string_view unquoted(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  if (!text.empty() && (text[0] == '"' || text[0] == '\'')) {
    const std::size_t close = text.find(text[0], 1);
    return close == std::string_view::npos ? text.substr(1) : text.substr(1, close - 1);
  }
  if (const std::size_t comment = text.find(" #"); comment != std::string_view::npos) text = text.substr(0, comment);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

// `key: value` or `"key": value`; no value when the line is not `key`'s.
struct KeyLine {
  bool is = false;
  std::string_view value;
};
KeyLine key_line(std::string_view line, std::string_view key) {
  const bool quoted = !line.empty() && (line[0] == '"' || line[0] == '\'');
  if (quoted) line.remove_prefix(1);
  if (!line.starts_with(key)) return {};
  line.remove_prefix(key.size());
  if (quoted) {
    if (line.empty() || (line[0] != '"' && line[0] != '\'')) return {};
    line.remove_prefix(1);
  }
  while (!line.empty() && line[0] == ' ') line.remove_prefix(1);
  if (line.empty() || line[0] != ':') return {};
  line.remove_prefix(1);
  if (!line.empty() && static_cast<unsigned char>(line[0]) > ' ') return {};
  return {true, unquoted(line)};
}

// Objects begin in column 0, or at the items of a top-level `items:`; nothing else is looked at, so that
// manifests inside block scalars do not count.
void scan_yaml(std::string_view text, Candidate& out) {
  Collector objects(out);
  constexpr std::size_t none = ~std::size_t{0};
  std::size_t column = 0;           // where the keys of the present object stand
  std::size_t metadata_child = none;  // column of metadata's keys; 0 until the first of them is seen
  bool in_items = false, in_metadata = false;
  std::size_t dash = none;  // column of the items' dashes
  while (!text.empty()) {
    const auto* const end = static_cast<const char*>(std::memchr(text.data(), '\n', text.size()));
    const std::size_t size = end ? static_cast<std::size_t>(end - text.data()) : text.size();
    std::string_view line = text.substr(0, size);
    text.remove_prefix(end ? size + 1 : size);

    std::size_t indent = 0;
    while (indent < line.size() && line[indent] == ' ') ++indent;
    if (indent == line.size() || line[indent] == '#' || line[indent] == '\r') continue;
    if (indent == 0 && line.starts_with("---")) {
      objects.flush();
      column = 0, dash = none, in_items = in_metadata = false;
      line.remove_prefix(3);
      while (!line.empty() && line[0] == ' ') line.remove_prefix(1);
      if (line.empty() || line[0] == '#' || line[0] == '\r') continue;
    }
    if (in_items && line[indent] == '-' && (dash == none || indent == dash) && line.substr(indent, 2) != "--") {
      objects.flush();
      dash = indent;
      in_metadata = false;
      column = indent + 1;
      while (column < line.size() && line[column] == ' ') ++column;
      indent = column;
      if (indent >= line.size()) continue;
    }
    if (in_metadata && indent > column) {
      if (metadata_child == none) metadata_child = indent;
      if (indent != metadata_child) continue;
      const std::string_view field = line.substr(indent);
      if (const KeyLine name = key_line(field, "name"); name.is) objects.header.name = name.value;
      if (const KeyLine ns = key_line(field, "namespace"); ns.is) objects.header.ns = ns.value;
      continue;
    }
    if (indent != column && !(indent == 0 && in_items)) continue;
    const std::string_view field = line.substr(indent);
    if (field.empty()) continue;
    if (indent == 0 && column != 0) {  // back from the items
      objects.flush();
      column = 0, dash = none, in_items = false;
    }
    in_metadata = false;
    switch (field[0]) {
      case '"': case '\'': case 'a': case 'k': case 'm': case 'i': {
        if (const KeyLine line_of = key_line(field, "apiVersion"); line_of.is) objects.header.api_version = line_of.value;
        if (const KeyLine line_of = key_line(field, "kind"); line_of.is) objects.header.kind = line_of.value;
        if (key_line(field, "metadata").is) in_metadata = true, metadata_child = none;
        if (indent == 0 && key_line(field, "items").is) {
          objects.flush();
          in_items = true;
        }
        break;
      }
      default: break;
    }
  }
  objects.finish();
}

// A JSON text's keys by depth, without a parse: strings are skipped as wholes, brackets counted.
void scan_json(std::string_view text, Candidate& out) {
  Collector objects(out);
  bool versioned = false, planned = false, stated = false;  // top-level keys of Terraform's own JSON
  std::vector<bool> is_object;   // of the open brackets
  std::size_t base = 1;          // depth at which an object's own keys stand
  bool expect_key = false, in_metadata = false, in_items = false;
  std::string_view key;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t depth = is_object.size();
    switch (text[i]) {
      case '{':
        if (depth + 1 == base && depth > 0) objects.flush();  // the next item
        if (depth == 1 && !is_object[0]) base = 2;            // a list of objects
        if (depth == 2 && in_items) objects.flush(), base = 3;
        if (depth <= base) in_metadata = depth == base && key == "metadata";
        is_object.push_back(true);
        expect_key = true;
        break;
      case '[':
        in_items = depth == 1 && is_object[0] && key == "items";
        is_object.push_back(false);
        expect_key = false;
        break;
      case '}':
      case ']':
        if (!is_object.empty()) is_object.pop_back();
        if (is_object.size() < base) {
          objects.flush();
          if (is_object.size() <= 1 && base == 3 && text[i] == ']') base = 1, in_items = false;
        }
        if (is_object.size() <= base) in_metadata = false;
        expect_key = false;
        break;
      case ',':
        expect_key = !is_object.empty() && is_object.back();
        break;
      case '"': {
        const std::size_t begin = ++i;
        while (i < text.size() && text[i] != '"') i += text[i] == '\\' ? 2 : 1;
        const std::string_view string = text.substr(begin, i < text.size() ? i - begin : std::string_view::npos);
        if (expect_key) {
          key = string;
          expect_key = false;
          if (depth == 1) {
            versioned = versioned || key == "format_version";
            planned = planned || key == "planned_values" || key == "resource_changes";
            stated = stated || key == "terraform_version" || key == "values";
          }
        } else if (depth == base && is_object.back()) {
          if (key == "apiVersion") objects.header.api_version = string;
          if (key == "kind") objects.header.kind = string;
        } else if (depth == base + 1 && in_metadata) {
          if (key == "name") objects.header.name = string;
          if (key == "namespace") objects.header.ns = string;
        }
        break;
      }
      default: break;
    }
  }
  objects.finish();
  if (!out.ours && versioned && (planned || stated)) {
    out.ours = true;
    out.format = planned ? Format::plan : Format::state;
  }
}

// UTF-16 text with a byte order mark cannot be read by us, yet it may be ours: judged on its ASCII.
std::string ascii_of_utf16(std::string_view text) {
  std::string ascii;
  for (const char c : text)
    if (c > 0) ascii += c;
  return ascii;
}

}  // namespace

std::optional<Format> terraform_format(std::string_view name) {
  for (const std::string_view ending : {".tf", ".tofu", ".tf.json", ".tofu.json"})
    if (name.ends_with(ending)) return Format::terraform;
  for (const std::string_view ending : {".tfvars", ".tfvars.json"})
    if (name.ends_with(ending)) return Format::terraform_input;
  return std::nullopt;
}

Candidate judge(std::string_view text, bool json_name) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) return judge(ascii_of_utf16(text.substr(2)), json_name);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  Candidate candidate;
  std::string_view body = text;
  for (;;) {  // white space, comments and a document start before the first token
    const std::size_t begin = body.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) break;
    body.remove_prefix(begin);
    if (body[0] == '#') {
      const std::size_t end = body.find('\n');
      if (end == std::string_view::npos) break;
      body.remove_prefix(end);
    } else if (body.starts_with("---") && !json_name) {
      body.remove_prefix(3);
    } else {
      break;
    }
  }
  const bool flow = !body.empty() && (body[0] == '{' || body[0] == '[');
  candidate.format = json_name && flow ? Format::json : Format::yaml;  // or what scan_json finds
  if (flow)
    scan_json(body, candidate);
  else
    scan_yaml(text, candidate);
  return candidate;
}

}  // namespace assay

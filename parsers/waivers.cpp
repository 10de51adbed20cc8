#include "parsers/waivers.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "engine/date.hpp"

namespace assay {

namespace {

std::uint32_t end_of(const Entry& entry, SourceId source) {
  const Span value = entry.value.span();
  const std::uint32_t key_end = entry.key_begin + entry.key_size;
  return value && value.source == source ? std::max(value.end, key_end) : key_end;
}

bool container_list(std::string_view key) {
  return key == "containers" || key == "initContainers" || key == "ephemeralContainers";
}

// The objects of a document: its root, or the items of a list.
std::vector<Value> objects_of(Value root) {
  std::vector<Value> objects;
  if (const Value items = root.find("items"); items.is_list() && root.find("kind").as_string().ends_with("List"))
    for (const Value item : items.items())
      if (item.is_map()) objects.push_back(item);
  if (objects.empty() && root.is_map()) objects.push_back(root);
  return objects;
}

// What a comment stands on.
struct Target {
  Span span;      // empty: nothing
  Span resource;  // the object it is in
};

class Targets {
 public:
  Targets(const Source& source, Value root) : source_(source), text_(source.bytes()), root_(root), objects_(objects_of(root)) {}

  Target of(Span comment) const {
    if (objects_.empty()) return {};
    std::uint32_t line = source_.position(comment.begin).line;
    const bool own_line = first_on(line) == comment.begin;
    if (own_line) {
      do {
        if (++line > source_.line_count()) return {};
      } while (blank_or_comment(line));
    }
    const std::uint32_t begin = source_.line_begin(line);
    const auto line_end = static_cast<std::uint32_t>(begin + source_.line(line).size());
    const std::uint32_t place = after_dashes(line);
    if (own_line && place < root_.span().begin) return {root_.span(), root_.span()};
    for (const Value object : objects_) {
      const Span span = object.span();
      if (place < span.begin || place >= span.end) continue;
      return {inside(object, place, begin, line_end, own_line), span};
    }
    // The header of a list of objects is about all of them.
    const Span whole = root_.span();
    if (place >= whole.begin && place < whole.end && place < objects_[0].span().begin) return {whole, whole};
    return {};
  }

 private:
  std::uint32_t first_on(std::uint32_t line) const {
    const std::string_view text = source_.line(line);
    const std::size_t at = text.find_first_not_of(" \t");
    return source_.line_begin(line) + static_cast<std::uint32_t>(at == std::string_view::npos ? text.size() : at);
  }
  bool blank_or_comment(std::uint32_t line) const {
    const std::string_view text = source_.line(line);
    const std::size_t at = text.find_first_not_of(" \t\r");
    return at == std::string_view::npos || text[at] == '#';
  }
  std::uint32_t after_dashes(std::uint32_t line) const {
    std::uint32_t at = first_on(line);
    while (at + 1 < text_.size() && text_[at] == '-' && (text_[at + 1] == ' ' || text_[at + 1] == '\t')) {
      ++at;
      while (at < text_.size() && (text_[at] == ' ' || text_[at] == '\t')) ++at;
    }
    return at;
  }

  // The outermost entry or item that begins on the line; its resource or container where it is their own.
  Span inside(Value object, std::uint32_t place, std::uint32_t line_begin, std::uint32_t line_end, bool own_line) const {
    const auto on_line = [&](std::uint32_t offset) { return offset >= line_begin && offset < line_end; };
    const SourceId source = source_.id();
    const Span whole = object.span();
    Value at = object;
    Span container;  // when `at` is one
    std::string_view list_key;
    for (;;) {
      if (at.is_map()) {
        const Entry* found = nullptr;
        for (const Entry& entry : at.entries())
          if (entry.key_begin <= place && place < end_of(entry, source)) found = &entry;
        if (!found) return at == object ? whole : at.span();
        const bool top = at == object;
        if (top && (found->key() == "metadata" || found->key() == "apiVersion" || found->key() == "kind")) return whole;
        if (on_line(found->key_begin)) {
          if (top && own_line) return whole;
          if (container && (own_line || found == at.entries().data())) return container;
          return {source, found->key_begin, end_of(*found, source)};
        }
        list_key = found->key();
        container = {};
        at = found->value;
      } else if (at.is_list()) {
        Value found;
        for (const Value item : at.items())
          if (item.span().source == source && item.span().begin <= place && place < item.span().end) found = item;
        if (!found) return at.span();
        container = found.is_map() && container_list(list_key) ? found.span() : Span{};
        if (on_line(found.span().begin)) return found.span();
        at = found;
      } else {
        return at.span();
      }
    }
  }

  const Source& source_;
  std::string_view text_;
  Value root_;
  std::vector<Value> objects_;
};

// The same for blocks: the resource is the block at the top of the file.
class BlockTargets {
 public:
  BlockTargets(const Source& source, const hcl::File& file) : source_(source), file_(file) {}

  Target of(Span comment) const {
    std::uint32_t line = source_.position(comment.begin).line;
    const bool own_line = first_on(line) == comment.begin;
    if (own_line) {
      line = source_.position(comment.end > comment.begin ? comment.end - 1 : comment.end).line;
      do {
        if (++line > source_.line_count()) return {};
      } while (blank_or_comment(line));
    }
    const std::uint32_t begin = source_.line_begin(line);
    const auto line_end = static_cast<std::uint32_t>(begin + source_.line(line).size());
    const std::uint32_t place = first_on(line);
    for (const hcl::Item& item : file_.body.items)
      if (item.block && item.block->span.begin <= place && place < item.block->span.end) return {inside(*item.block, place, begin, line_end, own_line), item.block->span};
    // The last comment of a block stands above its brace.
    for (const hcl::Item& item : file_.body.items)
      if (item.block && item.block->span.begin <= comment.begin && comment.begin < item.block->span.end) return {item.block->span, item.block->span};
    return {};
  }

 private:
  std::uint32_t first_on(std::uint32_t line) const {
    const std::string_view text = source_.line(line);
    const std::size_t at = text.find_first_not_of(" \t");
    return source_.line_begin(line) + static_cast<std::uint32_t>(at == std::string_view::npos ? text.size() : at);
  }
  bool blank_or_comment(std::uint32_t line) const {
    const std::string_view text = source_.line(line);
    const std::size_t at = text.find_first_not_of(" \t\r");
    return at == std::string_view::npos || text[at] == '#' || text.substr(at, 2) == "//" || text.substr(at, 2) == "/*";
  }

  static Span inside(const hcl::Block& top, std::uint32_t place, std::uint32_t line_begin, std::uint32_t line_end, bool own_line) {
    const hcl::Block* at = &top;
    for (;;) {
      const hcl::Block* next = nullptr;
      for (const hcl::Item& item : at->body.items) {
        const Span span = item.attribute ? item.attribute->span : item.block->span;
        if (place < span.begin || place >= span.end) continue;
        const bool begins = span.begin >= line_begin && span.begin < line_end;
        // On a line of its own at the top of a resource it is about the whole resource.
        if (begins && own_line && at == &top) return top.span;
        if (item.attribute || begins) return span;
        next = item.block;
      }
      if (!next) return at->span;
      at = next;
    }
  }

  const Source& source_;
  const hcl::File& file_;
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

// The next word; `key="with spaces"` counts as one, without the quotes.
std::string next_word(std::string_view& text) {
  text = trimmed(text);
  std::string word;
  char quote = 0;
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    if (quote ? text[i] == quote : text[i] == '"' || text[i] == '\'') {
      quote = quote ? '\0' : text[i];
      continue;
    }
    if (!quote && (text[i] == ' ' || text[i] == '\t')) break;
    word += text[i];
  }
  text.remove_prefix(i);
  return word;
}

class Reader {
 public:
  Reader(Diagnostics& diagnostics, std::vector<Waiver>& out) : diagnostics_(diagnostics), out_(out) {}

  // RULE[,RULE…] key=value …; what stands behind without a key is the reason.
  void own(std::string_view text, Span comment, Target target) {
    Waiver waiver;
    waiver.span = comment;
    waiver.origin = "inline";
    const std::string rules = next_word(text);
    std::string rest;
    while (!trimmed(text).empty()) {
      const std::string word = next_word(text);
      const std::size_t equals = word.find('=');
      const std::string key = word.substr(0, equals);
      const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
      if (equals != std::string::npos && key == "until") waiver.until = value;
      else if (equals != std::string::npos && key == "reason") waiver.reason = value;
      else if (equals != std::string::npos && key == "owner") waiver.owner = value;
      else if (equals != std::string::npos && key == "approver") waiver.approver = value;
      else (rest += rest.empty() ? "" : " ") += word;
    }
    if (waiver.reason.empty()) waiver.reason = rest;
    if (rules.empty()) return mistake(comment, "`assay:skip` names no rule: write `# assay:skip RULE reason=\"…\"`");
    if (waiver.reason.empty()) return mistake(comment, "this waiver of `" + rules + "` states no reason and waives nothing: add `reason=\"…\"`");
    if (!waiver.until.empty() && !parse_date(waiver.until))
      return mistake(comment, "`" + waiver.until + "` is not a date: write `until=YYYY-MM-DD`; this waiver waives nothing");
    if (!target.span) return mistake(comment, "this waiver stands on nothing: put it on the line of a resource, a container or a field, or on the line above");
    waiver.target = target.span;
    add_each(waiver, rules, "");
  }

  void foreign(std::string_view tool, std::string_view ids, std::string_view reason, Span place, Span target,
               std::string_view until = {}) {
    if (!target) return;
    Waiver waiver;
    waiver.span = place;
    waiver.target = target;
    waiver.origin = "inline (" + std::string(tool) + ")";
    waiver.foreign = true;
    waiver.reason = trimmed(reason);
    waiver.until = until;
    add_each(waiver, ids, std::string(tool) + "/");
  }

 private:
  void mistake(Span comment, std::string message) { diagnostics_.warning("waiver", comment, std::move(message)); }

  void add_each(const Waiver& waiver, std::string_view ids, const std::string& prefix) {
    while (!ids.empty()) {
      const std::size_t comma = ids.find(',');
      const std::string_view id = trimmed(ids.substr(0, comma));
      ids.remove_prefix(comma == std::string_view::npos ? ids.size() : comma + 1);
      if (id.empty()) continue;
      out_.push_back(waiver);
      out_.back().rule = prefix + std::string(id);
    }
  }

  Diagnostics& diagnostics_;
  std::vector<Waiver>& out_;
};

// KSV012, AVD-KSV-0012 and KSV-0012 are one check.
std::string trivy_id(std::string_view id) {
  if (id.starts_with("AVD-")) id.remove_prefix(4);
  if (id.find('-') == std::string_view::npos) {
    const std::size_t digits = id.find_first_of("0123456789");
    if (digits != std::string_view::npos && digits > 0 && id.find_first_not_of("0123456789", digits) == std::string_view::npos) {
      const std::string number(id.substr(digits));
      return std::string(id.substr(0, digits)) + "-" + std::string(number.size() < 4 ? 4 - number.size() : 0, '0') + number;
    }
  }
  return std::string(id);
}

template <class Targets>
void read_comment(std::string_view text, Span span, const Targets& targets, Reader& reader) {
  if (text.starts_with("/*")) {
    text.remove_prefix(2);
    if (text.ends_with("*/")) text.remove_suffix(2);
    text = text.substr(0, text.find('\n'));
  }
  while (!text.empty() && (text[0] == '#' || text[0] == '/')) text.remove_prefix(1);
  text = trimmed(text);
  if (text.starts_with("assay:skip")) {
    text.remove_prefix(10);
    if (text.empty() || std::string_view(" \t=:").find(text[0]) != std::string_view::npos)
      reader.own(text.empty() ? text : text.substr(1), span, targets.of(span));
    return;
  }
  // checkov: the comment anywhere in a resource waives the check for the resource.
  if (text.starts_with("checkov:skip=")) {
    text.remove_prefix(13);
    const std::size_t colon = text.find(':');
    reader.foreign("checkov", text.substr(0, colon), colon == std::string_view::npos ? "" : text.substr(colon + 1), span, targets.of(span).resource);
    return;
  }
  // trivy: on the line or above; several on one line; `:exp:DATE` ends one.
  for (std::size_t at = text.find("trivy:ignore:"); at == 0 || (at != std::string_view::npos && text[at - 1] == ' ');
       at = text.find("trivy:ignore:", at + 1)) {
    std::string_view rest = text.substr(at + 13);
    std::string_view id = rest.substr(0, rest.find_first_of(" \t"));
    const std::size_t colon = id.find(':');
    std::string_view options = colon == std::string_view::npos ? "" : id.substr(colon + 1);
    id = id.substr(0, colon);
    const std::string_view until = options.starts_with("exp:") ? options.substr(4) : "";
    reader.foreign("trivy", trivy_id(id), "", span, targets.of(span).span, until);
  }
}

// Annotations by which other tools are told to skip a check.
void read_annotations(Value object, SourceId source, Reader& reader) {
  const Span whole = object.span();
  for (const Value metadata : {object.find("metadata"), object.at({"spec", "template", "metadata"}),
                               object.at({"spec", "jobTemplate", "spec", "template", "metadata"})}) {
    for (const Entry& entry : metadata.find("annotations").entries()) {
      const std::string_view key = entry.key(), value = entry.value.as_string();
      const Span place{source, entry.key_begin, end_of(entry, source)};
      if (key.starts_with("checkov.io/skip")) {
        const std::size_t equals = value.find('=');
        reader.foreign("checkov", value.substr(0, equals), equals == std::string_view::npos ? "" : value.substr(equals + 1), place, whole);
      } else if (key == "kube-linter.io/ignore-all") {
        reader.foreign("kube-linter", "*", value, place, whole);
      } else if (key.starts_with("ignore-check.kube-linter.io/")) {
        reader.foreign("kube-linter", key.substr(28), value, place, whole);
      } else if (key == "kube-score/ignore") {
        reader.foreign("kube-score", value, "", place, whole);
      } else if (key == "polaris.fairwinds.com/exempt" && value == "true") {
        reader.foreign("polaris", "*", "", place, whole);
      } else if (key.starts_with("polaris.fairwinds.com/") && key.ends_with("-exempt") && value == "true") {
        reader.foreign("polaris", key.substr(22, key.size() - 22 - 7), "", place, whole);
      }
    }
  }
}

}  // namespace

std::vector<Waiver> inline_waivers(const ParsedFile& file, const Sources& sources, Diagnostics& diagnostics) {
  std::vector<Waiver> waivers;
  const Source& source = sources.get(file.source);
  const std::string_view text = source.bytes();
  Reader reader(diagnostics, waivers);
  // Most files hold none: one search each instead of a look at every object.
  const auto mentions = [&](std::string_view word) { return text.find(word) != std::string_view::npos; };
  const bool in_comments = mentions("assay:skip") || mentions("checkov:skip=") || mentions("trivy:ignore:");
  const bool in_annotations = mentions("checkov.io/skip") || mentions("kube-linter.io/") || mentions("kube-score/ignore") || mentions("polaris.fairwinds.com/");
  for (const Document& document : file.documents) {
    if (in_comments && document.root) {
      const Targets targets(source, document.root);
      for (const Comment& comment : document.comments) read_comment(sources.text(comment.span), comment.span, targets, reader);
    }
    if (in_annotations)
      for (const Value object : objects_of(document.root)) read_annotations(object, file.source, reader);
  }
  std::stable_sort(waivers.begin(), waivers.end(), [](const Waiver& a, const Waiver& b) { return a.span.begin < b.span.begin; });
  return waivers;
}

std::vector<Waiver> inline_waivers(const hcl::File& file, const Sources& sources, Diagnostics& diagnostics) {
  std::vector<Waiver> waivers;
  if (file.comments.empty()) return waivers;
  Reader reader(diagnostics, waivers);
  const BlockTargets targets(sources.get(file.source), file);
  for (const Comment& comment : file.comments) read_comment(sources.text(comment.span), comment.span, targets, reader);
  std::stable_sort(waivers.begin(), waivers.end(), [](const Waiver& a, const Waiver& b) { return a.span.begin < b.span.begin; });
  return waivers;
}

std::vector<RenderedFrom> rendered_from(const ParsedFile& file, const Sources& sources) {
  std::vector<RenderedFrom> out;
  for (const Document& document : file.documents) {
    if (!document.root) continue;
    for (const Comment& comment : document.comments) {
      const std::string_view text = sources.text(comment.span);
      if (text.starts_with("# Source: ") && comment.span.begin < document.root.span().begin)
        out.push_back({comment.span, trimmed(text.substr(10)), document.root.span()});
    }
  }
  return out;
}

}  // namespace assay

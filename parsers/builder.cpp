#include "parsers/builder.hpp"

#include <charconv>
#include <cmath>
#include <cstring>
#include <unordered_set>

namespace assay {

namespace {

constexpr std::uint64_t add_saturating(std::uint64_t a, std::uint64_t b) { return a + b < a ? ~0ull : a + b; }

constexpr std::uint32_t few_keys = 8;  // up to here comparing all pairs is quicker than an index

std::uint64_t hash(std::string_view text) {
  std::uint64_t h = text.size() * 0x9e3779b97f4a7c15ull;
  const char* p = text.data();
  std::size_t n = text.size();
  for (; n >= 8; p += 8, n -= 8) {
    std::uint64_t w;
    std::memcpy(&w, p, 8);
    h = (h ^ w) * 0xff51afd7ed558ccdull;
    h ^= h >> 32;
  }
  std::uint64_t w = 0;
  std::memcpy(&w, p, n);
  h = (h ^ w) * 0xff51afd7ed558ccdull;
  return h ^ (h >> 32);
}

// A key of another kind than string becomes its JSON text, as in sigs.k8s.io/yaml.
std::string_view key_text(Value value, Arena& arena) {
  char buffer[32];
  switch (value.kind()) {
    case Kind::string:
    case Kind::bytes:
    case Kind::number: return value.as_string();
    case Kind::null: return "null";
    case Kind::boolean: return value.as_bool() ? "true" : "false";
    case Kind::int64: {
      const auto r = std::to_chars(buffer, buffer + sizeof buffer, value.as_int());
      return arena.copy({buffer, static_cast<std::size_t>(r.ptr - buffer)});
    }
    case Kind::uint64: {
      const auto r = std::to_chars(buffer, buffer + sizeof buffer, value.as_uint());
      return arena.copy({buffer, static_cast<std::size_t>(r.ptr - buffer)});
    }
    case Kind::float64: {
      const double d = value.as_double();
      if (std::isnan(d)) return ".nan";
      if (std::isinf(d)) return d > 0 ? ".inf" : "-.inf";
      const auto r = std::to_chars(buffer, buffer + sizeof buffer, d);
      return arena.copy({buffer, static_cast<std::size_t>(r.ptr - buffer)});
    }
    case Kind::timestamp:
    case Kind::duration:
    case Kind::list:
    case Kind::set:
    case Kind::map:
    case Kind::resource:
    case Kind::unknown: break;
  }
  return {};
}

}  // namespace

Builder::Builder(const Source& source, ParsedFile& file, const ParseLimits& limits, Diagnostics& diagnostics)
    : source_(source), file_(file), limits_(limits), diagnostics_(diagnostics) {}

void Builder::begin_document() {
  nodes_before_ = nodes_;
  aliased_before_ = aliased_;
  rewind();
}

void Builder::rewind() {
  nodes_ = nodes_before_;
  aliased_ = aliased_before_;
  pending_ = Diagnostics();
  frames_.clear();
  top_ = Frame{};
  in_map_ = failed_ = has_root_ = has_anchor_ = false;
  root_ = Value();
  items_.clear();
  entries_.clear();
  merges_.clear();
  if (!anchors_.empty()) {
    anchors_.clear();
    anchor_names_.clear();
  }
  weight_ = 0;
}

Value Builder::end_document() {
  diagnostics_.append(std::move(pending_));
  return failed_ ? Value() : root_;
}

void Builder::fail(std::string code, std::uint32_t begin, std::uint32_t end, std::string message) {
  if (failed_) return;
  failed_ = true;
  pending_.error(std::move(code), span(begin, end), std::move(message));
}

void Builder::too_deep(std::uint32_t begin) {
  fail("limit-depth", begin, begin + 1,
       "nested deeper than " + std::to_string(limits_.depth) + " levels; flatten it or raise `--max-depth`");
}

// An error that leaves the document readable; after a hundred of them it is given up.
Diagnostic& Builder::report(std::string code, Span span, std::string message) {
  if (pending_.all().size() == 100) {
    fail("too-many-errors", span.begin, span.end, "more than 100 errors in one document; it is not read");
  }
  return pending_.error(std::move(code), span, std::move(message));
}

bool Builder::count(std::uint32_t begin, std::uint32_t end) {
  ++weight_;
  if (++nodes_ <= limits_.nodes) [[likely]] return true;
  fail("limit-nodes", begin, end,
       "more than " + std::to_string(limits_.nodes) + " values in one file; split it or raise `--max-nodes`");
  return false;
}

std::int32_t Builder::take_anchor() {
  if (!has_anchor_) [[likely]] return -1;
  has_anchor_ = false;
  const auto index = static_cast<std::int32_t>(anchors_.size());
  anchors_.push_back({});
  anchor_names_[pending_anchor_] = index;
  return index;
}

void Builder::place(Value value, std::uint32_t begin, std::uint32_t end) {
  if (frames_.empty()) {
    root_ = value;
    has_root_ = true;
    return;
  }
  if (!in_map_) {
    items_.push_back(value);
  } else if (!top_.has_key) {
    key_of(value, begin, end);
    return;
  } else {
    top_.has_key = false;
    if (top_.merge) {
      top_.merge = false;
      merges_.push_back(value);
    } else if (top_.drop) {
      top_.drop = false;
    } else {
      top_.key.value = value;
      entries_.push_back(top_.key);
      if (value.is_null()) file_.has_nulls = true;
    }
  }
  top_.last_end = end;
}

void Builder::key(std::string_view text, std::uint32_t begin, std::uint32_t end) {
  top_.has_key = true;
  top_.last_end = end;
  top_.key = {text.data(), static_cast<std::uint32_t>(text.size()), begin, Value()};
}

void Builder::merge_key(std::uint32_t, std::uint32_t end) {
  top_.has_key = true;
  top_.merge = true;
  top_.last_end = end;
}

void Builder::drop_key(std::uint32_t begin, std::uint32_t end, std::string message) {
  report("key-kind", span(begin, end), std::move(message));
  top_.has_key = true;
  top_.drop = true;
  top_.last_end = end;
}

void Builder::key_of(Value value, std::uint32_t begin, std::uint32_t end) {
  if (value.is_list() || value.is_map()) {
    drop_key(begin, end, std::string("a ") + std::string(name_of(value.kind())) +
                             " cannot be a key here; write a scalar, or put quotes around it if text was meant");
    return;
  }
  key(key_text(value, file_.arena), begin, end);
}

void Builder::scalar(Value value, std::uint32_t begin, std::uint32_t end) {
  if (failed_ || !count(begin, end)) return;
  const std::int32_t anchor = take_anchor();
  if (anchor >= 0) anchors_[anchor] = {value, 1};
  place(value, begin, end);
}

void Builder::alias(std::string_view name, std::uint32_t begin, std::uint32_t end) {
  if (failed_) return;
  const auto found = anchor_names_.find(name);
  if (found == anchor_names_.end()) {
    fail("undefined-alias", begin, end,
         "nothing before this is anchored as `&" + std::string(name) + "`; define the anchor or quote the text");
    return;
  }
  const Anchor& anchor = anchors_[found->second];
  if (!anchor.value) {
    fail("recursive-alias", begin, end,
         "`*" + std::string(name) + "` stands inside the value that it names; a value cannot contain itself");
    return;
  }
  aliased_ = add_saturating(aliased_, anchor.weight);
  weight_ = add_saturating(weight_, anchor.weight);
  if (aliased_ > limits_.alias_expansion) {
    fail("limit-alias-nodes", begin, end,
         "aliases stand for more than " + std::to_string(limits_.alias_expansion) +
             " values; write them out less often or raise `--max-alias-nodes`");
    return;
  }
  place(anchor.value, begin, end);
}

void Builder::open(bool map, std::uint32_t begin) {
  if (failed_ || !count(begin, begin + 1)) return;
  if (frames_.size() >= limits_.depth) {
    too_deep(begin);
    return;
  }
  const std::int32_t anchor = take_anchor();
  frames_.push_back(top_);
  top_ = Frame{};
  top_.map = in_map_ = map;
  top_.anchor = anchor;
  top_.begin = top_.last_end = begin;
  top_.base = static_cast<std::uint32_t>(map ? entries_.size() : items_.size());
  top_.merge_base = static_cast<std::uint32_t>(merges_.size());
  top_.weight = weight_ - 1;
}

void Builder::begin_map(std::uint32_t begin) { open(true, begin); }
void Builder::begin_list(std::uint32_t begin) { open(false, begin); }

Builder::Frame Builder::close() {
  const Frame closed = top_;
  top_ = frames_.back();
  frames_.pop_back();
  in_map_ = !frames_.empty() && top_.map;
  return closed;
}

void Builder::end_list(std::uint32_t end) {
  if (failed_ || frames_.empty() || in_map_) return;
  const Frame closed = close();
  const Value list = file_.arena.list(std::span(items_).subspan(closed.base), span(closed.begin, end));
  items_.resize(closed.base);
  if (closed.anchor >= 0) anchors_[closed.anchor] = {list, weight_ - closed.weight};
  place(list, closed.begin, end);
}

void Builder::end_map(std::uint32_t end) {
  if (failed_ || !in_map_) return;
  if (keep_duplicates_) {
    const Frame closed = close();
    place(split_map(closed, end), closed.begin, end);
    return;
  }
  check_keys(top_.base, top_.begin, end);
  if (merges_.size() > top_.merge_base) expand_merges(top_);
  if (failed_) return;
  const Frame closed = close();
  const Value map = file_.arena.map(std::span(entries_).subspan(closed.base), span(closed.begin, end));
  entries_.resize(closed.base);
  if (closed.anchor >= 0) anchors_[closed.anchor] = {map, weight_ - closed.weight};
  place(map, closed.begin, end);
}

Value Builder::split_map(const Frame& frame, std::uint32_t end) {
  const std::span<const Entry> entries = std::span(entries_).subspan(frame.base);
  std::vector<Value> maps;
  std::unordered_set<std::string_view> seen;
  std::size_t first = 0;
  for (std::size_t i = 0; i <= entries.size(); ++i) {
    if (i < entries.size() && seen.insert(entries[i].key()).second) continue;
    maps.push_back(file_.arena.map(entries.subspan(first, i - first), span(frame.begin, end)));
    first = i;
    seen.clear();
    if (i < entries.size()) seen.insert(entries[i].key());
  }
  entries_.resize(frame.base);
  return maps.size() == 1 ? maps[0] : file_.arena.list(maps, span(frame.begin, end), true);
}

void Builder::report_duplicate(const Entry& first, const Entry& second) {
  if (failed_) return;
  // As written: quotes and escapes may make the text longer than the key, which does not matter for a caret.
  const auto key_span = [&](const Entry& e) {
    const auto size = static_cast<std::uint32_t>(source_.bytes().size());
    return span(e.key_begin, std::min(size, e.key_begin + std::max(1u, e.key_size)));
  };
  Diagnostic& error = report("duplicate-key", key_span(second),
                             "duplicate key `" + std::string(second.key()) + "`; remove or rename one of the two");
  error.notes.push_back({key_span(first), "first given here"});
}

void Builder::index_clear(std::size_t size) {
  std::size_t slots = 16;
  while (slots < size * 2) slots *= 2;
  index_.assign(slots, ~0u);
}

std::uint32_t Builder::index_find_or_add(std::string_view key, std::uint32_t place) {
  const std::size_t mask = index_.size() - 1;
  for (std::size_t slot = hash(key) & mask;; slot = (slot + 1) & mask) {
    if (index_[slot] == ~0u) {
      index_[slot] = place;
      return place;
    }
    if (entries_[index_[slot]].key() == key) return index_[slot];
  }
}

// Each key once: a second one is an error, and the last value stays, as it does where nobody checks.
void Builder::check_keys(std::uint32_t base, std::uint32_t, std::uint32_t) {
  const auto size = static_cast<std::uint32_t>(entries_.size());
  const std::uint32_t keys = size - base;
  if (keys < 2) return;
  bool duplicates = false;
  if (keys <= few_keys) {
    for (std::uint32_t i = base + 1; i < size; ++i) {
      const Entry& e = entries_[i];
      for (std::uint32_t j = base; j < i; ++j) {
        const Entry& f = entries_[j];
        if (e.key_size == f.key_size && std::memcmp(e.key_data, f.key_data, e.key_size) == 0) {
          report_duplicate(f, e);
          duplicates = true;
          break;
        }
      }
    }
  } else {
    index_clear(keys);
    for (std::uint32_t i = base; i < size; ++i) {
      const std::uint32_t at = index_find_or_add(entries_[i].key(), i);
      if (at != i) {
        report_duplicate(entries_[at], entries_[i]);
        duplicates = true;
      }
    }
  }
  if (!duplicates) return;
  index_clear(keys);
  std::uint32_t kept = base;
  for (std::uint32_t i = base; i < size; ++i) {
    const Entry entry = entries_[i];
    entries_[kept] = entry;
    const std::uint32_t at = index_find_or_add(entry.key(), kept);
    if (at == kept) ++kept;
    else entries_[at] = entry;
  }
  entries_.resize(kept);
}

void Builder::merge_one(const Frame& frame, Value map) {
  if (!map.is_map()) {
    const Span at = map.span() ? map.span() : span(frame.begin, frame.begin + 1);
    report("merge-value", at,
                       "`<<` merges a map or a list of maps, not a " + std::string(name_of(map.kind())) +
                           "; give it an alias of a map");
    return;
  }
  for (const Entry& entry : map.entries()) {
    const auto place = static_cast<std::uint32_t>(entries_.size());
    if (place - frame.base + 1 > index_.size() / 2) {  // keep the index half empty
      index_clear((place - frame.base + 1) * 2);
      for (std::uint32_t i = frame.base; i < place; ++i) index_find_or_add(entries_[i].key(), i);
    }
    // Merging into merged maps could copy far more entries than the file has.
    if (++nodes_ > limits_.nodes) {
      fail("limit-nodes", frame.begin, frame.begin + 1,
           "more than " + std::to_string(limits_.nodes) + " values in one file; merge less or raise `--max-nodes`");
      return;
    }
    entries_.push_back(entry);
    if (index_find_or_add(entry.key(), place) != place) entries_.pop_back();
  }
}

// Own keys win over merged ones, earlier merged maps over later ones. Values are shared.
void Builder::expand_merges(const Frame& frame) {
  index_clear(entries_.size() - frame.base + 1);
  for (auto i = frame.base; i < entries_.size(); ++i) index_find_or_add(entries_[i].key(), i);
  for (std::size_t i = frame.merge_base; i < merges_.size() && !failed_; ++i) {
    const Value merged = merges_[i];
    if (merged.is_list()) {
      for (const Value item : merged.items()) {
        merge_one(frame, item);
        if (failed_) return;
      }
    } else {
      merge_one(frame, merged);
    }
  }
  merges_.resize(frame.merge_base);
}

}  // namespace assay

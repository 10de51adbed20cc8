#include "engine/value.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

#include "engine/value_node.hpp"

namespace assay {

namespace detail {

// A computed node: the node itself, then where it came from.
struct ComputedNode {
  Node node;
  const Origin* origins;
  std::size_t origin_count;
};

}  // namespace detail

using detail::ComputedNode;
using detail::Node;

std::string_view name_of(Kind kind) {
  static constexpr std::array<std::string_view, 15> names = {
      "null", "bool", "int", "uint", "double", "number", "string", "bytes", "timestamp", "duration",
      "list", "set", "map", "resource", "unknown"};
  return names[static_cast<std::size_t>(kind)];
}

Kind Value::kind() const { return node_->kind; }
bool Value::as_bool() const { return is(Kind::boolean) && node_->boolean; }
std::int64_t Value::as_int() const { return is(Kind::int64) ? node_->int64 : 0; }
std::uint64_t Value::as_uint() const { return is(Kind::uint64) ? node_->uint64 : 0; }
double Value::as_double() const { return is(Kind::float64) ? node_->float64 : 0; }
std::string_view Value::as_string() const {
  if (is(Kind::string) || is(Kind::bytes) || is(Kind::number)) return {node_->text.data, node_->text.size};
  return {};
}
TimeParts Value::as_time() const {
  if (is(Kind::timestamp) || is(Kind::duration)) return {node_->int64, node_->nanos};
  return {};
}
const Resource* Value::as_resource() const { return is(Kind::resource) ? node_->resource : nullptr; }
Unknown Value::as_unknown() const { return is(Kind::unknown) ? *node_->unknown : Unknown{}; }
std::span<const Value> Value::items() const {
  if (!is_list()) return {};
  return {node_->items.data, node_->items.size};
}
std::span<const std::string_view> Value::keys() const {
  if (!is_list() || !(node_->flags & detail::keyed_flag)) return {};
  const auto* keys = reinterpret_cast<const detail::ListKeys*>(node_->items.data + node_->items.size);
  return {keys->data, keys->size};
}
std::span<const Entry> Value::entries() const {
  if (!is_map()) return {};
  return {node_->entries.data, node_->entries.size};
}
std::size_t Value::size() const {
  if (is_list()) return node_->items.size;
  if (is_map()) return node_->entries.size;
  return 0;
}

const Entry* Value::find_entry(std::string_view key) const {
  if (!is_map()) return nullptr;
  const Entry* entries = node_->entries.data;
  const std::uint32_t size = node_->entries.size;
  if (node_->flags & detail::indexed_flag) {
    const auto* order = reinterpret_cast<const std::uint32_t*>(entries + size);
    const auto* found = std::lower_bound(order, order + size, key,
                                         [&](std::uint32_t i, std::string_view k) { return entries[i].key() < k; });
    return found != order + size && entries[*found].key() == key ? &entries[*found] : nullptr;
  }
  for (std::uint32_t i = 0; i < size; ++i) {
    // The last byte first: keys of equal length often begin alike.
    if (entries[i].key_size == key.size() && (key.empty() || entries[i].key_data[key.size() - 1] == key.back()) &&
        std::memcmp(entries[i].key_data, key.data(), key.size()) == 0)
      return &entries[i];
  }
  return nullptr;
}
Value Value::find(std::string_view key) const {
  const Entry* entry = find_entry(key);
  return entry ? entry->value : Value();
}
Value Value::at(std::initializer_list<std::string_view> path) const {
  Value value = *this;
  for (const std::string_view key : path) {
    value = value.find(key);
    if (!value) break;
  }
  return value;
}

Span Value::span() const { return node_ ? Span{node_->source, node_->begin, node_->end} : Span{}; }
Span Value::header() const {
  if (!is_map() || node_->nanos == 0 || node_->source == no_source) return {};
  return {node_->source, node_->begin, node_->begin + static_cast<std::uint32_t>(node_->nanos)};
}
bool Value::sensitive() const { return node_ && (node_->flags & detail::sensitive_flag); }
bool Value::has_unknown() const { return node_ && (node_->flags & detail::has_unknown_flag); }
bool Value::has_sensitive() const { return node_ && (node_->flags & detail::has_sensitive_flag); }
bool Value::computed() const { return node_ && (node_->flags & detail::computed_flag); }
std::span<const Origin> Value::origins() const {
  if (!computed()) return {};
  const auto* node = reinterpret_cast<const ComputedNode*>(node_);
  return {node->origins, node->origin_count};
}

namespace {

// Origins form a graph whose depth an input can drive (a chain of a thousand locals): bounded.
constexpr int origin_depth = 64;

Location locate(Value value, int depth) {
  if (!value || depth == 0) return {};
  if (value.span()) return {value.span(), {}};
  for (const Origin& origin : value.origins()) {
    Location location = locate(origin.value, depth - 1);
    if (!location.span) continue;
    if (!origin.absent.empty() && location.absent.empty()) location.absent = origin.absent;
    return location;
  }
  return {};
}

// Numbers by value across int, uint and double.
bool equal_numbers(Value left, Value right) {
  const auto as_long_double = [](Value v) -> long double {
    switch (v.kind()) {
      case Kind::int64: return static_cast<long double>(v.as_int());
      case Kind::uint64: return static_cast<long double>(v.as_uint());
      default: return v.as_double();
    }
  };
  return as_long_double(left) == as_long_double(right);
}
bool numeric(Kind kind) { return kind == Kind::int64 || kind == Kind::uint64 || kind == Kind::float64; }

}  // namespace

Location located(Value value) { return locate(value, origin_depth); }

bool equal(Value left, Value right) {
  // Explicit stack: input may be as deep as the parser's limit allows.
  std::vector<std::pair<Value, Value>> pending = {{left, right}};
  while (!pending.empty()) {
    const auto [a, b] = pending.back();
    pending.pop_back();
    if (a == b) continue;
    if (!a || !b) return false;
    if (numeric(a.kind()) && numeric(b.kind())) {
      if (!equal_numbers(a, b)) return false;
      continue;
    }
    if (a.is_list() && b.is_list()) {
      if (a.size() != b.size()) return false;
      for (std::size_t i = 0; i < a.size(); ++i) pending.emplace_back(a.items()[i], b.items()[i]);
      continue;
    }
    if (a.kind() != b.kind()) return false;
    switch (a.kind()) {
      case Kind::null: break;
      case Kind::boolean: if (a.as_bool() != b.as_bool()) return false; break;
      case Kind::number: case Kind::string: case Kind::bytes:
        if (a.as_string() != b.as_string()) return false;
        break;
      case Kind::timestamp: case Kind::duration: if (a.as_time() != b.as_time()) return false; break;
      case Kind::map:
        if (a.size() != b.size()) return false;
        for (const Entry& entry : a.entries()) {
          const Value other = b.find(entry.key());
          if (!other) return false;
          pending.emplace_back(entry.value, other);
        }
        break;
      case Kind::resource: if (a.as_resource() != b.as_resource()) return false; break;
      case Kind::unknown: return false;
      case Kind::int64: case Kind::uint64: case Kind::float64: case Kind::list: case Kind::set: break;
    }
  }
  return true;
}

// --- Arena ---------------------------------------------------------------------------------------

struct Arena::Blocks {
  std::vector<std::unique_ptr<char[]>> blocks;
  std::size_t used = 0;
  std::size_t next_size = 4096;  // grows with what is used, so that a small document costs little and a large one few calls
};

Arena::Arena() : blocks_(std::make_unique<Blocks>()) {}
Arena::~Arena() = default;
Arena::Arena(Arena&& other) noexcept = default;
Arena& Arena::operator=(Arena&& other) noexcept = default;

void* Arena::allocate(std::size_t size, std::size_t alignment) {
  auto address = (reinterpret_cast<std::uintptr_t>(next_) + alignment - 1) & ~(alignment - 1);
  if (next_ == nullptr || address + size > reinterpret_cast<std::uintptr_t>(limit_)) {
    constexpr std::size_t largest = 1u << 20;
    const std::size_t block = std::max(size + alignment, blocks_->next_size);
    blocks_->next_size = std::clamp<std::size_t>((blocks_->used + block) / 4, 1024, largest);
    blocks_->blocks.push_back(std::unique_ptr<char[]>(new char[block]));
    next_ = blocks_->blocks.back().get();
    limit_ = next_ + block;
    blocks_->used += block;
    address = (reinterpret_cast<std::uintptr_t>(next_) + alignment - 1) & ~(alignment - 1);
  }
  next_ = reinterpret_cast<char*>(address + size);
  return reinterpret_cast<void*>(address);
}

Node* Arena::node(Kind kind, Span span) {
  auto* node = static_cast<Node*>(allocate(sizeof(Node), alignof(Node)));
  node->kind = kind;
  node->flags = 0;
  node->nanos = 0;
  node->source = span.source;
  node->begin = span.begin;
  node->end = span.end;
  node->text = {nullptr, 0};
  return node;
}

Value Arena::null(Span span) { return Value(node(Kind::null, span)); }
Value Arena::boolean(bool value, Span span) {
  Node* n = node(Kind::boolean, span);
  n->boolean = value;
  return Value(n);
}
Value Arena::integer(std::int64_t value, Span span) {
  Node* n = node(Kind::int64, span);
  n->int64 = value;
  return Value(n);
}
Value Arena::unsigned_integer(std::uint64_t value, Span span) {
  Node* n = node(Kind::uint64, span);
  n->uint64 = value;
  return Value(n);
}
Value Arena::floating(double value, Span span) {
  Node* n = node(Kind::float64, span);
  n->float64 = value;
  return Value(n);
}
Value Arena::number(std::string_view text, Span span) {
  Node* n = node(Kind::number, span);
  n->text = {text.data(), static_cast<std::uint32_t>(text.size())};
  return Value(n);
}
Value Arena::string(std::string_view text, Span span) {
  Node* n = node(Kind::string, span);
  n->text = {text.data(), static_cast<std::uint32_t>(text.size())};
  return Value(n);
}
Value Arena::bytes(std::string_view bytes, Span span) {
  Node* n = node(Kind::bytes, span);
  n->text = {bytes.data(), static_cast<std::uint32_t>(bytes.size())};
  return Value(n);
}
Value Arena::timestamp(TimeParts time, Span span) {
  Node* n = node(Kind::timestamp, span);
  n->int64 = time.seconds;
  n->nanos = time.nanos;
  return Value(n);
}
Value Arena::duration(TimeParts length, Span span) {
  Node* n = node(Kind::duration, span);
  n->int64 = length.seconds;
  n->nanos = length.nanos;
  return Value(n);
}
Value Arena::list(std::span<const Value> items, Span span, bool set) {
  auto* data = static_cast<Value*>(allocate(items.size_bytes(), alignof(Value)));
  std::uninitialized_copy(items.begin(), items.end(), data);
  Node* n = node(set ? Kind::set : Kind::list, span);
  for (const Value item : items)
    if (item) n->flags |= item.node_->flags & detail::inherited_flags;
  n->items = {data, static_cast<std::uint32_t>(items.size())};
  return Value(n);
}
Value Arena::keyed_list(std::span<const Value> items, std::span<const std::string_view> keys, Span span) {
  auto* names = static_cast<std::string_view*>(allocate(keys.size_bytes(), alignof(std::string_view)));
  for (std::size_t i = 0; i < keys.size(); ++i) new (names + i) std::string_view(copy(keys[i]));
  auto* data = static_cast<Value*>(allocate(items.size_bytes() + sizeof(detail::ListKeys), alignof(detail::ListKeys)));
  std::uninitialized_copy(items.begin(), items.end(), data);
  new (data + items.size()) detail::ListKeys{names, keys.size()};
  Node* n = node(Kind::list, span);
  n->flags |= detail::keyed_flag;
  for (const Value item : items)
    if (item) n->flags |= item.node_->flags & detail::inherited_flags;
  n->items = {data, static_cast<std::uint32_t>(items.size())};
  return Value(n);
}
Value Arena::map(std::span<const Entry> entries, Span span, std::uint32_t header) {
  constexpr std::size_t index_from = 24;
  const bool indexed = entries.size() >= index_from;
  const std::size_t size = entries.size_bytes() + (indexed ? entries.size() * sizeof(std::uint32_t) : 0);
  auto* data = static_cast<Entry*>(allocate(size, alignof(Entry)));
  std::uninitialized_copy(entries.begin(), entries.end(), data);
  Node* n = node(Kind::map, span);
  n->nanos = static_cast<std::int32_t>(header);
  n->entries = {data, static_cast<std::uint32_t>(entries.size())};
  for (const Entry& entry : entries)
    if (entry.value) n->flags |= entry.value.node_->flags & detail::inherited_flags;
  if (indexed) {
    n->flags |= detail::indexed_flag;
    auto* order = reinterpret_cast<std::uint32_t*>(data + entries.size());
    for (std::uint32_t i = 0; i < entries.size(); ++i) order[i] = i;
    std::sort(order, order + entries.size(),
              [&](std::uint32_t a, std::uint32_t b) { return data[a].key() < data[b].key(); });
  }
  return Value(n);
}
Value Arena::resource(const Resource* resource) {
  Node* n = node(Kind::resource, {});
  n->resource = resource;
  return Value(n);
}
Value Arena::unknown(const Unknown& unknown, Span span) {
  auto* copied = static_cast<Unknown*>(allocate(sizeof(Unknown), alignof(Unknown)));
  new (copied) Unknown{copy(unknown.name), copy(unknown.type), copy(unknown.reason)};
  Node* n = node(Kind::unknown, span);
  n->unknown = copied;
  n->flags |= detail::has_unknown_flag;
  return Value(n);
}

Value Arena::computed(Value value, std::span<const Origin> origins) {
  if (!value) return value;
  auto* data = static_cast<Origin*>(allocate(origins.size_bytes(), alignof(Origin)));
  bool is_sensitive = value.sensitive();
  for (std::size_t i = 0; i < origins.size(); ++i) {
    new (data + i) Origin{origins[i].value, copy(origins[i].absent), copy(origins[i].note), origins[i].use};
    is_sensitive = is_sensitive || origins[i].value.sensitive();
  }
  auto* n = static_cast<ComputedNode*>(allocate(sizeof(ComputedNode), alignof(ComputedNode)));
  n->node = *value.node_;
  n->node.flags |= detail::computed_flag | (is_sensitive ? detail::sensitive_flag | detail::has_sensitive_flag : 0);
  n->node.source = no_source;
  n->node.begin = n->node.end = 0;
  n->origins = data;
  n->origin_count = origins.size();
  return Value(&n->node);
}

Value Arena::sensitive(Value value) {
  if (!value || value.sensitive()) return value;
  if (value.computed()) {
    auto* n = static_cast<ComputedNode*>(allocate(sizeof(ComputedNode), alignof(ComputedNode)));
    *n = *reinterpret_cast<const ComputedNode*>(value.node_);
    n->node.flags |= detail::sensitive_flag | detail::has_sensitive_flag;
    return Value(&n->node);
  }
  auto* n = static_cast<Node*>(allocate(sizeof(Node), alignof(Node)));
  *n = *value.node_;
  n->flags |= detail::sensitive_flag | detail::has_sensitive_flag;
  return Value(n);
}

Value Arena::placed(Value value, Span span) {
  if (!value) return value;
  auto* n = static_cast<Node*>(allocate(sizeof(Node), alignof(Node)));
  *n = *value.node_;
  n->flags &= static_cast<std::uint8_t>(~detail::computed_flag);
  n->source = span.source;
  n->begin = span.begin;
  n->end = span.end;
  return Value(n);
}

std::string_view Arena::copy(std::string_view text) {
  if (text.empty()) return {};
  auto* data = static_cast<char*>(allocate(text.size(), 1));
  std::memcpy(data, text.data(), text.size());
  return {data, text.size()};
}

void Arena::reserve(std::size_t bytes) { blocks_->next_size = std::clamp<std::size_t>(bytes, 256, 1u << 20); }

std::size_t Arena::bytes_used() const { return blocks_ ? blocks_->used : 0; }

// --- without_nulls -------------------------------------------------------------------------------

namespace {

struct NullFilter {
  Arena& arena;

  Value like(Value old, Value changed) { return old.sensitive() ? arena.sensitive(changed) : changed; }

  // Recursion follows the input's nesting, which the parsers bound (ParseLimits::depth).
  Value filter(Value value) {
    if (value.is_list()) {
      std::vector<Value> items;
      bool changed = false;
      items.reserve(value.size());
      for (const Value item : value.items()) {
        items.push_back(filter(item));
        changed = changed || items.back() != item;
      }
      return changed ? like(value, arena.list(items, value.span(), value.kind() == Kind::set)) : value;
    }
    if (value.is_map()) {
      std::vector<Entry> entries;
      bool changed = false;
      entries.reserve(value.size());
      for (const Entry& entry : value.entries()) {
        if (entry.value.is_null()) {
          changed = true;
          continue;
        }
        entries.push_back(entry);
        entries.back().value = filter(entry.value);
        changed = changed || entries.back().value != entry.value;
      }
      const Span header = value.header();
      return changed ? like(value, arena.map(entries, value.span(), header.end - header.begin)) : value;
    }
    return value;
  }
};

}  // namespace

Value without_nulls(Value value, Arena& arena) { return NullFilter{arena}.filter(value); }

}  // namespace assay

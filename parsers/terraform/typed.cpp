#include "parsers/terraform/typed.hpp"

#include <algorithm>
#include <cstdio>

#include "engine/text.hpp"
#include "parsers/terraform/number.hpp"

namespace assay::terraform {

using K = Type::Kind;

namespace {

// A chain of uses that an input can make arbitrarily long is followed this far.
constexpr int longest_chain = 32;

// A child of a value came through the same places as its container.
Value inherited(Value child, Value container, Arena& arena, int depth) {
  if (!container.computed() || depth == 0) return child;
  const auto origins = container.origins();
  if (origins.size() != 1 || !origins[0].use) return child;
  const Origin origin{inherited(child, origins[0].value, arena, depth - 1), {}, origins[0].note, origins[0].use};
  return arena.computed(child, {&origin, 1});
}

Typed child(Value value, const Type* type, Value container, Arena& arena) {
  Value result = inherited(value, container, arena, longest_chain);
  if (container.sensitive()) result = arena.sensitive(result);
  return {result, type};
}

}  // namespace

Value used(Value value, Span use, Arena& arena, std::string_view note) {
  if (!value) return value;
  const Origin origin{value, {}, note, use};
  return arena.computed(value, {&origin, 1});
}

Value placed(Value fresh, Value place, Arena& arena) {
  if (!place) return fresh;
  if (place.computed() && !fresh.computed()) fresh = arena.computed(fresh, place.origins());
  return place.sensitive() ? arena.sensitive(fresh) : fresh;
}

Typed unknown_of(const Type* type, std::string_view name, std::string_view reason, Span span, Arena& arena) {
  const std::string text = type->is(K::any) ? std::string() : name_of(type);
  return {arena.unknown({name, text, reason}, span), type};
}

Typed item_of(Typed container, std::size_t index, Arena& arena) {
  if (!container.value.is_list() || index >= container.value.size()) return {};
  const Type* type = container.type->is(K::tuple) ? container.type->items[index] : container.type->element;
  return child(container.value.items()[index], type, container.value, arena);
}

Typed member_of(Typed container, std::string_view name, Arena& arena) {
  const Value found = container.value.find(name);
  if (!found) return {};
  const Type* type = container.type->element;
  if (container.type->is(K::object)) {
    const Member* member = container.type->member(name);
    if (!member) return {};
    type = member->type;
  }
  return child(found, type, container.value, arena);
}

Entry entry_of(std::string_view key, Value value) {
  return {key.data(), static_cast<std::uint32_t>(key.size()), 0, value};
}

void sort_entries(std::vector<Entry>& entries) {
  const auto less = [](const Entry& a, const Entry& b) { return a.key() < b.key(); };
  if (!std::is_sorted(entries.begin(), entries.end(), less)) std::sort(entries.begin(), entries.end(), less);
}

// --- equality: go-cty, Value.Equals ---

namespace {

// Shared parts may make a value's tree far larger than the value: what takes longer is not decided.
constexpr std::size_t most_comparisons = 5'000'000;

bool never_alike(const Type* a, const Type* b) {
  if (a->is(K::any) || b->is(K::any) || a == b) return false;
  if (a->kind != b->kind) return true;
  if (a->collection()) return never_alike(a->element, b->element);
  if (a->is(K::tuple)) {
    if (a->items.size() != b->items.size()) return true;
    for (std::size_t i = 0; i < a->items.size(); ++i)
      if (never_alike(a->items[i], b->items[i])) return true;
    return false;
  }
  if (a->is(K::object)) {
    if (a->members.size() != b->members.size()) return true;
    for (std::size_t i = 0; i < a->members.size(); ++i)
      if (a->members[i].name != b->members[i].name || never_alike(a->members[i].type, b->members[i].type)) return true;
    return false;
  }
  return false;
}

struct Comparison {
  std::size_t left_over = most_comparisons;

  Truth compare(Value a, const Type* at, Value b, const Type* bt) {
    if (left_over == 0) return Truth::unknown;
    --left_over;
    if (a.is_unknown() || b.is_unknown()) {
      if (a.is_null() || b.is_null() || at->has_any || bt->has_any || at == bt) return Truth::unknown;
      return Truth::no;
    }
    if (a.is_null() || b.is_null()) return a.is_null() && b.is_null() ? Truth::yes : Truth::no;
    if (at != bt) {
      if (!at->has_any && !bt->has_any) return Truth::no;
      if (never_alike(at, bt) || !(a.has_unknown() || b.has_unknown())) return Truth::no;
    }
    if (a == b && !a.has_unknown()) return Truth::yes;
    switch (at->kind) {
      case K::any: return Truth::unknown;
      case K::boolean: return truth(a.as_bool() == b.as_bool());
      case K::number: return truth(equal_numbers(a, b));
      case K::string: return truth(a.as_string() == b.as_string());
      case K::list: case K::set: case K::tuple: {
        if (at->is(K::set) && (a.has_unknown() || b.has_unknown())) return Truth::unknown;
        if (a.size() != b.size()) return Truth::no;
        Truth all = Truth::yes;
        for (std::size_t i = 0; i < a.size(); ++i) {
          const Truth one = at->is(K::tuple) ? compare(a.items()[i], at->items[i], b.items()[i], bt->items[i])
                                             : compare(a.items()[i], at->element, b.items()[i], bt->element);
          if (one == Truth::no) return one;
          if (one == Truth::unknown) all = one;
        }
        return all;
      }
      case K::map: case K::object: {
        if (a.size() != b.size()) return Truth::no;
        Truth all = Truth::yes;
        for (const Entry& entry : a.entries()) {
          const Value other = b.find(entry.key());
          if (!other) return Truth::no;
          const Member* am = at->member(entry.key());
          const Member* bm = bt->member(entry.key());
          if (at->is(K::object) && (!am || !bm)) return Truth::no;
          const Truth one = compare(entry.value, am ? am->type : at->element, other, bm ? bm->type : bt->element);
          if (one == Truth::no) return one;
          if (one == Truth::unknown) all = one;
        }
        return all;
      }
    }
    return Truth::no;
  }
  static Truth truth(bool yes) { return yes ? Truth::yes : Truth::no; }
};

}  // namespace

Truth equals(Typed left, Typed right) { return Comparison{}.compare(left.value, left.type, right.value, right.type); }

// --- sets: go-cty, set_internals.go ---

namespace {

// Go's strconv.Quote, as far as order goes.
void quote(std::string_view text, std::string& out) {
  out += '"';
  for (std::size_t i = 0; i < text.size();) {
    const Decoded c = decode(text, i);
    char buffer[16];
    switch (c.code_point) {
      case '\a': out += "\\a"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\v': out += "\\v"; break;
      case '\\': out += "\\\\"; break;
      case '"': out += "\\\""; break;
      default:
        if (!c.valid || c.code_point < 0x20 || c.code_point == 0x7f) {
          std::snprintf(buffer, sizeof buffer, "\\x%02x", static_cast<unsigned char>(text[i]));
          out += buffer;
        } else if (unprintable(c.code_point)) {
          std::snprintf(buffer, sizeof buffer, c.code_point < 0x10000 ? "\\u%04x" : "\\U%08x", static_cast<unsigned>(c.code_point));
          out += buffer;
        } else {
          out += text.substr(i, c.size);
        }
    }
    i += c.size;
  }
  out += '"';
}

constexpr std::size_t longest_key = 1u << 20;

// What orders the elements of a set that are not plain: the reference implementation's hash input.
void order_key(Value value, const Type* type, std::string& out) {
  if (out.size() > longest_key) return;
  if (value.is_unknown()) { out += '?'; return; }
  if (value.is_null()) { out += '~'; return; }
  switch (type->kind) {
    case K::any: return;
    case K::boolean: out += value.as_bool() ? 'T' : 'F'; return;
    case K::number: {
      char buffer[64];
      std::snprintf(buffer, sizeof buffer, "%.10g", to_double(value));
      out += buffer;
      return;
    }
    case K::string: quote(value.as_string(), out); return;
    case K::list: case K::set:
      out += '[';
      for (const Value item : value.items()) order_key(item, type->element, out), out += ';';
      out += ']';
      return;
    case K::tuple:
      out += '<';
      for (std::size_t i = 0; i < value.size(); ++i) order_key(value.items()[i], type->items[i], out), out += ';';
      out += '>';
      return;
    case K::map: {
      std::vector<Entry> entries(value.entries().begin(), value.entries().end());
      sort_entries(entries);
      out += '{';
      for (const Entry& entry : entries) {
        quote(entry.key(), out);
        out += ':';
        order_key(entry.value, type->element, out);
        out += ';';
      }
      out += '}';
      return;
    }
    case K::object:
      out += '<';
      for (const Member& member : type->members) {
        const Value part = value.find(member.name);
        if (part) order_key(part, member.type, out);
        out += ';';
      }
      out += '>';
      return;
  }
}

// Known before null before unknown, as the reference sorts them.
int rank(Value value) { return value.is_unknown() ? 1 : value.is_null() ? 2 : 0; }

}  // namespace

Typed set_of(std::vector<Value> items, const Type* element, Value place, Arena& arena) {
  bool sensitive = false;
  for (const Value item : items) sensitive = sensitive || item.has_sensitive();
  const bool plain = element->primitive();
  std::vector<std::pair<std::string, Value>> keyed;
  if (plain) {
    std::stable_sort(items.begin(), items.end(), [&](Value a, Value b) {
      if (rank(a) != rank(b)) return rank(a) < rank(b);
      if (rank(a) != 0) return false;
      switch (element->kind) {
        case K::string: return a.as_string() < b.as_string();
        case K::number: return compare_numbers(a, b) < 0;
        default: return a.as_bool() < b.as_bool();
      }
    });
  } else {
    keyed.reserve(items.size());
    for (const Value item : items) {
      keyed.emplace_back(std::string(), item);
      order_key(item, element, keyed.back().first);
    }
    std::stable_sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) {
      if (rank(a.second) != rank(b.second)) return rank(a.second) < rank(b.second);
      return a.first < b.first;
    });
    for (std::size_t i = 0; i < items.size(); ++i) items[i] = keyed[i].second;
  }
  std::vector<Value> distinct;
  std::size_t run = 0;  // where, in `distinct`, those with the same key begin
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!plain && (i == 0 || keyed[i].first != keyed[i - 1].first)) run = distinct.size();
    const std::size_t from = plain ? (distinct.empty() ? 0 : distinct.size() - 1) : run;
    bool known = false;
    for (std::size_t j = from; j < distinct.size() && !known; ++j)
      known = equals({distinct[j], element}, {items[i], element}) == Truth::yes;
    if (!known) distinct.push_back(items[i]);
  }
  Value set = arena.list(distinct, place ? place.span() : Span{}, true);
  set = placed(set, place, arena);
  return {sensitive ? arena.sensitive(set) : set, set_type(element)};
}

// --- JSON ---

namespace {

void json_text(std::string_view text, std::string& out) {
  out += '"';
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    char buffer[8];
    if (c == '"' || c == '\\') {
      out += '\\';
      out += text[i++];
    } else if (c == '\n') { out += "\\n"; ++i;
    } else if (c == '\r') { out += "\\r"; ++i;
    } else if (c == '\t') { out += "\\t"; ++i;
    } else if (c == '\b') { out += "\\b"; ++i;
    } else if (c == '\f') { out += "\\f"; ++i;
    } else if (c < 0x20 || c == '<' || c == '>' || c == '&') {  // as Go's encoding/json, safe inside HTML
      std::snprintf(buffer, sizeof buffer, "\\u%04x", c);
      out += buffer;
      ++i;
    } else if (c < 0x80) {
      out += text[i++];
    } else {
      const Decoded decoded = decode(text, i);
      if (!decoded.valid) out += "\\ufffd";
      else if (decoded.code_point == 0x2028) out += "\\u2028";
      else if (decoded.code_point == 0x2029) out += "\\u2029";
      else out += text.substr(i, decoded.size);
      i += decoded.size;
    }
  }
  out += '"';
}

bool json(Value value, std::string& out) {
  if (out.size() > max_text) return false;
  switch (value ? value.kind() : Kind::null) {
    case Kind::null: case Kind::unknown: case Kind::resource: out += "null"; return true;
    case Kind::boolean: out += value.as_bool() ? "true" : "false"; return true;
    case Kind::int64: case Kind::uint64: case Kind::float64: case Kind::number: out += number_text(value); return true;
    case Kind::string: case Kind::bytes: json_text(value.as_string(), out); return true;
    case Kind::timestamp: case Kind::duration: out += "null"; return true;
    case Kind::list: case Kind::set: {
      out += '[';
      bool first = true;
      for (const Value item : value.items()) {
        if (!first) out += ',';
        first = false;
        if (!json(item, out)) return false;
      }
      out += ']';
      return true;
    }
    case Kind::map: {
      std::vector<Entry> entries(value.entries().begin(), value.entries().end());
      sort_entries(entries);
      out += '{';
      bool first = true;
      for (const Entry& entry : entries) {
        if (!first) out += ',';
        first = false;
        json_text(entry.key(), out);
        out += ':';
        if (!json(entry.value, out)) return false;
      }
      out += '}';
      return true;
    }
  }
  return true;
}

}  // namespace

bool to_json(Value value, std::string& out) { return json(value, out) && out.size() <= max_text; }

// --- values that have no type yet ---

Typed typed(Value value, Arena& arena) {
  switch (value ? value.kind() : Kind::null) {
    case Kind::null: return {value ? value : arena.null({}), any_type()};
    case Kind::boolean: return {value, bool_type()};
    case Kind::int64: case Kind::number: return {value, number_type()};
    case Kind::uint64: case Kind::float64: {
      const Value number = parse_number(number_text(value), value.span(), arena);
      return {number ? placed(number, value, arena) : value, number_type()};
    }
    case Kind::string: case Kind::bytes: return {value, string_type()};
    case Kind::timestamp: case Kind::duration: case Kind::resource: case Kind::unknown: return {value, any_type()};
    case Kind::list: case Kind::set: {
      std::vector<Value> items;
      std::vector<const Type*> types;
      bool changed = value.is(Kind::set);
      for (const Value item : value.items()) {
        const Typed one = typed(item, arena);
        changed = changed || one.value != item;
        items.push_back(one.value);
        types.push_back(one.type);
      }
      return {changed ? placed(arena.list(items, value.span()), value, arena) : value, tuple_type(types)};
    }
    case Kind::map: {
      std::vector<Entry> entries(value.entries().begin(), value.entries().end());
      std::vector<Member> members;
      bool changed = !std::is_sorted(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.key() < b.key(); });
      for (Entry& entry : entries) {
        const Typed one = typed(entry.value, arena);
        changed = changed || one.value != entry.value;
        entry.value = one.value;
        members.push_back({entry.key(), one.type, false});
      }
      sort_entries(entries);
      return {changed ? placed(arena.map(entries, value.span()), value, arena) : value, object_type(std::move(members))};
    }
  }
  return {value, any_type()};
}

}  // namespace assay::terraform

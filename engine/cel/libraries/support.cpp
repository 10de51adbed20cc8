#include "engine/cel/libraries/support.hpp"

#include <charconv>
#include <cmath>
#include <cstdio>

#include "engine/cel/numbers.hpp"
#include "engine/text.hpp"

namespace assay::cel::library {

Types::Types(Environment& environment)
    : table(environment.types()),
      dyn(table.dyn()),
      boolean(table.primitive(TypeKind::boolean)),
      int64(table.primitive(TypeKind::int64)),
      uint64(table.primitive(TypeKind::uint64)),
      float64(table.primitive(TypeKind::float64)),
      string(table.primitive(TypeKind::string)),
      bytes(table.primitive(TypeKind::bytes)),
      timestamp(table.primitive(TypeKind::timestamp)),
      duration(table.primitive(TypeKind::duration)) {}

namespace {

Overload overload(std::string id, bool is_member, std::vector<const Type*> parameters, const Type* result,
                  Implementation implementation, CostFunction cost) {
  Overload made;
  made.id = std::move(id);
  made.member = is_member;
  made.parameters = std::move(parameters);
  made.result = result;
  made.implementation = implementation;
  made.cost = cost;
  made.pure = true;
  return made;
}

}  // namespace

Overload global(std::string id, std::vector<const Type*> parameters, const Type* result, Implementation implementation,
                CostFunction cost) {
  return overload(std::move(id), false, std::move(parameters), result, implementation, cost);
}

Overload member(std::string id, std::vector<const Type*> parameters, const Type* result, Implementation implementation,
                CostFunction cost) {
  return overload(std::move(id), true, std::move(parameters), result, implementation, cost);
}

void define(Environment& environment, std::string name, std::string documentation, std::vector<Overload> overloads) {
  Function function;
  function.name = std::move(name);
  function.documentation = std::move(documentation);
  function.overloads = std::move(overloads);
  environment.add_function(std::move(function));
}

// ---------------------------------------------------------------- text

std::size_t rune_offset(std::string_view text, std::size_t runes) {
  std::size_t at = 0;
  while (runes > 0 && at < text.size()) {
    at += decode(text, at).size;
    --runes;
  }
  return at;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  char buffer[16];
  for (std::size_t at = 0; at < text.size();) {
    const Decoded next = decode(text, at);
    const char32_t rune = next.code_point;
    if (!next.valid) {
      std::snprintf(buffer, sizeof buffer, "\\x%02x", static_cast<unsigned char>(text[at]));
      out += buffer;
      ++at;
      continue;
    }
    at += next.size;
    switch (rune) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\a': out += "\\a"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\v': out += "\\v"; break;
      default:
        if (rune < 0x20 || rune == 0x7F) {
          std::snprintf(buffer, sizeof buffer, "\\x%02x", static_cast<unsigned>(rune));
          out += buffer;
        } else if (unprintable(rune) || (rune >= 0x2000 && rune <= 0x200A) || rune == 0xA0 || rune == 0x202F ||
                   rune == 0x205F || rune == 0x3000 || rune == 0x1680) {
          std::snprintf(buffer, sizeof buffer, rune < 0x10000 ? "\\u%04x" : "\\U%08x", static_cast<unsigned>(rune));
          out += buffer;
        } else {
          append_utf8(out, rune);
        }
    }
  }
  return out += '"';
}

std::string shortest_fixed(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  char buffer[512];
  if (std::abs(value) < 1e15) {
    return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed).ptr};
  }
  // Without an exponent the library writes all the digits that a large number has, not the fewest.
  const std::string text(buffer, std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr);
  const std::size_t exponent_at = text.find('e');
  std::string digits = text.substr(0, exponent_at);
  const std::size_t sign = digits.front() == '-' ? 1 : 0;
  if (const std::size_t point = digits.find('.'); point != std::string::npos) digits.erase(point, 1);
  const auto exponent = static_cast<std::size_t>(std::stoi(text.substr(exponent_at + 1)));
  if (digits.size() < sign + exponent + 1) digits.resize(sign + exponent + 1, '0');
  if (digits.size() > sign + exponent + 1) digits.insert(sign + exponent + 1, 1, '.');
  return digits;
}

std::string type_name(const Val& value) {
  switch (value.kind) {
    case ValKind::null: return "null_type";
    case ValKind::boolean: return "bool";
    case ValKind::int64: return "int";
    case ValKind::uint64: return "uint";
    case ValKind::float64: return "double";
    case ValKind::string: return "string";
    case ValKind::bytes: return "bytes";
    case ValKind::timestamp: return "google.protobuf.Timestamp";
    case ValKind::duration: return "google.protobuf.Duration";
    case ValKind::list: return "list";
    case ValKind::map: return "map";
    case ValKind::type: return "type";
    case ValKind::optional: return "optional_type";
    case ValKind::structure: return value.structure->type().name;
    case ValKind::opaque: return value.opaque->type()->name;
    case ValKind::error: return "error";
    case ValKind::unknown: return "unknown";
  }
  return {};
}

// ---------------------------------------------------------------- elements

Val memory_error(Frame& frame) { return make_error(frame, "out of memory for this evaluation"); }
Val no_such_overload(Frame& frame) { return make_error(frame, "no such overload"); }

Items items_of(Frame& frame, const Val& list) {
  Items items;
  const std::size_t count = size_of(list);
  if (count == 0) return items;
  if (!list.wrapped) {
    items.values = {list.list_data->items, list.list_data->size};
  } else {
    Val* copy = frame.scratch->array<Val>(count);
    if (!copy) {
      items.complete = false;
      items.stopped = memory_error(frame);
      return items;
    }
    for (std::size_t i = 0; i < count; ++i) new (copy + i) Val(item_at(list, i));
    items.values = {copy, count};
  }
  for (const Val& item : items.values) {
    if (!undecided(item)) continue;
    if (item.is_error()) {
      items.stopped = item;
      items.complete = false;
      return items;
    }
    items.stopped = items.complete ? item : merge_unknowns(frame, items.stopped, item);
    items.complete = false;
  }
  return items;
}

Val list_of(Frame& frame, const std::vector<std::string>& texts) {
  Val* items = frame.scratch->array<Val>(texts.size());
  if (!items && !texts.empty()) return memory_error(frame);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    new (items + i) Val(make_string(frame, texts[i]));
    if (items[i].is_error()) return items[i];
  }
  return list_in_place(frame, items, texts.size());
}

Val list_in_place(Frame& frame, const Val* items, std::size_t size) {
  void* memory = frame.scratch->allocate(sizeof(ListData), alignof(ListData));
  if (!memory) return memory_error(frame);
  Val list;
  list.kind = ValKind::list;
  list.list_data = new (memory) ListData{items, size};
  return list;
}

// ---------------------------------------------------------------- order

namespace {

template <class T>
Order order(const T& left, const T& right) {
  return left < right ? Order::less : right < left ? Order::greater : Order::equal;
}

}  // namespace

bool comparable(ValKind kind) {
  return numeric(kind) || kind == ValKind::boolean || kind == ValKind::string || kind == ValKind::bytes ||
         kind == ValKind::timestamp || kind == ValKind::duration;
}

Order compare(const Val& left, const Val& right) {
  if (numeric(left.kind) && numeric(right.kind)) {
    const std::partial_ordering answer = compare_numbers(left, right);
    return answer < 0 ? Order::less : answer > 0 ? Order::greater : answer == 0 ? Order::equal : Order::unordered;
  }
  if (left.kind != right.kind) return Order::incomparable;
  switch (left.kind) {
    case ValKind::boolean: return order(left.boolean, right.boolean);
    case ValKind::string:
    case ValKind::bytes: return order(left.string(), right.string());
    case ValKind::timestamp:
    case ValKind::duration:
      if (left.int64 != right.int64) return order(left.int64, right.int64);
      return order(left.nanos, right.nanos);
    case ValKind::null: case ValKind::int64: case ValKind::uint64: case ValKind::float64: case ValKind::list:
    case ValKind::map: case ValKind::type: case ValKind::optional: case ValKind::structure: case ValKind::opaque:
    case ValKind::error: case ValKind::unknown: break;
  }
  return Order::incomparable;
}

// ---------------------------------------------------------------- cost

namespace {

constexpr double kStringFactor = 0.1;
constexpr std::uint64_t kCeiling = 1'000'000'000;  // far beyond every limit; keeps sums from wrapping and walks from running away

void add_traversal(const Val& value, std::uint64_t& total, int depth) {
  if (total >= kCeiling || depth > 200) return;
  switch (value.kind) {
    case ValKind::string:
    case ValKind::bytes:
      total += static_cast<std::uint64_t>(static_cast<double>(value.text.size) * kStringFactor);
      return;
    case ValKind::list:
      for (std::size_t i = 0, n = size_of(value); i < n && total < kCeiling; ++i) add_traversal(item_at(value, i), total, depth + 1);
      return;
    case ValKind::map:
      each_entry(value, [&](const Val& key, const Val& entry) {
        add_traversal(key, total, depth + 1);
        add_traversal(entry, total, depth + 1);
        return total < kCeiling;
      });
      return;
    case ValKind::null: case ValKind::boolean: case ValKind::int64: case ValKind::uint64: case ValKind::float64:
    case ValKind::timestamp: case ValKind::duration: case ValKind::type: case ValKind::optional:
    case ValKind::structure: case ValKind::opaque: case ValKind::error: case ValKind::unknown:
      ++total;
  }
}

}  // namespace

std::uint64_t size_cost(const Val& value) {
  switch (value.kind) {
    case ValKind::string: return count_code_points(value.string());
    case ValKind::bytes: return value.text.size;
    case ValKind::list:
    case ValKind::map: return size_of(value);
    case ValKind::null: case ValKind::boolean: case ValKind::int64: case ValKind::uint64: case ValKind::float64:
    case ValKind::timestamp: case ValKind::duration: case ValKind::type: case ValKind::optional:
    case ValKind::structure: case ValKind::opaque: case ValKind::error: case ValKind::unknown: break;
  }
  return 1;
}

std::uint64_t scaled(std::uint64_t size, double factor) {
  const double cost = std::ceil(static_cast<double>(size) * factor);
  return cost >= static_cast<double>(kCeiling) ? kCeiling : static_cast<std::uint64_t>(cost);
}

std::uint64_t text_cost(Args args, const Val&) { return scaled(size_cost(args[0]), kStringFactor); }
std::uint64_t two_text_cost(Args args, const Val&) { return scaled(size_cost(args[0]), 2 * kStringFactor); }

std::uint64_t traversal_cost(Args args, const Val&) {
  std::uint64_t total = 0;
  add_traversal(args[0], total, 0);
  return total;
}

}  // namespace assay::cel::library

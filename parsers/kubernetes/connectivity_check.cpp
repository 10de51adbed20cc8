// What the API server would refuse in selectors and blocks, said at the value (apimachinery's
// ValidateLabelSelector, networking's ValidateIPBlock).
#include <algorithm>

#include "parsers/kubernetes/connectivity_builder.hpp"

namespace assay::kubernetes {
namespace {

bool alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// A label's value, or the name part of its key: alphanumeric at both ends, `-`, `_`, `.` between.
bool is_word(std::string_view text, bool may_be_empty) {
  if (text.empty()) return may_be_empty;
  return text.size() <= 63 && alphanumeric(text.front()) && alphanumeric(text.back()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_subdomain(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  while (true) {
    const auto dot = std::min(text.find('.'), text.size());
    const std::string_view part = text.substr(0, dot);
    const auto lower = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    if (part.empty() || !lower(part.front()) || !lower(part.back()) ||
        !std::all_of(part.begin(), part.end(), [&](char c) { return lower(c) || c == '-'; }))
      return false;
    if (dot == text.size()) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_key(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return is_word(text, false);
  return is_subdomain(text.substr(0, slash)) && is_word(text.substr(slash + 1), false);
}

std::string quoted(Value value) {
  return value.is_string() ? "`" + std::string(value.as_string()) + "`" : "this " + std::string(name_of(value.kind()));
}

struct Checker {
  std::string_view code;
  Diagnostics& diagnostics;
  Value at;
  bool good = true;

  void refuse(Value value, std::string message) {
    good = false;
    diagnostics.warning(std::string(code), place(value, at).span(), std::move(message) + ": the API server refuses the object, its effect is unknown");
  }
  void key(std::string_view text, Value value) {
    if (!is_key(text)) refuse(value, "`" + std::string(text) + "` cannot be a label's key");
  }
  void value(Value value) {
    if (!value.is_string())
      refuse(value, "a label's value is a string, " + quoted(value) + " is not: quote it");
    else if (!is_word(value.as_string(), true))
      refuse(value, quoted(value) + " cannot be a label's value");
  }
};

}  // namespace

void PolicyReader::refuse(Value value, Value parent, std::string message) {
  good = false;
  const Value at = place(value, parent);
  builder.diagnostics.warning(std::string(code), at.span() ? at.span() : policy.header,
                              std::move(message) + ": the API server refuses the object, its effect is unknown");
}

bool PolicyReader::is_list(Value value, Value parent, std::string_view name) {
  if (!value || value.is_null() || value.is_list()) return true;
  refuse(value, parent, "`" + std::string(name) + "` is a list");
  return false;
}

bool PolicyReader::selector(Value value, Value parent) {
  if (check_selector(value, parent, code, builder.diagnostics)) return true;
  good = false;
  return false;
}

Value PolicyReader::written(Value parent, std::string_view name) {
  const Value value = parent.find(name);
  return value && !value.is_null() ? value : Value();
}

std::optional<net::Protocol> PolicyReader::protocol(Value value, Value parent) {
  if (!value || value.is_null() || value.as_string() == "TCP") return net::Protocol::tcp;
  if (value.as_string() == "UDP") return net::Protocol::udp;
  if (value.as_string() == "SCTP") return net::Protocol::sctp;
  refuse(value, parent, "`" + std::string(value.as_string()) + "` is no protocol: use `TCP`, `UDP` or `SCTP`");
  return std::nullopt;
}

std::optional<std::uint16_t> PolicyReader::port(Value value, Value parent) {
  if (value.is(Kind::int64) && value.as_int() >= 1 && value.as_int() <= 65535) return static_cast<std::uint16_t>(value.as_int());
  refuse(value, parent, "a port is a number from 1 to 65535");
  return std::nullopt;
}

net::Policy PolicyReader::made(net::Direction direction, std::uint32_t tier, Value reason) const {
  net::Policy made;
  made.direction = direction;
  made.tier = tier;
  made.resource = &policy;
  made.reason = place(reason, policy.value);
  return made;
}

bool is_port_name(std::string_view text) {
  if (text.empty() || text.size() > 15 || text.front() == '-' || text.back() == '-') return false;
  bool letter = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    letter = letter || (c >= 'a' && c <= 'z');
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) return false;
    if (c == '-' && text[i - 1] == '-') return false;
  }
  return letter;
}

bool check_selector(Value selector, Value at, std::string_view code, Diagnostics& diagnostics) {
  if (!selector || selector.is_null()) return true;
  Checker checker{code, diagnostics, place(selector, at)};
  if (!selector.is_map()) {
    checker.refuse(selector, "a selector is a map with `matchLabels` and `matchExpressions`");
    return false;
  }
  for (const Entry& entry : selector.entries())
    if (entry.key() != "matchLabels" && entry.key() != "matchExpressions")
      checker.refuse(entry.value, "a selector has no field `" + std::string(entry.key()) + "`: did you mean `matchLabels`?");
  const Value labels = selector.find("matchLabels");
  if (labels && !labels.is_null() && !labels.is_map()) checker.refuse(labels, "`matchLabels` is a map of labels");
  for (const Entry& entry : labels.entries()) {
    checker.key(entry.key(), entry.value);
    checker.value(entry.value);
  }
  const Value expressions = selector.find("matchExpressions");
  if (expressions && !expressions.is_null() && !expressions.is_list()) checker.refuse(expressions, "`matchExpressions` is a list");
  for (const Value expression : expressions.items()) {
    const Value key = expression.find("key"), op = expression.find("operator"), values = expression.find("values");
    if (!key.is_string())
      checker.refuse(key ? key : expression, "an expression needs a `key`");
    else
      checker.key(key.as_string(), key);
    const std::string_view name = op.as_string();
    const bool takes = name == "In" || name == "NotIn";
    if (!takes && name != "Exists" && name != "DoesNotExist") {
      checker.refuse(op ? op : expression, (op ? quoted(op) + " is no operator" : std::string("an expression needs an `operator`")) +
                                               ": use `In`, `NotIn`, `Exists` or `DoesNotExist`");
      continue;
    }
    if (values && !values.is_null() && !values.is_list()) checker.refuse(values, "`values` is a list");
    if (takes && values.size() == 0) checker.refuse(values ? values : expression, "`" + std::string(name) + "` needs `values`");
    if (!takes && values.size() > 0) checker.refuse(values, "`" + std::string(name) + "` takes no `values`");
    for (const Value value : values.items()) checker.value(value);
  }
  return checker.good;
}

std::optional<net::AddressSet> read_block(Value cidr, Value except, Value at, std::string_view code, Diagnostics& diagnostics) {
  Checker checker{code, diagnostics, at};
  if (!cidr.is_string()) {
    checker.refuse(cidr, "a block needs a `cidr` like `10.0.0.0/8`");
    return std::nullopt;
  }
  const auto block = net::parse_block(cidr.as_string());
  if (!block) {
    checker.refuse(cidr, quoted(cidr) + " is no block of addresses: write it like `10.0.0.0/8`");
    return std::nullopt;
  }
  net::AddressSet result(block->first, block->last);
  if (except && !except.is_null() && !except.is_list()) checker.refuse(except, "`except` is a list of blocks");
  for (const Value value : except.items()) {
    const auto hole = value.is_string() ? net::parse_block(value.as_string()) : std::nullopt;
    if (!hole) {
      checker.refuse(value, quoted(value) + " is no block of addresses: write it like `10.0.0.0/8`");
      continue;
    }
    const net::AddressSet removed(hole->first, hole->last);
    if (!(removed - net::AddressSet(block->first, block->last)).empty() || *hole == *block)
      checker.refuse(value, quoted(value) + " is not a part of `" + std::string(cidr.as_string()) + "`");
    result = result - removed;
  }
  if (!checker.good) return std::nullopt;
  return result;
}

}  // namespace assay::kubernetes

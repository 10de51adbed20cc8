// Costs of calls as the API server counts them. Facts from google/cel-go 0.26 interpreter/runtimecost.go and
// k8s.io/apiserver 0.36 pkg/cel/library/cost.go.
#include <algorithm>

#include "engine/cel/libraries/support.hpp"
#include "engine/cel/metering.hpp"

namespace assay::cel {

using namespace library;

namespace {

constexpr double text_factor = 0.1;
constexpr double pattern_factor = 0.25;

// Functions whose cost the API server tells by their name.
constexpr std::string_view named[] = {
    "add", "allowed", "asApproximateFloat", "asInteger", "check", "cidr", "compareTo", "containsCIDR", "containsIP", "error", "errored",
    "family", "fieldSelector", "find", "findAll", "format.named", "getEscapedPath", "getHost", "getHostname", "getPort", "getQuery",
    "getScheme", "group", "indexOf", "ip", "ip.isCanonical", "isCIDR", "isGlobalUnicast", "isGreaterThan", "isIP", "isInteger",
    "isLessThan", "isLinkLocalMulticast", "isLinkLocalUnicast", "isLoopback", "isQuantity", "isSemver", "isSorted", "isUnspecified",
    "join", "labelSelector", "lastIndexOf", "lowerAscii", "major", "masked", "max", "min", "minor", "name", "namespace", "patch", "path",
    "prefixLength", "quantity", "reason", "replace", "resource", "semver", "serviceAccount", "sign", "split", "sub", "subresource",
    "substring", "sum", "trim", "upperAscii", "url", "validate"};
static_assert(std::is_sorted(std::begin(named), std::end(named)));

std::uint64_t first_text(Args args, const Val&) { return scaled(size_cost(args[0]), text_factor); }
std::uint64_t pattern(Args args, const Val&) {
  return scaled(size_cost(args[0]) + 1, text_factor) * scaled(size_cost(args[1]), pattern_factor);
}
std::uint64_t search(Args args, const Val&) { return scaled(size_cost(args[0]), text_factor) * scaled(size_cost(args[1]), text_factor); }

struct Standard {
  std::string_view overload;
  CostFunction function;
};
constexpr Standard standard[] = {
    {"starts_with_string", first_text}, {"ends_with_string", first_text}, {"string_to_bytes", first_text}, {"bytes_to_string", first_text},
    {"strings_quote", first_text}, {"string_format", first_text}, {"matches_string", pattern}, {"contains_string", search},
    {"matches", nullptr}};

}  // namespace

CallCost call_cost(std::string_view function, const Overload& overload) {
  if (std::binary_search(std::begin(named), std::end(named), function)) return {overload.cost, true};
  for (const Standard& entry : standard)
    if (entry.overload == overload.id) return {entry.function, false};
  return {overload.cost, false};
}

bool is_conversion(std::string_view function) {
  constexpr std::string_view conversions[] = {"bool", "bytes", "double", "duration", "dyn", "int", "string", "timestamp", "type", "uint"};
  return std::find(std::begin(conversions), std::end(conversions), function) != std::end(conversions);
}

std::uint64_t metered(Meter meter, const Val& left, const Val& right) {
  switch (meter) {
    case Meter::none: return 0;
    case Meter::smaller: return scaled(std::min(size_cost(left), size_cost(right)), text_factor);
    case Meter::sum: return scaled(size_cost(left) + size_cost(right), text_factor);
    case Meter::elements: return size_cost(right);
  }
  return 0;
}

std::uint64_t equality_cost(const Val& left, const Val& right, bool negated) {
  if (left.is(ValKind::opaque) && !negated) return 1;
  return metered(Meter::smaller, left, right);
}

}  // namespace assay::cel

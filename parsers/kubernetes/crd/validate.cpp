#include "parsers/kubernetes/crd/validate.hpp"

#include <cmath>
#include <limits>
#include <optional>

#include "engine/cel/numbers.hpp"
#include "parsers/kubernetes/crd/formats.hpp"
#include "parsers/kubernetes/crd/text.hpp"

namespace assay::kubernetes::crd {

namespace {

// Values × schemas that are looked at for one resource.
constexpr std::size_t most_steps = 20'000'000;

// A value of the object as encoding/json gives it to the validators.
enum class Seen : std::uint8_t { null, boolean, integer, real, string, list, map };

double real_of(Value value) {
  if (value.is(Kind::float64)) return value.as_double();
  if (value.is(Kind::uint64)) return static_cast<double>(value.as_uint());
  if (value.is(Kind::number)) return cel::parse_double(value.as_string()).value_or(0);
  return static_cast<double>(value.as_int());
}

Seen see(Value value, std::int64_t& number) {
  if (!value || value.is_null()) return Seen::null;
  if (value.is(Kind::boolean)) return Seen::boolean;
  if (whole(value, number)) return Seen::integer;
  if (value.is(Kind::float64) || value.is(Kind::uint64) || value.is(Kind::number)) return Seen::real;
  if (value.is_list()) return Seen::list;
  if (value.is_map()) return Seen::map;
  return Seen::string;
}

std::string_view type_of(Seen seen) {
  switch (seen) {
    case Seen::null: return "null";
    case Seen::boolean: return "boolean";
    case Seen::integer: return "integer";
    case Seen::real: return "number";
    case Seen::string: return "string";
    case Seen::list: return "array";
    case Seen::map: return "object";
  }
  return {};
}

// swag.IsFloat64AJSONInteger: nearly whole is whole.
bool nearly_whole(double value) {
  if (std::isnan(value) || std::isinf(value) || std::fabs(value) > 9007199254740991.0) return false;
  const double near = std::trunc(value);
  const double difference = std::fabs(value - near);
  if (value == near) return true;
  if (value == 0 || near == 0) return difference < 1e-9 * std::numeric_limits<double>::denorm_min();
  return difference / std::min(std::fabs(value) + std::fabs(near), std::numeric_limits<double>::max()) < 1e-9;
}

// Which of the API server's error codes a failure has decides how it is written.
enum class Code : std::uint8_t { plain, general, type, required, enumeration, too_long, too_many };

struct Failure {
  Code code = Code::general;
  std::string message;
  std::string path;   // "" at the root
  std::string value;  // as shown
  Value at;
  std::string_view absent;
  std::string detail; // of an enumeration and of limits
};

struct Result {
  std::vector<Failure> failures;
  std::size_t matches = 0;  // checks that were made: the alternative with the most is the one that was meant

  bool valid() const { return failures.empty(); }
  void add(Failure failure) {
    for (const Failure& known : failures)
      if (known.message == failure.message) return;
    failures.push_back(std::move(failure));
  }
  void merge(Result&& other) {
    matches += other.matches;
    if (failures.empty()) {
      failures = std::move(other.failures);
      return;
    }
    for (Failure& failure : other.failures) add(std::move(failure));
  }
};

struct Validator {
  std::size_t steps = 0;
  bool exhausted = false;

  struct Types {
    std::string_view names[2];
    std::size_t count = 0;
    bool has(std::string_view name) const { return (count > 0 && names[0] == name) || (count > 1 && names[1] == name); }
    std::string joined() const { return std::string(names[0]) + (count > 1 ? "," + std::string(names[1]) : ""); }
  };
  static Types types(const Schema& schema) {
    if (schema.int_or_string) return {{"integer", "string"}, 2};
    if (schema.type == Type::none) return {};
    return {{name_of(schema.type), {}}, 1};
  }

  static Failure failure(const Path& path, Code code, const std::string& said, Value at, std::string value) {
    Failure made;
    made.code = code;
    made.path = path.text(false);
    made.message = made.path + " in body " + said;
    made.at = at;
    made.value = std::move(value);
    return made;
  }
  // Such are not about a field: the API server gives them none.
  static Failure loose(std::string message, Value at) {
    Failure made;
    made.code = Code::plain;
    made.message = std::move(message);
    made.at = at;
    return made;
  }
  static Failure wrong_type(const Path& path, std::string_view wanted, std::string_view found, Value at) {
    return failure(path, Code::type, "must be of type " + std::string(wanted) + ": " + go_quoted(found), at, go_quoted(found));
  }

  Result schema(const Schema& schema, Value value, const Path& path) {
    Result result;
    if (++steps > most_steps) {
      exhausted = true;
      return result;
    }
    if (value.is_unknown()) return result;
    std::int64_t number = 0;
    const Seen seen = see(value, number);
    const Types allowed = types(schema);
    const std::string_view format = effective_format(schema);
    if (seen == Seen::null) {
      if (allowed.count && !schema.nullable) result.add(wrong_type(path, allowed.joined(), "null", value));
      else ++result.matches;
      enumeration(schema, value, seen, number, path, result);
      return result;
    }
    if (allowed.count || !format.empty()) {
      type(allowed, format, value, seen, path, result);
      ++result.matches;
    }
    result.merge(junctors(schema, value, path));
    ++result.matches;
    if (seen == Seen::string) {
      string(schema, value, path, result);
      ++result.matches;
      if (!format.empty()) {
        if (const auto holds = has_format(format, value.as_string())) {
          if (!*holds) result.add(wrong_type(path, format, value.as_string(), value));
          ++result.matches;
        }
      }
    } else if (seen == Seen::integer || seen == Seen::real) {
      numeric(schema, allowed, format, value, seen, number, path, result);
      ++result.matches;
    } else if (seen == Seen::list) {
      list(schema, value, path, result);
      ++result.matches;
    }
    enumeration(schema, value, seen, number, path, result);
    ++result.matches;
    if (seen == Seen::map) {
      map(schema, value, path, result);
      ++result.matches;
    }
    ++result.matches;
    return result;
  }

  void type(const Types& allowed, std::string_view format, Value value, Seen seen, const Path& path, Result& result) {
    const std::string_view found = type_of(seen);
    const std::string_view found_format = seen == Seen::integer ? "int64" : seen == Seen::real ? "float64" : "";
    const bool whole_real = seen == Seen::real && allowed.has("integer") && nearly_whole(real_of(value));
    const bool integer_as_number = seen == Seen::integer && allowed.has("number");
    const bool textual = seen == Seen::string || seen == Seen::list;
    if (!textual && !format.empty() && !(allowed.has(found) || found_format == format || whole_real || integer_as_number))
      return result.add(wrong_type(path, format, found_format, value));
    if (!(allowed.has("number") || allowed.has("integer")) && !format.empty() && textual) {
      ++result.matches;
      return;
    }
    if (!(allowed.has(found) || whole_real || integer_as_number)) return result.add(wrong_type(path, allowed.joined(), found, value));
    ++result.matches;
  }

  Result junctors(const Schema& schema, Value value, const Path& path) {
    Result result;
    if (!schema.any_of.empty()) {
      std::optional<Result> best;
      bool valid = false;
      for (const Schema* one : schema.any_of) {
        Result attempt = this->schema(*one, value, path);
        if (attempt.valid()) {
          valid = true;
          best = std::move(attempt);
          break;
        }
        if (!best || attempt.matches > best->matches) best = std::move(attempt);
      }
      if (!valid) result.add(loose(go_quoted(path.text(false)) + " must validate at least one schema (anyOf)", value));
      if (best) result.merge(std::move(*best));
    }
    if (!schema.one_of.empty()) {
      std::optional<Result> best, first;
      std::size_t valid = 0;
      for (const Schema* one : schema.one_of) {
        Result attempt = this->schema(*one, value, path);
        if (attempt.valid()) {
          if (valid++ == 0) first = std::move(attempt);
          best.reset();
        } else if (valid == 0 && (!best || attempt.matches > best->matches)) {
          best = std::move(attempt);
        }
      }
      if (valid != 1) {
        const std::string found = valid == 0 ? "Found none valid" : "Found " + std::to_string(valid) + " valid alternatives";
        result.add(loose(go_quoted(path.text(false)) + " must validate one and only one schema (oneOf). " + found, value));
        if (best) result.merge(std::move(*best));
      } else if (first) {
        result.merge(std::move(*first));
      }
    }
    if (!schema.all_of.empty()) {
      std::size_t valid = 0;
      for (const Schema* one : schema.all_of) {
        Result attempt = this->schema(*one, value, path);
        if (attempt.valid()) ++valid;
        result.merge(std::move(attempt));
      }
      if (valid != schema.all_of.size())
        result.add(loose(go_quoted(path.text(false)) + " must validate all the schemas (allOf)" + (valid == 0 ? ". None validated" : ""), value));
    }
    if (schema.negated && this->schema(*schema.negated, value, path).valid())
      result.add(loose(go_quoted(path.text(false)) + " must not validate the schema (not)", value));
    ++result.matches;
    return result;
  }

  void string(const Schema& schema, Value value, const Path& path, Result& result) {
    const std::string_view text = value.as_string();
    std::size_t length = 0;
    if (schema.max_length || schema.min_length) length = cel::count_code_points(text);
    const auto short_of = [&](std::int64_t bound) { return bound > 0 && length < static_cast<std::size_t>(bound); };
    if (schema.max_length && (*schema.max_length < 0 || length > static_cast<std::size_t>(*schema.max_length))) {
      Failure made = failure(path, Code::too_long, "should be at most " + std::to_string(*schema.max_length) + " chars long", value, {});
      made.detail = *schema.max_length < 0 ? "value is too long"
                                           : "may not be more than " + std::to_string(*schema.max_length) + (*schema.max_length == 1 ? " byte" : " bytes");
      return result.add(std::move(made));
    }
    if (schema.min_length && short_of(*schema.min_length))
      return result.add(failure(path, Code::general, "should be at least " + std::to_string(*schema.min_length) + " chars long", value, shown(value)));
    if (!schema.pattern.empty() && schema.compiled && !schema.compiled->found_in(text))
      result.add(failure(path, Code::general, "should match '" + std::string(schema.pattern) + "'", value, shown(value)));
  }

  // Whether a number can be had in the type and format that the schema asks for.
  static std::optional<std::string> out_of_range(double number, std::optional<std::int64_t> exact, std::string_view type, std::string_view format,
                                                 std::string_view prefix, const Path& path) {
    bool fits = true;
    if (type == "integer") {
      const bool integral = exact.has_value() || (number == std::floor(number) && number >= -9223372036854775808.0 && number < 9223372036854775808.0);
      fits = integral;
      if (integral && format == "int32") fits = number >= -2147483648.0 && number <= 2147483647.0;
    } else if (format == "float") {
      fits = std::fabs(number) < 3.4028235677973366e38;  // what rounds to the largest float, and no more
    }
    if (fits) return std::nullopt;
    return std::string(prefix) + " value must be of type " + std::string(type) +
           (format.empty() ? " (default format)" : " with format " + std::string(format)) + " in " + path.text(false);
  }

  void numeric(const Schema& schema, const Types& allowed, std::string_view format, Value value, Seen seen, std::int64_t number,
               const Path& path, Result& result) {
    const bool integer = seen == Seen::integer;
    const double real = integer ? static_cast<double>(number) : real_of(value);
    std::string_view type, type_format;
    if (allowed.count == 1 && (allowed.names[0] == "integer" || allowed.names[0] == "number")) {
      type = allowed.names[0];
      type_format = format;
    }
    const auto range = [&](double bound, std::optional<std::int64_t> exact, std::string_view prefix) {
      return out_of_range(bound, exact, type, type_format, prefix, path);
    };
    if (auto why = range(real, integer ? std::optional(number) : std::nullopt, "Checked")) result.add(loose(std::move(*why), value));
    const auto written = [&](double bound) { return integer ? std::to_string(static_cast<std::int64_t>(bound)) : go_double(bound); };
    if (schema.multiple_of) {
      const double factor = *schema.multiple_of;
      auto why = range(factor, std::nullopt, "MultipleOf");
      const bool native = integer && !why;
      if (why) result.add(loose(std::move(*why), value));
      const auto whole_factor = static_cast<std::int64_t>(factor);
      if (native ? whole_factor <= 0 : factor <= 0) {
        Failure made = failure(path, Code::general, "", value, native ? std::to_string(whole_factor) : go_double(factor));
        made.message = "factor MultipleOf declared for " + made.path + " must be positive: " + made.value;
        result.add(std::move(made));
      } else if (native ? number % whole_factor != 0 : !nearly_whole(factor < 1 ? 1 / factor * real : real / factor)) {
        const std::string as = native ? std::to_string(whole_factor) : go_double(factor);
        result.add(failure(path, Code::general, "should be a multiple of " + as, value, native ? std::to_string(number) : go_double(real)));
      }
    }
    const auto bound = [&](std::optional<double> limit, bool exclusive, bool upper) {
      if (!limit) return;
      auto why = range(*limit, std::nullopt, upper ? "Maximum boundary" : "Minimum boundary");
      const bool native = integer && !why;
      if (why) result.add(loose(std::move(*why), value));
      bool beyond;
      if (native) {
        const auto at = static_cast<std::int64_t>(*limit);
        beyond = upper ? (exclusive ? number >= at : number > at) : (exclusive ? number <= at : number < at);
      } else {
        beyond = upper ? (exclusive ? real >= *limit : real > *limit) : (exclusive ? real <= *limit : real < *limit);
      }
      if (!beyond) return;
      const std::string_view how = upper ? (exclusive ? "less than " : "less than or equal to ") : (exclusive ? "greater than " : "greater than or equal to ");
      result.add(failure(path, Code::general, "should be " + std::string(how) + (native ? written(*limit) : go_double(*limit)), value,
                         native ? std::to_string(number) : go_double(real)));
    };
    bound(schema.minimum, schema.exclusive_minimum, false);
    bound(schema.maximum, schema.exclusive_maximum, true);
    ++result.matches;
  }

  void list(const Schema& schema, Value value, const Path& path, Result& result) {
    const auto items = value.items();
    const auto size = static_cast<std::int64_t>(items.size());
    if (schema.items)
      for (std::size_t i = 0; i < items.size() && !exhausted; ++i) result.merge(this->schema(*schema.items, items[i], Path{&path, {}, i}));
    if (schema.min_items && size < *schema.min_items)
      result.add(failure(path, Code::general, "should have at least " + std::to_string(*schema.min_items) + " items", value, std::to_string(size)));
    if (schema.max_items && size > *schema.max_items) result.add(too_many(path, size, *schema.max_items, "items", value));
    ++result.matches;
  }

  static Failure too_many(const Path& path, std::int64_t size, std::int64_t most, std::string_view what, Value at) {
    Failure made = failure(path, Code::too_many, "should have at most " + std::to_string(most) + " " + std::string(what), at, std::to_string(size));
    made.detail = most < 0 ? "has too many items" : "must have at most " + std::to_string(most) + (most == 1 ? " item" : " items");
    return made;
  }

  static bool same(Value value, Seen seen, std::int64_t number, Value member) {
    if (!member || member.is_null()) return false;
    std::int64_t other = 0;
    const Seen member_seen = see(member, other);
    // Go converts numbers to the member's type before it compares, which cuts fractions off.
    if (seen == Seen::real && member_seen == Seen::integer) {
      const double real = real_of(value);
      return std::fabs(real) < 9.2e18 && static_cast<std::int64_t>(real) == other;
    }
    if (seen == Seen::integer && member_seen == Seen::integer) return number == other;
    return equal(value, member);
  }
  void enumeration(const Schema& schema, Value value, Seen seen, std::int64_t number, const Path& path, Result& result) {
    if (schema.enumeration.empty()) return;
    for (const Value member : schema.enumeration)
      if (same(value, seen, number, member)) return;
    Failure made = failure(path, Code::enumeration, "should be one of", value, shown(value));
    made.detail = "supported values: ";
    bool first = true;
    for (const Value member : schema.enumeration) {
      if (!first) made.detail += ", ";
      first = false;
      made.detail += go_quoted(member.is_string() ? std::string(member.as_string()) : json_text(member));
    }
    result.add(std::move(made));
  }

  void map(const Schema& schema, Value value, const Path& path, Result& result) {
    const auto entries = value.entries();
    const auto size = static_cast<std::int64_t>(entries.size());
    if (schema.min_properties && size < *schema.min_properties)
      result.add(failure(path, Code::general, "should have at least " + std::to_string(*schema.min_properties) + " properties", value, std::to_string(size)));
    if (schema.max_properties && size > *schema.max_properties) result.add(too_many(path, size, *schema.max_properties, "properties", value));
    for (const Entry& entry : entries) {
      if (exhausted) return;
      const Schema* const known = schema.property(entry.key());
      if (known) {
        result.merge(this->schema(*known, entry.value, Path{&path, entry.key()}));
      } else if (schema.additional) {
        result.merge(this->schema(*schema.additional, entry.value, Path{&path, entry.key(), 0, true}));
      } else if (schema.has_additional && !schema.additional_allowed) {
        Failure made = failure(path, Code::general, "", entry.value, go_quoted(entry.key()));
        made.message = made.path + "." + std::string(entry.key()) + " in body is a forbidden property";
        result.add(std::move(made));
      }
    }
    for (const std::string_view name : schema.required) {
      if (value.find(name)) continue;
      Failure made = failure(Path{&path, name}, Code::required, "is required", value, {});
      made.absent = name;
      result.add(std::move(made));
    }
  }
};

Fault fault_of(Failure&& failure) {
  Fault fault;
  fault.at = failure.at;
  fault.absent = failure.absent;
  fault.field = failure.code == Code::plain || failure.path.empty() ? "<nil>" : std::move(failure.path);
  switch (failure.code) {
    case Code::plain:
      fault.bad_value = "\"\"";
      fault.detail = std::move(failure.message);
      return fault;
    case Code::general:
    case Code::type:
      fault.kind = failure.code == Code::type ? FaultKind::type_invalid : FaultKind::invalid;
      fault.bad_value = failure.value.empty() ? "\"\"" : std::move(failure.value);
      fault.detail = std::move(failure.message);
      return fault;
    case Code::required: fault.kind = FaultKind::required; return fault;
    case Code::enumeration:
      fault.kind = FaultKind::not_supported;
      fault.bad_value = std::move(failure.value);
      fault.detail = std::move(failure.detail);
      return fault;
    case Code::too_long:
      fault.kind = FaultKind::too_long;
      fault.detail = std::move(failure.detail);
      return fault;
    case Code::too_many:
      fault.kind = FaultKind::too_many;
      fault.bad_value = std::move(failure.value);
      fault.detail = std::move(failure.detail);
      return fault;
  }
  return fault;
}

}  // namespace

std::string_view effective_format(const Schema& schema) {
  if (schema.format.empty()) return {};
  const Type type = schema.int_or_string ? Type::none : schema.type;
  switch (type) {
    case Type::none:
    case Type::string: return known_format(schema.format) ? schema.format : std::string_view();
    case Type::integer: return schema.format == "int32" || schema.format == "int64" ? schema.format : std::string_view();
    case Type::number: return schema.format == "float" || schema.format == "double" ? schema.format : std::string_view();
    case Type::object:
    case Type::array:
    case Type::boolean: return {};
  }
  return {};
}

std::string shown(Value value) {
  if (value.is_string()) return go_quoted(value.as_string());
  std::int64_t number;
  if (value.is(Kind::float64) && !whole(value, number)) return go_double(value.as_double());
  return json_text(value);
}

bool validate_schema(Value object, const Schema& root, std::vector<Fault>& faults) {
  Validator validator;
  const Path path;
  Result result = validator.schema(root, object, path);
  for (Failure& failure : result.failures) faults.push_back(fault_of(std::move(failure)));
  return !validator.exhausted;
}

}  // namespace assay::kubernetes::crd

// kubernetes.Semver, as in the API server (pkg/cel/library/semverlib.go over blang/semver v4): Semantic
// Versioning 2.0.0, strict unless normalised.
#include <charconv>

#include "engine/cel/libraries/kubernetes.hpp"

namespace assay::cel::library {

namespace {

struct Version {
  std::uint64_t major = 0, minor = 0, patch = 0;
  std::string_view prerelease;  // "alpha.1"; empty: a release
  std::string_view build;       // takes no part in comparisons
};

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kIdentifier = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-0123456789";

bool only(std::string_view text, std::string_view allowed) { return text.find_first_not_of(allowed) == std::string_view::npos; }

// "major", "minor" or "patch": digits without leading zeros.
bool parse_number(std::string_view text, const std::string& name, const std::string& capital, std::uint64_t& value, std::string& error) {
  if (!only(text, kDigits)) {
    error = "Invalid character(s) found in " + name + " number " + quoted(text);
  } else if (text.size() > 1 && text[0] == '0') {
    error = capital + " number must not contain leading zeroes " + quoted(text);
  } else if (text.empty()) {
    error = "strconv.ParseUint: parsing \"\": invalid syntax";
  } else if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) {
    error = "strconv.ParseUint: parsing " + quoted(text) + ": value out of range";
  } else {
    return true;
  }
  return false;
}

// Calls `visit` for every part between dots until it gives false.
template <class Visit>
bool each_part(std::string_view text, const Visit& visit) {
  while (true) {
    const std::size_t dot = text.find('.');
    if (!visit(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool parse_version(std::string_view text, Version& version, std::string& error) {
  if (text.empty()) {
    error = "Version string empty";
    return false;
  }
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos) {
    error = "No Major.Minor.Patch elements found";
    return false;
  }
  if (!parse_number(text.substr(0, first), "major", "Major", version.major, error) ||
      !parse_number(text.substr(first + 1, second - first - 1), "minor", "Minor", version.minor, error))
    return false;
  std::string_view patch = text.substr(second + 1);
  bool has_build = false, has_prerelease = false;
  if (const std::size_t plus = patch.find('+'); plus != std::string_view::npos) {
    version.build = patch.substr(plus + 1);
    patch = patch.substr(0, plus);
    has_build = true;
  }
  if (const std::size_t dash = patch.find('-'); dash != std::string_view::npos) {
    version.prerelease = patch.substr(dash + 1);
    patch = patch.substr(0, dash);
    has_prerelease = true;
  }
  if (!parse_number(patch, "patch", "Patch", version.patch, error)) return false;
  const auto prerelease_part = [&](std::string_view part) {
    std::uint64_t number = 0;
    if (part.empty()) {
      error = "Prerelease is empty";
    } else if (only(part, kDigits) && part.size() > 1 && part[0] == '0') {
      error = "Numeric PreRelease version must not contain leading zeroes " + quoted(part);
    } else if (only(part, kDigits) && std::from_chars(part.data(), part.data() + part.size(), number).ec != std::errc()) {
      error = "strconv.ParseUint: parsing " + quoted(part) + ": value out of range";
    } else if (!only(part, kIdentifier)) {
      error = "Invalid character(s) found in prerelease " + quoted(part);
    } else {
      return true;
    }
    return false;
  };
  const auto build_part = [&](std::string_view part) {
    if (part.empty()) {
      error = "Build meta data is empty";
    } else if (!only(part, kIdentifier)) {
      error = "Invalid character(s) found in build meta data " + quoted(part);
    } else {
      return true;
    }
    return false;
  };
  return (!has_prerelease || each_part(version.prerelease, prerelease_part)) && (!has_build || each_part(version.build, build_part));
}

// "v1.02" as "1.2.0": no leading v, no leading zeros, missing minor and patch numbers 0.
bool normalized(std::string_view text, std::string& out, std::string& error) {
  if (text.starts_with('v')) text.remove_prefix(1);
  std::vector<std::string> parts;
  while (parts.size() < 2 && text.find('.') != std::string_view::npos) {
    const std::size_t dot = text.find('.');
    parts.emplace_back(text.substr(0, dot));
    text.remove_prefix(dot + 1);
  }
  parts.emplace_back(text);
  for (std::string& part : parts) {
    if (part.size() < 2) continue;
    part.erase(0, std::min(part.find_first_not_of('0'), part.size()));
    if (part.empty() || kDigits.find(part[0]) == std::string_view::npos) part.insert(part.begin(), '0');
  }
  if (parts.size() < 3 && parts.back().find_first_of("+-") != std::string::npos) {
    error = "short version cannot contain PreRelease/Build meta data";
    return false;
  }
  parts.resize(3, "0");
  out = parts[0] + "." + parts[1] + "." + parts[2];
  return true;
}

int order(std::uint64_t left, std::uint64_t right) { return left < right ? -1 : left > right ? 1 : 0; }

int compare_parts(std::string_view left, std::string_view right) {
  const bool left_number = only(left, kDigits), right_number = only(right, kDigits);
  if (left_number != right_number) return left_number ? -1 : 1;
  if (left_number && left.size() != right.size()) return left.size() < right.size() ? -1 : 1;  // no leading zeros
  const int result = left.compare(right);
  return result < 0 ? -1 : result > 0 ? 1 : 0;
}

int compare_versions(const Version& left, const Version& right) {
  if (const int major = order(left.major, right.major)) return major;
  if (const int minor = order(left.minor, right.minor)) return minor;
  if (const int patch = order(left.patch, right.patch)) return patch;
  std::string_view a = left.prerelease, b = right.prerelease;
  if (a.empty() || b.empty()) return a.empty() == b.empty() ? 0 : a.empty() ? 1 : -1;
  while (true) {
    const std::size_t a_dot = a.find('.'), b_dot = b.find('.');
    if (const int part = compare_parts(a.substr(0, a_dot), b.substr(0, b_dot))) return part;
    const bool a_ends = a_dot == std::string_view::npos, b_ends = b_dot == std::string_view::npos;
    if (a_ends || b_ends) return a_ends == b_ends ? 0 : a_ends ? -1 : 1;
    a.remove_prefix(a_dot + 1);
    b.remove_prefix(b_dot + 1);
  }
}

struct SemverValue final : OpaqueBase {
  static constexpr Tag tag = Tag::semver;
  static const Type* static_type() {
    static const Type type{TypeKind::opaque, "kubernetes.Semver", {}};
    return &type;
  }
  Version version;

  explicit SemverValue(const Version& v) : version(v) {}
  const Type* type() const override { return static_type(); }
  bool equals(const OpaqueBase& other) const override {
    const auto* semver = as<SemverValue>(other);
    return semver && compare_versions(version, semver->version) == 0;
  }
  std::string text() const override {
    return "semver(" + quoted(std::to_string(version.major) + "." + std::to_string(version.minor) + "." + std::to_string(version.patch) +
                              (version.prerelease.empty() ? "" : "-") + std::string(version.prerelease) +
                              (version.build.empty() ? "" : "+") + std::string(version.build)) + ")";
  }
};

const Version& get(const Val& value) { return as<SemverValue>(value)->version; }

bool read(std::string_view text, bool normalize, std::string& storage, Version& version, std::string& error) {
  if (normalize && !normalized(text, storage, error)) return false;
  return parse_version(normalize ? std::string_view(storage) : text, version, error);
}

Val parse(Frame& frame, Args args) {
  std::string storage, error;
  Version version;
  if (!read(args[0].string(), args.size() == 2 && args[1].boolean, storage, version, error)) return make_error(frame, error);
  if (!storage.empty()) {
    version.prerelease = frame.scratch->copy(version.prerelease);
    version.build = frame.scratch->copy(version.build);
    if (!version.prerelease.data() || !version.build.data()) return memory_error(frame);
  }
  return opaque(frame, SemverValue(version));
}
Val is_semver(Frame&, Args args) {
  std::string storage, error;
  Version version;
  return val_bool(read(args[0].string(), args.size() == 2 && args[1].boolean, storage, version, error));
}
Val major_of(Frame&, Args args) { return val_int(static_cast<std::int64_t>(get(args[0]).major)); }
Val minor_of(Frame&, Args args) { return val_int(static_cast<std::int64_t>(get(args[0]).minor)); }
Val patch_of(Frame&, Args args) { return val_int(static_cast<std::int64_t>(get(args[0]).patch)); }
Val is_less(Frame&, Args args) { return val_bool(compare_versions(get(args[0]), get(args[1])) < 0); }
Val is_greater(Frame&, Args args) { return val_bool(compare_versions(get(args[0]), get(args[1])) > 0); }
Val compare_to(Frame&, Args args) { return val_int(compare_versions(get(args[0]), get(args[1]))); }

}  // namespace

void add_semver(Environment& environment) {
  const Types t(environment);
  const Type* semver = t.table.opaque("kubernetes.Semver");
  define(environment, "semver", "a semantic version from text; with `true`, `v1.02` is read as 1.2.0",
         {global("string_to_semver", {t.string}, semver, parse, text_cost),
          global("string_bool_to_semver", {t.string, t.boolean}, semver, parse, text_cost)});
  define(environment, "isSemver", "whether text is a semantic version; with `true`, once normalised",
         {global("is_semver_string", {t.string}, t.boolean, is_semver, text_cost),
          global("is_semver_string_bool", {t.string, t.boolean}, t.boolean, is_semver, text_cost)});
  define(environment, "major", "the major number", {member("semver_major", {semver}, t.int64, major_of)});
  define(environment, "minor", "the minor number", {member("semver_minor", {semver}, t.int64, minor_of)});
  define(environment, "patch", "the patch number", {member("semver_patch", {semver}, t.int64, patch_of)});
  define(environment, "isLessThan", "whether it is less than the other", {member("semver_is_less_than", {semver, semver}, t.boolean, is_less)});
  define(environment, "isGreaterThan", "whether it is greater than the other", {member("semver_is_greater_than", {semver, semver}, t.boolean, is_greater)});
  define(environment, "compareTo", "-1, 0 or 1 as it is less than, equal to or greater than the other", {member("semver_compare_to", {semver, semver}, t.int64, compare_to)});
}

}  // namespace assay::cel::library

// SARIF 2.1.0 (OASIS Standard, errata 01) as typed building blocks: a header of its own, usable in any
// C++20 program that has nlohmann/json.
//
//   sarif::Run run("mytool", "1.0");
//   const sarif::RuleRef rule = run.add_rule({.id = "style/tab", .summary = "a tab", .level = sarif::Level::note});
//   sarif::Result result(rule, sarif::Outcome::fail(sarif::Level::warning), "found a tab");
//   result.location = sarif::Location("src/main.c", sarif::Region(3, 1, 3, 2));
//   run.add(std::move(result));
//   sarif::Log log;
//   log.add(std::move(run));
//   log.write(std::cout);
//
// What the types hold, so that a document cannot come out wrong:
//   - a Uri is never empty, always relative to the root or absolute, and percent-encoded
//   - a Region counts from 1 and never ends before it begins; its end column is one past
//   - a Message is never empty; text in it is literal unless it was added with `link`
//   - a Result has a rule of its own run; a kind other than `fail` has the level `none`
//   - `results` is written even when there are none; `suppressions` on all results or on none
//   - what points by index (rules, taxa, notifications) is resolved by the Run that owns both ends
//   - a SecuritySeverity lies above 0.0 and at most at 10.0, and is written as a string
// Strings are UTF-8; what is not becomes U+FFFD. Sections below are those of the standard.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sarif {

using Json = nlohmann::ordered_json;
using Properties = std::map<std::string, Json>;  // a property bag (3.8); empty: not written

enum class Level : std::uint8_t { none, note, warning, error };                              // 3.27.10
enum class Kind : std::uint8_t { pass, open, informational, not_applicable, review, fail };  // 3.27.9
enum class ColumnKind : std::uint8_t { utf16_code_units, unicode_code_points };              // 3.14.17
enum class Precision : std::uint8_t { low, medium, high, very_high };                        // a convention of GitHub's
enum class SuppressionKind : std::uint8_t { in_source, external };                           // 3.35.2

constexpr std::string_view name_of(Level level);
constexpr std::string_view name_of(Kind kind);
constexpr std::string_view name_of(ColumnKind kind);
constexpr std::string_view name_of(Precision precision);
constexpr std::string_view name_of(SuppressionKind kind);

// A kind and the level that may stand beside it: only a fail has one.
class Outcome {
 public:
  static constexpr Outcome fail(Level level) { return {Kind::fail, level}; }
  static constexpr Outcome pass() { return {Kind::pass, Level::none}; }
  static constexpr Outcome open() { return {Kind::open, Level::none}; }  // could not be decided
  static constexpr Outcome not_applicable() { return {Kind::not_applicable, Level::none}; }
  static constexpr Outcome review() { return {Kind::review, Level::none}; }
  static constexpr Outcome informational() { return {Kind::informational, Level::none}; }
  constexpr Kind kind() const { return kind_; }
  constexpr Level level() const { return level_; }

 private:
  constexpr Outcome(Kind kind, Level level) : kind_(kind), level_(level) {}
  Kind kind_;
  Level level_;
};

// Above 0.0, at most 10.0; GitHub reads: over 9.0 critical, from 7.0 high, from 4.0 medium, else low.
class SecuritySeverity {
 public:
  explicit constexpr SecuritySeverity(double score) : tenths_(std::clamp(static_cast<int>(score * 10 + 0.5), 1, 100)) {}
  std::string text() const { return std::to_string(tenths_ / 10) + "." + std::to_string(tenths_ % 10); }

 private:
  int tenths_;
};

// A path as a URI reference, percent-encoded byte by byte (RFC 3986). An absolute path becomes a file URI.
class Uri {
 public:
  Uri(std::string_view path);  // NOLINT: a path is a Uri
  Uri(const char* path) : Uri(std::string_view(path)) {}
  Uri(const std::string& path) : Uri(std::string_view(path)) {}
  const std::string& text() const { return text_; }
  bool relative() const { return relative_; }

 private:
  std::string text_;
  bool relative_ = true;
};

// Lines and columns from 1; the end column is one past the last character (3.30).
class Region {
 public:
  explicit Region(std::uint32_t line) : start_line_(std::max(line, 1u)), end_line_(start_line_) {}
  Region(std::uint32_t start_line, std::uint32_t start_column, std::uint32_t end_line, std::uint32_t end_column);
  Json json() const;

 private:
  std::uint32_t start_line_, start_column_ = 0, end_line_, end_column_ = 0;  // column 0: whole lines
};

// Plain text with embedded links (3.11.6). Literal text can never make a link.
class Message {
 public:
  Message(std::string_view text) { add(text); }    // NOLINT: text is a Message
  Message(const char* text) { add(text); }         // NOLINT
  Message(const std::string& text) { add(text); }  // NOLINT
  Message& add(std::string_view text);
  Message& link(std::string_view text, std::uint32_t related_location);  // to the location with this id
  Json json() const;

 private:
  std::string text_;
};

struct Location {
  Location(Uri uri, Region region) : uri(std::move(uri)), region(std::move(region)) {}
  explicit Location(Uri uri) : uri(std::move(uri)) {}
  Uri uri;
  std::optional<Region> region;
  std::optional<Message> message;
  std::string logical_name;  // fully qualified: what stands there, where a viewer shows it
  std::string logical_kind;  // "resource", "function" …
};

struct Replacement {
  Region deleted;
  std::string inserted;
};
struct ArtifactChange {  // replacements must not be empty, or the change is not written
  Uri uri;
  std::vector<Replacement> replacements;
};
struct Fix {
  std::string description;
  std::vector<ArtifactChange> changes;
};

struct Suppression {
  SuppressionKind kind = SuppressionKind::external;
  std::string justification;
};

// References into the Run that gave them.
class RuleRef {
  friend class Run;
  friend class Result;
  explicit RuleRef(std::size_t index) : index_(index) {}
  std::size_t index_;
};
class TaxonRef {
  friend class Run;
  TaxonRef(std::size_t taxonomy, std::size_t taxon) : taxonomy_(taxonomy), taxon_(taxon) {}
  std::size_t taxonomy_, taxon_;
};

struct Rule {  // reportingDescriptor (3.49)
  std::string id;
  std::string name;
  std::string summary;      // shortDescription, at most 1,024 characters are written
  std::string description;  // fullDescription, the same; empty: the summary
  std::string help;         // plain text; empty: the description
  std::string help_markdown;
  std::string help_uri;
  Level level = Level::warning;
  std::optional<SecuritySeverity> security_severity;  // adds the tag `security`
  std::optional<Precision> precision;
  std::vector<std::string> tags;  // at most 20 are written
  std::vector<TaxonRef> taxa;     // what it is relevant to
  std::vector<std::string> deprecated_ids;
  Properties properties;
};

class Result {
 public:
  Result(RuleRef rule, Outcome outcome, Message message)
      : message(std::move(message)), rule_(rule), outcome_(outcome) {}

  Message message;
  std::optional<Location> location;
  std::vector<Location> related;             // ids 1, 2 … in this order; at most 1,000 are written
  std::vector<std::vector<Location>> flows;  // each a codeFlow of one thread; at most 10,000 steps in all
  std::map<std::string, std::string> partial_fingerprints;
  std::vector<Fix> fixes;
  std::vector<Suppression> suppressions;
  Properties properties;

 private:
  friend class Run;
  RuleRef rule_;
  Outcome outcome_;
};

struct Notification {
  std::string code;  // descriptor id: words joined by hyphens
  Level level = Level::warning;
  Message message;
  std::optional<Location> location;
};

class Run {
 public:
  static constexpr std::size_t result_limit = 25000;  // GitHub refuses a run with more

  Run(std::string tool, std::string version) : tool_(std::move(tool)), version_(std::move(version)) {}

  RuleRef add_rule(Rule rule);
  // The taxon `id` of `taxonomy`, added when it is new (3.19.3: a framework, a weakness list).
  TaxonRef taxon(std::string_view taxonomy, std::string_view id);
  void add(Result result) { results_.push_back(std::move(result)); }
  void add(Notification notification) { notifications_.push_back(std::move(notification)); }

  std::size_t results() const { return results_.size(); }

  std::string information_uri;  // of the tool; absolute
  std::string automation_id;    // CATEGORY/RUN, see 3.17.3
  bool execution_successful = true;
  ColumnKind column_kind = ColumnKind::utf16_code_units;
  std::string root_name = "SRCROOT";  // uriBaseId of relative URIs
  Properties properties;

  void write(std::ostream& out) const;

 private:
  Json location(const Location& location, std::uint32_t id = 0) const;
  Json rule(const Rule& rule) const;
  Json driver() const;
  Json taxonomies() const;
  Json invocation() const;
  Json result(const Result& result, bool suppressions) const;
  Json artifact(const Uri& uri) const;
  std::map<std::string, std::size_t> descriptors() const;

  struct Taxonomy {
    std::string name;
    std::vector<std::string> ids;
  };
  std::string tool_, version_;
  std::vector<Rule> rules_;
  std::vector<Taxonomy> taxonomies_;
  std::vector<Result> results_;
  std::vector<Notification> notifications_;
};

class Log {
 public:
  static constexpr std::size_t run_limit = 20;  // GitHub refuses a file with more
  void add(Run run) { runs_.push_back(std::move(run)); }
  // One result a line; never the whole document in memory.
  void write(std::ostream& out) const;

 private:
  std::vector<Run> runs_;
};

// --- implementation ------------------------------------------------------------------------------

constexpr std::string_view name_of(Level level) {
  switch (level) {
    case Level::none:
      return "none";
    case Level::note:
      return "note";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
  }
  return "none";
}

constexpr std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::pass:
      return "pass";
    case Kind::open:
      return "open";
    case Kind::informational:
      return "informational";
    case Kind::not_applicable:
      return "notApplicable";
    case Kind::review:
      return "review";
    case Kind::fail:
      return "fail";
  }
  return "fail";
}

constexpr std::string_view name_of(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::utf16_code_units:
      return "utf16CodeUnits";
    case ColumnKind::unicode_code_points:
      return "unicodeCodePoints";
  }
  return "utf16CodeUnits";
}

constexpr std::string_view name_of(Precision precision) {
  switch (precision) {
    case Precision::low:
      return "low";
    case Precision::medium:
      return "medium";
    case Precision::high:
      return "high";
    case Precision::very_high:
      return "very-high";
  }
  return "medium";
}

constexpr std::string_view name_of(SuppressionKind kind) {
  switch (kind) {
    case SuppressionKind::in_source:
      return "inSource";
    case SuppressionKind::external:
      return "external";
  }
  return "external";
}

namespace detail {

inline std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// At most `limit` bytes of UTF-8, cut between characters, with a mark that something is missing.
inline std::string shortened(const std::string& text, std::size_t limit) {
  if (text.size() <= limit) return text;
  std::size_t end = limit - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

inline Json plain(const std::string& text) { return {{"text", text}}; }

inline void put(Json& json, const Properties& properties) {
  for (const auto& [key, value] : properties) json["properties"][key] = value;
}

}  // namespace detail

inline Uri::Uri(std::string_view path) {
  while (path.starts_with("./")) path.remove_prefix(2);
  relative_ = !path.starts_with('/');
  if (!relative_) text_ = "file://";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
                       byte == '-' || byte == '.' || byte == '_' || byte == '~' || byte == '/';
    if (plain) {
      text_ += c;
    } else {
      constexpr char digits[] = "0123456789ABCDEF";
      text_ += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  if (text_.empty()) text_ = "-";
}

inline Region::Region(std::uint32_t start_line, std::uint32_t start_column, std::uint32_t end_line,
                      std::uint32_t end_column)
    : start_line_(std::max(start_line, 1u)),
      start_column_(std::max(start_column, 1u)),
      end_line_(std::max(end_line, start_line_)),
      end_column_(std::max(end_column, 1u)) {
  if (end_line_ == start_line_) end_column_ = std::max(end_column_, start_column_);
}

inline Json Region::json() const {
  Json json = {{"startLine", start_line_}};
  if (start_column_) json["startColumn"] = start_column_;
  json["endLine"] = end_line_;
  if (end_column_) json["endColumn"] = end_column_;
  return json;
}

inline Message& Message::add(std::string_view text) {
  // `](` is what makes a link: text that holds one has its brackets escaped, other text stays as it is.
  const bool escape = text.find("](") != text.npos;
  for (const char c : text) {
    if (escape && (c == '[' || c == ']')) text_ += '\\';
    text_ += c;
  }
  return *this;
}

inline Message& Message::link(std::string_view text, std::uint32_t related_location) {
  text_ += '[';
  for (const char c : text) {
    if (c == '[' || c == ']' || c == '\\') text_ += '\\';
    text_ += c;
  }
  text_ += "](" + std::to_string(related_location) + ")";
  return *this;
}

inline Json Message::json() const { return {{"text", text_.empty() ? "(no message)" : text_}}; }

inline RuleRef Run::add_rule(Rule rule) {
  rules_.push_back(std::move(rule));
  return RuleRef(rules_.size() - 1);
}

inline TaxonRef Run::taxon(std::string_view taxonomy, std::string_view id) {
  auto found =
      std::find_if(taxonomies_.begin(), taxonomies_.end(), [&](const Taxonomy& t) { return t.name == taxonomy; });
  if (found == taxonomies_.end()) found = taxonomies_.insert(taxonomies_.end(), {std::string(taxonomy), {}});
  auto taxon = std::find(found->ids.begin(), found->ids.end(), id);
  if (taxon == found->ids.end()) taxon = found->ids.insert(found->ids.end(), std::string(id));
  return TaxonRef(static_cast<std::size_t>(found - taxonomies_.begin()),
                  static_cast<std::size_t>(taxon - found->ids.begin()));
}

inline Json Run::artifact(const Uri& uri) const {
  Json json = {{"uri", uri.text()}};
  if (uri.relative()) json["uriBaseId"] = root_name;
  return json;
}

inline Json Run::location(const Location& location, std::uint32_t id) const {
  Json json = Json::object();
  if (id) json["id"] = id;
  json["physicalLocation"]["artifactLocation"] = artifact(location.uri);
  if (location.region) json["physicalLocation"]["region"] = location.region->json();
  if (!location.logical_name.empty()) {
    Json logical = {{"fullyQualifiedName", location.logical_name}};
    if (!location.logical_kind.empty()) logical["kind"] = location.logical_kind;
    json["logicalLocations"] = Json::array({std::move(logical)});
  }
  if (location.message) json["message"] = location.message->json();
  return json;
}

inline Json Run::rule(const Rule& rule) const {
  Json json = {{"id", rule.id}};
  if (!rule.deprecated_ids.empty()) json["deprecatedIds"] = rule.deprecated_ids;
  if (!rule.name.empty()) json["name"] = detail::shortened(rule.name, 255);
  const std::string& summary = rule.summary.empty() ? rule.id : rule.summary;
  const std::string& description = rule.description.empty() ? summary : rule.description;
  json["shortDescription"] = detail::plain(detail::shortened(summary, 1024));
  json["fullDescription"] = detail::plain(detail::shortened(description, 1024));
  json["defaultConfiguration"] = {{"level", name_of(rule.level)}};
  if (!rule.help_uri.empty()) json["helpUri"] = rule.help_uri;
  json["help"] = detail::plain(rule.help.empty() ? description : rule.help);
  if (!rule.help_markdown.empty()) json["help"]["markdown"] = rule.help_markdown;
  for (const TaxonRef& taxon : rule.taxa) {
    const Taxonomy& taxonomy = taxonomies_[taxon.taxonomy_];
    Json component = {{"name", taxonomy.name}, {"index", taxon.taxonomy_}};
    Json target = {
        {"id", taxonomy.ids[taxon.taxon_]}, {"index", taxon.taxon_}, {"toolComponent", std::move(component)}};
    json["relationships"].push_back({{"target", std::move(target)}, {"kinds", Json::array({"relevant"})}});
  }
  std::vector<std::string> tags;
  if (rule.security_severity) tags.push_back("security");
  for (const std::string& tag : rule.tags)
    if (std::find(tags.begin(), tags.end(), tag) == tags.end() && tags.size() < 20) tags.push_back(tag);
  if (!tags.empty()) json["properties"]["tags"] = tags;
  if (rule.precision) json["properties"]["precision"] = name_of(*rule.precision);
  if (rule.security_severity) json["properties"]["security-severity"] = rule.security_severity->text();
  const std::string_view problem = rule.level == Level::error     ? "error"
                                   : rule.level == Level::warning ? "warning"
                                                                  : "recommendation";
  json["properties"]["problem.severity"] = problem;
  detail::put(json, rule.properties);
  return json;
}

inline std::map<std::string, std::size_t> Run::descriptors() const {
  std::map<std::string, std::size_t> codes;
  for (const Notification& notification : notifications_) codes[notification.code] = 0;
  std::size_t index = 0;
  for (auto& [code, position] : codes) position = index++;
  return codes;
}

inline Json Run::driver() const {
  Json json = {{"name", tool_.empty() ? "tool" : tool_}};
  if (!version_.empty()) json["version"] = version_;
  if (!information_uri.empty()) json["informationUri"] = information_uri;
  for (const auto& [code, index] : descriptors()) {
    std::string words = code;
    std::replace(words.begin(), words.end(), '-', ' ');
    Json descriptor = {{"id", code}};
    for (const char* key : {"shortDescription", "fullDescription", "help"}) descriptor[key] = detail::plain(words);
    json["notifications"].push_back(std::move(descriptor));
  }
  Json rules = Json::array();
  for (const Rule& rule : rules_) rules.push_back(this->rule(rule));
  json["rules"] = std::move(rules);
  for (std::size_t i = 0; i < taxonomies_.size(); ++i)
    json["supportedTaxonomies"].push_back({{"name", taxonomies_[i].name}, {"index", i}});
  return json;
}

inline Json Run::taxonomies() const {
  Json list = Json::array();
  for (const Taxonomy& taxonomy : taxonomies_) {
    Json taxa = Json::array();
    for (const std::string& id : taxonomy.ids) taxa.push_back({{"id", id}});
    list.push_back({{"name", taxonomy.name}, {"taxa", std::move(taxa)}});
  }
  return list;
}

inline Json Run::invocation() const {
  Json json = {{"executionSuccessful", execution_successful}};
  const std::map<std::string, std::size_t> codes = descriptors();
  for (const Notification& notification : notifications_) {
    Json entry = {{"descriptor", {{"id", notification.code}, {"index", codes.at(notification.code)}}},
                  {"level", name_of(notification.level)},
                  {"message", notification.message.json()}};
    if (notification.location) entry["locations"] = Json::array({location(*notification.location)});
    json["toolExecutionNotifications"].push_back(std::move(entry));
  }
  return json;
}

inline Json Run::result(const Result& result, bool suppressions) const {
  constexpr std::size_t location_limit = 1000, step_limit = 10000;
  Json json = {{"ruleId", rules_[result.rule_.index_].id},
               {"ruleIndex", result.rule_.index_},
               {"kind", name_of(result.outcome_.kind())},
               {"level", name_of(result.outcome_.level())},
               {"message", result.message.json()}};
  json["locations"] = Json::array();
  if (result.location) json["locations"].push_back(location(*result.location));
  for (std::size_t i = 0; i < std::min(result.related.size(), location_limit); ++i)
    json["relatedLocations"].push_back(location(result.related[i], static_cast<std::uint32_t>(i + 1)));
  std::size_t steps = 0;
  for (const std::vector<Location>& flow : result.flows) {
    Json thread = Json::array();
    for (const Location& step : flow)
      if (steps < step_limit) thread.push_back({{"location", location(step)}}), ++steps;
    if (thread.empty()) continue;
    json["codeFlows"].push_back({{"threadFlows", Json::array({{{"locations", std::move(thread)}}})}});
  }
  if (!result.partial_fingerprints.empty()) json["partialFingerprints"] = result.partial_fingerprints;
  for (const Fix& fix : result.fixes) {
    Json changes = Json::array();
    for (const ArtifactChange& change : fix.changes) {
      if (change.replacements.empty()) continue;
      Json replacements = Json::array();
      for (const Replacement& replacement : change.replacements)
        replacements.push_back(
            {{"deletedRegion", replacement.deleted.json()}, {"insertedContent", {{"text", replacement.inserted}}}});
      changes.push_back({{"artifactLocation", artifact(change.uri)}, {"replacements", std::move(replacements)}});
    }
    if (changes.empty()) continue;
    Json entry = Json::object();
    if (!fix.description.empty()) entry["description"] = detail::plain(fix.description);
    entry["artifactChanges"] = std::move(changes);
    json["fixes"].push_back(std::move(entry));
  }
  if (suppressions) {
    json["suppressions"] = Json::array();
    for (const Suppression& suppression : result.suppressions) {
      Json entry = {{"kind", name_of(suppression.kind)}, {"status", "accepted"}};
      if (!suppression.justification.empty()) entry["justification"] = suppression.justification;
      json["suppressions"].push_back(std::move(entry));
    }
  }
  detail::put(json, result.properties);
  return json;
}

inline void Run::write(std::ostream& out) const {
  out << "{\"tool\": {\"driver\": " << detail::dump(driver()) << "},\n\"invocations\": [" << detail::dump(invocation())
      << "],\n";
  if (!automation_id.empty()) out << "\"automationDetails\": " << detail::dump({{"id", automation_id}}) << ",\n";
  out << "\"columnKind\": \"" << name_of(column_kind) << "\",\n\"originalUriBaseIds\": "
      << detail::dump({{root_name, {{"description", {{"text", "the root that relative paths start from"}}}}}}) << ",\n";
  if (!taxonomies_.empty()) out << "\"taxonomies\": " << detail::dump(taxonomies()) << ",\n";
  if (!properties.empty()) {
    Json bag = Json::object();
    detail::put(bag, properties);
    out << "\"properties\": " << detail::dump(bag["properties"]) << ",\n";
  }
  const bool suppressions =
      std::any_of(results_.begin(), results_.end(), [](const Result& r) { return !r.suppressions.empty(); });
  out << "\"results\": [";
  for (std::size_t i = 0; i < results_.size(); ++i)
    out << (i ? ",\n" : "\n") << detail::dump(result(results_[i], suppressions));
  out << (results_.empty() ? "]}" : "\n]}");
}

inline void Log::write(std::ostream& out) const {
  out << "{\"$schema\": "
         "\"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json\",\n"
      << "\"version\": \"2.1.0\",\n\"runs\": [";
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    if (i) out << ",\n";
    runs_[i].write(out);
  }
  out << "]}\n";
}

}  // namespace sarif

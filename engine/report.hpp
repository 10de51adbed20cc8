// The report: what an audit found, in a total order, ready for the writers. Writers turn spans into
// lines; nothing here is formatted.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/diagnostic.hpp"
#include "engine/graph.hpp"
#include "engine/premise.hpp"
#include "engine/source.hpp"

namespace assay {

enum class Severity : std::uint8_t { info, low, medium, high, critical };
std::string_view name_of(Severity severity);
std::optional<Severity> severity(std::string_view name);

enum class Verdict : std::uint8_t { pass, fail, unknown, not_applicable };
std::string_view name_of(Verdict verdict);  // "not-applicable"

// What readers need to know of a rule; the engine's compiled rule refers to it.
struct RuleInfo {
  std::string id;      // workload-hardening/container-runs-as-non-root
  std::string family;
  std::string title;
  std::string why;     // Markdown subset: plain paragraphs, `code`
  std::string fix;
  Severity severity = Severity::medium;
  std::string since;
  std::vector<std::string> aliases;   // tool/id: promises the same verdict
  std::vector<std::string> related;   // tool/id: something near
  struct Control {
    std::string framework;            // nsa-cisa
    std::vector<std::string> ids;
  };
  std::vector<Control> controls;
};

struct Waiver {
  std::string rule;       // as written: id, alias, family/*, *
  std::string resource, path, container, field;  // empty: any
  std::string owner, reason, approver, until;    // until: YYYY-MM-DD
  Span span;              // where it stands
  Span target;            // inline: the resource, container or field that it stands on
  std::string origin;     // "assay.yaml", "inline", "inline (checkov)" …
  bool foreign = false;   // another tool's: its ids are looked up among `related` too
  bool expired = false;
  std::uint32_t used = 0; // findings it silenced
};

struct TraceStep {
  Span span;
  std::string note;  // "absent: `runAsNonRoot`", "set", "selected by" …
};

struct ByteEdit {
  Span span;
  std::string replacement;
};
struct Fix {
  std::string description;
  std::vector<ByteEdit> edits;  // empty: prose only
};

struct Finding {
  const RuleInfo* rule = nullptr;
  Severity severity = Severity::medium;
  Verdict verdict = Verdict::fail;  // fail or unknown
  ResourceId resource = no_resource;
  std::string subpath;              // RESOURCE#subpath for one of several instances of a view
  Span location;
  std::string message;
  std::vector<TraceStep> trace;
  std::vector<Premise> premises;
  std::string witness;              // JSON text, empty: none
  std::optional<Fix> fix;
  std::string fingerprint;          // 32 hex digits
  std::optional<std::size_t> waiver;  // index into Report::waivers
  std::uint32_t similar = 0;          // further findings that grouping or implied_by folded into this one
};

// Verdicts of one rule in one scope: resource ids in order of address.
struct Checked {
  const RuleInfo* rule = nullptr;
  ScopeId scope = 0;
  std::vector<std::string> aliases;  // of this parameter set only
  std::array<std::vector<ResourceId>, 4> by_verdict;  // indexed by Verdict; a waived pair is under fail
};

struct Proof {
  std::string rule, address;
  Verdict verdict = Verdict::pass;
  std::vector<Premise> premises;
  std::string sha256;
};

struct Summary {
  std::size_t resources = 0, judged = 0, rules = 0;
  std::size_t pass = 0, fail = 0, unknown = 0, not_applicable = 0, waived = 0;  // pairs
  double coverage = 0;
};

// An input that was seen and not audited, and why: a Helm template, an overlay, a file of another kind.
struct NotAssessed {
  std::string path;
  std::string reason;
  std::string remedy;  // a command, may be empty
};

struct Report {
  const Sources* sources = nullptr;
  const Graph* graph = nullptr;
  std::string version;       // of assay
  std::string rules_digest;  // "sha256:…" of the rule set in force
  std::string as_of;         // YYYY-MM-DD
  std::string profile;
  bool incomplete = false;
  Summary summary;
  std::vector<Finding> findings;   // total order: severity descending, path, place, rule, address, message
  std::vector<Checked> checked;    // by rule id, then scope name
  std::vector<const RuleInfo*> rules;  // every rule that ran, by id
  std::vector<Waiver> waivers;
  std::vector<Proof> proofs;
  std::vector<std::string> unjudged_types;  // kinds among the inputs that no rule judged
  std::vector<NotAssessed> not_assessed;
  std::vector<Span> redacted;      // scalars whose text is never shown, in order
  std::size_t other_files = 0;     // YAML, JSON and binaries that are not ours
  std::size_t files = 0;           // files read
  Diagnostics diagnostics;
};

}  // namespace assay

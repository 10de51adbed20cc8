// What `assay reach` found, and its writers: one file a format, one line in the table below.
#pragma once

#include <array>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "engine/net/listing.hpp"
#include "engine/premise.hpp"
#include "engine/source.hpp"

namespace assay {

// One line of the list.
struct ReachRow {
  std::string from, to;
  bool from_outside = false, to_outside = false;
  std::string network;  // empty: the network that all are on
  net::Connection connection;
  std::string_view transport = {};  // "mutual TLS", "plaintext": of a mesh, where it was asked for
};

// The network of one scope.
struct ReachScope {
  std::string name;                    // empty when there is only one
  std::vector<std::string> workloads;  // in the order of the rows
  std::vector<ReachRow> rows;
  std::vector<Premise> premises;
  bool refuted = false;                // policies are not enforced: the list says what they would do
  std::vector<net::Changed> changes;   // of a comparison
  std::vector<net::ExposureChange> exposure;
};

struct ReachReport {
  std::vector<ReachScope> scopes;
  bool comparison = false;  // `changes` and `exposure` instead of rows
  std::string old_name, new_name;
  bool incomplete = false;
};

// Why a pair can or cannot connect: one step for each rule or default that decided some of its ports.
struct ReachStep {
  net::Direction direction = net::Direction::ingress;
  std::string verdict;  // "allowed", "denied", "not known"
  net::PortSet ports;
  std::string message;
  std::string policy;   // KIND NAMESPACE/NAME, empty: no policy had anything to say
  Span place;           // of the rule, or of what selects the workload; may point nowhere
};
struct ReachExplanation {
  std::string from, to;
  net::Connection connection;
  std::vector<ReachStep> steps;
  std::vector<Premise> premises;
};
void write_explanations_text(const std::vector<ReachExplanation>& explanations, const Sources& sources, bool colour, std::ostream& out);
void write_explanations_json(const std::vector<ReachExplanation>& explanations, const Sources& sources, std::ostream& out);

using ReachWriter = void(const ReachReport&, std::ostream&);
ReachWriter write_reach_text, write_reach_json, write_reach_dot, write_reach_svg, write_reach_html;

struct ReachFormat {
  std::string_view name;
  ReachWriter* write;
};

inline constexpr std::array reach_formats = {
    ReachFormat{"text", write_reach_text}, ReachFormat{"json", write_reach_json}, ReachFormat{"dot", write_reach_dot},
    ReachFormat{"svg", write_reach_svg},   ReachFormat{"html", write_reach_html},
};

constexpr const ReachFormat* find_reach_format(std::string_view name) {
  for (const ReachFormat& format : reach_formats)
    if (format.name == name) return &format;
  return nullptr;
}

// "TCP 80", "TCP 80, perhaps UDP 53", "perhaps TCP 80".
std::string connection_text(const net::Connection& connection);

}  // namespace assay

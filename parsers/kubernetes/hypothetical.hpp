// Network policies as formulas over pods that need not exist: labels, namespaces and ports are variables, so that a
// question about "any pod" is answered for every pod that anybody could ever create. NetworkPolicy only: where other
// families of policies stand among the inputs, the answer is unknown and names them.
//
// A label that some selector mentions is a number: 0 where the pod lacks it, one number for each value that is
// mentioned, and one more for every other value. That is all that `In`, `NotIn`, `Exists` and `DoesNotExist` can tell.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/graph.hpp"
#include "engine/net/ports.hpp"
#include "engine/proof/solver.hpp"
#include "parsers/kubernetes/selector.hpp"

namespace assay::kubernetes {

// A pod out of a solver's model, in words that a person can make into a manifest.
struct WitnessPod {
  std::string ns;
  std::map<std::string, std::string> labels, namespace_labels;
  std::string address;  // set: no pod, but this address outside
};

struct Possibility {
  proof::Outcome outcome = proof::Outcome::unknown;  // of "nothing of the kind passes"
  std::string reason;                                // when unknown
  WitnessPod from, to;                               // when refuted
  net::Protocol protocol = net::Protocol::tcp;
  std::uint16_t port = 0;
  std::string smtlib;  // the question, expected `unsat` when proved
};

// What a pod is asked to be: labels by a selector, one namespace or any.
struct PodPattern {
  std::vector<Requirement> labels;
  std::string ns;  // empty: any
};
// `tier=api,!legacy,env!=prod,app in (a,b)`: kubectl's notation. Empty when it cannot be read.
std::optional<std::vector<Requirement>> parse_selector(std::string_view text);

// Can a pod like `from` connect to pods of the workload, on one of these ports? `outside` asks about addresses instead.
Possibility can_reach(const Graph& graph, ScopeId scope, const PodPattern& from, const Resource& workload, const net::PortSet& ports);

// Is there a connection between any two pods, or a pod and an address outside, that `later` allows and `earlier` does not?
Possibility opens(const Graph& earlier, ScopeId earlier_scope, const Graph& later, ScopeId later_scope);

// The formula itself, for tests: "this pod may connect to that one", with the variables of both named after `from.`
// and `to.`, and `port`, `protocol`. `known` gives a pod of the input its labels as constants.
struct Formula {
  proof::Terms terms;
  std::vector<proof::Term> setting;
  proof::Term allowed;
};
Formula connection_formula(const Graph& graph, ScopeId scope, const Resource& from, const Resource& to);

}  // namespace assay::kubernetes

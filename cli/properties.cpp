#include "cli/properties.hpp"

#include "parsers/kubernetes/network_properties.hpp"

namespace assay {

struct Analyses::State {
  std::shared_ptr<kubernetes::Networks> networks;
};

Analyses::Analyses(const Graph& graph) : state_(std::make_unique<State>()) {
  state_->networks = std::make_shared<kubernetes::Networks>(graph, kubernetes::ConnectivityOptions{});
}
Analyses::~Analyses() = default;

void Analyses::bind(std::vector<SelectedRule>& rules, Diagnostics& diagnostics) {
  for (SelectedRule& rule : rules) {
    const std::string& name = rule.rule->prove;
    if (name.empty()) continue;
    rule.property = kubernetes::network_property(name, rule, state_->networks);
    if (rule.property) continue;
    const std::vector<std::string_view> names = kubernetes::network_property_names();
    std::string message = "no property is called `" + name + "`";
    if (const std::string_view near = nearest(name, names); !near.empty()) message += "; did you mean `" + std::string(near) + "`?";
    const Value at = rule.rule->at.find("prove");
    diagnostics.error("rule-syntax", at ? at.span() : rule.rule->at.span(), message);
  }
}

Diagnostics Analyses::take_diagnostics() { return state_->networks->take_diagnostics(); }

}  // namespace assay

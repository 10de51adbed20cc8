// Stand-ins for pods that the inputs do not hold but policies speak of: "any pod with label app=web in a namespace with
// label team=a", and any pod at all. What connects to them is what whoever may create pods can reach.
#include "parsers/kubernetes/connectivity_builder.hpp"

#include <set>

namespace assay::kubernetes {
namespace {

constexpr std::size_t most = 2000;

// Labels as a selector wants them, and the same in words.
struct Wanted {
  NetBuilder::LabelList labels;
  std::string text;

  explicit Wanted(const Selector& selector) {
    for (const Requirement& requirement : selector.requirements()) {
      std::string_view value;
      switch (requirement.op) {
        case Requirement::Operator::in: value = requirement.values.empty() ? std::string_view() : requirement.values[0]; break;
        case Requirement::Operator::exists: value = "any"; break;
        case Requirement::Operator::not_in:
        case Requirement::Operator::does_not_exist: continue;  // nothing is needed to be so
      }
      labels.emplace_back(requirement.key, value);
      text += (text.empty() ? "" : ",") + std::string(requirement.key) + "=" + std::string(value);
    }
  }
};

}  // namespace

void add_representatives(NetBuilder& builder) {
  std::set<std::string> made;
  const auto add = [&](const std::string& space, const NetBuilder::LabelList& space_labels, const Wanted* pod) {
    std::string name = space + "/" + (pod && !pod->text.empty() ? "[pod with " + pod->text + "]" : "[any pod]");
    if (made.size() >= most || !made.insert(name).second) return;
    const net::AtomId atom = builder.add_hypothetical(builder.arena.copy(space), space_labels, pod ? pod->labels : NetBuilder::LabelList{});
    builder.model.peers.push_back({std::move(name), nullptr, atom});
  };
  const std::size_t known = builder.namespaces.size();
  add("[any namespace]", {}, nullptr);
  for (std::size_t i = 0; i < known; ++i) add(builder.namespaces[i].name, {}, nullptr);
  for (const Resource* policy : builder.objects("k8s:networking.k8s.io/NetworkPolicy")) {
    for (const std::string_view side : {"ingress", "egress"}) {
      for (const Value rule : policy->value.at({"spec", side}).items()) {
        for (const Value peer : rule.find(side == "ingress" ? "from" : "to").items()) {
          const Value pods = peer.find("podSelector"), spaces = peer.find("namespaceSelector");
          if (!pods && !spaces) continue;
          const Selector of_pods = Selector::of_label_selector(pods), of_spaces = Selector::of_label_selector(spaces);
          if (!of_pods.valid() || !of_spaces.valid()) continue;
          const Wanted pod(of_pods), space(of_spaces);
          if (!spaces) {
            add(policy->ns, {}, &pod);
          } else {
            std::string name = space.text.empty() ? "[any namespace]" : "[namespace with " + space.text + "]";
            for (const auto& [key, value] : space.labels)
              if (key == "kubernetes.io/metadata.name") name = value;
            add(name, space.labels, &pod);
          }
        }
      }
    }
  }
}

}  // namespace assay::kubernetes

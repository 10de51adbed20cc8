// Label selectors through the index against the definition, applied to everything.
#include <catch2/catch.hpp>

#include <map>
#include <random>

#include "tests/kubernetes/cluster.hpp"

using namespace assay;
using namespace assay::kubernetes::test;

namespace {

using LabelMap = std::map<std::string, std::string>;

struct Expression {
  std::string key, op;
  std::vector<std::string> values;
};

struct RandomSelector {
  LabelMap match_labels;
  std::vector<Expression> expressions;

  // The API reference's words: all requirements are ANDed; NotIn and DoesNotExist hold for objects without the key.
  bool matches(const LabelMap& labels) const {
    for (const auto& [key, value] : match_labels)
      if (!labels.contains(key) || labels.at(key) != value) return false;
    for (const Expression& e : expressions) {
      const bool there = labels.contains(e.key);
      const bool listed = there && std::count(e.values.begin(), e.values.end(), labels.at(e.key)) > 0;
      if (e.op == "In" && !listed) return false;
      if (e.op == "NotIn" && listed) return false;
      if (e.op == "Exists" && !there) return false;
      if (e.op == "DoesNotExist" && there) return false;
    }
    return true;
  }

  std::string written() const {
    std::string text = "{matchLabels: {";
    for (const auto& [key, value] : match_labels) text += key + ": " + value + ", ";
    text += "}, matchExpressions: [";
    for (const Expression& e : expressions) {
      text += "{key: " + e.key + ", operator: " + e.op;
      if (!e.values.empty()) {
        text += ", values: [";
        for (const std::string& value : e.values) text += value + ", ";
        text += "]";
      }
      text += "}, ";
    }
    return text + "]}";
  }
};

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}
  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  std::string key() { return "k" + std::to_string(below(3)); }
  std::string value() { return "v" + std::to_string(below(2)); }
  LabelMap labels(int most) {
    LabelMap result;
    for (int i = below(most + 1); i > 0; --i) result[key()] = value();
    return result;
  }
  RandomSelector selector() {
    RandomSelector result;
    result.match_labels = labels(2);
    for (int i = below(3); i > 0; --i) {
      static const char* const operators[] = {"In", "NotIn", "Exists", "DoesNotExist"};
      Expression e{key(), operators[below(4)], {}};
      if (e.op == "In" || e.op == "NotIn")
        for (int n = 1 + below(3); n > 0; --n) e.values.push_back(value());
      result.expressions.push_back(std::move(e));
    }
    return result;
  }

 private:
  std::mt19937 random_;
};

std::string written(const LabelMap& labels) {
  std::string text = "{";
  for (const auto& [key, value] : labels) text += key + ": " + value + ", ";
  return text + "}";
}

}  // namespace

TEST_CASE("what the index finds is what everything tried finds", "[kubernetes]") {
  std::size_t found = 0;
  for (unsigned seed = 0; seed < 2000; ++seed) {
    Generator random(seed);
    std::string manifest;
    struct Pods {
      std::string address, ns;
      LabelMap labels;
    };
    std::vector<Pods> workloads;
    for (int i = random.below(9); i >= 0; --i) {
      Pods pods{"", "ns" + std::to_string(random.below(2)), random.labels(3)};
      const std::string name = "w" + std::to_string(i), metadata = "metadata: {name: " + name + ", namespace: " + pods.ns;
      if (random.below(3) == 0) {
        manifest += "{apiVersion: v1, kind: Pod, " + metadata + ", labels: " + written(pods.labels) + "}}\n---\n";
        pods.address = "k8s:Pod/" + pods.ns + "/" + name;
      } else {
        manifest += "{apiVersion: apps/v1, kind: Deployment, " + metadata + "}, spec: {template: {metadata: {labels: " +
                    written(pods.labels) + "}}}}\n---\n";
        pods.address = "k8s:apps/Deployment/" + pods.ns + "/" + name;
      }
      workloads.push_back(std::move(pods));
    }
    Lines expected;
    for (int i = random.below(5); i >= 0; --i) {
      const RandomSelector selector = random.selector();
      const std::string name = "s" + std::to_string(i), ns = "ns" + std::to_string(random.below(2));
      const std::string metadata = "metadata: {name: " + name + ", namespace: " + ns + "}";
      std::string address, edge;
      const int what = random.below(3);
      if (what == 0) {
        manifest += "{apiVersion: v1, kind: Service, " + metadata + ", spec: {selector: " + written(selector.match_labels) + "}}\n---\n";
        address = "k8s:Service/" + ns + "/" + name, edge = " selects ";
      } else if (what == 1) {
        manifest += "{apiVersion: policy/v1, kind: PodDisruptionBudget, " + metadata + ", spec: {selector: " + selector.written() + "}}\n---\n";
        address = "k8s:policy/PodDisruptionBudget/" + ns + "/" + name, edge = " protects ";
      } else {
        manifest += "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, " + metadata + ", spec: {podSelector: " + selector.written() + "}}\n---\n";
        address = "k8s:networking.k8s.io/NetworkPolicy/" + ns + "/" + name, edge = " governs ";
      }
      for (const Pods& pods : workloads) {
        if (pods.ns != ns) continue;
        const bool selected = what == 0 ? !selector.match_labels.empty() && RandomSelector{selector.match_labels, {}}.matches(pods.labels)
                                        : selector.matches(pods.labels);
        if (selected) expected.push_back(address + edge + pods.address);
      }
    }
    std::sort(expected.begin(), expected.end());
    const Cluster cluster(manifest);
    INFO(manifest);
    REQUIRE(cluster.edges({EdgeKind::selects, EdgeKind::protects, EdgeKind::governs}) == expected);
    found += expected.size();
  }
  CHECK(found > 3000);  // the test has something to compare
}

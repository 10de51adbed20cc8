// The dated data about Kubernetes under rules/data: well-formed, and of one mind with the adapter's own tables.
#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>

#include "parsers/kubernetes/kinds.hpp"
#include "parsers/kubernetes/workload.hpp"
#include "tests/kubernetes/cluster.hpp"

using namespace assay;
using namespace assay::kubernetes::test;

namespace {

struct Data {
  Sources sources;
  Diagnostics diagnostics;
  ParsedFile file;
  Value root;

  explicit Data(const std::string& name) {
    std::ostringstream bytes;
    bytes << std::ifstream(std::string(ASSAY_SOURCE_DIR) + "/rules/data/" + name, std::ios::binary).rdbuf();
    file = yaml::parse(sources.add(name, bytes.str()), ParseLimits(), diagnostics);
    REQUIRE(diagnostics.errors() == 0);
    REQUIRE(file.documents.size() == 1);
    root = file.documents[0].root;
  }
};

bool is_date(Value value) {
  const std::string_view text = value.as_string();
  if (!value.is_string() || text.size() != 10) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((i == 4 || i == 7) ? text[i] != '-' : (text[i] < '0' || text[i] > '9')) return false;
  return true;
}

// "1.36" -> 36; -1 for anything else.
int minor(std::string_view version) {
  if (!version.starts_with("1.") || version.size() > 4) return -1;
  int result = 0;
  for (const char c : version.substr(2)) {
    if (c < '0' || c > '9') return -1;
    result = result * 10 + (c - '0');
  }
  return version.size() > 2 ? result : -1;
}

}  // namespace

TEST_CASE("data: versions and their last days", "[kubernetes]") {
  const Data data("kubernetes-versions.yaml");
  CHECK(is_date(data.root.find("as_of")));
  for (const std::string_view provider : {"upstream", "eks", "aks", "gke"}) {
    INFO(provider);
    const Value of = data.root.find(provider);
    CHECK(of.find("source").as_string().starts_with("https://"));
    CHECK(of.find("end_of_support").size() > 3);
    for (const std::string_view table : {"released", "end_of_support", "end_of_extended_support"}) {
      std::string_view last;
      int last_minor = -1;
      for (const Entry& entry : of.find(table).entries()) {
        INFO(entry.key());
        CHECK(minor(entry.key()) > last_minor);
        CHECK(is_date(entry.value));
        CHECK(entry.value.as_string() > last);  // later versions live longer
        last = entry.value.as_string(), last_minor = minor(entry.key());
      }
    }
    for (const Entry& entry : of.find("end_of_extended_support").entries())
      CHECK(entry.value.as_string() > of.find("end_of_support").find(entry.key()).as_string());
    for (const Entry& entry : of.find("released").entries())
      CHECK(of.find("end_of_support").find(entry.key()).as_string() > entry.value.as_string());
  }
}

TEST_CASE("data: deprecated APIs", "[kubernetes]") {
  const Data data("kubernetes-deprecated-apis.yaml");
  CHECK(minor(data.root.find("version").as_string()) == 36);
  const Value apis = data.root.find("apis");
  CHECK(apis.size() > 90);
  for (const Entry& entry : apis.entries()) {
    INFO(entry.key());
    const std::string_view key = entry.key();
    const auto slash = key.rfind('/');
    REQUIRE(slash != std::string_view::npos);
    const int deprecated = minor(entry.value.find("deprecated").as_string());
    CHECK(deprecated > 0);
    if (const Value removed = entry.value.find("removed")) CHECK(minor(removed.as_string()) >= deprecated);
    const Value replacement = entry.value.find("replacement");
    if (!replacement || replacement.as_string().find(' ') != std::string_view::npos) continue;
    // What replaces it is the same type to us, and a newer version.
    CHECK(replacement.as_string() != key.substr(0, slash));
    const std::string type = kubernetes::type_of(replacement.as_string(), key.substr(slash + 1));
    CHECK(kubernetes::type_of(key.substr(0, slash), key.substr(slash + 1)) == type);
    CHECK(kubernetes::is_builtin(type));
    // It may be a beta itself, which a later release is bound to deprecate.
    if (const Value next = apis.find(std::string(replacement.as_string()) + std::string(key.substr(slash))))
      CHECK(minor(next.find("deprecated").as_string()) > deprecated);
  }
}

TEST_CASE("data: defaults are those of kinds that we know", "[kubernetes]") {
  const Data data("kubernetes-defaults.yaml");
  CHECK(is_date(data.root.find("as_of")));
  for (const Entry& entry : data.root.find("kinds").entries()) {
    INFO(entry.key());
    CHECK((kubernetes::is_builtin(entry.key()) || entry.key() == "k8s:autoscaling.k8s.io/VerticalPodAutoscaler"));
    CHECK(entry.value.size() > 0);
  }
  // The accessor's own default is the data's.
  for (const char* type : {"k8s:apps/Deployment", "k8s:apps/StatefulSet", "k8s:apps/ReplicaSet", "k8s:ReplicationController"}) {
    INFO(type);
    CHECK(kubernetes::workload(type, data.root)->default_replicas ==
          data.root.find("kinds").find(type).find("spec.replicas").as_int());
  }
  CHECK(data.root.at({"pod", "terminationGracePeriodSeconds"}).as_int() == 30);
}

TEST_CASE("data: the Pod Security Standards", "[kubernetes]") {
  const Data data("pod-security-standards.yaml");
  const Value baseline = data.root.find("baseline"), restricted = data.root.find("restricted");
  CHECK(baseline.find("capabilities").size() == 13);
  CHECK(baseline.find("sysctls").size() == 12);
  CHECK(restricted.find("volume_types").size() == 9);
  const auto holds = [](Value list, std::string_view wanted) {
    for (const Value item : list.items())
      if (item.as_string() == wanted) return true;
    return false;
  };
  for (const Entry& entry : baseline.find("sysctls_since").entries()) CHECK(holds(baseline.find("sysctls"), entry.key()));
  for (const Value capability : restricted.find("capabilities").items())
    CHECK(holds(baseline.find("capabilities"), capability.as_string()));
}

// One configuration three times: its text, its plan and its state, as OpenTofu showed them (fixtures/, recorded
// by tests/live/terraform-provider/record). They must say the same of every resource, unknowns apart.
#include <catch2/catch.hpp>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "cli/session.hpp"
#include "tests/support/configuration.hpp"

using namespace assay;
using namespace assay::test;

namespace {

const std::string fixtures = std::string(ASSAY_SOURCE_DIR) + "/tests/terraform/fixtures/";

// Every scalar by its path; items of lists are told apart by their text, as sets come in any order.
void leaves(Value value, const std::string& path, std::map<std::string, Value>& out) {
  if (value.is_map()) {
    for (const Entry& entry : value.entries()) leaves(entry.value, path + "." + std::string(entry.key()), out);
  } else if (value.is_list()) {
    std::vector<std::pair<std::string, Value>> items;
    for (const Value item : value.items()) items.emplace_back(item.is_map() ? shown(item.find("from_port")) : shown(item), item);
    std::stable_sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (std::size_t i = 0; i < items.size(); ++i) leaves(items[i].second, path + "[" + std::to_string(i) + "]", out);
  } else {
    out.emplace(path, value);
  }
}

struct Views {
  std::map<std::string, std::map<std::string, const Resource*>> of;  // scope -> address -> resource
};

Views views(const Session& session) {
  Views views;
  for (const Resource& resource : session.graph.resources())
    if (!resource.auxiliary) views.of[session.graph.scope(resource.scope).name][resource.address] = &resource;
  return views;
}

// A fixture, or a system of fixtures/systems with what was recorded of it laid beside it.
struct Case {
  explicit Case(const std::string& name) {
    namespace fs = std::filesystem;
    SessionOptions options;
    options.profile = "all";
    options.as_of = "2026-11-21";
    std::string path = fixtures + name;
    directory = "tests/terraform/fixtures/" + name;
    if (!fs::exists(path)) {
      const fs::path source = std::string(ASSAY_SOURCE_DIR) + "/fixtures/systems/" + name + "/as-documented/terraform";
      present = fs::exists(source);
      if (!present) return;
      copied = fs::temp_directory_path() / ("assay-parity-" + std::to_string(::getpid()));
      fs::copy(source, copied, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
      fs::copy(std::string(ASSAY_SOURCE_DIR) + "/tests/terraform/systems/" + name, copied, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
      path = copied.string();
      directory = ".";
    }
    options.paths = {path};
    session = run_session(options);
  }
  ~Case() {
    if (!copied.empty()) std::filesystem::remove_all(copied);
  }
  std::string scope(const std::string& file) const { return directory == "." ? file : directory + "/" + file; }

  bool present = true;
  std::string directory;
  std::filesystem::path copied;
  std::unique_ptr<Session> session;
};

// The recorder's provider makes up what data sources say; the real one, and we, compute it.
bool made_up(Value value) {
  std::map<std::string, Value> all;
  leaves(value, "", all);
  return std::any_of(all.begin(), all.end(), [](const auto& one) { return one.second.as_string() == "made-up"; });
}

}  // namespace

TEST_CASE("configuration, plan and state hold the same resources with the same values", "[terraform]") {
  const std::string name = GENERATE("basics", "modules", "syntax", "wealth");
  INFO(name);
  const Case one(name);
  if (!one.present) {
    WARN("no " << name);
    return;
  }
  const auto& session = one.session;
  const Views all = views(*session);
  const std::string& directory = one.directory;
  REQUIRE(all.of.contains(directory));
  const auto& written = all.of.at(directory);
  std::size_t compared = 0, unknown = 0;
  for (const std::string file : {"plan.json", "state.json"}) {
    INFO(file);
    const auto& other = all.of.at(one.scope(file));
    std::set<std::string> ours, theirs;
    for (const auto& [address, resource] : written) ours.insert(address);
    for (const auto& [address, resource] : other) theirs.insert(address);
    CHECK(ours == theirs);
    for (const auto& [address, resource] : written) {
      if (!other.contains(address)) continue;
      std::map<std::string, Value> a, b;
      leaves(resource->value, "", a);
      leaves(other.at(address)->value, "", b);
      for (const auto& [path, value] : a) {
        if (value.is_unknown()) {
          ++unknown;
          continue;
        }
        if (path.find("_json") != std::string::npos) continue;  // beside the text, which is compared
        INFO(address << path);
        REQUIRE(b.contains(path));
        if (b.at(path).is_unknown() || b.at(path).as_string() == "made-up") ++unknown;
        else if (b.at(path).sensitive() != value.sensitive()) continue;  // the provider says what is secret
        else CHECK(shown(b.at(path)) == shown(value));
        ++compared;
      }
      // What is in the configuration is shown there.
      CHECK(other.at(address)->header == resource->header);
      CHECK(other.at(address)->value.span() == resource->value.span());
    }
  }
  CHECK(compared > (name == "syntax" ? 20u : 40u));
  WARN(name << ": " << compared << " values compared, " << unknown << " unknown in one of them");
}

TEST_CASE("configuration, plan and state get the same verdicts", "[terraform]") {
  const std::string name = GENERATE("basics", "modules", "syntax", "wealth");
  const Case one(name);
  if (!one.present) return;
  const auto& session = one.session;
  const std::string& directory = one.directory;
  std::map<std::string, std::map<std::string, std::map<std::string, Verdict>>> verdicts;  // rule -> address -> scope
  for (const Checked& checked : session->report.checked)
    for (std::size_t verdict = 0; verdict < 4; ++verdict)
      for (const ResourceId id : checked.by_verdict[verdict]) {
        if (session->graph.resource(id).auxiliary) continue;
        if (made_up(session->graph.resource(id).value)) continue;
        auto& pair = verdicts[checked.rule->id][session->graph.resource(id).address];
        pair.emplace(session->graph.scope(checked.scope).name, static_cast<Verdict>(verdict));
      }
  std::size_t compared = 0;
  for (const auto& [rule, addresses] : verdicts) {
    for (const auto& [address, scopes] : addresses) {
      const auto written = scopes.find(directory);
      for (const std::string file : {"plan.json", "state.json"}) {
        const auto shown = scopes.find(one.scope(file));
        if (written == scopes.end() || shown == scopes.end()) continue;
        ++compared;
        if (written->second == Verdict::unknown || shown->second == Verdict::unknown) continue;
        INFO(rule << " on " << address << " in " << file);
        CHECK(name_of(shown->second) == name_of(written->second));
      }
    }
  }
  WARN(name << ": " << compared << " verdicts compared");
}

TEST_CASE("edges of the configuration are edges of plan and state", "[terraform]") {
  const std::string name = GENERATE("basics", "modules", "syntax", "wealth");
  const Case one(name);
  if (!one.present) return;
  const auto& session = one.session;
  const std::string& directory = one.directory;
  std::map<std::string, std::set<std::string>> edges;
  for (const Edge& edge : session->graph.edges()) {
    const Resource &from = session->graph.resource(edge.from), &to = session->graph.resource(edge.to);
    edges[session->graph.scope(from.scope).name].insert(from.address + " " + std::string(name_of(edge.kind)) + " " + to.address);
  }
  REQUIRE(edges.contains(directory));
  for (const std::string& edge : edges[directory]) {
    INFO(edge);
    CHECK(edges[one.scope("plan.json")].contains(edge));
    // The recorder's provider makes up ids, no domain names: what is joined by those is not in its states.
    if (edge.find(" routes-to ") == std::string::npos) CHECK(edges[one.scope("state.json")].contains(edge));
  }
}

TEST_CASE("what a plan destroys is a change, and no resource", "[terraform]") {
  const Case basics("basics");
  const auto& session = basics.session;
  const std::string scope = "tests/terraform/fixtures/basics/change.json";
  std::set<std::string> resources, changes;
  for (const Resource& resource : session->graph.resources()) {
    if (session->graph.scope(resource.scope).name != scope) continue;
    if (resource.type == "terraform:change") {
      changes.insert(resource.address);
      CHECK(shown(resource.value.find("actions")) == "[delete]");
      CHECK(shown(resource.value.at({"before", "deletion_protection"})) == "true");
      CHECK(shown(resource.value.at({"before", "password"})) == "(secret)");
    } else if (resource.type == "aws_db_instance") {
      resources.insert(resource.address);
      CHECK(resource.evidence == Evidence::planned);
    }
  }
  CHECK(resources == std::set<std::string>{"aws_db_instance.main[0]"});
  CHECK(changes == std::set<std::string>{"change.aws_db_instance.main[1]"});
}

TEST_CASE("plans and states stand alone where there is no source", "[terraform]") {
  namespace fs = std::filesystem;
  const fs::path directory = fs::temp_directory_path() / ("assay-shown-" + std::to_string(::getpid()));
  fs::create_directories(directory);
  for (const std::string file : {"plan.json", "state.json"}) fs::copy_file(fixtures + "basics/" + file, directory / file, fs::copy_options::overwrite_existing);
  fs::copy_file(fixtures + "modules/plan.json", directory / "modules.json", fs::copy_options::overwrite_existing);
  SessionOptions options;
  options.paths = {directory.string()};
  options.as_of = "2026-11-21";
  const auto session = load_session(options);
  std::map<std::string, std::size_t> resources;
  std::set<std::string> edges;
  for (const Resource& resource : session->graph.resources()) {
    ++resources[session->graph.scope(resource.scope).name];
    CHECK(resource.header);
  }
  for (const Edge& edge : session->graph.edges())
    edges.insert(session->graph.scope(session->graph.resource(edge.from).scope).name + ": " + session->graph.resource(edge.from).address + " " +
                 std::string(name_of(edge.kind)) + " " + session->graph.resource(edge.to).address);
  CHECK(resources["plan.json"] == resources["state.json"]);
  CHECK(resources["plan.json"] == 19);
  // Through a variable of the module and an output of another.
  CHECK(edges.contains("modules.json: module.regional[\"us\"].aws_efs_file_system.shared encrypts-with module.global.aws_kms_key.main"));
  CHECK(edges.contains("state.json: aws_db_instance.main[0] encrypts-with aws_kms_key.main"));
  CHECK(edges.contains("state.json: aws_subnet.private[1] in-network aws_vpc.main"));
  CHECK(edges.contains("plan.json: aws_db_instance.main[0] encrypts-with aws_kms_key.main"));
  CHECK(edges.contains("plan.json: aws_db_instance.main[1] in-subnet aws_db_subnet_group.main"));
  CHECK(edges.contains("plan.json: aws_security_group.web in-network aws_vpc.main"));
  CHECK(edges.contains("plan.json: aws_s3_bucket_logging.data[\"reports\"] references aws_s3_bucket.data[\"reports\"]"));
  fs::remove_all(directory);
}

#include "parsers/candidate.hpp"

#include <catch2/catch.hpp>
#include <random>

using namespace assay;

TEST_CASE("a file is ours by its text", "[walk]") {
  struct Case {
    std::string_view text;
    bool json, ours;
    std::size_t addresses;
  };
  const Case cases[] = {
      {"apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n", false, true, 1},
      {"\xEF\xBB\xBF" "apiVersion: v1\r\nkind: Pod\r\nmetadata:\r\n  name: a\r\n", false, true, 1},
      {"kind: Pod\napiVersion: v1\nmetadata: {name: a}\nspec: [\n", false, true, 0},
      {"\"apiVersion\": v1\n'kind' : Pod\n", false, true, 0},
      {"services:\n  web:\n    image: nginx\n", false, false, 0},
      {"apiVersion: v2\nname: chart\n", false, false, 0},
      {"data: |\n  apiVersion: v1\n  kind: Pod\n", false, false, 0},
      {"# apiVersion: v1\n# kind: Pod\n", false, false, 0},
      {"apiVersions: v1\nkinds: Pod\n", false, false, 0},
      {"", false, false, 0},
      {"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: a\n"
       "- apiVersion: v1\n  kind: Pod\n  metadata:\n    labels:\n      name: no\n    name: b\n",
       false, true, 2},
      {"---\napiVersion: v1\nkind: A\nmetadata:\n  name: a\n---\napiVersion: v1\nkind: B\nmetadata:\n  name: b\n", false,
       true, 2},
      {"{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"labels\": {\"name\": \"x\"}, \"name\": \"a\"}}", true,
       true, 1},
      {"{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {", true, true, 0},
      {"{\"swagger\": {\"apiVersion\": \"v1\", \"kind\": \"Pod\"}}", true, false, 0},
      {"{\"apiVersion\": {\"type\": \"string\"}, \"kind\": {\"type\": \"string\"}}", true, false, 0},
      {"[{\"apiVersion\": \"v1\", \"kind\": \"Pod\"}, {\"metadata\": {}}]", true, true, 0},
      {"{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [{\"apiVersion\": \"v1\", \"kind\": \"Pod\", "
       "\"metadata\": {\"name\": \"a\"}}, {\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"b\"}}]}",
       true, true, 2},
      {"{apiVersion: v1, kind: Pod}", false, false, 0},
      {"--- {\"apiVersion\": \"v1\", \"kind\": \"Pod\"}", false, true, 0},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    const Candidate candidate = judge(c.text, c.json);
    CHECK(candidate.ours == c.ours);
    CHECK(candidate.addresses.size() == c.addresses);
  }
  std::string utf16 = "\xFF\xFE";
  for (const char c : std::string_view("apiVersion: v1\nkind: Pod\n")) utf16 += c, utf16 += '\0';
  CHECK(judge(utf16, false).ours);
}

TEST_CASE("equal objects have equal hashes in YAML and JSON, without a namespace and in `default`", "[walk]") {
  const auto one = [](std::string_view text, bool json = false) { return judge(text, json).addresses.at(0); };
  const auto a = one("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web # x\n");
  CHECK(a == one("apiVersion: apps/v1beta1\nkind: Deployment\nmetadata:\n    namespace: default\n    name: 'web'\n"));
  CHECK(a == one(R"({"kind": "Deployment", "metadata": {"name": "web"}, "apiVersion": "apps/v1"})", true));
  CHECK(a != one("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: other\n"));
}

TEST_CASE("no text harms the judge", "[walk]") {
  std::mt19937 random(3);
  const std::string_view pieces[] = {"{", "}", "[", "]", "\"", "\\", ":", ",", "\n", "- ", "items:", "---", "  ", "kind: a",
                                     "apiVersion: b", "metadata:", "\"kind\"", "\"items\"", "\"metadata\"", "\0", "name: x"};
  for (int round = 0; round < 20000; ++round) {
    std::string text = round % 2 ? "{" : "";
    for (std::size_t n = random() % 40; n > 0; --n) text += pieces[random() % std::size(pieces)];
    judge(text, round % 3 == 0);
  }
}

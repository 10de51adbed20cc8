// docs/functions.md is what the program's own tables say. ASSAY_BLESS=1 rewrites it.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "engine/cel/reference.hpp"

TEST_CASE("the page of functions is up to date", "[cellib]") {
  const std::string path = std::string(ASSAY_SOURCE_DIR) + "/docs/functions.md";
  const std::string expected = assay::cel::function_reference_markdown();
  if (std::getenv("ASSAY_BLESS")) std::ofstream(path) << expected;
  std::ostringstream found;
  found << std::ifstream(path).rdbuf();
  const bool same = found.str() == expected;
  INFO("rewrite docs/functions.md with ASSAY_BLESS=1");
  CHECK(same);
}

TEST_CASE("signatures read as they are written", "[cellib]") {
  std::map<std::string, std::vector<std::string>> by_name;
  for (const auto& entry : assay::cel::function_reference()) {
    by_name[entry.name] = entry.signatures;
    INFO(entry.name);
    CHECK_FALSE(entry.documentation.empty());
  }
  CHECK(by_name["charAt"] == std::vector<std::string>{"string.charAt(int) -> string"});
  CHECK(by_name["base64.encode"] == std::vector<std::string>{"base64.encode(bytes) -> string"});
  CHECK(by_name["&&"] == std::vector<std::string>{"bool && bool -> bool"});
  CHECK(by_name["!"] == std::vector<std::string>{"!bool -> bool"});
  CHECK(by_name["exists"] == std::vector<std::string>{"list.exists(x, condition)"});
  CHECK(by_name.contains("?:"));
  CHECK_FALSE(by_name.contains("math.@min"));
}

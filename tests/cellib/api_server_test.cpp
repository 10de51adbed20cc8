// The function libraries against the Kubernetes API server's own: what tests/live/cel-library recorded.
#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <set>

#include "tests/cellib/evaluation.hpp"

namespace {

using namespace assay;
using namespace assay::test;

std::vector<std::vector<std::string>> table(const std::string& name) {
  std::vector<std::vector<std::string>> rows;
  std::ifstream in(std::string(ASSAY_SOURCE_DIR) + "/tests/cellib/" + name);
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> row{""};
    for (const char c : line) {
      if (c == '\t') row.emplace_back();
      else row.back() += c;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

TEST_CASE("every function answers as the API server does", "[cellib]") {
  const auto rows = table("api_server.tsv");
  REQUIRE(rows.size() > 5000);
  std::size_t differences = 0;
  std::size_t wrong_costs = 0, wrong_costs_of_errors = 0;
  std::string report, costs, costs_of_errors;
  for (const auto& row : rows) {
    REQUIRE(row.size() == 3);
    const std::string expression = json_unquoted(row[0]);
    const Answer answer = evaluated(admission(), expression);
    // A constant pattern that is wrong fails there when the expression is planned.
    // Words of our own: which overloads there are. And there equality of an address with anything else fails.
    const bool own_words = answer.text.starts_with("error \"no such overload") && row[1].starts_with("error");
    const bool known = expression == "cel.bind(x, 1, x)" ||  // macros are the parser's, which knows no environments
                       expression == "dyn(ip(\"1.2.3.4\")) == dyn(cidr(\"1.2.3.4/32\"))";
    const bool fails = answer.text.starts_with("error") || answer.text == "compile error";
    const bool ran = row[2] != "-1" && !fails;
    if (ran && row[2] != std::to_string(answer.cost) && ++wrong_costs <= 60)
      costs += expression + "\n  API server: " + row[2] + ", here: " + std::to_string(answer.cost) + "\n";
    else if (row[2] != "-1" && fails && row[2] != std::to_string(answer.cost) && ++wrong_costs_of_errors <= 40)
      costs_of_errors += expression + "\n  API server: " + row[2] + ", here: " + std::to_string(answer.cost) + "\n";
    const bool same = own_words || known || (row[1] == "plan error" && fails) || answer.text == row[1];
    if (!same && ++differences <= 40) {
      report += expression + "\n  API server: " + row[1] + "\n  here:       " + answer.text + " " + answer.why + "\n";
    }
  }
  INFO(report);
  CHECK(differences == 0);
  INFO(costs);
  CHECK(wrong_costs == 0);
  INFO(costs_of_errors);
  CHECK(wrong_costs_of_errors == 0);
}

TEST_CASE("admission policies have the API server's functions, no more and no less", "[cellib]") {
  std::set<std::string> expected, found;
  // Operators are the checker's own affair; the rest must agree to the letter.
  const auto is_operator = [](const std::string& name) { return !std::isalpha(static_cast<unsigned char>(name[0])) && name != "@sortByAssociatedKeys" ? true : name == "in"; };
  for (const auto& row : table("api_server_functions.tsv")) {
    REQUIRE(row.size() == 5);
    if (!is_operator(row[0])) expected.insert(row[0] + " " + row[1] + " " + row[2]);
  }
  for (const cel::Function* function : admission().functions()) {
    if (is_operator(function->name)) continue;
    for (const cel::Overload& overload : function->overloads)
      found.insert(function->name + " " + overload.id + " " + (overload.member ? "member" : "global"));
  }
  std::vector<std::string> missing, more;
  std::set_difference(expected.begin(), expected.end(), found.begin(), found.end(), std::back_inserter(missing));
  std::set_difference(found.begin(), found.end(), expected.begin(), expected.end(), std::back_inserter(more));
  CHECK(missing == std::vector<std::string>());
  CHECK(more == std::vector<std::string>());
}

TEST_CASE("every function is documented in one line, and overloads have names of their own", "[cellib]") {
  std::set<std::string> ids;
  for (const cel::Function* function : everything().functions()) {
    INFO(function->name);
    CHECK_FALSE(function->documentation.empty());
    CHECK(function->documentation.find('\n') == std::string::npos);
    CHECK_FALSE(function->documentation.ends_with('.'));
    for (const cel::Overload& overload : function->overloads) {
      INFO(overload.id);
      CHECK(ids.insert(overload.id).second);
      CHECK(overload.result);
    }
  }
}

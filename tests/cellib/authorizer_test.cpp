#include <catch2/catch.hpp>

#include "engine/cel/libraries/authorizer.hpp"
#include "tests/cellib/evaluation.hpp"

namespace {

using namespace assay;
using namespace assay::cel;
using namespace assay::test;

// Says what it was asked, and decides by the verb.
struct Host final : AuthorizerHost {
  std::string asked;
  AccessDecision decide(const AccessRequest& r) override {
    asked.clear();
    for (const auto& part : {r.service_account_namespace, r.service_account, r.verb, r.path, r.group, r.resource, r.subresource,
                             r.object_namespace, r.object_name, r.field_selector, r.label_selector})
      asked += std::string(part) + "|";
    using Answer = AccessDecision::Answer;
    if (r.verb == "get") return {Answer::allowed, "a role allows it", ""};
    if (r.verb == "delete") return {Answer::denied, "", "no such role"};
    return {Answer::unknown, "the roles are not among the inputs", ""};
  }
};

}  // namespace

TEST_CASE("the authorizer asks its host", "[cellib]") {
  Environment environment = admission();
  environment.add_variable("authorizer", authorizer_type(environment.types()));
  environment.add_variable("authorizer.requestResource", resource_check_type(environment.types()));
  Host host;
  Scratch scratch;
  Frame frame;
  frame.scratch = &scratch;
  AccessRequest own;
  own.group = "apps";
  own.resource = "deployments";
  own.object_namespace = "prod";
  const Val slots[] = {make_authorizer(frame, host), make_resource_check(frame, host, own)};
  struct Case {
    const char *expression, *answer, *asked;
  };
  const Case cases[] = {
      {"authorizer.group('apps').resource('deployments').check('get').allowed()", "true", "||get||apps|deployments||||||"},
      {"authorizer.group('').resource('pods').subresource('exec').namespace('n').name('x').check('get').reason()", "\"a role allows it\"",
       "||get|||pods|exec|n|x|||"},
      {"authorizer.group('').resource('pods').fieldSelector('a=b').labelSelector('c in (d)').check('delete').allowed()", "false",
       "||delete|||pods||||a=b|c in (d)|"},
      {"authorizer.serviceAccount('ns', 'robot').path('/healthz').check('get').allowed()", "true", "ns|robot|get|/healthz||||||||"},
      {"authorizer.requestResource.check('get').allowed()", "true", "||get||apps|deployments||prod||||"},
      {"authorizer.requestResource.name('other').check('delete').errored()", "true", "||delete||apps|deployments||prod|other|||"},
      {"authorizer.path('/x').check('delete').error()", "\"no such role\"", "||delete|/x||||||||"},
      {"authorizer.path('/x').check('get').error()", "\"\"", "||get|/x||||||||"},
      {"authorizer.path('/x').check('watch').allowed()", "unknown", "||watch|/x||||||||"},
      {"authorizer.path('/x').check('watch').allowed() && false", "false", "||watch|/x||||||||"},  // asked in order, as there
      {"false && authorizer.path('/x').check('watch').allowed()", "false", ""},
      {"authorizer.path(' ').check('get').allowed()", "error \"path must not be empty\"", ""},
      {"authorizer.group('a').resource('').check('get').allowed()", "error \"resource must not be empty\"", ""},
      {"authorizer.serviceAccount('Bad', 'x').path('/').check('get').allowed()", "error \"Invalid service account namespace\"", ""},
      {"authorizer.serviceAccount('n', 'B').path('/').check('get').allowed()", "error \"Invalid service account name\"", ""},
      {"authorizer.resource('pods')", "compile error", ""},
  };
  for (const Case& c : cases) {
    INFO(c.expression);
    host.asked.clear();
    const Answer answer = evaluated(environment, c.expression, slots);
    CHECK(answer.text == c.answer);
    CHECK(host.asked == c.asked);
  }
}

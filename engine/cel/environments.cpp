#include "engine/cel/environments.hpp"

namespace assay::cel {

Environment everything(std::shared_ptr<TypeTable> types) {
  Environment environment(std::move(types));
  add_standard(environment);
  add_optionals(environment);
  add_strings(environment);
  add_math(environment);
  add_lists(environment);
  add_sets(environment);
  add_encoders(environment);
  add_bindings(environment);
  add_comprehensions(environment);
  add_network_ext(environment);
  add_kubernetes(environment);
  environment.options.literals = true;
  return environment;
}

// k8s.io/apiserver 0.36 pkg/cel/environment/base.go.
Environment admission(std::shared_ptr<TypeTable> types) {
  Environment environment(std::move(types));
  add_standard(environment, Dialect::api_server);
  add_optionals(environment);
  add_strings(environment, Dialect::api_server);
  add_lists(environment, Dialect::api_server);
  add_sets(environment);
  add_comprehensions(environment);
  add_network_ext(environment, Dialect::api_server);
  add_kubernetes(environment);
  environment.options.homogeneous = true;
  environment.options.exact_cost = true;
  environment.options.literals = true;
  return environment;
}

}  // namespace assay::cel

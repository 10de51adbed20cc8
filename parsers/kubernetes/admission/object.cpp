#include "parsers/kubernetes/admission/object.hpp"

namespace assay::kubernetes::admission {

Admitted admit(const World& world, const Resource& resource, const Served& served, const Endpoint& target, Arena& arena) {
  (void)world, (void)served, (void)target, (void)arena;
  return {resource.value, {}};
}

Value stored(const World& world, Value object, std::string_view api_version, std::string_view kind, std::string_view ns, Arena& arena) {
  (void)world, (void)api_version, (void)kind, (void)ns, (void)arena;
  return object;
}

}  // namespace assay::kubernetes::admission

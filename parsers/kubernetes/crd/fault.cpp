#include "parsers/kubernetes/crd/fault.hpp"

namespace assay::kubernetes::crd {

std::string Fault::text() const {
  const auto name = [&]() -> std::string_view {
    switch (kind) {
      case FaultKind::invalid:
      case FaultKind::type_invalid: return "Invalid value";
      case FaultKind::required: return "Required value";
      case FaultKind::duplicate: return "Duplicate value";
      case FaultKind::not_supported: return "Unsupported value";
      case FaultKind::forbidden: return "Forbidden";
      case FaultKind::too_long: return "Too long";
      case FaultKind::too_many: return "Too many";
      case FaultKind::internal: return "Internal error";
      case FaultKind::unknown_field: return "unknown field";
    }
    return {};
  };
  if (kind == FaultKind::unknown_field) return "unknown field \"" + field + "\"";
  std::string text = field + ": " + std::string(name());
  if (!bad_value.empty()) text += ": " + bad_value;
  if (!detail.empty()) text += ": " + detail;
  return text;
}

std::string Path::text(bool keys_in_brackets) const {
  std::vector<const Path*> steps;
  for (const Path* step = this; step; step = step->parent) steps.push_back(step);
  std::string text;
  for (auto at = steps.rbegin(); at != steps.rend(); ++at) {
    const Path& step = **at;
    if (!step.parent) continue;  // the root
    if (step.name.data() == nullptr) text += "[" + std::to_string(step.index) + "]";
    else if (step.key && keys_in_brackets) text += "[" + std::string(step.name) + "]";
    else (text += text.empty() ? "" : ".") += step.name;
  }
  return text;
}

}  // namespace assay::kubernetes::crd

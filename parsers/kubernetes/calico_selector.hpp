// Calico's selectors (docs.tigera.io, "Network policy", "Selectors"): `app == "web" && tier in {"a", "b"} && !has(x)`.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

namespace assay::kubernetes {

// The value of a label, or nothing where it is absent.
using LabelOf = std::function<std::optional<std::string_view>(std::string_view key)>;

// Nothing where the text is no selector. An empty text selects everything.
std::optional<bool> calico_matches(std::string_view selector, const LabelOf& label);

}  // namespace assay::kubernetes

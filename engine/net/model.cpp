#include "engine/net/model.hpp"

namespace assay::net {

std::string_view name_of(Direction direction) {
  switch (direction) {
    case Direction::egress:
      return "egress";
    case Direction::ingress:
      return "ingress";
  }
  return {};
}

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::allow:
      return "allow";
    case Verdict::deny:
      return "deny";
    case Verdict::pass:
      return "pass";
    case Verdict::unknown:
      return "unknown";
  }
  return {};
}

std::string_view name_of(PeerKind kind) {
  switch (kind) {
    case PeerKind::workload:
      return "workload";
    case PeerKind::range:
      return "range";
    case PeerKind::entry:
      return "entry";
    case PeerKind::node:
      return "node";
    case PeerKind::control_plane:
      return "control plane";
    case PeerKind::hypothetical:
      return "hypothetical";
  }
  return {};
}

}  // namespace assay::net

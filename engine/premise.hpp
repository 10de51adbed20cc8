// A premise: what a verdict rests on, and who says so.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace assay {

enum class PremiseStatus : std::uint8_t { evidenced, declared, assumed };
std::string_view name_of(PremiseStatus status);

struct Premise {
  std::string text;
  PremiseStatus status = PremiseStatus::assumed;
  friend bool operator==(const Premise&, const Premise&) = default;
  friend auto operator<=>(const Premise&, const Premise&) = default;
};

}  // namespace assay

// Is a file ours? Judged on the text, so that a broken manifest is still ours: lines that begin with
// `apiVersion:` and `kind:`, or in JSON these keys with strings under them at the top of an object.
// The same pass hashes the addresses that stand in the text: enough to tell directories apart that hold
// the same objects (parsers/scopes), before anything is parsed.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace assay {

enum class Format : std::uint8_t {
  yaml,
  json,
  terraform,        // a configuration, native or JSON
  terraform_input,  // values of variables: belongs to a configuration
  plan,             // `terraform show -json` of a plan
  state,            // of a state
};

// What a file's name says: configurations and their variables are told by it alone.
std::optional<Format> terraform_format(std::string_view name);

struct Candidate {
  bool ours = false;
  bool kustomization = false;           // of kustomize's own API group: not a manifest
  Format format = Format::yaml;
  std::vector<std::uint64_t> addresses;  // one hash per named object, in order of place
};

// `json_name`: the file's name ends in `.json`. Never fails; a truncated text is judged as far as it goes.
Candidate judge(std::string_view text, bool json_name);

}  // namespace assay

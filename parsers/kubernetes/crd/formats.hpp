// The string formats of schemas, as k8s.io/kube-openapi's strfmt (v0.36) validates them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/value.hpp"

namespace assay::kubernetes::crd {

// Whether `text` has the format; nothing where the API server knows no such format for strings and so ignores it.
std::optional<bool> has_format(std::string_view format, std::string_view text);
bool known_format(std::string_view format);

// What expressions see of formatted strings; the error is Go's.
std::optional<TimeParts> read_duration(std::string_view text, std::string& error);
std::optional<TimeParts> read_date(std::string_view text, std::string& error);
std::optional<TimeParts> read_date_time(std::string_view text, std::string& error);
std::optional<std::string> read_bytes(std::string_view text, std::string& error);  // base64, URL alphabet

}  // namespace assay::kubernetes::crd

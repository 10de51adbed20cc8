// The parts of the API server's function library, each in a file kubernetes_*.cpp. Facts from
// k8s.io/apiserver 0.36 pkg/cel/library.
#pragma once

#include "engine/cel/libraries/support.hpp"

namespace assay::cel::library {

void add_quantity(Environment&);
void add_semver(Environment&);
void add_url(Environment&);
void add_named_formats(Environment&);
void add_kubernetes_lists(Environment&);
void add_kubernetes_regex(Environment&);
void add_authorizer(Environment&);

// Whether text is a URL as Go's url.ParseRequestURI has it; else `error` says why in its words.
bool is_request_uri(std::string_view text, std::string& error);
// What is wrong with a name: an RFC 1123 label or subdomain. Empty: nothing.
std::vector<std::string> label_faults(std::string_view name);
std::vector<std::string> subdomain_faults(std::string_view name);
// The same of what begins a generated name, of a label's key and value, and of an RFC 1035 label.
std::vector<std::string> subdomain_prefix_faults(std::string_view name);
std::vector<std::string> label_key_faults(std::string_view key);
std::vector<std::string> label_value_faults(std::string_view value);
std::vector<std::string> dns_1035_label_faults(std::string_view name);

}  // namespace assay::cel::library

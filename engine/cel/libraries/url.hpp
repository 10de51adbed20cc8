// URLs as Go's net/url reads them (Go 1.26, with its strict colons), which is what the API server does.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay::cel::library {

struct Url {
  std::string scheme, opaque, host, path, raw_path, fragment, raw_fragment, query;
  std::string user, password;
  bool has_user = false, has_password = false, force_query = false, omit_host = false;

  std::string hostname() const;  // without port and brackets
  std::string port() const;
  std::string escaped_path() const;
  // Values by key, keys in the order of their first occurrence; what cannot be unescaped is left out.
  std::vector<std::pair<std::string, std::vector<std::string>>> parameters() const;
  std::string text() const;
};

// An absolute URI or an absolute path; no fragment is split off.
std::optional<Url> parse_request_uri(std::string_view text, std::string& error);
// Any reference.
std::optional<Url> parse_url(std::string_view text, std::string& error);

}  // namespace assay::cel::library

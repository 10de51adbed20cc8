// kubernetes.URL, as in the API server (pkg/cel/library/urls.go).
#include "engine/cel/libraries/kubernetes.hpp"
#include "engine/cel/libraries/url.hpp"

namespace assay::cel::library {

namespace {

// Keeps what the functions ask for; two are equal when they are written alike.
struct UrlValue final : OpaqueBase {
  static constexpr Tag tag = Tag::url;
  static const Type* static_type() {
    static const Type type{TypeKind::opaque, "kubernetes.URL", {}};
    return &type;
  }
  std::string_view scheme, host, hostname, port, escaped_path, query, written;

  const Type* type() const override { return static_type(); }
  bool equals(const OpaqueBase& other) const override {
    const auto* url = as<UrlValue>(other);
    return url && url->written == written;
  }
  std::string text() const override { return "url(" + quoted(written) + ")"; }
};

std::optional<Url> read(std::string_view text, std::string& error) {
  // First strictly, then again with the fragment split off.
  return parse_request_uri(text, error) ? parse_url(text, error) : std::nullopt;
}

Val parse(Frame& frame, Args args) {
  std::string error;
  const auto url = read(args[0].string(), error);
  if (!url) return make_error(frame, "URL parse error during conversion from string: " + error);
  UrlValue value;
  bool copied = true;
  const auto copy = [&](const std::string& text) {
    const std::string_view kept = frame.scratch->copy(text);
    copied = copied && kept.data();
    return kept;
  };
  value.scheme = copy(url->scheme);
  value.host = copy(url->host);
  value.hostname = copy(url->hostname());
  value.port = copy(url->port());
  value.escaped_path = copy(url->escaped_path());
  value.query = copy(url->query);
  value.written = copy(url->text());
  return copied ? opaque(frame, value) : memory_error(frame);
}

Val is_url(Frame&, Args args) {
  std::string error;
  return val_bool(is_request_uri(args[0].string(), error));
}

template <std::string_view UrlValue::*part>
Val get(Frame&, Args args) {
  return val_string(as<UrlValue>(args[0])->*part);
}

Val get_query(Frame& frame, Args args) {
  Url url;
  url.query = as<UrlValue>(args[0])->query;
  std::vector<MapEntry> entries;
  for (const auto& [key, values] : url.parameters()) {
    MapEntry entry{make_string(frame, key), list_of(frame, values)};
    if (entry.key.is_error() || entry.value.is_error()) return memory_error(frame);
    entries.push_back(entry);
  }
  return make_map(frame, entries);
}

}  // namespace

bool is_request_uri(std::string_view text, std::string& error) { return parse_request_uri(text, error).has_value(); }

void add_url(Environment& environment) {
  const Types t(environment);
  const Type* url = t.table.opaque("kubernetes.URL");
  const auto part = [&](const char* name, const char* id, const char* documentation, Implementation implementation) {
    define(environment, name, documentation, {member(id, {url}, t.string, implementation)});
  };
  define(environment, "url", "a URL from text: an absolute URI or an absolute path", {global("string_to_url", {t.string}, url, parse, text_cost)});
  define(environment, "isURL", "whether text is an absolute URI or an absolute path", {global("is_url_string", {t.string}, t.boolean, is_url)});
  part("getScheme", "url_get_scheme", "the scheme, in lower case; empty where there is none", get<&UrlValue::scheme>);
  part("getHost", "url_get_host", "the host with its port; IPv6 addresses in brackets", get<&UrlValue::host>);
  part("getHostname", "url_get_hostname", "the host without port and brackets", get<&UrlValue::hostname>);
  part("getPort", "url_get_port", "the port as text; empty where there is none", get<&UrlValue::port>);
  part("getEscapedPath", "url_get_escaped_path", "the path, with what cannot stand in a path escaped", get<&UrlValue::escaped_path>);
  define(environment, "getQuery", "the query's parameters: a list of values for each name",
         {member("url_get_query", {url}, t.table.map(t.string, t.list(t.string)), get_query)});
}

}  // namespace assay::cel::library

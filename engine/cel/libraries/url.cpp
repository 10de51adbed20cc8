#include "engine/cel/libraries/url.hpp"

#include <algorithm>
#include <array>

#include "engine/cel/libraries/address.hpp"
#include "engine/cel/libraries/support.hpp"

namespace assay::cel::library {

namespace {

// Where a text stands decides which characters it may hold unescaped (RFC 3986, as net/url reads it).
enum Mode : std::uint8_t { kPath = 1, kHost = 2, kZone = 4, kUser = 8, kQueryPart = 16, kFragment = 32 };

constexpr std::array<std::uint8_t, 256> allowed_table() {
  std::array<std::uint8_t, 256> table{};
  const auto allow = [&](std::string_view characters, int modes) {
    for (const char c : characters) table[static_cast<unsigned char>(c)] |= static_cast<std::uint8_t>(modes);
  };
  allow("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~", kPath | kHost | kZone | kUser | kQueryPart | kFragment);
  allow("!()*", kFragment | kZone | kHost);
  allow("\"'<>[]", kZone | kHost);
  allow("$&+=", kFragment | kUser | kZone | kHost | kPath);
  allow(",;", kFragment | kUser | kZone | kHost | kPath);
  allow(":", kFragment | kZone | kHost | kPath);
  allow("/", kFragment | kPath);
  allow("?", kFragment);
  allow("@", kFragment | kPath);
  return table;
}
constexpr std::array<std::uint8_t, 256> kAllowed = allowed_table();

bool must_escape(char c, Mode mode) { return !(kAllowed[static_cast<unsigned char>(c)] & mode); }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool unescape(std::string_view text, Mode mode, std::string& out, std::string& error) {
  out.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      const auto bad = [&] {
        error = "invalid URL escape " + quoted(text.substr(i, 3));
        return false;
      };
      if (i + 2 >= text.size() || hex_digit(text[i + 1]) < 0 || hex_digit(text[i + 2]) < 0) return bad();
      const std::string_view escape = text.substr(i, 3);
      const char value = static_cast<char>(hex_digit(text[i + 1]) << 4 | hex_digit(text[i + 2]));
      // A host may only escape bytes that are not ASCII; a zone what a host may hold, and blanks.
      if (mode == kHost && hex_digit(text[i + 1]) < 8 && escape != "%25") return bad();
      if (mode == kZone && escape != "%25" && value != ' ' && must_escape(value, kHost)) return bad();
      out += value;
      i += 2;
    } else if ((mode == kHost || mode == kZone) && static_cast<unsigned char>(c) < 0x80 && must_escape(c, mode)) {
      error = "invalid character " + quoted(text.substr(i, 1)) + " in host name";
      return false;
    } else {
      out += c == '+' && mode == kQueryPart ? ' ' : c;
    }
  }
  return true;
}

std::string escape(std::string_view text, Mode mode) {
  std::string out;
  for (const char c : text) {
    if (!must_escape(c, mode)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += "0123456789ABCDEF"[byte >> 4];
      out += "0123456789ABCDEF"[byte & 15];
    }
  }
  return out;
}

bool valid_encoded(std::string_view text, Mode mode) {
  return std::all_of(text.begin(), text.end(), [mode](char c) {
    return std::string_view("!$&'()*+,;=:@[]%").find(c) != std::string_view::npos || !must_escape(c, mode);
  });
}

bool valid_port(std::string_view text) {  // "" or ":" and digits
  return text.empty() || (text[0] == ':' && text.find_first_not_of("0123456789", 1) == std::string_view::npos);
}

bool parse_host(std::string_view scheme, std::string_view host, std::string& out, std::string& error) {
  const auto fail = [&](std::string why) {
    error = std::move(why);
    return false;
  };
  const std::size_t open = host.rfind('[');
  if (open != std::string_view::npos && open > 0) return fail("invalid IP-literal");
  if (open == 0) {
    const std::size_t close = host.rfind(']');
    if (close == std::string_view::npos) return fail("missing ']' in host");
    const std::string_view port = host.substr(close + 1);
    if (!valid_port(port)) return fail("invalid port " + quoted(port) + " after host");
    const std::string_view name = host.substr(1, close - 1);
    std::string plain, zone_text, inner;
    const std::size_t zone = name.find("%25");
    if (!unescape(name.substr(0, zone), kHost, plain, error)) return false;
    if (zone != std::string_view::npos && !unescape(name.substr(zone), kZone, zone_text, error)) return false;
    plain += zone_text;
    const std::optional<Address> address = parse_address(plain, inner);
    if (!address) return fail("invalid host: " + inner);
    if (address->is_v4()) return fail("invalid IP-literal");
    out = "[" + plain + "]" + std::string(port);
    return true;
  }
  if (std::size_t colon = host.find(':'); colon != std::string_view::npos) {
    // Of several colons http and https take none for granted.
    if (scheme != "http" && scheme != "https") colon = host.rfind(':');
    const std::string_view port = host.substr(colon);
    if (!valid_port(port)) return fail("invalid port " + quoted(port) + " after host");
  }
  return unescape(host, kHost, out, error);
}

bool parse_authority(Url& url, std::string_view authority, std::string& error) {
  const std::size_t at = authority.rfind('@');
  if (at == std::string_view::npos) return parse_host(url.scheme, authority, url.host, error);
  if (!parse_host(url.scheme, authority.substr(at + 1), url.host, error)) return false;
  const std::string_view user = authority.substr(0, at);
  const bool valid = std::all_of(user.begin(), user.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("-._:~!$&'()*+,;=%@").find(c) != std::string_view::npos;
  });
  if (!valid) {
    error = "net/url: invalid userinfo";
    return false;
  }
  url.has_user = true;
  const std::size_t colon = user.find(':');
  url.has_password = colon != std::string_view::npos;
  return unescape(user.substr(0, colon), kUser, url.user, error) &&
         (!url.has_password || unescape(user.substr(colon + 1), kUser, url.password, error));
}

bool set_path(Url& url, std::string_view path, std::string& error) {
  if (!unescape(path, kPath, url.path, error)) return false;
  if (escape(url.path, kPath) != path) url.raw_path = path;
  return true;
}

// "https" of "https://…"; false where a colon stands first.
bool split_scheme(std::string_view text, std::string_view& scheme, std::string_view& rest) {
  scheme = {};
  rest = text;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter) continue;
    if ((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.') {
      if (i == 0) return true;
    } else if (c == ':') {
      if (i == 0) return false;
      scheme = text.substr(0, i);
      rest = text.substr(i + 1);
      return true;
    } else {
      return true;
    }
  }
  return true;
}

bool parse(std::string_view text, bool request, Url& url, std::string& error) {
  const auto fail = [&](const char* why) {
    error = why;
    return false;
  };
  if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; }))
    return fail("net/url: invalid control character in URL");
  if (text.empty() && request) return fail("empty url");
  if (text == "*") {
    url.path = "*";
    return true;
  }
  std::string_view scheme, rest;
  if (!split_scheme(text, scheme, rest)) return fail("missing protocol scheme");
  url.scheme = scheme;
  for (char& c : url.scheme)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);

  if (rest.ends_with('?') && std::count(rest.begin(), rest.end(), '?') == 1) {
    url.force_query = true;
    rest.remove_suffix(1);
  } else if (const std::size_t mark = rest.find('?'); mark != std::string_view::npos) {
    url.query = rest.substr(mark + 1);
    rest = rest.substr(0, mark);
  }
  if (!rest.starts_with('/')) {
    if (!url.scheme.empty()) {
      url.opaque = rest;
      return true;
    }
    if (request) return fail("invalid URI for request");
    if (rest.substr(0, rest.find('/')).find(':') != std::string_view::npos)
      return fail("first path segment in URL cannot contain colon");
  }
  if ((!url.scheme.empty() || (!request && !rest.starts_with("///"))) && rest.starts_with("//")) {
    std::string_view authority = rest.substr(2);
    const std::size_t slash = authority.find('/');
    rest = slash == std::string_view::npos ? std::string_view() : authority.substr(slash);
    authority = authority.substr(0, slash);
    if (!parse_authority(url, authority, error)) return false;
  } else if (!url.scheme.empty() && rest.starts_with('/')) {
    url.omit_host = true;
  }
  return set_path(url, rest, error);
}

std::string in_context(std::string_view text, const std::string& why) { return "parse " + quoted(text) + ": " + why; }

std::pair<std::string_view, std::string_view> split_host_port(std::string_view host) {
  std::string_view port;
  if (const std::size_t colon = host.rfind(':'); colon != std::string_view::npos && valid_port(host.substr(colon))) {
    port = host.substr(colon + 1);
    host = host.substr(0, colon);
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return {host, port};
}

}  // namespace

std::optional<Url> parse_request_uri(std::string_view text, std::string& error) {
  Url url;
  std::string why;
  if (parse(text, true, url, why)) return url;
  error = in_context(text, why);
  return std::nullopt;
}

std::optional<Url> parse_url(std::string_view text, std::string& error) {
  Url url;
  std::string why;
  const std::size_t hash = text.find('#');
  if (!parse(text.substr(0, hash), false, url, why)) {
    error = in_context(text.substr(0, hash), why);
    return std::nullopt;
  }
  const std::string_view fragment = hash == std::string_view::npos ? std::string_view() : text.substr(hash + 1);
  if (!unescape(fragment, kFragment, url.fragment, why)) {
    error = in_context(text, why);
    return std::nullopt;
  }
  if (escape(url.fragment, kFragment) != fragment) url.raw_fragment = fragment;
  return url;
}

std::string Url::hostname() const { return std::string(split_host_port(host).first); }
std::string Url::port() const { return std::string(split_host_port(host).second); }

std::string Url::escaped_path() const {
  if (!raw_path.empty() && valid_encoded(raw_path, kPath)) {
    std::string plain, error;
    if (unescape(raw_path, kPath, plain, error) && plain == path) return raw_path;
  }
  return path == "*" ? "*" : escape(path, kPath);
}

std::vector<std::pair<std::string, std::vector<std::string>>> Url::parameters() const {
  std::vector<std::pair<std::string, std::vector<std::string>>> result;
  if (std::count(query.begin(), query.end(), '&') >= 10000) return result;  // net/url's limit
  std::string_view rest = query;
  std::string key, value, error;
  while (!rest.empty()) {
    const std::size_t end = rest.find('&');
    const std::string_view part = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (part.empty() || part.find(';') != std::string_view::npos) continue;
    const std::size_t equals = part.find('=');
    const std::string_view raw = equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
    if (!unescape(part.substr(0, equals), kQueryPart, key, error) || !unescape(raw, kQueryPart, value, error)) continue;
    auto found = std::find_if(result.begin(), result.end(), [&](const auto& entry) { return entry.first == key; });
    if (found == result.end()) found = result.insert(result.end(), {key, {}});
    found->second.push_back(value);
  }
  return result;
}

std::string Url::text() const {
  std::string out;
  if (!scheme.empty()) out += scheme + ":";
  if (!opaque.empty()) {
    out += opaque;
  } else {
    if ((!scheme.empty() || !host.empty() || has_user) && !(omit_host && host.empty() && !has_user)) {
      if (!host.empty() || !path.empty() || has_user) out += "//";
      if (has_user) out += escape(user, kUser) + (has_password ? ":" + escape(password, kUser) : std::string()) + "@";
      out += escape(host, kHost);
    }
    const std::string shown = escaped_path();
    if (!shown.empty() && shown[0] != '/' && !host.empty()) out += '/';
    if (out.empty() && shown.substr(0, shown.find('/')).find(':') != std::string::npos) out += "./";
    out += shown;
  }
  if (force_query || !query.empty()) out += "?" + query;
  if (!fragment.empty()) {
    std::string plain, error;
    const bool keep = !raw_fragment.empty() && valid_encoded(raw_fragment, kFragment) &&
                      unescape(raw_fragment, kFragment, plain, error) && plain == fragment;
    out += "#" + (keep ? raw_fragment : escape(fragment, kFragment));
  }
  return out;
}

}  // namespace assay::cel::library

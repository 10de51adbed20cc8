// base64sha256 base64sha512 bcrypt filebase64sha256 … (in files) md5 rsadecrypt sha1 sha256 sha512 uuid uuidv5
#include <algorithm>

#include "engine/hash.hpp"
#include "parsers/terraform/encoding.hpp"
#include "parsers/terraform/function.hpp"

namespace assay::terraform {

namespace {

Typed md5_(Call& c) { return c.string(hex(digest(Hash::md5, c.text(0)))); }
Typed sha1_(Call& c) { return c.string(hex(digest(Hash::sha1, c.text(0)))); }
Typed sha256_(Call& c) { return c.string(hex(digest(Hash::sha256, c.text(0)))); }
Typed sha512_(Call& c) { return c.string(hex(digest(Hash::sha512, c.text(0)))); }
Typed base64sha256_(Call& c) { return c.string(to_base64(digest(Hash::sha256, c.text(0)))); }
Typed base64sha512_(Call& c) { return c.string(to_base64(digest(Hash::sha512, c.text(0)))); }

Typed bcrypt_(Call& c) {
  if (c.args.size() > 2) return c.fail("`bcrypt` takes one or two arguments", 2);
  return c.unknown(string_type(), "it is different at every run");
}
Typed uuid_(Call& c) { return c.unknown(string_type(), "it is different at every run"); }

// 16 bytes from 36 characters; also in braces, after `urn:uuid:`, or without hyphens.
std::string uuid_bytes(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::string_view t(lower);
  if (t.starts_with("urn:uuid:") && t.size() == 45) t.remove_prefix(9);
  else if (t.size() == 38) t = t.substr(1, 36);
  std::string digits;
  if (t.size() == 36) {
    if (t[8] != '-' || t[13] != '-' || t[18] != '-' || t[23] != '-') return {};
    for (std::size_t i = 0; i < 36; ++i)
      if (i != 8 && i != 13 && i != 18 && i != 23) digits += t[i];
  } else if (t.size() == 32) {
    digits = t;
  } else {
    return {};
  }
  std::string bytes;
  for (std::size_t i = 0; i < 32; i += 2) {
    int byte = 0;
    for (std::size_t k = i; k < i + 2; ++k) {
      const char d = digits[k];
      if (!std::isxdigit(static_cast<unsigned char>(d))) return {};
      byte = byte * 16 + (d <= '9' ? d - '0' : d - 'a' + 10);
    }
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

// RFC 4122, 4.3; the namespaces are those of its appendix C.
Typed uuidv5_(Call& c) {
  const std::string_view name = c.text(0);
  const std::string_view known = name == "dns" ? "6ba7b810-9dad-11d1-80b4-00c04fd430c8" : name == "url" ? "6ba7b811-9dad-11d1-80b4-00c04fd430c8"
                                 : name == "oid" ? "6ba7b812-9dad-11d1-80b4-00c04fd430c8" : name == "x500" ? "6ba7b814-9dad-11d1-80b4-00c04fd430c8" : name;
  const std::string space = uuid_bytes(known);
  if (space.empty()) return c.fail("the namespace must be `dns`, `url`, `oid`, `x500` or a UUID", 0);
  std::string bytes = digest(Hash::sha1, space + std::string(c.text(1))).substr(0, 16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x50);
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
  std::string out = hex(bytes);
  for (const std::size_t at : {20u, 16u, 12u, 8u}) out.insert(at, "-");
  return c.string(out);
}

Typed rsadecrypt_(Call& c) {
  const auto bytes = from_base64(c.text(0));
  if (!bytes) return c.fail("the ciphertext must be base64", 0);
  const auto text = rsa_decrypt(*bytes, c.text(1));
  if (!text) return c.fail("the private key does not decrypt this: it must be an RSA key in PEM, without a password", 1);
  Typed result = c.string(*text);
  result.value = c.arena.sensitive(result.value);  // nobody encrypts what may be seen
  return result;
}

constexpr Function functions[] = {
    {"base64sha256", "str:s", "s", base64sha256_},
    {"base64sha512", "str:s", "s", base64sha512_},
    {"bcrypt", "str:s cost:n...", "s", bcrypt_},
    {"md5", "str:s", "s", md5_},
    {"rsadecrypt", "ciphertext:s privatekey:s", "s", rsadecrypt_},
    {"sha1", "str:s", "s", sha1_},
    {"sha256", "str:s", "s", sha256_},
    {"sha512", "str:s", "s", sha512_},
    {"uuid", "", "s", uuid_},
    {"uuidv5", "namespace:s name:s", "s", uuidv5_},
};

}  // namespace

std::span<const Function> hash_functions() { return functions; }

}  // namespace assay::terraform

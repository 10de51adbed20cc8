// Hashes (SHA-2: FIPS 180-4; SHA-1 and MD5 for what others made with them) and RSA, from OpenSSL.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace assay {

std::string sha256_hex(std::string_view bytes);  // 64 lower-case hex digits

enum class Hash : std::uint8_t { md5, sha1, sha256, sha512 };
std::string digest(Hash hash, std::string_view bytes);  // the bytes themselves, not their digits
std::string hex(std::string_view bytes);                // two lower-case digits a byte

// PKCS #1 v1.5 (RFC 8017, 7.2.2) with a private key in PEM; nothing when key or text do not fit.
std::optional<std::string> rsa_decrypt(std::string_view ciphertext, std::string_view private_key);

}  // namespace assay

#include "engine/hash.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

#include <memory>

namespace assay {

std::string hex(std::string_view bytes) {
  std::string out;
  out.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

std::string sha256_hex(std::string_view bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return hex({reinterpret_cast<const char*>(digest), sizeof digest});
}

std::string digest(Hash hash, std::string_view bytes) {
  const EVP_MD* kind = nullptr;
  switch (hash) {
    case Hash::md5: kind = EVP_md5(); break;
    case Hash::sha1: kind = EVP_sha1(); break;
    case Hash::sha256: kind = EVP_sha256(); break;
    case Hash::sha512: kind = EVP_sha512(); break;
  }
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), out, &size, kind, nullptr) != 1) size = 0;
  return {reinterpret_cast<const char*>(out), size};
}

std::optional<std::string> rsa_decrypt(std::string_view ciphertext, std::string_view private_key) {
  if (private_key.size() > 100'000 || ciphertext.size() > 100'000) return std::nullopt;
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(private_key.data(), static_cast<int>(private_key.size())), BIO_free);
  if (!bio) return std::nullopt;
  // A key behind a password is not asked for one.
  const auto no_password = [](char*, int, int, void*) { return -1; };
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr), EVP_PKEY_free);
  if (!key || EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA) return std::nullopt;
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(EVP_PKEY_CTX_new(key.get(), nullptr), EVP_PKEY_CTX_free);
  if (!context || EVP_PKEY_decrypt_init(context.get()) != 1 || EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1)
    return std::nullopt;
  const auto* in = reinterpret_cast<const unsigned char*>(ciphertext.data());
  std::size_t size = 0;
  if (EVP_PKEY_decrypt(context.get(), nullptr, &size, in, ciphertext.size()) != 1) return std::nullopt;
  std::string out(size, '\0');
  if (EVP_PKEY_decrypt(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, in, ciphertext.size()) != 1) return std::nullopt;
  out.resize(size);
  return out;
}

}  // namespace assay

// SHA-256 (FIPS 180-4), from OpenSSL.
#pragma once

#include <string>
#include <string_view>

namespace assay {

std::string sha256_hex(std::string_view bytes);  // 64 lower-case hex digits

}  // namespace assay

// Base64, and text in other encodings than UTF-8.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assay::terraform {

std::string to_base64(std::string_view bytes);
// With padding, line breaks ignored (RFC 4648, 4).
std::optional<std::string> from_base64(std::string_view text);
bool valid_utf8(std::string_view text);

// Encodings by the names IANA gives them. Nothing: the encoding is not known, or the text does not fit.
bool known_encoding(std::string_view name);
std::optional<std::string> to_encoding(std::string_view utf8, std::string_view name);
std::optional<std::string> from_encoding(std::string_view bytes, std::string_view name);

// gzip (RFC 1952); reading is bounded by `most` bytes.
std::string gzip(std::string_view bytes);
std::optional<std::string> gunzip(std::string_view bytes, std::size_t most);

}  // namespace assay::terraform

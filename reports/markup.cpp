#include "reports/markup.hpp"

#include <cstdint>

#include "engine/diagnostic.hpp"
#include "engine/hash.hpp"

namespace assay {

namespace {

// SHA-256 in base64, as a content security policy names what may run.
std::string content_hash(std::string_view text) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : sha256_hex(text)) {
    bits = bits << 4 | static_cast<std::uint32_t>(c <= '9' ? c - '0' : c - 'a' + 10);
    for (held += 4; held >= 6; held -= 6) out += digits[bits >> (held - 6) & 63];
  }
  out += digits[bits << (6 - held) & 63];
  return out + "=";  // 256 bits fill 43 digits
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : inert(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string page_head(std::string_view title, std::string_view style, std::string_view script) {
  std::string out = "<!DOCTYPE html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
                    "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src 'sha256-";
  out += content_hash(style) + "'; script-src 'sha256-" + content_hash(script);
  out += "'; img-src data:; base-uri 'none'; form-action 'none'\">\n"
         "<meta name=viewport content=\"width=device-width, initial-scale=1\">\n<meta name=referrer content=no-referrer>\n"
         "<meta name=color-scheme content=\"light dark\">\n<link rel=icon href=\"data:,\">\n<title>";
  out += escaped(title) + "</title>\n<style>" + std::string(style) + "</style>\n</head>\n<body>\n";
  return out;
}

}  // namespace assay

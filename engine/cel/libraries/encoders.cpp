// ext/encoders: base64 (RFC 4648 section 4), padded when written, padded or not when read.
#include <array>

#include "engine/cel/libraries/support.hpp"

namespace assay::cel {

using namespace library;

namespace {

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

Val encode(Frame& frame, Args args) {
  const std::string_view bytes = args[0].string();
  const std::size_t size = (bytes.size() + 2) / 3 * 4;
  char* const out = text_room(frame, size);
  if (!out) return memory_error(frame);
  char* write = out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t j = 0; j < 3; ++j) group = group << 8 | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j) *write++ = j <= count ? kAlphabet[group >> (18 - 6 * j) & 63] : '=';
  }
  return val_string({out, size});
}

Val decode(Frame& frame, Args args) {
  static const auto kDigits = [] {
    std::array<std::int8_t, 256> digits;
    digits.fill(-1);
    for (int i = 0; i < 64; ++i) digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
    return digits;
  }();
  const std::string_view text = args[0].string();
  const auto corrupt = [&](std::size_t at) {
    return make_error(frame, "illegal base64 data at input byte " + std::to_string(at));
  };
  char* const out = text_room(frame, text.size() / 4 * 3 + 3);
  if (!out) return memory_error(frame);
  char* write = out;
  std::uint32_t group = 0;
  std::size_t digits = 0, padding = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\r' || c == '\n') continue;
    if (c == '=') {
      // Only to fill the last group: after two or three digits.
      if (digits + ++padding > 4 || digits < 2) return corrupt(at);
      continue;
    }
    const int digit = kDigits[static_cast<unsigned char>(c)];
    if (digit < 0 || padding > 0) return corrupt(at);
    group = group << 6 | static_cast<std::uint32_t>(digit);
    if (++digits == 4) {
      for (int shift = 16; shift >= 0; shift -= 8) *write++ = static_cast<char>(group >> shift & 255);
      group = 0, digits = 0;
    }
  }
  if (padding > 0 && digits + padding != 4) return corrupt(text.size());
  if (digits == 1) return corrupt(text.size());
  if (digits > 1) {
    group <<= 6 * (4 - digits);
    for (std::size_t i = 0; i + 1 < digits; ++i) *write++ = static_cast<char>(group >> (16 - 8 * i) & 255);
  }
  return val_bytes({out, static_cast<std::size_t>(write - out)});
}

std::uint64_t scan_cost(Args args, const Val&) { return scaled(size_cost(args[0]), 0.1) + 1; }

}  // namespace

void add_encoders(Environment& environment) {
  const Types t(environment);
  define(environment, "base64.encode", "bytes as base64 text", {global("base64_encode_bytes", {t.bytes}, t.string, encode, scan_cost)});
  define(environment, "base64.decode", "the bytes that base64 text stands for",
         {global("base64_decode_string", {t.string}, t.bytes, decode, scan_cost)});
}

}  // namespace assay::cel

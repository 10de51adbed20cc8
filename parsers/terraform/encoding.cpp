#include "parsers/terraform/encoding.hpp"

#include <iconv.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "engine/text.hpp"

namespace assay::terraform {

namespace {
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
}

std::string to_base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t k) { return k < bytes.size() ? static_cast<unsigned char>(bytes[k]) : 0u; };
    const unsigned bits = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    out += alphabet[bits >> 18];
    out += alphabet[bits >> 12 & 63];
    out += i + 1 < bytes.size() ? alphabet[bits >> 6 & 63] : '=';
    out += i + 2 < bytes.size() ? alphabet[bits & 63] : '=';
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  static const auto values = [] {
    std::array<int, 256> table;
    table.fill(-1);
    for (std::size_t i = 0; i < alphabet.size(); ++i) table[static_cast<unsigned char>(alphabet[i])] = static_cast<int>(i);
    return table;
  }();
  std::string out;
  unsigned bits = 0;
  int count = 0, padding = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r') continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const int value = values[static_cast<unsigned char>(c)];
    if (value < 0 || padding > 0) return std::nullopt;
    bits = bits << 6 | static_cast<unsigned>(value);
    if (++count == 4) {
      out += static_cast<char>(bits >> 16);
      out += static_cast<char>(bits >> 8);
      out += static_cast<char>(bits);
      bits = 0;
      count = 0;
    }
  }
  if (count + padding != (count == 0 ? 0 : 4) || count == 1) return std::nullopt;
  if (count == 2) out += static_cast<char>(bits >> 4);
  if (count == 3) {
    out += static_cast<char>(bits >> 10);
    out += static_cast<char>(bits >> 2);
  }
  return out;
}

bool valid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const Decoded c = decode(text, i);
    if (!c.valid) return false;
    i += c.size;
  }
  return true;
}

namespace {

struct Encoding {
  std::string_view name;  // lower case
  const char* library;    // what iconv calls it
};
constexpr Encoding encodings[] = {
    {"utf-8", "UTF-8"}, {"utf8", "UTF-8"}, {"us-ascii", "US-ASCII"}, {"ascii", "US-ASCII"},
    {"utf-16", "UTF-16"}, {"utf-16be", "UTF-16BE"}, {"utf-16le", "UTF-16LE"},
    {"iso-8859-1", "ISO-8859-1"}, {"latin1", "ISO-8859-1"}, {"iso-8859-2", "ISO-8859-2"}, {"latin2", "ISO-8859-2"},
    {"iso-8859-3", "ISO-8859-3"}, {"iso-8859-4", "ISO-8859-4"}, {"iso-8859-5", "ISO-8859-5"}, {"iso-8859-6", "ISO-8859-6"},
    {"iso-8859-7", "ISO-8859-7"}, {"iso-8859-8", "ISO-8859-8"}, {"iso-8859-9", "ISO-8859-9"}, {"iso-8859-10", "ISO-8859-10"},
    {"iso-8859-13", "ISO-8859-13"}, {"iso-8859-14", "ISO-8859-14"}, {"iso-8859-15", "ISO-8859-15"}, {"iso-8859-16", "ISO-8859-16"},
    {"windows-1250", "CP1250"}, {"windows-1251", "CP1251"}, {"windows-1252", "CP1252"}, {"windows-1253", "CP1253"},
    {"windows-1254", "CP1254"}, {"windows-1255", "CP1255"}, {"windows-1256", "CP1256"}, {"windows-1257", "CP1257"},
    {"windows-1258", "CP1258"}, {"windows-874", "CP874"}, {"ibm437", "IBM437"}, {"ibm850", "IBM850"}, {"ibm852", "IBM852"},
    {"ibm855", "IBM855"}, {"ibm860", "IBM860"}, {"ibm862", "IBM862"}, {"ibm863", "IBM863"}, {"ibm865", "IBM865"}, {"ibm866", "IBM866"},
    {"koi8-r", "KOI8-R"}, {"koi8-u", "KOI8-U"}, {"macintosh", "MACINTOSH"}, {"shift_jis", "SHIFT_JIS"}, {"euc-jp", "EUC-JP"},
    {"iso-2022-jp", "ISO-2022-JP"}, {"euc-kr", "EUC-KR"}, {"gbk", "GBK"}, {"gb18030", "GB18030"}, {"big5", "BIG5"},
};

const char* library_name(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const Encoding& encoding : encodings)
    if (encoding.name == lower) return encoding.library;
  return nullptr;
}

std::optional<std::string> converted(std::string_view text, const char* to, const char* from) {
  const iconv_t handle = iconv_open(to, from);
  if (handle == reinterpret_cast<iconv_t>(-1)) return std::nullopt;
  std::string out;
  std::string input(text);
  char* in = input.data();
  std::size_t left = input.size();
  bool good = true;
  for (bool flush = false; good;) {
    char buffer[4096];
    char* at = buffer;
    std::size_t room = sizeof buffer;
    const std::size_t result = iconv(handle, flush ? nullptr : &in, flush ? nullptr : &left, &at, &room);
    out.append(buffer, static_cast<std::size_t>(at - buffer));
    if (result == static_cast<std::size_t>(-1) && errno != E2BIG) good = false;
    else if (result != static_cast<std::size_t>(-1)) {
      if (flush) break;
      flush = true;
    }
  }
  iconv_close(handle);
  if (!good) return std::nullopt;
  return out;
}

}  // namespace

bool known_encoding(std::string_view name) { return library_name(name) != nullptr; }

std::optional<std::string> to_encoding(std::string_view utf8, std::string_view name) {
  const std::string_view library = library_name(name);
  if (library == "UTF-8") return std::string(utf8);
  // With a byte order mark, most significant byte first, as the reference implementation writes it.
  if (library == "UTF-16") {
    auto out = converted(utf8, "UTF-16BE", "UTF-8");
    return out ? std::optional("\xfe\xff" + *out) : out;
  }
  return converted(utf8, library.data(), "UTF-8");
}

std::optional<std::string> from_encoding(std::string_view bytes, std::string_view name) {
  const std::string_view library = library_name(name);
  if (library == "UTF-8") return valid_utf8(bytes) ? std::optional(std::string(bytes)) : std::nullopt;
  if (library == "UTF-16") {
    const bool little = bytes.starts_with("\xff\xfe");
    if (little || bytes.starts_with("\xfe\xff")) bytes.remove_prefix(2);
    return converted(bytes, "UTF-8", little ? "UTF-16LE" : "UTF-16BE");
  }
  return converted(bytes, "UTF-8", library.data());
}

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return {};
  gz_header header{};
  header.os = 255;  // unknown: the bytes are the same everywhere
  deflateSetHeader(&stream, &header);
  std::string out(deflateBound(&stream, bytes.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::optional<std::string> gunzip(std::string_view bytes, std::size_t most) {
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) return std::nullopt;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  bool good = false;
  for (;;) {
    char buffer[16384];
    stream.next_out = reinterpret_cast<Bytef*>(buffer);
    stream.avail_out = sizeof buffer;
    const int result = inflate(&stream, Z_NO_FLUSH);
    out.append(buffer, sizeof buffer - stream.avail_out);
    if (out.size() > most) break;
    if (result == Z_STREAM_END) {
      good = stream.avail_in == 0;
      if (good || inflateReset(&stream) != Z_OK) break;  // several members may follow each other
      continue;
    }
    if (result != Z_OK) break;
  }
  inflateEnd(&stream);
  if (!good) return std::nullopt;
  return out;
}

}  // namespace assay::terraform

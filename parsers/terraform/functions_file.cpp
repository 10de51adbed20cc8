// abspath basename dirname file filebase64 filebase64sha256 filebase64sha512 fileexists filemd5 fileset filesha1
// filesha256 filesha512 pathexpand (templatefile is in call.cpp)
#include "engine/hash.hpp"
#include "parsers/terraform/encoding.hpp"
#include "parsers/terraform/function.hpp"
#include "parsers/terraform/path_text.hpp"

namespace assay::terraform {

namespace {

constexpr std::string_view unread = "files are not read here";

Typed basename_(Call& c) { return c.string(base_name(c.text(0))); }
Typed dirname_(Call& c) { return c.string(directory_name(c.text(0))); }

Typed pathexpand_(Call& c) {
  if (c.text(0) == "~" || c.text(0).starts_with("~/")) return c.unknown(string_type(), "it depends on whose home it is");
  if (c.text(0).starts_with('~')) return c.fail("only one's own home can be written with `~`", 0);
  return c.string(c.text(0));
}

Typed abspath_(Call& c) {
  if (c.text(0).starts_with('/')) return c.string(clean_path(c.text(0)));
  const std::string path = c.scope.files() ? c.scope.files()->absolute(c.text(0)) : std::string();
  if (path.empty()) return c.unknown(string_type(), "it depends on where the configuration lies");
  return c.string(path);
}

// The file's bytes. False: `result` is what the function gives.
bool bytes_of(Call& c, const Source*& source, Typed& result) {
  Files* files = c.scope.files();
  if (!files) {
    result = c.unknown(c.returns, unread);
    return false;
  }
  Files::Content content = files->read(c.text(0));
  source = content.source;
  if (!source) c.fail(std::move(content.error), 0);
  return source != nullptr;
}

Typed file_(Call& c) {
  const Source* source = nullptr;
  Typed result;
  if (!bytes_of(c, source, result)) return result;
  const std::string_view bytes = source->bytes();
  if (bytes.size() > max_text) return c.fail("the file is longer than 16 MiB", 0);
  if (!valid_utf8(bytes)) return c.fail("the file is no UTF-8 text: read it with `filebase64`, or hash it with `filesha256`", 0);
  // The text is the file: that is where it stands.
  const Span whole{source->id(), 0, static_cast<std::uint32_t>(bytes.size())};
  result = c.string(bytes);
  if (result.value.as_string() == bytes) result.value = c.arena.string(bytes, whole);
  else result.value = c.arena.placed(result.value, whole);
  return result;
}

Typed encoded(Call& c, std::string (*encode)(std::string_view)) {
  const Source* source = nullptr;
  Typed result;
  if (!bytes_of(c, source, result)) return result;
  if (source->bytes().size() > max_text) return c.fail("the file is longer than 16 MiB", 0);
  return c.string(encode(source->bytes()));
}
Typed filebase64_(Call& c) { return encoded(c, to_base64); }
Typed filemd5_(Call& c) { return encoded(c, [](std::string_view b) { return hex(digest(Hash::md5, b)); }); }
Typed filesha1_(Call& c) { return encoded(c, [](std::string_view b) { return hex(digest(Hash::sha1, b)); }); }
Typed filesha256_(Call& c) { return encoded(c, [](std::string_view b) { return hex(digest(Hash::sha256, b)); }); }
Typed filesha512_(Call& c) { return encoded(c, [](std::string_view b) { return hex(digest(Hash::sha512, b)); }); }
Typed filebase64sha256_(Call& c) { return encoded(c, [](std::string_view b) { return to_base64(digest(Hash::sha256, b)); }); }
Typed filebase64sha512_(Call& c) { return encoded(c, [](std::string_view b) { return to_base64(digest(Hash::sha512, b)); }); }

Typed fileexists_(Call& c) {
  if (!c.scope.files()) return c.unknown(bool_type(), unread);
  std::string error;
  const int exists = c.scope.files()->exists(c.text(0), error);
  if (exists < 0) return c.fail(error, 0);
  return c.boolean(exists == 1);
}

Typed fileset_(Call& c) {
  if (!c.scope.files()) return c.unknown(set_type(string_type()), unread);
  const std::string folder = clean_path(c.text(0));
  const std::string pattern = join_path(folder, c.text(1));
  // The folder to look into: the parts of the pattern before the first that is no plain name.
  std::string base = pattern.starts_with('/') ? "/" : "";
  for (std::size_t at = base.size();;) {
    const auto slash = pattern.find('/', at);
    if (slash == std::string::npos || pattern.substr(at, slash - at).find_first_of("*?[{\\") != std::string::npos) break;
    base = pattern.substr(0, slash);
    at = slash + 1;
  }
  std::string error;
  const std::vector<std::string> below = c.scope.files()->below(base.empty() ? "." : base, error);
  if (!error.empty()) return c.fail(error, 0);
  std::vector<Value> items;
  for (const std::string& name : below) {
    const std::string path = join_path(base, name);
    bool good = true;
    if (!glob_matches(pattern, path, good)) {
      if (!good) return c.fail("the pattern is wrong: `*`, `?`, `[a-z]`, `{a,b}` and `**` have a meaning in it", 1);
      continue;
    }
    // Relative to the folder, which the pattern may have left with `..`.
    std::string relative = path;
    if (folder != ".") {
      std::string up;
      std::string root = folder;
      while (!root.empty() && root != "." && !path.starts_with(root == "/" ? root : root + "/")) {
        up += "../";
        const auto slash = root.rfind('/');
        root = slash == std::string::npos ? "" : root.substr(0, slash);
      }
      relative = up + (root.empty() || root == "." ? path : path.substr(root == "/" ? 1 : root.size() + 1));
    }
    items.push_back(c.string(relative).value);
    if (items.size() > max_items) return c.fail("there are more than 1000000 files");
  }
  return set_of(std::move(items), string_type(), {}, c.arena);
}

constexpr Function functions[] = {
    {"abspath", "path:s", "s", abspath_},
    {"basename", "path:s", "s", basename_},
    {"dirname", "path:s", "s", dirname_},
    {"file", "path:s", "s", file_},
    {"filebase64", "path:s", "s", filebase64_},
    {"filebase64sha256", "path:s", "s", filebase64sha256_},
    {"filebase64sha512", "path:s", "s", filebase64sha512_},
    {"fileexists", "path:s", "b", fileexists_},
    {"filemd5", "path:s", "s", filemd5_},
    {"fileset", "path:s pattern:s", "Ss", fileset_},
    {"filesha1", "path:s", "s", filesha1_},
    {"filesha256", "path:s", "s", filesha256_},
    {"filesha512", "path:s", "s", filesha512_},
    {"pathexpand", "path:s", "s", pathexpand_},
};

}  // namespace

std::span<const Function> file_functions() { return functions; }

}  // namespace assay::terraform

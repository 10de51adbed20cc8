#include "cli/rulebook.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/hash.hpp"
#include "parsers/kubernetes/adapter.hpp"
#include "parsers/kubernetes/admission/rule.hpp"
#include "parsers/yaml/yaml.hpp"

// cmake/embed.cmake writes this table; a null path ends it.
struct EmbeddedFile {
  const char* path;
  const char* begin;
  const char* end;
};
extern "C" const EmbeddedFile assay_embedded[];

namespace assay {

namespace {

TextMap text_map_of(const Sources& sources) {
  return [&sources](Value scalar) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> pieces;
    if (!scalar.span()) return pieces;
    for (const TextPiece piece : yaml::text_map(sources.get(scalar.span().source), scalar))
      pieces.emplace_back(piece.content, piece.source);
    return pieces;
  };
}

struct Reader {
  Sources& sources;
  Rulebook& book;
  Diagnostics& diagnostics;
  std::string all;  // every file's path and bytes, for the digest

  void read(std::string shown, std::string path, std::string bytes, std::vector<RuleFile>& out) {
    all += path + '\0' + bytes + '\0';
    const Source& source = sources.add(std::move(shown), std::move(bytes));
    book.files.push_back(yaml::parse(source, {}, diagnostics));
    const auto& documents = book.files.back().documents;
    if (std::any_of(documents.begin(), documents.end(), [](const Document& d) { return kubernetes::is_object(d.root); })) {
      // An admission policy is a rule file as it is; bindings and parameters stand beside it.
      book.catalog.sources.insert(source.id());
      kubernetes::admission::add_file(admission_of(book), book.files.back(), book.catalog.text_map, diagnostics);
      return;
    }
    for (const Document& document : documents)
      if (document.root) out.push_back({path, document.root});
  }
};

}  // namespace

kubernetes::admission::Admission& admission_of(Rulebook& book) {
  if (!book.admission) {
    const auto text = [&](std::string_view path) {
      const auto found = book.texts.find(path);
      return found == book.texts.end() ? std::string_view() : found->second;
    };
    book.admission = std::make_shared<kubernetes::admission::Admission>(text("data/kubernetes-schema.txt"),
                                                                        text("data/kubernetes-type-defaults.txt"));
  }
  return *book.admission;
}

Rulebook load_rulebook(Sources& sources, const std::vector<std::string>& directories, Diagnostics& diagnostics) {
  namespace fs = std::filesystem;
  Rulebook book;
  book.catalog.text_map = text_map_of(sources);
  Reader reader{sources, book, diagnostics, {}};
  std::vector<RuleFile> builtin;
  for (const EmbeddedFile* file = assay_embedded; file->path; ++file) {
    const std::string path = file->path;
    if (path.ends_with(".txt")) {
      const std::string_view text(file->begin, static_cast<std::size_t>(file->end - file->begin));
      book.texts.emplace(path.substr(path.find('/') + 1), text);
      reader.all.append(path).append(1, '\0').append(text).append(1, '\0');
      continue;
    }
    reader.read(path, path.substr(path.find('/') + 1), std::string(file->begin, file->end), builtin);
  }
  collect(book.catalog, builtin, true, diagnostics);
  for (const std::string& directory : directories) {
    std::error_code error;
    std::vector<fs::path> paths;
    for (fs::recursive_directory_iterator at(directory, fs::directory_options::skip_permission_denied, error), end;
         !error && at != end; at.increment(error)) {
      const auto extension = at->path().extension();
      if (at->is_regular_file() && (extension == ".yaml" || extension == ".yml")) paths.push_back(at->path());
    }
    if (error) {
      Diagnostic diagnostic;
      diagnostic.code = "unreadable-file";
      diagnostic.path = directory;
      diagnostic.message = "the rules directory cannot be read (" + error.message() + "); name an existing directory";
      diagnostics.add(std::move(diagnostic));
      continue;
    }
    std::sort(paths.begin(), paths.end());
    std::vector<RuleFile> own;
    for (const auto& path : paths) {
      std::ifstream in(path, std::ios::binary);
      std::ostringstream bytes;
      bytes << in.rdbuf();
      reader.read(path.generic_string(), fs::path(path).lexically_relative(directory).generic_string(), bytes.str(), own);
    }
    collect(book.catalog, own, false, diagnostics);
  }
  if (book.admission) kubernetes::admission::add_rules(book.admission, book.catalog, diagnostics, false);
  book.catalog.digest = "sha256:" + sha256_hex(reader.all);
  return book;
}

}  // namespace assay

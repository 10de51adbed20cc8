#include "parsers/git.hpp"

#include <git2.h>

#include <filesystem>
#include <fstream>
#include <memory>

namespace assay {
namespace {

namespace fs = std::filesystem;

struct Library {
  Library() {
    git_libgit2_init();
    // We only read objects, so that it does not matter whose the repository is.
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
  }
  ~Library() { git_libgit2_shutdown(); }
};

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* pointer) const { Free(pointer); }
};
template <typename T, auto Free>
using Owned = std::unique_ptr<T, Freed<Free>>;

std::string last_error(const char* otherwise) {
  const git_error* error = git_error_last();
  return error && error->message ? error->message : otherwise;
}

struct Export {
  git_repository* repository;
  fs::path target;
  GitLimits limits;
  std::uint64_t bytes = 0, files = 0;
  std::string failure;
};

// Names that could lead out of the target. git refuses to make them; a hostile repository may have them all the same.
bool harmless(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name != ".git" && name.find('/') == name.npos && name.find('\0') == name.npos;
}

int visit(const char* root, const git_tree_entry* entry, void* payload) {
  Export& to = *static_cast<Export*>(payload);
  std::string_view name = git_tree_entry_name(entry);
  if (!harmless(name)) return 1;
  git_filemode_t mode = git_tree_entry_filemode(entry);
  std::error_code error;
  fs::path path = to.target / root / name;
  if (mode == GIT_FILEMODE_TREE) {
    fs::create_directories(path, error);
    if (error) to.failure = "`" + path.string() + "` cannot be made: " + error.message();
    return error ? -1 : 0;
  }
  if (mode != GIT_FILEMODE_BLOB && mode != GIT_FILEMODE_BLOB_EXECUTABLE) return 1;
  git_blob* raw = nullptr;
  if (git_blob_lookup(&raw, to.repository, git_tree_entry_id(entry)) != 0) {
    to.failure = last_error("a file of the revision cannot be read");
    return -1;
  }
  Owned<git_blob, git_blob_free> blob(raw);
  auto size = static_cast<std::uint64_t>(git_blob_rawsize(raw));
  to.bytes += size;
  if (++to.files > to.limits.files || to.bytes > to.limits.bytes) {
    to.failure = "the revision holds more than " + std::to_string(to.limits.files) + " files or " + std::to_string(to.limits.bytes) + " bytes";
    return -1;
  }
  std::ofstream out(path, std::ios::binary);
  out.write(static_cast<const char*>(git_blob_rawcontent(raw)), static_cast<std::streamsize>(size));
  out.close();
  if (!out) to.failure = "`" + path.string() + "` cannot be written";
  return out ? 0 : -1;
}

}  // namespace

std::string export_revision(const std::string& path, const std::string& revision, const std::string& target, const GitLimits& limits) {
  Library library;
  git_repository* raw_repository = nullptr;
  std::error_code error;
  fs::path absolute = fs::weakly_canonical(path, error);
  if (git_repository_open_ext(&raw_repository, absolute.c_str(), 0, nullptr) != 0) return "`" + path + "` is in no git repository";
  Owned<git_repository, git_repository_free> repository(raw_repository);
  const char* work_tree = git_repository_workdir(raw_repository);
  fs::path below = work_tree ? fs::relative(absolute, fs::weakly_canonical(work_tree, error), error) : fs::path();

  git_object* raw_object = nullptr;
  if (git_revparse_single(&raw_object, raw_repository, (revision + "^{tree}").c_str()) != 0)
    return "`" + revision + "` is no directory and no revision of the repository";
  Owned<git_object, git_object_free> object(raw_object);
  auto* tree = reinterpret_cast<git_tree*>(raw_object);
  Owned<git_object, git_object_free> part;
  if (!below.empty() && below != ".") {
    git_tree_entry* raw_entry = nullptr;
    if (git_tree_entry_bypath(&raw_entry, tree, below.c_str()) != 0) return {};  // not there yet: nothing
    Owned<git_tree_entry, git_tree_entry_free> entry(raw_entry);
    git_object* raw_part = nullptr;
    if (git_tree_entry_type(raw_entry) != GIT_OBJECT_TREE || git_tree_entry_to_object(&raw_part, raw_repository, raw_entry) != 0)
      return "`" + below.string() + "` is no directory in `" + revision + "`";
    part.reset(raw_part);
    tree = reinterpret_cast<git_tree*>(raw_part);
  }
  Export to{raw_repository, target, limits};
  if (git_tree_walk(tree, GIT_TREEWALK_PRE, visit, &to) < 0) return to.failure.empty() ? last_error("the revision cannot be read") : to.failure;
  return {};
}

}  // namespace assay

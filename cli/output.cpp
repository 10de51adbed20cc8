#include "cli/output.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <streambuf>
#include <system_error>

namespace assay {

namespace {

// A file descriptor as a stream, so that a full disk is noticed.
class DescriptorBuffer : public std::streambuf {
 public:
  explicit DescriptorBuffer(int descriptor) : descriptor_(descriptor) { setp(buffer_, buffer_ + sizeof buffer_); }
  int error() const { return error_; }

 protected:
  int_type overflow(int_type c) override {
    if (sync() != 0) return traits_type::eof();
    if (!traits_type::eq_int_type(c, traits_type::eof())) sputc(traits_type::to_char_type(c));
    return traits_type::not_eof(c);
  }
  int sync() override {
    const char* at = pbase();
    while (at < pptr() && error_ == 0) {
      const ssize_t done = ::write(descriptor_, at, static_cast<std::size_t>(pptr() - at));
      if (done < 0 && errno == EINTR) continue;
      if (done < 0) error_ = errno;
      else at += done;
    }
    setp(buffer_, buffer_ + sizeof buffer_);
    return error_ == 0 ? 0 : -1;
  }

 private:
  int descriptor_;
  int error_ = 0;
  char buffer_[1 << 16];
};

std::string reason(int error) { return std::generic_category().message(error); }

}  // namespace

bool colours(When when) {
  switch (when) {
    case When::never: return false;
    case When::always: return true;
    case When::automatic: break;
  }
  const char* const no = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) && !(no && *no) && !(terminal && std::string_view(terminal) == "dumb");
}

int terminal_width() {
  winsize size{};
  if (::isatty(STDOUT_FILENO) && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return std::min<int>(size.ws_col, 160);
  return 80;
}

std::string write_file(const std::string& path, const std::function<void(std::ostream&)>& write) {
  namespace fs = std::filesystem;
  std::error_code error;
  // A link stays a link: what it leads to is replaced.
  std::string target = path;
  if (fs::is_symlink(path, error)) {
    const fs::path real = fs::weakly_canonical(path, error);
    if (!error) target = real.string();
  }
  const fs::file_status status = fs::status(target, error);
  const bool in_place = fs::exists(status) && !fs::is_regular_file(status);
  if (fs::is_directory(status)) return reason(EISDIR);
  std::string written = target;
  int descriptor = -1;
  if (in_place) {
    descriptor = ::open(target.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
  } else {
    for (int attempt = 0; attempt < 100 && descriptor < 0; ++attempt) {
      written = target + ".assay-" + std::to_string(::getpid()) + "-" + std::to_string(attempt);
      descriptor = ::open(written.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (descriptor < 0 && errno != EEXIST) break;
    }
  }
  if (descriptor < 0) return reason(errno);
  int failure = 0;
  {
    DescriptorBuffer buffer(descriptor);
    std::ostream out(&buffer);
    write(out);
    out.flush();
    failure = buffer.error();
  }
  if (::close(descriptor) != 0 && failure == 0) failure = errno;
  if (in_place) return failure ? reason(failure) : "";
  if (failure == 0 && ::rename(written.c_str(), target.c_str()) != 0) failure = errno;
  if (failure != 0) ::unlink(written.c_str());
  return failure ? reason(failure) : "";
}

}  // namespace assay

#include "workflows/training/run_log/append_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "foundation/core/error.h"

namespace fusion {

namespace {

int mode_of(AppendFile::Existing existing) {
  switch (existing) {
    case AppendFile::Existing::kExtend:
      return 0;
    case AppendFile::Existing::kReplace:
      return O_TRUNC;
    case AppendFile::Existing::kRefuse:
      return O_EXCL;
  }
  return O_EXCL;
}

}  // namespace

AppendFile::AppendFile(std::string path, Existing existing) : path_(std::move(path)) {
  // Without O_NONBLOCK, opening a pipe that nobody reads would wait for ever.
  constexpr int kFlags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK;
  descriptor_ = ::open(path_.c_str(), kFlags | mode_of(existing), 0666);
  if (descriptor_ < 0) fail("to open it for writing", errno);
}

AppendFile::~AppendFile() {
  ::close(descriptor_);
}

void AppendFile::append(std::string_view piece) {
  struct stat before{};
  const bool known = ::fstat(descriptor_, &before) == 0;
  while (!piece.empty()) {
    const ssize_t taken = ::write(descriptor_, piece.data(), piece.size());
    if (taken < 0 && errno == EINTR) continue;
    if (taken < 0) {
      const int code = errno;
      // Half a piece would stand in the way of the next one.
      if (known) (void)!::ftruncate(descriptor_, before.st_size);
      fail("to write more", code);
    }
    piece.remove_prefix(static_cast<size_t>(taken));
  }
}

void AppendFile::sync() {
  // What is no file on a disk has nothing to wait for, and says so.
  if (::fdatasync(descriptor_) != 0 && errno != EINVAL && errno != EROFS) fail("to flush it to the disk", errno);
}

void AppendFile::fail(const char* doing, int code) const {
  const bool full = code == ENOSPC || code == EFBIG || code == EDQUOT;
  throw Error(
      {.who = path_,
       .expected = doing,
       .got = std::generic_category().message(code),
       .cause = full ? "the disk is full or a size limit is set" : "",
       .hint = full ? "free some space or write elsewhere" : "check that the folder exists and can be written"});
}

}  // namespace fusion

#include "foundation/config/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

std::string kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

std::string reason_of(int code) {
  return std::generic_category().message(code);
}

}  // namespace

InputFile::InputFile(const std::string& path) : path_(path) {
  if (path.find('\0') != std::string::npos) {
    throw Error({.who = printable(path), .expected = "a file name", .got = "a NUL character inside it"});
  }
  // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0) {
    throw Error({.who = path, .expected = "a readable file", .got = reason_of(errno), .hint = "check the path"});
  }
  struct stat info{};
  const bool known = ::fstat(descriptor_, &info) == 0;
  if (known && S_ISREG(info.st_mode)) return;
  const std::string got = known ? kind_of(info.st_mode) : reason_of(errno);
  ::close(descriptor_);
  throw Error({.who = path, .expected = "a regular file", .got = got, .hint = "check the path"});
}

InputFile::~InputFile() {
  ::close(descriptor_);
}

FileStamp InputFile::stamp() const {
  struct stat info{};
  if (::fstat(descriptor_, &info) != 0) {
    throw Error({.who = path_, .expected = "the file's length", .got = reason_of(errno)});
  }
  constexpr int64_t kNanoseconds = 1'000'000'000;
  return {.size = static_cast<uint64_t>(info.st_size),
          .modified = info.st_mtim.tv_sec * kNanoseconds + info.st_mtim.tv_nsec};
}

std::string read_text_file(const std::string& path, uint64_t max_bytes) {
  const InputFile file(path);
  const uint64_t size = file.size();
  if (size > max_bytes) {
    throw Error({.who = path,
                 .expected = cat("at most ", max_bytes, " bytes"),
                 .got = cat(size, " bytes"),
                 .cause = "not the kind of file that belongs here"});
  }
  std::string text(size, '\0');
  size_t filled = 0;
  while (filled < size) {
    const ssize_t got = ::read(file.descriptor(), text.data() + filled, size - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      throw Error({.who = path,
                   .expected = cat(size, " bytes"),
                   .got = got < 0 ? reason_of(errno) : cat("only ", filled),
                   .cause = "the file changed while it was read, or the disk is failing"});
    }
    filled += static_cast<size_t>(got);
  }
  return text;
}

}  // namespace fusion

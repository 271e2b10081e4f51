#include "foundation/config/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

std::string link_to(int descriptor) {
  return cat("/proc/self/fd/", descriptor);
}

/// A file that ends with its descriptor unless it gets a name; -1 where the file system has none or /proc, through
/// which it would be named, is not there.
int open_nameless(const std::string& folder) {
  const int descriptor = ::open(folder.c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666);
  if (descriptor < 0 || ::access(link_to(descriptor).c_str(), F_OK) == 0) return descriptor;
  ::close(descriptor);
  return -1;
}

/// A folder could not be replaced, and a device should not be.
void require_file_or_nothing(const std::string& path) {
  std::error_code code;
  const std::filesystem::file_status there = std::filesystem::status(path, code);
  if (!std::filesystem::exists(there) || std::filesystem::is_regular_file(there)) return;
  throw Error({.who = path,
               .expected = "a file to replace, or nothing there",
               .got = std::filesystem::is_directory(there) ? "a folder" : "a device, a pipe or a socket",
               .hint = "name another file"});
}

}  // namespace

template <class TryName>
bool OutputFile::take_temporary_name(const TryName& try_name) {
  for (int attempt = 0;; ++attempt) {
    const std::string name = cat(path_, ".", ::getpid(), "-", attempt, ".tmp");
    if (try_name(name.c_str())) {
      temporary_ = name;
      return true;
    }
    if (errno != EEXIST) return false;
  }
}

OutputFile::OutputFile(std::string path) : path_(std::move(path)) {
  require_file_or_nothing(path_);
  descriptor_ = open_nameless(folder_of(path_));
  if (descriptor_ >= 0) return;
  // O_EXCL: neither another writer's file nor a link planted under the name is ever written through.
  const bool opened = take_temporary_name([&](const char* name) {
    descriptor_ = ::open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    return descriptor_ >= 0;
  });
  if (!opened) fail("to create it", errno);
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      descriptor_(std::exchange(other.descriptor_, -1)),
      written_(other.written_) {}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void OutputFile::reserve(uint64_t bytes) {
  if (bytes == 0 || ::fallocate(descriptor_, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(bytes)) == 0) return;
  if (errno == ENOSPC || errno == EFBIG || errno == EDQUOT) fail(cat("room for ", bytes, " bytes"), errno);
}

void OutputFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t taken = ::write(descriptor_, bytes.data(), bytes.size());
    if (taken < 0 && errno == EINTR) continue;
    if (taken < 0) fail(cat("to write more than ", written_, " bytes"), errno);
    written_ += static_cast<uint64_t>(taken);
    bytes = bytes.subspan(static_cast<size_t>(taken));
  }
}

void OutputFile::finish() {
  if (descriptor_ < 0) return;
  if (::fsync(descriptor_) != 0) fail("to flush it to the disk", errno);
  if (!temporary_.empty()) close_descriptor();
}

void OutputFile::close_descriptor() {
  if (::close(std::exchange(descriptor_, -1)) != 0) fail("to close it", errno);
}

void OutputFile::commit() {
  finish();
  if (descriptor_ >= 0) {
    // A file without a name cannot replace another at once: it takes a temporary one for the moment between.
    const bool named = take_temporary_name([&](const char* name) {
      return ::linkat(AT_FDCWD, link_to(descriptor_).c_str(), AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
    });
    if (!named) fail("to give it a name", errno);
    close_descriptor();
  }
  struct stat replaced;
  if (::stat(path_.c_str(), &replaced) == 0) ::chmod(temporary_.c_str(), replaced.st_mode & 07777);
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) fail("to rename it into place", errno);
  temporary_.clear();
  // The new name itself lives in the folder, which has to reach the disk too. Some file systems cannot flush one.
  const int folder = ::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  ::fsync(folder);
  ::close(folder);
}

void OutputFile::fail(const std::string& doing, int code) const {
  const bool full = code == ENOSPC || code == EFBIG || code == EDQUOT;
  throw Error(
      {.who = path_,
       .expected = doing,
       .got = std::generic_category().message(code),
       .cause = full ? "the disk is full or a size limit is set" : "",
       .hint = full ? "free some space or write elsewhere" : "check that the folder exists and can be written"});
}

void write_text_file(const std::string& path, std::string_view text) {
  OutputFile file(path);
  file.write(text);
  file.commit();
}

}  // namespace fusion

#include "foundation/config/run_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "foundation/core/error.h"

namespace fusion {

RunLock::RunLock(const std::string& folder) {
  const std::string path = folder + "/.lock";
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) {
    throw Error(
        {.who = path, .expected = "to write into the run's folder", .got = std::generic_category().message(errno)});
  }
  // A file system without locks (ENOLCK, ENOTSUP) is taken for free.
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  ::close(descriptor_);
  throw Error({.who = folder,
               .expected = "a run that nobody else is running",
               .got = "another program that works in this folder",
               .hint = "wait for it, stop it, or name another output"});
}

RunLock::~RunLock() {
  ::close(descriptor_);
}

}  // namespace fusion

#include "foundation/checkpoint/mapped_file.h"

#include <sys/mman.h>

#include <cerrno>
#include <system_error>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

MappedFile::MappedFile(const std::string& path) : path_(path), file_(path), stamp_(file_.stamp()) {
  const uint64_t size = stamp_.size;
  if (size == 0) return;
  // Without MAP_NORESERVE the system counts every page as if it were going to be written, and refuses a checkpoint
  // larger than memory.
  void* address =
      ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, file_.descriptor(), /*offset=*/0);
  if (address == MAP_FAILED) {
    throw Error({.who = path,
                 .expected = cat("to map ", size, " bytes"),
                 .got = std::generic_category().message(errno),
                 .cause = errno == ENOMEM ? "a limit of address space (ulimit -v) below the file's size"
                                          : "a file system that cannot map"});
  }
  bytes_ = {static_cast<std::byte*>(address), size};
}

void MappedFile::require_unchanged() const {
  const FileStamp now = file_.stamp();
  if (now == stamp_) return;
  throw Error({.who = path_,
               .expected = cat("the file of ", stamp_.size, " bytes that was opened"),
               .got = now.size == stamp_.size ? "other content" : cat(now.size, " bytes"),
               .cause = "another program wrote into it while it was in use",
               .hint = "load it again once that has finished; a file that is replaced by a rename does no harm"});
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(bytes_.data(), bytes_.size());
}

}  // namespace fusion

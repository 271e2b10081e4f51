#include "foundation/checkpoint/mapped_file.h"

#include <sys/mman.h>

#include <cerrno>
#include <system_error>

#include "foundation/config/input_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

MappedFile::MappedFile(const std::string& path) {
  const InputFile file(path);
  const uint64_t size = file.size();
  if (size == 0) return;
  // Without MAP_NORESERVE the system counts every page as if it were going to be written, and refuses a checkpoint
  // larger than memory.
  void* address =
      ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, file.descriptor(), /*offset=*/0);
  if (address == MAP_FAILED) {
    throw Error({.who = path,
                 .expected = cat("to map ", size, " bytes"),
                 .got = std::generic_category().message(errno),
                 .cause = "no address space left or a file system that cannot map"});
  }
  const uint64_t size_after = file.size();
  if (size_after != size) {
    ::munmap(address, size);
    throw Error({.who = path,
                 .expected = cat(size, " bytes"),
                 .got = cat(size_after),
                 .cause = "another program is writing the file",
                 .hint = "wait until it has finished"});
  }
  bytes_ = {static_cast<std::byte*>(address), size};
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(bytes_.data(), bytes_.size());
}

}  // namespace fusion

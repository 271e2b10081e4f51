#pragma once
// A file as memory.

#include <cstddef>
#include <span>
#include <string>

#include "foundation/config/input_file.h"

namespace fusion {

/// The bytes of a file, mapped privately: pages are read when they are first touched and shared with every other reader
/// of the file; a page that is written becomes this process's own copy, and the file never changes.
///
/// A file that another program cuts short while it is mapped cannot be read safely (the system sends SIGBUS on access),
/// and one that is written into changes under its readers: ask require_unchanged() before and after. Replace
/// checkpoints by rename, as write_safetensors does, and a mapped one stays whole.
class MappedFile {
 public:
  /// Throws Error when `path` is not a readable regular file or changes its length while it is opened.
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  /// Throws Error where another program has written into the file, or cut it, since it was mapped.
  void require_unchanged() const;

  std::span<const std::byte> bytes() const { return bytes_; }
  /// For writing: copy on write, see above.
  std::span<std::byte> writable_bytes() { return bytes_; }

 private:
  std::string path_;
  InputFile file_;
  FileStamp stamp_;
  std::span<std::byte> bytes_;
};

}  // namespace fusion

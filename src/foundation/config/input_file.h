#pragma once
// Opening files that someone else chose.

#include <cstdint>
#include <string>

namespace fusion {

/// What changes when a file's content does.
struct FileStamp {
  uint64_t size = 0;
  int64_t modified = 0;  ///< nanoseconds since 1970

  bool operator==(const FileStamp&) const = default;
};

/// A regular file, open for reading. Folders, pipes and devices are refused, so that a read can neither hang nor run on
/// for ever.
class InputFile {
 public:
  /// Throws Error when `path` is missing, unreadable or not a regular file.
  explicit InputFile(const std::string& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  int descriptor() const { return descriptor_; }
  /// Length in bytes now: another program may have changed it since the last call.
  uint64_t size() const { return stamp().size; }
  FileStamp stamp() const;

 private:
  std::string path_;
  int descriptor_ = -1;
};

/// The whole file. Throws Error when it holds more than `max_bytes`, before anything is read.
std::string read_text_file(const std::string& path, uint64_t max_bytes);

}  // namespace fusion

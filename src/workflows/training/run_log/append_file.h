#pragma once
// A file that only grows, piece by whole piece.

#include <string>
#include <string_view>

namespace fusion {

/// Pieces go to the system at once, so that a killed program loses none that append() has taken; sync() makes them
/// outlive the machine too.
class AppendFile {
 public:
  enum class Existing {
    kExtend,   ///< go on behind its end
    kReplace,  ///< begin anew
    kRefuse,   ///< an Error
  };

  /// Throws Error where the file cannot be opened for writing.
  AppendFile(std::string path, Existing existing);
  ~AppendFile();
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  const std::string& path() const { return path_; }
  /// Throws Error where the disk is full or fails; the file then ends with the piece before, where that can be had.
  void append(std::string_view piece);
  /// Waits for the disk. Throws Error where it fails.
  void sync();

 private:
  [[noreturn]] void fail(const char* doing, int code) const;

  std::string path_;
  int descriptor_ = -1;
};

}  // namespace fusion

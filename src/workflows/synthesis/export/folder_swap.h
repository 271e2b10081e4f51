#pragma once
// Replacing a folder of files as a whole.

#include <string>

namespace fusion {

/// A folder under construction beside its target: commit() puts it in the target's place at once, so that a reader, or
/// who looks after a kill, finds all of the old files or all of the new ones. What a killed writer left is cleared away
/// by the next one.
class FolderSwap {
 public:
  /// Throws Error where the folder cannot be made.
  explicit FolderSwap(std::string target);
  /// Without commit() nothing stays of it.
  ~FolderSwap();
  FolderSwap(const FolderSwap&) = delete;
  FolderSwap& operator=(const FolderSwap&) = delete;

  /// Where the files go to until then.
  const std::string& path() const { return path_; }
  /// Throws Error where the file system refuses; the target is then as it was.
  void commit();

 private:
  std::string target_;
  std::string path_;
};

}  // namespace fusion

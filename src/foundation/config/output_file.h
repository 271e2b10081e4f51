#pragma once
// Replacing a file so that a reader sees the old one or the new one, never half of either.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace fusion {

/// A file under construction: written in the target's folder, flushed to the disk and put in its place by commit().
/// Without commit() nothing stays of it and the target is as it was. Until then the file has no name where the file
/// system allows that (O_TMPFILE), so that even a killed program leaves nothing behind; elsewhere a temporary one.
class OutputFile {
 public:
  /// Throws Error when the folder does not exist or cannot be written, and where another thing than a file has the
  /// name.
  explicit OutputFile(std::string path);
  ~OutputFile();
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  const std::string& path() const { return path_; }
  /// Bytes written so far.
  uint64_t written() const { return written_; }
  /// Asks the disk for `bytes` in all, so that a full one is found before the work and not after it. File systems
  /// that cannot tell say nothing.
  void reserve(uint64_t bytes);
  /// Throws Error when the disk is full or fails.
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
  /// Flushes to the disk; nothing can be written after it. Called by commit(); call it earlier to write several files
  /// before any of them shows.
  void finish();
  /// Puts the file in the target's place, with the permissions that the target had. On an Error the target is as it
  /// was.
  void commit();

 private:
  [[noreturn]] void fail(const std::string& doing, int code) const;
  /// Whether `try_name` took a temporary name, of which there are enough for any number of writers.
  template <class TryName>
  bool take_temporary_name(const TryName& try_name);
  void close_descriptor();

  std::string path_;
  std::string temporary_;  ///< "" while the file has no name, and once committed
  int descriptor_ = -1;
  uint64_t written_ = 0;
};

/// `text` as the whole content of the file at `path`.
void write_text_file(const std::string& path, std::string_view text);

}  // namespace fusion

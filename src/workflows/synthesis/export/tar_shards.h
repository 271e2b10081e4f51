#pragma once
// WebDataset: numbered tar files in which the files of one sample share a name and follow one another.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace fusion {

struct TarShardOptions {
  int64_t max_samples = 10'000;              ///< in one file
  uint64_t max_bytes = uint64_t{512} << 20;  ///< a file takes no further sample from there on
};

/// A file of a sample: "KEY" + extension.
struct TarMember {
  std::string_view extension = {};  ///< ".jpg"
  std::span<const std::byte> bytes = {};
};

/// Removes what TarShards wrote into `folder` with one of the prefixes, and the folder where nothing else is left in
/// it. Throws Error where the file system refuses.
void remove_tar_shards(const std::string& folder, std::span<const std::string_view> prefixes);

/// Writes FOLDER/PREFIX-000000.tar, -000001.tar ... as POSIX ustar. Owner, time and mode are the same in all of them:
/// equal samples give equal bytes.
class TarShards {
 public:
  TarShards(std::string folder, std::string prefix, TarShardOptions options);
  ~TarShards();
  TarShards(const TarShards&) = delete;
  TarShards& operator=(const TarShards&) = delete;

  /// Throws Error where the disk is full or fails; the file that was under way is then not there.
  void add(std::string_view key, std::span<const TarMember> members);
  /// Ends the last file. Nothing can be added after it.
  void finish();

  int64_t shards() const { return shards_; }

 private:
  class Shard;
  void end_shard();

  std::string folder_;
  std::string prefix_;
  TarShardOptions options_;
  std::unique_ptr<Shard> shard_;
  int64_t shards_ = 0;
};

}  // namespace fusion
